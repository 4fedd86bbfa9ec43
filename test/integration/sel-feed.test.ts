/** Feeds of SEL servers that are not ours: no epoch, no hashes, `seq_N` cursors, none on the last page; read as far as they tell, and the gaps admitted. */
import { expect, it, describe } from "vitest";
import type { PullResult } from "../../src/federation/peer/pull.ts";
import { openReader } from "../support/pulling.ts";
import { FEED, json, openScriptedPeer } from "../support/scripted-peer.ts";

interface SelServer {
  /** Of the query: the name of the cursor that is known. */
  parameter: "since" | "after";
  /** What becomes of a parameter that is not known. */
  unknown: "refused" | "ignored";
  cursors: "base64url" | "plain" | "opaque";
  mostItems: number;
  /** Sends snapshots only when asked. */
  snapshotsOff: boolean;
  members: (item: Record<string, unknown>) => Record<string, unknown>;
}

/** A server of that kind over a list of items; positions have gaps. */
async function openSel(options: Partial<SelServer> = {}) {
  const {
    parameter = "since",
    unknown = "refused",
    cursors = "base64url",
    mostItems = 1_000,
    snapshotsOff = false,
    members = (same) => same,
  } = options;
  const site = await openScriptedPeer();
  const items: Record<string, unknown>[] = [];
  const encode = (position: number) =>
    cursors === "plain" ? `seq_${position}` : Buffer.from(`${cursors === "opaque" ? "x" : "seq_"}${position}`).toString("base64url");
  const decode = (cursor: string) => Number(/\d+$/.exec(cursors === "plain" ? cursor : Buffer.from(cursor, "base64url").toString())?.[0]);
  site.answer(
    "/.well-known/sel-profile",
    json(200, { profile: "https://sel.events/profiles/interop", version: "0.1.0", node: `${site.base}/`, updated: "2026-01-01" }),
  );
  site.answer(FEED, (request, response) => {
    const query = new URL(request.url!, site.base).searchParams;
    const known = new Set([parameter, "limit", "action", ...(snapshotsOff ? ["include_snapshot"] : [])]);
    const other = [...query.keys()].find((name) => !known.has(name));
    if (other !== undefined && unknown === "refused")
      return json(400, { title: "Validation error", detail: `unknown parameter ${other}` })(request, response);
    const limit = Number(query.get("limit") ?? 50);
    if (limit > mostItems) return json(400, { title: "Invalid limit parameter" })(request, response);
    const cursor = query.get(parameter);
    const from = cursor === null ? 0 : decode(cursor);
    if (Number.isNaN(from)) return json(400, { title: "Invalid cursor" })(request, response);
    const after = items.filter((item) => (item["sequence_number"] as number) > from);
    const page = after.slice(0, limit);
    const shown = page.map((item) => {
      const { snapshot, ...rest } = item;
      return members(
        snapshotsOff && query.get("include_snapshot") !== "true" ? rest : { ...rest, ...(snapshot !== undefined && { snapshot }) },
      );
    });
    const next_cursor = after.length > limit ? encode(page.at(-1)!["sequence_number"] as number) : "";
    return json(200, { cursor: cursor ?? "", changes: shown, next_cursor })(request, response);
  });
  return {
    base: site.base,
    site,
    items,
    heard: site.heard,
    tell(position: number, name: string, more: Record<string, unknown> = {}) {
      const uri = `${site.base}/events/${name}`;
      const snapshot = { "@context": "https://schema.org", "@id": uri, "@type": "Event", name };
      items.push({ action: "create", uri, changed_at: "2026-01-01T00:00:00Z", sequence_number: position, snapshot, ...more });
      return uri;
    },
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

const detailOf = (result: PullResult) => (result.outcome === "skipped" ? undefined : result.end.detail);
const SEL = { dialect: "sel", bootstrapBy: "snapshot", hash: null } as const;

describe.each<[string, Partial<SelServer>]>([
  ["of the profile", {}],
  ["that know `after` alone and refuse the rest", { parameter: "after" }],
  ["that know `after` alone and ignore the rest", { parameter: "after", unknown: "ignored" }],
  ["with plain cursors", { cursors: "plain" }],
  ["with opaque cursors", { cursors: "opaque" }],
  ["that give few items", { mostItems: 100 }],
  ["that send snapshots only when asked", { snapshotsOff: true }],
  ["that leave the uri out", { members: ({ uri: _uri, ...rest }) => rest }],
])("servers %s", (_what, options) => {
  it("are read from the beginning to the end, once, and then what is new", async () => {
    await using server = await openSel(options);
    for (let n = 1; n <= 230; n++) server.tell(n * 3, `event-${n}`);
    await using reader = await openReader();
    const peer = reader.store.add({ base: server.base, ...SEL });
    const first = await reader.pull(peer, { limits: { pageItems: 150 } });
    expect(first).toMatchObject({ outcome: "applied", counts: { applied: 230, refused: 0 } });
    expect(detailOf(first)).toMatch(/^gaps: nothing proves/);
    expect(reader.now(peer)).toMatchObject({ position: 690, epoch: null, status: "active" });

    expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged", counts: { applied: 0 } });
    server.tell(700, "new");
    server.tell(701, "event-1", { action: "delete", snapshot: undefined });
    const later = await reader.pull(peer);
    expect(later).toMatchObject({
      outcome: "applied",
      counts: { applied: options.members === undefined ? 1 : 1, refused: options.members === undefined ? 0 : 1 },
    });
    expect(Object.keys(reader.store.shown())).toHaveLength(options.members === undefined ? 230 : 231);
    expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged" });
  });
});

it("a deletion without a tombstone gets one, and the log says so", async () => {
  await using server = await openSel();
  const uri = server.tell(1, "a");
  server.tell(2, "a", { action: "delete", snapshot: undefined });
  const other = server.tell(3, "b");
  server.tell(4, "b", { action: "delete", snapshot: undefined, tombstone: { "@id": other, "@type": "Event", "sel:tombstone": true } });
  await using reader = await openReader();
  const result = await reader.pull(reader.store.add({ base: server.base, ...SEL }));
  expect(result).toMatchObject({ counts: { applied: 2, deleted: 2 } });
  expect(detailOf(result)).toContain("deletions without a tombstone have one made here");
  expect(JSON.parse(reader.store.statements.get(uri)!.text)).toEqual({
    "@id": uri,
    "@type": "Event",
    "sel:deletedAt": "2026-01-01T00:00:00Z",
    "sel:tombstone": true,
  });
});

it("a deletion that tells what was shown last becomes a tombstone, without it", async () => {
  await using server = await openSel();
  const uri = server.tell(1, "a");
  server.tell(2, "a", { action: "delete", snapshot: { "@id": uri, "@type": "MusicEvent", name: "A", description: "What it showed last" } });
  await using reader = await openReader();
  expect(await reader.pull(reader.store.add({ base: server.base, ...SEL }))).toMatchObject({ counts: { deleted: 1 } });
  expect(JSON.parse(reader.store.statements.get(uri)!.text)).toEqual({
    "@id": uri,
    "@type": "MusicEvent",
    "sel:deletedAt": "2026-01-01T00:00:00Z",
    "sel:tombstone": true,
  });
});

it("a change without a snapshot cannot be read, and the log says so", async () => {
  await using server = await openSel({ members: ({ snapshot: _none, ...rest }) => rest });
  server.tell(1, "a");
  await using reader = await openReader();
  const result = await reader.pull(reader.store.add({ base: server.base, ...SEL }));
  expect(result).toMatchObject({ outcome: "unchanged", counts: { refused: 1 } });
  expect(detailOf(result)).toContain("changes without a snapshot could not be read");
});

it("an item without a position is counted", async () => {
  await using server = await openSel({ members: ({ sequence_number: _none, ...rest }) => rest, cursors: "opaque" });
  server.tell(1, "a");
  server.tell(2, "a", { action: "delete", snapshot: undefined });
  await using reader = await openReader();
  const peer = reader.store.add({ base: server.base, ...SEL });
  expect(detailOf(await reader.pull(peer))).toContain("bear no position");
  expect(reader.store.shown()).toEqual({});
});

describe.each<[string, Partial<SelServer>]>([
  ["on one page", {}],
  ["on one page of a server that knows `after` alone", { parameter: "after", unknown: "ignored" }],
  ["on many pages", { mostItems: 100 }],
  ["on many pages of a server that knows `after` alone and ignores the rest", { mostItems: 100, parameter: "after", unknown: "ignored" }],
  ["on many pages whose cursors count by themselves", { mostItems: 100, cursors: "plain" }],
])("items without positions, %s", (_what, options) => {
  it("are taken once, and then what is new", async () => {
    await using server = await openSel({ cursors: "opaque", members: ({ sequence_number: _none, ...rest }) => rest, ...options });
    for (let n = 1; n <= 120; n++) {
      server.tell(6 * n, `event-${n}`);
      server.tell(6 * n + 1, `event-${n}`, { action: "update", changed_at: "2026-01-02T00:00:00Z" });
    }
    await using reader = await openReader();
    const peer = reader.store.add({ base: server.base, ...SEL });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 120, passedOver: 120 } });
    const idle = { outcome: "unchanged", counts: { applied: 0, passedOver: 0 } };
    for (let again = 0; again < 2; again++) expect(await reader.pull(peer)).toMatchObject(idle);
    server.tell(800, "new");
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 1, passedOver: 0 } });
    expect(await reader.pull(peer)).toMatchObject(idle);
    expect(Object.keys(reader.store.shown())).toHaveLength(121);
  });
});

it("an item that cannot be read, on the first page of a server that knows `after` alone, holds nothing up", async () => {
  await using server = await openSel({ parameter: "after", unknown: "ignored", mostItems: 100 });
  server.tell(1, "bad", { uri: "/events/bad", snapshot: undefined });
  for (let n = 2; n <= 150; n++) server.tell(n, `event-${n}`);
  await using reader = await openReader();
  const peer = reader.store.add({ base: server.base, ...SEL });
  expect(await reader.pull(peer, { limits: { pageItems: 100 } })).toMatchObject({ counts: { applied: 149, refused: 1 } });
  expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged", counts: { refused: 0 } });
});

it("positions as text, and documents whose address is left out or relative, are read; so is a deletion with an empty tombstone", async () => {
  await using server = await openSel({ members: (item) => ({ ...item, sequence_number: String(item["sequence_number"]) }) });
  const without = server.tell(1, "without", { snapshot: { "@context": "https://schema.org", "@type": "Event", name: "Without" } });
  const relative = server.tell(2, "relative", {
    snapshot: { "@context": "https://schema.org", "@id": "/events/relative", "@type": "Event", name: "Relative" },
  });
  server.tell(3, "gone");
  server.tell(4, "gone", { action: "delete", snapshot: undefined, tombstone: {} });
  await using reader = await openReader();
  const peer = reader.store.add({ base: server.base, ...SEL });
  expect(await reader.pull(peer)).toMatchObject({ counts: { applied: 3, deleted: 1, refused: 0 } });
  expect(Object.keys(reader.store.shown()).toSorted()).toEqual([relative, without].toSorted());
  expect(reader.now(peer)).toMatchObject({ position: 4 });
});

it("another node's event keeps that node's URI, and is not the server's to tell", async () => {
  await using server = await openSel();
  const uri = "https://other.example/events/1";
  server.tell(1, "a", { federation_uri: uri, snapshot: { "@id": uri, "@type": "Event" } });
  await using reader = await openReader();
  await reader.pull(reader.store.add({ base: server.base, ...SEL }));
  expect(reader.store.refusals).toMatchObject([{ reason: "foreign_uri", uri }]);
});

it("positions that go back, and a refused cursor, stop the peer", async () => {
  await using server = await openSel();
  server.tell(5, "a");
  server.tell(9, "b");
  await using reader = await openReader();
  const peer = reader.store.add({ base: server.base, ...SEL });
  const page = (positions: number[], more: object = {}) => ({
    changes: positions.map((n) => ({
      action: "create",
      sequence_number: n,
      uri: `${server.base}/events/${n}`,
      snapshot: { "@id": `${server.base}/events/${n}` },
    })),
    next_cursor: "seq_1",
    ...more,
  });
  server.site.answer(FEED, json(200, page([5, 4])));
  expect(await reader.pull(peer)).toMatchObject({ outcome: "alarm", end: { alarm: "positions", detail: "position 4 comes after 5" } });

  const second = reader.store.add({ base: server.base, ...SEL, cursor: "seq_3", position: 3 });
  server.site.answer(FEED, json(400, { title: "Invalid cursor" }));
  expect(await reader.pull(second)).toMatchObject({ outcome: "alarm", end: { alarm: "cursor_refused" } });

  const third = reader.store.add({ base: server.base, ...SEL, cursor: "seq_9", position: 9 });
  server.site.answer(FEED, json(200, page([1, 2], { next_cursor: "seq_2" })));
  expect(await reader.pull(third)).toMatchObject({
    outcome: "alarm",
    end: { alarm: "positions", detail: expect.stringContaining("nothing newer") },
  });
});

it("a new copy, which a person may ask for, finds what was deleted and never told", async () => {
  await using server = await openSel();
  const lost = server.tell(1, "a");
  server.tell(2, "b");
  await using reader = await openReader();
  const peer = reader.store.add({ base: server.base, ...SEL });
  await reader.pull(peer);
  server.items.shift();
  expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged" });
  await reader.store.beginCopy(peer.id, { id: "a-copy", way: "feed", resync: true, lines: 0, page: 1 });
  expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", kind: "resync", counts: { deleted: 1 } });
  expect(reader.store.statements.get(lost)).toMatchObject({ gone: true });
  expect(reader.now(peer)).toMatchObject({ position: 2, bootstrap: null });
});

it("pages without an end are given up", async () => {
  await using server = await openSel();
  await using reader = await openReader();
  const peer = reader.store.add({ base: server.base, ...SEL, cursor: "opaque", position: 9 });
  let n = 0;
  server.site.answer(FEED, (request, response) =>
    json(200, {
      changes: [{ action: "create", sequence_number: 2, uri: `${server.base}/events/1`, snapshot: { "@id": `${server.base}/events/1` } }],
      next_cursor: `x${(n += 1)}`,
    })(request, response),
  );
  expect(await reader.pull(peer)).toMatchObject({ outcome: "failed", end: { detail: expect.stringContaining("without an end") } });
  expect(n).toBeLessThan(30);
});
