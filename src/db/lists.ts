/**
 * Lists of events, places and agents: filters, one row per entity, keyset pages that neither skip nor repeat what
 * does not change meanwhile. One statement finds the page and renders its states, so both are of one moment.
 */
import { sql } from "kysely";
import type { LifecycleState } from "../domain/lifecycle.ts";
import type { AgentState, EventState, PlaceState } from "../domain/state.ts";
import type { EventDomain } from "../domain/vocabulary.ts";
import { allOf, placeConditions, timeConditions, utcText, type DayFilters, type PlaceFilters, type Sql } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";

export type { PlaceFilters } from "./event-conditions.ts";

/** One of ours by its uuid, or one of a peer's by the origin's @id. */
export type EntityRef = { id: string } | { uri: string };

export interface EventFilters extends PlaceFilters, DayFilters {
  venue?: EntityRef;
  organizer?: EntityRef;
  /** An organization or person that organizes or performs. */
  involves?: string;
  domain?: EventDomain;
  /** Any of these, without regard to case. */
  keywords?: readonly string[];
  states: readonly LifecycleState[];
}

export const EVENT_SORTS = ["start", "name", "updated", "created"] as const;
export const ENTITY_SORTS = ["name", "updated", "created"] as const;
export type EventSort = (typeof EVENT_SORTS)[number];
export type EntitySort = (typeof ENTITY_SORTS)[number];

export interface PageRequest<Sort extends string> {
  sort: Sort;
  descending: boolean;
  limit: number;
  /** The last row of the page before. */
  after?: { key: string; id: string };
}

/** `key` is what the row was sorted by: an instant in UTC with microseconds, or a name. */
export interface ListRow<State> {
  id: string;
  key: string;
  state: State;
  /** Of the occurrence that matched: its local date. */ localDate?: string;
}
export interface ListPage<State> {
  rows: ListRow<State>[];
  more: boolean;
}

/** Events whose occurrences and place match; an event's `start` is that of its first matching occurrence. */
export async function listEvents(on: Reader, filters: EventFilters, page: PageRequest<EventSort>): Promise<ListPage<EventState>> {
  const events = allOf(eventConditions(filters));
  const timed = timeConditions(filters, "o");
  const order = page.descending ? sql`desc` : sql`asc`;
  const key = page.sort === "start" ? sql`o.start_at` : keyOf(page.sort, "e");
  // Sorted by start, occurrences come in index order and the first page costs a few rows; the earlier-one check is a look into one event.
  const found =
    page.sort === "start"
      ? sql`select e.id, ${key} as key, o.local_date::text as local_date from event_occurrences o join events e on e.id = o.event_id
        where ${allOf([...timed, events, beyond(page, key, sql`o.event_id`)])} and not exists (
          select from event_occurrences p where p.event_id = o.event_id and (p.start_at, p.id) < (o.start_at, o.id) and ${allOf(timeConditions(filters, "p"))})
        order by o.start_at ${order}, o.event_id ${order} limit ${page.limit + 1}`
      : sql`select e.id, ${key} as key, null::text as local_date from events e
        where ${allOf([events, beyond(page, key, sql`e.id`)])}
          ${timed.length === 0 ? sql`` : sql`and exists (select from event_occurrences o where o.event_id = e.id and ${allOf(timed)})`}
        order by ${key} ${order}, e.id ${order} limit ${page.limit + 1}`;
  return run(on, sql`${sql.lit("event")}`, found, page);
}

export async function listPlaces(on: Reader, filters: PlaceFilters, page: PageRequest<EntitySort>): Promise<ListPage<PlaceState>> {
  return run(on, sql`${sql.lit("place")}`, listed("places", placeConditions(filters), page), page);
}

export async function listAgents(
  on: Reader,
  kind: "organization" | "person",
  page: PageRequest<EntitySort>,
): Promise<ListPage<AgentState>> {
  return run(on, sql`${sql.lit(kind)}`, listed(kind === "person" ? "persons" : "organizations", [], page), page);
}

/** How many of each kind a public reader can find. */
export async function countEntities(on: Reader): Promise<{ events: number; places: number; organizations: number; persons: number }> {
  const { rows } = await sql<{ events: number; places: number; organizations: number; persons: number }>`select
    (select count(*)::int from events where merged_into_id is null and lifecycle_state not in ('draft', 'pending_review', 'withdrawn', 'deleted')) as events,
    (select count(*)::int from places where deleted_at is null and merged_into_id is null) as places,
    (select count(*)::int from organizations where deleted_at is null and merged_into_id is null) as organizations,
    (select count(*)::int from persons where deleted_at is null and merged_into_id is null) as persons`.execute(kyselyOf(on));
  return rows[0]!;
}

function listed(table: "places" | "organizations" | "persons", conditions: readonly Sql[], page: PageRequest<EntitySort>): Sql {
  const order = page.descending ? sql`desc` : sql`asc`;
  const key = keyOf(page.sort, "p");
  return sql`select p.id, ${key} as key, null::text as local_date from ${sql.table(table)} p
    where ${allOf([sql`p.deleted_at is null and p.merged_into_id is null`, ...conditions, beyond(page, key, sql`p.id`)])}
    order by ${key} ${order}, p.id ${order} limit ${page.limit + 1}`;
}

async function run<State>(on: Reader, kind: Sql, found: Sql, page: PageRequest<string>): Promise<ListPage<State>> {
  const order = page.descending ? sql`desc` : sql`asc`;
  const text = page.sort === "name" ? sql`page.key` : utcText(sql`page.key`);
  const { rows } = await sql<{ id: string; key: string; localDate: string | null; state: State }>`
    with page as materialized (${found})
    select page.id, ${text} as key, page.local_date as "localDate", s.state
    from page join entity_states(${kind}, array(select id from page)) s on s.id = page.id
    order by page.key ${order}, page.id ${order}`.execute(kyselyOf(on));
  return {
    rows: rows.slice(0, page.limit).map(({ localDate, ...row }) => ({ ...row, ...(localDate !== null && { localDate }) })),
    more: rows.length > page.limit,
  };
}

function keyOf(sort: EntitySort | EventSort, alias: "e" | "p"): Sql {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  // The "C" collation sorts alike on every database; names are compared without regard to case.
  if (sort === "name") return sql`(lower(${column("name")}) collate "C")`;
  return sort === "updated" ? column("updated_at") : column("created_at");
}

function beyond({ after, descending, sort }: PageRequest<string>, key: Sql, id: Sql): Sql {
  if (after === undefined) return sql`true`;
  const last = sort === "name" ? sql`(${after.key}::text collate "C")` : sql`${after.key}::timestamptz`;
  return descending ? sql`(${key}, ${id}) < (${last}, ${after.id}::uuid)` : sql`(${key}, ${id}) > (${last}, ${after.id}::uuid)`;
}

function eventConditions(filters: EventFilters): Sql[] {
  const { venue, organizer, involves, domain, keywords, states } = filters;
  const conditions: Sql[] = [sql`e.merged_into_id is null`, sql`e.lifecycle_state = any (${[...states]}::text[])`];
  const places = placeConditions(filters);
  if (places.length > 0) conditions.push(sql`e.primary_venue_id in (select p.id from places p where ${allOf(places)})`);
  if (venue !== undefined) conditions.push(sql`e.primary_venue_id = ${idOf(venue, "places")}`);
  if (organizer !== undefined)
    conditions.push(sql`(e.organizer_id = ${idOf(organizer, "organizations")} or e.organizer_person_id = ${idOf(organizer, "persons")})`);
  if (involves !== undefined) {
    conditions.push(sql`(e.organizer_id = ${involves}::uuid or e.organizer_person_id = ${involves}::uuid or e.id in (
      select x.event_id from event_performers x where x.organization_id = ${involves}::uuid or x.person_id = ${involves}::uuid))`);
  }
  if (domain !== undefined) conditions.push(sql`e.event_domain = ${domain}`);
  if (keywords !== undefined) conditions.push(sql`folded(e.keywords) && folded(${[...keywords]}::text[])`);
  return conditions;
}

function idOf(ref: EntityRef, table: "places" | "organizations" | "persons"): Sql {
  return "id" in ref ? sql`${ref.id}::uuid` : sql`(select x.id from ${sql.table(table)} x where x.federation_uri = ${ref.uri})`;
}
