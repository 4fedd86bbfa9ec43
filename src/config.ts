/**
 * What a node is told from outside. Three functions, so that tests pass objects and secrets travel apart:
 * readEnv reads the process once (nothing else does), parseConfig and parseSecrets are pure.
 */
import { isIP } from "node:net";
import { z } from "zod";

export type Env = Readonly<Record<string, string | undefined>>;

export const ROLES = ["api", "worker", "sequencer", "relay"] as const;
export type Role = (typeof ROLES)[number];

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Numbers that an operator seldom needs; every one has a default that suits a small server. */
export interface Tuning {
  /** Changes on one feed page; a closed page has exactly this many. */
  feedPageSize: number;
  /** How often the sequencer looks when nothing woke it, in milliseconds. */
  sequencerTickMs: number;
  /** Outbox rows that the sequencer numbers in one transaction. */
  sequencerBatch: number;
  /** Connections of one pool to a server (the embedded database has one). */
  poolSize: number;
  /** A statement of the API that takes longer is cancelled, in milliseconds. */
  statementTimeoutMs: number;
  /** Largest body of one event and of a batch, in bytes. */
  eventBodyBytes: number;
  batchBodyBytes: number;
  /** Most events of one batch. */
  batchItems: number;
  /** How long a stop waits for requests under way, in milliseconds. */
  drainMs: number;
}

export const DEFAULT_TUNING: Readonly<Tuning> = {
  feedPageSize: 500,
  sequencerTickMs: 250,
  sequencerBatch: 2_000,
  poolSize: 20,
  statementTimeoutMs: 30_000,
  eventBodyBytes: 256 * 1024,
  batchBodyBytes: 10 * 1024 * 1024,
  batchItems: 1_000,
  drainMs: 10_000,
};

/** How text becomes vectors for the semantic leg of the search. */
export type Embeddings =
  | { provider: "lexical-hash" }
  | { provider: "openai"; url: string; model: string }
  | { provider: "transformers"; model: string };

/** Everything a node is told but its secrets; safe to log. */
export interface NodeConfig {
  /** 0: any free port. */
  port: number;
  host: string;
  /** Public base of every minted @id, without a slash at its end; absent: http://localhost:PORT. */
  nodeUrl?: string;
  nodeName: string;
  /** Where the map of the search page gets its pictures; absent: points on a plain ground. */
  tiles?: { url: string; attribution?: string };
  /** Folder of the embedded database, used where no DATABASE_URL is given. */
  dataDir: string;
  roles: ReadonlySet<Role>;
  embeddings: Embeddings;
  logLevel: LogLevel;
  /** IANA zone for sources that give none; absent: such input is refused unless it is a date. */
  defaultTimezone?: string;
  /** Occurrences of recurring events stand in the database for so many days ahead; queries beyond expand as they read. */
  horizonDays: number;
  env: "production" | "development" | "test";
  /** Requests per minute and key, or client address for the public; null: as many as they like. */
  rates: { public: number | null; agent: number | null; peer: number | null; admin: null };
  /** Proxies in front of the node that may be believed about X-Forwarded-For. */
  trustedProxies: number;
  /** The stream of NATS JetStream that the log is mirrored to by the role `relay`, and the first tokens of its subjects. */
  nats: { stream: string; prefix: string };
  /** What the node may dial although it is not public: "host:port", an address, a CIDR; absent: nothing. */
  fetchAllow?: readonly string[];
  tuning: Tuning;
}

/** Never logged, never part of NodeConfig. The database URLs stand here because they carry passwords. */
export interface Secrets {
  adminKey?: string;
  databaseUrl?: string;
  databaseReadUrl?: string;
  /** One broker, or several of one cluster parted by commas; here because it may carry a password. */
  natsUrl?: string;
  /** Bearer key for EMBEDDINGS=openai:…, where its server wants one. */
  embeddingsKey?: string;
}

/** A variable has a value that cannot be used. The message is one line that names it and what was expected. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

const integer = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);

const rate = z.union([z.literal("unlimited").transform(() => null), integer(1, 1_000_000)]);

const webUrl = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain =
    url !== undefined && ["http:", "https:"].includes(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
  if (!plain) {
    context.addIssue({ code: "custom", message: "no plain web URL" });
    return z.NEVER;
  }
  return url.href.replace(/\/+$/, "");
});

/** As Leaflet names tiles; the browser, not the node, asks for them. */
const tileUrl = z
  .string()
  .refine((text) => /^https?:\/\/[^\s{}/@]+\//.test(text) && ["{z}", "{x}", "{y}"].every((part) => text.includes(part)));

const postgresUrl = z.string().refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol));

const natsUrls = z
  .string()
  .transform((text) => text.split(",").map((each) => each.trim()))
  .refine((each) => each.every((url, n) => isNatsUrl(url) && (n === 0 || !url.includes("@"))))
  .transform((each) => each.join(","));

function isNatsUrl(text: string): boolean {
  const url = /^(nats|tls):\/\/[^/]+\/?$/.test(text) ? URL.parse(text) : null;
  if (url === null) return false;
  try {
    return decodeURIComponent(url.username + url.password) !== undefined;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

const timezone = z.string().refine((name) => {
  // An offset such as "+02:00" passes Intl but is no zone: it has no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
});

const roles = z
  .string()
  .transform((text) => text.split(",").map((role) => role.trim()))
  .pipe(z.array(z.enum(ROLES)).min(1));

const embeddings = z.string().transform((text, context): Embeddings => {
  if (text === "lexical-hash") return { provider: "lexical-hash" };
  const model = /^transformers:(.+)$/.exec(text)?.[1];
  if (model !== undefined) return { provider: "transformers", model };
  const [, url, name] = /^openai:(https?:\/\/[^#]+)#(.+)$/.exec(text) ?? [];
  if (url !== undefined && name !== undefined && URL.canParse(url)) return { provider: "openai", url, model: name };
  context.addIssue({ code: "custom", message: "no embedder" });
  return z.NEVER;
});

const fetchAllow = z
  .string()
  .transform((text) => text.split(",").map((entry) => entry.trim()))
  .refine((entries) => entries.every(isAllowEntry));

/** "intranet.example:443", "[::1]:8080", "127.0.0.2", "10.1.0.0/16". */
function isAllowEntry(entry: string): boolean {
  const [, address = entry, bits] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = isIP(address);
  if (family !== 0) return bits === undefined || Number(bits) <= (family === 4 ? 32 : 128);
  const [, host, port] = /^(\[[\da-fA-F:.]+\]|[^\s:/@?#[\]]+):(\d{1,5})$/.exec(entry) ?? [];
  return host !== undefined && URL.canParse(`http://${host}`) && Number(port) >= 1 && Number(port) <= 65_535;
}

/** The environment as it is now; a copy, so that later changes of the process do not reach a running node. */
export function readEnv(env: Env = process.env): Env {
  return { ...env };
}

/** `parseConfig({ PORT: "9000" })` -> the node's settings; throws a ConfigError of one line. */
export function parseConfig(env: Env): NodeConfig {
  const nodeUrl = read(env, "NODE_URL", webUrl, "an http(s) URL without query, fragment or password, such as https://events.example.org");
  const tiles = read(
    env,
    "TILE_URL",
    tileUrl,
    "a URL of map tiles with {z}, {x} and {y}, such as https://tiles.example.org/{z}/{x}/{y}.png",
  );
  const attribution = read(env, "TILE_ATTRIBUTION", z.string().trim().max(300), "up to 300 characters: whose map the tiles are");
  const allowed = read(env, "FETCH_ALLOW", fetchAllow, "HOST:PORT, an address or ADDRESS/BITS, parted by commas");
  const defaultTimezone = read(env, "DEFAULT_TIMEZONE", timezone, "an IANA time zone, such as America/Toronto");
  return {
    port: read(env, "PORT", integer(0, 65_535), "a port from 0 (any free one) to 65535") ?? 8080,
    host: read(env, "HOST", z.string().regex(/^[\w.:%-]+$/), "a host name or address to listen on, such as 127.0.0.1") ?? "127.0.0.1",
    ...(nodeUrl !== undefined && { nodeUrl }),
    nodeName: read(env, "NODE_NAME", z.string().trim().min(1).max(200), "a name of 1 to 200 characters") ?? "Calends",
    ...(tiles !== undefined && { tiles: { url: tiles, ...(attribution !== undefined && { attribution }) } }),
    dataDir: read(env, "DATA_DIR", z.string(), "a folder") ?? "./data",
    roles: readRoles(env),
    embeddings: read(env, "EMBEDDINGS", embeddings, "lexical-hash, openai:URL#model or transformers:MODEL") ?? { provider: "lexical-hash" },
    logLevel: read(env, "LOG_LEVEL", z.enum(LOG_LEVELS), `one of ${LOG_LEVELS.join(", ")}`) ?? "info",
    ...(defaultTimezone !== undefined && { defaultTimezone }),
    horizonDays: read(env, "SERIES_HORIZON_DAYS", integer(31, 3_660), "days from 31 to 3660") ?? 550,
    env: read(env, "NODE_ENV", z.enum(["production", "development", "test"]), "production, development or test") ?? "production",
    rates: {
      public: readRate(env, "PUBLIC_RATE", 60),
      agent: readRate(env, "AGENT_RATE", 300),
      peer: readRate(env, "PEER_RATE", 500),
      admin: null,
    },
    trustedProxies: read(env, "TRUSTED_PROXIES", integer(0, 100), "how many proxies stand in front, 0 to 100") ?? 0,
    nats: {
      stream: read(env, "NATS_STREAM", z.string().regex(/^[\w-]{1,200}$/), "a name of letters, digits, - and _") ?? "CALENDS",
      prefix:
        read(env, "NATS_SUBJECT_PREFIX", z.string().regex(/^[\w-]+(\.[\w-]+)*$/), "tokens parted by dots, such as events.toronto") ??
        "calends",
    },
    ...(allowed !== undefined && { fetchAllow: allowed }),
    tuning: { ...DEFAULT_TUNING },
  };
}

/** Without ROLES a process does all there is to do: the relay only where it is said where to. */
function readRoles(env: Env): Set<Role> {
  const relays = env["NATS_URL"] !== undefined && env["NATS_URL"].trim() !== "";
  const named = read(env, "ROLES", roles, `a list of ${ROLES.join(", ")}, parted by commas`);
  if (named?.includes("relay") && !relays) throw new ConfigError("ROLES names relay but NATS_URL is not set; set it to nats://HOST:4222");
  return new Set(named ?? ROLES.filter((role) => role !== "relay" || relays));
}

function readRate(env: Env, name: string, otherwise: number): number | null {
  const given = read(env, name, rate, "requests per minute, or the word unlimited");
  return given === undefined ? otherwise : given;
}

/** The secrets of the environment; a bad one is named, but its value is not repeated. */
export function parseSecrets(env: Env): Secrets {
  const expectedUrl = "a PostgreSQL URL, such as postgres://user@host:5432/name";
  const adminKey = read(
    env,
    "ADMIN_KEY",
    z.string().regex(/^[\x21-\x7e]+$/),
    "visible ASCII characters without spaces (16 or more, chosen at random)",
    "secret",
  );
  const databaseUrl = read(env, "DATABASE_URL", postgresUrl, expectedUrl, "secret");
  const databaseReadUrl = read(env, "DATABASE_READ_URL", postgresUrl, expectedUrl, "secret");
  const embeddingsKey = read(
    env,
    "EMBEDDINGS_API_KEY",
    z.string().regex(/^[\x21-\x7e]+$/),
    "visible ASCII characters without spaces",
    "secret",
  );
  const natsUrl = read(
    env,
    "NATS_URL",
    natsUrls,
    "nats://HOST:PORT or tls://HOST:PORT, several parted by commas, with a user and password (% is written %25) in the first alone",
    "secret",
  );
  if (databaseReadUrl !== undefined && databaseUrl === undefined) {
    throw new ConfigError("DATABASE_READ_URL is set but DATABASE_URL is not; give both, or neither for the embedded database");
  }
  return {
    ...(adminKey !== undefined && { adminKey }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(databaseReadUrl !== undefined && { databaseReadUrl }),
    ...(natsUrl !== undefined && { natsUrl }),
    ...(embeddingsKey !== undefined && { embeddingsKey }),
  };
}

/** An empty variable counts as unset: compose files and shells pass `NAME=` for "nothing". */
function read<T>(env: Env, name: string, schema: z.ZodType<T>, expected: string, secrecy?: "secret"): T | undefined {
  const value = env[name];
  if (value === undefined || value.trim() === "") return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const given = secrecy === undefined ? ` "${value.replace(/\s+/g, " ").slice(0, 100)}"` : "";
  throw new ConfigError(`${name}${given} is not usable: expected ${expected}`);
}

/** The edition of the IANA time zone database that this process knows: "2026a". */
export const tzdataVersion = (): string => process.versions["tz"] ?? "unknown";
