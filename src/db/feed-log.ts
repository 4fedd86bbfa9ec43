/** The feed's statements on the reading side (queries/feed-log.sql has their text): the head, ranges of the log, its entities. */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import type { ChangeAction } from "./feed.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import {
  countShownEntities,
  currentEntities,
  feedHead,
  feedRange,
  feedScan,
  itemsOfEntity,
  replaceItem,
  tellFeed,
} from "./queries/feed-log.queries.ts";

export interface FeedHead {
  epoch: string;
  position: number;
  /** First position that is still kept; one past the head when nothing is. */
  oldest: number;
}

const headOf = (row: { epoch: string; position: number; oldest: number | null }): FeedHead => ({
  epoch: row.epoch,
  position: row.position,
  oldest: row.oldest ?? row.position + 1,
});

function present<T>(row: T | undefined): T {
  if (row === undefined) throw new Error("The feed has no head: openEpoch has not run on this database.");
  return row;
}

/** The head, with the hash of the item there (hex, empty before the first). */
export async function readFeedHead(on: Reader): Promise<FeedHead & { hash: string }> {
  const [row] = await feedHead.run(undefined, pgTyped(on));
  const { hash } = present(row);
  return { ...headOf(present(row)), hash };
}

/** Items of positions after `since` up to `until` or the head, in order, and the head of that moment. */
export async function readRange(on: Reader, since: number, until: number): Promise<{ head: FeedHead; items: string[] }> {
  const rows = await feedRange.run({ since, until }, pgTyped(on));
  return { head: headOf(present(rows[0])), items: rows.flatMap((row) => row.item ?? []) };
}

export interface LogEntry {
  position: number;
  action: ChangeAction;
  item: string;
}

export interface Scan {
  since: number;
  until: number;
  limit: number;
  action: ChangeAction | null;
  kind: EntityKind | null;
  /** Leaves out what came from peers. */
  own: boolean;
}

/** The first `limit` entries after `since` and up to `until` that pass, and the head of that moment. */
export async function scanLog(on: Reader, scan: Scan): Promise<{ head: FeedHead; entries: LogEntry[] }> {
  const rows = await feedScan.run(scan, pgTyped(on));
  const entries = rows.flatMap((row) =>
    row.item === null ? [] : [{ position: row.sequence_number!, action: row.action as ChangeAction, item: row.item }],
  );
  return { head: headOf(present(rows[0])), entries };
}

export interface EntityEntry {
  id: string;
  kind: EntityKind;
  position: number;
  version: number;
  uri: string;
  action: ChangeAction;
  /** Absent where one of our own was deleted. */
  item: string | undefined;
}

/** The next `limit` entities after `after` (uuid), deleted ones too, as they stood at `position`. */
export async function readEntities(
  on: Reader,
  { after, position, limit }: { after: string; position: number; limit: number },
): Promise<EntityEntry[]> {
  const rows = await currentEntities.run({ after, position, limit }, pgTyped(on));
  return rows.map((row) => ({
    id: row.entity_id,
    kind: row.entity_kind as EntityKind,
    position: row.sequence_number,
    version: row.version,
    uri: row.uri,
    action: row.action as ChangeAction,
    item: row.item ?? undefined,
  }));
}

/**
 * Of the next `limit` entities after `after`: how many are shown at `position`, and how many of peers are gone by their origins' word;
 * `last` is undefined where there are no more.
 */
export async function countEntities(
  on: Reader,
  { after, position, limit }: { after: string; position: number; limit: number },
): Promise<{ shown: number; gone: number; last: string | undefined }> {
  const [row] = await countShownEntities.run({ after, position, limit }, pgTyped(on));
  return { shown: row!.shown, gone: row!.gone, last: row!.scanned < limit ? undefined : (row!.last ?? undefined) };
}

/** Every entry of one entity, locked, for a takedown; `state` is what the entry showed, null for a delete. */
export async function lockEntriesOf(tx: Tx, kind: EntityKind, id: string): Promise<(LogEntry & { state: unknown })[]> {
  const rows = await itemsOfEntity.run({ kind, id }, pgTyped(tx));
  return rows.map((row) => ({ position: row.sequence_number, action: row.action as ChangeAction, item: row.item, state: row.state }));
}

/** Writes an entry's item and state anew; only a takedown may. */
export async function rewriteEntry(tx: Tx, entry: { position: number; item: string; state: unknown }): Promise<void> {
  await replaceItem.run({ ...entry, state: entry.state === null ? null : JSON.stringify(entry.state) }, pgTyped(tx));
}

/** Says something to every process that listens to the feed, at commit. */
export async function notifyFeed(tx: Tx, payload: string): Promise<void> {
  await tellFeed.run({ payload }, pgTyped(tx));
}

/** How often items of the log were redacted; 0 before the feed has a head. */
export async function readRedactions(on: Reader): Promise<number> {
  return (await sql<{ redactions: number }>`select redactions from feed_head`.execute(kyselyOf(on))).rows[0]?.redactions ?? 0;
}

/** Notes that items were redacted: snapshots made before this commits are no longer good. */
export async function countRedaction(tx: Tx): Promise<void> {
  await sql`update feed_head set redactions = redactions + 1`.execute(kyselyOf(tx));
}

/** No peer's word takes anything out of the log until then (null: any may). Waits for those that are doing it. */
export async function keepStill(tx: Tx, until: Date | null): Promise<void> {
  await sql`update feed_head set still_until = ${until}`.execute(kyselyOf(tx));
}

/** Whether the log is kept still now. The caller holds the head. */
export async function isKeptStill(tx: Tx, now: Date): Promise<boolean> {
  const { rows } = await sql`select from feed_head where still_until > ${now}`.execute(kyselyOf(tx));
  return rows.length > 0;
}
