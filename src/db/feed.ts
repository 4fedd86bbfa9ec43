/**
 * The feed's statements on the writing side: the head, the outbox and the log (queries/feed.sql has their text).
 * Only the sequencer (src/feed/sequencer.ts) appends.
 */
import { sql } from "kysely";
import type { AnyState } from "../domain/state.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import { appendChanges, awaitHead, hasWork, lastChanges, lockHead, nextOutboxRows } from "./queries/feed.queries.ts";

/** Which database this is: a restored or failed-over one differs in one of the two. */
export interface DatabaseIdentity {
  systemIdentifier: string;
  timeline: string;
}

export interface LockedHead {
  epoch: string;
  position: number;
  /** Hex; empty before the first change. */
  hash: string;
  /** `published_at` of the newest change. */
  publishedAt: Date;
  stored: DatabaseIdentity;
  now: DatabaseIdentity;
}

/** Locks the head for this transaction; without `wait`, undefined when another sequencer holds it. */
export async function lockFeedHead(tx: Tx, { wait }: { wait: boolean }): Promise<LockedHead | undefined> {
  const [row] = await (wait ? awaitHead : lockHead).run(undefined, pgTyped(tx));
  return (
    row && {
      epoch: row.epoch,
      position: row.position,
      hash: row.hash,
      publishedAt: row.updated_at,
      stored: { systemIdentifier: row.system_identifier, timeline: row.timeline },
      now: { systemIdentifier: row.system_identifier_now, timeline: row.timeline_now },
    }
  );
}

/** Makes the head where there is none. */
export async function insertFeedHead(tx: Tx, epoch: string, now: Date): Promise<void> {
  await sql`insert into feed_head (epoch, system_identifier, timeline, updated_at)
    select ${epoch}, s.system_identifier::text, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), ${now} from pg_control_system() s
    on conflict do nothing`.execute(kyselyOf(tx));
}

/** Begins another epoch at the same position; the caller holds the head. */
export async function changeEpoch(tx: Tx, epoch: string, identity: DatabaseIdentity): Promise<void> {
  await sql`update feed_head set epoch = ${epoch}, system_identifier = ${identity.systemIdentifier}, timeline = ${identity.timeline}`.execute(
    kyselyOf(tx),
  );
}

/** Whether anything committed waits to be numbered, or a new epoch is due. */
export async function feedHasWork(on: Reader): Promise<boolean> {
  const [row] = await hasWork.run(undefined, pgTyped(on));
  return row!.has_work;
}

/** One transaction's change of one entity, as it was at commit. */
export interface OutboxRow {
  seq: number;
  kind: EntityKind;
  id: string;
  state: AnyState;
  changedAt: Date;
  sourceAt: Date | null;
  /** An event of another node mentions it, by no URI of that node: nobody speaks for it, and the feed tells nothing of it. */
  nameless?: boolean;
}

/** The lowest `limit` committed rows of the outbox. */
export async function lowestOutboxRows(tx: Tx, limit: number): Promise<OutboxRow[]> {
  const rows = await nextOutboxRows.run({ limit }, pgTyped(tx));
  return rows.map((row) => ({
    seq: row.seq,
    kind: row.entity_kind as EntityKind,
    id: row.entity_id,
    state: row.state as AnyState,
    changedAt: row.changed_at,
    sourceAt: row.source_timestamp,
    nameless: row.nameless,
  }));
}

/** For each of these entities that readers see now, the text of the item that showed it last; of a peer's that is gone, the delete. */
export async function lastItems(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await lastChanges.run({ ids: ids as string[] }, pgTyped(tx));
  return new Map(rows.flatMap((row) => (row.item === null ? [] : [[row.entity_id, row.item] as const])));
}

export type ChangeAction = "create" | "update" | "delete";

/** What the log gets of one outbox row. */
export interface Change {
  seq: number;
  action: ChangeAction;
  uri: string;
  version: number;
  federationUri: string | undefined;
  /** JSON Pointers of one step. */
  changedFields: readonly string[];
  item: string;
  hash: string;
}

export interface Append {
  /** The head before, and its hash after. */
  position: number;
  hash: string;
  publishedAt: Date;
  changes: readonly Change[];
  /** Every outbox row that this settles, also those that show nothing new. */
  done: readonly number[];
}

/** Appends the changes in order, removes what is settled from the outbox and moves the head; returns its position. */
export async function appendToLog(tx: Tx, { position, hash, publishedAt, changes, done }: Append): Promise<number> {
  const lines = (value: (change: Change) => string) => changes.map(value).join("\n");
  const [head] = await appendChanges.run(
    {
      position,
      hash,
      publishedAt,
      done: done as number[],
      seqs: changes.map((change) => change.seq),
      versions: changes.map((change) => change.version),
      actions: lines((change) => change.action),
      uris: lines((change) => change.uri),
      federationUris: lines((change) => change.federationUri ?? ""),
      changedFields: lines((change) => `{${change.changedFields.map((pointer) => `"${pointer.replace(/["\\]/g, "\\$&")}"`).join(",")}}`),
      items: lines((change) => change.item),
      hashes: lines((change) => change.hash),
    },
    pgTyped(tx),
  );
  return head!.position;
}
