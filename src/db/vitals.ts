/** What tells an operator how the database fares: answers at all, schema, feed head, outbox depth. */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";

export interface Vitals {
  feedHead: number;
  outboxDepth: number;
  waitingItems: number;
}

/** Fails when the database does not answer or has not been migrated. */
export async function assertMigrated(on: Reader): Promise<void> {
  await sql`select 1 from node_settings, feed_head, api_keys limit 1`.execute(kyselyOf(on));
}

export async function readVitals(on: Reader): Promise<Vitals> {
  const { rows } = await sql<Vitals>`select
    coalesce((select position from feed_head), 0)::int8 as "feedHead",
    (select count(*) from change_outbox)::int8 as "outboxDepth",
    (select count(*) from ingest_items where outcome is null)::int8 as "waitingItems"`.execute(kyselyOf(on));
  return rows[0]!;
}
