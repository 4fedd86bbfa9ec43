/** A node that serves the API of a loaded corpus in a process of its own, and what it sends to PostgreSQL when asked to tell. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { BASE } from "./context.ts";
import type { Statement } from "./search-capture.ts";

/** An admin has no rate; otherwise the limiter would be measured. */
const ADMIN_KEY = "benchmark-only-admin-key";
export const AUTHORIZATION = { authorization: `Bearer ${ADMIN_KEY}` };

export interface ApiNode extends AsyncDisposable {
  port: number;
  /** Statements since the last call; only of a node that captures. */
  statements(): Promise<Statement[]>;
  /** Its log's last lines. */
  lastWords(): string;
}

/** Starts `serve` with the API's role, as `npm start` would; with `capture`, under search-capture.ts. */
export async function startApiNode(url: string, { capture = false } = {}): Promise<ApiNode> {
  const port = await freePort();
  const hook = capture ? ["--import", new URL("search-capture.ts", import.meta.url).href] : [];
  const child = spawn(process.execPath, [...hook, fileURLToPath(new URL("../../src/main.ts", import.meta.url)), "serve"], {
    env: { ...process.env, DATABASE_URL: url, PORT: String(port), NODE_URL: BASE, ROLES: "api", ADMIN_KEY, LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
  });
  let complaint = "";
  child.stderr!.on("data", (part: Buffer) => (complaint = (complaint + part.toString()).slice(-3_000)));
  const ended = once(child, "exit");
  const first = await Promise.race([once(child.stdout!, "data").then(() => "up"), ended.then(() => "ended")]);
  if (first === "ended") throw new Error(`The node did not start: ${complaint}`);
  child.stdout!.resume();
  return {
    port,
    lastWords: () => complaint,
    async statements() {
      const told = once(child, "message") as Promise<[Statement[]]>;
      child.send("take");
      return (await told)[0];
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
