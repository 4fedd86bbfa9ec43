/** Types generated for queries found in "queries/mentions.sql" */
import { PreparedQuery } from '@pgtyped/runtime';

export type stringArray = (string)[];

/** 'UpsertPlaces' parameters type */
export interface UpsertPlacesParams {
  mentions: unknown;
  now: Date | string;
}

/** 'UpsertPlaces' return type */
export type UpsertPlacesResult = void;

/** 'UpsertPlaces' query type */
export interface UpsertPlacesQuery {
  params: UpsertPlacesParams;
  result: UpsertPlacesResult;
}

const upsertPlacesIR: any = {"usedParamSet":{"now":true,"mentions":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":1192,"b":1196},{"a":1199,"b":1203}]},{"name":"mentions","required":true,"transform":{"type":"scalar"},"locs":[{"a":1228,"b":1237}]}],"statement":"-- Makes the places that are not there; gives those that are the description that came, where it is better: by trust, then by how much it\n-- says, then by time, and at last by hash so that there is always a winner. The same description again is not written. The input comes in\n-- the order of match keys (unique), each once, so that two transactions wait for each other and never in a circle. What is a peer's and told by\n-- its own item is described by that alone: no mention has its trust (src/db/foreign-entities.ts).\ninsert into places (id, match_key, federation_uri, origin_node_id, name, place_type, street_address, locality, region, postal_code, country, latitude, longitude, url,\n  same_as, described_trust, described_detail, described_at, described_hash, created_at, updated_at)\nselect r.id, decode(r.key, 'hex'), r.\"federationUri\", r.\"originNodeId\", r.name, r.\"placeType\", r.address ->> 'streetAddress',\n  r.address ->> 'addressLocality', r.address ->> 'addressRegion',\n  r.address ->> 'postalCode', r.address ->> 'addressCountry', (r.geo ->> 'latitude')::float8, (r.geo ->> 'longitude')::float8, r.url,\n  coalesce(r.\"sameAs\", '{}'), r.trust, r.detail, r.at, decode(r.hash, 'hex'), :now!, :now!\nfrom json_to_recordset(:mentions!::json) as r (\n  id uuid, key text, \"federationUri\" text, \"originNodeId\" uuid, name text, \"placeType\" text, address jsonb, geo jsonb, url text, \"sameAs\" text[],\n  trust smallint, detail smallint, at timestamptz, hash text\n)\non conflict (match_key) do update set name = excluded.name, place_type = excluded.place_type, street_address = excluded.street_address,\n  locality = excluded.locality, region = excluded.region, postal_code = excluded.postal_code, country = excluded.country,\n  latitude = excluded.latitude, longitude = excluded.longitude, url = excluded.url, same_as = excluded.same_as,\n  described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,\n  described_hash = excluded.described_hash, updated_at = excluded.updated_at\nwhere (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)\n    > (places.described_trust, places.described_detail, places.described_at, places.described_hash)\n  and (excluded.described_hash <> places.described_hash or excluded.described_trust > places.described_trust or excluded.described_detail > places.described_detail\n    or not st_dwithin(st_makepoint(excluded.longitude, excluded.latitude)::geography, places.point, 100))"};

/**
 * Query generated from SQL:
 * ```
 * -- Makes the places that are not there; gives those that are the description that came, where it is better: by trust, then by how much it
 * -- says, then by time, and at last by hash so that there is always a winner. The same description again is not written. The input comes in
 * -- the order of match keys (unique), each once, so that two transactions wait for each other and never in a circle. What is a peer's and told by
 * -- its own item is described by that alone: no mention has its trust (src/db/foreign-entities.ts).
 * insert into places (id, match_key, federation_uri, origin_node_id, name, place_type, street_address, locality, region, postal_code, country, latitude, longitude, url,
 *   same_as, described_trust, described_detail, described_at, described_hash, created_at, updated_at)
 * select r.id, decode(r.key, 'hex'), r."federationUri", r."originNodeId", r.name, r."placeType", r.address ->> 'streetAddress',
 *   r.address ->> 'addressLocality', r.address ->> 'addressRegion',
 *   r.address ->> 'postalCode', r.address ->> 'addressCountry', (r.geo ->> 'latitude')::float8, (r.geo ->> 'longitude')::float8, r.url,
 *   coalesce(r."sameAs", '{}'), r.trust, r.detail, r.at, decode(r.hash, 'hex'), :now!, :now!
 * from json_to_recordset(:mentions!::json) as r (
 *   id uuid, key text, "federationUri" text, "originNodeId" uuid, name text, "placeType" text, address jsonb, geo jsonb, url text, "sameAs" text[],
 *   trust smallint, detail smallint, at timestamptz, hash text
 * )
 * on conflict (match_key) do update set name = excluded.name, place_type = excluded.place_type, street_address = excluded.street_address,
 *   locality = excluded.locality, region = excluded.region, postal_code = excluded.postal_code, country = excluded.country,
 *   latitude = excluded.latitude, longitude = excluded.longitude, url = excluded.url, same_as = excluded.same_as,
 *   described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,
 *   described_hash = excluded.described_hash, updated_at = excluded.updated_at
 * where (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)
 *     > (places.described_trust, places.described_detail, places.described_at, places.described_hash)
 *   and (excluded.described_hash <> places.described_hash or excluded.described_trust > places.described_trust or excluded.described_detail > places.described_detail
 *     or not st_dwithin(st_makepoint(excluded.longitude, excluded.latitude)::geography, places.point, 100))
 * ```
 */
export const upsertPlaces = new PreparedQuery<UpsertPlacesParams,UpsertPlacesResult>(upsertPlacesIR);


/** 'UpsertOrganizations' parameters type */
export interface UpsertOrganizationsParams {
  mentions: unknown;
  now: Date | string;
}

/** 'UpsertOrganizations' return type */
export type UpsertOrganizationsResult = void;

/** 'UpsertOrganizations' query type */
export interface UpsertOrganizationsQuery {
  params: UpsertOrganizationsParams;
  result: UpsertOrganizationsResult;
}

const upsertOrganizationsIR: any = {"usedParamSet":{"now":true,"mentions":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":389,"b":393},{"a":396,"b":400}]},{"name":"mentions","required":true,"transform":{"type":"scalar"},"locs":[{"a":425,"b":434}]}],"statement":"-- As upsertPlaces, for organizations.\ninsert into organizations (id, match_key, federation_uri, origin_node_id, name, url, same_as, described_trust, described_detail, described_at, described_hash,\n  created_at, updated_at)\nselect r.id, decode(r.key, 'hex'), r.\"federationUri\", r.\"originNodeId\", r.name, r.url, coalesce(r.\"sameAs\", '{}'), r.trust, r.detail, r.at,\n  decode(r.hash, 'hex'), :now!, :now!\nfrom json_to_recordset(:mentions!::json) as r (\n  id uuid, key text, \"federationUri\" text, \"originNodeId\" uuid, name text, url text, \"sameAs\" text[], trust smallint, detail smallint,\n  at timestamptz, hash text\n)\non conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as,\n  described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,\n  described_hash = excluded.described_hash, updated_at = excluded.updated_at\nwhere (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)\n    > (organizations.described_trust, organizations.described_detail, organizations.described_at, organizations.described_hash)\n  and (excluded.described_hash <> organizations.described_hash or excluded.described_trust > organizations.described_trust or excluded.described_detail > organizations.described_detail)"};

/**
 * Query generated from SQL:
 * ```
 * -- As upsertPlaces, for organizations.
 * insert into organizations (id, match_key, federation_uri, origin_node_id, name, url, same_as, described_trust, described_detail, described_at, described_hash,
 *   created_at, updated_at)
 * select r.id, decode(r.key, 'hex'), r."federationUri", r."originNodeId", r.name, r.url, coalesce(r."sameAs", '{}'), r.trust, r.detail, r.at,
 *   decode(r.hash, 'hex'), :now!, :now!
 * from json_to_recordset(:mentions!::json) as r (
 *   id uuid, key text, "federationUri" text, "originNodeId" uuid, name text, url text, "sameAs" text[], trust smallint, detail smallint,
 *   at timestamptz, hash text
 * )
 * on conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as,
 *   described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,
 *   described_hash = excluded.described_hash, updated_at = excluded.updated_at
 * where (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)
 *     > (organizations.described_trust, organizations.described_detail, organizations.described_at, organizations.described_hash)
 *   and (excluded.described_hash <> organizations.described_hash or excluded.described_trust > organizations.described_trust or excluded.described_detail > organizations.described_detail)
 * ```
 */
export const upsertOrganizations = new PreparedQuery<UpsertOrganizationsParams,UpsertOrganizationsResult>(upsertOrganizationsIR);


/** 'UpsertPersons' parameters type */
export interface UpsertPersonsParams {
  mentions: unknown;
  now: Date | string;
}

/** 'UpsertPersons' return type */
export type UpsertPersonsResult = void;

/** 'UpsertPersons' query type */
export interface UpsertPersonsQuery {
  params: UpsertPersonsParams;
  result: UpsertPersonsResult;
}

const upsertPersonsIR: any = {"usedParamSet":{"now":true,"mentions":true},"params":[{"name":"now","required":true,"transform":{"type":"scalar"},"locs":[{"a":377,"b":381},{"a":384,"b":388}]},{"name":"mentions","required":true,"transform":{"type":"scalar"},"locs":[{"a":413,"b":422}]}],"statement":"-- As upsertPlaces, for persons.\ninsert into persons (id, match_key, federation_uri, origin_node_id, name, url, same_as, described_trust, described_detail, described_at, described_hash,\n  created_at, updated_at)\nselect r.id, decode(r.key, 'hex'), r.\"federationUri\", r.\"originNodeId\", r.name, r.url, coalesce(r.\"sameAs\", '{}'), r.trust, r.detail, r.at,\n  decode(r.hash, 'hex'), :now!, :now!\nfrom json_to_recordset(:mentions!::json) as r (\n  id uuid, key text, \"federationUri\" text, \"originNodeId\" uuid, name text, url text, \"sameAs\" text[], trust smallint, detail smallint,\n  at timestamptz, hash text\n)\non conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as,\n  described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,\n  described_hash = excluded.described_hash, updated_at = excluded.updated_at\nwhere (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)\n    > (persons.described_trust, persons.described_detail, persons.described_at, persons.described_hash)\n  and (excluded.described_hash <> persons.described_hash or excluded.described_trust > persons.described_trust or excluded.described_detail > persons.described_detail)"};

/**
 * Query generated from SQL:
 * ```
 * -- As upsertPlaces, for persons.
 * insert into persons (id, match_key, federation_uri, origin_node_id, name, url, same_as, described_trust, described_detail, described_at, described_hash,
 *   created_at, updated_at)
 * select r.id, decode(r.key, 'hex'), r."federationUri", r."originNodeId", r.name, r.url, coalesce(r."sameAs", '{}'), r.trust, r.detail, r.at,
 *   decode(r.hash, 'hex'), :now!, :now!
 * from json_to_recordset(:mentions!::json) as r (
 *   id uuid, key text, "federationUri" text, "originNodeId" uuid, name text, url text, "sameAs" text[], trust smallint, detail smallint,
 *   at timestamptz, hash text
 * )
 * on conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as,
 *   described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,
 *   described_hash = excluded.described_hash, updated_at = excluded.updated_at
 * where (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)
 *     > (persons.described_trust, persons.described_detail, persons.described_at, persons.described_hash)
 *   and (excluded.described_hash <> persons.described_hash or excluded.described_trust > persons.described_trust or excluded.described_detail > persons.described_detail)
 * ```
 */
export const upsertPersons = new PreparedQuery<UpsertPersonsParams,UpsertPersonsResult>(upsertPersonsIR);


/** 'FindPlaces' parameters type */
export interface FindPlacesParams {
  keys: stringArray;
}

/** 'FindPlaces' return type */
export interface FindPlacesResult {
  id: string;
  match_key: Buffer;
}

/** 'FindPlaces' query type */
export interface FindPlacesQuery {
  params: FindPlacesParams;
  result: FindPlacesResult;
}

const findPlacesIR: any = {"usedParamSet":{"keys":true},"params":[{"name":"keys","required":true,"transform":{"type":"scalar"},"locs":[{"a":214,"b":219}]}],"statement":"-- What these match keys (hex) name, a merge followed. By the unique match_key.\nselect t.match_key, coalesce(t.merged_into_id, t.id) as \"id!\" from places t\nwhere t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k)"};

/**
 * Query generated from SQL:
 * ```
 * -- What these match keys (hex) name, a merge followed. By the unique match_key.
 * select t.match_key, coalesce(t.merged_into_id, t.id) as "id!" from places t
 * where t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k)
 * ```
 */
export const findPlaces = new PreparedQuery<FindPlacesParams,FindPlacesResult>(findPlacesIR);


/** 'FindOrganizations' parameters type */
export interface FindOrganizationsParams {
  keys: stringArray;
}

/** 'FindOrganizations' return type */
export interface FindOrganizationsResult {
  id: string;
  match_key: Buffer;
}

/** 'FindOrganizations' query type */
export interface FindOrganizationsQuery {
  params: FindOrganizationsParams;
  result: FindOrganizationsResult;
}

const findOrganizationsIR: any = {"usedParamSet":{"keys":true},"params":[{"name":"keys","required":true,"transform":{"type":"scalar"},"locs":[{"a":178,"b":183}]}],"statement":"-- As findPlaces, for organizations.\nselect t.match_key, coalesce(t.merged_into_id, t.id) as \"id!\" from organizations t\nwhere t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k)"};

/**
 * Query generated from SQL:
 * ```
 * -- As findPlaces, for organizations.
 * select t.match_key, coalesce(t.merged_into_id, t.id) as "id!" from organizations t
 * where t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k)
 * ```
 */
export const findOrganizations = new PreparedQuery<FindOrganizationsParams,FindOrganizationsResult>(findOrganizationsIR);


/** 'FindPersons' parameters type */
export interface FindPersonsParams {
  keys: stringArray;
}

/** 'FindPersons' return type */
export interface FindPersonsResult {
  id: string;
  match_key: Buffer;
}

/** 'FindPersons' query type */
export interface FindPersonsQuery {
  params: FindPersonsParams;
  result: FindPersonsResult;
}

const findPersonsIR: any = {"usedParamSet":{"keys":true},"params":[{"name":"keys","required":true,"transform":{"type":"scalar"},"locs":[{"a":166,"b":171}]}],"statement":"-- As findPlaces, for persons.\nselect t.match_key, coalesce(t.merged_into_id, t.id) as \"id!\" from persons t\nwhere t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k)"};

/**
 * Query generated from SQL:
 * ```
 * -- As findPlaces, for persons.
 * select t.match_key, coalesce(t.merged_into_id, t.id) as "id!" from persons t
 * where t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k)
 * ```
 */
export const findPersons = new PreparedQuery<FindPersonsParams,FindPersonsResult>(findPersonsIR);


