/** What a simulated node holds: all of it is its database, and a backup is a copy of it. */
import type { OutboxRow } from "../../src/db/feed.ts";
import type { Peer } from "../../src/domain/peer.ts";
import type { EntityKind } from "../../src/domain/vocabulary.ts";
import type { Scheduler } from "./scheduler.ts";

/** An event or an organization as this node shows it. */
export interface Entity {
  id: string;
  uri: string;
  kind: Extract<EntityKind, "event" | "organization">;
  /** Of another node: what its origin says stands in `statements`. */
  foreign: boolean;
  name: string;
  description: string | undefined;
  version: number;
  /** `hidden`: by this node's own decision. `gone`: the origin says so. */
  life: "shown" | "hidden" | "gone";
  supersededBy: string | undefined;
  changedAt: string;
}

/** What an origin said last of one of its URIs, as federation_statements holds it. */
export interface Statement {
  uri: string;
  kind: EntityKind;
  origin: string;
  /** Base of the peer that told. */
  via: string;
  hops: readonly string[];
  epoch: string;
  position: number;
  version?: number | undefined;
  gone: boolean;
  text: string;
  digest: string;
  redacted: boolean;
  metIn: string | null;
}

/** One item of the feed. */
export interface Entry {
  entity: string;
  uri: string;
  item: string;
}

export interface Database {
  epoch: string;
  entities: Map<string, Entity>;
  statements: Map<string, Statement>;
  outbox: OutboxRow[];
  /** Positions 1, 2, 3 …; those before `oldest` are no longer served. */
  log: Entry[];
  hash: string;
  oldest: number;
  /** By entity id: the item that told of it last. */
  last: Map<string, Entry>;
  /** Grows with every takedown: snapshots made before one are not handed out any longer. */
  redactions: number;
  peers: Map<string, Peer>;
  /** What was refused, `reason peer uri`, and how often. */
  refusals: Map<string, number>;
}

/** A node at work. Only `database` survives a crash. */
export interface SimulatedNode {
  name: string;
  base: string;
  /** Milliseconds by which its clock is off, until somebody sets it. */
  skew: number;
  /** Never set back to an older backup. */
  relaying: boolean;
  /** Items on a page of a pull, and on a closed page. */
  pageSize: number;
  database: Database;
  up: boolean;
  /** Counts its starts: what began in an earlier life ends with an error. */
  life: number;
  backup: Database | undefined;
  /** Called after every commit of a pull: a crash may be waiting for one. */
  onCommit: (() => void) | undefined;
  /** How many ids and epochs it ever made: no restore makes one come twice. */
  minted: number;
  /** Peers that a pull is under way for. */
  pulling: Set<string>;
  /** Snapshot files by their path. */
  files: Map<string, { bytes: Buffer; sha256: string; redactions: number }>;
  /** Where its pulls keep snapshots: outside of the database. */
  folder: string;
}

/** What every part of a simulation shares. */
export interface World {
  scheduler: Scheduler;
  nodes: readonly SimulatedNode[];
  trace(line: string): void;
  /** What went wrong on the way, though it may have been put right since. */
  faults: Set<string>;
}

/** Begins in May 2026. */
const BEGIN = Date.UTC(2026, 4, 1);
/** What its own clock shows a node. */
export const clockOf = ({ scheduler }: Pick<World, "scheduler">, { skew }: Pick<SimulatedNode, "skew">) =>
  new Date(BEGIN + scheduler.now() + skew);

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** An epoch as a node mints it: a ULID of this moment, which grows with `count`. */
export function epochAt(moment: Date, count: number): string {
  const digits = (value: number, length: number) =>
    Array.from({ length }, (_, place) => DIGITS[Math.floor(value / 32 ** (length - 1 - place)) % 32]).join("");
  return digits(moment.getTime(), 10) + digits(count, 16);
}

/** The node crashed while a task was parked. */
export class Crashed extends Error {
  override name = "Crashed";
}
