/** The occurrences that the document of a series lists: the next ones, as many as one looks at. */
import { occurrencesOfState } from "../domain/recurrence/of-state.ts";
import type { AnyState } from "../domain/state.ts";

const NEXT_OCCURRENCES = 20;
const FAR = 10 * 366 * 24 * 60 * 60 * 1000;

/** What `encodeEntity` is told of it, and what it depends on besides the version; undefined for what is no series. */
export function windowFrom(state: AnyState, from: Date): { window: { from: number; limit: number }; tag: string } | undefined {
  if (state.kind !== "event" || state.series === undefined) return undefined;
  const window = { from: from.getTime(), limit: NEXT_OCCURRENCES };
  const [next] = occurrencesOfState(state, { from: window.from, until: window.from + FAR, limit: 1 }).occurrences;
  return { window, tag: next?.recurrenceId ?? "over" };
}
