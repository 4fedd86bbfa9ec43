/** POST federation/sync: a peer without a feed says what is new with its own entities, and of nobody else's. */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { changePeer, readPeer } from "../../src/registry/peers.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { createPushers, operator, outcomeOf, SYNC } from "../support/pushing-peer.ts";

let node: TestNode;
let peer: ReturnType<typeof createPushers>;
beforeAll(async () => {
  node = await openTestNode();
  peer = createPushers(node);
});
afterAll(() => node[Symbol.asyncDispose]());

/** By whoever has this key. */
const push = (key: string, body: unknown, headers = {}) => node.ask(SYNC, { key, body, headers });

test("an event is new, then known, then changed; it keeps its @id, and has a page here", async () => {
  const { base, key, concert, runs } = await peer();
  const event = concert({ dateModified: "2026-05-01T10:00:00Z" });
  const first = await push(key, event);
  expect(outcomeOf(first)).toEqual([201, "created"]);
  const location = first.headers.get("location")!;
  expect(location).toMatch(new RegExp(`^${node.base}/events/[0-9A-Z]{26}$`));
  expect(await first.json()).toMatchObject({ "@id": `${base}/events/1`, name: "Lantern Quartet" });

  expect(outcomeOf(await push(key, event))).toEqual([200, "unchanged"]);
  const renamed = await push(key, { ...event, name: "Lantern Quintet", dateModified: "2026-05-01T11:00:00Z" });
  expect(outcomeOf(renamed)).toEqual([200, "updated"]);
  expect(renamed.headers.get("location")).toBe(location);
  expect(await jsonOf(node.ask(location, { accept: "application/ld+json" }))).toMatchObject({
    "@id": `${base}/events/1`,
    name: "Lantern Quintet",
  });
  expect(await runs()).toMatchObject([{ kind: "push", outcome: "applied", applied: 2, passedOver: 1 }]);
});

test("the pushes of an hour are one run, however many they are", async () => {
  const { key, concert, runs } = await peer();
  const sums = async () => (await runs()).map((run) => [run.outcome, run.applied, run.passedOver, run.refused, run.detail]);
  const event = concert({ dateModified: "2026-05-01T10:00:00Z" });
  await push(key, concert({ startDate: "soon" }));
  expect(await sums()).toEqual([["failed", 0, 0, 1, expect.stringContaining("startDate")]]);
  await push(key, event);
  await push(key, event);
  expect(await sums()).toEqual([["applied", 1, 1, 1, expect.stringContaining("startDate")]]);
  node.pass(3_601_000);
  await push(key, event);
  expect(await sums()).toMatchObject([
    ["unchanged", 0, 1, 0, null],
    ["applied", 1, 1, 1, expect.anything()],
  ]);
});

test("a peer that has told of as many as it may is in trouble in the list, from the push on that made it so", async () => {
  const { base, push: send, concert } = await peer({ filters: { maxEntities: 2 } });
  const trouble = async () => (await node.database.read((on) => readPeer(on, base)))!.lastError;
  const at = (n: number) => concert({ "@id": `${base}/events/${n}`, name: `Concert ${n}` });
  const full =
    "it may tell of 2 entities, and 2 were let in: further ones are refused (a higher calends peer set --most, then it has to push them again)";
  const most = (maxEntities: number) =>
    node.database.transact((tx) => changePeer(node.registry, operator, tx, base, { filters: { maxEntities } }));
  await send(at(1));
  expect(await trouble()).toBeNull();
  await send(at(2));
  expect(await trouble()).toBe(full);
  expect(await jsonOf(send(at(3)))).toMatchObject({ reason: "quota" });
  expect(await trouble()).toBe(full);
  await most(3);
  expect(await trouble()).toBeNull();
  expect(outcomeOf(await send(at(3)))[0]).toBeLessThan(300);
  expect(await trouble()).toContain("3 were let in");
  await most(2);
  await node.database.transact((tx) => changePeer(node.registry, operator, tx, base, { status: "active" }));
  expect(await trouble()).toContain("it may tell of 2 entities, and 3 were let in");
});

test("an older word than the one that is held changes nothing, in whatever order they come", async () => {
  const { key, concert } = await peer();
  const said = (name: string, dateModified: string) => concert({ name, dateModified });
  await push(key, said("Second", "2026-05-01T11:00:00Z"));
  const late = await push(key, said("First", "2026-05-01T10:00:00Z"));
  expect(outcomeOf(late)).toEqual([200, "unchanged"]);
  expect(await late.json()).toMatchObject({ name: "Second" });
});

test("without dateModified, what arrives later is newer", async () => {
  const { key, concert } = await peer();
  const said = (name: string) => concert({ name });
  await push(key, said("First"));
  node.pass(1_000);
  expect(outcomeOf(await push(key, said("Second")))).toEqual([200, "updated"]);
});

test("a tombstone takes the event away, a newer word brings it back under the same address", async () => {
  const { base, key, concert } = await peer();
  const uri = `${base}/events/1`;
  const first = await push(key, concert({ dateModified: "2026-05-01T10:00:00Z" }));
  const location = first.headers.get("location")!;
  const tombstone = { "@id": uri, "@type": "Event", "sel:tombstone": true, "sel:deletedAt": "2026-05-01T11:00:00Z" };
  expect(outcomeOf(await push(key, tombstone))).toEqual([204, "deleted"]);
  expect((await node.ask(location)).status).toBe(410);
  expect(outcomeOf(await push(key, tombstone))).toEqual([204, "unchanged"]);
  const back = await push(key, concert({ dateModified: "2026-05-01T12:00:00Z" }));
  expect([...outcomeOf(back), back.headers.get("location")]).toEqual([200, "updated", location]);
  expect((await node.ask(location)).status).toBe(200);
});

describe("a tombstone with more in it than we know is shown in every format:", () => {
  const odd: [string, object][] = [
    ["a term of its own", { x: "y" }],
    ["a graph", { "@graph": [] }],
    ["a reverse property", { "@reverse": { about: "z" } }],
    ["no successor", { "sel:supersededBy": "" }],
    ["a successor that no IRI is", { "sel:supersededBy": "https://city.example/a b>" }],
    ["a context of its own", { "@context": { name: "https://city.example/terms#name" }, name: "Gone" }],
  ];
  test.each(odd)("%s", async (_name, more) => {
    const { base, key, concert } = await peer();
    const uri = `${base}/events/1`;
    const location = (await push(key, concert({ dateModified: "2026-05-01T10:00:00Z" }))).headers.get("location")!;
    const tombstone = { "@id": uri, "@type": "Event", "sel:tombstone": true, "sel:deletedAt": "2026-05-01T11:00:00Z", ...more };
    expect(outcomeOf(await push(key, tombstone))).toEqual([204, "deleted"]);
    for (const accept of ["text/turtle", "application/n-triples"]) {
      const answer = await node.ask(location, { accept });
      const text = await answer.text();
      expect([accept, answer.status]).toEqual([accept, 410]);
      expect(text).toContain(`<${uri}>`);
      expect(text).toContain("2026-05-01T11:00:00");
      expect(text).not.toContain("a b>");
    }
    // As JSON-LD it is the origin's word as it was said.
    expect(await jsonOf(node.ask(location, { accept: "application/ld+json" }))).toMatchObject(more);
    expect((await node.ask(location, { accept: "text/html" })).status).toBe(410);
  });

  test("where it leads on to is told in all", async () => {
    const { base, key, concert } = await peer();
    const location = (await push(key, concert({ dateModified: "2026-05-01T10:00:00Z" }))).headers.get("location")!;
    const merged = { "sel:deletedAt": "2026-05-01T11:00:00Z", "sel:supersededBy": `${base}/events/2` };
    await push(key, { "@id": `${base}/events/1`, "@type": "Event", "sel:tombstone": true, ...merged });
    expect(await (await node.ask(location, { accept: "text/turtle" })).text()).toContain(`<${base}/events/2>`);
  });
});

test("places, organizations and persons are pushed as events are", async () => {
  const { base, key } = await peer();
  for (const [path, type] of [
    ["places", "Place"],
    ["organizations", "Organization"],
    ["persons", "Person"],
  ]) {
    const answer = await push(key, { "@context": "https://schema.org", "@type": type, "@id": `${base}/${path}/1`, name: `The ${type}` });
    expect([...outcomeOf(answer), await jsonOf(answer)]).toMatchObject([
      201,
      "created",
      { "@id": `${base}/${path}/1`, name: `The ${type}` },
    ]);
  }
});

describe("refused, and in the log of refusals:", () => {
  test.each([
    ["this node's own URIs", "own_uri", () => `${node.base}/events/01HYX3KQW7ERTV9XNBM2P8QJZF`],
    ["another node's URIs", "foreign_uri", () => "https://elsewhere.example/events/1"],
    ["a base that only begins as its own", "foreign_uri", (base: string) => `${base}.evil.example/events/1`],
    ["no URI", "identity", () => undefined],
  ])("%s", async (_name, reason, uriOf) => {
    const { base, key, refusals, runs } = await peer();
    const answer = await push(key, anEvent({ "@id": uriOf(base) }));
    expect(answer.status).toBe(422);
    const problem = await jsonOf(answer);
    expect(problem).toMatchObject({ code: "invalid_body", reason, errors: [{ pointer: "/@id" }] });
    expect(problem.detail).toContain("@id");
    expect(await refusals()).toMatchObject([{ reason, times: 1 }]);
    expect(await runs()).toMatchObject([{ kind: "push", outcome: "failed", refused: 1 }]);
  });

  test("what cannot be read as an event", async () => {
    const { base, key, concert, refusals } = await peer();
    const answer = await push(key, concert({ startDate: "soon" }));
    expect([answer.status, (await jsonOf(answer)).reason]).toEqual([422, "unreadable"]);
    expect(await refusals()).toMatchObject([{ reason: "unreadable", uri: `${base}/events/1` }]);
  });

  test("a date that lies in the future, and would keep every later word out", async () => {
    const { key, concert } = await peer();
    const answer = await push(key, concert({ dateModified: "9999-01-01T00:00:00Z" }));
    expect([answer.status, (await jsonOf(answer)).detail]).toEqual([422, expect.stringContaining("dateModified")]);
    expect(outcomeOf(await push(key, concert()))).toEqual([201, "created"]);
  });

  test("a place that was an event", async () => {
    const { base, key, concert } = await peer();
    await push(key, concert({ "@id": `${base}/things/1` }));
    node.pass(1_000);
    const answer = await push(key, { "@context": "https://schema.org", "@type": "Place", "@id": `${base}/things/1`, name: "Backroom" });
    expect([answer.status, (await jsonOf(answer)).reason]).toEqual([422, "kind_changed"]);
  });
});

describe("a key", () => {
  test("that speaks for no peer is told how the operator makes one", async () => {
    const agent = await node.key("agent");
    expect((await push(agent, anEvent())).status).toBe(403);
    expect((await push("", anEvent())).status).toBe(401);
    const lonely = await node.key("peer");
    const answer = await push(lonely, anEvent());
    expect([answer.status, (await jsonOf(answer)).detail]).toEqual([403, expect.stringContaining("calends peer add URL --direction push")]);
  });

  test("of an admin pushes for the peer that it names, and says how where it names none", async () => {
    const { base, concert } = await peer();
    const unnamed = await push(ADMIN_KEY, concert());
    expect([unnamed.status, (await jsonOf(unnamed)).detail]).toEqual([403, expect.stringContaining("On-Behalf-Of")]);
    expect(outcomeOf(await push(ADMIN_KEY, concert(), { "on-behalf-of": base }))).toEqual([201, "created"]);
  });

  test("of a peer that is only pulled, or paused, may not push", async () => {
    const pulled = await peer({ direction: "pull" });
    expect((await push(pulled.key, pulled.concert())).status).toBe(403);
    const paused = await peer();
    await node.database.transact((tx) => changePeer(node.registry, operator, tx, paused.base, { status: "paused" }));
    expect((await push(paused.key, paused.concert())).status).toBe(403);
  });

  test("of a peer that is pulled too has its feed read: that is proven, a push is not", async () => {
    const { key, concert, runs } = await peer({ direction: "both" });
    expect(outcomeOf(await push(key, concert()))).toEqual([202, "pulled"]);
    expect(await runs()).toEqual([]);
  });

  test("of such a peer asks for one reading, however often it pushes", async () => {
    const { base, key, concert } = await peer({ direction: "both" });
    const asked = async () => {
      const { rows } = await node.database.read((on) =>
        sql`select from audit_log where action = 'peer.pull-asked' and details ->> 'peer' = ${base}`.execute(kyselyOf(on)),
      );
      return rows.length;
    };
    await node.database.transact((tx) =>
      sql`update federation_nodes set next_pull_at = ${new Date(node.registry.clock().getTime() + 300_000)} where base_url = ${base}`.execute(
        kyselyOf(tx),
      ),
    );
    for (const name of ["First", "Second", "Third"]) await push(key, concert({ name }));
    expect(await asked()).toBe(1);
  });
});

test("an Idempotency-Key gives the first answer again", async () => {
  const { key, concert, runs } = await peer();
  const event = concert();
  const once = { "idempotency-key": "once" };
  const [first, again] = [await push(key, event, once), await push(key, event, once)];
  expect([first.status, again.status, again.headers.get("idempotency-replayed")]).toEqual([201, 201, "true"]);
  expect(await again.text()).toBe(await first.text());
  expect(await runs()).toHaveLength(1);
});

test("what our filters hold back is not let in, and said so", async () => {
  const { key, concert } = await peer({ filters: { bbox: [2, 48, 3, 49] } });
  const answer = await push(key, concert());
  expect(outcomeOf(answer)).toEqual([204, "held_back"]);
});

test("what resembles an event of ours is taken in beside it, for a person to look at: 202", async () => {
  const agent = await node.key("agent");
  const own = await node.ask("/api/v1/events", {
    key: agent,
    body: anEvent({ name: "Nordic Winds", startDate: "2026-06-08T20:00:00-04:00" }),
  });
  const { key, concert } = await peer();
  const answer = await push(key, concert({ name: "Nordic Winds", startDate: "2026-06-08T20:00:00-04:00" }));
  expect([...outcomeOf(answer), answer.headers.get("calends-review")]).toEqual([202, "created", expect.stringMatching(/^[0-9A-Z]{26}/)]);
  expect(answer.headers.get("location")).not.toBe(own.headers.get("location"));
  // Ours is as it was: a peer's word about its own event is none about ours.
  const shown = await jsonOf(node.ask(own.headers.get("location")!, { accept: "application/ld+json" }));
  expect(shown["@id"]).toBe(own.headers.get("location"));
});

test.each([
  ["an array", [anEvent()], 422],
  ["no JSON", "nothing", 422],
])("%s is no entity", async (_name, body, status) => {
  const { key } = await peer();
  expect((await push(key, body)).status).toBe(status);
});

test("a body that is too large is refused", async () => {
  const { key, concert } = await peer();
  expect((await push(key, concert({ description: "x".repeat(300 * 1024) }))).status).toBe(413);
});
