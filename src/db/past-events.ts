/** Events that wait for their end (table event_ends), and those that have come to it. */
import { sql } from "kysely";
import type { LifecycleState } from "../domain/lifecycle.ts";
import { kyselyOf, type Tx } from "./handle.ts";

/**
 * Takes up to `most` events whose end has come out of the waiting ones, and completes those that are in one of the
 * states `from` and stand for themselves. What somebody else has locked is left for the next time.
 *
 * 1. Lock events whose end has come, by event_ends_over. The events, not their waiting rows: whoever changes when an event
 *    is has locked the event first.
 * 2. Look again: between the look and the lock an end may have moved.
 * 3. Complete what may be completed. The triggers tell the feed and the search.
 *
 * `found` counts all whose end had come; one that comes into one of the states later waits anew, by its trigger.
 */
export async function completeDue(
  tx: Tx,
  { from, now, most }: { from: readonly LifecycleState[]; now: Date; most: number },
): Promise<{ found: number; completed: string[] }> {
  const db = kyselyOf(tx);
  const due = await sql<{ id: string }>`
    select e.id from event_ends x join events e on e.id = x.event_id
    where x.over_at <= ${now} order by x.over_at limit ${most}
    for no key update of e skip locked`.execute(db);
  const over = await sql<{ id: string }>`
    delete from event_ends where event_id = any (${due.rows.map((row) => row.id)}::uuid[]) and over_at <= ${now} returning event_id as id`.execute(
    db,
  );
  const completed = await sql<{ id: string }>`
    update events set lifecycle_state = 'completed', updated_at = ${now}
    where id = any (${over.rows.map((row) => row.id)}::uuid[]) and lifecycle_state = any (${[...from]}::text[]) and merged_into_id is null
    returning id`.execute(db);
  return { found: due.rows.length, completed: completed.rows.map((row) => row.id).toSorted() };
}
