/** Whose words on single occurrences of a series count; the order of claims itself is tested in test/property/winner. */
import { describe, expect, test } from "vitest";
import { decide, type Claim } from "./provenance.ts";
import { endsAfter } from "./when.ts";

const START = "2026-05-08T21:00:00-04:00[America/Toronto]";
const RULE = [{ dtstart: "2026-05-08T21:00:00", timezone: "America/Toronto", rrule: "FREQ=WEEKLY" }];
const NAME = "subEvent/20260515T210000/name";

const says = (sourceId: string, trust: number, field: Claim["field"], value: unknown, pinned = false): Claim => ({
  field,
  value,
  sourceId,
  trust,
  pinned,
  confidence: 1,
  observedAt: 0,
  licenseStatus: "cc0",
});
const series = (sourceId: string, trust: number) => [says(sourceId, trust, "startDate", START), says(sourceId, trust, "recurrence", RULE)];
const named = (claims: Claim[]) => decide(claims, endsAfter).get(NAME)?.value;

describe("a word on one occurrence", () => {
  test("does not count from a source that is trusted less than the one whose rule stands", () => {
    expect(named([...series("venue", 9), says("board", 1, NAME, "Hijacked")])).toBeUndefined();
    expect(named([...series("venue", 9), says("board", 1, NAME, "Hijacked"), says("venue", 9, NAME, "Outdoors")])).toBe("Outdoors");
  });

  test("counts from one as trusted, from the rule's own, and from a curator", () => {
    expect(named([...series("venue", 9), says("city", 9, NAME, "Outdoors")])).toBe("Outdoors");
    expect(named([...series("board", 1), says("board", 1, NAME, "Outdoors")])).toBe("Outdoors");
    expect(named([...series("venue", 9), says("curator", 5, NAME, "Outdoors", true)])).toBe("Outdoors");
  });

  test("counts beside a rule that a curator has pinned, as it did beside the source's: the curator has spoken of the rule alone", () => {
    const ended = [{ ...RULE[0], rrule: "FREQ=WEEKLY;COUNT=4" }];
    const pinned = [...series("venue", 9), says("curator", 10, "recurrence", ended, true)];
    expect(named([...pinned, says("venue", 9, NAME, "Outdoors")])).toBe("Outdoors");
    expect(named([...pinned, says("board", 1, NAME, "Hijacked")])).toBeUndefined();
  });
});
