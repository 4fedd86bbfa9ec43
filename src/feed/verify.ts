/**
 * Verifying the feed, as any reader can: nothing here needs the database or anything of ours but RFC 8785.
 * Positions are dense, each item's hash covers the one before, and each digest covers what is shown.
 */
import { canonicalForm } from "./canonical.ts";
import { chainHash, sha256, spokenMember } from "./item.ts";

/** An item as parsed from a page. */
export interface VerifiableItem {
  action: string;
  sequence_number: number;
  hash: string;
  digest: string;
  snapshot?: unknown;
  tombstone?: unknown;
  redacted?: boolean;
  [member: string]: unknown;
}

export type Verified = { ok: true; hash: string } | { ok: false; position: number; fault: string };

/**
 * Verifies consecutive items that follow the one whose hash is `startHash` ("" at the beginning of the feed).
 * Returns the last hash, with which the next page goes on, or the first fault. A redacted item's document was
 * replaced by law: its digest still names the original, and the chain still covers that digest.
 */
export function verifyChain(items: readonly VerifiableItem[], startHash = ""): Verified {
  let before = startHash;
  let position = items[0]?.sequence_number;
  for (const item of items) {
    const { hash, snapshot: _, tombstone: __, redacted: ___, ...core } = item;
    const fail = (fault: string): Verified => ({ ok: false, position: item.sequence_number, fault });
    if (item.sequence_number !== position) return fail(`position ${position} was expected`);
    const wrong =
      digestFault(item) ??
      attempt("hash", () => (hash === chainHash(before, canonicalForm(core)) ? undefined : "hash does not follow from the item before"));
    if (wrong !== undefined) return fail(wrong);
    before = hash;
    position += 1;
  }
  return { ok: true, hash: before };
}

/**
 * What is wrong with an item's digest, by itself. Beside what it covers nothing may be shown: neither digest nor hash would hold for that,
 * so it was put there on the way.
 */
export function digestFault(item: VerifiableItem): string | undefined {
  const spoken = spokenMember(item.action === "delete");
  const other = spoken === "snapshot" ? "tombstone" : "snapshot";
  if (item[other] !== undefined) return `digest covers the ${spoken} of such an item, and it bears a ${other}`;
  if (item.redacted === true) return undefined;
  return attempt("digest", () =>
    item.digest === `sha-256:${sha256(canonicalForm(item[spoken]))}` ? undefined : "digest does not match what is shown",
  );
}

/** What RFC 8785 has no form for was never hashed by anyone. */
function attempt(what: "digest" | "hash", check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof Error) return `${what} cannot be taken of it: ${error.message}`;
    throw error;
  }
}
