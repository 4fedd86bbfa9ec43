/** A node that serves the API, on a database with a feed of some size, and the load on it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeCursor } from "../../src/feed/cursor.ts";
import { startChild, type Child } from "./child.ts";
import { BASE, importEvents, numberAll, openQuietNode, type Bench } from "./context.ts";
import { query } from "./database.ts";
import { syntheticEvents } from "./events.ts";
import type { LoadResult } from "./load.ts";
import type { Ratio } from "./rounds.ts";

export const CONNECTIONS = 8;
/** Changes on a live page. */
export const PAGE = 500;
/** An admin has no rate; otherwise the limiter would be measured. */
const ADMIN_KEY = "benchmark-only-admin-key";
export const AUTHORIZATION = { authorization: `Bearer ${ADMIN_KEY}` };

export interface Running {
  url: string;
  port: number;
  head: { epoch: string; position: number };
  livePaths: string[];
  /** Requests a second, of the node or of another port. */
  load: (paths: string[], headers: Record<string, string>, port?: number) => Promise<number>;
}

/** Measures a node that only serves the API, with the settings and the log of `npm start`. */
export async function withNode(bench: Bench, measure: (running: Running) => Promise<Ratio[]>): Promise<Ratio[]> {
  const url = await bench.server.fresh();
  const file = join(bench.folder, "events.jsonl");
  await writeFile(file, syntheticEvents(bench.events));
  {
    await using quiet = await openQuietNode(url);
    await importEvents(quiet, file);
  }
  await numberAll(url);
  await query(url, "vacuum analyze");
  const [head] = await query<{ epoch: string; position: string }>(url, "select epoch, position from feed_head");
  const position = Number(head!.position);
  const port = await freePort();
  await using node = await serve(url, port);
  await using generator = startChild("load.ts");
  const livePaths = Array.from(
    { length: Math.floor(position / PAGE) },
    (_, n) => `/api/v1/feeds/changes?limit=${PAGE}&since=${encodeCursor({ epoch: head!.epoch, position: n * PAGE })}`,
  );
  const load = (paths: string[], headers: Record<string, string>, at = port) =>
    requestsPerSecond(generator, { paths, headers, port: at, milliseconds: bench.milliseconds });
  const ratios = await node.blame(measure({ url, port, head: { epoch: head!.epoch, position }, livePaths, load }));
  await node.stop();
  bench.say(`${ratios.map((one) => one.name).join(", ")}: done`);
  await bench.server.drop(url);
  return ratios;
}

async function requestsPerSecond(
  generator: Child,
  load: { paths: string[]; headers: Record<string, string>; port: number; milliseconds: number },
): Promise<number> {
  const { requests, seconds } = await generator.call<LoadResult>("load", { host: "127.0.0.1", connections: CONNECTIONS, ...load });
  return requests / seconds;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function serve(url: string, port: number) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("../../src/main.ts", import.meta.url)), "serve"], {
    env: { ...process.env, DATABASE_URL: url, PORT: String(port), NODE_URL: BASE, ROLES: "api", ADMIN_KEY },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaint = "";
  // Its log is read and dropped, as by a collector; its last lines are kept for when it does not come up.
  child.stderr.on("data", (part: Buffer) => (complaint = (complaint + part.toString("latin1", 0, 2_000)).slice(-2_000)));
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  const up = once(child.stdout, "data");
  const first = await Promise.race([up.then(() => "up"), ended.then(() => "ended")]);
  if (first === "ended") throw new Error(`The node did not start: ${complaint}`);
  child.stdout.resume();
  /** What fails while it runs is told together with its last words. */
  const blame = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw new Error(`${(cause as Error).message}\nThe node's log ends with:\n${complaint}`, { cause });
    }
  };
  return { stop, blame, [Symbol.asyncDispose]: stop };
}

/** An answer's bytes as they are sent, still compressed. */
export async function whole(
  port: number,
  path: string,
  headers: Record<string, string>,
): Promise<{ body: Buffer; headers: Record<string, string> }> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`GET ${path}: ${response.statusCode}`));
        const kept = ["content-type", "content-encoding", "etag", "cache-control", "vary"].flatMap((name) =>
          response.headers[name] === undefined ? [] : [[name, String(response.headers[name])]],
        );
        resolve({ body: Buffer.concat(parts), headers: Object.fromEntries(kept) });
      });
    })
      .on("error", reject)
      .end();
  });
}
