/** Reading over HTTP: one entity in every format, unchanged copies, what is hidden, lists and their cursors. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Parser } from "n3";
import { ulidOf } from "../../src/domain/iri.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { drainOutbox, type SequencerParts } from "../../src/feed/sequencer.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
let agent: string;
beforeAll(async () => {
  node = await openTestNode();
  agent = await node.key("agent");
});
afterAll(() => node[Symbol.asyncDispose]());

async function submitted(more: Record<string, unknown>): Promise<{ uri: string; path: string; event: any }> {
  const response = await node.ask("/api/v1/events", { key: agent, body: anEvent(more) });
  const uri = response.headers.get("location")!;
  return { uri, path: new URL(uri).pathname, event: await jsonOf(response) };
}
const setState = (path: string, state: string) =>
  node.ask(`/api/v1/admin${path}/state`, { key: ADMIN_KEY, type: "application/json", body: { state, reason: "a test" } });

describe("one event", () => {
  test.each([
    ["application/ld+json", "application/ld+json", "jsonld"],
    ["application/json", "application/json", "json"],
    ["text/html", "text/html; charset=utf-8", "html"],
    ["text/turtle", "text/turtle; charset=utf-8", "ttl"],
    ["application/n-triples", "application/n-triples", "nt"],
    ["image/png", "application/json", "json"],
  ])("is %s on demand, and so at its suffix", async (accept, type, extension) => {
    const { path } = await submitted({ name: "In every format" });
    const [negotiated, suffixed] = await Promise.all([
      node.ask(path, { accept }),
      node.ask(`${path}.${extension}`, { accept: "image/png" }),
    ]);
    expect([negotiated.status, negotiated.headers.get("content-type"), negotiated.headers.get("vary")]).toEqual([200, type, "Accept"]);
    expect([suffixed.headers.get("content-type"), suffixed.headers.get("etag"), await suffixed.text()]).toEqual([
      type,
      negotiated.headers.get("etag"),
      await negotiated.text(),
    ]);
  });

  test("says the same in Turtle, N-Triples and JSON-LD", async () => {
    const { path, uri } = await submitted({ name: "The same thrice" });
    const quads = await Promise.all(
      ["ttl", "nt"].map(async (extension) => new Parser().parse(await (await node.ask(`${path}.${extension}`)).text())),
    );
    expect(quads[0]!.length).toBe(quads[1]!.length);
    expect(
      quads[0]!.some(
        (quad) =>
          quad.subject.value === uri && quad.predicate.value === "http://schema.org/name" && quad.object.value === "The same thrice",
      ),
    ).toBe(true);
  });

  test("answers to its ULID in either case, and to no other suffix or word", async () => {
    const { path } = await submitted({ name: "Either case" });
    expect((await node.ask(path.toLowerCase())).status).toBe(200);
    expect(
      await Promise.all(
        [`${path}.pdf`, `${path}.`, "/events/nothing", `${path}/more`, path.replace("events", "places")].map(
          async (other) => (await node.ask(other)).status,
        ),
      ),
    ).toEqual([404, 404, 404, 404, 404]);
  });

  test("is not sent again to who has it: by tag, by date; each format has a tag of its own", async () => {
    const { path } = await submitted({ name: "Unchanged" });
    const first = await node.ask(path, { accept: "text/turtle" });
    const etag = first.headers.get("etag")!;
    const same = await node.ask(path, { accept: "text/turtle", headers: { "if-none-match": `"other", W/${etag}` } });
    expect([same.status, same.headers.get("etag"), await same.text()]).toEqual([304, etag, ""]);
    expect((await node.ask(path, { headers: { "if-modified-since": first.headers.get("last-modified")! } })).status).toBe(304);
    expect((await node.ask(path, { accept: "application/ld+json", headers: { "if-none-match": etag } })).status).toBe(200);
    expect((await node.ask(path, { headers: { "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT" } })).status).toBe(200);
    await node.ask(`/api/v1${path}`, { method: "PATCH", key: agent, type: "application/json", body: { name: "Changed" } });
    expect((await node.ask(path, { accept: "text/turtle", headers: { "if-none-match": etag } })).status).toBe(200);
  });

  test("has a head", async () => {
    const { path } = await submitted({ name: "Headed" });
    const [head, get] = await Promise.all([node.ask(path, { method: "HEAD" }), node.ask(path)]);
    expect([head.status, head.headers.get("etag"), head.headers.get("content-type"), await head.text()]).toEqual([
      200,
      get.headers.get("etag"),
      get.headers.get("content-type"),
      "",
    ]);
  });

  test("has a page with its name, its JSON-LD and a policy that runs no script", async () => {
    const { path, uri } = await submitted({ name: "For <people>" });
    const response = await node.ask(path, { accept: "text/html" });
    const page = await response.text();
    expect(page).toContain("For &lt;people&gt;");
    expect(page).toContain(`<link rel="canonical" href="${uri}" />`);
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self'/);
    const { location } = await jsonOf(node.ask(path));
    const place = await node.ask(location["@id"], { accept: "text/html" });
    expect([place.status, (await place.text()).includes("For &lt;people&gt;")]).toEqual([200, true]);
  });

  test("tells who said what", async () => {
    const { path } = await submitted({ name: "Explained" });
    const body = await jsonOf(node.ask(`/api/v1${path}?include=provenance`));
    expect(body["sel:provenance"].fields).toContainEqual(
      expect.objectContaining({ field: "/name", winner: expect.objectContaining({ value: "Explained", source: "City calendar" }) }),
    );
    expect((await node.ask(`/api/v1${path}?include=everything`)).status).toBe(400);
  });

  test("tells what it was then, but not what must not be told any more", async () => {
    const {
      database,
      registry: { clock, base },
    } = node;
    await openEpoch(database, { clean: true, clock });
    const sequence = () =>
      drainOutbox({ database, clock, base, log: { warn: () => undefined, error: () => undefined } } as unknown as SequencerParts);
    const { path } = await submitted({ name: "As it was" });
    await sequence();
    const then = node.registry.clock().toISOString();
    node.pass(60_000);
    await node.ask(`/api/v1${path}`, { method: "PATCH", key: agent, type: "application/json", body: { name: "As it is" } });
    await sequence();
    const at = (time: string) => node.ask(`/api/v1${path}?as_of=${encodeURIComponent(time)}`);
    expect((await jsonOf(at(then))).name).toBe("As it was");
    expect((await jsonOf(at(node.registry.clock().toISOString()))).name).toBe("As it is");
    expect((await at("2020-01-01T00:00:00Z")).status).toBe(404);
    expect(
      await Promise.all(["yesterday", "2026-13-01", "2026-05-01T10:00:00", "0000-01-01"].map(async (time) => (await at(time)).status)),
    ).toEqual([400, 400, 400, 400]);
    await setState(path, "withdrawn");
    expect((await at(then)).status).toBe(404);
  });
});

describe("what is hidden", () => {
  test("is not there for the public, and is for the admin", async () => {
    const { path, uri } = await submitted({ name: "Withdrawn", keywords: ["hidden-one"] });
    expect((await setState(path, "withdrawn")).status).toBe(200);
    for (const address of [path, `/api/v1${path}`, `${path}.ttl`])
      expect([address, (await node.ask(address)).status, (await node.ask(address, { key: agent })).status]).toEqual([address, 404, 404]);
    expect((await node.ask(path, { key: ADMIN_KEY })).headers.get("cache-control")).toContain("private");
    const list = async (query: string, key = "") =>
      (await jsonOf(node.ask(`/api/v1/events?keywords=hidden-one${query}`, { key }))).items?.map((item: any) => item["@id"]);
    expect([await list(""), await list("&state=withdrawn", ADMIN_KEY), await list("", ADMIN_KEY)]).toEqual([[], [uri], []]);
    expect((await node.ask("/api/v1/events?state=withdrawn")).status).toBe(403);
    const refused = await setState(path, "completed");
    expect([refused.status, (await jsonOf(refused)).detail]).toEqual([409, expect.stringContaining("published, deleted")]);
  });
});

describe("a list", () => {
  const names = async (query: string) => (await jsonOf(node.ask(`/api/v1/events?${query}`))).items.map((item: any) => item.name);

  test("is paged by a cursor that ends in null", async () => {
    for (let n = 1; n <= 5; n++) await submitted({ name: `Paged ${n}`, keywords: ["paged"], startDate: `2026-06-0${n}T20:00:00-04:00` });
    const seen: string[] = [];
    for (let cursor: string | null = "", pages = 0; cursor !== null; pages++) {
      const page: any = await jsonOf(node.ask(`/api/v1/events?keywords=PAGED,other&limit=2${cursor === "" ? "" : `&after=${cursor}`}`));
      seen.push(...page.items.map((item: any) => item.name));
      cursor = page.next_cursor;
      expect(pages).toBeLessThan(3);
    }
    expect(seen).toEqual(["Paged 1", "Paged 2", "Paged 3", "Paged 4", "Paged 5"]);
    expect(await names("keywords=paged&sort=-start&limit=1")).toEqual(["Paged 5"]);
    expect(await names("keywords=paged&startDate=2026-06-02&endDate=2026-06-03")).toEqual(["Paged 2", "Paged 3"]);
    expect(await names("keywords=paged&startDate=2026-06-02&endDate=2026-06-02&tz=Europe/Berlin")).toEqual(["Paged 1"]);
  });

  test("is of one place or organizer by ULID or URI, and near a point", async () => {
    const { event } = await submitted({
      name: "Located",
      organizer: { "@type": "Person", name: "Ada Okafor" },
      location: { "@type": "Place", name: "Far Hall", geo: { "@type": "GeoCoordinates", latitude: -18, longitude: 179.9 } },
    });
    const place = event.location["@id"];
    const ada = event.organizer["@id"];
    for (const query of [
      `venueId=${encodeURIComponent(place)}`,
      `venueId=${place.split("/").at(-1)}`,
      `organizerId=${ada}`,
      `organizerId=${ada.split("/").at(-1).toLowerCase()}`,
      "near=-18.001,179.901&radius=500",
      "bbox=179,-19,-179,-17",
    ]) {
      expect([query, await names(query)]).toEqual([query, ["Located"]]);
    }
    for (const query of [
      `venueId=${ulidOf("018f6e2a-0000-7000-8000-000000000001")}`,
      "venueId=https://elsewhere.example/p/1",
      "near=-18.1,179.9&radius=500",
      "city=Nowhere",
    ])
      expect([query, await names(query)]).toEqual([query, []]);
    expect((await jsonOf(node.ask("/api/v1/places?bbox=179,-19,180,-17"))).items.map((item: any) => item.name)).toEqual(["Far Hall"]);
    expect((await jsonOf(node.ask("/api/v1/persons"))).items.map((item: any) => item.name)).toContain("Ada Okafor");
  });

  test("is a page for people, with the same filters and a way on", async () => {
    const page = await (await node.ask("/events?keywords=paged&limit=2", { accept: "text/html" })).text();
    expect(page).toContain("Paged 1");
    const next = /<a rel="next" href="([^"]+)"/.exec(page)![1]!.replaceAll("&amp;", "&");
    expect(await (await node.ask(next, { accept: "text/html" })).text()).toContain("Paged 3");
    expect((await node.ask("/events?keywords=paged")).headers.get("content-type")).toBe("application/json");
    expect((await node.ask("/events", { accept: "text/html" })).status).toBe(200);
    expect((await node.ask("/", { accept: "text/html" })).status).toBe(200);
  });

  test.each([
    [`q=${"x".repeat(1_001)}`, "q"],
    ["q=jazz&sort=name", "sort"],
    ["colour=red", "colour"],
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=ten", "limit"],
    ["startDate=2026-02-30", "startDate"],
    ["startDate=0000-01-01", "startDate"],
    ["startDate=2026-05-02&endDate=2026-05-01", "endDate"],
    ["tz=Mars/Olympus&startDate=2026-05-01", "tz"],
    ["tz=Europe/Berlin", "tz"],
    ["near=91,0", "near"],
    ["near=1", "near"],
    ["near=NaN,0", "near"],
    ["radius=10", "radius"],
    ["near=1,1&radius=200001", "radius"],
    ["bbox=1,2,3", "bbox"],
    ["bbox=0,10,0,-10", "bbox"],
    ["venueId=nothing", "venueId"],
    ["domain=gardening", "domain"],
    ["state=excellent", "state"],
    ["sort=price", "sort"],
    ["city=%00", "city"],
    ["city=a&city=b", "city"],
    ["__proto__=1", "__proto__"],
    ["constructor=1", "constructor"],
    [`city=${"x".repeat(201)}`, "city"],
    ["city=%FF%FE", "city"],
    [`organizerId=${encodeURIComponent("javascript:alert(1)")}`, "organizerId"],
    ["startDate=2026-05-01T10:00", "startDate"],
  ])("refuses %s and names the parameter", async (query, name) => {
    const response = await node.ask(`/api/v1/events?${query}`);
    const problem = await jsonOf(response);
    expect([response.status, problem.code, problem.errors[0].pointer]).toEqual([400, "invalid_query", `/${name}`]);
    expect(problem.detail).toContain(`${name}:`);
  });

  test.each([
    ["rubbish", "rubbish"],
    ["another shape", Buffer.from('{"a":1}').toString("base64url")],
    ["a forged key", Buffer.from('["1; drop table events","01HYX3KQW7ERTV9XNBM2P8QJZF","x"]').toString("base64url")],
    ["no base64url", "a%20b"],
    ["too long", "A".repeat(8_001)],
  ])("refuses a cursor that is %s", async (_, cursor) => {
    const response = await node.ask(`/api/v1/events?after=${cursor}`);
    expect([response.status, ["invalid_cursor", "invalid_query"].includes((await jsonOf(response)).code)]).toEqual([400, true]);
  });

  test("refuses a cursor of other filters", async () => {
    const { next_cursor: cursor } = await jsonOf(node.ask("/api/v1/events?keywords=paged&limit=1"));
    expect((await node.ask(`/api/v1/events?keywords=paged&limit=3&after=${cursor}`)).status).toBe(200);
    for (const other of ["", "keywords=other&", "keywords=paged&sort=name&"]) {
      const response = await node.ask(`/api/v1/events?${other}after=${cursor}`);
      expect([other, response.status, (await jsonOf(response)).code]).toEqual([other, 400, "invalid_cursor"]);
    }
  });

  test("takes a cursor whose name has every kind of letter", async () => {
    for (const name of ["Ünïcode 🎷 a", "Ünïcode 🎷 b"]) await submitted({ name, keywords: ["letters"] });
    const { next_cursor: cursor } = await jsonOf(node.ask("/api/v1/events?keywords=letters&sort=name&limit=1"));
    expect(await names(`keywords=letters&sort=name&after=${cursor}`)).toEqual(["Ünïcode 🎷 b"]);
  });
});
