/** Merges and their undoing, and pairs that are remembered as two (tables entity_merges, not_duplicates). */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface Merge {
  id: string;
  kind: EntityKind;
  keptId: string;
  goneId: string;
  rule: string | null;
  actor: string;
  reason: string | null;
  before: unknown;
  mergedAt: Date;
  undoneAt: Date | null;
  undoneBy: string | null;
}

const TABLES = { event: "events", place: "places", organization: "organizations", person: "persons" } as const;
const COLUMNS = sql.raw(`id, kind, kept_id as "keptId", gone_id as "goneId", rule, actor, reason, before, merged_at as "mergedAt",
  undone_at as "undoneAt", undone_by as "undoneBy"`);

export async function insertMerge(
  tx: Tx,
  merge: Pick<Merge, "id" | "kind" | "keptId" | "goneId" | "actor" | "before"> & { rule?: string | undefined; reason?: string | undefined },
  now: Date,
): Promise<void> {
  await sql`
    insert into entity_merges (id, kind, kept_id, gone_id, rule, actor, reason, before, merged_at, created_at, updated_at)
    values (${merge.id}, ${merge.kind}, ${merge.keptId}, ${merge.goneId}, ${merge.rule ?? null}, ${merge.actor}, ${merge.reason ?? null},
      ${JSON.stringify(merge.before)}::jsonb, ${now}, ${now}, ${now})`.execute(kyselyOf(tx));
}

export async function readMerge(on: Reader, id: string): Promise<Merge | undefined> {
  return (await sql<Merge>`select ${COLUMNS} from entity_merges where id = ${id}`.execute(kyselyOf(on))).rows[0];
}

/** The newest first; of one entity, whichever side it was, where `entityId` is given. */
export async function listMerges(
  on: Reader,
  { entityId, before, limit }: { entityId?: string | undefined; before?: string | undefined; limit: number },
): Promise<Merge[]> {
  const { rows } = await sql<Merge>`
    select ${COLUMNS} from entity_merges
    where (${entityId ?? null}::uuid is null or kept_id = ${entityId ?? null} or gone_id = ${entityId ?? null})
      and (${before ?? null}::uuid is null or id < ${before ?? null})
    order by id desc limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** Marks a merge as undone; false where it was already. */
export async function undone(tx: Tx, id: string, by: { actor: string; reason?: string | undefined }, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update entity_merges set undone_at = ${now}, undone_by = ${by.actor}, undo_reason = ${by.reason ?? null}, updated_at = ${now}
    where id = ${id} and undone_at is null returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

/** The entity itself and all that was merged into it and still is, directly or by way of others. */
export async function membersOf(on: Reader, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive members (id) as (
      select ${id}::uuid
      union
      select m.gone_id from entity_merges m join members on m.kept_id = members.id where m.undone_at is null
    ) select id from members`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/** The merges into these entities that stand, the newest first; none of one that leads on itself. */
export async function mergesInto(on: Reader, kind: EntityKind, keptIds: readonly string[]): Promise<string[]> {
  if (keptIds.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select m.id from entity_merges m where m.kind = ${kind} and m.kept_id = any (${[...keptIds]}::uuid[]) and m.undone_at is null
      and not exists (select from entity_merges on_to where on_to.gone_id = m.kept_id and on_to.undone_at is null)
    order by m.id desc`.execute(kyselyOf(on));
  return rows.map((row) => row.id);
}

/** Where an entity leads: its own id, or the end of its merges. */
export async function endOfChain(on: Reader, kind: EntityKind, id: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select coalesce(merged_into_id, id) as id from ${sql.table(TABLES[kind])} where id = ${id}`.execute(kyselyOf(on));
  return rows[0]?.id ?? id;
}

/** `id`, and what led to it, leads to `heir` from now on; with null, `id` itself stands on its own again. Chains stay flat. */
export async function leadOn(tx: Tx, kind: EntityKind, id: string, heir: string | null, now: Date): Promise<void> {
  await sql`
    update ${sql.table(TABLES[kind])} set merged_into_id = ${heir}, updated_at = ${now}
    where id = ${id} ${heir === null ? sql`` : sql`or merged_into_id = ${id}`}`.execute(kyselyOf(tx));
}

/** Every record of an event, past ones too, becomes another's; each remembers where it was first. */
export async function moveRecords(tx: Tx, from: string, to: string, now: Date): Promise<void> {
  await sql`
    update event_sources set home_event_id = coalesce(home_event_id, event_id), event_id = ${to}, updated_at = ${now}
    where event_id = ${from}`.execute(kyselyOf(tx));
}

/** The records that were first at one of `homes` go to `to`. */
export async function moveRecordsBack(tx: Tx, homes: readonly string[], to: string, now: Date): Promise<void> {
  await sql`
    update event_sources set event_id = ${to}, home_event_id = nullif(home_event_id, ${to}), updated_at = ${now}
    where home_event_id = any (${[...homes]}::uuid[])`.execute(kyselyOf(tx));
}

export interface Apart {
  kind: EntityKind;
  lowId: string;
  highId: string;
  actor: string;
  reason: string | null;
  createdAt: Date;
}

/** The newest first. */
export async function listApart(on: Reader, { limit, offset = 0 }: { limit: number; offset?: number }): Promise<Apart[]> {
  const { rows } = await sql<Apart>`
    select kind, low_id as "lowId", high_id as "highId", actor, reason, created_at as "createdAt" from not_duplicates
    order by created_at desc, low_id, high_id limit ${limit} offset ${offset}`.execute(kyselyOf(on));
  return rows;
}
