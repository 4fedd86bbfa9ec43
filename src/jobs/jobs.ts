/**
 * pg-boss behind four verbs: enqueue (inside the caller's transaction), work, drain (for tests) and stop.
 *
 * Every queue is created and touched at start: pg-boss looks a queue up on a connection of its own when it is not
 * in its cache, and on the embedded database, where there is one connection, a first send inside a transaction
 * would wait for itself for ever. Workers are woken by NOTIFY at commit; polling is only the backstop.
 *
 * A worker that died leaves its jobs under way, and what has the same key waits behind them. Where another works beside it, their missing
 * heartbeats tell after a while; who is alone at its start knows at once that nobody does them, and has them tried again.
 */
import { PgBoss, type Db } from "pg-boss";
import type { Database, Tx } from "../db/database.ts";
import { jobsUnderWay, jobsWithin } from "../db/job-adapters.ts";
import { DEAD_LETTER_OPTIONS, QUEUE_NAMES, QUEUES, deadLettersOf, type JobData, type JobHandlers, type QueueName } from "./queues.ts";

/** A job as its sender names it: `{ queue: "apply-run", runId }`. */
export type QueuedJob = { [Name in QueueName]: { queue: Name; /** Not before then. */ startAfter?: Date } & JobData[Name] }[QueueName];

export interface JobLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface Jobs extends AsyncDisposable {
  /** Leaves a job in this transaction: it exists if and only if the transaction commits. */
  enqueue(tx: Tx, job: QueuedJob): Promise<void>;
  /** Begins to work off the queues, and to send the scheduled jobs. */
  work(handlers: JobHandlers): Promise<void>;
  /** Runs what is queued now, whatever its time, and what that queues, to its end; resolves with how many jobs that were. Throws the first failure. */
  drain(handlers: JobHandlers): Promise<number>;
  /** Jobs that were tried to the end in vain, by queue. */
  deadLetters(): Promise<Record<QueueName, number>>;
  /** Puts every dead letter back into the queue it came from; resolves with how many. */
  retryDeadLetters(): Promise<number>;
}

export interface JobsOptions {
  log: JobLog;
  /** True for a process that will `work`: it also supervises the queues and keeps their schedules. */
  worker: boolean;
  /** How long a stop waits for jobs under way, in milliseconds; what still runs then is handed back to its queue. */
  drainMs: number;
}

/** Opens the queues on this database (and makes them). `await using jobs = await openJobs(database, …)`. */
export async function openJobs(database: Database, { log, worker, drainMs }: JobsOptions): Promise<Jobs> {
  let abandoned: { queue: string; id: string }[] = [];
  const before = async (channel: string): Promise<void> => {
    if (!(await database.listened(channel))) abandoned = await jobsUnderWay(database, QUEUE_NAMES);
  };
  const boss = new PgBoss({
    db: withListen(database, before),
    backend: database.kind === "embedded" ? "pglite" : "postgres",
    useListenNotify: worker,
    schedule: worker,
    supervise: worker,
    superviseIntervalSeconds: 30,
    monitorIntervalSeconds: 30,
    // Rebuilds indexes concurrently, which the embedded database's single connection cannot do.
    reindex: database.kind === "server",
  });
  boss.on("error", (error) => log.error({ err: error }, "jobs: a queue's own work failed"));
  boss.on("warning", (warning) => log.warn({ warning }, "jobs: pg-boss warns"));
  await boss.start();
  try {
    await createQueues(boss);
    for (const { queue, id } of abandoned) await boss.fail(queue, id, { message: "the process that did it has died" });
  } catch (error) {
    await boss.stop({ close: false, graceful: false });
    throw error;
  }

  const underWay = new Set<Promise<unknown>>();
  const run = async (handlers: JobHandlers, queue: QueueName, data: object): Promise<unknown> => {
    const handler = handlers[queue] as (data: object) => Promise<unknown>;
    const running = handler(data);
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  };

  return {
    async enqueue(tx, { queue, startAfter, ...data }) {
      const { lane, singletonKey } = QUEUES[queue];
      await boss.send(queue, data, {
        db: jobsWithin(tx),
        singletonKey: singletonKey(data as never),
        ...(startAfter && { startAfter }),
        ...(lane && { group: { id: lane(data as never) } }),
      });
    },

    async work(handlers) {
      for (const queue of QUEUE_NAMES) {
        const { atOnce = 1, lane, lookEvery = 15 } = QUEUES[queue];
        const options = {
          pollingIntervalSeconds: 1,
          notifyPollingIntervalSeconds: lookEvery,
          localConcurrency: atOnce,
          ...(lane && { localGroupConcurrency: 1 }),
        };
        await boss.work<object>(queue, options, async (jobs) => {
          for (const job of jobs) await run(handlers, queue, job.data);
        });
        const { schedule } = QUEUES[queue];
        if (schedule !== undefined) await boss.schedule(queue, schedule, {}, { singletonKey: QUEUES[queue].singletonKey({} as never) });
      }
    },

    async drain(handlers) {
      let done = 0;
      for (let found = true; found;) {
        found = false;
        await Promise.allSettled(underWay);
        for (const queue of QUEUE_NAMES) {
          for (const job of await boss.fetch<object>(queue, { ignoreStartAfter: true })) {
            found = true;
            done++;
            try {
              await run(handlers, queue, job.data);
            } catch (error) {
              await boss.fail(queue, job, { message: error instanceof Error ? error.message : String(error) });
              throw error;
            }
            await boss.complete(queue, job);
          }
        }
      }
      return done;
    },

    async deadLetters() {
      const counts = await Promise.all(
        QUEUE_NAMES.map(async (queue) => [queue, (await boss.findJobs(deadLettersOf(queue), { queued: true })).length] as const),
      );
      return Object.fromEntries(counts) as Record<QueueName, number>;
    },

    async retryDeadLetters() {
      let moved = 0;
      for (const queue of QUEUE_NAMES) {
        for (let some = 1; some > 0; moved += some) some = await boss.redrive(deadLettersOf(queue));
      }
      return moved;
    },

    async [Symbol.asyncDispose]() {
      await boss.stop({ close: false, graceful: true, timeout: drainMs });
    },
  };
}

/** Makes what is not there, brings the rest to today's policy, and fills pg-boss's cache. Several starters may do so at once. */
async function createQueues(boss: PgBoss): Promise<void> {
  for (const queue of QUEUE_NAMES) {
    const deadLetter = deadLettersOf(queue);
    const { policy, ...options } = QUEUES[queue].options;
    await boss.createQueue(deadLetter, DEAD_LETTER_OPTIONS);
    await boss.createQueue(queue, { policy, ...options, deadLetter, notify: true });
    await boss.updateQueue(queue, { ...options, deadLetter, notify: true });
  }
  // Any look-up of a job caches its queue (manager.js, getQueueCache); creating or getting a queue does not.
  for (const queue of QUEUE_NAMES) await boss.findJobs(queue, { key: "" });
}

/** The database as pg-boss wants it, with the listening that both engines can do. Only workers listen; `before` they do, a look at who else does. */
function withListen(database: Database, before: (channel: string) => Promise<void>): Db {
  return {
    executeSql: (text, values) => database.jobs.executeSql(text, values),
    async listen(channel, heard, reconnected) {
      await before(channel);
      const listener = await database.listen(channel, (payload) => (payload === "" ? reconnected() : heard(payload)));
      reconnected();
      return { close: () => Promise.resolve(listener[Symbol.asyncDispose]()) };
    },
  };
}
