/**
 * What looking for duplicates costs: its share of an import, and one submission's check with few and with many events
 * stored. `node test/bench/duplicate-check.ts [--events 10000] [--large DATABASE]` with DATABASE_URL; DATABASE is one that
 * test/bench/corpus/load.ts filled, migrated here and given keys. Ratios only: absolute times mean nothing elsewhere.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Database } from "../../src/db/database.ts";
import { migrate } from "../../src/db/migrate.ts";
import { openServer } from "../../src/db/server.ts";
import { createMint } from "../../src/domain/iri.ts";
import type { Registry } from "../../src/registry/context.ts";
import { keepEventKeys } from "../../src/registry/event-keys.ts";
import { compareWithOthers } from "../../src/registry/find-duplicates.ts";
import { importEvents, openQuietNode } from "./context.ts";
import { openBenchServer, query } from "./database.ts";
import { syntheticEvents } from "./events.ts";
import { median } from "./rounds.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "10000" }, large: { type: "string" } } });
const server = process.env["DATABASE_URL"];
if (server === undefined) throw new Error("Set DATABASE_URL to a PostgreSQL server.");
const CHUNK = 500;
const SAMPLE = 300;

const registryOver = (database: Database): Registry => ({
  database,
  base: "https://bench.example",
  clock: () => new Date(),
  mint: createMint(),
  horizonDays: 550,
  tzdata: "bench",
  enqueue: () => Promise.resolve(),
});

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begun) / 1e9;
};

/** The check of every event, in the chunks in which an import takes them in. */
async function checkAll(url: string, ids: readonly string[]): Promise<number> {
  await using database = openServer({ url });
  const registry = registryOver(database);
  await query(url, "truncate duplicate_entities, duplicate_keys");
  return await seconds(async () => {
    for (let n = 0; n < ids.length; n += CHUNK)
      await database.transact((tx) => compareWithOthers(registry, tx, ids.slice(n, n + CHUNK), registry.clock()));
  });
}

class RollBack extends Error {}

/** Median milliseconds of one event's check, each in a transaction that is rolled back. */
async function checkOne(url: string, ids: readonly string[]): Promise<number> {
  await using database = openServer({ url, connections: 1 });
  const registry = registryOver(database);
  const times: number[] = [];
  for (const id of ids) {
    try {
      await database.transact(async (tx) => {
        times.push(await seconds(() => compareWithOthers(registry, tx, [id], registry.clock())));
        throw new RollBack();
      });
    } catch (error) {
      if (!(error instanceof RollBack)) throw error;
    }
  }
  return median(times.slice(SAMPLE / 10)) * 1000;
}

const idsOf = async (url: string, limit?: number): Promise<string[]> =>
  (
    await query<{ id: string }>(
      url,
      limit === undefined
        ? "select id from events where merged_into_id is null order by id"
        : `select id from events where merged_into_id is null and lifecycle_state <> 'deleted' order by md5(id::text) limit ${limit}`,
    )
  ).map((row) => row.id);

async function withKeys(url: string): Promise<void> {
  await using database = openServer({ url });
  await migrate(database);
  for (;;) {
    const waiting = await query<{ id: string }>(
      url,
      "select entity_id as id from duplicate_entities where kind = 'event' and keys = '{}' limit 2000",
    );
    if (waiting.length === 0) return void (await query(url, "vacuum analyze duplicate_entities, duplicate_keys"));
    await database.transact((tx) =>
      keepEventKeys(
        tx,
        waiting.map((row) => row.id),
        new Date(),
      ),
    );
  }
}

const folder = await mkdtemp(join(tmpdir(), "calends-bench-"));
try {
  await using bench = await openBenchServer(server);
  const url = await bench.fresh();
  const file = join(folder, "events.jsonl");
  await writeFile(file, syntheticEvents(Number(values.events)));
  let rate: number;
  {
    await using node = await openQuietNode(url);
    const imported = await importEvents(node, file);
    rate = imported.rate;
    console.log(`imported: ${JSON.stringify(imported.counts)}`);
  }
  const ids = await idsOf(url);
  const [total, check] = [Number(values.events) / rate, await checkAll(url, ids)];
  const share = check / total;
  console.log(`duplicate check ÷ import of ${values.events} events: ${share.toFixed(3)} (at most 0.25) ${share <= 0.25 ? "PASS" : "FAIL"}`);
  await query(url, "vacuum analyze");
  const few = await checkOne(url, await idsOf(url, SAMPLE));
  if (values.large !== undefined) {
    const large = new URL(server);
    large.pathname = `/${values.large}`;
    await withKeys(large.href);
    const [{ n } = { n: 0 }] = await query<{ n: number }>(
      large.href,
      "select count(*)::int as n from duplicate_entities where kind = 'event'",
    );
    const many = await checkOne(large.href, await idsOf(large.href, SAMPLE));
    const growth = many / few;
    console.log(
      `one check with ${n} events stored ÷ with ${values.events}: ${growth.toFixed(2)} (at most 2) ${growth <= 2 ? "PASS" : "FAIL"}`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
