/**
 * Lists of events against a plain filter over the same events in memory: every filter, every order, every page size.
 * What is asked and what is there are both made up.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { listEvents, type EventFilters, type EventSort, type ListRow } from "../../src/db/lists.ts";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import type { EventState, OccurrenceState } from "../../src/domain/state.ts";
import { instantOf } from "../../src/domain/when.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { submitEvent } from "../../src/registry/submit-event.ts";
import { ensureSource } from "../../src/registry/sources.ts";
import type { Caller, Registry } from "../../src/registry/context.ts";
import { createMint } from "../../src/domain/iri.ts";
import { readStates } from "../../src/db/entities.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";

const PUBLIC = LIFECYCLE_STATES.filter(isPublic);
const CITIES = [
  { name: "Toronto", zone: "America/Toronto", country: "CA", region: "ON", latitude: 43.65, longitude: -79.38 },
  { name: "toronto", zone: "America/Toronto", country: "ca", region: "on", latitude: 43.7, longitude: -79.42 },
  { name: "Berlin", zone: "Europe/Berlin", country: "DE", region: "BE", latitude: 52.52, longitude: 13.4 },
  { name: "Suva", zone: "Pacific/Fiji", country: "FJ", region: "C", latitude: -18.14, longitude: 178.44 },
  { name: "Apia", zone: "Pacific/Apia", country: "WS", region: "A", latitude: -13.83, longitude: -171.76 },
];
const WORDS = ["Jazz", "jazz", "Comedy", "Children", "ÉTÉ"];
const DOMAIN_OF = { MusicEvent: "music", ComedyEvent: "arts", SportsEvent: "sports", Event: "general" };

const localTime = fc.record({
  day: fc.integer({ min: 1, max: 28 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.constantFrom(0, 15, 59),
});
const two = (number: number) => String(number).padStart(2, "0");
const when = fc.oneof(
  { weight: 4, arbitrary: localTime.map(({ day, hour, minute }) => `2026-05-${two(day)}T${two(hour)}:${two(minute)}:00`) },
  { weight: 1, arbitrary: localTime.map(({ day }) => `2026-05-${two(day)}`) },
);
const generated = fc.record({
  name: fc.constantFrom("Alpha", "alpha", "Zeta", "Émile", "beta 2", "Beta 10"),
  type: fc.constantFrom(...(Object.keys(DOMAIN_OF) as (keyof typeof DOMAIN_OF)[])),
  starts: fc.oneof({ weight: 3, arbitrary: fc.tuple(when) }, { weight: 1, arbitrary: fc.array(when, { minLength: 2, maxLength: 4 }) }),
  city: fc.option(fc.nat(CITIES.length - 1), { nil: undefined, freq: 6 }),
  venue: fc.nat(2),
  keywords: fc.uniqueArray(fc.constantFrom(...WORDS), { maxLength: 3 }),
  organizer: fc.option(fc.constantFrom("Lantern Collective", "Ada Okafor"), { nil: undefined }),
  state: fc.oneof(
    { weight: 6, arbitrary: fc.constant("published") },
    { weight: 2, arbitrary: fc.constantFrom("sold_out", "cancelled", "completed", "withdrawn") },
  ),
});

let shared: TestDatabase;
let database: Database;
let events: EventState[];
let created = 0;

beforeAll(async () => {
  shared = await openTestDatabase();
  ({ database } = shared);
  let now = Date.parse("2026-04-01T00:00:00Z");
  const registry: Registry = {
    database,
    clock: () => new Date((now += 1_000)),
    mint: createMint(),
    base: "https://node.example",
    defaultTimezone: "America/Toronto",
    horizonDays: 550,
    tzdata: "test",
    enqueue: async () => undefined,
  };
  const source = await database.transact((tx) => ensureSource(registry, tx, { name: "made up", type: "api", licenseStatus: "cc0" }));
  const agent: Caller = { actor: "test", role: "agent", sourceId: source.id };
  const made = fc.sample(generated, { numRuns: 200, seed: 20_260_508 });
  await database.transact(async (tx) => {
    for (const [n, one] of made.entries()) {
      const document = documentOf(one, n);
      const { eventId } = await submitEvent(registry, agent, tx, {
        payload: Buffer.from(JSON.stringify(document)),
        mediaType: "application/ld+json",
        document,
      });
      if (one.state !== "published")
        await setLifecycle(registry, { actor: "test", role: "admin" }, tx, { eventId, state: one.state as "completed" });
      created++;
    }
  }, agent);
  const all = await database.read((on) =>
    listEvents(on, { states: LIFECYCLE_STATES }, { sort: "created", descending: false, limit: 1_000 }),
  );
  events = (await database.read((on) =>
    readStates(
      on,
      "event",
      all.rows.map((row) => row.id),
    ),
  )) as EventState[];
}, 120_000);
afterAll(() => shared[Symbol.asyncDispose]());

function documentOf(
  { name, type, starts, city, venue, keywords, organizer }: ReturnType<typeof generated.generate>["value"],
  n: number,
): object {
  const place = city === undefined ? undefined : CITIES[city]!;
  return {
    "@context": "https://schema.org",
    "@id": `https://made.example/${n}`,
    "@type": type,
    name: `${name}`,
    startDate: starts.toSorted()[0],
    keywords,
    location:
      place === undefined
        ? { "@type": "VirtualLocation", url: `https://stream.example/${n}` }
        : {
            "@type": "Place",
            name: `Hall ${venue} of ${city}`,
            address: { "@type": "PostalAddress", addressLocality: place.name, addressRegion: place.region, addressCountry: place.country },
            geo: { "@type": "GeoCoordinates", latitude: place.latitude + venue / 50, longitude: place.longitude + venue / 50 },
          },
    ...(organizer && { organizer: { "@type": organizer.startsWith("Ada") ? "Person" : "Organization", name: organizer } }),
    ...(starts.length > 1 && { subEvent: starts.map((startDate) => ({ "@type": "Event", startDate })) }),
  };
}

// The same filters, said plainly.

const occurrencesOf = (event: EventState): OccurrenceState[] => event.occurrences ?? [event];
const startOf = (one: OccurrenceState): number => (one.allDay ? instantOf(one.startDate, one.timezone) : Date.parse(one.startDate));

function matches(filters: EventFilters, one: OccurrenceState): boolean {
  const { startDate, endDate, instants } = filters;
  const day = one.startDate.slice(0, 10);
  const timed = instants !== undefined && !one.allDay;
  const notBefore = startDate === undefined || (timed ? startOf(one) >= instants.from! : day >= startDate);
  const notAfter = endDate === undefined || (timed ? startOf(one) < instants.until! : day <= endDate);
  return notBefore && notAfter;
}

const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase();

function metres(a: { latitude: number; longitude: number }, b: { latitude: number; longitude: number }): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const h =
    Math.sin(radians(b.latitude - a.latitude) / 2) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}

function wanted(filters: EventFilters, event: EventState): boolean {
  const { city, region, country, near, bbox, venue, organizer, involves, domain, keywords, states } = filters;
  const geo = event.location?.geo;
  const inBox = ({ west, south, east, north }: NonNullable<typeof bbox>) =>
    geo !== undefined &&
    geo.latitude >= south &&
    geo.latitude <= north &&
    (west <= east ? geo.longitude >= west && geo.longitude <= east : geo.longitude >= west || geo.longitude <= east);
  return (
    states.includes(event.lifecycleState) &&
    (city === undefined || same(event.location?.address?.addressLocality, city)) &&
    (region === undefined || same(event.location?.address?.addressRegion, region)) &&
    (country === undefined || same(event.location?.address?.addressCountry, country)) &&
    (near === undefined || (geo !== undefined && metres(near, geo) <= near.radius)) &&
    (bbox === undefined || inBox(bbox)) &&
    (venue === undefined || ("id" in venue && event.location?.id === venue.id)) &&
    (organizer === undefined || ("id" in organizer && event.organizer?.id === organizer.id)) &&
    (involves === undefined || event.organizer?.id === involves) &&
    (domain === undefined || event.eventDomain === domain) &&
    (keywords === undefined ||
      (event.keywords ?? []).some((word) => keywords.some((asked) => asked.toLowerCase() === word.toLowerCase()))) &&
    occurrencesOf(event).some((one) => matches(filters, one))
  );
}

function keyOf(sort: EventSort, descending: boolean, filters: EventFilters, event: EventState): string | number {
  switch (sort) {
    case "start": {
      const starts = occurrencesOf(event)
        .filter((one) => matches(filters, one))
        .map(startOf);
      return descending ? Math.max(...starts) : Math.min(...starts);
    }
    case "name":
      return Buffer.from(event.name.toLowerCase()).toString("hex");
    case "updated":
      return Date.parse(event.updatedAt);
    case "created":
      return Date.parse(event.createdAt);
  }
}

function expected(filters: EventFilters, sort: EventSort, descending: boolean): string[] {
  const sorted = events
    .filter((event) => wanted(filters, event))
    .map((event) => ({ id: event.id, key: keyOf(sort, descending, filters, event) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : 1));
  return (descending ? sorted.toReversed() : sorted).map(({ id }) => id);
}

/** All rows, page by page. */
async function listed(filters: EventFilters, sort: EventSort, descending: boolean, limit: number): Promise<ListRow<EventState>[]> {
  const rows: ListRow<EventState>[] = [];
  for (;;) {
    const last = rows.at(-1);
    const page = await database.read((on) =>
      listEvents(on, filters, { sort, descending, limit, ...(last && { after: { key: last.key, id: last.id } }) }),
    );
    rows.push(...page.rows);
    if (!page.more) return rows;
    if (page.rows.length !== limit) throw new Error("a page that is not the last is not full");
  }
}

const day = fc.integer({ min: 1, max: 28 }).map((number) => `2026-05-${two(number)}`);
/** One filter in four: of a dozen together, most would find nothing. */
const seldom = <T>(filter: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: filter });
const asked = fc.record({
  days: seldom(
    fc.record({
      a: fc.option(day, { nil: undefined }),
      b: fc.option(day, { nil: undefined }),
      tz: fc.option(fc.constantFrom("America/Toronto", "Pacific/Kiritimati", "Europe/Berlin"), { nil: undefined }),
    }),
  ),
  city: seldom(fc.constantFrom("TORONTO", "Berlin", "Nowhere")),
  country: seldom(fc.constantFrom("ca", "DE")),
  region: seldom(fc.constantFrom("On", "BE")),
  // Not on the brink: the ellipsoid and the sphere differ by half a percent.
  near: seldom(
    fc.constantFrom(
      { latitude: 43.65, longitude: -79.38, radius: 1_000 },
      { latitude: 43.65, longitude: -79.38, radius: 8_000 },
      { latitude: -16, longitude: 180, radius: 200_000 },
    ),
  ),
  bbox: seldom(
    fc.constantFrom(
      { west: -80, south: 43, east: -79, north: 43.66 },
      { west: 170, south: -20, east: -170, north: 0 },
      { west: -180, south: -90, east: 180, north: 90 },
    ),
  ),
  venue: seldom(fc.nat(1_000)),
  organizer: seldom(fc.nat(1_000)),
  involves: seldom(fc.nat(1_000)),
  domain: seldom(fc.constantFrom("music", "arts", "general")),
  keywords: seldom(fc.uniqueArray(fc.constantFrom(...WORDS, "été", "Nothing"), { minLength: 1, maxLength: 2 })),
  states: fc.constantFrom(PUBLIC, PUBLIC, ["cancelled", "completed"] as const, ["withdrawn"] as const, LIFECYCLE_STATES),
});

function filtersOf({ days, venue, organizer, involves, ...rest }: ReturnType<typeof asked.generate>["value"]): EventFilters {
  const pick = <T>(from: readonly T[], n: number) => from[n % from.length]!;
  const [startDate, endDate] = days?.a !== undefined && days.b !== undefined ? [days.a, days.b].toSorted() : [days?.a, days?.b];
  const tomorrow = (date: string) => new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  const venues = events.flatMap((event) => event.location?.id ?? []);
  const organizers = events.flatMap((event) => event.organizer?.id ?? []);
  const filters = {
    ...rest,
    startDate,
    endDate,
    instants:
      days?.tz === undefined || (startDate === undefined && endDate === undefined)
        ? undefined
        : { ...(startDate && { from: instantOf(startDate, days.tz) }), ...(endDate && { until: instantOf(tomorrow(endDate), days.tz) }) },
    venue: venue === undefined ? undefined : { id: pick(venues, venue) },
    organizer: organizer === undefined ? undefined : { id: pick(organizers, organizer) },
    involves: involves === undefined ? undefined : pick(organizers, involves),
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as unknown as EventFilters;
}

describe("a list of events", () => {
  test("was made of events of every sort", () => {
    expect(created).toBe(200);
    expect(new Set(events.map((event) => event.lifecycleState)).size).toBe(5);
    expect(events.some((event) => event.occurrences !== undefined)).toBe(true);
    expect(events.some((event) => event.allDay) && events.some((event) => event.location === undefined)).toBe(true);
  });

  test("holds what a plain filter holds, once each, in the same order, whatever the page size", async () => {
    let rowsSeen = 0;
    await fc.assert(
      fc.asyncProperty(
        asked,
        fc.constantFrom("start", "name", "updated", "created"),
        fc.boolean(),
        fc.constantFrom(7, 20, 50, 200),
        async (question, sort, descending, limit) => {
          const filters = filtersOf(question);
          const rows = await listed(filters, sort, descending, limit);
          rowsSeen += rows.length;
          expect(rows.map((row) => row.id)).toEqual(expected(filters, sort, descending));
          for (const { id, state } of rows) expect(state).toEqual(events.find((event) => event.id === id));
        },
      ),
      { numRuns: 100, seed: 7 },
    );
    // A property of empty lists would be none.
    expect(rowsSeen).toBeGreaterThan(300);
  });

  test("each filter by itself leaves some events out and some in", () => {
    const alone: Partial<EventFilters>[] = [
      { startDate: "2026-05-10" },
      { endDate: "2026-05-10" },
      { city: "Berlin" },
      { region: "on" },
      { country: "DE" },
      { near: { latitude: 43.65, longitude: -79.38, radius: 8_000 } },
      { bbox: { west: 170, south: -20, east: -170, north: 0 } },
      { domain: "music" },
      { keywords: ["JAZZ"] },
      { states: ["withdrawn"] },
    ];
    for (const filter of alone) {
      const found = expected({ states: LIFECYCLE_STATES, ...filter }, "start", false).length;
      expect([filter, found > 0 && found < events.length]).toEqual([filter, true]);
    }
  });

  test("neither skips nor repeats what does not change while writers are busy", async () => {
    const filters: EventFilters = { states: PUBLIC };
    const before = expected(filters, "start", false);
    const seen: string[] = [];
    let after: { key: string; id: string } | undefined;
    const victims = before.filter((_, n) => n % 10 === 5);
    const untouched = before.filter((id) => !victims.includes(id));
    for (let more = true; more;) {
      const page = await database.read((on) =>
        listEvents(on, filters, { sort: "start", descending: false, limit: 10, ...(after && { after }) }),
      );
      seen.push(...page.rows.map((row) => row.id));
      after = page.rows.at(-1);
      more = page.more;
      const victim = victims.pop();
      // Half of them leave the list, half move to its very beginning.
      if (victim !== undefined)
        await database.transact(async (tx) => {
          if (victims.length % 2 === 0)
            await sql`update events set lifecycle_state = 'withdrawn' where id = ${victim}`.execute(kyselyOf(tx));
          else
            await sql`update event_occurrences set start_at = '2026-01-01', end_at = null where event_id = ${victim}`.execute(kyselyOf(tx));
        });
    }
    expect(seen.filter((id) => untouched.includes(id))).toEqual(untouched);
  });
});
