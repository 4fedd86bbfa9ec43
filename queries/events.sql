/* @name lockEvents */
-- In the order of ids, so that two transactions wait for each other and never in a circle. By the primary key.
select e.id, e.lifecycle_state, e.event_status, e.merged_into_id, e.content_hash, e.takedown_at, e.version, e.origin_node_id from events e
where e.id = any (:ids!::uuid[])
order by e.id
for no key update;

/* @name findByIdentity */
-- Of our own events with one of these identities (hex) the oldest each, merged ones too. By events_dedup, whose condition this repeats. What is
-- a peer's is known by its URI alone.
select distinct on (e.dedup_key) e.dedup_key as "dedup_key!", e.id from events e left join events m on m.id = e.merged_into_id
where e.dedup_key = any (array(select decode(k, 'hex') from unnest(:keys!::text[]) k)) and e.lifecycle_state <> 'deleted'
  and e.origin_node_id is null and m.lifecycle_state is distinct from 'deleted'
order by e.dedup_key, e.merged_into_id nulls first, e.id;

/* @name lockIdentities */
-- Advisory locks until the transaction ends, taken in the order of the buckets, for the same reason as in lockEvents.
select pg_advisory_xact_lock(:space!::int, b) from (select b from unnest(:buckets!::int[]) b order by b) ordered;

/* @name insertEvents */
-- A chunk of new events from one JSON text, hashes as hex. updateEvents writes the same columns in the same order, but for whose they are.
insert into events (id, created_at, federation_uri, origin_node_id,
  name, schema_type, description, lifecycle_state, event_status, attendance_mode, organizer_id, organizer_person_id, primary_venue_id,
  image_url, public_url, virtual_url, keywords, in_language, is_accessible_for_free, accessibility_features, event_domain, same_as, schedule, offers,
  price_low, price_high, price_currency, license_url, license_status, confidence, dedup_key, content_hash, deleted_at, updated_at)
select r.id, r.at, r."federationUri", r."originNodeId",
  r.name, r.type, r.description, r."lifecycleState", r."eventStatus", r."attendanceMode", r."organizerId", r."organizerPersonId", r."venueId",
  r.image, r.url, r."virtualUrl", coalesce(r.keywords, '{}'), coalesce(r."inLanguage", '{}'), r."isAccessibleForFree", coalesce(r."accessibilityFeature", '{}'),
  r.domain, coalesce(r."sameAs", '{}'), r."eventSchedule", r.offers, r."priceLow", r."priceHigh", r."priceCurrency", r."licenseUrl", r."licenseStatus",
  r.confidence, decode(r."dedupKey", 'hex'), decode(r."contentHash", 'hex'), case when r."lifecycleState" = 'deleted' then r.at end, r.at
from json_to_recordset(:events!::json) as r (
  id uuid, "federationUri" text, "originNodeId" uuid,
  name text, type text, description text, "lifecycleState" text, "eventStatus" text, "attendanceMode" text, "organizerId" uuid,
  "organizerPersonId" uuid, "venueId" uuid, image text, url text, "virtualUrl" text, keywords text[], "inLanguage" text[], "isAccessibleForFree" boolean,
  "accessibilityFeature" text[], domain text, "sameAs" text[], "eventSchedule" jsonb, offers jsonb, "priceLow" numeric, "priceHigh" numeric,
  "priceCurrency" text, "licenseUrl" text, "licenseStatus" text, confidence numeric, "dedupKey" text, "contentHash" text, at timestamptz
);

/* @name updateEvents */
-- As insertEvents, for events that are there and locked; each takes its next version.
update events e set (version,
  name, schema_type, description, lifecycle_state, event_status, attendance_mode, organizer_id, organizer_person_id, primary_venue_id,
  image_url, public_url, virtual_url, keywords, in_language, is_accessible_for_free, accessibility_features, event_domain, same_as, schedule, offers,
  price_low, price_high, price_currency, license_url, license_status, confidence, dedup_key, content_hash, deleted_at, updated_at)
= (select e.version + 1,
  r.name, r.type, r.description, r."lifecycleState", r."eventStatus", r."attendanceMode", r."organizerId", r."organizerPersonId", r."venueId",
  r.image, r.url, r."virtualUrl", coalesce(r.keywords, '{}'), coalesce(r."inLanguage", '{}'), r."isAccessibleForFree", coalesce(r."accessibilityFeature", '{}'),
  r.domain, coalesce(r."sameAs", '{}'), r."eventSchedule", r.offers, r."priceLow", r."priceHigh", r."priceCurrency", r."licenseUrl", r."licenseStatus",
  r.confidence, decode(r."dedupKey", 'hex'), decode(r."contentHash", 'hex'), case when r."lifecycleState" = 'deleted' then r.at end, r.at)
from json_to_recordset(:events!::json) as r (
  id uuid, name text, type text, description text, "lifecycleState" text, "eventStatus" text, "attendanceMode" text, "organizerId" uuid,
  "organizerPersonId" uuid, "venueId" uuid, image text, url text, "virtualUrl" text, keywords text[], "inLanguage" text[], "isAccessibleForFree" boolean,
  "accessibilityFeature" text[], domain text, "sameAs" text[], "eventSchedule" jsonb, offers jsonb, "priceLow" numeric, "priceHigh" numeric,
  "priceCurrency" text, "licenseUrl" text, "licenseStatus" text, confidence numeric, "dedupKey" text, "contentHash" text, at timestamptz
)
where e.id = r.id;

/* @name trimOccurrences */
-- Takes away the occurrences past an event's present count. By the unique (event_id, sequence_number).
delete from event_occurrences o using json_to_recordset(:counts!::json) as r (id uuid, count integer)
where o.event_id = r.id and o.sequence_number >= r.count;

/* @name upsertOccurrences */
-- Inserts the new, updates those that differ and leaves the rest unwritten. An occurrence keeps its id: its place (event_id, sequence_number,
-- which is unique) is its identity, and the id that came along is dropped.
insert into event_occurrences as o (id, event_id, sequence_number, start_at, end_at, door_at, previous_start_at, timezone, start_is_date, end_is_date,
  virtual_url, event_status, created_at, updated_at)
select r.id, r."eventId", r.n, r."startAt", r."endAt", r."doorAt", r."previousStartAt", r.timezone, r."startIsDate", r."endIsDate", r."virtualUrl",
  r."eventStatus", :now!, :now!
from json_to_recordset(:occurrences!::json) as r (
  id uuid, "eventId" uuid, n integer, "startAt" timestamptz, "endAt" timestamptz, "doorAt" timestamptz, "previousStartAt" timestamptz, timezone text,
  "startIsDate" boolean, "endIsDate" boolean, "virtualUrl" text, "eventStatus" text
)
on conflict (event_id, sequence_number) do update set start_at = excluded.start_at, end_at = excluded.end_at, door_at = excluded.door_at,
  previous_start_at = excluded.previous_start_at, timezone = excluded.timezone, start_is_date = excluded.start_is_date,
  end_is_date = excluded.end_is_date, virtual_url = excluded.virtual_url, event_status = excluded.event_status, updated_at = excluded.updated_at
where (o.start_at, o.end_at, o.door_at, o.previous_start_at, o.timezone, o.start_is_date, o.end_is_date, o.virtual_url, o.event_status)
  is distinct from (excluded.start_at, excluded.end_at, excluded.door_at, excluded.previous_start_at, excluded.timezone, excluded.start_is_date,
    excluded.end_is_date, excluded.virtual_url, excluded.event_status);

/* @name trimPerformers */
-- Takes away the performers past an event's present count. By the primary key (event_id, position).
delete from event_performers p using json_to_recordset(:counts!::json) as r (id uuid, count integer)
where p.event_id = r.id and p.position >= r.count;

/* @name upsertPerformers */
-- As upsertOccurrences: a performer that stays where it was is not written. By the primary key (event_id, position).
insert into event_performers as p (event_id, position, organization_id, person_id, created_at, updated_at)
select r."eventId", r.position, r."organizationId", r."personId", :now!, :now!
from json_to_recordset(:performers!::json) as r ("eventId" uuid, position integer, "organizationId" uuid, "personId" uuid)
on conflict (event_id, position) do update set organization_id = excluded.organization_id, person_id = excluded.person_id,
  updated_at = excluded.updated_at
where (p.organization_id, p.person_id) is distinct from (excluded.organization_id, excluded.person_id);
