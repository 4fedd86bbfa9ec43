/** Writing events over HTTP: who may, what comes back, what is refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
let agent: string;
let other: string;
beforeAll(async () => {
  node = await openTestNode();
  agent = await node.key("agent");
  other = await node.key("agent", { source: "Another calendar" });
});
afterAll(() => node[Symbol.asyncDispose]());

const submit = (event: unknown, key = agent, headers: Record<string, string> = {}) =>
  node.ask("/api/v1/events", { key, body: event, headers });
const pathOf = (response: Response) => new URL(response.headers.get("location")!).pathname;

describe("a submitted event", () => {
  test("is new: 201 with its address, its tag and its canonical JSON-LD, which its address then gives out", async () => {
    const response = await submit(anEvent({ name: "A new one" }));
    expect([response.status, response.headers.get("calends-outcome"), response.headers.get("content-type")]).toEqual([
      201,
      "created",
      "application/ld+json",
    ]);
    const location = response.headers.get("location")!;
    expect(location).toMatch(new RegExp(`^${node.base}/events/[0-9A-Z]{26}$`));
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      "@id": location,
      "@type": "MusicEvent",
      name: "A new one",
      startDate: "2026-05-08T20:00:00-04:00",
    });
    const read = await node.ask(location, { accept: "application/ld+json" });
    expect([read.status, await read.text(), read.headers.get("etag")]).toEqual([200, text, response.headers.get("etag")]);
  });

  test("is known: 200 with what happened to it", async () => {
    const first = await submit(anEvent({ "@id": "https://city.example/e/1", name: "Known" }));
    const again = await submit(anEvent({ "@id": "https://city.example/e/1", name: "Known" }));
    const changed = await submit(anEvent({ "@id": "https://city.example/e/1", name: "Known better" }));
    const merged = await submit(anEvent({ name: "Known better" }), other);
    const said = [first, again, changed, merged].map((each) => [each.status, each.headers.get("calends-outcome"), pathOf(each)]);
    const path = pathOf(first);
    expect(said).toEqual([
      [201, "created", path],
      [200, "unchanged", path],
      [200, "updated", path],
      [200, "merged", path],
    ]);
  });

  test("with an Idempotency-Key is answered once, byte for byte, and never for another request", async () => {
    const key = { "idempotency-key": "first-attempt" };
    const event = anEvent({ name: "Only once" });
    const first = await submit(event, agent, key);
    const replayed = await submit(event, agent, key);
    expect([replayed.status, replayed.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect([replayed.headers.get("location"), replayed.headers.get("etag"), await replayed.text()]).toEqual([
      first.headers.get("location"),
      first.headers.get("etag"),
      await first.text(),
    ]);
    const misused = await submit(anEvent({ name: "Another" }), agent, key);
    expect([misused.status, (await jsonOf(misused)).code]).toEqual([422, "idempotency_conflict"]);
    expect((await submit(event, other, key)).status).toBe(200);
    expect((await submit(event, agent, { "idempotency-key": "x".repeat(256) })).status).toBe(400);
  });
});

describe("who may write", () => {
  test.each([
    ["nobody without a key", undefined, 401, "unauthenticated"],
    ["nobody with a wrong key", `cal_agent_${"A".repeat(43)}`, 401, "unauthenticated"],
    ["nobody with something else", "rubbish", 401, "unauthenticated"],
  ])("%s", async (_, key, status, code) => {
    const response = await node.ask("/api/v1/events", { body: anEvent(), ...(key !== undefined && { key }) });
    expect([response.status, (await jsonOf(response)).code, response.headers.get("www-authenticate")]).toEqual([
      status,
      code,
      'Bearer realm="calends"',
    ]);
  });

  test("no peer: its key is of another role", async () => {
    const response = await submit(anEvent(), await node.key("peer"));
    expect([response.status, (await jsonOf(response)).detail]).toEqual([403, expect.stringContaining("role is peer")]);
  });

  test("an admin, as the curator or for a source that it names; nobody else may name one", async () => {
    expect((await submit(anEvent({ name: "By the curator" }), ADMIN_KEY)).status).toBe(201);
    const forSource = await submit(anEvent({ name: "By proxy" }), ADMIN_KEY, { "on-behalf-of": "Another calendar" });
    expect([forSource.status, (await jsonOf(forSource))["prov:wasDerivedFrom"]]).toEqual([
      201,
      [{ "@type": "prov:Entity", name: "Another calendar" }],
    ]);
    const unknown = await submit(anEvent(), ADMIN_KEY, { "on-behalf-of": "Nobody" });
    expect([unknown.status, (await jsonOf(unknown)).detail]).toEqual([404, expect.stringContaining("no source named Nobody")]);
    expect((await submit(anEvent(), agent, { "on-behalf-of": "Another calendar" })).status).toBe(403);
  });

  test("a revoked key is refused at once, also where no key is needed", async () => {
    const key = await node.key("agent", { name: "to be revoked" });
    expect((await submit(anEvent({ name: "Before" }), key)).status).toBe(201);
    const { items } = await jsonOf(node.ask("/api/v1/admin/keys", { key: ADMIN_KEY }));
    const { id } = items.find((one: { name: string }) => one.name === "to be revoked");
    expect((await node.ask(`/api/v1/admin/keys/${id}`, { method: "DELETE", key: ADMIN_KEY })).status).toBe(204);
    expect([(await submit(anEvent({ name: "After" }), key)).status, (await node.ask("/api/v1/events", { key })).status]).toEqual([
      401, 401,
    ]);
  });
});

test("a parameter that a write does not take is refused: it may have been meant", async () => {
  const response = await node.ask("/api/v1/events?dry_run=true", { key: agent, body: anEvent({ name: "Not written" }) });
  expect([response.status, (await jsonOf(response)).detail]).toEqual([400, expect.stringContaining("dry_run")]);
});

describe("a revision", () => {
  test("replaces (PUT) or merges (PATCH), when the tag still holds", async () => {
    const first = await submit(anEvent({ name: "To be revised", keywords: ["one"] }));
    const path = `/api/v1${pathOf(first)}`;
    const patched = await node.ask(path, {
      method: "PATCH",
      key: agent,
      type: "application/merge-patch+json",
      body: { name: "Revised" },
      headers: { "if-match": first.headers.get("etag")! },
    });
    expect([patched.status, await jsonOf(patched)]).toEqual([200, expect.objectContaining({ name: "Revised", keywords: ["one"] })]);
    const stale = await node.ask(path, { method: "PUT", key: agent, body: anEvent(), headers: { "if-match": first.headers.get("etag")! } });
    expect([stale.status, (await jsonOf(stale)).code]).toEqual([412, "precondition_failed"]);
    const put = await node.ask(path, {
      method: "PUT",
      key: agent,
      body: anEvent({ name: "Replaced" }),
      headers: { "if-match": patched.headers.get("etag")! },
    });
    const replaced = await jsonOf(put);
    expect([put.status, replaced.name, replaced.keywords]).toEqual([200, "Replaced", undefined]);
  });

  test("is only for who speaks for the event, and only of an event that is there", async () => {
    const path = `/api/v1${pathOf(await submit(anEvent({ name: "Mine" })))}`;
    expect((await node.ask(path, { method: "PATCH", key: other, type: "application/json", body: { name: "Yours" } })).status).toBe(403);
    expect(
      (await node.ask("/api/v1/events/01HYX3KQW7ERTV9XNBM2P8QJZF", { method: "PATCH", key: agent, type: "application/json", body: {} }))
        .status,
    ).toBe(404);
    expect((await node.ask("/api/v1/events/nothing", { method: "PUT", key: agent, body: anEvent() })).status).toBe(404);
  });

  test("by its deletion ends in 410 with a tombstone", async () => {
    const first = await submit(anEvent({ name: "To be deleted" }));
    const path = pathOf(first);
    const gone = await node.ask(`/api/v1${path}`, { method: "DELETE", key: agent });
    expect([gone.status, gone.headers.get("calends-outcome"), await gone.text()]).toEqual([204, "deleted", ""]);
    for (const address of [path, `/api/v1${path}`, `${path}.jsonld`]) {
      const response = await node.ask(address);
      expect([response.status, await jsonOf(response)]).toEqual([
        410,
        expect.objectContaining({ "@id": node.base + path, "sel:tombstone": true }),
      ]);
    }
    const page = await node.ask(path, { accept: "text/html" });
    expect([page.status, page.headers.get("content-type")]).toEqual([410, "text/html; charset=utf-8"]);
    expect((await page.text()).includes("To be deleted")).toBe(false);
    expect((await node.ask(`/api/v1${path}`, { method: "DELETE", key: agent })).status).toBe(410);
  });
});

describe("a batch", () => {
  const event = (name: string) => anEvent({ name });
  const batch = (body: unknown, more = {}) => node.ask("/api/v1/events:batch", { key: agent, body, ...more });

  test("is taken at once and told item by item when it is done; a bad item spoils none", async () => {
    const taken = await batch([event("First of three"), { "@type": "Event", name: "No start" }, event("Third of three")], {
      type: "application/json",
    });
    const location = taken.headers.get("location")!;
    expect([taken.status, location]).toEqual([202, expect.stringMatching(/\/api\/v1\/jobs\/[0-9A-Z]{26}$/)]);
    expect(await jsonOf(taken)).toMatchObject({ kind: "batch", counts: { waiting: 2, rejected: 1 } });
    await node.work();
    const job = await jsonOf(node.ask(location, { key: agent }));
    expect(job).toMatchObject({ state: "done", counts: { accepted: 2, rejected: 1, waiting: 0 } });
    expect(job.items.map((item: { status: string }) => item.status)).toEqual(["accepted", "rejected", "accepted"]);
    expect(job.items[1].problem).toMatchObject({ code: "invalid_body", type: `${node.base}/problems/invalid_body` });
    expect((await node.ask(job.items[2].uri)).status).toBe(200);
  });

  test.each([
    ["a list", (events: unknown[]) => ({ body: events })],
    ["an object of events", (events: unknown[]) => ({ body: { events } })],
    [
      "a graph, its places apart",
      (events: unknown[]) => ({
        body: {
          "@context": "https://schema.org",
          "@graph": [
            ...events.map((one) => ({ ...(one as object), location: { "@id": "https://city.example/p/1" } })),
            { "@id": "https://city.example/p/1", "@type": "Place", name: "The Hall" },
          ],
        },
      }),
    ],
    [
      "lines",
      (events: unknown[]) => ({ raw: `\uFEFF${events.map((one) => JSON.stringify(one)).join("\r\n\n")}\n`, type: "application/x-ndjson" }),
    ],
  ])("may be %s", async (form, shape) => {
    const taken = await batch(undefined, shape([event(`One of ${form}`), event(`Two of ${form}`)]));
    expect(taken.status).toBe(202);
    await node.work();
    const job = await jsonOf(node.ask(taken.headers.get("location")!, { key: agent }));
    expect([job.counts.accepted, job.items.flatMap((item: { problem?: unknown }) => item.problem ?? [])]).toEqual([2, []]);
  });

  test("is its sender's and the admin's to look at", async () => {
    const location = (await batch([event("Private")])).headers.get("location")!;
    const statuses = await Promise.all([agent, ADMIN_KEY, other, ""].map(async (key) => (await node.ask(location, { key })).status));
    expect(statuses).toEqual([200, 200, 404, 401]);
    expect((await node.ask("/api/v1/jobs/nothing", { key: agent })).status).toBe(404);
  });

  test.each([
    ["without items", [], 422, "invalid_body"],
    ["of more than a thousand", Array.from({ length: 1001 }, () => ({})), 413, "too_large"],
    ["of another shape", { name: "one event" }, 422, "invalid_body"],
  ])("%s is refused as a whole", async (_, body, status, code) => {
    const response = await batch(body);
    expect([response.status, (await jsonOf(response)).code]).toEqual([status, code]);
  });
});
