/** Relays that lie about whose word they pass on. A good event of their own follows each time. */
import type { RefusalReason } from "../../src/domain/custody.ts";
import type { ItemCustody } from "../../src/feed/item.ts";
import { eventAt, tellDocument, tellEvent, tombstoneOf, type HostilePeer } from "./hostile-tools.ts";
import type { World } from "./hostile-peer-process.ts";
import type { ScriptedPeer } from "./scripted-peer.ts";

const relay = (name: string, expected: RefusalReason | "passed over", tell: (peer: ScriptedPeer, world: World) => void): HostilePeer => ({
  name: `relay: ${name}`,
  settings: { relay: true },
  turns(peer, world) {
    tell(peer, world);
    tellEvent(peer, 9);
  },
  fresh: true,
  outcome: "applied",
  refused: expected === "passed over" ? [] : [expected],
  counts: { applied: 4, passedOver: expected === "passed over" ? 1 : 0 },
});

/** A word of the far node's that would be new, but for what `more` says. */
const farCustody = ({ far }: World, more: Partial<ItemCustody> = {}): ItemCustody => ({
  node: far.base,
  epoch: far.epoch,
  position: far.position + 1_000,
  version: 99,
  hops: [],
  ...more,
});
const nodes = (count: number) => Array.from({ length: count }, (_, n) => `https://hop-${n}.example`);
/** A ULID of the year 4500. */
const FUTURE = "2AZZZZZZZZABCDEFGHJKMNPQRS";

export const RELAYS: HostilePeer[] = [
  relay("tells without custody", "no_custody", (peer, { far }) => tellDocument(peer, eventAt(far.event))),
  relay("names a node whose event it is not", "false_custody", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { node: "https://third.example" }) }),
  ),
  relay("names a node that only begins like the far one", "false_custody", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { node: world.far.base.slice(0, -1) }) }),
  ),
  relay("names a part of the far node as the origin", "false_custody", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { node: `${world.far.base}/events` }) }),
  ),
  relay("names a part of a followed node as the origin", "false_custody", (peer, world) =>
    tellDocument(peer, eventAt(world.other.event), {
      custody: farCustody(world, { node: `${world.other.base}/events`, epoch: "7ZZZ", position: 1_000_000 }),
    }),
  ),
  relay("invents an event of a part of a followed node", "false_custody", (peer, world) =>
    tellDocument(peer, eventAt(`${world.other.base}/events/invented`), {
      custody: farCustody(world, { node: `${world.other.base}/events`, epoch: "" }),
    }),
  ),
  relay("says that an event of a part of a followed node is gone", "false_custody", (peer, world) =>
    tellDocument(peer, tombstoneOf(world.other.event), {
      gone: true,
      custody: farCustody(world, { node: `${world.other.base}/events`, epoch: "7ZZZ" }),
    }),
  ),
  relay("names a part of ours as the origin", "own_uri", (peer, world) =>
    tellDocument(peer, eventAt(world.ours.event), { custody: farCustody(world, { node: `${world.here}/events` }) }),
  ),
  relay("gives our event out as another's", "own_uri", (peer, world) =>
    tellDocument(peer, eventAt(world.ours.event), { custody: farCustody(world) }),
  ),
  relay("tells us what we should have said", "passed over", (peer, world) =>
    tellDocument(peer, eventAt(world.ours.event), { custody: farCustody(world, { node: world.here }) }),
  ),
  relay("tells us that we have deleted our own", "passed over", (peer, world) =>
    tellDocument(peer, tombstoneOf(world.ours.event), { gone: true, custody: farCustody(world, { node: world.here }) }),
  ),
  relay("writes our name with its port as the origin", "false_custody", (peer, world) =>
    tellDocument(peer, eventAt(`${world.here}:443/events/1`), { custody: farCustody(world, { node: `${world.here}:443` }) }),
  ),
  relay("writes a followed node in capitals as the origin", "false_custody", (peer, world) => {
    const node = "http://NODE.example";
    tellDocument(peer, eventAt(`${node}/events/1`), { custody: farCustody(world, { node }) });
  }),
  relay("tells of a node that we follow ourselves", "passed over", (peer, world) =>
    tellDocument(peer, eventAt(world.other.event), {
      custody: farCustody(world, { node: world.other.base, epoch: world.other.epoch, position: 1_000_000 }),
    }),
  ),
  relay("says that the event of a followed node is gone", "passed over", (peer, world) =>
    tellDocument(peer, tombstoneOf(world.other.event), {
      gone: true,
      custody: farCustody(world, { node: world.other.base, epoch: "7ZZZ", position: 1_000_000 }),
    }),
  ),
  relay("tells an older word than is held", "passed over", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { position: 0 }) }),
  ),
  relay("tells another word of the same position", "passed over", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { position: world.far.position }) }),
  ),
  relay("tells a word of an earlier epoch", "passed over", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { epoch: "01AAAAAAAAABCDEFGHJKMNPQRS" }) }),
  ),
  relay("tells a word of an epoch to come", "future_epoch", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { epoch: FUTURE }) }),
  ),
  relay("tells a later word of a lower version", "version_backwards", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { version: 0 }) }),
  ),
  relay("hides what it does not like", "passed over", (peer, world) =>
    tellDocument(peer, tombstoneOf(world.far.event), { gone: true, custody: farCustody(world, { withheld: true }) }),
  ),
  relay("makes the far node's event a place", "kind_changed", (peer, world) =>
    tellDocument(peer, { "@id": world.far.event, "@type": "Place", name: "Hijacked" }, { kind: "place", custody: farCustody(world) }),
  ),
  relay("passes on what has come through us", "passed over", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: [world.here] }) }),
  ),
  relay("passes on what has come through itself", "looping", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: [peer.base] }) }),
  ),
  relay("passes on what has come through its origin", "looping", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: [world.far.base] }) }),
  ),
  relay("passes on what has gone in a circle", "looping", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: [...nodes(2), ...nodes(1)] }) }),
  ),
  relay("passes on what has come through 17 nodes", "too_many_hops", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: nodes(16) }) }),
  ),
  relay("passes on what has come through a thousand nodes", "malformed", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: nodes(1_000) }) }),
  ),
  relay("names hops that are none", "malformed", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { hops: ["javascript:alert(1)"] }) }),
  ),
  relay("names a position of the origin that is none", "malformed", (peer, world) =>
    tellDocument(peer, eventAt(world.far.event), { custody: farCustody(world, { position: -1 }) }),
  ),
  {
    ...relay("tells of a node that it was not to tell of", "passed over", (peer, world) => {
      const node = "https://unwanted.example";
      tellDocument(peer, eventAt(`${node}/events/1`), { custody: farCustody(world, { node }) });
    }),
    settings: { relay: true, filters: { origins: ["https://far.example"] } },
  },
];
