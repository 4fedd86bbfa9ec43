/** A whole source taken back: it says nothing any more, until it is reinstated. Its records stay. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { setWithdrawn } from "../db/sources.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";

export interface NamedSource {
  name: string;
  reason?: string | undefined;
}

/** Its events are decided anew by a job; those that nobody else speaks for go out of sight. Throws `not_found`, `conflict`. */
export function withdrawSource(registry: Registry, caller: Caller, tx: Tx, source: NamedSource): Promise<void> {
  return set(registry, caller, tx, source, true);
}

/** Its present records speak again. Throws `not_found`, `conflict`. */
export function reinstateSource(registry: Registry, caller: Caller, tx: Tx, source: NamedSource): Promise<void> {
  return set(registry, caller, tx, source, false);
}

async function set(registry: Registry, caller: Caller, tx: Tx, { name, reason }: NamedSource, withdrawn: boolean): Promise<void> {
  const now = registry.clock();
  const { id, changed } = await setWithdrawn(tx, name, withdrawn ? { at: now, reason } : undefined, now);
  if (id === undefined) throw new RegistryError("not_found", { detail: `There is no source named ${name}.` });
  if (!changed)
    throw new RegistryError("conflict", { detail: `The source ${name} ${withdrawn ? "was withdrawn already" : "is not withdrawn"}.` });
  await registry.enqueue(tx, { queue: "resettle-source", sourceId: id });
  const { actor, onBehalfOf, requestId } = caller;
  const action = withdrawn ? "source.withdrawn" : "source.reinstated";
  await audit(tx, [{ actor, onBehalfOf, action, entityKind: "source", entityId: id, reason, requestId }], now);
}
