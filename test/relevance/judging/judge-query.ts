/** Makes the explicit judgements of a query out of its rules and its pool. */
import { eventKey, seriesKey, type CorpusEvent } from "../corpus.ts";
import type { Grade, JudgedQuery } from "../judgements.ts";
import type { JudgedNeed } from "./rules.ts";

/** The grade of the first line that the event fits; 0 where it fits none. */
export const gradeOf = (need: JudgedNeed, event: CorpusEvent): Grade => need.grades.find(([, fits]) => fits(event))?.[0] ?? 0;

/** Every event that a rule grades, and every other one of the pool as 0; a series of one grade as one entry. */
export function judge(
  slice: string,
  number: number,
  need: JudgedNeed,
  corpus: readonly CorpusEvent[],
  pooled: ReadonlySet<string>,
): JudgedQuery {
  const judged: Record<`${Grade}`, string[]> = { "3": [], "2": [], "1": [], "0": [] };
  for (const [key, events] of Map.groupBy(corpus, seriesKey)) {
    const graded = new Map(events.map((event) => [eventKey(event), gradeOf(need, event)]));
    const grades = new Set(graded.values());
    if (Math.max(...grades) === 0 && !pooled.has(key)) continue;
    const entries = grades.size === 1 ? [[key, [...grades][0]!] as const] : graded;
    for (const [event, grade] of entries) judged[`${grade}`].push(event);
  }
  for (const keys of Object.values(judged)) keys.sort();
  return { id: `${slice}-${String(number).padStart(2, "0")}`, slice, query: need.query, need: need.need, judged };
}
