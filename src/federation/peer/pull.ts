/**
 * One pull of a peer:
 *
 *   1. It still is who it was, and proves what it proved (profile, once an hour, and whenever a person asks).
 *   2. A copy where there is none, or where one is under way (bootstrap.ts).
 *   3. The tail, page by page (tail.ts); 410 begins a new copy and goes on.
 *   4. How it ended, in the sync log: a fault is the peer's, never the job's; an alarm stops the peer.
 */
import { SafeFetchError } from "../safe-fetch.ts";
import { makeCopy, planFirstCopy, planResync } from "./bootstrap.ts";
import { oneLine } from "./answers.ts";
import { alarmed, FeedGone, PageTooLarge, PeerFault } from "./faults.ts";
import type { Counts, RunEnd, RunKind } from "./ports.ts";
import { dialectOf, readProfile } from "./profile.ts";
import { pullsFrom, type Peer, type PeerProfile } from "../../domain/peer.ts";
import type { PeerClient } from "./client.ts";
import { DEFAULT_PULL_LIMITS, Moved, reread, type PullLimits, type PullParts, type Run } from "./run.ts";
import { pageReader, pullTail } from "./tail.ts";

export { DEFAULT_PULL_LIMITS, type PullLimits, type PullLog, type PullParts } from "./run.ts";

/** What one pull came to. `skipped`: there is no such peer, or it is not active, or not one to pull from. */
export type PullResult =
  | { outcome: "skipped" }
  | { outcome: RunEnd["outcome"]; kind: RunKind; end: RunEnd; counts: Counts & { pages: number } };

/** A peer that begins anew more often in one run has no feed to follow. */
const MOST_RESYNCS = 2;

/**
 * Reads a peer up to its head, or as far as one run may go (`end.more`). Its faults are noted in the sync log and not thrown; an abort,
 * and what the store throws, are noted and thrown.
 */
export async function pullPeer(parts: PullParts, peerId: string): Promise<PullResult> {
  const peer = await parts.store.read(peerId);
  if (peer === undefined || peer.status !== "active" || !pullsFrom(peer)) return { outcome: "skipped" };
  const limits = { ...DEFAULT_PULL_LIMITS, ...parts.limits };
  const kind = kindOf(peer);
  const id = await parts.store.beginRun(peer.id, kind);
  const counts = { applied: 0, passedOver: 0, deleted: 0, refused: 0, pages: 0 };
  const end = await attempt(parts, limits, { peer, id, kind, counts }).catch(async (error: unknown) => {
    await endBroken(parts, { peer, id }, error);
    throw error;
  });
  await parts.store.endRun(peer.id, id, end);
  return { outcome: end.outcome, kind, end, counts };
}

function kindOf({ bootstrap, cursor }: Peer): RunKind {
  if (bootstrap !== null) return bootstrap.resync ? "resync" : "bootstrap";
  return cursor === null ? "bootstrap" : "pull";
}

/** What throws is our own fault, or this node is closed: either way the log says so, and a peer that cannot be taken in is no peer without news. */
async function endBroken({ store, signal, log }: PullParts, { peer, id }: Pick<Run, "peer" | "id">, error: unknown): Promise<void> {
  const end: RunEnd =
    signal?.aborted === true
      ? { outcome: "failed", detail: "it was interrupted: this node was closed", interrupted: true }
      : { outcome: "failed", detail: `this node could not take it in: ${oneLine(messageOf(error))}` };
  try {
    await store.endRun(peer.id, id, end);
  } catch (reason) {
    // What broke the run is thrown; the next one ends its line.
    log.warn({ peer: peer.base, error: messageOf(reason) }, "the end of a pull could not be noted");
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Begun = Pick<Run, "peer" | "id" | "kind" | "counts">;

async function attempt(parts: PullParts, limits: PullLimits, begun: Begun): Promise<RunEnd> {
  try {
    const client = parts.client(begun.peer);
    const until = parts.clock().getTime() + limits.runMs;
    const profile = await currentProfile(parts, limits, client, begun.peer);
    const run: Run = { parts, limits, client, ...begun, profile, head: null, gaps: new Set(), until, patience: limits.patienceMs };
    const more = await read(run);
    const { applied, deleted } = run.counts;
    const detail = run.gaps.size === 0 ? undefined : `gaps: ${[...run.gaps].join("; ")}`;
    return { outcome: applied + deleted > 0 ? "applied" : "unchanged", head: run.head, more, detail };
  } catch (error) {
    return endOf(error);
  }
}

/** True where more is there. */
async function read(run: Run): Promise<boolean> {
  if (run.peer.bootstrap === null && run.peer.cursor === null) await planFirstCopy(run);
  let next = pageReader(run);
  for (let resyncs = 0; ;) {
    if (!(await makeCopy(run))) return true;
    try {
      return await pullTail(run, next);
    } catch (error) {
      if (error instanceof Moved) {
        // The other pull does what is left to do.
        await reread(run);
        return false;
      }
      if (!(error instanceof FeedGone)) throw error;
      resyncs += 1;
      if (resyncs > MOST_RESYNCS) throw new PeerFault("its feed begins anew again and again", {}, error);
      await planResync(run, error.epoch);
      next = pageReader(run);
    }
  }
}

function endOf(error: unknown): RunEnd {
  if (error instanceof Moved) return { outcome: "unchanged", head: null, more: false, detail: error.message };
  if (error instanceof SafeFetchError) return { outcome: "failed", detail: error.message };
  if (error instanceof PageTooLarge)
    return { outcome: "alarm", alarm: "unreadable", detail: `a page of it is too large: ${error.message}` };
  if (!(error instanceof PeerFault)) throw error;
  const { alarm, message: detail, retryAt } = error;
  return alarm === undefined ? { outcome: "failed", detail, retryAt } : { outcome: "alarm", alarm, detail };
}

async function currentProfile(parts: PullParts, limits: PullLimits, client: PeerClient, peer: Peer): Promise<PeerProfile> {
  const age = peer.profileAt === null ? Infinity : parts.clock().getTime() - peer.profileAt.getTime();
  if (peer.profile !== null && age < limits.profileMs) return peer.profile;
  const learnt = peer.profile?.cursorName;
  const profile = { ...(await readProfile(client, peer.base, parts.signal)), ...(learnt && { cursorName: learnt }) };
  if (peer.dialect === "calends" && dialectOf(profile) !== "calends")
    throw alarmed(
      "downgraded",
      `its profile no longer offers ${["hash-chain", "epochs"].filter((one) => !profile.features.includes(one)).join(" and ")}`,
    );
  await parts.store.keepProfile(peer.id, profile);
  return profile;
}
