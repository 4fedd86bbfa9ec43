/**
 * Places, organizations and persons that turn out to be one: who leads on to whom, and what they are called. An entity's
 * merged_into_id is always the end of its chain; the steps stand in entity_merges (src/db/merges.ts).
 */
import { sql, type RawBuilder } from "kysely";
import { PATH_OF_KIND } from "../domain/iri.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import type { MentionKind } from "./mentions.ts";

const MERGE_LOCKS = 0x0ca2;
const LOCK_OF_KIND = { place: 1, organization: 2, person: 3 } as const satisfies Record<MentionKind, number>;

/** Until this transaction ends nobody else merges entities of this kind or undoes it: chains stay as they are read. */
export async function lockMerges(tx: Tx, kind: MentionKind): Promise<void> {
  await sql`select pg_advisory_xact_lock(${MERGE_LOCKS}::int, ${LOCK_OF_KIND[kind]}::int)`.execute(kyselyOf(tx));
}

export interface Led {
  id: string;
  /** The end of its chain; its own id where it is the end. */
  endId: string;
  deleted: boolean;
}

/**
 * Locks these ends and all that leads to them. Submissions lock what they mention and then where it leads (upsertPlaces);
 * an end is older than whatever leads to it, so here too the newest is locked first. After this everything that points at
 * them is there to be seen, and what comes later waits and finds the new ends.
 */
export async function lockLed(tx: Tx, kind: MentionKind, endIds: readonly string[]): Promise<Led[]> {
  const { rows } = await sql<Led>`
    select id, coalesce(merged_into_id, id) as "endId", deleted_at is not null as deleted from ${table(kind)}
    where id = any (${[...endIds]}::uuid[]) or merged_into_id = any (${[...endIds]}::uuid[])
    order by id desc for no key update`.execute(kyselyOf(tx));
  return rows;
}

/** These lead to `endId` from now on; the end itself, if it is among them, leads nowhere. */
export async function leadTo(tx: Tx, kind: MentionKind, ids: readonly string[], endId: string, now: Date): Promise<void> {
  await sql`update ${table(kind)} set merged_into_id = nullif(${endId}::uuid, id), updated_at = ${now} where id = any (${[...ids]}::uuid[])`.execute(
    kyselyOf(tx),
  );
}

/** An entity and all that leads to it by merges that stand, with their match keys (hex). */
export async function readFollowing(on: Reader, kind: MentionKind, id: string): Promise<{ id: string; key: string }[]> {
  const { rows } = await sql<{ id: string; key: string }>`
    with recursive led as (
      select ${id}::uuid as id
      union
      select m.gone_id from led join entity_merges m on m.kept_id = led.id and m.undone_at is null
    )
    select e.id, encode(e.match_key, 'hex') as key from led join ${table(kind)} e on e.id = led.id`.execute(kyselyOf(on));
  return rows;
}

/** Topics of the open review items that ask whether two of these are one. */
export async function openPairTopics(on: Reader, kind: MentionKind, ids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ topic: string }>`
    select topic from review_items where state = 'open' and kind = 'duplicate' and entity_kind = ${kind}
      and entity_id = any (${[...ids]}::uuid[]) and other_id = any (${[...ids]}::uuid[])`.execute(kyselyOf(on));
  return rows.map((row) => row.topic);
}

export type AgentKind = Exclude<MentionKind, "place">;

/** The alternate names that are an agent's own, and not those of others that were merged into it. */
const ownNames = (agent: "t" | "m"): RawBuilder<string[]> => sql`coalesce(
  (select array(select jsonb_array_elements_text(x.before -> 'alternateNames')) from entity_merges x
    where x.kept_id = ${sql.ref(`${agent}.id`)} and x.undone_at is null limit 1), ${sql.ref(`${agent}.alternate_names`)})`;

export async function readOwnNames(on: Reader, kind: AgentKind, id: string): Promise<string[]> {
  const { rows } = await sql<{ names: string[] }>`select ${ownNames("t")} as names from ${table(kind)} t where id = ${id}`.execute(
    kyselyOf(on),
  );
  return rows[0]?.names ?? [];
}

/** Gives an agent its own names back, where nothing is merged into it any more. */
export async function restoreOwnNames(tx: Tx, kind: AgentKind, id: string, names: readonly string[], now: Date): Promise<void> {
  await sql`
    update ${table(kind)} t set alternate_names = ${[...names]}::text[], updated_at = ${now}
    where id = ${id} and alternate_names <> ${[...names]}::text[]
      and not exists (select from entity_merges x where x.kept_id = t.id and x.undone_at is null)`.execute(kyselyOf(tx));
}

/** Each of these ends is also called by the names of what leads to it: first its own alternate names, then theirs by alphabet. */
export async function gatherNames(tx: Tx, kind: AgentKind, endIds: readonly string[], now: Date): Promise<void> {
  await sql`
    update ${table(kind)} e set alternate_names = n.names, updated_at = ${now}
    from (
      select t.id, own.names || array(
        select distinct (said.name collate "C") from ${table(kind)} m cross join lateral (
          select m.name union all select unnest(${ownNames("m")})
        ) said
        where m.merged_into_id = t.id and said.name <> t.name and said.name <> all (own.names) order by 1
      ) as names
      from ${table(kind)} t cross join lateral (select ${ownNames("t")} as names) own
      where t.id = any (${[...endIds]}::uuid[])
    ) n
    where e.id = n.id and e.alternate_names <> n.names`.execute(kyselyOf(tx));
}

const table = (kind: MentionKind) => sql.table(PATH_OF_KIND[kind]);
