/** The first copy of a peer, and new ones: by snapshot, by closed pages, by the feed; cut off anywhere, and with what a new copy does not meet. */
import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { BootstrapWay } from "../../src/domain/peer.ts";
import type { PeerClient } from "../../src/federation/peer/client.ts";
import { publishMany, readAll } from "../support/feed-reader.ts";
import { createNetwork } from "../support/network.ts";
import { openReader, type ReaderOptions } from "../support/pulling.ts";
import { FEED, json, openScriptedPeer, sendFile } from "../support/scripted-peer.ts";

const snapshotsIn = async (folder: string) => (await readdir(folder)).filter((name) => name.endsWith(".gz"));
const WAYS: readonly BootstrapWay[] = ["snapshot", "pages", "feed"];

it("all ways copy the same from a real node", async () => {
  await using network = await createNetwork({ nodes: 1 });
  const { node } = network;
  await publishMany(node, 1_200);
  const [gone, renamed] = (await readAll(node)).filter(({ kind }) => kind === "event");
  await node.asAdmin(`/api/v1${new URL(gone!.uri).pathname}`, { method: "DELETE" });
  await node.processAll();
  const expected = Object.fromEntries(
    (await readAll(node)).flatMap(({ uri, snapshot, tombstone }) =>
      snapshot === undefined || uri === gone!.uri || tombstone ? [] : [[uri, snapshot]],
    ),
  );
  expect(Object.keys(expected)).toContain(renamed!.uri);

  for (const bootstrapBy of WAYS) {
    await using reader = await openReader();
    const peer = reader.store.add({ base: node.base, bootstrapBy });
    expect(await reader.pull(peer), bootstrapBy).toMatchObject({ outcome: "applied", kind: "bootstrap", counts: { refused: 0 } });
    expect(reader.store.shown(), bootstrapBy).toEqual(expected);
    expect(reader.now(peer), bootstrapBy).toMatchObject({
      position: 1_202,
      head: 1_202,
      bootstrap: null,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await snapshotsIn(reader.folder)).toEqual([]);
  }
});

async function withPeer(count: number, bootstrapBy: BootstrapWay, options: ReaderOptions = {}) {
  const stack = new AsyncDisposableStack();
  const origin = stack.use(await openScriptedPeer());
  origin.tellMany(count);
  const reader = stack.use(await openReader(options));
  return { origin, reader, peer: reader.store.add({ base: origin.base, bootstrapBy }), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe("by snapshot", () => {
  it("goes on where the connection broke", async () => {
    // What came is kept before the connection breaks: what is still on its way then, may be lost.
    let [kept, breakOff] = [0, (): void => undefined];
    const client = (real: PeerClient): PeerClient => ({
      ...real,
      async open(...ask) {
        const { body, ...answer } = await real.open(...ask);
        return { ...answer, body: untilBroken(body) };
      },
    });
    async function* untilBroken(body: AsyncIterable<Buffer>) {
      for await (const chunk of body) {
        yield chunk;
        kept += chunk.length;
        if (kept % 3_000 === 0) breakOff();
      }
    }
    await using set = await withPeer(2_000, "snapshot", { client });
    const { origin, reader, peer } = set;
    const { sha256, body } = origin.snapshot();
    const ranges: (string | undefined)[] = [];
    origin.answer(`${FEED}/snapshots/${sha256}`, (request, response) => {
      ranges.push(request.headers.range);
      if (ranges.length > 4) return sendFile(request, response, { body, sha256 });
      const from = Number(/\d+/.exec(request.headers.range ?? "0")![0]);
      response.writeHead(from > 0 ? 206 : 200, {
        "content-length": String(body.length - from),
        etag: `"${sha256}"`,
        "content-range": `bytes ${from}-`,
      });
      response.write(body.subarray(from, from + 3_000));
      breakOff = () => void request.socket.end();
    });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 2_000 } });
    // The first only asked what there is.
    expect(ranges).toEqual([undefined, undefined, "bytes=3000-", "bytes=6000-", "bytes=9000-"]);
  });

  it("two pulls at once do not write into one file", async () => {
    await using set = await withPeer(600, "snapshot");
    const { reader, peer } = set;
    const ends = await Promise.all([reader.pull(peer), reader.pull(peer)]);
    expect(ends.map(({ outcome }) => outcome).toSorted()).toEqual(["applied", "unchanged"]);
    expect(reader.now(peer)).toMatchObject({ position: 600, bootstrap: null, status: "active", failures: 0 });
  });

  it("goes on in the next run, from the line and the byte where the last one stopped", async () => {
    await using set = await withPeer(2_300, "snapshot");
    const { origin, reader, peer } = set;
    // Each look at the clock takes its time: a run ends after a chunk or two.
    const clock = () => {
      reader.later(1_000);
      return reader.parts.clock();
    };
    await reader.pull(peer, { clock, limits: { runMs: 6_000, pageItems: 100 } });
    expect(reader.store.runs.length).toBeGreaterThan(2);
    expect(Object.keys(reader.store.shown())).toHaveLength(2_300);
    expect(origin.heard.filter((path) => path.includes("/snapshots/")).length).toBeLessThan(4);
  });

  it("loads a file with the wrong hash once more, then stops the peer; no line of it is applied", async () => {
    await using set = await withPeer(20, "snapshot");
    const { origin, reader, peer } = set;
    const { sha256, body } = origin.snapshot();
    const wrong = Buffer.from(body);
    wrong[20]! ^= 1;
    let served = 0;
    origin.answer(`${FEED}/snapshots/${sha256}`, (request, response) => {
      served += 1;
      sendFile(request, response, { body: served < 3 ? wrong : body, sha256 });
    });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 20 } });

    const second = reader.store.add({ base: origin.base, bootstrapBy: "snapshot" });
    reader.store.statements.clear();
    origin.answer(`${FEED}/snapshots/${sha256}`, (request, response) => sendFile(request, response, { body: wrong, sha256 }));
    expect(await reader.pull(second)).toMatchObject({
      outcome: "alarm",
      end: { alarm: "snapshot", detail: expect.stringContaining("twice") },
    });
    expect(reader.store.statements.size).toBe(0);
  });

  it.each<[string, RegExp, (lines: string[]) => string[]]>([
    ["a line too few", /19 lines, and its header says 20/, (lines) => lines.slice(0, -1)],
    ["no header", /no header/, (lines) => lines.slice(1)],
    ["nothing", /no header/, () => []],
    ["a bomb", /grows more than/, (lines) => [...lines, " ".repeat(50_000_000)]],
  ])("stops a peer whose snapshot has %s, although its hash is right", async (_what, detail, change) => {
    await using set = await withPeer(20, "snapshot");
    const { origin, reader, peer } = set;
    const file = origin.snapshot(change);
    origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, file));
    expect(await reader.pull(peer)).toMatchObject({ outcome: "alarm", end: { alarm: "snapshot", detail: expect.stringMatching(detail) } });
    expect(reader.now(peer)).toMatchObject({ status: "broken", cursor: null });
  });

  it("passes over lines that cannot be read, each with its reason", async () => {
    await using set = await withPeer(20, "snapshot");
    const { origin, reader, peer } = set;
    const line = (more: object) =>
      JSON.stringify({
        kind: "event",
        sequence_number: 1,
        uri: "https://other.example/1",
        snapshot: { "@id": "https://other.example/1" },
        version: 1,
        ...more,
      });
    const file = origin.snapshot(([header, ...lines]) => [
      header!.replace('"count":20', '"count":25'),
      ...lines,
      "{no json",
      line({}),
      line({ uri: `${origin.base}/events/x`, snapshot: { "@id": `${origin.base}/events/x` }, sequence_number: 99 }),
      // Which of the two it speaks by, nobody can tell.
      line({ uri: `${origin.base}/events/1`, tombstone: { "@id": `${origin.base}/events/1` } }),
      line({ padding: "x".repeat(2_000_000) }),
    ]);
    origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, file));
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 20, refused: 5 } });
    const reasons = reader.store.refusals.map(({ reason }) => reason).toSorted();
    expect(reasons).toEqual(["foreign_uri", "malformed", "malformed", "malformed", "too_large"]);
  });

  it("makes a new plan where the file is gone meanwhile, and takes the pages where there is no snapshot", async () => {
    await using set = await withPeer(25, "snapshot");
    const { origin, reader, peer } = set;
    const { sha256 } = origin.snapshot();
    let asked = 0;
    origin.answer(`${FEED}/snapshots/${sha256}`, (request, response) => {
      asked += 1;
      if (asked === 2) return json(404, {})(request, response);
      sendFile(request, response, origin.snapshot());
    });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 25 } });
    expect(asked).toBe(4);

    for (const status of [404, 501]) {
      const other = reader.store.add({ base: origin.base, bootstrapBy: "snapshot" });
      reader.store.statements.clear();
      origin.answer(`${FEED}/snapshot`, json(status, {}));
      expect(await reader.pull(other)).toMatchObject({ outcome: "applied", counts: { applied: 25 } });
    }
    expect(origin.heard.filter((path) => path.includes("/pages/"))).toHaveLength(6);
  });

  it("is not taken where it is larger than may be, or drips", async () => {
    await using set = await withPeer(2_000, "snapshot");
    const { origin, reader, peer } = set;
    expect(await reader.pull(peer, { limits: { snapshotBytes: 1_000 } })).toMatchObject({
      outcome: "failed",
      end: { detail: expect.stringContaining("--bootstrap pages") },
    });
    const { sha256, body } = origin.snapshot();
    origin.answer(`${FEED}/snapshots/${sha256}`, (_request, response) => {
      response.writeHead(200, { "content-length": String(body.length), etag: `"${sha256}"` });
      let at = 0;
      const drip = setInterval(() => response.write(body.subarray(at, ++at)), 5);
      response.on("close", () => clearInterval(drip));
    });
    const clock = () => {
      reader.later(1_000);
      return reader.parts.clock();
    };
    expect(await reader.pull(peer, { clock })).toMatchObject({ outcome: "failed", end: { detail: expect.stringContaining("less than") } });
    origin.answer(`${FEED}/snapshots/${sha256}`, (_request, response) => {
      response.writeHead(200, { "content-length": String(body.length), etag: `"${sha256}"` }).flushHeaders();
    });
    expect(await reader.pull(peer, { limits: { requestMs: 500 } })).toMatchObject({
      outcome: "failed",
      end: { detail: expect.stringContaining("nothing came") },
    });
  });
});

describe("by closed pages", () => {
  it("and then by the feed, each item once", async () => {
    await using set = await withPeer(37, "pages");
    const { origin, reader, peer } = set;
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 37, passedOver: 0 } });
    expect(origin.heard.filter((path) => path.includes("/pages/"))).toHaveLength(4);
    expect(reader.now(peer)).toMatchObject({ position: 37, bootstrap: null });
  });

  it("proves them by the chain from the first item on", async () => {
    await using set = await withPeer(37, "pages");
    const { origin, reader, peer } = set;
    Object.assign(origin.items[14]!["snapshot"] as object, { name: "Changed" });
    expect(await reader.pull(peer)).toMatchObject({
      outcome: "alarm",
      end: { alarm: "digest", detail: expect.stringContaining("position 15") },
    });
    expect(reader.store.statements.size).toBe(10);
  });

  it("goes on after a break, also where pages were closed meanwhile", async () => {
    await using set = await withPeer(25, "pages");
    const { origin, reader, peer } = set;
    // Pages of 10 are closed up to position 20; of the five after them one request brings two, and the next one fails.
    let asked = 0;
    origin.changePage = (page) => {
      if (page["next_cursor"] !== undefined && (asked += 1) === 3) origin.answer(FEED, json(503, {}));
      return page;
    };
    expect(await reader.pull(peer, { limits: { pageItems: 2 } })).toMatchObject({ outcome: "failed", counts: { applied: 24 } });
    expect(reader.now(peer)).toMatchObject({ cursor: null, bootstrap: { way: "pages", page: 3, position: 24 } });
    origin.answer(FEED, undefined);
    origin.tellMany(9, 100);
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 10 } });
    expect(reader.now(peer)).toMatchObject({ position: 34, bootstrap: null });
  });

  it("of a feed with less than a page", async () => {
    await using set = await withPeer(3, "pages");
    expect(await set.reader.pull(set.peer)).toMatchObject({ outcome: "applied", counts: { applied: 3 } });
    await using empty = await withPeer(0, "pages");
    expect(await empty.reader.pull(empty.peer)).toMatchObject({ outcome: "unchanged" });
  });
});

describe("a new epoch", () => {
  it.each(WAYS)("is copied anew by %s, and what it lacks is gone", async (bootstrapBy) => {
    await using set = await withPeer(30, bootstrapBy);
    const { origin, reader, peer } = set;
    await reader.pull(peer);
    // A backup of some time ago: 25 to 30 were lost, and the node has gone on since.
    origin.restore("01K00000000000000000000000", 24);
    origin.tell({ path: "events/3", name: "Anew", version: 2 });
    origin.tell({ path: "events/31" });
    const result = await reader.pull(peer);
    expect(result).toMatchObject({ outcome: "applied", kind: "pull", counts: { deleted: 6 } });
    expect(Object.keys(reader.store.shown())).toHaveLength(25);
    expect(reader.store.shown()[`${origin.base}/events/3`]).toMatchObject({ name: "Anew" });
    expect(reader.now(peer)).toMatchObject({ epoch: origin.epoch, position: 26, bootstrap: null });
    origin.tell({ path: "events/32" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 1, pages: 1 } });
  });

  it("takes nothing for gone that follows its snapshot in the feed, nor before all of that is proven", async () => {
    await using set = await withPeer(30, "snapshot");
    const { origin, reader, peer } = set;
    await reader.pull(peer);
    origin.restore("01K00000000000000000000000", 24);
    const old = origin.snapshot();
    origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, old));
    origin.tellMany(5, 25);
    origin.changePage = ({ changes, ...page }) => ({ ...page, changes: changes.with(-1, { ...changes.at(-1), hash: changes[0].hash }) });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "alarm", end: { alarm: "hash_chain" }, counts: { deleted: 0 } });
    expect(Object.keys(reader.store.shown())).toHaveLength(30);

    origin.changePage = (page) => page;
    origin.heard.length = 0;
    Object.assign(reader.store.peers.get(peer.id)!, { status: "active", alarm: null });
    // Only 30 was lost. The lines of the snapshot are not loaded again.
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", kind: "resync", counts: { deleted: 1 } });
    expect(Object.keys(reader.store.shown())).toHaveLength(29);
    expect(origin.heard.filter((path) => path.includes("/snapshot"))).toEqual([]);
    expect(reader.now(peer)).toMatchObject({ position: 29, bootstrap: null });
  });

  it("that begins again and again is no feed", async () => {
    await using set = await withPeer(3, "feed");
    const { origin, reader, peer } = set;
    await reader.pull(peer);
    origin.answer(FEED, json(410, { code: "wrong_epoch", epoch: "01K00000000000000000000000" }));
    expect(await reader.pull(peer)).toMatchObject({ outcome: "failed", end: { detail: expect.stringContaining("again and again") } });
    expect(Object.keys(reader.store.shown())).toHaveLength(3);
  });
});

it.each(WAYS)("a peer that is added again by %s: what it has no more is gone", async (bootstrapBy) => {
  await using set = await withPeer(6, bootstrapBy);
  const { origin, reader, peer } = set;
  await reader.pull(peer);
  // Removed and added again; meanwhile it was set back, and 5 and 6 are lost.
  Object.assign(reader.store.peers.get(peer.id)!, { cursor: null, epoch: null, position: 0, hash: "", profile: null });
  origin.restore("01K00000000000000000000000", 4);
  expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", kind: "bootstrap", counts: { deleted: 2 } });
  expect(Object.keys(reader.store.shown())).toHaveLength(4);
});

it("a copy that is cut off at any request ends as one that is not", async () => {
  for (const bootstrapBy of WAYS) {
    for (let cut = 1; cut <= 8; cut++) {
      await using origin = await openScriptedPeer();
      origin.tellMany(33);
      let asked = 0;
      let armed = true;
      // The connection breaks at the n-th request of the copy, once.
      const broken = () => {
        asked += 1;
        if (armed && asked === cut) throw new Error("cut");
      };
      await using reader = await openReader({
        client: (real) => ({ get: (...ask) => (broken(), real.get(...ask)), open: (...ask) => (broken(), real.open(...ask)) }),
      });
      const peer = reader.store.add({ base: origin.base, bootstrapBy });
      await reader.pull(peer).catch((error: Error) => expect(error.message).toBe("cut"));
      armed = false;
      origin.tellMany(9, 100);
      await reader.pull(peer);
      expect(Object.keys(reader.store.shown()), `${bootstrapBy}, cut at ${cut}`).toHaveLength(42);
      expect(reader.now(peer)).toMatchObject({ position: 42, bootstrap: null });
    }
  }
});
