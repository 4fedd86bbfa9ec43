/**
 * Verifying the feed, as any reader can: nothing here needs the database or anything of ours but RFC 8785.
 * Positions are dense, each item's hash covers the one before, and each digest covers what is shown.
 */
import canonicalize from "canonicalize";
import { chainHash, sha256 } from "./item.ts";

/** An item as parsed from a page. */
export interface VerifiableItem {
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
    const { hash, snapshot, tombstone, redacted, ...core } = item;
    const fail = (fault: string): Verified => ({ ok: false, position: item.sequence_number, fault });
    if (item.sequence_number !== position) return fail(`position ${position} was expected`);
    if (redacted !== true && item.digest !== `sha-256:${sha256(canonical(snapshot ?? tombstone))}`)
      return fail("digest does not match what is shown");
    if (hash !== chainHash(before, canonical(core))) return fail("hash does not follow from the item before");
    before = hash;
    position += 1;
  }
  return { ok: true, hash: before };
}

const canonical = (value: unknown): string => canonicalize(value) ?? "";
