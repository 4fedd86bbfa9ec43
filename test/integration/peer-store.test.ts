/** What is kept of peers' words: pages and copies applied with their cursor, the rules of origin, filters, and what is gone. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sql, type KyselyPlugin } from "kysely";
import { asTx, kyselyOf } from "../../src/db/handle.ts";
import type { BootstrapPlan } from "../../src/domain/peer.ts";
import type { HeardChange } from "../../src/domain/custody.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { changePeer, listPeers, peerRefusals, peerRuns } from "../../src/registry/peers.ts";
import { addTestPeer, EPOCH, eventOf, gone, LATER_EPOCH, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { BASE, openTestRegistry, type TestRegistry } from "../support/registry.ts";

let test: TestRegistry;
let store: KeptPulls;
beforeEach(async () => {
  test = await openTestRegistry();
  store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
});
afterEach(() => test[Symbol.asyncDispose]());

const admin = { actor: "test", role: "admin" } as const;
const HELD = sql<{ uri: string; gone: boolean; name: string | null; shown: boolean }>`
  select s.uri, s.gone, e.name, coalesce(e.lifecycle_state = 'published' and e.deleted_at is null, false) as shown
  from federation_statements s left join events e on e.id = s.entity_id where s.entity_kind = 'event' order by s.uri`;
/** Statements about events, and whether the event is shown here. */
const held = () => test.registry.database.read(async (on) => (await HELD.execute(kyselyOf(on))).rows);
const shownNames = async () => (await held()).filter((one) => one.shown).map((one) => one.name);
const refusals = (base = NORTH) => test.registry.database.read((on) => peerRefusals(on, base, 100));

describe("a page", () => {
  it("becomes events, moves the cursor, and is counted in the run", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const counts = await store.applyPage(
      peer.id,
      run,
      page(null, [shown(eventOf(NORTH, 1), { position: 1 }), shown(eventOf(NORTH, 2), { position: 2 })], { head: 5 }),
    );
    expect(counts).toEqual({ applied: 2, passedOver: 0, deleted: 0, refused: 0 });
    expect(await shownNames()).toEqual(["Concert 1", "Concert 2"]);
    expect(await store.read(peer.id)).toMatchObject({
      cursor: "c2",
      epoch: EPOCH,
      position: 2,
      head: 5,
      behindSince: test.registry.clock(),
    });
    const [logged] = await test.registry.database.read((on) => peerRuns(on, NORTH, 1));
    expect(logged).toMatchObject({ outcome: "running", kind: "pull", pages: 1, applied: 2, fromPosition: 0, toPosition: 2 });
  });

  it("is refused whole where somebody has moved the cursor, or a person has stopped the peer", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const first = page(null, [shown(eventOf(NORTH, 1), { position: 1 })]);
    await store.applyPage(peer.id, run, first);
    expect(await store.applyPage(peer.id, run, first)).toBe("moved");
    await test.registry.database.transact((tx) => changePeer(test.registry, admin, tx, NORTH, { status: "paused" }));
    expect(await store.applyPage(peer.id, run, page("c1", [shown(eventOf(NORTH, 2), { position: 2 })]))).toBe("moved");
    expect(await shownNames()).toEqual(["Concert 1"]);
  });

  it("that ends before where we stand is no page that follows", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    await store.applyPage(peer.id, run, page(null, [shown(eventOf(NORTH, 1), { position: 7 })]));
    const rewound = page("c7", [shown(eventOf(NORTH, 2), { position: 3 })]);
    await expect(store.applyPage(peer.id, run, rewound)).rejects.toThrow("The page ends at 3, before 7");
    expect(await store.read(peer.id)).toMatchObject({ cursor: "c7", position: 7 });
  });

  it("may tell of one event several times: the last word counts", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const uri = `${NORTH}/events/1`;
    const counts = await store.applyPage(
      peer.id,
      run,
      page(null, [
        shown(eventOf(NORTH, 1), { position: 1, version: 1 }),
        gone(uri, { position: 2, version: 2 }),
        shown(eventOf(NORTH, 1, { name: "Back again" }), { position: 3, version: 3 }),
        shown(eventOf(NORTH, 1, { name: "An older word" }), { position: 2, version: 2 }),
      ]),
    );
    expect(counts).toEqual({ applied: 1, passedOver: 3, deleted: 0, refused: 0 });
    expect(await held()).toEqual([{ uri, gone: false, name: "Back again", shown: true }]);
  });

  it("whose last word about an event cannot be read leaves the last one that can", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const broken = (position: number, version: number) =>
      shown(eventOf(NORTH, 1, { startDate: `never ${position}` }), { position, version });
    const counts = await store.applyPage(
      peer.id,
      run,
      page(null, [
        shown(eventOf(NORTH, 1, { name: "First" }), { position: 1, version: 1 }),
        broken(2, 7),
        shown(eventOf(NORTH, 1, { name: "Second" }), { position: 3, version: 2 }),
        broken(4, 3),
        broken(5, 4),
        shown(eventOf(NORTH, 2), { position: 6 }),
      ]),
    );
    // The second stands back behind the version of an unreadable word only until that word is known to be none.
    expect(counts).toEqual({ applied: 2, passedOver: 1, deleted: 0, refused: 3 });
    expect(await shownNames()).toEqual(["Second", "Concert 2"]);
    expect((await refusals()).map(({ reason, times }) => [reason, times])).toEqual([["unreadable", 3]]);
  });

  it("that says the same again only moves the cursor", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    await store.applyPage(peer.id, run, page(null, [shown(eventOf(NORTH, 1), { position: 1 })]));
    const versions = () =>
      test.registry.database.read(async (on) => (await sql`select version from events order by id`.execute(kyselyOf(on))).rows);
    const before = await versions();
    const counts = await store.applyPage(peer.id, run, page("c1", [shown(eventOf(NORTH, 1), { position: 9 })]));
    expect(counts).toEqual({ applied: 0, passedOver: 1, deleted: 0, refused: 0 });
    expect(await versions()).toEqual(before);
    expect(await store.read(peer.id)).toMatchObject({ cursor: "c9", position: 9, behindSince: null });
  });
});

describe("pages of any size", () => {
  it("take the same number of statements", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const { database } = test.registry;
    let statements = 0;
    const plugin: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        statements++;
        return result;
      },
    };
    const counting = createPeerStore(
      {
        ...test.registry,
        database: {
          ...database,
          transact: (work, acting) => database.transact((tx) => work(asTx(kyselyOf(tx).withPlugin(plugin))), acting),
        },
      },
      { random: () => 0.5, redact: redactEntity },
    );
    const taken: number[] = [];
    const strange = (at: number) => shown(eventOf(SOUTH, at), { position: at });
    for (const [from, to] of [
      [1, 3],
      [4, 8],
      [9, 98],
    ] as const) {
      statements = 0;
      const changes = Array.from({ length: to - from + 1 }, (_, n) => shown(eventOf(NORTH, from + n), { position: from + n }));
      const since = (await store.read(peer.id))!.cursor;
      await counting.applyPage(peer.id, run, page(since, [...changes, strange(to + 1)], { position: to, nextCursor: `c${to}` }));
      taken.push(statements);
    }
    // The first also makes the place where all of them are.
    const [, small, large] = taken;
    expect(small).toBeGreaterThan(10);
    expect(large).toBe(small);
  });

  it("of two relays that tell of the same at the same time leave the newer word, once", async () => {
    const peers = await Promise.all(
      ["https://east.example", "https://west.example"].map((base) => addTestPeer(test, { base, name: base, relay: true })),
    );
    const word = (via: string, position: number) =>
      page(
        null,
        Array.from({ length: 20 }, (_, n) =>
          shown(eventOf(SOUTH, n, { name: `Word ${position} of ${n}` }), {
            position: n + 1,
            custody: { node: SOUTH, epoch: EPOCH, position: position + n, hops: [via] },
          }),
        ),
      );
    await Promise.all(
      peers.map(async ({ id, base }, n) => store.applyPage(id, await store.beginRun(id, "pull"), word(base, n === 0 ? 100 : 200))),
    );
    const names = await shownNames();
    expect(names).toHaveLength(20);
    expect(names.every((name) => name!.startsWith("Word 200"))).toBe(true);
  });
});

describe("the rules of origin", () => {
  it("refuse each item by itself, with its reason in the log; the same again is counted", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    const strange: HeardChange[] = [
      { ...shown(eventOf(BASE, 1), { position: 1 }), custody: undefined },
      { ...shown(eventOf(SOUTH, 1), { position: 2 }), custody: undefined },
      shown(eventOf(NORTH, 1), { position: 3, version: 9 }),
      shown(eventOf(NORTH, 1), { position: 4, version: 8 }),
      shown(eventOf(NORTH, 1, { "@type": "Place" }), { position: 5, kind: "place" }),
      shown(eventOf(NORTH, 2, { startDate: "no date" }), { position: 6 }),
      { ...shown(eventOf(SOUTH, 1), { position: 7 }), custody: undefined },
    ];
    const bad = [{ reason: "malformed", detail: "it has no uri", uri: "", position: 8, text: "{\0}" }] as const;
    const counts = await store.applyPage(peer.id, run, page(null, strange, { bad: [...bad] }));
    expect(counts).toEqual({ applied: 1, passedOver: 0, deleted: 0, refused: 7 });
    const kept = await refusals();
    expect(kept.map(({ reason, times }) => `${reason} ${times}`).toSorted()).toEqual([
      "foreign_uri 2",
      "kind_changed 1",
      "malformed 1",
      "own_uri 1",
      "unreadable 1",
      "version_backwards 1",
    ]);
    expect(kept.find(({ reason }) => reason === "unreadable")?.detail).toContain("startDate");
    expect(await shownNames()).toEqual(["Concert 1"]);
    const [listed] = await test.registry.database.read((on) => listPeers(on, test.registry.clock()));
    expect(listed).toMatchObject({ refusedLast24h: 7, counts: { events: 1, gone: 0 }, lastRun: { refused: 7 } });
  });

  it("let a relay tell of an origin with its custody, as long as we do not follow that origin ourselves", async () => {
    const peer = await addTestPeer(test, { relay: true, trust: 4 });
    const run = await store.beginRun(peer.id, "pull");
    const custody = { node: SOUTH, epoch: EPOCH, position: 40, hops: [NORTH] };
    const told = shown(eventOf(SOUTH, 1), { position: 1, custody });
    expect(await store.applyPage(peer.id, run, page(null, [told]))).toMatchObject({ applied: 1 });
    const [south] = await test.registry.database.read(
      async (on) =>
        (
          await sql`select n.direction, n.trust_level as trust, s.type, s.trust_level as "sourceTrust" from federation_nodes n
            join sources s on s.id = n.source_id and s.name = n.base_url where n.base_url = ${SOUTH}`.execute(kyselyOf(on))
        ).rows,
    );
    expect(south).toEqual({ direction: "none", trust: 4, type: "federation", sourceTrust: 4 });

    await addTestPeer(test, { base: SOUTH, name: "South" });
    const later = shown(eventOf(SOUTH, 1, { name: "Hearsay" }), { position: 2, custody: { ...custody, position: 41 } });
    expect(await store.applyPage(peer.id, run, page("c1", [later]))).toEqual({ applied: 0, passedOver: 1, deleted: 0, refused: 0 });
    expect(await shownNames()).toEqual(["Concert 1"]);
  });

  it("do not let a relay name an origin that is no base, or bring back what has come through us", async () => {
    const peer = await addTestPeer(test, { relay: true });
    const run = await store.beginRun(peer.id, "pull");
    const uri = `${SOUTH}/a?b/events/1`;
    const odd = shown(
      { ...eventOf(SOUTH, 1), "@id": uri },
      { position: 1, custody: { node: `${SOUTH}/a?b`, epoch: "", position: 1, hops: [NORTH] } },
    );
    const loop = shown(eventOf(SOUTH, 2), { position: 2, custody: { node: SOUTH, epoch: "", position: 1, hops: [BASE, NORTH] } });
    expect(await store.applyPage(peer.id, run, page(null, [odd, loop]))).toMatchObject({ applied: 0, refused: 1, passedOver: 1 });
    expect((await refusals()).map(({ reason }) => reason)).toEqual(["false_custody"]);
  });
});

describe("filters", () => {
  const paris = { location: { "@type": "Place", name: "Paris", geo: { "@type": "GeoCoordinates", latitude: 48.85, longitude: 2.35 } } };

  it("keep out what lies elsewhere, and hide what has moved there, until it comes back", async () => {
    const peer = await addTestPeer(test, { filters: { bbox: [-80, 43, -79, 44] } });
    const run = await store.beginRun(peer.id, "pull");
    const told = [shown(eventOf(NORTH, 1), { position: 1 }), shown(eventOf(NORTH, 2, paris), { position: 2 })];
    expect(await store.applyPage(peer.id, run, page(null, told))).toMatchObject({ applied: 1, passedOver: 1, refused: 0 });
    expect(await held()).toMatchObject([{ uri: `${NORTH}/events/1`, gone: false }]);

    const away = shown(eventOf(NORTH, 1, paris), { position: 3 });
    expect(await store.applyPage(peer.id, run, page("c2", [away]))).toMatchObject({ applied: 0, deleted: 1 });
    expect(await held()).toMatchObject([{ gone: true, shown: false }]);
    const back = shown(eventOf(NORTH, 1), { position: 4 });
    expect(await store.applyPage(peer.id, run, page("c3", [back]))).toMatchObject({ applied: 1 });
    expect(await shownNames()).toEqual(["Concert 1"]);
  });

  it("that are widened let in what a new copy tells again", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    await store.applyPage(peer.id, run, page(null, [shown(eventOf(NORTH, 1), { position: 1 })]));
    const set = (change: object) => test.registry.database.transact((tx) => changePeer(test.registry, admin, tx, NORTH, change));
    await set({ filters: { domains: ["sports"] } });
    const word = shown(eventOf(NORTH, 1, { name: "Still music" }), { position: 2 });
    await store.applyPage(peer.id, run, page("c1", [word]));
    expect(await shownNames()).toEqual([]);
    await set({ filters: {} });
    await copy(peer.id, run, [word], { position: 2 });
    expect(await shownNames()).toEqual(["Still music"]);
  });
});

const plan = (more: Partial<BootstrapPlan> = {}): BootstrapPlan => ({
  id: crypto.randomUUID(),
  way: "snapshot",
  resync: true,
  epoch: EPOCH,
  cursor: "c100",
  hash: "cd".repeat(32),
  position: 100,
  lines: 0,
  page: 1,
  ...more,
});

/** A whole copy in one chunk. */
async function copy(peerId: string, run: string, changes: HeardChange[], more: Partial<BootstrapPlan> = {}) {
  const begun = plan(more);
  await store.beginCopy(peerId, begun);
  await store.applyCopy(peerId, run, { planId: begun.id, from: 0, to: changes.length, changes, bad: [] });
  return store.finishCopy(peerId, run);
}

describe("a copy", () => {
  it("finds what is gone without a word, and leaves the cursor where it stands", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "resync");
    const told = [1, 2, 3].map((n) => shown(eventOf(NORTH, n), { position: n }));
    await store.applyPage(peer.id, run, page(null, told));
    const again = [1, 3].map((n) => shown(eventOf(NORTH, n), { position: 100 + n, epoch: LATER_EPOCH }));
    expect(await copy(peer.id, run, again, { epoch: LATER_EPOCH, position: 104 })).toMatchObject({ deleted: 1 });
    expect(await shownNames()).toEqual(["Concert 1", "Concert 3"]);
    expect(await held()).toMatchObject([{ gone: false }, { uri: `${NORTH}/events/2`, gone: true }, { gone: false }]);
    expect(await store.read(peer.id)).toMatchObject({
      cursor: "c100",
      epoch: LATER_EPOCH,
      position: 104,
      hash: "cd".repeat(32),
      bootstrap: null,
    });
  });

  it("keeps what is newer than it, what it met but could not be read, and what others told", async () => {
    const peer = await addTestPeer(test, { relay: true });
    const run = await store.beginRun(peer.id, "resync");
    const custody = { node: SOUTH, epoch: EPOCH, position: 1, hops: [NORTH] };
    await store.applyPage(
      peer.id,
      run,
      page(null, [
        shown(eventOf(NORTH, 1), { position: 1 }),
        shown(eventOf(NORTH, 2), { position: 200 }),
        shown(eventOf(SOUTH, 3), { position: 201, custody }),
      ]),
    );
    const unreadable = shown(eventOf(NORTH, 1, { startDate: "never" }), { position: 90 });
    expect(await copy(peer.id, run, [unreadable])).toMatchObject({ deleted: 0 });
    expect(await shownNames()).toEqual(["Concert 1", "Concert 2", "Concert 3"]);
  });

  it("goes on where it was cut off, and applies no chunk twice", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "bootstrap");
    await store.applyPage(peer.id, run, page(null, [shown(eventOf(NORTH, 9), { position: 1 })]));
    const begun = plan();
    await store.beginCopy(peer.id, begun);
    const first = { planId: begun.id, from: 0, to: 1, changes: [shown(eventOf(NORTH, 1), { position: 2 })], bad: [] };
    const second = { planId: begun.id, from: 1, to: 2, changes: [shown(eventOf(NORTH, 2), { position: 3 })], bad: [] };
    await store.applyCopy(peer.id, run, first);
    expect(await store.applyCopy(peer.id, run, first)).toBe("moved");
    await store.applyCopy(peer.id, run, second);
    expect(await store.applyPage(peer.id, run, page("c1", []))).toBe("moved");
    await store.finishCopy(peer.id, run);
    expect(await shownNames()).toEqual(["Concert 1", "Concert 2"]);
    expect(await store.finishCopy(peer.id, run)).toBe("moved");
  });

  it("goes on where its sweep was cut off, and moves the cursor only at its end", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "resync");
    const hall = (n: number) => ({ "@id": `${NORTH}/places/${n}`, "@type": "MusicVenue", name: `Hall ${n}` });
    const many = Array.from({ length: 700 }, (_, n) => shown(hall(n + 1), { kind: "place", position: n + 1 }));
    const halls = async () => (await test.registry.database.read((on) => listPeers(on, test.registry.clock())))[0]!.counts;
    await store.applyPage(peer.id, run, page(null, many.slice(0, 500)));
    await store.applyPage(peer.id, run, page("c500", many.slice(500)));
    const begun = plan({ epoch: LATER_EPOCH });
    await store.beginCopy(peer.id, begun);

    let left = 1;
    const { database } = test.registry;
    const dying = createPeerStore(
      {
        ...test.registry,
        database: {
          ...database,
          transact: (work, acting) => (left-- > 0 ? database.transact(work, acting) : Promise.reject(new Error("killed"))),
        },
      },
      { random: () => 0.5, redact: redactEntity },
    );
    await expect(dying.finishCopy(peer.id, run)).rejects.toThrow("killed");
    expect(await halls()).toMatchObject({ places: 200, gone: 500 });
    expect(await store.read(peer.id)).toMatchObject({ cursor: "c700", bootstrap: { id: begun.id } });

    expect(await store.finishCopy(peer.id, run)).toMatchObject({ deleted: 200 });
    expect(await halls()).toMatchObject({ places: 0, gone: 700 });
    expect(await store.read(peer.id)).toMatchObject({ cursor: "c100", bootstrap: null });
    const [logged] = await test.registry.database.read((on) => peerRuns(on, NORTH, 1));
    expect(logged).toMatchObject({ deleted: 700 });
  });

  it("is given up for another one", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "resync");
    const [first, second] = [plan(), plan()];
    await store.beginCopy(peer.id, first);
    await store.beginCopy(peer.id, second);
    expect(await store.keepPlan(peer.id, { ...first, lines: 7 })).toBe("moved");
    expect(await store.applyCopy(peer.id, run, { planId: first.id, from: 0, to: 1, changes: [], bad: [] })).toBe("moved");
    await store.keepPlan(peer.id, { ...second, sha256: "ef", lines: 7 });
    expect((await store.read(peer.id))?.bootstrap).toMatchObject({ id: second.id, sha256: "ef", lines: 0 });
  });

  it("by closed pages ends where the last page does", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "bootstrap");
    const { cursor: _c, position: _p, hash: _h, ...unknown } = plan({ way: "pages" });
    await store.beginCopy(peer.id, unknown);
    const reached = { cursor: "p2", position: 2, hash: "12".repeat(32) };
    const changes = [shown(eventOf(NORTH, 1), { position: 1 }), shown(eventOf(NORTH, 2), { position: 2 })];
    await store.applyCopy(peer.id, run, { planId: unknown.id, from: 1, to: 2, changes, bad: [], reached });
    await store.finishCopy(peer.id, run);
    expect(await store.read(peer.id)).toMatchObject({ cursor: "p2", position: 2, hash: "12".repeat(32), epoch: EPOCH, bootstrap: null });
  });

  it("by the feed alone begins at its beginning, and marks what its pages meet", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "resync");
    await store.applyPage(
      peer.id,
      run,
      page(
        null,
        [1, 2].map((n) => shown(eventOf(NORTH, n), { position: n })),
      ),
    );
    await store.beginCopy(peer.id, plan({ way: "feed", epoch: LATER_EPOCH }));
    expect(await store.read(peer.id)).toMatchObject({ cursor: null, position: 0 });
    const again = page(null, [shown(eventOf(NORTH, 2), { position: 1, epoch: LATER_EPOCH })], { epoch: LATER_EPOCH });
    await store.applyPage(peer.id, run, again);
    await store.finishCopy(peer.id, run);
    expect(await shownNames()).toEqual(["Concert 2"]);
    expect(await store.read(peer.id)).toMatchObject({ cursor: "c1", position: 1, epoch: LATER_EPOCH, bootstrap: null });
  });
});

describe("the end of a run", () => {
  const inMinutes = (minutes: number) => new Date(test.registry.clock().getTime() + minutes * 60_000);

  it("says when the peer is asked next: after its interval, at once where more is there", async () => {
    const peer = await addTestPeer(test);
    const first = await store.beginRun(peer.id, "pull");
    await store.endRun(peer.id, first, { outcome: "applied", head: 3, more: false });
    expect(await store.read(peer.id)).toMatchObject({ failures: 0, nextPullAt: inMinutes(5), succeededAt: inMinutes(0), head: 3 });
    const second = await store.beginRun(peer.id, "pull");
    await store.endRun(peer.id, second, { outcome: "applied", head: 3, more: true, detail: "gaps: none that we know" });
    expect(await store.read(peer.id)).toMatchObject({ nextPullAt: inMinutes(0) });
    const runs = await test.registry.database.read((on) => peerRuns(on, NORTH, 5));
    expect(runs.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ["applied", "gaps: none that we know"],
      ["applied", null],
    ]);
  });

  it("is its own, also where a person pulls beside the node; one of which nothing is heard any more was cut off", async () => {
    const peer = await addTestPeer(test);
    const byNode = await store.beginRun(peer.id, "pull");
    const byPerson = await store.beginRun(peer.id, "pull");
    await store.endRun(peer.id, byPerson, { outcome: "unchanged", head: 3, more: false, detail: "another process is copying it" });
    await store.endRun(peer.id, byNode, { outcome: "applied", head: 3, more: false });
    await store.beginRun(peer.id, "pull");
    test.later(5 * 60_000);
    await store.beginRun(peer.id, "pull");
    const runs = await test.registry.database.read((on) => peerRuns(on, NORTH, 5));
    expect(runs.map(({ outcome, detail }) => [outcome, detail])).toEqual([
      ["running", null],
      ["failed", "it was cut off"],
      ["unchanged", "another process is copying it"],
      ["applied", null],
    ]);
  });

  it("puts a peer that fails off for longer and longer, up to an hour, and as long as it asks for", async () => {
    const peer = await addTestPeer(test);
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      await store.endRun(peer.id, await store.beginRun(peer.id, "pull"), { outcome: "failed", detail: "no answer" });
      waits.push(((await store.read(peer.id))!.nextPullAt!.getTime() - test.registry.clock().getTime()) / 60_000);
    }
    expect(waits).toEqual([5, 10, 20, 30, 30, 30]);
    const run = await store.beginRun(peer.id, "pull");
    const end = { outcome: "failed", detail: "busy", retryAt: inMinutes(90) } as const;
    await store.endRun(peer.id, run, end);
    await store.endRun(peer.id, run, end);
    expect(await store.read(peer.id)).toMatchObject({ failures: 7, lastError: "busy", nextPullAt: inMinutes(90) });
  });

  it("that is an alarm stops the peer until a person has looked", async () => {
    const peer = await addTestPeer(test);
    const run = await store.beginRun(peer.id, "pull");
    await store.endRun(peer.id, run, { outcome: "alarm", alarm: "hash_chain", detail: "item 7 does not follow" });
    expect(await store.read(peer.id)).toMatchObject({ status: "broken", alarm: "hash_chain", alarmDetail: "item 7 does not follow" });
    expect(await store.applyPage(peer.id, run, page(null, []))).toBe("moved");
    const resumed = await test.registry.database.transact((tx) => changePeer(test.registry, admin, tx, NORTH, { status: "active" }));
    expect(resumed).toMatchObject({ status: "active", alarm: null, failures: 0, lastError: null });
  });
});
