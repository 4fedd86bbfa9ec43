/**
 * The feed's proof on native PostgreSQL: writers, two racing sequencers in processes that get killed, a reader that
 * follows, three faulty readers that must fail; then everything that was promised is checked against what was committed.
 */
import { execFile, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import type { Database } from "../../src/db/database.ts";
import { migrate } from "../../src/db/migrate.ts";
import { openServer } from "../../src/db/server.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { checkFeed, type FeedFaults } from "./feed-checks.ts";
import { FAULTY, runFaultyReader, type FaultyName } from "./feed-faulty-readers.ts";
import { followFeed } from "./feed-follower.ts";
import { populate, PROOF_TABLES, runWriter, type Tally } from "./feed-writers.ts";

export interface ProofOptions {
  /** An empty database on a native server; the proof alters its deadlock_timeout. */
  url: string;
  changes: number;
  writers: number;
  kills: number;
  /** Program with `kill PORT` and `up PORT`, to crash the server itself so many times. */
  server?: { tool: string; kills: number } | undefined;
  hot?: number;
  seed?: number;
  say?: (line: string) => void;
}

export interface ProofReport {
  changes: number;
  seconds: number;
  kills: number;
  serverKills: number;
  tally: Omit<Tally, "acknowledged">;
  /** Everything that must be 0. */
  faults: FeedFaults;
  controls: Record<FaultyName, { lost: number; inversions: number }>;
  /** One line a broken promise, and one a control that was not caught; empty: proven. */
  failures: string[];
}

export const PROOF_BASE = "https://proof.example";
const CHILD = fileURLToPath(new URL("feed-sequencer-child.ts", import.meta.url));

/** Runs the whole proof. Rejects only when the harness itself fails; broken promises stand in the report. */
export async function proveFeed(options: ProofOptions): Promise<ProofReport> {
  const { url, say = () => undefined } = options;
  await using database = openServer({ url, connections: 4 });
  await migrate(database);
  const epoch = await openEpoch(database, { clean: true, clock: () => new Date() });
  const population = await setUp(url, options.hot ?? 300);

  const tally: Tally = { changes: 0, commits: 0, rollbacks: 0, deadlocks: 0, lostConnections: 0, acknowledged: [] };
  const writing = new AbortController();
  const reading = new AbortController();
  const random = seeded(options.seed ?? 1);
  // A long run writes most of its events in batches, as an import does: the server is the bound, not the round trips.
  const bulk = options.changes >= 100_000 ? 40 : 2;
  const started = performance.now();
  const writers = Array.from({ length: options.writers }, (_, n) =>
    runWriter({ url, population, tally, slow: n < Math.max(1, Math.floor(options.writers / 8)), until: writing.signal, bulk, random }),
  );
  // A writer that fails ends the run, or the others would write for ever.
  const broken = Promise.all(writers).then(() => undefined);
  broken.catch(() => writing.abort());
  const controls = (Object.keys(FAULTY) as FaultyName[]).map((name) => runFaultyReader(url, name, reading.signal));
  const follower = followFeed(database, PROOF_BASE, reading.signal);
  const { kills, serverKills } = await killUntilDone(options, tally, writing.signal, started);

  writing.abort();
  await broken;
  const written = performance.now();
  say(
    `${tally.changes} changes written in ${seconds(started, written)} s (${rate(tally.changes, started, written)}/s); the sequencers finish`,
  );
  await withSequencer(options, () => outboxEmpty(database));
  const seconds_ = (performance.now() - started) / 1000;
  reading.abort();
  const pages = await follower;
  const outcomes = await Promise.all(controls);
  say(`the log is complete after ${seconds_.toFixed(1)} s; checking`);

  const { faults, changes } = await checkFeed({ database, base: PROOF_BASE, epoch, pages, acknowledged: tally.acknowledged });
  const committed = await committedSeqs(url);
  const { acknowledged: _, ...counts } = tally;
  const report: ProofReport = {
    changes,
    seconds: seconds_,
    kills,
    serverKills,
    tally: counts,
    faults,
    controls: Object.fromEntries(
      outcomes.map(({ name, seen, inversions }) => [name, { lost: committed.filter((seq) => !seen.has(seq)).length, inversions }]),
    ) as ProofReport["controls"],
    failures: [],
  };
  return { ...report, failures: failuresOf(report) };
}

/** What the report says against the feed, or against the proof itself. */
export function failuresOf({ faults, controls }: Pick<ProofReport, "faults" | "controls">): string[] {
  const broken = Object.entries(faults).flatMap(([fault, count]) => (count === 0 ? [] : [`${fault}: ${count}`]));
  const [plain, fenced, ordered] = (Object.keys(FAULTY) as FaultyName[]).map((name) => controls[name]);
  if (plain!.lost === 0) broken.push("control not caught: seq > cursor lost nothing");
  if (fenced!.lost === 0) broken.push("control not caught: seq > cursor under a fence lost nothing");
  if (ordered!.inversions === 0) broken.push("control not caught: (xid, seq) under a fence kept every entity in order");
  return broken;
}

async function setUp(url: string, hot: number) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // A rename and an event's writer may wait for each other; the default is a second.
    await client.query(`do $$ begin execute format('alter database %I set deadlock_timeout = ''50ms''', current_database()); end $$`);
    await client.query(PROOF_TABLES);
    return await populate(client, hot, Math.max(2, Math.floor(hot / 15)));
  } finally {
    await client.end();
  }
}

/** Keeps two sequencers running and kills one after the other, evenly over the run, until both counts are reached. */
async function killUntilDone(options: ProofOptions, tally: Tally, until: AbortSignal, started: number) {
  const { changes, say = () => undefined, server } = options;
  const children = [startSequencer(options), startSequencer(options)];
  let [kills, serverKills, told] = [0, 0, 0];
  while (!until.aborted && (tally.changes < changes || kills < options.kills || serverKills < (server?.kills ?? 0))) {
    await delay(50);
    const done = Math.min(1, tally.changes / changes);
    if (kills < options.kills && done * options.kills >= kills + 0.5) {
      const victim = kills % 2;
      await kill(children[victim]!);
      children[victim] = startSequencer(options);
      kills += 1;
    }
    if (server !== undefined && done * server.kills >= serverKills + 0.5) {
      const { port } = new URL(options.url);
      await promisify(execFile)(server.tool, ["kill", port]);
      await promisify(execFile)(server.tool, ["up", port]);
      serverKills += 1;
    }
    if (done * 10 >= told + 1) {
      told = Math.floor(done * 10);
      const now = performance.now();
      say(`${tally.changes} changes, ${rate(tally.changes, started, now)}/s, ${kills} kills, ${serverKills} of the server`);
    }
  }
  await Promise.all(children.map(kill));
  return { kills, serverKills };
}

function startSequencer({ url }: ProofOptions): ChildProcess {
  return fork(CHILD, [url, PROOF_BASE], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

async function withSequencer(options: ProofOptions, work: () => Promise<void>): Promise<void> {
  const child = startSequencer(options);
  try {
    await work();
  } finally {
    await kill(child);
  }
}

async function outboxEmpty(database: Database): Promise<void> {
  const { sql } = await import("kysely");
  for (;;) {
    const { rows } = await sql<{ left: number }>`select count(*) as left from (select from change_outbox limit 1) o`.execute(
      database.kysely,
    );
    if (rows[0]!.left === 0) return;
    await delay(100);
  }
}

async function committedSeqs(url: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ seqs: string[] | null }>("select array_agg(seq) as seqs from proof_writes");
  await client.end();
  return (rows[0]!.seqs ?? []).map(Number);
}

/** mulberry32: the same choices for the same seed; which transaction gets ahead of which stays the machine's. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
const rate = (count: number, from: number, to: number) => Math.round((count / (to - from)) * 1000);
