/** The house rules hold because the lint fails where they are broken: each is broken here, in a small house of its own. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

/** A sound house: a domain, a database, a use case, an edge; each as the rules want it. */
const SOUND = {
  "src/domain/clock.ts": "export type Clock = () => Date;\n",
  "src/domain/price.ts": 'import { z } from "zod";\nexport const price = z.string();\n',
  "src/db/places.ts":
    'import type { Clock } from "../domain/clock.ts";\nexport async function touch(clock: Clock): Promise<Date> {\n  return clock();\n}\n',
  "src/registry/submit.ts":
    'import { touch } from "../db/places.ts";\nexport async function submit(): Promise<Date> {\n  return await touch(() => new Date(0));\n}\n',
  "src/config.ts": "export const readEnv = () => ({ ...process.env });\n",
  "src/node.ts": "export const clock = () => new Date();\n",
  "src/cli/serve.ts": 'import { clock } from "../node.ts";\nconsole.log(clock().toISOString());\n',
};

describe("the lint", () => {
  test("passes a sound house", async () => {
    expect(await lint({})).toEqual({ code: 0, rules: [] });
  });

  test.each<[string, string, Record<string, string>]>([
    [
      "the domain reaching for the database",
      "house(import-table)",
      { "src/domain/a.ts": 'import { touch } from "../db/places.ts";\nexport const a = touch;\n' },
    ],
    [
      "a type is an import too",
      "house(import-table)",
      { "src/domain/a.ts": 'import type { touch } from "../db/places.ts";\nexport type A = typeof touch;\n' },
    ],
    ["so is a type in passing", "house(import-table)", { "src/domain/a.ts": 'export type A = typeof import("../db/places.ts").touch;\n' }],
    ["so is an export from elsewhere", "house(import-table)", { "src/domain/a.ts": 'export * from "../db/places.ts";\n' }],
    ["so is a late import", "house(import-table)", { "src/domain/a.ts": 'export const a = () => import("../db/places.ts");\n' }],
    ["Kysely outside db", "house(import-table)", { "src/registry/a.ts": 'export { sql } from "kysely";\n' }],
    ["the domain with I/O", "house(import-table)", { "src/domain/a.ts": 'export { readFile } from "node:fs/promises";\n' }],
    ["an edge reaching for another", "house(import-table)", { "src/http/a.ts": 'import "../cli/serve.ts";\n' }],
    ["node.ts from below", "house(import-table)", { "src/registry/a.ts": 'export { clock } from "../node.ts";\n' }],
    [
      "src importing test",
      "house(import-table)",
      { "src/db/a.ts": 'export * from "../../test/support/db.ts";\n', "test/support/db.ts": "export const db = 1;\n" },
    ],
    [
      "a cycle",
      "import(no-cycle)",
      {
        "src/domain/a.ts": 'import { b } from "./b.ts";\nexport const a = (): number => b();\n',
        "src/domain/b.ts": 'import { a } from "./a.ts";\nexport const b = (): number => a();\n',
      },
    ],
    [
      "a promise that nobody awaits",
      "typescript(no-floating-promises)",
      { "src/registry/a.ts": 'import { submit } from "./submit.ts";\nexport function a(): void {\n  submit();\n}\n' },
    ],
    [
      "a promise as a condition",
      "typescript(no-misused-promises)",
      {
        "src/registry/a.ts":
          'import { submit } from "./submit.ts";\nexport function a(): number {\n  if (submit()) return 1;\n  return 2;\n}\n',
      },
    ],
    [
      "an await of no promise",
      "typescript(await-thenable)",
      { "src/registry/a.ts": "export async function a(): Promise<number> {\n  const one = 1;\n  return await one;\n}\n" },
    ],
    ["the wall clock as new Date()", "house(wall-clock)", { "src/registry/a.ts": "export const a = () => new Date();\n" }],
    ["the wall clock as Date()", "house(wall-clock)", { "src/registry/a.ts": "export const a = () => Date();\n" }],
    ["the wall clock as Date.now()", "eslint(no-restricted-properties)", { "src/registry/a.ts": "export const a = () => Date.now();\n" }],
    ["the environment", "eslint(no-restricted-properties)", { "src/registry/a.ts": 'export const a = () => process.env["PORT"];\n' }],
    [
      "the environment, taken apart",
      "eslint(no-restricted-properties)",
      { "src/registry/a.ts": "export const a = () => {\n  const { env } = process;\n  return env;\n};\n" },
    ],
    ["printing from a use case", "eslint(no-console)", { "src/registry/a.ts": 'console.log("hello");\n' }],
    [
      "a file of more than 300 lines",
      "eslint(max-lines)",
      { "src/registry/a.ts": `${Array.from({ length: 301 }, (_, i) => `export const a${i} = ${i};`).join("\n")}\n` },
    ],
    [
      "a silent catch",
      "eslint(no-empty)",
      { "src/registry/a.ts": 'export function a(): void {\n  try {\n    JSON.parse("");\n  } catch {}\n}\n' },
    ],
    [
      "a test that shuts out the others",
      "vitest(no-focused-tests)",
      { "src/domain/a.test.ts": 'import { expect, test } from "vitest";\ntest.only("one", () => expect(1).toBe(1));\n' },
    ],
  ])("fails on %s", async (_what, rule, files) => {
    const { code, rules } = await lint(files);
    expect(rules).toContain(rule);
    expect(new Set(rules).size, `only ${rule}, not ${rules.join(", ")}`).toBe(1);
    expect(code).toBe(1);
  });
});

/** Lints the sound house plus `files` with the project's own settings; the rules that found fault. */
async function lint(files: Record<string, string>): Promise<{ code: number; rules: string[] }> {
  const house = await mkdtemp(join(tmpdir(), "calends-house-"));
  try {
    for (const file of [".oxlintrc.json", "tsconfig.json", "package.json", "scripts/house-rules.ts"]) await cp(file, join(house, file));
    await symlink(resolve("node_modules"), join(house, "node_modules"));
    for (const [file, text] of Object.entries({ ...SOUND, ...files })) {
      await mkdir(join(house, dirname(file)), { recursive: true });
      await writeFile(join(house, file), text);
    }
    const { code, output } = await run(
      process.execPath,
      [resolve("node_modules/oxlint/bin/oxlint"), "--type-aware", "--format", "json"],
      house,
    );
    const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string }[] };
    return { code, rules: diagnostics.map((one) => one.code) };
  } finally {
    await rm(house, { recursive: true, force: true });
  }
}

async function run(program: string, parameters: string[], cwd: string): Promise<{ code: number; output: string }> {
  try {
    return { code: 0, output: (await promisify(execFile)(program, parameters, { cwd })).stdout };
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    if (typeof code !== "number" || stdout === undefined) throw error;
    return { code, output: stdout };
  }
}
