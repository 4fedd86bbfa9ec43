/** One run of a pull: what it works with, what it has come to, and how much longer it may take. */
import type { Clock } from "../../domain/clock.ts";
import type { Peer, PeerProfile } from "../../domain/peer.ts";
import type { PeerClient, PeerTarget } from "./client.ts";
import type { Counts, PeerStore, RunKind } from "./ports.ts";

export interface PullLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What a pull may take; times in milliseconds, sizes in bytes. */
export interface PullLimits {
  /** Items of a page, and of a chunk of a copy. */
  pageItems: number;
  /** Of a page, decoded: four of the largest items. Each pull may hold as many at a time, and what they grow into. */
  pageBytes: number;
  /** Of one document, and of a line of a snapshot. */
  itemBytes: number;
  /** Pages of the tail in one run. */
  pages: number;
  /** For one run; then others have their turn. */
  runMs: number;
  /** Of that, spent on waiting where the peer says to ask more slowly. */
  patienceMs: number;
  /** For one request, and the longest silence of a download. */
  requestMs: number;
  /** Least of a download in `requestMs`. */
  leastBytes: number;
  snapshotBytes: number;
  /** How old a profile may be; one whose age is unknown is read again. */
  profileMs: number;
}
export const DEFAULT_PULL_LIMITS: PullLimits = {
  pageItems: 500,
  pageBytes: 4 * 1024 * 1024,
  itemBytes: 1024 * 1024,
  pages: 200,
  runMs: 60_000,
  patienceMs: 60_000,
  requestMs: 30_000,
  leastBytes: 128 * 1024,
  snapshotBytes: 2 * 1024 ** 3,
  profileMs: 60 * 60_000,
};

export interface PullParts {
  store: PeerStore;
  client: (peer: PeerTarget) => PeerClient;
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Where snapshots are kept while they are applied; made when it is missing. */
  folder: string;
  signal?: AbortSignal | undefined;
  log: PullLog;
  limits?: Partial<PullLimits> | undefined;
}

export interface Run {
  parts: PullParts;
  limits: PullLimits;
  client: PeerClient;
  id: string;
  kind: RunKind;
  /** As it stands now. */
  peer: Peer;
  profile: PeerProfile;
  counts: Counts & { pages: number };
  head: number | null;
  /** What the peer's data does not tell, in words. */
  gaps: Set<string>;
  /** By the clock, in milliseconds. */
  until: number;
  /** Milliseconds that it may still wait where the peer asks for it (429): others want their turn as well. */
  patience: number;
}

/** Somebody else pulls this peer at the same time: what was read is not applied. */
export class Moved extends Error {
  override name = "Moved";
}

export const timeIsUp = ({ parts, until }: Run): boolean => parts.clock().getTime() >= until;

/** Adds what became of a page or chunk; throws Moved where it was not applied. */
export function tally(run: Run, counts: Counts | "moved", pages = 1): void {
  if (counts === "moved") throw new Moved("the peer was moved by another pull");
  run.counts.pages += pages;
  for (const name of ["applied", "passedOver", "deleted", "refused"] as const) run.counts[name] += counts[name];
}

/** The peer as it is kept now. */
export async function reread(run: Run): Promise<void> {
  const peer = await run.parts.store.read(run.peer.id);
  if (peer === undefined) throw new Moved("the peer is gone");
  run.peer = peer;
}
