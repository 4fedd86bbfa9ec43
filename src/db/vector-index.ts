/**
 * The HNSW index of a model's vectors: one partial expression index a model, made when its vectors are complete and
 * dropped with them. A query uses it when it orders by `embedding::halfvec(N) <=> …` where model_id is that model.
 */
import { sql, type Kysely } from "kysely";
import type { Database } from "./database.ts";
import type { EmbeddingModel } from "./embeddings.ts";

const nameOf = (modelId: number) => `event_embeddings_model_${modelId}`;

/** A vector costs about its own size and 300 bytes of links; above the limit the build goes on, many times slower. */
const LARGEST_BUILD_KB = 1024 * 1024;

/**
 * Makes the index, without keeping writers waiting on a server. Safe to call again: what is there stays, what a
 * cut-off build left is made anew. False when another process is building it now.
 */
export async function createVectorIndex(database: Database, { id, dimensions }: EmbeddingModel): Promise<boolean> {
  const made = await alone(database, id, async (connection) => {
    const present = await state(connection, id, dimensions);
    if (present === "usable") return true;
    if (present === "unusable") await dropOn(database, connection, id);
    await sql`create index ${concurrently(database)} ${sql.id(nameOf(id))} on event_embeddings
      using hnsw ((embedding::halfvec(${sql.lit(dimensions)})) halfvec_cosine_ops) with (m = 32, ef_construction = 128)
      where model_id = ${sql.lit(id)}`.execute(connection);
    return true;
  });
  return made ?? false;
}

/** Drops what a cut-off build left, before vectors are written: it costs every one of them, and one of other dimensions refuses them. */
export async function dropUnusableIndex(database: Database, { id, dimensions }: EmbeddingModel): Promise<void> {
  await alone(database, id, async (connection) => {
    if ((await state(connection, id, dimensions)) === "unusable") await dropOn(database, connection, id);
  });
}

/** Runs `work` unless another process is at this index now: then undefined. */
async function alone<T>(database: Database, modelId: number, work: (connection: Kysely<unknown>) => Promise<T>): Promise<T | undefined> {
  return withoutTimeout(database, async (connection) => {
    // Trying, not waiting: a waiting statement has a snapshot, for whose end the other's concurrent build would wait.
    const lock = sql`hashtext(${nameOf(modelId)})`;
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_lock(${lock}) as mine`.execute(connection);
    if (!rows[0]!.mine) return undefined;
    try {
      return await work(connection);
    } finally {
      await sql`select pg_advisory_unlock(${lock})`.execute(connection);
    }
  });
}

/** Drops a model's index, where there is one. */
export async function dropVectorIndex(database: Database, modelId: number): Promise<void> {
  await withoutTimeout(database, (connection) => dropOn(database, connection, modelId));
}

async function dropOn(database: Database, connection: Kysely<unknown>, modelId: number): Promise<void> {
  await sql`drop index ${concurrently(database)} if exists ${sql.id(nameOf(modelId))}`.execute(connection);
}

/** A concurrent build waits for other connections, and the embedded database has none. */
const concurrently = ({ kind }: Database) => (kind === "server" ? sql`concurrently` : sql``);

/** Unusable: left by a build that was cut off, or of other dimensions. */
async function state(connection: Kysely<unknown>, modelId: number, dimensions: number): Promise<"absent" | "usable" | "unusable"> {
  const { rows } = await sql<{ valid: boolean; definition: string }>`
    select i.indisvalid as valid, pg_get_indexdef(i.indexrelid) as definition from pg_index i where i.indexrelid = to_regclass(${nameOf(modelId)})`.execute(
    connection,
  );
  const [row] = rows;
  if (row === undefined) return "absent";
  return row.valid && row.definition.includes(`halfvec(${dimensions})`) ? "usable" : "unusable";
}

/** One connection outside any transaction, where a build may take as long and as much memory as it needs. */
async function withoutTimeout<T>(database: Database, work: (connection: Kysely<unknown>) => Promise<T>): Promise<T> {
  // Through `read`, so that on the embedded database it waits for its turn.
  return database.read(() =>
    database.kysely.connection().execute(async (connection) => {
      // By one process: parallel workers share memory that a container has 64 MB of unless it is given more.
      await sql`select set_config('statement_timeout', '0', false), set_config('max_parallel_maintenance_workers', '0', false),
        set_config('maintenance_work_mem', greatest(pg_size_bytes(current_setting('maintenance_work_mem')) / 1024, least(${LARGEST_BUILD_KB}::bigint,
          (select coalesce(sum(reltuples)::bigint * 2, 0) from pg_class where oid = 'event_embeddings'::regclass)))::text || 'kB', false)`.execute(
        connection,
      );
      try {
        return await work(connection);
      } finally {
        for (const setting of ["statement_timeout", "max_parallel_maintenance_workers", "maintenance_work_mem"]) {
          await sql`reset ${sql.id(setting)}`.execute(connection);
        }
      }
    }),
  );
}
