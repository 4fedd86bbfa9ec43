/** This node's expansion as the differential test asks for it, and some with a fault planted, which the test must catch. */
import { Temporal } from "temporal-polyfill";
import { instancesOf } from "../../src/domain/recurrence/expand.ts";
import { readSet } from "../../src/domain/recurrence/read-set.ts";
import type { PlacedSet } from "../../src/domain/recurrence/series.ts";
import { localOf } from "../../src/domain/recurrence/expand.ts";
import { partsOf, ruleOf, withRule, type RuleCase } from "./rule-case.ts";

export interface FoundInstance {
  /** Local time or date. */
  local: string;
  startAt: number;
}

/** The instances of a case in its window, or why it is refused. */
export type Expander = (given: RuleCase) => FoundInstance[] | { refused: string };

/** The code under test. */
export const ourExpansion: Expander = ({ set, from, until, limit }) => {
  const read = readSet(set);
  if ("fault" in read) return { refused: `${read.fault.part}: ${read.fault.detail}` };
  const { instances } = instancesOf([{ ...read.set, timezone: set.timezone } satisfies PlacedSet], { from, until, limit });
  return instances.map(({ recurrenceId, startAt }) => ({ local: localOf(recurrenceId), startAt }));
};

const withoutPart =
  (name: string): Expander =>
  (given) => {
    const parts = partsOf(given.set.rrule);
    parts.delete(name);
    return ourExpansion(withRule(given, ruleOf(parts)));
  };

/** Each is wrong in one way. */
export const FAULTY_EXPANSIONS: Record<string, Expander> = {
  "ignores WKST": withoutPart("WKST"),
  "drops BYSETPOS": withoutPart("BYSETPOS"),
  "takes the second of a doubled hour": (given) => {
    const found = ourExpansion(given);
    if (!Array.isArray(found)) return found;
    return found.map(({ local, startAt }) => {
      const zoned = Temporal.Instant.fromEpochMilliseconds(startAt).toZonedDateTimeISO(given.set.timezone);
      const second = zoned.toPlainDateTime().toZonedDateTime(given.set.timezone, { disambiguation: "later" });
      return { local, startAt: second.epochMilliseconds };
    });
  },
  "forgets EXDATE": (given) => {
    const { exdate: _, ...set } = given.set;
    return ourExpansion({ ...given, set });
  },
};
