/** The types of the tables, as Kysely wants them, read from a migrated database by kysely-codegen. */
import type { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect } from "kysely";
import { generate, PostgresDialect } from "kysely-codegen";

/** What the parsers of src/db make of a type (its embedded.ts and server.ts must agree); timestamptz is a Date by default. */
const TYPES = {
  int8: "number",
  date: "string",
  interval: "string",
  json: "unknown",
  jsonb: "unknown",
  tstzrange: "string",
  geography: "string",
  geometry: "string",
  vector: "string",
};

/** PostGIS's own tables and views, and the migrator's. */
const NOT_OURS = "{spatial_ref_sys,geometry_columns,geography_columns,kysely_*,migration_checksums}";

/** The text of src/db/tables.generated.ts. */
export async function generateTables(pglite: PGlite): Promise<string> {
  const db = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) });
  return generate({
    db,
    dialect: new PostgresDialect({ dateParser: "string", numericParser: "string" }),
    excludePattern: NOT_OURS,
    outFile: null,
    typeMapping: TYPES,
  });
}
