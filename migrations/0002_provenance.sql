-- Who said what: records as received, claims field by field, and the runs that took them in.

-- A record: what one source sent for one event, byte for byte. Never edited; a newer one supersedes it.
create table event_sources (
  id uuid primary key,
  source_id uuid not null references sources,
  event_id uuid not null references events,
  -- the source's own id of the event (@id, identifier, UID), where it gives one
  record_key text,
  record_uri text,
  payload bytea not null,
  payload_hash bytea not null,
  media_type text not null,
  submission jsonb not null,
  decoder_version smallint not null,
  -- exact identity of what this record says: name, start rounded to five minutes, place
  match_key bytea not null,
  name_key text not null,
  start_key text not null,
  url text,
  observed_at timestamptz not null,
  last_seen_at timestamptz not null,
  superseded_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index event_sources_event on event_sources (event_id) where superseded_at is null;
create index event_sources_event_all on event_sources (event_id, observed_at);
create unique index event_sources_record on event_sources (source_id, record_key) where superseded_at is null and record_key is not null;
create index event_sources_payload on event_sources (source_id, payload_hash) where superseded_at is null;
create index event_sources_match on event_sources (source_id, match_key) where superseded_at is null;

-- A claim: one source's value of one field of one event. `recorded` is the time during which this node held it.
create table field_provenance (
  id bigint generated always as identity primary key,
  event_id uuid not null references events,
  source_id uuid not null references sources,
  field text not null check (field like '/%'),
  value jsonb not null,
  confidence numeric(4, 3) not null default 1 check (confidence between 0 and 1),
  pinned boolean not null default false,
  license_status text not null,
  observed_at timestamptz not null,
  recorded tstzrange not null,
  is_winner boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- one claim per source and field at a time
  constraint one_claim_at_a_time exclude using gist (event_id with =, source_id with =, field with =, recorded with &&)
);
create index field_provenance_source on field_provenance (source_id);
create index field_provenance_current on field_provenance (event_id) where upper_inf(recorded);
create unique index field_provenance_winner on field_provenance (event_id, field) where is_winner and upper_inf(recorded);

-- Fields of which two sources now say different things.
create view field_conflicts as
select event_id, field, count(*) as claims, count(distinct value) as values,
  jsonb_agg(jsonb_build_object('source_id', source_id, 'value', value, 'winner', is_winner) order by is_winner desc, source_id) as said
from field_provenance
where upper_inf(recorded)
group by event_id, field
having count(distinct value) > 1;

-- A batch or an import: its items are staged, matched against what the source said before, and applied in chunks.
create table ingest_runs (
  id uuid primary key,
  kind text not null check (kind in ('batch', 'import')),
  source_id uuid not null references sources,
  -- sha-256 of the whole input: an import that was cut off is found again by it
  input_hash bytea not null,
  input_name text,
  actor text not null,
  on_behalf_of text,
  state text not null default 'staging' check (state in ('staging', 'matching', 'applying', 'done', 'failed')),
  observed_at timestamptz not null,
  failure text,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index ingest_runs_source on ingest_runs (source_id, input_hash);

create table ingest_items (
  run_id uuid not null references ingest_runs on delete cascade,
  position integer not null,
  media_type text not null,
  payload bytea,
  payload_hash bytea not null,
  submission jsonb,
  record_key text,
  match_key bytea,
  name_key text,
  start_key text,
  -- the record of an earlier visit that this item speaks of again
  record_id uuid,
  outcome text check (outcome in ('created', 'updated', 'merged', 'unchanged', 'rejected')),
  event_id uuid,
  problem jsonb,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (run_id, position)
);
create index ingest_items_waiting on ingest_items (run_id, position) where outcome is null;
