/** How the database is: what `doctor` looks at. */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";

/** What the schema needs of PostgreSQL beyond itself. */
export const EXTENSIONS = ["postgis", "vector", "pg_trgm", "btree_gist", "unaccent"] as const;

export interface DatabaseCondition {
  /** "17.6", or PGlite's. */
  version: string;
  /** Extension -> its version; one that is missing is absent. */
  extensions: Record<string, string>;
  /** Names of the applied migrations, in order. */
  migrations: string[];
  /** Committed changes that the sequencer has not numbered yet, and the age of the oldest in seconds. */
  outbox: { depth: number; oldestSeconds: number | null };
  /** Null before the first epoch was opened. */
  feed: { epoch: string; position: number } | null;
  /** Time zones that PostgreSQL knows, and its clock in milliseconds since 1970. */
  timezones: number;
  clock: number;
}

export async function readCondition(on: Reader): Promise<DatabaseCondition> {
  const { rows } = await sql<DatabaseCondition>`
    select current_setting('server_version') as version,
      (select coalesce(jsonb_object_agg(extname, extversion), '{}') from pg_extension where extname = any (${[...EXTENSIONS]}::text[])) as extensions,
      (select coalesce(jsonb_agg(name order by name), '[]') from migration_checksums) as migrations,
      (select jsonb_build_object('depth', count(*), 'oldestSeconds', extract(epoch from clock_timestamp() - min(changed_at))) from change_outbox) as outbox,
      (select jsonb_build_object('epoch', epoch, 'position', position) from feed_head) as feed,
      (select count(*) from pg_timezone_names) as timezones,
      (extract(epoch from clock_timestamp()) * 1000)::bigint as clock`.execute(kyselyOf(on));
  return rows[0]!;
}

/** PostgreSQL's offset from UTC, in minutes, of a zone at a moment; undefined for a zone that it does not know. */
export async function offsetOf(on: Reader, zone: string, at: Date): Promise<number | undefined> {
  const { rows } = await sql<{ minutes: number | null }>`
    select (extract(epoch from (${at}::timestamptz at time zone name) - (${at}::timestamptz at time zone 'UTC')) / 60)::int as minutes
    from pg_timezone_names where name = ${zone}`.execute(kyselyOf(on));
  return rows[0]?.minutes ?? undefined;
}
