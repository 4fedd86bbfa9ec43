/** `calends …` as a person would run it, on one database that stays open: to open an embedded one anew for each command takes seconds. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { runCli } from "../../src/cli/cli.ts";
import type { Cli, Output } from "../../src/cli/command.ts";
import type { Database } from "../../src/db/database.ts";
import type { Clock } from "../../src/domain/clock.ts";
import { openTestDatabase } from "./db.ts";

export interface CommandOptions {
  /** A terminal's, or one that comes in pieces, as a stream. */
  stdin?: string | Cli["stdin"];
  /** Beside what all commands of this test have; a DATABASE_URL or DATA_DIR stands in place of the open database. */
  env?: Record<string, string>;
  stopping?: AbortSignal;
}

export interface TestCommands extends AsyncDisposable {
  /** For files of this test. */
  folder: string;
  database: Database;
  /** Runs one command and gathers what it says. */
  calends(words: readonly string[], options?: CommandOptions): Promise<{ code: number; out: string; err: string }>;
}

/** `commands = closing.use(await openTestCommands())`. */
export async function openTestCommands({
  env = {},
  clock = () => new Date(),
  user = "tester",
}: { env?: Record<string, string>; clock?: Clock; user?: string } = {}): Promise<TestCommands> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "calends-commands-"));
  opening.defer(() => rm(folder, { recursive: true }));
  const { database } = opening.use(await openTestDatabase());
  const environment = { NODE_URL: "https://events.example", LOG_LEVEL: "silent", DATA_DIR: join(folder, "data"), ...env };
  const opened = opening.move();
  return {
    folder,
    database,
    async calends(words, options = {}) {
      const stdout: Output = new PassThrough();
      const stderr: Output = new PassThrough();
      const gathered = Promise.all([stdout, stderr].map((stream) => Array.fromAsync(stream as PassThrough)));
      const code = await runCli([...words], {
        env: { ...environment, ...options.env },
        clock,
        stdin: typeof options.stdin === "object" ? options.stdin : Readable.from([options.stdin ?? ""]),
        stdout,
        stderr,
        stopping: options.stopping ?? new AbortController().signal,
        user,
        ...(options.env?.["DATABASE_URL"] === undefined && options.env?.["DATA_DIR"] === undefined && { database }),
      });
      stdout.end();
      stderr.end();
      const [out, err] = (await gathered).map((chunks) => Buffer.concat(chunks as Buffer[]).toString());
      return { code, out: out!, err: err! };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
