-- The change feed: a trigger-fed outbox, a dense hashed log, and the head that orders them (docs: FEDERATION.md).
--
-- 1. A statement trigger on every table of an aggregate puts (transaction, entity) into the outbox, once each,
--    always *after* the entity's own row is locked: a later writer of that entity draws a later seq.
-- 2. At commit a deferred trigger fills in the full state, holding a share lock on what the state is made from,
--    so that a rename that commits meanwhile cannot be missed by either side.
-- 3. The sequencer numbers committed rows densely, renders them, appends them to the log (src/feed/sequencer.ts).

create table change_outbox (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),
  entity_kind text not null check (entity_kind in ('event', 'place', 'organization', 'person')),
  entity_id uuid not null,
  state jsonb,
  actor text not null default coalesce(nullif(current_setting('calends.actor', true), ''), 'database'),
  on_behalf_of text default nullif(current_setting('calends.on_behalf_of', true), ''),
  changed_at timestamptz not null default now(),
  -- when the newest record behind an event was observed at its source
  source_timestamp timestamptz,
  unique (xid, entity_id, entity_kind)
);
alter table change_outbox alter column state set storage external;
-- Rows live for milliseconds: vacuum by count, not by share, or every look at the lowest rows wades through dead ones.
alter table change_outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000);

create table event_changes (
  sequence_number bigint primary key,
  entity_kind text not null check (entity_kind in ('event', 'place', 'organization', 'person')),
  entity_id uuid not null,
  uri text not null,
  action text not null check (action in ('create', 'update', 'delete')),
  changed_fields text[] not null default '{}',
  version bigint not null,
  changed_at timestamptz not null,
  published_at timestamptz not null,
  actor text not null,
  on_behalf_of text,
  federation_uri text,
  -- what was shown; null for a tombstone
  state jsonb,
  -- the item as the feed serves it, rendered once
  item text not null,
  hash bytea not null
);
alter table event_changes alter column state set storage external;
alter table event_changes alter column item set storage external;
-- the latest entry of an entity comes first: one step for the sequencer, one ordered pass for a snapshot
create index event_changes_entity on event_changes (entity_id, sequence_number desc);

create table feed_head (
  only_row boolean primary key default true check (only_row),
  epoch text not null,
  position bigint not null default 0,
  hash bytea not null default '',
  system_identifier text not null,
  timeline text not null,
  updated_at timestamptz not null default now()
);

-- Every change of a row grows its version, whoever makes it; a touch (version + 1 and nothing else) is kept as it is.
create function bump_version() returns trigger language plpgsql as $$
declare
  bookkeeping constant text[] := array['version', 'created_at', 'updated_at', 'content_hash', 'dedup_key', 'match_key', 'point',
    'described_trust', 'described_detail', 'described_at', 'described_hash'];
begin
  if new.version = old.version and (to_jsonb(new) - bookkeeping) is distinct from (to_jsonb(old) - bookkeeping) then
    new.version := old.version + 1;
  end if;
  if new.version <> old.version and new.updated_at = old.updated_at then new.updated_at := now(); end if;
  return new;
end $$;
create trigger bump_version before update on events for each row execute function bump_version();
create trigger bump_version before update on places for each row execute function bump_version();
create trigger bump_version before update on organizations for each row execute function bump_version();
create trigger bump_version before update on persons for each row execute function bump_version();

-- Aggregate roots: what is new, what got a new version, what went away.
create function outbox_inserted() returns trigger language plpgsql as $$
begin
  insert into change_outbox (entity_kind, entity_id) select tg_argv[0], id from added order by id
  on conflict (xid, entity_id, entity_kind) do update set state = null where change_outbox.state is not null;
  return null;
end $$;

create function outbox_updated() returns trigger language plpgsql as $$
begin
  -- EXCEPT and not a join: a plan is kept from the first call on, and a nested loop that suits one row takes minutes for 20,000.
  insert into change_outbox (entity_kind, entity_id)
  select tg_argv[0], id from (select id, version from after_update except select id, version from before_update) changed order by id
  on conflict (xid, entity_id, entity_kind) do update set state = null where change_outbox.state is not null;
  return null;
end $$;

do $$
declare
  kinds constant text[][] := array[['events', 'event'], ['places', 'place'], ['organizations', 'organization'], ['persons', 'person']];
  k text[];
begin
  foreach k slice 1 in array kinds loop
    execute format('create trigger outbox_insert after insert on %I referencing new table as added
      for each statement execute function outbox_inserted(%L)', k[1], k[2]);
    execute format('create trigger outbox_update after update on %I referencing old table as before_update new table as after_update
      for each statement execute function outbox_updated(%L)', k[1], k[2]);
  end loop;
end $$;

-- Touch events: lock their rows in the order of ids, grow their versions; their own trigger does the rest.
-- An event that this transaction has put into the outbox already is locked and will be rendered at commit.
-- Plans are kept, and use indexes only: see entity_states.
create function touch_events(ids uuid[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  perform 1 from events e where e.id = any (ids) order by e.id for no key update;
  update events e set version = e.version + 1
  where e.id = any (ids) and not exists (
    select from change_outbox o where o.xid = pg_current_xact_id() and o.entity_id = e.id and o.entity_kind = 'event');
end $$;

-- Parts of an event.
create function touch_by_added() returns trigger language plpgsql as $$
begin perform touch_events(array(select distinct event_id from added)); return null; end $$;
create function touch_by_update() returns trigger language plpgsql as $$
begin
  perform touch_events(array(select event_id from after_update union select event_id from before_update));
  return null;
end $$;
create function touch_by_removed() returns trigger language plpgsql as $$
begin perform touch_events(array(select distinct event_id from removed)); return null; end $$;
create trigger outbox_insert after insert on event_occurrences referencing new table as added for each statement execute function touch_by_added();
create trigger outbox_update after update on event_occurrences referencing old table as before_update new table as after_update
  for each statement execute function touch_by_update();
create trigger outbox_delete after delete on event_occurrences referencing old table as removed for each statement execute function touch_by_removed();
create trigger outbox_insert after insert on event_performers referencing new table as added for each statement execute function touch_by_added();
create trigger outbox_update after update on event_performers referencing old table as before_update new table as after_update
  for each statement execute function touch_by_update();
create trigger outbox_delete after delete on event_performers referencing old table as removed for each statement execute function touch_by_removed();

-- What events show of others: a venue's or an organizer's rename is a change of every event that names it.
create function touch_events_of_places() returns trigger language plpgsql as $$
declare
  changed uuid[] := array(select c.id from (select id, version from after_update except select id, version from before_update) c);
begin
  if cardinality(changed) = 0 then return null; end if;
  perform touch_events(array(
    select e.id from events e where e.primary_venue_id = any (changed) union select x.event_id from event_occurrences x where x.venue_id = any (changed)));
  return null;
end $$;
create function touch_events_of_organizations() returns trigger language plpgsql as $$
declare
  changed uuid[] := array(select c.id from (select id, version from after_update except select id, version from before_update) c);
begin
  if cardinality(changed) = 0 then return null; end if;
  perform touch_events(array(
    select e.id from events e where e.organizer_id = any (changed) union select x.event_id from event_performers x where x.organization_id = any (changed)));
  return null;
end $$;
create function touch_events_of_persons() returns trigger language plpgsql as $$
declare
  changed uuid[] := array(select c.id from (select id, version from after_update except select id, version from before_update) c);
begin
  if cardinality(changed) = 0 then return null; end if;
  perform touch_events(array(
    select e.id from events e where e.organizer_person_id = any (changed) union select x.event_id from event_performers x where x.person_id = any (changed)));
  return null;
end $$;
create function touch_events_of_sources() returns trigger language plpgsql as $$
begin
  perform touch_events(array(
    select r.event_id from event_sources r join after_update n on n.id = r.source_id join before_update o on o.id = n.id
    where r.superseded_at is null
      and (n.name, n.base_url, n.license_url, n.license_status) is distinct from (o.name, o.base_url, o.license_url, o.license_status)));
  return null;
end $$;
create trigger touch_events after update on places referencing old table as before_update new table as after_update
  for each statement execute function touch_events_of_places();
create trigger touch_events after update on organizations referencing old table as before_update new table as after_update
  for each statement execute function touch_events_of_organizations();
create trigger touch_events after update on persons referencing old table as before_update new table as after_update
  for each statement execute function touch_events_of_persons();
create trigger touch_events after update on sources referencing old table as before_update new table as after_update
  for each statement execute function touch_events_of_sources();

-- A merged or removed root leaves through lifecycle_state, deleted_at or merged_into_id; rows are never deleted.
create function refuse_delete() returns trigger language plpgsql as $$
begin
  raise exception '% are never deleted: set deleted_at (and, for an event, lifecycle_state)', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger refuse_delete before delete or truncate on events for each statement execute function refuse_delete();
create trigger refuse_delete before delete or truncate on places for each statement execute function refuse_delete();
create trigger refuse_delete before delete or truncate on organizations for each statement execute function refuse_delete();
create trigger refuse_delete before delete or truncate on persons for each statement execute function refuse_delete();

-- At commit: fill in every state of this transaction at once. The share locks come first and in one order; the
-- statements after them see what any rename that held us up has committed.
-- Plans are kept, and use indexes only: see entity_states.
create function fill_outbox() returns trigger language plpgsql
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
  end if;
  for kind, ids in
    select entity_kind, array_agg(entity_id) from change_outbox where xid = pg_current_xact_id() and state is null group by entity_kind
  loop
    update change_outbox c set state = s.state,
      source_timestamp = case kind when 'event' then
        (select max(r.observed_at) from event_sources r where r.event_id = s.id and r.superseded_at is null) end
    from entity_states(kind, ids) s
    where c.xid = pg_current_xact_id() and c.entity_kind = kind and c.entity_id = s.id;
  end loop;
  return null;
end $$;
create constraint trigger fill_outbox after insert or update of state on change_outbox deferrable initially deferred
  for each row when (new.state is null) execute function fill_outbox();
