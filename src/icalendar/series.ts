/** RRULE, RDATE and EXDATE of a VEVENT (RFC 5545, sections 3.8.5 and 3.3.10) -> recurrence sets. */
import { coursesOf } from "../domain/recurrence/course.ts";
import { firstOf, instancesOf, instancesOnDay, localOf } from "../domain/recurrence/expand.ts";
import { wallOf } from "../domain/recurrence/local-time.ts";
import { readSet } from "../domain/recurrence/read-set.ts";
import { MAX_A_DAY } from "../domain/recurrence/rule.ts";
import { newSearch, type Search } from "../domain/recurrence/sub-daily.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import type { RecurrenceSet } from "../domain/submission.ts";
import { instantOf, isDate, isFloating } from "../domain/when.ts";
import { readTime } from "../jsonld/time.ts";
import type { CalendarZones } from "./calendar-zones.ts";
import { propertyOf, recurs, valueOf, type Component } from "./components.ts";
import { rawValue, refuse, shown, type ContentLine } from "./content-lines.ts";
import { DAY_MS, readDuration, writeDuration } from "./durations.ts";
import { clockOf, inSets, isOfFileAlone, localOn, OWN_ZONE_YEARS, type SeriesClock } from "./series-clock.ts";
import { momentIn, readTimes, type EventTimes } from "./times.ts";
import { zoneParameterOf } from "./zone-names.ts";

export interface Series {
  sets: RecurrenceSet[];
  clock: SeriesClock;
  /** UNTILs of the sets that are UTC, in a series of which nothing says the zone: whoever finds it makes them local. */
  untilsInUtc: ReadonlySet<string>;
}

const MOST_SETS = 20;
const MOST_DATES = 1_000;
/** Of days that are left out as a whole, each with all its times. */
const MOST_WRITTEN = MOST_DATES * MAX_A_DAY;

/**
 * How an event recurs; undefined for one that does not. Several RRULEs, of which the standard advises against, are several sets.
 * A DTSTART that no rule hits counts all the same (section 3.8.5.3). Throws `invalid_body` naming the property.
 */
export function readSeries(event: Component, zones: CalendarZones): Series | undefined {
  if (!recurs(event)) return undefined;
  if (propertyOf(event, "EXRULE") !== undefined)
    throw refuse("EXRULE", "expected EXDATE: a rule of what is left out is no longer part of iCalendar (RFC 5545)");
  const times = readTimes(event, zones);
  const clock = clockOf(propertyOf(event, "DTSTART")!, event, zones);
  const rules = event.properties.filter(({ name }) => name === "RRULE").map(rawValue);
  if (rules.length > MOST_SETS) throw refuse("RRULE", `expected one, at most ${MOST_SETS}, found ${rules.length}`);
  const exdate = datesOf("EXDATE", event, zones, clock);
  const rdate = datesOf("RDATE", event, zones, clock).filter((date) => date !== clock.start);
  if (rules.length === 0 && rdate.length === 0) return undefined;

  const duration = durationOf(event, times, clock);
  const base = {
    dtstart: clock.start,
    ...(clock.zone !== undefined && { timezone: clock.zone }),
    ...(duration !== undefined && { duration }),
  };
  const setsWithout = (exceptions: readonly string[]) => {
    const search = newSearch();
    return withStart(clock.start, setsOf({ ...base, rdate }, rules, exceptions, clock, search), search);
  };
  let sets = setsWithout(exdate.length <= MOST_DATES ? exdate : wholeDays(exdate, setsWithout([])));
  if (isOfFileAlone(clock)) sets = [instancesInUtc(sets, clock)];
  return { sets, clock, untilsInUtc: new Set(clock.localAt === undefined ? rules.flatMap(untilInUtc) : []) };
}

/** A set of each rule; the dates beside them are the first one's. */
function setsOf(
  { rdate, ...base }: RecurrenceSet & { rdate: string[] },
  rules: readonly string[],
  exceptions: readonly string[],
  clock: SeriesClock,
  search: Search,
): RecurrenceSet[] {
  const set = { ...base, ...(exceptions.length > 0 && { exdate: [...exceptions] }) };
  if (rules.length === 0) return [checkedSet({ ...set, rdate }, search)];
  return rules.map((rule, index) =>
    checkedSet({ ...set, rrule: localRule(rule, clock), ...(index === 0 && rdate.length > 0 && { rdate }) }, search),
  );
}

function withStart(start: string, sets: RecurrenceSet[], search: Search): RecurrenceSet[] {
  if (sets.some(({ dtstart }) => dtstart === start)) return sets;
  const [first, ...others] = sets as [RecurrenceSet, ...RecurrenceSet[]];
  return [checkedSet({ ...first, rdate: [start, ...(first.rdate ?? [])] }, search), ...others];
}

/** Exceptions of which a day that loses all its times is one: EXDATE names each (section 3.8.5.1). */
function wholeDays(exceptions: readonly string[], sets: readonly RecurrenceSet[]): string[] {
  const courses = coursesOf(asUtc(sets));
  return [...Map.groupBy(exceptions, (one) => one.slice(0, 10))].flatMap(([day, times]) => {
    const named = new Set(times.map((one) => one.replaceAll(/[-:]/g, "")));
    const isWhole =
      times.length > 1 && wallOf(day) !== undefined && instancesOnDay(courses, day).every(({ recurrenceId }) => named.has(recurrenceId));
    return isWhole ? [day] : times;
  });
}

/** "FREQ=DAILY;UNTIL=20261205T000000Z" -> "20261205T000000"; nothing for other rules. */
function untilInUtc(rule: string): string[] {
  const [, until] = UNTIL_IN_UTC.exec(rule) ?? [];
  return until === undefined ? [] : [until.toUpperCase()];
}

/** The sets of a series as they are submitted. */
export function submittedSets(sets: readonly RecurrenceSet[], { clock, untilsInUtc }: Series): RecurrenceSet[] {
  if (isDate(clock.start) || untilsInUtc.size === 0) return [...sets];
  return sets.map((set) => ({
    ...set,
    ...(set.rrule !== undefined && {
      rrule: set.rrule.replace(/UNTIL=(\d{8}T\d{6})/, (text, until: string) => (untilsInUtc.has(until) ? `${text}Z` : text)),
    }),
  }));
}

/** Canonical; throws `invalid_body` naming the property at fault. */
function checkedSet(set: RecurrenceSet, search: Search = newSearch()): RecurrenceSet {
  const read = readSet(set, search);
  if ("set" in read) return read.set;
  const property = { dtstart: "DTSTART", timezone: "DTSTART", duration: "DURATION", rrule: "RRULE", rdate: "RDATE", exdate: "EXDATE" };
  throw refuse(property[read.fault.part], read.fault.detail);
}

/** The dates of all lines of that name; a PERIOD is its start and its length: "2026-05-08T19:00:00/PT1H". */
function datesOf(name: string, event: Component, zones: CalendarZones, clock: SeriesClock): string[] {
  const lines = event.properties.filter((line) => line.name === name);
  const written = lines.flatMap((line) => {
    const own = onOwnClock(line, clock);
    return rawValue(line)
      .split(",")
      .map((part) => part.trim())
      .filter((value) => value !== "")
      .map((value) => ({ line, value, isOwn: own?.test(value) === true }));
  });
  const others = written.reduce((count, { isOwn }) => count + (isOwn ? 0 : 1), 0);
  const days = new Set(written.map(({ value }) => value.slice(0, 8)));
  if (others > MOST_DATES || days.size > MOST_DATES + 1 || written.length > MOST_WRITTEN)
    throw refuse(name, `expected at most ${MOST_DATES} dates, found ${written.length}`);
  const dates = written.map(({ line, value, isOwn }) => {
    if (isOwn)
      return value.replace(
        BASIC_FORM,
        (_, year, month, day, time?: string) => `${year}-${month}-${day}${time === undefined ? "" : time.replace(/(..)(..)$/, ":$1:$2")}`,
      );
    const [start, end] = value.split("/") as [string, string?];
    const local = localOn(clock, line, event, zones, start);
    if (end === undefined || name !== "RDATE") return local;
    const length = /^[+-]?P/i.test(end)
      ? readDuration(end, name)
      : { days: 0, milliseconds: between(local, localOn(clock, line, event, zones, end), clock) };
    if (!(length.milliseconds >= 0)) throw refuse(name, `expected a period that ends after its start, found ${shown(value)}`);
    const duration = writeDuration(length);
    return duration === undefined ? local : `${local}/${duration}`;
  });
  return [...new Set(dates)];
}

/** What is written as DTSTART is, as nearly all are, is read without further ado: a day left out may have 24 of them. */
function onOwnClock(line: ContentLine, clock: SeriesClock): RegExp | undefined {
  if (isDate(clock.start)) return /^\d{8}$/;
  if (/;VALUE=DATE[;:]/i.test(line.text)) return undefined;
  const tzid = zoneParameterOf(line);
  if (tzid === undefined) return clock.tzid === undefined && clock.zone === "Etc/UTC" ? /^\d{8}T\d{6}Z$/ : undefined;
  return tzid === clock.tzid ? /^\d{8}T\d{6}$/ : undefined;
}

const BASIC_FORM = /^(\d{4})(\d\d)(\d\d)(T\d{6})?Z?$/;

/** Milliseconds from one time of the clock to another. */
function between(start: string, end: string, { instantAt }: SeriesClock): number {
  if (isDate(start) || isDate(end) || instantAt === undefined) return wallClock(end) - wallClock(start);
  return instantAt(end) - instantAt(start);
}

const wallClock = (local: string): number => Date.parse(`${local.length === 10 ? `${local}T00:00:00` : local}Z`);

/** A DTEND gives each occurrence the same exact length, a DURATION the same nominal one (section 3.8.5.3). */
function durationOf(event: Component, { startDate, endDate }: EventTimes, clock: SeriesClock): string | undefined {
  if (endDate === undefined) return undefined;
  if (isDate(clock.start))
    return writeDuration({ days: Math.round((wallClock(endDate) - wallClock(clock.start)) / DAY_MS) + 1, milliseconds: 0 });
  const nominal = valueOf(event, "DURATION");
  if (nominal !== undefined && propertyOf(event, "DTEND") === undefined) return writeDuration(readDuration(nominal));
  if (isDate(endDate) || isFloating(endDate) !== isFloating(startDate))
    throw refuse("DTEND", `expected a time of the same kind as DTSTART, found ${shown(rawValue(propertyOf(event, "DTEND")!))}`);
  const length = isFloating(endDate)
    ? wallClock(endDate.slice(0, 19)) - wallClock(startDate.slice(0, 19))
    : instantOf(endDate) - instantOf(startDate);
  return writeDuration({ days: 0, milliseconds: length });
}

const UNTIL_IN_UTC = /UNTIL=(\d{8}T\d{6})Z/i;

/** UNTIL on the clock of the series, where readSet could not know it; of one without a zone, as if it were local. */
function localRule(rule: string, clock: SeriesClock): string {
  if (clock.zone !== undefined) return rule;
  return rule.replace(UNTIL_IN_UTC, (all, until: string) => {
    const time = readTime(until);
    if ("fault" in time) return all;
    const local = clock.localAt === undefined ? time.value : clock.localAt(Date.parse(`${time.value}Z`));
    return `UNTIL=${local.replaceAll(/[-:]/g, "")}`;
  });
}

/** Of a zone that only the file knows: each occurrence by its instant, as many as a set may list. */
function instancesInUtc(sets: readonly RecurrenceSet[], clock: SeriesClock): RecurrenceSet {
  const from = wallClock(clock.start) - DAY_MS * 366;
  const until = from + OWN_ZONE_YEARS * 365 * DAY_MS;
  const { instances } = instancesOf(asUtc(sets), { from, until, limit: MOST_DATES });
  const usual = sets[0]!.duration;
  const dates = instances.map(({ recurrenceId, startAt, endAt }) => {
    const length = endAt === undefined ? undefined : writeDuration({ days: 0, milliseconds: endAt - startAt });
    const start = inSets(clock, localOf(recurrenceId));
    return length === usual || length === undefined ? start : `${start}/${length}`;
  });
  const [first, ...rest] = dates;
  if (first === undefined) throw nothingLeft();
  return checkedSet({
    dtstart: first.slice(0, 19),
    timezone: "Etc/UTC",
    ...(usual !== undefined && { duration: usual }),
    ...(rest.length > 0 && { rdate: rest }),
  });
}

/** For what does not depend on the zone. */
const asUtc = (sets: readonly RecurrenceSet[]): PlacedSet[] => sets.map((set) => ({ ...set, timezone: "Etc/UTC" }));

/** Of the first instance of all sets; throws `invalid_body` where there is none. */
export function firstTimes(sets: readonly RecurrenceSet[]): EventTimes {
  const first = firstOf(sets.map((set) => ({ ...set, timezone: set.timezone ?? "Etc/UTC" })));
  if (first === undefined) throw nothingLeft();
  const { duration, timezone } = sets[first.set]!;
  if (first.isDate) {
    const startDate = localOf(first.recurrenceId);
    if (duration === undefined) return { startDate };
    const last = wallClock(startDate) + (Math.max(readDuration(duration).days, 1) - 1) * DAY_MS;
    return { startDate, endDate: new Date(last).toISOString().slice(0, 10) };
  }
  const text = (instant: number) => momentIn(timezone, instant);
  return { startDate: text(first.startAt), ...(first.endAt !== undefined && { endDate: text(first.endAt) }) };
}

const nothingLeft = (): Error => refuse("EXDATE", "expected an occurrence that is not left out, found none");
