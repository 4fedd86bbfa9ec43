-- People who are signed in to the admin pages. Neither the cookie nor the key stands here, only their hashes.
create table admin_sessions (
  -- sha-256 of what the cookie holds, 256 random bits
  id bytea primary key,
  -- sha-256 of the key that was signed in with: a session lives as long as its key
  key_hash bytea not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index admin_sessions_expires on admin_sessions (expires_at);
