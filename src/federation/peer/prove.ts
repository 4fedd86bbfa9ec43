/** The proof of a page, over its items as they came: positions without gaps, each hash from the one before, each digest of what is shown. */
import { digestFault, verifyChain, type VerifiableItem, type Verified } from "../../feed/verify.ts";
import { oneLine } from "./answers.ts";
import { alarmed } from "./faults.ts";

/** Where a feed was read up to. */
export interface Standing {
  position: number;
  /** Of the item there, hex; "" before the first; null where it is not known, so that the next one's cannot be checked. */
  hash: string | null;
}

const HASH = /^[0-9a-f]{64}$/;

/** Returns where the last item stands. Throws a PeerFault with an alarm for the first break, naming its position. */
export function proveItems(items: readonly unknown[], after: Standing): Standing {
  let { position } = after;
  for (const item of items) {
    position += 1;
    if (typeof item !== "object" || item === null) throw alarmed("positions", `at position ${position} it gives no item`);
    const { sequence_number: told, hash, digest } = item as Record<string, unknown>;
    if (typeof told !== "number")
      throw alarmed(
        "positions",
        `the number ${position} was expected as a position, it gives ${told === undefined ? "nothing" : inJson(told)}`,
      );
    if (told !== position) throw alarmed("positions", `position ${position} was expected, it gives ${told}`);
    if (typeof hash !== "string" || typeof digest !== "string")
      throw alarmed("downgraded", `the item at position ${position} bears no hash or no digest`);
    if (!HASH.test(hash)) throw alarmed("hash_chain", `the hash at position ${position} is none`);
  }
  const proven = items as readonly VerifiableItem[];
  const last = proven.at(-1);
  if (last === undefined) return after;
  const verified = chainOf(proven, after.hash);
  if (!verified.ok)
    throw alarmed(verified.fault.startsWith("digest") ? "digest" : "hash_chain", `at position ${verified.position}: ${verified.fault}`);
  return { position, hash: last.hash };
}

function chainOf(items: readonly VerifiableItem[], before: string | null): Verified {
  if (before !== null) return verifyChain(items, before);
  // The first item's hash is taken on trust, what it shows is not.
  const [first, ...rest] = items as readonly [VerifiableItem, ...VerifiableItem[]];
  const fault = digestFault(first);
  return fault === undefined ? verifyChain(rest, first.hash) : { ok: false, position: first.sequence_number, fault };
}

/** A peer's word in our own log: short, and in one line. */
const inJson = (value: unknown): string => oneLine(JSON.stringify(value).slice(0, 30));
