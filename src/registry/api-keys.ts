/**
 * API keys: `cal_<role>_<43 base64url characters>`, 256 random bits. The secret is shown once; its sha-256 is kept
 * (there is nothing to guess in 256 random bits, so there is nothing to stretch).
 */
import { createHash, randomBytes } from "node:crypto";
import { findKey, findKeyByHash, insertKey, noteKeyUse, revokeKey as revoke, type ApiKey, type KeyRole } from "../db/api-keys.ts";
import { audit } from "../db/audit.ts";
import type { Tx } from "../db/database.ts";
import { findSource } from "../db/sources.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";
import { assertOwnVoice } from "./speaker.ts";

export type { ApiKey, KeyRole } from "../db/api-keys.ts";

/** What a key looks like; anything else need not be looked up. */
export const KEY_FORMAT = /^cal_(agent|peer|admin)_[\w-]{43}$/;

export interface KeyRequest {
  name: string;
  role: KeyRole;
  /** Name of the source that the key speaks for; an agent's key needs one. */
  source?: string | undefined;
  scopes?: readonly string[] | undefined;
  requestsPerMinute?: number | undefined;
}

/** Makes a key; `secret` is not to be had again. Throws `not_found` for an unknown source, `invalid_body` for an agent without one. */
export async function createKey(registry: Registry, caller: Caller, tx: Tx, request: KeyRequest): Promise<{ key: ApiKey; secret: string }> {
  const source = request.source === undefined ? undefined : await findSource(tx, request.source);
  if (request.source !== undefined && source === undefined) {
    throw new RegistryError("not_found", {
      detail: `source: there is no source named ${request.source}; make it first.`,
      pointer: "/source",
    });
  }
  if (request.role === "agent" && source === undefined) {
    throw new RegistryError("invalid_body", { detail: "source: an agent's key speaks for a source; name one.", pointer: "/source" });
  }
  if (request.role === "agent") assertOwnVoice(source!);
  const now = registry.clock();
  const id = registry.mint(now.getTime());
  const secret = `cal_${request.role}_${randomBytes(32).toString("base64url")}`;
  const { name, role, scopes, requestsPerMinute } = request;
  await insertKey(tx, { id, name, role, sourceId: source?.id, scopes, requestsPerMinute, secretHash: hashKey(secret) }, now);
  await audit(
    tx,
    [
      {
        actor: caller.actor,
        action: "key.created",
        entityKind: "key",
        entityId: id,
        requestId: caller.requestId,
        details: { name, role, source: source?.name },
      },
    ],
    now,
  );
  return { key: (await findKey(tx, id))!, secret };
}

/** Throws `not_found` for an unknown id. Revoking twice changes nothing. */
export async function revokeKey(registry: Registry, caller: Caller, tx: Tx, id: string): Promise<void> {
  const now = registry.clock();
  if (!(await revoke(tx, id, now))) throw new RegistryError("not_found", { detail: "There is no such key." });
  await audit(tx, [{ actor: caller.actor, action: "key.revoked", entityKind: "key", entityId: id, requestId: caller.requestId }], now);
}

/** Often enough to find keys that nobody uses, seldom enough to cost nothing. */
const NOTED_EVERY = 60 * 60 * 1000;

/** The key with this secret, noting (at most hourly) that it was used; undefined when there is none or it was revoked. */
export async function findValidKey(registry: Registry, secret: string): Promise<ApiKey | undefined> {
  if (!KEY_FORMAT.test(secret)) return undefined;
  const key = await registry.database.read((on) => findKeyByHash(on, hashKey(secret)));
  if (key === undefined || key.revokedAt !== null) return undefined;
  const now = registry.clock();
  if (key.lastUsedAt === null || now.getTime() - key.lastUsedAt.getTime() > NOTED_EVERY) {
    await registry.database.transact((tx) => noteKeyUse(tx, key.id, now));
  }
  return key;
}

export const hashKey = (secret: string): Buffer => createHash("sha256").update(secret).digest();
