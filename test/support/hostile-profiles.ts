/** Peers whose profile is not what it was, or leads elsewhere. It is read again after an hour. */
import type { Alarm } from "../../src/domain/peer.ts";
import type { World } from "./hostile-peer-process.ts";
import { pour, respond, tellEvent, type HostilePeer } from "./hostile-tools.ts";
import { FEED, type Behaviour, type ScriptedPeer } from "./scripted-peer.ts";

const PROFILE = "/.well-known/sel-profile";
type Profile = Record<string, unknown>;

const changed = (
  name: string,
  alarm: Alarm | undefined,
  detail: RegExp,
  change: (profile: Profile, world: World, peer: ScriptedPeer) => Profile,
): HostilePeer => ({
  name: `profile: ${name}`,
  turns(peer, world) {
    tellEvent(peer, 9);
    peer.changeProfile = (profile) => change(profile, world, peer);
  },
  hourLater: true,
  outcome: alarm === undefined ? "failed" : "alarm",
  ...(alarm && { alarm }),
  detail,
});
const answered = (name: string, detail: RegExp, behaviour: (world: World) => Behaviour): HostilePeer => ({
  name: `profile: ${name}`,
  turns(peer, world) {
    tellEvent(peer, 9);
    peer.answer(PROFILE, behaviour(world));
  },
  hourLater: true,
  outcome: "failed",
  detail,
});

export const PROFILES: HostilePeer[] = [
  changed("gives itself out as us", "identity", /calls itself/, (profile, { here }) => ({ ...profile, node: here })),
  changed("gives itself out as another peer", "identity", /calls itself/, (profile, { other }) => ({ ...profile, node: other.base })),
  changed("has another port", "identity", /calls itself/, (profile, _world, peer) => ({ ...profile, node: `${peer.base}0` })),
  changed("has a part of itself as its name", "identity", /calls itself/, (profile, _world, peer) => ({
    ...profile,
    node: `${peer.base}/x`,
  })),
  changed("calls itself by escape codes", "identity", /calls itself https:\/\/evil \[2J$/, (profile) => ({
    ...profile,
    node: "https://evil\u001b[2J",
  })),
  changed("has no name", undefined, /names no node/, ({ node: _node, ...rest }) => rest),
  changed("has a list for a name", undefined, /names no node/, (profile, _world, peer) => ({ ...profile, node: [peer.base] })),
  changed("proves nothing any more", "downgraded", /no longer offers hash-chain and epochs/, (profile) => ({
    ...profile,
    feedFeatures: [],
  })),
  changed("proves nothing of its order any more", "downgraded", /hash-chain/, (profile) => ({
    ...profile,
    feedFeatures: ["epochs", "digests"],
  })),
  changed("has its feed at another peer", undefined, /not of its own origin/, (profile, { other }) => ({
    ...profile,
    changeFeedEndpoint: other.base + FEED,
  })),
  changed("has its feed in the cloud's own secrets", undefined, /not of its own origin/, (profile) => ({
    ...profile,
    changeFeedEndpoint: "http://169.254.169.254/",
  })),
  changed("has a script for a feed", undefined, /not of its own origin/, (profile) => ({
    ...profile,
    changeFeedEndpoint: "javascript:alert(1)",
  })),
  changed("has its snapshot at our node", undefined, /not of its own origin/, (profile, { here }) => ({
    ...profile,
    snapshotEndpoint: `${here}/x`,
  })),
  changed("has its stream at a name like its own", undefined, /not of its own origin/, (profile, _world, peer) => ({
    ...profile,
    streamEndpoint: `${peer.base.replace("127.0.0.1", "127.0.0.1.evil.example")}/x`,
  })),
  answered("is a page of HTML", /no JSON/, () => respond(200, "<html>")),
  answered("is a list", /no JSON object/, () => respond(200, "[]")),
  answered("is nested beyond all depth", /nested/, () => respond(200, `{"a":${"[".repeat(10_000)}`)),
  answered("is gone", /it is no SEL node/, () => respond(404)),
  answered("is a gigabyte", /larger than/, () => pour(Buffer.alloc(64 * 1024, " "))),
  answered("is another peer's", /not dialled/, ({ other }) => respond(307, "", { location: other.base + PROFILE })),
  {
    name: "profile: has a name that is a page of its own",
    turns(peer) {
      tellEvent(peer, 9);
      peer.changeProfile = (profile) => ({
        ...profile,
        name: `<script>\u202e\u001b[2J${"x".repeat(1_500)}`,
        software: { name: ["x"], version: { a: 1 } },
        feedFeatures: [...(profile["feedFeatures"] as string[]), ...Array.from({ length: 5_000 }, (_, n) => `f${n}`), null, {}],
      });
    },
    hourLater: true,
    outcome: "applied",
    refused: [],
    counts: { applied: 1 },
  },
];
