import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { slimBundle } from "./postgis-bundle.ts";

const WHOLE = new URL("postgis.tar.gz", import.meta.resolve("@electric-sql/pglite-postgis"));

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "calends-bundle-"))));
afterEach(() => rm(folder, { recursive: true }));

const inside = (...path: string[]) => pathToFileURL(join(folder, ...path) + "/");
const listed = (bundle: URL) =>
  execFileSync("tar", ["-tzf", fileURLToPath(bundle)], { encoding: "utf8" })
    .trim()
    .split("\n");

test("it has what PostGIS itself needs and is made once", async () => {
  const slim = await slimBundle(WHOLE, inside("cache"));
  const kept = listed(slim);
  for (const needed of ["postgis-3.so", "postgis.control", "postgis--3.6.2.sql", "proj.db"])
    expect(kept.filter((path) => path.endsWith(`/${needed}`))).toHaveLength(1);
  expect(kept.filter((path) => /raster|topology|tiger/.test(path))).toEqual([]);
  const { ino } = await stat(slim);
  expect(await slimBundle(WHOLE, inside("cache"))).toEqual(slim);
  expect((await stat(slim)).ino).toBe(ino);
});

test("several processes at once make one, and leave nothing else", async () => {
  const made = await Promise.all([1, 2, 3].map(() => slimBundle(WHOLE, inside("cache"))));
  expect(new Set(made.map(String)).size).toBe(1);
  expect(await readdir(join(folder, "cache"))).toHaveLength(1);
});

test("where nothing may be written the whole one is used", async () => {
  await writeFile(join(folder, "cache"), "a file where the folder should be");
  expect(await slimBundle(WHOLE, inside("cache"))).toEqual(WHOLE);
});

test("what is no tar file is refused by name instead of being cut short", async () => {
  const broken = join(folder, "broken.tar.gz");
  await writeFile(broken, gzipSync(Buffer.alloc(1024, "x")));
  await expect(slimBundle(pathToFileURL(broken), inside("cache"))).rejects.toThrow("expected in octal");
});
