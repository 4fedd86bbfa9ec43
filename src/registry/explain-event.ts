/** Why an event reads as it does: per field the winner, the losers, and the rule that decided. */
import { claimsOn, pointerOf, type StoredClaim } from "../db/claims.ts";
import type { Reader } from "../db/database.ts";
import { readOriginWord, type OriginWord } from "../db/origin-words.ts";
import { sourceNames } from "../db/speaker.ts";
import { withdrawalsOf } from "../db/withdrawals.ts";
import { ulidOf } from "../domain/iri.ts";
import { compareClaims, mayBeShown, RULES } from "../domain/provenance.ts";

export interface ExplainedClaim {
  value: unknown;
  source: string;
  trust: number;
  confidence: number;
  observedAt: string;
  pinned: boolean;
  /** Of an event of another node: true for what somebody says here, false for its origin's word. */
  local?: boolean;
}
export interface ExplainedField {
  /** JSON Pointer of the field. */
  field: string;
  winner?: ExplainedClaim;
  losers: ExplainedClaim[];
  /** In words: what decided. */
  rule: string;
  /** Words on this field that were taken back: they do not count while their source says the same. */
  withdrawn?: { id: string; source: string; by: string; reason?: string; at: string }[];
}

/** Of an event of another node: where its origin's word stands in the origin's feed, and how it came here. */
export interface ExplainedOrigin {
  node: string;
  /** The peer that told it, and the nodes between the origin and us. */
  via: string;
  hops: string[];
  epoch: string;
  position: number;
  version?: number;
  receivedAt: string;
}

/** The claims of sources whose license keeps their texts back are named, their values are not. */
export async function explainEvent(on: Reader, eventId: string): Promise<{ fields: ExplainedField[]; origin?: ExplainedOrigin }> {
  const word = await readOriginWord(on, eventId);
  const claims = await claimsOn(on, [eventId]);
  const withdrawals = await withdrawalsOf(on, [eventId]);
  const names = await sourceNames(on, [...new Set([...claims, ...withdrawals].map((one) => one.sourceId))]);
  const told = (claim: StoredClaim): ExplainedClaim => ({
    value: mayBeShown(claim) ? claim.value : null,
    source: names.get(claim.sourceId)!,
    trust: claim.trust,
    confidence: claim.confidence,
    observedAt: new Date(claim.observedAt).toISOString(),
    pinned: claim.pinned,
    ...(word !== undefined && { local: claim.sourceId !== word.sourceId }),
  });
  const takenBack = Map.groupBy(withdrawals, (one) => one.field);
  const fields = [...new Set([...claims.map((claim) => pointerOf(claim.field)), ...takenBack.keys()])].toSorted();
  return {
    ...(word !== undefined && { origin: toldOf(word) }),
    fields: fields.map((field) => {
      const all = claims.filter((claim) => pointerOf(claim.field) === field);
      const withdrawn = takenBack.get(field)?.map(({ id, sourceId, actor, reason, withdrawnAt }) => ({
        id: ulidOf(id),
        source: names.get(sourceId)!,
        by: actor,
        ...(reason !== null && { reason }),
        at: withdrawnAt.toISOString(),
      }));
      const winner = all.find((claim) => claim.isWinner);
      const losers = all.filter((claim) => claim !== winner).toSorted(compareClaims);
      return {
        field,
        ...(winner && { winner: told(winner) }),
        losers: losers.map(told),
        rule: ruleBetween(field, winner, losers),
        ...(withdrawn !== undefined && { withdrawn }),
      };
    }),
  };
}

function toldOf({ node, via, hops, epoch, position, version, receivedAt }: OriginWord): ExplainedOrigin {
  return { node, via, hops, epoch, position, ...(version !== null && { version }), receivedAt: receivedAt.toISOString() };
}

function ruleBetween(field: string, winner: StoredClaim | undefined, losers: readonly StoredClaim[]): string {
  if (winner === undefined && losers.length === 0) return "every claim was withdrawn";
  if (winner === undefined && field === "/eventStatus")
    return "the deciding source gives no status, which means that the event is scheduled";
  if (winner === undefined && field.startsWith("/subEvent/"))
    return "a source of higher trust says how the event recurs, and nothing of its own of this occurrence";
  if (winner === undefined && losers.some(mayBeShown)) return "the claim contradicts the winning start";
  if (winner === undefined) return "no claim may be shown: the sources' licenses keep texts and images back";
  const rival = losers.find(mayBeShown);
  if (rival === undefined) return losers.length > 0 ? "only claim whose license lets it out" : "only claim";
  return RULES.find((rule) => rule.compare(winner, rival) < 0)?.name ?? "the best claim contradicts the winning start";
}
