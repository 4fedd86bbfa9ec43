/** Words that were taken back: while a source says this very value, it does not count (table claim_withdrawals). */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface Withdrawal {
  id: string;
  /** The event that it stands at now, merges followed. */
  eventId: string;
  sourceId: string;
  /** JSON Pointer, "/name". */
  field: string;
  /** Hex of the sha-256 of the value's canonical JSON. */
  valueHash: string;
  actor: string;
  reason: string | null;
  withdrawnAt: Date;
}

const COLUMNS =
  sql.raw(`w.id, coalesce(e.merged_into_id, e.id) as "eventId", w.source_id as "sourceId", w.field, encode(w.value_hash, 'hex') as "valueHash",
  w.actor, w.reason, w.withdrawn_at as "withdrawnAt"`);

/** What holds now of these events and of those that were merged into them. */
export async function withdrawalsOf(on: Reader, eventIds: readonly string[]): Promise<Withdrawal[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await sql<Withdrawal>`
    select ${COLUMNS} from claim_withdrawals w join events e on e.id = w.event_id
    where w.lifted_at is null and w.event_id in (
      select id from unnest(${[...eventIds]}::uuid[]) id
      union select m.id from events m where m.merged_into_id = any (${[...eventIds]}::uuid[]))
    order by w.id`.execute(kyselyOf(on));
  return rows;
}

/** False where the same word is taken back already. */
export async function insertWithdrawal(tx: Tx, { withdrawnAt: at, reason, ...one }: Withdrawal): Promise<boolean> {
  const { rows } = await sql`
    insert into claim_withdrawals (id, event_id, source_id, field, value_hash, actor, reason, withdrawn_at, created_at, updated_at)
    values (${one.id}, ${one.eventId}, ${one.sourceId}, ${one.field}, decode(${one.valueHash}, 'hex'), ${one.actor}, ${reason}, ${at}, ${at}, ${at})
    on conflict (event_id, source_id, field, value_hash) where lifted_at is null do nothing returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

/** The withdrawal that was lifted, or undefined where there was none. */
export async function liftedWithdrawal(tx: Tx, id: string, actor: string, now: Date): Promise<Withdrawal | undefined> {
  const { rows } = await sql<Withdrawal>`
    with lifted as (
      update claim_withdrawals set lifted_at = ${now}, lifted_by = ${actor}, updated_at = ${now} where id = ${id} and lifted_at is null returning *
    )
    select ${COLUMNS} from lifted w join events e on e.id = w.event_id`.execute(kyselyOf(tx));
  return rows[0];
}
