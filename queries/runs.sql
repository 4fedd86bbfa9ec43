/* @name lockRun */
-- Whoever holds the run applies its next chunk; another process waits, and sees what was done. By the primary key.
select id, kind, source_id as "sourceId", state, actor, on_behalf_of as "onBehalfOf", observed_at as "observedAt", created_at as "createdAt",
  finished_at as "finishedAt", failure
from ingest_runs where id = :id!
for update;

/* @name findUnfinished */
-- The latest import of this very input that has not come to its end, and how many of its items are kept. By ingest_runs_source, and ingest_items' primary key.
select r.id, (select count(*) from ingest_items i where i.run_id = r.id) as "staged!" from ingest_runs r
where r.source_id = :sourceId! and r.input_hash = :inputHash! and r.kind = 'import' and r.state in ('staging', 'matching', 'applying')
order by r.id desc
limit 1;

/* @name stageItems */
-- A chunk of items from one JSON text: bytes as base64, hashes as hex. A position that is kept already stays as it is, so that staging may be done twice.
insert into ingest_items (run_id, position, media_type, payload, payload_hash, submission, record_key, match_key, name_key, start_key, record_id, outcome,
  event_id, problem, created_at, updated_at)
select :runId!, r.position, r."mediaType", decode(r.payload, 'base64'), decode(r."payloadHash", 'hex'), r.submission, r."recordKey",
  decode(r."matchKey", 'hex'), r."nameKey", r."startKey", r."recordId", r.outcome, r."eventId", r.problem, :now!, :now!
from json_to_recordset(:items!::json) as r (
  position integer, "mediaType" text, payload text, "payloadHash" text, submission jsonb, "recordKey" text, "matchKey" text, "nameKey" text,
  "startKey" text, "recordId" uuid, outcome text, "eventId" uuid, problem jsonb
)
on conflict (run_id, position) do nothing;

/* @name knownPayloads */
-- Which of these bytes (by hash, hex) the source's present records are, read by the decoder of now. By event_sources_payload.
select encode(payload_hash, 'hex') as "hash!", id, event_id from event_sources
where source_id = :sourceId! and superseded_at is null and decoder_version = :decoderVersion!
  and payload_hash = any (array(select decode(h, 'hex') from unnest(:hashes!::text[]) h));

/* @name waitingKeys */
-- The keys of the items that wait for an answer; each was read, or it would have been refused when it was staged. By ingest_items_waiting.
select position, record_key as "recordKey", encode(payload_hash, 'hex') as "payloadHash!", encode(match_key, 'hex') as "matchKey!",
  name_key as "nameKey!", start_key as "startKey!", submission #>> '{fields,url}' as url
from ingest_items where run_id = :runId! and outcome is null
order by position;

/* @name unseenRecords */
-- The source's present records that this run has not shown again, byte for byte. The list has no null, or `not in` would never hold.
-- By the indexes of event_sources that begin with the source, and ingest_items' primary key.
select s.id, s.record_key as "recordKey", encode(s.payload_hash, 'hex') as "payloadHash!", encode(s.match_key, 'hex') as "matchKey!",
  s.name_key as "nameKey", s.start_key as "startKey", s.url
from event_sources s
where s.source_id = :sourceId! and s.superseded_at is null
  and s.id not in (select i.record_id from ingest_items i where i.run_id = :runId! and i.outcome = 'unchanged' and i.record_id is not null)
order by s.id;

/* @name keepMatches */
-- Ties items to the records they speak of again. By the primary key (run_id, position).
update ingest_items i set record_id = r."recordId"
from json_to_recordset(:matches!::json) as r (position integer, "recordId" uuid)
where i.run_id = :runId! and i.position = r.position;

/* @name nextWaiting */
-- The next items without an answer, with their bytes. No lock: whoever asks holds the run (lockRun). By ingest_items_waiting.
select position, media_type as "mediaType", payload as "payload!", encode(payload_hash, 'hex') as "payloadHash!", submission, record_id as "recordId"
from ingest_items where run_id = :runId! and outcome is null
order by position
limit :limit!;

/* @name answerItems */
-- The bytes of what was taken in live on in event_sources; those of what was refused stay here, to be shown. By the primary key (run_id, position).
update ingest_items i set outcome = r.outcome, event_id = r."eventId", problem = r.problem, updated_at = :now!, submission = null,
  payload = case when r.outcome = 'rejected' then i.payload end
from json_to_recordset(:answers!::json) as r (position integer, outcome text, "eventId" uuid, problem jsonb)
where i.run_id = :runId! and i.position = r.position;
