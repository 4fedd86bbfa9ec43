/**
 * The differential test of recurrence: `npm run test:recurrence -- --rules 100000 --seed 7`. Ends with 1 when anybody disagrees outside
 * the known differences, or when nobody could judge a rule. The same seed asks the same questions again. Wants Debian's python3-dateutil.
 */
import { parseArgs } from "node:util";
import { HOSTS, judgeUnderHosts } from "./hosts.ts";
import { describeCase } from "./rule-case.ts";

const { values } = parseArgs({
  options: {
    rules: { type: "string", default: "100000" },
    seed: { type: "string", default: "7" },
    show: { type: "string", default: "20" },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);
const counts = (title: string, found: ReadonlyMap<string, number>) => {
  say(`\n${title}`);
  for (const [name, count] of [...found].toSorted(([, one], [, other]) => other - one)) say(`${String(count).padStart(8)}  ${name}`);
};

const began = performance.now();
const verdicts = await judgeUnderHosts(Number(values.rules), Number(values.seed));
for (const { oracle, given, ours, theirs } of verdicts.disagreements.slice(0, Number(values.show)))
  say(`\n${describeCase(given)}\n  this node: ${ours}\n  ${oracle}: ${theirs}`);
counts("Known differences (docs/recurrence-differences.md), rules in which they showed:", verdicts.known);
counts("Refused, and without an instance to the oracles too:", verdicts.refused);
const { compared } = verdicts;
say(
  `\nseed ${values.seed}: ${verdicts.rules} rules, ${verdicts.fruitful} of them with instances in their window (${verdicts.instances} in all), ` +
    `${verdicts.zones.size} zones, under ${HOSTS.map(({ TZ }) => TZ).join(", ")}; compared with rrule-temporal ${compared["rrule-temporal"]}, ` +
    `dateutil ${compared.dateutil}, day by day ${compared["day by day"]}, with nobody ${verdicts.unjudged}; ` +
    `${verdicts.disagreements.length} disagreements; ${Math.round((performance.now() - began) / 1000)} s`,
);
process.exitCode = verdicts.disagreements.length + verdicts.unjudged > 0 ? 1 : 0;
