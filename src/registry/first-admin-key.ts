/** Somebody must be able to begin. */
import { listKeys } from "../db/api-keys.ts";
import { createKey } from "./api-keys.ts";
import type { Caller, Registry } from "./context.ts";

/** An admin's key, made where the database has no valid one; undefined where it has. Its secret is kept nowhere. */
export async function makeFirstAdminKey(registry: Registry): Promise<string | undefined> {
  const caller: Caller = { actor: "first start", role: "admin" };
  return registry.database.transact(async (tx) => {
    const keys = await listKeys(tx);
    if (keys.some((key) => key.role === "admin" && key.revokedAt === null)) return undefined;
    return (await createKey(registry, caller, tx, { name: "first admin", role: "admin" })).secret;
  }, caller);
}
