/** The job that completes events whose last occurrence is over. */
import { audit } from "../db/audit.ts";
import { completeDue } from "../db/past-events.ts";
import { allowedFrom, LIFECYCLE_STATES } from "../domain/lifecycle.ts";
import type { Registry } from "./context.ts";

/** Events of one transaction. */
const CHUNK = 500;
const ACTOR = "job:complete-past";

/** The states that "completed" may follow, by the one table. */
const OPEN = LIFECYCLE_STATES.filter((state) => allowedFrom(state).includes("completed"));

/**
 * Completes every event that is over, a transaction for every 500. Safe to run twice, and to be cut off anywhere: what is
 * done stays done, the rest waits. An event that somebody is changing just now is left for the next run.
 */
export async function completePast(registry: Registry): Promise<{ completed: number }> {
  const { database, clock } = registry;
  const now = clock();
  let completed = 0;
  for (let found = CHUNK; found === CHUNK;) {
    const done = await database.transact(
      async (tx) => {
        const chunk = await completeDue(tx, { from: OPEN, now, most: CHUNK });
        await audit(
          tx,
          chunk.completed.map((id) => ({ actor: ACTOR, action: "event.completed", entityKind: "event", entityId: id })),
          now,
        );
        return chunk;
      },
      { actor: ACTOR },
    );
    completed += done.completed.length;
    found = done.found;
  }
  return { completed };
}
