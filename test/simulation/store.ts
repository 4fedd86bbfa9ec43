/**
 * What a simulated node keeps of its peers: a PeerStore in memory. Each call is one transaction; a crash falls before it, or after it and
 * before its caller hears of it, never within.
 */
import type { Peer } from "../../src/domain/peer.ts";
import type { PeerStore } from "../../src/federation/peer/ports.ts";
import { hear, hostOf, sweep } from "./hear.ts";
import { clockOf, type SimulatedNode, type World } from "./model.ts";
import type { Rules } from "./rules.ts";

/** The store of `node` as long as it lives; afterwards every call throws Crashed. `step` is waited for at the beginning and the end of each. */
export function createStore(world: World, node: SimulatedNode, rules: Rules, step: () => Promise<void>): PeerStore {
  const transaction = async <T>(work: () => T): Promise<T> => {
    await step();
    const result = work();
    node.onCommit?.();
    await step();
    return result;
  };
  const peerOf = (id: string): Peer => {
    const peer = node.database.peers.get(id);
    if (peer === undefined) throw new Error(`there is no peer ${id}`);
    return peer;
  };
  const now = () => clockOf(world, node);

  return {
    read: (id) => transaction(() => structuredClone(node.database.peers.get(id))),
    keepProfile: (id, profile) =>
      transaction(() => {
        Object.assign(peerOf(id), { profile, profileAt: now() });
      }),
    beginRun: (id, kind) =>
      transaction(() => {
        peerOf(id);
        return `${id} ${kind}`;
      }),
    applyPage: async (id, _run, page) => {
      const move = (peer: Peer) => {
        const { nextCursor: cursor, epoch, position, hash, head } = page;
        Object.assign(peer, { cursor, epoch: epoch ?? peer.epoch, position, hash, head });
      };
      if (!rules.cursorWithPage) {
        const moved = await transaction(() => {
          if (peerOf(id).cursor !== page.since) return true;
          move(peerOf(id));
          return false;
        });
        return moved ? "moved" : transaction(() => hear(world, node, rules, peerOf(id), page, null));
      }
      return transaction(() => {
        const peer = peerOf(id);
        if (peer.cursor !== page.since || peer.bootstrap !== null) return "moved";
        move(peer);
        return hear(world, node, rules, peer, page, null);
      });
    },
    holdsAny: (id) => transaction(() => [...node.database.statements.values()].some((one) => one.origin === peerOf(id).base && !one.gone)),
    beginCopy: (id, plan) =>
      transaction(() => {
        world.trace(`${node.name} <- ${hostOf(id)}: a copy by ${plan.way}${plan.resync ? ", for what is held is of another epoch" : ""}`);
        peerOf(id).bootstrap = structuredClone(plan);
      }),
    keepPlan: (id, plan) =>
      transaction(() => {
        const peer = peerOf(id);
        if (peer.bootstrap?.id !== plan.id) return "moved";
        const { lines, page } = peer.bootstrap;
        peer.bootstrap = { ...structuredClone(plan), lines, page };
        return undefined;
      }),
    applyCopy: (id, _run, chunk) =>
      transaction(() => {
        const peer = peerOf(id);
        const plan = peer.bootstrap;
        const at = plan?.way === "pages" ? plan.page : plan?.lines;
        if (plan === null || plan.id !== chunk.planId || at !== chunk.from) return "moved";
        if (plan.way === "pages") plan.page = chunk.to;
        else plan.lines = chunk.to;
        if (chunk.reached !== undefined) {
          const { cursor, position, hash } = chunk.reached;
          Object.assign(plan, { cursor, position, ...(hash !== null && { hash }) });
        }
        return hear(world, node, rules, peer, chunk, plan.id);
      }),
    finishCopy: (id) =>
      transaction(() => {
        const peer = peerOf(id);
        const plan = peer.bootstrap;
        if (plan === null) return "moved";
        const deleted = rules.sweep === "nothing" ? 0 : sweep(world, node, peer, plan, rules.sweep);
        const { cursor = null, epoch = null, position = 0, hash = null } = plan;
        Object.assign(peer, { bootstrap: null, cursor, epoch, position, hash });
        return { applied: 0, passedOver: 0, refused: 0, deleted };
      }),
    endRun: (id, _run, end) =>
      transaction(() => {
        const peer = peerOf(id);
        if (end.outcome === "alarm") world.trace(`${node.name} <- ${hostOf(id)}: an alarm, ${end.alarm}: ${end.detail}`);
        if (end.outcome === "failed" && !end.detail.includes("the connection is"))
          world.trace(`${node.name} <- ${hostOf(id)}: ${end.detail}`);
        const soon = { nextPullAt: new Date(now().getTime() + 1_000 * peer.everySeconds) };
        if (end.outcome === "alarm") Object.assign(peer, soon, { status: "broken", alarm: end.alarm, alarmDetail: end.detail });
        else if (end.outcome === "failed") Object.assign(peer, soon, { failures: peer.failures + 1, lastError: end.detail });
        else Object.assign(peer, end.more ? { nextPullAt: now() } : soon, { failures: 0, lastError: null });
      }),
  };
}
