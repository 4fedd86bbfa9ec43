/** What must be true once everything has healed and nothing moves any more. Each fault is one line. */
import { createHash } from "node:crypto";
import { isUnder } from "../../src/domain/custody.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import type { SimulatedNode, Statement } from "./model.ts";
import type { Line, Plan } from "./plan.ts";

/** What an origin tells of its own entities now: the digest of each that it shows. */
type Truth = ReadonlyMap<string, string>;

export function judgeWorld(plan: Plan, nodes: readonly SimulatedNode[]): string[] {
  const truths = nodes.map(truthOf);
  const heard = nodes.map((_, number) => originsHeard(plan.lines, number));
  return [
    ...nodes.flatMap((node, number) =>
      heldFaults(
        node,
        [...heard[number]!].map((origin) => truths[origin]!),
      ),
    ),
    ...nodes.flatMap((node, number) =>
      ruleFaults(
        node,
        plan.lines.filter(({ from }) => from === number).map(({ to }) => nodes[to]!.base),
      ),
    ),
    ...nodes.flatMap(feedFaults),
    ...agreementFaults(nodes, heard, truths),
  ];
}

/**
 * Whose entities a node should know: of all that it pulls from, and of all that somebody pulls from whom it hears through relays all the
 * way. Never its own.
 */
export function originsHeard(lines: readonly Line[], node: number): Set<number> {
  const through = new Set([node]);
  for (const teller of through) for (const { from, to, relay } of lines) if (from === teller && relay) through.add(to);
  const origins = new Set(lines.filter(({ from }) => through.has(from)).map(({ to }) => to));
  origins.delete(node);
  return origins;
}

function truthOf({ base, database }: SimulatedNode): Truth {
  const shown = [...database.last.values()].flatMap(({ uri, item }) => {
    const { digest, snapshot } = JSON.parse(item) as VerifiableItem;
    return isUnder(base, uri) && snapshot !== undefined ? [[uri, digest.replace("sha-256:", "")] as const] : [];
  });
  return new Map(shown);
}

/** Held is what the origins tell, all of it and nothing else, and the entities here are as their origins say. */
function heldFaults({ name, database }: SimulatedNode, truths: readonly Truth[]): string[] {
  const faults: string[] = [];
  const { statements, entities } = database;
  for (const truth of truths) {
    for (const [uri, digest] of truth) {
      const held = statements.get(uri);
      if (held === undefined) faults.push(`${name} never heard of ${uri}`);
      else if (held.gone) faults.push(`${name} believes that ${uri} is gone (${placeOf(held)})`);
      else if (held.digest !== digest) faults.push(`${name} holds an older word of ${uri} (${placeOf(held)})`);
    }
  }
  const shown = new Set(truths.flatMap((truth) => [...truth.keys()]));
  for (const held of statements.values()) {
    if (!held.gone && !shown.has(held.uri)) faults.push(`${name} shows ${held.uri}, which its origin does not (${placeOf(held)})`);
    const life = entities.get(held.uri)?.life;
    if (life !== undefined && life !== (held.gone ? "gone" : "shown")) faults.push(`${name} shows ${held.uri} as ${life}`);
  }
  return faults;
}

const placeOf = ({ epoch, position, hops, via }: Statement): string =>
  `epoch ${epoch.slice(0, 10)}…${epoch.slice(-3)}, position ${position}, told by ${via}${hops.length > 0 ? `, through ${hops.join(", ")}` : ""}`;

function ruleFaults({ name, base, database }: SimulatedNode, followed: readonly string[]): string[] {
  const faults: string[] = [];
  for (const { uri, origin, hops, via } of database.statements.values()) {
    if (isUnder(base, uri)) faults.push(`${name} lets ${via} speak of its own ${uri}`);
    if (!isUnder(origin, uri)) faults.push(`${name} lets ${origin} speak of ${uri}`);
    if (followed.includes(origin) && hops.length > 0) faults.push(`${name} lets ${via} speak of ${uri}, whose origin it follows`);
    if (origin !== via && hops.at(-1) !== via)
      faults.push(`${name} does not know who told it of ${uri}: hops ${hops.join(", ")}, by ${via}`);
  }
  for (const { base: peer, alarm, alarmDetail, bootstrap } of database.peers.values()) {
    if (alarm !== null) faults.push(`${name} raises an alarm about ${peer}: ${alarm}, ${alarmDetail}`);
    else if (bootstrap !== null) faults.push(`${name} never finished its copy of ${peer}`);
  }
  for (const refusal of database.refusals.keys()) faults.push(`${name} refused an honest word: ${refusal}`);
  return faults;
}

function feedFaults({ name, database }: SimulatedNode): string[] {
  const verified = verifyChain(database.log.map(({ item }) => JSON.parse(item) as VerifiableItem));
  return verified.ok ? [] : [`${name} tells at position ${verified.position} what does not verify: ${verified.fault}`];
}

/** Nodes that hear the same origins hold the same: one hash over all that each shows, of its own and of others. */
function agreementFaults(nodes: readonly SimulatedNode[], heard: readonly ReadonlySet<number>[], truths: readonly Truth[]): string[] {
  const hashes = new Map<string, Map<string, string>>();
  nodes.forEach((node, number) => {
    const group = [...heard[number]!, number].toSorted((one, other) => one - other).join();
    const held = [...node.database.statements.values()].flatMap(({ uri, gone, digest }) => (gone ? [] : [[uri, digest] as const]));
    const lines = [...truths[number]!, ...held].map(([uri, digest]) => `${uri} ${digest}\n`).toSorted();
    const hash = createHash("sha256").update(lines.join("")).digest("hex");
    hashes.set(group, (hashes.get(group) ?? new Map<string, string>()).set(hash, node.name));
  });
  return [...hashes.values()]
    .filter((group) => group.size > 1)
    .map((group) => `${[...group.values()].join(" and ")} should agree and do not`);
}
