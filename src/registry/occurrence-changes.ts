/**
 * What an expansion changes of the occurrences of one series that stand in the database: pure. What has begun is history: no rule
 * changes it, only a word about that very occurrence.
 */
import type { OccurrenceRow } from "../db/occurrences.ts";
import type { OverrideRow, StoredSeries } from "../db/series.ts";
import { occurrencesOf, type Occurrence } from "../domain/recurrence/series.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Of a series that began long ago, the last year's occurrences stand in the table as well. */
const BACK = 366 * DAY;
/** Occurrences of one series in one go: 24 a day for two years are fewer. */
const MOST = 20_000;

/**
 * An occurrence as it is to stand, and what it has of its own; `isSaidSince` where that was said of this very one, did not fall to it by its
 * day, and was said when it had begun.
 */
interface Expanded {
  row: OccurrenceRow;
  override: OverrideRow | undefined;
  isSaidSince: boolean;
}

export interface Change {
  eventId: string;
  from: number;
  until: number;
  written: OccurrenceRow[];
  removed: { eventId: string; recurrenceId: string }[];
}

/** The occurrences that come after those that stand. */
export function advance(series: StoredSeries, until: number, now: number): Change {
  const { from, until: before } = series.expanded!;
  const { found, until: reached } = stretch(series, { from: before, until, now });
  return { eventId: series.eventId, from, until: reached, removed: [], written: found.map(({ row }) => row) };
}

/** What differs between the occurrences that stand and those that the series says now. */
export function rewrite(
  series: StoredSeries,
  standing: ReadonlyMap<string, OccurrenceRow>,
  { least, horizon, now }: { least: number; horizon: number; now: number },
): Change {
  const { eventId, expanded } = series;
  const far = expanded?.until === Infinity ? horizon : (expanded?.until ?? least);
  const window = { until: Math.max(least, far), now };
  const isNew = expanded === undefined && standing.size === 0;
  const from = expanded?.from ?? Math.min(now, series.overAt ?? now) - BACK;
  const ahead = stretch(series, { from: isNew ? Math.min(now, series.overAt ?? now) : from, ...window });
  const past = isNew ? occurrencesOf(series, { from, until: now, limit: MOST }) : undefined;
  // Of a series so dense that its last year is too much, nothing of it is kept.
  const behind = past === undefined || past.more ? [] : past.occurrences.map((one) => expandedOf(series, one));
  const found = [...new Map([...behind, ...ahead.found].map((one) => [one.row.recurrenceId, one])).values()];
  const wanted = new Set(found.map(({ row }) => row.recurrenceId));
  return {
    eventId,
    from: past?.more ? Math.min(now, series.overAt ?? now) : from,
    until: ahead.until,
    written: found.flatMap((one) => {
      const before = standing.get(one.row.recurrenceId);
      const after = before === undefined ? (isNew || !isHistory(one, now) ? one.row : undefined) : settled(before, one, now);
      return after === undefined || (before !== undefined && same(before, after)) ? [] : [after];
    }),
    removed: [...standing.values()].filter((row) => row.startAt >= now && !wanted.has(row.recurrenceId)),
  };
}

/** It would have begun by now: where it did not stand then it did not take place, unless somebody who knew what was has said so. */
const isHistory = ({ row, isSaidSince }: Expanded, now: number): boolean => row.startAt < now && !isSaidSince;

/** An occurrence that stands, as it is from now on; undefined where it stays as it is. */
function settled(before: OccurrenceRow, { row, override }: Expanded, now: number): OccurrenceRow | undefined {
  // An exception may have made it begin, and be no more.
  const isMovedBack = before.previousStartAt !== undefined && row.previousStartAt === undefined;
  if (before.startAt >= now || row.startAt >= now || isMovedBack) return row;
  if (override !== undefined) return corrected(before, row, override);
  const { eventStatus: _status, venueId: _venue, virtualUrl: _url, ...bare } = before;
  return bare;
}

/** One that has begun, as its own exception has it now; what only the rule says of it is as it was. */
function corrected(before: OccurrenceRow, row: OccurrenceRow, override: OverrideRow): OccurrenceRow {
  if (override.startAt !== undefined && override.startAt !== before.startAt) return row;
  const { venueId, virtualUrl, eventStatus, endAt, endIsDate, doorAt } = row;
  const { venueId: _venue, virtualUrl: _url, eventStatus: _status, ...rest } = before;
  return {
    ...rest,
    ...(override.endAt !== undefined && endAt !== undefined && { endAt, endIsDate }),
    ...(override.doorAt !== undefined && doorAt !== undefined && { doorAt }),
    ...(venueId !== undefined && { venueId }),
    ...(virtualUrl !== undefined && { virtualUrl }),
    ...(eventStatus !== undefined && { eventStatus }),
  };
}

/**
 * The occurrences of a stretch of time, and how far they reach: to the start of the last where there are too many, and to the next
 * one, however far ahead it is, where none of them is still to come: a list without bounds shows it by that.
 */
function stretch(
  series: StoredSeries,
  { from, until, now }: { from: number; until: number; now: number },
): { found: Expanded[]; until: number } {
  const { occurrences, more } = occurrencesOf(series, { from, until, limit: MOST });
  const found = occurrences.map((occurrence) => expandedOf(series, occurrence));
  if (more) return { found, until: occurrences.at(-1)!.startAt };
  if (series.overAt !== undefined && series.overAt <= until) return { found, until: Infinity };
  if (occurrences.some(({ startAt }) => startAt >= now)) return { found, until };
  const [next] = occurrencesOf(series, { from: until, until: Infinity, limit: 1 }).occurrences;
  return next === undefined ? { found, until: Infinity } : { found: [...found, expandedOf(series, next)], until: next.startAt + 1 };
}

const expandedOf = ({ eventId, overrides }: StoredSeries, occurrence: Occurrence<OverrideRow>): Expanded => ({
  row: rowOf(eventId, occurrence),
  override: occurrence.override,
  isSaidSince: (overrides.get(occurrence.recurrenceId)?.saidAt ?? -Infinity) >= occurrence.startAt,
});

function rowOf(eventId: string, occurrence: Occurrence<OverrideRow>): OccurrenceRow {
  const { recurrenceId, timezone, startAt, endAt, doorAt, isDate, override, movedFrom } = occurrence;
  return {
    eventId,
    recurrenceId,
    startAt,
    timezone,
    startIsDate: isDate,
    endIsDate: endAt !== undefined && (isDate || occurrence.endIsDate === true),
    ...(endAt !== undefined && { endAt }),
    ...(doorAt !== undefined && !isDate && { doorAt }),
    ...(movedFrom !== undefined && { previousStartAt: movedFrom.startAt }),
    ...(override?.venueId !== undefined && { venueId: override.venueId }),
    ...(override?.virtualUrl !== undefined && { virtualUrl: override.virtualUrl }),
    ...(override?.eventStatus !== undefined && { eventStatus: override.eventStatus }),
  };
}

const COLUMNS = [
  "startAt",
  "endAt",
  "doorAt",
  "previousStartAt",
  "timezone",
  "startIsDate",
  "endIsDate",
  "venueId",
  "virtualUrl",
  "eventStatus",
] as const satisfies (keyof OccurrenceRow)[];
const same = (a: OccurrenceRow, b: OccurrenceRow): boolean => COLUMNS.every((column) => a[column] === b[column]);
