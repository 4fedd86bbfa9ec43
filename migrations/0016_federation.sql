-- Federation: peers that this node pulls from, what origins say of their own entities, and how each pull went.

-- A node that we pull from, push to, or only know as the origin of what a relay told ('none').
alter table federation_nodes drop constraint federation_nodes_direction_check;
alter table federation_nodes
  add constraint federation_nodes_direction_check check (direction in ('pull', 'push', 'both', 'none')),
  -- in whose name its entities speak here
  add column source_id uuid references sources,
  -- the relay that told of it first; null for a node that a person made a peer
  add column named_by uuid references federation_nodes,
  -- may tell of entities of other origins, with their custody
  add column relay boolean not null default false,
  -- {"bbox": [west, south, east, north], "domains": [...], "origins": [...]}; an empty object lets everything pass
  add column filters jsonb not null default '{}',
  -- the bearer key that it gave us
  add column access_key text,
  -- its address was not public when a person added it, which allows such addresses for it; nobody's DNS can make that true later
  add column private_address boolean not null default false,
  add column every_seconds integer not null default 300 check (every_seconds between 10 and 86400),
  -- how a first copy is made: from its snapshot, from its closed pages, or by its feed alone
  add column bootstrap_by text not null default 'snapshot' check (bootstrap_by in ('snapshot', 'pages', 'feed')),
  -- 'calends' speaks epochs, digests and hashes; 'sel' only what the SEL profile asks for
  add column dialect text not null default 'calends' check (dialect in ('calends', 'sel')),
  -- /.well-known/sel-profile as it was read last
  add column profile jsonb,
  add column profile_at timestamptz,
  -- of how many entities it told first, as a peer: it may fill this node so far and no further (domain/peer.ts, MOST_ENTITIES)
  add column told bigint not null default 0,
  -- where we stand in its feed: the cursor that comes next, and of which item it is
  add column cursor text,
  add column epoch text,
  add column position bigint not null default 0,
  -- of the item at that position, hex; null where it is not known
  add column hash text,
  -- a copy under way (domain/peer.ts, BootstrapPlan)
  add column bootstrap jsonb,
  -- how far its feed goes, as far as we heard
  add column head bigint,
  add column head_at timestamptz,
  add column next_pull_at timestamptz,
  add column pulled_at timestamptz,
  add column succeeded_at timestamptz,
  -- since when we have been behind its head; null while we are not
  add column behind_since timestamptz,
  -- pulls that failed since the last that did not
  add column failures integer not null default 0,
  add column last_error text,
  -- a code of domain/peer.ts (ALARMS): the peer is 'broken' until a person has looked
  add column alarm text,
  add column alarm_detail text,
  add column alarm_at timestamptz;
create index federation_nodes_due on federation_nodes (next_pull_at) where status = 'active' and direction in ('pull', 'both');
create index federation_nodes_named_by on federation_nodes (named_by) where named_by is not null;
create index federation_nodes_source on federation_nodes (source_id) where source_id is not null;

-- What an origin said last of each of its entities, as it said it: the document that a relay passes on, and the version that decides.
create table federation_statements (
  uri text primary key,
  entity_kind text not null check (entity_kind in ('event', 'place', 'organization', 'person')),
  -- the entity here; null for one that was gone before it was ever shown, or that could not be read
  entity_id uuid,
  -- without an entity here: under which id our feed told that it is gone; the entity's own, should it come to be shown
  told_id uuid,
  origin_node_id uuid not null references federation_nodes,
  -- the peer that told us
  via_node_id uuid not null references federation_nodes,
  -- bases of the nodes between the origin and us, in the order of travel; empty when the origin told us itself
  hops text[] not null default '{}',
  -- of the origin's feed
  epoch text not null default '',
  position bigint not null,
  version bigint,
  gone boolean not null,
  -- canonical JSON (RFC 8785) of the snapshot or tombstone
  document text not null,
  -- hex sha-256 of the document as the origin wrote it
  digest text not null,
  -- texts or images were taken out of the document, here or on its way
  redacted boolean not null default false,
  -- gone by our own filters: no word of the origin's, and the document is what they hold back
  withheld boolean not null default false,
  -- of a series that its origin has split: the events of the same origin that the document names (sel:continues, sel:continuedBy); beside
  -- the document, because either half may be heard first and either alone may name the other
  continues text,
  continued_by text,
  -- the copy (bootstrap) in which it was last met
  met_in uuid,
  received_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table federation_statements alter column document set storage external;
create unique index federation_statements_entity on federation_statements (entity_id) where entity_id is not null;
create index federation_statements_origin on federation_statements (origin_node_id, uri) where not gone;
create index federation_statements_via on federation_statements (via_node_id);
create index federation_statements_continues on federation_statements (continues) where continues is not null;
create index federation_statements_continued_by on federation_statements (continued_by) where continued_by is not null;
-- what is held of a peer is counted from here, without reading a document
create index federation_statements_counts on federation_statements (origin_node_id, entity_kind, gone);

-- Each pull, copy or push: what came of it.
create table federation_sync_log (
  id uuid primary key,
  node_id uuid not null references federation_nodes,
  kind text not null check (kind in ('pull', 'bootstrap', 'resync', 'push')),
  outcome text not null check (outcome in ('running', 'applied', 'unchanged', 'failed', 'alarm')),
  started_at timestamptz not null,
  finished_at timestamptz,
  from_position bigint,
  to_position bigint,
  pages integer not null default 0,
  applied integer not null default 0,
  -- known already, older than what is held, or held back by our own filters
  passed_over integer not null default 0,
  deleted integer not null default 0,
  refused integer not null default 0,
  -- what went wrong, or what a foreign feed does not tell, in words
  detail text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index federation_sync_log_node on federation_sync_log (node_id, id desc);

-- What was not let in, and why; the same again is counted.
create table federation_refusals (
  id uuid primary key,
  node_id uuid not null references federation_nodes,
  -- a code of domain/custody.ts (REFUSALS)
  reason text not null,
  uri text not null check (length(uri) <= 2048),
  position bigint,
  detail text not null,
  -- the first 2,000 characters of the item
  item text,
  times bigint not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (node_id, reason, uri)
);
create index federation_refusals_recent on federation_refusals (node_id, last_at desc);

-- What was ever one with an event, also where that was undone, is looked for with each text that an origin takes back.
create index entity_merges_ever_kept on entity_merges (kept_id);
create index entity_merges_ever_gone on entity_merges (gone_id);

-- Until then no peer's word takes texts out of the log: a snapshot is being made, which such words have undone again and again.
alter table feed_head add still_until timestamptz;

-- At commit: as in 0007; of what came from a peer the outbox also holds what its origin says, which is what the feed passes on.
create or replace function fill_outbox() returns trigger language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  kind text;
  ids uuid[];
begin
  if not exists (select from change_outbox where seq = new.seq and state is null) then return null; end if;
  select array_agg(entity_id) into ids from change_outbox
  where xid = pg_current_xact_id() and entity_kind = 'event' and state is null;
  if ids is not null then
    perform 1 from places p where p.id in (select e.primary_venue_id from events e where e.id = any (ids)
      union select x.venue_id from event_occurrences x where x.event_id = any (ids)) order by p.id for share;
    perform 1 from organizations o where o.id in (select e.organizer_id from events e where e.id = any (ids)
      union select x.organization_id from event_performers x where x.event_id = any (ids)) order by o.id for share;
    perform 1 from persons o where o.id in (select e.organizer_person_id from events e where e.id = any (ids)
      union select x.person_id from event_performers x where x.event_id = any (ids)) order by o.id for share;
    perform index_events(ids);
  end if;
  for kind, ids in
    select entity_kind, array_agg(entity_id) from change_outbox where xid = pg_current_xact_id() and state is null group by entity_kind
  loop
    update change_outbox c set state = s.state || coalesce((
        select jsonb_build_object('statement', jsonb_build_object('node', n.base_url, 'hops', t.hops, 'epoch', t.epoch, 'position', t.position,
          'gone', t.gone, 'withheld', t.withheld, 'redacted', t.redacted, 'document', t.document) || case when t.version is null then '{}' else jsonb_build_object('version', t.version) end)
        from federation_statements t join federation_nodes n on n.id = t.origin_node_id where t.entity_id = s.id), '{}'),
      source_timestamp = case kind when 'event' then
        (select max(r.observed_at) from event_sources r where r.event_id = s.id and r.superseded_at is null) end
    from entity_states(kind, ids) s
    where c.xid = pg_current_xact_id() and c.entity_kind = kind and c.entity_id = s.id;
  end loop;
  return null;
end $$;
