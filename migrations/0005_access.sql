-- Keys, replayable answers, and who did what.

create table api_keys (
  id uuid primary key,
  name text not null check (length(name) between 1 and 200),
  role text not null check (role in ('agent', 'peer', 'admin')),
  source_id uuid references sources,
  -- sha-256 of 256 random bits: nothing to guess, so nothing to stretch
  secret_hash bytea not null unique,
  scopes text[] not null default '{}',
  requests_per_minute integer check (requests_per_minute > 0),
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint an_agent_has_a_source check (role <> 'agent' or source_id is not null)
);
create index api_keys_source on api_keys (source_id) where source_id is not null;

-- The first answer to a request, kept to be given again.
create table idempotency_keys (
  principal text not null,
  idempotency_key text not null check (length(idempotency_key) between 1 and 255),
  request_hash bytea not null,
  status smallint,
  headers jsonb,
  body bytea,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (principal, idempotency_key)
);
create index idempotency_keys_expires on idempotency_keys (expires_at);

create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor text not null,
  on_behalf_of text,
  action text not null,
  entity_kind text,
  entity_id uuid,
  reason text,
  request_id text,
  details jsonb
);
create index audit_log_entity on audit_log (entity_id, at);
create index audit_log_at on audit_log (at);
