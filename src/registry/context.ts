/** What every use case is handed: the database, the time, the node's name for itself, and a way to leave work for later. */
import type { Database, Tx } from "../db/database.ts";
import type { Clock } from "../domain/clock.ts";
import type { Standing } from "../domain/pull.ts";
import type { Role } from "../domain/vocabulary.ts";

/** Work to be done after the transaction that asks for it has committed. */
export type RegistryJob =
  | { queue: "apply-run"; runId: string }
  | { queue: "embed-events" }
  | { queue: "count-words" }
  | { queue: "resettle-source"; sourceId: string }
  | { queue: "expand-series" }
  | { queue: "plan-harvests" }
  | { queue: "harvest-source"; sourceId: string; startAfter?: Date }
  | { queue: "plan-pulls" }
  | { queue: "pull-peer"; nodeId: string; standing?: Exclude<Standing, "proven"> }
  | { queue: "deliver-webhooks" }
  | { queue: "tell-subscribers" };

export interface Registry {
  database: Database;
  clock: Clock;
  /** Mints a uuid whose bits are a ULID of that moment. */
  mint: (milliseconds: number) => string;
  /** Public base of every @id that we mint, without a trailing slash. */
  base: string;
  /** IANA zone of local times from sources that name none; absent: such input is refused. */
  defaultTimezone?: string | undefined;
  /** Occurrences of recurring events stand in the database for so many days ahead. */
  horizonDays: number;
  /** The edition of the IANA time zone database by which this process places local times: "2026a". */
  tzdata: string;
  /** Leaves a job in this transaction: it exists if and only if the transaction commits. */
  enqueue: (tx: Tx, job: RegistryJob) => Promise<void>;
}

/** Who asks. `sourceId` is the source that a key speaks for; an admin may speak for any by naming it. */
export interface Caller {
  /** For the audit log: "key:NAME", "cli:USER", "peer:URL". */
  actor: string;
  role: Role;
  sourceId?: string | undefined;
  /** The one acted for, where that is somebody else. */
  onBehalfOf?: string | undefined;
  requestId?: string | undefined;
}
