/** A node's HTTP server over a test's database, reached through real sockets: `await using node = await openTestNode()`. */
import { pino } from "pino";
import { Registry as Metrics } from "prom-client";
import type { RegistryJob } from "../../src/registry/context.ts";
import type { Database } from "../../src/db/database.ts";
import type { Embedder } from "../../src/domain/embedder.ts";
import { refreshWords } from "../../src/db/search-words.ts";
import { createMint } from "../../src/domain/iri.ts";
import { DEFAULT_LIMITS, type HttpParts, type Limits } from "../../src/http/parts.ts";
import { createLexicalHash } from "../../src/search/embedders/lexical-hash.ts";
import { createToVector } from "../../src/search/query-vector.ts";
import { createSearch } from "../../src/search/search.ts";
import { serve, type ServerOptions } from "../../src/http/server.ts";
import { createKey, type KeyRequest } from "../../src/registry/api-keys.ts";
import { embedEvents } from "../../src/registry/embed-events.ts";
import { applyRun } from "../../src/registry/apply-run.ts";
import type { Caller, Registry } from "../../src/registry/context.ts";
import { ensureSource, type NewSource } from "../../src/registry/sources.ts";
import { openTestDatabase } from "./db.ts";

export const ADMIN_KEY = "an-admin-key-for-tests-only";
/** No test but those of the rates is to meet one. */
const UNHURRIED: Limits = { ...DEFAULT_LIMITS, rates: { public: null, agent: null, peer: null, admin: null } };

export interface TestNode extends AsyncDisposable {
  url: string;
  base: string;
  port: number;
  database: Database;
  registry: Registry;
  closing: AbortController;
  /** Log lines written so far, parsed. */
  log: Record<string, unknown>[];
  /** Moves the node's clock on. */
  pass(milliseconds: number): void;
  /** Requests `path` with this key ("" for none). */
  ask(path: string, options?: Ask): Promise<Response>;
  /** A key of this role; an agent's speaks for a source of that name, made where there is none. */
  key(role: KeyRequest["role"], more?: Partial<KeyRequest> & { trustLevel?: number }): Promise<string>;
  /** Does the jobs that requests have left. */
  work(): Promise<void>;
  stop(): Promise<void>;
}

export interface Ask {
  method?: string;
  key?: string;
  body?: unknown;
  type?: string;
  accept?: string;
  headers?: Record<string, string>;
  raw?: string | Uint8Array<ArrayBuffer> | ReadableStream;
}

export interface TestNodeOptions {
  limits?: Partial<Limits>;
  server?: Partial<ServerOptions>;
  parts?: Partial<HttpParts>;
  base?: string;
  start?: string;
  /** What makes a query's vector; without, search goes by words alone. */
  embedder?: Embedder;
  /** Another node's, which stays open: to open one takes a while. */ database?: Database;
}

export async function openTestNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const test = options.database === undefined ? await openTestDatabase() : undefined;
  const database = options.database ?? test!.database;
  let now = Date.parse(options.start ?? "2026-05-01T12:00:00Z");
  const clock = () => new Date(now);
  const jobs: RegistryJob[] = [];
  const log: Record<string, unknown>[] = [];
  const closing = new AbortController();
  const logger = pino({ level: "info" }, { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) });
  const openEmbedder = () => Promise.resolve(options.embedder ?? createLexicalHash());
  const search = createSearch({ database, clock, toVector: createToVector({ openEmbedder, openOlder: openEmbedder, log: logger }) });
  const mint = createMint();
  let registry!: Registry;
  const running = await serve(
    (port) => {
      const base = options.base ?? `http://localhost:${port}`;
      registry = { database, clock, mint, base, horizonDays: 550, tzdata: "test", enqueue: async (_, job) => void jobs.push(job) };
      return {
        registry,
        database,
        readDatabase: database,
        search,
        base,
        nodeName: "Test node",
        version: "0.0.0",
        secrets: { adminKey: ADMIN_KEY },
        clock,
        log: logger,
        metrics: new Metrics(),
        closing: closing.signal,
        limits: { ...UNHURRIED, ...options.limits },
        ...options.parts,
      };
    },
    { port: 0, host: "127.0.0.1", drainMs: 2_000, ...options.server },
  );

  const keeper: Caller = { actor: "test", role: "admin" };
  let stopped: Promise<void> | undefined;
  const stop = () => {
    closing.abort();
    return (stopped ??= running.close());
  };
  return {
    url: running.url,
    port: running.port,
    base: registry.base,
    database,
    registry,
    closing,
    log,
    stop,
    pass: (milliseconds) => void (now += milliseconds),
    ask(path, { method, key, body, type, accept, headers, raw } = {}) {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      return fetch(path.startsWith("http") ? path : running.url + path, {
        method: method ?? (sent === undefined ? "GET" : "POST"),
        redirect: "manual",
        headers: {
          ...(key && { authorization: `Bearer ${key}` }),
          ...(sent !== undefined && { "content-type": type ?? "application/ld+json" }),
          ...(accept && { accept }),
          ...headers,
        },
        ...(sent !== undefined && { body: sent }),
      });
    },
    async key(role, { trustLevel, ...more } = {}) {
      const source: NewSource | undefined =
        role === "agent" ? { name: more.source ?? "City calendar", type: "api", licenseStatus: "cc0", trustLevel } : undefined;
      return database.transact(async (tx) => {
        if (source !== undefined) await ensureSource(registry, tx, source);
        return (await createKey(registry, keeper, tx, { name: `${role} key`, ...more, role, ...(source && { source: source.name }) }))
          .secret;
      });
    },
    async work() {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        if (job.queue === "apply-run") await applyRun(registry, job.runId);
        if (job.queue === "count-words") await database.transact(refreshWords);
        if (job.queue === "embed-events" && options.embedder !== undefined) {
          const warn = (details: object, message: string) => logger.warn(details, message);
          await embedEvents({ database, clock, embedder: options.embedder, openOlder: openEmbedder, warn });
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await test?.[Symbol.asyncDispose]();
    },
  };
}

/** A response's JSON, to be looked into freely. */
export const jsonOf = async (response: Response | Promise<Response>): Promise<any> => (await response).json();

/** A schema.org event that any node takes. */
export function anEvent(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    "@context": "https://schema.org",
    "@type": "MusicEvent",
    name: "Lantern Quartet",
    startDate: "2026-05-08T20:00:00-04:00",
    location: {
      "@type": "Place",
      name: "Backroom",
      address: { "@type": "PostalAddress", addressLocality: "Toronto", addressRegion: "ON", addressCountry: "CA" },
      geo: { "@type": "GeoCoordinates", latitude: 43.66, longitude: -79.42 },
    },
    ...more,
  };
}
