-- The relay to NATS JetStream: how far each stream goes, as the process with the role `relay` said it last. What decides is the stream's own
-- last message; this row is for people (metrics, doctor), and for a stream that has lost all its messages to its own limits.
create table stream_relays (
  stream text primary key,
  -- when the broker made it; another time means another stream of the same name
  made_at text not null default '',
  -- of the feed: the last change that the stream has
  epoch text not null default '',
  position bigint not null default 0,
  -- of the stream: the sequence of that change's message
  sequence bigint not null default 0,
  -- why nothing can be told now, and since when; null while all is well
  blocked_by text,
  blocked_since timestamptz,
  told_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((blocked_by is null) = (blocked_since is null))
);
