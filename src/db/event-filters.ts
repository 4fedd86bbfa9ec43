/** What a list of events is asked for, and the conditions that follow for an event and for the places of its occurrences. */
import { sql } from "kysely";
import type { LifecycleState } from "../domain/lifecycle.ts";
import type { EventDomain } from "../domain/vocabulary.ts";
import { allOf, placeConditions, type PlaceFilters, type Sql, type TimeFilters } from "./event-conditions.ts";
import type { EntityRef, EventSort, PageRequest } from "./list-pages.ts";

export interface EventFilters extends PlaceFilters, TimeFilters {
  /** Where the event or one of its occurrences is held. */
  venue?: EntityRef;
  organizer?: EntityRef;
  /** An organization or person that organizes or performs. */
  involves?: string;
  domain?: EventDomain;
  /** Any of these, without regard to case. */
  keywords?: readonly string[];
  /** Base of the node that it comes from; `local` is this one. */
  origin?: string;
  states: readonly LifecycleState[];
  /** None of these (uuids). */
  not?: readonly string[];
}

export interface EventPageRequest extends PageRequest<EventSort> {
  /** One row an event, by the first of its matching occurrences in this order, or (by start only) one an occurrence. */
  per?: "event" | "occurrence";
}

/** What the place of an occurrence must keep to, given its id; undefined where any will do. */
export function whereabouts(filters: EventFilters): ((id: Sql) => Sql) | undefined {
  const places = placeConditions(filters);
  const { venue } = filters;
  if (places.length === 0 && venue === undefined) return undefined;
  return (id) =>
    allOf([
      ...(places.length === 0 ? [] : [sql`${id} in (select p.id from places p where ${allOf(places)})`]),
      ...(venue === undefined ? [] : [sql`${id} = ${idOf(venue, "places")}`]),
    ]);
}

/** What the event itself must keep to. */
export function eventConditions({ organizer, involves, domain, keywords, origin, states, not }: EventFilters): Sql[] {
  const conditions: Sql[] = [sql`e.merged_into_id is null`, sql`e.lifecycle_state = any (${[...states]}::text[])`];
  if (organizer !== undefined)
    conditions.push(sql`(e.organizer_id = ${idOf(organizer, "organizations")} or e.organizer_person_id = ${idOf(organizer, "persons")})`);
  if (involves !== undefined) {
    conditions.push(sql`(e.organizer_id = ${involves}::uuid or e.organizer_person_id = ${involves}::uuid or e.id in (
      select x.event_id from event_performers x where x.organization_id = ${involves}::uuid or x.person_id = ${involves}::uuid))`);
  }
  if (domain !== undefined) conditions.push(sql`e.event_domain = ${domain}`);
  if (keywords !== undefined) conditions.push(sql`folded(e.keywords) && folded(${[...keywords]}::text[])`);
  if (origin === "local") conditions.push(sql`e.origin_node_id is null`);
  else if (origin !== undefined)
    conditions.push(sql`e.origin_node_id = (select n.id from federation_nodes n where n.base_url = ${origin})`);
  if (not !== undefined && not.length > 0) conditions.push(sql`not e.id = any (${[...not]}::uuid[])`);
  return conditions;
}

function idOf(ref: EntityRef, table: "places" | "organizations" | "persons"): Sql {
  return "id" in ref ? sql`${ref.id}::uuid` : sql`(select x.id from ${sql.table(table)} x where x.federation_uri = ${ref.uri})`;
}
