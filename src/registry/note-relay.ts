/** Keeps how far a stream of the relay goes, and what holds it up. */
import { keepStreamRelay, type StreamRelay } from "../db/stream-relays.ts";
import type { Registry } from "./context.ts";

export type RelayNote = Omit<StreamRelay, "toldAt">;

/** One row, written anew; when it was said is this moment. */
export async function noteRelay(registry: Pick<Registry, "database" | "clock">, note: RelayNote): Promise<void> {
  await registry.database.transact((tx) => keepStreamRelay(tx, { ...note, toldAt: registry.clock() }));
}
