/** Types generated for queries found in "queries/runs.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type stringArray = (string)[];

/** 'LockRun' parameters type */
export interface LockRunParams {
  id: string;
}

/** 'LockRun' return type */
export interface LockRunResult {
  actor: string;
  createdAt: Date;
  failure: string | null;
  finishedAt: Date | null;
  id: string;
  kind: string;
  observedAt: Date;
  onBehalfOf: string | null;
  sourceId: string;
  state: string;
}

/** 'LockRun' query type */
export interface LockRunQuery {
  params: LockRunParams;
  result: LockRunResult;
}

const lockRunIR: any = {"usedParamSet":{"id":true},"params":[{"name":"id","required":true,"transform":{"type":"scalar"},"locs":[{"a":325,"b":328}]}],"statement":"-- Whoever holds the run applies its next chunk; another process waits, and sees what was done. By the primary key.\nselect id, kind, source_id as \"sourceId\", state, actor, on_behalf_of as \"onBehalfOf\", observed_at as \"observedAt\", created_at as \"createdAt\",\n  finished_at as \"finishedAt\", failure\nfrom ingest_runs where id = :id!\nfor update"};

/**
 * Query generated from SQL:
 * ```
 * -- Whoever holds the run applies its next chunk; another process waits, and sees what was done. By the primary key.
 * select id, kind, source_id as "sourceId", state, actor, on_behalf_of as "onBehalfOf", observed_at as "observedAt", created_at as "createdAt",
 *   finished_at as "finishedAt", failure
 * from ingest_runs where id = :id!
 * for update
 * ```
 */
export const lockRun = new PreparedQuery<LockRunParams,LockRunResult>(lockRunIR);


/** 'FindUnfinished' parameters type */
export interface FindUnfinishedParams {
  inputHash: Buffer;
  sourceId: string;
}

/** 'FindUnfinished' return type */
export interface FindUnfinishedResult {
  id: string;
  staged: number;
}

/** 'FindUnfinished' query type */
export interface FindUnfinishedQuery {
  params: FindUnfinishedParams;
  result: FindUnfinishedResult;
}

const findUnfinishedIR: any = {"usedParamSet":{"sourceId":true,"inputHash":true},"params":[{"name":"sourceId","required":true,"transform":{"type":"scalar"},"locs":[{"a":285,"b":294}]},{"name":"inputHash","required":true,"transform":{"type":"scalar"},"locs":[{"a":315,"b":325}]}],"statement":"-- The latest import of this very input that has not come to its end, and how many of its items are kept. By ingest_runs_source, and ingest_items' primary key.\nselect r.id, (select count(*) from ingest_items i where i.run_id = r.id) as \"staged!\" from ingest_runs r\nwhere r.source_id = :sourceId! and r.input_hash = :inputHash! and r.kind = 'import' and r.state in ('staging', 'matching', 'applying')\norder by r.id desc\nlimit 1"};

/**
 * Query generated from SQL:
 * ```
 * -- The latest import of this very input that has not come to its end, and how many of its items are kept. By ingest_runs_source, and ingest_items' primary key.
 * select r.id, (select count(*) from ingest_items i where i.run_id = r.id) as "staged!" from ingest_runs r
 * where r.source_id = :sourceId! and r.input_hash = :inputHash! and r.kind = 'import' and r.state in ('staging', 'matching', 'applying')
 * order by r.id desc
 * limit 1
 * ```
 */
export const findUnfinished = new PreparedQuery<FindUnfinishedParams,FindUnfinishedResult>(findUnfinishedIR);


/** 'StageItems' parameters type */
export interface StageItemsParams {
  items: unknown;
  now: Date | string;
  runId: string;
}

/** 'StageItems' return type */
export type StageItemsResult = void;

/** 'StageItems' query type */
export interface StageItemsQuery {
  params: StageItemsParams;
  result: StageItemsResult;
}

const stageItemsIR: any = {"usedParamSet":{"runId":true,"now":true,"items":true},"params":[{"name":"runId","required":true,"transform":{"type":"scalar"},"locs":[{"a":362,"b":368}]},{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":595,"b":599},{"a":602,"b":606}]},{"name":"items","required":true,"transform":{"type":"scalar"},"locs":[{"a":631,"b":637}]}],"statement":"-- A chunk of items from one JSON text: bytes as base64, hashes as hex. A position that is kept already stays as it is, so that staging may be done twice.\ninsert into ingest_items (run_id, position, media_type, payload, payload_hash, submission, record_key, match_key, name_key, start_key, record_id, outcome,\n  event_id, problem, created_at, updated_at)\nselect :runId!, r.position, r.\"mediaType\", decode(r.payload, 'base64'), decode(r.\"payloadHash\", 'hex'), r.submission, r.\"recordKey\",\n  decode(r.\"matchKey\", 'hex'), r.\"nameKey\", r.\"startKey\", r.\"recordId\", r.outcome, r.\"eventId\", r.problem, :now!, :now!\nfrom json_to_recordset(:items!::json) as r (\n  position integer, \"mediaType\" text, payload text, \"payloadHash\" text, submission jsonb, \"recordKey\" text, \"matchKey\" text, \"nameKey\" text,\n  \"startKey\" text, \"recordId\" uuid, outcome text, \"eventId\" uuid, problem jsonb\n)\non conflict (run_id, position) do nothing"};

/**
 * Query generated from SQL:
 * ```
 * -- A chunk of items from one JSON text: bytes as base64, hashes as hex. A position that is kept already stays as it is, so that staging may be done twice.
 * insert into ingest_items (run_id, position, media_type, payload, payload_hash, submission, record_key, match_key, name_key, start_key, record_id, outcome,
 *   event_id, problem, created_at, updated_at)
 * select :runId!, r.position, r."mediaType", decode(r.payload, 'base64'), decode(r."payloadHash", 'hex'), r.submission, r."recordKey",
 *   decode(r."matchKey", 'hex'), r."nameKey", r."startKey", r."recordId", r.outcome, r."eventId", r.problem, :now!, :now!
 * from json_to_recordset(:items!::json) as r (
 *   position integer, "mediaType" text, payload text, "payloadHash" text, submission jsonb, "recordKey" text, "matchKey" text, "nameKey" text,
 *   "startKey" text, "recordId" uuid, outcome text, "eventId" uuid, problem jsonb
 * )
 * on conflict (run_id, position) do nothing
 * ```
 */
export const stageItems = new PreparedQuery<StageItemsParams,StageItemsResult>(stageItemsIR);


/** 'KnownPayloads' parameters type */
export interface KnownPayloadsParams {
  decoderVersion: number;
  hashes: stringArray;
  sourceId: string;
}

/** 'KnownPayloads' return type */
export interface KnownPayloadsResult {
  event_id: string;
  hash: string;
  id: string;
}

/** 'KnownPayloads' query type */
export interface KnownPayloadsQuery {
  params: KnownPayloadsParams;
  result: KnownPayloadsResult;
}

const knownPayloadsIR: any = {"usedParamSet":{"sourceId":true,"decoderVersion":true,"hashes":true},"params":[{"name":"sourceId","required":true,"transform":{"type":"scalar"},"locs":[{"a":224,"b":233}]},{"name":"decoderVersion","required":true,"transform":{"type":"scalar"},"locs":[{"a":283,"b":298}]},{"name":"hashes","required":true,"transform":{"type":"scalar"},"locs":[{"a":368,"b":375}]}],"statement":"-- Which of these bytes (by hash, hex) the source's present records are, read by the decoder of now. By event_sources_payload.\nselect encode(payload_hash, 'hex') as \"hash!\", id, event_id from event_sources\nwhere source_id = :sourceId! and superseded_at is null and decoder_version = :decoderVersion!\n  and payload_hash = any (array(select decode(h, 'hex') from unnest(:hashes!::text[]) h))"};

/**
 * Query generated from SQL:
 * ```
 * -- Which of these bytes (by hash, hex) the source's present records are, read by the decoder of now. By event_sources_payload.
 * select encode(payload_hash, 'hex') as "hash!", id, event_id from event_sources
 * where source_id = :sourceId! and superseded_at is null and decoder_version = :decoderVersion!
 *   and payload_hash = any (array(select decode(h, 'hex') from unnest(:hashes!::text[]) h))
 * ```
 */
export const knownPayloads = new PreparedQuery<KnownPayloadsParams,KnownPayloadsResult>(knownPayloadsIR);


/** 'WaitingKeys' parameters type */
export interface WaitingKeysParams {
  runId: string;
}

/** 'WaitingKeys' return type */
export interface WaitingKeysResult {
  matchKey: string;
  nameKey: string;
  payloadHash: string;
  position: number;
  recordKey: string | null;
  startKey: string;
  url: string | null;
}

/** 'WaitingKeys' query type */
export interface WaitingKeysQuery {
  params: WaitingKeysParams;
  result: WaitingKeysResult;
}

const waitingKeysIR: any = {"usedParamSet":{"runId":true},"params":[{"name":"runId","required":true,"transform":{"type":"scalar"},"locs":[{"a":394,"b":400}]}],"statement":"-- The keys of the items that wait for an answer; each was read, or it would have been refused when it was staged. By ingest_items_waiting.\nselect position, record_key as \"recordKey\", encode(payload_hash, 'hex') as \"payloadHash!\", encode(match_key, 'hex') as \"matchKey!\",\n  name_key as \"nameKey!\", start_key as \"startKey!\", submission #>> '{fields,url}' as url\nfrom ingest_items where run_id = :runId! and outcome is null\norder by position"};

/**
 * Query generated from SQL:
 * ```
 * -- The keys of the items that wait for an answer; each was read, or it would have been refused when it was staged. By ingest_items_waiting.
 * select position, record_key as "recordKey", encode(payload_hash, 'hex') as "payloadHash!", encode(match_key, 'hex') as "matchKey!",
 *   name_key as "nameKey!", start_key as "startKey!", submission #>> '{fields,url}' as url
 * from ingest_items where run_id = :runId! and outcome is null
 * order by position
 * ```
 */
export const waitingKeys = new PreparedQuery<WaitingKeysParams,WaitingKeysResult>(waitingKeysIR);


/** 'UnseenRecords' parameters type */
export interface UnseenRecordsParams {
  runId: string;
  sourceId: string;
}

/** 'UnseenRecords' return type */
export interface UnseenRecordsResult {
  id: string;
  matchKey: string;
  nameKey: string;
  payloadHash: string;
  recordKey: string | null;
  startKey: string;
  url: string | null;
}

/** 'UnseenRecords' query type */
export interface UnseenRecordsQuery {
  params: UnseenRecordsParams;
  result: UnseenRecordsResult;
}

const unseenRecordsIR: any = {"usedParamSet":{"sourceId":true,"runId":true},"params":[{"name":"sourceId","required":true,"transform":{"type":"scalar"},"locs":[{"a":463,"b":472}]},{"name":"runId","required":true,"transform":{"type":"scalar"},"locs":[{"a":577,"b":583}]}],"statement":"-- The source's present records that this run has not shown again, byte for byte. The list has no null, or `not in` would never hold.\n-- By the indexes of event_sources that begin with the source, and ingest_items' primary key.\nselect s.id, s.record_key as \"recordKey\", encode(s.payload_hash, 'hex') as \"payloadHash!\", encode(s.match_key, 'hex') as \"matchKey!\",\n  s.name_key as \"nameKey\", s.start_key as \"startKey\", s.url\nfrom event_sources s\nwhere s.source_id = :sourceId! and s.superseded_at is null\n  and s.id not in (select i.record_id from ingest_items i where i.run_id = :runId! and i.outcome = 'unchanged' and i.record_id is not null)\norder by s.id"};

/**
 * Query generated from SQL:
 * ```
 * -- The source's present records that this run has not shown again, byte for byte. The list has no null, or `not in` would never hold.
 * -- By the indexes of event_sources that begin with the source, and ingest_items' primary key.
 * select s.id, s.record_key as "recordKey", encode(s.payload_hash, 'hex') as "payloadHash!", encode(s.match_key, 'hex') as "matchKey!",
 *   s.name_key as "nameKey", s.start_key as "startKey", s.url
 * from event_sources s
 * where s.source_id = :sourceId! and s.superseded_at is null
 *   and s.id not in (select i.record_id from ingest_items i where i.run_id = :runId! and i.outcome = 'unchanged' and i.record_id is not null)
 * order by s.id
 * ```
 */
export const unseenRecords = new PreparedQuery<UnseenRecordsParams,UnseenRecordsResult>(unseenRecordsIR);


/** 'KeepMatches' parameters type */
export interface KeepMatchesParams {
  matches: unknown;
  runId: string;
}

/** 'KeepMatches' return type */
export type KeepMatchesResult = void;

/** 'KeepMatches' query type */
export interface KeepMatchesQuery {
  params: KeepMatchesParams;
  result: KeepMatchesResult;
}

const keepMatchesIR: any = {"usedParamSet":{"matches":true,"runId":true},"params":[{"name":"matches","required":true,"transform":{"type":"scalar"},"locs":[{"a":163,"b":171}]},{"name":"runId","required":true,"transform":{"type":"scalar"},"locs":[{"a":238,"b":244}]}],"statement":"-- Ties items to the records they speak of again. By the primary key (run_id, position).\nupdate ingest_items i set record_id = r.\"recordId\"\nfrom json_to_recordset(:matches!::json) as r (position integer, \"recordId\" uuid)\nwhere i.run_id = :runId! and i.position = r.position"};

/**
 * Query generated from SQL:
 * ```
 * -- Ties items to the records they speak of again. By the primary key (run_id, position).
 * update ingest_items i set record_id = r."recordId"
 * from json_to_recordset(:matches!::json) as r (position integer, "recordId" uuid)
 * where i.run_id = :runId! and i.position = r.position
 * ```
 */
export const keepMatches = new PreparedQuery<KeepMatchesParams,KeepMatchesResult>(keepMatchesIR);


/** 'NextWaiting' parameters type */
export interface NextWaitingParams {
  limit: number;
  runId: string;
}

/** 'NextWaiting' return type */
export interface NextWaitingResult {
  mediaType: string;
  payload: Buffer;
  payloadHash: string;
  position: number;
  recordId: string | null;
  submission: unknown | null;
}

/** 'NextWaiting' query type */
export interface NextWaitingQuery {
  params: NextWaitingParams;
  result: NextWaitingResult;
}

const nextWaitingIR: any = {"usedParamSet":{"runId":true,"limit":true},"params":[{"name":"runId","required":true,"transform":{"type":"scalar"},"locs":[{"a":310,"b":316}]},{"name":"limit","required":true,"transform":{"type":"scalar"},"locs":[{"a":362,"b":368}]}],"statement":"-- The next items without an answer, with their bytes. No lock: whoever asks holds the run (lockRun). By ingest_items_waiting.\nselect position, media_type as \"mediaType\", payload as \"payload!\", encode(payload_hash, 'hex') as \"payloadHash!\", submission, record_id as \"recordId\"\nfrom ingest_items where run_id = :runId! and outcome is null\norder by position\nlimit :limit!"};

/**
 * Query generated from SQL:
 * ```
 * -- The next items without an answer, with their bytes. No lock: whoever asks holds the run (lockRun). By ingest_items_waiting.
 * select position, media_type as "mediaType", payload as "payload!", encode(payload_hash, 'hex') as "payloadHash!", submission, record_id as "recordId"
 * from ingest_items where run_id = :runId! and outcome is null
 * order by position
 * limit :limit!
 * ```
 */
export const nextWaiting = new PreparedQuery<NextWaitingParams,NextWaitingResult>(nextWaitingIR);


/** 'AnswerItems' parameters type */
export interface AnswerItemsParams {
  answers: unknown;
  now: Date | string;
  runId: string;
}

/** 'AnswerItems' return type */
export type AnswerItemsResult = void;

/** 'AnswerItems' query type */
export interface AnswerItemsQuery {
  params: AnswerItemsParams;
  result: AnswerItemsResult;
}

const answerItemsIR: any = {"usedParamSet":{"now":true,"answers":true,"runId":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":254,"b":258}]},{"name":"answers","required":true,"transform":{"type":"scalar"},"locs":[{"a":367,"b":375}]},{"name":"runId","required":true,"transform":{"type":"scalar"},"locs":[{"a":470,"b":476}]}],"statement":"-- The bytes of what was taken in live on in event_sources; those of what was refused stay here, to be shown. By the primary key (run_id, position).\nupdate ingest_items i set outcome = r.outcome, event_id = r.\"eventId\", problem = r.problem, updated_at = :now!, submission = null,\n  payload = case when r.outcome = 'rejected' then i.payload end\nfrom json_to_recordset(:answers!::json) as r (position integer, outcome text, \"eventId\" uuid, problem jsonb)\nwhere i.run_id = :runId! and i.position = r.position"};

/**
 * Query generated from SQL:
 * ```
 * -- The bytes of what was taken in live on in event_sources; those of what was refused stay here, to be shown. By the primary key (run_id, position).
 * update ingest_items i set outcome = r.outcome, event_id = r."eventId", problem = r.problem, updated_at = :now!, submission = null,
 *   payload = case when r.outcome = 'rejected' then i.payload end
 * from json_to_recordset(:answers!::json) as r (position integer, outcome text, "eventId" uuid, problem jsonb)
 * where i.run_id = :runId! and i.position = r.position
 * ```
 */
export const answerItems = new PreparedQuery<AnswerItemsParams,AnswerItemsResult>(answerItemsIR);


