/**
 * What the HTTP room is handed, and what a request carries through it. Everything comes from here: no globals, no
 * environment, no wall clock.
 */
import type { HttpBindings } from "@hono/node-server";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Logger } from "pino";
import type { Registry as Metrics } from "prom-client";
import type { Database } from "../db/database.ts";
import type { Clock } from "../domain/clock.ts";
import type { Role } from "../domain/vocabulary.ts";
import type { Caller, Registry } from "../registry/context.ts";
import type { Search } from "../search/search.ts";

/** Requests per minute by role; null: as many as they like. */
export type Rates = Readonly<Record<Role, number | null>>;

export interface Limits {
  rates: Rates;
  /** Largest bodies in bytes, and most events of a batch. */
  eventBodyBytes: number;
  batchBodyBytes: number;
  batchItems: number;
  /** How many proxies in front of the node may be believed about X-Forwarded-For; 0: none. */
  trustedProxies: number;
}

export const DEFAULT_LIMITS: Limits = {
  rates: { public: 60, agent: 300, peer: 500, admin: null },
  eventBodyBytes: 256 * 1024,
  batchBodyBytes: 10 * 1024 * 1024,
  batchItems: 1_000,
  trustedProxies: 0,
};

export interface HttpParts {
  registry: Registry;
  /** Writes, and reads that must see them. */
  database: Database;
  /** Public reads; may lag behind. The same one where there is no replica. */
  readDatabase: Database;
  /** Over `readDatabase`. */
  search: Search;
  /** Over `database`, where that is another one: for those who may have just written. */
  freshSearch?: Search | undefined;
  /** Public base URL, without a slash at its end. */
  base: string;
  nodeName: string;
  /** Where the map's pictures come from; without, it shows points on a plain ground. */
  tiles?: { url: string; attribution?: string } | undefined;
  /** Of this software, for /.well-known/sel-profile and OpenAPI. */
  version: string;
  secrets: { adminKey?: string | undefined };
  clock: Clock;
  log: Logger;
  /** A prom-client registry of this node's own. */
  metrics: Metrics;
  limits: Limits;
  /** What this node may dial although it is not public ("host:port", an address, a CIDR); none unless told. */
  fetchAllow?: readonly string[] | undefined;
  /** Aborted when the node begins to stop: streams end, /readyz says no. */
  closing: AbortSignal;
  /** The feed's routes (feeds.ts), where this node has a feed. */
  feed?: HttpApp | undefined;
  /** Dead letters by queue, for /metrics. */
  deadLetters?: (() => Promise<Record<string, number>>) | undefined;
}

/** A caller as HTTP knows it: who, by which key, at which rate. */
export interface Principal extends Caller {
  requestId: string;
  /** What idempotency keys and rates are kept by: "key:UUID", "admin" or "address:…". */
  principal: string;
  /** Id of the key, where one of the table was sent. */
  keyId?: string | undefined;
  perMinute: number | null;
}

export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: { requestId: string; caller: Principal; route: string };
}
export type HttpApp = OpenAPIHono<HttpEnv>;
export type HttpContext = Context<HttpEnv>;
