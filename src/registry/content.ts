/** When two contents are the same, and which of two descriptions of a place or agent is the better one. */
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Described } from "../db/mentions.ts";
import type { AgentMention, PlaceMention } from "../domain/submission.ts";

/** The canonical JSON (RFC 8785) of a value. */
export const canonicalText = (content: unknown): string => canonicalize(content) ?? "";

/** sha-256 of the canonical JSON: equal content, equal hash. */
export function contentHash(content: unknown): Buffer {
  return createHash("sha256").update(canonicalText(content)).digest();
}

/**
 * What a mention is worth: the source's trust, how much it says, when, and what. The hash leaves out what differs from
 * mention to mention without meaning anything: the source's own id, the spelling of the name, and where on the building
 * the point lies (the upsert compares coordinates by distance).
 */
export function describe(mention: PlaceMention | AgentMention, trust: number, observedAt: number): Described {
  const { id: _ownWord, name: _spelling, ...said } = mention;
  const { geo, ...rest } = said as Partial<PlaceMention>;
  return {
    trust,
    detail: Object.keys(rest).length + (geo === undefined ? 0 : 100),
    at: observedAt,
    hash: contentHash({ ...rest, address: address(rest.address) }),
  };
}

/** The match key has compared the address already, by its normal form. */
const address = (given: PlaceMention["address"]) => (given === undefined ? undefined : Object.keys(given).toSorted());

export function betterDescribed(a: Described, b: Described): boolean {
  return (a.trust - b.trust || a.detail - b.detail || a.at - b.at || Buffer.compare(a.hash, b.hash)) > 0;
}
