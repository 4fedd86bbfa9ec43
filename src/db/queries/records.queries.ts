/** Types generated for queries found in "queries/records.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type stringArray = (string)[];

/** 'FindRecords' parameters type */
export interface FindRecordsParams {
  ids: stringArray;
  matchKeys: stringArray;
  payloadHashes: stringArray;
  recordKeys: stringArray;
  sourceId: string;
}

/** 'FindRecords' return type */
export interface FindRecordsResult {
  decoder_version: number;
  event_id: string;
  home_event_id: string | null;
  id: string;
  match_key: Buffer;
  observed_at: Date;
  payload_hash: Buffer;
  record_key: string | null;
  record_uri: string | null;
  source_id: string;
  submission: unknown;
}

/** 'FindRecords' query type */
export interface FindRecordsQuery {
  params: FindRecordsParams;
  result: FindRecordsResult;
}

const findRecordsIR: any = {"usedParamSet":{"sourceId":true,"recordKeys":true,"payloadHashes":true,"matchKeys":true,"ids":true},"params":[{"name":"sourceId","required":true,"transform":{"type":"scalar"},"locs":[{"a":438,"b":447},{"a":520,"b":529},{"a":670,"b":679},{"a":875,"b":884}]},{"name":"recordKeys","required":true,"transform":{"type":"scalar"},"locs":[{"a":583,"b":594}]},{"name":"payloadHashes","required":true,"transform":{"type":"scalar"},"locs":[{"a":781,"b":795}]},{"name":"matchKeys","required":true,"transform":{"type":"scalar"},"locs":[{"a":983,"b":993}]},{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":1069,"b":1073}]}],"statement":"-- One source's present records under any of these keys. A union of four look-ups, because an `or` would have no index:\n-- event_sources_record, event_sources_payload, event_sources_match, and the primary key.\nselect r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id\nfrom event_sources r\nwhere r.superseded_at is null and r.source_id = :sourceId! and r.id in (\n  select x.id from event_sources x\n  where x.source_id = :sourceId! and x.superseded_at is null and x.record_key = any (:recordKeys!::text[])\n  union\n  select x.id from event_sources x\n  where x.source_id = :sourceId! and x.superseded_at is null\n    and x.payload_hash = any (array(select decode(h, 'hex') from unnest(:payloadHashes!::text[]) h))\n  union\n  select x.id from event_sources x\n  where x.source_id = :sourceId! and x.superseded_at is null\n    and x.match_key = any (array(select decode(h, 'hex') from unnest(:matchKeys!::text[]) h))\n  union\n  select x.id from event_sources x where x.id = any (:ids!::uuid[]) and x.superseded_at is null\n)\norder by r.id"};

/**
 * Query generated from SQL:
 * ```
 * -- One source's present records under any of these keys. A union of four look-ups, because an `or` would have no index:
 * -- event_sources_record, event_sources_payload, event_sources_match, and the primary key.
 * select r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id
 * from event_sources r
 * where r.superseded_at is null and r.source_id = :sourceId! and r.id in (
 *   select x.id from event_sources x
 *   where x.source_id = :sourceId! and x.superseded_at is null and x.record_key = any (:recordKeys!::text[])
 *   union
 *   select x.id from event_sources x
 *   where x.source_id = :sourceId! and x.superseded_at is null
 *     and x.payload_hash = any (array(select decode(h, 'hex') from unnest(:payloadHashes!::text[]) h))
 *   union
 *   select x.id from event_sources x
 *   where x.source_id = :sourceId! and x.superseded_at is null
 *     and x.match_key = any (array(select decode(h, 'hex') from unnest(:matchKeys!::text[]) h))
 *   union
 *   select x.id from event_sources x where x.id = any (:ids!::uuid[]) and x.superseded_at is null
 * )
 * order by r.id
 * ```
 */
export const findRecords = new PreparedQuery<FindRecordsParams,FindRecordsResult>(findRecordsIR);


/** 'RecordsOf' parameters type */
export interface RecordsOfParams {
  eventIds: stringArray;
}

/** 'RecordsOf' return type */
export interface RecordsOfResult {
  decoder_version: number;
  event_id: string;
  home_event_id: string | null;
  id: string;
  match_key: Buffer;
  observed_at: Date;
  payload_hash: Buffer;
  record_key: string | null;
  record_uri: string | null;
  source_id: string;
  submission: unknown;
}

/** 'RecordsOf' query type */
export interface RecordsOfQuery {
  params: RecordsOfParams;
  result: RecordsOfResult;
}

const recordsOfIR: any = {"usedParamSet":{"eventIds":true},"params":[{"name":"eventIds","required":true,"transform":{"type":"scalar"},"locs":[{"a":360,"b":369}]}],"statement":"-- Every present record of these events, whoever sent it; in one order, so that settling is repeatable. By event_sources_event.\nselect r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id\nfrom event_sources r\nwhere r.superseded_at is null and r.event_id = any (:eventIds!::uuid[])\norder by r.id"};

/**
 * Query generated from SQL:
 * ```
 * -- Every present record of these events, whoever sent it; in one order, so that settling is repeatable. By event_sources_event.
 * select r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id
 * from event_sources r
 * where r.superseded_at is null and r.event_id = any (:eventIds!::uuid[])
 * order by r.id
 * ```
 */
export const recordsOf = new PreparedQuery<RecordsOfParams,RecordsOfResult>(recordsOfIR);


/** 'SupersedeRecords' parameters type */
export interface SupersedeRecordsParams {
  ids: stringArray;
  now: Date | string;
}

/** 'SupersedeRecords' return type */
export type SupersedeRecordsResult = void;

/** 'SupersedeRecords' query type */
export interface SupersedeRecordsQuery {
  params: SupersedeRecordsParams;
  result: SupersedeRecordsResult;
}

const supersedeRecordsIR: any = {"usedParamSet":{"now":true,"ids":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":180,"b":184},{"a":200,"b":204}]},{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":222,"b":226}]}],"statement":"-- Runs before the records that take their place are inserted: event_sources_record allows one present record per key. By the primary key.\nupdate event_sources set superseded_at = :now!, updated_at = :now! where id = any (:ids!::uuid[])"};

/**
 * Query generated from SQL:
 * ```
 * -- Runs before the records that take their place are inserted: event_sources_record allows one present record per key. By the primary key.
 * update event_sources set superseded_at = :now!, updated_at = :now! where id = any (:ids!::uuid[])
 * ```
 */
export const supersedeRecords = new PreparedQuery<SupersedeRecordsParams,SupersedeRecordsResult>(supersedeRecordsIR);


/** 'InsertRecords' parameters type */
export interface InsertRecordsParams {
  now: Date | string;
  records: unknown;
}

/** 'InsertRecords' return type */
export type InsertRecordsResult = void;

/** 'InsertRecords' query type */
export interface InsertRecordsQuery {
  params: InsertRecordsParams;
  result: InsertRecordsResult;
}

const insertRecordsIR: any = {"usedParamSet":{"now":true,"records":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":671,"b":675},{"a":678,"b":682}]},{"name":"records","required":true,"transform":{"type":"scalar"},"locs":[{"a":707,"b":715}]}],"statement":"-- A chunk of records from one JSON text: bytes as base64, hashes as hex. A record is seen for the last time when it is first seen.\ninsert into event_sources (id, event_id, home_event_id, source_id, record_key, record_uri, payload, payload_hash, media_type, submission, decoder_version,\n  match_key, name_key, start_key, url, observed_at, last_seen_at, created_at, updated_at)\nselect r.id, r.\"eventId\", r.\"homeEventId\", r.\"sourceId\", r.\"recordKey\", r.\"recordUri\", decode(r.payload, 'base64'), decode(r.\"payloadHash\", 'hex'), r.\"mediaType\",\n  r.submission, r.\"decoderVersion\", decode(r.\"matchKey\", 'hex'), r.\"nameKey\", r.\"startKey\", r.url, r.\"observedAt\", r.\"observedAt\", :now!, :now!\nfrom json_to_recordset(:records!::json) as r (\n  id uuid, \"eventId\" uuid, \"homeEventId\" uuid, \"sourceId\" uuid, \"recordKey\" text, \"recordUri\" text, payload text, \"payloadHash\" text, \"mediaType\" text, submission jsonb,\n  \"decoderVersion\" smallint, \"matchKey\" text, \"nameKey\" text, \"startKey\" text, url text, \"observedAt\" timestamptz\n)"};

/**
 * Query generated from SQL:
 * ```
 * -- A chunk of records from one JSON text: bytes as base64, hashes as hex. A record is seen for the last time when it is first seen.
 * insert into event_sources (id, event_id, home_event_id, source_id, record_key, record_uri, payload, payload_hash, media_type, submission, decoder_version,
 *   match_key, name_key, start_key, url, observed_at, last_seen_at, created_at, updated_at)
 * select r.id, r."eventId", r."homeEventId", r."sourceId", r."recordKey", r."recordUri", decode(r.payload, 'base64'), decode(r."payloadHash", 'hex'), r."mediaType",
 *   r.submission, r."decoderVersion", decode(r."matchKey", 'hex'), r."nameKey", r."startKey", r.url, r."observedAt", r."observedAt", :now!, :now!
 * from json_to_recordset(:records!::json) as r (
 *   id uuid, "eventId" uuid, "homeEventId" uuid, "sourceId" uuid, "recordKey" text, "recordUri" text, payload text, "payloadHash" text, "mediaType" text, submission jsonb,
 *   "decoderVersion" smallint, "matchKey" text, "nameKey" text, "startKey" text, url text, "observedAt" timestamptz
 * )
 * ```
 */
export const insertRecords = new PreparedQuery<InsertRecordsParams,InsertRecordsResult>(insertRecordsIR);


/** 'TouchRecords' parameters type */
export interface TouchRecordsParams {
  at: Date | string;
  ids: stringArray;
}

/** 'TouchRecords' return type */
export type TouchRecordsResult = void;

/** 'TouchRecords' query type */
export interface TouchRecordsQuery {
  params: TouchRecordsParams;
  result: TouchRecordsResult;
}

const touchRecordsIR: any = {"usedParamSet":{"at":true,"ids":true},"params":[{"name":"at","required":true,"transform":{"type":"scalar"},"locs":[{"a":106,"b":109},{"a":180,"b":183}]},{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":146,"b":150}]}],"statement":"-- Seen again, unchanged; never back in time. By the primary key.\nupdate event_sources set last_seen_at = :at!, missed_visits = 0 where id = any (:ids!::uuid[]) and last_seen_at < :at!"};

/**
 * Query generated from SQL:
 * ```
 * -- Seen again, unchanged; never back in time. By the primary key.
 * update event_sources set last_seen_at = :at!, missed_visits = 0 where id = any (:ids!::uuid[]) and last_seen_at < :at!
 * ```
 */
export const touchRecords = new PreparedQuery<TouchRecordsParams,TouchRecordsResult>(touchRecordsIR);


