/** A node that pulls many events of an honest peer while hostile ones are pulled again and again: how fast, and how large it grows. */
import { mkdtemp, rm } from "node:fs/promises";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseConfig } from "../../src/config.ts";
import { readPeerById } from "../../src/db/peers.ts";
import { readPastPulls } from "../../src/db/sync-log.ts";
import { standingOf } from "../../src/domain/pull.ts";
import { createPeerClient } from "../../src/federation/peer/client.ts";
import { meetPeer } from "../../src/federation/peer/meet.ts";
import { QUEUES, UNPROVEN_LANES } from "../../src/jobs/queues.ts";
import { createNode } from "../../src/node.ts";
import { addPeer, changePeer, type NewPeer } from "../../src/registry/peers.ts";
import { startPeers, type World } from "./hostile-peer-process.ts";
import { HOSTILE_PEERS } from "./hostile-peers.ts";
import { processorTime } from "./processor-time.ts";

export interface Measured {
  /** Events of the honest peer a second, from its first request to the last commit. */
  rate: number;
  /** Milliseconds that its main thread worked meanwhile, for an event of the honest peer; not what other processes took from it. */
  workMs: number;
  /** Of this process. */
  peakMb: number;
  hostilePulls: number;
}

export interface Load {
  url: string;
  events: number;
  /** Peers that are hostile, each in one of the ways that cost most. */
  hostile: number;
  /** How often each of them is to be pulled. */
  everySeconds: number;
  /** So often it is, whatever comes of it; else those that fail are left alone for ever longer, as the node itself would do. */
  relentless: boolean;
  /** An alarm is taken back each time, as no person would; else a peer that was stopped stays so. */
  resume: boolean;
  /** Names of cases, in place of those that cost most. */
  ways?: readonly string[];
}

/** Places where hostile peers are pulled, beside the honest one's; those that are doubtful have a share of them. */
const AT_ONCE = QUEUES["pull-peer"].atOnce! - 1;
const SHARE = UNPROVEN_LANES.doubtful;
/** Of the process in which the hostile peers run: elsewhere they would not take this machine's time. */
const LEAST_PRIORITY = 19;
/** What takes memory, work, or time. */
export const COSTLY = [
  "pours out one text without an end",
  "pours out a gigabyte",
  "packs a bomb: gzip",
  "packs a bomb: br",
  "gives a page of a million values",
  "nests a page beyond all depth",
  "gives empty pages without an end",
  "gives empty pages below a head that flees",
  "has 10,000 sub-events",
  "has a graph of 100,000 nodes",
  "snapshot: is a bomb",
  "snapshot: is another file whenever it is asked for",
  "snapshot: tells of an event ten thousand times",
  "profile: is a gigabyte",
  "never answers",
  "drips its page",
  "is gone for ever",
  "relay: gives our event out as another's",
  "sends us in a circle",
  "gives a cursor of a megabyte",
];
const caller = { actor: "bench", role: "admin" } as const;
const NOBODY: World = {
  here: "https://bench.example",
  ours: { event: "https://bench.example/events/01KINVENTED", place: "", organization: "", person: "" },
  other: { base: "https://other.example", event: "", place: "", epoch: "", position: 0 },
  far: { base: "https://far.example", event: "https://far.example/events/1", epoch: "", position: 0 },
};

export async function measureHostility({ url, events, hostile, everySeconds, relentless, resume, ways = COSTLY }: Load): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "calends-load-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const config = { ...parseConfig({ NODE_URL: NOBODY.here, LOG_LEVEL: "fatal" }), dataDir: folder, roles: new Set<never>() };
  const node = stack.use(await createNode(config, { secrets: { databaseUrl: url } }));
  const [good, bad] = [stack.use(await startPeers()), stack.use(await startPeers())];
  setPriority(bad.pid, LEAST_PRIORITY);
  const client = createPeerClient({ allow: [], userAgent: "Calends-bench" });
  const follow = async (base: string, settings: Partial<NewPeer>): Promise<string> => {
    const { profile, dialect } = await meetPeer(client({ base, accessKey: null }), base);
    const peer = { base, name: profile.name, dialect, profile, bootstrapBy: "feed", ...settings } as const;
    return (await node.database.transact((tx) => addPeer(node.registry, caller, tx, peer), caller)).id;
  };
  const honestBase = await good.open();
  await good.tell(honestBase, 1, events);
  const honest = await follow(honestBase, {});

  let [over, pulls] = [false, 0];
  const cases = Array.from({ length: hostile }, (_, n) => HOSTILE_PEERS.find(({ name }) => name === ways[n % ways.length])!);
  const enemies = await Promise.all(
    cases.map(async (one, n) => {
      const base = await bad.open();
      await bad.tell(base, 1, 3);
      const id = await follow(base, { ...one.settings, everySeconds });
      await bad.misbehave(base, one.name, NOBODY);
      return { base, id, due: (n * everySeconds * 1_000) / hostile, doubtful: false };
    }),
  );
  const began = performance.now();
  let doubtful = 0;
  const pullEnemies = async (): Promise<void> => {
    while (!over) {
      const [next] = enemies.filter((one) => !one.doubtful || doubtful < SHARE).toSorted((a, b) => a.due - b.due);
      if (next === undefined || next.due > performance.now() - began) {
        await pause(20);
        continue;
      }
      next.due = Infinity;
      const share = next.doubtful ? 1 : 0;
      doubtful += share;
      if ((await node.pull(next.id)).outcome !== "skipped") pulls += 1;
      doubtful -= share;
      const { status, nextPullAt } = (await node.database.read((on) => readPeerById(on, next.id)))!;
      const backOff = nextPullAt!.getTime() - node.registry.clock().getTime();
      if (status === "active" || resume)
        next.due = performance.now() - began + (relentless || status !== "active" ? everySeconds * 1_000 : backOff);
      next.doubtful = (await node.database.read((on) => readPastPulls(on, [next.id]))).some((past) => standingOf(past) === "doubtful");
      if (resume) await node.database.transact((tx) => changePeer(node.registry, caller, tx, next.base, { status: "active" }), caller);
    }
  };
  const attack = hostile === 0 ? [] : Array.from({ length: AT_ONCE }, pullEnemies);
  const spent = processorTime();
  const pulled = await node.pull(honest);
  const worked = spent();
  const seconds = (performance.now() - began) / 1_000;
  if (pulled.outcome !== "applied" && pulled.outcome !== "unchanged")
    throw new Error(`The honest peer was pulled badly: ${JSON.stringify(pulled)}`);
  const peer = await node.database.read((on) => readPeerById(on, honest));
  if (peer?.position !== events) throw new Error(`${peer?.position} of ${events} events are here.`);
  over = true;
  await Promise.all(attack);
  return { rate: events / seconds, workMs: worked / events, peakMb: process.resourceUsage().maxRSS / 1024, hostilePulls: pulls };
}
