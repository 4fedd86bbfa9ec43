-- Identity and the relational core: sources, places, organizations, persons, events and their occurrences.
-- Ids are ULIDs stored as uuid (the same 128 bits). Times are timestamptz. Closed sets are CHECKs.

create extension if not exists postgis;
create extension if not exists vector;
create extension if not exists pg_trgm;
create extension if not exists btree_gist;
create extension if not exists unaccent;

-- What this node is, kept at first start; base_url is part of every URI and never changes.
create table node_settings (
  only_row boolean primary key default true check (only_row),
  base_url text not null,
  name text not null,
  created_at timestamptz not null default now()
);

create table federation_nodes (
  id uuid primary key,
  base_url text not null unique,
  name text not null,
  trust_level smallint not null default 5 check (trust_level between 1 and 10),
  status text not null default 'active' check (status in ('active', 'paused', 'broken')),
  direction text not null default 'pull' check (direction in ('pull', 'push', 'both')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Every write comes from a source.
create table sources (
  id uuid primary key,
  name text not null unique check (length(name) between 1 and 200),
  type text not null check (type in ('api', 'scraper', 'partner', 'user', 'curator', 'federation')),
  base_url text,
  trust_level smallint not null default 5 check (trust_level between 1 and 10),
  license_url text,
  license_status text not null default 'unknown' check (license_status in ('cc0', 'cc-by', 'proprietary', 'unknown')),
  timezone text,
  contact text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- A place or agent is described by the best mention of it: the greatest (described_trust, described_detail,
-- described_at, described_hash). A maximum does not depend on the order of arrival.
create table places (
  id uuid primary key,
  match_key bytea not null unique,
  name text not null check (length(name) between 1 and 500),
  place_type text,
  street_address text,
  locality text,
  region text,
  postal_code text,
  country text,
  latitude double precision check (latitude between -90 and 90),
  longitude double precision check (longitude between -180 and 180),
  point geography (Point, 4326) generated always as (st_setsrid(st_makepoint(longitude, latitude), 4326)::geography) stored,
  url text,
  same_as text[] not null default '{}',
  origin_node_id uuid references federation_nodes,
  federation_uri text unique,
  merged_into_id uuid references places,
  deleted_at timestamptz,
  described_trust smallint not null default 0,
  described_detail smallint not null default 0,
  described_at timestamptz not null default '-infinity',
  described_hash bytea not null default '',
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index places_point on places using gist (point);
create index places_locality on places (lower(locality));
create index places_merged_into on places (merged_into_id) where merged_into_id is not null;
create index places_origin on places (origin_node_id) where origin_node_id is not null;

create table organizations (
  id uuid primary key,
  match_key bytea not null unique,
  name text not null check (length(name) between 1 and 500),
  alternate_names text[] not null default '{}',
  url text,
  same_as text[] not null default '{}',
  origin_node_id uuid references federation_nodes,
  federation_uri text unique,
  merged_into_id uuid references organizations,
  deleted_at timestamptz,
  described_trust smallint not null default 0,
  described_detail smallint not null default 0,
  described_at timestamptz not null default '-infinity',
  described_hash bytea not null default '',
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index organizations_merged_into on organizations (merged_into_id) where merged_into_id is not null;
create index organizations_origin on organizations (origin_node_id) where origin_node_id is not null;

create table persons (like organizations including all);
alter table persons add foreign key (merged_into_id) references persons;
alter table persons add foreign key (origin_node_id) references federation_nodes;

create table events (
  id uuid primary key,
  schema_type text not null default 'Event',
  name text not null check (length(name) between 1 and 500),
  description text check (length(description) <= 10000),
  lifecycle_state text not null check (lifecycle_state in ('draft', 'pending_review', 'published', 'postponed', 'rescheduled',
    'sold_out', 'cancelled', 'completed', 'withdrawn', 'deleted')),
  event_status text check (event_status in ('EventScheduled', 'EventCancelled', 'EventPostponed', 'EventRescheduled', 'EventMovedOnline')),
  attendance_mode text check (attendance_mode in ('OfflineEventAttendanceMode', 'OnlineEventAttendanceMode', 'MixedEventAttendanceMode')),
  organizer_id uuid references organizations,
  organizer_person_id uuid references persons,
  primary_venue_id uuid references places,
  image_url text,
  public_url text,
  virtual_url text,
  keywords text[] not null default '{}',
  in_language text[] not null default '{}',
  is_accessible_for_free boolean,
  accessibility_features text[] not null default '{}',
  event_domain text not null default 'general' check (event_domain in ('arts', 'music', 'culture', 'sports', 'community', 'education', 'general')),
  same_as text[] not null default '{}',
  schedule jsonb,
  offers jsonb,
  price_low numeric(14, 4),
  price_high numeric(14, 4),
  price_currency text check (price_currency ~ '^[A-Z]{3}$'),
  origin_node_id uuid references federation_nodes,
  federation_uri text unique,
  license_url text,
  license_status text not null default 'unknown' check (license_status in ('cc0', 'cc-by', 'proprietary', 'unknown')),
  takedown_at timestamptz,
  takedown_reason text,
  confidence numeric(4, 3) not null default 1 check (confidence between 0 and 1),
  merged_into_id uuid references events,
  deleted_at timestamptz,
  -- bookkeeping, not part of what is shown:
  dedup_key bytea,
  content_hash bytea not null,
  version bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint somewhere check (primary_venue_id is not null or virtual_url is not null),
  constraint one_organizer check (organizer_id is null or organizer_person_id is null),
  constraint deleted_has_time check ((lifecycle_state = 'deleted') = (deleted_at is not null))
);
create index events_dedup on events (dedup_key) where merged_into_id is null and lifecycle_state <> 'deleted';
create index events_venue on events (primary_venue_id);
create index events_organizer on events (organizer_id) where organizer_id is not null;
create index events_organizer_person on events (organizer_person_id) where organizer_person_id is not null;
-- Keywords are asked for without regard to case.
create function folded(words text[]) returns text[] language sql immutable strict parallel safe as $$
  select coalesce(array_agg(lower(word)), '{}') from unnest(words) word
$$;
create index events_keywords on events using gin (folded(keywords));
create index events_merged_into on events (merged_into_id) where merged_into_id is not null;
create index events_origin on events (origin_node_id) where origin_node_id is not null;

-- When an event happens. A date without a time is a date: start_is_date says so, and local_date is that date;
-- start_at is then the local midnight that begins it, for ordering alone, and is never shown.
create table event_occurrences (
  id uuid primary key,
  event_id uuid not null references events on delete cascade,
  sequence_number integer not null default 0,
  start_at timestamptz not null,
  end_at timestamptz,
  door_at timestamptz,
  previous_start_at timestamptz,
  timezone text not null,
  start_is_date boolean not null default false,
  end_is_date boolean not null default false,
  local_date date not null generated always as ((start_at at time zone timezone)::date) stored,
  local_time time not null generated always as ((start_at at time zone timezone)::time) stored,
  iso_weekday smallint not null generated always as (extract(isodow from (start_at at time zone timezone))::smallint) stored,
  local_end_date date generated always as ((end_at at time zone timezone)::date) stored,
  venue_id uuid references places,
  virtual_url text,
  event_status text check (event_status in ('EventScheduled', 'EventCancelled', 'EventPostponed', 'EventRescheduled', 'EventMovedOnline')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (event_id, sequence_number),
  constraint ends_after_start check (end_at >= start_at)
);
create index event_occurrences_start on event_occurrences (start_at, event_id);
create index event_occurrences_local on event_occurrences (local_date, event_id);
create index event_occurrences_venue on event_occurrences (venue_id) where venue_id is not null;

create table event_performers (
  event_id uuid not null references events on delete cascade,
  position integer not null,
  organization_id uuid references organizations,
  person_id uuid references persons,
  role text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (event_id, position),
  check ((organization_id is null) <> (person_id is null))
);
create index event_performers_organization on event_performers (organization_id) where organization_id is not null;
create index event_performers_person on event_performers (person_id) where person_id is not null;
