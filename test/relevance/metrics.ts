/** How good a ranking is, by graded judgements: nDCG, recall, and how much of it was judged at all. */
import type { Grades } from "./judgements.ts";

/** Grade from which an event counts as found or missed. */
export const RELEVANT = 2;

/**
 * Normalised discounted cumulative gain of the first `depth` places: gain 2^grade − 1, divided by log2(place + 1), over
 * the best order that all judgements allow. What was not judged gains nothing. Needs at least one grade above 0.
 */
export function ndcg(ranking: readonly string[], grades: Grades, depth: number): number {
  const ideal = dcg(
    [...grades.values()].toSorted((a, b) => b - a),
    depth,
  );
  if (ideal === 0) throw new Error("Nothing is relevant: nDCG has no meaning.");
  return (
    dcg(
      distinct(ranking).map((id) => grades.get(id) ?? 0),
      depth,
    ) / ideal
  );
}

/** Share of the relevant events that stand in the first `depth` places; of `depth` where more than that are relevant. */
export function recall(ranking: readonly string[], grades: Grades, depth: number): number {
  const isRelevant = (id: string) => (grades.get(id) ?? 0) >= RELEVANT;
  const relevant = [...grades.keys()].filter(isRelevant).length;
  if (relevant === 0) throw new Error("Nothing is relevant: recall has no meaning.");
  return distinct(ranking).slice(0, depth).filter(isRelevant).length / Math.min(relevant, depth);
}

/** Share of the first `depth` places, as far as they are filled, that somebody judged; undefined for an empty ranking. */
export function judgedShare(ranking: readonly string[], grades: Grades, depth: number): number | undefined {
  const first = ranking.slice(0, depth);
  return first.length === 0 ? undefined : first.filter((id) => grades.has(id)).length / first.length;
}

/** Undefined for no values. */
export const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

const dcg = (grades: readonly number[], depth: number): number =>
  grades.slice(0, depth).reduce((sum, grade, index) => sum + (2 ** grade - 1) / Math.log2(index + 2), 0);

/** A ranking that repeats an event would be paid for it twice. */
function distinct(ranking: readonly string[]): readonly string[] {
  if (new Set(ranking).size !== ranking.length) throw new Error("The ranking has an event twice.");
  return ranking;
}
