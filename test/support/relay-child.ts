/** A relay in a process of its own, so that a test can kill it: `node relay-child.ts DATABASE_URL BASE NATS_URL`. */
import { setTimeout as wait } from "node:timers/promises";
import { openServer } from "../../src/db/server.ts";
import { createFeedSignal } from "../../src/feed/signal.ts";
import { runRelay } from "../../src/federation/nats/relay.ts";

const [databaseUrl, base, url] = process.argv.slice(2);
if (databaseUrl === undefined || base === undefined || url === undefined)
  throw new Error("usage: relay-child.ts DATABASE_URL BASE NATS_URL");
const say = (facts: object, message: string) => console.error(message, facts);
const log = { info: () => undefined, warn: say, error: say };
const database = openServer({ url: databaseUrl, connections: 2 });
runRelay({
  registry: { database, base, clock: () => new Date() },
  to: { url, stream: "CALENDS", prefix: "calends" },
  signal: createFeedSignal({ database, log }),
  log,
  random: Math.random,
  wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
  window: 20,
  patience: 300,
});
process.send?.("running");
// A test that was broken off leaves nobody behind.
process.on("disconnect", () => process.exit());
