/**
 * One Database, two engines: a PostgreSQL server (pg) or the embedded PGlite, behind the same handles.
 *
 * Reads go through `read`, writes through `transact`; there is no third way in. The embedded engine has one
 * connection, so there both wait their turn; asking for it again from inside its own turn is an error, not a deadlock.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Kysely, sql, type Dialect } from "kysely";
import type { Db as JobDatabase } from "pg-boss";
import { isRetryable, translate } from "./errors.ts";
import { asReader, asTx, type Reader, type Tx } from "./handle.ts";
import type { DB } from "./tables.generated.ts";

export type { Reader, Tx } from "./handle.ts";

/** Who acts, and for whom: written to the feed and the audit log by everything a transaction touches. */
export interface Acting {
  actor: string;
  onBehalfOf?: string | undefined;
}

export interface Database extends AsyncDisposable {
  readonly kind: "embedded" | "server";
  /** Runs `work` outside any transaction; each statement sees what is committed then. */
  read<T>(work: (on: Reader) => Promise<T>): Promise<T>;
  /** Runs `work` in a read-only transaction that sees one moment throughout (REPEATABLE READ). */
  snapshot<T>(work: (on: Reader) => Promise<T>): Promise<T>;
  /** Runs `work` in a READ COMMITTED transaction, again when the server broke a deadlock; throws the registry's errors. */
  transact<T>(work: (tx: Tx) => Promise<T>, acting?: Acting): Promise<T>;
  /** Calls `heard` for every NOTIFY on `channel`, and once more after a lost connection came back. */
  listen(channel: string, heard: (payload: string) => void): Promise<AsyncDisposable>;
  /** Whether anybody listens on `channel` now, in whichever process. */
  listened(channel: string): Promise<boolean>;
  /** The same database as pg-boss wants it. */
  readonly jobs: JobDatabase;
  /** The migrations' own view of the database. */
  readonly kysely: Kysely<unknown>;
  /** Connections now in use and waiting, for metrics. */
  pressure(): { total: number; idle: number; waiting: number };
}

/** What an engine brings; the rest is the same for both. */
export interface Engine {
  kind: Database["kind"];
  dialect: Dialect;
  /** Engines with one connection let one caller in at a time. */
  exclusive: boolean;
  listen: Database["listen"];
  listened: Database["listened"];
  jobs: JobDatabase;
  pressure: Database["pressure"];
  close(): Promise<void>;
}

const ATTEMPTS = 8;

export function createDatabase(engine: Engine): Database {
  const kysely = new Kysely<DB>({ dialect: engine.dialect });
  const turn = engine.exclusive ? oneAtATime() : <T>(work: () => Promise<T>) => work();
  const translated = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await turn(work);
    } catch (error) {
      throw translate(error);
    }
  };

  const transact = async <T>(work: (tx: Tx) => Promise<T>, acting?: Acting): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await turn(() =>
          kysely
            .transaction()
            .setIsolationLevel("read committed")
            .execute(async (trx) => {
              if (acting) {
                await sql`select set_config('calends.actor', ${acting.actor}, true), set_config('calends.on_behalf_of', ${acting.onBehalfOf ?? ""}, true)`.execute(
                  trx,
                );
              }
              return work(asTx(trx));
            }),
        );
      } catch (error) {
        if (attempt < ATTEMPTS && isRetryable(error)) continue;
        throw translate(error);
      }
    }
  };

  return {
    kind: engine.kind,
    read: (work) => translated(() => work(asReader(kysely))),
    snapshot: (work) =>
      translated(() =>
        kysely
          .transaction()
          .setIsolationLevel("repeatable read")
          .setAccessMode("read only")
          .execute((trx) => work(asReader(trx))),
      ),
    transact,
    listen: engine.listen,
    listened: engine.listened,
    jobs: engine.jobs,
    kysely: kysely as unknown as Kysely<unknown>,
    pressure: engine.pressure,
    async [Symbol.asyncDispose]() {
      await engine.close();
    },
  };
}

/** A queue of one: each caller starts when the one before has ended. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  const within = new AsyncLocalStorage<true>();
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    if (within.getStore()) {
      throw new Error(
        "The embedded database was asked for a second connection inside a transaction; pass the transaction's handle on instead.",
      );
    }
    const mine = last.then(() => within.run(true, work));
    last = mine.catch(() => undefined);
    return mine;
  };
}
