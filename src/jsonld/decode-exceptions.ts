/**
 * The sub-events of an event that recurs -> what single occurrences have of their own, and dates beside the rule.
 *
 * A sub-event is of an occurrence by its `sel:recurrenceId` or that occurrence's address, else by its previousStartDate, else by
 * its start, where the rule has an instance then; any other is a date that is added. Only what differs from the series is the
 * occurrence's own. An end that goes with an address alone is what some rule made of it, and says nothing.
 */
import { instanceFinder, localOf as localOfId, recurrenceIdOf } from "../domain/recurrence/expand.ts";
import { wallOf } from "../domain/recurrence/local-time.ts";
import type { Instance } from "../domain/recurrence/series.ts";
import type { EventFields, OccurrenceOverride, RecurrenceSet } from "../domain/submission.ts";
import { isDate } from "../domain/when.ts";
import { readOffers } from "./decode-offer.ts";
import { readLocations } from "./decode-place.ts";
import { readStatus, readTimes } from "./decode-schedule.ts";
import type { Times } from "./decode-schedule.ts";
import { firstUrl } from "./decode-url.ts";
import { between, durationBetween } from "./durations.ts";
import { identifierOf, ownTexts, resolve, text, values } from "./expanded.ts";
import type { Node, NodeIndex } from "./expanded.ts";
import { expected } from "./faults.ts";
import type { Fault, Path } from "./faults.ts";
import { plainLine } from "./text.ts";
import { readTime } from "./time.ts";
import { instantOf, localOf } from "./wall-clock.ts";

/** What the series says, by which an occurrence may differ. */
export type SeriesFields = Partial<Pick<EventFields, "name" | "eventStatus" | "location" | "virtualLocation" | "offers" | "url">> & {
  /** Milliseconds by which the doors open before the start. */
  doorLead?: number | undefined;
};

export interface Exceptions {
  overrides: Record<string, OccurrenceOverride>;
  /** Dates beside the rule, as written. */
  added: { startDate: string; endDate?: string; path: Path; own: OccurrenceOverride }[];
}

const RECURRENCE_ID = /^\d{8}(T\d{6})?$/;
const OCCURRENCE_URI = /\/events\/[0-9A-HJKMNP-TV-Z]{26}\/occurrences\/(\d{8}(?:T\d{6})?)$/i;
const DAY = 86_400_000;

/** Faults of sub-events are faults of the event; each names its sub-event. */
export function readExceptions(
  event: Node,
  index: NodeIndex,
  sets: readonly RecurrenceSet[],
  series: SeriesFields,
  faults: Fault[],
): Exceptions {
  const found: Exceptions = { overrides: {}, added: [] };
  const zone = sets[0]?.timezone;
  const parts = (["subEvent", "subEvents"] as const).flatMap((term) =>
    values(event, term).flatMap((given, position) => readPart(resolve(given, index), [term, position], faults) ?? []),
  );
  const instanceAt = instanceOf(sets);
  for (const { node, path, named, isMarked, times } of parts) {
    const { startDate, endDate, doorTime } = times;
    const instance = (named === undefined ? dated(times) : [localOfId(named)]).map(instanceAt).find((one) => one !== undefined);
    const key = named ?? instance?.recurrenceId;
    const own = readOwn(node, index, path, series, faults);
    if (key !== undefined) {
      const override = { ...own, ...ownTimes(times, { key, instance, zone, isDerived: named !== undefined && !isMarked }, series) };
      if (Object.keys(override).length > 0) found.overrides[key] = { ...found.overrides[key], ...override };
    } else if (startDate !== undefined) {
      const doors = doorTime === undefined || hasLead(times, series) ? {} : { doorTime };
      found.added.push({ startDate, path, own: { ...own, ...doors }, ...(endDate !== undefined && { endDate }) });
    }
  }
  return found;
}

interface Part {
  node: Node;
  path: Path;
  /** The occurrence that it is of, where it says so. */
  named: string | undefined;
  /** By `sel:recurrenceId`, and not by its address alone. */
  isMarked: boolean;
  times: Times;
}

function readPart(node: Node, path: Path, faults: Fault[]): Part | undefined {
  const [marked] = ownTexts(node, "recurrenceId");
  const named = marked ?? OCCURRENCE_URI.exec(identifierOf(node) ?? "")?.[1]?.toUpperCase();
  if (named !== undefined && !(RECURRENCE_ID.test(named) && "value" in readTime(named))) {
    faults.push(
      expected([...path, marked === undefined ? "@id" : "sel:recurrenceId"], "the original start such as 20260508T190000", named),
    );
    return undefined;
  }
  return { node, path, named, isMarked: marked !== undefined, times: readTimes(node, path, faults) };
}

/** A moved occurrence says when it was to be. */
const dated = ({ previousStartDate, startDate }: Times): string[] => [previousStartDate, startDate].filter((time) => time !== undefined);

/** The instance that starts at a written time; by a date alone the first one of that day. */
function instanceOf(sets: readonly RecurrenceSet[]): (time: string) => Instance | undefined {
  const zone = sets[0]?.timezone;
  const { at, on } = instanceFinder(sets.map((set) => ({ ...set, timezone: set.timezone ?? "UTC" })));
  return (time) => {
    const ofDay = on(localOf(time, zone).slice(0, 10).replaceAll("-", ""));
    // A time on the day of one that has none is that one's.
    return isDate(time) ? ofDay : (at(instantOf(time, zone)) ?? (ofDay?.isDate ? ofDay : undefined));
  };
}

interface Named {
  key: string;
  instance: Instance | undefined;
  zone: string | undefined;
  /** Its end and its doors are what some rule made of them. */
  isDerived: boolean;
}

/** The times that are not those of the rule. */
function ownTimes(times: Times, { key, instance, zone, isDerived }: Named, series: SeriesFields): OccurrenceOverride {
  const { startDate, endDate, doorTime } = times;
  const local = localOfId(key);
  const isMoved =
    startDate !== undefined &&
    (isDate(startDate) ? startDate !== local.slice(0, 10) : isDate(local) || instantOf(startDate, zone) !== instantOf(local, zone));
  const isSaid = !isDerived || isMoved;
  return {
    ...(isMoved && { startDate }),
    ...(endDate !== undefined && isSaid && !isUsualEnd(startDate ?? local, endDate, instance, zone) && { endDate }),
    ...(doorTime !== undefined && isSaid && !hasLead(times, series) && { doorTime }),
  };
}

/** Whether the doors open as long before the start as the series' do. */
function hasLead({ startDate, doorTime }: Times, { doorLead }: SeriesFields): boolean {
  return startDate !== undefined && doorTime !== undefined && doorLead !== undefined && between(doorTime, startDate) === doorLead;
}

/** Whether it ends as long after its start as the rule has it. */
function isUsualEnd(start: string, end: string, instance: Instance | undefined, zone: string | undefined): boolean {
  const usual = instance?.endAt === undefined ? undefined : instance.endAt - instance.startAt;
  if (instance === undefined) return false;
  if (isDate(end))
    return localOf(start, zone).slice(0, 10) === end
      ? usual === undefined
      : durationBetween(start, end)?.milliseconds === (usual ?? 0) + DAY;
  return instantOf(end, zone) - instantOf(start, zone) === usual;
}

function readOwn(node: Node, index: NodeIndex, path: Path, series: SeriesFields, faults: Fault[]): OccurrenceOverride {
  const local: Fault[] = [];
  const name = plainLine(text(node, "name") ?? "");
  if (name.length > 500) local.push({ path: ["name"], detail: `expected at most 500 characters, found ${name.length}` });
  const eventStatus = readStatus(node);
  const { location, virtualLocation } =
    values(node, "location").length === 0 ? {} : readLocations(node, index, { mode: undefined, eventUrl: undefined }, local);
  const offers = readOffers(node, index, local);
  const url = firstUrl(node, "url");
  faults.push(...local.map((fault) => ({ ...fault, path: [...path, ...fault.path] })));
  return {
    ...(name !== "" && name !== series.name && { name }),
    ...(eventStatus !== undefined && eventStatus !== (series.eventStatus ?? "EventScheduled") && { eventStatus }),
    ...(location !== undefined && !isSame(location, series.location) && { location }),
    ...(virtualLocation !== undefined && !isSame(virtualLocation, series.virtualLocation) && { virtualLocation }),
    ...(offers.length > 0 && !isSame(offers, series.offers) && { offers }),
    ...(url !== undefined && url !== series.url && { url }),
  };
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Adds dates to the sets: those of their sort to the first set, others as a set of their own; what they have of their own is theirs. */
export function withAdded(
  sets: readonly RecurrenceSet[],
  { added, overrides }: Exceptions,
): { sets: RecurrenceSet[]; overrides: Exceptions["overrides"] } {
  const all = { ...overrides };
  const result = sets.map((set) => ({ ...set }));
  for (const { startDate, endDate, own } of added) {
    const zone = sets[0]?.timezone;
    const local = localOf(startDate, zone);
    const length = endDate === undefined ? undefined : durationBetween(startDate, endDate)?.duration;
    const set = result.find((one) => isDate(one.dtstart) === isDate(local));
    const entry = length === undefined || length === set?.duration ? local : `${local}/${length}`;
    if (set === undefined) {
      result.push({ dtstart: local, ...(zone !== undefined && { timezone: zone }), ...(length !== undefined && { duration: length }) });
    } else if (local !== set.dtstart) set.rdate = [...(set.rdate ?? []), entry];
    // One that cannot be a date of any set is refused with the set that it was added to.
    if (Object.keys(own).length > 0 && wallOf(local) !== undefined) all[recurrenceIdOf(local)] = { ...all[recurrenceIdOf(local)], ...own };
  }
  return { sets: result, overrides: all };
}
