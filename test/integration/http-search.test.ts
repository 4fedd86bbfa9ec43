/** Search over HTTP: one small town's programme, found by words, place, time, price and meaning. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchSchema, similarSchema, suggestionsSchema } from "../../src/http/search-schemas.ts";
import type { Database } from "../../src/db/database.ts";
import { embedEvents } from "../../src/registry/embed-events.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { createSearch } from "../../src/search/search.ts";
import { openTestDatabase } from "../support/db.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

const SEARCH = "/api/v1/events/search";
const at = (name: string, latitude: number, longitude: number, city = "Toronto") => ({
  "@type": "Place",
  name,
  address: { "@type": "PostalAddress", addressLocality: city, addressCountry: "CA" },
  geo: { "@type": "GeoCoordinates", latitude, longitude },
});
const price = (amount: string, currency = "CAD") => ({ "@type": "Offer", price: amount, priceCurrency: currency });

const PROGRAMME = [
  {
    name: "Free Jazz at the Lantern",
    startDate: "2026-05-08T21:00:00-04:00",
    endDate: "2026-05-08T23:30:00-04:00",
    location: at("The Lantern", 43.6505, -79.3886),
    isAccessibleForFree: true,
    inLanguage: "en",
    keywords: ["jazz", "improvised"],
    description: "An evening of improvised music; bring your horn.",
  },
  {
    name: "Jazz brunch",
    startDate: "2026-05-10T11:00:00-04:00",
    location: at("Riverside Hall", 43.66, -79.35),
    offers: price("35.00"),
    inLanguage: "en",
  },
  {
    name: "Concert de jazz sous les étoiles",
    startDate: "2026-05-09T20:00:00-04:00",
    location: at("Théâtre du Parc", 45.52, -73.58, "Montréal"),
    offers: price("20.00"),
    inLanguage: "fr",
  },
  {
    "@type": "ChildrensEvent",
    name: "Pottery for children",
    startDate: "2026-05-09T14:00:00-04:00",
    location: at("Kensington Studio", 43.6547, -79.4005),
    offers: price("12.50"),
    accessibilityFeature: ["wheelchair", "sign language"],
  },
  {
    "@type": "ScreeningEvent",
    name: "Midnight pictures",
    startDate: "2026-05-08T23:45:00-04:00",
    location: at("The Lantern", 43.6505, -79.3886),
    offers: price("10.00", "USD"),
  },
  {
    "@type": "VisualArtsEvent",
    name: "Lagoon lights",
    startDate: "2026-05-16",
    location: at("Far Reef", -17, 179.95, "Taveuni"),
  },
];

let node: TestNode;
let agent: string;
const uris = new Map<string, string>();
beforeAll(async () => {
  const embedder = createLexicalHash();
  node = await openTestNode({ embedder });
  agent = await node.key("agent");
  for (const event of PROGRAMME) {
    const response = await node.ask("/api/v1/events", {
      key: agent,
      body: anEvent({ organizer: { "@type": "Organization", name: "Lantern Society" }, ...event }),
    });
    uris.set(event.name, response.headers.get("location")!);
  }
  const openOlder = () => Promise.reject(new Error("there is no older model"));
  await embedEvents({ database: node.database, clock: node.registry.clock, embedder, openOlder, warn: () => undefined });
});
afterAll(() => node[Symbol.asyncDispose]());

const search = async (query: string, key = "") => searchSchema.parse(await jsonOf(node.ask(`${SEARCH}?${query}`, { key }))) as any;
const names = async (query: string): Promise<string[]> => (await search(query)).items.map((item: any) => item.name);
const idOf = (name: string) => uris.get(name)!.split("/").at(-1)!;

describe("an answer", () => {
  test("has the events as they are, and beside each why it is there", async () => {
    const response = await node.ask(`${SEARCH}?q=lantern+jazz&mode=lexical&strict=true`);
    expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
      200,
      "application/json",
      "no-cache",
    ]);
    const { items, hits, ...rest } = searchSchema.parse(await jsonOf(response)) as any;
    expect(items[0]).toEqual(await jsonOf(node.ask(`/api/v1/events/${idOf("Free Jazz at the Lantern")}`)));
    expect(hits[0]).toMatchObject({
      "@id": items[0]["@id"],
      occurrence: { startDate: "2026-05-08T21:00:00-04:00", endDate: "2026-05-08T23:30:00-04:00", timezone: "America/Toronto" },
      legs: [{ leg: "words", rank: 1 }],
      matched: expect.arrayContaining(["jazz", "lantern"]),
    });
    expect(hits).toHaveLength(items.length);
    expect(rest).toMatchObject({
      next_cursor: null,
      total: { relation: "exact", value: items.length },
      mode: "lexical",
      ranked: { complete: true },
    });
  });

  test("marks what matched in plain pieces that make up the text again", async () => {
    const { hits } = await search("q=improvised+jazz&mode=lexical");
    const { name, description } = hits[0].highlights;
    expect(name.map(({ text }: any) => text).join("")).toBe("Free Jazz at the Lantern");
    expect(name.filter(({ marked }: any) => marked).map(({ text }: any) => text)).toEqual(["Jazz"]);
    expect(description.some(({ text, marked }: any) => marked && text === "improvised")).toBe(true);
    expect((await search("q=jazz&mode=lexical&highlight=false")).hits[0].highlights).toEqual({});
  });

  test("says which words it looked for instead of misspelt ones; strictly, it finds nothing", async () => {
    const { results_for: instead, items } = await search("q=potery&mode=lexical");
    expect([instead, items[0].name]).toEqual(["pottery", "Pottery for children"]);
    expect(await names("q=potery&mode=lexical&strict=true")).toEqual([]);
  });

  test("says when events have only some of the words", async () => {
    const { relaxed, items } = await search("q=pottery+accordion+tapestry&mode=lexical");
    expect([relaxed, items[0].name]).toEqual([true, "Pottery for children"]);
    expect("relaxed" in (await search("q=pottery&mode=lexical"))).toBe(false);
  });

  test("explains itself on demand", async () => {
    expect((await search("q=jazz&explain=true")).explain).toBeTypeOf("object");
    expect("explain" in (await search("q=jazz"))).toBe(false);
  });

  test("counts what there is", async () => {
    const { facets } = await search("facets=city,language,free&limit=1");
    expect(Object.keys(facets)).toEqual(["city", "language", "free"]);
    expect(facets.city).toContainEqual({ value: "toronto", count: 4 });
    expect("facets" in (await search(""))).toBe(false);
  });

  test("names the leg that found it by meaning", async () => {
    const { mode, hits } = await search("q=jazz+concert&mode=semantic");
    expect(mode).toBe("semantic");
    expect(hits[0].legs[0]).toMatchObject({ leg: "meaning", rank: 1, similarity: expect.closeTo(0.5, 0) });
    expect((await search("q=jazz&mode=hybrid")).mode).toBe("hybrid");
  });
});

describe("a filter", () => {
  test.each([
    ["q=jazz&strict=true", ["Concert de jazz sous les étoiles", "Free Jazz at the Lantern", "Jazz brunch"]],
    ["q=jazz+-brunch&strict=true", ["Concert de jazz sous les étoiles", "Free Jazz at the Lantern"]],
    ['q="jazz+brunch"', ["Jazz brunch"]],
    ["q=pottery+OR+pictures&strict=true", ["Midnight pictures", "Pottery for children"]],
    ["q=etoiles&strict=true", ["Concert de jazz sous les étoiles"]],
    ["dayOfWeek=SA", ["Concert de jazz sous les étoiles", "Lagoon lights", "Pottery for children"]],
    ["dayOfWeek=Friday&hours=23-02", ["Midnight pictures"]],
    ["hours=10:00-15:00", ["Jazz brunch", "Pottery for children"]],
    ["hours=0-24&dayOfWeek=Saturday", ["Concert de jazz sous les étoiles", "Pottery for children"]],
    ["maxPrice=15&currency=CAD", ["Free Jazz at the Lantern", "Pottery for children"]],
    ["minPrice=15", ["Concert de jazz sous les étoiles", "Jazz brunch"]],
    ["minPrice=1&currency=USD", ["Midnight pictures"]],
    ["free=true", ["Free Jazz at the Lantern"]],
    ["accessibility=Wheelchair,sign%20language", ["Pottery for children"]],
    ["accessibility=wheelchair,hearing%20loop", []],
    ["language=FR", ["Concert de jazz sous les étoiles"]],
    ["origin=https://elsewhere.example", []],
    ["origin=local&city=toronto&domain=music", ["Free Jazz at the Lantern", "Jazz brunch"]],
    ["near=43.6505,-79.3886&radius=500", ["Free Jazz at the Lantern", "Midnight pictures"]],
    ["near=-17,-179.98&radius=20000", ["Lagoon lights"]],
    ["bbox=179,-20,-179,-10", ["Lagoon lights"]],
    [
      "polygon=-79.41,43.64;-79.38,43.64;-79.38,43.66;-79.41,43.66",
      ["Free Jazz at the Lantern", "Midnight pictures", "Pottery for children"],
    ],
    ["startDate=2026-05-09&endDate=2026-05-09", ["Concert de jazz sous les étoiles", "Pottery for children"]],
    ["startDate=2026-05-09&tz=Europe/Berlin&endDate=2026-05-09", ["Free Jazz at the Lantern", "Midnight pictures", "Pottery for children"]],
    ["keywords=improvised", ["Free Jazz at the Lantern"]],
  ])("%s", async (query, expected) => expect((await names(query)).toSorted()).toEqual(expected));

  test("of state is for admins where it is not public", async () => {
    expect((await node.ask(`${SEARCH}?state=draft`)).status).toBe(403);
    expect((await search("state=draft", ADMIN_KEY)).items).toEqual([]);
  });
});

describe("an order", () => {
  test("is by start without words, by whatever is asked for with them", async () => {
    expect((await names("startDate=2026-05-08"))[0]).toBe("Free Jazz at the Lantern");
    expect((await names("sort=-start"))[0]).toBe("Lagoon lights");
    expect(await names("q=jazz&sort=start&strict=true")).toEqual([
      "Free Jazz at the Lantern",
      "Concert de jazz sous les étoiles",
      "Jazz brunch",
    ]);
  });

  test("may be by distance, which each hit then tells", async () => {
    const { items, hits } = await search("near=43.66,-79.35&radius=10000&sort=distance");
    expect(items.map((item: any) => item.name)).toEqual(["Jazz brunch", ...items.slice(1).map((item: any) => item.name)]);
    const distances = hits.map(({ distance }: any) => distance);
    expect(distances).toEqual(distances.toSorted((a: number, b: number) => a - b));
    expect([distances[0], distances.length]).toEqual([0, 4]);
  });

  test.each([
    "sort=start",
    "sort=-start",
    "q=jazz",
    "q=jazz&mode=lexical",
    "q=jazz&mode=hybrid",
    "near=43.65,-79.38&radius=100000&sort=distance",
  ])("by %s goes on page after page, with none twice and none left out", async (query) => {
    const all = await names(query);
    const paged: string[] = [];
    for (let cursor = "", pages = 0; pages <= all.length; pages++) {
      const page = await search(`${query}&limit=1${cursor === "" ? "" : `&after=${cursor}`}`);
      paged.push(...page.items.map((item: any) => item.name));
      if (page.next_cursor === null) break;
      cursor = page.next_cursor;
    }
    expect(paged).toEqual(all);
    expect(new Set(paged).size).toBe(paged.length);
  });
});

describe("a cursor", () => {
  test("belongs to its search, and to what is told besides it in any form", async () => {
    const { next_cursor: cursor } = await search("q=jazz&sort=start&limit=1");
    expect((await node.ask(`${SEARCH}?q=jazz&sort=start&limit=2&facets=city&explain=true&highlight=false&after=${cursor}`)).status).toBe(
      200,
    );
    for (const other of ["q=brunch&sort=start", "q=jazz", "q=jazz&sort=start&city=Toronto", "q=jazz&sort=start&strict=true"]) {
      const response = await node.ask(`${SEARCH}?${other}&after=${cursor}`);
      expect([other, response.status, (await jsonOf(response)).code]).toEqual([other, 400, "invalid_cursor"]);
    }
  });

  test("of the list of events is none of search, nor the other way round", async () => {
    const ofSearch = (await search("q=jazz&sort=start&mode=lexical&strict=true&limit=1")).next_cursor;
    const ofList = (await jsonOf(node.ask("/api/v1/events?q=jazz&sort=start&limit=1"))).next_cursor;
    const elsewhere = [`${SEARCH}?q=jazz&sort=start&after=${ofList}`, `/api/v1/events?q=jazz&sort=start&after=${ofSearch}`];
    expect(await Promise.all(elsewhere.map(async (path) => (await jsonOf(node.ask(path))).code))).toEqual([
      "invalid_cursor",
      "invalid_cursor",
    ]);
  });
});

describe("the list of events", () => {
  const list = async (query: string) => jsonOf(node.ask(`/api/v1/events?${query}`));

  test("may be of those that have the words, by start, page after page", async () => {
    const all = ["Free Jazz at the Lantern", "Concert de jazz sous les étoiles", "Jazz brunch"];
    expect((await list("q=jazz")).items.map((item: any) => item.name)).toEqual(all);
    expect((await list("q=jazz&sort=-start&city=toronto")).items.map((item: any) => item.name)).toEqual([all[2], all[0]]);
    const first = await list("q=jazz&limit=2");
    const second = await list(`q=jazz&limit=2&after=${first.next_cursor}`);
    expect([second.items.map((item: any) => item.name), second.next_cursor]).toEqual([[all[2]], null]);
  });

  test("takes the words as typed, and has no other order for them", async () => {
    expect((await list("q=jaz")).items).toEqual([]);
    expect(await list("q=jazz&sort=name")).toMatchObject({ code: "invalid_query", errors: [{ pointer: "/sort" }] });
    expect(await list(`q=${"a+".repeat(100)}`)).toMatchObject({ code: "invalid_query", errors: [{ pointer: "/q" }] });
    expect((await list("q=%20&limit=1")).items).toHaveLength(1);
  });

  test("is of other things than events by no words", async () => {
    expect((await jsonOf(node.ask("/api/v1/places?q=hall"))).detail).toContain("/api/v1/events/search");
  });

  test("is a page for people too", async () => {
    const page = await (await node.ask("/events?q=brunch", { accept: "text/html" })).text();
    expect(page).toContain("Jazz brunch");
  });
});

describe("completion", () => {
  const suggest = async (query: string) => suggestionsSchema.parse(await jsonOf(node.ask(`/api/v1/events/suggest?${query}`))).suggestions;

  test("goes on with what is typed, and names what bears the name", async () => {
    const found = await suggest("q=ja");
    expect(found.map(({ text }) => text.toLowerCase())).toContain("jazz");
    expect(await suggest("q=Riverside")).toContainEqual({
      text: "Riverside Hall",
      kind: "place",
      "@id": expect.stringContaining(`${node.base}/places/`),
    });
    expect(found.filter(({ kind }) => kind === "word").every((one) => !("@id" in one))).toBe(true);
  });

  test("is bounded, and needs something to go on with", async () => {
    expect((await suggest("q=j&limit=1")).length).toBeLessThanOrEqual(1);
    for (const [query, name] of [
      ["", "q"],
      ["q=%20", "q"],
      [`q=${"x".repeat(101)}`, "q"],
      ["q=a&limit=21", "limit"],
      ["q=a&city=x", "city"],
    ]) {
      const response = await node.ask(`/api/v1/events/suggest?${query}`);
      expect([query, response.status, (await jsonOf(response)).errors[0].pointer]).toEqual([query, 400, `/${name}`]);
    }
  });

  test.each(["%25_", "'", "(", "\\", ":*", "🎷", "موسي", "a%20&%20|"])("takes %s", async (typed) => {
    expect(await suggest(`q=${encodeURIComponent(typed)}`)).toBeInstanceOf(Array);
  });
});

describe("more like an event", () => {
  const similar = (name: string, query = "") => node.ask(`/api/v1/events/${idOf(name)}/similar${query}`);

  test("is others, the most alike first, that pass the filters", async () => {
    const { items, hits } = similarSchema.parse(await jsonOf(similar("Free Jazz at the Lantern"))) as any;
    expect(items.map((item: any) => item.name)).not.toContain("Free Jazz at the Lantern");
    expect(items[0].name).toMatch(/jazz/i);
    expect(hits[0]["@id"]).toBe(items[0]["@id"]);
    const filtered = await jsonOf(similar("Free Jazz at the Lantern", "?city=Montréal&limit=1"));
    expect(filtered.items.map((item: any) => item.name)).toEqual(["Concert de jazz sous les étoiles"]);
  });

  test("is nothing where the event is unknown, gone, or the question wrong", async () => {
    expect((await node.ask("/api/v1/events/01HYX3KQW7ERTV9XNBM2P8QJZF/similar")).status).toBe(404);
    expect((await node.ask("/api/v1/events/search/similar")).status).toBe(404);
    expect((await jsonOf(similar("Jazz brunch", "?q=jazz"))).errors[0].pointer).toBe("/q");
    const made = await node.ask("/api/v1/events", {
      key: agent,
      body: anEvent({ name: "Cancelled soon", startDate: "2027-01-01T20:00:00Z" }),
    });
    const path = `/api/v1${new URL(made.headers.get("location")!).pathname}`;
    await node.ask(path, { method: "DELETE", key: agent });
    const gone = await node.ask(`${path}/similar`);
    expect([gone.status, (await jsonOf(gone))["sel:tombstone"]]).toEqual([410, true]);
  });
});

describe("a search as a feed", () => {
  test.each([
    ["ics", "text/calendar", /BEGIN:VEVENT[^]*SUMMARY:Jazz brunch/],
    ["rss", "application/rss+xml", /<title>Jazz brunch<\/title>/],
    ["atom", "application/atom+xml", /<title[^>]*>Jazz brunch<\/title>/],
    ["jsonld", "application/ld+json", /"@graph":\[\{/],
  ])("is %s by its name or by Accept: %s", async (format, type, content) => {
    const named = await node.ask(`${SEARCH}?q=brunch&strict=true&format=${format}`);
    const negotiated = await node.ask(`${SEARCH}?q=brunch&strict=true`, { accept: type });
    const body = await named.text();
    expect([named.status, named.headers.get("content-type")!.split(";")[0], negotiated.headers.get("content-type")!.split(";")[0]]).toEqual(
      [200, type, type],
    );
    expect(body).toMatch(content);
    expect(body).not.toContain("Pottery");
    expect(named.headers.get("vary")).toContain("Accept");
    const etag = named.headers.get("etag")!;
    expect((await node.ask(`${SEARCH}?q=brunch&strict=true&format=${format}`, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test("leads on to its next page", async () => {
    const first = await node.ask(`${SEARCH}?format=jsonld&limit=4`);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link")!)![1]!;
    const [one, two] = [await jsonOf(first), await jsonOf(node.ask(next))];
    const all = [...one["@graph"], ...two["@graph"]].map((event: any) => event.name);
    expect([one["@graph"].length, new Set(all).size]).toEqual([4, PROGRAMME.length]);
    expect((await jsonOf(node.ask(`${SEARCH}?format=pdf`))).detail).toContain("ics");
  });
});

test("who has a key searches what was just written, others what the replica has by now", async () => {
  await using replica = await openTestDatabase();
  const searchOf = (database: Database) =>
    createSearch({ database, clock: node.registry.clock, toVector: () => Promise.resolve(undefined) });
  await using behind = await openTestNode({
    database: node.database,
    base: node.base,
    parts: { readDatabase: replica.database, search: searchOf(replica.database), freshSearch: searchOf(node.database) },
  });
  const found = async (path: string, key: string) => (await jsonOf(behind.ask(path, { key }))).items.length as number;
  for (const path of [`${SEARCH}?q=brunch`, "/api/v1/events?q=brunch"])
    expect([path, await found(path, agent), await found(path, "")]).toEqual([path, 1, 0]);
});

test("search is described where the API is", async () => {
  expect(Object.keys((await jsonOf(node.ask("/api/v1/openapi.json"))).paths)).toEqual(
    expect.arrayContaining([SEARCH, "/api/v1/events/suggest", "/api/v1/events/{ulid}/similar"]),
  );
  expect(await (await node.ask("/docs", { accept: "text/html" })).text()).toContain("SearchHit");
});

test("search is no event: its address takes GET and HEAD alone", async () => {
  expect((await node.ask(SEARCH, { method: "HEAD" })).status).toBe(200);
  expect((await node.ask(SEARCH, { method: "POST", body: {} })).status).toBe(405);
});
