/**
 * Vectors of events and the models that made them (tables event_embeddings, embedding_models), and the queue of events
 * whose text may have changed. The HNSW indexes of the vectors are in vector-index.ts.
 */
import { sql } from "kysely";
import type { Embedder } from "../domain/embedder.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface EmbeddingModel {
  id: number;
  provider: string;
  model: string;
  version: string;
  dimensions: number;
  /** What makes its embedder again, as EMBEDDINGS has it. */
  config: string;
  status: "building" | "serving" | "retired";
}

/** Every model that has vectors, the oldest first. */
export async function listModels(on: Reader): Promise<EmbeddingModel[]> {
  const { rows } =
    await sql<EmbeddingModel>`select id, provider, model, version, dimensions, config, status from embedding_models order by id`.execute(
      kyselyOf(on),
    );
  return rows;
}

/** The model whose vectors a search reads; undefined until the first is complete. */
export async function servingModel(on: Reader): Promise<EmbeddingModel | undefined> {
  return (await listModels(on)).find(({ status }) => status === "serving");
}

/**
 * The row of this embedder's model: the one that serves, or the one being built, made where there is none. Another that
 * was being built is retired, because its embedder is no longer wanted; the serving one goes on serving.
 */
export async function ensureModel(tx: Tx, embedder: Embedder): Promise<EmbeddingModel> {
  // Two workers at their start: the second finds what the first made.
  await sql`lock table embedding_models in share row exclusive mode`.execute(kyselyOf(tx));
  const models = await listModels(tx);
  const known = models.find((one) => one.status !== "retired" && isSame(one, embedder));
  await sql`update embedding_models set status = 'retired' where status = 'building' and id is distinct from ${known?.id ?? null}::integer`.execute(
    kyselyOf(tx),
  );
  if (known !== undefined) return known;
  const { provider, model, version, dimensions, config } = embedder;
  const { rows } = await sql<EmbeddingModel>`
    insert into embedding_models (provider, model, dimensions, version, config) values (${provider}, ${model}, ${dimensions}, ${version}, ${config})
    returning id, provider, model, version, dimensions, config, status`.execute(kyselyOf(tx));
  return rows[0]!;
}

/** True when the embedder makes the vectors of this model. */
export function isSame(model: EmbeddingModel, embedder: Embedder): boolean {
  return (["provider", "model", "version", "dimensions"] as const).every((part) => model[part] === embedder[part]);
}

/** From now on searches read this model's vectors, and the former's are to be removed. False when it was retired meanwhile. */
export async function serveModel(tx: Tx, id: number): Promise<boolean> {
  await sql`lock table embedding_models in share row exclusive mode`.execute(kyselyOf(tx));
  const { rows } = await sql<{ status: string }>`select status from embedding_models where id = ${id}`.execute(kyselyOf(tx));
  if (rows[0]?.status === "serving") return true;
  if (rows[0]?.status !== "building") return false;
  await sql`update embedding_models set status = 'retired' where status = 'serving'`.execute(kyselyOf(tx));
  await sql`update embedding_models set status = 'serving' where id = ${id}`.execute(kyselyOf(tx));
  return true;
}

/** Deletes up to `limit` vectors of a retired model, and with the last of them the model; true while some are left. */
export async function removeVectorsOf(tx: Tx, modelId: number, limit: number): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from event_embeddings where model_id = ${modelId} and event_id in (
    select event_id from event_embeddings where model_id = ${modelId} order by event_id limit ${limit})`.execute(kyselyOf(tx));
  if (Number(numAffectedRows) === limit) return true;
  await sql`delete from embedding_models where id = ${modelId} and status = 'retired'`.execute(kyselyOf(tx));
  return false;
}

/** An event taken from the queue. Who holds its present ticket may write; it changes when the event is queued or taken again. */
export interface Taken {
  eventId: string;
  ticket: number;
}

/** Takes up to `limit` events that nobody holds; they are free again at `until` (a worker that died gives nothing back). */
export async function takeQueued(tx: Tx, limit: number, now: Date, until: Date): Promise<Taken[]> {
  const { rows } = await sql<Taken>`
    update embedding_queue set ticket = default, taken_until = ${until} where event_id in (
      select event_id from embedding_queue where taken_until is null or taken_until <= ${now} order by event_id limit ${limit} for update skip locked)
    returning event_id as "eventId", ticket`.execute(kyselyOf(tx));
  return rows;
}

/** Puts back what could not be embedded, for the next try to take at once. */
export async function giveBack(tx: Tx, taken: readonly Taken[]): Promise<void> {
  await sql`update embedding_queue q set taken_until = null from ${ticketsOf(taken)} where q.event_id = t.event_id and q.ticket = t.ticket`.execute(
    kyselyOf(tx),
  );
}

/** Takes these events off the queue, and returns which: those that were queued or taken again since stay, and are not the caller's to write. */
export async function finishTaken(tx: Tx, taken: readonly Taken[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    with mine as (select q.event_id from embedding_queue q join ${ticketsOf(taken)} on q.event_id = t.event_id and q.ticket = t.ticket order by 1 for update of q)
    delete from embedding_queue q using mine where q.event_id = mine.event_id returning q.event_id as id`.execute(kyselyOf(tx));
  return new Set(rows.map(({ id }) => id));
}

const ticketsOf = (taken: readonly Taken[]) =>
  sql`unnest(${taken.map((one) => one.eventId)}::uuid[], ${taken.map((one) => one.ticket)}::bigint[]) t(event_id, ticket)`;

/** How many events wait, and since when the oldest does: for metrics. */
export async function queuedEvents(on: Reader): Promise<{ events: number; since: Date | null }> {
  const { rows } = await sql<{
    events: number;
    since: Date | null;
  }>`select count(*) as events, min(queued_at) as since from embedding_queue`.execute(kyselyOf(on));
  return rows[0]!;
}

/** The next events after `after` (by id) without a vector of this model. */
export async function eventsWithoutVector(on: Reader, modelId: number, after: string | undefined, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select e.id from events e
    where e.lifecycle_state <> 'deleted' and e.merged_into_id is null and e.id > ${after ?? "00000000-0000-0000-0000-000000000000"}::uuid
      and not exists (select from event_embeddings v where v.event_id = e.id and v.model_id = ${modelId})
    order by e.id limit ${limit}`.execute(kyselyOf(on));
  return rows.map(({ id }) => id);
}

/** The hash of the text that each of these events' vector was made of; events without one are absent. */
export async function sourceHashes(on: Reader, modelId: number, eventIds: readonly string[]): Promise<Map<string, Buffer>> {
  const { rows } = await sql<{ id: string; hash: Uint8Array }>`
    select event_id as id, source_hash as hash from event_embeddings where model_id = ${modelId} and event_id = any (${eventIds}::uuid[])`.execute(
    kyselyOf(on),
  );
  return new Map(rows.map(({ id, hash }) => [id, Buffer.from(hash)]));
}

export interface EventVector {
  eventId: string;
  sourceHash: Buffer;
  vector: Float32Array;
}

/** Writes vectors of one model, unless it was retired, of events that are still there. `"keep"` leaves those that are there already. */
export async function storeVectors(tx: Tx, modelId: number, vectors: readonly EventVector[], existing: "replace" | "keep"): Promise<void> {
  if (vectors.length === 0) return;
  const onConflict =
    existing === "keep"
      ? sql`do nothing`
      : sql`(event_id, model_id) do update set source_hash = excluded.source_hash, embedding = excluded.embedding, created_at = excluded.created_at`;
  await sql`insert into event_embeddings (event_id, model_id, source_hash, embedding)
    select e.id, m.id, decode(t.hash, 'hex'), t.vector::halfvec
    from unnest(${vectors.map((one) => one.eventId)}::uuid[], ${vectors.map((one) => one.sourceHash.toString("hex"))}::text[],
      ${vectors.map((one) => halfvec(one.vector))}::text[]) t(event_id, hash, vector)
    join events e on e.id = t.event_id and e.lifecycle_state <> 'deleted' and e.merged_into_id is null
    join embedding_models m on m.id = ${modelId} and m.status <> 'retired'
    order by e.id on conflict ${onConflict}`.execute(kyselyOf(tx));
}

/** Deletes the vectors of these events: of one model, or of all. */
export async function deleteVectors(tx: Tx, eventIds: readonly string[], modelId?: number): Promise<void> {
  if (eventIds.length === 0) return;
  const ofModel = modelId === undefined ? sql`` : sql`and model_id = ${modelId}`;
  await sql`delete from event_embeddings where event_id = any (${eventIds}::uuid[]) ${ofModel}`.execute(kyselyOf(tx));
}

/**
 * A vector as pgvector reads it: "[1234e-7,…]". Whole numbers print several times as fast as fractions, and seven places
 * are more than a halfvec keeps of a number below 1.
 */
export function halfvec(vector: Float32Array): string {
  const numbers: string[] = [];
  for (const number of vector) numbers.push(number === 0 ? "0" : `${Math.round(number * 1e7)}e-7`);
  return `[${numbers.join(",")}]`;
}
