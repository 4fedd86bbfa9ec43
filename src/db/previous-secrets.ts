/** Secrets of webhooks that were replaced, as the tables keep them (columns previous_secrets). */
import { sql, type RawBuilder } from "kysely";

/** A secret that was replaced, and signs beside its successors until then. */
export interface PreviousSecret {
  secret: Buffer;
  until: Date;
}

/** As the column has it; the newest first. */
export type StoredSecrets = { secret: string; until: string }[];

export const readSecrets = (stored: StoredSecrets): PreviousSecret[] =>
  stored.map(({ secret, until }) => ({ secret: Buffer.from(secret, "base64"), until: new Date(until) }));

export const storedSecrets = (secrets: readonly PreviousSecret[]): RawBuilder<unknown> =>
  sql`${JSON.stringify(secrets.map(({ secret, until }) => ({ secret: secret.toString("base64"), until })))}::jsonb`;
