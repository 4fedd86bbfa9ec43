/** Types generated for queries found in "queries/feed.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'LockHead' parameters type */
export type LockHeadParams = void;

/** 'LockHead' return type */
export interface LockHeadResult {
  epoch: string;
  hash: string;
  position: number;
  system_identifier: string;
  system_identifier_now: string;
  timeline: string;
  timeline_now: string;
  updated_at: Date;
}

/** 'LockHead' query type */
export interface LockHeadQuery {
  params: LockHeadParams;
  result: LockHeadResult;
}

const lockHeadIR: any = {"usedParamSet":{},"params":[],"statement":"-- Whoever holds this row is the sequencer. No row: another one is.\nselect h.epoch, h.position, encode(h.hash, 'hex') as \"hash!\", h.updated_at, h.system_identifier, h.timeline,\n  s.system_identifier::text as \"system_identifier_now!\", substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as \"timeline_now!\"\nfrom feed_head h cross join pg_control_system() s\nfor no key update of h skip locked"};

/**
 * Query generated from SQL:
 * ```
 * -- Whoever holds this row is the sequencer. No row: another one is.
 * select h.epoch, h.position, encode(h.hash, 'hex') as "hash!", h.updated_at, h.system_identifier, h.timeline,
 *   s.system_identifier::text as "system_identifier_now!", substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as "timeline_now!"
 * from feed_head h cross join pg_control_system() s
 * for no key update of h skip locked
 * ```
 */
export const lockHead = new PreparedQuery<LockHeadParams,LockHeadResult>(lockHeadIR);


/** 'AwaitHead' parameters type */
export type AwaitHeadParams = void;

/** 'AwaitHead' return type */
export interface AwaitHeadResult {
  epoch: string;
  hash: string;
  position: number;
  system_identifier: string;
  system_identifier_now: string;
  timeline: string;
  timeline_now: string;
  updated_at: Date;
}

/** 'AwaitHead' query type */
export interface AwaitHeadQuery {
  params: AwaitHeadParams;
  result: AwaitHeadResult;
}

const awaitHeadIR: any = {"usedParamSet":{},"params":[],"statement":"-- As lockHead, but waits for the one that has it.\nselect h.epoch, h.position, encode(h.hash, 'hex') as \"hash!\", h.updated_at, h.system_identifier, h.timeline,\n  s.system_identifier::text as \"system_identifier_now!\", substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as \"timeline_now!\"\nfrom feed_head h cross join pg_control_system() s\nfor no key update of h"};

/**
 * Query generated from SQL:
 * ```
 * -- As lockHead, but waits for the one that has it.
 * select h.epoch, h.position, encode(h.hash, 'hex') as "hash!", h.updated_at, h.system_identifier, h.timeline,
 *   s.system_identifier::text as "system_identifier_now!", substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as "timeline_now!"
 * from feed_head h cross join pg_control_system() s
 * for no key update of h
 * ```
 */
export const awaitHead = new PreparedQuery<AwaitHeadParams,AwaitHeadResult>(awaitHeadIR);


/** 'HasWork' parameters type */
export type HasWorkParams = void;

/** 'HasWork' return type */
export interface HasWorkResult {
  has_work: boolean;
}

/** 'HasWork' query type */
export interface HasWorkQuery {
  params: HasWorkParams;
  result: HasWorkResult;
}

const hasWorkIR: any = {"usedParamSet":{},"params":[],"statement":"-- Something waits, or this is not the database that the head was written in (restored, failed over).\nselect exists (select from change_outbox) or exists (\n  select from feed_head h cross join pg_control_system() s\n  where h.system_identifier <> s.system_identifier::text or h.timeline <> substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)\n) as \"has_work!\""};

/**
 * Query generated from SQL:
 * ```
 * -- Something waits, or this is not the database that the head was written in (restored, failed over).
 * select exists (select from change_outbox) or exists (
 *   select from feed_head h cross join pg_control_system() s
 *   where h.system_identifier <> s.system_identifier::text or h.timeline <> substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
 * ) as "has_work!"
 * ```
 */
export const hasWork = new PreparedQuery<HasWorkParams,HasWorkResult>(hasWorkIR);


/** 'NextOutboxRows' parameters type */
export interface NextOutboxRowsParams {
  limit: number;
}

/** 'NextOutboxRows' return type */
export interface NextOutboxRowsResult {
  changed_at: Date;
  entity_id: string;
  entity_kind: string;
  nameless: boolean;
  seq: number;
  source_timestamp: Date | null;
  state: unknown;
}

/** 'NextOutboxRows' query type */
export interface NextOutboxRowsQuery {
  params: NextOutboxRowsParams;
  result: NextOutboxRowsResult;
}

const nextOutboxRowsIR: any = {"usedParamSet":{"limit":true},"params":[{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":813,"b":819}]}],"statement":"-- The lowest committed rows. A row that commits later with a lower seq is of another entity: entities are locked first. `nameless`: what an\n-- event of another node mentions without a name of its own there.\nselect seq, entity_kind, entity_id, state as \"state!\", changed_at, source_timestamp,\n  case entity_kind\n    when 'place' then exists (select from places p where p.id = entity_id and p.origin_node_id is not null and p.federation_uri is null)\n    when 'organization' then exists (select from organizations o where o.id = entity_id and o.origin_node_id is not null and o.federation_uri is null)\n    when 'person' then exists (select from persons o where o.id = entity_id and o.origin_node_id is not null and o.federation_uri is null)\n    else false\n  end as \"nameless!\"\nfrom change_outbox order by seq limit :limit!"};

/**
 * Query generated from SQL:
 * ```
 * -- The lowest committed rows. A row that commits later with a lower seq is of another entity: entities are locked first. `nameless`: what an
 * -- event of another node mentions without a name of its own there.
 * select seq, entity_kind, entity_id, state as "state!", changed_at, source_timestamp,
 *   case entity_kind
 *     when 'place' then exists (select from places p where p.id = entity_id and p.origin_node_id is not null and p.federation_uri is null)
 *     when 'organization' then exists (select from organizations o where o.id = entity_id and o.origin_node_id is not null and o.federation_uri is null)
 *     when 'person' then exists (select from persons o where o.id = entity_id and o.origin_node_id is not null and o.federation_uri is null)
 *     else false
 *   end as "nameless!"
 * from change_outbox order by seq limit :limit!
 * ```
 */
export const nextOutboxRows = new PreparedQuery<NextOutboxRowsParams,NextOutboxRowsResult>(nextOutboxRowsIR);


/** 'LastChanges' parameters type */
export interface LastChangesParams {
  ids: stringArray;
}

/** 'LastChanges' return type */
export interface LastChangesResult {
  entity_id: string;
  entity_kind: string;
  item: string | null;
}

/** 'LastChanges' query type */
export interface LastChangesQuery {
  params: LastChangesParams;
  result: LastChangesResult;
}

const lastChangesIR: any = {"usedParamSet":{"ids":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":298,"b":302}]}],"statement":"-- What the log said last of each of these entities; the item where it was shown, or where a peer's was taken away: perhaps by us alone.\nselect e.id as \"entity_id!\", c.entity_kind as \"entity_kind!\", case when c.action <> 'delete' or c.federation_uri is not null then c.item end as item\nfrom unnest(:ids!::uuid[]) as e (id)\ncross join lateral (\n  select l.entity_kind, l.action, l.federation_uri, l.item from event_changes l where l.entity_id = e.id order by l.sequence_number desc limit 1\n) c"};

/**
 * Query generated from SQL:
 * ```
 * -- What the log said last of each of these entities; the item where it was shown, or where a peer's was taken away: perhaps by us alone.
 * select e.id as "entity_id!", c.entity_kind as "entity_kind!", case when c.action <> 'delete' or c.federation_uri is not null then c.item end as item
 * from unnest(:ids!::uuid[]) as e (id)
 * cross join lateral (
 *   select l.entity_kind, l.action, l.federation_uri, l.item from event_changes l where l.entity_id = e.id order by l.sequence_number desc limit 1
 * ) c
 * ```
 */
export const lastChanges = new PreparedQuery<LastChangesParams,LastChangesResult>(lastChangesIR);


/** 'AppendChanges' parameters type */
export interface AppendChangesParams {
  actions: string;
  changedFields: string;
  done: numberArray;
  federationUris: string;
  hash: string;
  hashes: string;
  items: string;
  position: number;
  publishedAt: Date | string;
  seqs: numberArray;
  uris: string;
  versions: numberArray;
}

/** 'AppendChanges' return type */
export interface AppendChangesResult {
  position: number;
  told: boolean;
}

/** 'AppendChanges' query type */
export interface AppendChangesQuery {
  params: AppendChangesParams;
  result: AppendChangesResult;
}

const appendChangesIR: any = {"usedParamSet":{"seqs":true,"versions":true,"actions":true,"uris":true,"federationUris":true,"changedFields":true,"items":true,"hashes":true,"position":true,"publishedAt":true,"done":true,"hash":true},"params":[{"name":"seqs","required":true,"transform":{"type":"scalar"},"locs":[{"a":359,"b":364}]},{"name":"versions","required":true,"transform":{"type":"scalar"},"locs":[{"a":385,"b":394}]},{"name":"actions","required":true,"transform":{"type":"scalar"},"locs":[{"a":424,"b":432}]},{"name":"uris","required":true,"transform":{"type":"scalar"},"locs":[{"a":461,"b":466}]},{"name":"federationUris","required":true,"transform":{"type":"scalar"},"locs":[{"a":499,"b":514}]},{"name":"changedFields","required":true,"transform":{"type":"scalar"},"locs":[{"a":543,"b":557}]},{"name":"items","required":true,"transform":{"type":"scalar"},"locs":[{"a":586,"b":592}]},{"name":"hashes","required":true,"transform":{"type":"scalar"},"locs":[{"a":625,"b":632}]},{"name":"position","required":true,"transform":{"type":"scalar"},"locs":[{"a":964,"b":973}]},{"name":"publishedAt","required":true,"transform":{"type":"scalar"},"locs":[{"a":1090,"b":1102},{"a":1540,"b":1552}]},{"name":"done","required":true,"transform":{"type":"scalar"},"locs":[{"a":1401,"b":1406}]},{"name":"hash","required":true,"transform":{"type":"scalar"},"locs":[{"a":1511,"b":1516}]}],"statement":"-- One statement: append in the given order, empty the outbox, move the head, tell the listeners. Full states never leave\n-- the server. Texts come joined by line feeds, which no JSON, URI or hex digit holds: an array of 2,000 items would have\n-- every quote escaped by the client and unescaped here.\nwith rendered as (\n  select * from rows from (\n    unnest(:seqs!::bigint[]), unnest(:versions!::bigint[]), string_to_table(:actions!, chr(10)), string_to_table(:uris!, chr(10)),\n    string_to_table(:federationUris!, chr(10)), string_to_table(:changedFields!, chr(10)), string_to_table(:items!, chr(10)),\n    string_to_table(:hashes!, chr(10))\n  ) with ordinality as r (seq, version, action, uri, federation_uri, changed_fields, item, hash, n)\n), appended as (\n  insert into event_changes (sequence_number, entity_kind, entity_id, uri, action, changed_fields, version, changed_at, published_at,\n    actor, on_behalf_of, federation_uri, state, item, hash)\n  select :position!::bigint + r.n, o.entity_kind, o.entity_id, r.uri, r.action, r.changed_fields::text[], r.version, o.changed_at,\n    :publishedAt!::timestamptz, o.actor, o.on_behalf_of, nullif(r.federation_uri, ''),\n    case when r.action <> 'delete' then o.state - 'statement' end, r.item, decode(r.hash, 'hex')\n  from rendered r join change_outbox o on o.seq = r.seq\n  returning 1\n), emptied as (\n  delete from change_outbox where seq = any (:done!::bigint[])\n)\nupdate feed_head set position = position + (select count(*) from appended), hash = decode(:hash!, 'hex'), updated_at = :publishedAt!\nreturning position, pg_notify('calends_feed', epoch || '.' || position) is null as \"told!\""};

/**
 * Query generated from SQL:
 * ```
 * -- One statement: append in the given order, empty the outbox, move the head, tell the listeners. Full states never leave
 * -- the server. Texts come joined by line feeds, which no JSON, URI or hex digit holds: an array of 2,000 items would have
 * -- every quote escaped by the client and unescaped here.
 * with rendered as (
 *   select * from rows from (
 *     unnest(:seqs!::bigint[]), unnest(:versions!::bigint[]), string_to_table(:actions!, chr(10)), string_to_table(:uris!, chr(10)),
 *     string_to_table(:federationUris!, chr(10)), string_to_table(:changedFields!, chr(10)), string_to_table(:items!, chr(10)),
 *     string_to_table(:hashes!, chr(10))
 *   ) with ordinality as r (seq, version, action, uri, federation_uri, changed_fields, item, hash, n)
 * ), appended as (
 *   insert into event_changes (sequence_number, entity_kind, entity_id, uri, action, changed_fields, version, changed_at, published_at,
 *     actor, on_behalf_of, federation_uri, state, item, hash)
 *   select :position!::bigint + r.n, o.entity_kind, o.entity_id, r.uri, r.action, r.changed_fields::text[], r.version, o.changed_at,
 *     :publishedAt!::timestamptz, o.actor, o.on_behalf_of, nullif(r.federation_uri, ''),
 *     case when r.action <> 'delete' then o.state - 'statement' end, r.item, decode(r.hash, 'hex')
 *   from rendered r join change_outbox o on o.seq = r.seq
 *   returning 1
 * ), emptied as (
 *   delete from change_outbox where seq = any (:done!::bigint[])
 * )
 * update feed_head set position = position + (select count(*) from appended), hash = decode(:hash!, 'hex'), updated_at = :publishedAt!
 * returning position, pg_notify('calends_feed', epoch || '.' || position) is null as "told!"
 * ```
 */
export const appendChanges = new PreparedQuery<AppendChangesParams,AppendChangesResult>(appendChangesIR);


