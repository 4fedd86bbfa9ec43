/**
 * The simulation as a command: `npm run test:simulation -- --seeds 10000`. Ends with 1 when a seed fails; it is printed with its smallest
 * failing run and how to see that again.
 *
 *   --seeds N     how many seeds, 1,000 by default      --from N    the first one, 1 by default
 *   --seed N      this one alone, with its trace        --keep a,b  only these steps of it
 *   --nodes N     2 to 12, in every seed                --lines a,b, --noise N: as a failure prints them
 *   --workers N   processes, one a core by default      --list      one line a failure, no search for the smallest run
 *   --anyRestore  also relays are set back to older backups: then all must agree once everybody follows all origins (see plan.ts)
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { describePlan, planOf, type PlanOptions } from "./plan.ts";
import { findFailures, inFolder, shrink, type Failure } from "./seeds.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    keep: { type: "string" },
    lines: { type: "string" },
    noise: { type: "string" },
    anyRestore: { type: "boolean" },
    list: { type: "boolean", default: false },
    nodes: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
    every: { type: "string", default: "1" },
  },
});
const drawn = { nodes: values.nodes === undefined ? undefined : Number(values.nodes), anyRestore: values.anyRestore };
const say = (line: string) => process.stdout.write(`${line}\n`);

if (process.send !== undefined) await work();
else if (values.seed !== undefined) await replay(Number(values.seed));
else await runAll();

/** One seed with all that happens in it. */
async function replay(seed: number): Promise<void> {
  const numbers = (text: string | undefined) => text?.split(",").filter(Boolean).map(Number);
  const noise = values.noise === undefined ? undefined : Number(values.noise);
  const plan = planOf(seed, { ...drawn, noise, keep: numbers(values.keep), lines: numbers(values.lines) });
  say(describePlan(plan));
  const faults = await inFolder((folder) => simulate(plan, { folder, trace: say }));
  for (const fault of faults) say(`FAULT ${fault}`);
  say(faults.length === 0 ? "all that should agree agrees" : `${faults.length} faults`);
  process.exitCode = Math.sign(faults.length);
}

/** As a worker: its share of the seeds; each failure is told to the parent. */
async function work(): Promise<void> {
  const [from, seeds, every] = [values.from, values.seeds, values.every].map(Number) as [number, number, number];
  await inFolder((folder) => findFailures({ from, seeds, every, drawn, folder }, (failure) => void process.send!(failure)));
  process.disconnect();
}

function flagsOf(options: PlanOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [value === true ? `--${name}` : `--${name}=${String(value)}`];
  });
}

function seedsOf(failures: readonly Failure[]): string {
  const first = failures.slice(0, 30).map(({ seed }) => seed);
  return first.join(", ") + (failures.length > 30 ? ", …" : "");
}

async function runAll(): Promise<void> {
  const began = performance.now();
  const [from, seeds, workers] = [values.from, values.seeds, values.workers].map(Number) as [number, number, number];
  const failures: Failure[] = [];
  const ends = Array.from({ length: workers }, (_, worker) => {
    const share = ["--from", String(from + worker), "--seeds", String(seeds - worker), "--every", String(workers)];
    const child = fork(import.meta.filename, [...share, ...flagsOf(drawn)]);
    child.on("message", (failure: Failure) => failures.push(failure));
    return new Promise<number | null>((resolve) => child.on("exit", resolve));
  });
  const broken = (await Promise.all(ends)).filter((code) => code !== 0).length;
  const seconds = Math.round((performance.now() - began) / 1000);
  const [first] = failures.toSorted((one, other) => one.seed - other.seed);
  if (values.list) for (const { seed, faults } of failures) say(`seed ${seed}: ${faults[0]}`);
  else if (first !== undefined) await tell(first);
  say(`${seeds} seeds from ${from}: ${failures.length} failed${failures.length > 0 ? ` (${seedsOf(failures)})` : ""}; ${seconds} s`);
  if (broken > 0) say(`${broken} of ${workers} workers broke down`);
  process.exitCode = failures.length + broken > 0 ? 1 : 0;
}

/** The first failure, made as small as it goes. */
async function tell({ seed, faults }: Failure): Promise<void> {
  say(`\nseed ${seed} fails: ${faults[0]}\nlooking for its smallest run …`);
  const { plan, trace, faults: left, options } = await inFolder((folder) => shrink(seed, { drawn, folder }));
  say([describePlan(plan), ...trace, ...left.map((fault) => `FAULT ${fault}`)].join("\n"));
  say(`\nagain: npm run test:simulation -- --seed ${seed} ${flagsOf(options).join(" ")}\n`);
}
