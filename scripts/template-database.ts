/**
 * An embedded database with the migrations applied and nothing else (no bookkeeping of the migrator): what the
 * generators look at.
 */
import { readdir, readFile } from "node:fs/promises";
import { PGlite } from "@electric-sql/pglite";
import { btree_gist } from "@electric-sql/pglite/contrib/btree_gist";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { vector } from "@electric-sql/pglite-pgvector";
import { slimPostgis } from "../src/db/postgis-bundle.ts";

const MIGRATIONS = new URL("../migrations/", import.meta.url);

/** `await using database = await openTemplateDatabase()`; rejects with the name of a migration that does not apply. */
export async function openTemplateDatabase(): Promise<{ pglite: PGlite } & AsyncDisposable> {
  const pglite = await PGlite.create({ extensions: { btree_gist, pg_trgm, unaccent, vector, postgis: slimPostgis } });
  for (const name of (await readdir(MIGRATIONS)).filter((file) => file.endsWith(".sql")).toSorted()) {
    try {
      await pglite.exec(await readFile(new URL(name, MIGRATIONS), "utf8"));
    } catch (cause) {
      await pglite.close();
      throw new Error(`migrations/${name} does not apply: ${cause instanceof Error ? cause.message : "unknown error"}`, { cause });
    }
  }
  return { pglite, [Symbol.asyncDispose]: () => pglite.close() };
}
