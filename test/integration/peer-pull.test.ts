/** Pulling over HTTP: what comes, in which order, how the cursor moves, and what stops a peer. What is kept, is kept in memory here. */
import { describe, expect, it } from "vitest";
import { publishMany, readAll } from "../support/feed-reader.ts";
import { createNetwork } from "../support/network.ts";
import { following, openReader } from "../support/pulling.ts";
import { FEED, json, openScriptedPeer, type ScriptedPeer } from "../support/scripted-peer.ts";

const PROFILE = "/.well-known/sel-profile";

it("reads a node from its beginning to its head, and later only what is new", async () => {
  await using network = await createNetwork({ nodes: 1 });
  const { node } = network;
  await publishMany(node, 30);
  await using reader = await openReader();
  const peer = reader.store.add({ base: node.base, bootstrapBy: "feed" });

  const first = await reader.pull(peer);
  expect(first).toMatchObject({ outcome: "applied", kind: "bootstrap", counts: { applied: 31, refused: 0, deleted: 0 } });
  const items = await readAll(node);
  expect(reader.now(peer)).toMatchObject({ position: 31, head: 31, hash: items.at(-1)!.hash, epoch: expect.any(String), bootstrap: null });
  expect(reader.store.shown()).toEqual(Object.fromEntries(items.map(({ uri, snapshot }) => [uri, snapshot])));
  expect([...reader.store.statements.values()].map(({ position, hops }) => [position, hops])).toEqual(
    items.map((item) => [item.sequence_number, []]),
  );

  expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged", kind: "pull", counts: { applied: 0, passedOver: 0, pages: 0 } });
  await publishMany(node, 2);
  expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", kind: "pull", counts: { applied: 3, pages: 1 } });
});

describe("page by page", () => {
  it("asks for what follows the cursor, until the head, and comes back where one run may read no more", async () => {
    await using origin = await openScriptedPeer();
    origin.tellMany(25);
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "feed" });
    const result = await reader.pull(peer, { limits: { pageItems: 10, pages: 2 } });
    expect(reader.store.runs.map(({ end }) => end)).toEqual([
      { outcome: "applied", head: 25, more: true, detail: undefined },
      { outcome: "applied", head: 25, more: false, detail: undefined },
    ]);
    expect(result.counts).toMatchObject({ applied: 5, pages: 1 });
  });

  it("hears of deletions, and of what comes back", async () => {
    await using set = await following(3);
    const { origin, reader, peer } = set;
    const uri = origin.tell({ path: "events/2", gone: true });
    expect(await reader.pull(peer)).toMatchObject({ counts: { deleted: 1 } });
    expect(Object.keys(reader.store.shown())).not.toContain(uri);
    origin.tell({ path: "events/2", name: "Back again", version: 3 });
    await reader.pull(peer);
    expect(reader.store.shown()[uri]).toMatchObject({ name: "Back again" });
  });

  it("asks for fewer items where a page is too large, and passes over an item that is too large by itself", async () => {
    await using origin = await openScriptedPeer();
    origin.tellMany(30);
    origin.tell({ path: "events/fat", name: "x".repeat(60_000) });
    origin.tellMany(3, 100);
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "feed" });
    const limits = { pageItems: 30, pageBytes: 100_000, itemBytes: 50_000 };
    origin.changePage = (page) => ({ ...page, padding: "y".repeat(page["changes"].length * 4_000) });
    expect(await reader.pull(peer, { limits })).toMatchObject({ outcome: "applied", counts: { applied: 33, refused: 1 } });
    expect(reader.store.refusals).toMatchObject([{ reason: "too_large", uri: `${origin.base}/events/fat` }]);
    expect(reader.now(peer)).toMatchObject({ position: 34 });
  });

  it("tells the peer's key to the peer alone", async () => {
    await using set = await following(1);
    const { origin, reader } = set;
    await using elsewhere = await openScriptedPeer();
    const peer = reader.store.add({ base: `${origin.base}`, accessKey: "a-secret", bootstrapBy: "feed" });
    await reader.pull(peer);
    expect(origin.last.authorization).toBe("Bearer a-secret");
    const client = reader.parts.client(peer);
    origin.answer("/away", (_request, response) => void response.writeHead(307, { location: `${elsewhere.base}${PROFILE}` }).end());
    await expect(client.get(`${origin.base}/away`)).rejects.toThrow("not dialled: loopback");
    await expect(client.get(`${elsewhere.base}${PROFILE}`)).rejects.toThrow("not dialled: loopback");
    expect(elsewhere.heard).toEqual([]);
  });
});

describe("a bad item is passed over alone, and the log tells why", () => {
  const NUL = String.fromCodePoint(0);
  const deep = (levels: number): unknown => (levels === 0 ? "x" : { a: deep(levels - 1) });
  it.each<[string, string, (origin: ScriptedPeer) => void]>([
    ["malformed", "an unknown kind", (origin) => void origin.tell({ path: "events/x", kind: "concert" as "event" })],
    ["malformed", "an address that is none", (origin) => void origin.tell({ path: "http://" })],
    ["malformed", "U+0000 in a name", (origin) => void origin.tell({ path: "events/x", name: `a${NUL}b` })],
    [
      "malformed",
      "a prototype",
      (origin) => void origin.tell({ path: "events/x", document: JSON.parse(`{"@id":"${origin.base}/events/x","__proto__":{"a":1}}`) }),
    ],
    ["malformed", "a negative version", (origin) => void origin.tell({ path: "events/x", version: -1 })],
    ["identity", "another @id", (origin) => void origin.tell({ path: "events/x", document: { "@id": `${origin.base}/events/y` } })],
    [
      "too_large",
      "too deep",
      (origin) => void origin.tell({ path: "events/x", document: { "@id": `${origin.base}/events/x`, a: deep(33) } }),
    ],
    [
      "too_large",
      "too many values",
      (origin) => void origin.tell({ path: "events/x", document: { "@id": `${origin.base}/events/x`, a: Array(20_001).fill(0) } }),
    ],
    ["foreign_uri", "another node's event", (origin) => void origin.tell({ path: "https://other.example/events/1" })],
    ["own_uri", "an event of ours", (origin) => void origin.tell({ path: "https://reader.example/events/1" })],
  ])("%s: %s", async (reason, _what, tell) => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    tell(origin);
    origin.tell({ path: "events/good" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 1, refused: 1 } });
    expect(reader.store.refusals).toMatchObject([{ reason }]);
    expect(reader.now(peer)).toMatchObject({ position: 4, status: "active" });
  });
});

describe("a proof that fails stops the peer, and nothing of that page is applied", () => {
  it.each<[string, RegExp, (origin: ScriptedPeer) => void]>([
    ["digest", /position 14: digest/, ({ items }) => void Object.assign(items[13]!["snapshot"] as object, { name: "Changed" })],
    ["hash_chain", /position 14: hash/, ({ items }) => void Object.assign(items[13]!, { version: 9 })],
    ["hash_chain", /position 14/, ({ items }) => void Object.assign(items[13]!, { hash: "x" })],
    [
      "hash_chain",
      /position 13: hash/,
      (origin) => {
        // All was written anew, from the beginning.
        origin.items.splice(0);
        origin.tellMany(14, 500);
      },
    ],
    ["positions", /position 14 was expected, it gives 15/, ({ items }) => void items.splice(13, 1)],
    ["positions", /position 14 was expected, it gives 13/, ({ items }) => void items.splice(13, 0, items[12]!)],
    [
      "positions",
      /position 13 was expected, it gives 9007199254740992/,
      ({ items }) => void Object.assign(items[12]!, { sequence_number: 2 ** 53 }),
    ],
    ["positions", /it gives no item/, ({ items }) => void items.splice(12, 1, "item" as unknown as Record<string, unknown>)],
    ["positions", /leads back/, (origin) => (origin.changePage = (page) => ({ ...page, next_cursor: page["cursor"] }))],
    ["positions", /says its head is 3/, (origin) => (origin.changePage = (page) => ({ ...page, head: 3 }))],
    ["positions", /its epoch was/, (origin) => (origin.changePage = (page) => ({ ...page, epoch: "01K00000000000000000000000" }))],
    ["downgraded", /bears no hash/, ({ items }) => void delete items[13]!["hash"]],
    ["digest", /cannot be taken/, ({ items }) => void Object.assign(items[13]!["snapshot"] as object, { name: "\uD800" })],
    [
      "unreadable",
      /no page of a feed: \/changes: expected an array, found a string; \/next_cursor: expected a string, found nothing/,
      (origin) => (origin.changePage = () => ({ changes: "none" })),
    ],
    ["unreadable", /no JSON object/, (origin) => (origin.changePage = () => [])],
    ["unreadable", /nested more than/, (origin) => origin.answer(FEED, (_request, response) => void response.end("[".repeat(100_000)))],
    [
      "unreadable",
      /the item after position 12 is too large/,
      (origin) => origin.answer(FEED, (_request, response) => void response.end(" ".repeat(20_000_000))),
    ],
    ["unreadable", /500 were asked for/, (origin) => (origin.changePage = (page) => ({ ...page, changes: Array(501).fill({}) }))],
    ["cursor_refused", /cursor_beyond_head/, ({ items }) => void items.splice(3)],
    [
      "identity",
      /calls itself https:\/\/other.example/,
      (origin) => (origin.changeProfile = (profile) => ({ ...profile, node: "https://other.example" })),
    ],
    [
      "downgraded",
      /no longer offers hash-chain/,
      (origin) => (origin.changeProfile = (profile) => ({ ...profile, feedFeatures: ["epochs"] })),
    ],
  ])("%s: %s", async (alarm, detail, tamper) => {
    await using set = await following(12);
    const { origin, reader, peer } = set;
    const before = structuredClone(reader.store.statements);
    origin.tellMany(3, 100);
    tamper(origin);
    reader.later(2 * 60 * 60_000);
    expect(await reader.pull(peer)).toMatchObject({ outcome: "alarm", end: { alarm, detail: expect.stringMatching(detail) } });
    expect(reader.now(peer)).toMatchObject({ status: "broken", alarm, position: 12 });
    expect(reader.store.statements).toEqual(before);
    await expect(reader.pull(peer)).rejects.toThrow("was skipped");
  });
});

describe("a peer that cannot be had is asked later", () => {
  it.each<[RegExp, (origin: ScriptedPeer) => void]>([
    [/answered 500/, (origin) => origin.answer(FEED, json(500, {}))],
    [/wants a key/, (origin) => origin.answer(FEED, json(401, {}))],
    [/wants a key/, (origin) => origin.answer(FEED, json(403, {}))],
    [/answered 404/, (origin) => origin.answer(FEED, json(404, {}))],
    [/no JSON/, (origin) => origin.answer(FEED, (_request, response) => void response.end("<html>Please sign in"))],
    [/the connection/, (origin) => origin.answer(FEED, (request) => void request.socket.destroy())],
    [
      /the connection/,
      (origin) =>
        origin.answer(
          FEED,
          (request, response) => void response.writeHead(200, { "content-length": "100" }).write("{", () => request.socket.destroy()),
        ),
    ],
    [/no complete answer within 0.3 s/, (origin) => origin.answer(FEED, () => undefined)],
    [
      /no complete answer within 0.3 s/,
      (origin) =>
        origin.answer(FEED, (_request, response) => {
          const drip = setInterval(() => response.write(" "), 20);
          response.on("close", () => clearInterval(drip));
        }),
    ],
    [
      /redirects more than 3 times/,
      (origin) => origin.answer(FEED, (_request, response) => void response.writeHead(307, { location: origin.base + FEED }).end()),
    ],
    [
      /not dialled/,
      (origin) => origin.answer(FEED, (_request, response) => void response.writeHead(307, { location: "http://169.254.169.254/" }).end()),
    ],
    [/not understood/, (origin) => origin.answer(FEED, json(200, {}, { "content-encoding": "zstd" }))],
    [/without an end/, (origin) => (origin.changePage = (page) => ({ ...page, changes: [], next_cursor: `${page["next_cursor"]}x` }))],
  ])("%s", async (detail, break_) => {
    await using set = await following(12);
    const { origin, reader, peer } = set;
    origin.tellMany(2, 100);
    break_(origin);
    const limits = detail.source.includes("within") ? { requestMs: 300 } : {};
    const result = await reader.pull(peer, { limits });
    expect(result).toMatchObject({ outcome: "failed", end: { detail: expect.stringMatching(detail) } });
    expect(reader.now(peer)).toMatchObject({ status: "active", position: 12, failures: 1 });
    origin.answer(FEED, undefined);
    origin.changePage = (page) => page;
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 2 } });
  });

  it("in the same run, where it wants a moment only", async () => {
    await using set = await following(1);
    const { origin, reader, peer } = set;
    origin.tellMany(2, 100);
    const waits: number[] = [];
    const busy = json(429, {}, { "retry-after": "2" });
    origin.answer(FEED, (request, response) => {
      busy(request, response);
      if (waits.length === 2) origin.answer(FEED, undefined);
    });
    const wait = (milliseconds: number) => Promise.resolve(void waits.push(milliseconds));
    expect(await reader.pull(peer, { wait })).toMatchObject({ outcome: "applied", counts: { applied: 2 } });
    expect(waits).toEqual([2_000, 2_000, 2_000]);
  });

  it("and not before it wants to be", async () => {
    await using set = await following(1);
    const { origin, reader, peer } = set;
    origin.answer(FEED, json(429, {}, { "retry-after": "90" }));
    const { end } = await reader.pull(peer);
    expect(end).toMatchObject({ outcome: "failed", retryAt: new Date(reader.parts.clock().getTime() + 90_000) });
  });
});
