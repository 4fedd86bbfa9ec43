/**
 * How PostgreSQL goes about each kind of search, on 20,000 made events (few enough that ANALYZE reads them all, so its
 * statistics are the same every time). What is kept is which tables and indexes are read and how; a plan that reads all
 * events row by row is a fault, whatever the snapshot says.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { openServer } from "../../src/db/server.ts";
import { SESSION } from "../../src/db/session.ts";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import { BOUNDS } from "../../src/search/bounds.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { createToVector } from "../../src/search/query-vector.ts";
import type { SearchFilters, SearchRequest } from "../../src/search/request.ts";
import { createSearch } from "../../src/search/search.ts";
import { loadBase } from "../bench/corpus/load-base.ts";
import { loadIndex } from "../bench/corpus/load-index.ts";
import { loadVectors } from "../bench/corpus/load-vectors.ts";
import { query } from "../bench/database.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";

const TORONTO = { latitude: 43.6532, longitude: -79.3832, radius: 5_000 };
const MAY = { startDate: "2026-05-22", endDate: "2026-05-31" };
/** Tables of which a search may never read every row; vectors may be, where few events pass or the planner finds it cheaper. */
const LARGE = /Seq Scan on (events|event_search|event_occurrences|event_performers|places|organizations|persons)\b/;

const CLASSES: Record<string, Partial<Omit<SearchRequest, "filters">> & { filters?: Partial<SearchFilters> }> = {
  "a frequent word": { q: "concert", mode: "lexical" },
  "a rare word": { q: "accordion", mode: "lexical" },
  "two words": { q: "jazz concert", mode: "lexical" },
  "a phrase": { q: '"jazz concert"', mode: "lexical" },
  "words and days": { q: "concert", mode: "lexical", filters: MAY },
  "words near a point": { q: "concert", mode: "lexical", filters: { near: TORONTO } },
  "near a point, nearest first": { sort: "distance", filters: { near: TORONTO } },
  "a box and days": { filters: { ...MAY, bbox: { west: -79.6, south: 43.5, east: -79.1, north: 43.9 } } },
  "filters, soonest first": { sort: "start", filters: { ...MAY, city: "Toronto", domain: "music" } },
  "Friday evenings": { sort: "start", filters: { days: [5], hours: { from: 1080, until: 1439 } } },
  "words and meaning": { q: "jazz concert", mode: "hybrid" },
  "meaning alone": { q: "jazz concert", mode: "semantic" },
  "meaning, filtered": { q: "jazz concert", mode: "semantic", filters: { ...MAY, city: "Toronto" } },
};

let made: TestDatabase;
let url: string;
beforeAll(async () => {
  made = await openTestDatabase();
  url = made.url!;
  await loadBase(url, { events: 20_000, seed: 7 });
  await loadIndex(url);
  await loadVectors(url, 20_000);
  await query(url, "vacuum analyze");
}, 300_000);
afterAll(() => made?.[Symbol.asyncDispose]());

describe.skipIf(inject("database").kind !== "server")("the plan of a search (needs a server)", () => {
  test.each(Object.keys(CLASSES))("%s", async (name) => {
    const plans = await plansOf(CLASSES[name]!);
    expect(plans.flat().filter((line) => LARGE.test(line))).toEqual([]);
    expect(plans).toMatchSnapshot();
  });

  test("a search that has no index is found out (the control)", async () => {
    await query(url, "drop index event_search_find");
    const plans = await plansOf(CLASSES["a frequent word"]!);
    expect(plans.flat().some((line) => LARGE.test(line))).toBe(true);
  });
});

/** For each statement of the search that reads events, the scans of its plan. */
async function plansOf({ filters, ...request }: (typeof CLASSES)[string]): Promise<string[][]> {
  await using database = openServer({ url, connections: 1 });
  const embedder = createLexicalHash();
  const open = () => Promise.resolve(embedder);
  const log = { warn: (details: object) => expect(details).toBeUndefined() };
  // As on a large node: what is compared one by one is a small part of all.
  const bounds = { ...BOUNDS, few: 2_000 };
  const search = createSearch({
    bounds,
    database,
    clock: () => new Date("2026-05-22T12:00:00Z"),
    toVector: createToVector({ openEmbedder: open, openOlder: open, log }),
  });
  const asked = vi.spyOn(pg.Client.prototype, "query");
  await search.find({
    mode: "auto",
    sort: "relevance",
    limit: 20,
    bound: {},
    facets: [],
    explain: false,
    highlight: true,
    timezone: "America/Toronto",
    filters: { states: LIFECYCLE_STATES.filter(isPublic), ...filters },
    ...request,
  });
  const statements = asked.mock.calls
    .map((call) => readStatement(call as unknown[]))
    .filter(({ text }) => /event_search/.test(text) && !/^\s*explain|pg_stats/.test(text));
  asked.mockRestore();
  const plans: string[][] = [];
  for (const { text, values } of statements)
    plans.push(scansOf(await query<{ "QUERY PLAN": string }>(sessionUrl(), `explain (costs off) ${text}`, values)));
  return plans;
}

function readStatement([first, second]: unknown[]): { text: string; values: unknown[] } {
  if (typeof first === "string") return { text: first, values: Array.isArray(second) ? second : [] };
  const { text, values } = first as { text: string; values?: unknown[] };
  return { text, values: values ?? (Array.isArray(second) ? second : []) };
}

/** With the settings that the node gives each session. */
function sessionUrl(): string {
  const with_ = new URL(url);
  with_.searchParams.set("options", [...SESSION, "max_parallel_workers_per_gather=0"].map((setting) => `-c ${setting}`).join(" "));
  return with_.href;
}

/** "Bitmap Index Scan on event_search_find", each once, in order of the alphabet; aliases and workers aside. */
function scansOf(rows: readonly { "QUERY PLAN": string }[]): string[] {
  const scans = rows.flatMap(({ "QUERY PLAN": line }) => {
    const [, scan] =
      /((?:Parallel )?(?:Seq|Index|Index Only|Bitmap Index|Bitmap Heap) Scan (?:Backward )?(?:using \w+ )?on \w+)/.exec(line) ?? [];
    return scan === undefined ? [] : [scan.replace("Parallel ", "")];
  });
  return [...new Set(scans)].toSorted();
}
