/** Keys of requests that were answered, and their answers (table idempotency_keys). */
import { kyselyOf, type Tx } from "./handle.ts";

export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/**
 * Claims the key in this transaction. Waits while another transaction holds it; returns that one's answer when it
 * committed, or undefined when the key is ours now (also when it had expired).
 */
export async function claimIdempotencyKey(
  tx: Tx,
  claim: { principal: string; key: string; requestHash: Buffer; now: Date; expiresAt: Date },
): Promise<{ requestHash: Buffer; answer: KeptAnswer } | undefined> {
  const db = kyselyOf(tx);
  await db
    .deleteFrom("idempotency_keys")
    .where("principal", "=", claim.principal)
    .where("idempotency_key", "=", claim.key)
    .where("expires_at", "<=", claim.now)
    .execute();
  const inserted = await db
    .insertInto("idempotency_keys")
    .values({
      principal: claim.principal,
      idempotency_key: claim.key,
      request_hash: claim.requestHash,
      expires_at: claim.expiresAt,
      created_at: claim.now,
    })
    .onConflict((on) => on.columns(["principal", "idempotency_key"]).doNothing())
    .returning("idempotency_key")
    .executeTakeFirst();
  if (inserted) return undefined;
  const kept = await db
    .selectFrom("idempotency_keys")
    .selectAll()
    .where("principal", "=", claim.principal)
    .where("idempotency_key", "=", claim.key)
    .executeTakeFirstOrThrow();
  return {
    requestHash: Buffer.from(kept.request_hash),
    answer: { status: kept.status!, headers: kept.headers as Record<string, string>, body: Buffer.from(kept.body!).toString("utf8") },
  };
}

/** Keeps the answer beside the key that this transaction claimed. */
export async function keepAnswer(tx: Tx, { principal, key }: { principal: string; key: string }, answer: KeptAnswer): Promise<void> {
  await kyselyOf(tx)
    .updateTable("idempotency_keys")
    .set({ status: answer.status, headers: JSON.stringify(answer.headers), body: Buffer.from(answer.body, "utf8") })
    .where("principal", "=", principal)
    .where("idempotency_key", "=", key)
    .execute();
}

/** Forgets what has expired; returns how many keys that were. */
export async function forgetExpiredKeys(tx: Tx, now: Date): Promise<number> {
  const { numDeletedRows } = await kyselyOf(tx).deleteFrom("idempotency_keys").where("expires_at", "<=", now).executeTakeFirst();
  return Number(numDeletedRows);
}
