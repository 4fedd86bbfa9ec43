/** What points at a place, an organization or a person: moved to another one when two turn out to be one, and back. */
import { sql } from "kysely";
import type { ClaimField } from "../domain/submission.ts";
import { pointerOf } from "./claims.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import type { MentionKind } from "./mentions.ts";
import * as queries from "./queries/events.queries.ts";

/** How events point at each kind: the column of events and the claim that decides it; for agents also the column of event_performers. */
const POINTERS = {
  place: { column: "primary_venue_id", field: "location", performer: undefined },
  organization: { column: "organizer_id", field: "organizer", performer: "organization_id" },
  person: { column: "organizer_person_id", field: "organizer", performer: "person_id" },
} as const satisfies Record<MentionKind, { column: string; field: ClaimField; performer: string | undefined }>;

export interface Moved {
  /** Events that show another place or agent now. */
  events: string[];
  /** Those of them that no claim of today says where they belong. */
  unspoken: string[];
  occurrences: string[];
  /** Occurrences of series that have a place of their own. */
  overrides: NamedOccurrence[];
}

export interface NamedOccurrence {
  eventId: string;
  recurrenceId: string;
}

/**
 * Locks the events that point at these, in the order of ids, and before the places or agents themselves are locked: so do
 * submissions, which know their events first. What comes to point at them meanwhile is seen once those are locked.
 */
export async function lockStanding(tx: Tx, kind: MentionKind, ids: readonly string[]): Promise<void> {
  const { column, performer } = POINTERS[kind];
  const parts =
    performer === undefined
      ? sql`select event_id from event_occurrences where venue_id = any (${[...ids]}::uuid[])
          union select event_id from occurrence_overrides where venue_id = any (${[...ids]}::uuid[])`
      : sql`select event_id from event_performers where ${sql.ref(performer)} = any (${[...ids]}::uuid[])`;
  await sql`
    select id from events where id in (select id from events where ${sql.ref(column)} = any (${[...ids]}::uuid[]) union ${parts})
    order by id for no key update`.execute(kyselyOf(tx));
}

/** Whatever points at `from` points at `to` from now on. */
export async function moveAll(tx: Tx, kind: MentionKind, { from, to }: Step, now: Date): Promise<Moved> {
  const venuesOrOrganizers = await moveColumn(tx, kind, { from, to }, undefined, now);
  const occurrences = kind === "place" ? await moveOccurrences(tx, { from, to }, undefined, now) : [];
  const overrides = kind === "place" ? await moveOverrides(tx, { from, to }, undefined, now) : [];
  const performers = kind === "place" ? [] : await movePerformers(tx, kind, { from, to }, undefined, now);
  const moved = [...venuesOrOrganizers, ...performers];
  return {
    events: [...new Set([...moved, ...occurrences, ...overrides].map((one) => one.eventId))],
    unspoken: [...new Set(moved.filter((one) => !one.spoken).map((one) => one.eventId))],
    occurrences: occurrences.map((one) => one.id),
    overrides,
  };
}

/** As moveAll, for the venue or organizer of some events. */
export async function moveEvents(tx: Tx, kind: MentionKind, step: Step, eventIds: readonly string[], now: Date): Promise<void> {
  if (eventIds.length > 0) await moveColumn(tx, kind, step, eventIds, now);
}

/** As moveAll, for what a merge has moved without a claim that says so: these events where there is no claim still, and these occurrences. */
export async function moveUnspoken(
  tx: Tx,
  kind: MentionKind,
  step: Step,
  {
    unspoken = [],
    occurrences = [],
    overrides = [],
  }: { [Part in "unspoken" | "occurrences"]?: readonly string[] | undefined } & {
    overrides?: readonly NamedOccurrence[] | undefined;
  },
  now: Date,
): Promise<string[]> {
  const silent = unspoken.length === 0 ? [] : await withoutClaim(tx, POINTERS[kind].field, unspoken);
  const events = silent.length === 0 ? [] : await moveColumn(tx, kind, step, silent, now);
  const others = kind === "place" && occurrences.length > 0 ? await moveOccurrences(tx, step, occurrences, now) : [];
  const series = kind === "place" && overrides.length > 0 ? await moveOverrides(tx, step, overrides, now) : [];
  const still = kind === "place" || unspoken.length === 0 ? [] : await withoutClaim(tx, "performer", unspoken);
  const performers = kind === "place" || still.length === 0 ? [] : await movePerformers(tx, kind, step, still, now);
  return [...events, ...others, ...series, ...performers].map((one) => one.eventId);
}

export interface Step {
  from: string;
  to: string;
}

interface MovedEvent {
  eventId: string;
  spoken: boolean;
}

// Rows of events are locked in the order of ids, as everybody does.
async function moveColumn(tx: Tx, kind: MentionKind, { from, to }: Step, only: readonly string[] | undefined, now: Date) {
  const { column, field } = POINTERS[kind];
  const { rows } = await sql<MovedEvent>`
    with standing as (
      select id from events where ${sql.ref(column)} = ${from} and ${among("id", only)} order by id for no key update
    ), moved as (
      update events e set ${sql.ref(column)} = ${to}::uuid, updated_at = ${now} from standing s where s.id = e.id returning e.id
    )
    select moved.id as "eventId", ${spoken("moved.id", field)} as spoken from moved`.execute(kyselyOf(tx));
  return rows;
}

async function moveOccurrences(tx: Tx, { from, to }: Step, only: readonly string[] | undefined, now: Date) {
  const { rows } = await sql<{ id: string; eventId: string }>`
    update event_occurrences set venue_id = ${to}, updated_at = ${now} where venue_id = ${from} and recurrence_id is null and ${among("id", only)}
    returning id, event_id as "eventId"`.execute(kyselyOf(tx));
  return rows;
}

async function moveOverrides(
  tx: Tx,
  { from, to }: Step,
  only: readonly NamedOccurrence[] | undefined,
  now: Date,
): Promise<NamedOccurrence[]> {
  const named = only && JSON.stringify(only);
  const wanted =
    named === undefined
      ? sql`true`
      : sql`(event_id, recurrence_id) in (
    select r."eventId", r."recurrenceId" from json_to_recordset(${named}::json) as r ("eventId" uuid, "recurrenceId" text))`;
  const { rows } = await sql<NamedOccurrence>`
    update occurrence_overrides set venue_id = ${to}, updated_at = ${now} where venue_id = ${from} and ${wanted}
    returning event_id as "eventId", recurrence_id as "recurrenceId"`.execute(kyselyOf(tx));
  await sql`
    update event_occurrences set venue_id = ${to}, updated_at = ${now} where venue_id = ${from} and recurrence_id is not null and ${wanted}`.execute(
    kyselyOf(tx),
  );
  return rows;
}

/** An event that names both names the one they are once: the earlier of the two stays. */
async function movePerformers(tx: Tx, kind: MentionKind, { from, to }: Step, only: readonly string[] | undefined, now: Date) {
  const column = sql.ref(POINTERS[kind].performer!);
  const { rows: dropped } = await sql<MovedEvent>`
    delete from event_performers p using (
      select event_id, min(position) as first from event_performers
      where event_id in (select event_id from event_performers where ${column} = ${from} and ${among("event_id", only)})
        and ${column} in (${from}::uuid, ${to}::uuid)
      group by event_id
    ) both_of
    where p.event_id = both_of.event_id and p.position > both_of.first and p.${column} in (${from}::uuid, ${to}::uuid)
    returning p.event_id as "eventId", true as spoken`.execute(kyselyOf(tx));
  const { rows: moved } = await sql<MovedEvent>`
    update event_performers p set ${column} = ${to}::uuid, updated_at = ${now} where p.${column} = ${from} and ${among("event_id", only)}
    returning p.event_id as "eventId", ${spoken("p.event_id", "performer")} as spoken`.execute(kyselyOf(tx));
  return [...dropped, ...moved];
}

const among = (column: string, ids: readonly string[] | undefined) =>
  ids === undefined ? sql`true` : sql`${sql.ref(column)} = any (${[...ids]}::uuid[])`;

const spoken = (event: string, field: ClaimField) => sql<boolean>`exists (
  select from field_provenance c where c.event_id = ${sql.ref(event)} and c.field = ${pointerOf(field)} and c.is_winner and upper_inf(c.recorded))`;

async function withoutClaim(on: Reader, field: ClaimField, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select e.id from events e where e.id = any (${[...ids]}::uuid[]) and not ${spoken("e.id", field)}`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

export interface Word {
  eventId: string;
  value: unknown;
}

/** Up to `limit` events after `after` that have their venue or organizer at `id`, with the claim that put them there. In the order of event ids. */
export async function standingAt(on: Reader, kind: MentionKind, id: string, after: string | undefined, limit: number): Promise<Word[]> {
  const { column, field } = POINTERS[kind];
  const { rows } = await sql<Word>`
    select e.id as "eventId", c.value from events e
    join field_provenance c on c.event_id = e.id and c.field = ${pointerOf(field)} and c.is_winner and upper_inf(c.recorded)
    where e.${sql.ref(column)} = ${id} and (${after ?? null}::uuid is null or e.id > ${after ?? null}::uuid)
    order by e.id limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** As standingAt, for the events in which an agent performs. */
export async function performingAs(
  on: Reader,
  kind: Exclude<MentionKind, "place">,
  id: string,
  after: string | undefined,
  limit: number,
): Promise<Word[]> {
  const { rows } = await sql<Word>`
    select e.event_id as "eventId", c.value from (
      select distinct event_id from event_performers where ${sql.ref(POINTERS[kind].performer)} = ${id}
        and (${after ?? null}::uuid is null or event_id > ${after ?? null}::uuid)
    ) e
    join field_provenance c on c.event_id = e.event_id and c.field = '/performer' and c.is_winner and upper_inf(c.recorded)
    order by e.event_id limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

export interface Performers {
  eventId: string;
  performers: { organizationId?: string; personId?: string }[];
}

/** These performers, in this order, are those of the events from now on. */
export async function replacePerformers(tx: Tx, events: readonly Performers[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const counts = events.map(({ eventId, performers }) => ({ id: eventId, count: performers.length }));
  const rows = events.flatMap(({ eventId, performers }) => performers.map((performer, position) => ({ eventId, position, ...performer })));
  await queries.trimPerformers.run({ counts: JSON.stringify(counts) }, pgTyped(tx));
  if (rows.length > 0) await queries.upsertPerformers.run({ performers: JSON.stringify(rows), now }, pgTyped(tx));
}

export interface Identified {
  id: string;
  name: string;
  startDate: string;
  venueId: string;
}

/** What makes the exact identity of these events: their name, start and venue; those without a venue are absent. */
export async function readIdentities(on: Reader, eventIds: readonly string[]): Promise<Identified[]> {
  // Where nobody speaks any more, the start stands in the first occurrence; of one made of sub-events, it is theirs.
  const { rows } = await sql<Identified>`
    select e.id, e.name, coalesce(c.value #>> '{}', time_point(o.start_at, o.timezone, o.start_is_date)) as "startDate", e.primary_venue_id as "venueId"
    from events e join lateral (select t.* from event_times t where t.event_id = e.id offset 0) o on true
    left join field_provenance c on c.event_id = e.id and c.field = '/startDate' and c.is_winner and upper_inf(c.recorded)
    where e.id = any (${[...eventIds]}::uuid[]) and e.primary_venue_id is not null`.execute(kyselyOf(on));
  return rows;
}

/** Keys as hex. The rows are locked by now. */
export async function writeIdentities(tx: Tx, identities: readonly { id: string; key: string }[]): Promise<void> {
  await sql`
    update events e set dedup_key = decode(r.key, 'hex') from json_to_recordset(${JSON.stringify(identities)}::json) as r(id uuid, key text)
    where r.id = e.id`.execute(kyselyOf(tx));
}
