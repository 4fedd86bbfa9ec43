/**
 * Pages of a search while others write: whatever comes, goes, moves and is renamed between two pages, an event that stays
 * as it was is told exactly once. Small bounds make every search go in stretches and cuts. SEARCH_RUNS asks for more runs.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import { embedEvents } from "../../src/registry/embed-events.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { createToVector } from "../../src/search/query-vector.ts";
import type { SearchRequest } from "../../src/search/request.ts";
import { createSearch, type Search } from "../../src/search/search.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";
import { analyze, fill, insertEvents, makeEvents, PLACES, WORDS } from "../support/search-made.ts";
import { answer, placesOf, typed, type Group, type PlainEvent, type PlainPlace } from "../support/search-oracle.ts";

const RUNS = Number(process.env["SEARCH_RUNS"] ?? 16);
const PUBLIC = LIFECYCLE_STATES.filter(isPublic);
const DAY = 86_400_000;

let shared: TestDatabase;
let search: Search;
/** One that takes all at once. */
let unbounded: Search;
let now = Date.parse("2026-05-20T12:00:00Z");
/** What is there now, by id. */
const world = new Map<string, PlainEvent>();
/** What places are called by now. */
const places = new Map(PLACES.map((place) => [place.id, place]));
const renamed = <T extends { place?: PlainPlace }>(one: T): T =>
  one.place === undefined ? one : { ...one, place: places.get(one.place.id)! };
const atPresent = (event: PlainEvent): PlainEvent => ({ ...renamed(event), occurrences: event.occurrences.map(renamed) });

beforeAll(async () => {
  shared = await openTestDatabase();
  const { database } = shared;
  for (const event of await fill(database, 500, 4)) world.set(event.id, event);
  const embedder = createLexicalHash();
  const openOlder = () => Promise.reject(new Error("there is no older model"));
  await embedEvents({ database, clock: () => new Date(now), embedder, openOlder, warn: () => undefined });
  const toVector = createToVector({ openEmbedder: () => Promise.resolve(embedder), openOlder, log: { warn: () => undefined } });
  const parts = { database, clock: () => new Date(now), toVector };
  search = createSearch({ ...parts, bounds: { ranked: 20, whole: 40, few: 100, ring: 2 } });
  unbounded = createSearch(parts);
}, 240_000);
afterAll(() => shared?.[Symbol.asyncDispose]());

// What others do.

type Write = { kind: "insert" | "rewrite" | "move" | "delete" | "rename" | "statistics"; n: number };
/** Carries it out, in the database and in `world`; notes the ids that changed. */
async function write({ kind, n }: Write, touched: Set<string>): Promise<void> {
  const { database } = shared;
  const standing = [...world.values()].filter(({ state }) => state !== "deleted");
  const event = standing[n % standing.length]!;
  const put = (changed: PlainEvent) => void (world.set(changed.id, changed), touched.add(changed.id));
  const run = (statement: ReturnType<typeof sql>) => database.transact(async (tx) => void (await statement.execute(kyselyOf(tx))));
  switch (kind) {
    case "insert": {
      const made = makeEvents(1 + (n % 6), n, world.size);
      await database.transact((tx) => insertEvents(tx, made));
      for (const one of made) world.set(one.id, atPresent(one));
      return;
    }
    case "rewrite": {
      const [name, description] = [`${WORDS[n % WORDS.length]!} Evening`, WORDS[n % 7]!];
      await run(sql`update events set name = ${name}, description = ${description} where id = ${event.id}::uuid`);
      return put({ ...event, name, description });
    }
    case "move": {
      const days = (n % 41) - 20;
      await run(
        sql`update event_occurrences set start_at = start_at + make_interval(hours => ${days * 24}) where event_id = ${event.id}::uuid`,
      );
      const later = (day: string) => new Date(Date.parse(day) + days * DAY).toISOString().slice(0, 10);
      return put({
        ...event,
        occurrences: event.occurrences.map((one) => ({ ...one, start: one.start + days * DAY, day: later(one.day) })),
      });
    }
    case "delete": {
      await run(sql`update events set lifecycle_state = 'deleted', deleted_at = now() where id = ${event.id}::uuid`);
      return put({ ...event, state: "deleted" });
    }
    case "rename": {
      const place = PLACES[n % PLACES.length]!;
      const name = `${WORDS[n % WORDS.length]!} ${WORDS[n % 5]!}`;
      await run(sql`update places set name = ${name} where id = ${place.id}::uuid`);
      places.set(place.id, { ...place, name });
      for (const one of world.values()) if (placesOf(one).some(({ id }) => id === place.id)) put(atPresent(one));
      return;
    }
    case "statistics":
      // What is known of common words is read anew after a while.
      await analyze(database);
      now += 11 * 60_000;
  }
}

// What is asked.

const word = fc.constantFrom(...WORDS);
const said: fc.Arbitrary<Group[]> = fc.oneof(
  fc.array(word, { minLength: 2, maxLength: 5 }).map((any) => [{ any: any.map((one) => [one]) }]),
  fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => words.map((one) => ({ any: [[one]] }))),
  fc.tuple(word, word).map(([one, other]) => [{ any: [[one]] }, { not: [other] }]),
);
const filters = fc.constantFrom<SearchRequest["filters"]>(
  { states: PUBLIC },
  { states: PUBLIC },
  { states: PUBLIC, startDate: "2026-05-10" },
  { states: PUBLIC, startDate: "2026-04-01", endDate: "2026-09-30", free: true },
  { states: PUBLIC, near: { latitude: 43.65, longitude: -79.38, radius: 200_000 } },
  { states: PUBLIC, language: "en" },
);
const asked = fc.record({
  groups: fc.option(said, { nil: [] as Group[], freq: 4 }),
  filters,
  mode: fc.constantFrom("lexical", "lexical", "hybrid", "semantic"),
  sort: fc.constantFrom("relevance", "relevance", "start", "-start", "distance"),
  limit: fc.integer({ min: 6, max: 25 }),
  strict: fc.boolean(),
  clock: fc.constantFrom("2026-05-20T12:00:00Z", "2001-01-01T00:00:00Z", "2041-01-01T00:00:00Z"),
});
const writes = fc.array(
  fc.record({
    kind: fc.constantFrom<Write["kind"][]>("insert", "insert", "rewrite", "move", "move", "delete", "delete", "rename", "statistics"),
    n: fc.nat(1_000_000),
  }),
  { maxLength: 3 },
);

function requestOf({
  groups,
  filters: { near = { latitude: 43.65, longitude: -79.38, radius: 3_000_000 }, ...others },
  mode,
  sort,
  ...rest
}: ReturnType<typeof asked.generate>["value"]): SearchRequest {
  const order = mode === "semantic" && groups.length > 0 ? "relevance" : sort;
  return {
    ...(groups.length > 0 && { q: typed(groups) }),
    filters: order === "distance" ? { ...others, near } : others,
    mode: mode === "semantic" && groups.length === 0 ? "lexical" : mode,
    sort: order,
    limit: rest.limit,
    bound: {},
    facets: [],
    explain: false,
    highlight: false,
    timezone: "America/Toronto",
    strict: rest.strict,
  };
}

type Pager = (request: SearchRequest, between: () => Promise<void>) => Promise<string[]>;
const byCursor: Pager = async (request, between) => {
  const ids: string[] = [];
  for (let after: string | undefined, pages = 0; pages === 0 || after !== undefined; pages++) {
    const page = await search.find({ ...request, ...(after !== undefined && { after }) });
    ids.push(...page.hits.map(({ event }) => event.id));
    after = page.next;
    if (pages > world.size) throw new Error("paging does not end");
    if (after !== undefined) await between();
  }
  return ids;
};
/** As with OFFSET and LIMIT: each page is counted off anew. */
const byOffset: Pager = async (request, between) => {
  const ids: string[] = [];
  for (;;) {
    const all = (await unbounded.find({ ...request, limit: 2_000 })).hits.map(({ event }) => event.id);
    ids.push(...all.slice(ids.length, ids.length + request.limit));
    if (ids.length >= all.length) return ids;
    await between();
  }
};

/** What went wrong, in words; empty when all is well. */
async function faults(
  pager: Pager,
  given: ReturnType<typeof asked.generate>["value"],
  plan: readonly Write[][],
): Promise<{ faults: string[]; told: number; pages: number }> {
  now = Date.parse(given.clock);
  const request = requestOf(given);
  const byWords = request.mode === "lexical" && (request.strict === true || given.groups.length === 0);
  // By meaning, and where words were taken for others, it is the search itself at rest that says what there is to find.
  const atRest = byWords ? [] : await byCursor(request, () => Promise.resolve());
  const expected = byWords ? answer(world.values(), { filters: request.filters, groups: given.groups, sort: request.sort }) : atRest;
  const touched = new Set<string>();
  const before = new Set(world.keys());
  let pages = 0;
  const ids = await pager(request, async () => {
    for (const one of plan[pages++ % plan.length]!) await write(one, touched);
  });
  const times = new Map<string, number>();
  for (const id of ids) times.set(id, (times.get(id) ?? 0) + 1);
  const steady = expected.filter((id) => !touched.has(id));
  const wanted = new Set(expected);
  return {
    told: steady.length,
    pages,
    faults: [
      ...(atRest.length === new Set(atRest).size ? [] : ["something was told twice though nobody wrote"]),
      ...steady.filter((id) => !times.has(id)).map((id) => `${id} was skipped`),
      ...[...times].filter(([id, n]) => n > 1 && !touched.has(id)).map(([id, n]) => `${id} was told ${n} times`),
      ...(byWords ? ids.filter((id) => !touched.has(id) && before.has(id) && !wanted.has(id)).map((id) => `${id} does not match`) : []),
    ],
  };
}

const plans = fc.array(writes, { minLength: 1, maxLength: 4 });

describe("while others write", () => {
  test("pages tell each unchanged event once", async () => {
    let [told, pages] = [0, 0];
    await fc.assert(
      fc.asyncProperty(asked, plans, async (given, plan) => {
        const result = await faults(byCursor, given, plan);
        expect(result.faults).toEqual([]);
        told += result.told;
        pages += result.pages;
      }),
      // No shrinking: the world has moved on.
      { numRuns: RUNS, seed: 3, endOnFailure: true },
    );
    expect(told).toBeGreaterThan(RUNS * 20);
    expect(pages).toBeGreaterThan(RUNS * 3);
  }, 600_000);

  test("what comes into a stretch that is being told pushes nothing out of it to be told again", async () => {
    const banners = (count: number, from: number, month: string): PlainEvent[] =>
      makeEvents(count, 77, world.size).map((event, n) => ({
        ...event,
        name: `vexillum ${WORDS[n % 3]!}`,
        state: "published",
        occurrences: [
          {
            start: Date.parse(`2026-${month}-01T12:00:00Z`) + (from + n) * 60_000,
            zone: "Etc/GMT+12",
            day: `2026-${month}-01`,
            minutes: from + n,
          },
        ],
      }));
    const put = async (events: PlainEvent[]) => {
      await shared.database.transact((tx) => insertEvents(tx, events));
      for (const event of events) world.set(event.id, event);
      return events.map(({ id }) => id);
    };
    const first = await put(banners(30, 0, "06"));
    const request = requestOf({
      groups: [{ any: [["vexillum"]] }],
      filters: { states: PUBLIC, startDate: "2026-05-01", endDate: "2026-07-01" },
      mode: "lexical",
      sort: "relevance",
      limit: 6,
      strict: true,
      clock: "2026-05-20T12:00:00Z",
    });
    let written = false;
    const ids = await byCursor(request, async () => {
      if (!written) await put(banners(15, 0, "05"));
      written = true;
    });
    expect(ids.filter((id) => first.includes(id)).toSorted()).toEqual(first.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("pages that are counted off skip and repeat (the control)", async () => {
    const found: string[] = [];
    for (const [given, plan] of fc.sample(fc.tuple(asked, plans), { numRuns: 40, seed: 5 })) {
      found.push(
        ...(await faults(byOffset, { ...given, groups: [], filters: { states: PUBLIC }, mode: "lexical", limit: 80 }, plan)).faults,
      );
      if (found.some((fault) => fault.includes("skipped")) && found.some((fault) => fault.includes("told"))) break;
    }
    expect(found.some((fault) => fault.includes("skipped"))).toBe(true);
    expect(found.some((fault) => fault.includes("told"))).toBe(true);
  }, 300_000);
});
