/** What places, organizations and persons are compared by, to find duplicates (src/domain/likeness.ts gives the shapes). */
import { sql } from "kysely";
import { PATH_OF_KIND } from "../domain/iri.ts";
import type { AgentLikeness, PlaceLikeness } from "../domain/likeness.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import type { MentionKind } from "./mentions.ts";

/**
 * Up to `limit` of a kind, after `after`, that have not been compared since they were last described: in the order of ids,
 * merged and deleted ones left out. Places and agents come into being without keys, so this walks over their own table.
 */
export async function othersWaiting(on: Reader, kind: MentionKind, after: string | undefined, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select e.id from ${sql.table(PATH_OF_KIND[kind])} e left join duplicate_entities d on d.entity_id = e.id
    where e.merged_into_id is null and e.deleted_at is null and (d.scanned_at is null or e.updated_at > d.scanned_at)
      and (${after ?? null}::uuid is null or e.id > ${after ?? null}::uuid)
    order by e.id limit ${limit}`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/** The places of these ids that stand: merged and deleted ones are absent. */
export async function readPlaceLikeness(on: Reader, ids: readonly string[]): Promise<PlaceLikeness[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ likeness: PlaceLikeness }>`
    select json_strip_nulls(json_build_object('id', id, 'name', name, 'streetAddress', street_address, 'locality', locality,
      'region', region, 'postalCode', postal_code, 'country', country, 'latitude', latitude, 'longitude', longitude, 'url', url,
      'sameAs', same_as, 'origin', origin_node_id)) as likeness
    from places where id = any (${[...ids]}::uuid[]) and merged_into_id is null and deleted_at is null`.execute(kyselyOf(on));
  return rows.map((row) => row.likeness);
}

/** As readPlaceLikeness, for agents of one kind; their towns are those where most of their events are. */
export async function readAgentLikeness(on: Reader, kind: AgentLikeness["kind"], ids: readonly string[]): Promise<AgentLikeness[]> {
  if (ids.length === 0) return [];
  const [organizer, performer] = kind === "person" ? ["organizer_person_id", "person_id"] : ["organizer_id", "organization_id"];
  const { rows } = await sql<{ likeness: AgentLikeness }>`
    select json_strip_nulls(json_build_object('id', a.id, 'kind', ${kind}::text, 'name', a.name, 'url', a.url, 'sameAs', a.same_as, 'origin', a.origin_node_id,
      'localities', array(
        select p.locality from (
          select e.id, e.primary_venue_id from events e where e.${sql.ref(organizer!)} = a.id
          union
          select e.id, e.primary_venue_id from event_performers x join events e on e.id = x.event_id where x.${sql.ref(performer!)} = a.id
        ) e join places p on p.id = e.primary_venue_id
        where p.locality is not null group by p.locality order by count(*) desc, p.locality limit ${TOWNS}))) as likeness
    from ${sql.table(PATH_OF_KIND[kind])} a
    where a.id = any (${[...ids]}::uuid[]) and a.merged_into_id is null and a.deleted_at is null`.execute(kyselyOf(on));
  return rows.map((row) => row.likeness);
}
const TOWNS = 5;
