/** Records that their source shows no more: counted, taken back, and found again (table event_sources). */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import type { Candidate } from "./runs.ts";

/** The event `e` is not over: without an end it lasts to the end of its day, and a day is over when it ends at the place. */
const liesAhead = (now: Date) => sql`exists (
  select from event_occurrences o where o.event_id = e.id and ${now}::timestamptz < case
    when o.end_at is not null and not o.end_is_date then o.end_at
    else (coalesce(o.local_end_date, o.local_date) + 1)::timestamp at time zone o.timezone end)`;

/** Items that were refused and are looked through for records they may be; more than that, and the visit says nothing of what is missing anyway. */
const REFUSED_READ = 200;

/** A record was shown although its item was refused: one that was matched with it, or one in which its id or address stands. */
export async function seeRefused(tx: Tx, sourceId: string, { runId, takenAt }: { runId: string; takenAt: Date }): Promise<void> {
  await sql`
    with refused as (
      select substring(payload from 1 for 65536) as payload from ingest_items where run_id = ${runId} and outcome = 'rejected' and payload is not null limit ${REFUSED_READ}
    )
    update event_sources r set last_seen_at = ${takenAt}, missed_visits = 0 from events e
    where r.source_id = ${sourceId} and r.superseded_at is null and r.last_seen_at < ${takenAt} and e.id = r.event_id and ${liesAhead(takenAt)} and (
      r.id in (select record_id from ingest_items where run_id = ${runId} and record_id is not null)
      or exists (select from refused, unnest(array['"' || coalesce(r.record_key, r.url) || '"',
          'UID:' || coalesce(r.record_key, r.url) || E'\\r\\n', 'UID:' || coalesce(r.record_key, r.url) || E'\\n']) as said
        where position(convert_to(said, 'UTF8') in refused.payload) > 0))`.execute(kyselyOf(tx));
}

export interface MissingRecord {
  id: string;
  eventId: string;
  name: string;
  lastSeenAt: Date;
  missedVisits: number;
}

/** Of the source's present records of events that are not over: how many there are, and which were not seen since `takenAt`. */
export async function findMissing(
  on: Reader,
  sourceId: string,
  { takenAt, now }: { takenAt: Date; now: Date },
): Promise<{ upcoming: number; missing: MissingRecord[] }> {
  const { rows } = await sql<MissingRecord & { upcoming: number }>`
    with spoken as (
      select r.id, r.event_id, e.name, r.last_seen_at, r.missed_visits from event_sources r join events e on e.id = r.event_id
      where r.source_id = ${sourceId} and r.superseded_at is null and e.lifecycle_state not in ('deleted', 'completed') and ${liesAhead(now)}
    )
    select id, event_id as "eventId", name, last_seen_at as "lastSeenAt", missed_visits as "missedVisits", (select count(*)::int from spoken) as upcoming
    from spoken where last_seen_at < ${takenAt} order by id`.execute(kyselyOf(on));
  return { upcoming: rows[0]?.upcoming ?? 0, missing: rows };
}

/** These were missed once more, and the source's others not at all. */
export async function countMissed(tx: Tx, sourceId: string, missingIds: readonly string[]): Promise<void> {
  await sql`
    update event_sources set missed_visits = case when id = any (${[...missingIds]}::uuid[]) then missed_visits + 1 else 0 end
    where source_id = ${sourceId} and superseded_at is null and (missed_visits > 0 or id = any (${[...missingIds]}::uuid[]))`.execute(
    kyselyOf(tx),
  );
}

/** These speak no more: nothing takes their place. Returns the events that they spoke of. */
export async function lapseRecords(tx: Tx, ids: readonly string[], now: Date): Promise<string[]> {
  const { rows } = await sql<{ eventId: string }>`
    update event_sources set superseded_at = ${now}, lapsed_at = ${now}, updated_at = ${now}
    where id = any (${[...ids]}::uuid[]) and superseded_at is null returning event_id as "eventId"`.execute(kyselyOf(tx));
  return [...new Set(rows.map((row) => row.eventId))];
}

/** The body of before was served again: what stood in it (was seen since `takenAt`) is seen now. Returns how many records that are. */
export async function seeAllAgain(tx: Tx, sourceId: string, takenAt: Date, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update event_sources set last_seen_at = ${now}, missed_visits = 0
    where source_id = ${sourceId} and superseded_at is null and last_seen_at >= ${takenAt} and last_seen_at < ${now}`.execute(kyselyOf(tx));
  return Number(numAffectedRows ?? 0);
}

/** Records of upcoming events that lapsed, as matching sees them: an item that is one of them brings its event back. The latest of each event. */
export async function lapsedRecords(on: Reader, sourceId: string, now: Date): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select distinct on (r.event_id) r.id, r.record_key as "recordKey", encode(r.payload_hash, 'hex') as "payloadHash", encode(r.match_key, 'hex') as "matchKey",
      r.name_key as "nameKey", r.start_key as "startKey", r.url
    from event_sources r join events e on e.id = r.event_id
    where r.source_id = ${sourceId} and r.lapsed_at is not null and e.lifecycle_state <> 'deleted' and ${liesAhead(now)}
      and not exists (select from event_sources p where p.event_id = r.event_id and p.source_id = r.source_id and p.superseded_at is null)
    order by r.event_id, r.lapsed_at desc`.execute(kyselyOf(on));
  return rows;
}

/** Items of this run brought these lapsed records' events back; returns the events. */
export async function endLapses(tx: Tx, runId: string): Promise<string[]> {
  const { rows } = await sql<{ eventId: string }>`
    update event_sources r set lapsed_at = null from ingest_items i
    where i.run_id = ${runId} and i.record_id = r.id and r.lapsed_at is not null and i.outcome <> 'rejected'
    returning r.event_id as "eventId"`.execute(kyselyOf(tx));
  return [...new Set(rows.map((row) => row.eventId))];
}
