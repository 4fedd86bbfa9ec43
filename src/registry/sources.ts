/** Sources: made by an admin, by an import, or (the curator's) on first need. */
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { readPeerOfSource } from "../db/peers.ts";
import { findSource, insertSource, updateSource, type NewSource, type SourceRow } from "../db/sources.ts";
import { RegistryError } from "../domain/errors.ts";
import { isZone } from "../domain/when.ts";
import type { Caller, Registry } from "./context.ts";

export type { NewSource, SourceRow } from "../db/sources.ts";

const CURATOR = "curator";

/** The source of what curators and admins say themselves; its claims are pinned. */
export async function curatorSource(registry: Registry, tx: Tx): Promise<{ id: string }> {
  return ensureSource(registry, tx, { name: CURATOR, type: "curator", trustLevel: 10, licenseStatus: "cc0" });
}

/** The source of that name, made from `source` when there is none. */
export async function ensureSource(registry: Registry, tx: Tx, source: NewSource): Promise<{ id: string; name: string; created: boolean }> {
  assertValid(source);
  const existing = await findSource(tx, source.name);
  if (existing !== undefined) return { id: existing.id, name: existing.name, created: false };
  const now = registry.clock();
  const id = await insertSource(tx, registry.mint(now.getTime()), source, now);
  return { id: id ?? (await findSource(tx, source.name))!.id, name: source.name, created: id !== undefined };
}

/** The source of that name, outside any write; undefined when there is none. */
export function findNamedSource(registry: Registry, name: string): Promise<SourceRow | undefined> {
  return registry.database.read((on) => findSource(on, name));
}

/** Throws `conflict` when the name is taken. */
export async function addSource(registry: Registry, caller: Caller, tx: Tx, source: NewSource): Promise<SourceRow> {
  const { id, created } = await ensureSource(registry, tx, source);
  if (!created)
    throw new RegistryError("conflict", {
      detail: `name: there is a source named ${source.name} already; change that one, or choose another name.`,
      pointer: "/name",
    });
  await audit(
    tx,
    [{ actor: caller.actor, action: "source.created", entityKind: "source", entityId: id, requestId: caller.requestId, details: source }],
    registry.clock(),
  );
  return (await findSource(tx, source.name))!;
}

/** Throws `not_found` for an unknown name. */
export async function changeSource(
  registry: Registry,
  caller: Caller,
  tx: Tx,
  name: string,
  change: Partial<NewSource>,
): Promise<SourceRow> {
  assertValid(change);
  const before = await findSource(tx, name);
  if (
    before?.type === "federation" &&
    (change.type ?? before.type) !== before.type &&
    (await readPeerOfSource(tx, before.id)) !== undefined
  )
    throw new RegistryError("conflict", { detail: `type: ${name} is another node's source and stays one.`, pointer: "/type" });
  const changed = await updateSource(tx, name, change, registry.clock());
  if (changed === undefined) throw new RegistryError("not_found", { detail: `There is no source named ${name}.` });
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        action: "source.changed",
        entityKind: "source",
        entityId: changed.id,
        requestId: caller.requestId,
        details: change,
      },
    ],
    registry.clock(),
  );
  // What it says may count for more or less now, or be shown or not: a job decides its events anew.
  const weighty = ["trustLevel", "type", "licenseStatus", "licenseUrl"] as const;
  if (weighty.some((member) => before![member] !== changed[member]))
    await registry.enqueue(tx, { queue: "resettle-source", sourceId: changed.id });
  return changed;
}

function assertValid({ timezone, trustLevel }: Partial<NewSource>): void {
  if (timezone != null && !isZone(timezone)) {
    throw new RegistryError("invalid_body", {
      detail: `timezone: "${timezone}" is no IANA time zone such as America/Toronto.`,
      pointer: "/timezone",
    });
  }
  if (trustLevel !== undefined && !(Number.isInteger(trustLevel) && trustLevel >= 1 && trustLevel <= 10)) {
    throw new RegistryError("invalid_body", {
      detail: `trustLevel: ${trustLevel} is not a whole number from 1 to 10.`,
      pointer: "/trustLevel",
    });
  }
}
