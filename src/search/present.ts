/** From ids in order to what is shown of them: states, reasons, marked texts, origins. */
import { readStates } from "../db/entities.ts";
import type { Reader } from "../db/handle.ts";
import { pieces, readMarks, trustOfNodes, type Marked } from "../db/search-hits.ts";
import type { Found } from "../db/search-ranked.ts";
import type { EventState } from "../domain/state.ts";
import type { Leg, SearchHit } from "./request.ts";
import type { Terms } from "./terms.ts";

export interface Ranked extends Found {
  legs: SearchHit["legs"];
}

/** An event that went away since it was found is left out. */
export async function present(on: Reader, rows: readonly Ranked[], terms: Terms | undefined, highlight: boolean): Promise<SearchHit[]> {
  const ids = rows.map(({ id }) => id);
  const matches = terms?.ranking.terms.map(({ match }) => match) ?? [];
  const [shown, marks] = await Promise.all([
    readStates(on, "event", ids),
    highlight ? readMarks(on, ids, matches) : new Map<string, Marked>(),
  ]);
  const states = new Map(shown.map((state) => [state.id, state as EventState]));
  const federated = [...states.values()].some(({ originNode }) => originNode !== undefined);
  const trust = federated ? await trustOfNodes(on) : new Map<string, number>();
  return rows.flatMap(({ id, start, localDate, distance, score, legs }) => {
    const event = states.get(id);
    if (event === undefined) return [];
    const marked = marks.get(id);
    const node = event.originNode;
    return {
      event,
      start,
      localDate,
      ...(distance !== null && { distance: Math.round(distance * 10) / 10 }),
      ...(score !== null && { score }),
      legs,
      matched: [...new Set(marked?.matched.map((n) => terms!.said[n]!) ?? [])],
      highlights: {
        ...(marked?.name && { name: pieces(marked.name) }),
        ...(marked?.description && event.description !== undefined && { description: pieces(marked.description) }),
      },
      ...(node !== undefined && { origin: { node, trust: trust.get(node) ?? 1 } }),
    };
  });
}

/** The legs of a hit in a fixed order. */
export function legsOf(found: Partial<Record<Leg, { rank: number; value?: number }>>): SearchHit["legs"] {
  return (["words", "intent", "meaning"] as const).flatMap((leg) => {
    const one = found[leg];
    if (one === undefined) return [];
    return [
      { leg, rank: one.rank, ...(leg === "meaning" && one.value !== undefined && { similarity: Math.round(one.value * 1000) / 1000 }) },
    ];
  });
}
