/** Many seeds, and the smallest run of one that fails. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planOf, type Plan, type PlanOptions } from "./plan.ts";
import { simulate } from "./simulate.ts";
import type { Rules } from "./rules.ts";

export interface Failure {
  seed: number;
  faults: string[];
}

export interface SeedsOptions {
  from: number;
  /** Seeds `from`, `from + every`, … below `from + seeds`. */
  seeds: number;
  every?: number;
  drawn?: PlanOptions;
  rules?: Partial<Rules>;
  folder: string;
}

/** A folder for the length of some work. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "calends-simulation-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Plays seeds one after the other; stops where `found` says true. */
export async function findFailures(options: SeedsOptions, found: (failure: Failure) => boolean | void): Promise<void> {
  const { from, seeds, every = 1, drawn, rules = {}, folder } = options;
  for (let seed = from; seed < from + seeds; seed += every) {
    const faults = await play(planOf(seed, drawn), folder, rules);
    if (faults.length > 0 && found({ seed, faults }) === true) return;
  }
}

/** What is thrown is a fault like another. */
async function play(plan: Plan, folder: string, rules: Partial<Rules>, trace?: (line: string) => void): Promise<string[]> {
  const own = await mkdtemp(join(folder, `seed-${plan.seed}-`));
  try {
    return await simulate(plan, { folder: own, rules, ...(trace && { trace }) });
  } catch (error) {
    return [`it throws ${error instanceof Error ? error.stack : String(error)}`];
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

export interface Smallest {
  plan: Plan;
  trace: string[];
  faults: string[];
  /** What `planOf` makes it from. */
  options: PlanOptions;
}

/** The smallest run with which a seed still fails: whole lines if it may be, and no step or peer that does not matter. */
export async function shrink(
  seed: number,
  { drawn = {}, rules = {}, folder }: Pick<SeedsOptions, "drawn" | "rules" | "folder">,
): Promise<Smallest> {
  const fails = async (options: PlanOptions) => (await play(planOf(seed, options), folder, rules)).length > 0;
  let options: PlanOptions = drawn;
  if (await fails({ ...options, noise: 0 })) options = { ...options, noise: 0 };
  const { steps, lines } = planOf(seed, options);
  options = { ...options, keep: await fewest(steps.length, (keep) => fails({ ...options, keep })) };
  options = { ...options, lines: await fewest(lines.length, (some) => fails({ ...options, lines: some })) };
  const trace: string[] = [];
  const plan = planOf(seed, options);
  const faults = await play(plan, folder, rules, (line) => trace.push(line));
  return { plan, trace, faults, options };
}

/** The numbers below `count` without which it would hold no longer: leaves out ever smaller parts. */
async function fewest(count: number, holds: (numbers: readonly number[]) => Promise<boolean>): Promise<number[]> {
  let kept = Array.from({ length: count }, (_, number) => number);
  for (let size = count; size >= 1; size >>= 1) {
    for (let at = 0; at < kept.length;) {
      const rest = kept.filter((_, place) => place < at || place >= at + size);
      if (await holds(rest)) kept = rest;
      else at += size;
    }
  }
  return kept;
}
