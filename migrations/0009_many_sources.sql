-- Many sources, one event: words that are taken back, merges and their undoing, pairs that are remembered as two, and
-- what a person must look at.

-- A source that is withdrawn says nothing any more; its records stay, so that it can come back.
alter table sources add withdrawn_at timestamptz, add withdrawn_reason text,
  add constraint withdrawn_has_time check (withdrawn_reason is null or withdrawn_at is not null);

-- The event that a record was first taken for, where a merge has moved it since: an undo moves it back.
alter table event_sources add home_event_id uuid references events;
create index event_sources_home on event_sources (home_event_id) where home_event_id is not null;

-- A word taken back: while this source says this very value of this field, it does not count. Another value is another word.
-- event_id is the event that it was said of, before any merge.
create table claim_withdrawals (
  id uuid primary key,
  event_id uuid not null references events,
  source_id uuid not null references sources,
  field text not null check (field like '/%'),
  -- sha-256 of the value's canonical JSON (RFC 8785): a taken-down text must not stay here
  value_hash bytea not null,
  actor text not null,
  reason text,
  withdrawn_at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index claim_withdrawals_one on claim_withdrawals (event_id, source_id, field, value_hash) where lifted_at is null;
create index claim_withdrawals_event on claim_withdrawals (event_id);
create index claim_withdrawals_source on claim_withdrawals (source_id);

-- The newer entity leads on to the older one from here on. kept_id is the one it was merged into then; a chain's end stands in
-- the entity's merged_into_id.
create table entity_merges (
  id uuid primary key,
  kind text not null check (kind in ('event', 'place', 'organization', 'person')),
  kept_id uuid not null,
  gone_id uuid not null,
  -- the rule that merged the two, where it was no person
  rule text,
  actor text not null,
  reason text,
  -- what an undo cannot find out otherwise
  before jsonb not null default '{}',
  merged_at timestamptz not null,
  undone_at timestamptz,
  undone_by text,
  undo_reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (kept_id <> gone_id)
);
create unique index entity_merges_gone on entity_merges (gone_id) where undone_at is null;
create index entity_merges_kept on entity_merges (kept_id) where undone_at is null;

-- Remembered for ever: these are two. low_id < high_id.
create table not_duplicates (
  kind text not null check (kind in ('event', 'place', 'organization', 'person')),
  low_id uuid not null,
  high_id uuid not null,
  actor text not null,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (kind, low_id, high_id),
  check (low_id < high_id)
);
create index not_duplicates_high on not_duplicates (high_id);

-- What a person must look at. A topic ("duplicate event LOW HIGH", "conflict EVENT", "silent SOURCE") is open once at a time.
create table review_items (
  id uuid primary key,
  kind text not null check (kind in ('duplicate', 'conflict', 'withdrawn', 'silent', 'empty', 'rejects')),
  topic text not null,
  entity_kind text check (entity_kind in ('event', 'place', 'organization', 'person')),
  entity_id uuid,
  -- of a duplicate: the other one of the two
  other_id uuid,
  source_id uuid references sources,
  -- duplicate: rule, score, features; conflict: fields; health: what was seen and what was expected
  details jsonb not null default '{}',
  state text not null default 'open' check (state in ('open', 'resolved', 'dismissed')),
  -- what was done about it: merged, apart, pinned, settled, returned …
  resolution text,
  decided_by text,
  decided_at timestamptz,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint decided_has_time check ((state = 'open') = (decided_at is null))
);
create unique index review_items_topic on review_items (topic) where state = 'open';
create index review_items_dismissed on review_items (topic) where state = 'dismissed';
create index review_items_queue on review_items (kind, id) where state = 'open';
create index review_items_entity on review_items (entity_id) where entity_id is not null;
create index review_items_other on review_items (other_id) where other_id is not null;
create index review_items_source on review_items (source_id) where source_id is not null;

create view duplicate_candidates as
select id, entity_kind, entity_id as low_id, other_id as high_id, details ->> 'rule' as rule, (details ->> 'score')::numeric as score,
  details -> 'features' as features, state, resolution, decided_by, decided_at, created_at
from review_items where kind = 'duplicate';

-- What an entity may be found by as a duplicate: hashes of coarse facts (venue and day, grid cell and half hour, name and day …;
-- src/domain/duplicates.ts makes them). Two entities without a key in common are never compared. No foreign keys: they would be
-- checked for each of some million rows, and entities are never deleted.
create table duplicate_entities (
  entity_id uuid primary key,
  kind text not null check (kind in ('event', 'place', 'organization', 'person')),
  keys bigint[] not null,
  -- the scan goes over what it has not compared yet
  scanned_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index duplicate_entities_waiting on duplicate_entities (kind, entity_id) where scanned_at is null;

-- What is here already waits for the scan.
insert into duplicate_entities (entity_id, kind, keys) select id, 'event', '{}' from events where merged_into_id is null and lifecycle_state <> 'deleted';
insert into duplicate_entities (entity_id, kind, keys) select id, 'place', '{}' from places where merged_into_id is null and deleted_at is null;
insert into duplicate_entities (entity_id, kind, keys) select id, 'organization', '{}' from organizations where merged_into_id is null and deleted_at is null;
insert into duplicate_entities (entity_id, kind, keys) select id, 'person', '{}' from persons where merged_into_id is null and deleted_at is null;

-- The same keys, to be looked up by. As a GIN index over `keys` a look-up took some 100 µs a key, here 10.
create table duplicate_keys (
  key bigint not null,
  entity_id uuid not null,
  primary key (key, entity_id)
);

-- A merged event's identity leads on to the event that took it in.
drop index events_dedup;
create index events_dedup on events (dedup_key) where lifecycle_state <> 'deleted';

-- As in 0003, but a merged event is shown no longer, and a withdrawn source speaks for nothing.
-- Built as json and made jsonb once at the end: jsonb_build_object and || of the same took 2.6 times as long (500 events: 50 ms, 130 ms).
create or replace function event_states(ids uuid[]) returns table (id uuid, state jsonb) language sql stable parallel safe as $$
  select e.id, json_strip_nulls(
    json_build_object('kind', 'event', 'id', e.id, 'federationUri', e.federation_uri, 'type', e.schema_type,
    'startDate', time_point(o.start_at, o.timezone, o.start_is_date),
    'endDate', time_point(o.end_at, o.timezone, o.end_is_date), 'doorTime', case when o.door_at is not null then rfc3339(o.door_at, o.timezone) end,
    'previousStartDate', time_point(o.previous_start_at, o.timezone, o.start_is_date),
    'timezone', o.timezone, 'allDay', o.start_is_date,
    'name', e.name, 'description', case when e.takedown_at is null then e.description end, 'lifecycleState', e.lifecycle_state,
    'eventStatus', e.event_status, 'attendanceMode', e.attendance_mode, 'virtualUrl', e.virtual_url,
    'location', case when p.id is not null then json_build_object('id', p.id, 'federationUri', p.federation_uri, 'name', p.name,
      'placeType', p.place_type, 'address', address_of(p), 'geo', geo_of(p), 'url', p.url) end,
    'organizer', case
      when org.id is not null then json_build_object('kind', 'organization', 'id', org.id, 'federationUri', org.federation_uri, 'name', org.name, 'url', org.url)
      when per.id is not null then json_build_object('kind', 'person', 'id', per.id, 'federationUri', per.federation_uri, 'name', per.name, 'url', per.url) end,
    'performer', (
    select json_agg(json_build_object('kind', case when x.person_id is null then 'organization' else 'person' end,
      'id', coalesce(po.id, pp.id), 'federationUri', coalesce(po.federation_uri, pp.federation_uri),
      'name', coalesce(po.name, pp.name), 'url', coalesce(po.url, pp.url), 'role', x.role) order by x.position)
    from event_performers x left join organizations po on po.id = x.organization_id left join persons pp on pp.id = x.person_id
    where x.event_id = e.id), 'offers', e.offers, 'image', case when e.takedown_at is null then e.image_url end, 'url', e.public_url,
    'inLanguage', list_or_null(e.in_language), 'keywords', list_or_null(e.keywords), 'isAccessibleForFree', e.is_accessible_for_free,
    'accessibilityFeature', list_or_null(e.accessibility_features), 'eventDomain', e.event_domain, 'sameAs', list_or_null(e.same_as),
    'license', e.license_url, 'licenseStatus', e.license_status, 'confidence', e.confidence, 'eventSchedule', e.schedule,
    'occurrences', case when exists (select from event_occurrences x where x.event_id = e.id and x.sequence_number > 0) then
      (select json_agg(occurrence_state(x) order by x.sequence_number) from event_occurrences x where x.event_id = e.id) end,
    'sources', (select coalesce(json_agg(json_build_object('name', src.name, 'url', src.base_url, 'licenseUrl', src.license_url, 'licenseStatus', src.license_status,
      'recordUri', x.record_uri) order by src.name), '[]') from (
      select r.source_id, min(r.record_uri) as record_uri from event_sources r where r.event_id = e.id and r.superseded_at is null group by r.source_id) x
    join sources src on src.id = x.source_id and src.withdrawn_at is null), 'originNode', n.base_url, 'takedownAt', utc(e.takedown_at),
    'version', e.version, 'createdAt', utc(e.created_at), 'updatedAt', utc(e.updated_at),
    'public', e.lifecycle_state not in ('draft', 'pending_review', 'withdrawn', 'deleted') and e.merged_into_id is null, 'deletedAt', utc(e.deleted_at),
    'supersededBy', case when m.id is not null then json_build_object('id', m.id, 'federationUri', m.federation_uri) end))::jsonb
  from events e
  left join event_occurrences o on o.event_id = e.id and o.sequence_number = 0
  left join places p on p.id = e.primary_venue_id
  left join organizations org on org.id = e.organizer_id
  left join persons per on per.id = e.organizer_person_id
  left join federation_nodes n on n.id = e.origin_node_id
  left join events m on m.id = e.merged_into_id
  where e.id = any (ids)
$$;
