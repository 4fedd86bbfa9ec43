/** Types generated for queries found in "queries/events.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type numberArray = (number)[];

export type stringArray = (string)[];

/** 'LockEvents' parameters type */
export interface LockEventsParams {
  ids: stringArray;
}

/** 'LockEvents' return type */
export interface LockEventsResult {
  content_hash: Buffer;
  event_status: string | null;
  id: string;
  lifecycle_state: string;
  merged_into_id: string | null;
  origin_node_id: string | null;
  takedown_at: Date | null;
  version: number;
}

/** 'LockEvents' query type */
export interface LockEventsQuery {
  params: LockEventsParams;
  result: LockEventsResult;
}

const lockEventsIR: any = {"usedParamSet":{"ids":true},"params":[{"name":"ids","required":true,"transform":{"type":"scalar"},"locs":[{"a":269,"b":273}]}],"statement":"-- In the order of ids, so that two transactions wait for each other and never in a circle. By the primary key.\nselect e.id, e.lifecycle_state, e.event_status, e.merged_into_id, e.content_hash, e.takedown_at, e.version, e.origin_node_id from events e\nwhere e.id = any (:ids!::uuid[])\norder by e.id\nfor no key update"};

/**
 * Query generated from SQL:
 * ```
 * -- In the order of ids, so that two transactions wait for each other and never in a circle. By the primary key.
 * select e.id, e.lifecycle_state, e.event_status, e.merged_into_id, e.content_hash, e.takedown_at, e.version, e.origin_node_id from events e
 * where e.id = any (:ids!::uuid[])
 * order by e.id
 * for no key update
 * ```
 */
export const lockEvents = new PreparedQuery<LockEventsParams,LockEventsResult>(lockEventsIR);


/** 'FindByIdentity' parameters type */
export interface FindByIdentityParams {
  keys: stringArray;
}

/** 'FindByIdentity' return type */
export interface FindByIdentityResult {
  dedup_key: Buffer;
  id: string;
}

/** 'FindByIdentity' query type */
export interface FindByIdentityQuery {
  params: FindByIdentityParams;
  result: FindByIdentityResult;
}

const findByIdentityIR: any = {"usedParamSet":{"keys":true},"params":[{"name":"keys","required":true,"transform":{"type":"scalar"},"locs":[{"a":378,"b":383}]}],"statement":"-- Of our own events with one of these identities (hex) the oldest each, merged ones too. By events_dedup, whose condition this repeats. What is\n-- a peer's is known by its URI alone.\nselect distinct on (e.dedup_key) e.dedup_key as \"dedup_key!\", e.id from events e left join events m on m.id = e.merged_into_id\nwhere e.dedup_key = any (array(select decode(k, 'hex') from unnest(:keys!::text[]) k)) and e.lifecycle_state <> 'deleted'\n  and e.origin_node_id is null and m.lifecycle_state is distinct from 'deleted'\norder by e.dedup_key, e.merged_into_id nulls first, e.id"};

/**
 * Query generated from SQL:
 * ```
 * -- Of our own events with one of these identities (hex) the oldest each, merged ones too. By events_dedup, whose condition this repeats. What is
 * -- a peer's is known by its URI alone.
 * select distinct on (e.dedup_key) e.dedup_key as "dedup_key!", e.id from events e left join events m on m.id = e.merged_into_id
 * where e.dedup_key = any (array(select decode(k, 'hex') from unnest(:keys!::text[]) k)) and e.lifecycle_state <> 'deleted'
 *   and e.origin_node_id is null and m.lifecycle_state is distinct from 'deleted'
 * order by e.dedup_key, e.merged_into_id nulls first, e.id
 * ```
 */
export const findByIdentity = new PreparedQuery<FindByIdentityParams,FindByIdentityResult>(findByIdentityIR);


/** 'LockIdentities' parameters type */
export interface LockIdentitiesParams {
  buckets: numberArray;
  space: number;
}

/** 'LockIdentities' return type */
export interface LockIdentitiesResult {
  pg_advisory_xact_lock: undefined | null;
}

/** 'LockIdentities' query type */
export interface LockIdentitiesQuery {
  params: LockIdentitiesParams;
  result: LockIdentitiesResult;
}

const lockIdentitiesIR: any = {"usedParamSet":{"space":true,"buckets":true},"params":[{"name":"space","required":true,"transform":{"type":"scalar"},"locs":[{"a":148,"b":154}]},{"name":"buckets","required":true,"transform":{"type":"scalar"},"locs":[{"a":192,"b":200}]}],"statement":"-- Advisory locks until the transaction ends, taken in the order of the buckets, for the same reason as in lockEvents.\nselect pg_advisory_xact_lock(:space!::int, b) from (select b from unnest(:buckets!::int[]) b order by b) ordered"};

/**
 * Query generated from SQL:
 * ```
 * -- Advisory locks until the transaction ends, taken in the order of the buckets, for the same reason as in lockEvents.
 * select pg_advisory_xact_lock(:space!::int, b) from (select b from unnest(:buckets!::int[]) b order by b) ordered
 * ```
 */
export const lockIdentities = new PreparedQuery<LockIdentitiesParams,LockIdentitiesResult>(lockIdentitiesIR);


/** 'InsertEvents' parameters type */
export interface InsertEventsParams {
  events: unknown;
}

/** 'InsertEvents' return type */
export type InsertEventsResult = void;

/** 'InsertEvents' query type */
export interface InsertEventsQuery {
  params: InsertEventsParams;
  result: InsertEventsResult;
}

const insertEventsIR: any = {"usedParamSet":{"events":true},"params":[{"name":"events","required":true,"transform":{"type":"scalar"},"locs":[{"a":1297,"b":1304}]}],"statement":"-- A chunk of new events from one JSON text, hashes as hex. updateEvents writes the same columns in the same order, but for whose they are.\ninsert into events (id, created_at, federation_uri, origin_node_id,\n  name, schema_type, description, lifecycle_state, event_status, attendance_mode, organizer_id, organizer_person_id, primary_venue_id,\n  image_url, public_url, virtual_url, keywords, in_language, is_accessible_for_free, accessibility_features, event_domain, same_as, schedule, offers,\n  price_low, price_high, price_currency, license_url, license_status, confidence, dedup_key, content_hash, deleted_at, updated_at)\nselect r.id, r.at, r.\"federationUri\", r.\"originNodeId\",\n  r.name, r.type, r.description, r.\"lifecycleState\", r.\"eventStatus\", r.\"attendanceMode\", r.\"organizerId\", r.\"organizerPersonId\", r.\"venueId\",\n  r.image, r.url, r.\"virtualUrl\", coalesce(r.keywords, '{}'), coalesce(r.\"inLanguage\", '{}'), r.\"isAccessibleForFree\", coalesce(r.\"accessibilityFeature\", '{}'),\n  r.domain, coalesce(r.\"sameAs\", '{}'), r.\"eventSchedule\", r.offers, r.\"priceLow\", r.\"priceHigh\", r.\"priceCurrency\", r.\"licenseUrl\", r.\"licenseStatus\",\n  r.confidence, decode(r.\"dedupKey\", 'hex'), decode(r.\"contentHash\", 'hex'), case when r.\"lifecycleState\" = 'deleted' then r.at end, r.at\nfrom json_to_recordset(:events!::json) as r (\n  id uuid, \"federationUri\" text, \"originNodeId\" uuid,\n  name text, type text, description text, \"lifecycleState\" text, \"eventStatus\" text, \"attendanceMode\" text, \"organizerId\" uuid,\n  \"organizerPersonId\" uuid, \"venueId\" uuid, image text, url text, \"virtualUrl\" text, keywords text[], \"inLanguage\" text[], \"isAccessibleForFree\" boolean,\n  \"accessibilityFeature\" text[], domain text, \"sameAs\" text[], \"eventSchedule\" jsonb, offers jsonb, \"priceLow\" numeric, \"priceHigh\" numeric,\n  \"priceCurrency\" text, \"licenseUrl\" text, \"licenseStatus\" text, confidence numeric, \"dedupKey\" text, \"contentHash\" text, at timestamptz\n)"};

/**
 * Query generated from SQL:
 * ```
 * -- A chunk of new events from one JSON text, hashes as hex. updateEvents writes the same columns in the same order, but for whose they are.
 * insert into events (id, created_at, federation_uri, origin_node_id,
 *   name, schema_type, description, lifecycle_state, event_status, attendance_mode, organizer_id, organizer_person_id, primary_venue_id,
 *   image_url, public_url, virtual_url, keywords, in_language, is_accessible_for_free, accessibility_features, event_domain, same_as, schedule, offers,
 *   price_low, price_high, price_currency, license_url, license_status, confidence, dedup_key, content_hash, deleted_at, updated_at)
 * select r.id, r.at, r."federationUri", r."originNodeId",
 *   r.name, r.type, r.description, r."lifecycleState", r."eventStatus", r."attendanceMode", r."organizerId", r."organizerPersonId", r."venueId",
 *   r.image, r.url, r."virtualUrl", coalesce(r.keywords, '{}'), coalesce(r."inLanguage", '{}'), r."isAccessibleForFree", coalesce(r."accessibilityFeature", '{}'),
 *   r.domain, coalesce(r."sameAs", '{}'), r."eventSchedule", r.offers, r."priceLow", r."priceHigh", r."priceCurrency", r."licenseUrl", r."licenseStatus",
 *   r.confidence, decode(r."dedupKey", 'hex'), decode(r."contentHash", 'hex'), case when r."lifecycleState" = 'deleted' then r.at end, r.at
 * from json_to_recordset(:events!::json) as r (
 *   id uuid, "federationUri" text, "originNodeId" uuid,
 *   name text, type text, description text, "lifecycleState" text, "eventStatus" text, "attendanceMode" text, "organizerId" uuid,
 *   "organizerPersonId" uuid, "venueId" uuid, image text, url text, "virtualUrl" text, keywords text[], "inLanguage" text[], "isAccessibleForFree" boolean,
 *   "accessibilityFeature" text[], domain text, "sameAs" text[], "eventSchedule" jsonb, offers jsonb, "priceLow" numeric, "priceHigh" numeric,
 *   "priceCurrency" text, "licenseUrl" text, "licenseStatus" text, confidence numeric, "dedupKey" text, "contentHash" text, at timestamptz
 * )
 * ```
 */
export const insertEvents = new PreparedQuery<InsertEventsParams,InsertEventsResult>(insertEventsIR);


/** 'UpdateEvents' parameters type */
export interface UpdateEventsParams {
  events: unknown;
}

/** 'UpdateEvents' return type */
export type UpdateEventsResult = void;

/** 'UpdateEvents' query type */
export interface UpdateEventsQuery {
  params: UpdateEventsParams;
  result: UpdateEventsResult;
}

const updateEventsIR: any = {"usedParamSet":{"events":true},"params":[{"name":"events","required":true,"transform":{"type":"scalar"},"locs":[{"a":1176,"b":1183}]}],"statement":"-- As insertEvents, for events that are there and locked; each takes its next version.\nupdate events e set (version,\n  name, schema_type, description, lifecycle_state, event_status, attendance_mode, organizer_id, organizer_person_id, primary_venue_id,\n  image_url, public_url, virtual_url, keywords, in_language, is_accessible_for_free, accessibility_features, event_domain, same_as, schedule, offers,\n  price_low, price_high, price_currency, license_url, license_status, confidence, dedup_key, content_hash, deleted_at, updated_at)\n= (select e.version + 1,\n  r.name, r.type, r.description, r.\"lifecycleState\", r.\"eventStatus\", r.\"attendanceMode\", r.\"organizerId\", r.\"organizerPersonId\", r.\"venueId\",\n  r.image, r.url, r.\"virtualUrl\", coalesce(r.keywords, '{}'), coalesce(r.\"inLanguage\", '{}'), r.\"isAccessibleForFree\", coalesce(r.\"accessibilityFeature\", '{}'),\n  r.domain, coalesce(r.\"sameAs\", '{}'), r.\"eventSchedule\", r.offers, r.\"priceLow\", r.\"priceHigh\", r.\"priceCurrency\", r.\"licenseUrl\", r.\"licenseStatus\",\n  r.confidence, decode(r.\"dedupKey\", 'hex'), decode(r.\"contentHash\", 'hex'), case when r.\"lifecycleState\" = 'deleted' then r.at end, r.at)\nfrom json_to_recordset(:events!::json) as r (\n  id uuid, name text, type text, description text, \"lifecycleState\" text, \"eventStatus\" text, \"attendanceMode\" text, \"organizerId\" uuid,\n  \"organizerPersonId\" uuid, \"venueId\" uuid, image text, url text, \"virtualUrl\" text, keywords text[], \"inLanguage\" text[], \"isAccessibleForFree\" boolean,\n  \"accessibilityFeature\" text[], domain text, \"sameAs\" text[], \"eventSchedule\" jsonb, offers jsonb, \"priceLow\" numeric, \"priceHigh\" numeric,\n  \"priceCurrency\" text, \"licenseUrl\" text, \"licenseStatus\" text, confidence numeric, \"dedupKey\" text, \"contentHash\" text, at timestamptz\n)\nwhere e.id = r.id"};

/**
 * Query generated from SQL:
 * ```
 * -- As insertEvents, for events that are there and locked; each takes its next version.
 * update events e set (version,
 *   name, schema_type, description, lifecycle_state, event_status, attendance_mode, organizer_id, organizer_person_id, primary_venue_id,
 *   image_url, public_url, virtual_url, keywords, in_language, is_accessible_for_free, accessibility_features, event_domain, same_as, schedule, offers,
 *   price_low, price_high, price_currency, license_url, license_status, confidence, dedup_key, content_hash, deleted_at, updated_at)
 * = (select e.version + 1,
 *   r.name, r.type, r.description, r."lifecycleState", r."eventStatus", r."attendanceMode", r."organizerId", r."organizerPersonId", r."venueId",
 *   r.image, r.url, r."virtualUrl", coalesce(r.keywords, '{}'), coalesce(r."inLanguage", '{}'), r."isAccessibleForFree", coalesce(r."accessibilityFeature", '{}'),
 *   r.domain, coalesce(r."sameAs", '{}'), r."eventSchedule", r.offers, r."priceLow", r."priceHigh", r."priceCurrency", r."licenseUrl", r."licenseStatus",
 *   r.confidence, decode(r."dedupKey", 'hex'), decode(r."contentHash", 'hex'), case when r."lifecycleState" = 'deleted' then r.at end, r.at)
 * from json_to_recordset(:events!::json) as r (
 *   id uuid, name text, type text, description text, "lifecycleState" text, "eventStatus" text, "attendanceMode" text, "organizerId" uuid,
 *   "organizerPersonId" uuid, "venueId" uuid, image text, url text, "virtualUrl" text, keywords text[], "inLanguage" text[], "isAccessibleForFree" boolean,
 *   "accessibilityFeature" text[], domain text, "sameAs" text[], "eventSchedule" jsonb, offers jsonb, "priceLow" numeric, "priceHigh" numeric,
 *   "priceCurrency" text, "licenseUrl" text, "licenseStatus" text, confidence numeric, "dedupKey" text, "contentHash" text, at timestamptz
 * )
 * where e.id = r.id
 * ```
 */
export const updateEvents = new PreparedQuery<UpdateEventsParams,UpdateEventsResult>(updateEventsIR);


/** 'TrimOccurrences' parameters type */
export interface TrimOccurrencesParams {
  counts: unknown;
}

/** 'TrimOccurrences' return type */
export type TrimOccurrencesResult = void;

/** 'TrimOccurrences' query type */
export interface TrimOccurrencesQuery {
  params: TrimOccurrencesParams;
  result: TrimOccurrencesResult;
}

const trimOccurrencesIR: any = {"usedParamSet":{"counts":true},"params":[{"name":"counts","required":true,"transform":{"type":"scalar"},"locs":[{"a":160,"b":167}]}],"statement":"-- Takes away the occurrences past an event's present count. By the unique (event_id, sequence_number).\ndelete from event_occurrences o using json_to_recordset(:counts!::json) as r (id uuid, count integer)\nwhere o.event_id = r.id and o.sequence_number >= r.count"};

/**
 * Query generated from SQL:
 * ```
 * -- Takes away the occurrences past an event's present count. By the unique (event_id, sequence_number).
 * delete from event_occurrences o using json_to_recordset(:counts!::json) as r (id uuid, count integer)
 * where o.event_id = r.id and o.sequence_number >= r.count
 * ```
 */
export const trimOccurrences = new PreparedQuery<TrimOccurrencesParams,TrimOccurrencesResult>(trimOccurrencesIR);


/** 'UpsertOccurrences' parameters type */
export interface UpsertOccurrencesParams {
  now: Date | string;
  occurrences: unknown;
}

/** 'UpsertOccurrences' return type */
export type UpsertOccurrencesResult = void;

/** 'UpsertOccurrences' query type */
export interface UpsertOccurrencesQuery {
  params: UpsertOccurrencesParams;
  result: UpsertOccurrencesResult;
}

const upsertOccurrencesIR: any = {"usedParamSet":{"now":true,"occurrences":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":590,"b":594},{"a":597,"b":601}]},{"name":"occurrences","required":true,"transform":{"type":"scalar"},"locs":[{"a":626,"b":638}]}],"statement":"-- Inserts the new, updates those that differ and leaves the rest unwritten. An occurrence keeps its id: its place (event_id, sequence_number,\n-- which is unique) is its identity, and the id that came along is dropped.\ninsert into event_occurrences as o (id, event_id, sequence_number, start_at, end_at, door_at, previous_start_at, timezone, start_is_date, end_is_date,\n  virtual_url, event_status, created_at, updated_at)\nselect r.id, r.\"eventId\", r.n, r.\"startAt\", r.\"endAt\", r.\"doorAt\", r.\"previousStartAt\", r.timezone, r.\"startIsDate\", r.\"endIsDate\", r.\"virtualUrl\",\n  r.\"eventStatus\", :now!, :now!\nfrom json_to_recordset(:occurrences!::json) as r (\n  id uuid, \"eventId\" uuid, n integer, \"startAt\" timestamptz, \"endAt\" timestamptz, \"doorAt\" timestamptz, \"previousStartAt\" timestamptz, timezone text,\n  \"startIsDate\" boolean, \"endIsDate\" boolean, \"virtualUrl\" text, \"eventStatus\" text\n)\non conflict (event_id, sequence_number) do update set start_at = excluded.start_at, end_at = excluded.end_at, door_at = excluded.door_at,\n  previous_start_at = excluded.previous_start_at, timezone = excluded.timezone, start_is_date = excluded.start_is_date,\n  end_is_date = excluded.end_is_date, virtual_url = excluded.virtual_url, event_status = excluded.event_status, updated_at = excluded.updated_at\nwhere (o.start_at, o.end_at, o.door_at, o.previous_start_at, o.timezone, o.start_is_date, o.end_is_date, o.virtual_url, o.event_status)\n  is distinct from (excluded.start_at, excluded.end_at, excluded.door_at, excluded.previous_start_at, excluded.timezone, excluded.start_is_date,\n    excluded.end_is_date, excluded.virtual_url, excluded.event_status)"};

/**
 * Query generated from SQL:
 * ```
 * -- Inserts the new, updates those that differ and leaves the rest unwritten. An occurrence keeps its id: its place (event_id, sequence_number,
 * -- which is unique) is its identity, and the id that came along is dropped.
 * insert into event_occurrences as o (id, event_id, sequence_number, start_at, end_at, door_at, previous_start_at, timezone, start_is_date, end_is_date,
 *   virtual_url, event_status, created_at, updated_at)
 * select r.id, r."eventId", r.n, r."startAt", r."endAt", r."doorAt", r."previousStartAt", r.timezone, r."startIsDate", r."endIsDate", r."virtualUrl",
 *   r."eventStatus", :now!, :now!
 * from json_to_recordset(:occurrences!::json) as r (
 *   id uuid, "eventId" uuid, n integer, "startAt" timestamptz, "endAt" timestamptz, "doorAt" timestamptz, "previousStartAt" timestamptz, timezone text,
 *   "startIsDate" boolean, "endIsDate" boolean, "virtualUrl" text, "eventStatus" text
 * )
 * on conflict (event_id, sequence_number) do update set start_at = excluded.start_at, end_at = excluded.end_at, door_at = excluded.door_at,
 *   previous_start_at = excluded.previous_start_at, timezone = excluded.timezone, start_is_date = excluded.start_is_date,
 *   end_is_date = excluded.end_is_date, virtual_url = excluded.virtual_url, event_status = excluded.event_status, updated_at = excluded.updated_at
 * where (o.start_at, o.end_at, o.door_at, o.previous_start_at, o.timezone, o.start_is_date, o.end_is_date, o.virtual_url, o.event_status)
 *   is distinct from (excluded.start_at, excluded.end_at, excluded.door_at, excluded.previous_start_at, excluded.timezone, excluded.start_is_date,
 *     excluded.end_is_date, excluded.virtual_url, excluded.event_status)
 * ```
 */
export const upsertOccurrences = new PreparedQuery<UpsertOccurrencesParams,UpsertOccurrencesResult>(upsertOccurrencesIR);


/** 'TrimPerformers' parameters type */
export interface TrimPerformersParams {
  counts: unknown;
}

/** 'TrimPerformers' return type */
export type TrimPerformersResult = void;

/** 'TrimPerformers' query type */
export interface TrimPerformersQuery {
  params: TrimPerformersParams;
  result: TrimPerformersResult;
}

const trimPerformersIR: any = {"usedParamSet":{"counts":true},"params":[{"name":"counts","required":true,"transform":{"type":"scalar"},"locs":[{"a":156,"b":163}]}],"statement":"-- Takes away the performers past an event's present count. By the primary key (event_id, position).\ndelete from event_performers p using json_to_recordset(:counts!::json) as r (id uuid, count integer)\nwhere p.event_id = r.id and p.position >= r.count"};

/**
 * Query generated from SQL:
 * ```
 * -- Takes away the performers past an event's present count. By the primary key (event_id, position).
 * delete from event_performers p using json_to_recordset(:counts!::json) as r (id uuid, count integer)
 * where p.event_id = r.id and p.position >= r.count
 * ```
 */
export const trimPerformers = new PreparedQuery<TrimPerformersParams,TrimPerformersResult>(trimPerformersIR);


/** 'UpsertPerformers' parameters type */
export interface UpsertPerformersParams {
  now: Date | string;
  performers: unknown;
}

/** 'UpsertPerformers' return type */
export type UpsertPerformersResult = void;

/** 'UpsertPerformers' query type */
export interface UpsertPerformersQuery {
  params: UpsertPerformersParams;
  result: UpsertPerformersResult;
}

const upsertPerformersIR: any = {"usedParamSet":{"now":true,"performers":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":291,"b":295},{"a":298,"b":302}]},{"name":"performers","required":true,"transform":{"type":"scalar"},"locs":[{"a":327,"b":338}]}],"statement":"-- As upsertOccurrences: a performer that stays where it was is not written. By the primary key (event_id, position).\ninsert into event_performers as p (event_id, position, organization_id, person_id, created_at, updated_at)\nselect r.\"eventId\", r.position, r.\"organizationId\", r.\"personId\", :now!, :now!\nfrom json_to_recordset(:performers!::json) as r (\"eventId\" uuid, position integer, \"organizationId\" uuid, \"personId\" uuid)\non conflict (event_id, position) do update set organization_id = excluded.organization_id, person_id = excluded.person_id,\n  updated_at = excluded.updated_at\nwhere (p.organization_id, p.person_id) is distinct from (excluded.organization_id, excluded.person_id)"};

/**
 * Query generated from SQL:
 * ```
 * -- As upsertOccurrences: a performer that stays where it was is not written. By the primary key (event_id, position).
 * insert into event_performers as p (event_id, position, organization_id, person_id, created_at, updated_at)
 * select r."eventId", r.position, r."organizationId", r."personId", :now!, :now!
 * from json_to_recordset(:performers!::json) as r ("eventId" uuid, position integer, "organizationId" uuid, "personId" uuid)
 * on conflict (event_id, position) do update set organization_id = excluded.organization_id, person_id = excluded.person_id,
 *   updated_at = excluded.updated_at
 * where (p.organization_id, p.person_id) is distinct from (excluded.organization_id, excluded.person_id)
 * ```
 */
export const upsertPerformers = new PreparedQuery<UpsertPerformersParams,UpsertPerformersResult>(upsertPerformersIR);


