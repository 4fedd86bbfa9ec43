/** Embeds a loaded corpus with the embedder that needs nothing, and makes the index that the registry would make, with more memory. */
import pg from "pg";
import { ensureModel, eventsWithoutVector, halfvec, serveModel } from "../../../src/db/embeddings.ts";
import { openServer } from "../../../src/db/server.ts";
import { createVectorIndex } from "../../../src/db/vector-index.ts";
import { embeddingText, sourceHash } from "../../../src/domain/embedder.ts";
import type { EventState } from "../../../src/domain/state.ts";
import { createLexicalHash } from "../../../src/search/embedders/lexical-hash.ts";
import { query } from "../database.ts";
import { copyInto } from "./copy.ts";
import { makeIndexes } from "./indexes.ts";

const CHUNK = 2_000;

/** Gives the first `most` events without a vector one each; returns how many that were, and the seconds of each half. */
export async function loadVectors(url: string, most: number): Promise<{ vectors: number; embedding: number; indexing: number }> {
  await using database = openServer({ url, connections: 2, statementTimeout: 0 });
  const embedder = createLexicalHash();
  const model = await database.transact((tx) => ensureModel(tx, embedder));
  const started = process.hrtime.bigint();
  const copy = copyInto(url, "event_embeddings", ["event_id", "model_id", "source_hash", "embedding"]);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let [vectors, after] = [0, undefined as string | undefined];
  try {
    while (vectors < most) {
      const ids = await database.read((on) => eventsWithoutVector(on, model.id, after, Math.min(CHUNK, most - vectors)));
      if (ids.length === 0) break;
      after = ids.at(-1);
      const { rows } = await client.query<{ id: string; state: EventState }>("select id, state from entity_states('event', $1::uuid[])", [
        ids,
      ]);
      const texts = rows.map(({ state }) => embeddingText(state));
      const embedded = await embedder.embedDocuments(texts);
      for (const [n, { id }] of rows.entries())
        await copy.row([id, model.id, `\\x${sourceHash(texts[n]!).toString("hex")}`, halfvec(embedded[n]!)]);
      vectors += ids.length;
    }
    await copy.end();
    await client.query("delete from embedding_queue q using event_embeddings v where v.event_id = q.event_id and v.model_id = $1", [
      model.id,
    ]);
  } finally {
    await client.end();
  }
  const embedded = process.hrtime.bigint();
  await query(url, "analyze event_embeddings");
  // As in src/db/vector-index.ts, which then finds it made.
  await makeIndexes(url, [
    `create index if not exists event_embeddings_model_${model.id} on event_embeddings
      using hnsw ((embedding::halfvec(${model.dimensions})) halfvec_cosine_ops) with (m = 32, ef_construction = 128) where model_id = ${model.id}`,
  ]);
  await createVectorIndex(database, model);
  await database.transact((tx) => serveModel(tx, model.id));
  const seconds = (from: bigint, to: bigint) => Number(to - from) / 1e9;
  return { vectors, embedding: seconds(started, embedded), indexing: seconds(embedded, process.hrtime.bigint()) };
}
