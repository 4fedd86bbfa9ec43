/**
 * Entities that came from peers: what their origins say of them (table federation_statements), and the places, organizations and
 * persons that are described by their origins' own items. Foreign events are written by events.ts, as any others.
 */
import { sql, type RawBuilder } from "kysely";
import { PATH_OF_KIND } from "../domain/iri.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import { hideMisnamed, MENTION_KINDS, OF_ITS_ORIGIN, type MentionKind } from "./mentions.ts";

/** What is held of a URI, as far as it decides what is written. */
export interface HeldEntity {
  uri: string;
  entityId: string | null;
  /** Without an entity: the id under which our feed told that it is gone. */
  toldId: string | null;
  epoch: string;
  position: number;
  hops: string[];
  gone: boolean;
  redacted: boolean;
}

export async function heldEntities(on: Reader, uris: readonly string[]): Promise<Map<string, HeldEntity>> {
  const { rows } = await sql<HeldEntity>`
    select uri, entity_id as "entityId", told_id as "toldId", epoch, position, hops, gone, redacted from federation_statements where uri = any (${[...uris]}::text[])`.execute(
    kyselyOf(on),
  );
  return new Map(rows.map((row) => [row.uri, row]));
}

/** Those of these entities of which their origins say that they are no more. */
export async function goneAmong(on: Reader, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select entity_id as id from federation_statements where entity_id = any (${[...ids]}::uuid[]) and gone`.execute(kyselyOf(on));
  return new Set(rows.map((row) => row.id));
}

/** Those of these that came from a peer. */
export async function foreignAmong(on: Reader, kind: MentionKind, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(PATH_OF_KIND[kind])} where id = any (${[...ids]}::uuid[]) and origin_node_id is not null`.execute(
    kyselyOf(on),
  );
  return new Set(rows.map((row) => row.id));
}

/** A statement as it is written. `entityId` null leaves what is held of it. */
export interface StatementRow {
  uri: string;
  kind: EntityKind;
  entityId: string | null;
  originNodeId: string;
  viaNodeId: string;
  hops: readonly string[];
  epoch: string;
  position: number;
  version?: number | undefined;
  gone: boolean;
  /** Gone by our own filters. */
  withheld: boolean;
  /** The events of the same origin of which this one is the later or the earlier half. */
  continues?: string | undefined;
  continuedBy?: string | undefined;
  document: string;
  digest: string;
  redacted: boolean;
}

const STATEMENT = sql`(uri text, kind text, "entityId" uuid, "originNodeId" uuid, "viaNodeId" uuid, hops text[], epoch text, position bigint,
  version bigint, gone boolean, withheld boolean, continues text, "continuedBy" text, document text, digest text, redacted boolean)`;

/** Keeps what origins say, in the order of their URIs, and counts what is new for who told it; `metIn` marks the copy in which they were met. */
export async function writeStatements(tx: Tx, rows: readonly StatementRow[], metIn: string | undefined, now: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with written as (
    insert into federation_statements as s (uri, entity_kind, entity_id, origin_node_id, via_node_id, hops, epoch, position, version, gone, withheld,
      continues, continued_by, document, digest, redacted, met_in, received_at, created_at, updated_at)
    select r.uri, r.kind, r."entityId", r."originNodeId", r."viaNodeId", r.hops, r.epoch, r.position, r.version, r.gone, r.withheld,
      r.continues, r."continuedBy", r.document, r.digest, r.redacted, ${metIn ?? null}::uuid, ${now}, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(rows)}::json) as r ${STATEMENT} order by r.uri
    on conflict (uri) do update set entity_id = coalesce(excluded.entity_id, s.entity_id), origin_node_id = excluded.origin_node_id,
      via_node_id = excluded.via_node_id, hops = excluded.hops, epoch = excluded.epoch, position = excluded.position, version = excluded.version,
      gone = excluded.gone, withheld = excluded.withheld, continues = excluded.continues,
      continued_by = excluded.continued_by, document = excluded.document, digest = excluded.digest, redacted = excluded.redacted,
      met_in = coalesce(excluded.met_in, s.met_in), received_at = excluded.received_at, updated_at = excluded.updated_at
    returning s.via_node_id, s.xmax = 0 as is_new)
    update federation_nodes n set told = n.told + w.count
    from (select via_node_id, count(*) from written where is_new group by 1) w where n.id = w.via_node_id`.execute(kyselyOf(tx));
}

/** Keeps where origins say in their feeds what they said before: all else of these statements stays. */
export async function noteStatements(tx: Tx, rows: readonly StatementRow[], metIn: string | undefined, now: Date): Promise<void> {
  if (rows.length === 0) return;
  const said = JSON.stringify(rows.map(({ document: _document, ...row }) => row));
  await sql`
    update federation_statements s set via_node_id = r."viaNodeId", hops = r.hops, epoch = r.epoch, position = r.position, version = r.version,
      met_in = coalesce(${metIn ?? null}::uuid, s.met_in), received_at = ${now}, updated_at = ${now}
    from json_to_recordset(${said}::json) as r ${STATEMENT} where s.uri = r.uri`.execute(kyselyOf(tx));
}

/** A place, organization or person as its origin describes it. */
export interface ForeignRow {
  id: string;
  /** Match key, hex. */
  key: string;
  uri: string;
  originNodeId: string;
  name: string;
  alternateName?: readonly string[] | undefined;
  placeType?: string | undefined;
  address?: object | undefined;
  geo?: object | undefined;
  url?: string | undefined;
  sameAs?: readonly string[] | undefined;
}

const MERGED_HERE = sql`exists (select from entity_merges m where m.gone_id = t.id and m.undone_at is null)`;

/** Makes those that are not there and describes all anew; one that was gone is back. Returns URI -> id. */
export async function writeForeign(tx: Tx, kind: MentionKind, rows: readonly ForeignRow[], now: Date): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map();
  // In one order for every transaction, as mentions are.
  const said = JSON.stringify(rows.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
  await (kind === "place" ? writePlaces(tx, said, now) : writeAgents(tx, kind, said, now));
  const uris = rows.map((row) => row.uri);
  for (const other of MENTION_KINDS) if (other !== kind) await hideMisnamed(tx, other, uris, now);
  return idsOf(tx, kind, uris);
}

async function writePlaces(tx: Tx, said: string, now: Date): Promise<void> {
  await sql`
    insert into places as t (id, match_key, federation_uri, origin_node_id, name, place_type, street_address, locality, region, postal_code, country,
      latitude, longitude, url, same_as, described_trust, described_at, created_at, updated_at)
    select r.id, decode(r.key, 'hex'), r.uri, r."originNodeId", r.name, r."placeType", r.address ->> 'streetAddress', r.address ->> 'addressLocality',
      r.address ->> 'addressRegion', r.address ->> 'postalCode', r.address ->> 'addressCountry', (r.geo ->> 'latitude')::float8,
      (r.geo ->> 'longitude')::float8, r.url, coalesce(r."sameAs", '{}'), ${OF_ITS_ORIGIN}, ${now}, ${now}, ${now}
    from json_to_recordset(${said}::json) as r (id uuid, key text, uri text, "originNodeId" uuid, name text, "placeType" text, address jsonb,
      geo jsonb, url text, "sameAs" text[])
    on conflict (match_key) do update set name = excluded.name, place_type = excluded.place_type, street_address = excluded.street_address,
      locality = excluded.locality, region = excluded.region, postal_code = excluded.postal_code, country = excluded.country,
      latitude = excluded.latitude, longitude = excluded.longitude, url = excluded.url, same_as = excluded.same_as, deleted_at = null,
      merged_into_id = case when t.deleted_at is null or ${MERGED_HERE} then t.merged_into_id end,
      described_trust = excluded.described_trust, described_at = excluded.described_at, updated_at = excluded.updated_at
    where t.deleted_at is not null or t.described_trust <> excluded.described_trust
      or (t.name, t.place_type, t.street_address, t.locality, t.region, t.postal_code, t.country, t.latitude, t.longitude, t.url, t.same_as)
        is distinct from (excluded.name, excluded.place_type, excluded.street_address, excluded.locality, excluded.region, excluded.postal_code,
          excluded.country, excluded.latitude, excluded.longitude, excluded.url, excluded.same_as)`.execute(kyselyOf(tx));
}

/** One that took others in, here, is called by their names too (db/merge-others.ts). */
async function writeAgents(tx: Tx, kind: Exclude<MentionKind, "place">, said: string, now: Date): Promise<void> {
  await sql`
    insert into ${sql.table(PATH_OF_KIND[kind])} as t (id, match_key, federation_uri, origin_node_id, name, alternate_names, url, same_as, described_trust,
      described_at, created_at, updated_at)
    select r.id, decode(r.key, 'hex'), r.uri, r."originNodeId", r.name, coalesce(r."alternateName", '{}'), r.url, coalesce(r."sameAs", '{}'),
      ${OF_ITS_ORIGIN}, ${now}, ${now}, ${now}
    from json_to_recordset(${said}::json) as r (id uuid, key text, uri text, "originNodeId" uuid, name text, "alternateName" text[], url text, "sameAs" text[])
    on conflict (match_key) do update set name = excluded.name, url = excluded.url, same_as = excluded.same_as, deleted_at = null,
      alternate_names = case when exists (select from entity_merges m where m.kept_id = t.id and m.undone_at is null) then t.alternate_names
        else excluded.alternate_names end,
      merged_into_id = case when t.deleted_at is null or ${MERGED_HERE} then t.merged_into_id end,
      described_trust = excluded.described_trust, described_at = excluded.described_at, updated_at = excluded.updated_at
    where t.deleted_at is not null or t.described_trust <> excluded.described_trust
      or (t.name, t.alternate_names, t.url, t.same_as) is distinct from (excluded.name, excluded.alternate_names, excluded.url, excluded.same_as)`.execute(
    kyselyOf(tx),
  );
}

/** The ids of the rows that these URIs name; one that nothing has is absent. Merges are not followed. */
export async function idsOf(on: Reader, kind: MentionKind, uris: readonly string[]): Promise<Map<string, string>> {
  if (uris.length === 0) return new Map();
  const { rows } = await sql<{ uri: string; id: string }>`
    select federation_uri as uri, id from ${sql.table(PATH_OF_KIND[kind])} where federation_uri = any (${[...uris]}::text[])`.execute(
    kyselyOf(on),
  );
  return new Map(rows.map((row) => [row.uri, row.id]));
}

/** Takes these away; one whose origin names another of its own in its place (`heir`, a URI) leads on to that one, where it is here. */
export async function removeForeign(
  tx: Tx,
  kind: MentionKind,
  rows: readonly { uri: string; heir?: string | undefined }[],
  now: Date,
): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map();
  const table = sql.table(PATH_OF_KIND[kind]);
  await sql`
    update ${table} t set deleted_at = coalesce(t.deleted_at, ${now}), updated_at = ${now},
      merged_into_id = case when t.merged_into_id is not null and ${MERGED_HERE} then t.merged_into_id
        else nullif(coalesce(h.merged_into_id, h.id), t.id) end
    from json_to_recordset(${JSON.stringify(rows)}::json) as r (uri text, heir text)
    join ${table} own on own.federation_uri = r.uri
    left join ${table} h on h.federation_uri = r.heir and h.origin_node_id = own.origin_node_id and h.deleted_at is null
    where t.federation_uri = r.uri`.execute(kyselyOf(tx));
  await leadOn(tx, table, rows, now);
  return idsOf(
    tx,
    kind,
    rows.map((row) => row.uri),
  );
}

/** A step leads over as many places as the one before: a page tells of fewer. */
const MOST_STEPS = 10;

/** What led to one that is gone leads to where that one leads now. */
async function leadOn(tx: Tx, table: RawBuilder<unknown>, rows: readonly { uri: string }[], now: Date): Promise<void> {
  const uris = rows.map((row) => row.uri);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { rows: led } = await sql`
      update ${table} t set merged_into_id = nullif(gone.merged_into_id, t.id), updated_at = ${now}
      from ${table} gone
      where gone.federation_uri = any (${uris}::text[]) and gone.deleted_at is not null and gone.merged_into_id is not null
        and t.merged_into_id = gone.id and t.deleted_at is not null and t.origin_node_id = gone.origin_node_id and not ${MERGED_HERE} returning t.id`.execute(
      kyselyOf(tx),
    );
    if (led.length === 0) return;
  }
}

/** What their origins say of these is told by the feed, also where nothing that we show of them has changed. */
export async function tellAgain(tx: Tx, kind: EntityKind, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    insert into change_outbox (entity_kind, entity_id) select ${kind}, id from unnest(${[...new Set(ids)]}::uuid[]) id order by id
    on conflict (xid, entity_id, entity_kind) do update set state = null where change_outbox.state is not null`.execute(kyselyOf(tx));
}

/**
 * Of what is gone and never was here there is no row that could change: that it is gone is put into the outbox as it is told, under an id
 * that it keeps. Readers of ours may have heard of it by others.
 */
export async function tellGone(tx: Tx, rows: readonly { uri: string; toldId: string }[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with told as (
      update federation_statements s set told_id = r."toldId"
      from json_to_recordset(${JSON.stringify(rows)}::json) as r (uri text, "toldId" uuid) where s.uri = r.uri
      returning s.*
    )
    insert into change_outbox (entity_kind, entity_id, state)
    select t.entity_kind, t.told_id, jsonb_build_object('id', t.told_id, 'kind', t.entity_kind, 'federationUri', t.uri, 'public', false, 'version', 1,
      'name', '', 'createdAt', ${now.toISOString()}::text, 'updatedAt', ${now.toISOString()}::text,
      'statement', jsonb_strip_nulls(jsonb_build_object('node', n.base_url, 'hops', t.hops, 'epoch', t.epoch, 'position', t.position,
        'version', t.version, 'gone', t.gone, 'redacted', t.redacted, 'document', t.document)))
    from told t join federation_nodes n on n.id = t.origin_node_id order by t.uri
    on conflict (xid, entity_id, entity_kind) do update set state = excluded.state`.execute(kyselyOf(tx));
}

export interface HeldDocument {
  uri: string;
  entityId: string;
  document: string;
}

/** What origins say of these entities, locked until the transaction ends. */
export async function lockDocuments(tx: Tx, entityIds: readonly string[]): Promise<HeldDocument[]> {
  const { rows } = await sql<HeldDocument>`
    select uri, entity_id as "entityId", document from federation_statements where entity_id = any (${[...entityIds]}::uuid[]) order by uri for update`.execute(
    kyselyOf(tx),
  );
  return rows;
}

/** These documents are held without their texts from now on. */
export async function redactDocuments(tx: Tx, rows: readonly Pick<HeldDocument, "uri" | "document">[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update federation_statements s set document = r.document, redacted = true, updated_at = ${now}
    from json_to_recordset(${JSON.stringify(rows)}::json) as r (uri text, document text) where s.uri = r.uri`.execute(kyselyOf(tx));
}
