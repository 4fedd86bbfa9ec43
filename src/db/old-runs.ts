/** What finished runs leave behind (table ingest_items): kept for a while so that a job's results can be read, then let go. */
import { kyselyOf, type Tx } from "./handle.ts";

/** Deletes the items of runs that finished before `before`; the runs themselves stay. Returns how many items that were. */
export async function forgetItemsOfRuns(tx: Tx, before: Date): Promise<number> {
  const db = kyselyOf(tx);
  const { numDeletedRows } = await db
    .deleteFrom("ingest_items")
    .where(
      "run_id",
      "in",
      db.selectFrom("ingest_runs").select("id").where("state", "in", ["done", "failed"]).where("finished_at", "<", before),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}
