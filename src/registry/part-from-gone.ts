/** Two peers' events that a person made one, where the origin of the one that was kept takes it away: the other's is shown still. */
import type { Tx } from "../db/database.ts";
import { mergesInto } from "../db/merges.ts";
import type { Caller, Registry } from "./context.ts";
import { undoMerge } from "./merge-events.ts";

const PULLER: Caller = { actor: "registry:federation", role: "admin" };

/** Takes back what was merged into these, which are gone at their origins (their statements say so by now): each stands on its own again. */
export async function partFromGone(registry: Registry, tx: Tx, keptIds: readonly string[]): Promise<void> {
  for (const mergeId of await mergesInto(tx, "event", keptIds))
    await undoMerge(registry, PULLER, tx, { mergeId, reason: "The origin of the event that was kept says that it is no more." });
}
