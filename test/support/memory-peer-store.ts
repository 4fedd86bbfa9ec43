/**
 * The store of pulls in memory: the real rules of origin (domain/custody) over Maps. What PostgreSQL does with entities is left
 * out; what is decided about statements, cursors and copies is the same. For tests of the client, and for the simulation.
 */
import type { Clock } from "../../src/domain/clock.ts";
import { judgeChange, type Custody, type HeardChange, type HeldStatement, type RefusalReason } from "../../src/domain/custody.ts";
import { pullsFrom, type BootstrapPlan, type Peer } from "../../src/domain/peer.ts";
import type { PeerStore, RunEnd, RunKind, Counts } from "../../src/federation/peer/ports.ts";

/** What an origin said last of one of its URIs. */
export interface MemoryStatement extends HeldStatement {
  uri: string;
  /** Base of the origin. */
  origin: string;
  /** Id of the peer that told it. */
  via: string;
  /** Canonical text. */
  text: string;
  redacted: boolean;
  metIn?: string | undefined;
}
export interface MemoryRefusal {
  peerId: string;
  reason: RefusalReason;
  uri: string;
  detail: string;
  times: number;
}
export interface MemoryRun {
  id: string;
  peerId: string;
  kind: RunKind;
  counts: Counts & { pages: number };
  end?: RunEnd;
}

export interface MemoryPeerStore extends PeerStore {
  peers: Map<string, Peer>;
  /** By URI. */
  statements: Map<string, MemoryStatement>;
  refusals: MemoryRefusal[];
  runs: MemoryRun[];
  /** A peer as `peer add` would keep it; an active one to pull from, unless said otherwise. */
  add(peer: Partial<Peer> & { base: string }): Peer;
  /** Documents that are held and not gone, by URI. */
  shown(): Record<string, unknown>;
}

export interface MemoryStoreOptions {
  /** Our own base. */
  base: string;
  clock: Clock;
  /** The rules of origin; another for a must-fail control. */
  judge?: typeof judgeChange;
  /** Sweeps what a copy did not meet; false for a must-fail control. */
  sweeps?: boolean;
}

export function createMemoryPeerStore({ base, clock, judge = judgeChange, sweeps = true }: MemoryStoreOptions): MemoryPeerStore {
  const peers = new Map<string, Peer>();
  const statements = new Map<string, MemoryStatement>();
  const refusals: MemoryRefusal[] = [];
  const runs: MemoryRun[] = [];

  const peerOf = (id: string): Peer => {
    const peer = peers.get(id);
    if (peer === undefined) throw new Error(`There is no peer ${id}.`);
    return peer;
  };
  const followed = (): Set<string> =>
    new Set([...peers.values()].filter((one) => one.status === "active" && pullsFrom(one)).map((one) => one.base));

  const refuse = (peerId: string, reason: RefusalReason, uri: string, detail: string): void => {
    const same = refusals.find((one) => one.peerId === peerId && one.reason === reason && one.uri === uri);
    if (same === undefined) refusals.push({ peerId, reason, uri, detail, times: 1 });
    else same.times += 1;
  };

  function apply(
    peer: Peer,
    { changes, bad }: { changes: readonly HeardChange[]; bad: readonly { reason: RefusalReason; uri: string; detail: string }[] },
    metIn: string | undefined,
  ): Counts {
    const counts: Counts = { applied: 0, passedOver: 0, deleted: 0, refused: bad.length };
    for (const { reason, uri, detail } of bad) refuse(peer.id, reason, uri, detail);
    const hearing = {
      base,
      peer: { base: peer.base, relay: peer.relay, origins: peer.filters.origins },
      followed: followed(),
      now: clock().getTime(),
    };
    for (const heard of changes) {
      const held = statements.get(heard.uri);
      const judgement = judge(heard, held, hearing);
      if (judgement.verdict === "refuse") {
        counts.refused += 1;
        refuse(peer.id, judgement.reason, heard.uri, judgement.detail);
        continue;
      }
      if (judgement.verdict === "pass") {
        counts.passedOver += 1;
        if (judgement.why === "same" && held !== undefined && metIn !== undefined) held.metIn = metIn;
        continue;
      }
      keep(peer, heard, judgement.custody, metIn);
      if (judgement.verdict === "note") counts.passedOver += 1;
      else if (heard.gone) counts.deleted += 1;
      else counts.applied += 1;
    }
    return counts;
  }

  function keep(peer: Peer, heard: HeardChange, { node, epoch, position, version, hops }: Custody, metIn: string | undefined): void {
    const { uri, kind, gone, text, digest, redacted } = heard;
    statements.set(uri, { uri, kind, gone, text, digest, redacted, origin: node, epoch, position, version, hops, via: peer.id, metIn });
  }

  const note = (runId: string, counts: Counts): Counts => {
    const sum = runs.find((one) => one.id === runId)?.counts;
    if (sum !== undefined) {
      for (const name of ["applied", "passedOver", "deleted", "refused"] as const) sum[name] += counts[name];
      sum.pages += 1;
    }
    return counts;
  };

  const store: MemoryPeerStore = {
    peers,
    statements,
    refusals,
    runs,
    add(given) {
      const peer: Peer = { ...FRESH, id: `peer-${peers.size + 1}`, name: given.base, nextPullAt: clock(), ...given };
      peers.set(peer.id, peer);
      return peer;
    },
    shown: () =>
      Object.fromEntries([...statements.values()].filter((one) => !one.gone).map((one) => [one.uri, JSON.parse(one.text) as unknown])),

    async read(id) {
      const peer = peers.get(id);
      return peer && structuredClone(peer);
    },
    async keepProfile(id, profile) {
      Object.assign(peerOf(id), { profile, profileAt: clock() });
    },
    async beginRun(peerId, kind) {
      const run: MemoryRun = {
        id: `run-${runs.length + 1}`,
        peerId,
        kind,
        counts: { applied: 0, passedOver: 0, deleted: 0, refused: 0, pages: 0 },
      };
      runs.push(run);
      return run.id;
    },
    async applyPage(id, runId, page) {
      const peer = peerOf(id);
      const copy = peer.bootstrap;
      if (peer.cursor !== page.since || (copy !== null && copy.way !== "feed")) return "moved";
      const counts = apply(peer, page, copy?.id);
      Object.assign(peer, { cursor: page.nextCursor, position: page.position, hash: page.hash, epoch: page.epoch ?? peer.epoch });
      if (page.head !== null) Object.assign(peer, { head: page.head, headAt: clock() });
      return note(runId, counts);
    },
    async holdsAny(id) {
      const { base: origin } = peerOf(id);
      return [...statements.values()].some((one) => one.origin === origin && !one.gone);
    },
    async beginCopy(id, plan) {
      Object.assign(peerOf(id), { bootstrap: structuredClone(plan), ...(plan.way === "feed" && { cursor: null, position: 0, hash: "" }) });
    },
    async keepPlan(id, plan) {
      const peer = peerOf(id);
      if (peer.bootstrap?.id !== plan.id) return "moved";
      const { lines, page, nameless } = peer.bootstrap;
      peer.bootstrap = { ...structuredClone(plan), lines, page, ...(nameless !== undefined && { nameless }) };
      return undefined;
    },
    async applyCopy(id, runId, { planId, from, to, changes, bad, reached }) {
      const peer = peerOf(id);
      const plan = peer.bootstrap;
      if (plan?.id !== planId || progressOf(plan) !== from) return "moved";
      const counts = apply(peer, { changes, bad }, planId);
      for (const { uri } of bad) if (plan.way === "snapshot" && uri === "") plan.nameless = (plan.nameless ?? 0) + 1;
      for (const { uri } of bad) if (statements.has(uri)) statements.get(uri)!.metIn = planId;
      if (plan.way === "snapshot") plan.lines = to;
      else plan.page = to;
      if (reached !== undefined) {
        const { cursor, position, hash } = reached;
        Object.assign(plan, { cursor, position, ...(hash !== null && { hash }) });
        if (hash === null) delete plan.hash;
      }
      return note(runId, counts);
    },
    async finishCopy(id, runId) {
      const peer = peerOf(id);
      const plan = peer.bootstrap;
      if (plan === null) return "moved";
      const counts: Counts = { applied: 0, passedOver: 0, deleted: 0, refused: 0 };
      const feed = plan.way === "feed";
      const { epoch, position, cursor, hash } = feed ? peer : { ...plan, position: plan.position ?? 0 };
      for (const one of statements.values()) {
        const unmet =
          one.origin === peer.base && !one.gone && one.metIn !== plan.id && !(one.epoch === (epoch ?? "") && one.position > position);
        if (!unmet || !sweeps || plan.nameless !== undefined) continue;
        const text = `{"@id":${JSON.stringify(one.uri)},"sel:tombstone":true}`;
        statements.set(one.uri, { ...one, gone: true, text, digest: "", epoch: epoch ?? "", position, hops: [] });
        counts.deleted += 1;
      }
      const known = hash ?? (position === 0 ? "" : null);
      Object.assign(peer, { cursor: cursor ?? null, position, hash: known, epoch: epoch ?? peer.epoch, bootstrap: null });
      return note(runId, counts);
    },
    async endRun(id, runId, end) {
      const peer = peerOf(id);
      const run = runs.find((one) => one.id === runId);
      if (run !== undefined) run.end = end;
      Object.assign(peer, { pulledAt: clock() });
      switch (end.outcome) {
        case "failed":
          if (end.interrupted === true) break;
          Object.assign(peer, { failures: peer.failures + 1, lastError: end.detail, nextPullAt: end.retryAt ?? clock() });
          break;
        case "alarm":
          Object.assign(peer, { status: "broken", alarm: end.alarm, alarmDetail: end.detail, alarmAt: clock() });
          break;
        default:
          Object.assign(peer, {
            failures: 0,
            lastError: null,
            succeededAt: clock(),
            nextPullAt: clock(),
            ...(end.head !== null && { head: end.head }),
          });
      }
    },
  };
  return store;
}

const progressOf = (plan: BootstrapPlan): number => (plan.way === "snapshot" ? plan.lines : plan.page);

const FRESH: Omit<Peer, "id" | "base" | "name"> = {
  trust: 5,
  status: "active",
  direction: "pull",
  relay: false,
  filters: {},
  accessKey: null,
  privateAddress: false,
  everySeconds: 300,
  bootstrapBy: "snapshot",
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
