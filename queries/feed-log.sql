/* @name feedHead */
-- `oldest` is the first position that retention has kept.
select epoch, position, encode(hash, 'hex') as "hash!", (select min(sequence_number) from event_changes) as oldest from feed_head;

/* @name feedRange */
-- The items after a position, in order, all of one snapshot. Always a row; its item is null where there is none.
-- Joined here by string_agg they took the server twice as long, and the node three times: one text of 1 MB that holds a
-- single letter beyond Latin-1 is decoded and encoded two bytes a letter, while most items alone hold none.
select h.epoch, h.position, (select min(o.sequence_number) from event_changes o) as oldest, p.item as "item?"
from feed_head h left join lateral (
  select c.sequence_number, c.item
  from event_changes c
  where c.sequence_number > :since! and c.sequence_number <= least(:until!::bigint, h.position)
) p on true
order by p.sequence_number;

/* @name feedScan */
-- The items after a position that pass the filters, `limit` at most, looking no further than `until`. Always a row.
select h.epoch, h.position, (select min(o.sequence_number) from event_changes o) as oldest,
  p.sequence_number as "sequence_number?", p.action as "action?", p.item as "item?"
from feed_head h left join lateral (
  select c.sequence_number, c.action, c.item
  from event_changes c
  where c.sequence_number > :since! and c.sequence_number <= least(:until!::bigint, h.position)
    and (:action::text is null or c.action = :action)
    and (:kind::text is null or c.entity_kind = :kind)
    and (not :own!::boolean or c.federation_uri is null)
  order by c.sequence_number limit :limit!
) p on true
order by p.sequence_number;

/* @name currentEntities */
-- By entity, what the log said last of it at or before a position; the next `limit` entities after one. The item also where an
-- entity of a peer is gone: who reads it here must hear of that from us.
select distinct on (entity_id) entity_id, entity_kind, sequence_number, version, uri, action,
  case when action <> 'delete' or federation_uri is not null then item end as item
from event_changes
where entity_id > :after! and sequence_number <= :position!
order by entity_id, sequence_number desc
limit :limit!;

/* @name countShownEntities */
-- Of the next `limit` entities after one: how many are shown at a position, how many of peers their origins say are gone, how many there
-- are, and the last. What stands before an item's digest is ours: no text of the origin's can hold the mark there.
select count(*) filter (where latest.action <> 'delete') as "shown!", count(*) filter (where latest.gone) as "gone!",
  count(*) as "scanned!", (array_agg(latest.entity_id order by latest.entity_id desc))[1] as last
from (
  select distinct on (entity_id) entity_id, action,
    action = 'delete' and federation_uri is not null and split_part(item, ',"digest":', 1) not like '%,"withheld":true}' as gone
  from event_changes
  where entity_id > :after! and sequence_number <= :position!
  order by entity_id, sequence_number desc
  limit :limit!
) latest;

/* @name itemsOfEntity */
select sequence_number, action, item, state from event_changes where entity_id = :id! and entity_kind = :kind! order by sequence_number for update;

/* @name replaceItem */
update event_changes set item = :item!, state = :state where sequence_number = :position!;

/* @name tellFeed */
select pg_notify('calends_feed', :payload!) is null as "told!";
