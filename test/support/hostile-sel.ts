/** Servers that prove nothing: what they say of themselves is believed, and of nobody else. */
import type { RefusalReason } from "../../src/domain/custody.ts";
import { eventBy, eventAt, tombstoneOf, type HostilePeer } from "./hostile-tools.ts";
import type { World } from "./hostile-peer-process.ts";
import { FEED, json, type ScriptedPeer } from "./scripted-peer.ts";

type Item = Record<string, unknown>;
const SEL: HostilePeer["settings"] = { dialect: "sel" };

/** A feed of one page. */
const telling = (name: string, items: (peer: ScriptedPeer, world: World) => Item[], more: Partial<HostilePeer>): HostilePeer => ({
  name: `SEL: ${name}`,
  settings: SEL,
  fresh: true,
  turns: (peer, world) =>
    peer.answer(FEED, json(200, { changes: [...items(peer, world), shown(9, eventBy(peer.base, 9))], next_cursor: "" })),
  outcome: "applied",
  refused: [],
  detail: /^gaps: /,
  counts: { applied: 1 },
  ...more,
});
const refused = (name: string, reason: RefusalReason, item: (peer: ScriptedPeer, world: World) => Item): HostilePeer =>
  telling(name, (peer, world) => [item(peer, world)], { refused: [reason] });
const shown = (position: unknown, snapshot: Item): Item => ({
  action: "create",
  uri: snapshot["@id"],
  sequence_number: position,
  snapshot,
});

export const SEL_FEEDS: HostilePeer[] = [
  refused("tells of our event", "own_uri", (_peer, { ours }) => shown(1, eventAt(ours.event))),
  refused("tells of our event as one that came to it", "own_uri", (peer, { ours }) => ({
    ...shown(1, eventAt(ours.event)),
    uri: `${peer.base}/events/8`,
    federation_uri: ours.event,
  })),
  refused("deletes our event, and gives no tombstone", "own_uri", (_peer, { ours }) => ({
    action: "delete",
    uri: ours.event,
    sequence_number: 1,
  })),
  refused("tells of another node's event", "foreign_uri", (_peer, { other }) => shown(1, eventAt(other.event))),
  refused("deletes another node's event", "foreign_uri", (_peer, { other }) => ({
    action: "delete",
    sequence_number: 1,
    tombstone: tombstoneOf(other.event),
  })),
  refused("tells of its own event under our @id", "identity", (peer, { ours }) => ({
    ...shown(1, eventAt(ours.event)),
    uri: `${peer.base}/events/8`,
  })),
  refused("has a position that is a word", "malformed", (peer) => shown("first", eventBy(peer.base, 8))),
  refused("has a position beyond what a number holds", "malformed", (peer) => shown(2 ** 53, eventBy(peer.base, 8))),
  refused("tells of nobody", "malformed", () => ({ action: "create", sequence_number: 1, snapshot: { name: "x" } })),
  refused("does what nobody can do", "malformed", (peer) => ({ ...shown(1, eventBy(peer.base, 8)), action: "explode" })),
  {
    ...telling("goes back", (peer) => [shown(10, eventBy(peer.base, 8)), shown(4, eventBy(peer.base, 7))], {}),
    outcome: "alarm",
    alarm: "positions",
    detail: /position 4 comes after 10/,
    counts: { applied: 0 },
  },
  {
    ...telling("gives the same page for ever", () => [], {}),
    turns: (peer) =>
      peer.answer(FEED, (request, response) =>
        json(200, { changes: [shown(1, eventBy(peer.base, 8))], next_cursor: `c${peer.heard.length}` })(request, response),
      ),
    outcome: "failed",
    detail: /without an end/,
    partly: true,
  },
  {
    ...telling("gives empty pages for ever", () => [], {}),
    turns: (peer) =>
      peer.answer(FEED, (request, response) => json(200, { changes: [], next_cursor: `c${peer.heard.length}` })(request, response)),
    outcome: "unchanged",
    counts: { applied: 0 },
  },
  {
    ...telling("refuses whatever it is asked", () => [], {}),
    turns: (peer) => peer.answer(FEED, json(400, { detail: "limit include_snapshot since unknown parameter" })),
    outcome: "failed",
    detail: /answered 400/,
    counts: { applied: 0 },
  },
];
