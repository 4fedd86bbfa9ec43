import { describe, expect, test } from "vitest";
import { ConfigError, DEFAULT_TUNING, parseConfig, parseSecrets, readEnv } from "./config.ts";

describe("what a node is told by its environment", () => {
  test("nothing at all: a whole node for this machine, on the embedded database", () => {
    expect(parseConfig({})).toEqual({
      port: 8080,
      host: "127.0.0.1",
      nodeName: "Calends",
      dataDir: "./data",
      roles: new Set(["api", "worker", "sequencer"]),
      embeddings: { provider: "lexical-hash" },
      logLevel: "info",
      env: "production",
      horizonDays: 550,
      rates: { public: 60, agent: 300, peer: 500, admin: null },
      trustedProxies: 0,
      nats: { stream: "CALENDS", prefix: "calends" },
      tuning: DEFAULT_TUNING,
    });
    expect(parseSecrets({})).toEqual({});
  });

  test("the relay is on where it is said where to, and only there", () => {
    const NATS_URL = "nats://user:secret@broker.example:4222";
    expect([...parseConfig({ NATS_URL }).roles]).toEqual(["api", "worker", "sequencer", "relay"]);
    expect([...parseConfig({ NATS_URL, ROLES: "api" }).roles]).toEqual(["api"]);
    expect([...parseConfig({ NATS_URL, ROLES: "relay" }).roles]).toEqual(["relay"]);
    expect(() => parseConfig({ ROLES: "relay" })).toThrow("NATS_URL is not set");
    expect(parseConfig({ NATS_STREAM: "EVENTS", NATS_SUBJECT_PREFIX: "city.events" }).nats).toEqual({
      stream: "EVENTS",
      prefix: "city.events",
    });
    expect(parseSecrets({ NATS_URL })).toEqual({ natsUrl: NATS_URL });
    expect(() => parseConfig({ NATS_SUBJECT_PREFIX: "city.>" })).toThrow("NATS_SUBJECT_PREFIX");
    for (const wrong of [
      "broker:4222",
      "http://broker",
      "nats://broker:4222/path",
      "nats://user:secret@",
      "nats://u%er:p@broker",
      "nats://u:p%zz@broker",
      "nats://a,nats://u:p@b",
    ])
      expect(() => parseSecrets({ NATS_URL: wrong })).toThrow(/^NATS_URL is not usable: expected nats:/);
  });

  test("everything", () => {
    const config = parseConfig({
      PORT: "0",
      HOST: "::1",
      NODE_URL: "https://events.example.org/",
      NODE_NAME: " City events ",
      DATA_DIR: "/var/lib/calends",
      TILE_URL: "https://tiles.example.org/{z}/{x}/{y}.png",
      TILE_ATTRIBUTION: "© A map",
      ROLES: "api, worker",
      EMBEDDINGS: "openai:https://models.example/v1#small",
      LOG_LEVEL: "debug",
      DEFAULT_TIMEZONE: "America/Toronto",
      NODE_ENV: "test",
    });
    expect(config).toMatchObject({
      port: 0,
      host: "::1",
      nodeUrl: "https://events.example.org",
      nodeName: "City events",
      dataDir: "/var/lib/calends",
      tiles: { url: "https://tiles.example.org/{z}/{x}/{y}.png", attribution: "© A map" },
      embeddings: { provider: "openai", url: "https://models.example/v1", model: "small" },
      logLevel: "debug",
      defaultTimezone: "America/Toronto",
      env: "test",
    });
    expect([...config.roles]).toEqual(["api", "worker"]);
    const allowed = ["intranet.example:443", "[::1]:8080", "127.0.0.2", "10.1.0.0/16"];
    expect(parseConfig({ FETCH_ALLOW: allowed.join(", ") }).fetchAllow).toEqual(allowed);
    expect(parseConfig({ EMBEDDINGS: "transformers:org/model" }).embeddings).toEqual({ provider: "transformers", model: "org/model" });
  });

  test("an empty variable is an unset one", () => {
    expect(parseConfig({ PORT: "", NODE_URL: " " }).port).toBe(8080);
    expect(parseSecrets({ ADMIN_KEY: "" })).toEqual({});
  });

  test("a later change of the process does not reach what was read", () => {
    const env: Record<string, string> = { PORT: "1" };
    const read = readEnv(env);
    env["PORT"] = "2";
    expect(read["PORT"]).toBe("1");
  });

  test.each([
    ["PORT", "eighty"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["HOST", "http://localhost"],
    ["NODE_URL", "events.example.org"],
    ["NODE_URL", "ftp://events.example.org"],
    ["NODE_URL", "https://events.example.org/?page=1"],
    ["NODE_URL", "https://user:word@events.example.org"],
    ["NODE_NAME", "x".repeat(201)],
    ["ROLES", "api,cook"],
    ["ROLES", ","],
    ["EMBEDDINGS", "openai:nowhere"],
    ["EMBEDDINGS", "magic"],
    ["TILE_URL", "https://tiles.example.org/{z}/{x}.png"],
    ["TILE_URL", "javascript:alert({x}{y}{z})"],
    ["LOG_LEVEL", "loud"],
    ["DEFAULT_TIMEZONE", "Mars/Olympus"],
    ["DEFAULT_TIMEZONE", "+02:00"],
    ["NODE_ENV", "staging"],
    ["FETCH_ALLOW", "10.0.0.0/33"],
    ["FETCH_ALLOW", "intranet.example"],
    ["FETCH_ALLOW", "intranet.example:0"],
    ["FETCH_ALLOW", "127.0.0.1:80,"],
    ["FETCH_ALLOW", "http://127.0.0.1:80"],
  ])("%s=%s is refused in one line that names it and what was expected", (name, value) => {
    const refused = catchError(() => parseConfig({ [name]: value }));
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused.message).toMatch(new RegExp(`^${name} ".*" is not usable: expected .+$`));
    expect(refused.message).not.toContain("\n");
  });
});

describe("secrets", () => {
  test("travel apart from the rest, which may be logged", () => {
    const env = {
      ADMIN_KEY: "a-key-of-sixteen-or-more",
      DATABASE_URL: "postgres://node:word@db.example/calends",
      DATABASE_READ_URL: "postgresql://node:word@standby.example/calends",
    };
    expect(parseSecrets(env)).toEqual({ adminKey: env.ADMIN_KEY, databaseUrl: env.DATABASE_URL, databaseReadUrl: env.DATABASE_READ_URL });
    expect(JSON.stringify(parseConfig(env))).not.toMatch(/word|sixteen/);
  });

  test.each([
    ["ADMIN_KEY", "with spaces in the key"],
    ["DATABASE_URL", "mysql://node:word@db.example/calends"],
    ["DATABASE_URL", "word"],
  ])("a bad %s is named, its value is not", (name, value) => {
    const refused = catchError(() => parseSecrets({ [name]: value }));
    expect(refused.message).toMatch(new RegExp(`^${name} is not usable: expected .+$`));
    expect(refused.message).not.toContain(value);
  });

  test("a standby without a primary is a mistake", () => {
    expect(() => parseSecrets({ DATABASE_READ_URL: "postgres://standby.example/calends" })).toThrow(/DATABASE_URL is not; give both/);
  });
});

function catchError(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was refused");
}
