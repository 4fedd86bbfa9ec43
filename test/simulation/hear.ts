/** What becomes of what a peer says: judged in its order, kept as statements, shown as entities, told on by the feed. */
import type { Custody, HeardChange } from "../../src/domain/custody.ts";
import type { BootstrapPlan, Peer } from "../../src/domain/peer.ts";
import type { BadItem, CopyChunk, Counts, VerifiedPage } from "../../src/domain/pull.ts";
import { sha256 } from "../../src/feed/item.ts";
import { touch } from "./feed.ts";
import { clockOf, type Entity, type SimulatedNode, type Statement, type World } from "./model.ts";
import type { Rules } from "./rules.ts";

/** Judges items in their order and keeps what becomes of them. */
export function hear(
  world: World,
  node: SimulatedNode,
  rules: Rules,
  peer: Peer,
  { changes, bad }: Pick<VerifiedPage | CopyChunk, "changes" | "bad">,
  metIn: string | null,
): Counts {
  const { statements, refusals, peers } = node.database;
  const counts: Counts = { applied: 0, passedOver: 0, deleted: 0, refused: 0 };
  const followed = new Set([...peers.values()].filter(({ status }) => status === "active").map(({ base }) => base));
  const refuse = ({ reason, uri }: Pick<BadItem, "reason" | "uri">) => {
    counts.refused += 1;
    const key = `${reason} ${peer.base} ${uri}`;
    refusals.set(key, (refusals.get(key) ?? 0) + 1);
  };
  bad.forEach(refuse);
  const said = new Set<string>();
  for (const change of changes.map(rules.heard)) {
    const held = statements.get(change.uri);
    const judged = rules.judge(change, held, { base: node.base, peer, followed, now: clockOf(world, node).getTime() });
    const { verdict } = judged;
    const why = verdict === "refuse" ? ` (${judged.reason})` : verdict === "pass" ? ` (${judged.why})` : "";
    world.trace(
      `${node.name} <- ${hostOf(peer.base)}: ${change.uri} ${change.gone ? "is gone" : "is shown"}${placeOf(change.custody)} -> ${verdict}${why}`,
    );
    if (judged.verdict === "refuse") refuse({ ...judged, uri: change.uri });
    else if (judged.verdict === "pass") counts.passedOver += 1;
    else {
      if (goesBack(judged.custody, held))
        world.faults.add(`${node.name} lets ${peer.base} set ${change.uri} back to position ${judged.custody.position}`);
      statements.set(change.uri, statementOf(change, judged.custody, peer.base));
      if (judged.verdict === "note") counts.passedOver += 1;
      else {
        said.add(change.uri);
        if (change.gone) counts.deleted += 1;
        else counts.applied += 1;
      }
    }
    const now = statements.get(change.uri);
    if (metIn !== null && now?.origin === peer.base) now.metIn = metIn;
  }
  for (const uri of said) show(world, node, statements.get(uri)!);
  return counts;
}

/** Within an epoch nothing goes backwards, unless its origin itself says what a relay had told. */
const goesBack = (said: Custody, held: Statement | undefined): boolean =>
  held !== undefined && held.epoch === said.epoch && said.position < held.position && (said.hops.length > 0 || held.hops.length === 0);

function statementOf(change: HeardChange, custody: Custody, via: string): Statement {
  const { uri, kind, gone, text, digest, redacted } = change;
  const { node: origin, hops, epoch, position, version } = custody;
  return { uri, kind, origin, via, hops, epoch, position, version, gone, text, digest, redacted, metIn: null };
}

/** Brings the entity in line with what its origin says. One that was gone before it was ever shown is here a hidden one: its end is told. */
function show(world: World, node: SimulatedNode, { uri, kind, gone, text }: Statement): void {
  const { entities } = node.database;
  let entity = entities.get(uri);
  if (entity === undefined) {
    entity = {
      id: mintId(node),
      uri,
      kind: kind as Entity["kind"],
      foreign: true,
      name: "",
      description: undefined,
      version: 0,
      life: "shown",
      supersededBy: undefined,
      changedAt: "",
    };
    entities.set(uri, entity);
  }
  if (gone) entity.life = "gone";
  else {
    const { name, description } = JSON.parse(text) as { name: string; description?: string };
    entity.name = name;
    entity.description = description;
    if (entity.life === "gone") entity.life = "shown";
  }
  touch(world, node, entity);
}

/** What the copy did not meet (of the peer's own) is gone. */
export function sweep(
  world: World,
  node: SimulatedNode,
  peer: Peer,
  { id, epoch = "", position = 0 }: BootstrapPlan,
  which: "own" | "all",
): number {
  let swept = 0;
  for (const held of node.database.statements.values()) {
    const later = held.epoch === epoch && held.position > position;
    if ((held.origin !== peer.base && which === "own") || held.gone || held.metIn === id || later) continue;
    const { "@type": type } = JSON.parse(held.text) as { "@type": string };
    const stone = { "@id": held.uri, "@type": type, "sel:deletedAt": clockOf(world, node).toISOString(), "sel:tombstone": true };
    const text = JSON.stringify(stone);
    Object.assign(held, { epoch, position, hops: [], via: peer.base, gone: true, text, digest: sha256(text), redacted: false });
    delete held.version;
    show(world, node, held);
    world.trace(`${node.name} <- ${hostOf(peer.base)}: ${held.uri} was not met, it is gone`);
    swept += 1;
  }
  return swept;
}

/** A uuid of its own for everything that this node makes, also after a restore: a ULID never comes twice. */
export function mintId(node: SimulatedNode): string {
  const number = (node.minted += 1).toString(16).padStart(12, "0");
  return `019dd000-${node.name.slice(1).padStart(4, "0")}-7000-8000-${number}`;
}

const placeOf = (custody: Custody | undefined): string =>
  custody === undefined ? "" : `, position ${custody.position} of …${custody.epoch.slice(5, 10)}.${custody.epoch.slice(-2)}`;
export const hostOf = (base: string): string => base.replace(/^https:\/\/|\.example$/g, "");
