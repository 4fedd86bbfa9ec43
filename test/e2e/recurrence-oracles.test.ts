/** Made-up rules under three host zones, against rrule-temporal and Debian's python3-dateutil. A missing oracle is a failure. */
import { describe, expect, test } from "vitest";
import { openDateutil } from "../differential/ask-dateutil.ts";
import { FAULTY_EXPANSIONS, ourExpansion } from "../differential/expanders.ts";
import { casesOf } from "../differential/generate.ts";
import { judgeUnderHosts } from "../differential/hosts.ts";
import { judge, type Verdicts } from "../differential/judge.ts";
import { KNOWN_DIFFERENCES } from "../differential/known-differences.ts";
import { describeCase } from "../differential/rule-case.ts";

const told = ({ disagreements }: Verdicts): string[] =>
  disagreements.map(({ oracle, given, ours, theirs }) => `${describeCase(given)}\nours: ${ours}\n${oracle}: ${theirs}`);

describe("recurrence", () => {
  test("agrees with both oracles on 10,000 made-up rules, whatever the host's zone, but for the known differences", async () => {
    const verdicts = await judgeUnderHosts(10_000, 5);
    expect(told(verdicts)).toEqual([]);
    expect(verdicts).toMatchObject({ unjudged: 0 });
    expect(verdicts.fruitful).toBeGreaterThan(7_000);
    expect(verdicts.compared.dateutil).toBeGreaterThan(9_500);
  }, 300_000);

  test.each(Object.entries(FAULTY_EXPANSIONS))("(control) python-dateutil alone catches an expansion that %s", async (_name, expand) => {
    await using dateutil = openDateutil();
    const { disagreements } = await judge(casesOf(5, 300), expand, dateutil);
    expect(disagreements.filter(({ oracle }) => oracle === "dateutil").length).toBeGreaterThan(0);
  });

  test.each(KNOWN_DIFFERENCES.filter(({ oracle }) => oracle === "dateutil").map((known) => [known.name, known] as const))(
    "still differs from python-dateutil in what is known: %s",
    async (name, { example }) => {
      await using dateutil = openDateutil();
      const verdicts = await judge([example], ourExpansion, dateutil);
      expect(told(verdicts)).toEqual([]);
      expect([...verdicts.known.keys()].filter((known) => known.startsWith("dateutil"))).toEqual([`dateutil: ${name}`]);
    },
  );
});
