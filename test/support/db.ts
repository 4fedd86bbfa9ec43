/**
 * A migrated database for a test: a fresh one on the server that the run uses, else an embedded one in memory,
 * loaded from a template, which takes seconds all the same: share one within a file. A failed test's server database is kept for a look.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { inject, onTestFailed } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { openEmbedded } from "../../src/db/embedded.ts";
import { migrate } from "../../src/db/migrate.ts";
import { openServer } from "../../src/db/server.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

export interface TestDatabase extends AsyncDisposable {
  database: Database;
  url?: string;
}

/** `await using test = await openTestDatabase()`. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const chosen = inject("database");
  return chosen.kind === "server" ? openOnServer(chosen.url) : openInMemory();
}

async function openOnServer(url: string): Promise<TestDatabase> {
  const name = `calends_test_${randomBytes(6).toString("hex")}`;
  await onServer(url, `create database ${name} template ${await serverTemplate(url)}`);
  const mine = named(url, name);
  const database = openServer({ url: mine.href });
  let failed = false;
  try {
    onTestFailed(() => void (failed = true));
  } catch {
    // opened outside a test (in a hook): dropped in any case
  }
  return {
    database,
    url: mine.href,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      if (failed) console.error(`The failed test's database is kept: ${mine.href}`);
      else await onServer(url, `drop database ${name} with (force)`);
    },
  };
}

const named = (url: string, name: string): URL => Object.assign(new URL(url), { pathname: `/${name}` });

/** A migrated, empty database on the server: made once for a set of migrations, as migrating takes ten times as long as copying. */
async function serverTemplate(url: string): Promise<string> {
  const name = `calends_template_${await migrationsHash()}`;
  const { rows } = await onServer(url, `select from pg_database where datname = '${name}'`);
  if (rows.length > 0) return name;
  const unfinished = `${name}_${randomBytes(4).toString("hex")}`;
  await onServer(url, `create database ${unfinished}`);
  const database = openServer({ url: named(url, unfinished).href });
  await migrate(database);
  await database[Symbol.asyncDispose]();
  try {
    await onServer(url, `alter database ${unfinished} rename to ${name}`);
  } catch (error) {
    // Another process was there first.
    if ((error as { code?: string }).code !== "42P04") throw error;
    await onServer(url, `drop database ${unfinished} with (force)`);
  }
  return name;
}

async function onServer(url: string, statement: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

interface Embedded {
  database: Database;
  /** What empties it, of two kinds, and how often that was done. */
  deleting: string;
  truncating: string;
  emptied: number;
}

/** Opening one costs seconds, emptying one milliseconds: a closed one waits here for the worker's next test. */
const idle: Embedded[] = [];

async function openInMemory(): Promise<TestDatabase> {
  const mine = idle.pop() ?? (await embed());
  return {
    database: mine.database,
    async [Symbol.asyncDispose]() {
      await empty(mine);
      idle.push(mine);
    },
  };
}

async function embed(): Promise<Embedded> {
  const database = await openEmbedded(undefined, await template());
  const { rows } = await database.jobs.executeSql(
    `select string_agg(format('%I', tablename), ', ') as tables, string_agg(format('delete from %I', tablename), '; ') as deletes
     from pg_tables where schemaname = 'public' and tablename !~ '^(kysely_|migration_|spatial_ref_sys)'`,
  );
  const { tables, deletes } = rows[0] as { tables: string; deletes: string };
  return { database, deleting: deletes, truncating: `truncate ${tables}`, emptied: 0 };
}

/**
 * As after the migrations; the triggers that keep rows from being deleted sleep meanwhile. Truncating forty tables takes
 * 100 ms, deleting their rows 10: the former only now and then, for the room that deleted rows still take.
 */
async function empty(mine: Embedded): Promise<void> {
  mine.emptied += 1;
  await mine.database.jobs.executeSql(
    `set session_replication_role = replica;
     ${mine.emptied % 25 === 0 ? mine.truncating : mine.deleting};
     select setval(format('%I.%I', schemaname, sequencename), start_value, false) from pg_sequences where schemaname = 'public' and last_value is not null;
     set session_replication_role = origin;
     drop schema if exists pgboss cascade`,
  );
}

async function migrationsHash(): Promise<string> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).toSorted();
  const hash = createHash("sha256");
  for (const name of names) hash.update(name).update(await readFile(join(MIGRATIONS, name)));
  return hash.digest("hex").slice(0, 16);
}

/** Makes an embedded database in `folder` as a node's first start would, in a tenth of the time: migrated, empty, closed in order. */
export async function makeEmbedded(folder: string): Promise<void> {
  await (await openEmbedded(folder, await template()))[Symbol.asyncDispose]();
}

/** A migrated, empty embedded database as a dump: made once for a set of migrations, then shared by all runs. */
async function template(): Promise<Blob> {
  const file = join(tmpdir(), `calends-template-${await migrationsHash()}.tar`);
  if (!existsSync(file)) {
    await using database = await openEmbedded();
    await migrate(database);
    const unfinished = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
    await writeFile(unfinished, Buffer.from(await (await database.dump()).arrayBuffer()));
    await rename(unfinished, file);
  }
  return new Blob([await readFile(file)]);
}
