/**
 * `node test/bench/bootstrap.ts [--events 100000]`: a fresh node copies a peer by its snapshot and tail, a second one from its closed
 * pages alone; both must equal the source. Rates are told against the import of the same events in the same run (needs DATABASE_URL).
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { importEvents, openQuietNode } from "./context.ts";
import { openBenchServer } from "./database.ts";
import { syntheticEvents } from "./events.ts";
import { openFollower, pullAll, serveEvents, shownHash, statementsHash, viewHash } from "./pulling.ts";

const { values } = parseArgs({ options: { events: { type: "string", default: "100000" } } });
const events = Number(values.events);
const url = process.env["DATABASE_URL"];
if (!url || !(events > 0)) throw new Error("Set DATABASE_URL to a PostgreSQL server that may make databases; --events is a number.");

const folder = await mkdtemp(join(tmpdir(), "calends-bootstrap-"));
await using stack = new AsyncDisposableStack();
stack.defer(() => rm(folder, { recursive: true }));
const server = stack.use(await openBenchServer(url));

const file = join(folder, "events.jsonl");
await writeFile(file, syntheticEvents(events));
const alone = await server.fresh();
const imported = await importAlone(alone);
console.log(`import: ${imported.toFixed(0)} events/s`);
await server.drop(alone);

const source = await server.fresh();
const serving = stack.use(await serveEvents(source, file, await mkdtemp(join(folder, "source-"))));
const wanted = { said: await shownHash(source), shown: await viewHash(source) };
console.log(`source at ${serving.url}: ${wanted.said.count} entities`);

for (const way of ["snapshot", "pages"] as const) {
  const database = await server.fresh();
  const follower = await openFollower(database, await mkdtemp(join(folder, `${way}-`)), way);
  const started = process.hrtime.bigint();
  await pullAll(follower);
  const rate = events / (Number(process.hrtime.bigint() - started) / 1e9);
  const memory = process.resourceUsage().maxRSS / 1024;
  await follower.node[Symbol.asyncDispose]();
  const equal = (await statementsHash(database)).hash === wanted.said.hash && (await viewHash(database)).hash === wanted.shown.hash;
  console.log(
    `copy by ${way}: ${rate.toFixed(0)} events/s, ${(rate / imported).toFixed(2)} of the import; ${equal ? "equals the source" : "DIFFERS from the source"}; peak memory of this process so far ${memory.toFixed(0)} MiB`,
  );
  if (!equal) process.exitCode = 1;
  await server.drop(database);
}

async function importAlone(database: string): Promise<number> {
  await using node = await openQuietNode(database);
  return (await importEvents(node, file)).rate;
}
