/**
 * Webhooks against a real receiver that behaves, misbehaves, moves and dies; signatures are verified by the reference
 * library of Standard Webhooks.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { sql } from "kysely";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createSafeFetch } from "../../src/federation/safe-fetch.ts";
import { deliverDue, signWebhook } from "../../src/federation/webhooks.ts";
import { readSavedSearch, reviseSavedSearch, rotateWebhookSecret, type SearchCaller } from "../../src/registry/saved-searches.ts";
import { forgetOldDeliveries, MOST_ATTEMPTS, readDeliveries, RETRY_AFTER } from "../../src/registry/webhook-deliveries.ts";
import { openSavedSearches, RULES, type SavedSearchesTest } from "../support/saved-searches.ts";

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
const received: Received[] = [];
/** Path -> the status that it answers; undefined never answers. */
const answers = new Map<string, { status: number; headers?: Record<string, string> } | "silence">();
const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
  request.on("end", () => {
    received.push({ path: request.url!, headers: request.headers, body });
    const answer = answers.get(request.url!) ?? { status: 204 };
    if (answer !== "silence") response.writeHead(answer.status, answer.headers).end();
  });
});

let on: SavedSearchesTest;
let rex: SearchCaller;
let hooks: string;
let day = 0;
beforeAll(async () => {
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  hooks = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
});
beforeEach(async () => {
  received.length = 0;
  answers.clear();
  on = await openSavedSearches();
  rex = await on.key("rex");
});
afterEach(async () => {
  vi.useRealTimers();
  await on[Symbol.asyncDispose]();
});

const fetchAt = (allow: string[]) => createSafeFetch({ allow, userAgent: "Calends/0.1 (+https://node.example)" });
const deliver = (fetch = fetchAt([new URL(hooks).host])) => deliverDue({ registry: on.registry, fetch });
const hook = (path: string, word = "Jazz") => on.save(rex, { name: word, query: `q=${word}`, webhookUrl: hooks + path });
/** Something new to tell. */
async function news(word = "Jazz") {
  await on.publish(rex, `${word} ${++day}`, (day % 28) + 1);
  await on.look();
}
const deliveries = (id: string) => on.registry.database.read((reader) => readDeliveries(reader, id, 100));
const webhook = async (id: string) => (await on.registry.database.read((reader) => readSavedSearch(reader, rex, id))).webhook;

/** The payload, if the reference library takes the signature at the time that the registry's clock shows; throws otherwise. */
function verify(secret: string, { body, headers }: Received): { type: string } {
  vi.useFakeTimers({ toFake: ["Date"], now: on.registry.clock() });
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string };
  } finally {
    vi.useRealTimers();
  }
}

describe("a delivery", () => {
  test("arrives signed, once", async () => {
    const { search, secret } = await hook("/a");
    await news();
    expect(await deliver()).toEqual({ delivered: 1, retried: 0, dead: 0 });
    expect(await deliver()).toEqual({ delivered: 0, retried: 0, dead: 0 });
    expect(received).toHaveLength(1);
    const [one] = received;
    expect(verify(secret!, one!)).toMatchObject({ type: "search.matched", data: { search: { name: "Jazz" } } });
    expect(one!.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Calends/0.1 (+https://node.example)" });
    expect(one!.headers["webhook-id"]).toMatch(/^msg_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(await deliveries(search.id)).toMatchObject([{ status: "delivered", attempts: 1, lastStatus: 204, lastError: null }]);
  });

  test("that was changed on its way, or signed by another, is not taken", async () => {
    const { secret } = await hook("/a");
    const { secret: other } = await hook("/b", "Blues");
    await news();
    await deliver();
    const [one] = received;
    expect(() => verify(other!, one!)).toThrow("No matching signature");
    expect(() => verify(secret!, { ...one!, body: one!.body.replace("Jazz", "Jizz") })).toThrow("No matching signature");
    on.later(10 * 60_000);
    expect(() => verify(secret!, one!)).toThrow("too old");
  });

  test("is signed as the specification's own example is", () => {
    const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    expect(signWebhook([secret], { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, body: '{"test": 2432232314}' })).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  test("is signed by both secrets for a day after they were changed", async () => {
    const { search, secret: old } = await hook("/a");
    const { secret: fresh } = await on.registry.database.transact((tx) => rotateWebhookSecret(on.registry, rex, tx, search.id));
    await news();
    await deliver();
    expect([verify(old!, received[0]!).type, verify(fresh, received[0]!).type]).toEqual(["search.matched", "search.matched"]);
    on.later(24 * 60 * 60_000);
    await news();
    await deliver();
    expect(verify(fresh, received[1]!).type).toBe("search.matched");
    expect(() => verify(old!, received[1]!)).toThrow("No matching signature");
  });

  test("is signed by every secret that was replaced within the day, also where they were replaced at once", async () => {
    const { search, secret: first } = await hook("/a");
    const rotate = () => on.registry.database.transact((tx) => rotateWebhookSecret(on.registry, rex, tx, search.id));
    const [second, third] = await Promise.all([rotate(), rotate()]);
    on.later(60 * 60_000);
    const { secret: fresh } = await rotate();
    await news();
    await deliver();
    for (const secret of [first!, second.secret, third.secret, fresh]) expect(verify(secret, received[0]!).type).toBe("search.matched");
    on.later(23 * 60 * 60_000);
    await news();
    await deliver();
    expect(verify(fresh, received[1]!).type).toBe("search.matched");
    expect(() => verify(first!, received[1]!)).toThrow("No matching signature");
    expect(received[1]!.headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+$/);
  });

  test("two workers at once send it once", async () => {
    await hook("/a");
    await hook("/b", "Blues");
    await news();
    await news("Blues");
    const both = await Promise.all([deliver(), deliver()]);
    expect(both[0]!.delivered + both[1]!.delivered).toBe(2);
    expect(received.map(({ path }) => path).toSorted()).toEqual(["/a", "/b"]);
  });

  test("whose worker died comes again when its lease is over, under the same id", async () => {
    await hook("/a");
    await news();
    const dies = deliverDue({ registry: on.registry, fetch: () => Promise.reject(new Error("killed")) });
    await expect(dies).rejects.toThrow("killed");
    expect(await deliver()).toMatchObject({ delivered: 0 });
    on.later(2 * 60_000);
    expect(await deliver()).toMatchObject({ delivered: 1 });
  });

  test("many to one receiver do not hold up another's", async () => {
    await hook("/busy");
    await hook("/quiet", "Blues");
    for (let n = 0; n < 40; n++) await news();
    await news("Blues");
    expect(await deliver()).toEqual({ delivered: 41, retried: 0, dead: 0 });
    expect(received.findIndex(({ path }) => path === "/quiet")).toBeLessThan(4);
  });
});

describe("a receiver in trouble", () => {
  test.each([
    ["says 500", { status: 500 }, "it answered 500"],
    ["says 404", { status: 404 }, "it answered 404"],
    ["redirects", { status: 302, headers: { location: "/a" } }, "it answered 302: redirects are not followed"],
  ] as const)("that %s is asked again later, with the same id and body, signed anew", async (_name, answer, error) => {
    const { search, secret } = await hook("/a");
    answers.set("/a", answer);
    await news();
    expect(await deliver()).toEqual({ delivered: 0, retried: 1, dead: 0 });
    expect(await webhook(search.id)).toMatchObject({ status: "active", failures: 1, lastError: error });
    on.later(RETRY_AFTER[0]! - 1);
    expect(await deliver()).toMatchObject({ retried: 0 });
    on.later(1);
    answers.clear();
    expect(await deliver()).toEqual({ delivered: 1, retried: 0, dead: 0 });
    const [first, second] = received;
    expect([received.length, second!.headers["webhook-id"], second!.body]).toEqual([2, first!.headers["webhook-id"], first!.body]);
    expect(second!.headers["webhook-timestamp"]).not.toBe(first!.headers["webhook-timestamp"]);
    expect(verify(secret!, second!).type).toBe("search.matched");
    expect(await webhook(search.id)).toMatchObject({ status: "active", failures: 0, lastError: null });
  });

  test("is asked ten times in three days, and then no more until its owner wakes it", async () => {
    const { search } = await hook("/a");
    answers.set("/a", { status: 503 });
    await news();
    for (const wait of RETRY_AFTER) {
      expect(await deliver()).toEqual({ delivered: 0, retried: 1, dead: 0 });
      on.later(wait);
    }
    expect(await deliver()).toEqual({ delivered: 0, retried: 0, dead: 1 });
    expect([received.length, MOST_ATTEMPTS]).toEqual([10, 10]);
    expect(await webhook(search.id)).toMatchObject({ status: "failed", failures: 10, lastError: "it answered 503" });
    await news();
    expect(await deliver()).toEqual({ delivered: 0, retried: 0, dead: 0 });
    answers.clear();
    await on.registry.database.transact((tx) => reviseSavedSearch(on.registry, rex, tx, search.id, { status: "active" }, RULES));
    await on.look();
    expect(await deliver()).toEqual({ delivered: 1, retried: 0, dead: 0 });
    expect((await deliveries(search.id)).map(({ status }) => status)).toEqual(["delivered", "dead"]);
  });

  test("that says it is gone for good is believed at once", async () => {
    const { search } = await hook("/a");
    answers.set("/a", { status: 410 });
    await news();
    expect(await deliver()).toEqual({ delivered: 0, retried: 0, dead: 1 });
    expect((await webhook(search.id))?.status).toBe("failed");
  });

  test("that asks for patience is given it, within bounds", async () => {
    const { search } = await hook("/a");
    answers.set("/a", { status: 429, headers: { "retry-after": "3600" } });
    await news();
    await deliver();
    const wait = async () => (await deliveries(search.id))[0]!.nextAttemptAt.getTime() - on.registry.clock().getTime();
    expect(await wait()).toBe(3600_000);
    answers.set("/a", { status: 429, headers: { "retry-after": "99999999" } });
    on.later(3600_000);
    await deliver();
    expect(await wait()).toBe(24 * 3600_000);
  });

  test("at a forbidden address is not dialled, and the reason is kept", async () => {
    const { search } = await hook("/a");
    await news();
    expect(await deliver(fetchAt([]))).toEqual({ delivered: 0, retried: 1, dead: 0 });
    expect(received).toEqual([]);
    expect((await webhook(search.id))?.lastError).toBe("127.0.0.1 is not dialled: loopback");
  });

  test("a node that closes gives up what is under way and counts it as nobody's failure", async () => {
    const { search } = await hook("/a");
    answers.set("/a", "silence");
    await news();
    const closing = new AbortController();
    const fetch = fetchAt([new URL(hooks).host]);
    const under = deliverDue({
      registry: on.registry,
      fetch: (url, request) => (setImmediate(() => closing.abort(new Error("closing"))), fetch(url, request)),
      signal: closing.signal,
    });
    await expect(under).rejects.toThrow("closing");
    expect(await webhook(search.id)).toMatchObject({ status: "active", failures: 0 });
    expect(await deliveries(search.id)).toMatchObject([{ status: "pending", attempts: 1 }]);
  });
});

test("what ended a month ago is forgotten, what waits is not", async () => {
  const { search } = await hook("/a");
  await news();
  await deliver();
  on.later(30 * 24 * 60 * 60_000 + 1);
  await news();
  expect(await forgetOldDeliveries(on.registry)).toBe(1);
  expect((await deliveries(search.id)).map(({ status }) => status)).toEqual(["pending"]);
  expect(await on.rows(sql`select count(*)::int as count from saved_search_matches where search_id = ${search.id}::uuid`)).toEqual([
    { count: 2 },
  ]);
});
