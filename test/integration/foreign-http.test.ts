/** How the entities of other nodes look here: whose they are, where they are at home, and what is said of them besides. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { ulidOf } from "../../src/domain/iri.ts";
import { ensureSource } from "../../src/registry/sources.ts";
import { openOrigin, ORIGIN, stoneOf } from "../support/foreign.ts";
import { openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
let origin: Awaited<ReturnType<typeof openOrigin>>;
let event: { id: string; uri: string; path: string };
const OWN = "Our own concert";

beforeAll(async () => {
  node = await openTestNode();
  origin = await openOrigin(node.database);
  event = await origin.sayEvent({ position: 7, version: 2, hops: ["https://relay.example"], document: { "@type": "Event", name: "Jazz" } });
  const key = await node.key("agent", { source: "A venue" });
  const body = { "@type": "Event", name: OWN, startDate: "2026-05-09T19:00:00-04:00", location: { "@type": "Place", name: "The Rex" } };
  expect((await node.ask("/api/v1/events", { method: "POST", key, body })).status).toBe(201);
});
afterAll(() => node[Symbol.asyncDispose]());

const json = async (path: string, options?: Parameters<TestNode["ask"]>[1]) =>
  (await (await node.ask(path, options)).json()) as Record<string, unknown>;
const text = async (path: string, accept: string) => (await node.ask(path, { accept })).text();
/** As a person reads it. */
const words = (page: string) => page.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

describe("an event of another node is read here", () => {
  test("under its origin's @id, and says which node that is", async () => {
    const response = await node.ask(event.path, { accept: "application/ld+json" });
    expect(response.status).toBe(200);
    expect(response.headers.get("link")).toBe(`<${event.uri}>; rel="canonical"`);
    const document = (await response.json()) as Record<string, unknown>;
    expect(document).toMatchObject({ "@id": event.uri, "sel:originNode": ORIGIN, location: { "@id": origin.placeUri } });
    expect(JSON.stringify(document)).not.toContain(`${node.base}/events/`);
  });

  test("on a page that leads to the one at its home", async () => {
    const page = await text(event.path, "text/html");
    expect(page).toMatch(new RegExp(`<link rel="canonical" href="${event.uri}" ?/?>`));
    expect(page).toContain(`<a href="${event.uri}" rel="nofollow ugc noopener">toronto.example</a>`);
    expect(words(page)).toContain("From toronto.example");
    expect(words(await text(`/places/${ulidOf(origin.placeId)}`, "text/html"))).toContain("From toronto.example");
  });

  test("in calendars by its origin's @id and address", async () => {
    const calendar = (await text(`${event.path}.ics`, "*/*")).replaceAll("\r\n ", "");
    expect(calendar).toContain(`UID:${event.uri}\r\n`);
    expect(calendar).toContain(`BEGIN:VEVENT\r\nUID:${event.uri}`);
    expect(calendar.slice(calendar.indexOf("BEGIN:VEVENT"))).toContain(`URL:${event.uri}\r\n`);
  });

  test("with what is said here beside its origin's word", async () => {
    const claim = (sourceId: string, value: string, isWinner: boolean) =>
      node.database.transact((tx) =>
        sql`insert into field_provenance (event_id, source_id, field, value, license_status, observed_at, recorded, is_winner)
          values (${event.id}, ${sourceId}, '/name', ${JSON.stringify(value)}::jsonb, 'cc0', now(), tstzrange(now(), null), ${isWinner})`.execute(
          kyselyOf(tx),
        ),
      );
    const { id: ours } = await node.database.transact((tx) =>
      ensureSource(node.registry, tx, { name: "A newspaper", type: "api", trustLevel: 9 }),
    );
    await claim(origin.source, "Jazz", false);
    await claim(ours, "Jazz at noon", true);
    const { "sel:provenance": provenance } = await json(`/api/v1${event.path}?include=provenance`);
    expect(provenance).toMatchObject({
      origin: { node: ORIGIN, via: ORIGIN, hops: ["https://relay.example"], position: 7, version: 2 },
      fields: [
        {
          field: "/name",
          winner: { value: "Jazz at noon", source: "A newspaper", local: true },
          losers: [{ value: "Jazz", source: ORIGIN, local: false }],
        },
      ],
    });
  });
});

describe("lists", () => {
  test("mark it, and tell where it is read here", async () => {
    const list = await json("/api/v1/events");
    expect(list["local_pages"]).toEqual({ [event.uri]: node.base + event.path });
    expect(words(await text("/events", "text/html"))).toContain("from toronto.example");
  });

  test.each([
    ["local", [OWN]],
    ["the node's own base", [OWN]],
    [ORIGIN, ["Jazz"]],
    [`${ORIGIN}/`, ["Jazz"]],
    ["https://unknown.example", []],
  ])("of events from %s", async (from, names) => {
    const value = from === "the node's own base" ? node.base : from;
    const { items } = await json(`/api/v1/events?origin=${encodeURIComponent(value)}`);
    expect((items as { name: string }[]).map(({ name }) => name)).toEqual(names);
    const { hits } = await json(`/api/v1/events/search?q=&origin=${encodeURIComponent(value)}`);
    expect((hits as object[]).length).toBe(names.length);
  });

  test("of an origin that is none are refused", async () => {
    expect((await node.ask("/api/v1/events?origin=toronto")).status).toBe(400);
  });

  test("found by search, it leads to its page here", async () => {
    const { hits } = await json(`/api/v1/events/search?origin=${encodeURIComponent(ORIGIN)}`);
    expect(hits).toMatchObject([{ "@id": event.uri, local_page: node.base + event.path, origin: { node: ORIGIN } }]);
  });
});

describe("one that its origin took away", () => {
  test("is gone in its origin's words, in every format", async () => {
    const { id, uri, path } = await origin.sayEvent({ position: 20, document: { "@type": "Event", name: "Soon gone" } });
    await origin.sayEvent({ position: 21 }, {}, id);
    for (const address of [path, `/api/v1${path}`, `/api/v1${path}/occurrences`, `/api/v1${path}/similar`]) {
      const response = await node.ask(address, { accept: "application/ld+json" });
      expect([address, response.status, await response.json()]).toEqual([address, 410, stoneOf(uri)]);
    }
    const turtle = await node.ask(`${path}.ttl`);
    expect([turtle.status, await turtle.text()]).toEqual([410, expect.stringContaining(`<${uri}>`)]);
    const page = await node.ask(path, { accept: "text/html" });
    expect(page.status).toBe(410);
    expect(words(await page.text())).toContain("It was removed on");
    expect((await node.ask(`/api/v1${path}?as_of=2099-01-01T00:00:00Z`)).status).toBe(410);
  });

  test("comes back with its origin's next word", async () => {
    const { id, path } = await origin.sayEvent({ position: 30, document: { "@type": "Event", name: "Back" } });
    await origin.sayEvent({ position: 31 }, {}, id);
    expect((await node.ask(path)).status).toBe(410);
    await origin.sayEvent({ position: 32, document: { "@type": "Event", name: "Back" } }, {}, id);
    expect((await node.ask(path)).status).toBe(200);
  });

  test("is not what this node merely hides: that is not found", async () => {
    const { id, path } = await origin.sayEvent({ position: 40, document: { "@type": "Event", name: "Hidden" } }, { state: "withdrawn" });
    expect((await node.ask(path)).status).toBe(404);
    await origin.sayEvent({ position: 41, document: { "@type": "Event", name: "Hidden" }, withheld: true }, {}, id);
    expect((await node.ask(path)).status).toBe(404);
  });
});
