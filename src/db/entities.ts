/** Entities as they show themselves: the one state that every output is made from (function entity_states). */
import { sql } from "kysely";
import type { AnyState } from "../domain/state.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** The states of these entities, in the order of `ids`; unknown ids are absent. */
export async function readStates(on: Reader, kind: EntityKind, ids: readonly string[]): Promise<AnyState[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string; state: AnyState }>`select id, state from entity_states(${kind}, ${ids}::uuid[])`.execute(
    kyselyOf(on),
  );
  const byId = new Map(rows.map((row) => [row.id, row.state]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** One entity's state, hidden and deleted ones included; undefined when there is no such id. */
export async function readState(on: Reader, kind: EntityKind, id: string): Promise<AnyState | undefined> {
  return (await readStates(on, kind, [id]))[0];
}

const TABLES = { event: "events", place: "places", organization: "organizations", person: "persons" } as const satisfies Record<
  EntityKind,
  string
>;

/**
 * One entity's state, unless the caller holds that version already: then `state` is absent, and nothing is rendered.
 * A version grows with every change of what its state shows, so equal versions mean equal states.
 */
export async function readStateUnless(
  on: Reader,
  kind: EntityKind,
  id: string,
  known: number | undefined,
): Promise<{ state?: AnyState } | undefined> {
  const { rows } = await sql<{ state: AnyState | null }>`
    select case when e.version is distinct from ${known ?? null}::bigint then (select s.state from entity_states(${kind}, array[e.id]) s) end as state
    from ${sql.table(TABLES[kind])} e where e.id = ${id}::uuid`.execute(kyselyOf(on));
  const [row] = rows;
  return row && (row.state === null ? {} : { state: row.state });
}

/** What this node showed of an entity at `at`: the last change published at or before it; undefined before the first, or when it was not public then. */
export async function readStateAsOf(on: Reader, id: string, at: Date): Promise<AnyState | undefined> {
  const { rows } = await sql<{ state: AnyState | null }>`
    select state from event_changes where entity_id = ${id} and published_at <= ${at} order by sequence_number desc limit 1`.execute(
    kyselyOf(on),
  );
  return rows[0]?.state ?? undefined;
}
