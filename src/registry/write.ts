/**
 * One write: a transaction in the caller's name, answered once. With an Idempotency-Key the answer is kept in that
 * same transaction and given again, byte for byte, for 24 hours (draft-ietf-httpapi-idempotency-key-header).
 */
import { claimIdempotencyKey, keepAnswer } from "../db/idempotency.ts";
import type { Tx } from "../db/database.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface Idempotency {
  /** Whose key it is: two principals may use the same one. */
  principal: string;
  key: string;
  /** sha-256 of method, path and body. */
  requestHash: Buffer;
}

const KEPT_FOR = 24 * 60 * 60 * 1000;

/**
 * Runs `work` in one transaction and returns its answer. A second request with the same key waits for the first and
 * gets its answer (`replayed`); the same key with another request throws `idempotency_conflict`. Errors are not kept.
 */
export async function write(
  registry: Registry,
  caller: Caller,
  idempotency: Idempotency | undefined,
  work: (tx: Tx) => Promise<Answer>,
): Promise<Answer & { replayed: boolean }> {
  return registry.database.transact(async (tx) => {
    if (idempotency === undefined) return { ...(await work(tx)), replayed: false };
    const now = registry.clock();
    const kept = await claimIdempotencyKey(tx, { ...idempotency, now, expiresAt: new Date(now.getTime() + KEPT_FOR) });
    if (kept !== undefined) {
      if (!kept.requestHash.equals(idempotency.requestHash)) {
        throw new RegistryError("idempotency_conflict", {
          detail: "Idempotency-Key: this key was used for a request with another body or address; use a new key for a new request.",
        });
      }
      return { ...kept.answer, replayed: true };
    }
    const answer = await work(tx);
    await keepAnswer(tx, idempotency, answer);
    return { ...answer, replayed: false };
  }, caller);
}
