/** Two whole nodes: what the first says is pulled by the second's jobs, and by `node.pull`. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Tx } from "../../src/db/database.ts";
import { addPeer, changePeer, listPeers, requestResync } from "../../src/registry/peers.ts";
import { readAll } from "../support/feed-reader.ts";
import { createNetwork, type TestNetwork, type TestNode } from "../support/network.ts";
import { concert } from "../support/registry.ts";

let network: TestNetwork;
let [north, south]: TestNode[] = [];
beforeEach(async () => {
  network = await createNetwork({ nodes: 2 });
  [north, south] = network.nodes;
});
afterEach(() => network[Symbol.asyncDispose]());

const admin = { actor: "test", role: "admin" } as const;
const atSouth = <T>(work: (tx: Tx) => Promise<T>) => south!.database.transact(work, admin);
const follow = () =>
  atSouth((tx) => addPeer(south!.registry, admin, tx, { base: north!.base, name: "North", dialect: "calends", profile: null }));
const names = async (node: TestNode) => {
  const answer = (await (await node.asAdmin("/api/v1/events?limit=50")).json()) as { items: { "@id": string; name: string }[] };
  return answer.items.map((event) => [event["@id"], event.name]);
};

async function submit(changes: object): Promise<string> {
  const created = await north!.asAdmin("/api/v1/events", {
    method: "POST",
    headers: { "content-type": "application/ld+json" },
    body: JSON.stringify(concert(changes)),
  });
  expect(created.status).toBe(201);
  return new URL(created.headers.get("location")!, north!.url).pathname;
}

it("the second node shows what the first tells, under the same URIs, and hears of what is gone", async () => {
  await submit({ name: "Stays" });
  const goes = await submit({ name: "Goes", startDate: "2026-06-01T20:00:00-04:00", endDate: "2026-06-01T22:00:00-04:00" });
  await north!.processAll();
  const peer = await follow();
  await south!.processAll();
  expect(await names(south!)).toEqual(await names(north!));
  expect(await names(south!)).toHaveLength(2);

  expect((await north!.asAdmin(`/api/v1${goes}`, { method: "DELETE" })).status).toBeLessThan(300);
  await north!.processAll();
  expect(await south!.pull(peer.id)).toMatchObject({ outcome: "applied", counts: { deleted: 1, refused: 0 } });
  expect((await names(south!)).map(([, name]) => name)).toEqual(["Stays"]);
  expect(await south!.pull(peer.id)).toMatchObject({ outcome: "unchanged" });

  const [listed] = await south!.database.read((on) => listPeers(on, south!.registry.clock()));
  expect(listed).toMatchObject({
    status: "active",
    lagPositions: 0,
    lastRun: { outcome: "unchanged" },
    counts: { events: 1 },
    refusedLast24h: 0,
  });
});

it("a new copy on request changes nothing where all was well, and a paused peer is left alone", async () => {
  await submit({ name: "Stays" });
  await north!.processAll();
  const peer = await follow();
  await south!.processAll();
  const before = await names(south!);
  await atSouth((tx) => requestResync(south!.registry, admin, tx, north!.base));
  await south!.processAll();
  expect(await names(south!)).toEqual(before);
  expect(await south!.database.read((on) => listPeers(on, south!.registry.clock()))).toMatchObject([
    { bootstrap: null, alarm: null, lastError: null, lagPositions: 0, lastRun: { kind: "resync", deleted: 0, refused: 0 } },
  ]);
  await atSouth((tx) => changePeer(south!.registry, admin, tx, north!.base, { status: "paused" }));
  expect(await south!.pull(peer.id)).toEqual({ outcome: "skipped" });
});

it("a new copy takes nothing for gone that the peer has told since its snapshot was made", async () => {
  await submit({ name: "Stays" });
  await north!.processAll();
  const peer = await follow();
  await south!.processAll();
  const since = (await readAll(south!)).length;
  await submit({ name: "Is newer than the snapshot", startDate: "2026-06-01T20:00:00-04:00", endDate: "2026-06-01T22:00:00-04:00" });
  await north!.processAll();
  expect(await south!.pull(peer.id)).toMatchObject({ outcome: "applied" });

  await atSouth((tx) => requestResync(south!.registry, admin, tx, north!.base));
  expect(await south!.pull(peer.id)).toMatchObject({ kind: "resync", counts: { deleted: 0, refused: 0 } });
  await south!.processAll();
  expect((await readAll(south!)).slice(since).map(({ action }) => action)).not.toContain("delete");
  expect((await names(south!)).map(([, name]) => name)).toContain("Is newer than the snapshot");
});
