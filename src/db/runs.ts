/** Batches and imports: their items staged, matched and answered (tables ingest_runs, ingest_items). */
import { sql } from "kysely";
import type { Problem } from "../domain/errors.ts";
import type { EventSubmission } from "../domain/submission.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import * as queries from "./queries/runs.queries.ts";

export type RunKind = "batch" | "import" | "harvest";
export type RunState = "staging" | "matching" | "applying" | "done" | "failed";
export type ItemOutcome = "created" | "updated" | "merged" | "unchanged" | "rejected";

export interface Run {
  id: string;
  kind: RunKind;
  sourceId: string;
  state: RunState;
  actor: string;
  onBehalfOf: string | null;
  observedAt: Date;
  createdAt: Date;
  finishedAt: Date | null;
  failure: string | null;
}

export async function insertRun(
  tx: Tx,
  run: Pick<Run, "id" | "kind" | "sourceId" | "actor"> & {
    onBehalfOf?: string | undefined;
    inputHash: Buffer;
    inputName?: string | undefined;
  },
  now: Date,
): Promise<void> {
  await kyselyOf(tx)
    .insertInto("ingest_runs")
    .values({
      id: run.id,
      kind: run.kind,
      source_id: run.sourceId,
      input_hash: run.inputHash,
      input_name: run.inputName ?? null,
      actor: run.actor,
      on_behalf_of: run.onBehalfOf ?? null,
      observed_at: now,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

/** The run of this very input that was cut off, if there is one. */
export async function findUnfinished(on: Reader, sourceId: string, inputHash: Buffer): Promise<{ id: string; staged: number } | undefined> {
  return (await queries.findUnfinished.run({ sourceId, inputHash }, pgTyped(on)))[0];
}

export async function readRunRow(on: Reader, id: string): Promise<Run | undefined> {
  const row = await kyselyOf(on)
    .selectFrom("ingest_runs")
    .where("id", "=", id)
    .select([
      "id",
      "kind",
      "source_id as sourceId",
      "state",
      "actor",
      "on_behalf_of as onBehalfOf",
      "observed_at as observedAt",
      "created_at as createdAt",
      "finished_at as finishedAt",
      "failure",
    ])
    .executeTakeFirst();
  return row && asRun(row);
}

/** Locks the run, so that two processes never apply the same chunk. */
export async function lockRun(tx: Tx, id: string): Promise<Run | undefined> {
  const [row] = await queries.lockRun.run({ id }, pgTyped(tx));
  return row && asRun(row);
}

const asRun = (row: queries.LockRunResult): Run => ({ ...row, kind: row.kind as RunKind, state: row.state as RunState });

export async function setRunState(tx: Tx, id: string, state: RunState, now: Date, failure?: string): Promise<void> {
  const finished_at = state === "done" || state === "failed" ? now : null;
  await kyselyOf(tx)
    .updateTable("ingest_runs")
    .set({ state, failure: failure ?? null, updated_at: now, finished_at })
    .where("id", "=", id)
    .execute();
}

export interface StagedItem {
  position: number;
  mediaType: string;
  payload: Buffer;
  payloadHash: string;
  submission?: EventSubmission;
  recordKey?: string | undefined;
  matchKey?: string;
  nameKey?: string;
  startKey?: string;
  outcome?: ItemOutcome;
  eventId?: string;
  /** The record whose bytes these are. */
  recordId?: string;
  problem?: Problem;
}

/** Keeps items of a run; a position that is kept already stays as it is. Bytes of unchanged items are not kept again. */
export async function stage(tx: Tx, runId: string, items: readonly StagedItem[], now: Date): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map((item) => ({ ...item, payload: item.outcome === "unchanged" ? undefined : item.payload.toString("base64") }));
  await queries.stageItems.run({ runId, items: JSON.stringify(rows), now }, pgTyped(tx));
}

/** Which of these payloads (hex) the source's present records hold already, read by this decoder. */
export async function knownPayloads(
  on: Reader,
  sourceId: string,
  hashes: readonly string[],
  decoderVersion: number,
): Promise<Map<string, { recordId: string; eventId: string }>> {
  const rows = await queries.knownPayloads.run({ sourceId, hashes: [...hashes], decoderVersion }, pgTyped(on));
  return new Map(rows.map((row) => [row.hash, { recordId: row.id, eventId: row.event_id }]));
}

export interface Candidate {
  id: string;
  recordKey: string | null;
  payloadHash: string;
  matchKey: string;
  nameKey: string;
  startKey: string;
  url: string | null;
}

/** The items of a run that wait for an answer, as matching sees them. */
export async function waitingKeys(on: Reader, runId: string): Promise<(Omit<Candidate, "id"> & { position: number })[]> {
  return queries.waitingKeys.run({ runId }, pgTyped(on));
}

/** The source's present records that this run has not shown again, byte for byte. */
export async function unseenRecords(on: Reader, runId: string, sourceId: string): Promise<Candidate[]> {
  return queries.unseenRecords.run({ runId, sourceId }, pgTyped(on));
}

export async function keepMatches(tx: Tx, runId: string, matches: readonly { position: number; recordId: string }[]): Promise<void> {
  if (matches.length > 0) await queries.keepMatches.run({ runId, matches: JSON.stringify(matches) }, pgTyped(tx));
}

export interface WaitingItem {
  position: number;
  mediaType: string;
  payload: Buffer;
  payloadHash: string;
  submission: EventSubmission;
  recordId: string | null;
}

export async function nextWaiting(tx: Tx, runId: string, limit: number): Promise<WaitingItem[]> {
  const rows = await queries.nextWaiting.run({ runId, limit }, pgTyped(tx));
  return rows.map((row) => ({ ...row, submission: row.submission as EventSubmission }));
}

/** Answers items; the bytes of what was taken in live on in event_sources, those of what was refused stay here. */
export async function answerItems(
  tx: Tx,
  runId: string,
  answers: readonly { position: number; outcome: ItemOutcome; eventId?: string; problem?: Problem }[],
  now: Date,
): Promise<void> {
  await queries.answerItems.run({ runId, answers: JSON.stringify(answers), now }, pgTyped(tx));
}

export async function countOutcomes(on: Reader, runId: string): Promise<Record<ItemOutcome | "waiting", number>> {
  const rows = await kyselyOf(on)
    .selectFrom("ingest_items")
    .where("run_id", "=", runId)
    .groupBy("outcome")
    .select((of) => ["outcome", of.fn.countAll<number>().as("count")])
    .execute();
  return {
    created: 0,
    updated: 0,
    merged: 0,
    unchanged: 0,
    rejected: 0,
    waiting: 0,
    ...Object.fromEntries(rows.map((row) => [row.outcome ?? "waiting", row.count])),
  };
}

export interface ItemRow {
  position: number;
  outcome: ItemOutcome | null;
  eventId: string | null;
  problem: Problem | null;
  payload: Uint8Array | null;
}

/** Items in order, from after `position`; only the refused ones where asked. */
export async function readItems(
  on: Reader,
  runId: string,
  options: { after: number; limit: number; rejectedOnly?: boolean },
): Promise<ItemRow[]> {
  const rejectedOnly = options.rejectedOnly === true;
  const rows = await kyselyOf(on)
    .selectFrom("ingest_items")
    .where("run_id", "=", runId)
    .where("position", ">", options.after)
    .$if(rejectedOnly, (items) => items.where("outcome", "=", "rejected"))
    .select((of) => [
      "position",
      "outcome",
      "event_id as eventId",
      "problem",
      (rejectedOnly ? of.ref("payload") : of.lit(null)).as("payload"),
    ])
    .orderBy("position")
    .limit(options.limit)
    .execute();
  return rows.map((row) => ({ ...row, outcome: row.outcome as ItemOutcome | null, problem: row.problem as Problem | null }));
}

/** Fresh statistics for the planner: the embedded engine has no autovacuum, and a server's comes a minute after a first large import. */
export async function analyzeTables(tx: Tx): Promise<void> {
  await sql`analyze events, event_occurrences, event_series, occurrence_overrides, event_performers, event_sources, event_search, field_provenance,
    places, organizations, persons`.execute(kyselyOf(tx));
}
