/** What visits to sources brought (table harvest_visits), and the same added up by hour and day (table harvest_rollups). */
import { sql } from "kysely";
import type { Tally } from "../domain/tally.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import type { VisitOutcome } from "./harvest-visits.ts";

export type Period = "hour" | "day";

/** Its body was read: the answer to a suspicious visit may also have been "as before". */
const wasRead = (visit: string) => sql.raw(`(${visit}.outcome in ('taken', 'suspicious') and ${visit}.run_id is not null)`);
const UNANSWERED = sql.raw("outcome in ('failed', 'disallowed', 'postponed')");

/**
 * Adds up the visits that ended in this and the last period (UTC), and in those since the newest roll-up, each anew;
 * returns how many roll-ups that changed. No visit lasts a week: that keeps the reading to the index on started_at.
 */
export async function addUpVisits(tx: Tx, period: Period, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    with since as (
      select least(date_trunc(${period}, ${now}::timestamptz, 'UTC') - ${`1 ${period}`}::interval,
        coalesce((select max(starts_at) from harvest_rollups where period = ${period}), '-infinity')) as at)
    insert into harvest_rollups as r (source_id, period, starts_at, visits, failures, readings, found, created, updated, unchanged, rejected, missing,
      created_at, updated_at)
    select v.source_id, ${period}, date_trunc(${period}, v.finished_at, 'UTC'), count(*), count(*) filter (where ${UNANSWERED}), count(*) filter (where ${wasRead("v")}),
      sum(v.found), sum(v.created), sum(v.updated), sum(v.unchanged), sum(v.rejected), sum(v.missing), ${now}, ${now}
    from harvest_visits v, since
    where v.finished_at >= since.at and v.started_at >= since.at - interval '7 days' and v.finished_at <= ${now}
    group by 1, 3
    on conflict (source_id, period, starts_at) do update set visits = excluded.visits, failures = excluded.failures, readings = excluded.readings,
      found = excluded.found, created = excluded.created, updated = excluded.updated, unchanged = excluded.unchanged, rejected = excluded.rejected,
      missing = excluded.missing, updated_at = excluded.updated_at
      where (r.visits, r.failures, r.readings, r.found, r.created, r.updated, r.unchanged, r.rejected, r.missing)
        is distinct from (excluded.visits, excluded.failures, excluded.readings, excluded.found, excluded.created, excluded.updated,
          excluded.unchanged, excluded.rejected, excluded.missing)
        -- Fewer than before: the rest was forgotten since.
        and excluded.visits >= r.visits`.execute(kyselyOf(tx));
  return Number(numAffectedRows ?? 0);
}

/** Forgets up to `limit` visits that began before `before`, but of each source the last one that was read: it says what the source holds. */
export async function forgetVisits(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from harvest_visits where id in (
      select v.id from harvest_visits v
      where v.started_at < ${before} and (${wasRead("v")} is not true or exists (
        select from harvest_visits newer where newer.source_id = v.source_id and newer.started_at > v.started_at and ${wasRead("newer")}))
      order by v.started_at limit ${limit})`.execute(kyselyOf(tx));
  return Number(numAffectedRows ?? 0);
}

export async function forgetRollups(tx: Tx, period: Period, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from harvest_rollups where (source_id, period, starts_at) in (
      select source_id, period, starts_at from harvest_rollups where period = ${period} and starts_at < ${before} order by starts_at limit ${limit})`.execute(
    kyselyOf(tx),
  );
  return Number(numAffectedRows ?? 0);
}

export interface VisitedSource {
  id: string;
  name: string;
}

/** Sources that the node visits itself and that are neither switched off nor withdrawn, in the order of their ids. */
export async function listVisited(on: Reader, after: string | undefined, limit: number): Promise<VisitedSource[]> {
  const { rows } = await sql<VisitedSource>`
    select s.id, s.name from source_harvests h join sources s on s.id = h.source_id
    where h.enabled and s.withdrawn_at is null and (${after ?? null}::uuid is null or s.id > ${after ?? null})
    order by s.id limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/**
 * The series of these sources, each in the order of time: visits one by one since `recent` (the start of a day in UTC), whole
 * days from `from` until then, and the last visit that was read even where it lies before that. Sources without any are absent.
 */
export async function readTallies(
  on: Reader,
  sourceIds: readonly string[],
  { from, recent }: { from: Date; recent: Date },
): Promise<Map<string, Tally[]>> {
  const { rows } = await sql<Tally & { sourceId: string; at: number }>`
    with asked as (select unnest(${[...sourceIds]}::uuid[]) as source_id),
    visited as (
      select v.* from asked join harvest_visits v using (source_id) where v.finished_at >= ${recent}
      union
      select v.* from asked cross join lateral (
        select * from harvest_visits one where one.source_id = asked.source_id and ${wasRead("one")} order by one.started_at desc limit 1) v)
    select source_id as "sourceId", (extract(epoch from at) * 1000)::float8 as at, visits, failures, readings, found, fresh, rejected from (
      select source_id, starts_at as at, visits, failures, readings, found, created + updated as fresh, rejected
      from asked join harvest_rollups using (source_id) where period = 'day' and starts_at >= ${from} and starts_at < ${recent}
      union all
      select source_id, finished_at, 1, (${UNANSWERED})::int, ${wasRead("visited")}::int, found, created + updated, rejected from visited
    ) each order by 1, 2`.execute(kyselyOf(on));
  const tallies = Map.groupBy(rows, (row) => row.sourceId);
  return new Map([...tallies].map(([id, all]) => [id, all.map(({ sourceId: _, ...tally }) => tally)]));
}

export interface VisitRow {
  id: string;
  startedAt: Date;
  finishedAt: Date | null;
  outcome: VisitOutcome | null;
  httpStatus: number | null;
  bytes: number | null;
  trouble: string | null;
  found: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  missing: number;
  withdrawn: number;
  returned: number;
}

/** The newest first, those under way included. */
export async function listVisits(on: Reader, sourceId: string, limit: number): Promise<VisitRow[]> {
  const { rows } = await sql<VisitRow>`
    select id, started_at as "startedAt", finished_at as "finishedAt", outcome, http_status as "httpStatus", bytes::float8 as bytes, trouble, found, created,
      updated, unchanged, rejected, missing, withdrawn, returned
    from harvest_visits where source_id = ${sourceId} order by started_at desc, id desc limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

export interface RollupRow {
  startsAt: Date;
  visits: number;
  failures: number;
  readings: number;
  found: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  missing: number;
}

/** The newest first; a period without a visit has none. */
export async function listRollups(on: Reader, sourceId: string, period: Period, since: Date): Promise<RollupRow[]> {
  const { rows } = await sql<RollupRow>`
    select starts_at as "startsAt", visits, failures, readings, found, created, updated, unchanged, rejected, missing
    from harvest_rollups where source_id = ${sourceId} and period = ${period} and starts_at > ${since} order by starts_at desc`.execute(
    kyselyOf(on),
  );
  return rows;
}
