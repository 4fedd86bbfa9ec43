/** Keys by which callers are known (table api_keys). Only the sha-256 of a secret is kept. */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export type KeyRole = "agent" | "peer" | "admin";

export interface ApiKey {
  id: string;
  name: string;
  role: KeyRole;
  sourceId: string | null;
  /** Name of the source that the key speaks for. */
  source: string | null;
  scopes: string[];
  /** Overrides the rate of the role. */
  requestsPerMinute: number | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  createdAt: Date;
}

const COLUMNS =
  sql.raw(`k.id, k.name, k.role, k.source_id as "sourceId", s.name as source, k.scopes, k.requests_per_minute as "requestsPerMinute",
  k.last_used_at as "lastUsedAt", k.revoked_at as "revokedAt", k.created_at as "createdAt"`);

/** The key with this hash, revoked or not. */
export async function findKeyByHash(on: Reader, secretHash: Buffer): Promise<ApiKey | undefined> {
  const { rows } =
    await sql<ApiKey>`select ${COLUMNS} from api_keys k left join sources s on s.id = k.source_id where k.secret_hash = ${secretHash}`.execute(
      kyselyOf(on),
    );
  return rows[0];
}

/** All keys, the newest first. */
export async function listKeys(on: Reader): Promise<ApiKey[]> {
  return (
    await sql<ApiKey>`select ${COLUMNS} from api_keys k left join sources s on s.id = k.source_id order by k.id desc`.execute(kyselyOf(on))
  ).rows;
}

export async function findKey(on: Reader, id: string): Promise<ApiKey | undefined> {
  return (
    await sql<ApiKey>`select ${COLUMNS} from api_keys k left join sources s on s.id = k.source_id where k.id = ${id}`.execute(kyselyOf(on))
  ).rows[0];
}

export interface NewKey {
  id: string;
  name: string;
  role: KeyRole;
  sourceId?: string | undefined;
  scopes?: readonly string[] | undefined;
  requestsPerMinute?: number | undefined;
  secretHash: Buffer;
}

export async function insertKey(tx: Tx, key: NewKey, now: Date): Promise<void> {
  await kyselyOf(tx)
    .insertInto("api_keys")
    .values({
      id: key.id,
      name: key.name,
      role: key.role,
      source_id: key.sourceId ?? null,
      secret_hash: key.secretHash,
      scopes: [...(key.scopes ?? [])],
      requests_per_minute: key.requestsPerMinute ?? null,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

/** Revokes a key for good; true unless there is no such key. A second time changes nothing. */
export async function revokeKey(tx: Tx, id: string, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update api_keys set revoked_at = coalesce(revoked_at, ${now}), updated_at = ${now} where id = ${id} returning id`.execute(
      kyselyOf(tx),
    );
  return rows.length > 0;
}

export async function noteKeyUse(tx: Tx, id: string, now: Date): Promise<void> {
  await kyselyOf(tx).updateTable("api_keys").set({ last_used_at: now }).where("id", "=", id).execute();
}
