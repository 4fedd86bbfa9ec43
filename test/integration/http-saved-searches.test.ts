/**
 * Saved searches on a whole node: kept over HTTP, read as feeds by programs that know nothing of us, told to a real
 * receiver that checks signatures with the reference library of Standard Webhooks.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { DomUtils, parseDocument } from "htmlparser2";
import ICAL from "ical.js";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { createNode } from "../../src/node.ts";
import { anEvent, jsonOf } from "../support/http.ts";
import { ADMIN_KEY, createNetwork, type TestNetwork } from "../support/network.ts";

const SEARCHES = "/api/v1/searches";
const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}
const received: Received[] = [];
let status = 204;
const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    received.push({ headers: request.headers, body });
    response.writeHead(status).end();
  });
});

let now = Date.parse("2026-05-01T12:00:00Z");
const clock = () => new Date(now);
let network: TestNetwork;
let url: string;
let base: string;
let hook: string;
let ann: string;
let ben: string;

beforeAll(async () => {
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  const { port } = receiver.address() as AddressInfo;
  hook = `http://127.0.0.1:${port}/calends`;
  const env = { FETCH_ALLOW: `127.0.0.1:${port}`, DEFAULT_TIMEZONE: "America/Toronto" };
  network = await createNetwork({ nodes: 1, clock, env });
  ({ url, base } = network.node);
  ann = await agent("Ann's calendar");
  ben = await agent("Ben's calendar");
  await submit("Lantern Quartet", 8, { description: "Free jazz, improvised." });
  await submit("Pottery for beginners", 9);
}, 180_000);
afterAll(async () => {
  await network?.[Symbol.asyncDispose]();
  receiver.closeAllConnections();
  receiver.close();
});
beforeEach(() => {
  received.length = 0;
  status = 204;
});

interface Ask {
  method?: string;
  key?: string;
  body?: unknown;
  headers?: Record<string, string>;
}
const ask = (path: string, { method, key, body, headers }: Ask = {}) =>
  fetch(path.startsWith("http") ? path.replace(base, url) : url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    redirect: "manual",
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

async function agent(source: string): Promise<string> {
  await ask("/api/v1/admin/sources", { key: ADMIN_KEY, body: { name: source, type: "api", licenseStatus: "cc0" } });
  return (await jsonOf(ask("/api/v1/admin/keys", { key: ADMIN_KEY, body: { name: source, role: "agent", source } }))).key;
}

/** An event on that day of May, told to the webhooks that want to know. */
async function submit(name: string, day: number, more: object = {}): Promise<string> {
  const startDate = `2026-05-${String(day).padStart(2, "0")}T20:00:00-04:00`;
  const answer = await ask("/api/v1/events", { key: ann, body: anEvent({ name, startDate, identifier: name, ...more }) });
  expect(answer.status).toBe(201);
  await network.processAll();
  return (await jsonOf(answer))["@id"];
}

/** Saves it for Ann; throws what was said instead of 201. */
async function save(body: object, more: Ask = {}): Promise<any> {
  const answer = await ask(SEARCHES, { key: ann, body, ...more });
  const saved = await jsonOf(answer);
  if (answer.status !== 201) throw new Error(JSON.stringify(saved));
  return saved;
}
const saveHooked = (query: string) => save({ name: query, query, webhook_url: hook });

/** The payload, if the reference library takes the signature at the time that the node's clock shows; throws otherwise. */
function verify(secret: string, { body, headers }: Received): any {
  vi.useFakeTimers({ toFake: ["Date"], now: clock() });
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>);
  } finally {
    vi.useRealTimers();
  }
}
const toldNames = () =>
  received.map(({ body }) => (JSON.parse(body) as { data: { events: { name: string }[] } }).data.events.map(({ name }) => name));

describe("saving a search", () => {
  test("answers with its address, its feeds and, where it has a webhook, the secret for once", async () => {
    const answer = await ask(SEARCHES, {
      key: ann,
      body: { name: "Jazz", query: "?q=jazz&near=43.65,-79.38&limit=3&city=", webhook_url: hook },
    });
    const saved = await jsonOf(answer);
    expect([answer.status, answer.headers.get("location"), answer.headers.get("cache-control")]).toEqual([
      201,
      `${base}${SEARCHES}/${saved.id}`,
      "no-store",
    ]);
    expect(saved).toEqual({
      id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      name: "Jazz",
      query: "near=43.65%2C-79.38&q=jazz",
      url: `${base}/searches/${saved.id}`,
      feeds: Object.fromEntries(["ics", "rss", "atom", "jsonld"].map((format) => [format, `${base}/searches/${saved.id}.${format}`])),
      webhook: { url: hook, status: "active", failures: 0, secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) },
      createdAt: clock().toISOString(),
      updatedAt: clock().toISOString(),
    });
    const { webhook, ...rest } = saved;
    const { secret: _, ...kept } = webhook;
    expect(await jsonOf(ask(answer.headers.get("location")!, { key: ann }))).toEqual({ ...rest, webhook: kept });
  });

  test("twice with one Idempotency-Key saves one", async () => {
    const once = { headers: { "idempotency-key": "save-once" } };
    const first = await save({ name: "Once", query: "q=once", webhook_url: hook }, once);
    expect(await save({ name: "Once", query: "q=once", webhook_url: hook }, once)).toEqual(first);
    const other = await ask(SEARCHES, { key: ann, body: { name: "Other", query: "q=once" }, ...once });
    expect([other.status, (await jsonOf(other)).code]).toEqual([422, "idempotency_conflict"]);
  });

  test.each([
    ["a parameter that there is not", { query: "q=jazz&genre=bebop" }, 400, "invalid_query", "/genre"],
    ["a value that cannot be read", { query: "near=Kensington" }, 400, "invalid_query", "/near"],
    ["a parameter given twice", { query: "city=Toronto&city=Ottawa" }, 400, "invalid_query", "/city"],
    ["what only the engine refuses", { query: "q=jazz&mode=semantic&sort=start" }, 400, "invalid_query", "/sort"],
    ["events that the public may not see", { query: "state=draft" }, 403, "forbidden", "/state"],
    ["no query", {}, 422, "invalid_body", "/query"],
    ["a name without a letter", { name: " ", query: "q=jazz" }, 422, "invalid_body", "/name"],
    ["a member that there is not", { query: "q=jazz", webhook: "https://hooks.example/" }, 422, "invalid_body", ""],
    ["a webhook that is no web address", { query: "q=jazz", webhook_url: "mailto:ann@hooks.example" }, 422, "invalid_body", "/webhook_url"],
    ["a webhook with a password", { query: "q=jazz", webhook_url: "https://ann:word@hooks.example/" }, 422, "invalid_body", "/webhook_url"],
    ["a private address", { query: "q=jazz", webhook_url: "http://10.0.0.1/" }, 422, "invalid_body", "/webhook_url"],
    ["another port of an allowed one", { query: "q=jazz", webhook_url: "http://127.0.0.1:9/" }, 422, "invalid_body", "/webhook_url"],
    ["this machine by its name", { query: "q=jazz", webhook_url: "http://localhost:9/" }, 422, "invalid_body", "/webhook_url"],
    ["cloud metadata", { query: "q=jazz", webhook_url: "http://169.254.169.254/latest" }, 422, "invalid_body", "/webhook_url"],
  ])("is refused with %s, and the fault is named", async (_what, body, code, problem, pointer) => {
    // Also by an admin, who could search for drafts: the feed is the public's.
    const answer = await ask(SEARCHES, { key: ADMIN_KEY, body: { name: "Bad", ...body } });
    const said = await jsonOf(answer);
    expect([answer.status, said.code, said.errors[0].pointer]).toEqual([code, problem, pointer]);
  });

  test("needs the key of an agent or an admin", async () => {
    const body = { name: "Mine", query: "q=x" };
    const peer = (await jsonOf(ask("/api/v1/admin/keys", { key: ADMIN_KEY, body: { name: "peer", role: "peer" } }))).key;
    expect([(await ask(SEARCHES, { body })).status, (await ask(SEARCHES, { key: peer, body })).status]).toEqual([401, 403]);
    expect([(await ask(SEARCHES)).status, (await ask(SEARCHES, { key: ADMIN_KEY, body })).status]).toEqual([401, 201]);
  });
});

describe("one's own searches", () => {
  test("are listed page by page, and nobody else's are to be seen, changed or removed", async () => {
    const carol = await agent("Carol's calendar");
    const made = [];
    for (const name of ["One", "Two", "Three"]) {
      made.push(await save({ name, query: `q=${name}`, webhook_url: hook }, { key: carol }));
      now += SECOND;
    }
    const first = await jsonOf(ask(`${SEARCHES}?limit=2`, { key: carol }));
    const rest = await jsonOf(ask(`${SEARCHES}?limit=2&after=${first.next_cursor}`, { key: carol }));
    expect([...first.items, ...rest.items].map(({ name }: any) => name)).toEqual(["Three", "Two", "One"]);
    expect(rest.next_cursor).toBe(null);
    expect(JSON.stringify([first, rest])).not.toContain("whsec_");

    const one = `${SEARCHES}/${made[0].id}`;
    const others = await Promise.all([
      ask(one, { key: ben }),
      ask(`${one}/deliveries`, { key: ben }),
      ask(one, { key: ben, method: "PATCH", body: { name: "Ben's" } }),
      ask(`${one}/secret`, { key: ben, method: "POST" }),
      ask(one, { key: ben, method: "DELETE" }),
      ask(`${SEARCHES}/01HYX3KQW7ERTV9XNBM2P8QJZF`, { key: ben }),
    ]);
    expect(others.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404, 404]);
    const said = await Promise.all([others[0]!, others[5]!].map((answer) => jsonOf(answer)));
    expect(said[0].detail).toBe(said[1].detail);
    expect((await ask(one)).status).toBe(401);
    expect((await jsonOf(ask(one, { key: carol }))).name).toBe("One");
    expect((await jsonOf(ask(one, { key: ADMIN_KEY }))).name).toBe("One");
  });

  test("can be renamed, paused, moved and silenced", async () => {
    const { id, webhook } = await saveHooked("q=waltz");
    const change = (body: object) => jsonOf(ask(`${SEARCHES}/${id}`, { key: ann, method: "PATCH", body }));
    expect(await change({ name: "Waltzes", status: "paused" })).toMatchObject({ name: "Waltzes", webhook: { status: "paused" } });
    const moved = await change({ webhook_url: `${hook}/elsewhere` });
    expect(moved.webhook.secret).toMatch(/^whsec_/);
    expect(moved.webhook.secret).not.toBe(webhook.secret);
    expect(await change({ webhook_url: "http://192.168.1.1/" })).toMatchObject({
      code: "invalid_body",
      errors: [{ pointer: "/webhook_url" }],
    });
    expect(await change({ query: "q=polka" })).toMatchObject({ code: "invalid_body" });
    expect(await change({ webhook_url: null })).not.toHaveProperty("webhook");
    expect((await ask(`${SEARCHES}/${id}/secret`, { key: ann, method: "POST" })).status).toBe(409);
  });
});

describe("the feeds of a search", () => {
  let feeds: Record<"ics" | "rss" | "atom" | "jsonld", string>;
  let id: string;
  beforeAll(async () => ({ feeds, id } = await save({ name: "Jazz & more", query: "q=jazz&city=Toronto" })));
  const read = async (format: keyof typeof feeds) => {
    const answer = await ask(feeds[format]);
    expect(answer.status).toBe(200);
    return { type: answer.headers.get("content-type"), text: await answer.text() };
  };
  const texts = (parent: Parameters<typeof DomUtils.getElementsByTagName>[1], name: string) =>
    DomUtils.getElementsByTagName(name, parent).map((each) => DomUtils.textContent(each));

  test("are calendars", async () => {
    const { type, text } = await read("ics");
    const events = new ICAL.Component(ICAL.parse(text) as never).getAllSubcomponents("vevent").map((each) => new ICAL.Event(each));
    expect(type).toBe("text/calendar; charset=utf-8");
    expect(events.map(({ summary, startDate }) => [summary, startDate.toJSDate().toISOString()])).toContainEqual([
      "Lantern Quartet",
      expect.stringContaining("2026-05-0"),
    ]);
    expect(events.map(({ summary }) => summary)).not.toContain("Pottery for beginners");
  });

  test("are RSS and Atom, which know their own address and the page of the search", async () => {
    const rss = await read("rss");
    const channel = parseDocument(rss.text, { xmlMode: true });
    expect([rss.type, texts(channel, "title").slice(0, 2)]).toEqual([
      "application/rss+xml; charset=utf-8",
      ["Jazz & more · Node 1", "Lantern Quartet"],
    ]);
    expect(DomUtils.getElementsByTagName("atom:link", channel)[0]!.attribs["href"]).toBe(`${base}/searches/${id}.rss`);
    const atom = await read("atom");
    const feed = parseDocument(atom.text, { xmlMode: true });
    expect([atom.type, texts(feed, "title").slice(0, 2)]).toEqual([
      "application/atom+xml; charset=utf-8",
      ["Jazz & more · Node 1", "Lantern Quartet"],
    ]);
    const links = DomUtils.getElementsByTagName("link", feed).map(({ attribs }) => [attribs["rel"], attribs["href"]]);
    expect(links).toContainEqual(["self", `${base}/searches/${id}.atom`]);
    expect(links).toContainEqual(["alternate", `${base}/search?city=Toronto&q=jazz`]);
  });

  test("are JSON-LD, and what search itself gives by words", async () => {
    const { type, text } = await read("jsonld");
    expect([type, JSON.parse(text)["@graph"].map(({ name }: any) => name)]).toEqual(["application/ld+json", ["Lantern Quartet"]]);
    expect(text).toBe(await (await ask("/api/v1/events/search?city=Toronto&q=jazz&mode=lexical&format=jsonld")).text());
  });

  test("are the same for everybody, may be kept for a while, and are not sent twice", async () => {
    const [first, asAdmin] = await Promise.all([ask(feeds.ics), ask(feeds.ics, { key: ADMIN_KEY })]);
    expect(first.headers.get("cache-control")).toBe("public, max-age=3600");
    expect(await asAdmin.text()).toBe(await first.text());
    const again = await ask(`${feeds.ics}?utm_source=newsletter`, { headers: { "if-none-match": first.headers.get("etag")! } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("lead to the page of the search where no format is named", async () => {
    const answer = await ask(`/searches/${id}`);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, `${base}/search?city=Toronto&q=jazz`]);
    const page = await ask(answer.headers.get("location")!);
    expect([page.status, (await page.text()).includes("Lantern Quartet")]).toEqual([200, true]);
  });

  test("hold what has the words; what is merely alike only where the query asks for it", async () => {
    const names = async (query: string) => {
      const { feeds: saved } = await save({ name: query, query });
      return (await jsonOf(ask(saved.jsonld)))["@graph"].map(({ name }: any) => name);
    };
    expect(await names("q=quartets")).toEqual(["Lantern Quartet"]);
    expect(await names("q=lantern tuba")).toEqual([]);
    expect(await names("q=quartte")).toEqual([]);
    expect(await names("q=quartte&mode=semantic")).toContain("Lantern Quartet");
  });

  test.each(["/searches/01HYX3KQW7ERTV9XNBM2P8QJZF.ics", "/searches/nothing.ics", "/searches/ID.pdf", "/searches/ID.ics.ics", "/searches"])(
    "%s is none",
    async (path) => {
      expect((await ask(path.replace("ID", id))).status).toBe(404);
    },
  );

  test("that are long go on at the next page", async () => {
    const many = Array.from({ length: 101 }, (_, n) =>
      anEvent({
        name: `Marathon ${n}`,
        identifier: `marathon-${n}`,
        startDate: `2026-07-${String((n % 28) + 1).padStart(2, "0")}T${String(8 + Math.floor(n / 28)).padStart(2, "0")}:00:00-04:00`,
      }),
    );
    expect((await ask("/api/v1/events:batch", { key: ann, body: many })).status).toBe(202);
    await network.processAll();
    const { feeds: long } = await save({ name: "Marathons", query: "q=marathon&mode=lexical&sort=start" });
    const uris: string[] = [];
    let pages = 0;
    for (let next: string | undefined = long.jsonld; next !== undefined; pages++) {
      const answer: Response = await ask(next);
      uris.push(...(await jsonOf(answer))["@graph"].map((event: any) => event["@id"]));
      next = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    }
    expect([pages, uris.length, new Set(uris).size]).toEqual([2, 101, 101]);
    expect((await ask(`${long.ics}?after=nonsense`)).status).toBe(400);
  }, 60_000);
});

describe("the webhook of a search", () => {
  test("is told, signed, of an event that is submitted afterwards, once", async () => {
    const { id, webhook } = await saveHooked("q=lindy&city=Toronto");
    const uri = await submit("Lindy hop night", 12);
    await submit("Tango night", 13);
    expect(received).toHaveLength(1);
    const payload = verify(webhook.secret, received[0]!);
    expect(payload).toMatchObject({
      type: "search.matched",
      data: {
        search: { "@id": `${base}/searches/${id}`, query: "city=Toronto&q=lindy" },
        events: [{ "@id": uri, name: "Lindy hop night" }],
      },
    });
    expect(() => verify(webhook.secret, { ...received[0]!, body: received[0]!.body.replace("Lindy", "Tango") })).toThrow(
      "No matching signature",
    );
    expect(received[0]!.headers["user-agent"]).toMatch(/^Calends\/[\d.]+ \(\+http/);
    const { items } = await jsonOf(ask(`${SEARCHES}/${id}/deliveries`, { key: ann }));
    expect(items).toEqual([
      {
        id: received[0]!.headers["webhook-id"],
        status: "delivered",
        attempts: 1,
        events: [uri],
        createdAt: clock().toISOString(),
        finishedAt: clock().toISOString(),
        lastStatus: 204,
      },
    ]);
  });

  test("is told of what has the words, in any form of theirs, and of nothing that is merely like it", async () => {
    await saveHooked('q=accordion "street party"');
    await submit("Accordion lessons", 14);
    await submit("Street party with an acordion", 15);
    expect(toldNames()).toEqual([]);
    await submit("Street party with accordions", 16);
    expect(toldNames()).toEqual([["Street party with accordions"]]);
  });

  test("is told of what becomes a match by a change, and of a phrase of time as it is meant then", async () => {
    await saveHooked("q=harpsichord&free=true");
    await saveHooked("q=theremin this weekend");
    const identifier = "late-change";
    await submit("Harpsichord hour", 20, { identifier, isAccessibleForFree: false });
    await submit("Theremin in the distance", 28);
    expect(toldNames()).toEqual([]);
    const answer = await ask("/api/v1/events", {
      key: ann,
      body: anEvent({ name: "Harpsichord hour", startDate: "2026-05-20T20:00:00-04:00", identifier, isAccessibleForFree: true }),
    });
    expect(answer.headers.get("calends-outcome")).toBe("updated");
    // The first of May 2026 is a Friday.
    await submit("Theremin recital", 2);
    expect(toldNames().flat().toSorted()).toEqual(["Harpsichord hour", "Theremin recital"]);
  });

  test("that fails is told again later, and its owner sees why", async () => {
    const { id, webhook } = await saveHooked("q=bagpipes");
    status = 503;
    await submit("Bagpipes at dawn", 17);
    expect(received).toHaveLength(1);
    const search = () => jsonOf(ask(`${SEARCHES}/${id}`, { key: ann }));
    expect((await search()).webhook).toMatchObject({ status: "active", failures: 1, lastError: "it answered 503" });
    const pending = (await jsonOf(ask(`${SEARCHES}/${id}/deliveries`, { key: ann }))).items[0];
    expect(pending).toMatchObject({ status: "pending", lastStatus: 503, nextAttemptAt: new Date(now + 5 * SECOND).toISOString() });
    expect(await metric('calends_webhook_deliveries{status="pending"}')).toBe(1);

    status = 204;
    await network.processAll();
    expect(received).toHaveLength(1);
    now += 5 * SECOND;
    await network.processAll();
    expect(received.map(({ headers }) => headers["webhook-id"])).toEqual([pending.id, pending.id]);
    expect(verify(webhook.secret, received[1]!).data.events).toHaveLength(1);
    const { webhook: sound } = await search();
    expect([sound.failures, "lastError" in sound]).toEqual([0, false]);
    expect(await metric('calends_webhook_deliveries{status="pending"}')).toBe(0);
  });

  test("that is gone for good is given up, counted, and woken by its owner", async () => {
    const { id } = await saveHooked("q=spoons");
    status = 410;
    await submit("Spoons", 18);
    expect((await jsonOf(ask(`${SEARCHES}/${id}`, { key: ann }))).webhook.status).toBe("failed");
    expect(await metric('calends_webhook_deliveries{status="dead"}')).toBe(1);
    status = 204;
    await submit("Spoons again", 19);
    expect(received).toHaveLength(1);
    await ask(`${SEARCHES}/${id}`, { key: ann, method: "PATCH", body: { status: "active" } });
    await network.processAll();
    expect(toldNames()).toEqual([["Spoons"], ["Spoons again"]]);
  });

  test("is signed by both secrets for a day after they were changed, however often the change is sent", async () => {
    const { id, webhook } = await saveHooked("q=mandolin");
    const rotate = () =>
      jsonOf(ask(`${SEARCHES}/${id}/secret`, { key: ann, method: "POST", headers: { "idempotency-key": `rotate-${id}` } }));
    const { secret, previousUntil } = await rotate();
    expect(await rotate()).toEqual({ secret, previousUntil });
    expect(previousUntil).toBe(new Date(now + DAY).toISOString());
    await submit("Mandolin matinee", 21);
    expect([verify(webhook.secret, received[0]!).type, verify(secret, received[0]!).type]).toEqual(["search.matched", "search.matched"]);
    now += DAY;
    await submit("Mandolin marathon", 22);
    expect(verify(secret, received[1]!).type).toBe("search.matched");
    expect(() => verify(webhook.secret, received[1]!)).toThrow("No matching signature");
  });

  test("is told nothing more of a search that was removed, not even what waited; its feeds end", async () => {
    const { id, feeds } = await saveHooked("q=zither");
    status = 500;
    await submit("Zither evening", 23);
    expect(received).toHaveLength(1);
    const remove = () => ask(`${SEARCHES}/${id}`, { key: ann, method: "DELETE" });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 404]);
    now += DAY;
    await submit("Zither night", 24);
    expect(received).toHaveLength(1);
    expect([(await ask(feeds.ics)).status, (await ask(`${SEARCHES}/${id}`, { key: ann })).status]).toEqual([404, 404]);
  });

  test("at a private address is neither saved nor dialled by a node without FETCH_ALLOW", async () => {
    const { id } = await saveHooked("q=kazoo");
    const config = { ...parseConfig({ LOG_LEVEL: "fatal" }), port: 0, roles: new Set(["api"] as const) };
    await using strict = await createNode(config, { database: network.node.database, secrets: { adminKey: ADMIN_KEY }, clock });
    const refused = await ask(`${strict.url}${SEARCHES}`, { key: ann, body: { name: "Kazoo", query: "q=kazoo", webhook_url: hook } });
    expect([refused.status, (await jsonOf(refused)).detail]).toEqual([422, "webhook_url: 127.0.0.1 is not dialled: loopback."]);
    await ask(`${strict.url}/api/v1/events`, { key: ann, body: anEvent({ name: "Kazoo choir", startDate: "2026-05-25T20:00:00-04:00" }) });
    await strict.processAll();
    expect(received).toEqual([]);
    expect((await jsonOf(ask(`${SEARCHES}/${id}`, { key: ann }))).webhook).toMatchObject({
      failures: 1,
      lastError: "127.0.0.1 is not dialled: loopback",
    });
  });
});

async function metric(name: string): Promise<number> {
  const text = await (await ask("/metrics")).text();
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );
}
