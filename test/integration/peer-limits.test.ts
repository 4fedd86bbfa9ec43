/** What one peer may do to what is kept: its odd items are refused alone, it names so many origins, and nobody else speaks in its name. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sql, type KyselyPlugin } from "kysely";
import { asTx, kyselyOf } from "../../src/db/handle.ts";
import type { BootstrapPlan } from "../../src/domain/peer.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createKey } from "../../src/registry/api-keys.ts";
import { startImport } from "../../src/registry/import.ts";
import { MOST_NAMED } from "../../src/registry/origins.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { listPeers, peerRefusals } from "../../src/registry/peers.ts";
import { changeSource } from "../../src/registry/sources.ts";
import { addTestPeer, EPOCH, eventOf, gone, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

const admin = { actor: "test", role: "admin" } as const;

/** The person that an origin tells of through a relay. */
function personOf(at: number, node: string, via: string) {
  const custody = { node, epoch: EPOCH, position: at, hops: [via] };
  const document = { "@context": "https://schema.org", "@id": `${node}/persons/${at}`, "@type": "Person", name: `A ${at}` };
  return shown(document, { kind: "person", position: at, custody });
}

let test: TestRegistry;
let store: KeptPulls;
beforeEach(async () => {
  test = await openTestRegistry();
  store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
});
afterEach(() => test[Symbol.asyncDispose]());
const rowsOf = <T>(query: ReturnType<typeof sql<T>>) => test.registry.database.read(async (on) => (await query.execute(kyselyOf(on))).rows);
const list = () => test.registry.database.read((on) => listPeers(on, test.registry.clock()));

it("keeps a refusal of an item with a long name in any script", async () => {
  const peer = await addTestPeer(test);
  const run = await store.beginRun(peer.id, "pull");
  // Of characters that no index packs well.
  let seed = 7;
  const next = () => String.fromCodePoint(0x4e00 + ((seed = (seed * 48_271) % 2_147_483_647) % 20_000));
  const uri = `${NORTH}/events/${Array.from({ length: 1_900 }, next).join("")}`;
  const strange = shown({ ...eventOf(NORTH, 1), "@id": uri }, { position: 1 });
  const counts = await store.applyPage(peer.id, run, page(null, [strange, shown(eventOf(NORTH, 2), { position: 2 })]));
  expect(counts).toMatchObject({ applied: 1, refused: 1 });
  const [refusal] = await test.registry.database.read((on) => peerRefusals(on, NORTH, 1));
  expect(uri.startsWith(refusal!.uri)).toBe(true);
  expect(refusal!.uri.length).toBeGreaterThan(600);
});

it("lets nobody else speak as a peer: neither a key, an import, nor another type of source", async () => {
  const peer = await addTestPeer(test);
  const { database } = test.registry;
  const caller = { actor: "key:north", role: "agent", sourceId: peer.sourceId! } as const;
  await expect(test.submit(caller, eventOf(NORTH, 1))).rejects.toMatchObject({ code: "forbidden" });
  const key = { name: "north", role: "agent", source: NORTH } as const;
  await expect(database.transact((tx) => createKey(test.registry, admin, tx, key))).rejects.toMatchObject({ code: "forbidden" });
  const input = { sourceName: NORTH, inputName: "x.jsonl", inputHash: Buffer.alloc(32) };
  await expect(startImport(test.registry, admin, input)).rejects.toMatchObject({ code: "forbidden" });
  await expect(database.transact((tx) => changeSource(test.registry, admin, tx, NORTH, { type: "partner" }))).rejects.toMatchObject({
    code: "conflict",
  });
  // A peer that pushes has a key of its own role.
  await expect(database.transact((tx) => createKey(test.registry, admin, tx, { ...key, role: "peer" }))).resolves.toHaveProperty("secret");

  const run = await store.beginRun(peer.id, "pull");
  expect(await store.applyPage(peer.id, run, page(null, [shown(eventOf(NORTH, 1), { position: 1 })]))).toMatchObject({ applied: 1 });
});

it(`takes ${MOST_NAMED} origins of one relay and refuses more, whatever it has told of those`, async () => {
  const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
  const other = await addTestPeer(test, { base: "https://west.example", name: "West", relay: true });
  const told = (at: number, via: string, node = `https://o${at}.example`) => personOf(at, node, via);
  await test.registry.database.transact(async (tx) => {
    await sql`insert into federation_nodes (id, base_url, name, trust_level, direction, source_id, named_by)
        select gen_random_uuid(), 'https://n' || n || '.example', 'n', 5, 'none', ${relay.sourceId}, ${relay.id}
        from generate_series(1, ${MOST_NAMED - 1}::int) n`.execute(kyselyOf(tx));
  });
  const run = await store.beginRun(relay.id, "pull");
  expect(await store.applyPage(relay.id, run, page(null, [told(1, SOUTH), told(2, SOUTH)]))).toMatchObject({ applied: 1, refused: 1 });
  // One that is known is heard on, and so is another relay.
  expect(await store.applyPage(relay.id, run, page("c2", [told(3, SOUTH, "https://o1.example")]))).toMatchObject({
    applied: 1,
    refused: 0,
  });
  const second = await store.beginRun(other.id, "pull");
  expect(await store.applyPage(other.id, second, page(null, [told(4, other.base)]))).toMatchObject({ applied: 1 });
});

it("asks the same of the database for a page of few origins as for one of many", async () => {
  const relay = await addTestPeer(test, { base: SOUTH, name: "South", relay: true });
  const run = await store.beginRun(relay.id, "pull");
  const { database } = test.registry;
  let statements = 0;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      statements++;
      return result;
    },
  };
  const transact: typeof database.transact = (work, acting) =>
    database.transact((tx) => work(asTx(kyselyOf(tx).withPlugin(plugin))), acting);
  const counting = createPeerStore({ ...test.registry, database: { ...database, transact } }, { random: () => 0.5, redact: redactEntity });
  const told = (at: number) => personOf(at, `https://o${at}.example`, SOUTH);
  const taken: number[] = [];
  for (const [from, to] of [
    [1, 2],
    [3, 50],
  ] as const) {
    statements = 0;
    const since = (await store.read(relay.id))!.cursor;
    const changes = Array.from({ length: to - from + 1 }, (_, n) => told(from + n));
    expect(await counting.applyPage(relay.id, run, page(since, changes))).toMatchObject({ applied: changes.length });
    taken.push(statements);
  }
  expect(taken[0]).toBeGreaterThan(10);
  expect(taken[1]).toBe(taken[0]);
});

it.each([
  ["page by page", false],
  ["in one page", true],
])("leads on from places that their origin merged one after another, %s", async (_how, atOnce) => {
  const peer = await addTestPeer(test);
  const place = (n: number) => ({ "@context": "https://schema.org", "@id": `${NORTH}/places/${n}`, "@type": "Place", name: `P${n}` });
  const over = (n: number, heir: number, position: number) => {
    const one = gone(`${NORTH}/places/${n}`, { kind: "place", position });
    return { ...one, document: { ...one.document, "sel:supersededBy": `${NORTH}/places/${heir}` } };
  };
  const run = await store.beginRun(peer.id, "pull");
  const places = [1, 2, 3, 4, 5].map((n) => shown(place(n), { kind: "place", position: n }));
  await store.applyPage(peer.id, run, page(null, places));
  const merges = [1, 2, 3, 4].map((n) => over(n, n + 1, n + 5));
  if (atOnce) await store.applyPage(peer.id, run, page("c5", merges));
  else for (const [n, one] of merges.entries()) await store.applyPage(peer.id, run, page(`c${n + 5}`, [one]));
  await store.applyPage(peer.id, run, page("c9", [shown(eventOf(NORTH, 1, { location: place(1) }), { position: 10 })]));
  expect(await rowsOf(sql`select p.name, p.deleted_at from events e join places p on p.id = e.primary_venue_id`)).toEqual([
    { name: "P5", deleted_at: null },
  ]);
  expect(await rowsOf(sql`select distinct h.name from places p join places h on h.id = p.merged_into_id`)).toEqual([{ name: "P5" }]);
});

describe("a copy that could not read a line", () => {
  it.each([
    ["keeps what it did not meet, as the line may have been that", "", ["Concert 1", "Concert 2"]],
    ["drops what it did not meet where the line has another name", `${NORTH}/events/9`, ["Concert 1"]],
  ])("%s", async (_what, uri, names) => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const [one, two] = [1, 2].map((n) => shown(eventOf(NORTH, n), { position: n }));
    await store.applyPage(peer.id, run, page(null, [one!, two!]));
    const plan: BootstrapPlan = {
      id: crypto.randomUUID(),
      way: "snapshot",
      resync: true,
      epoch: EPOCH,
      cursor: "c9",
      hash: "cd".repeat(32),
      position: 9,
      lines: 0,
      page: 1,
    };
    await store.beginCopy(peer.id, plan);
    await store.applyCopy(peer.id, run, {
      planId: plan.id,
      from: 0,
      to: 2,
      changes: [one!],
      bad: [{ reason: "malformed", detail: "no JSON", uri }],
    });
    await store.keepPlan(peer.id, plan);
    await store.finishCopy(peer.id, run);
    expect(await rowsOf(sql`select name from events where lifecycle_state = 'published' order by name`)).toEqual(
      names.map((name) => ({ name })),
    );
    expect(await store.read(peer.id)).toMatchObject({ cursor: "c9", bootstrap: null });
  });
});

describe("the list", () => {
  it("tells since when nobody has heard a peer that is pulled, though nothing has failed", async () => {
    const peer = await addTestPeer(test);
    await store.endRun(peer.id, await store.beginRun(peer.id, "pull"), { outcome: "unchanged", head: 0, more: false });
    test.later(600_000);
    expect(await list()).toMatchObject([{ lagPositions: 0, lagSeconds: 0 }]);
    test.later(3_600_000);
    expect(await list()).toMatchObject([{ lagPositions: 0, lagSeconds: 4_200, failures: 0 }]);
  });

  it("does not count a run that this node cut off against the peer, and asks again at once", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    await store.endRun(peer.id, run, { outcome: "failed", detail: "it was interrupted", interrupted: true });
    expect(await store.read(peer.id)).toMatchObject({ failures: 0, lastError: null, nextPullAt: test.registry.clock() });
    expect(await list()).toMatchObject([{ lastRun: { outcome: "failed", detail: "it was interrupted" } }]);
  });
});
