/** The occurrences of series as they stand in event_occurrences, up to the horizon: for queries, and as the past was. */
import { sql } from "kysely";
import type { EventStatus } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** Times in milliseconds since 1970. */
export interface OccurrenceRow {
  eventId: string;
  recurrenceId: string;
  startAt: number;
  endAt?: number;
  doorAt?: number;
  previousStartAt?: number;
  timezone: string;
  startIsDate: boolean;
  endIsDate: boolean;
  venueId?: string;
  virtualUrl?: string;
  eventStatus?: EventStatus;
}

/** By event, then by recurrenceId. */
export async function readOccurrences(on: Reader, eventIds: readonly string[]): Promise<Map<string, Map<string, OccurrenceRow>>> {
  const { rows } = await sql<{ row: OccurrenceRow }>`
    select json_strip_nulls(json_build_object('eventId', event_id, 'recurrenceId', recurrence_id, 'startAt', ${millis("start_at")},
      'endAt', ${millis("end_at")}, 'doorAt', ${millis("door_at")}, 'previousStartAt', ${millis("previous_start_at")}, 'timezone', timezone,
      'startIsDate', start_is_date, 'endIsDate', end_is_date, 'venueId', venue_id, 'virtualUrl', virtual_url, 'eventStatus', event_status)) as row
    from event_occurrences where event_id = any (${[...eventIds]}::uuid[]) and recurrence_id is not null`.execute(kyselyOf(on));
  const byEvent = new Map<string, Map<string, OccurrenceRow>>(eventIds.map((id) => [id, new Map()]));
  for (const { row } of rows) byEvent.get(row.eventId)!.set(row.recurrenceId, row);
  return byEvent;
}

const millis = (column: string) => sql`(extract(epoch from ${sql.ref(column)}) * 1000)::bigint`;

/**
 * Inserts these, or updates those that differ; an occurrence that is there keeps its id. As arrays: one JSON text for all took
 * longer to read than the rows to write.
 */
export async function writeOccurrences(tx: Tx, rows: readonly (OccurrenceRow & { id: string })[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const instants = (at: (row: OccurrenceRow) => number | undefined) =>
    sql`${rows.map((row) => {
      const milliseconds = at(row);
      return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
    })}::timestamptz[]`;
  const texts = (of: (row: OccurrenceRow) => string | undefined) => sql`${rows.map((row) => of(row) ?? null)}::text[]`;
  await sql`
    insert into event_occurrences as o (sequence_number, id, event_id, recurrence_id, start_at, end_at, door_at, previous_start_at, timezone, start_is_date, end_is_date,
      venue_id, virtual_url, event_status, created_at, updated_at)
    select null::integer, r.*, ${now}::timestamptz, ${now}::timestamptz from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.eventId)}::uuid[],
      ${texts((row) => row.recurrenceId)}, ${instants((row) => row.startAt)}, ${instants((row) => row.endAt)}, ${instants((row) => row.doorAt)},
      ${instants((row) => row.previousStartAt)}, ${texts((row) => row.timezone)}, ${rows.map((row) => row.startIsDate)}::boolean[],
      ${rows.map((row) => row.endIsDate)}::boolean[], ${rows.map((row) => row.venueId ?? null)}::uuid[], ${texts((row) => row.virtualUrl)},
      ${texts((row) => row.eventStatus)}) r
    on conflict (event_id, recurrence_id) where recurrence_id is not null do update set start_at = excluded.start_at, end_at = excluded.end_at,
      door_at = excluded.door_at, previous_start_at = excluded.previous_start_at, timezone = excluded.timezone, start_is_date = excluded.start_is_date,
      end_is_date = excluded.end_is_date, venue_id = excluded.venue_id, virtual_url = excluded.virtual_url, event_status = excluded.event_status,
      updated_at = excluded.updated_at
    where (o.start_at, o.end_at, o.door_at, o.previous_start_at, o.timezone, o.start_is_date, o.end_is_date, o.venue_id, o.virtual_url, o.event_status)
      is distinct from (excluded.start_at, excluded.end_at, excluded.door_at, excluded.previous_start_at, excluded.timezone, excluded.start_is_date,
        excluded.end_is_date, excluded.venue_id, excluded.virtual_url, excluded.event_status)`.execute(kyselyOf(tx));
}

export async function removeOccurrences(tx: Tx, rows: readonly { eventId: string; recurrenceId: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    delete from event_occurrences o
    using unnest(${rows.map((row) => row.eventId)}::uuid[], ${rows.map((row) => row.recurrenceId)}::text[]) as r (event_id, recurrence_id)
    where o.event_id = r.event_id and o.recurrence_id = r.recurrence_id`.execute(kyselyOf(tx));
}

/** Finds these events by what their occurrences say now: of what no transaction touches besides, the index hears from here. */
export async function indexAgain(tx: Tx, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length > 0) await sql`select index_events(${[...eventIds]}::uuid[])`.execute(kyselyOf(tx));
}

/** From when until when (at most now) the occurrences of a series stand in the database, in milliseconds since 1970; undefined for what does not recur. */
export async function standingStretch(on: Reader, eventId: string, now: Date): Promise<{ from: number; until: number } | undefined> {
  const { rows } = await sql<{ from: Date | null; until: Date }>`
    select min(expanded_from) as "from", least(min(expanded_until), ${now}) as until from event_series where event_id = ${eventId}`.execute(
    kyselyOf(on),
  );
  const { from, until } = rows[0]!;
  return from === null ? undefined : { from: from.getTime(), until: until.getTime() };
}

/** One occurrence as it stands, in the words of domain/state.ts. */
export interface StandingOccurrence {
  recurrenceId: string;
  startDate: string;
  endDate?: string;
  doorTime?: string;
  previousStartDate?: string;
  timezone: string;
  allDay: boolean;
  eventStatus?: EventStatus;
  virtualUrl?: string;
}

/** Those that start in [from, until), in order: how the past was, whatever the rule says today. */
export async function occurrencesBetween(
  on: Reader,
  eventId: string,
  { from, until, limit }: { from: Date; until: Date; limit: number },
): Promise<StandingOccurrence[]> {
  const { rows } = await sql<{ state: StandingOccurrence }>`
    select json_strip_nulls((occurrence_state(o)::jsonb || jsonb_build_object('recurrenceId', o.recurrence_id))::json) as state
    from event_occurrences o where o.event_id = ${eventId} and o.recurrence_id is not null and o.start_at >= ${from} and o.start_at < ${until}
    order by o.start_at, o.recurrence_id limit ${limit}`.execute(kyselyOf(on));
  return rows.map((row) => row.state);
}

/** As occurrencesBetween, of one. */
export async function occurrenceNamed(on: Reader, eventId: string, recurrenceId: string): Promise<StandingOccurrence | undefined> {
  const { rows } = await sql<{ state: StandingOccurrence }>`
    select json_strip_nulls((occurrence_state(o)::jsonb || jsonb_build_object('recurrenceId', o.recurrence_id))::json) as state
    from event_occurrences o where o.event_id = ${eventId} and o.recurrence_id = ${recurrenceId}`.execute(kyselyOf(on));
  return rows[0]?.state;
}
