/**
 * Applies migrations/*.sql in the order of their names through Kysely's Migrator, whose advisory lock lets one of
 * several starters do the work while the others wait. A file that was changed after it was applied is refused.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql, type Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import type { Database } from "./database.ts";

const FOLDER = fileURLToPath(new URL("../../migrations/", import.meta.url));

/** Begins a text of several statements; the embedded engine needs to know (see embedded.ts). */
export const SCRIPT_MARK = "-- script\n";

interface MigrationFile {
  name: string;
  text: string;
  checksum: string;
}

/** Brings the database to the newest schema in one transaction; returns the names of the files it applied. */
export async function migrate(database: Database, folder: string = FOLDER): Promise<string[]> {
  const files = await readMigrations(folder);
  const migrator = new Migrator({
    db: database.kysely,
    provider: { getMigrations: () => Promise.resolve(Object.fromEntries(files.map((file) => [file.name, asMigration(file)]))) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find((one) => one.status === "Error")?.migrationName ?? "the list of files";
    throw new Error(`Migration failed at ${failed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  await refuseEdited(database, files);
  return (results ?? []).filter((one) => one.status === "Success").map((one) => one.migrationName);
}

async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      return { name: name.replace(/\.sql$/, ""), text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

function asMigration({ name, text, checksum }: MigrationFile): Migration {
  return {
    async up(db: Kysely<any>) {
      await sql.raw(SCRIPT_MARK + text).execute(db);
      await sql`create table if not exists migration_checksums (name text primary key, checksum text not null, applied_at timestamptz not null default now())`.execute(
        db,
      );
      await sql`insert into migration_checksums (name, checksum) values (${name}, ${checksum})`.execute(db);
    },
  };
}

async function refuseEdited(database: Database, files: MigrationFile[]): Promise<void> {
  const { rows } = await sql<{ name: string; checksum: string }>`select name, checksum from migration_checksums`.execute(database.kysely);
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  const edited = files.filter((file) => applied.has(file.name) && applied.get(file.name) !== file.checksum);
  if (edited.length > 0) {
    throw new Error(
      `These migrations were edited after they were applied: ${edited.map((file) => file.name).join(", ")}. Restore them and add a new file instead.`,
    );
  }
}
