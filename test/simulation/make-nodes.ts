/** The nodes of a plan, empty, and what each keeps of those that it pulls from. */
import type { Peer } from "../../src/domain/peer.ts";
import { clockOf, epochAt, type SimulatedNode, type World } from "./model.ts";
import type { Line, Plan } from "./plan.ts";

export function newNode(world: World, number: number, { skew, pageSize, relaying }: Plan["nodes"][number], folder: string): SimulatedNode {
  return {
    name: `n${number}`,
    base: `https://n${number}.example`,
    skew,
    pageSize,
    relaying,
    folder,
    up: true,
    life: 1,
    minted: 0,
    backup: undefined,
    onCommit: undefined,
    pulling: new Set(),
    files: new Map(),
    database: {
      epoch: epochAt(clockOf(world, { skew }), 0),
      entities: new Map(),
      statements: new Map(),
      outbox: [],
      log: [],
      hash: "",
      oldest: 1,
      last: new Map(),
      redactions: 0,
      peers: new Map(),
      refusals: new Map(),
    },
  };
}

export function addPeer(nodes: readonly SimulatedNode[], { from, to, relay, by }: Line): void {
  const { base, name } = nodes[to]!;
  const peer: Peer = {
    id: name,
    base,
    name,
    trust: 5,
    status: "active",
    direction: "pull",
    relay,
    filters: {},
    accessKey: null,
    privateAddress: false,
    everySeconds: 90 + 30 * ((from + to) % 4),
    bootstrapBy: by,
    dialect: "calends",
    profile: null,
    profileAt: null,
    sourceId: null,
    cursor: null,
    epoch: null,
    position: 0,
    hash: "",
    bootstrap: null,
    head: null,
    headAt: null,
    nextPullAt: null,
    pulledAt: null,
    succeededAt: null,
    behindSince: null,
    failures: 0,
    lastError: null,
    alarm: null,
    alarmDetail: null,
    alarmAt: null,
  };
  nodes[from]!.database.peers.set(name, peer);
}
