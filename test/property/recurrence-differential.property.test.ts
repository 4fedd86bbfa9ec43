/**
 * Made-up rules in zones that change their clocks, against rrule-temporal. The same against python-dateutil as well, and with more
 * rules: test/e2e/recurrence-oracles.test.ts and `npm run test:recurrence`.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { FAULTY_EXPANSIONS, ourExpansion } from "../differential/expanders.ts";
import { casesOf } from "../differential/generate.ts";
import { judge, type Verdicts } from "../differential/judge.ts";
import { KNOWN_DIFFERENCES } from "../differential/known-differences.ts";
import { describeCase } from "../differential/rule-case.ts";

const SEED = 2026;
const told = ({ disagreements }: Verdicts): string[] =>
  disagreements.map(({ oracle, given, ours, theirs }) => `${describeCase(given)}\nours: ${ours}\n${oracle}: ${theirs}`);

describe("1,500 made-up rules", () => {
  let verdicts: Verdicts;
  beforeAll(async () => {
    verdicts = await judge(casesOf(SEED, 1_500), ourExpansion);
  }, 120_000);

  test("have the instants that rrule-temporal says, but for the known differences", () => {
    expect(told(verdicts)).toEqual([]);
  });

  test("are worth asking: most have instances, in all zones, and few are left to the other oracle", () => {
    expect(verdicts.fruitful).toBeGreaterThan(1_000);
    expect(verdicts.zones.size).toBeGreaterThanOrEqual(20);
    expect(verdicts.compared["rrule-temporal"]).toBeGreaterThan(1_400);
  });
});

describe("(control) an expansion with a planted fault", () => {
  test.each(Object.entries(FAULTY_EXPANSIONS))("is caught: one that %s", async (_name, expand) => {
    const { disagreements } = await judge(casesOf(SEED, 200), expand);
    expect(disagreements.length).toBeGreaterThan(0);
  });
});

describe("a known difference to rrule-temporal", () => {
  test.each(KNOWN_DIFFERENCES.filter(({ oracle }) => oracle === "rrule-temporal").map((known) => [known.name, known] as const))(
    "still is one: %s",
    async (name, { example }) => {
      const verdicts = await judge([example], ourExpansion);
      expect(told(verdicts)).toEqual([]);
      expect([...verdicts.known.keys()]).toEqual([`rrule-temporal: ${name}`]);
    },
  );
});
