/**
 * `node test/bench/corpus/load.ts --events 100000 --database bench_search_100k [--parts base,index,vectors] [--vectors N] [--seed 1]`
 * loads the corpus into a database of the server of DATABASE_URL:
 * base: makes the database anew with the newest schema and copies events, venues and all that into it;
 * index: makes the search index of what is there (anew, when it was there);
 * vectors: embeds what is there, or the first `--vectors N` of it, and indexes the vectors.
 */
import { parseArgs } from "node:util";
import { migrate } from "../../../src/db/migrate.ts";
import { openServer } from "../../../src/db/server.ts";
import { query } from "../database.ts";
import { loadBase } from "./load-base.ts";
import { loadIndex } from "./load-index.ts";
import { loadVectors } from "./load-vectors.ts";

const USAGE = "load.ts --events N --database NAME [--parts base,index,vectors] [--vectors N] [--seed N]   (DATABASE_URL names the server)";

const { values } = parseArgs({
  options: {
    events: { type: "string" },
    database: { type: "string" },
    parts: { type: "string", default: "base,index,vectors" },
    vectors: { type: "string", default: "Infinity" },
    seed: { type: "string", default: "1" },
  },
});
const parts = values.parts.split(",");
const server = process.env["DATABASE_URL"];
const events = Number(values.events);
if (server === undefined || (parts.includes("base") && !(events > 0)) || !/^\w+$/.test(values.database ?? "")) {
  console.error(USAGE);
  process.exit(2);
}
const name = values.database!;
const address = new URL(server);
address.pathname = `/${name}`;
const url = address.href;
if (parts.includes("base")) {
  await query(server, `drop database if exists ${name} with (force)`);
  await query(server, `create database ${name}`);
  {
    await using database = openServer({ url, connections: 1 });
    await migrate(database);
  }
  await timed("base", () => loadBase(url, { events, seed: Number(values.seed) }));
}
if (parts.includes("index")) await timed("index", () => loadIndex(url));
if (parts.includes("vectors"))
  await timed("vectors", async () => {
    const { vectors, embedding, indexing } = await loadVectors(url, Number(values.vectors));
    console.log(`${name}: ${vectors} vectors in ${embedding.toFixed(1)} s, HNSW in ${indexing.toFixed(1)} s`);
  });
await timed("vacuum analyze", () => query(url, "vacuum analyze"));

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const started = process.hrtime.bigint();
  await work();
  console.log(`${name}: ${what} in ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`);
}
