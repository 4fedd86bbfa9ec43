/** Databases of a run on the server of DATABASE_URL: made from one migrated template, dropped when the run ends. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import pg from "pg";
import { migrate } from "../../src/db/migrate.ts";
import { openServer } from "../../src/db/server.ts";

export interface Server extends AsyncDisposable {
  /** Settings on which durability hangs, as the server says them. */
  settings: string;
  /** A fresh database with the newest schema and nothing in it; `from` copies another one of this run. */
  fresh(from?: string): Promise<string>;
  drop(url: string): Promise<void>;
}

/** Opens the server; every database of this run has a name of its own. */
export async function openBenchServer(url: string): Promise<Server> {
  const run = `calends_bench_${randomBytes(4).toString("hex")}`;
  const made: string[] = [];
  const template = await create(`${run}_template`, undefined);
  await using migrating = openServer({ url: template, connections: 1 });
  await migrate(migrating);

  async function create(name: string, from: string | undefined): Promise<string> {
    await query(url, `create database ${name}${from === undefined ? "" : ` template ${from}`}`);
    made.push(name);
    const mine = new URL(url);
    mine.pathname = `/${name}`;
    return mine.href;
  }
  const drop = (name: string) => query(url, `drop database if exists ${name} with (force)`);
  const [row] = await query<Record<string, string>>(
    url,
    `select version(), current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
    current_setting('full_page_writes') as full_page_writes, current_setting('shared_buffers') as shared_buffers`,
  );
  const { version, ...settings } = row!;
  return {
    settings: [version!.split(" on ")[0], ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)].join(", "),
    fresh: (from) => create(`${run}_${made.length}`, from === undefined ? `${run}_template` : nameOf(from)),
    drop: async (dropped) => void (await drop(nameOf(dropped))),
    async [Symbol.asyncDispose]() {
      for (const name of made.toReversed()) await drop(name);
    },
  };
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** One statement on a connection of its own. */
export async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Runs a program of PostgreSQL's client tools; rejects with what to install or with what it said. */
export async function runTool(program: "psql" | "pgbench", parameters: readonly string[], input = ""): Promise<string> {
  const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "pipe"] });
  const said: Buffer[] = [];
  const complained: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => said.push(part));
  child.stderr.on("data", (part: Buffer) => complained.push(part));
  child.on("spawn", () => child.stdin.end(input));
  const ended = once(child, "close") as Promise<[number | null]>;
  try {
    const [code] = await ended;
    if (code !== 0) throw new Error(`${program} failed: ${Buffer.concat(complained).toString().trim()}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(`${program} is not installed: install PostgreSQL's client programs (Debian: postgresql-client, postgresql).`, {
      cause: error,
    });
  }
  return Buffer.concat(said).toString();
}
