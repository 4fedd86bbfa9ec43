/* @name upsertPlaces */
-- Makes the places that are not there; gives those that are the description that came, where it is better: by trust, then by how much it
-- says, then by time, and at last by hash so that there is always a winner. The same description again is not written. The input comes in
-- the order of match keys (unique), each once, so that two transactions wait for each other and never in a circle. What is a peer's and told by
-- its own item is described by that alone: no mention has its trust (src/db/foreign-entities.ts).
insert into places (id, match_key, federation_uri, origin_node_id, name, place_type, street_address, locality, region, postal_code, country, latitude, longitude, url,
  same_as, described_trust, described_detail, described_at, described_hash, created_at, updated_at)
select r.id, decode(r.key, 'hex'), r."federationUri", r."originNodeId", r.name, r."placeType", r.address ->> 'streetAddress',
  r.address ->> 'addressLocality', r.address ->> 'addressRegion',
  r.address ->> 'postalCode', r.address ->> 'addressCountry', (r.geo ->> 'latitude')::float8, (r.geo ->> 'longitude')::float8, r.url,
  coalesce(r."sameAs", '{}'), r.trust, r.detail, r.at, decode(r.hash, 'hex'), :now!, :now!
from json_to_recordset(:mentions!::json) as r (
  id uuid, key text, "federationUri" text, "originNodeId" uuid, name text, "placeType" text, address jsonb, geo jsonb, url text, "sameAs" text[],
  trust smallint, detail smallint, at timestamptz, hash text
)
on conflict (match_key) do update set name = excluded.name, place_type = excluded.place_type, street_address = excluded.street_address,
  locality = excluded.locality, region = excluded.region, postal_code = excluded.postal_code, country = excluded.country,
  latitude = excluded.latitude, longitude = excluded.longitude, url = excluded.url, same_as = excluded.same_as,
  described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,
  described_hash = excluded.described_hash, updated_at = excluded.updated_at
where (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)
    > (places.described_trust, places.described_detail, places.described_at, places.described_hash)
  and (excluded.described_hash <> places.described_hash or excluded.described_trust > places.described_trust or excluded.described_detail > places.described_detail
    or not st_dwithin(st_makepoint(excluded.longitude, excluded.latitude)::geography, places.point, 100));

/* @name upsertOrganizations */
-- As upsertPlaces, for organizations.
insert into organizations (id, match_key, federation_uri, origin_node_id, name, url, same_as, described_trust, described_detail, described_at, described_hash,
  created_at, updated_at)
select r.id, decode(r.key, 'hex'), r."federationUri", r."originNodeId", r.name, r.url, coalesce(r."sameAs", '{}'), r.trust, r.detail, r.at,
  decode(r.hash, 'hex'), :now!, :now!
from json_to_recordset(:mentions!::json) as r (
  id uuid, key text, "federationUri" text, "originNodeId" uuid, name text, url text, "sameAs" text[], trust smallint, detail smallint,
  at timestamptz, hash text
)
on conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as,
  described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,
  described_hash = excluded.described_hash, updated_at = excluded.updated_at
where (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)
    > (organizations.described_trust, organizations.described_detail, organizations.described_at, organizations.described_hash)
  and (excluded.described_hash <> organizations.described_hash or excluded.described_trust > organizations.described_trust or excluded.described_detail > organizations.described_detail);

/* @name upsertPersons */
-- As upsertPlaces, for persons.
insert into persons (id, match_key, federation_uri, origin_node_id, name, url, same_as, described_trust, described_detail, described_at, described_hash,
  created_at, updated_at)
select r.id, decode(r.key, 'hex'), r."federationUri", r."originNodeId", r.name, r.url, coalesce(r."sameAs", '{}'), r.trust, r.detail, r.at,
  decode(r.hash, 'hex'), :now!, :now!
from json_to_recordset(:mentions!::json) as r (
  id uuid, key text, "federationUri" text, "originNodeId" uuid, name text, url text, "sameAs" text[], trust smallint, detail smallint,
  at timestamptz, hash text
)
on conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as,
  described_trust = excluded.described_trust, described_detail = excluded.described_detail, described_at = excluded.described_at,
  described_hash = excluded.described_hash, updated_at = excluded.updated_at
where (excluded.described_trust, excluded.described_detail, excluded.described_at, excluded.described_hash)
    > (persons.described_trust, persons.described_detail, persons.described_at, persons.described_hash)
  and (excluded.described_hash <> persons.described_hash or excluded.described_trust > persons.described_trust or excluded.described_detail > persons.described_detail);

/* @name findPlaces */
-- What these match keys (hex) name, a merge followed. By the unique match_key.
select t.match_key, coalesce(t.merged_into_id, t.id) as "id!" from places t
where t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k);

/* @name findOrganizations */
-- As findPlaces, for organizations.
select t.match_key, coalesce(t.merged_into_id, t.id) as "id!" from organizations t
where t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k);

/* @name findPersons */
-- As findPlaces, for persons.
select t.match_key, coalesce(t.merged_into_id, t.id) as "id!" from persons t
where t.match_key in (select decode(k, 'hex') from unnest(:keys!::text[]) k);
