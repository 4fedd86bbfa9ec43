/**
 * `node test/bench/vector-recall.ts [--database NAME] [--queries 60] [--json FILE]`: of the ten events that are nearest in
 * meaning among those that pass a filter, how many does search by meaning find? At filters that 10 %, 1 % and 0.1 % of the
 * events pass, against an exact comparison of every vector, by the API's own answers. Exit code 1 below the goal.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { halfvec } from "../../src/db/embeddings.ts";
import { parseOwnUri, ulidOf } from "../../src/domain/iri.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { BASE } from "./context.ts";
import { AUTHORIZATION, startApiNode } from "./search-node.ts";

const GOAL = 0.95;
const NEAREST = 10;
const SELECTIVITIES = [0.1, 0.01, 0.001];
/** Filters of about each selectivity that the queries take in turn. */
const FILTERS = 12;
/** Tags of the index that one parameter asks for. */
const PARAMETERS: Readonly<Record<string, string>> = { city: "city", country: "country", domain: "domain", keyword: "keywords", region: "region", venue: "venueId", organizer: "organizerId", language: "language" }; // prettier-ignore

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "bench_search_100k" },
    queries: { type: "string", default: "60" },
    json: { type: "string" },
  },
});
const server = process.env["DATABASE_URL"];
if (!server) {
  console.error("DATABASE_URL is not set: the server that has the corpus (test/bench/corpus/load.ts).");
  process.exit(2);
}
const url = Object.assign(new URL(server), { pathname: `/${values.database}` }).href;
const client = new pg.Client({ connectionString: url });
await client.connect();
const {
  rows: [model],
} = await client.query<{ id: number; dimensions: number }>("select id, dimensions from embedding_models where status = 'serving'");
if (model === undefined) throw new Error(`${values.database} has no vectors: load them with test/bench/corpus/load.ts --parts vectors.`);
const { rows: totals } = await client.query<{ events: number }>(
  "select count(*)::int as events from event_search d join event_embeddings v on v.event_id = d.event_id and v.model_id = $1 where d.public",
  [model.id],
);
const events = totals[0]!.events;
const texts = await queryTexts(Number(values.queries));
const embedder = createLexicalHash();
const results: { selectivity: number; queries: number; recall: number; least: number; head: number; filters: string[] }[] = [];
{
  await using node = await startApiNode(url);
  for (const selectivity of SELECTIVITIES) results.push(await measureAt(node.port, selectivity));
}
await client.end();
for (const { selectivity, queries, recall, least, head, filters } of results)
  console.log(
    `${recall >= GOAL ? "PASS" : "FAIL"}  ${selectivity * 100} % of ${events} events: recall@${NEAREST} ${recall.toFixed(4)} (least ${least.toFixed(2)}) over ${queries} queries; goal ${GOAL}; ${head.toFixed(3)} for the index without iterative scan; ${filters.length} filters such as ${filters[0]}`,
  );
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ events, results }, null, 2)}\n`);
process.exitCode = results.every(({ recall }) => recall >= GOAL) ? 0 : 1;

async function measureAt(port: number, selectivity: number) {
  const filters = await filtersOf(selectivity);
  const [recalls, heads]: [number[], number[]] = [[], []];
  for (const [n, text] of texts.entries()) {
    const tag = filters[n % filters.length]!;
    const vector = halfvec(await embedder.embedQuery(text));
    const exact = await nearest(vector, tag, "exact");
    const answered = await ask(port, text, tag);
    // Whatever is as near as the last of the exact ones is as good.
    const { rows } = await client.query<{ id: string; apart: number }>(
      `select event_id as id, embedding::halfvec(${model!.dimensions}) <=> $1::halfvec(${model!.dimensions}) as apart from event_embeddings
      where model_id = ${model!.id} and event_id = any ($2::uuid[])`,
      [vector, answered],
    );
    const farthest = exact.at(-1)!.apart + 1e-9;
    const recall = Math.min(1, rows.filter(({ apart }) => apart <= farthest).length / exact.length);
    recalls.push(recall);
    if (recall < GOAL) console.error(`${selectivity * 100} %, ${tag}: ${recall.toFixed(2)} of ${exact.length} for "${text}"`);
    const head = await nearest(vector, tag, "head");
    heads.push(head.filter(({ apart }) => apart <= farthest).length / exact.length);
  }
  return { selectivity, queries: recalls.length, recall: mean(recalls), least: Math.min(...recalls), head: mean(heads), filters };
}

/** Tags that about this share of the events have, the nearest to it first. */
async function filtersOf(selectivity: number): Promise<string[]> {
  const { rows } = await client.query<{ tag: string; share: number }>(
    `select tag, count(*)::float8 / $1::int as share from event_search d, unnest(d.tags) tag
    where d.public and split_part(tag, ':', 1) = any ($2) and tag !~ ','
    group by tag having count(*)::float8 / $1::int between $3::float8 * 0.5 and $3::float8 * 2
    order by abs(ln(count(*)::float8 / $1::int / $3::float8)), tag limit ${FILTERS}`,
    [events, Object.keys(PARAMETERS), selectivity],
  );
  if (rows.length === 0) throw new Error(`${values.database} has no filter that about ${selectivity * 100} % of its events pass.`);
  return rows.map(({ tag }) => tag);
}

/**
 * The nearest of those that have the tag: every vector compared, or only the first that a plain index scan gives, of which
 * those with the tag are kept (what this measure must find wanting).
 */
async function nearest(vector: string, tag: string, how: "exact" | "head"): Promise<{ id: string; apart: number }[]> {
  const apart = `v.embedding::halfvec(${model!.dimensions}) <=> $1::halfvec(${model!.dimensions})`;
  await client.query("begin");
  await client.query(
    how === "exact" ? "set local enable_indexscan = off" : "set local hnsw.iterative_scan = off; set local enable_seqscan = off",
  );
  const { rows } = await client.query<{ id: string; apart: number }>(
    how === "exact"
      ? `select v.event_id as id, ${apart} as apart from event_embeddings v join event_search d on d.event_id = v.event_id
        where v.model_id = ${model!.id} and d.public and d.tags @> array[$2::text] order by apart, id limit ${NEAREST}`
      : `select n.id, n.apart from (select v.event_id as id, ${apart} as apart from event_embeddings v where v.model_id = ${model!.id} order by ${apart} limit 40) n
        join event_search d on d.event_id = n.id where d.public and d.tags @> array[$2::text] order by n.apart, n.id limit ${NEAREST}`,
    [vector, tag],
  );
  await client.query("commit");
  return rows;
}

/** The ids that search by meaning answers with, in its own order. */
async function ask(port: number, text: string, tag: string): Promise<string[]> {
  const [kind, value] = [tag.slice(0, tag.indexOf(":")), tag.slice(tag.indexOf(":") + 1)];
  const asked = kind === "venue" || kind === "organizer" ? ulidOf(value) : value;
  const parameters = new URLSearchParams({ q: text, mode: "semantic", strict: "true", limit: String(NEAREST), [PARAMETERS[kind]!]: asked });
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/events/search?${parameters}`, { headers: AUTHORIZATION });
  if (response.status !== 200) throw new Error(`?${parameters}: ${response.status} ${(await response.text()).slice(0, 500)}`);
  const { items } = (await response.json()) as { items: { "@id": string }[] };
  const own = items.map((item) => parseOwnUri(BASE, item["@id"])?.id ?? item["@id"]);
  const foreign = await client.query<{ id: string; uri: string }>(
    "select id, federation_uri as uri from events where federation_uri = any ($1)",
    [own],
  );
  const ids = new Map(foreign.rows.map(({ id, uri }) => [uri, id]));
  return own.map((one) => ids.get(one) ?? one);
}

/** What somebody may ask for: a few words of a name, and often a keyword. */
async function queryTexts(count: number): Promise<string[]> {
  const { rows } = await client.query<{ name: string; keywords: string[] }>(
    "select name, keywords from events where lifecycle_state = 'published' order by md5(id::text) limit $1",
    [count],
  );
  return rows.map(({ name, keywords }, n) => [...name.split(" ").slice(0, 3), ...keywords.slice(0, n % 2)].join(" "));
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
