/** What a pull stands on: the peer as it answers (client) and what is kept here (store). Both are handed in, so that a test can be the network. */
export type { BadItem, CopyChunk, Counts, RunEnd, RunKind, VerifiedPage } from "../../domain/pull.ts";
export type { KeptPulls as PeerStore } from "../../registry/peer-store.ts";
