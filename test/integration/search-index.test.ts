/**
 * The search index is right by construction: whatever changes an event, through the registry or in psql, the next search
 * after the commit knows it; making the index anew never finds anything to change; and no search by meaning gives fewer
 * than there are.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureModel, serveModel, storeVectors } from "../../src/db/embeddings.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { readHead } from "../../src/db/search-ranked.ts";
import { createVectorIndex } from "../../src/db/vector-index.ts";
import type { Database, Tx } from "../../src/db/database.ts";
import type { Embedder } from "../../src/domain/embedder.ts";
import { isPublic, LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import type { Caller } from "../../src/registry/context.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { criteriaOf } from "../../src/search/criteria.ts";
import { BOUNDS } from "../../src/search/bounds.ts";
import { createSearch, type Search } from "../../src/search/search.ts";
import type { SearchFilters, SearchHit } from "../../src/search/request.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";
import { fill } from "../support/search-made.ts";

const PUBLIC = LIFECYCLE_STATES.filter(isPublic);
const ADMIN: Caller = { actor: "key:root", role: "admin" };

let on: TestRegistry;
let rex: Caller;
let search: Search;
beforeAll(async () => {
  on = await openTestRegistry("America/Toronto");
  rex = await on.source("rex");
  search = createSearch({ database: on.registry.database, clock: on.registry.clock, toVector: () => Promise.resolve(undefined) });
}, 120_000);
afterAll(() => on?.[Symbol.asyncDispose]());

const asked = (q: string | undefined, filters: Partial<SearchFilters>) => ({
  ...(q !== undefined && { q }),
  filters: { states: PUBLIC, ...filters },
  mode: "lexical" as const,
  sort: "start" as const,
  limit: 50,
  bound: {},
  facets: [],
  explain: false,
  highlight: true,
  timezone: "America/Toronto",
  strict: true,
});
async function hits(q: string | undefined, filters: Partial<SearchFilters> = {}): Promise<SearchHit[]> {
  return (await search.find(asked(q, filters))).hits;
}
const found = async (q: string | undefined, filters: Partial<SearchFilters> = {}) => (await hits(q, filters)).map(({ event }) => event.id);
/** As somebody would in psql. */
const change = (...statements: ReturnType<typeof sql>[]) =>
  on.registry.database.transact(async (tx) => {
    for (const statement of statements) await statement.execute(kyselyOf(tx));
  });

let made = 0;
/** A concert with a venue, an organizer and a performer of its own; their names end with its word. */
async function newConcert(word: string, changes: object = {}) {
  const n = made++;
  const { eventId } = await on.submit(
    rex,
    concert({
      name: `Concert ${word}`,
      startDate: `2026-06-${String(1 + (n % 28)).padStart(2, "0")}T20:00:00-04:00`,
      endDate: undefined,
      keywords: [`key${word}`],
      description: `About ${word}.`,
      location: {
        "@type": "Place",
        name: `Hall ${word}`,
        address: { "@type": "PostalAddress", addressLocality: "Toronto", addressCountry: "CA" },
      },
      organizer: { "@type": "Organization", name: `Society ${word}` },
      performer: [{ "@type": "Person", name: `Singer ${word}` }],
      ...changes,
    }),
  );
  const event = await on.event(eventId);
  return { id: eventId, venue: event.location!.id, organizer: event.organizer!.id, performer: event.performer![0]!.id };
}

describe("the next search after a commit", () => {
  test.each(["places", "organizations", "persons"] as const)(
    "knows the new name of one of the %s, and no longer the old one",
    async (table) => {
      const one = await newConcert(`before${table}`);
      const id = { places: one.venue, organizations: one.organizer, persons: one.performer }[table];
      const old = { places: "Hall", organizations: "Society", persons: "Singer" }[table];
      expect(await found(`"${old} before${table}"`)).toEqual([one.id]);
      await change(sql`update ${sql.table(table)} set name = ${`Renamed after${table}`} where id = ${id}::uuid`);
      expect(await found(`"renamed after${table}"`)).toEqual([one.id]);
      expect(await found(`"${old} before${table}"`)).toEqual([]);
    },
  );

  test("knows the words of a taken-down description no longer: not by search, suggestion or highlight", async () => {
    const { id } = await newConcert("takenaway", { description: "Slanderous gossipmonger" });
    expect((await hits("slanderous"))[0]?.highlights.description).toContainEqual({ text: "Slanderous", marked: true });
    await change(sql`update events set takedown_at = now(), takedown_reason = 'asked' where id = ${id}::uuid`);
    expect(await found("slanderous")).toEqual([]);
    expect(await search.suggest("sland", 10)).toEqual([]);
    const [hit] = await hits("takenaway OR gossipmonger");
    expect([hit?.event.description, hit?.highlights.description, hit?.highlights.name?.some(({ marked }) => marked)]).toEqual([
      undefined,
      undefined,
      true,
    ]);
  });

  test("finds neither what was deleted, nor what was withdrawn unless it is asked for, nor what was merged into another", async () => {
    const [gone, hidden, double, kept] = [
      await newConcert("goneword"),
      await newConcert("hiddenword"),
      await newConcert("doubleword"),
      await newConcert("keptword"),
    ];
    await change(
      sql`update events set lifecycle_state = 'deleted', deleted_at = now() where id = ${gone.id}::uuid`,
      sql`update events set merged_into_id = ${kept.id}::uuid where id = ${double.id}::uuid`,
    );
    await on.registry.database.transact((tx) => setLifecycle(on.registry, ADMIN, tx, { eventId: hidden.id, state: "withdrawn" }));
    for (const word of ["goneword", "hiddenword", "doubleword"]) {
      expect(await found(word)).toEqual([]);
      expect((await search.suggest(`concert ${word}`, 10)).filter(({ kind }) => kind === "event")).toEqual([]);
    }
    expect(await found("goneword", { states: LIFECYCLE_STATES })).toEqual([]);
    expect(await found("hiddenword", { states: ["withdrawn"] })).toEqual([hidden.id]);
    expect(await found("keptword")).toEqual([kept.id]);
  });

  test("suggests no word of what was never public, and a deleted one's only until the nightly count", async () => {
    const { id } = await newConcert("openly");
    await change(sql`update events set name = 'Clandestine', lifecycle_state = 'draft' where id = ${id}::uuid`);
    const words = async (begun: string) => (await search.suggest(begun, 10)).filter(({ kind }) => kind === "word").map(({ text }) => text);
    expect([await words("cland"), await words("openl")]).toEqual([[], ["openly"]]);
    await change(
      sql`update places set name = 'Elsewhere' where name like '%openly'`,
      sql`update organizations set name = 'Nobody' where name like '%openly'`,
      sql`update persons set name = 'Anybody' where name like '%openly'`,
      sql`select count_words()`,
    );
    expect(await words("openl")).toEqual([]);
    await change(sql`update events set lifecycle_state = 'published' where id = ${id}::uuid`);
    expect(await words("cland")).toEqual(["clandestine"]);
  });

  test("reads a text by its language from then on", async () => {
    const { id } = await newConcert("stemming", { description: "Des chansons nouvelles", inLanguage: "en" });
    expect(await found("chanson", { venue: { id: (await on.event(id)).location!.id } })).toEqual([id]);
    expect(await found("nouvelle stemming")).toEqual([id]);
    await change(sql`update events set in_language = '{ja}' where id = ${id}::uuid`);
    expect([await found("nouvelle stemming"), await found("nouvelles stemming"), await found("stemming", { language: "ja" })]).toEqual([
      [],
      [id],
      [id],
    ]);
    await change(sql`update events set in_language = '{fr-CA}' where id = ${id}::uuid`);
    expect([await found("nouvelle stemming"), await found("stemming", { language: "fr" })]).toEqual([[id], [id]]);
  });

  test("knows a new occurrence, its day and its own venue; each filter asks of the same occurrence", async () => {
    const { id, venue } = await newConcert("twice");
    const other = await newConcert("elsewhere", {
      location: {
        "@type": "Place",
        name: "Hafenhalle",
        address: { "@type": "PostalAddress", addressLocality: "Hamburg", addressCountry: "DE" },
        geo: { "@type": "GeoCoordinates", latitude: 53.55, longitude: 10 },
      },
    });
    const near = { latitude: 53.55, longitude: 10, radius: 1_000 };
    expect(await found("twice", { near })).toEqual([]);
    await change(sql`insert into event_occurrences (id, event_id, sequence_number, start_at, timezone, venue_id)
      values (gen_random_uuid(), ${id}::uuid, 1, '2026-09-20T18:00:00Z', 'Europe/Berlin', ${other.venue}::uuid)`);
    const september = { startDate: "2026-09-01", endDate: "2026-09-30" };
    for (const there of [{ near }, { city: "hamburg" }, { country: "de" }, { venue: { id: other.venue } }]) {
      const [hit] = await hits("twice", there);
      expect([hit?.event.id, hit?.localDate]).toEqual([id, "2026-09-20"]);
      expect(await found("twice", { ...there, ...september })).toEqual([id]);
      expect(await found("twice", { ...there, endDate: "2026-08-31" })).toEqual([]);
    }
    for (const here of [{ city: "Toronto" }, { venue: { id: venue } }]) {
      expect(await found("twice", { ...here, ...september })).toEqual([]);
      expect(await found("twice", { ...here, endDate: "2026-08-31" })).toEqual([id]);
    }
  });

  test("knows where an event came from", async () => {
    const { id } = await newConcert("faraway");
    await change(
      sql`insert into federation_nodes (id, base_url, name, trust_level) values ('00000000-0000-4000-8000-00000000000a', 'https://Peer.example', 'Peer', 3)`,
      sql`update events set origin_node_id = '00000000-0000-4000-8000-00000000000a', federation_uri = 'https://Peer.example/events/1' where id = ${id}::uuid`,
    );
    expect([await found("faraway", { origin: "local" }), await found("faraway", { origin: "https://peer.example" })]).toEqual([[], [id]]);
    expect((await hits("faraway"))[0]?.origin).toEqual({ node: "https://Peer.example", trust: 3 });
  });

  test("knows nothing of what was rolled back", async () => {
    const { id } = await newConcert("standing");
    const failing = on.registry.database.transact(async (tx: Tx) => {
      await sql`update events set name = 'Unthinkable' where id = ${id}::uuid`.execute(kyselyOf(tx));
      await sql`set constraints all immediate`.execute(kyselyOf(tx));
      const { rows } = await sql`select from event_search where event_id = ${id}::uuid and name = 'unthinkable'`.execute(kyselyOf(tx));
      expect(rows).toHaveLength(1);
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect([await found("unthinkable"), await found('"concert standing"'), await search.suggest("unthink", 5)]).toEqual([[], [id], []]);
  });

  test("finds no phrase that reaches from one text or reading into the next", async () => {
    const { id } = await newConcert("phrasing", { name: "Alpine bells phrasing", keywords: ["quartz", "lantern"] });
    expect(await found('"alpine bells phrasing"')).toEqual([id]);
    for (const never of ['"phrasing alpine"', '"phrasing quartz"', '"quartz lantern"', '"lantern singer"'])
      expect(await found(never)).toEqual([]);
  });
});

describe("the index", () => {
  const rows = async (database: Database) =>
    (
      await database.read((reader) =>
        sql`select event_id, public, language, words::text, tags, name, indexed_at::text from event_search order by event_id`.execute(
          kyselyOf(reader),
        ),
      )
    ).rows;
  const anew = (database: Database) =>
    database.transact(async (tx) => {
      await sql`truncate embedding_queue`.execute(kyselyOf(tx));
      await sql`select index_events(array(select id from events order by md5(id::text)))`.execute(kyselyOf(tx));
      return (await sql`select from embedding_queue`.execute(kyselyOf(tx))).rows.length;
    });

  test("made anew is as it was, after whatever was written", async () => {
    const { database } = on.registry;
    const ids = await Promise.all(Array.from({ length: 8 }, async (_, n) => (await newConcert(`random${n}`)).id));
    const places = (
      await database.read((reader) => sql<{ id: string }>`select id from places order by id`.execute(kyselyOf(reader)))
    ).rows.map(({ id }) => id);
    const pick = (of: readonly string[], n: number) => of[n % of.length]!;
    const statements: ((n: number) => ReturnType<typeof sql>)[] = [
      (n) =>
        sql`update places set name = ${`Place ${n % 7}`}, latitude = ${n % 80}, longitude = ${n % 170} where id = ${pick(places, n)}::uuid`,
      (n) =>
        sql`update organizations set name = ${`Society ${n % 5}`} where id in (select organizer_id from events where id = ${pick(ids, n)}::uuid)`,
      (n) =>
        sql`update persons set name = ${`Person ${n % 5}`} where id in (select person_id from event_performers where event_id = ${pick(ids, n)}::uuid)`,
      (n) =>
        sql`update events set name = ${`Name ${n % 9}`}, keywords = ${[`K${n % 3}`, `k${n % 4}`]}::text[], in_language = ${n % 3 === 0 ? [] : ["fr", "en"].slice(n % 2)}::text[] where id = ${pick(ids, n)}::uuid`,
      (n) =>
        sql`update events set primary_venue_id = ${pick(places, n)}::uuid, price_low = ${n % 3}, price_high = ${n % 3} where id = ${pick(ids, n >> 3)}::uuid`,
      (n) =>
        sql`update event_occurrences set venue_id = ${n % 2 === 0 ? null : pick(places, n)}::uuid, start_at = start_at + interval '1 day' where event_id = ${pick(ids, n)}::uuid`,
      (
        n,
      ) => sql`insert into event_occurrences (id, event_id, sequence_number, start_at, timezone, venue_id) select gen_random_uuid(), ${pick(ids, n)}::uuid,
        coalesce(max(sequence_number), -1) + 1, '2026-08-01T10:00:00Z', 'Asia/Tokyo', ${pick(places, n >> 2)}::uuid from event_occurrences where event_id = ${pick(ids, n)}::uuid`,
      (n) => sql`delete from event_performers where event_id = ${pick(ids, n)}::uuid`,
      (n) =>
        sql`update events set takedown_at = ${n % 2 === 0 ? null : "2026-05-01T00:00:00Z"}::timestamptz where id = ${pick(ids, n)}::uuid`,
      (n) =>
        sql`update events set lifecycle_state = ${["published", "withdrawn", "cancelled"][n % 3]!} where id = ${pick(ids, n)}::uuid and lifecycle_state <> 'deleted'`,
      (n) => sql`update events set merged_into_id = ${n % 3 === 0 ? pick(ids, n + 1) : null}::uuid where id = ${pick(ids, n)}::uuid`,
      (n) => sql`update events set lifecycle_state = 'deleted', deleted_at = now() where id = ${pick(ids, n)}::uuid and ${n % 5 === 0}`,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(statements.length - 1), fc.nat(10_000)), { minLength: 1, maxLength: 6 }),
        async (sequence) => {
          await change(...sequence.map(([which, n]) => statements[which]!(n)));
          const before = await rows(database);
          expect(await anew(database)).toBe(0);
          expect(await rows(database)).toEqual(before);
        },
      ),
      { numRuns: 40, seed: 17 },
    );
  }, 120_000);

  test("that was tampered with is mended (the control)", async () => {
    const { id } = await newConcert("tampered");
    await change(sql`update event_search set name = 'wrong' where event_id = ${id}::uuid`);
    const before = await rows(on.registry.database);
    expect(await anew(on.registry.database)).toBe(1);
    expect(await rows(on.registry.database)).not.toEqual(before);
  });
});

describe("by meaning", () => {
  const DIMENSIONS = 8;
  let test_: TestDatabase;
  let model: { id: number };
  /** Further and further from the first axis. */
  const vectorOf = (n: number) =>
    Float32Array.from({ length: DIMENSIONS }, (_, i) => (i === 0 ? Math.cos(n / 1_000) : i === 1 + (n % 7) ? Math.sin(n / 1_000) : 0));
  const axis = `[1${",0".repeat(DIMENSIONS - 1)}]`;
  beforeAll(async () => {
    test_ = await openTestDatabase();
    const { database } = test_;
    const events = await fill(database, 1_500, 9);
    const embedder = { provider: "test", model: "angles", version: "1", dimensions: DIMENSIONS, config: "test" } as Embedder;
    await database.transact(async (tx) => {
      const { id } = await ensureModel(tx, embedder);
      model = { id };
      await storeVectors(
        tx,
        id,
        events.map(({ id: eventId }, n) => ({ eventId, sourceHash: Buffer.alloc(32), vector: vectorOf(n) })),
        "replace",
      );
      await serveModel(tx, id);
    });
    await createVectorIndex(database, { ...embedder, id: model.id, status: "serving" });
  }, 240_000);
  afterAll(() => test_?.[Symbol.asyncDispose]());

  /** An index that gives up at once. */
  const impatient = (database: Database): Database => ({
    ...database,
    read: (work) =>
      database.transact(async (tx) => {
        await sql`select set_config('hnsw.max_scan_tuples', '1', true), set_config('hnsw.ef_search', '20', true), set_config('enable_sort', 'off', true)`.execute(
          kyselyOf(tx),
        );
        return work(tx);
      }),
  });
  const filters = { states: PUBLIC, city: "edge", language: "fr" };

  test("there are never fewer than were asked for, when there are so many, however few pass and however soon the index gives up", async () => {
    const meaning = { modelId: model.id, dimensions: DIMENSIONS, vector: axis };
    const finds = createSearch({
      database: impatient(test_.database),
      clock: on.registry.clock,
      toVector: () => Promise.resolve(meaning),
      bounds: { ...BOUNDS, few: 1 },
    });
    const request = { ...asked("anything", filters), mode: "semantic" as const, sort: "relevance" as const };
    const passing = await createSearch({
      database: test_.database,
      clock: on.registry.clock,
      toVector: () => Promise.resolve(undefined),
    }).find({ ...asked(undefined, filters), limit: 200 });
    const k = Math.min(50, passing.hits.length);
    expect(k).toBeGreaterThan(10);
    for (const limit of [1, 5, k]) expect((await finds.find({ ...request, limit })).hits).toHaveLength(limit);
    // The control: what the index alone gives.
    const alone = await impatient(test_.database).read(async (reader) =>
      readHead(
        reader,
        {
          meaning: {
            wanted: await criteriaOf(reader, filters, 0),
            meaning: { ...meaning, exactly: false },
            weight: 1,
            least: -1,
            floor: 0,
            depth: k,
          },
        },
        2_000,
      ),
    );
    expect(alone.rows.length).toBeLessThan(k);
  });
});
