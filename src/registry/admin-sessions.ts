/** Sessions of people on the admin pages: begun with an admin's key, ended by signing out, by time, or with the key. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { deleteExpiredSessions, deleteSession, findSession, insertSession } from "../db/admin-sessions.ts";
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { hashKey } from "./api-keys.ts";
import type { Caller, Registry } from "./context.ts";

/** A working day. */
export const SESSION_HOURS = 8;
const TOKEN_FORMAT = /^[\w-]{43}$/;

/** Whose session it is; `key` is absent for the key of the node's settings. */
export interface AdminSession {
  key?: { id: string; name: string; requestsPerMinute: number | null };
}

/** Begins a session for the one who has shown `secret`; the token is for the cookie, and not to be had again. */
export async function beginSession(
  registry: Registry,
  caller: Caller & { keyId?: string | undefined },
  tx: Tx,
  secret: string,
): Promise<{ token: string; expiresAt: Date }> {
  const now = registry.clock();
  const token = randomBytes(32).toString("base64url");
  const expiresAt = new Date(now.getTime() + SESSION_HOURS * 3_600_000);
  await deleteExpiredSessions(tx, now);
  await insertSession(tx, { id: hashKey(token), keyHash: hashKey(secret), expiresAt }, now);
  await note(tx, caller, "session.begun", now);
  return { token, expiresAt };
}

/** The session of a cookie's token, as long as it and its key last. `adminKey` is the one of the node's settings. */
export async function findAdminSession(registry: Registry, token: string, adminKey: string | undefined): Promise<AdminSession | undefined> {
  if (!TOKEN_FORMAT.test(token)) return undefined;
  const found = await registry.database.read((on) => findSession(on, hashKey(token), registry.clock()));
  if (found === undefined) return undefined;
  const { keyId: id, keyName: name, requestsPerMinute } = found;
  if (id !== null && name !== null) return { key: { id, name, requestsPerMinute } };
  return adminKey !== undefined && timingSafeEqual(found.keyHash, hashKey(adminKey)) ? {} : undefined;
}

/** Ends the session; a token that is none changes nothing. */
export async function endSession(
  registry: Registry,
  caller: Caller & { keyId?: string | undefined },
  tx: Tx,
  token: string,
): Promise<void> {
  await deleteSession(tx, hashKey(token));
  await note(tx, caller, "session.ended", registry.clock());
}

async function note(
  tx: Tx,
  { actor, requestId, keyId }: Caller & { keyId?: string | undefined },
  action: string,
  now: Date,
): Promise<void> {
  await audit(tx, [{ actor, action, requestId, ...(keyId !== undefined && { entityKind: "key" as const, entityId: keyId }) }], now);
}
