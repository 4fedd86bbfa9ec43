/** Sessions of the admin pages (table admin_sessions), known by hashes alone. */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface SessionRow {
  keyHash: Buffer;
  /** The admin's key of the table that has this hash and is not revoked. */
  keyId: string | null;
  keyName: string | null;
  requestsPerMinute: number | null;
}

export async function insertSession(tx: Tx, session: { id: Buffer; keyHash: Buffer; expiresAt: Date }, now: Date): Promise<void> {
  await sql`insert into admin_sessions (id, key_hash, expires_at, created_at, updated_at)
    values (${session.id}, ${session.keyHash}, ${session.expiresAt}, ${now}, ${now})`.execute(kyselyOf(tx));
}

/** The session, unless it is over. Whether its key is good is for the caller to see: the node's own key has no row. */
export async function findSession(on: Reader, id: Buffer, now: Date): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    select s.key_hash as "keyHash", k.id as "keyId", k.name as "keyName", k.requests_per_minute as "requestsPerMinute"
    from admin_sessions s left join api_keys k on k.secret_hash = s.key_hash and k.role = 'admin' and k.revoked_at is null
    where s.id = ${id} and s.expires_at > ${now}`.execute(kyselyOf(on));
  return rows[0];
}

export async function deleteSession(tx: Tx, id: Buffer): Promise<void> {
  await sql`delete from admin_sessions where id = ${id}`.execute(kyselyOf(tx));
}

export async function deleteExpiredSessions(tx: Tx, now: Date): Promise<void> {
  await sql`delete from admin_sessions where expires_at <= ${now}`.execute(kyselyOf(tx));
}
