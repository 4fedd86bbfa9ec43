/** How pulls, copies and pushes went (table federation_sync_log), and what was not let in (federation_refusals). */
import { sql } from "kysely";
import type { RefusalReason } from "../domain/custody.ts";
import { PULLS_LOOKED_AT, type PastPull } from "../domain/pull.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export type SyncKind = "pull" | "bootstrap" | "resync" | "push";

export interface Run {
  id: string;
  kind: SyncKind;
  outcome: "running" | "applied" | "unchanged" | "failed" | "alarm";
  startedAt: Date;
  finishedAt: Date | null;
  fromPosition: number | null;
  toPosition: number | null;
  pages: number;
  applied: number;
  /** Known already, older than what is held, or held back by our own filters. */
  passedOver: number;
  deleted: number;
  refused: number;
  /** What went wrong, or what a foreign feed does not tell, in words. */
  detail: string | null;
}

export interface Refusal {
  reason: RefusalReason;
  uri: string;
  position: number | null;
  detail: string;
  /** The first 2,000 characters of the item. */
  item: string | null;
  times: number;
  firstAt: Date;
  lastAt: Date;
}

const RUN = sql.raw(`r.id, r.kind, r.outcome, r.started_at as "startedAt", r.finished_at as "finishedAt", r.from_position as "fromPosition",
  r.to_position as "toPosition", r.pages, r.applied, r.passed_over as "passedOver", r.deleted, r.refused, r.detail`);

/** A pull whose process died; nobody knows when. */
const CUT_OFF = "it was cut off";
/** One that is under way takes something in, or ends, sooner than that (milliseconds). A person's may go beside a node's. */
const LONGEST_SILENCE = 3 * 60_000;

/** Begins a run; a pull of this peer that was cut off has left its own open, which is closed as failed. */
export async function insertRun(
  tx: Tx,
  run: { id: string; nodeId: string; kind: SyncKind; fromPosition?: number | undefined },
  now: Date,
): Promise<void> {
  const db = kyselyOf(tx);
  if (run.kind !== "push")
    await sql`
      update federation_sync_log set outcome = 'failed', finished_at = ${now}, detail = ${CUT_OFF}, updated_at = ${now}
      where node_id = ${run.nodeId} and outcome = 'running' and kind <> 'push' and updated_at < ${new Date(now.getTime() - LONGEST_SILENCE)}`.execute(
      db,
    );
  await sql`
    insert into federation_sync_log (id, node_id, kind, outcome, started_at, from_position, created_at, updated_at)
    values (${run.id}, ${run.nodeId}, ${run.kind}, 'running', ${now}, ${run.fromPosition ?? null}, ${now}, ${now})`.execute(db);
}

export interface RunCounts {
  pages: number;
  applied: number;
  passedOver: number;
  deleted: number;
  refused: number;
}

/** Adds what one transaction brought. */
export async function addToRun(tx: Tx, id: string, counts: RunCounts, toPosition: number | undefined, now: Date): Promise<void> {
  await sql`
    update federation_sync_log set pages = pages + ${counts.pages}, applied = applied + ${counts.applied},
      passed_over = passed_over + ${counts.passedOver}, deleted = deleted + ${counts.deleted}, refused = refused + ${counts.refused},
      to_position = coalesce(${toPosition ?? null}, to_position), updated_at = ${now}
    where id = ${id}`.execute(kyselyOf(tx));
}

/** Ends a run and returns how many pages and items it took in, whatever became of them; undefined where it was ended already. */
export async function finishRun(
  tx: Tx,
  id: string,
  end: { outcome: Run["outcome"]; detail?: string | undefined },
  now: Date,
): Promise<number | undefined> {
  const { rows } = await sql<{ taken: number }>`
    update federation_sync_log set outcome = ${end.outcome}, finished_at = ${now}, detail = ${end.detail ?? null}, updated_at = ${now}
    where id = ${id} and outcome = 'running' returning pages + applied + passed_over + deleted as taken`.execute(kyselyOf(tx));
  return rows[0]?.taken;
}

/** A run of pushes is as long as this. */
const PUSHES_MS = 60 * 60 * 1000;

/**
 * Adds one push to the peer's newest run of pushes; where that began an hour ago or more, another begins, with this id. The run was
 * `applied` when any of them was, else `failed` when one was refused: `detail` says why the last one was.
 */
export async function addPush(
  tx: Tx,
  { id, nodeId, counts, detail }: { id: string; nodeId: string; counts: Omit<RunCounts, "pages">; detail?: string | undefined },
  now: Date,
): Promise<void> {
  const { applied, passedOver, deleted, refused } = counts;
  const outcome = applied + deleted > 0 ? "applied" : refused > 0 ? "failed" : "unchanged";
  const db = kyselyOf(tx);
  const { rows } = await sql`
    update federation_sync_log set applied = applied + ${applied}, passed_over = passed_over + ${passedOver}, deleted = deleted + ${deleted},
      refused = refused + ${refused}, detail = coalesce(${detail ?? null}, detail), finished_at = ${now}, updated_at = ${now},
      outcome = case when 'applied' in (outcome, ${outcome}) then 'applied' when 'failed' in (outcome, ${outcome}) then 'failed' else 'unchanged' end
    where started_at > ${new Date(now.getTime() - PUSHES_MS)}
      and id = (select id from federation_sync_log where node_id = ${nodeId} and kind = 'push' order by id desc limit 1)
    returning id`.execute(db);
  if (rows.length > 0) return;
  await sql`
    insert into federation_sync_log (id, node_id, kind, outcome, started_at, finished_at, applied, passed_over, deleted, refused, detail, created_at, updated_at)
    values (${id}, ${nodeId}, 'push', ${outcome}, ${now}, ${now}, ${applied}, ${passedOver}, ${deleted}, ${refused}, ${detail ?? null}, ${now}, ${now})`.execute(
    db,
  );
}

export async function listRuns(on: Reader, nodeId: string, limit: number): Promise<Run[]> {
  const { rows } =
    await sql<Run>`select ${RUN} from federation_sync_log r where node_id = ${nodeId} order by r.id desc limit ${limit}`.execute(
      kyselyOf(on),
    );
  return rows;
}

/** The newest run of each peer. */
export async function lastRuns(on: Reader): Promise<(Run & { nodeId: string })[]> {
  const { rows } = await sql<Run & { nodeId: string }>`
    select n.id as "nodeId", r.* from federation_nodes n cross join lateral (
      select ${RUN} from federation_sync_log r where r.node_id = n.id order by r.id desc limit 1) r`.execute(kyselyOf(on));
  return rows;
}

/** How the last few pulls of each of these peers went, so far as they ended, and how many have failed since one did not. */
export async function readPastPulls(
  on: Reader,
  nodeIds: readonly string[],
): Promise<{ nodeId: string; failures: number; pulls: PastPull[] }[]> {
  const { rows } = await sql<{ nodeId: string; failures: number; pulls: PastPull[] }>`
    select n.id as "nodeId", n.failures, coalesce(p.pulls, '[]') as pulls from federation_nodes n cross join lateral (
      select json_agg(json_build_object('milliseconds', extract(epoch from r.finished_at - r.started_at) * 1000,
          'items', r.applied + r.passed_over + r.deleted + r.refused)) as pulls from (
        select * from federation_sync_log where node_id = n.id and kind <> 'push' and finished_at is not null and detail is distinct from ${CUT_OFF}
        order by id desc limit ${PULLS_LOOKED_AT}) r) p
    where n.id = any (${[...nodeIds]}::uuid[])`.execute(kyselyOf(on));
  return rows;
}

export interface NewRefusal {
  id: string;
  reason: RefusalReason;
  uri: string;
  position?: number | undefined;
  detail: string;
  item?: string | undefined;
  times: number;
}

/** Refusals that are kept of one peer; the oldest go first. */
export const MOST_REFUSALS = 10_000;

/** Keeps refusals, one for each reason and URI: the same again is counted. */
export async function keepRefusals(tx: Tx, nodeId: string, refusals: readonly NewRefusal[], now: Date): Promise<void> {
  if (refusals.length === 0) return;
  const db = kyselyOf(tx);
  await sql`
    insert into federation_refusals as f (id, node_id, reason, uri, position, detail, item, times, first_at, last_at, created_at, updated_at)
    select r.id, ${nodeId}, r.reason, r.uri, r.position, r.detail, r.item, r.times, ${now}, ${now}, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(refusals)}::json) as r(id uuid, reason text, uri text, position bigint, detail text, item text, times bigint)
    on conflict (node_id, reason, uri) do update set times = f.times + excluded.times, position = excluded.position, detail = excluded.detail,
      item = excluded.item, last_at = excluded.last_at, updated_at = excluded.updated_at`.execute(db);
  await sql`
    delete from federation_refusals where id in (
      select id from federation_refusals where node_id = ${nodeId} order by last_at desc, id desc offset ${MOST_REFUSALS})`.execute(db);
}

export async function listRefusals(on: Reader, nodeId: string, limit: number): Promise<Refusal[]> {
  const { rows } = await sql<Refusal>`
    select reason, uri, position, detail, item, times, first_at as "firstAt", last_at as "lastAt" from federation_refusals
    where node_id = ${nodeId} order by last_at desc, id desc limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** How many items of each peer were refused, each time counted, by what was at work at `since` or later (as /metrics counts them). */
export async function countRefusals(on: Reader, since: Date): Promise<{ nodeId: string; n: number }[]> {
  const { rows } = await sql<{ nodeId: string; n: number }>`
    select node_id as "nodeId", sum(refused)::int as n from federation_sync_log where updated_at >= ${since} and refused > 0 group by 1`.execute(
    kyselyOf(on),
  );
  return rows;
}

/** Forgets runs that ended, and refusals that were met last, before `before`; returns how many of both. */
export async function forgetSync(tx: Tx, before: Date): Promise<number> {
  const db = kyselyOf(tx);
  const runs = await sql`
    delete from federation_sync_log where finished_at < ${before} returning 1`.execute(db);
  const refusals = await sql`delete from federation_refusals where last_at < ${before} returning 1`.execute(db);
  return runs.rows.length + refusals.rows.length;
}
