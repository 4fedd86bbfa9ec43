/** What the relay to a message broker reads of the log, and what it keeps of its streams (table stream_relays). */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import type { ChangeAction } from "./feed.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface RelayedChange {
  position: number;
  kind: EntityKind;
  action: ChangeAction;
  /** Hex. */
  hash: string;
  item: string;
  /** Of the delete of an event: the item that showed it last, where the log still has it. */
  shownBefore: string | null;
}

export interface RelayHead {
  epoch: string;
  position: number;
  /** How often items of the log were redacted so far. */
  redactions: number;
}

/** The next `limit` changes after `since`, in order, with the head of the same moment. */
export async function readChangesAfter(
  on: Reader,
  since: number,
  limit: number,
): Promise<{ head: RelayHead; oldest: number; changes: RelayedChange[] }> {
  type Row = { epoch: string; head: number; redactions: number; oldest: number | null } & (RelayedChange | { position: null });
  // One statement, so that no takedown comes between the items and the count that tells of it.
  const { rows } = await sql<Row>`
    select h.epoch, h.position as head, h.redactions, (select min(sequence_number) from event_changes) as oldest, c.*
    from feed_head h left join lateral (
      select l.sequence_number as position, l.entity_kind as kind, l.action, encode(l.hash, 'hex') as hash, l.item,
        case when l.action = 'delete' and l.entity_kind = 'event' then (
          select b.item from event_changes b where b.entity_id = l.entity_id and b.sequence_number < l.sequence_number and b.action <> 'delete'
          order by b.sequence_number desc limit 1) end as "shownBefore"
      from event_changes l where l.sequence_number > ${since} and l.sequence_number <= h.position order by l.sequence_number limit ${limit}
    ) c on true order by c.position`.execute(kyselyOf(on));
  const [first] = rows;
  if (first === undefined) throw new Error("The feed has no head: openEpoch has not run on this database.");
  const { epoch, head: position, redactions } = first;
  return {
    head: { epoch, position, redactions },
    oldest: first.oldest ?? position + 1,
    changes: rows.flatMap((row) => (row.position === null ? [] : [row])),
  };
}

/** The log's hashes (hex) at these positions; positions that it does not have are absent. */
export async function hashesAt(on: Reader, positions: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ position: number; hash: string }>`
    select sequence_number as position, encode(hash, 'hex') as hash from event_changes
    where sequence_number = any (${[...positions]}::bigint[])`.execute(kyselyOf(on));
  return new Map(rows.map(({ position, hash }) => [position, hash]));
}

/** Items that may have been redacted: the mark stands somewhere in them. Reads the whole log. */
export async function markedItems(on: Reader): Promise<{ position: number; item: string }[]> {
  const { rows } = await sql<{ position: number; item: string }>`
    select sequence_number as position, item from event_changes where position(',"redacted":true' in item) > 0 order by sequence_number`.execute(
    kyselyOf(on),
  );
  return rows;
}

export interface StreamRelay {
  stream: string;
  /** When the broker made the stream, in its own words; "" before it was ever reached. */
  madeAt: string;
  epoch: string;
  position: number;
  sequence: number;
  blockedBy: string | null;
  blockedSince: Date | null;
  toldAt: Date;
}

const RELAY = sql`stream, made_at as "madeAt", epoch, position, sequence, blocked_by as "blockedBy", blocked_since as "blockedSince", told_at as "toldAt"`;

/** The streams that this log is mirrored to, with how many changes each still lacks. */
export async function listStreamRelays(on: Reader): Promise<(StreamRelay & { lag: number })[]> {
  const { rows } = await sql<StreamRelay & { lag: number }>`
    select ${RELAY}, greatest(0, coalesce((select h.position from feed_head h), 0) - position) as lag from stream_relays order by stream`.execute(
    kyselyOf(on),
  );
  return rows;
}

export async function readStreamRelay(on: Reader, stream: string): Promise<StreamRelay | undefined> {
  return (await sql<StreamRelay>`select ${RELAY} from stream_relays where stream = ${stream}`.execute(kyselyOf(on))).rows[0];
}

export async function keepStreamRelay(tx: Tx, relay: StreamRelay): Promise<void> {
  await sql`
    insert into stream_relays (stream, made_at, epoch, position, sequence, blocked_by, blocked_since, told_at)
    values (${relay.stream}, ${relay.madeAt}, ${relay.epoch}, ${relay.position}, ${relay.sequence}, ${relay.blockedBy}, ${relay.blockedSince}, ${relay.toldAt})
    on conflict (stream) do update set made_at = excluded.made_at, epoch = excluded.epoch, position = excluded.position, sequence = excluded.sequence,
      blocked_by = excluded.blocked_by, blocked_since = excluded.blocked_since, told_at = excluded.told_at, updated_at = excluded.told_at`.execute(
    kyselyOf(tx),
  );
}
