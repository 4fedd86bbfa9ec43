/** Visits to sources, one row each (table harvest_visits), and the runs that they make (ingest_runs of kind harvest). */
import { sql } from "kysely";
import type { Problem } from "../domain/errors.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export const VISIT_OUTCOMES = ["taken", "unchanged", "failed", "disallowed", "postponed", "suspicious"] as const;
export type VisitOutcome = (typeof VISIT_OUTCOMES)[number];

export interface VisitCounts {
  /** Items in the answer. */
  found: number;
  created: number;
  updated: number;
  unchanged: number;
  rejected: number;
  /** Records of events to come that the source did not show. */
  missing: number;
  withdrawn: number;
  returned: number;
}
export const NOTHING_FOUND: VisitCounts = {
  found: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  rejected: 0,
  missing: 0,
  withdrawn: 0,
  returned: 0,
};

/** Begins one; what a visit that was cut off has left open is closed as failed. */
export async function insertVisit(tx: Tx, { id, sourceId }: { id: string; sourceId: string }, now: Date): Promise<void> {
  const db = kyselyOf(tx);
  await sql`
    update harvest_visits set finished_at = ${now}, outcome = 'failed', trouble = 'the visit was cut off', updated_at = ${now}
    where source_id = ${sourceId} and finished_at is null`.execute(db);
  await sql`
    insert into harvest_visits (id, source_id, started_at, created_at, updated_at) values (${id}, ${sourceId}, ${now}, ${now}, ${now})`.execute(
    db,
  );
}

/** For a visit that asked for nothing. */
export async function deleteVisit(tx: Tx, id: string): Promise<void> {
  await sql`delete from harvest_visits where id = ${id}`.execute(kyselyOf(tx));
}

export interface VisitEnd {
  outcome: VisitOutcome;
  httpStatus?: number | undefined;
  bytes?: number | undefined;
  /** One line, for people. */
  trouble?: string | undefined;
  counts?: VisitCounts | undefined;
}

export async function finishVisit(tx: Tx, id: string, { counts = NOTHING_FOUND, ...end }: VisitEnd, now: Date): Promise<void> {
  await sql`
    update harvest_visits set finished_at = ${now}, outcome = ${end.outcome}, http_status = ${end.httpStatus ?? null}, bytes = ${end.bytes ?? null},
      trouble = ${end.trouble ?? null}, found = ${counts.found}, created = ${counts.created}, updated = ${counts.updated}, unchanged = ${counts.unchanged},
      rejected = ${counts.rejected}, missing = ${counts.missing}, withdrawn = ${counts.withdrawn}, returned = ${counts.returned}, updated_at = ${now}
    where id = ${id}`.execute(kyselyOf(tx));
}

export async function setVisitRun(tx: Tx, id: string, runId: string): Promise<void> {
  await sql`update harvest_visits set run_id = ${runId} where id = ${id}`.execute(kyselyOf(tx));
}

/** How many items the source showed when its answer was last read. */
export async function lastFound(on: Reader, sourceId: string): Promise<number | undefined> {
  const { rows } = await sql<{ found: number }>`
    select found from harvest_visits where source_id = ${sourceId} and outcome in ('taken', 'suspicious') and run_id is not null
    order by started_at desc, id desc limit 1`.execute(kyselyOf(on));
  return rows[0]?.found;
}

/** The run of this very body (sha-256) that a visit before was cut off from, and how many of its items are kept. */
export async function unfinishedRun(
  on: Reader,
  sourceId: string,
  bodyHash: Buffer,
): Promise<{ id: string; staged: number; observedAt: Date } | undefined> {
  const { rows } = await sql<{ id: string; staged: number; observedAt: Date }>`
    select r.id, r.observed_at as "observedAt", (select count(*) from ingest_items i where i.run_id = r.id)::int as staged from ingest_runs r
    where r.source_id = ${sourceId} and r.input_hash = ${bodyHash} and r.kind = 'harvest' and r.state in ('staging', 'matching', 'applying')
    order by r.id desc limit 1`.execute(kyselyOf(on));
  return rows[0];
}

/** Runs that were cut off and that nobody will go on with: the source has said something else since. */
export async function giveUpRuns(tx: Tx, sourceId: string, now: Date): Promise<void> {
  await sql`
    update ingest_runs set state = 'failed', failure = 'Cut off, and overtaken by a later visit.', finished_at = ${now}, updated_at = ${now}
    where source_id = ${sourceId} and kind = 'harvest' and state in ('staging', 'matching', 'applying')`.execute(kyselyOf(tx));
}

/** Of several items under one id the last counts; the others are answered with this problem, so that they do not take turns from visit to visit. Returns how many those are. */
export async function refuseRepeated(tx: Tx, runId: string, problem: Problem, now: Date): Promise<number> {
  const db = kyselyOf(tx);
  const asJson = JSON.stringify(problem);
  await sql`
    with shown as (
      select i.position, coalesce(i.record_key, r.record_key) as key, i.outcome from ingest_items i
      left join event_sources r on r.id = i.record_id and i.outcome = 'unchanged'
      where i.run_id = ${runId}
    ), ranked as (
      select position, outcome, lead(position) over (partition by key order by position) as later from shown where key is not null
    )
    update ingest_items i set outcome = 'rejected', problem = ${asJson}::jsonb, submission = null, updated_at = ${now}
    from ranked where i.run_id = ${runId} and i.position = ranked.position and ranked.outcome is null and ranked.later is not null`.execute(
    db,
  );
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ingest_items where run_id = ${runId} and outcome = 'rejected' and problem = ${asJson}::jsonb`.execute(
    db,
  );
  return rows[0]!.n;
}
