/** Recurring events: their sets and exceptions (event_series, occurrence_overrides), and the occurrences that follow from them. */
import { sql } from "kysely";
import type { CanonicalOverride, CanonicalSeries } from "../domain/canonical-series.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** An override as it is written: its place is one of ours by now. */
export type OverrideRow = Omit<CanonicalOverride, "location"> & { venueId?: string | undefined };

export interface SeriesRow {
  eventId: string;
  series: Omit<CanonicalSeries, "overrides"> & { overrides: Record<string, OverrideRow> };
  /** Of its first instance, milliseconds since 1970, one for each set. */
  first: { startAt: number; endAt?: number | undefined }[];
  /** When the last occurrence is over; absent where it goes on without end. */
  overAt?: number | undefined;
}

/** A series as it stands, and how far it is expanded (milliseconds since 1970; Infinity once all of it is). */
export interface StoredSeries {
  eventId: string;
  sets: PlacedSet[];
  doorLead?: number;
  /** `saidAt`: when they came to say what they say (milliseconds since 1970). */
  overrides: Map<string, OverrideRow & { saidAt: number }>;
  overAt?: number;
  expanded?: { from: number; until: number };
  tzdata?: string;
}

const iso = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : new Date(milliseconds).toISOString());

/** These series are what the events recur by from now on, and these events (`over`) recur no more; what they were stays history. */
export async function writeSeries(tx: Tx, rows: readonly SeriesRow[], over: readonly string[], now: Date): Promise<void> {
  const on = kyselyOf(tx);
  const recurred = over.length === 0 ? [] : await recurring(tx, over);
  if (recurred.length > 0) {
    const ids = sql`any (${recurred}::uuid[])`;
    await sql`delete from event_occurrences where event_id = ${ids} and recurrence_id is not null and start_at >= ${now}`.execute(on);
    await sql`delete from occurrence_overrides where event_id = ${ids}`.execute(on);
    await sql`delete from event_series where event_id = ${ids}`.execute(on);
  }
  if (rows.length === 0) return;
  const counts = JSON.stringify(rows.map(({ eventId, series }) => ({ id: eventId, count: series.sets.length })));
  await sql`
    delete from event_series s using json_to_recordset(${counts}::json) as r (id uuid, count integer)
    where s.event_id = r.id and s.position >= r.count`.execute(on);
  const sets = rows.flatMap(({ eventId, series, first, overAt }) =>
    series.sets.map((set, position) => ({
      ...set,
      eventId,
      position,
      doorLead: series.doorLead,
      firstStartAt: iso(first[position]!.startAt),
      firstEndAt: iso(first[position]!.endAt),
      overAt: iso(overAt),
    })),
  );
  await sql`
    insert into event_series as s (event_id, position, timezone, dtstart, duration, door_lead, rrule, rdates, exdates, first_start_at,
      first_end_at, over_at, created_at, updated_at)
    select r."eventId", r.position, r.timezone, r.dtstart, r.duration, r."doorLead", r.rrule, coalesce(r.rdate, '{}'), coalesce(r.exdate, '{}'),
      r."firstStartAt", r."firstEndAt", r."overAt", ${now}, ${now}
    from json_to_recordset(${JSON.stringify(sets)}::json) as r ("eventId" uuid, position smallint, timezone text, dtstart text,
      duration text, "doorLead" integer, rrule text, rdate text[], exdate text[], "firstStartAt" timestamptz, "firstEndAt" timestamptz, "overAt" timestamptz)
    on conflict (event_id, position) do update set timezone = excluded.timezone, dtstart = excluded.dtstart,
      duration = excluded.duration, door_lead = excluded.door_lead, rrule = excluded.rrule, rdates = excluded.rdates, exdates = excluded.exdates,
      first_start_at = excluded.first_start_at, first_end_at = excluded.first_end_at, over_at = excluded.over_at, updated_at = excluded.updated_at
    where (s.timezone, s.dtstart, s.duration, s.door_lead, s.rrule, s.rdates, s.exdates, s.first_start_at, s.first_end_at, s.over_at)
      is distinct from (excluded.timezone, excluded.dtstart, excluded.duration, excluded.door_lead, excluded.rrule, excluded.rdates,
        excluded.exdates, excluded.first_start_at, excluded.first_end_at, excluded.over_at)`.execute(on);
  await writeOverrides(tx, rows, now);
}

async function recurring(on: Reader, eventIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select event_id as id from event_series where event_id = any (${[...eventIds]}::uuid[]) and position = 0`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

async function writeOverrides(tx: Tx, rows: readonly SeriesRow[], now: Date): Promise<void> {
  const overrides = rows.flatMap(({ eventId, series }) =>
    Object.entries(series.overrides).map(([recurrenceId, one]) => ({
      ...one,
      eventId,
      recurrenceId,
      startAt: iso(one.startAt),
      endAt: iso(one.endAt),
      doorAt: iso(one.doorAt),
    })),
  );
  const on = kyselyOf(tx);
  const ids = rows.map((row) => row.eventId);
  await sql`
    delete from occurrence_overrides o where o.event_id = any (${ids}::uuid[]) and not exists (
      select from json_to_recordset(${JSON.stringify(overrides)}::json) as r ("eventId" uuid, "recurrenceId" text)
      where r."eventId" = o.event_id and r."recurrenceId" = o.recurrence_id)`.execute(on);
  if (overrides.length === 0) return;
  await sql`
    insert into occurrence_overrides as o (event_id, recurrence_id, name, start_at, end_at, door_at, timezone, start_is_date, end_is_date, event_status,
      venue_id, virtual_url, offers, url, created_at, updated_at)
    select r."eventId", r."recurrenceId", r.name, r."startAt", r."endAt", r."doorAt", r.timezone, coalesce(r."isDate", false), coalesce(r."endIsDate", false),
      r."eventStatus", r."venueId", r."virtualUrl", r.offers, r.url, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(overrides)}::json) as r ("eventId" uuid, "recurrenceId" text, name text, "startAt" timestamptz,
      "endAt" timestamptz, "doorAt" timestamptz, timezone text, "isDate" boolean, "endIsDate" boolean, "eventStatus" text, "venueId" uuid,
      "virtualUrl" text, offers jsonb, url text)
    on conflict (event_id, recurrence_id) do update set name = excluded.name, start_at = excluded.start_at, end_at = excluded.end_at,
      door_at = excluded.door_at, timezone = excluded.timezone, start_is_date = excluded.start_is_date, end_is_date = excluded.end_is_date,
      event_status = excluded.event_status, venue_id = excluded.venue_id, virtual_url = excluded.virtual_url, offers = excluded.offers,
      url = excluded.url, updated_at = excluded.updated_at
    where (o.name, o.start_at, o.end_at, o.door_at, o.timezone, o.start_is_date, o.end_is_date, o.event_status, o.venue_id, o.virtual_url, o.offers, o.url)
      is distinct from (excluded.name, excluded.start_at, excluded.end_at, excluded.door_at, excluded.timezone, excluded.start_is_date,
        excluded.end_is_date, excluded.event_status, excluded.venue_id, excluded.virtual_url, excluded.offers, excluded.url)`.execute(on);
}

/** The series of these events as they stand; the caller has locked the events. */
export async function readSeries(on: Reader, eventIds: readonly string[]): Promise<StoredSeries[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await sql<{
    eventId: string;
    sets: PlacedSet[];
    doorLead: number | null;
    overAt: Date | null;
    expandedFrom: Date | null;
    expandedUntil: string | null;
    tzdata: string | null;
    overrides: (Omit<OverrideRow, "startAt" | "endAt" | "doorAt"> & {
      recurrenceId: string;
      startAt?: string;
      endAt?: string;
      doorAt?: string;
      saidAt: string;
    })[];
  }>`
    select s.event_id as "eventId", json_agg(json_strip_nulls(json_build_object(
        'dtstart', s.dtstart, 'timezone', s.timezone,
        'duration', s.duration, 'rrule', s.rrule, 'rdate', list_or_null(s.rdates), 'exdate', list_or_null(s.exdates))) order by s.position) as sets,
      min(s.door_lead) as "doorLead", max(s.over_at) as "overAt", min(s.expanded_from) as "expandedFrom",
      -- A set that has come to the others says nothing of it.
      min(s.expanded_until)::text as "expandedUntil", min(s.tzdata_version) as tzdata,
      coalesce((select json_agg(json_strip_nulls(json_build_object('recurrenceId', o.recurrence_id, 'startAt', utc(o.start_at), 'endAt', utc(o.end_at),
        'doorAt', utc(o.door_at), 'timezone', o.timezone, 'isDate', case when o.start_at is not null then o.start_is_date end,
        'endIsDate', case when o.end_at is not null then o.end_is_date end, 'eventStatus', o.event_status, 'venueId', o.venue_id, 'virtualUrl', o.virtual_url,
        'saidAt', utc(o.updated_at))))
        from occurrence_overrides o where o.event_id = s.event_id), '[]') as overrides
    from event_series s where s.event_id = any (${[...eventIds]}::uuid[])
    group by s.event_id order by s.event_id`.execute(kyselyOf(on));
  return rows.map(({ eventId, sets, doorLead, overAt, expandedFrom, expandedUntil, tzdata, overrides }) => ({
    eventId,
    sets,
    ...(doorLead !== null && { doorLead }),
    ...(overAt !== null && { overAt: overAt.getTime() }),
    ...(tzdata !== null && { tzdata }),
    ...(expandedFrom !== null &&
      expandedUntil !== null && {
        expanded: { from: expandedFrom.getTime(), until: expandedUntil === "infinity" ? Infinity : Date.parse(expandedUntil) },
      }),
    overrides: new Map(
      overrides.map(({ recurrenceId, startAt, endAt, doorAt, saidAt, ...rest }): [string, OverrideRow & { saidAt: number }] => [
        recurrenceId,
        {
          ...rest,
          saidAt: Date.parse(saidAt),
          ...(startAt !== undefined && { startAt: Date.parse(startAt) }),
          ...(endAt !== undefined && { endAt: Date.parse(endAt) }),
          ...(doorAt !== undefined && { doorAt: Date.parse(doorAt) }),
        },
      ]),
    ),
  }));
}

/** Up to `limit` events whose series must be expanded: not yet as far as `until`, or placed by other rules of the clocks. In the order of their ids. */
export async function dueSeries(
  on: Reader,
  { until, tzdata, after, limit }: { until: Date; tzdata: string; after: string | undefined; limit: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select e.id from events e
    where e.id in (
        select s.event_id from event_series s where s.expanded_until < ${until} or s.expanded_until is null
        union select s.event_id from event_series s where s.tzdata_version <> ${tzdata})
      and e.merged_into_id is null and e.lifecycle_state <> 'deleted' and (${after ?? null}::uuid is null or e.id > ${after ?? null}::uuid)
    order by e.id limit ${limit}`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/** Notes how far these series stand in event_occurrences, and by which rules of the clocks. */
export async function noteExpanded(
  tx: Tx,
  rows: readonly { eventId: string; from: number; until: number }[],
  tzdata: string,
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const given = rows.map(({ eventId, from, until }) => ({ eventId, from: iso(from), until: until === Infinity ? "infinity" : iso(until) }));
  await sql`
    update event_series s set expanded_from = r."from", expanded_until = r.until, tzdata_version = ${tzdata}, updated_at = ${now}
    from json_to_recordset(${JSON.stringify(given)}::json) as r ("eventId" uuid, "from" timestamptz, until timestamptz)
    where s.event_id = r."eventId"`.execute(kyselyOf(tx));
}

/** Places what is shown of these series anew: their first times, where these lie ahead, and when they are over. */
export async function noteTimes(tx: Tx, rows: readonly Pick<SeriesRow, "eventId" | "first" | "overAt">[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const given = rows.flatMap(({ eventId, first, overAt }) =>
    first.map(({ startAt, endAt }, position) => ({ eventId, position, startAt: iso(startAt), endAt: iso(endAt), overAt: iso(overAt) })),
  );
  await sql`
    update event_series s set over_at = r."overAt", updated_at = ${now},
      first_start_at = case when s.first_start_at > ${now} then r."startAt" else s.first_start_at end,
      first_end_at = case when s.first_start_at > ${now} then r."endAt" else s.first_end_at end
    from json_to_recordset(${JSON.stringify(given)}::json) as r ("eventId" uuid, position smallint, "startAt" timestamptz, "endAt" timestamptz,
      "overAt" timestamptz)
    where s.event_id = r."eventId" and s.position = r.position`.execute(kyselyOf(tx));
}

/** The event goes on where the other ends. */
export async function linkContinuation(tx: Tx, { id, continuesId }: { id: string; continuesId: string }): Promise<void> {
  await sql`update events set continues_id = ${continuesId} where id = ${id}`.execute(kyselyOf(tx));
}
