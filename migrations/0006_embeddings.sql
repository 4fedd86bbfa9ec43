-- Vectors for search by meaning: which model made them, one vector an event and model, and what waits to be embedded.

-- One model serves; while a new one is built the old one goes on serving, and a retired one's vectors are removed.
create table embedding_models (
  id integer generated always as identity primary key,
  provider text not null,
  model text not null,
  dimensions integer not null check (dimensions between 1 and 4000),
  version text not null,
  -- What makes this embedder again (the value of EMBEDDINGS); never a secret.
  config text not null,
  status text not null default 'building' check (status in ('building', 'serving', 'retired')),
  created_at timestamptz not null default now(),
  unique (provider, model, dimensions, version)
);
create unique index embedding_models_one_serving on embedding_models (status) where status = 'serving';
create unique index embedding_models_one_building on embedding_models (status) where status = 'building';

-- The HNSW index is one partial expression index a model, made by src/db/embeddings.ts: its cast needs the model's dimensions.
create table event_embeddings (
  event_id uuid not null references events on delete cascade,
  model_id integer not null references embedding_models,
  -- sha-256 of the text that was embedded: the same text is not embedded again.
  source_hash bytea not null,
  embedding halfvec not null,
  created_at timestamptz not null default now(),
  primary key (event_id, model_id)
);
create index event_embeddings_model on event_embeddings (model_id, event_id);
-- In the row as long as it fits: an exact scan reads every vector, and fetching each from the side costs twice that.
alter table event_embeddings alter embedding set storage main;

-- Events whose text may have changed. No foreign key: an event that is gone is queued too, so that its vectors go.
-- The ticket changes whenever an event is queued again or taken by a worker: only the holder of the present one writes.
create table embedding_queue (
  event_id uuid primary key,
  ticket bigint generated always as identity,
  queued_at timestamptz not null default now(),
  taken_until timestamptz
);

-- queue_embeddings(ids): called by index_events at commit. In order of id, so that two writers never wait in a circle.
create function queue_embeddings(ids uuid[]) returns void language sql as $$
  insert into embedding_queue as q (event_id) select distinct id from unnest(ids) id order by id
  on conflict (event_id) do update set ticket = default, taken_until = null
$$;
