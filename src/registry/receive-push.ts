/**
 * What peers push that have no feed of their own: judged, applied and logged as what is pulled from those that have one. A peer that is
 * pulled too is heard by its feed alone, whose order is proven: its push has the feed read.
 */
import { lockPeer, readPeerOfSource, updatePeer } from "../db/peers.ts";
import { readPushedEntity, reviewsAfter, type PushedEntity } from "../db/pushes.ts";
import type { Reader, Tx } from "../db/database.ts";
import { addPush } from "../db/sync-log.ts";
import type { HeardChange } from "../domain/custody.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Peer } from "../domain/peer.ts";
import type { BadItem } from "../domain/pull.ts";
import type { Caller, Registry } from "./context.ts";
import { hearEach, noteRefusals } from "./hear-changes.ts";
import { fullness } from "./peer-runs.ts";
import { pullSoon } from "./peers.ts";
import type { Redact } from "./take-down.ts";

/** The peer in whose name a key pushes. Throws `forbidden` where there is none, or where it may not. */
export async function pushingPeer(on: Reader, { role, sourceId }: Caller): Promise<Peer> {
  if (role === "admin" && sourceId === undefined)
    throw new RegistryError("forbidden", {
      detail: "An admin's key speaks for no peer by itself: name the one to push for, by its URL, in the header On-Behalf-Of.",
    });
  const peer = sourceId === undefined ? undefined : await readPeerOfSource(on, sourceId);
  if (peer === undefined || (peer.direction !== "push" && peer.direction !== "both")) {
    throw new RegistryError("forbidden", {
      detail:
        "This key speaks for no peer that may push: the operator makes one with `calends peer add URL --direction push`, and a key of role peer for the source that bears its URL.",
    });
  }
  if (peer.status !== "active") throw new RegistryError("forbidden", { detail: `${peer.base} is ${peer.status} here: ask the operator.` });
  return peer;
}

export type PushOutcome = "created" | "updated" | "unchanged" | "deleted" | "held_back";

export interface Pushed {
  outcome: PushOutcome;
  /** What is held of it now; undefined where our own filters let nothing of it in. */
  held: PushedEntity | undefined;
  /** Review items that it opened. */
  reviews: string[];
}

/** A peer that is pulled as well has something new: its feed is read soon, unless that is due already. */
export async function pullForPush(registry: Registry, caller: Caller, tx: Tx, { base, nextPullAt }: Peer): Promise<void> {
  if (nextPullAt === null || nextPullAt > registry.clock()) await pullSoon(registry, caller, tx, base);
}

/** Takes in what a peer says. What is refused changes nothing, and is noted by the caller, in another transaction (`notePushRefused`). */
export async function receivePush(
  registry: Registry,
  tx: Tx,
  { peerId, heard, redact }: { peerId: string; heard: HeardChange; redact: Redact },
): Promise<Pushed | { refused: BadItem }> {
  const now = registry.clock();
  const mark = registry.mint(now.getTime());
  const peer = (await lockPeer(tx, { id: peerId }))!;
  const before = await readPushedEntity(tx, heard.uri);
  const { counts, refused } = await hearEach(registry, tx, { peer, changes: [heard], bad: [], redact });
  if (refused.length > 0) return { refused: refused[0]! };
  await addPush(tx, { id: registry.mint(now.getTime()), nodeId: peer.id, counts }, now);
  await noteFullness(tx, peer, now);
  const held = await readPushedEntity(tx, heard.uri);
  const reviews = counts.applied > 0 && held?.entityId != null ? await reviewsAfter(tx, held.entityId, mark) : [];
  return { outcome: outcomeOf(counts, before, held), held, reviews };
}

function outcomeOf(
  { applied, deleted }: { applied: number; deleted: number },
  before: PushedEntity | undefined,
  held: PushedEntity | undefined,
): PushOutcome {
  if (held === undefined) return "held_back";
  if (deleted > 0) return "deleted";
  if (applied === 0) return "unchanged";
  return before === undefined || before.entityId === null ? "created" : "updated";
}

/** Keeps what was refused, with its reason, where the operator looks for it. */
export function notePushRefused(registry: Registry, { peerId, refused }: { peerId: string; refused: BadItem }): Promise<void> {
  const now = registry.clock();
  return registry.database.transact(async (tx) => {
    const peer = (await lockPeer(tx, { id: peerId }))!;
    const counts = { applied: 0, passedOver: 0, deleted: 0, refused: 1 };
    await addPush(tx, { id: registry.mint(now.getTime()), nodeId: peerId, counts, detail: refused.detail }, now);
    await noteRefusals(registry, tx, peerId, [refused]);
    await noteFullness(tx, peer, now);
  });
}

/** As the end of a pull does: a person should know of a peer that has told of as much as it may. Another trouble stays. */
async function noteFullness(tx: Tx, peer: Peer, now: Date): Promise<void> {
  if (peer.failures > 0) return;
  const lastError = await fullness(tx, peer);
  if (lastError !== peer.lastError) await updatePeer(tx, peer.id, { lastError }, now);
}
