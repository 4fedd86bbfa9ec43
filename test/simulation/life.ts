/** What simulated nodes do and suffer. Each verb says in one line what came of it, or undefined where there was nothing to do it to. */
import type { Database, Entity, SimulatedNode, World } from "./model.ts";
import { clockOf, epochAt } from "./model.ts";
import { takeDown, touch } from "./feed.ts";
import { pairOf, type Network } from "./network.ts";
import type { Verb } from "./plan.ts";
import type { Random } from "./random.ts";
import { mintId } from "./hear.ts";
import type { Rules } from "./rules.ts";
import { ulidOf } from "../../src/domain/iri.ts";

export interface Doing {
  world: World;
  node: SimulatedNode;
  /** Drawn for this one step. */
  random: Random;
  rules: Rules;
  network: Network;
  /** Two pulls of one peer at once, as when a worker is believed dead. */
  pullTwice: (node: SimulatedNode) => void;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const LIFE: Record<Verb, (doing: Doing) => string | undefined> = {
  create({ world, node, random }) {
    const id = mintId(node);
    const kind = random.chance(0.8) ? "event" : "organization";
    const uri = `${node.base}/${kind === "event" ? "events" : "organizations"}/${ulidOf(id)}`;
    const description = kind === "event" && random.chance(0.6) ? wordsOf(random) : undefined;
    const born = { version: 0, life: "shown", supersededBy: undefined, changedAt: "" } as const;
    const entity: Entity = { id, uri, kind, foreign: false, name: wordsOf(random), description, ...born };
    node.database.entities.set(uri, entity);
    touch(world, node, entity);
    return uri;
  },
  edit: onOne(own("shown"), ({ world, node, random }, entity) => {
    entity.name = wordsOf(random);
    if (entity.kind === "event" && random.chance(0.5)) entity.description = wordsOf(random);
    touch(world, node, entity);
  }),
  withdraw: onOne(own("shown"), ({ world, node }, entity) => {
    entity.life = "hidden";
    touch(world, node, entity);
  }),
  republish: onOne(
    (one) => own("hidden")(one) && one.supersededBy === undefined,
    ({ world, node }, entity) => {
      entity.life = "shown";
      touch(world, node, entity);
    },
  ),
  merge: onOne(own("shown"), ({ world, node, random }, entity) => {
    const others = [...node.database.entities.values()].filter((one) => own("shown")(one) && one !== entity && one.kind === entity.kind);
    if (others.length === 0) return;
    entity.life = "hidden";
    entity.supersededBy = random.pick(others).uri;
    touch(world, node, entity);
  }),
  undoMerge: onOne(
    (one) => own("hidden")(one) && one.supersededBy !== undefined,
    ({ world, node }, entity) => {
      entity.life = "shown";
      entity.supersededBy = undefined;
      touch(world, node, entity);
    },
  ),
  takeDown: onOne(
    (one) => own("shown")(one) && one.description !== undefined,
    ({ world, node }, entity) => takeDown(world, node, entity),
  ),
  claim: onOne(foreign("shown"), ({ world, node, random }, entity) => {
    entity.name = `${node.name} says ${wordsOf(random)}`;
    touch(world, node, entity);
  }),
  hide: onOne(foreign("shown"), ({ world, node }, entity) => {
    entity.life = "hidden";
    touch(world, node, entity);
  }),
  unhide: onOne(foreign("hidden"), ({ world, node }, entity) => {
    entity.life = "shown";
    touch(world, node, entity);
  }),
  backUp({ node }) {
    node.backup = structuredClone(node.database);
    return `at position ${node.database.log.length}`;
  },
  restore(doing) {
    const { node } = doing;
    if (node.backup === undefined || node.relaying) return undefined;
    const lost = node.database.log.length - node.backup.log.length;
    stop(doing, () => {
      node.database = structuredClone(node.backup!);
      beginEpoch(doing);
    });
    return `${lost} positions are lost`;
  },
  crash(doing) {
    const { node, random } = doing;
    if (random.chance(0.4)) {
      stop(doing, () => undefined);
      return "at once";
    }
    const commits = random.int(1, 8);
    let left = commits;
    node.onCommit = () => {
      left -= 1;
      if (left > 0) return;
      doing.world.trace(`${node.name} crashes`);
      stop(doing, () => undefined);
    };
    return `when ${commits} things more are committed`;
  },
  crashUnclean(doing) {
    stop(doing, () => beginEpoch(doing));
    return "";
  },
  /** It was stopped for that, without a last word. Backups go: set back to the epochs before, it could not know of those under the other clock. */
  setClock(doing) {
    const { node, random } = doing;
    const skew = random.int(-2 * HOUR, 2 * HOUR);
    stop(doing, () => {
      Object.assign(node, { skew, backup: undefined });
      beginEpoch(doing);
    });
    return `${Math.round(skew / MINUTE)} minutes off`;
  },
  forgetPast({ node, random }) {
    const { database } = node;
    database.oldest = random.int(database.oldest, database.log.length + 1);
    return `up to ${database.oldest}`;
  },
  part({ world, node, random, network }) {
    const other = random.pick(world.nodes.filter((one) => one !== node));
    part(world, network, [[node, other]], random.int(1, 15) * MINUTE);
    return `from ${other.name}`;
  },
  split({ world, random, network }) {
    const [here, there] = [world.nodes.filter((_, n) => n % 2 === 0), world.nodes.filter((_, n) => n % 2 === 1)];
    const pairs = here.flatMap((one) => there.map((other) => [one, other] as const));
    part(world, network, pairs, random.int(1, 10) * MINUTE);
    return "the even ones from the odd ones";
  },
  pullTwice({ node, pullTwice }) {
    pullTwice(node);
    return "";
  },
};

type Which = (entity: Entity) => boolean;
function own(life: Entity["life"]): Which {
  return (entity) => !entity.foreign && entity.life === life;
}
function foreign(life: Entity["life"]): Which {
  return (entity) => entity.foreign && entity.life === life;
}

function onOne(which: Which, what: (doing: Doing, entity: Entity) => void): (doing: Doing) => string | undefined {
  return (doing) => {
    const fitting = [...doing.node.database.entities.values()].filter(which);
    if (fitting.length === 0) return undefined;
    const entity = doing.random.pick(fitting);
    what(doing, entity);
    return entity.uri;
  };
}

/** Everything under way ends; what is committed stays. It comes back by and by. */
function stop({ world, node, random }: Doing, atStart: () => void): void {
  node.up = false;
  node.life += 1;
  node.pulling = new Set();
  node.onCommit = undefined;
  const { life } = node;
  world.scheduler.after(random.int(1, 180) * 1_000, () => {
    if (node.life !== life) return;
    node.up = true;
    atStart();
    world.trace(`${node.name} is up again, epoch ${node.database.epoch}`);
  });
}

/** The database may have lost what it told. */
function beginEpoch({ world, node, rules }: Doing): void {
  if (!rules.newEpoch) return;
  const { database }: { database: Database } = node;
  const begins = rules.nextEpochAt(clockOf(world, node).getTime(), database.epoch);
  database.epoch = epochAt(new Date(begins), (node.minted += 1));
}

function part(
  { scheduler }: World,
  { parted }: Network,
  pairs: readonly (readonly [SimulatedNode, SimulatedNode])[],
  duration: number,
): void {
  const count = (pair: string, more: number) => parted.set(pair, (parted.get(pair) ?? 0) + more);
  for (const [one, other] of pairs) {
    count(pairOf(one, other), 1);
    scheduler.after(duration, () => count(pairOf(one, other), -1));
  }
}

const WORDS = ["jazz", "choir", "opening", "late", "open air", "reading", "matinée", "fête", "trio", "dance", "<b>loud</b>", "“encore”"];
const wordsOf = (random: Random): string => `${random.pick(WORDS)} ${random.pick(WORDS)} ${random.int(1, 999)}`;
