/** How much a peer may fill: of so many entities it may tell, and what is held of it goes on as before. */
import { afterEach, beforeEach, expect, it } from "vitest";
import type { HeardChange } from "../../src/domain/custody.ts";
import type { Peer } from "../../src/domain/peer.ts";
import type { Counts } from "../../src/domain/pull.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { changePeer, listPeers, peerRefusals } from "../../src/registry/peers.ts";
import { addTestPeer, EPOCH, eventOf, gone, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

const admin = { actor: "test", role: "admin" } as const;
const MOST = 3;

let test: TestRegistry;
let store: KeptPulls;
beforeEach(async () => {
  test = await openTestRegistry();
  store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
});
afterEach(() => test[Symbol.asyncDispose]());

const limited = (more: object = {}) => addTestPeer(test, { filters: { maxEntities: MOST }, ...more });
const told = (n: number, position = n, changes: object = {}) => shown(eventOf(NORTH, n, changes), { position });

/** One pull of one page. */
async function pull({ id }: Peer, ...changes: HeardChange[]): Promise<Counts | "moved"> {
  const run = await store.beginRun(id, "pull");
  const counts = await store.applyPage(id, run, page((await store.read(id))!.cursor, changes));
  await store.endRun(id, run, { outcome: "applied", head: null, more: false });
  return counts;
}
const refusals = () => test.registry.database.read((on) => peerRefusals(on, NORTH, 10));
const trouble = async (base = NORTH) => {
  const peers = await test.registry.database.read((on) => listPeers(on, test.registry.clock()));
  return peers.find((peer) => peer.base === base)!.lastError;
};

it("lets in as many entities as the peer may tell of, refuses the next, and says so in the list", async () => {
  const peer = await limited();
  expect(await pull(peer, told(1), told(2))).toMatchObject({ applied: 2, refused: 0 });
  expect(await trouble()).toBeNull();
  expect(await pull(peer, told(3), told(4), told(5))).toMatchObject({ applied: 1, refused: 2 });
  expect((await refusals()).map(({ reason, uri }) => `${reason} ${uri}`).toSorted()).toEqual([
    `quota ${NORTH}/events/4`,
    `quota ${NORTH}/events/5`,
  ]);
  expect(await trouble()).toMatch(/^it may tell of 3 entities, and 3 were let in: further ones are refused/);
});

it("hears what the peer says of those that are held, and that they are gone; nothing becomes free by that", async () => {
  const peer = await limited();
  await pull(peer, told(1), told(2), told(3));
  expect(await pull(peer, told(1, 4, { name: "Another name" }), gone(`${NORTH}/events/2`, { position: 5 }), told(6, 6))).toMatchObject({
    applied: 1,
    deleted: 1,
    refused: 1,
  });
  expect(await pull(peer, told(2, 7))).toMatchObject({ applied: 1, refused: 0 });
});

it("counts an entity once, however often a page tells of it, and one that is gone from the first as well", async () => {
  const peer = await limited();
  expect(await pull(peer, told(1), told(1, 2, { name: "Again" }), gone(`${NORTH}/events/7`, { position: 3 }))).toMatchObject({
    refused: 0,
  });
  expect(await pull(peer, told(4, 4), told(5, 5))).toMatchObject({ applied: 1, refused: 1 });
});

it("counts what a relay tells of others for the relay", async () => {
  const relay = await limited({ base: SOUTH, name: "South", relay: true });
  const custody = { node: NORTH, epoch: EPOCH, hops: [SOUTH] };
  const passedOn = (n: number) => shown(eventOf(NORTH, n), { position: n, custody: { ...custody, position: n } });
  expect(await pull(relay, ...[1, 2, 3, 4].map(passedOn))).toMatchObject({ applied: 3, refused: 1 });
  expect(await trouble(SOUTH)).toMatch(/may tell of 3 entities, and 3 were let in/);
});

it("lets in more when a person says so", async () => {
  const peer = await limited();
  await pull(peer, ...[1, 2, 3, 4].map((n) => told(n)));
  const more = { filters: { maxEntities: MOST + 1 } };
  await test.registry.database.transact((tx) => changePeer(test.registry, admin, tx, NORTH, more));
  expect(await pull(peer, told(4, 5), told(5, 6))).toMatchObject({ applied: 1, refused: 1 });
  await expect(
    test.registry.database.transact((tx) => changePeer(test.registry, admin, tx, NORTH, { filters: { maxEntities: -1 } })),
  ).rejects.toMatchObject({ code: "invalid_body", message: expect.stringContaining("filters.maxEntities") as string });
});

it("refuses nothing of a peer of whom nobody has said how much it may tell", async () => {
  const peer = await addTestPeer(test);
  expect(await pull(peer, ...[1, 2, 3, 4, 5].map((n) => told(n)))).toMatchObject({ applied: 5, refused: 0 });
  expect(await trouble()).toBeNull();
});
