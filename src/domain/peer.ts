/** Peers: the nodes that this one pulls from, and what is kept of them. Types and closed sets; the rules of origin are in custody.ts. */
import type { EventDomain } from "./vocabulary.ts";

export const PEER_STATUSES = ["active", "paused", "broken"] as const;
export const PEER_DIRECTIONS = ["pull", "push", "both", "none"] as const;
export const PEER_DIALECTS = ["calends", "sel"] as const;
export const BOOTSTRAP_WAYS = ["snapshot", "pages", "feed"] as const;
export type PeerStatus = (typeof PEER_STATUSES)[number];
/** `none`: only known as the origin of what a relay told. */
export type PeerDirection = (typeof PEER_DIRECTIONS)[number];
export type PeerDialect = (typeof PEER_DIALECTS)[number];
export type BootstrapWay = (typeof BOOTSTRAP_WAYS)[number];

/** Why a peer was stopped, in one line each: it is `broken` until a person has looked (docs/operations.md says what to do). */
export const ALARMS = {
  identity: "another node answers at this address",
  hash_chain: "an item's hash does not follow from the one before",
  digest: "a document is not what its digest says",
  positions: "positions are missing, repeated or out of order",
  cursor_refused: "it refuses the cursor that it gave us",
  snapshot: "its snapshot is not what its hash says",
  unreadable: "its feed cannot be read",
  downgraded: "it no longer proves what it proved before (hashes, digests, epochs)",
} as const satisfies Record<string, string>;
export type Alarm = keyof typeof ALARMS;

/** What is let in; a member that is absent lets everything pass. Held back by our own will, so never a refusal, but for `maxEntities`. */
export interface PeerFilters {
  /** Where an event or place must be: west, south, east, north, in degrees. What has no coordinates passes. */
  bbox?: [number, number, number, number];
  /** sel:eventDomain of events. */
  domains?: EventDomain[];
  /** Bases of the origins that a relay may tell of. */
  origins?: string[];
  /** Of how many entities it may tell, its own and what it passes on; further ones are refused. Absent: MOST_ENTITIES. */
  maxEntities?: number;
}
/** Of a peer of which a person has said nothing else. */
export const MOST_ENTITIES = 1_000_000;

/** The part of /.well-known/sel-profile that is used; addresses are absolute and of the peer's own origin. */
export interface PeerProfile {
  node: string;
  name: string;
  version: string;
  software?: { name?: string; version?: string };
  feed: string;
  snapshot?: string;
  stream?: string;
  /** Where closed pages stand, without epoch and number. */
  pages?: string;
  /** `feedFeatures` of the profile: "epochs", "digests", "hash-chain", "custody". */
  features: string[];
  /** Not said but learnt, where it is not "since". */
  cursorName?: SelCursorName;
}

/** How servers of the SEL profile call the cursor in a query. */
export type SelCursorName = "since" | "after";

/** A first copy, or a new one, under way. It goes on where it stopped. */
export interface BootstrapPlan {
  /** Marks the statements that were met in it (uuid). */
  id: string;
  way: BootstrapWay;
  /** True when the peer's earlier epoch (or what retention took) is replaced: what is not met is gone. */
  resync: boolean;
  /** Of the peer's feed; unknown until the first answer. */
  epoch?: string;
  /** By snapshot: the position that it shows, the cursor that follows, its hash, its address; lines that are applied. */
  position?: number;
  cursor?: string;
  /** Hash of the item at `position`, where the peer tells it. */
  hash?: string;
  sha256?: string;
  url?: string;
  bytes?: number;
  lines: number;
  /** Lines of which nobody knows whose name they bear, as they cannot be read: then nothing that was not met is taken for gone. */
  nameless?: number;
  /** By snapshot, when all its lines are applied: what the feed says after it is heard before anything is taken for gone. */
  linesDone?: true;
  /** By closed pages: the number of the next one. */
  page: number;
}

/** Whether its feed is read, while it is active; one that only pushes has none that we could be behind. */
export const pullsFrom = ({ direction }: Pick<Peer, "direction">): boolean => direction === "pull" || direction === "both";

export interface Peer {
  id: string;
  base: string;
  name: string;
  trust: number;
  status: PeerStatus;
  direction: PeerDirection;
  relay: boolean;
  filters: PeerFilters;
  accessKey: string | null;
  /** Its address was not public when a person added it: then it need not be. */
  privateAddress: boolean;
  everySeconds: number;
  bootstrapBy: BootstrapWay;
  dialect: PeerDialect;
  profile: PeerProfile | null;
  profileAt: Date | null;
  sourceId: string | null;
  cursor: string | null;
  epoch: string | null;
  position: number;
  /** Of the item at `position`, hex; "" before the first. Null where it is not known. */
  hash: string | null;
  bootstrap: BootstrapPlan | null;
  head: number | null;
  headAt: Date | null;
  nextPullAt: Date | null;
  pulledAt: Date | null;
  succeededAt: Date | null;
  behindSince: Date | null;
  failures: number;
  lastError: string | null;
  alarm: Alarm | null;
  alarmDetail: string | null;
  alarmAt: Date | null;
}
