/** What surrounds every request: problems, rates, headers, health, the API's description, and the stop. */
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERROR_CODES } from "../../src/domain/errors.ts";
import { openapiDocument } from "../../src/http/openapi.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode, type TestNodeOptions } from "../support/http.ts";

/** Bytes to the node as they are; what comes back until it hangs up. */
async function speak(node: TestNode, bytes: string): Promise<string> {
  const socket = connect(node.port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(bytes);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

/** One database for all the nodes here. */
let shared: TestDatabase;
beforeAll(async () => {
  shared = await openTestDatabase();
});
afterAll(() => shared[Symbol.asyncDispose]());
const openNode = (options: TestNodeOptions = {}) => openTestNode({ database: shared.database, ...options });

describe("every answer", () => {
  let node: TestNode;
  let agent: string;
  beforeAll(async () => {
    node = await openNode();
    agent = await node.key("agent");
  });
  afterAll(() => node[Symbol.asyncDispose]());

  test("bears the request's id, its own or the client's when that is sane", async () => {
    expect((await node.ask("/healthz")).headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
    expect((await node.ask("/healthz", { headers: { "x-request-id": "from.client-1" } })).headers.get("x-request-id")).toBe(
      "from.client-1",
    );
    expect((await node.ask("/healthz", { headers: { "x-request-id": "no spaces please" } })).headers.get("x-request-id")).not.toContain(
      " ",
    );
    const problem = await jsonOf(node.ask("/nothing", { headers: { "x-request-id": "from.client-1" } }));
    expect(problem.instance).toBe("urn:request:from.client-1");
  });

  test("keeps browsers safe, and lets any page read", async () => {
    const { headers } = await node.ask("/api/v1/events");
    expect(
      Object.fromEntries(
        ["x-content-type-options", "content-security-policy", "access-control-allow-origin", "strict-transport-security"].map((name) => [
          name,
          headers.get(name),
        ]),
      ),
    ).toEqual({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "access-control-allow-origin": "*",
      "strict-transport-security": null,
    });
    const preflight = await node.ask("/api/v1/events", { method: "OPTIONS" });
    expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect((await node.ask("/api/v1/events", { key: agent, body: anEvent() })).headers.get("access-control-allow-origin")).toBe(null);
  });

  test("leaves one line in the log, without a secret or a query", async () => {
    await node.ask("/api/v1/events?city=Secretville", { key: agent });
    await node.ask("/api/v1/events?city=x", { key: "cal_agent_wrong-secret" });
    const text = JSON.stringify(node.log);
    expect(node.log.at(-2)).toMatchObject({
      method: "GET",
      path: "/api/v1/events",
      route: "/api/v1/events",
      status: 200,
      actor: "key:agent key",
    });
    for (const secret of [agent, ADMIN_KEY, "wrong-secret", "Secretville"]) expect(text.includes(secret)).toBe(false);
  });

  test.each([
    ["nothing is there", "/nothing", {}, 404, "not_found"],
    ["nothing is there below the API", "/api/v1/nothing", {}, 404, "not_found"],
    ["the method is another's", "/api/v1/events", { method: "DELETE" }, 405, "method_not_allowed"],
    ["the method is nobody's", "/events/01HYX3KQW7ERTV9XNBM2P8QJZF", { method: "PROPFIND" }, 405, "method_not_allowed"],
    ["the entity is not known", "/events/01HYX3KQW7ERTV9XNBM2P8QJZF", {}, 404, "not_found"],
    ["a parameter is not known, where none is", "/api/v1/openapi.json/x?y=1", {}, 404, "not_found"],
    ["the job is nobody's", "/api/v1/jobs/x", {}, 401, "unauthenticated"],
    ["the door is the admin's", "/api/v1/admin/sources", {}, 401, "unauthenticated"],
    ["the door is the admin's and nothing is behind it", "/api/v1/admin/nothing", {}, 401, "unauthenticated"],
  ])("is a problem where %s", async (_, path, options, status, code) => {
    const response = await node.ask(path, options);
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect(await jsonOf(response)).toMatchObject({
      type: `${node.base}/problems/${code}`,
      title: ERROR_CODES[code as "gone"].title,
      status,
      code,
      detail: expect.any(String),
      instance: expect.stringMatching(/^urn:uuid:/),
    });
    if (status === 405) expect(response.headers.get("allow")).toContain("GET");
  });

  test("is a page where the client prefers one, also for problems", async () => {
    const response = await node.ask("/nothing", { accept: "text/html" });
    expect([response.status, response.headers.get("content-type"), (await response.text()).includes("Error 404")]).toEqual([
      404,
      "text/html; charset=utf-8",
      true,
    ]);
  });

  test("is a problem for what is no HTTP, too long or too slow, and the node goes on", async () => {
    // A node of its own: on a busy machine so little patience might be too little for the other tests' requests.
    await using impatient = await openNode({ server: { requestTimeoutMs: 600, headersTimeoutMs: 300 } });
    const garbage = await speak(node, "THIS IS NOT HTTP\r\n\r\n");
    const longHeader = await speak(node, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(20_000)}\r\n\r\n`);
    const slowHeaders = await speak(impatient, "GET / HTTP/1.1\r\nHost: x\r\n");
    const slowBody = await speak(
      impatient,
      `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${agent}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    expect([garbage, longHeader, slowHeaders, slowBody].map((answer) => answer.slice(9, 12))).toEqual(["400", "431", "408", "408"]);
    for (const answer of [garbage, longHeader, slowHeaders])
      expect(JSON.parse(answer.split("\r\n\r\n")[1]!)).toMatchObject({ detail: expect.any(String) });
    for (const one of [node, impatient]) expect((await one.ask("/healthz")).status).toBe(200);
  });

  test("tells nothing of what broke inside, and the log tells all", async () => {
    await using broken = await openNode({
      parts: {
        readDatabase: {
          read: () => Promise.reject(new Error("select secret from table")),
          pressure: () => ({ total: 0, idle: 0, waiting: 0 }),
        } as never,
      },
    });
    const response = await broken.ask("/api/v1/events");
    const text = await response.text();
    expect([response.status, JSON.parse(text).code, text.includes("secret")]).toEqual([500, "internal", false]);
    expect(JSON.stringify(broken.log)).toContain("select secret from table");
    expect((await broken.ask("/readyz")).status).toBe(503);
    expect((await broken.ask("/healthz")).status).toBe(200);
  });
});

describe("a rate", () => {
  test("really applies: to the address, to each key, and to wrong keys", async () => {
    await using node = await openNode({ limits: { rates: { public: 3, agent: 5, peer: 4, admin: null } } });
    const agent = await node.key("agent");
    const slow = await node.key("agent", { name: "slow", requestsPerMinute: 1 });
    const statuses = async (count: number, key?: string) => {
      const seen: number[] = [];
      for (let n = 0; n < count; n++) seen.push((await node.ask("/api/v1/events", { key: key ?? "" })).status);
      return seen;
    };
    const first = await node.ask("/api/v1/events");
    expect([first.headers.get("ratelimit-policy"), first.headers.get("ratelimit"), first.headers.get("retry-after")]).toEqual([
      '"default";q=3;w=60',
      '"default";r=2;t=20',
      null,
    ]);
    expect(await statuses(3)).toEqual([200, 200, 429]);
    const refused = await node.ask("/api/v1/events");
    expect([refused.status, refused.headers.get("retry-after"), (await jsonOf(refused)).code]).toEqual([429, "20", "rate_limited"]);
    expect(await statuses(6, agent)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses(2, slow)).toEqual([200, 429]);
    expect(await statuses(20, ADMIN_KEY)).toEqual(Array(20).fill(200));
    expect(await statuses(1, "cal_agent_wrong")).toEqual([429]);
    expect((await node.ask("/api/v1/events", { headers: { "x-forwarded-for": "203.0.113.77" } })).status).toBe(429);
    for (const free of ["/healthz", "/readyz", "/metrics", "/robots.txt", "/contexts/calends-v1.jsonld"])
      expect([free, (await node.ask(free)).status]).toEqual([free, 200]);
    node.pass(20_000);
    expect(await statuses(2)).toEqual([200, 429]);
  });

  test("is the client's behind a proxy that is trusted", async () => {
    await using node = await openNode({ limits: { trustedProxies: 1, rates: { public: 1, agent: 1, peer: 1, admin: null } } });
    const from = async (address: string) => (await node.ask("/api/v1/events", { headers: { "x-forwarded-for": address } })).status;
    expect([await from("203.0.113.1"), await from("203.0.113.2"), await from("203.0.113.1"), await from("forged, 203.0.113.2")]).toEqual([
      200, 200, 429, 429,
    ]);
  });
});

describe("a node", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await openNode({ base: "https://node.example" });
  });
  afterAll(() => node[Symbol.asyncDispose]());

  test("says what it is", async () => {
    expect(await jsonOf(node.ask("/.well-known/sel-profile"))).toMatchObject({
      version: "0.1.0",
      node: "https://node.example",
      name: "Test node",
      changeFeedEndpoint: "https://node.example/api/v1/feeds/changes",
    });
    expect((await node.ask("/healthz")).headers.get("strict-transport-security")).toMatch(/^max-age=\d+/);
  });

  test("lends its context and shapes, for ever", async () => {
    const context = await node.ask("/contexts/calends-v1.jsonld");
    expect([context.status, context.headers.get("content-type"), context.headers.get("cache-control")]).toEqual([
      200,
      "application/ld+json",
      "public, max-age=31536000, immutable",
    ]);
    expect(await jsonOf(context)).toHaveProperty("@context");
    expect((await node.ask("/shapes/shapes-v1.ttl")).headers.get("content-type")).toMatch(/^text\/turtle/);
    expect(
      await Promise.all(
        ["/contexts/toString", "/contexts/other.jsonld", "/shapes/other.ttl", "/problems/toString"].map(
          async (path) => (await node.ask(path)).status,
        ),
      ),
    ).toEqual([404, 404, 404, 404]);
    expect(await jsonOf(node.ask("/problems/gone"))).toMatchObject({ code: "gone", status: 410, retryable: false });
  });

  test("is measured", async () => {
    await node.ask("/api/v1/places");
    const text = await (await node.ask("/metrics")).text();
    expect(text).toMatch(/calends_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/places",status="200"\} 1/);
    for (const name of [
      "calends_database_up 1",
      "calends_outbox_rows",
      "calends_feed_head_position",
      "calends_database_connections",
      "process_cpu_seconds_total",
    ])
      expect(text).toContain(name);
    expect(text).not.toMatch(/database_up 0/);
  });

  test("describes its API: every route, every problem, the same without a node", async () => {
    const served = await jsonOf(node.ask("/api/v1/openapi.json"));
    const { paths, components } = openapiDocument() as any;
    expect(served.openapi).toBe("3.1.0");
    for (const path of Object.keys(served.paths)) expect(paths).toHaveProperty([path]);
    expect(components.schemas.Problem.properties.code.enum).toEqual(Object.keys(ERROR_CODES));
    for (const [path, item] of Object.entries<any>(paths)) {
      for (const operation of Object.values<any>(item)) {
        expect([path, Object.keys(operation.responses)]).toEqual([path, expect.arrayContaining(["429", "500"])]);
      }
    }
    expect(await (await node.ask("/docs", { accept: "text/html" })).text()).toContain("/api/v1/events:batch");
  });

  test("serves the files that its pages need", async () => {
    const page = await (await node.ask("/", { accept: "text/html" })).text();
    const sheet = /<link rel="stylesheet" href="([^"]+)"/.exec(page)![1]!;
    const response = await node.ask(sheet);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/css/)]);
  });
});

describe("the keeper's side", () => {
  test("makes sources and keys, and writes down who did", async () => {
    await using node = await openNode();
    const admin = (path: string, options = {}) =>
      node.ask(`/api/v1/admin${path}`, { key: ADMIN_KEY, type: "application/json", ...options });
    const source = await admin("/sources", { body: { name: "Théâtre / Ville", type: "partner", trustLevel: 8, licenseStatus: "cc0" } });
    expect([source.status, source.headers.get("location")]).toEqual([
      201,
      `${node.base}/api/v1/admin/sources/Th%C3%A9%C3%A2tre%20%2F%20Ville`,
    ]);
    expect((await admin("/sources", { body: { name: "Théâtre / Ville", type: "partner" } })).status).toBe(409);
    const changed = await admin("/sources/Th%C3%A9%C3%A2tre%20%2F%20Ville", { method: "PATCH", body: { trustLevel: 9 } });
    expect([changed.status, (await jsonOf(changed)).trustLevel]).toEqual([200, 9]);
    const made = await jsonOf(
      admin("/keys", { body: { name: "theirs", role: "agent", source: "Théâtre / Ville", requestsPerMinute: 10 } }),
    );
    expect(made.key).toMatch(/^cal_agent_[\w-]{43}$/);
    expect((await node.ask("/api/v1/events", { key: made.key, body: anEvent({ name: "Theirs alone" }) })).status).toBe(201);
    const { items } = await jsonOf(admin("/keys"));
    expect(items).toContainEqual(expect.objectContaining({ name: "theirs", source: "Théâtre / Ville" }));
    expect(JSON.stringify(items).includes(made.key)).toBe(false);
    expect((await admin("/keys", { body: { name: "nobody's", role: "agent" } })).status).toBe(422);
    expect((await admin("/keys", { body: { name: "x", role: "agent", source: "none such" } })).status).toBe(404);
    const bad = await admin("/sources", { body: { name: "a\u0000b", type: "guess", trustLevel: 11, colour: "red" } });
    expect([bad.status, (await jsonOf(bad)).errors.map((fault: any) => fault.pointer).toSorted()]).toEqual([
      422,
      ["", "/name", "/trustLevel", "/type"],
    ]);
    const audit = await jsonOf(admin("/audit?limit=2"));
    expect(audit.items).toHaveLength(2);
    const rest = await jsonOf(admin(`/audit?after=${audit.next_cursor}`));
    const actions = [...audit.items, ...rest.items].map((entry: any) => [entry.actor, entry.action]);
    expect(actions).toEqual(
      expect.arrayContaining([
        ["admin", "source.created"],
        ["admin", "source.changed"],
        ["admin", "key.created"],
      ]),
    );
    expect(new Set([...audit.items, ...rest.items].map((entry: any) => entry.id)).size).toBe(actions.length);
    const agentAsks = await node.ask("/api/v1/admin/audit", { key: made.key });
    expect([agentAsks.status, (await jsonOf(agentAsks)).code]).toEqual([403, "forbidden"]);
  });
});

describe("a stop", () => {
  test("lets what is under way finish, ends the waiting, and takes nothing new", async () => {
    await using node = await openNode({ server: { drainMs: 30_000 } });
    const agent = await node.key("agent");
    const slow = request({
      port: node.port,
      host: "127.0.0.1",
      method: "POST",
      path: "/api/v1/events",
      headers: { authorization: `Bearer ${agent}`, "content-type": "application/json", expect: "100-continue" },
    });
    slow.flushHeaders();
    await once(slow, "continue");
    const stopped = node.stop();
    await expect(fetch(`${node.url}/healthz`)).rejects.toThrow("fetch failed");
    slow.end(JSON.stringify(anEvent({ name: "Just in time" })));
    const [response] = await once(slow, "response");
    expect([response.statusCode, response.headers.connection]).toEqual([201, "close"]);
    response.resume();
    await stopped;
  });

  test("does not wait for ever", async () => {
    await using node = await openNode({ server: { drainMs: 100 } });
    const agent = await node.key("agent");
    const hanging = request({
      port: node.port,
      host: "127.0.0.1",
      method: "POST",
      path: "/api/v1/events",
      headers: { authorization: `Bearer ${agent}`, "content-type": "application/json", expect: "100-continue" },
    });
    hanging.flushHeaders();
    await once(hanging, "continue");
    const closed = once(hanging, "error");
    await node.stop();
    await closed;
    expect(node.closing.signal.aborted).toBe(true);
  });
});
