#!/usr/bin/env node
/**
 * `npx calends …`: runs src/main.ts on a Node that can (24 or later): this one, else the one pinned in devDependencies.
 * Plain JavaScript, because an older Node must be able to read it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const pinned = fileURLToPath(new URL(`../node_modules/node/bin/node${process.platform === "win32" ? ".exe" : ""}`, import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= 24) {
  process.argv[1] = main;
  await import("../src/main.ts");
} else if (existsSync(pinned)) {
  runOn(pinned);
} else {
  console.error(`calends needs Node 24 or later and this is ${process.version}: run "npm ci" in the checkout, which brings it along.`);
  process.exitCode = 1;
}

/** Stands in for the other Node: passes signals on, and ends the way it ends. */
function runOn(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  const listeners = new Map(
    ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => [
      signal,
      () => {
        // A terminal sends Ctrl-C to the child as well; a second one would read as "stop at once".
        if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
      },
    ]),
  );
  for (const [signal, listener] of listeners) process.on(signal, listener);
  child.on("error", (error) => {
    console.error(`calends could not start ${node}: ${error.message}. Run "npm ci" again.`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    for (const [name, listener] of listeners) process.off(name, listener);
    if (signal === null) process.exit(code ?? 1);
    process.kill(process.pid, signal);
  });
}
