/**
 * Whatever is sent, a node answers: a problem (4xx) that names the fault, or, where the web is only messy, a success.
 * Never a 5xx, never a call to elsewhere; and it goes on serving. Each case of the corpus against a real node.
 */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { openTestDatabase } from "../support/db.ts";
import { HOSTILE_CASES } from "../fixtures/hostile/index.ts";
import { openWorld, type HostileWorld } from "../fixtures/hostile/world.ts";
import { EVENTS, send, setTrap, submit, VALID, variant, type World } from "../support/hostile.ts";
import { faultsOf } from "../support/hostile-answers.ts";

const chosen = inject("database");
const ENGINES = [
  { engine: "the embedded database", databaseUrl: async (): Promise<string | undefined> => undefined },
  ...(chosen.kind === "server"
    ? [{ engine: "a PostgreSQL server", databaseUrl: async (stack: AsyncDisposableStack) => stack.use(await openTestDatabase()).url }]
    : []),
];

test("the corpus has at least 220 cases, each of its own name, and none that would accept a 5xx", () => {
  expect(HOSTILE_CASES.length).toBeGreaterThanOrEqual(220);
  const names = HOSTILE_CASES.map(({ name }) => name);
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  expect(HOSTILE_CASES.filter(({ status }) => [status].flat().some((one) => one >= 500))).toEqual([]);
});

describe.each(ENGINES)("a node on $engine", ({ databaseUrl }) => {
  const stack = new AsyncDisposableStack();
  let opened: HostileWorld;
  let world: World;
  beforeAll(async () => {
    opened = stack.use(await openWorld(await databaseUrl(stack)));
    world = opened.world;
  });
  afterAll(() => stack.disposeAsync());

  test.each(HOSTILE_CASES.map((hostile) => [hostile.name, hostile] as const))("%s", async (_, hostile) => {
    const request = typeof hostile.request === "function" ? hostile.request(world) : hostile.request;
    const answer = await send(world, request);
    // What is taken in may be like another event: 202 then, for a person to look at.
    const taken = [hostile.status].flat().includes(201) ? { ...hostile, status: [hostile.status, 202].flat() } : hostile;
    const faults = faultsOf(taken, answer);
    expect(faults, faults.join("\n")).toEqual([]);
  });

  describe("a batch with broken items among good ones", () => {
    const good = (name: string) => variant({ name, startDate: "2026-06-02T20:00:00-04:00", endDate: undefined });
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`) as unknown;
    const BROKEN = (): [unknown, RegExp][] => [
      [{}, /Event/],
      [5, /Event/],
      [null, /Event/],
      [[], /Event/],
      ["x", /Event/],
      [variant({ name: null }), /\/name/],
      [variant({ startDate: "2026-02-30" }), /\/startDate/],
      [variant({ "@context": `${world.trap}/context.jsonld` }), /never fetched/],
      [{ ...VALID, deep }, /32 levels/],
      [JSON.parse(`{"__proto__":{"x":1},${JSON.stringify(VALID).slice(1)}`), /__proto__/],
    ];
    const outcome = async (body: string | Buffer, type: string): Promise<{ status: string; problem?: { detail: string } }[]> => {
      const taken = await send(world, { ...submit(body, { "content-type": type }), path: `${EVENTS}:batch` });
      expect(taken.status).toBe(202);
      const { pathname } = new URL(taken.headers["location"]!);
      return vi.waitFor(
        async () => {
          const job = JSON.parse((await send(world, { path: pathname })).body);
          expect(job.state).toBe("done");
          return job.items;
        },
        { timeout: 60_000, interval: 200 },
      );
    };

    test.each([
      ["a list", "application/ld+json", (items: unknown[]) => JSON.stringify(items)],
      ["lines", "application/x-ndjson", (items: unknown[]) => items.map((item) => JSON.stringify(item)).join("\n")],
    ])("as %s: the good are accepted, each broken one is told why", async (form, type, write) => {
      const broken = BROKEN();
      const items = await outcome(write([good(`First of ${form}`), ...broken.map(([item]) => item), good(`Last of ${form}`)]), type);
      expect(items.map(({ status }) => status)).toEqual(["accepted", ...broken.map(() => "rejected"), "accepted"]);
      for (const [index, [, mentions]] of broken.entries()) expect(items[index + 1]?.problem?.detail).toMatch(mentions);
    });

    test("a line that is no JSON, or no UTF-8, spoils only itself", async () => {
      const lines = [
        JSON.stringify(good("Before the broken lines")),
        '{"name": "cut',
        "\u0000",
        `${JSON.stringify(good("x"))}}`,
        Buffer.from('{"name": "Soir\u00e9e"}', "latin1"),
        // What an answer would quote: NUL in a key, and a pair of surrogates where the quotation is cut.
        JSON.stringify({ ...good("x"), offers: { "\u0000": 1, price: "\u0000" } }),
        JSON.stringify({ ...good("x"), startDate: `a${"\u{1F3B7}".repeat(60)}` }),
        JSON.stringify({ ...good("x"), startDate: `${"\u{1F3B7}".repeat(60)}` }),
        JSON.stringify(good("After the broken lines")),
      ];
      const body = Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from("\r\n")])));
      const items = await outcome(body, "application/x-ndjson");
      expect(items.map(({ status }) => status)).toEqual(["accepted", ...lines.slice(2).map(() => "rejected"), "accepted"]);
    });
  });

  describe("after all of it", () => {
    test("still serves: health, a new event, its address, lists, the feed", async () => {
      expect((await send(world, { path: "/healthz", as: "nobody" })).status).toBe(200);
      expect((await send(world, { path: "/readyz", as: "nobody" })).status).toBe(200);
      const created = await send(
        world,
        submit(variant({ name: "Morning after", startDate: "2026-06-01T09:00:00-04:00", endDate: undefined })),
      );
      expect([201, 202]).toContain(created.status);
      const { pathname } = new URL(created.headers["location"]!);
      expect(JSON.parse((await send(world, { path: pathname })).body)).toMatchObject({
        name: "Morning after",
        startDate: "2026-06-01T09:00:00-04:00",
      });
      expect((await send(world, { path: `${EVENTS}?limit=200` })).body).toContain("Morning after");
      expect((await send(world, { path: "/api/v1/feeds/changes?limit=1" })).status).toBe(200);
    });

    test("the events that nobody was allowed to touch are as they were", async () => {
      const event = JSON.parse((await send(world, { path: `/events/${world.event}` })).body) as object;
      expect(event).toMatchObject({ name: "Lantern Quartet", location: { name: "Backroom" } });
      expect(event).not.toHaveProperty("polluted");
    });

    test("nobody was called elsewhere, and the trap would have noticed", async () => {
      expect(opened.trap.visits).toBe(0);
      await using other = await setTrap();
      await expect(fetch(other.url)).rejects.toThrow("fetch failed");
      expect(other.visits).toBe(1);
    });

    test("its log has no errors, no stacks and no secrets", () => {
      const { node } = opened;
      const running = node.process;
      const log = () => node.log();
      expect(log().length).toBeGreaterThan(HOSTILE_CASES.length / 2);
      const errors = log().filter(({ level }) => level >= 50);
      expect(errors, JSON.stringify(errors, undefined, 1)).toEqual([]);
      const said = running.said.out + running.said.err;
      for (const secret of Object.values(world.keys)) expect(said).not.toContain(secret);
      expect(said).not.toMatch(/unhandled|UnhandledPromise|MaxListenersExceeded/i);
    });
  });
});

describe("the check of an answer", () => {
  const answered = async (status: number, type: string, body: string): Promise<string[]> => {
    const server = createServer((_, response) => response.writeHead(status, { "content-type": type }).end(body)).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const answer = await send({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys: {} } as World, {
        path: "/",
        as: "nobody",
      });
      return faultsOf({ status: [400, 422], code: "invalid_query", mentions: "limit" }, answer);
    } finally {
      server.close();
    }
  };
  const problem = {
    type: "http://a.example/problems/invalid_query",
    title: "Wrong",
    status: 400,
    detail: "limit: expected a number",
    code: "invalid_query",
    instance: "urn:uuid:1",
  };
  const PROBLEM = "application/problem+json";

  test("passes a good problem", async () => {
    expect(await answered(400, PROBLEM, JSON.stringify(problem))).toEqual([]);
  });
  test.each([
    ["a 500", 500, PROBLEM, { ...problem, status: 500 }, /status 500/],
    ["a success", 200, "application/json", {}, /status 200/],
    ["another media type", 400, "application/json", problem, /content-type/],
    ["no detail", 400, PROBLEM, { ...problem, detail: undefined }, /no detail/],
    ["an empty title", 400, PROBLEM, { ...problem, title: " " }, /no title/],
    ["no instance", 400, PROBLEM, { ...problem, instance: undefined }, /no instance/],
    ["a type that leads nowhere", 400, PROBLEM, { ...problem, type: "about:blank" }, /type: about:blank/],
    ["another status in it", 400, PROBLEM, { ...problem, status: 422 }, /status in the problem/],
    ["another code", 400, PROBLEM, { ...problem, code: "internal" }, /code internal/],
    ["a detail that does not name the fault", 400, PROBLEM, { ...problem, detail: "Bad request" }, /detail does not say limit/],
    ["a stack in it", 400, PROBLEM, { ...problem, detail: "limit at parse (/srv/query.ts:3:4)" }, /our inside/],
  ])("catches %s", async (_, status, type, body, fault) => {
    expect((await answered(status, type, JSON.stringify(body))).join("\n")).toMatch(fault);
  });
  test("catches an answer that is no JSON", async () => {
    expect((await answered(400, PROBLEM, "<h1>Bad Request</h1>")).join("\n")).toMatch(/no JSON/);
  });
});
