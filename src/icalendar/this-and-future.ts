/** RECURRENCE-ID;RANGE=THISANDFUTURE (RFC 5545, section 3.2.13): overrides of one occurrence and of all that follow it. */
import type { RegistryError } from "../domain/errors.ts";
import { instancesOf } from "../domain/recurrence/expand.ts";
import { wallOf } from "../domain/recurrence/local-time.ts";
import { lasting, moveSets } from "../domain/recurrence/move.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import { splitSets } from "../domain/recurrence/split.ts";
import { END_OF_TIME } from "../domain/recurrence/wall-times.ts";
import type { OccurrenceOverride, RecurrenceSet } from "../domain/submission.ts";
import { instantOf, isFloating } from "../domain/when.ts";
import { refuse } from "./content-lines.ts";
import type { ReadOverride } from "./overrides.ts";
import type { Series } from "./series.ts";
import { inSets, localOfMoment, momentOn } from "./series-clock.ts";

/** Each cuts the series once more. */
export const MOST_RANGES = 4;
/** Overrides are kept one by one, so that a change of hundreds of occurrences is better told as an event of its own. */
const MOST_FOLLOWING = 400;

/**
 * What such overrides, in the order of their occurrences, make of a series. Another time of day or another length: it
 * goes on in further sets. Cancelled: it ends before. Another name, place or address: an override for each occurrence
 * that follows, of a series that ends. Each is said of the series as its VEVENT has it, not of what an earlier one made
 * of it. Throws `invalid_body` for what cannot be told so.
 */
export function continueSeries(
  series: Series,
  ranges: readonly ReadOverride[],
): { sets: RecurrenceSet[]; overrides: [string, OccurrenceOverride][] } {
  if (ranges.length === 0) return { sets: series.sets, overrides: [] };
  if (ranges.length > MOST_RANGES) throw tooManyRanges();
  const sets: PlacedSet[] = [];
  const overrides: [string, OccurrenceOverride][] = [];
  // 1. What precedes the first of them is as it was.
  const first = splitSets(series.sets.map(placed), ranges[0]!.recurrenceId);
  sets.push(...first.before);
  let rest = first.after;
  let isWhole = true;
  for (const [index, range] of ranges.entries()) {
    // 2. From each to the next one, or to the end.
    const next = ranges[index + 1];
    const { before: stretch, after } = next === undefined ? { before: rest, after: [] } : splitSets(rest, next.recurrenceId);
    rest = after;
    const { startDate, endDate, ...others } = range.override;
    if (others.eventStatus === "EventCancelled") {
      isWhole = false;
      break;
    }
    const isRetimed = startDate !== undefined || endDate !== undefined;
    const changed = isRetimed ? retimed(series, stretch, range) : stretch;
    isWhole &&= !isRetimed;
    sets.push(...changed);
    overrides.push(...ofEach(changed, others));
  }
  if (sets.length === 0) throw notSo("the first occurrence and all others are cancelled: the series itself is");
  // 3. Where no time has changed, nothing needs to be cut.
  return { sets: isWhole ? series.sets : sets.map((set) => asGiven(set, series)), overrides };
}

function retimed(
  { clock }: Series,
  stretch: readonly PlacedSet[],
  { original, override: { startDate, endDate } }: ReadOverride,
): readonly PlacedSet[] {
  const start = startDate === undefined ? original : localOfMoment(clock, startDate);
  const moved = moveSets(stretch, inSets(clock, original), inSets(clock, start));
  if (moved === undefined) throw notSo("it moves the occurrences to another day");
  if (moved.some((set) => !isOfTheCalendar(set))) throw notSo("it moves an occurrence beyond the year 9999");
  if (endDate === undefined) return moved;
  const [from, to] = [inUtc(startDate ?? momentOn(clock, original)), inUtc(endDate)];
  return moved.map((set) => lasting(set, from, to));
}

const isOfTheCalendar = ({ dtstart, rdate = [], exdate = [] }: PlacedSet): boolean =>
  [dtstart, ...rdate.map((one) => one.split("/")[0]!), ...exdate].every((local) => wallOf(local) !== undefined);

function ofEach(sets: readonly PlacedSet[], override: OccurrenceOverride): [string, OccurrenceOverride][] {
  if (Object.keys(override).length === 0 || sets.length === 0) return [];
  const { instances, more } = instancesOf(sets, { from: Number.NEGATIVE_INFINITY, until: END_OF_TIME, limit: MOST_FOLLOWING });
  if (more) throw notSo(`it changes more than the times of more than ${MOST_FOLLOWING} occurrences`);
  return instances.map(({ recurrenceId }) => [recurrenceId, override]);
}

const placed = (set: RecurrenceSet): PlacedSet => ({ ...set, timezone: set.timezone ?? "Etc/UTC" });

function asGiven({ timezone, ...set }: PlacedSet, series: Series): RecurrenceSet {
  return series.sets[0]!.timezone === undefined ? set : { ...set, timezone };
}

/** A time that nothing places in a zone counts on a clock that no zone moves. */
const inUtc = (time: string): string =>
  isFloating(time) ? `${time}Z` : time.length === 10 ? time : new Date(instantOf(time)).toISOString();

const notSo = (found: string): RegistryError =>
  refuse(
    "RECURRENCE-ID",
    `expected RANGE=THISANDFUTURE to change the time of day or the length of what follows, or else an event with a UID of its own; here ${found}`,
  );

export const tooManyRanges = (): RegistryError =>
  refuse("RECURRENCE-ID", `expected RANGE=THISANDFUTURE at most ${MOST_RANGES} times in a series`);
