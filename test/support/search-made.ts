/** Events of every sort, made up from a seed, as plain objects and as rows: what searches are tried on. */
import fc from "fast-check";
import { sql } from "kysely";
import type { Database, Tx } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { EVENT_DOMAINS } from "../../src/domain/vocabulary.ts";
import type { PlainAgent, PlainEvent, PlainOccurrence, PlainPlace } from "./search-oracle.ts";

/** No two begin alike, so that no stemmer makes one of another. */
export const WORDS = [
  "zorbit",
  "quilder",
  "mavrok",
  "tibbon",
  "fenwick",
  "ostrum",
  "plendar",
  "juxton",
  "harvolt",
  "skibern",
  "dwimmer",
  "blatnov",
];
export const KEYWORDS = ["Jazz", "jazz", "FAMILY", "ÉTÉ", "été", "Open Air"];
export const FEATURES = ["wheelchair", "Wheelchair", "sign language", "Audio Description"];
export const LANGUAGES = ["en", "en-CA", "fr", "fr-CA", "de", "ja"];
export const NODES = ["https://north.example", "https://south.example/calends"];
const STATES = ["sold_out", "cancelled", "completed", "postponed", "draft", "withdrawn", "deleted"] as const;
/** None changes its clocks between April and September. */
const ZONES = { "America/Toronto": -240, "Europe/Berlin": 120, "Pacific/Kiritimati": 840, "Etc/GMT+12": -720, "Asia/Kathmandu": 345 };

/** A uuid that says which of its kind it is; kinds do not overlap, and the order of ids is none of time. */
const idOf = (kind: number, n: number) => {
  const scattered = ((n + 1) * 2_654_435_761) % 2 ** 32;
  return `0000000${kind}-0000-4000-8000-${scattered.toString(16).padStart(8, "0")}${n.toString(16).padStart(4, "0")}`;
};

const place = (n: number, name: string, [city, region, country]: string[] = [], latitude?: number, longitude?: number): PlainPlace => ({
  id: idOf(1, n),
  name,
  ...(city && { city }),
  ...(region && { region }),
  ...(country && { country }),
  ...(latitude !== undefined && longitude !== undefined && { spot: { latitude, longitude } }),
});

const AREAS: [string[], number, number, number][] = [
  [["Toronto", "ON", "CA"], 43.65, -79.38, 14],
  [["TORONTO", "on", "ca"], 43.71, -79.42, 4],
  [["Montréal", "QC", "CA"], 45.52, -73.58, 4],
  [["MONTRÉAL", "qc", "CA"], 45.5, -73.6, 2],
  [["Berlin", "BE", "DE"], 52.52, 13.4, 6],
  [["Suva", "C", "FJ"], -18.14, 178.44, 2],
  [["Taveuni", "N", "FJ"], -16.9, 179.96, 2],
];
/** Cells, degrees and days have edges; so has the world. */
const EDGES: [number, number][] = [
  [-16.82, -179.98], [-16.85, 180], [-16.88, -180], [-13.83, -171.76], [89.97, 12.3], [89.96, -170.2], [-89.93, 100.5], [-90, 0],
  [-30, -30], [30, 30], [70, -30], [43.7, -79.4], [0, 0], [-0.004, 0.003], [78.22, 15.63],
]; // prettier-ignore

export const PLACES: readonly PlainPlace[] = (() => {
  const places: PlainPlace[] = [];
  const next = () => places.length;
  const word = () => WORDS[next() % WORDS.length]!;
  for (const [where, latitude, longitude, count] of AREAS) {
    for (let i = 0; i < count; i++) {
      const [up, aside] = [(((i * 37) % 19) - 9) / 173, (((i * 53) % 23) - 11) / 211];
      const wrapped = longitude + aside > 180 ? longitude + aside - 360 : longitude + aside;
      places.push(place(next(), `Hall ${word()}`, where, latitude + up, wrapped));
    }
  }
  for (const [latitude, longitude] of EDGES) places.push(place(next(), `Edge ${word()}`, ["Edge"], latitude, longitude));
  for (let i = 0; i < 4; i++) places.push(place(next(), `Somewhere ${word()}`, i < 2 ? ["Toronto", "ON", "CA"] : []));
  return places;
})();

export const AGENTS: readonly PlainAgent[] = Array.from({ length: 10 }, (_, n) => ({
  id: idOf(2, n),
  kind: n % 2 === 0 ? "organization" : "person",
  name: `${n % 2 === 0 ? "Company" : "Ada"} ${WORDS[n]}`,
}));

const two = (number: number) => String(number).padStart(2, "0");
/** Absent in one of `freq` cases. */
const sometimes = <T>(arbitrary: fc.Arbitrary<T>, freq = 2) => fc.option(arbitrary, { nil: undefined, freq });
const text = (most: number) =>
  fc.array(fc.constantFrom(...WORDS, "the", "Evening", "of"), { minLength: 1, maxLength: most }).map((words) => words.join(" "));
const venue = fc.oneof({ weight: 4, arbitrary: fc.nat(25) }, { weight: 3, arbitrary: fc.nat(PLACES.length - 1) }).map((n) => PLACES[n]!);

const moment = fc.record({
  zone: fc.constantFrom(...(Object.keys(ZONES) as (keyof typeof ZONES)[])),
  // Most of it within ten weeks, some of it much earlier or later.
  date: fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({ year: fc.constant(2026), month: fc.integer({ min: 4, max: 9 }), day: fc.integer({ min: 1, max: 30 }) }),
    },
    {
      weight: 12,
      arbitrary: fc.record({ year: fc.constant(2026), month: fc.integer({ min: 5, max: 6 }), day: fc.integer({ min: 1, max: 30 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        year: fc.constantFrom(2009, 2019, 2031, 2040),
        month: fc.integer({ min: 4, max: 9 }),
        day: fc.integer({ min: 1, max: 30 }),
      }),
    },
  ),
  minutes: sometimes(fc.oneof(fc.integer({ min: 0, max: 1_439 }), fc.constantFrom(0, 1_080, 1_200, 1_439)), 5),
});
const occurrence = fc.record({ moment, own: sometimes(venue) }).map(({ moment: { zone, date, minutes }, own }): PlainOccurrence => {
  const day = `${date.year}-${two(date.month)}-${two(date.day)}`;
  return {
    start: Date.parse(`${day}T00:00:00Z`) + ((minutes ?? 0) - ZONES[zone]) * 60_000,
    zone,
    day,
    ...(minutes !== undefined && { minutes }),
    ...(own && { place: own }),
  };
});

const money = fc.constantFrom(0, 0, 5, 12.5, 20, 99.99);
const made = fc.record({
  type: fc.constantFrom("Event", "MusicEvent", "ScreeningEvent"),
  name: text(4),
  description: text(12),
  domain: fc.constantFrom(...EVENT_DOMAINS),
  state: fc.oneof({ weight: 7, arbitrary: fc.constant("published" as const) }, { weight: 3, arbitrary: fc.constantFrom(...STATES) }),
  keywords: fc.uniqueArray(fc.constantFrom(...KEYWORDS, ...WORDS.slice(0, 3)), { maxLength: 3 }),
  languages: fc.oneof(fc.constant([]), fc.uniqueArray(fc.constantFrom(...LANGUAGES), { minLength: 1, maxLength: 2 })),
  accessibility: fc.uniqueArray(fc.constantFrom(...FEATURES), { maxLength: 2 }),
  free: sometimes(fc.boolean()),
  price: sometimes(
    fc.record({ low: money, more: money, currency: fc.constantFrom("CAD", "USD", "EUR") }).map(({ low, more, currency }) => ({ low, high: low + more, currency })),
    2,
  ),
  origin: sometimes(fc.constantFrom(...NODES)),
  organizer: sometimes(fc.constantFrom(...AGENTS), 3),
  performers: fc.uniqueArray(fc.constantFrom(...AGENTS), { maxLength: 2 }),
  place: sometimes(venue, 9),
  occurrences: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(occurrence.map(({ place: _, ...one }): PlainOccurrence => one)) },
    { weight: 3, arbitrary: fc.array(occurrence, { minLength: 1, maxLength: 4 }) },
  ),
}); // prettier-ignore

/** The n-th to the (n + count)-th event of this seed. */
export function makeEvents(count: number, seed: number, from = 0): PlainEvent[] {
  return fc.sample(made, { numRuns: count, seed }).map((one, n) => withId(one, from + n));
}
/** What was left out is absent, not undefined. */
const withId = (one: ReturnType<typeof made.generate>["value"], n: number): PlainEvent =>
  Object.fromEntries(Object.entries({ id: idOf(3, n), ...one }).filter(([, value]) => value !== undefined)) as unknown as PlainEvent;

/** Writes nodes, places, organizations and persons, which all made-up events share. */
export async function writeWorld(database: Database): Promise<void> {
  const agents = (kind: PlainAgent["kind"]) => JSON.stringify(AGENTS.filter((one) => one.kind === kind));
  await database.transact(async (tx) => {
    const db = kyselyOf(tx);
    await sql`insert into federation_nodes (id, base_url, name) select (${idOf(4, 0)}::text)::uuid, ${NODES[0]}, 'North' union all select ${idOf(4, 1)}::uuid, ${NODES[1]}, 'South'`.execute(
      db,
    );
    await sql`insert into places (id, match_key, name, locality, region, country, latitude, longitude)
      select id, decode(md5(id::text), 'hex'), name, city, region, country, (spot->>'latitude')::float8, (spot->>'longitude')::float8
      from jsonb_to_recordset(${JSON.stringify(PLACES)}::jsonb) p(id uuid, name text, city text, region text, country text, spot jsonb)`.execute(
      db,
    );
    for (const [table, kind] of [
      ["organizations", "organization"],
      ["persons", "person"],
    ] as const) {
      await sql`insert into ${sql.table(table)} (id, match_key, name) select id, decode(md5(id::text), 'hex'), name
        from jsonb_to_recordset(${agents(kind)}::jsonb) a(id uuid, name text)`.execute(db);
    }
  });
}

/** Writes events as rows, with every trigger awake. */
export async function insertEvents(tx: Tx, events: readonly PlainEvent[]): Promise<void> {
  const db = kyselyOf(tx);
  const ofKind = (agent: PlainAgent | undefined, kind: PlainAgent["kind"]) => (agent?.kind === kind ? agent.id : undefined);
  const rows = events.map(({ organizer, place: at, price, origin, ...event }) => ({
    ...event,
    organization: ofKind(organizer, "organization"),
    person: ofKind(organizer, "person"),
    venue: at?.id,
    ...price,
    node: origin === undefined ? undefined : idOf(4, NODES.indexOf(origin)),
  }));
  await sql`insert into events (id, schema_type, name, description, event_domain, lifecycle_state, deleted_at, keywords, in_language, accessibility_features,
      is_accessible_for_free, price_low, price_high, price_currency, origin_node_id, federation_uri, organizer_id, organizer_person_id, primary_venue_id, virtual_url, content_hash)
    select id, type, name, description, domain, state, case when state = 'deleted' then now() end,
      array(select jsonb_array_elements_text(keywords)), array(select jsonb_array_elements_text(languages)), array(select jsonb_array_elements_text(accessibility)),
      free, low, high, currency, node, case when node is not null then 'https://elsewhere.example/' || id end, organization, person, venue,
      case when venue is null then 'https://stream.example/' || id end, ''
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) e(id uuid, type text, name text, description text, domain text, state text, keywords jsonb, languages jsonb,
      accessibility jsonb, free boolean, low numeric, high numeric, currency text, node uuid, organization uuid, person uuid, venue uuid)`.execute(
    db,
  );
  const occurrences = events.flatMap((event) =>
    event.occurrences.map(({ start, place: at, minutes, zone }, n) => ({
      event: event.id,
      n,
      start: new Date(start).toISOString(),
      zone,
      date: minutes === undefined,
      venue: at?.id,
    })),
  );
  await sql`insert into event_occurrences (id, event_id, sequence_number, start_at, timezone, start_is_date, venue_id)
    select gen_random_uuid(), event, n, start, zone, date, venue
    from jsonb_to_recordset(${JSON.stringify(occurrences)}::jsonb) o(event uuid, n int, start timestamptz, zone text, date boolean, venue uuid)`.execute(
    db,
  );
  const performers = events.flatMap((event) =>
    event.performers.map((agent, n) => ({
      event: event.id,
      n,
      organization: ofKind(agent, "organization"),
      person: ofKind(agent, "person"),
    })),
  );
  await sql`insert into event_performers (event_id, position, organization_id, person_id)
    select event, n, organization, person from jsonb_to_recordset(${JSON.stringify(performers)}::jsonb) p(event uuid, n int, organization uuid, person uuid)`.execute(
    db,
  );
}

/** A database with `count` events of this seed, its statistics made, as it would be after a night. */
export async function fill(database: Database, count: number, seed: number): Promise<PlainEvent[]> {
  await writeWorld(database);
  const events = makeEvents(count, seed);
  for (let from = 0; from < count; from += 500) await database.transact((tx) => insertEvents(tx, events.slice(from, from + 500)));
  await analyze(database);
  return events;
}

export async function analyze(database: Database): Promise<void> {
  await database.transact(async (tx) => void (await sql`analyze`.execute(kyselyOf(tx))));
}
