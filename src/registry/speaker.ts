/** Whose word a write is: the source of the caller's key, or the curator's for an admin who names none. */
import type { Tx } from "../db/database.ts";
import { holdSpeaker } from "../db/speaker.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";
import type { Speaker } from "./settle.ts";
import { curatorSource } from "./sources.ts";

export async function speakerOf(registry: Registry, caller: Caller, tx: Tx): Promise<Speaker> {
  if (caller.sourceId !== undefined) {
    const speaker = await holdSpeaker(tx, caller.sourceId);
    assertOwnVoice(speaker);
    return speaker;
  }
  if (caller.role !== "admin")
    throw new RegistryError("forbidden", { detail: "This key speaks for no source; ask the node's admin for an agent's key." });
  return holdSpeaker(tx, (await curatorSource(registry, tx)).id);
}

/** What a node says comes by its feed or by POST /api/v1/federation/sync, where it is judged and kept as its word. Throws `forbidden`. */
export function assertOwnVoice({ name, type }: { name: string; type: string }): void {
  if (type !== "federation") return;
  throw new RegistryError("forbidden", {
    detail: `${name} is another node's source: nobody else writes, imports or harvests in its name. Make a source of another name.`,
  });
}
