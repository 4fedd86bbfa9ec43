/** What happens in a simulation, drawn from its seed before it begins: who there is, who hears whom, what is done and what goes wrong. */
import type { BootstrapWay } from "../../src/domain/peer.ts";
import { BOOTSTRAP_WAYS } from "../../src/domain/peer.ts";
import { createRandom, type Random } from "./random.ts";

export const SHAPES = ["chain", "ring", "star", "random"] as const;
export type Shape = (typeof SHAPES)[number];

/** `from` pulls from `to`; as a relay, it also hears what `to` tells of others. */
export interface Line {
  from: number;
  to: number;
  relay: boolean;
  by: BootstrapWay;
}

export interface PlannedNode {
  /** It passes on what it hears, and must not be set back to an older backup (see PlanOptions.anyRestore). */
  relaying: boolean;
  /** Milliseconds by which its clock is off. */
  skew: number;
  pageSize: number;
}

/** What a node may do or suffer. The numbers that a verb needs are drawn from its own `seed`, so that leaving out others changes nothing. */
export const VERBS = {
  create: 10,
  edit: 14,
  withdraw: 4,
  republish: 3,
  merge: 3,
  undoMerge: 2,
  takeDown: 2,
  /** A curator's word about an event of another node. */
  claim: 4,
  /** A local decision about an event of another node, and its end. */
  hide: 2,
  unhide: 2,
  backUp: 6,
  restore: 6,
  crash: 8,
  /** Stopped without a last word: nothing is lost, but it cannot know. */
  crashUnclean: 2,
  setClock: 3,
  forgetPast: 1,
  part: 4,
  split: 1,
  pullTwice: 2,
} as const satisfies Record<string, number>;
export type Verb = keyof typeof VERBS;

export interface Step {
  /** Milliseconds from the beginning. */
  at: number;
  node: number;
  verb: Verb;
  seed: string;
}

export interface Plan {
  seed: number;
  shape: Shape;
  nodes: PlannedNode[];
  lines: Line[];
  steps: Step[];
  /** How bad the lines are, 0 to 1. */
  noise: number;
  /** Also relays may be set back (PlanOptions). */
  anyRestore: boolean;
}

export interface PlanOptions {
  /** 2 to 12; drawn where absent, small ones more often. */
  nodes?: number | undefined;
  /**
   * Also relays are set back. What a reader heard through one, and neither that nor its origin tells of any more, the reader keeps until it
   * follows the origin itself.
   */
  anyRestore?: boolean | undefined;
  /** For the replay of a smaller run: numbers of the steps and lines that are kept, and how bad these are; all, and as drawn, where absent. */
  keep?: readonly number[] | undefined;
  lines?: readonly number[] | undefined;
  noise?: number | undefined;
}

/** Faults end here; then everything heals. */
export const TROUBLED_MS = 40 * 60_000;
const HOUR = 3_600_000;

export function planOf(seed: number, { nodes: size, anyRestore = false, keep, lines: keptLines, noise }: PlanOptions = {}): Plan {
  const random = createRandom(`plan ${seed}`);
  const count = size ?? Math.min(random.int(2, 12), random.int(2, 12), random.int(3, 12));
  const shape = random.pick(SHAPES);
  const clocks = Array.from({ length: count }, () => ({
    skew: random.chance(0.5) ? 0 : random.int(-2 * HOUR, 2 * HOUR),
    pageSize: random.int(2, 12),
  }));
  const lines = linesOf(shape, count, random);
  const tellers = new Set(lines.filter(({ relay }) => relay).map(({ to }) => to));
  const hearers = new Set(lines.map(({ from }) => from));
  const nodes = clocks.map((clock, n) => ({ ...clock, relaying: !anyRestore && tellers.has(n) && hearers.has(n) }));
  const verbs = (Object.keys(VERBS) as Verb[]).flatMap((verb) => Array.from({ length: VERBS[verb] }, () => verb));
  const steps = Array.from({ length: random.int(10, 14 + 8 * count) }, () => random.int(0, TROUBLED_MS))
    .toSorted((one, other) => one - other)
    .map((at, number) => ({ at, node: random.int(0, count - 1), verb: random.pick(verbs), seed: `${seed}/${number}` }));
  return {
    seed,
    shape,
    nodes,
    lines: kept(lines, keptLines),
    steps: kept(steps, keep),
    noise: noise ?? random.pick([0, 0.3, 1]),
    anyRestore,
  };
}

const kept = <T>(all: T[], numbers: readonly number[] | undefined): T[] => numbers?.flatMap((number) => all[number] ?? []) ?? all;

function linesOf(shape: Shape, count: number, random: Random): Line[] {
  const relay = random.pick([0, 0.7, 1]);
  const lines = new Map<string, Line>();
  const add = (from: number, to: number) => {
    if (from !== to) lines.set(`${from}-${to}`, { from, to, relay: random.chance(relay), by: random.pick(BOOTSTRAP_WAYS) });
  };
  const both = random.chance(0.5);
  /** Of a star: the hub hears all, or all hear the hub. */
  const inward = random.chance(0.3);
  const link = (one: number, other: number) => {
    add(one, other);
    if (both) add(other, one);
  };
  for (let n = 1; n < count; n += 1) {
    if (shape === "chain" || shape === "ring") link(n, n - 1);
    else if (shape === "star" && inward) link(0, n);
    else if (shape === "star") link(n, 0);
    else link(n, random.int(0, n - 1));
  }
  if (shape === "ring") link(0, count - 1);
  if (shape === "random") for (let n = random.int(0, count); n > 0; n -= 1) add(random.int(0, count - 1), random.int(0, count - 1));
  return [...lines.values()];
}

/** A plan in a few lines, for people. */
export function describePlan({ seed, shape, nodes, lines, steps, noise }: Plan): string {
  return [
    `seed ${seed}: a ${shape} of ${nodes.length} nodes, noise ${noise}, ${steps.length} steps`,
    ...lines.map(({ from, to, relay, by }) => `  n${from} pulls from n${to}${relay ? ", a relay" : ""}; first copy by ${by}`),
  ].join("\n");
}
