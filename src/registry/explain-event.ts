/** Why an event reads as it does: per field the winner, the losers, and the rule that decided. */
import { claimsOn, pointerOf, type StoredClaim } from "../db/claims.ts";
import type { Reader } from "../db/database.ts";
import { sourceNames } from "../db/speaker.ts";
import { compareClaims, mayBeShown, RULES } from "../domain/provenance.ts";

export interface ExplainedClaim {
  value: unknown;
  source: string;
  trust: number;
  confidence: number;
  observedAt: string;
  pinned: boolean;
}
export interface ExplainedField {
  /** JSON Pointer of the field. */
  field: string;
  winner?: ExplainedClaim;
  losers: ExplainedClaim[];
  /** In words: what decided. */
  rule: string;
}

/** The claims of sources whose license keeps their texts back are named, their values are not. */
export async function explainEvent(on: Reader, eventId: string): Promise<{ fields: ExplainedField[] }> {
  const claims = await claimsOn(on, [eventId]);
  const names = await sourceNames(on, [...new Set(claims.map((claim) => claim.sourceId))]);
  const told = (claim: StoredClaim): ExplainedClaim => ({
    value: mayBeShown(claim) ? claim.value : null,
    source: names.get(claim.sourceId)!,
    trust: claim.trust,
    confidence: claim.confidence,
    observedAt: new Date(claim.observedAt).toISOString(),
    pinned: claim.pinned,
  });
  const byField = [...Map.groupBy(claims, (claim) => claim.field)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    fields: byField.map(([field, all]) => {
      const winner = all.find((claim) => claim.isWinner);
      const losers = all.filter((claim) => claim !== winner).toSorted(compareClaims);
      return {
        field: pointerOf(field),
        ...(winner && { winner: told(winner) }),
        losers: losers.map(told),
        rule: ruleBetween(winner, losers),
      };
    }),
  };
}

function ruleBetween(winner: StoredClaim | undefined, losers: readonly StoredClaim[]): string {
  if (winner === undefined) return "no claim may be shown: the sources' licenses keep texts and images back";
  const rival = losers.find(mayBeShown);
  if (rival === undefined) return losers.length > 0 ? "only claim whose license lets it out" : "only claim";
  return RULES.find((rule) => rule.compare(winner, rival) < 0)?.name ?? "the best claim contradicts the winning start";
}
