/** What a peer tells that cannot be read stops nothing else; and a run that breaks leaves word of it. */
import { describe, expect, it } from "vitest";
import type { BootstrapPlan, BootstrapWay } from "../../src/domain/peer.ts";
import type { PullParts } from "../../src/federation/peer/pull.ts";
import { following, openReader } from "../support/pulling.ts";
import { FEED, openScriptedPeer, sendFile } from "../support/scripted-peer.ts";

describe("the client", () => {
  it.each([
    ["a U+0000", "a\0b"],
    ["a space", "a b"],
  ])("passes over an item whose custody names an epoch with %s", async (_what, epoch) => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    const custody = { node: "https://far.example", epoch, position: 1, hops: [] };
    origin.tell({ path: "https://far.example/events/1", custody });
    origin.tell({ path: "events/good" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 1, refused: 1 } });
    expect(reader.store.refusals).toMatchObject([{ reason: "malformed", detail: expect.stringContaining("/custody/epoch") }]);
  });

  it("reads the feed where a closed page is too large, and goes on by pages of the size that comes through", async () => {
    await using origin = await openScriptedPeer();
    origin.tellMany(35);
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "pages" });
    expect(await reader.pull(peer, { limits: { pageBytes: 3_000 } })).toMatchObject({ outcome: "applied", counts: { applied: 35 } });
    expect(origin.heard.filter((path) => path.includes("/pages/"))).toHaveLength(1);
    expect(reader.now(peer)).toMatchObject({ position: 35, bootstrap: null, status: "active" });
  });

  it("is stopped, and says why, where the very first item is too large to be read", async () => {
    await using origin = await openScriptedPeer();
    origin.tell({ path: "events/1", name: "x".repeat(5_000) });
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "pages" });
    expect(await reader.pull(peer, { limits: { pageBytes: 3_000 } })).toMatchObject({ outcome: "alarm", end: { alarm: "unreadable" } });
  });

  describe("notes a run that", () => {
    it("broke for a reason of our own as failed, and throws the reason", async () => {
      await using set = await following(2);
      const { origin, reader, peer } = set;
      origin.tell({ path: "events/3" });
      const store: PullParts["store"] = { ...reader.store, applyPage: () => Promise.reject(new Error("index row size\nexceeds")) };
      await expect(reader.pull(peer, { store })).rejects.toThrow("index row size");
      expect(reader.now(peer)).toMatchObject({ failures: 1, lastError: "this node could not take it in: index row size exceeds" });
      expect(reader.store.runs.at(-1)?.end).toMatchObject({ outcome: "failed" });
    });

    it("was cut off because the node was closed as interrupted, which is no failure of the peer's", async () => {
      await using set = await following(2);
      const { origin, reader, peer } = set;
      origin.tell({ path: "events/3" });
      const closing = new AbortController();
      const store: PullParts["store"] = {
        ...reader.store,
        applyPage: () => {
          closing.abort();
          return Promise.reject(new Error("the database is closed"));
        },
      };
      await expect(reader.pull(peer, { store, signal: closing.signal })).rejects.toThrow("the database is closed");
      expect(reader.store.runs.at(-1)?.end).toMatchObject({
        outcome: "failed",
        interrupted: true,
        detail: expect.stringMatching(/interrupted/),
      });
      expect(reader.now(peer)).toMatchObject({ failures: 0, lastError: null });
    });
  });

  describe("of a snapshot with lines that cannot be read", () => {
    /** A new copy of a peer of two events, whose file has one of them and `line` in place of the other. */
    async function copyWith(line: (uri: string) => string) {
      const set = await following(2);
      const { origin, reader, peer } = set;
      const dropped = `${origin.base}/events/2`;
      const file = origin.snapshot(([header, ...lines]) => [header!, ...lines.map((one) => (one.includes(dropped) ? line(dropped) : one))]);
      origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, file));
      const way: BootstrapWay = "snapshot";
      const plan: BootstrapPlan = { id: crypto.randomUUID(), way, resync: true, lines: 0, page: 1 };
      Object.assign(reader.store.peers.get(peer.id)!, { bootstrap: plan, bootstrapBy: way });
      const result = await reader.pull(peer);
      return { set, reader, result, kept: dropped in reader.store.shown() };
    }

    it("takes nothing for gone, as nobody knows what they said, and says so", async () => {
      const { set, reader, result, kept } = await copyWith(() => "{no json");
      await using _set = set;
      expect(result).toMatchObject({
        counts: { deleted: 0, refused: 1 },
        end: { detail: expect.stringMatching(/1 lines of its snapshot cannot be read/) },
      });
      expect(kept).toBe(true);
      expect(reader.now(set.peer)).toMatchObject({ bootstrap: null });
    });

    it("keeps what such a line names, however long the name is", async () => {
      await using set = await following(1);
      const { origin, reader, peer } = set;
      const path = `events/${"x".repeat(500)}`;
      const uri = origin.tell({ path });
      await reader.pull(peer);
      const file = origin.snapshot((lines) => lines.map((one) => (one.includes(uri) ? JSON.stringify({ uri, kind: "concert" }) : one)));
      origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, file));
      const plan: BootstrapPlan = { id: crypto.randomUUID(), way: "snapshot", resync: true, lines: 0, page: 1 };
      Object.assign(reader.store.peers.get(peer.id)!, { bootstrap: plan });
      expect(await reader.pull(peer)).toMatchObject({ counts: { deleted: 0, refused: 1 } });
      expect(reader.store.shown()).toHaveProperty([uri]);
    });

    it("drops what is missing where every line can be read", async () => {
      const { set, result, kept } = await copyWith((uri) => JSON.stringify(lineOf(uri.replace("/events/2", "/events/9"))));
      await using _set = set;
      expect(result).toMatchObject({ counts: { deleted: 1 } });
      expect(kept).toBe(false);
    });
    const lineOf = (uri: string) => ({ kind: "event", sequence_number: 1, uri, version: 1, snapshot: { "@id": uri, "@type": "Event" } });
  });
});
