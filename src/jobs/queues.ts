/**
 * The queues: what each job carries, how often it is tried, and where it ends when it never succeeds.
 * A queue's dead letters stand in `NAME-dead`; `doctor` and `/metrics` count them.
 */
import type { QueueOptions, QueuePolicy } from "pg-boss";

/** Queue name -> what its jobs carry. */
export interface JobData {
  "apply-run": { runId: string };
  "embed-events": object;
  "count-words": object;
  "tell-matches": object;
  "deliver-webhooks": object;
  "clean-up": object;
}

export type QueueName = keyof JobData;

/** What does the work. Every handler is safe to run twice, and to be cut off anywhere. */
export type JobHandlers = { [Name in QueueName]: (data: JobData[Name]) => Promise<unknown> };

interface QueueDefinition {
  options: QueueOptions & { policy: QueuePolicy };
  /** Two jobs with the same key are one: the second is not queued while the first waits or runs. */
  singletonKey: (data: never) => string;
  /** Cron expression in UTC, for work that nobody asks for. */
  schedule?: string;
}

const DAY = 24 * 60 * 60;

export const QUEUES: { readonly [Name in QueueName]: QueueDefinition } = {
  // A run is applied in chunks and goes on where it stopped: a worker that died is noticed by its missing heartbeat.
  "apply-run": {
    options: {
      policy: "exclusive",
      retryLimit: 8,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 300,
      expireInSeconds: 6 * 60 * 60,
      heartbeatSeconds: 30,
      deleteAfterSeconds: DAY,
    },
    singletonKey: ({ runId }: JobData["apply-run"]) => runId,
  },
  // Events wait in a table of their own, so one job does for all of them; it goes on where another stopped.
  "embed-events": {
    options: {
      policy: "exclusive",
      retryLimit: 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 600,
      expireInSeconds: 6 * 60 * 60,
      heartbeatSeconds: 60,
      deleteAfterSeconds: DAY,
    },
    singletonKey: () => "embed-events",
    schedule: "*/10 * * * *",
  },
  // Reads the whole search index: at night, and after a large import.
  "count-words": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 60, expireInSeconds: 60 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "count-words",
    schedule: "41 3 * * *",
  },
  // Both go on where another stopped: the watermarks and the deliveries stand in tables of their own.
  "tell-matches": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 10, expireInSeconds: 10 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "tell-matches",
    schedule: "* * * * *",
  },
  "deliver-webhooks": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 10, expireInSeconds: 10 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "deliver-webhooks",
    schedule: "* * * * *",
  },
  "clean-up": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 60, expireInSeconds: 15 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "clean-up",
    schedule: "17 * * * *",
  },
};

/** What nobody queues but the schedule, and a test would wait for. */
export const EVERY_MINUTE = ["tell-matches", "deliver-webhooks"] as const satisfies QueueName[];

export const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];

/** Dead letters wait for a person; nothing takes them but a redrive. */
export const DEAD_LETTER_OPTIONS = { retentionSeconds: 90 * DAY } as const satisfies QueueOptions;

export const deadLettersOf = (queue: QueueName): string => `${queue}-dead`;
