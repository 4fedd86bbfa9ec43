/** Listening to the stream of one peer: one connection after another, each bounded, and ever later where nothing comes of it. */
import type { Peer } from "../../domain/peer.ts";
import { SafeFetchError } from "../safe-fetch-error.ts";
import type { PeerClient, PeerTarget } from "./client.ts";
import { PeerFault } from "./faults.ts";
import { withQuery } from "./get-page.ts";
import type { PullLog } from "./run.ts";
import { eventsOf, type ServerSentEvent } from "./server-sent-events.ts";

export type FollowedPeer = Pick<Peer, "id" | "base" | "accessKey" | "privateAddress" | "profile" | "cursor" | "position" | "bootstrap">;

export interface FollowParts {
  /** The peers that may be pulled now (active, pull or both), as they are kept; asked again and again. */
  peers: () => Promise<readonly FollowedPeer[]>;
  /** Told when a peer's feed has gone beyond where we stand: enqueue `pull-peer`. */
  nudge: (peerId: string) => Promise<void>;
  client: (peer: PeerTarget) => PeerClient;
  /** In [0, 1). */
  random: () => number;
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  log: PullLog;
  limits?: Partial<FollowLimits>;
}

/** Milliseconds and bytes. */
export interface FollowLimits {
  /** Between two looks at the list of peers. */
  reloadMs: number;
  /** From a nudge to a look at what came of it: it may have come while a pull was ending. */
  aheadMs: number;
  /** The longest silence; our own nodes say something every 15 s. */
  silenceMs: number;
  /** Of one connection; then it is made anew. */
  bytes: number;
  /** The first pause before a connection is made anew; doubled up to `longestPauseMs`. */
  pauseMs: number;
  longestPauseMs: number;
}
export const LIMITS: FollowLimits = {
  reloadMs: 30_000,
  aheadMs: 1_000,
  silenceMs: 60_000,
  bytes: 64 * 1024 * 1024,
  pauseMs: 1_000,
  longestPauseMs: 5 * 60_000,
};

/** Whose stream it is, and the last position that it told. */
interface Listener {
  readonly peer: FollowedPeer;
  readonly heard: number;
}

export interface Hearing {
  signal: AbortSignal;
  hear: (position: number) => Promise<void>;
}

/** Until the signal is aborted. */
export async function keepListening(
  parts: FollowParts,
  limits: FollowLimits,
  follower: Listener,
  { signal, hear }: Hearing,
): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const { base } = follower.peer;
    const before = follower.heard;
    try {
      await listen(parts, limits, follower.peer, { signal, hear });
      failures = follower.heard > before ? 0 : failures + 1;
    } catch (error) {
      if (signal.aborted) return;
      failures = follower.heard > before ? 1 : failures + 1;
      const known = error instanceof SafeFetchError || error instanceof PeerFault;
      // The first break is the way of the net; and what is not the net's fault is always worth a line.
      if (failures === 3 || !known)
        parts.log.warn(
          { peer: base, failures, ...(known ? { reason: error.message } : { err: error }) },
          "federation: the stream of a peer breaks off",
        );
    }
    const longest = Math.min(limits.longestPauseMs, limits.pauseMs * 2 ** Math.min(failures, 20));
    await pause(parts, longest * (0.5 + parts.random() / 2), signal);
  }
}

async function listen(parts: FollowParts, limits: FollowLimits, peer: FollowedPeer, { signal, hear }: Hearing): Promise<void> {
  const url = withQuery(peer.profile!.stream!, { since: peer.cursor ?? undefined });
  const answer = await parts.client(peer).open(url, { headers: { accept: "text/event-stream" }, timeoutMs: limits.silenceMs, signal });
  try {
    // Of another epoch, or refused: a pull finds out what it means.
    if (answer.status === 410 || answer.status === 400) await hear(peer.position + 1);
    if (answer.status !== 200) throw new PeerFault(`its stream answered ${answer.status}`);
    if (!(answer.headers.get("content-type") ?? "").startsWith("text/event-stream")) throw new PeerFault("its stream is no event stream");
    for await (const event of eventsOf(counted(answer.body, limits.bytes))) {
      const position = positionOf(event);
      if (position !== undefined) await hear(position);
    }
  } finally {
    answer.close();
  }
}

async function* counted(body: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer, void, void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) return;
    yield chunk;
  }
}

/** The position of a change, or the head in a heartbeat. No string can hold these marks, their quotes would be escaped. */
function positionOf({ event, data }: ServerSentEvent): number | undefined {
  const member = event === "change" ? OF_CHANGE : event === "heartbeat" ? OF_HEARTBEAT : undefined;
  const position = member?.exec(data)?.[1];
  return position === undefined ? undefined : Number(position);
}
/** The item's own, not that of a custody. */
const OF_CHANGE = /,"received_timestamp":"[^"]*"(?:,"redacted":true)?,"sequence_number":(\d{1,15})\b/;
const OF_HEARTBEAT = /"head":(\d{1,15})\b/;

/** Ends early, and without a fault, when the signal is aborted. */
export async function pause({ wait }: FollowParts, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await wait(milliseconds, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
