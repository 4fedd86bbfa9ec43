/** A PostgreSQL server as the Database's engine: a pool, and one connection of its own for LISTEN. */
import { setTimeout as delay } from "node:timers/promises";
import { PostgresDialect } from "kysely";
import pg from "pg";
import { fromPg } from "./job-adapters.ts";
import { SESSION } from "./session.ts";
import { createDatabase, type Database, type Engine } from "./database.ts";

export interface ServerOptions {
  url: string;
  /** Connections in the pool; the listener's comes on top. */
  connections?: number;
  /** Milliseconds after which a statement is stopped; 0 for never. */
  statementTimeout?: number;
  /** Hears of errors on idle connections (a server that went away); the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

/** int8 counts and positions stay below 2^53; dates stay dates; numerics stay exact. */
export const SERVER_TYPES: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === pg.types.builtins.INT8) return Number;
    if (oid === pg.types.builtins.DATE) return (text: string) => text;
    return pg.types.getTypeParser(oid, format as "text");
  },
} as pg.CustomTypesConfig;

/** Connects lazily: a server that is down shows at the first statement, as `unavailable`. */
export function openServer(options: ServerOptions): Database {
  const onIdleError = options.onIdleError ?? (() => undefined);
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections ?? 8,
    types: SERVER_TYPES,
    application_name: "calends",
    options: SESSION.map((setting) => `-c ${setting}`).join(" "),
    connectionTimeoutMillis: 10_000,
    statement_timeout: options.statementTimeout ?? 60_000,
    idle_in_transaction_session_timeout: 120_000,
    keepAlive: true,
  });
  pool.on("error", onIdleError);
  // A client that is checked out has no listener of the pool's: without one of ours a lost server would end the process.
  pool.on("connect", (client) => void client.on("error", onIdleError));
  const listeners = new Set<AsyncDisposable>();

  const engine: Engine = {
    kind: "server",
    dialect: new PostgresDialect({ pool }),
    exclusive: false,
    async listen(channel, heard) {
      const listener = await listenForever(options.url, channel, heard, onIdleError);
      listeners.add(listener);
      return listener;
    },
    async listened(channel) {
      const query = "select from pg_stat_activity where datname = current_database() and application_name = $1";
      return (await pool.query(query, [listenerOf(channel)])).rows.length > 0;
    },
    jobs: fromPg(pool),
    pressure: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    async close() {
      await Promise.all([...listeners].map((listener) => listener[Symbol.asyncDispose]()));
      await pool.end();
    },
  };
  return createDatabase(engine);
}

/** What a session that listens calls itself, so that others can see it; the server cuts names at 63 bytes. */
const listenerOf = (channel: string): string => `calends listener ${channel}`.slice(0, 63);

/** LISTENs on a connection of its own and connects again, ever slower, when it is lost. */
async function listenForever(
  url: string,
  channel: string,
  heard: (payload: string) => void,
  onError: (error: Error) => void,
): Promise<AsyncDisposable> {
  const closing = new AbortController();
  let client: pg.Client | undefined;

  const connect = async () => {
    const next = new pg.Client({ connectionString: url, application_name: listenerOf(channel), keepAlive: true });
    next.on("notification", (message) => heard(message.payload ?? ""));
    next.on("error", onError);
    next.on("end", () => void reconnect());
    await next.connect();
    await next.query(`listen ${pg.escapeIdentifier(channel)}`);
    client = next;
  };
  let reconnecting = false;
  const reconnect = async () => {
    if (reconnecting || closing.signal.aborted) return;
    reconnecting = true;
    for (let wait = 100; !closing.signal.aborted; wait = Math.min(wait * 2, 5_000)) {
      try {
        await delay(wait, undefined, { signal: closing.signal });
        await connect();
        heard(""); // something may have been said while nobody listened
        break;
      } catch (error) {
        if (!closing.signal.aborted) onError(error as Error);
      }
    }
    reconnecting = false;
  };

  await connect();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await client?.end().catch(onError);
    },
  };
}
