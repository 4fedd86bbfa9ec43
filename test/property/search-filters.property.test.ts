/**
 * Search against a plain filter over the same events in memory (test/support/search-oracle.ts): every filter, order and
 * page size, words, counts and totals. What is asked and what is there are both made up. A second engine with tiny
 * bounds answers the same questions in stretches and cuts, as a million events would be answered.
 * SEARCH_RUNS asks for more questions than the usual ones.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import { EVENT_DOMAINS } from "../../src/domain/vocabulary.ts";
import { instantOf } from "../../src/domain/when.ts";
import { BOUNDS } from "../../src/search/bounds.ts";
import { createSearch, type Search } from "../../src/search/search.ts";
import { FACETS, type Facet, type SearchAnswer, type SearchFilters, type SearchRequest } from "../../src/search/request.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";
import { AGENTS, FEATURES, fill, KEYWORDS, NODES, PLACES, WORDS } from "../support/search-made.ts";
import { answer, countBy, metres, placesOf, typed, type Group, type PlainEvent } from "../support/search-oracle.ts";

const RUNS = Number(process.env["SEARCH_RUNS"] ?? 60);
const PUBLIC = LIFECYCLE_STATES.filter(isPublic);
const TINY = { ranked: 40, whole: 80, few: 40, ring: 2 };

let shared: TestDatabase;
let events: PlainEvent[];
let wide: Search;
let tiny: Search;

beforeAll(async () => {
  shared = await openTestDatabase();
  events = await fill(shared.database, 3_000, 20_260_508);
  const parts = { database: shared.database, clock: () => new Date("2026-05-20T12:00:00Z"), toVector: () => Promise.resolve(undefined) };
  wide = createSearch(parts);
  tiny = createSearch({ ...parts, bounds: TINY });
}, 240_000);
afterAll(() => shared?.[Symbol.asyncDispose]());

const request = (changes: Partial<SearchRequest>): SearchRequest => ({
  filters: { states: PUBLIC },
  mode: "lexical",
  sort: "start",
  limit: 20,
  bound: {},
  facets: [],
  explain: false,
  highlight: false,
  timezone: "America/Toronto",
  strict: true,
  ...changes,
});

/** All pages, and the first answer. */
async function everything(search: Search, asked: SearchRequest): Promise<{ first: SearchAnswer; ids: string[]; pages: number }> {
  const first = await search.find(asked);
  const ids = first.hits.map(({ event }) => event.id);
  let pages = 1;
  for (let after = first.next; after !== undefined; pages++) {
    const page = await search.find({ ...asked, after });
    if (page.hits.length > asked.limit) throw new Error("a page is longer than it may be");
    if (pages > events.length) throw new Error("paging does not end");
    ids.push(...page.hits.map(({ event }) => event.id));
    after = page.next;
  }
  return { first, ids, pages };
}

// Questions. Most filters take after one event, so that many of them together still find something.

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const pick = <T>(from: readonly T[], n: number): T => from[n % from.length]!;
/** A value like the model's, or any. */
const choice = fc.record({ like: fc.nat(4).map((n) => n > 0), n: fc.nat(10_000) });
const asked = fc.record({
  model: fc.nat(10_000),
  dates: choice, zone: maybe(fc.constantFrom("America/Toronto", "Pacific/Kiritimati", "Etc/GMT+12")), openEnd: fc.nat(5),
  starts: choice, on: choice, days: choice, hours: choice, city: choice, region: choice, country: choice, near: choice, bbox: choice, polygon: choice, venue: choice,
  organizer: choice, involves: choice, domain: choice, keywords: choice, price: choice, free: choice, accessibility: choice, language: choice,
  origin: choice, states: choice, among: choice,
}); // prettier-ignore
/** Any filter may be alone as well; all of them are too many to find much. */
const question = fc.tuple(asked, fc.subarray(["dates", "starts", "on", "days", "hours", "city", "region", "country", "near", "bbox", "polygon", "venue", "organizer", "involves",
  "domain", "keywords", "price", "free", "accessibility", "language", "origin", "states", "among"] as const, { maxLength: 9 })).map(([given, kept]) =>
  Object.fromEntries(Object.entries(given).filter(([name]) => ["model", "zone", "openEnd", ...kept].includes(name))) as Partial<typeof given> & { model: number; openEnd: number },
); // prettier-ignore

const RADII = [40, 900, 5_000, 30_000, 200_000, 1_500_000];
const BOXES = [
  { west: -80, south: 43, east: -79, north: 43.66 },
  { west: 170, south: -20, east: -170, north: 0 },
  { west: -180, south: -90, east: 180, north: 90 },
  { west: -60, south: -40, east: -30, north: 31 },
  { west: 0, south: 2, east: 75, north: 30 },
  { west: -79.4, south: 43.6, east: -79.3, north: 43.7 },
  { west: 180, south: -17, east: -179.9, north: -16.8 },
];
const POLYGONS: (readonly [number, number])[][] = [
  [[-79.6113, 43.5107], [-79.2017, 43.6019], [-79.3923, 43.8031]],
  [[13.1013, 52.3011], [13.7019, 52.3007], [13.7023, 52.7031], [13.4017, 52.5203], [13.1029, 52.7043]],
  [[170.0011, -25.0013], [179.9907, -25.0017], [179.9903, -10.0011], [170.0019, -10.0023]],
  [[-179.97, -89.7], [179.97, -89.7], [179.98, 89.9], [-179.98, 89.95]],
]; // prettier-ignore

const tomorrow = (day: string, days = 1) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

function filtersOf(given: ReturnType<typeof question.generate>["value"]): SearchFilters {
  const model = pick(events, given.model);
  const date = pick(model.occurrences, given.model);
  const place = date.place ?? model.place;
  const { dates, zone, openEnd, starts, on, days, hours, near, bbox, polygon, price, states, among } = given;
  const filters: SearchFilters & Record<string, unknown> = { states: states === undefined ? PUBLIC : statesOf(states.n) };
  const one = <T>(
    name: "city" | "region" | "country" | "domain" | "free" | "language" | "origin",
    like: T | undefined,
    any: readonly T[],
  ) => {
    const asks = given[name];
    if (asks !== undefined) Object.assign(filters, { [name]: asks.like && like !== undefined ? like : pick(any, asks.n) });
  };
  one("city", swapped(place?.city), ["TORONTO", "montréal", "Berlin", "edge", "Nowhere"]);
  one("region", swapped(place?.region), ["on", "QC", "n"]);
  one("country", swapped(place?.country), ["ca", "DE"]);
  one("domain", model.domain, EVENT_DOMAINS);
  one("free", model.free, [true, false]);
  one("language", model.languages[0]?.slice(0, 2), ["en", "FR", "ja", "pt"]);
  one("origin", model.origin ?? "local", [...NODES, "local", "https://unknown.example"]);
  if (dates !== undefined) {
    const [startDate, endDate] = dates.like
      ? [tomorrow(date.day, -(dates.n % 9)), tomorrow(date.day, dates.n % 7)]
      : [tomorrow("2026-04-20", dates.n % 60), tomorrow("2026-06-20", dates.n % 60)];
    if (openEnd !== 0) Object.assign(filters, { startDate });
    if (openEnd !== 1) Object.assign(filters, { endDate });
    if (zone !== undefined) {
      filters.instants = {
        ...(filters.startDate && { from: instantOf(startDate, zone) }),
        ...(filters.endDate && { until: instantOf(tomorrow(endDate), zone) }),
      };
    }
  }
  if (starts !== undefined) {
    const from = starts.like ? date.start - (starts.n % 3) * 43_200_000 : Date.parse("2026-05-20T12:00:00Z");
    filters.starts = { ...(openEnd !== 2 && { from }), ...(openEnd !== 3 && { until: from + (1 + (starts.n % 40)) * 43_200_000 }) };
  }
  if (on !== undefined) filters.on = on.like ? date.start + (on.n % 300) * 60_000 : date.start + 3 * 3_600_000;
  if (days !== undefined) filters.days = days.like ? [new Date(`${date.day}T00:00:00Z`).getUTCDay() || 7] : [1 + (days.n % 7), 6, 7];
  if (hours !== undefined) {
    const [from, until] = [hours.n % 1_440, (hours.n * 7) % 1_440];
    filters.hours =
      hours.like && date.minutes !== undefined ? { from: date.minutes, until: (date.minutes + (hours.n % 300)) % 1_440 } : { from, until };
  }
  const refer = (name: "venue" | "organizer", like: string | undefined, any: readonly { id: string }[]) => {
    const asks = given[name];
    if (asks !== undefined) filters[name] = { id: asks.like && like !== undefined ? like : pick(any, asks.n).id };
  };
  refer("venue", place?.id, PLACES);
  refer("organizer", model.organizer?.id, AGENTS);
  if (given.involves !== undefined)
    filters.involves = (given.involves.like ? model.performers[0]?.id : undefined) ?? pick(AGENTS, given.involves.n).id;
  if (given.keywords !== undefined)
    filters.keywords =
      given.keywords.like && model.keywords.length > 0 ? [swapped(model.keywords[0])!] : [pick(KEYWORDS, given.keywords.n), "Nothing"];
  if (given.accessibility !== undefined) {
    filters.accessibility =
      given.accessibility.like && model.accessibility.length > 0
        ? model.accessibility.map((feature) => swapped(feature)!)
        : [pick(FEATURES, given.accessibility.n)];
  }
  if (near !== undefined)
    filters.near = circle(
      near.like && place?.spot
        ? place.spot
        : pick(
            PLACES.flatMap(({ spot }) => spot ?? []),
            near.n,
          ),
      pick(RADII, near.n),
    );
  if (bbox !== undefined)
    filters.bbox =
      bbox.like && place?.spot
        ? {
            west: place.spot.longitude,
            east: place.spot.longitude,
            south: place.spot.latitude,
            north: Math.min(90, place.spot.latitude + 20),
          }
        : pick(BOXES, bbox.n);
  if (polygon !== undefined) filters.polygon = pick(POLYGONS, polygon.n);
  if (price !== undefined) {
    const currency = pick([undefined, model.price?.currency ?? "CAD", "EUR"], price.n);
    const [least, most] = [pick([undefined, 0, 5, 12.5, 30], price.n >> 2), pick([undefined, 0, 12.49, 20, 150], price.n >> 5)];
    filters.price = { ...(least !== undefined && { least }), ...(most !== undefined && { most }), ...(currency && { currency }) };
  }
  if (among !== undefined) filters.among = events.filter((_, n) => (n + among.n) % 3 > 0).map(({ id }) => id);
  return filters;
}

const statesOf = (n: number) =>
  pick(
    [["cancelled", "completed"], ["published"], ["draft", "published"], ["withdrawn", "deleted"], LIFECYCLE_STATES, ["sold_out"]] as const,
    n,
  );
const swapped = (text: string | undefined) => text && (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase());

/** Never with a place on its brink, where half a percent decides. */
function circle({ latitude, longitude }: { latitude: number; longitude: number }, radius: number): NonNullable<SearchFilters["near"]> {
  const middle = { latitude: Math.min(90, latitude + 0.000_213), longitude };
  const distances = PLACES.flatMap(({ spot }) => (spot === undefined ? [] : [metres(middle, spot)]));
  let clear = radius;
  while (distances.some((distance) => Math.abs(distance / clear - 1) < 0.005)) clear *= 1.003;
  return { ...middle, radius: clear };
}

const word = fc.constantFrom(...WORDS);
const term = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(word) as fc.Arbitrary<string[]> },
  { weight: 2, arbitrary: fc.array(word, { minLength: 2, maxLength: 2 }) },
);
const groups: fc.Arbitrary<Group[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.array(term, { minLength: 1, maxLength: 3 }).map((any) => ({ any })) },
    { weight: 1, arbitrary: term.map((not) => ({ not })) },
  ),
  { minLength: 1, maxLength: 3 },
);
const sort = fc.constantFrom("start", "-start", "distance", "relevance");

describe("a search", () => {
  test("is of events of every sort", () => {
    expect(new Set(events.map(({ state }) => state)).size).toBe(8);
    expect(events.filter(({ place }) => place === undefined).length).toBeGreaterThan(100);
    expect(events.filter((event) => placesOf(event).length > 1).length).toBeGreaterThan(300);
    expect(events.filter(({ occurrences }) => occurrences.some(({ minutes }) => minutes === undefined)).length).toBeGreaterThan(300);
    expect(events.filter(({ origin }) => origin !== undefined).length).toBeGreaterThan(500);
  });

  test("finds what a plain filter finds, once each, in the same order, whatever the page size and however it is bounded", async () => {
    let [rows, inStretches] = [0, 0];
    await fc.assert(
      fc.asyncProperty(question, sort, fc.integer({ min: 1, max: 8 }), fc.boolean(), async (given, order, pages, bounded) => {
        const filters = filtersOf(given);
        if (order === "distance" && filters.near === undefined)
          filters.near = circle(
            pick(
              PLACES.flatMap(({ spot }) => spot ?? []),
              given.model,
            ),
            400_000,
          );
        const expected = answer(events, { filters, groups: [], sort: order });
        const { first, ids } = await everything(
          bounded ? tiny : wide,
          request({ filters, sort: order, limit: Math.max(2, Math.ceil(expected.length / pages)) }),
        );
        expect(ids).toEqual(expected);
        if (first.total.relation === "exact") expect(first.total.value).toBe(expected.length);
        // Hours and moments are finer than what the index knows: more are looked at than are found.
        const isByTheDay = filters.starts === undefined && filters.on === undefined;
        if (!bounded && isByTheDay && expected.length <= BOUNDS.ranked / 4) expect(first.total.relation).toBe("exact");
        if (first.ranked.complete) expect(expected.length).toBeLessThanOrEqual(first.ranked.bound);
        rows += ids.length;
        if (!first.ranked.complete) inStretches++;
      }),
      { numRuns: RUNS, seed: 7, endOnFailure: true },
    );
    // A property of empty answers would be none.
    expect(rows).toBeGreaterThan(RUNS * 10);
    expect(inStretches).toBeGreaterThan(RUNS / 30);
  }, 600_000);

  test("finds the words that were asked for, with OR, minus and phrases, under any filter", async () => {
    let [rows, inStretches] = [0, 0];
    await fc.assert(
      fc.asyncProperty(question, groups, sort, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (given, said, order, pages, bounded) => {
        const { near = circle({ latitude: 43.65, longitude: -79.38 }, 200_000), ...others } = filtersOf(
          given.model % 2 === 0 ? { model: given.model, openEnd: 0 } : given,
        );
        const filters = order === "distance" ? { ...others, near } : others;
        const expected = answer(events, { filters, groups: said, sort: order });
        const { first, ids } = await everything(
          bounded ? tiny : wide,
          request({ q: typed(said), filters, sort: order, limit: Math.max(2, Math.ceil(expected.length / pages)) }),
        );
        if (order === "relevance") expect(ids.toSorted()).toEqual(expected.toSorted());
        else expect(ids).toEqual(expected);
        if (first.total.relation === "exact") expect(first.total.value).toBe(expected.length);
        rows += ids.length;
        if (!first.ranked.complete) inStretches++;
      }),
      { numRuns: RUNS, seed: 11, endOnFailure: true },
    );
    expect(rows).toBeGreaterThan(RUNS * 10);
    expect(inStretches).toBeGreaterThan(RUNS / 30);
  }, 600_000);

  test("counts what it finds", async () => {
    await fc.assert(
      fc.asyncProperty(question, fc.uniqueArray(fc.constantFrom(...FACETS), { minLength: 1 }), async (given, names) => {
        const filters = filtersOf(given);
        const expected = new Set(answer(events, { filters, groups: [], sort: "start" }));
        const found = events.filter(({ id }) => expected.has(id));
        const { facets, facetsExact } = await wide.find(request({ filters, facets: names }));
        expect(facetsExact).toBe(true);
        expect(Object.keys(facets!)).toEqual(names);
        for (const [name, counts] of Object.entries(facets!)) {
          expect(new Map(counts.map(({ value, count }) => [value, count]))).toEqual(countBy(found, name as Facet));
          expect(counts.map(({ count }) => count)).toEqual(counts.map(({ count }) => count).toSorted((a, b) => b - a));
        }
      }),
      { numRuns: Math.ceil(RUNS / 4), seed: 13, endOnFailure: true },
    );
  }, 600_000);
});

test.each<[string, Partial<SearchFilters>]>([
  ["a day", { startDate: "2026-05-20" }],
  ["weekdays", { days: [6, 7] }],
  ["hours past midnight", { hours: { from: 1_200, until: 60 } }],
  ["a city", { city: "toronto" }],
  ["a box over the antimeridian", { bbox: { west: 170, south: -20, east: -170, north: 0 } }],
  ["a circle at the pole", { near: { latitude: 90, longitude: 0, radius: 10_000 } }],
  ["a polygon", { polygon: POLYGONS[0]! }],
  ["a venue", { venue: { id: PLACES[3]!.id } }],
  ["a language", { language: "ja" }],
  ["a price", { price: { most: 12.5, currency: "CAD" } }],
  ["what is free", { free: true }],
  ["an origin", { origin: NODES[1]! }],
])("%s by itself leaves some out and some in", async (_, some) => {
  const filters = { states: PUBLIC, ...some };
  const expected = answer(events, { filters, groups: [], sort: "start" });
  expect(expected.length).toBeGreaterThan(0);
  expect(expected.length).toBeLessThan(events.filter(({ state }) => isPublic(state)).length);
  expect((await everything(wide, request({ filters, limit: 100 }))).ids).toEqual(expected);
});

test("the check finds an engine that forgets the last of a page", async () => {
  const filters = { states: PUBLIC };
  const { ids } = await everything(
    { ...wide, find: async (one) => (await wide.find(one), { ...(await wide.find(one)), hits: (await wide.find(one)).hits.slice(0, -1) }) },
    request({ filters, limit: 500 }),
  );
  expect(ids).not.toEqual(answer(events, { filters, groups: [], sort: "start" }));
});
