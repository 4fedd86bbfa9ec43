/** The queues: a job exists if and only if its transaction commits, runs once per subject, and is never lost silently. */
import { randomUUID } from "node:crypto";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database, Tx } from "../../src/db/database.ts";
import { jobsWithin } from "../../src/db/job-adapters.ts";
import { openJobs, type Jobs } from "../../src/jobs/jobs.ts";
import { QUEUE_NAMES, QUEUES, type JobHandlers } from "../../src/jobs/queues.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";

const log = { error: (details: object, message: string) => void unexpected.push([message, details]), warn: () => undefined };
const unexpected: unknown[] = [];

/** One database for all of them: each leaves its queues empty. */
let shared: TestDatabase;
let database: Database;
beforeAll(async () => {
  shared = await openTestDatabase();
  ({ database } = shared);
});
afterAll(() => shared[Symbol.asyncDispose]());
beforeEach(() => void unexpected.splice(0));

const open = (database: Database, worker = false): Promise<Jobs> => openJobs(database, { log, worker, drainMs: 5_000 });
const nothing = Object.fromEntries(QUEUE_NAMES.map((queue) => [queue, () => Promise.resolve()])) as unknown as JobHandlers;

/** Handlers that note which runs they were given. */
function noting(): { handlers: JobHandlers; runs: string[] } {
  const runs: string[] = [];
  return { runs, handlers: { ...nothing, "apply-run": ({ runId }) => Promise.resolve(runs.push(runId)) } };
}

describe("enqueueing inside a transaction", () => {
  test("the job is there after the commit, and not after a roll-back", async () => {
    await using jobs = await open(database);
    const { handlers, runs } = noting();
    const kept = randomUUID();
    await database.transact((tx) => jobs.enqueue(tx, { queue: "apply-run", runId: kept }));
    const refused = database.transact(async (tx) => {
      await jobs.enqueue(tx, { queue: "apply-run", runId: randomUUID() });
      throw new Error("the write was refused");
    });
    await expect(refused).rejects.toThrow("the write was refused");
    expect(await jobs.drain(handlers)).toBe(1);
    expect(runs).toEqual([kept]);
  });

  test("one run queued twice is one job; two runs are two", async () => {
    await using jobs = await open(database);
    const [first, second] = [randomUUID(), randomUUID()];
    for (const runId of [first, first, second]) await database.transact((tx) => jobs.enqueue(tx, { queue: "apply-run", runId }));
    const { handlers, runs } = noting();
    await jobs.drain(handlers);
    expect(runs.toSorted()).toEqual([first, second].toSorted());
  });

  /** Counts what pg-boss asks of connections other than the transaction's own; `shut` makes it an error instead of a wait. */
  function watched() {
    const outside = { shut: false, statements: [] as string[] };
    const executeSql: Database["jobs"]["executeSql"] = (text, values) => {
      if (outside.shut) outside.statements.push(text);
      return outside.shut
        ? Promise.reject(new Error("asked for a second connection inside a transaction"))
        : database.jobs.executeSql(text, values);
    };
    return { outside, watchedDatabase: { ...database, jobs: { executeSql } } };
  }

  test("the very first send of every queue asks for no second connection, which the embedded database has not", async () => {
    const { outside, watchedDatabase } = watched();
    await using jobs = await open(watchedDatabase);
    outside.shut = true;
    await database.transact(async (tx) => {
      for (const queue of QUEUE_NAMES) await jobs.enqueue(tx, { queue, runId: randomUUID(), nodeId: randomUUID() } as never);
    });
    expect(outside.statements).toEqual([]);
    outside.shut = false;
    expect(await jobs.drain(nothing)).toBe(QUEUE_NAMES.length);
  });

  test("a queue that was only created would have asked for one: that is why each is touched at start", async () => {
    const { outside, watchedDatabase } = watched();
    const boss = new PgBoss({
      db: watchedDatabase.jobs,
      backend: database.kind === "embedded" ? "pglite" : "postgres",
      supervise: false,
      schedule: false,
    });
    await boss.start();
    await boss.createQueue("never-touched");
    outside.shut = true;
    const first = database.transact((tx: Tx) => boss.send("never-touched", {}, { db: jobsWithin(tx) }));
    await expect(first).rejects.toThrow("second connection");
    expect(outside.statements).toHaveLength(1);
    outside.shut = false;
    await boss.stop({ close: false });
  });
});

describe("a job that fails", () => {
  test("is tried again, and in the end stands among the dead letters, from where it can be sent again", async () => {
    await using jobs = await open(database);
    const none = Object.fromEntries(QUEUE_NAMES.map((queue) => [queue, 0]));
    expect(await jobs.deadLetters()).toEqual(none);
    const failing: JobHandlers = { ...nothing, "apply-run": () => Promise.reject(new Error("no such run")) };
    await database.transact((tx) => jobs.enqueue(tx, { queue: "apply-run", runId: randomUUID() }));
    const tries = QUEUES["apply-run"].options.retryLimit! + 1;
    for (let attempt = 1; attempt <= tries; attempt++) {
      await expect(jobs.drain(failing)).rejects.toThrow("no such run");
      // Instead of waiting for the backoff to pass.
      await database.jobs.executeSql("update pgboss.job set start_after = now() where state = 'retry'");
    }
    expect(await jobs.drain(nothing)).toBe(0);
    expect(await jobs.deadLetters()).toEqual({ ...none, "apply-run": 1 });
    expect(await jobs.retryDeadLetters()).toBe(1);
    expect(await jobs.drain(nothing)).toBe(1);
    expect(await jobs.deadLetters()).toEqual(none);
  });
});

describe("a worker", () => {
  test("is woken by the commit, and a stop waits for the job under way", async () => {
    const jobs = await open(database, true);
    const started = Promise.withResolvers<string>();
    const allowed = Promise.withResolvers<void>();
    let finished = false;
    await jobs.work({
      ...nothing,
      "apply-run": async ({ runId }) => {
        started.resolve(runId);
        await allowed.promise;
        finished = true;
      },
    });
    const runId = randomUUID();
    await database.transact((tx) => jobs.enqueue(tx, { queue: "apply-run", runId }));
    expect(await started.promise).toBe(runId);
    const stopped = jobs[Symbol.asyncDispose]();
    expect(finished).toBe(false);
    allowed.resolve();
    await stopped;
    expect(finished).toBe(true);
    await using again = await open(database);
    expect(await again.drain(nothing)).toBe(0);
    expect(unexpected).toEqual([]);
  });

  test("has tried again at its start what one that died had begun, but not what another one is doing", async () => {
    const states = async () => (await database.jobs.executeSql("select state from pgboss.job where data->>'runId' = $1", [runId])).rows;
    const begin = () =>
      database.jobs.executeSql("update pgboss.job set state = 'active', started_on = now() where data->>'runId' = $1", [runId]);
    const runId = randomUUID();
    {
      await using dead = await open(database);
      await database.transact((tx) => dead.enqueue(tx, { queue: "apply-run", runId }));
      await begin();
    }
    await using _sender = await open(database);
    expect(await states()).toEqual([{ state: "active" }]);
    await using _alone = await open(database, true);
    expect(await states()).toEqual([{ state: "retry" }]);
    await begin();
    await using beside = await open(database, true);
    expect(await states()).toEqual([{ state: "active" }]);
    await database.jobs.executeSql("update pgboss.job set state = 'retry' where state = 'active'");
    // Scheduled jobs may be there as well.
    const { handlers, runs } = noting();
    await beside.drain(handlers);
    expect(runs).toEqual([runId]);
  });

  test("pulls a peer again after the pull under way, and other peers meanwhile", async () => {
    await using jobs = await open(database, true);
    const [slow, quick] = [randomUUID(), randomUUID()];
    const [first, second, other] = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const allowed = Promise.withResolvers<void>();
    const begun: string[] = [];
    await jobs.work({
      ...nothing,
      "pull-peer": async ({ nodeId }) => {
        begun.push(nodeId);
        if (nodeId === quick) return other!.resolve();
        if (begun.filter((id) => id === slow).length > 1) return second!.resolve();
        first!.resolve();
        return allowed.promise;
      },
    });
    const nudge = (nodeId: string) => database.transact((tx) => jobs.enqueue(tx, { queue: "pull-peer", nodeId }));
    await nudge(slow);
    await first!.promise;
    for (const peer of [slow, slow, quick]) await nudge(peer);
    await other!.promise;
    expect(begun).toEqual([slow, quick]);
    allowed.resolve();
    await second!.promise;
    expect(begun).toEqual([slow, quick, slow]);
  });

  test("opens the same queues beside another one", async () => {
    const opened: Jobs[] = [];
    // Several processes share a server only; the embedded database has one process, which opens its queues once.
    if (database.kind === "server") opened.push(...(await Promise.all([open(database), open(database)])));
    opened.push(await open(database));
    for (const jobs of opened) expect(Object.keys(await jobs.deadLetters())).toEqual(QUEUE_NAMES);
    for (const jobs of opened) await jobs[Symbol.asyncDispose]();
  });
});
