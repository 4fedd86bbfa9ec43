-- Saved searches: any search under a name that nobody can guess, read as a feed, or told to a webhook.
create table saved_searches (
  -- 48 bits of time and 80 random ones: whoever has the id may read the feed
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  -- the search as a canonical query string, without limit and after
  query text not null check (length(query) <= 8000),
  -- null: made by an admin who holds no key of the table
  owner_key_id uuid references api_keys,
  webhook_url text check (length(webhook_url) <= 2000),
  -- an HMAC needs the secret itself; the previous one signs too until its time is over
  webhook_secret bytea,
  secret_previous bytea,
  secret_previous_until timestamptz,
  status text not null default 'active' check (status in ('active', 'paused', 'failed')),
  -- position of the feed up to which the webhook's matches were looked for
  seen bigint not null default 0,
  -- attempts that failed since the last that did not
  failures integer not null default 0,
  last_error text,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint a_webhook_has_a_secret check ((webhook_url is null) = (webhook_secret is null)),
  constraint a_previous_secret_ends check ((secret_previous is null) = (secret_previous_until is null))
);
create index saved_searches_owner on saved_searches (owner_key_id, id) where owner_key_id is not null;
create index saved_searches_hooked on saved_searches (seen, id) where webhook_url is not null and deleted_at is null and status = 'active';

-- What a webhook was told of: an event is new to it once.
create table saved_search_matches (
  search_id uuid not null references saved_searches on delete cascade,
  event_id uuid not null references events on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (search_id, event_id)
);
create index saved_search_matches_event on saved_search_matches (event_id);

create table webhook_deliveries (
  -- goes out as webhook-id, the same at every attempt: a receiver knows a second one by it
  id uuid primary key,
  search_id uuid not null references saved_searches on delete cascade,
  -- the bytes that are signed and sent
  body text not null,
  event_ids uuid[] not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
  attempts integer not null default 0,
  -- of one that is being sent: when its sender counts as dead
  next_attempt_at timestamptz not null,
  last_status smallint,
  last_error text,
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint finished_has_time check ((status = 'pending') = (finished_at is null))
);
create index webhook_deliveries_due on webhook_deliveries (next_attempt_at) where status = 'pending';
create index webhook_deliveries_search on webhook_deliveries (search_id, id);
create index webhook_deliveries_finished on webhook_deliveries (finished_at) where status <> 'pending';
