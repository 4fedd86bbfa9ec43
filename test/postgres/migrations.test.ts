/** Several nodes start at once on an empty server: one migrates, the others wait, none fails. */
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, inject, test } from "vitest";
import { migrate } from "../../src/db/migrate.ts";
import { openServer } from "../../src/db/server.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));
const chosen = inject("database");
const describeOnAServer = chosen.kind === "server" ? describe : describe.skip;

describeOnAServer("eight starters at once", () => {
  test("apply each file once", async () => {
    const url = chosen.kind === "server" ? chosen.url : "";
    const name = `calends_test_${randomBytes(6).toString("hex")}`;
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    await admin.query(`create database ${name}`);
    const databases = [...Array(8)].map(() =>
      openServer({ url: Object.assign(new URL(url), { pathname: `/${name}` }).href, connections: 2 }),
    );
    try {
      const applied = await Promise.all(databases.map((database) => migrate(database)));
      const files = (await readdir(MIGRATIONS)).map((file) => file.replace(/\.sql$/, "")).toSorted();
      expect(applied.filter((names) => names.length > 0)).toEqual([files]);
      const check = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: `/${name}` }).href });
      await check.connect();
      const { rows } = await check.query("select name from migration_checksums order by applied_at, name");
      await check.end();
      expect(rows.map((row: { name: string }) => row.name)).toEqual(files);
    } finally {
      await Promise.all(databases.map((database) => database[Symbol.asyncDispose]()));
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    }
  });
});
