/** What events can be found by as duplicates, kept up to date with what they show. */
import type { Tx } from "../db/database.ts";
import { keepKeys } from "../db/duplicate-keys.ts";
import { readEventLikeness } from "../db/event-likeness.ts";
import { eventKeys } from "../domain/duplicates.ts";
import type { EventLikeness } from "../domain/likeness.ts";

/** Keeps the keys of these events as they stand in this transaction; returns what they are compared by. */
export async function keepEventKeys(tx: Tx, eventIds: readonly string[], now: Date): Promise<EventLikeness[]> {
  const likenesses = await readEventLikeness(tx, eventIds);
  await keepKeys(
    tx,
    likenesses.map((one) => ({ entityId: one.id, kind: "event", keys: eventKeys(one) })),
    now,
  );
  return likenesses;
}
