/**
 * Lists of events, places and agents: filters, one row per entity, keyset pages that neither skip nor repeat what
 * does not change meanwhile. One statement finds the page and renders its states, so both are of one moment.
 */
import { sql } from "kysely";
import type { AgentState, PlaceState } from "../domain/state.ts";
import { allOf, placeConditions, type PlaceFilters, type Sql } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { beyond, directionOf, keyOf, readPage, type EntitySort, type ListPage, type PageRequest } from "./list-pages.ts";

export type { PlaceFilters } from "./event-conditions.ts";
export { listEvents, type EventFilters, type EventPageRequest } from "./event-lists.ts";
export {
  ENTITY_SORTS,
  EVENT_SORTS,
  type EntityRef,
  type EntitySort,
  type EventSort,
  type ListPage,
  type ListRow,
  type PageRequest,
  type RowKey,
} from "./list-pages.ts";

export async function listPlaces(on: Reader, filters: PlaceFilters, page: PageRequest<EntitySort>): Promise<ListPage<PlaceState>> {
  return readPage(on, "place", listed("places", placeConditions(filters), page), page);
}

export async function listAgents(
  on: Reader,
  kind: "organization" | "person",
  page: PageRequest<EntitySort>,
): Promise<ListPage<AgentState>> {
  return readPage(on, kind, listed(kind === "person" ? "persons" : "organizations", [], page), page);
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
  const order = directionOf(page);
  const key = keyOf(page.sort, "p");
  return sql`select p.id, ${key} as key, null::text as which, null::text as local_date from ${sql.table(table)} p
    where ${allOf([sql`p.deleted_at is null and p.merged_into_id is null`, ...conditions, beyond(page, key, sql`p.id`)])}
    order by ${key} ${order}, p.id ${order} limit ${page.limit + 1}`;
}
