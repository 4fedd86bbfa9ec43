/**
 * Expands recurring events into event_occurrences, up to a horizon that moves on with time. A rule without end costs nothing
 * beyond it. Expanding twice changes nothing; expanding to one day and then to a later one is expanding to the later one.
 */
import type { Tx } from "../db/database.ts";
import { lockEvents } from "../db/events.ts";
import { indexAgain, readOccurrences, removeOccurrences, writeOccurrences, type OccurrenceRow } from "../db/occurrences.ts";
import { dueSeries, noteExpanded, readSeries, type OverrideRow, type StoredSeries } from "../db/series.ts";
import { occurrencesOf, type Occurrence } from "../domain/recurrence/series.ts";
import type { Registry } from "./context.ts";

const DAY = 24 * 60 * 60 * 1000;
/** Of a series that began long ago, the last year's occurrences stand in the table as well. */
const BACK = 366 * DAY;
/** A run goes this much further than it must, so that a series is not written every day for one day's sake. */
const SLACK = 30 * DAY;
/** Occurrences that a write expands at once; the job does the rest. */
const NEAR = 62 * DAY;
/** Occurrences of one series in one go: 24 a day for 18 months are fewer. */
const MOST = 20_000;
/** Events of one transaction. */
const CHUNK = 50;

interface Change {
  eventId: string;
  from: number;
  until: number;
  written: OccurrenceRow[];
  removed: { eventId: string; recurrenceId: string }[];
}

/** For a transaction that has just written these series: their rule may be another one, and the next two months stand at once. */
export async function expandWritten(registry: Registry, tx: Tx, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await expandSeries(registry, tx, eventIds, { until: registry.clock().getTime() + NEAR, anew: true });
  await registry.enqueue(tx, { queue: "expand-series" });
}

/**
 * Expands these series until `until` (milliseconds since 1970); the caller has locked the events. With `anew`, and where the rules
 * of the clocks have changed, what stands from now on is put right, too. What has begun is history: no rule changes it, only an
 * exception that speaks of that very occurrence.
 */
export async function expandSeries(
  registry: Registry,
  tx: Tx,
  eventIds: readonly string[],
  { until, anew = false }: { until: number; anew?: boolean },
): Promise<void> {
  const now = registry.clock();
  const all = await readSeries(tx, eventIds);
  const rewritten = all.filter((series) => anew || series.expanded === undefined || series.tzdata !== registry.tzdata);
  const standing = await readOccurrences(
    tx,
    rewritten.map((series) => series.eventId),
  );
  const changes = all.flatMap((series) => {
    const known = standing.get(series.eventId);
    if (known !== undefined) return [rewrite(registry, series, known, until, now.getTime())];
    return series.expanded!.until < until ? [advance(series, until, now.getTime())] : [];
  });
  await removeOccurrences(
    tx,
    changes.flatMap((change) => change.removed),
  );
  await writeOccurrences(
    tx,
    changes.flatMap((change) => change.written.map((row) => ({ ...row, id: registry.mint(now.getTime()) }))),
    now,
  );
  await noteExpanded(tx, changes, registry.tzdata, now);
  const changed = changes.filter((change) => change.written.length > 0 || change.removed.length > 0);
  await indexAgain(
    tx,
    changed.map((change) => change.eventId),
  );
}

/** The occurrences that come after those that stand. */
function advance(series: StoredSeries, until: number, now: number): Change {
  const { from, until: before } = series.expanded!;
  return { eventId: series.eventId, from, removed: [], ...stretch(series, { from: before, until, now }) };
}

/** What differs between the occurrences that stand and those that the series says now. */
function rewrite(
  registry: Registry,
  series: StoredSeries,
  standing: ReadonlyMap<string, OccurrenceRow>,
  least: number,
  now: number,
): Change {
  const { eventId, expanded } = series;
  const from = expanded?.from ?? Math.min(now, series.overAt ?? now) - BACK;
  const far = expanded?.until === Infinity ? horizonFrom(registry, now) : (expanded?.until ?? least);
  const { written, until } = stretch(series, { from, until: Math.max(least, far), now });
  const wanted = new Map(written.map((row) => [row.recurrenceId, row]));
  const isHistory = (row: OccurrenceRow) => expanded !== undefined && row.startAt < now && !series.overrides.has(row.recurrenceId);
  return {
    eventId,
    from,
    until,
    written: written.flatMap((row) => {
      const before = standing.get(row.recurrenceId);
      if (before === undefined) return isHistory(row) ? [] : [row];
      if (isHistory(before)) return [];
      const after = before.startAt < now && expanded !== undefined ? corrected(before, row, series.overrides.get(row.recurrenceId)!) : row;
      return same(before, after) ? [] : [after];
    }),
    removed: [...standing.values()].filter((row) => row.startAt >= now && !wanted.has(row.recurrenceId)),
  };
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
 * The rows of a stretch of time, and how far they reach: to the start of the last where there are too many, and to the next one,
 * however far ahead it is, where none of them is still to come: a list without bounds shows it by that.
 */
function stretch(
  series: StoredSeries,
  { from, until, now }: { from: number; until: number; now: number },
): { written: OccurrenceRow[]; until: number } {
  const { occurrences, more } = occurrencesOf(series, { from, until, limit: MOST });
  const written = occurrences.map((occurrence) => rowOf(series.eventId, occurrence));
  if (more) return { written, until: occurrences.at(-1)!.startAt };
  if (series.overAt !== undefined && series.overAt <= until) return { written, until: Infinity };
  if (occurrences.some(({ startAt }) => startAt >= now)) return { written, until };
  const [next] = occurrencesOf(series, { from: until, until: Infinity, limit: 1 }).occurrences;
  return next === undefined
    ? { written, until: Infinity }
    : { written: [...written, rowOf(series.eventId, next)], until: next.startAt + 1 };
}

function rowOf(eventId: string, occurrence: Occurrence<OverrideRow>): OccurrenceRow {
  const { recurrenceId, timezone, startAt, endAt, doorAt, isDate, override, movedFrom } = occurrence;
  return {
    eventId,
    recurrenceId,
    startAt,
    timezone,
    startIsDate: isDate,
    endIsDate: override?.endIsDate ?? (endAt !== undefined && isDate),
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

const horizonFrom = (registry: Registry, now: number): number => now + registry.horizonDays * DAY;

/**
 * The job: every series whose occurrences do not stand as far as the horizon, or were placed by other rules of the clocks. Each
 * chunk is a transaction; what a run leaves, the next one does.
 */
export async function expandDue(registry: Registry): Promise<{ events: number }> {
  const { database, tzdata } = registry;
  const now = registry.clock().getTime();
  const until = horizonFrom(registry, now);
  let events = 0;
  for (let after: string | undefined; ;) {
    const due = await database.read((on) => dueSeries(on, { until: new Date(until), tzdata, after, limit: CHUNK }));
    if (due.length === 0) return { events };
    await database.transact(
      async (tx) => {
        await lockEvents(tx, due);
        await expandSeries(registry, tx, due, { until: until + SLACK });
      },
      { actor: "job:expand-series" },
    );
    events += due.length;
    after = due.at(-1);
  }
}
