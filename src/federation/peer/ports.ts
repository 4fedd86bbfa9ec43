/** What a pull stands on: the peer as it answers (client) and what is kept here (store). Both are handed in, so that a test can be the network. */
import type { BootstrapPlan, Peer, PeerProfile } from "../../domain/peer.ts";
import type { CopyChunk, Counts, RunEnd, RunKind, VerifiedPage } from "../../domain/pull.ts";

export type { BadItem, CopyChunk, Counts, RunEnd, RunKind, VerifiedPage } from "../../domain/pull.ts";

/** Everything is one transaction each, and safe to call again. */
export interface PeerStore {
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
