/** The `version` of each entity grows with every item of our feed, however it goes and comes back. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { mergeEvents, undoMerge } from "../../src/registry/merge-events.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import type { HeardChange } from "../../src/domain/custody.ts";
import { addTestPeer, eventOf, gone, NORTH, page, shown } from "../support/peer-words.ts";
import { BASE, concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

let test: TestRegistry;
let store: KeptPulls;
let hear: (...words: HeardChange[]) => Promise<void>;
beforeEach(async () => {
  test = await openTestRegistry();
  const { database, clock } = test.registry;
  await openEpoch(database, { clean: true, clock });
  store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  const peer = await addTestPeer(test, { filters: { domains: ["music"] } });
  const run = await store.beginRun(peer.id, "pull");
  let cursor: string | null = null;
  hear = async (...words) => {
    const next = page(cursor, words);
    expect(await store.applyPage(peer.id, run, next)).not.toBe("moved");
    cursor = next.nextCursor;
    await tell();
  };
});
afterEach(() => test[Symbol.asyncDispose]());

const admin = { actor: "test", role: "admin" } as const;
const tell = () =>
  drainOutbox({
    database: test.registry.database,
    clock: test.registry.clock,
    base: BASE,
    log: { info: () => undefined, warn: () => undefined },
  });
const act = async (work: Parameters<TestRegistry["registry"]["database"]["transact"]>[0]) => {
  const done = await test.registry.database.transact(work);
  test.later();
  await tell();
  return done;
};
interface Item {
  action: string;
  uri: string;
  version: number;
}
const ITEMS = sql<{ id: string; item: string }>`select entity_id as id, item from event_changes order by sequence_number`;
/** What our feed told of this URI, as "action version"; all of it under one id. */
async function toldOf(uri: string): Promise<string[]> {
  const { rows } = await test.registry.database.read((on) => ITEMS.execute(kyselyOf(on)));
  const told = rows.flatMap(({ id, item }) => {
    const { action, uri: of, version } = JSON.parse(item) as Item;
    return of === uri ? [{ id, action, version }] : [];
  });
  expect(new Set(told.map(({ id }) => id)).size).toBeLessThanOrEqual(1);
  for (const [n, { version }] of told.entries()) expect(version).toBeGreaterThan(told[n - 1]?.version ?? 0);
  return told.map(({ action, version }) => `${action} ${version}`);
}
const EVENT = `${NORTH}/events/1`;
const PLACE = `${NORTH}/places/hall`;
const idOf = async (uri: string) =>
  (
    await test.registry.database.read((on) =>
      sql<{ id: string }>`select entity_id as id from federation_statements where uri = ${uri}`.execute(kyselyOf(on)),
    )
  ).rows[0]!.id;

it("an event that was gone before it was ever here", async () => {
  await hear(gone(EVENT, { position: 1, version: 2 }));
  await hear(shown(eventOf(NORTH, 1), { position: 2, version: 3 }));
  await hear(gone(EVENT, { position: 3, version: 4 }));
  await hear(shown(eventOf(NORTH, 1), { position: 4, version: 5 }));
  expect(await toldOf(EVENT)).toEqual(["delete 1", "create 2", "delete 3", "create 4"]);
});

it("a place that was gone, is mentioned, and is told of again", async () => {
  await hear(gone(PLACE, { kind: "place", position: 1, version: 2 }));
  await hear(shown(eventOf(NORTH, 1), { position: 2 }));
  await hear(shown({ "@id": PLACE, "@type": "Place", name: "The Hall" }, { kind: "place", position: 3, version: 3 }));
  await hear(shown({ "@id": PLACE, "@type": "Place", name: "The Great Hall" }, { kind: "place", position: 4, version: 4 }));
  expect((await toldOf(PLACE)).map((told) => told.split(" ")[0])).toEqual(["delete", "create", "update"]);
});

it("an event whose newer word reads the same after another came between", async () => {
  await hear(shown(eventOf(NORTH, 1), { position: 1, version: 1 }));
  await hear(shown(eventOf(NORTH, 1, { name: "Other" }), { position: 2 }), shown(eventOf(NORTH, 1), { position: 3 }));
  await hear(shown(eventOf(NORTH, 1, { name: "Other" }), { position: 4, version: 4 }));
  await hear(shown(eventOf(NORTH, 1), { position: 5, version: 5 }));
  expect((await toldOf(EVENT)).length).toBeGreaterThan(2);
});

it("an event of a peer that is hidden here and shown again, and held back by a filter and let in again", async () => {
  await hear(shown(eventOf(NORTH, 1), { position: 1 }));
  const eventId = await idOf(EVENT);
  await act((tx) => setLifecycle(test.registry, admin, tx, { eventId, state: "withdrawn", reason: "a hoax" }));
  await act((tx) => setLifecycle(test.registry, admin, tx, { eventId, state: "published", reason: "none" }));
  await hear(shown(eventOf(NORTH, 1, { "sel:eventDomain": "arts" }), { position: 2 }));
  await hear(shown(eventOf(NORTH, 1, { name: "Let in" }), { position: 3 }));
  expect((await toldOf(EVENT)).map((told) => told.split(" ")[0])).toEqual(["create", "delete", "create", "delete", "create"]);
});

it("an event of ours and one of a peer's that are merged and parted again, twice", async () => {
  const rex = await test.source("rex");
  const { eventId: ours } = await test.submit(rex, concert());
  await hear(shown(eventOf(NORTH, 1), { position: 1 }));
  const ids: [string, string] = [ours, await idOf(EVENT)];
  for (const reason of ["one", "another"]) {
    const { mergeId } = (await act((tx) => mergeEvents(test.registry, admin, tx, { ids, reason }))) as { mergeId: string };
    await act((tx) => undoMerge(test.registry, admin, tx, { mergeId, reason }));
  }
  expect((await toldOf(EVENT)).map((told) => told.split(" ")[0])).toEqual(["create", "delete", "create", "delete", "create"]);
});

it("an event of our own that is withdrawn and published again", async () => {
  const rex = await test.source("rex");
  const { eventId } = await test.submit(rex, concert());
  await tell();
  for (const state of ["withdrawn", "published", "withdrawn"] as const)
    await act((tx) => setLifecycle(test.registry, admin, tx, { eventId, state, reason: "a test" }));
  const { rows } = await test.registry.database.read((on) => ITEMS.execute(kyselyOf(on)));
  const { uri } = JSON.parse(rows.find(({ id }) => id === eventId)!.item) as Item;
  expect((await toldOf(uri)).map((told) => told.split(" ")[0])).toEqual(["create", "delete", "create", "delete"]);
});
