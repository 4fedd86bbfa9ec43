/**
 * Places, organizations and persons as events mention them: found by their match key or made, all of a chunk at once.
 * A better description replaces the one held; an equal or lesser one writes nothing.
 */
import { sql } from "kysely";
import { PATH_OF_KIND } from "../domain/iri.ts";
import type { AgentMention, PlaceMention } from "../domain/submission.ts";
import { kyselyOf, pgTyped, type Reader, type Tx } from "./handle.ts";
import * as queries from "./queries/mentions.queries.ts";

/** The best mention of a place or agent wins by trust, then by how much it says, then by time (milliseconds), then by hash. */
export interface Described {
  trust: number;
  detail: number;
  at: number;
  hash: Buffer;
}

export interface Mention<T> {
  id: string;
  key: Buffer;
  said: T;
  described: Described;
}

export const MENTION_KINDS = ["place", "organization", "person"] as const;
export type MentionKind = (typeof MENTION_KINDS)[number];

const FIND = { place: queries.findPlaces, organization: queries.findOrganizations, person: queries.findPersons };
const UPSERT = { place: queries.upsertPlaces, organization: queries.upsertOrganizations, person: queries.upsertPersons };

/** Above every trust: what an origin's own item says of its place stands before any mention of it (mentions.sql). */
export const OF_ITS_ORIGIN = 100;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const described = (one: Mention<unknown>) => ({
  id: one.id,
  key: hex(one.key),
  trust: one.described.trust,
  detail: one.described.detail,
  at: new Date(one.described.at).toISOString(),
  hash: hex(one.described.hash),
});

/** The ids of what these keys name, merges followed; a key that nothing has is absent. Keys of the map are hex. */
export async function findByMatchKey(on: Reader, kind: MentionKind, keys: readonly Buffer[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await FIND[kind].run({ keys: keys.map(hex) }, pgTyped(on));
  return new Map(rows.map((row) => [hex(row.match_key), row.id]));
}

/** Finds or makes what is mentioned; returns match key (hex) -> id. One mention per key. */
export function upsertPlaces(tx: Tx, mentions: readonly Mention<PlaceMention>[], now: Date): Promise<Map<string, string>> {
  return upsert(tx, "place", mentions, now);
}

/** As upsertPlaces, for organizers and performers of one kind. */
export function upsertAgents(
  tx: Tx,
  kind: "organization" | "person",
  mentions: readonly Mention<AgentMention>[],
  now: Date,
): Promise<Map<string, string>> {
  return upsert(tx, kind, mentions, now);
}

async function upsert(tx: Tx, kind: MentionKind, mentions: readonly Mention<object>[], now: Date): Promise<Map<string, string>> {
  if (mentions.length === 0) return new Map();
  // In one order for every transaction, so that two of them wait for each other and never in a circle.
  const ordered = (await withToldIds(tx, kind, mentions)).toSorted((a, b) => Buffer.compare(a.key, b.key));
  await UPSERT[kind].run({ mentions: JSON.stringify(ordered.map((one) => ({ ...one.said, ...described(one) }))), now }, pgTyped(tx));
  await hideMisnamed(
    tx,
    kind,
    ordered.flatMap(({ said }) => uriOf(said) ?? []),
    now,
  );
  return findEnds(
    tx,
    kind,
    ordered.map((one) => hex(one.key)),
  );
}

/** What our feed told the end of before it was ever here keeps the id under which that was told: there it is one entity. */
async function withToldIds<T extends object>(tx: Tx, kind: MentionKind, mentions: readonly Mention<T>[]): Promise<readonly Mention<T>[]> {
  const uris = mentions.flatMap(({ said }) => uriOf(said) ?? []);
  if (uris.length === 0) return mentions;
  const { rows } = await sql<{ uri: string; id: string }>`
    select uri, told_id as id from federation_statements where uri = any (${uris}::text[]) and entity_kind = ${kind} and told_id is not null`.execute(
    kyselyOf(tx),
  );
  const told = new Map(rows.map(({ uri, id }) => [uri, id]));
  return mentions.map((one) => ({ ...one, id: told.get(uriOf(one.said) ?? "") ?? one.id }));
}

const uriOf = (said: object): string | undefined =>
  "federationUri" in said && typeof said.federationUri === "string" ? said.federationUri : undefined;

/**
 * Hides what events of a peer mention under these URIs as of this kind while their origin's own items say that they are of another: it
 * stays what those events say, and is no entity of its own. One that was told by an item is left alone.
 */
export async function hideMisnamed(tx: Tx, kind: MentionKind, uris: readonly string[], now: Date): Promise<void> {
  if (uris.length === 0) return;
  const others = MENTION_KINDS.filter((other) => other !== kind).map(
    (other) => sql`select federation_uri from ${sql.table(PATH_OF_KIND[other])} where federation_uri = any (${[...uris]}::text[])
      and described_trust = ${OF_ITS_ORIGIN} and deleted_at is null`,
  );
  await sql`
    update ${sql.table(PATH_OF_KIND[kind])} set deleted_at = ${now}, updated_at = ${now}
    where federation_uri = any (${[...uris]}::text[]) and described_trust <> ${OF_ITS_ORIGIN} and deleted_at is null
      and federation_uri in (${sql.join(others, sql` union all `)})`.execute(kyselyOf(tx));
}

/**
 * As findByMatchKey, of what is locked by now; where a merge leads on, its end is locked too. At commit the outbox locks
 * what events point at: an end that was locked then, after organizers and performers, would make a circle of two writers.
 */
async function findEnds(tx: Tx, kind: MentionKind, keys: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ key: string; id: string }>`
    with named as (
      select encode(match_key, 'hex') as key, id, merged_into_id from ${sql.table(PATH_OF_KIND[kind])}
      where match_key in (select decode(k, 'hex') from unnest(${[...keys]}::text[]) k)
    ), ends as (
      select e.id from ${sql.table(PATH_OF_KIND[kind])} e where e.id in (select merged_into_id from named) order by e.id for share
    )
    select n.key, coalesce(e.id, n.id) as id from named n left join ends e on e.id = n.merged_into_id`.execute(kyselyOf(tx));
  return new Map(rows.map((row) => [row.key, row.id]));
}
