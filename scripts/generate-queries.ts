/**
 * The types of the statements in queries/, by PgTyped. It speaks PostgreSQL's protocol and wants an older TypeScript
 * than the project, so it is a package of its own (queries/package.json) and talks to a socket before the embedded
 * database; that way a check needs no server.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PGlite } from "@electric-sql/pglite";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const QUERIES = join(ROOT, "queries");

/** The one class of @electric-sql/pglite-socket that we use; the package is not among the project's own. */
interface SocketServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  getServerConn(): string;
}
interface SocketModule {
  PGLiteSocketServer: new (options: { db: PGlite; port: number; maxConnections: number }) => SocketServer;
}

/** `{ "events.queries.ts": text }` for every queries/NAME.sql; installs PgTyped where it is absent. */
export async function generateQueries(pglite: PGlite): Promise<Map<string, string>> {
  const names = (await readdir(QUERIES)).filter((file) => file.endsWith(".sql")).toSorted();
  if (names.length === 0) return new Map();
  if (!existsSync(join(QUERIES, "node_modules/.bin/pgtyped"))) await run("npm", ["ci", "--prefix", QUERIES], process.env);
  const output = await mkdtemp(join(tmpdir(), "calends-queries-"));
  try {
    await overSocket(pglite, (url) => runPgTyped(url, output));
    const files = names.map((name) => name.replace(/\.sql$/, ".queries.ts"));
    return new Map(await Promise.all(files.map(async (file) => [file, await readFile(join(output, file), "utf8")] as const)));
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

async function overSocket(pglite: PGlite, work: (url: string) => Promise<void>): Promise<void> {
  const module = new URL("../queries/node_modules/@electric-sql/pglite-socket/dist/index.js", import.meta.url);
  const { PGLiteSocketServer } = (await import(module.href)) as SocketModule;
  // PgTyped keeps one connection for itself and one for its worker.
  const server = new PGLiteSocketServer({ db: pglite, port: 0, maxConnections: 4 });
  await server.start();
  try {
    await work(`postgres://postgres:postgres@${server.getServerConn()}/postgres`);
  } finally {
    await server.stop();
  }
}

async function runPgTyped(url: string, output: string): Promise<void> {
  const config = JSON.parse(await readFile(join(QUERIES, "pgtyped.json"), "utf8")) as { transforms: object[]; srcDir: string };
  config.transforms = config.transforms.map((transform) => ({ ...transform, emitTemplate: join(output, "{{name}}.queries.ts") }));
  await writeFile(join(output, "pgtyped.json"), JSON.stringify(config));
  const cli = join(QUERIES, "node_modules/@pgtyped/cli/lib/index.js");
  // No more environment than this: PgTyped would prefer a PGHOST of the person's over the URL.
  await run(process.execPath, [cli, "--config", join(output, "pgtyped.json"), "--uri", url], { PATH: process.env["PATH"] });
}

/** Runs a program in the project's root and shows what it said only when it failed. */
async function run(program: string, parameters: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(program, parameters, { cwd: ROOT, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) => child.on("error", fail).on("close", done));
  // PgTyped reports some faults and ends with 0 all the same.
  if (code !== 0 || /Error processing|Error in query|Connection failed/i.test(said)) {
    throw new Error(`${program} ${parameters.join(" ")} failed (${code}):\n${said}`);
  }
}
