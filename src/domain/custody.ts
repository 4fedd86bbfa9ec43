/**
 * The rules of origin: whose word about a URI is heard, and which of two words is the newer one. Pure, and the same for every node, so
 * that all who heard the same origins hold the same statements, however these travelled.
 *
 *   1. What lies under our own base is ours alone.
 *   2. A peer speaks for the URIs under its own base.
 *   3. A relay may pass on what another origin said, with its custody: which node, which epoch and position of that node's feed, and the
 *      nodes between. It is not heard about an origin that is a peer of ours.
 *   4. Of two statements about one URI the origin's feed decides: by epoch, then by position. What the origin told us itself stands
 *      before what a relay says it told.
 */
import { writtenFault } from "./peer-base.ts";
import type { EntityKind } from "./vocabulary.ts";

/** Why an item was not let in. */
export const REFUSALS = {
  own_uri: "it lies under this node's own base",
  foreign_uri: "its URI is not the peer's own, and the peer is no relay",
  no_custody: "a relay must say which origin's word it passes on",
  false_custody: "its URI does not lie under the base of the origin that it names",
  looping: "it has come through one node twice",
  too_many_hops: "it has come through too many nodes",
  future_epoch: "its epoch begins in the future",
  version_backwards: "its version is lower than the one held, at a later position of the same epoch",
  kind_changed: "an entity never changes its kind",
  identity: "the @id of its document is not its uri",
  unreadable: "its document cannot be read as an entity of its kind",
  too_large: "it is larger than an item may be",
  malformed: "it is no item of a change feed",
  quota: "the peer has told of as many entities as it may",
} as const satisfies Record<string, string>;
export type RefusalReason = keyof typeof REFUSALS;

/** Where a statement stands in its origin's own feed, and how it came here. */
export interface Custody {
  /** Base of the origin. */
  node: string;
  /** "" where the origin's feed has none. */
  epoch: string;
  position: number;
  version?: number | undefined;
  /** Bases of the nodes between the origin and us; empty when it told us itself. */
  hops: readonly string[];
}

/** One item of a peer's feed or snapshot, checked for form and proven by its hashes where the peer proves anything. */
export interface HeardChange {
  uri: string;
  kind: EntityKind;
  gone: boolean;
  /** Parsed; `@id` equals `uri`. */
  document: Readonly<Record<string, unknown>>;
  /** The canonical JSON (RFC 8785) of the document. */
  text: string;
  /** Hex sha-256 of the document as its origin wrote it. */
  digest: string;
  /** Texts were taken out of it by law. */
  redacted: boolean;
  /** A relay hides it for reasons of its own: no word of the origin's. */
  withheld?: boolean;
  /** As told; for a peer's own word made from its feed. Absent where a foreign URI came without. */
  custody: Custody | undefined;
  /** Position in the feed of the peer that told it. */
  position: number;
}

/** What is held of a URI. */
export interface HeldStatement {
  kind: EntityKind;
  /** Base of the origin whose word it is, where that is known. */
  node?: string | undefined;
  epoch: string;
  position: number;
  version?: number | undefined;
  gone: boolean;
  digest: string;
  /** Texts were taken out of it. */
  redacted?: boolean | undefined;
  hops: readonly string[];
}

export interface Hearing {
  /** Our own base. */
  base: string;
  peer: { base: string; relay: boolean; /** PeerFilters.origins */ origins?: readonly string[] | undefined };
  /** Bases of our own peers, pulled or pushing, that are not stopped. */
  followed: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  now: number;
}

export type Judgement =
  | { verdict: "apply"; custody: Custody }
  /** Newer than what is held and says the same: only where it stands is noted. */
  | { verdict: "note"; custody: Custody }
  | { verdict: "pass"; why: "own" | "no relay" | "followed" | "filtered" | "withheld" | "older" | "same" }
  | { verdict: "refuse"; reason: RefusalReason; detail: string };

export const MOST_HOPS = 16;
/** A clock may be a little ahead of ours. */
export const MOST_AHEAD_MS = 24 * 60 * 60 * 1000;

/** True when `uri` lies under `base`: at a path of its own. `https://a.example` does not hold `https://a.example.evil/…`. */
export const isUnder = (base: string, uri: string): boolean => uri.startsWith(`${base}/`) && !CLIMBS.test(uri.slice(base.length));
/** A step up or none, as any reader of URLs would take it, however its dots are written; and what some read as a slash. */
const CLIMBS = /\/(\.|%2e){1,2}([/?#]|$)|[\s\\]/i;

/** Judges one item by what is held of its URI (undefined: nothing yet). */
export function judgeChange(heard: HeardChange, held: HeldStatement | undefined, hearing: Hearing): Judgement {
  const { base, peer, followed, now } = hearing;
  const refuse = (reason: RefusalReason, detail: string = REFUSALS[reason]): Judgement => ({ verdict: "refuse", reason, detail });

  // Whoever reads our feed passes on what it heard from us: that is no fault, as long as it says so.
  if (isUnder(base, heard.uri)) return heard.custody?.node === base ? { verdict: "pass", why: "own" } : refuse("own_uri");
  if (heard.withheld === true) return { verdict: "pass", why: "withheld" };
  const { custody } = heard;
  const owners = [...followed].filter((node) => isUnder(node, heard.uri));
  // Where one base lies within another, the longer one is whose URIs they are.
  const direct = isUnder(peer.base, heard.uri) && !owners.some((node) => node.length > peer.base.length);
  if (!direct && !peer.relay) {
    // Every node's feed tells of what it heard of others, whether its readers want to know or not.
    const toldOn = custody !== undefined && custody.node !== peer.base && isUnder(custody.node, heard.uri);
    return toldOn ? { verdict: "pass", why: "no relay" } : refuse("foreign_uri");
  }
  if (custody === undefined) return refuse("no_custody");
  if (!isUnder(custody.node, heard.uri) || (direct && custody.node !== peer.base)) return refuse("false_custody");
  if (!direct) {
    if (owners.length > 0) {
      const owner = owners.reduce((one, other) => (one.length > other.length ? one : other));
      // A part of a node that we follow, or the whole of which that is a part, is no way around.
      return custody.node === owner
        ? { verdict: "pass", why: "followed" }
        : refuse("false_custody", `it lies under ${owner}, which we follow`);
    }
    if (peer.origins !== undefined && !peer.origins.includes(custody.node)) return { verdict: "pass", why: "filtered" };
    if (custody.hops.length > MOST_HOPS) return refuse("too_many_hops");
    // One node written in two ways would pass for two.
    const odd = custody.hops.map(writtenFault).find((fault) => fault !== undefined);
    if (odd !== undefined) return refuse("false_custody", `one of its hops ${odd}`);
    if (custody.hops.includes(custody.node) || new Set(custody.hops).size < custody.hops.length) return refuse("looping");
    // What we told a relay comes back from it, where it reads us as we read it.
    if (custody.hops.includes(base)) return { verdict: "pass", why: "own" };
    if (beginOf(custody.epoch) > now + MOST_AHEAD_MS) return refuse("future_epoch");
  }
  if (held === undefined) return { verdict: "apply", custody };
  if (!direct && held.node !== undefined && held.node !== custody.node)
    return refuse("false_custody", `it is held as the word of ${held.node}, and not of ${custody.node}`);
  if (held.kind !== heard.kind) return refuse("kind_changed", `its kind was ${held.kind} and is now said to be ${heard.kind}`);

  // What was held as the word of a node around this peer, before it was one, is no word of its feed.
  const order = held.node !== undefined && held.node !== custody.node ? 1 : compareCustody(custody, held);
  if (order < 0) return { verdict: "pass", why: "older" };
  // A takedown reaches back: what is told of the same position without its texts replaces what was told with them, under the digest of
  // what it said before. What a relay took out, only the origin itself can say again.
  if (order === 0) {
    const less = heard.redacted && held.redacted !== true;
    const more = held.redacted === true && !heard.redacted && isDirect(custody) && !isDirect(held);
    return less || more ? { verdict: "apply", custody } : { verdict: "pass", why: "same" };
  }
  const sameEpoch = custody.epoch === held.epoch;
  const [before, after] = [held.version, custody.version];
  if (sameEpoch && before !== undefined && after !== undefined && after < before && isDirect(custody) === isDirect(held))
    return refuse("version_backwards", `its version ${after} is lower than ${before}, which is held`);
  // A digest is that of the whole word, also where its texts were taken out where it stands.
  const alike = heard.gone === held.gone && heard.digest === held.digest && heard.redacted === (held.redacted === true);
  return { verdict: alike ? "note" : "apply", custody };
}

const isDirect = ({ hops }: { hops: readonly string[] }): boolean => hops.length === 0;

/**
 * Greater than 0 when `said` is the newer word, 0 when it is the same. What the origin says itself stands before what a relay said it
 * told, and the epoch that it has now is its newest, whatever it is called; between relays, epochs go by when they began, and one whose name
 * does not say when (it is no ULID) stands before none that does: nobody could tell whether it begins in the future.
 */
export function compareCustody(
  said: Pick<Custody, "epoch" | "position" | "hops">,
  held: Pick<HeldStatement, "epoch" | "position" | "hops">,
): number {
  if (said.epoch === held.epoch) {
    const later = said.position - held.position;
    return later !== 0 && isDirect(said) && !isDirect(held) ? 1 : later;
  }
  if (isDirect(said)) return 1;
  return beginOf(said.epoch) - beginOf(held.epoch) || (said.epoch > held.epoch ? 1 : -1);
}

/** Milliseconds since 1970 at which an epoch (a ULID) began; 0 for a name that is none. */
export function beginOf(epoch: string): number {
  if (!/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(epoch)) return 0;
  let milliseconds = 0;
  for (const digit of epoch.slice(0, 10)) milliseconds = milliseconds * 32 + ALPHABET.indexOf(digit);
  return milliseconds;
}
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * When (milliseconds since 1970) an epoch begins that follows `before`, of the same feed: later than that, also where the clock stood ahead
 * then and was set right since, as readers of relays hold the later one for the newer. What began more than a day ahead none of them believed.
 */
export function nextEpochAt(now: number, before: string): number {
  const began = beginOf(before);
  return began >= now && began <= now + MOST_AHEAD_MS ? began + 1 : now;
}
