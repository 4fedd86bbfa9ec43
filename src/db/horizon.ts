/**
 * How far occurrences of recurring events stand in event_occurrences, ahead and behind, and what lies outside of it: expanded while
 * it is read, within bounds.
 */
import { sql } from "kysely";
import { LAST_KEPT as LAST } from "../domain/kept-times.ts";
import { occurrencesOfState, type ShownOccurrence } from "../domain/recurrence/of-state.ts";
import type { EventState } from "../domain/state.ts";
import type { Sql, TimeFilters } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { passes, startOf } from "./occurrence-passes.ts";

/** Of so many series, at most, a query is told what is outside. */
export const MOST_SERIES = 200;
/** Of one series: two or three a day. */
const MOST_OCCURRENCES = 1_000;
const DAY = 24 * 3_600_000;
const MOST_DAYS = 366;

/** Milliseconds. */
export interface Stretch {
  from: number;
  until: number;
}

/** What of a series stands in the table. */
export interface Stored {
  /** Milliseconds; both null where nothing does. */
  from: number | null;
  until: number | null;
  /** Occurrences that stand there though they start outside. */
  told: string[];
}

/** `Stored` of a series `s`. */
export const STORED: Sql = sql`(extract(epoch from s.expanded_from) * 1000)::float8 as "from",
  case when s.expanded_until < 'infinity' then (extract(epoch from s.expanded_until) * 1000)::float8 else 'infinity' end as until,
  array(select o.recurrence_id from event_occurrences o
    where o.event_id = s.event_id and o.recurrence_id is not null and (o.start_at < s.expanded_from or o.start_at >= s.expanded_until)) as told`;

/** Of which series `s` something may lie in the stretch that is not in the table; an event's sets are all expanded alike. */
export const reaches = ({ from, until }: Stretch): Sql => sql`s.position = 0
  and (s.expanded_until < ${new Date(until)} or s.expanded_until is null or (s.first_start_at < s.expanded_from and s.expanded_from > ${new Date(from)}))`;

/** From when to when a list looks for starts; undefined where it has no bound. A local day may begin or end a day away from that of UTC. */
export function boundsOf({ startDate, endDate, starts, on }: TimeFilters): Stretch | undefined {
  const from = Math.max(
    startDate === undefined ? -Infinity : Date.parse(startDate) - DAY,
    starts?.from ?? -Infinity,
    on === undefined ? -Infinity : on - MOST_DAYS * DAY,
  );
  const until = Math.min(
    endDate === undefined ? Infinity : Date.parse(endDate) + 2 * DAY,
    starts?.until ?? Infinity,
    on === undefined ? Infinity : on + 1,
  );
  return from === -Infinity && until === Infinity ? undefined : { from, until };
}

/** The first instant that four digits of a year can write, as LAST is the last; dates of PostgreSQL's and of ISO 8601 part beyond. */
const FIRST = Date.parse("0001-01-01T00:00:00Z");

/** What is to be expanded of it, within the years 1 to 9999. A bound that lies beyond no horizon asks for nothing, nor does a side without a bound. */
export async function windowOf(on: Reader, { from, until }: Stretch): Promise<Stretch | undefined> {
  const { rows } = await sql<{ ahead: number | null; behind: number | null }>`select
    (select extract(epoch from min(expanded_until)) * 1000 from event_series where expanded_until < 'infinity')::float8 as ahead,
    (select extract(epoch from max(expanded_from)) * 1000 from event_series where first_start_at < expanded_from)::float8 as behind`.execute(
    kyselyOf(on),
  );
  const ahead = rows[0]!.ahead ?? Infinity;
  const behind = rows[0]!.behind ?? -Infinity;
  const longAgo = from > -Infinity && from < behind;
  if (!longAgo && (until === Infinity ? from : until) <= ahead) return undefined;
  const begin = longAgo ? from : Math.max(from, ahead);
  return { from: Math.max(begin, FIRST), until: Math.min(until, begin + MOST_DAYS * DAY, LAST) };
}

/**
 * The occurrences of a series in the window that are not in the table and pass, in order of start; `until`: what starts there or
 * later is not among them, for there were too many (Infinity: all are).
 */
export function outside(
  state: EventState,
  { from, until, told }: Stored,
  filters: TimeFilters,
  window: Stretch,
  limit = MOST_OCCURRENCES,
): { occurrences: ShownOccurrence[]; until: number } {
  const gaps =
    from === null || until === null
      ? [window]
      : [
          { from: window.from, until: Math.min(window.until, from) },
          { from: Math.max(window.from, until), until: window.until },
        ];
  let reached = Infinity;
  const occurrences = gaps
    .filter((gap) => gap.from < gap.until)
    .flatMap((gap) => {
      const found = occurrencesOfState(state, { ...gap, limit });
      if (found.more) reached = Math.min(reached, startOf(found.occurrences.at(-1)!));
      return found.occurrences;
    });
  return { occurrences: occurrences.filter((one) => !told.includes(one.recurrenceId) && passes(filters, one)), until: reached };
}

/** What to say of a query that was answered up to `until` (milliseconds) though it asks for more; undefined where it does not. */
export function cutOf(found: number, until: number, asked: Stretch): { until?: string } | undefined {
  if (found > MOST_SERIES) return {};
  return until < Math.min(asked.until, LAST) ? { until: new Date(until).toISOString() } : undefined;
}
