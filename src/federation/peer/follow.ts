/**
 * Freshness: the stream of each peer is listened to, one connection a peer, and whoever speaks of a position beyond ours is pulled at
 * once. What is heard is a nudge and nothing else: it is never applied, so that nothing but a proven page changes anything.
 */
import { keepListening, LIMITS, pause, type FollowedPeer, type FollowParts } from "./listen.ts";

export type { FollowedPeer, FollowLimits, FollowParts } from "./listen.ts";

/** Nudges that bring nothing; a peer that cries wolf is then heard once a reload. */
const MOST_VAIN = 5;

interface Follower {
  peer: FollowedPeer;
  /** The last position that we were told of. */
  heard: number;
  /** Nudged, and not looked at since. */
  pending: boolean;
  vain: number;
  closing: AbortController;
  ended: Promise<void>;
}

/** Follows until it is disposed; then every connection is closed and nothing is nudged any more. */
export function followPeers(parts: FollowParts): AsyncDisposable {
  const limits = { ...LIMITS, ...parts.limits };
  const closing = new AbortController();
  const followers = new Map<string, Follower>();
  /** Aborted by a nudge: what came of it is looked at soon. */
  let asleep = new AbortController();

  const nudge = async (follower: Follower): Promise<void> => {
    if (follower.vain >= MOST_VAIN) return;
    follower.vain += 1;
    follower.pending = true;
    await parts.nudge(follower.peer.id);
    asleep.abort();
  };
  const hear = async (follower: Follower, position: number): Promise<void> => {
    follower.heard = Math.max(follower.heard, position);
    if (!follower.pending && position > follower.peer.position) await nudge(follower);
  };
  const follow = (peer: FollowedPeer): Follower => {
    const follower = { peer, heard: peer.position, pending: false, vain: 0, closing: new AbortController(), ended: Promise.resolve() };
    const signal = AbortSignal.any([closing.signal, follower.closing.signal]);
    follower.ended = keepListening(parts, limits, follower, { signal, hear: (position) => hear(follower, position) });
    return follower;
  };

  /** The list as it is kept now: new ones are followed, those that left are not, and who is still ahead is nudged again. */
  const reload = async (): Promise<boolean> => {
    const peers = new Map((await parts.peers()).filter(hasStream).map((peer) => [peer.id, peer]));
    for (const [id, follower] of followers) {
      const peer = peers.get(id);
      if (peer !== undefined && sameStream(peer, follower.peer)) continue;
      follower.closing.abort();
      followers.delete(id);
    }
    for (const [id, peer] of peers) {
      const follower = followers.get(id);
      if (follower === undefined) followers.set(id, follow(peer));
      else await lookAgain(follower, peer);
    }
    return [...followers.values()].some(({ pending }) => pending);
  };
  const lookAgain = async (follower: Follower, peer: FollowedPeer): Promise<void> => {
    follower.vain = peer.position > follower.peer.position ? 0 : follower.pending ? follower.vain : Math.max(0, follower.vain - 1);
    follower.peer = peer;
    follower.pending = false;
    if (follower.heard > peer.position) await nudge(follower);
    // It said so again and again, and nothing was there.
    if (!follower.pending) follower.heard = peer.position;
  };

  const watch = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      let ahead = false;
      asleep = new AbortController();
      try {
        ahead = await reload();
      } catch (error) {
        parts.log.warn({ err: error }, "federation: the list of peers could not be read; streams go on as they are");
      }
      if (!ahead) await pause(parts, limits.reloadMs, AbortSignal.any([closing.signal, asleep.signal]));
      await pause(parts, limits.aheadMs, closing.signal);
    }
  };
  const watching = watch();

  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await watching;
      await Promise.all([...followers.values()].map(({ ended }) => ended));
    },
  };
}

/** A first copy is not followed: its stream would be the whole feed. */
const hasStream = ({ profile, cursor, bootstrap }: FollowedPeer): boolean =>
  profile?.stream !== undefined && cursor !== null && cursor !== "" && bootstrap === null;

const sameStream = (a: FollowedPeer, b: FollowedPeer): boolean => a.profile?.stream === b.profile?.stream && a.accessKey === b.accessKey;
