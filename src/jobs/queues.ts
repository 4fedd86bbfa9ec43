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
  "resettle-source": { sourceId: string };
  "expand-series": object;
  "scan-duplicates": object;
  "complete-past": object;
  "tell-matches": object;
  "deliver-webhooks": object;
  "plan-harvests": object;
  "harvest-source": { sourceId: string };
  "plan-pulls": object;
  /** `standing`: of a peer that has not proven itself (domain/pull.ts). */
  "pull-peer": { nodeId: string; standing?: keyof typeof UNPROVEN_LANES };
  "check-health": object;
  "clean-up": object;
  "tell-subscribers": object;
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
  /** Jobs that one process does at a time; 1 when absent. For work that mostly waits for others. */
  atOnce?: number;
  /** Jobs of one lane are done one after the other in a process, and hold up no others meanwhile. */
  lane?: (data: never) => string;
  /** Seconds between looks for a job whose time has come, of which no NOTIFY tells; 15 when absent. */
  lookEvery?: number;
}

const DAY = 24 * 60 * 60;

/** Goes through much of the database in chunks; what failed is tried again for some twenty minutes. */
const LONG_WORK = {
  retryLimit: 8,
  retryDelay: 5,
  retryBackoff: true,
  retryDelayMax: 600,
  expireInSeconds: 6 * 60 * 60,
  heartbeatSeconds: 60,
  deleteAfterSeconds: DAY,
} as const satisfies QueueOptions;

/** Of the places where peers are pulled, so many at most are held by peers that have wasted them before, and so many by these and new ones together. */
export const UNPROVEN_LANES = { doubtful: 2, new: 3 } as const;

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
    options: { policy: "exclusive", ...LONG_WORK },
    singletonKey: () => "embed-events",
    schedule: "*/10 * * * *",
  },
  // Reads the whole search index: at night, and after a large import.
  "count-words": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 60, expireInSeconds: 60 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "count-words",
    schedule: "41 3 * * *",
  },
  // A second change while the first is being settled waits behind it: the work under way may have passed what it changes.
  "resettle-source": {
    options: { policy: "stately", ...LONG_WORK },
    singletonKey: ({ sourceId }: JobData["resettle-source"]) => sourceId,
  },
  // As resettle-source: a series that is written while others are expanded must not wait for the next hour.
  "expand-series": {
    options: { policy: "stately", ...LONG_WORK },
    singletonKey: () => "expand-series",
    schedule: "23 * * * *",
  },
  "scan-duplicates": {
    options: {
      policy: "exclusive",
      retryLimit: 2,
      retryDelay: 60,
      expireInSeconds: 6 * 60 * 60,
      heartbeatSeconds: 60,
      deleteAfterSeconds: DAY,
    },
    singletonKey: () => "scan-duplicates",
    schedule: "*/10 * * * *",
  },
  // Each chunk is a transaction of its own; what a run leaves, the next one does.
  "complete-past": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 60, expireInSeconds: 50 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "complete-past",
    schedule: "3 * * * *",
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
  "plan-harvests": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 10, expireInSeconds: 10 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "plan-harvests",
    schedule: "* * * * *",
  },
  // What goes wrong with a source is the visit's own matter and no failure of the job. A slow source holds one of several workers.
  "harvest-source": {
    options: {
      policy: "exclusive",
      retryLimit: 2,
      retryDelay: 60,
      expireInSeconds: 6 * 60 * 60,
      heartbeatSeconds: 60,
      deleteAfterSeconds: DAY,
    },
    singletonKey: ({ sourceId }: JobData["harvest-source"]) => sourceId,
    atOnce: 8,
    lookEvery: 2,
  },
  "plan-pulls": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 10, expireInSeconds: 10 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "plan-pulls",
    schedule: "* * * * *",
  },
  // What goes wrong with a peer is the pull's own matter and no failure of the job. A nudge that comes while a pull is about to end
  // waits behind it: that pull may have seen the head already. Not by the policy "stately", under which a waiting job is first in the
  // line of all, and keys that ran when pg-boss last counted are left out until it counts again. A short heartbeat, as who died holds
  // up the news.
  "pull-peer": {
    options: {
      policy: "short",
      retryLimit: 5,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 60,
      expireInSeconds: 6 * 60 * 60,
      heartbeatSeconds: 30,
      deleteAfterSeconds: DAY,
    },
    singletonKey: ({ nodeId }: JobData["pull-peer"]) => nodeId,
    atOnce: 4,
    // A lane for each peer, and a few for all that are not proven: however many never answer, whoever does finds a place.
    lane: ({ nodeId, standing }: JobData["pull-peer"]) =>
      standing === undefined ? nodeId : `unproven-${Number.parseInt(nodeId.slice(-2), 16) % UNPROVEN_LANES[standing]}`,
    lookEvery: 2,
  },
  // Adds up what visits brought, forgets old ones, and tells of sources that do not as they used to.
  "check-health": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 60, expireInSeconds: 10 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "check-health",
    schedule: "*/15 * * * *",
  },
  "clean-up": {
    options: { policy: "exclusive", retryLimit: 2, retryDelay: 60, expireInSeconds: 15 * 60, deleteAfterSeconds: DAY },
    singletonKey: () => "clean-up",
    schedule: "17 * * * *",
  },
  // Where each stands is kept in its row. A process with workers also tells them as soon as the head moves (federation/feed-webhooks.ts).
  "tell-subscribers": {
    options: {
      policy: "exclusive",
      retryLimit: 2,
      retryDelay: 10,
      expireInSeconds: 60 * 60,
      heartbeatSeconds: 60,
      deleteAfterSeconds: DAY,
    },
    singletonKey: () => "tell-subscribers",
    schedule: "* * * * *",
  },
};

/** What nobody queues but the schedule, and a test would wait for. */
export const EVERY_MINUTE = [
  "plan-harvests",
  "plan-pulls",
  "tell-matches",
  "deliver-webhooks",
  "tell-subscribers",
] as const satisfies QueueName[];

export const QUEUE_NAMES = Object.keys(QUEUES) as QueueName[];

/** Dead letters wait for a person; nothing takes them but a redrive. */
export const DEAD_LETTER_OPTIONS = { retentionSeconds: 90 * DAY } as const satisfies QueueOptions;

export const deadLettersOf = (queue: QueueName): string => `${queue}-dead`;
