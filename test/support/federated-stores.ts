/** Where the three nodes of test/e2e/federation.test.ts keep their data: on a PostgreSQL server that can be killed, or each in a folder. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Database } from "../../src/db/database.ts";
import { openDatabase } from "../../src/db/open.ts";
import { makeEmbedded, openTestDatabase } from "./db.ts";

export const NAMES = ["a", "b", "c"] as const;
export type Name = (typeof NAMES)[number];

export interface Store extends AsyncDisposable {
  env: Record<Name, Record<string, string>>;
  /** The same databases, for a look; while the nodes run, only where they are on a server. */
  open(name: Name): Promise<Database>;
  /** kill -9 of the server under all three, and its start. */
  crashServer?: () => Promise<void>;
}

/** A program that runs servers: `TOOL up|kill|wipe PORT`, `TOOL createdb NAME PORT`; `up` and `createdb` print an address last. */
const tool = process.env["CRASH_POSTGRES_TOOL"];
export const hasTool = tool !== undefined && existsSync(tool);

/** Three databases on a server of their own, where a tool can make one; else on that of the tests. */
export async function onServer(): Promise<Store> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "calends-federation-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const urls: Partial<Record<Name, string>> = {};
  let crashServer: Store["crashServer"];
  if (hasTool) {
    const port = process.env["CRASH_POSTGRES_PORT"] ?? "55441";
    const run = async (...words: string[]) =>
      (await promisify(execFile)(tool!, words, { timeout: 300_000 })).stdout.trim().split("\n").at(-1) ?? "";
    await run("up", port);
    stack.defer(async () => void (await run("wipe", port)));
    for (const name of NAMES) urls[name] = await run("createdb", `calends_${name}`, port);
    crashServer = async () => {
      await run("kill", port).catch((error: unknown) => {
        // One of the server's processes had ended by itself just then.
        if (!String(error).includes("No such process")) throw error;
      });
      await run("up", port);
    };
  } else for (const name of NAMES) urls[name] = stack.use(await openTestDatabase()).url!;
  const owned = stack.move();
  const each = (name: Name) => ({ DATABASE_URL: urls[name]!, DATA_DIR: join(folder, name) });
  return {
    env: { a: each("a"), b: each("b"), c: each("c") },
    open: async (name) => (await openDatabase({ url: urls[name]!, connections: 2, onIdleError: () => undefined })).database,
    ...(crashServer && { crashServer }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Three folders, each with a migrated database: to make one takes longer than all else that a node's first start does. */
export async function inFolders(): Promise<Store> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "calends-federation-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const each = (name: Name) => ({ DATA_DIR: join(folder, name) });
  const [first, ...others] = NAMES;
  await makeEmbedded(join(folder, first));
  for (const name of others) await cp(join(folder, first), join(folder, name), { recursive: true });
  const owned = stack.move();
  return {
    env: { a: each("a"), b: each("b"), c: each("c") },
    open: async (name) => (await openDatabase({ folder: join(folder, name) })).database,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
