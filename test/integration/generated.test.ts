/** `npm run gen -- --check` notices a generated file that its source no longer makes (here: the tables' types). */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const TABLES = "src/db/tables.generated.ts";

test("a column more or less is drift, and the file is named", async () => {
  const committed = await readFile(TABLES, "utf8");
  const edited = committed.replace(/^ {2}created_at: .*\n/m, "");
  expect(edited).not.toBe(committed);
  expect(await check(edited)).toEqual({ code: 1, drifted: [TABLES] });
}, 300_000);

/** Runs the check in a copy of the project that has migrations and these types of tables, but no queries and no routes. */
async function check(tables: string): Promise<{ code: unknown; drifted: string[] }> {
  const copy = await mkdtemp(join(tmpdir(), "calends-generated-"));
  try {
    for (const part of ["scripts", "migrations", "src/db/postgis-bundle.ts", "package.json"])
      await cp(part, join(copy, part), { recursive: true });
    for (const folder of ["queries", "src/db"]) await mkdir(join(copy, folder), { recursive: true });
    await symlink(resolve("node_modules"), join(copy, "node_modules"));
    await writeFile(join(copy, TABLES), tables);
    return await new Promise((done) => {
      execFile(process.execPath, ["scripts/gen.ts", "--check"], { cwd: copy }, (error, _stdout, stderr) => {
        done({ code: error === null ? 0 : error.code, drifted: [...stderr.matchAll(/^(\S+) differs/gm)].map((match) => match[1] ?? "") });
      });
    });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
