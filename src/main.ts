/**
 * argv and environment -> a command. Only here are signals heard: the first SIGTERM or SIGINT lets the command finish
 * what is under way, the second ends the process at once.
 */
import { userInfo } from "node:os";
import process from "node:process";
import { runCli } from "./cli/cli.ts";
import { readEnv } from "./config.ts";

const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort(signal);
  });
}
// `calends export | head` closes our standard output; there is nobody left to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  env: readEnv(),
  clock: () => new Date(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stopping: stopping.signal,
  user: userName(),
});

// A library may have left a socket open, which would keep this process for ever; whoever still reads what it said may read on.
setInterval(() => {
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}, 5_000).unref();

/** A container's user may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
