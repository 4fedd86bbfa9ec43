/** Peers as people steer them: added, changed, stopped, copied anew and removed; each is written down. */
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { readPeerOfSource } from "../../src/db/peers.ts";
import type { Tx } from "../../src/db/database.ts";
import { createKey } from "../../src/registry/api-keys.ts";
import { forgetOldSync, planPulls } from "../../src/registry/peer-runs.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createPeerStore } from "../../src/registry/peer-store.ts";
import {
  addPeer,
  changePeer,
  listPeers,
  peerRefusals,
  peerRuns,
  pullSoon,
  readPeer,
  removePeer,
  requestResync,
} from "../../src/registry/peers.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { ensureSource, findNamedSource } from "../../src/registry/sources.ts";
import { addTestPeer, EPOCH, eventOf, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { BASE, openTestRegistry, type TestRegistry } from "../support/registry.ts";

let test: TestRegistry;
beforeEach(async () => {
  test = await openTestRegistry();
});
afterEach(() => test[Symbol.asyncDispose]());

const admin = { actor: "cli:ada", role: "admin" } as const;
const transact = <T>(work: (tx: Tx) => Promise<T>) => test.registry.database.transact(work, admin);
const change = (changes: Parameters<typeof changePeer>[4], base = NORTH) =>
  transact((tx) => changePeer(test.registry, admin, tx, base, changes));
const read = (base = NORTH) => test.registry.database.read((on) => readPeer(on, base));
const list = () => test.registry.database.read((on) => listPeers(on, test.registry.clock()));
const audited = () =>
  test.registry.database.read(
    async (on) =>
      (
        await sql<{
          action: string;
          reason: string | null;
          details: object;
        }>`select action, reason, details from audit_log order by id`.execute(kyselyOf(on))
      ).rows,
  );
const pulls = () => test.jobs.filter((job) => job.queue === "pull-peer");

/** One event of the peer, as a pull brings it. */
async function pullOne(changes: object = {}, store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity })) {
  const peer = (await read())!;
  const run = await store.beginRun(peer.id, "pull");
  const position = peer.position + 1;
  await store.applyPage(peer.id, run, page(peer.cursor, [shown(eventOf(NORTH, 1, changes), { position })]));
  await store.endRun(peer.id, run, { outcome: "applied", head: position, more: false });
  return peer;
}
const names = () =>
  test.registry.database.read(async (on) =>
    (await sql<{ name: string }>`select name from events where lifecycle_state = 'published'`.execute(kyselyOf(on))).rows.map(
      (row) => row.name,
    ),
  );

describe("a peer that is added", () => {
  it("is active, due at once, and speaks through a source of its own", async () => {
    const peer = await addTestPeer(test, { base: "https://North.example/", trust: 7, accessKey: "secret-key" });
    expect(peer).toMatchObject({
      base: NORTH,
      status: "active",
      direction: "pull",
      everySeconds: 300,
      cursor: null,
      position: 0,
      hash: "",
    });
    expect(await findNamedSource(test.registry, NORTH)).toMatchObject({
      id: peer.sourceId,
      type: "federation",
      trustLevel: 7,
      baseUrl: NORTH,
    });
    expect(pulls()).toEqual([{ queue: "pull-peer", nodeId: peer.id, standing: "new" }]);
    const [entry] = await audited();
    expect(entry).toMatchObject({ action: "peer.added", details: { peer: NORTH, trust: 7, accessKey: "given" } });
    expect(JSON.stringify(entry)).not.toContain("secret-key");
  });

  it("must be one that can be asked: what is wrong is named", async () => {
    const wrong: [Parameters<typeof addTestPeer>[1], string][] = [
      [{ base: "north.example" }, "/url"],
      [{ base: BASE }, "/url"],
      [{ base: `${BASE}/part` }, "/url"],
      [{ base: "https://a:b@north.example" }, "/url"],
      [{ trust: 11 }, "/trust"],
      [{ everySeconds: 1 }, "/everySeconds"],
      [{ name: " " }, "/name"],
      [{ accessKey: "two words" }, "/accessKey"],
      [{ filters: { bbox: [0, 10, 1, 5] as [number, number, number, number] } }, "/filters/bbox"],
      [{ filters: { domains: [] } }, "/filters/domains"],
      [{ filters: { origins: ["south.example"] } }, "/filters/origins"],
    ];
    for (const [settings, pointer] of wrong)
      await expect(addTestPeer(test, settings), JSON.stringify(settings)).rejects.toMatchObject({
        code: "invalid_body",
        errors: [{ pointer }],
      });
    expect(await list()).toEqual([]);
  });

  it("a second time is a conflict; and so is a base whose name another source bears", async () => {
    await addTestPeer(test);
    await expect(addTestPeer(test)).rejects.toMatchObject({ code: "conflict" });
    await transact((tx) => ensureSource(test.registry, tx, { name: SOUTH, type: "api" }));
    await expect(addTestPeer(test, { base: SOUTH })).rejects.toMatchObject({ code: "conflict" });
  });

  it("that only pushes is never pulled", async () => {
    const peer = await addTestPeer(test, { direction: "push" });
    expect(pulls()).toEqual([]);
    expect(await planPulls(test.registry)).toEqual({ planned: 0 });
    await expect(transact((tx) => pullSoon(test.registry, admin, tx, NORTH))).rejects.toMatchObject({ code: "conflict" });
    await expect(transact((tx) => requestResync(test.registry, admin, tx, NORTH))).rejects.toMatchObject({ code: "conflict" });
    const { key } = await transact((tx) => createKey(test.registry, admin, tx, { name: "north pushes", role: "peer", source: NORTH }));
    const found = await test.registry.database.read((on) => readPeerOfSource(on, key.sourceId!));
    expect(found?.id).toBe(peer.id);
  });
});

describe("a peer that is changed", () => {
  it("keeps what is not given; a person's word clears an alarm, another setting does not", async () => {
    const peer = await addTestPeer(test, { accessKey: "k", everySeconds: 60 });
    const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
    await store.endRun(peer.id, await store.beginRun(peer.id, "pull"), { outcome: "alarm", alarm: "digest", detail: "item 3" });
    expect(await change({ relay: true })).toMatchObject({
      status: "broken",
      alarm: "digest",
      relay: true,
      accessKey: "k",
      everySeconds: 60,
    });
    expect(await change({ status: "active", accessKey: null })).toMatchObject({
      status: "active",
      alarm: null,
      accessKey: null,
      relay: true,
    });
    expect((await audited()).map(({ action }) => action)).toEqual(["peer.added", "peer.changed", "peer.changed"]);
    await expect(change({ trust: 0 })).rejects.toMatchObject({ code: "invalid_body" });
    await expect(change({}, SOUTH)).rejects.toMatchObject({ code: "not_found" });
  });

  it("counts for as much as it is trusted now", async () => {
    const peer = await addTestPeer(test);
    await change({ trust: 9 });
    expect(await findNamedSource(test.registry, NORTH)).toMatchObject({ trustLevel: 9 });
    expect(test.jobs).toContainEqual({ queue: "resettle-source", sourceId: peer.sourceId });
  });

  it("is asked no more while it is paused", async () => {
    await addTestPeer(test);
    expect(await planPulls(test.registry)).toEqual({ planned: 1 });
    await change({ status: "paused" });
    expect(await planPulls(test.registry)).toEqual({ planned: 0 });
    await expect(transact((tx) => pullSoon(test.registry, admin, tx, NORTH))).rejects.toThrow("resume it first");
    await change({ status: "active" });
    expect(await planPulls(test.registry)).toEqual({ planned: 1 });
  });

  it("is due after its interval, and not while it is pulled", async () => {
    const peer = await addTestPeer(test);
    const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
    const run = await store.beginRun(peer.id, "pull");
    expect(await planPulls(test.registry)).toEqual({ planned: 0 });
    await store.endRun(peer.id, run, { outcome: "unchanged", head: 0, more: false });
    test.later(299_000);
    expect(await planPulls(test.registry)).toEqual({ planned: 0 });
    test.later(1_000);
    expect(await planPulls(test.registry)).toEqual({ planned: 1 });
    await transact((tx) => pullSoon(test.registry, admin, tx, NORTH));
    expect(pulls().at(-1)).toEqual({ queue: "pull-peer", nodeId: peer.id });
  });

  it("is copied anew on request, by the way that suits it, whatever had stopped it", async () => {
    await addTestPeer(test, { bootstrapBy: "pages" });
    await addTestPeer(test, { base: SOUTH, name: "South", dialect: "sel" });
    await change({ status: "paused" });
    for (const base of [NORTH, SOUTH]) await transact((tx) => requestResync(test.registry, admin, tx, base));
    expect(await read(NORTH)).toMatchObject({ status: "active", bootstrap: { way: "pages", resync: true, lines: 0, page: 1 } });
    expect(await read(SOUTH)).toMatchObject({ cursor: null, bootstrap: { way: "feed", resync: true } });
    expect(pulls()).toHaveLength(4);
  });
});

describe("a peer that is removed", () => {
  it("leaves the lists with its events, keeps its words, and may come back", async () => {
    const peer = await addTestPeer(test);
    await pullOne();
    expect(await names()).toEqual(["Concert 1"]);
    await transact((tx) => removePeer(test.registry, admin, tx, NORTH, { reason: "it closed" }));
    await resettleSource(test.registry, peer.sourceId!);
    expect(await names()).toEqual([]);
    expect(await list()).toEqual([]);
    expect(await read()).toMatchObject({ direction: "none", status: "paused", cursor: null });
    expect(await audited()).toContainEqual(expect.objectContaining({ action: "peer.removed", reason: "it closed" }));
    await expect(change({ trust: 3 })).rejects.toMatchObject({ code: "not_found" });
    await expect(transact((tx) => removePeer(test.registry, admin, tx, NORTH, {}))).rejects.toMatchObject({ code: "not_found" });

    await transact((tx) => addPeer(test.registry, admin, tx, { base: NORTH, name: "North", dialect: "calends", profile: null }));
    await resettleSource(test.registry, peer.sourceId!);
    expect(await read()).toMatchObject({ id: peer.id, status: "active", direction: "pull", cursor: null });
    expect(await names()).toEqual(["Concert 1"]);
  });
});

describe("the list of peers", () => {
  it("says how far each is behind, and since when", async () => {
    await addTestPeer(test);
    expect(await list()).toMatchObject([{ base: NORTH, lagPositions: null, lagSeconds: null, lastRun: null, refusedLast24h: 0 }]);
    await pullOne();
    expect(await list()).toMatchObject([
      {
        lagPositions: 0,
        lagSeconds: 0,
        counts: { events: 1, places: 0, organizations: 0, persons: 0, gone: 0 },
        lastRun: { outcome: "applied" },
      },
    ]);

    const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
    const peer = (await read())!;
    const run = await store.beginRun(peer.id, "pull");
    await store.applyPage(peer.id, run, page("c1", [shown(eventOf(NORTH, 2), { position: 2 })], { head: 9 }));
    test.later(120_000);
    expect(await list()).toMatchObject([{ lagPositions: 7, lagSeconds: 120, lastRun: { outcome: "running" } }]);
    await store.applyPage(peer.id, run, page("c2", [], { position: 9, head: 9 }));
    await store.endRun(peer.id, run, { outcome: "applied", head: 9, more: false });
    test.later(60_000);
    expect(await list()).toMatchObject([{ lagPositions: 0, lagSeconds: 0 }]);
  });

  it("counts the time since a peer was heard that does not answer", async () => {
    await addTestPeer(test);
    const peer = await pullOne();
    const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
    test.later(600_000);
    await store.endRun(peer.id, await store.beginRun(peer.id, "pull"), { outcome: "failed", detail: "no answer" });
    expect(await list()).toMatchObject([{ lagPositions: 0, lagSeconds: 600, lastError: "no answer" }]);
  });
});

it("what was long ago is forgotten: runs and refusals of more than 30 days", async () => {
  const peer = await addTestPeer(test);
  const store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  const run = await store.beginRun(peer.id, "pull");
  await store.applyPage(peer.id, run, page(null, [{ ...shown(eventOf(SOUTH, 1), { position: 1, epoch: EPOCH }), custody: undefined }]));
  await store.endRun(peer.id, run, { outcome: "applied", head: 1, more: false });
  test.later(31 * 24 * 60 * 60 * 1000);
  await pullOne();
  expect(await forgetOldSync(test.registry)).toBe(2);
  expect(await test.registry.database.read((on) => peerRuns(on, NORTH, 9))).toHaveLength(1);
  expect(await test.registry.database.read((on) => peerRefusals(on, NORTH, 9))).toEqual([]);
});
