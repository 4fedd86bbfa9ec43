/** Rules that somebody wrote to do harm, or by mistake: each ends soon, in its first instances or in a sentence that names what is wrong. */
import { describe, expect, test } from "vitest";
import { processorTime } from "../../../test/support/processor-time.ts";
import hostile from "../../../test/fixtures/recurrence/hostile.json" with { type: "json" };
import type { RecurrenceSet } from "../submission.ts";
import { endOf, instancesOf } from "./expand.ts";
import { readSet, type SetFault } from "./read-set.ts";

interface Case {
  name: string;
  set: RecurrenceSet & { timezone: string };
  /** A rule too long to be written out. */
  rrule?: { prefix: string; repeat: string; times: number };
  refused?: { part: SetFault["part"]; names: string };
  first?: string[];
}
const CASES = hostile as unknown as Case[];

/** For all of it together, in time of this thread: what else runs on the machine is not the rule's doing. Honest rules take a hundredth. */
const LIMIT = 100;

type Answer = { fault: SetFault } | { first: string[] };

/** All that the registry does with a rule: reads it, looks for its first instances, for those of a year far away, and for its end. */
function answer({ set, rrule }: Case): Answer {
  const read = readSet(rrule === undefined ? set : { ...set, rrule: rrule.prefix + rrule.repeat.repeat(rrule.times) });
  if ("fault" in read) return read;
  const sets = [{ ...read.set, timezone: set.timezone }];
  const { instances } = instancesOf(sets, { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, limit: 3 });
  instancesOf(sets, { from: Date.UTC(9000, 0, 1), until: Date.UTC(9001, 0, 1), limit: 400 });
  endOf(sets);
  return { first: instances.map(({ recurrenceId }) => recurrenceId) };
}

describe("hostile rules", () => {
  test("are more than a hundred", () => {
    expect(CASES.length).toBeGreaterThanOrEqual(110);
  });

  test.for(CASES)("$name", (given) => {
    const got = answer(given);
    if (given.refused) {
      expect(got).toMatchObject({ fault: { part: given.refused.part, detail: expect.stringContaining(given.refused.names) } });
    } else {
      const { first } = got as { first: string[] };
      expect(first.slice(0, given.first!.length)).toEqual(given.first);
    }
  });

  test(`block for less than ${LIMIT} ms each`, () => {
    const slow = CASES.flatMap((given) => {
      // Time on the processor, and the best of six at most: the first run compiles, and others beside this one share its caches.
      let best = Infinity;
      for (let run = 0; run < 6 && best > LIMIT; run += 1) {
        const spent = processorTime();
        answer(given);
        best = Math.min(best, spent());
      }
      return best > LIMIT ? [`${given.name}: ${best.toFixed(0)} ms`] : [];
    });
    expect(slow).toEqual([]);
  });
});
