/** The program as a process of its own: started, read line by line, signalled, and always gone at the end of the test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** All that it has said so far, by stream. */
  readonly said: { out: string; err: string };
  /** Resolves with the first line (of either stream, said before or later) that matches; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended and both streams are read: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** `await using node = startCalends(["serve"], { env: { PORT: "0", DATA_DIR: folder } })`. */
export function startCalends(
  words: readonly string[],
  { env = {}, cwd }: { env?: Record<string, string>; cwd?: string } = {},
): RunningProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DATABASE|NODE_|PORT|HOST|DATA_DIR|ADMIN_KEY|ROLES|LOG_LEVEL)/.test(name)),
  );
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { ...clean, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd !== undefined && { cwd }),
  });
  const said = { out: "", err: "" };
  const lines: string[] = [];
  const waiting = new Set<{ pattern: RegExp; resolve(found: RegExpExecArray): void; reject(error: Error): void }>();
  const hear = (stream: "out" | "err") => (line: string) => {
    said[stream] += `${line}\n`;
    lines.push(line);
    for (const one of waiting) {
      const found = one.pattern.exec(line);
      if (found !== null && waiting.delete(one)) one.resolve(found);
    }
  };
  createInterface(child.stdout).on("line", hear("out"));
  createInterface(child.stderr).on("line", hear("err"));
  const ended = once(child, "close").then(([code, signal]) => {
    for (const one of waiting)
      one.reject(
        new Error(`calends ${words.join(" ")} ended (${String(code ?? signal)}) without saying ${one.pattern}:\n${said.out}${said.err}`),
      );
    return (code ?? signal) as number | NodeJS.Signals;
  });
  return {
    pid: child.pid!,
    said,
    ended,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (found) resolve(found);
        else if (child.exitCode !== null || child.signalCode !== null)
          reject(new Error(`calends ${words.join(" ")} ended without saying ${pattern}:\n${said.out}${said.err}`));
        else waiting.add({ pattern, resolve, reject });
      }),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

export interface NodeProcess extends AsyncDisposable {
  /** Where it listens. */
  readonly url: string;
  readonly process: RunningProcess;
  /** Its log so far, a record a line; other lines are not JSON and left out. */
  log(): { level: number; msg?: string; [field: string]: unknown }[];
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has drained and ended; rejects unless it ended with 0. */
  stop(): Promise<void>;
}

/** An admin's key that every started node takes. */
export const NODE_ADMIN_KEY = "an-admin-key-for-tests-0123456789";

/** A node that serves (a fresh embedded database is twenty seconds of work, and several times that beside others): `await using node = await startNode({ DATA_DIR: folder })`. Rejects when it is not ready in `patience` milliseconds. */
export async function startNode(env: Record<string, string>, patience = 400_000): Promise<NodeProcess> {
  await using stack = new AsyncDisposableStack();
  const running = stack.use(startCalends(["serve"], { env: { PORT: "0", ADMIN_KEY: NODE_ADMIN_KEY, LOG_LEVEL: "info", ...env } }));
  const [, url = ""] = await within(patience, "calends serve printing its address", running.line(/Home +(http:\S+)\//));
  let ready: Response;
  // 408: it was too busy to read what it was asked. A fresh embedded node on a busy machine is.
  do ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(patience) });
  while (ready.status === 408);
  if (!ready.ok) throw new Error(`/readyz answers ${ready.status}:\n${running.said.err}`);
  const owned = stack.move();
  return {
    url,
    process: running,
    log: () =>
      running.said.err
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { level: number }),
    async kill() {
      running.kill("SIGKILL");
      await running.ended;
    },
    async stop() {
      running.kill("SIGTERM");
      const code = await within(patience, "calends serve ending", running.ended);
      if (code !== 0) throw new Error(`calends serve ended with ${code}:\n${running.said.err}`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a promise gives, or an error that names it when it takes longer. */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took more than ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
