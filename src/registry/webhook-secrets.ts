/** Secrets that webhooks are signed with. An HMAC needs the secret itself, so it is kept; it is shown once. */
import { randomBytes } from "node:crypto";
import type { PreviousSecret } from "../db/previous-secrets.ts";
import { RegistryError } from "../domain/errors.ts";

const SECRET_BYTES = 32;
/** How long a secret that was replaced signs too, in milliseconds. */
const PREVIOUS_SIGNS_FOR = 24 * 60 * 60 * 1000;

export const newSecret = (): Buffer => randomBytes(SECRET_BYTES);

/** As Standard Webhooks spells it: "whsec_" and base64. */
export const secretText = (secret: Buffer): string => `whsec_${secret.toString("base64")}`;

/** Until when a secret that is replaced at `now` signs beside its successor, so that a receiver can change over. */
const previousUntil = (now: Date): Date => new Date(now.getTime() + PREVIOUS_SIGNS_FOR);

/** Each is one more signature in every message. */
const MOST_PREVIOUS = 4;

/**
 * The secrets that sign beside a new one, the newest first: `secret`, which is replaced at `now`, and those before it that have not ended.
 * Throws `conflict` where those are as many as may be.
 */
export function previousSecrets(
  { secret, previousSecrets: before }: { secret: Buffer; previousSecrets: readonly PreviousSecret[] },
  now: Date,
): PreviousSecret[] {
  const signing = before.filter(({ until }) => until > now);
  if (signing.length >= MOST_PREVIOUS) {
    const oldest = signing.at(-1)!.until.toISOString();
    throw new RegistryError("conflict", {
      detail: `${MOST_PREVIOUS} secrets that were replaced still sign beside the present one, the most that may: the oldest ends at ${oldest}, try again then.`,
    });
  }
  return [{ secret, until: previousUntil(now) }, ...signing];
}
