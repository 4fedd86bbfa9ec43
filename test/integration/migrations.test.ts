/** The schema: how it comes to be, and what it promises by itself. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { migrate } from "../../src/db/migrate.ts";
import { LIFECYCLE_STATES } from "../../src/domain/lifecycle.ts";
import { ATTENDANCE_MODES, EVENT_DOMAINS, EVENT_STATUSES, LICENSE_STATUSES, SOURCE_TYPES } from "../../src/domain/vocabulary.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

let on: TestRegistry;
let eventId: string;
beforeAll(async () => {
  on = await openTestRegistry();
  ({ eventId } = await on.submit(await on.source("rex"), concert()));
});
afterAll(() => on[Symbol.asyncDispose]());

const query = <T>(statement: ReturnType<typeof sql>) =>
  on.registry.database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
const attempt = (statement: ReturnType<typeof sql>) => on.registry.database.transact((tx) => statement.execute(kyselyOf(tx)));

/** The folder of migrations, with changes, for as long as `work` takes. */
async function withFolder(change: (folder: string) => Promise<void>, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "calends-migrations-"));
  try {
    await cp(MIGRATIONS, folder, { recursive: true });
    await change(folder);
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("migrating", () => {
  test("twice is as good as once", async () => {
    expect(await migrate(on.registry.database)).toEqual([]);
    const applied = await query<{ name: string }>(sql`select name from migration_checksums order by name`);
    expect(applied.map((row) => `${row.name}.sql`)).toEqual((await readdir(MIGRATIONS)).toSorted());
  });

  test("refuses a file that was edited after it was applied, by name", async () => {
    await withFolder(
      async (folder) => {
        const file = join(folder, "0002_provenance.sql");
        await writeFile(file, `${await readFile(file, "utf8")}\n-- one more thing\n`);
      },
      (folder) =>
        expect(migrate(on.registry.database, folder)).rejects.toThrow(/edited after they were applied: 0002_provenance\. Restore/),
    );
  });

  test("applies a new file once, and one that fails leaves nothing behind", async () => {
    await withFolder(
      (folder) => writeFile(join(folder, "9001_broken.sql"), "create table half_made (id integer); select no_such_function();"),
      async (folder) => {
        await expect(migrate(on.registry.database, folder)).rejects.toThrow(/9001_broken.*no_such_function/s);
        expect(await query(sql`select to_regclass('half_made') as made`)).toEqual([{ made: null }]);
      },
    );
    await withFolder(
      (folder) => writeFile(join(folder, "9000_more.sql"), "create table more (id integer); insert into more values (1);"),
      async (folder) => {
        expect(await migrate(on.registry.database, folder)).toEqual(["9000_more"]);
        expect(await migrate(on.registry.database, folder)).toEqual([]);
        expect(await query(sql`select * from more`)).toEqual([{ id: 1 }]);
      },
    );
    await attempt(sql`drop table more`);
    await attempt(sql`delete from migration_checksums where name = '9000_more'`);
    await attempt(sql`delete from kysely_migration where name = '9000_more'`);
  });
});

describe("closed sets are closed in the database as in the domain", () => {
  /** Every value that the CHECK of this column names. */
  const allowedIn = async (table: string, column: string): Promise<string[]> => {
    const [row] = await query<{ check: string }>(sql`
      select pg_get_constraintdef(c.oid) as check from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
      where c.contype = 'c' and c.conrelid = ${table}::regclass and a.attname = ${column} and cardinality(c.conkey) = 1`);
    return [...(row?.check ?? "").matchAll(/'([^']+)'::text/g)].map(([, word]) => word!).toSorted();
  };

  test.each([
    ["events", "lifecycle_state", LIFECYCLE_STATES],
    ["events", "event_status", EVENT_STATUSES],
    ["events", "attendance_mode", ATTENDANCE_MODES],
    ["events", "event_domain", EVENT_DOMAINS],
    ["events", "license_status", LICENSE_STATUSES],
    ["sources", "type", SOURCE_TYPES],
    ["sources", "license_status", LICENSE_STATUSES],
  ] as const)("%s.%s", async (table, column, words) => {
    expect(await allowedIn(table, column)).toEqual([...words].toSorted());
  });

  test("every state of the lifecycle can be stored, and no other word", async () => {
    const store = (state: string) =>
      attempt(
        sql`update events set lifecycle_state = ${state}, deleted_at = case when ${state} = 'deleted' then now() end where id = ${eventId}`,
      );
    for (const state of [...LIFECYCLE_STATES.filter((one) => one !== "published"), "published"]) await store(state);
    for (const word of ["", "Published", "archived", "PUBLISHED"]) await expect(store(word), word).rejects.toMatchObject({ code: "23514" });
  });
});

describe("every table", () => {
  test("keeps its times with their zone", async () => {
    const found = await query(sql`select table_name, column_name, data_type from information_schema.columns
      where table_schema = 'public' and data_type in ('timestamp without time zone', 'time with time zone') and table_name not like 'kysely%'`);
    expect(found).toEqual([]);
    const [row] = await query<{ count: number }>(
      sql`select count(*) as count from information_schema.columns where table_schema = 'public' and data_type = 'timestamp with time zone'`,
    );
    expect(row!.count).toBeGreaterThan(30); // the query sees them
  });

  /** Foreign keys whose columns no index begins with. */
  const unindexed = sql`
    select c.conrelid::regclass::text || '.' || c.conname as key from pg_constraint c join pg_namespace n on n.oid = c.connamespace
    where c.contype = 'f' and n.nspname = 'public' and not exists (
      select from pg_index i where i.indrelid = c.conrelid and i.indisvalid and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
        and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ ' IS NOT NULL'
          or exists (select from pg_index whole where whole.indrelid = c.conrelid and whole.indpred is null and whole.indkey[0] = c.conkey[1])))
    order by 1`;

  test("has an index for each of its foreign keys", async () => {
    expect(await query(unindexed)).toEqual([]);
  });

  test("and one that has none is found (the control)", async () => {
    await attempt(sql`create table unindexed_one (event_id uuid references events)`);
    expect(await query(unindexed)).toEqual([{ key: "unindexed_one.unindexed_one_event_id_fkey" }]);
    await attempt(sql`drop table unindexed_one`);
  });
});

describe("what is never deleted", () => {
  test.each(["events", "places", "organizations", "persons"])("%s: neither row by row nor as a whole", async (table) => {
    await expect(attempt(sql`delete from ${sql.table(table)}`)).rejects.toThrow(/never deleted: set deleted_at/);
    await expect(attempt(sql`truncate ${sql.table(table)} cascade`)).rejects.toThrow(/never deleted/);
  });

  test("a deleted event says when, and only a deleted one does", async () => {
    await expect(attempt(sql`update events set lifecycle_state = 'deleted' where id = ${eventId}`)).rejects.toMatchObject({
      code: "23514",
    });
    await expect(attempt(sql`update events set deleted_at = now() where id = ${eventId}`)).rejects.toMatchObject({ code: "23514" });
  });
});

describe("claims", () => {
  const claim = (field: string, value: string, more: { source?: string; winner?: boolean } = {}) => sql`
    insert into field_provenance (event_id, source_id, field, value, license_status, observed_at, recorded, is_winner)
    select ${eventId}, id, ${field}, to_jsonb(${value}::text), 'cc0', now(), tstzrange(now(), null), ${more.winner ?? false} from sources where name = ${more.source ?? "rex"}`;

  test("a source has one on a field at a time", async () => {
    await attempt(claim("/one", "a"));
    await expect(attempt(claim("/one", "b"))).rejects.toMatchObject({ code: "23P01" });
  });

  test("a field has one winner at a time", async () => {
    await on.source("other");
    await attempt(claim("/two", "a", { winner: true }));
    await expect(attempt(claim("/two", "b", { source: "other", winner: true }))).rejects.toMatchObject({ code: "23505" });
    await attempt(claim("/two", "b", { source: "other" }));
    expect(await query(sql`select field, claims, "values" from field_conflicts`)).toEqual([{ field: "/two", claims: 2, values: 2 }]);
  });
});
