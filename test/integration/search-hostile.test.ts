/** Hostile searches through a real node's socket: each a bounded page, or a 400 that names the parameter; never a 5xx. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { searchSchema } from "../../src/http/search-schemas.ts";
import { embedEvents } from "../../src/registry/embed-events.ts";
import { ensureSource } from "../../src/registry/sources.ts";
import { submitEvent } from "../../src/registry/submit-event.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { HOSTILE_QUERIES, HOSTILE_WORDS } from "../support/hostile-queries.ts";
import { anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

const SEARCH = "/api/v1/events/search";
const EVENTS = 300;
const MOST_BYTES = 1_000_000;

let node: TestNode;
beforeAll(async () => {
  const embedder = createLexicalHash();
  node = await openTestNode({ embedder });
  await fill(node);
  const openOlder = () => Promise.reject(new Error("there is no older model"));
  await embedEvents({ database: node.database, clock: node.registry.clock, embedder, openOlder, warn: () => undefined });
}, 180_000);
afterAll(() => node[Symbol.asyncDispose]());
afterEach(() => expect(node.log.filter((line) => (line["level"] as number) >= 50)).toEqual([]));

/** Some hundred events at places all over the world, the poles and the antimeridian included. */
async function fill({ database, registry }: TestNode): Promise<void> {
  const of = <T>(list: readonly T[], n: number): T => list[n % list.length]!;
  const source = await database.transact((tx) => ensureSource(registry, tx, { name: "Programme", type: "api", licenseStatus: "cc0" }));
  const documents = Array.from({ length: EVENTS }, (_, n) => {
    const [latitude, longitude] = of(
      [
        [43.65, -79.38],
        [-18, 179.99],
        [-18, -179.99],
        [90, 0],
        [-90, 180],
        [0, 0],
      ] as const,
      n,
    );
    return anEvent({
      "@type": of(["MusicEvent", "TheaterEvent", "Festival", "ScreeningEvent"], n),
      name: `${of(["Free", "Late", "Open", "Grand"], n >> 2)} ${of(["jazz", "music", "theatre", "festival", "film"], n)} ${of(["night", "for kids", "in Toronto", "du soir", "🎷 مساء"], n >> 1)} no. ${n}`,
      startDate: new Date(Date.UTC(2026, 4, 1 + (n % 90), n % 24, (n * 7) % 60)).toISOString(),
      location: {
        "@type": "Place",
        name: `Hall ${n % 30}`,
        address: { "@type": "PostalAddress", addressLocality: of(["Toronto", "Suva", "Nowhere"], n), addressCountry: "CA" },
        geo: { "@type": "GeoCoordinates", latitude, longitude },
      },
      description: "Music, words and pictures. ".repeat(20),
      keywords: [of(["jazz", "kids", "a"], n), "evening"],
      ...(n % 3 === 0 && { isAccessibleForFree: true }),
    });
  });
  for (let from = 0; from < documents.length; from += 50) {
    await database.transact(async (tx) => {
      for (const document of documents.slice(from, from + 50)) {
        const submission = { payload: Buffer.from(JSON.stringify(document)), mediaType: "application/ld+json", document };
        await submitEvent(registry, { actor: "key:test", role: "agent", sourceId: source.id }, tx, submission);
      }
    });
  }
}

/** Asked for exactly these bytes: fetch would mend what is broken. */
const ask = (query: string) => node.ask(`${SEARCH}?${query}`);

async function expectBounded(query: string): Promise<any> {
  const response = await ask(query);
  const text = await response.text();
  expect([response.status, response.status === 200 ? "" : text]).toEqual([200, ""]);
  expect(text.length).toBeLessThan(MOST_BYTES);
  const answer = searchSchema.parse(JSON.parse(text)) as any;
  const limit = Number(new URLSearchParams(query).get("limit") || 20);
  expect(answer.items.length).toBeLessThanOrEqual(limit);
  expect(answer.hits.map((hit: any) => hit["@id"])).toEqual(answer.items.map((item: any) => item["@id"]));
  expect(answer.total.value).toBeGreaterThanOrEqual(0);
  expect(answer.ranked.bound).toBeLessThanOrEqual(2_000);
  return answer;
}

const answered = HOSTILE_QUERIES.filter(({ refused }) => refused === undefined);
const refused = HOSTILE_QUERIES.filter(({ refused }) => refused !== undefined);

describe("a bounded answer to", () => {
  test.each(answered.map(({ name, query }) => [name, query] as const))("%s", async (_, query) => {
    const answer = await expectBounded(query);
    expect(answer.next_cursor === null || answer.next_cursor.length <= 12_000).toBe(true);
  });

  test.each(HOSTILE_WORDS)("meaning: %s", async (_, q) => {
    expect(await expectBounded(new URLSearchParams({ q, mode: "semantic" }).toString())).toBeTypeOf("object");
  });

  test("words that are in no event's name, each finding nothing but what has them", async () => {
    expect((await expectBounded("q=drop+table&strict=true")).items).toEqual([]);
    expect((await expectBounded("q=jazz&strict=true")).items.length).toBeGreaterThan(0);
    expect((await expectBounded("q=%27%3B+drop+table+events%3B+--")).mode).toBeTypeOf("string");
    expect((await jsonOf(node.ask("/api/v1/events?limit=1"))).items).toHaveLength(1);
  });
});

test("what is refused is no bounded answer", async () => {
  await expect(expectBounded("limit=0")).rejects.toThrow("to deeply equal [ 200");
});

describe("a refusal, naming the parameter, of", () => {
  test.each(refused.map(({ name, query, refused: parameter }) => [name, parameter!, query] as const))("%s", async (_, parameter, query) => {
    const response = await ask(query);
    const problem = await jsonOf(response);
    expect([response.status, ["invalid_query", "invalid_cursor"].includes(problem.code), problem.errors?.[0].pointer]).toEqual([
      400,
      true,
      `/${parameter.replaceAll("/", "~1")}`,
    ]);
    expect(problem.detail.startsWith(`${parameter}: `)).toBe(true);
    expect(problem.detail.length).toBeLessThan(2_000);
  });

  test("an address that no request line holds", async () => {
    expect((await ask(`q=${"x".repeat(20_000)}`)).status).toBe(431);
  });
});

describe("places at the edges of the map", () => {
  const cities = async (query: string) =>
    new Set((await expectBounded(`${query}&limit=100&facets=city`)).facets.city.map((one: any) => one.value));

  test("lie within circles and boxes that go over the antimeridian", async () => {
    const both = await expectBounded("near=-18,180&radius=5000&limit=100&sort=distance");
    expect(both.total.value).toBe(EVENTS / 3);
    expect((await expectBounded("near=-18,-180&radius=5000&limit=1")).total.value).toBe(EVENTS / 3);
    expect((await expectBounded("bbox=179.9,-19,-179.9,-17&limit=1")).total.value).toBe(EVENTS / 3);
    expect(await cities("bbox=179.9,-19,-179.9,-17")).toEqual(await cities("near=-18,180"));
  });

  test("lie round the poles on every meridian", async () => {
    for (const longitude of [0, 90, 180, -180, -33.3]) {
      expect((await expectBounded(`near=89.99,${longitude}&radius=5000&limit=1`)).total.value).toBe(EVENTS / 6);
      expect((await expectBounded(`near=-90,${longitude}&radius=1&limit=1`)).total.value).toBe(EVENTS / 6);
    }
  });
});

describe("a cursor", () => {
  const bases = ["q=jazz", "q=jazz&mode=lexical", "sort=start", "near=0,0&radius=200000&sort=distance"];

  test.each(bases)("of %s with any bit changed is refused, or goes on within bounds", async (base) => {
    const { next_cursor: cursor } = await expectBounded(`${base}&limit=3`);
    const bytes = Buffer.from(cursor, "base64url");
    const step = Math.max(1, Math.floor(bytes.length / 40));
    const statuses = new Set<number>();
    for (let index = 0; index < bytes.length; index += step) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1 << (index % 8);
      const query = `${base}&limit=3&after=${changed.toString("base64url")}`;
      const response = await ask(query);
      statuses.add(response.status);
      if (response.status === 200) await expectBounded(query);
      else expect((await jsonOf(response)).code).toBe("invalid_cursor");
    }
    expect(statuses.has(400)).toBe(true);
    expect([...statuses].filter((status) => status !== 200 && status !== 400)).toEqual([]);
  });

  test("made up to name a stretch without ends goes on within bounds", async () => {
    const { next_cursor: cursor } = await expectBounded("sort=start&limit=3");
    const [hash, position] = JSON.parse(Buffer.from(cursor, "base64url").toString()) as [string, object];
    for (const walk of [
      { backwards: false, size: 5 },
      { backwards: true, size: 5 },
    ]) {
      const forged = Buffer.from(JSON.stringify([hash, { ...position, walk }])).toString("base64url");
      expect((await expectBounded(`sort=start&limit=3&after=${forged}`)).items.length).toBeLessThanOrEqual(3);
    }
  });

  test("cut short, doubled or of another search is refused", async () => {
    const cursors = await Promise.all(bases.map(async (base) => (await expectBounded(`${base}&limit=3`)).next_cursor as string));
    for (const [index, base] of bases.entries()) {
      const foreign = cursors[(index + 1) % cursors.length]!;
      const own = cursors[index]!;
      for (const cursor of [foreign, own.slice(0, -7), own + own, own.slice(4)]) {
        const response = await ask(`${base}&limit=3&after=${cursor}`);
        expect([base, response.status, (await jsonOf(response)).code]).toEqual([base, 400, "invalid_cursor"]);
      }
    }
  });

  test.each(["sort=start&startDate=2026-05-01", "q=jazz+OR+music+OR+film", "near=-18,180&radius=100000&sort=distance"])(
    "of %s leads through everything one by one, however deep",
    async (base) => {
      const { total } = await expectBounded(`${base}&limit=1`);
      const seen: string[] = [];
      for (let after = ""; ;) {
        const page = await expectBounded(`${base}&limit=7&highlight=false${after}`);
        seen.push(...page.items.map((item: any) => item["@id"]));
        if (page.next_cursor === null) break;
        expect(seen.length).toBeLessThan(EVENTS);
        after = `&after=${page.next_cursor}`;
      }
      expect(new Set(seen).size).toBe(seen.length);
      if (total.relation === "exact") expect(seen.length).toBe(total.value);
      else expect(seen.length).toBeGreaterThan(50);
    },
  );
});
