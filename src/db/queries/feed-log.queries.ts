/** Types generated for queries found in "queries/feed-log.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

/** 'FeedHead' parameters type */
export type FeedHeadParams = void;

/** 'FeedHead' return type */
export interface FeedHeadResult {
  epoch: string;
  hash: string;
  oldest: number | null;
  position: number;
}

/** 'FeedHead' query type */
export interface FeedHeadQuery {
  params: FeedHeadParams;
  result: FeedHeadResult;
}

const feedHeadIR: any = {"usedParamSet":{},"params":[],"statement":"-- `oldest` is the first position that retention has kept.\nselect epoch, position, encode(hash, 'hex') as \"hash!\", (select min(sequence_number) from event_changes) as oldest from feed_head"};

/**
 * Query generated from SQL:
 * ```
 * -- `oldest` is the first position that retention has kept.
 * select epoch, position, encode(hash, 'hex') as "hash!", (select min(sequence_number) from event_changes) as oldest from feed_head
 * ```
 */
export const feedHead = new PreparedQuery<FeedHeadParams,FeedHeadResult>(feedHeadIR);


/** 'FeedRange' parameters type */
export interface FeedRangeParams {
  since: number;
  until: number;
}

/** 'FeedRange' return type */
export interface FeedRangeResult {
  epoch: string;
  item: string | null;
  oldest: number | null;
  position: number;
}

/** 'FeedRange' query type */
export interface FeedRangeQuery {
  params: FeedRangeParams;
  result: FeedRangeResult;
}

const feedRangeIR: any = {"usedParamSet":{"since":true,"until":true},"params":[{"name":"since","required":true,"transform":{"type":"scalar"},"locs":[{"a":577,"b":583}]},{"name":"until","required":true,"transform":{"type":"scalar"},"locs":[{"a":616,"b":622}]}],"statement":"-- The items after a position, in order, all of one snapshot. Always a row; its item is null where there is none.\n-- Joined here by string_agg they took the server twice as long, and the node three times: one text of 1 MB that holds a\n-- single letter beyond Latin-1 is decoded and encoded two bytes a letter, while most items alone hold none.\nselect h.epoch, h.position, (select min(o.sequence_number) from event_changes o) as oldest, p.item as \"item?\"\nfrom feed_head h left join lateral (\n  select c.sequence_number, c.item\n  from event_changes c\n  where c.sequence_number > :since! and c.sequence_number <= least(:until!::bigint, h.position)\n) p on true\norder by p.sequence_number"};

/**
 * Query generated from SQL:
 * ```
 * -- The items after a position, in order, all of one snapshot. Always a row; its item is null where there is none.
 * -- Joined here by string_agg they took the server twice as long, and the node three times: one text of 1 MB that holds a
 * -- single letter beyond Latin-1 is decoded and encoded two bytes a letter, while most items alone hold none.
 * select h.epoch, h.position, (select min(o.sequence_number) from event_changes o) as oldest, p.item as "item?"
 * from feed_head h left join lateral (
 *   select c.sequence_number, c.item
 *   from event_changes c
 *   where c.sequence_number > :since! and c.sequence_number <= least(:until!::bigint, h.position)
 * ) p on true
 * order by p.sequence_number
 * ```
 */
export const feedRange = new PreparedQuery<FeedRangeParams,FeedRangeResult>(feedRangeIR);


/** 'FeedScan' parameters type */
export interface FeedScanParams {
  action?: string | null | void;
  kind?: string | null | void;
  limit: number;
  own: boolean;
  since: number;
  until: number;
}

/** 'FeedScan' return type */
export interface FeedScanResult {
  action: string | null;
  epoch: string;
  item: string | null;
  oldest: number | null;
  position: number;
  sequence_number: number | null;
}

/** 'FeedScan' query type */
export interface FeedScanQuery {
  params: FeedScanParams;
  result: FeedScanResult;
}

const feedScanIR: any = {"usedParamSet":{"since":true,"until":true,"action":true,"kind":true,"own":true,"limit":true},"params":[{"name":"since","required":true,"transform":{"type":"scalar"},"locs":[{"a":426,"b":432}]},{"name":"until","required":true,"transform":{"type":"scalar"},"locs":[{"a":465,"b":471}]},{"name":"action","required":false,"transform":{"type":"scalar"},"locs":[{"a":503,"b":509},{"a":539,"b":545}]},{"name":"kind","required":false,"transform":{"type":"scalar"},"locs":[{"a":557,"b":561},{"a":596,"b":600}]},{"name":"own","required":true,"transform":{"type":"scalar"},"locs":[{"a":616,"b":620}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":695,"b":701}]}],"statement":"-- The items after a position that pass the filters, `limit` at most, looking no further than `until`. Always a row.\nselect h.epoch, h.position, (select min(o.sequence_number) from event_changes o) as oldest,\n  p.sequence_number as \"sequence_number?\", p.action as \"action?\", p.item as \"item?\"\nfrom feed_head h left join lateral (\n  select c.sequence_number, c.action, c.item\n  from event_changes c\n  where c.sequence_number > :since! and c.sequence_number <= least(:until!::bigint, h.position)\n    and (:action::text is null or c.action = :action)\n    and (:kind::text is null or c.entity_kind = :kind)\n    and (not :own!::boolean or c.federation_uri is null)\n  order by c.sequence_number limit :limit!\n) p on true\norder by p.sequence_number"};

/**
 * Query generated from SQL:
 * ```
 * -- The items after a position that pass the filters, `limit` at most, looking no further than `until`. Always a row.
 * select h.epoch, h.position, (select min(o.sequence_number) from event_changes o) as oldest,
 *   p.sequence_number as "sequence_number?", p.action as "action?", p.item as "item?"
 * from feed_head h left join lateral (
 *   select c.sequence_number, c.action, c.item
 *   from event_changes c
 *   where c.sequence_number > :since! and c.sequence_number <= least(:until!::bigint, h.position)
 *     and (:action::text is null or c.action = :action)
 *     and (:kind::text is null or c.entity_kind = :kind)
 *     and (not :own!::boolean or c.federation_uri is null)
 *   order by c.sequence_number limit :limit!
 * ) p on true
 * order by p.sequence_number
 * ```
 */
export const feedScan = new PreparedQuery<FeedScanParams,FeedScanResult>(feedScanIR);


/** 'CurrentEntities' parameters type */
export interface CurrentEntitiesParams {
  after: string;
  limit: number;
  position: number;
}

/** 'CurrentEntities' return type */
export interface CurrentEntitiesResult {
  action: string;
  entity_id: string;
  entity_kind: string;
  item: string | null;
  sequence_number: number;
  uri: string;
  version: number;
}

/** 'CurrentEntities' query type */
export interface CurrentEntitiesQuery {
  params: CurrentEntitiesParams;
  result: CurrentEntitiesResult;
}

const currentEntitiesIR: any = {"usedParamSet":{"after":true,"position":true,"limit":true},"params":[{"name":"after","required":true,"transform":{"type":"scalar"},"locs":[{"a":416,"b":422}]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[{"a":447,"b":456}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":505,"b":511}]}],"statement":"-- By entity, what the log said last of it at or before a position; the next `limit` entities after one. The item also where an\n-- entity of a peer is gone: who reads it here must hear of that from us.\nselect distinct on (entity_id) entity_id, entity_kind, sequence_number, version, uri, action,\n  case when action <> 'delete' or federation_uri is not null then item end as item\nfrom event_changes\nwhere entity_id > :after! and sequence_number <= :position!\norder by entity_id, sequence_number desc\nlimit :limit!"};

/**
 * Query generated from SQL:
 * ```
 * -- By entity, what the log said last of it at or before a position; the next `limit` entities after one. The item also where an
 * -- entity of a peer is gone: who reads it here must hear of that from us.
 * select distinct on (entity_id) entity_id, entity_kind, sequence_number, version, uri, action,
 *   case when action <> 'delete' or federation_uri is not null then item end as item
 * from event_changes
 * where entity_id > :after! and sequence_number <= :position!
 * order by entity_id, sequence_number desc
 * limit :limit!
 * ```
 */
export const currentEntities = new PreparedQuery<CurrentEntitiesParams,CurrentEntitiesResult>(currentEntitiesIR);


/** 'CountShownEntities' parameters type */
export interface CountShownEntitiesParams {
  after: string;
  limit: number;
  position: number;
}

/** 'CountShownEntities' return type */
export interface CountShownEntitiesResult {
  gone: number;
  last: string | null;
  scanned: number;
  shown: number;
}

/** 'CountShownEntities' query type */
export interface CountShownEntitiesQuery {
  params: CountShownEntitiesParams;
  result: CountShownEntitiesResult;
}

const countShownEntitiesIR: any = {"usedParamSet":{"after":true,"position":true,"limit":true},"params":[{"name":"after","required":true,"transform":{"type":"scalar"},"locs":[{"a":699,"b":705}]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[{"a":730,"b":739}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":792,"b":798}]}],"statement":"-- Of the next `limit` entities after one: how many are shown at a position, how many of peers their origins say are gone, how many there\n-- are, and the last. What stands before an item's digest is ours: no text of the origin's can hold the mark there.\nselect count(*) filter (where latest.action <> 'delete') as \"shown!\", count(*) filter (where latest.gone) as \"gone!\",\n  count(*) as \"scanned!\", (array_agg(latest.entity_id order by latest.entity_id desc))[1] as last\nfrom (\n  select distinct on (entity_id) entity_id, action,\n    action = 'delete' and federation_uri is not null and split_part(item, ',\"digest\":', 1) not like '%,\"withheld\":true}' as gone\n  from event_changes\n  where entity_id > :after! and sequence_number <= :position!\n  order by entity_id, sequence_number desc\n  limit :limit!\n) latest"};

/**
 * Query generated from SQL:
 * ```
 * -- Of the next `limit` entities after one: how many are shown at a position, how many of peers their origins say are gone, how many there
 * -- are, and the last. What stands before an item's digest is ours: no text of the origin's can hold the mark there.
 * select count(*) filter (where latest.action <> 'delete') as "shown!", count(*) filter (where latest.gone) as "gone!",
 *   count(*) as "scanned!", (array_agg(latest.entity_id order by latest.entity_id desc))[1] as last
 * from (
 *   select distinct on (entity_id) entity_id, action,
 *     action = 'delete' and federation_uri is not null and split_part(item, ',"digest":', 1) not like '%,"withheld":true}' as gone
 *   from event_changes
 *   where entity_id > :after! and sequence_number <= :position!
 *   order by entity_id, sequence_number desc
 *   limit :limit!
 * ) latest
 * ```
 */
export const countShownEntities = new PreparedQuery<CountShownEntitiesParams,CountShownEntitiesResult>(countShownEntitiesIR);


/** 'ItemsOfEntity' parameters type */
export interface ItemsOfEntityParams {
  id: string;
  kind: string;
}

/** 'ItemsOfEntity' return type */
export interface ItemsOfEntityResult {
  action: string;
  item: string;
  sequence_number: number;
  state: unknown | null;
}

/** 'ItemsOfEntity' query type */
export interface ItemsOfEntityQuery {
  params: ItemsOfEntityParams;
  result: ItemsOfEntityResult;
}

const itemsOfEntityIR: any = {"usedParamSet":{"id":true,"kind":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[{"a":81,"b":84}]},{"name":"kind","required":true,"transform":{"type":"scalar"},"locs":[{"a":104,"b":109}]}],"statement":"select sequence_number, action, item, state from event_changes where entity_id = :id! and entity_kind = :kind! order by sequence_number for update"};

/**
 * Query generated from SQL:
 * ```
 * select sequence_number, action, item, state from event_changes where entity_id = :id! and entity_kind = :kind! order by sequence_number for update
 * ```
 */
export const itemsOfEntity = new PreparedQuery<ItemsOfEntityParams,ItemsOfEntityResult>(itemsOfEntityIR);


/** 'ReplaceItem' parameters type */
export interface ReplaceItemParams {
  item: string;
  position: number;
  state?: unknown | null | void;
}

/** 'ReplaceItem' return type */
export type ReplaceItemResult = void;

/** 'ReplaceItem' query type */
export interface ReplaceItemQuery {
  params: ReplaceItemParams;
  result: ReplaceItemResult;
}

const replaceItemIR: any = {"usedParamSet":{"item":true,"state":true,"position":true},"params":[{"name":"item","required":true,"transform":{"type":"scalar"},"locs":[{"a":32,"b":37}]},{"name":"state","required":false,"transform":{"type":"scalar"},"locs":[{"a":48,"b":53}]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[{"a":79,"b":88}]}],"statement":"update event_changes set item = :item!, state = :state where sequence_number = :position!"};

/**
 * Query generated from SQL:
 * ```
 * update event_changes set item = :item!, state = :state where sequence_number = :position!
 * ```
 */
export const replaceItem = new PreparedQuery<ReplaceItemParams,ReplaceItemResult>(replaceItemIR);


/** 'TellFeed' parameters type */
export interface TellFeedParams {
  payload: string;
}

/** 'TellFeed' return type */
export interface TellFeedResult {
  told: boolean;
}

/** 'TellFeed' query type */
export interface TellFeedQuery {
  params: TellFeedParams;
  result: TellFeedResult;
}

const tellFeedIR: any = {"usedParamSet":{"payload":true},"params":[{"name":"payload","required":true,"transform":{"type":"scalar"},"locs":[{"a":33,"b":41}]}],"statement":"select pg_notify('calends_feed', :payload!) is null as \"told!\""};

/**
 * Query generated from SQL:
 * ```
 * select pg_notify('calends_feed', :payload!) is null as "told!"
 * ```
 */
export const tellFeed = new PreparedQuery<TellFeedParams,TellFeedResult>(tellFeedIR);


