/**
 * What an entity may be found by as a duplicate (tables duplicate_entities, duplicate_keys), and the pairs that are remembered as two
 * (table not_duplicates). Keys are made by src/domain/duplicates.ts; here they are only kept and looked up.
 */
import { sql } from "kysely";
import { PATH_OF_KIND } from "../domain/iri.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface KeptKeys {
  entityId: string;
  kind: EntityKind;
  keys: readonly bigint[];
}

/** Two ids of entities of one kind. */
export interface Pair {
  entityId: string;
  otherId: string;
}

/** JSON has no numbers of 64 bits: they travel as text. */
const spelled = (keys: readonly bigint[]) => [...new Set(keys)].toSorted((a, b) => (a < b ? -1 : 1)).map(String);

/** Keeps what these entities are found by from now on; one whose keys are others than before waits to be compared again. */
export async function keepKeys(tx: Tx, rows: readonly KeptKeys[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const ordered = rows.toSorted((a, b) => (a.entityId < b.entityId ? -1 : 1)).map((row) => ({ ...row, keys: spelled(row.keys) }));
  await dropChangedKeys(tx, ordered);
  await sql`
    with given as materialized (
      select r."entityId" as entity_id, r.kind, r.keys
      from json_to_recordset(${JSON.stringify(ordered)}::json) as r("entityId" uuid, kind text, keys bigint[])
    ), kept as (
      insert into duplicate_entities as d (entity_id, kind, keys, created_at, updated_at)
      select entity_id, kind, keys, ${now}, ${now} from given
      on conflict (entity_id) do update set keys = excluded.keys, scanned_at = null, updated_at = excluded.updated_at
        where d.keys <> excluded.keys
      returning entity_id
    )
    insert into duplicate_keys (key, entity_id)
    select key, g.entity_id from given g join kept using (entity_id), unnest(g.keys) key order by 1, 2
    on conflict do nothing`.execute(kyselyOf(tx));
}

async function dropChangedKeys(tx: Tx, rows: readonly { entityId: string; keys: readonly string[] }[]): Promise<void> {
  await sql`
    delete from duplicate_keys k
    using json_to_recordset(${JSON.stringify(rows)}::json) as r("entityId" uuid, keys bigint[])
      join duplicate_entities d on d.entity_id = r."entityId" and d.keys <> r.keys
    where k.entity_id = d.entity_id and k.key = any (d.keys) and k.key <> all (r.keys)`.execute(kyselyOf(tx));
}

/**
 * Who else is kept under one of these probes: at most `most` others for each entity, those that share most of its probes
 * first. An entity never finds itself; of a pair that finds each other both ways are returned. No more than PER_PROBE of
 * each probe: a key that thousands share says little, and must not cost much.
 */
export async function findByKeys(
  on: Reader,
  kind: EntityKind,
  probes: readonly { entityId: string; probes: readonly bigint[] }[],
  most: number,
): Promise<Pair[]> {
  if (probes.length === 0) return [];
  const asked = probes.map((one) => ({ ...one, probes: spelled(one.probes) }));
  const { rows } = await sql<Pair>`
    select r."entityId", found.entity_id as "otherId"
    from json_to_recordset(${JSON.stringify(asked)}::json) as r("entityId" uuid, probes bigint[])
    cross join lateral (
      select shared.entity_id from unnest(r.probes) probe
      cross join lateral (select k.entity_id from duplicate_keys k where k.key = probe limit ${PER_PROBE}) shared
      where shared.entity_id <> r."entityId"
      group by shared.entity_id order by count(*) desc, shared.entity_id limit ${most}
    ) found
    join duplicate_entities d on d.entity_id = found.entity_id and d.kind = ${kind}`.execute(kyselyOf(on));
  return rows;
}
const PER_PROBE = 200;

/** Those of the pairs that are remembered as two: they themselves, or two that have been merged into them. As given, either way round. */
export async function readNotDuplicates<P extends Pair>(on: Reader, kind: EntityKind, pairs: readonly P[]): Promise<P[]> {
  if (pairs.length === 0) return [];
  const table = sql.table(PATH_OF_KIND[kind]);
  const { rows } = await sql<{ n: number }>`
    with pair as (
      select r.n, r.low, r.high from json_to_recordset(${JSON.stringify(pairs.map(lowFirst))}::json) as r(n integer, low uuid, high uuid)
    ), member as (
      select id as root, id from (select low as id from pair union select high from pair) ends
      union all
      select e.merged_into_id, e.id from ${table} e where e.merged_into_id in (select low from pair union select high from pair)
    )
    select distinct p.n from pair p join member a on a.root in (p.low, p.high)
    join not_duplicates d on d.kind = ${kind} and d.low_id = a.id
    join member b on b.id = d.high_id and b.root in (p.low, p.high) and b.root <> a.root`.execute(kyselyOf(on));
  const found = new Set(rows.map((row) => row.n));
  return pairs.filter((_, n) => found.has(n));
}

const lowFirst = ({ entityId: a, otherId: b }: Pair, n: number) => (a < b ? { n, low: a, high: b } : { n, low: b, high: a });

/** Remembers for ever that the two are two; the first word on it stands. */
export async function rememberApart(
  tx: Tx,
  kind: EntityKind,
  { entityId, otherId }: Pair,
  { actor, reason }: { actor: string; reason?: string | undefined },
  now: Date,
): Promise<void> {
  const { low, high } = lowFirst({ entityId, otherId }, 0);
  await sql`
    insert into not_duplicates (kind, low_id, high_id, actor, reason, created_at, updated_at)
    values (${kind}, ${low}, ${high}, ${actor}, ${reason ?? null}, ${now}, ${now})
    on conflict do nothing`.execute(kyselyOf(tx));
}

/** The first of a kind that have not been compared since they changed. By duplicate_entities_waiting. */
export async function waitingFor(on: Reader, kind: EntityKind, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select entity_id as id from duplicate_entities where kind = ${kind} and scanned_at is null order by entity_id limit ${limit}`.execute(
    kyselyOf(on),
  );
  return rows.map((row) => row.id);
}

/** These have been compared with all that they could be found by. */
export async function markScanned(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await sql`update duplicate_entities set scanned_at = ${now} where entity_id = any (${[...ids]}::uuid[])`.execute(kyselyOf(tx));
}

/** These wait to be compared again; those without keys do so in any case. */
export async function scanAgain(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`update duplicate_entities set scanned_at = null where entity_id = any (${[...ids]}::uuid[]) and scanned_at is not null`.execute(
    kyselyOf(tx),
  );
}

/** What was merged is not found any more, so that it takes no place among the others; a scan makes its keys anew after an undo. */
export async function dropKeys(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    with dropped as (delete from duplicate_entities where entity_id = any (${[...ids]}::uuid[]) returning entity_id, keys)
    delete from duplicate_keys k using dropped d where k.entity_id = d.entity_id and k.key = any (d.keys)`.execute(kyselyOf(tx));
}
