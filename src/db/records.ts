/** Records: what each source sent of each event, byte for byte (table event_sources). */
import { sql } from "kysely";
import type { EventSubmission } from "../domain/submission.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import * as queries from "./queries/records.queries.ts";

export interface StoredRecord {
  id: string;
  eventId: string;
  sourceId: string;
  recordKey: string | null;
  recordUri: string | null;
  payloadHash: string;
  matchKey: string;
  submission: EventSubmission;
  decoderVersion: number;
  observedAt: number;
  /** The event that it was first taken for, where a merge has moved it. */
  homeEventId: string | null;
}

/** The present records of one source that may be meant by any of these keys. */
export async function findRecords(
  on: Reader,
  sourceId: string,
  keys: { recordKeys: string[]; payloadHashes: string[]; matchKeys: string[]; ids: string[] },
): Promise<StoredRecord[]> {
  return (await queries.findRecords.run({ sourceId, ...keys }, pgTyped(on))).map(stored);
}

/** Every present record of these events, whoever sent it. */
export async function recordsOf(on: Reader, eventIds: readonly string[]): Promise<StoredRecord[]> {
  return eventIds.length === 0 ? [] : (await queries.recordsOf.run({ eventIds: [...eventIds] }, pgTyped(on))).map(stored);
}

const stored = (row: queries.RecordsOfResult): StoredRecord => ({
  id: row.id,
  eventId: row.event_id,
  sourceId: row.source_id,
  recordKey: row.record_key,
  recordUri: row.record_uri,
  payloadHash: row.payload_hash.toString("hex"),
  matchKey: row.match_key.toString("hex"),
  submission: row.submission as EventSubmission,
  decoderVersion: row.decoder_version,
  observedAt: row.observed_at.getTime(),
  homeEventId: row.home_event_id,
});

export interface NewRecord {
  id: string;
  eventId: string;
  homeEventId: string | null;
  sourceId: string;
  recordKey: string | undefined;
  recordUri: string | undefined;
  payload: Buffer;
  payloadHash: string;
  mediaType: string;
  submission: EventSubmission;
  decoderVersion: number;
  matchKey: string;
  nameKey: string;
  startKey: string;
  url: string | undefined;
  observedAt: number;
}

/** Keeps new records; the ones in `superseded` are no longer what their source says. */
export async function replaceRecords(tx: Tx, records: readonly NewRecord[], superseded: readonly string[], now: Date): Promise<void> {
  const on = pgTyped(tx);
  if (superseded.length > 0) await queries.supersedeRecords.run({ ids: [...superseded], now }, on);
  if (records.length === 0) return;
  const rows = records.map(({ payload, ...record }) => ({
    ...record,
    payload: payload.toString("base64"),
    observedAt: new Date(record.observedAt).toISOString(),
  }));
  await queries.insertRecords.run({ records: JSON.stringify(rows), now }, on);
}

/** The events, in order of id, of which this source has a present record or a current claim. */
export async function eventsOfSource(on: Reader, sourceId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select r.event_id as id from event_sources r where r.source_id = ${sourceId} and r.superseded_at is null
    union
    select c.event_id from field_provenance c where c.source_id = ${sourceId} and upper_inf(c.recorded)
    order by id`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/** Those of these records that lapsed: their source showed them no more for a while. */
export async function findLapsed(on: Reader, ids: readonly string[]): Promise<StoredRecord[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<queries.RecordsOfResult>`
    select r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id
    from event_sources r where r.lapsed_at is not null and r.id = any (${[...ids]}::uuid[]) order by r.id`.execute(kyselyOf(on));
  return rows.map(stored);
}

/** These records were seen again, unchanged. */
export async function sawAgain(tx: Tx, recordIds: readonly string[], at: Date): Promise<void> {
  if (recordIds.length > 0) await queries.touchRecords.run({ ids: [...recordIds], at }, pgTyped(tx));
}
