/**
 * PGlite as the Database's engine: PostgreSQL in this process, in one folder.
 *
 * It survives the death of the process but promises nothing after a power cut (it never fsyncs). The folder is
 * locked while open, and carries a mark that only an orderly close leaves: without it the feed begins a new epoch.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { btree_gist } from "@electric-sql/pglite/contrib/btree_gist";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { vector } from "@electric-sql/pglite-pgvector";
import { PGliteDialect, type PGlite as KyselyPGlite } from "kysely";
import { SESSION } from "./session.ts";
import { createDatabase, type Database } from "./database.ts";
import { fromPglite } from "./job-adapters.ts";
import { lockFile } from "./lock-file.ts";
import { SCRIPT_MARK } from "./migrate.ts";
import { slimPostgis } from "./postgis-bundle.ts";

const CLEAN = "clean-shutdown";

export interface EmbeddedDatabase extends Database {
  /** False when the folder was left by a crash: what readers of the feed saw last may be gone. */
  readonly wasClosedCleanly: boolean;
  /** The whole folder as one tar file: a backup, or a template to open others from. */
  dump(): Promise<Blob>;
}

/** Opens (and makes, `from` a dump or empty) the database in `folder`, or one in memory without it. Throws in one line when another process has it. */
export async function openEmbedded(folder?: string, from?: Blob): Promise<EmbeddedDatabase> {
  const lock = folder === undefined ? undefined : lockFolder(folder);
  const mark = folder === undefined ? undefined : join(folder, CLEAN);
  const fresh = folder === undefined || !existsSync(join(folder, "pg"));
  const wasClosedCleanly = fresh || existsSync(mark!);
  const pglite = new PGlite({
    ...(folder !== undefined && { dataDir: join(folder, "pg") }),
    ...(from !== undefined && { loadDataDir: from }),
    extensions: { btree_gist, pg_trgm, unaccent, vector, postgis: slimPostgis },
    parsers: {
      [types.INT8]: Number,
      [types.DATE]: (text: string) => text,
      [types.BYTEA]: (text: string) => Buffer.from(text.slice(2), "hex"),
    },
  });
  try {
    await pglite.waitReady;
    await pglite.exec(SESSION.map((setting) => `set ${setting.replace(/=(.*)/, " = '$1'")};`).join(" "));
  } catch (error) {
    lock?.[Symbol.dispose]();
    throw error;
  }
  if (mark !== undefined) rmSync(mark, { force: true });

  const database = createDatabase({
    kind: "embedded",
    dialect: new PGliteDialect({ pglite: withScripts(pglite) }),
    exclusive: true,
    async listen(channel, heard) {
      const stop = await pglite.listen(channel, heard);
      return { [Symbol.asyncDispose]: () => (pglite.closed ? Promise.resolve() : stop()) };
    },
    async listened(channel) {
      const { rows } = await pglite.query("select from pg_listening_channels() channel where channel = $1", [channel]);
      return rows.length > 0;
    },
    jobs: fromPglite(pglite),
    pressure: () => ({ total: 1, idle: 0, waiting: 0 }),
    async close() {
      if (!pglite.closed) {
        if (mark !== undefined) await pglite.exec("checkpoint");
        await pglite.close();
        if (mark !== undefined) writeFileSync(mark, "");
      }
      lock?.[Symbol.dispose]();
    },
  });
  return Object.assign(database, { wasClosedCleanly, dump: () => pglite.dumpDataDir("none") });
}

function lockFolder(folder: string): Disposable {
  mkdirSync(folder, { recursive: true });
  const lock = lockFile(join(folder, "lock"));
  if (lock !== undefined) return lock;
  throw new Error(
    `${folder} is in use by another calends process: stop that one first, or set DATA_DIR to another folder (or DATABASE_URL to a server).`,
  );
}

/** PGlite runs one statement at a time; a migration file, marked as a script, goes through `exec` in the same transaction. */
function withScripts(pglite: PGlite): KyselyPGlite {
  return {
    get closed() {
      return pglite.closed;
    },
    get ready() {
      return pglite.ready;
    },
    waitReady: pglite.waitReady,
    close: () => pglite.close(),
    query: (text, parameters, options) => pglite.query(text, parameters, options),
    transaction: (work) =>
      pglite.transaction((tx) =>
        work({
          rollback: () => tx.rollback(),
          async query<T>(text: string, parameters?: any[], options?: object) {
            if (!text.startsWith(SCRIPT_MARK)) return tx.query<T>(text, parameters, options);
            await tx.exec(text);
            return { rows: [], fields: [] };
          },
        }),
      ),
  };
}
