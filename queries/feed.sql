/* @name lockHead */
-- Whoever holds this row is the sequencer. No row: another one is.
select h.epoch, h.position, encode(h.hash, 'hex') as "hash!", h.updated_at, h.system_identifier, h.timeline,
  s.system_identifier::text as "system_identifier_now!", substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as "timeline_now!"
from feed_head h cross join pg_control_system() s
for no key update of h skip locked;

/* @name awaitHead */
-- As lockHead, but waits for the one that has it.
select h.epoch, h.position, encode(h.hash, 'hex') as "hash!", h.updated_at, h.system_identifier, h.timeline,
  s.system_identifier::text as "system_identifier_now!", substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as "timeline_now!"
from feed_head h cross join pg_control_system() s
for no key update of h;

/* @name hasWork */
-- Something waits, or this is not the database that the head was written in (restored, failed over).
select exists (select from change_outbox) or exists (
  select from feed_head h cross join pg_control_system() s
  where h.system_identifier <> s.system_identifier::text or h.timeline <> substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
) as "has_work!";

/* @name nextOutboxRows */
-- The lowest committed rows. A row that commits later with a lower seq is of another entity: entities are locked first. `nameless`: what an
-- event of another node mentions without a name of its own there.
select seq, entity_kind, entity_id, state as "state!", changed_at, source_timestamp,
  case entity_kind
    when 'place' then exists (select from places p where p.id = entity_id and p.origin_node_id is not null and p.federation_uri is null)
    when 'organization' then exists (select from organizations o where o.id = entity_id and o.origin_node_id is not null and o.federation_uri is null)
    when 'person' then exists (select from persons o where o.id = entity_id and o.origin_node_id is not null and o.federation_uri is null)
    else false
  end as "nameless!"
from change_outbox order by seq limit :limit!;

/* @name lastChanges */
-- What the log said last of each of these entities; the item where it was shown, or where a peer's was taken away: perhaps by us alone.
select e.id as "entity_id!", c.entity_kind as "entity_kind!", case when c.action <> 'delete' or c.federation_uri is not null then c.item end as item
from unnest(:ids!::uuid[]) as e (id)
cross join lateral (
  select l.entity_kind, l.action, l.federation_uri, l.item from event_changes l where l.entity_id = e.id order by l.sequence_number desc limit 1
) c;

/* @name appendChanges */
-- One statement: append in the given order, empty the outbox, move the head, tell the listeners. Full states never leave
-- the server. Texts come joined by line feeds, which no JSON, URI or hex digit holds: an array of 2,000 items would have
-- every quote escaped by the client and unescaped here.
with rendered as (
  select * from rows from (
    unnest(:seqs!::bigint[]), unnest(:versions!::bigint[]), string_to_table(:actions!, chr(10)), string_to_table(:uris!, chr(10)),
    string_to_table(:federationUris!, chr(10)), string_to_table(:changedFields!, chr(10)), string_to_table(:items!, chr(10)),
    string_to_table(:hashes!, chr(10))
  ) with ordinality as r (seq, version, action, uri, federation_uri, changed_fields, item, hash, n)
), appended as (
  insert into event_changes (sequence_number, entity_kind, entity_id, uri, action, changed_fields, version, changed_at, published_at,
    actor, on_behalf_of, federation_uri, state, item, hash)
  select :position!::bigint + r.n, o.entity_kind, o.entity_id, r.uri, r.action, r.changed_fields::text[], r.version, o.changed_at,
    :publishedAt!::timestamptz, o.actor, o.on_behalf_of, nullif(r.federation_uri, ''),
    case when r.action <> 'delete' then o.state - 'statement' end, r.item, decode(r.hash, 'hex')
  from rendered r join change_outbox o on o.seq = r.seq
  returning 1
), emptied as (
  delete from change_outbox where seq = any (:done!::bigint[])
)
update feed_head set position = position + (select count(*) from appended), hash = decode(:hash!, 'hex'), updated_at = :publishedAt!
returning position, pg_notify('calends_feed', epoch || '.' || position) is null as "told!";
