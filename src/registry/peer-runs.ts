/** Pulls as they begin, end and come again: the lines of the sync log, and when a peer is asked next. */
import type { Tx } from "../db/database.ts";
import { countTold, duePeers, lockPeer, updatePeer } from "../db/peers.ts";
import { finishRun, forgetSync, insertRun, readPastPulls } from "../db/sync-log.ts";
import { RegistryError } from "../domain/errors.ts";
import { MOST_ENTITIES, pullsFrom, type Peer } from "../domain/peer.ts";
import { standingOf, type RunEnd, type RunKind } from "../domain/pull.ts";
import type { Registry } from "./context.ts";
import { headMembers } from "./pulled-peer.ts";

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;
const DAY = 24 * HOUR;
/** A peer that fails is asked at least so often. */
const LONGEST_BACKOFF = HOUR;
/** A peer may ask for patience, but not for ever. */
const MOST_PATIENCE = DAY;
/** So that peers of one interval are not all asked in one moment: a tenth, either way. */
const SPREAD = 0.1;
const KEPT_FOR = 30 * DAY;

/** Begins a line of the sync log and returns its id; the peer is not due again while it is under way. Throws `not_found`. */
export function beginRun(registry: Registry, peerId: string, kind: RunKind): Promise<string> {
  return registry.database.transact(
    async (tx) => {
      const now = registry.clock();
      const peer = await lockPeer(tx, { id: peerId });
      if (peer === undefined) throw new RegistryError("not_found", { detail: `There is no peer ${peerId}.` });
      const id = registry.mint(now.getTime());
      await insertRun(tx, { id, nodeId: peerId, kind, fromPosition: peer.position }, now);
      await updatePeer(tx, peerId, { pulledAt: now, nextPullAt: new Date(now.getTime() + peer.everySeconds * SECOND) }, now);
      return id;
    },
    { actor: "job:pull-peer" },
  );
}

/** Ends the run's line and says when the peer is asked next; an alarm stops it. A run that was ended already stays as it is. */
export async function endRun(
  registry: Registry,
  { peerId, runId, end, random }: { peerId: string; runId: string; end: RunEnd; random: () => number },
): Promise<void> {
  await registry.database.transact(
    async (tx) => {
      const now = registry.clock();
      const peer = await lockPeer(tx, { id: peerId });
      const taken = peer && (await finishRun(tx, runId, end, now));
      if (peer === undefined || taken === undefined) return;
      const change = afterRun(peer, end, now, random, taken);
      // Nothing has failed, but a person should know.
      if (change.lastError === null) change.lastError = await fullness(tx, peer);
      await updatePeer(tx, peerId, change, now);
    },
    { actor: "job:pull-peer" },
  );
}

/** What is to be said of a peer that has told of as many entities as it may; null where it may tell of more. */
export async function fullness(
  tx: Tx,
  { id, direction, filters: { maxEntities = MOST_ENTITIES } }: Pick<Peer, "id" | "direction" | "filters">,
): Promise<string | null> {
  const told = await countTold(tx, id);
  if (told < maxEntities) return null;
  const then = pullsFrom({ direction }) ? "then peer resync" : "then it has to push them again";
  return `it may tell of ${maxEntities} entities, and ${told} were let in: further ones are refused (a higher calends peer set --most, ${then})`;
}

/** What a run's end makes of its peer, of which it has taken in so many pages and items. */
export function afterRun(peer: Peer, end: RunEnd, now: Date, random: () => number, taken = 0): Partial<Peer> {
  const inMs = (milliseconds: number) => new Date(now.getTime() + milliseconds);
  const every = peer.everySeconds * SECOND;
  switch (end.outcome) {
    case "applied":
    case "unchanged":
      return {
        failures: 0,
        lastError: null,
        succeededAt: now,
        nextPullAt: end.more ? now : inMs(every * (1 + SPREAD * (2 * random() - 1))),
        ...headMembers(peer, { head: end.head, position: peer.position }, now),
      };
    case "failed": {
      if (end.interrupted === true) return { nextPullAt: now };
      // On a bad line every pull breaks off; one that has brought something first is not in vain, and the next will bring more.
      const failures = taken > 0 ? 1 : peer.failures + 1;
      const backoff = random() * Math.min(every * 2 ** failures, LONGEST_BACKOFF);
      const asked = Math.min((end.retryAt?.getTime() ?? 0) - now.getTime(), MOST_PATIENCE);
      return { failures, lastError: end.detail, nextPullAt: inMs(Math.max(backoff, asked)) };
    }
    case "alarm":
      return {
        failures: peer.failures + 1,
        lastError: end.detail,
        alarm: end.alarm,
        alarmDetail: end.detail,
        alarmAt: now,
        // Who has paused it meanwhile wanted it paused.
        ...(peer.status === "active" && { status: "broken" }),
      };
  }
}

/** Pulls that one planning queues; the rest is due a minute later still. */
const MOST_AT_ONCE = 1_000;

/** Queues a pull of every peer that is due. Returns how many. */
export function planPulls(registry: Registry): Promise<{ planned: number }> {
  return registry.database.transact(
    async (tx) => {
      const due = await duePeers(tx, registry.clock(), MOST_AT_ONCE);
      await queuePulls(
        registry,
        tx,
        due.map(({ id }) => id),
      );
      return { planned: due.length };
    },
    { actor: "job:plan-pulls" },
  );
}

/** Leaves a pull of each of these peers, in their order; one that is not proven has to do with a share of the places (jobs/queues.ts). */
export async function queuePulls(registry: Registry, tx: Tx, nodeIds: readonly string[]): Promise<void> {
  if (nodeIds.length === 0) return;
  const standings = new Map((await readPastPulls(tx, nodeIds)).map((peer) => [peer.nodeId, standingOf(peer)]));
  for (const nodeId of nodeIds) {
    const standing = standings.get(nodeId) ?? "proven";
    await registry.enqueue(tx, { queue: "pull-peer", nodeId, ...(standing !== "proven" && { standing }) });
  }
}

/** Forgets runs and refusals of more than 30 days ago; returns how many. */
export function forgetOldSync(registry: Registry): Promise<number> {
  const before = new Date(registry.clock().getTime() - KEPT_FOR);
  return registry.database.transact((tx) => forgetSync(tx, before), { actor: "job:clean-up" });
}
