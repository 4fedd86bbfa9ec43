/**
 * Peers that are hostile in every way we could think of, each pulled beside an honest one. Whatever one does: nothing of ours or of other
 * origins changes, the honest peer is read whole, the sync log says what was wrong, and the node goes on breathing.
 */
import { inject } from "vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOSTILE_PEERS, HOSTILE_TASTE, type HostilePeer } from "../support/hostile-peers.ts";
import { GOOD, openHostileWorld, type HostileWorld } from "../support/hostile-world.ts";
import { watchLoop } from "../support/loop-watch.ts";
import { processorTime } from "../support/processor-time.ts";

const onServer = inject("database").kind === "server";
/** All of them once, where a case takes a third of the time; on the embedded database, which is asked the same by the same code, a taste. */
const TRIED = onServer ? HOSTILE_PEERS : HOSTILE_TASTE;
/** Milliseconds of work in one turn of the event loop. An embedded database works in the same thread. */
const MOST_HELD = onServer ? 1_000 : 3_000;
const DAY = 24 * 60 * 60_000;

let node: HostileWorld;
let before: Record<string, string>;
beforeAll(async () => {
  node = await openHostileWorld();
  before = await node.guarded();
});
afterAll(() => node[Symbol.asyncDispose]());

/** ["own_uri", "own_uri"] -> { own_uri: 2 } */
const counted = (reasons: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(reasons)].map((reason) => [reason, reasons.filter((one) => one === reason).length]));

test("there are more than fifty of them, each with a name of its own", () => {
  expect(HOSTILE_PEERS.length).toBeGreaterThan(50);
  expect(new Set(HOSTILE_PEERS.map(({ name }) => name)).size).toBe(HOSTILE_PEERS.length);
  // Whoever has no server meets all of their kinds.
  expect(new Set(HOSTILE_TASTE.flatMap(({ outcome, alarm, refused = [] }) => [outcome, alarm, ...refused]))).toEqual(
    new Set(HOSTILE_PEERS.flatMap(({ outcome, alarm, refused = [] }) => [outcome, alarm, ...refused])),
  );
});

describe("a peer that", () => {
  test.each(TRIED)("$name", async (one: HostilePeer) => {
    const { peer, pull } = await node.arrange(one);
    const saidBefore = await node.held(peer);
    using watch = watchLoop();
    const [tried] = await Promise.all([pull(), node.pullHonest()]);

    const after = await node.guarded();
    expect(after).toEqual(before);
    expect(await node.crossed()).toEqual([]);
    const { outcome, counts } = tried.result;
    const run = await node.lastRun(peer);
    expect({ outcome, alarm: tried.peer.alarm ?? undefined, detail: run["detail"] ?? undefined }).toEqual({
      outcome: one.outcome,
      alarm: one.outcome === "alarm" ? (one.alarm ?? expect.any(String)) : undefined,
      detail: one.detail === undefined ? undefined : expect.stringMatching(one.detail),
    });
    expect(run).toMatchObject({ outcome, finished_at: expect.any(Date), refused: one.refused?.length ?? 0 });
    expect(String(run["detail"] ?? "")).toMatch(/^[^\p{C}]{0,2000}$/u);
    expect(await node.refusals(peer)).toEqual(counted(one.refused ?? []));
    if (one.counts) expect(counts).toMatchObject(one.counts);

    // An alarm stops it, a failure does not; either leaves what was said before, and asks no further than was applied.
    expect(tried.peer.status).toBe(outcome === "alarm" ? "broken" : "active");
    if (outcome === "failed") expect(await node.dueIn(peer)).toSatisfy((ms: number) => ms >= 0 && ms <= DAY);
    const said = await node.held(peer);
    if (outcome !== "applied" && one.partly === undefined) expect(said).toEqual(saidBefore);
    if (outcome !== "applied" && one.partly === undefined && one.fresh === undefined) expect(tried.peer.position).toBe(GOOD);
    const positions = said.map((line) => Number(line.split(" ")[1]));
    if (tried.peer.bootstrap === null) expect(Math.max(0, ...positions)).toBeLessThanOrEqual(tried.peer.position);
    expect(tried.heard.filter((path) => path.startsWith("/trap"))).toEqual([]);
    expect(watch.longest()).toBeLessThan(MOST_HELD);
  });
});

describe("the checks can fail:", () => {
  test("a relay that speaks of a node which we follow no more changes what it said", async () => {
    const one = HOSTILE_PEERS.find(({ name }) => name === "relay: tells of a node that we follow ourselves")!;
    await node.forget(node.world.other.base);
    const { pull } = await node.arrange(one);
    const before = await node.guarded();
    await pull();
    const after = await node.guarded();
    expect(Object.keys(before).filter((table) => before[table] !== after[table])).toEqual(
      expect.arrayContaining(["events", "federation_statements", "field_provenance"]),
    );
  });

  test("an honest peer that is not read whole is noticed", async () => {
    await node.muteHonest();
    await expect(node.pullHonest()).rejects.toThrow("The honest peer was pulled badly");
  });

  test("a held event loop is noticed", () => {
    using watch = watchLoop();
    const spent = processorTime();
    while (spent() < 300);
    expect(watch.longest()).toBeGreaterThan(200);
  });
});
