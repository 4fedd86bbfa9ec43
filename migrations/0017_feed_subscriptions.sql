-- Feed subscriptions: webhooks for whoever wants to be told of changes, as a nudge or with the changes themselves. What is told is read
-- from the log when it is sent and never kept here: a takedown reaches it too.
create table feed_subscriptions (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  url text not null check (length(url) between 1 and 2000),
  -- 'nudge': that there is something new; 'changes': the changes themselves
  payload text not null check (payload in ('nudge', 'changes')),
  -- as the feed's own filters; null lets everything pass
  action text check (action in ('create', 'update', 'delete')),
  kind text check (kind in ('event', 'place', 'organization', 'person')),
  origin text check (origin in ('self')),
  -- null: made by an admin who holds no key of the table
  owner_key_id uuid references api_keys,
  secret bytea not null,
  -- [{"secret" (base64), "until"}], the newest first: those before, each of which signs beside it until its own time
  previous_secrets jsonb not null default '[]',
  status text not null default 'active' check (status in ('active', 'paused', 'failed')),
  -- up to where the receiver has said that it was told
  epoch text not null,
  position bigint not null check (position >= 0),
  -- the message that is on its way: the same one, under the same id, at every attempt
  message_id uuid,
  message_type text check (message_type in ('feed.nudge', 'feed.changes', 'feed.epoch')),
  message_at timestamptz,
  -- where the receiver stands once it has it
  message_epoch text,
  message_until bigint,
  -- not before; of one that a worker holds: when that worker counts as dead
  next_attempt_at timestamptz not null,
  -- which taking it is: a worker whose time is over is heard no more
  lease bigint not null default 0,
  -- attempts in vain since the last that was not
  failures integer not null default 0,
  last_status smallint,
  last_error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint a_message_is_whole check (num_nonnulls(message_id, message_type, message_at, message_epoch, message_until) in (0, 5))
);
create index feed_subscriptions_owner on feed_subscriptions (owner_key_id, id) where owner_key_id is not null;
create index feed_subscriptions_due on feed_subscriptions (next_attempt_at) where status = 'active';
