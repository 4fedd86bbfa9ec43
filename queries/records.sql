/* @name findRecords */
-- One source's present records under any of these keys. A union of four look-ups, because an `or` would have no index:
-- event_sources_record, event_sources_payload, event_sources_match, and the primary key.
select r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id
from event_sources r
where r.superseded_at is null and r.source_id = :sourceId! and r.id in (
  select x.id from event_sources x
  where x.source_id = :sourceId! and x.superseded_at is null and x.record_key = any (:recordKeys!::text[])
  union
  select x.id from event_sources x
  where x.source_id = :sourceId! and x.superseded_at is null
    and x.payload_hash = any (array(select decode(h, 'hex') from unnest(:payloadHashes!::text[]) h))
  union
  select x.id from event_sources x
  where x.source_id = :sourceId! and x.superseded_at is null
    and x.match_key = any (array(select decode(h, 'hex') from unnest(:matchKeys!::text[]) h))
  union
  select x.id from event_sources x where x.id = any (:ids!::uuid[]) and x.superseded_at is null
)
order by r.id;

/* @name recordsOf */
-- Every present record of these events, whoever sent it; in one order, so that settling is repeatable. By event_sources_event.
select r.id, r.event_id, r.source_id, r.record_key, r.record_uri, r.payload_hash, r.match_key, r.submission, r.decoder_version, r.observed_at, r.home_event_id
from event_sources r
where r.superseded_at is null and r.event_id = any (:eventIds!::uuid[])
order by r.id;

/* @name supersedeRecords */
-- Runs before the records that take their place are inserted: event_sources_record allows one present record per key. By the primary key.
update event_sources set superseded_at = :now!, updated_at = :now! where id = any (:ids!::uuid[]);

/* @name insertRecords */
-- A chunk of records from one JSON text: bytes as base64, hashes as hex. A record is seen for the last time when it is first seen.
insert into event_sources (id, event_id, home_event_id, source_id, record_key, record_uri, payload, payload_hash, media_type, submission, decoder_version,
  match_key, name_key, start_key, url, observed_at, last_seen_at, created_at, updated_at)
select r.id, r."eventId", r."homeEventId", r."sourceId", r."recordKey", r."recordUri", decode(r.payload, 'base64'), decode(r."payloadHash", 'hex'), r."mediaType",
  r.submission, r."decoderVersion", decode(r."matchKey", 'hex'), r."nameKey", r."startKey", r.url, r."observedAt", r."observedAt", :now!, :now!
from json_to_recordset(:records!::json) as r (
  id uuid, "eventId" uuid, "homeEventId" uuid, "sourceId" uuid, "recordKey" text, "recordUri" text, payload text, "payloadHash" text, "mediaType" text, submission jsonb,
  "decoderVersion" smallint, "matchKey" text, "nameKey" text, "startKey" text, url text, "observedAt" timestamptz
);

/* @name touchRecords */
-- Seen again, unchanged; never back in time. By the primary key.
update event_sources set last_seen_at = :at!, missed_visits = 0 where id = any (:ids!::uuid[]) and last_seen_at < :at!;
