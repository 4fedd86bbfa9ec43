/**
 * Writes the generated files: `npm run gen`; or compares them with the committed ones: `npm run gen -- --check`.
 *
 *   migrations/*.sql  ->  src/db/tables.generated.ts
 *   queries/NAME.sql  ->  src/db/queries/NAME.queries.ts
 *   the HTTP routes   ->  docs/openapi.json
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateQueries } from "./generate-queries.ts";
import { generateTables } from "./generate-tables.ts";
import { openTemplateDatabase } from "./template-database.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const QUERIES = "src/db/queries/";

/** Every generated file by its path from the root. */
async function generateAll(): Promise<Map<string, string>> {
  await using database = await openTemplateDatabase();
  const files = new Map<string, string>();
  files.set("src/db/tables.generated.ts", await generateTables(database.pglite));
  for (const [name, text] of await generateQueries(database.pglite)) files.set(QUERIES + name, text);
  const openapi = await generateOpenapi();
  if (openapi !== undefined) files.set("docs/openapi.json", openapi);
  return files;
}

async function generateOpenapi(): Promise<string | undefined> {
  const module = join(ROOT, "src/http/openapi.ts");
  if (!existsSync(module)) {
    console.error("docs/openapi.json is skipped: there is no src/http/openapi.ts");
    return undefined;
  }
  const { openapiDocument } = (await import(module)) as { openapiDocument: () => unknown };
  return `${JSON.stringify(await openapiDocument(), null, 2)}\n`;
}

/** Paths whose committed text is not `files`' (or that `files` has no more). */
async function findDrift(files: Map<string, string>): Promise<string[]> {
  const drifted: string[] = [];
  for (const [path, text] of files) {
    const committed = existsSync(join(ROOT, path)) ? await readFile(join(ROOT, path), "utf8") : undefined;
    if (committed !== text) drifted.push(path);
  }
  const modules = existsSync(join(ROOT, QUERIES)) ? await readdir(join(ROOT, QUERIES)) : [];
  return [...drifted, ...modules.map((name) => QUERIES + name).filter((path) => path.endsWith(".queries.ts") && !files.has(path))];
}

async function write(path: string, text: string | undefined): Promise<void> {
  if (text === undefined) {
    await rm(join(ROOT, path));
    console.log(`removed ${path}`);
    return;
  }
  await mkdir(dirname(join(ROOT, path)), { recursive: true });
  await writeFile(join(ROOT, path), text);
  console.log(`wrote ${path}`);
}

try {
  const files = await generateAll();
  const drifted = await findDrift(files);
  if (process.argv.includes("--check")) {
    for (const path of drifted) console.error(`${path} differs from what it is generated from: run "npm run gen" and commit it.`);
    if (drifted.length > 0) process.exitCode = 1;
  } else {
    for (const path of drifted) await write(path, files.get(path));
    if (drifted.length === 0) console.log("Every generated file is up to date.");
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
