/**
 * Federations of 2 to 12 nodes on bad lines, simulated in no time (test/simulation): once everything has healed, all that should agree
 * agree. `npm run test:simulation -- --seeds 10000` plays more of them, and replays one that fails.
 */
import { expect, test } from "vitest";
import { MUTATIONS } from "../simulation/mutations.ts";
import { originsHeard } from "../simulation/oracle.ts";
import { planOf } from "../simulation/plan.ts";
import { findFailures, inFolder, type Failure, type SeedsOptions } from "../simulation/seeds.ts";
import { simulate } from "../simulation/simulate.ts";

const SEEDS = 200;
/** Of four nodes. */
const NEEDS_IT = 1080;

/** The failures among some seeds, up to the first so many. */
async function failuresOf(options: Omit<SeedsOptions, "folder">, most = Infinity): Promise<Failure[]> {
  const failures: Failure[] = [];
  await inFolder((folder) => findFailures({ ...options, folder }, (failure) => failures.push(failure) >= most));
  return failures;
}

test("a node should know of whom it pulls from, and through relays of whom these pull from", () => {
  const by = "feed" as const;
  const lines = [
    { from: 0, to: 1, relay: true, by },
    { from: 1, to: 2, relay: false, by },
    { from: 2, to: 3, relay: true, by },
    { from: 3, to: 0, relay: true, by },
  ];
  // 1 tells 0 of 2; but 2 is no relay to 1, so that nobody before it hears of 3.
  expect([...originsHeard(lines, 0)]).toEqual([1, 2]);
  expect([...originsHeard(lines, 1)]).toEqual([2]);
  expect([...originsHeard(lines, 2)].toSorted((one, other) => one - other)).toEqual([0, 1, 3]);
});

test(`${SEEDS} federations agree after partitions, crashes, restores, repeated and late answers, merges, takedowns and local decisions`, async () => {
  expect(await failuresOf({ from: 1, seeds: SEEDS })).toEqual([]);
});

test("where relays are set back too, all agree at the latest when everybody follows all origins itself", async () => {
  expect(await failuresOf({ from: 1, seeds: 40, drawn: { anyRestore: true } })).toEqual([]);
  // One that needs it: what was lost at the relay and at the origin, a reader of the relay shows still.
  const trace: string[] = [];
  const faults = await inFolder((folder) =>
    simulate(planOf(NEEDS_IT, { nodes: 4, anyRestore: true }), { folder, trace: (line) => trace.push(line) }),
  );
  expect([faults, trace.some((line) => line.endsWith("n2 follows n0 itself"))]).toEqual([[], true]);
});

test("the same seed makes the same happen, to the millisecond", async () => {
  const traceOf = async () => {
    const trace: string[] = [];
    await inFolder((folder) => simulate(planOf(7, { nodes: 5 }), { folder, trace: (line) => trace.push(line) }));
    return trace;
  };
  const trace = await traceOf();
  expect(trace.length).toBeGreaterThan(50);
  expect(await traceOf()).toEqual(trace);
});

test.for(Object.entries(MUTATIONS))("it is noticed when %s", async ([, rules]) => {
  const [noticed] = await failuresOf({ from: 1, seeds: SEEDS, drawn: { nodes: 5 }, rules }, 1);
  expect(noticed?.faults).not.toHaveLength(0);
  expect(noticed).toBeDefined();
});
