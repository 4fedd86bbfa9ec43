-- Sources that the node visits itself: where and how often, what each visit brought, and how well the source does.

create table source_harvests (
  source_id uuid primary key references sources,
  -- ics: a calendar; json-ld: a document, list or feed of events; html: a page with embedded JSON-LD; export: another node's export
  format text not null check (format in ('ics', 'json-ld', 'html', 'export')),
  url text not null check (length(url) <= 2048),
  every_minutes integer not null default 360 check (every_minutes between 5 and 43200),
  -- visits without an event before the source counts as silent about it
  missing_after smallint not null default 3 check (missing_after between 1 and 100),
  enabled boolean not null default true,
  -- of the last answer that was taken in, for conditional requests
  etag text,
  last_modified text,
  body_hash bytea,
  -- by which decoder it was read (registry/prepare.ts): to a later one the same bytes may say something else
  decoder_version smallint,
  -- when that was asked for: of the records those are in it that were seen since then
  taken_at timestamptz,
  -- most of it could be read: what is missing from it is missing indeed
  mostly_read boolean not null default true,
  next_visit_at timestamptz not null,
  -- a visit is under way, until then at the latest: one that was cut off does not hold the source for ever
  visiting_until timestamptz,
  -- a person has said that what is missing is gone indeed
  missing_accepted_at timestamptz,
  -- visits that failed since the last that did not
  failures integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index source_harvests_due on source_harvests (next_visit_at) where enabled;

-- taken: the body was read and applied; unchanged: 304, or the same bytes; failed: no answer, a refusal, or nothing readable in it;
-- disallowed: robots.txt says no; postponed: the host asked us to wait; suspicious: so much is missing that nothing was withdrawn.
create table harvest_visits (
  id uuid primary key,
  source_id uuid not null references sources,
  started_at timestamptz not null,
  finished_at timestamptz,
  outcome text check (outcome in ('taken', 'unchanged', 'failed', 'disallowed', 'postponed', 'suspicious')),
  http_status smallint,
  bytes bigint,
  -- one line, for people
  trouble text,
  run_id uuid references ingest_runs,
  found integer not null default 0,
  created integer not null default 0,
  updated integer not null default 0,
  unchanged integer not null default 0,
  rejected integer not null default 0,
  missing integer not null default 0,
  withdrawn integer not null default 0,
  returned integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ended_with_an_outcome check ((finished_at is null) = (outcome is null))
);
create index harvest_visits_source on harvest_visits (source_id, started_at desc);
create index harvest_visits_started on harvest_visits (started_at);
create index harvest_visits_run on harvest_visits (run_id) where run_id is not null;

-- Visits added up by the hour and by the day; the visits themselves are kept for a while only.
create table harvest_rollups (
  source_id uuid not null references sources,
  period text not null check (period in ('hour', 'day')),
  starts_at timestamptz not null,
  visits integer not null,
  -- without an answer: failed, disallowed, postponed
  failures integer not null,
  -- whose body was read; the others say nothing of how much there is
  readings integer not null,
  found integer not null,
  created integer not null,
  updated integer not null,
  unchanged integer not null,
  rejected integer not null,
  missing integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (source_id, period, starts_at)
);
create index harvest_rollups_age on harvest_rollups (period, starts_at);

-- When a host may be asked again, whichever process asks; and what its robots.txt said.
create table harvest_hosts (
  host text primary key,
  next_request_at timestamptz not null,
  -- between two requests, as its robots.txt asks (Crawl-delay)
  pause_seconds smallint not null default 0 check (pause_seconds between 0 and 60),
  robots text,
  robots_status smallint,
  robots_fetched_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Visits in a row that did not show a record again.
alter table event_sources add missed_visits smallint not null default 0;
-- Superseded by nothing: the source showed it no more, and so it was taken back. Null again when the source does.
alter table event_sources add lapsed_at timestamptz, add constraint lapsed_is_superseded check (lapsed_at is null or superseded_at is not null);
create index event_sources_lapsed on event_sources (source_id) where lapsed_at is not null;

alter table ingest_runs drop constraint ingest_runs_kind_check, add constraint ingest_runs_kind_check check (kind in ('batch', 'import', 'harvest'));
