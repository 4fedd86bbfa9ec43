/** What events are compared by, to find duplicates (src/domain/likeness.ts gives the shape). */
import { sql } from "kysely";
import type { EventLikeness } from "../domain/likeness.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/**
 * The events of these ids that stand: merged and deleted ones are absent. By primary keys, event_occurrences' unique
 * (event_id, sequence_number), event_performers' primary key and event_sources_event.
 */
export async function readEventLikeness(on: Reader, ids: readonly string[]): Promise<EventLikeness[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ likeness: EventLikeness }>`
    select json_strip_nulls(json_build_object(
      'id', e.id, 'name', e.name, 'type', e.schema_type, 'startAt', (extract(epoch from o.start_at) * 1000)::bigint,
      'startIsDate', o.start_is_date, 'endAt', (extract(epoch from o.end_at) * 1000)::bigint, 'localDate', o.local_date,
      'venueId', p.id, 'venue', case when p.id is not null then json_build_object('name', p.name, 'streetAddress', p.street_address,
        'locality', p.locality, 'postalCode', p.postal_code, 'latitude', p.latitude, 'longitude', p.longitude) end,
      'virtualUrl', e.virtual_url, 'url', e.public_url, 'organizer', coalesce(org.name, per.name),
      'performers', coalesce((
        select json_agg(coalesce(po.name, pp.name) order by x.position) from event_performers x
        left join organizations po on po.id = x.organization_id left join persons pp on pp.id = x.person_id where x.event_id = e.id), '[]'),
      'records', coalesce((
        select json_agg(json_build_object('sourceId', r.source_id, 'recordKey', r.record_key)) from event_sources r
        where r.event_id = e.id and r.superseded_at is null), '[]'),
      'lifecycleState', e.lifecycle_state, 'origin', e.origin_node_id)) as likeness
    from events e
    join lateral (select t.* from event_times t where t.event_id = e.id offset 0) o on true
    left join places p on p.id = e.primary_venue_id
    left join organizations org on org.id = e.organizer_id
    left join persons per on per.id = e.organizer_person_id
    where e.id = any (${[...ids]}::uuid[]) and e.merged_into_id is null and e.lifecycle_state <> 'deleted'`.execute(kyselyOf(on));
  return rows.map((row) => row.likeness);
}
