/** Whom a node listens to, over time: copies after a reset, bases within each other, sources that speak again, filters that change. */
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { HeardChange } from "../../src/domain/custody.ts";
import type { BootstrapPlan, Peer } from "../../src/domain/peer.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { addPeer, changePeer, removePeer, requestResync } from "../../src/registry/peers.ts";
import { receivePush } from "../../src/registry/receive-push.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { showWaiting } from "../../src/registry/waiting-words.ts";
import { reinstateSource, withdrawSource } from "../../src/registry/withdraw-source.ts";
import { addTestPeer, EPOCH, eventOf, gone, LATER_EPOCH, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

const admin = { actor: "test", role: "admin" } as const;
let test: TestRegistry;
let store: KeptPulls;
beforeEach(async () => {
  test = await openTestRegistry();
  store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
});
afterEach(() => test[Symbol.asyncDispose]());

const first = eventOf(NORTH, 1);
/** The n-th event of North as a relay passes it on. */
const relayed = (n: number, position: number, via = SOUTH) =>
  shown(eventOf(NORTH, n), { position: n, custody: { node: NORTH, epoch: EPOCH, position, hops: [via] } });

async function tell(peer: Peer, changes: HeardChange[], since: string | null = null) {
  return store.applyPage(peer.id, await store.beginRun(peer.id, "pull"), page(since, changes));
}

/** The whole of a copy, by the plan that is asked for already or by this one. */
async function copy(peer: Peer, changes: HeardChange[], more: Partial<BootstrapPlan> = {}) {
  const run = await store.beginRun(peer.id, "resync");
  const asked = (await store.read(peer.id))!.bootstrap;
  const base = asked ?? { id: crypto.randomUUID(), way: "snapshot", resync: true, lines: 0, page: 1 };
  const plan: BootstrapPlan = { ...base, epoch: EPOCH, cursor: "c100", hash: "cd".repeat(32), position: 100, ...more };
  await (asked === null ? store.beginCopy(peer.id, plan) : store.keepPlan(peer.id, plan));
  await store.applyCopy(peer.id, run, { planId: plan.id, from: 0, to: changes.length, changes, bad: [] });
  return store.finishCopy(peer.id, run);
}

const rows = <T>(query: ReturnType<typeof sql<T>>) => test.registry.database.read(async (on) => (await query.execute(kyselyOf(on))).rows);
const names = async () =>
  (
    await rows(sql<{ name: string }>`
      select name from events where lifecycle_state = 'published' and deleted_at is null and merged_into_id is null order by federation_uri`)
  ).map(({ name }) => name);
const refusals = () => rows(sql<{ reason: string; uri: string }>`select reason, uri from federation_refusals order by uri`);
const settle = async (peer: Peer) => {
  await resettleSource(test.registry, peer.sourceId!);
  return showWaiting(test.registry, { sourceId: peer.sourceId!, redact: redactEntity });
};

/** What this node's own feed tells of the first event, last. */
async function toldOn() {
  const { database, clock, base } = test.registry;
  await drainOutbox({ database, clock, base, log: { info: () => undefined, warn: () => undefined } });
  const items = await rows(sql<{ item: string }>`select item from event_changes order by sequence_number`);
  return items.map(({ item }) => JSON.parse(item)).findLast(({ uri }) => uri === `${NORTH}/events/1`);
}

describe("a feed that began anew without saying so", () => {
  const before = [
    shown(eventOf(NORTH, 1, { name: "Before the restore" }), { position: 900, version: 3 }),
    shown(eventOf(NORTH, 2), { position: 950, version: 1 }),
  ];
  const restored = shown(eventOf(NORTH, 1, { name: "Restored" }), { position: 400, version: 2 });
  const later = shown(eventOf(NORTH, 1, { name: "Changed after" }), { position: 501, version: 3 });

  it("a copy that a person asks for replaces what is held, and drops what it lacks; later changes are heard", async () => {
    const peer = await addTestPeer(test);
    await tell(peer, before);
    await test.registry.database.transact((tx) => requestResync(test.registry, admin, tx, NORTH));
    expect(await copy(peer, [restored], { position: 500 })).toMatchObject({ deleted: 1 });
    expect(await names()).toEqual(["Restored"]);
    await tell(peer, [later], "c100");
    expect(await names()).toEqual(["Changed after"]);
  });

  it("a copy that nobody asked for changes nothing: within an epoch the later position holds", async () => {
    const peer = await addTestPeer(test);
    await tell(peer, before);
    await copy(peer, [restored], { position: 500 });
    expect(await names()).toEqual(["Before the restore", "Concert 2"]);
  });

  it("a feed without epochs: every new copy", async () => {
    const peer = await addTestPeer(test, { dialect: "sel" });
    const at = (position: number, name: string, n = 1) => shown(eventOf(NORTH, n, { name }), { position, epoch: "" });
    const run = await store.beginRun(peer.id, "pull");
    await store.applyPage(peer.id, run, page(null, [at(900, "Before"), at(901, "Lost", 2)], { epoch: null, hash: null, head: null }));
    await copy(peer, [at(3, "After the reset")], { epoch: "", position: 3 });
    expect(await names()).toEqual(["After the reset"]);
  });
});

describe("bases that lie within each other", () => {
  const deep = `${NORTH}/calends`;
  const ofDeep = (position: number) => ({ node: deep, epoch: EPOCH, position, hops: [] });
  const uri = `${deep}/events/1`;

  it("no peer is added within another one, or around it", async () => {
    await addTestPeer(test, { base: deep, name: "Deep" });
    for (const base of [NORTH, `${deep}/part`])
      await expect(addTestPeer(test, { base })).rejects.toThrow(`and the peer ${deep} lie within each other`);
    await expect(addTestPeer(test, { base: `${deep}-too` })).resolves.toMatchObject({ base: `${deep}-too` });
  });

  it("a relay that names the node around a followed one is refused, and nothing of that one is lost", async () => {
    const city = await addTestPeer(test, { base: deep, name: "Deep" });
    const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
    await tell(city, [shown(eventOf(deep, 1), { position: 1, custody: ofDeep(1) })]);
    const forged = gone(uri, { position: 1, custody: { node: NORTH, epoch: LATER_EPOCH, position: 1, hops: [SOUTH] } });
    expect(await tell(relay, [forged])).toMatchObject({ refused: 1 });
    expect(await refusals()).toEqual([{ reason: "false_custody", uri }]);
    expect(await names()).toEqual(["Concert 1"]);
  });

  it("a relay cannot name origins around or within what is known; whose peer it becomes later is not kept from it", async () => {
    const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
    const around = (node: string, n: number) =>
      shown(eventOf(deep, n), { position: n, custody: { node, epoch: EPOCH, position: n, hops: [SOUTH] } });
    expect(await tell(relay, [around(NORTH, 1)])).toMatchObject({ applied: 1 });
    expect(await tell(relay, [around(deep, 2)], "c1")).toMatchObject({ refused: 1 });
    const caller = { base: deep, name: "Deep", dialect: "calends", profile: null } as const;
    const city = await test.registry.database.transact((tx) => addPeer(test.registry, admin, tx, caller));
    expect(await tell(city, [gone(uri, { position: 1, custody: ofDeep(1) })])).toMatchObject({ deleted: 1 });
    expect(await names()).toEqual([]);
  });
});

describe("a source that speaks again", () => {
  it("what was heard meanwhile is shown, from the documents that are held", async () => {
    const peer = await addTestPeer(test);
    await test.registry.database.transact((tx) => withdrawSource(test.registry, admin, tx, { name: NORTH }));
    await tell(peer, [shown(first, { position: 1 })]);
    expect([await settle(peer), await names()]).toEqual([0, []]);
    await test.registry.database.transact((tx) => reinstateSource(test.registry, admin, tx, { name: NORTH }));
    expect([await settle(peer), await names()]).toEqual([1, ["Concert 1"]]);
    expect(await settle(peer)).toBe(0);
  });

  it("a new copy shows it, too", async () => {
    const peer = await addTestPeer(test);
    const word = shown(first, { position: 1 });
    await test.registry.database.transact((tx) => withdrawSource(test.registry, admin, tx, { name: NORTH }));
    await tell(peer, [word]);
    await copy(peer, [word]);
    expect(await names()).toEqual([]);
    await test.registry.database.transact((tx) => reinstateSource(test.registry, admin, tx, { name: NORTH }));
    await copy(peer, [word]);
    expect(await names()).toEqual(["Concert 1"]);
  });

  it("a peer that is added again: what a relay told of it meanwhile", async () => {
    const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
    const north = await addTestPeer(test);
    await test.registry.database.transact((tx) => removePeer(test.registry, admin, tx, NORTH, {}));
    await tell(relay, [relayed(1, 40)]);
    expect(await names()).toEqual([]);
    await addTestPeer(test);
    await settle(north);
    expect(await names()).toEqual(["Concert 1"]);
  });
});

describe("what is gone, and what is only held back", () => {
  beforeEach(() => openEpoch(test.registry.database, { clean: true, clock: test.registry.clock }));

  it("a deletion that bears no mark is told on as the origin's, without texts", async () => {
    const peer = await addTestPeer(test, { dialect: "sel" });
    await tell(peer, [shown(first, { position: 1 })]);
    await toldOn();
    await tell(peer, [{ ...shown(eventOf(NORTH, 1, { description: "What it showed last" }), { position: 2 }), gone: true }], "c1");
    const item = await toldOn();
    expect(item).toMatchObject({ action: "delete", custody: { node: NORTH, sequence_number: 2 } });
    expect(item.custody).not.toHaveProperty("withheld");
    expect(JSON.stringify(item)).not.toContain("What it showed last");
  });

  it("narrower filters take effect with a new copy, and wider ones too", async () => {
    const peer = await addTestPeer(test);
    const word = shown(first, { position: 1 });
    const filter = (domains: "sports"[] | undefined) =>
      test.registry.database.transact((tx) => changePeer(test.registry, admin, tx, NORTH, { filters: domains ? { domains } : {} }));
    await tell(peer, [word]);
    await toldOn();
    await filter(["sports"]);
    await copy(peer, [word]);
    expect(await names()).toEqual([]);
    expect(await toldOn()).toMatchObject({ action: "delete", custody: { withheld: true } });
    await filter(undefined);
    await copy(peer, [word]);
    expect(await names()).toEqual(["Concert 1"]);
  });

  it("a relay's filters hold back nothing that another relay told", async () => {
    const wide = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
    const west = "https://west.example";
    const narrow = await addTestPeer(test, { base: west, name: "West", relay: true, filters: { domains: ["sports"] } });
    await tell(wide, [relayed(1, 40)]);
    await tell(narrow, [relayed(1, 40, west)]);
    expect(await names()).toEqual(["Concert 1"]);
  });
});

it("what a peer pushes stands before what a relay says of it", async () => {
  const north = await addTestPeer(test, { direction: "push" });
  const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
  const heard = shown(first, { position: 1000, epoch: "" });
  await test.registry.database.transact((tx) => receivePush(test.registry, tx, { peerId: north.id, heard, redact: redactEntity }));
  const custody = { node: NORTH, epoch: EPOCH, position: 1, hops: [SOUTH] };
  await tell(relay, [gone(`${NORTH}/events/1`, { position: 1, custody })]);
  expect(await names()).toEqual(["Concert 1"]);
});

it("what comes back to us, and what a peer that is no relay tells of others, is passed over quietly", async () => {
  const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
  const west = "https://west.example";
  const plain = await addTestPeer(test, { base: west, name: "West" });
  const back = shown(first, { position: 1, custody: { node: NORTH, epoch: EPOCH, position: 1, hops: [test.registry.base, SOUTH] } });
  expect(await tell(relay, [back])).toMatchObject({ passedOver: 1, refused: 0 });
  const ofOurs = shown(eventOf(test.registry.base, 1), {
    position: 2,
    custody: { node: test.registry.base, epoch: EPOCH, position: 1, hops: [west] },
  });
  expect(await tell(plain, [relayed(1, 1, west), ofOurs])).toMatchObject({ passedOver: 2, refused: 0 });
  expect([await names(), await refusals()]).toEqual([[], []]);
  // Without custody, or with another node's, it is refused as ever.
  const bare = { ...relayed(2, 1), custody: undefined };
  const ofFar = shown(first, { position: 3, custody: { node: "https://far.example", epoch: EPOCH, position: 1, hops: [west] } });
  expect(await tell(plain, [bare, ofFar], "c2")).toMatchObject({ refused: 2 });
});

describe("of one position, with its texts and without", () => {
  const secret = eventOf(NORTH, 1, { description: "secret" });
  const document = async () => (await rows(sql<{ document: string }>`select document from federation_statements`))[0]!.document;

  it("a takedown reaches back, under the digest of what was told before", async () => {
    const peer = await addTestPeer(test);
    const whole = shown(secret, { position: 5 });
    await tell(peer, [whole]);
    await copy(peer, [{ ...shown(first, { position: 5 }), digest: whole.digest, redacted: true }]);
    expect(await document()).not.toContain("secret");
    await copy(peer, [whole]);
    expect(await document()).not.toContain("secret");
  });

  it("what a relay has shortened, only the origin itself tells whole", async () => {
    const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
    const other = await addTestPeer(test, { base: "https://west.example", name: "West", relay: true });
    await tell(relay, [{ ...relayed(1, 40), redacted: true }]);
    const custody = { node: NORTH, epoch: EPOCH, position: 40, hops: ["https://west.example"] };
    await tell(other, [shown(secret, { position: 1, custody })]);
    expect(await document()).not.toContain("secret");
    await tell(await addTestPeer(test), [shown(secret, { position: 40 })]);
    expect(await document()).toContain("secret");
  });
});
