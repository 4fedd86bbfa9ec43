/** Merges and their undoing for entities of every kind. */
import type { Tx } from "../db/database.ts";
import { readMerge } from "../db/merges.ts";
import { RegistryError } from "../domain/errors.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import type { Caller, Registry } from "./context.ts";
import { mergeEvents, undoMerge } from "./merge-events.ts";
import { mergeOthers, undoOthersMerge } from "./merge-others.ts";

/** Keeps our own before a peer's, then the older one. Throws `not_found`, `gone`, and `conflict` where the two lead to one already. */
export function mergeAny(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  { kind, ids, reason }: { kind: EntityKind; ids: readonly [string, string]; reason?: string | undefined },
): Promise<{ mergeId: string; keptId: string; goneId: string }> {
  return kind === "event" ? mergeEvents(registry, caller, tx, { ids, reason }) : mergeOthers(registry, caller, tx, { kind, ids, reason });
}

/** Takes a merge back and remembers the two as two. Throws `not_found`, and `conflict` where it was undone already. */
export async function undoAnyMerge(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  undo: { mergeId: string; reason?: string | undefined },
): Promise<{ kind: EntityKind; keptId: string; goneId: string }> {
  const merge = await readMerge(tx, undo.mergeId);
  if (merge === undefined) throw new RegistryError("not_found", { detail: "There is no such merge." });
  const { kind } = merge;
  return { kind, ...(await (kind === "event" ? undoMerge : undoOthersMerge)(registry, caller, tx, undo)) };
}
