/** What a pull stands on here (the PeerStore of src/federation/peer/ports.ts): pages and copies applied, runs kept. */
import type { Tx } from "../db/database.ts";
import { readPeerById, updatePeer } from "../db/peers.ts";
import { holdsAny } from "../db/statements.ts";
import { addToRun } from "../db/sync-log.ts";
import { RegistryError } from "../domain/errors.ts";
import type { BootstrapPlan, Peer, PeerProfile } from "../domain/peer.ts";
import type { CopyChunk, Counts, RunEnd, RunKind, VerifiedPage } from "../domain/pull.ts";
import type { Registry } from "./context.ts";
import { hearChanges } from "./hear-changes.ts";
import { applyCopy, beginCopy, finishCopy, keepPlan } from "./peer-copies.ts";
import { beginRun, endRun } from "./peer-runs.ts";
import { headMembers, withPeer } from "./pulled-peer.ts";
import type { Redact } from "./take-down.ts";

export interface StoreOptions {
  /** In [0, 1): what spreads pulls over time. */
  random: () => number;
  /** Takes texts and images out of what our feed told (feed/redact.ts). */
  redact: Redact;
}

/** Every verb is one transaction (finishCopy: one a chunk), and safe to call again. */
export interface KeptPulls {
  read(peerId: string): Promise<Peer | undefined>;
  keepProfile(peerId: string, profile: PeerProfile): Promise<void>;
  /** Begins a line of the sync log; returns its id. */
  beginRun(peerId: string, kind: RunKind): Promise<string>;
  /** Applies a page and moves the cursor, both or neither; "moved" where somebody else has moved it from `page.since`. */
  applyPage(peerId: string, runId: string, page: VerifiedPage): Promise<Counts | "moved">;
  /** Whether anything of the peer's own is held and not gone: of when it was a peer before, or told by a relay. */
  holdsAny(peerId: string): Promise<boolean>;
  /** Keeps the plan (its id is new), in place of any other. */
  beginCopy(peerId: string, plan: BootstrapPlan): Promise<void>;
  /** Keeps what was learnt of it (epoch, position, cursor, hash, sha256, url, bytes) under the same id; "moved" where another plan stands. */
  keepPlan(peerId: string, plan: BootstrapPlan): Promise<void | "moved">;
  applyCopy(peerId: string, runId: string, chunk: CopyChunk): Promise<Counts | "moved">;
  /** What the copy did not meet of the peer's own is gone; the cursor moves to where the copy stands, and the plan goes. Chunk by chunk inside. */
  finishCopy(peerId: string, runId: string): Promise<Counts | "moved">;
  /** Ends the run's line; keeps failures, backoff (with jitter), head, alarm. */
  endRun(peerId: string, runId: string, end: RunEnd): Promise<void>;
}

export function createPeerStore(registry: Registry, { random, redact }: StoreOptions): KeptPulls {
  const { database, clock } = registry;
  return {
    read: (peerId) => database.read((on) => readPeerById(on, peerId)),
    keepProfile: (peerId, profile) =>
      database.transact((tx) => updatePeer(tx, peerId, { profile, profileAt: clock() }, clock()), { actor: "job:pull-peer" }),
    beginRun: (peerId, kind) => beginRun(registry, peerId, kind),
    applyPage: (peerId, runId, page) => withPeer(registry, peerId, (tx, peer) => applyPage(registry, tx, { peer, runId, page, redact })),
    holdsAny: (peerId) => database.read((on) => holdsAny(on, peerId)),
    beginCopy: (peerId, plan) => beginCopy(registry, peerId, plan),
    keepPlan: (peerId, plan) => keepPlan(registry, peerId, plan),
    applyCopy: (peerId, runId, chunk) => withPeer(registry, peerId, (tx, peer) => applyCopy(registry, tx, { peer, runId, chunk, redact })),
    finishCopy: (peerId, runId) => finishCopy(registry, { peerId, runId, redact }),
    endRun: (peerId, runId, end) => endRun(registry, { peerId, runId, end, random }),
  };
}

/** The page's items and the cursor behind them: both, or neither. */
async function applyPage(
  registry: Registry,
  tx: Tx,
  { peer, runId, page, redact }: { peer: Peer; runId: string; page: VerifiedPage; redact: Redact },
): Promise<Counts | "moved"> {
  // A copy by the feed alone is made of these very pages; any other copy ends where the tail begins.
  const copy = peer.bootstrap;
  if (peer.cursor !== page.since || (copy !== null && copy.way !== "feed")) return "moved";
  const sameEpoch = page.epoch === null || page.epoch === peer.epoch;
  if (sameEpoch && page.position < peer.position)
    throw new RegistryError("conflict", { detail: `The page ends at ${page.position}, before ${peer.position}, where we stand.` });
  const counts = await hearChanges(registry, tx, { peer, changes: page.changes, bad: page.bad, metIn: copy?.id, redact });
  const now = registry.clock();
  await addToRun(tx, runId, { ...counts, pages: 1 }, page.position, now);
  await updatePeer(
    tx,
    peer.id,
    {
      cursor: page.nextCursor,
      epoch: page.epoch ?? undefined,
      position: page.position,
      hash: page.hash,
      ...headMembers(peer, { head: page.head, position: page.position }, now),
    },
    now,
  );
  return counts;
}
