/**
 * A federation in one process and in no time: nodes in memory, lines that fail, clocks that are off, and the real code of a pull
 * (federation/peer/pull.ts), of the rules of origin (domain/custody.ts) and of the feed (feed/number-changes.ts, cursor.ts, redact.ts).
 *
 *   1. Trouble: the steps of the plan are done while every node pulls from its peers, over bad lines.
 *   2. Healing: all nodes are up, all lines are whole, local decisions about others' entities are taken back.
 *   3. Quiet: everybody pulls until nothing moves; oracle.ts says what must be true then.
 *   4. Where relays were set back too (PlanOptions.anyRestore) and it is not: everybody follows all origins itself, and it must be true.
 */
import { join } from "node:path";
import { pullPeer, type PullParts } from "../../src/federation/peer/pull.ts";
import { sequence, touch } from "./feed.ts";
import { LIFE } from "./life.ts";
import { addPeer, newNode } from "./make-nodes.ts";
import { clockOf, Crashed, type SimulatedNode, type World } from "./model.ts";
import { createNetwork, WHOLE } from "./network.ts";
import { judgeWorld, originsHeard } from "./oracle.ts";
import { TROUBLED_MS, type Plan } from "./plan.ts";
import { createRandom } from "./random.ts";
import { createScheduler } from "./scheduler.ts";
import { REAL_RULES, type Rules } from "./rules.ts";
import { createStore } from "./store.ts";

export interface SimulationOptions {
  /** Where snapshots are kept while they are applied; its content is the caller's to remove. */
  folder: string;
  /** What a test breaks on purpose. */
  rules?: Partial<Rules>;
  trace?: (line: string) => void;
}

/** Plays a plan; returns what is wrong at its end, one line each. */
export async function simulate(plan: Plan, { folder, rules: broken, trace = () => undefined }: SimulationOptions): Promise<string[]> {
  const rules = { ...REAL_RULES, ...broken };
  const random = createRandom(`play ${plan.seed}`);
  const scheduler = createScheduler();
  const nodes: SimulatedNode[] = [];
  const world: World = { scheduler, nodes, faults: new Set(), trace: (line) => trace(`${timeOf(scheduler.now())} ${line}`) };
  plan.nodes.forEach((planned, number) => nodes.push(newNode(world, number, planned, join(folder, `n${number}`))));
  for (const line of plan.lines) addPeer(nodes, line);
  const network = createNetwork(world, random.stream("network"));
  const pauses = random.stream("pauses");

  const pull = (node: SimulatedNode, id: string): void => {
    if (!node.up || node.database.peers.get(id)?.status !== "active") return;
    const { life, pulling } = node;
    const step = async () => {
      if (pauses.chance(0.3)) await scheduler.park(pauses.int(1, 2_000));
      if (node.life !== life) throw new Crashed();
    };
    const parts: PullParts = {
      store: createStore(world, node, rules, step),
      client: () => network.client(node),
      clock: () => clockOf(world, node),
      random: () => pauses.next(),
      wait: (milliseconds) => scheduler.park(milliseconds),
      folder: node.folder,
      log: { info: () => undefined, warn: () => undefined },
      limits: { pageItems: node.pageSize },
    };
    pulling.add(id);
    scheduler.spawn(async () => {
      try {
        await pullPeer(parts, id);
      } catch (error) {
        if (!(error instanceof Crashed)) throw error;
      } finally {
        pulling.delete(id);
      }
    });
  };

  // 1. Trouble
  let troubled = true;
  const bad = { lost: 0.04, cut: 0.04, late: 0.08, repeated: 0.04 };
  network.faults = {
    lost: bad.lost * plan.noise,
    cut: bad.cut * plan.noise,
    late: bad.late * plan.noise,
    repeated: bad.repeated * plan.noise,
  };
  for (const node of nodes) {
    for (const { id, everySeconds } of node.database.peers.values()) {
      const tick = () => {
        if (!troubled) return;
        if (!node.pulling.has(id)) pull(node, id);
        scheduler.after(everySeconds * pauses.int(800, 1_200), tick);
      };
      scheduler.after(pauses.int(0, 60_000), tick);
    }
  }
  const pullTwice = (node: SimulatedNode) => [...node.database.peers.keys()].forEach((id) => (pull(node, id), pull(node, id)));
  for (const { at, node: number, verb, seed } of plan.steps) {
    scheduler.after(at, () => {
      const node = nodes[number]!;
      if (!node.up) return;
      const done = LIFE[verb]({ world, node, rules, network, pullTwice, random: createRandom(`step ${seed}`) });
      if (done !== undefined) world.trace(`${node.name}: ${verb} ${done}`);
    });
  }
  await scheduler.runUntil(TROUBLED_MS);

  // 2. Healing
  troubled = false;
  network.faults = WHOLE;
  for (const node of nodes) node.onCommit = undefined;
  await scheduler.runOut();
  world.trace("everything heals");
  for (const node of nodes) {
    for (const entity of node.database.entities.values()) {
      if (!entity.foreign || entity.life !== "hidden") continue;
      entity.life = node.database.statements.get(entity.uri)!.gone ? "gone" : "shown";
      touch(world, node, entity);
    }
  }

  // 3. Quiet: a word may have to travel through all nodes, and a copy takes a round of its own
  const rounds = 6 + 3 * nodes.length;
  const settle = async (): Promise<string[]> => {
    for (let round = 1, before = ""; ; round += 1) {
      for (const node of nodes) sequence(node);
      const now = nodes.map(({ database }) => standOf(database)).join("\n");
      if (now === before) return judgeWorld(plan, nodes);
      if (round > rounds) return [`after ${rounds} rounds of pulls something still moves`, ...judgeWorld(plan, nodes)];
      before = now;
      for (const node of nodes) for (const id of node.database.peers.keys()) pull(node, id);
      await scheduler.runOut();
    }
  };
  const faults = await settle();
  if (faults.length === 0 || !plan.anyRestore || !faults.every((fault) => STILL_SHOWN.test(fault))) return [...world.faults, ...faults];

  // 4. What an operator does about what was lost both at a relay and at the origin: follows the origin itself
  nodes.forEach(({ database, name }, from) => {
    for (const to of originsHeard(plan.lines, from)) {
      if (database.peers.has(nodes[to]!.name)) continue;
      world.trace(`${name} follows ${nodes[to]!.name} itself`);
      addPeer(nodes, { from, to, relay: false, by: "snapshot" });
    }
  });
  return [...world.faults, ...(await settle())];
}

/** Of what its origin knows no more; any other fault is one. */
const STILL_SHOWN = /, which its origin does not | should agree and do not$/;

const standOf = ({ log, peers }: SimulatedNode["database"]): string =>
  [log.length, ...[...peers.values()].map(({ cursor, bootstrap }) => `${cursor} ${JSON.stringify(bootstrap)}`)].join(" ");

function timeOf(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  return `${String(Math.floor(seconds / 60)).padStart(3, "0")}:${(seconds % 60).toFixed(3).padStart(6, "0")}`;
}
