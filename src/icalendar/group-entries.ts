/**
 * The VEVENTs of a file -> its events: a series takes along those that stand for single occurrences of it (the same UID,
 * with a RECURRENCE-ID), and of several editions of one the newest counts.
 */
import { RegistryError, type Problem } from "../domain/errors.ts";
import { MOST_OVERRIDES } from "../domain/submission.ts";
import { zonesOf, type CalendarZones } from "./calendar-zones.ts";
import { recurs, valueOf, type Component } from "./components.ts";
import { refuse } from "./content-lines.ts";
import { readMaster } from "./decode-vevent.ts";
import { readOverride, writtenRecurrenceId } from "./overrides.ts";
import { continueSeries, MOST_RANGES, tooManyRanges } from "./this-and-future.ts";
import { compareEditions, isFurtherRule } from "./revision.ts";

/** A VEVENT, the calendar that it stands in, and its number among those of the file, from 1. */
export interface Entry {
  event: Component;
  calendar: Component;
  position: number;
}

/** An event, and the VEVENTs that belong to it: its further rules, and single occurrences that differ. */
export interface Group {
  entry: Entry;
  with: Entry[];
}

/** A VEVENT that cannot be part of any. */
export interface Spoiled {
  entry: Entry;
  problem: Problem;
}

/**
 * In the order of the file. Without its series, or beside an event that does not recur, an occurrence is an event of its
 * own. Of several editions the newest by SEQUENCE, LAST-MODIFIED and DTSTAMP is taken, else the last in the file. Stops
 * after each series that had to be checked: that takes a millisecond or ten, and a file may have thousands.
 */
export function* groupEntries(entries: readonly Entry[]): Generator<void, (Group | Spoiled)[]> {
  const anonymous = entries.filter(({ event }) => uidOf(event) === undefined).map((entry) => ({ entry, with: [] }));
  const named = entries.filter(({ event }) => uidOf(event) !== undefined);
  const zonesOfCalendar = zonesOnce();
  const found: (Group | Spoiled)[] = [];
  for (const ofUid of Map.groupBy(named, (entry) => keyOf(entry)).values()) {
    found.push(...groupsOf(ofUid, zonesOfCalendar));
    if (ofUid.length > 1) yield;
  }
  const groups = joined(found.filter((one) => "with" in one));
  return [...anonymous, ...groups, ...found.filter((one) => "problem" in one)].sort((a, b) => a.entry.position - b.entry.position);
}

const uidOf = (event: Component): string | undefined => valueOf(event, "UID");

/** Some programs give each VEVENT a calendar of its own: those count as one that speak of the same things in the same way. */
function keyOf({ event, calendar }: Entry, uid = uidOf(event)): string {
  return JSON.stringify([uid, valueOf(calendar, "METHOD"), valueOf(calendar, "X-WR-TIMEZONE")]);
}

/** Of the VEVENTs of one UID. */
function groupsOf(entries: readonly Entry[], zones: ZonesOf): (Group | Spoiled)[] {
  const editions = [...Map.groupBy(entries, ({ event }) => writtenRecurrenceId(event)).values()].map(newestOf);
  const newest = editions.map(({ entry }) => entry);
  const doubtful = editions.flatMap(({ doubted }) => doubted);
  const master = newest.find(({ event }) => writtenRecurrenceId(event) === undefined);
  if (master === undefined || !(recurs(master.event) || master.event.fault !== undefined))
    return [...newest.map((entry) => ({ entry, with: [] })), ...doubtful];
  const others = newest.filter((entry) => entry !== master);
  const check = others.length === 0 ? undefined : checkAgainst(master, zones);
  const read = others.map((entry, index) => (index < MOST_OVERRIDES ? (check?.(entry) ?? entry) : tooMany(entry)));
  return [{ entry: master, with: read.filter((one) => "event" in one) }, ...read.filter((one) => "problem" in one), ...doubtful];
}

type ZonesOf = (calendar: Component) => CalendarZones;

/** Zones are read once in a file: those that only it knows take some ten milliseconds each. */
function zonesOnce(): ZonesOf {
  const read = new Map<Component, CalendarZones>();
  return (calendar) => {
    const zones = read.get(calendar) ?? zonesOf(calendar);
    read.set(calendar, zones);
    return zones;
  };
}

/** Further rules of a series beside its first. */
function joined(groups: readonly Group[]): Group[] {
  const mains = new Map(groups.map((group) => [keyOf(group.entry), group]));
  return groups.flatMap((group) => {
    const { event } = group.entry;
    const main = mains.get(keyOf(group.entry, uidOf(event)!.replace(/#\d+$/, "")));
    if (main === undefined || main === group || !recurs(main.entry.event) || !isFurtherRule(event, main.entry.event)) return [group];
    main.with.push(group.entry, ...group.with);
    return [];
  });
}

/** Two that differ and of which nothing tells which is newer: the later is taken, and the earlier is not passed over in silence. */
function newestOf(editions: readonly Entry[]): { entry: Entry; doubted: Spoiled[] } {
  const readable = editions.filter(({ event }) => event.fault === undefined);
  const [first, ...rest] = readable.length > 0 ? readable : editions;
  const entry = rest.reduce((newest, one) => (compareEditions(one.event, newest.event) >= 0 ? one : newest), first!);
  const doubted = editions.flatMap((one): Spoiled[] => {
    if (one === entry) return [];
    if (one.event.fault !== undefined) return [spoiled(one, "VEVENT", one.event.fault)];
    if (compareEditions(one.event, entry.event) !== 0 || textOf(one.event) === textOf(entry.event)) return [];
    const detail = `expected one of its own, found the same in VEVENT ${entry.position}, which was taken: no SEQUENCE, LAST-MODIFIED or DTSTAMP tells which is newer`;
    return [spoiled(one, "UID", detail)];
  });
  return { entry, doubted };
}

const textOf = (event: Component): string => event.lines.map(({ text }) => text).join("\n");

/** A broken override is left out and reported, and its series goes on without it. */
function checkAgainst({ event, calendar }: Entry, zones: ZonesOf): (override: Entry) => Spoiled | undefined {
  const read = orProblem(() => readMaster(event, calendar, zones(calendar)));
  // Where the series itself is refused, nothing can be said of its occurrences.
  if (read instanceof RegistryError || read.series === undefined) return () => undefined;
  const master = { event, fields: read.fields, series: read.series };
  let ranges = 0;
  return (entry) => {
    if (entry.event.fault !== undefined) return spoiled(entry, "VEVENT", entry.event.fault);
    const problem = orProblem(() => {
      const override = readOverride(entry.event, master, zones(entry.calendar));
      if (!override.isOfAllFollowing) return;
      if (++ranges > MOST_RANGES) throw tooManyRanges();
      continueSeries(master.series, [override]);
    });
    return problem instanceof RegistryError ? { entry, problem: problem.problem } : undefined;
  };
}

function orProblem<T>(read: () => T): T | RegistryError {
  try {
    return read();
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

const spoiled = (entry: Entry, property: string, detail: string): Spoiled => ({ entry, problem: refuse(property, detail).problem });

const tooMany = (entry: Entry): Spoiled =>
  spoiled(entry, "RECURRENCE-ID", `expected at most ${MOST_OVERRIDES} occurrences that differ from their series`);
