/**
 * The feed told by webhook, to a real receiver that behaves, misbehaves and dies: nothing is passed over, nothing is told out of order,
 * and what a takedown removed is told no more.
 */
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readFeedHead, readRange } from "../../src/db/feed-log.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { decodeCursor } from "../../src/feed/cursor.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { createFeedSignal } from "../../src/feed/signal.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { tellSubscribers } from "../../src/federation/feed-webhooks.ts";
import { runFeedWebhooks } from "../../src/federation/run-feed-webhooks.ts";
import { createSafeFetch, type SafeFetch } from "../../src/federation/safe-fetch.ts";
import { revokeKey } from "../../src/registry/api-keys.ts";
import {
  createFeedSubscription,
  readFeedSubscription,
  resumeFeedSubscription,
  reviseFeedSubscription,
  rotateFeedSecret,
  type FeedSubscriptionRequest,
  type SubscriptionCaller,
} from "../../src/registry/feed-subscriptions.ts";
import { RETRY_AFTER } from "../../src/registry/webhook-deliveries.ts";
import { createKey } from "../../src/registry/api-keys.ts";
import { ADMIN, openSavedSearches, type SavedSearchesTest } from "../support/saved-searches.ts";
import { openWebhookReceiver, verifyWebhook, type Received, type WebhookReceiver } from "../support/webhook-receiver.ts";

interface Told {
  type: "feed.nudge" | "feed.changes" | "feed.epoch";
  timestamp: string;
  data: {
    subscription: string;
    node: string;
    epoch: string;
    position: number;
    cursor: string;
    head: number;
    next_cursor?: string;
    changes?: { sequence_number: number; kind: string; action: string; uri: string; snapshot?: { description?: string } }[];
    previous_epoch?: string;
    reason?: string;
    snapshot?: string;
  };
}

let receiver: WebhookReceiver;
let on: SavedSearchesTest;
let rex: SubscriptionCaller;
beforeAll(async () => void (receiver = await openWebhookReceiver()));
afterAll(() => receiver[Symbol.asyncDispose]());
beforeEach(async () => {
  receiver.received.length = 0;
  receiver.answers.clear();
  receiver.onRequest = () => undefined;
  on = await openSavedSearches();
  rex = await on.key("rex");
});
afterEach(() => on[Symbol.asyncDispose]());

const open = () => undefined;
const fetchAt = (allow = [receiver.host]) => createSafeFetch({ allow, userAgent: "Calends/0.1" });
const tell = (fetch = fetchAt(), random = () => 0) => tellSubscribers({ registry: on.registry, fetch, random });
const head = () => on.registry.database.read(readFeedHead);
const atStart = async () => ({ epoch: (await head()).epoch, position: 0 });
const write = <T>(work: Parameters<typeof on.registry.database.transact<T>>[0]) => on.registry.database.transact<T>(work);

async function subscribe(path: string, request: Partial<FeedSubscriptionRequest> = {}, caller: SubscriptionCaller = ADMIN) {
  const { epoch, position } = await head();
  const whole = { name: path, url: receiver.url + path, payload: "changes", from: { epoch, position }, ...request } as const;
  const { subscription, secret } = await write((tx) => createFeedSubscription(on.registry, caller, tx, whole, open));
  return { id: subscription.id, secret };
}
const standing = (id: string) => on.registry.database.read((reader) => readFeedSubscription(reader, ADMIN, id));
const positionOf = async (id: string) => (await standing(id)).position;
const resume = (id: string) => write((tx) => resumeFeedSubscription(on.registry, ADMIN, tx, id));

let day = 0;
/** So many new events, numbered. Their first also makes a place and an organization. */
async function publish(count = 1, more: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await on.publish(rex, `Concert ${++day}`, (day % 28) + 1, more));
  await on.number();
  return ids;
}
/** So many new places, numbered: a fast way to a long log, of items that are at least so many letters long. */
async function addPlaces(count: number, letters = 0) {
  const others = letters === 0 ? [] : ["x".repeat(letters)];
  await write((tx) =>
    sql`insert into places (id, match_key, name, same_as)
      select gen_random_uuid(), gen_random_uuid()::text::bytea, 'Old Mill ' || n, ${others}::text[] from generate_series(1, ${count}::int) n`.execute(
      kyselyOf(tx),
    ),
  );
  await on.number();
}
const told = (path?: string): Told[] =>
  receiver.received.filter((one) => path === undefined || one.path === path).map(({ body }) => JSON.parse(body) as Told);
const positionsOf = (messages: Told[]) => messages.flatMap(({ data }) => data.changes!.map((change) => change.sequence_number));
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);
const verify = (secret: string, one: Received) => verifyWebhook<Told>(secret, one, on.registry.clock());

describe("whole changes", () => {
  test("come signed, byte for byte as the feed has them, between two cursors", async () => {
    const { id, secret } = await subscribe("/a");
    await publish(2);
    expect(await tell()).toEqual({ delivered: 1, retried: 0, dead: 0 });
    const [one] = receiver.received;
    const { type, data } = verify(secret, one!);
    const { epoch, position } = await head();
    expect([type, data.node, data.epoch, data.position, data.head]).toEqual([
      "feed.changes",
      "https://node.example",
      epoch,
      position,
      position,
    ]);
    expect([decodeCursor(data.cursor), decodeCursor(data.next_cursor!)]).toEqual([
      { epoch, position: 0, filters: undefined },
      { epoch, position, filters: undefined },
    ]);
    const { items } = await on.registry.database.read((reader) => readRange(reader, 0, position));
    expect(one!.body).toContain(`"changes":[${items.join(",")}]`);
    expect(one!.headers["webhook-id"]).toMatch(/^msg_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(await standing(id)).toMatchObject({ position, message: null, lastStatus: 204 });
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
  });

  test("of the past are told to who names a cursor, a hundred at a time and in order", async () => {
    await addPlaces(250);
    await subscribe("/a", { from: await atStart() });
    await tell();
    expect(told().map(({ data }) => data.changes!.length)).toEqual([100, 100, 50]);
    expect(positionsOf(told())).toEqual(upTo(250));
    const cursors = told().map(({ data }) => [data.cursor, data.next_cursor]);
    expect(cursors.slice(1).map(([from]) => from)).toEqual(cursors.slice(0, -1).map(([, to]) => to));
  });

  test("of one kind or action alone leave the others out, and go on past them", async () => {
    await subscribe("/places", { kind: "place" });
    await subscribe("/deletes", { action: "delete" });
    await publish(2);
    await tell();
    expect(told("/places").map(({ data }) => data.changes!.map(({ kind }) => kind))).toEqual([["place"]]);
    expect(decodeCursor(told("/places")[0]!.data.next_cursor!)).toMatchObject({
      position: (await head()).position,
      filters: expect.any(String) as string,
    });
    expect(told("/deletes")).toEqual([]);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
  });

  test("after a takedown are told without what was taken down, also where an attempt with it had failed", async () => {
    await subscribe("/a");
    receiver.answers.set("/a", { status: 500 });
    const [id] = await publish(1);
    await tell();
    await write((tx) => redactEntity(tx, "event", id!));
    receiver.answers.clear();
    on.later(RETRY_AFTER[0]);
    await tell();
    const descriptions = told().map(({ data }) => data.changes!.find(({ kind }) => kind === "event")!.snapshot!.description);
    expect(descriptions).toEqual(["An evening of improvised music.", undefined]);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  test("too long for one message come in several", async () => {
    await addPlaces(90, 20_000);
    await subscribe("/a", { from: await atStart() });
    await tell();
    expect(told().length).toBe(2);
    expect(Math.max(...receiver.received.map(({ body }) => body.length))).toBeLessThan(1024 * 1024 + 1_000);
    expect(positionsOf(told())).toEqual(upTo(90));
  });

  test("longer than any message alone are told, one at a time", async () => {
    await addPlaces(2, 1024 * 1024);
    await subscribe("/a", { from: await atStart() });
    await tell();
    expect(told().map(({ data }) => data.changes!.length)).toEqual([1, 1]);
  });
});

describe("a nudge", () => {
  test("says once that there is something new, however much it is", async () => {
    const { secret, id } = await subscribe("/a", { payload: "nudge" });
    const before = await head();
    await addPlaces(3);
    await tell();
    const { epoch, position } = await head();
    expect(receiver.received).toHaveLength(1);
    expect(verify(secret, receiver.received[0]!)).toMatchObject({ type: "feed.nudge", data: { epoch, position: 0, head: position } });
    expect(decodeCursor(told()[0]!.data.cursor)).toMatchObject({ epoch, position: before.position });
    expect(await standing(id)).toMatchObject({ position });
  });

  test("holds back for a second, and then tells of all that came meanwhile", async () => {
    await subscribe("/a", { payload: "nudge" });
    await addPlaces(1);
    await tell();
    await addPlaces(1);
    await addPlaces(1);
    await tell();
    expect(told()).toHaveLength(1);
    on.later(1_000);
    await tell();
    expect(told()).toHaveLength(2);
    expect(told()[1]!.data).toMatchObject({ position: told()[0]!.data.head, head: (await head()).position });
  });

  test("that did not arrive is one with those that follow", async () => {
    await subscribe("/a", { payload: "nudge" });
    receiver.answers.set("/a", { status: 500 });
    await addPlaces(1);
    await tell();
    await addPlaces(1);
    receiver.answers.clear();
    on.later(RETRY_AFTER[0]);
    await tell();
    expect(told().map(({ data }) => [data.position, data.head])).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  test("is not sent for what its filters leave out", async () => {
    await subscribe("/a", { payload: "nudge", action: "delete" });
    await addPlaces(1);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
  });
});

describe("a receiver in trouble", () => {
  test("is told the same again under the same id, and nothing that came after it before", async () => {
    const { id, secret } = await subscribe("/a");
    receiver.answers.set("/a", { status: 503 });
    await addPlaces(1);
    expect(await tell()).toEqual({ delivered: 0, retried: 1, dead: 0 });
    expect(await standing(id)).toMatchObject({ status: "active", failures: 1, position: 0, lastError: "it answered 503" });
    await addPlaces(1);
    on.later(RETRY_AFTER[0]! - 1);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
    on.later(1);
    receiver.answers.clear();
    expect(await tell()).toEqual({ delivered: 2, retried: 0, dead: 0 });
    const [first, second, third] = receiver.received;
    expect(second!.headers["webhook-id"]).toBe(first!.headers["webhook-id"]);
    expect(third!.headers["webhook-id"]).not.toBe(first!.headers["webhook-id"]);
    expect(second!.headers["webhook-timestamp"]).not.toBe(first!.headers["webhook-timestamp"]);
    expect(positionsOf([verify(secret, second!), verify(secret, third!)])).toEqual(upTo((await head()).position));
    expect(await standing(id)).toMatchObject({ failures: 0, lastError: null });
  });

  test("is asked again a little later than others that failed with it", async () => {
    const { id } = await subscribe("/a");
    receiver.answers.set("/a", { status: 503 });
    await addPlaces(1);
    await tell(fetchAt(), () => 1);
    expect((await standing(id)).nextAttemptAt.getTime() - on.registry.clock().getTime()).toBe(RETRY_AFTER[0]! * 1.1);
  });

  test.each([
    ["seconds", "3600", 3600_000],
    ["a date", "Sun, 01 Mar 2026 14:00:00 GMT", 2 * 3600_000],
    ["more than a day", "99999999", 24 * 3600_000],
  ])("that asks for patience (%s) is given it", async (_name, header, wait) => {
    const { id } = await subscribe("/a");
    receiver.answers.set("/a", { status: 429, headers: { "retry-after": header } });
    await addPlaces(1);
    await tell();
    expect((await standing(id)).nextAttemptAt.getTime() - on.registry.clock().getTime()).toBe(wait);
  });

  test("has failed after ten attempts in three days; woken, it hears all that it missed", async () => {
    const { id } = await subscribe("/a");
    receiver.answers.set("/a", { status: 500 });
    await addPlaces(1);
    for (const wait of RETRY_AFTER) {
      expect(await tell()).toEqual({ delivered: 0, retried: 1, dead: 0 });
      on.later(wait);
    }
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 1 });
    expect(await standing(id)).toMatchObject({ status: "failed", failures: 10, position: 0, lastError: "it answered 500" });
    await addPlaces(2);
    on.later(24 * 3600_000);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
    receiver.answers.clear();
    receiver.received.length = 0;
    await resume(id);
    expect(on.jobs).toContainEqual({ queue: "tell-subscribers" });
    await tell();
    expect(positionsOf(told())).toEqual(upTo((await head()).position));
  });

  test("that is gone for good is believed at once", async () => {
    const { id } = await subscribe("/a");
    receiver.answers.set("/a", { status: 410 });
    await addPlaces(1);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 1 });
    expect(await standing(id)).toMatchObject({ status: "failed", lastError: "it answered 410" });
  });

  test("at a forbidden address is not dialled", async () => {
    const { id } = await subscribe("/a");
    await addPlaces(1);
    expect(await tell(fetchAt([]))).toEqual({ delivered: 0, retried: 1, dead: 0 });
    expect(receiver.received).toEqual([]);
    expect((await standing(id)).lastError).toBe("127.0.0.1 is not dialled: loopback");
  });

  test("does not hold up another", async () => {
    await subscribe("/broken");
    await subscribe("/sound");
    receiver.answers.set("/broken", { status: 500 });
    await addPlaces(3);
    expect(await tell()).toEqual({ delivered: 1, retried: 1, dead: 0 });
    expect(positionsOf(told("/sound"))).toEqual(upTo((await head()).position));
  });
});

describe("a worker", () => {
  test("that died is replaced when its lease is over, and the message keeps its id", async () => {
    const { id } = await subscribe("/a");
    await addPlaces(1);
    await expect(tell(() => Promise.reject(new Error("killed")))).rejects.toThrow("killed");
    const begun = (await standing(id)).message;
    expect(begun).toMatchObject({ type: "feed.changes", until: (await head()).position });
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
    on.later(2 * 60_000);
    expect(await tell()).toEqual({ delivered: 1, retried: 0, dead: 0 });
    expect((await standing(id)).message).toBeNull();
  });

  test("that died after the receiver had it sends it once more, under the same id", async () => {
    await subscribe("/a");
    await addPlaces(1);
    const dies = async (...request: Parameters<ReturnType<typeof fetchAt>>) => {
      await fetchAt()(...request);
      throw new Error("killed");
    };
    await expect(tell(dies)).rejects.toThrow("killed");
    on.later(2 * 60_000);
    await addPlaces(1);
    await tell();
    const [first, again] = receiver.received;
    expect([again!.headers["webhook-id"], positionsOf([JSON.parse(again!.body) as Told])]).toEqual([
      first!.headers["webhook-id"],
      positionsOf([JSON.parse(first!.body) as Told]),
    ]);
    expect(positionsOf(told().slice(1))).toEqual(upTo((await head()).position));
  });

  test("whose time was over is heard no more: its late receipt moves nothing", async () => {
    const { id } = await subscribe("/a");
    await addPlaces(1);
    const seen: number[] = [];
    const late = async (...request: Parameters<ReturnType<typeof fetchAt>>) => {
      const answer = await fetchAt()(...request);
      if (seen.push(await positionOf(id)) === 1) await resume(id);
      return answer;
    };
    await tell(late);
    // The first receipt was not heard, so the second attempt began where the first had.
    expect([seen, await positionOf(id)]).toEqual([[0, 0], (await head()).position]);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  test("and another at once tell everything once, in order", async () => {
    await subscribe("/a", { from: await atStart() });
    await subscribe("/b", { from: await atStart() });
    await addPlaces(250);
    const [one, other] = await Promise.all([tell(), tell()]);
    await addPlaces(30);
    const later = await Promise.all([tell(), tell(), tell()]);
    expect([one, other, ...later].reduce((sum, { delivered }) => sum + delivered, 0)).toBe(receiver.received.length);
    const all = upTo((await head()).position);
    expect([positionsOf(told("/a")), positionsOf(told("/b"))]).toEqual([all, all]);
  });

  test("that told without a lease would be caught here: two at once, each by itself, tell twice", async () => {
    await subscribe("/a", { from: await atStart() });
    await subscribe("/a", { from: await atStart() });
    await addPlaces(3);
    await Promise.all([tell(), tell()]);
    expect(positionsOf(told("/a"))).not.toEqual(upTo((await head()).position));
  });
});

describe("a receiver that takes its time", () => {
  test("gives way to others after five seconds, and goes on after them", async () => {
    await subscribe("/slow", { from: await atStart() });
    await addPlaces(450);
    receiver.onRequest = () => on.later(3_000);
    await tell();
    expect(told("/slow")).toHaveLength(5);
    expect(positionsOf(told("/slow"))).toEqual(upTo((await head()).position));
    const { lease } = (await on.rows<{ lease: string }>(sql`select lease from feed_subscriptions where name = '/slow'`))[0]!;
    // Five messages of three seconds: two to a turn.
    expect(Number(lease)).toBe(3);
  });

  test("keeps no round from ending", async () => {
    await subscribe("/slow", { from: await atStart() });
    await addPlaces(900);
    receiver.onRequest = () => on.later(14_000);
    await tell();
    expect(told("/slow")).toHaveLength(4);
    await tell();
    expect(told("/slow")).toHaveLength(8);
  });

  test("keeps nobody else from being told, as soon as there is something", async () => {
    await subscribe("/slow");
    await subscribe("/other");
    await using signal = createFeedSignal({ database: on.registry.database, log: { info: () => {}, warn: () => {} }, poll: 50 });
    const arrived = async (count: number) => {
      await expect.poll(() => told("/other").length, { timeout: 30_000 }).toBe(count);
    };
    // It answers when the node closes, and not before.
    const fetch: SafeFetch = (url, options) =>
      String(url).endsWith("/slow")
        ? new Promise((_, reject) => options?.signal?.addEventListener("abort", () => reject(new Error("closing"))))
        : fetchAt()(url, options);
    const warnings: unknown[] = [];
    {
      await using _runner = runFeedWebhooks({
        registry: on.registry,
        fetch,
        random: () => 0,
        feedSignal: signal,
        wait: () => Promise.resolve(),
        log: { warn: (details) => void warnings.push(details) },
      });
      await addPlaces(1);
      await arrived(1);
      await addPlaces(1);
      await arrived(2);
    }
    expect([told("/slow"), warnings]).toEqual([[], []]);
  });
});

describe("a new epoch", () => {
  test("is told, and what follows it goes on from the head", async () => {
    const { id, secret } = await subscribe("/a");
    await addPlaces(1);
    const before = await head();
    on.later();
    await openEpoch(on.registry.database, { clean: false, clock: on.registry.clock });
    await tell();
    const { epoch, position } = await head();
    expect(verify(secret, receiver.received[0]!)).toMatchObject({
      type: "feed.epoch",
      data: {
        epoch,
        position,
        previous_epoch: before.epoch,
        reason: "new_epoch",
        snapshot: "https://node.example/api/v1/feeds/changes/snapshot",
      },
    });
    expect(await standing(id)).toMatchObject({ epoch, position });
    await addPlaces(1);
    await tell();
    expect(positionsOf(told().slice(1))).toEqual([position + 1]);
  });

  test("comes before everything else, also where a message of the one before was on its way", async () => {
    await subscribe("/a");
    receiver.answers.set("/a", { status: 500 });
    await addPlaces(1);
    await tell();
    on.later();
    await openEpoch(on.registry.database, { clean: false, clock: on.registry.clock });
    receiver.answers.clear();
    await tell();
    expect(told().map(({ type }) => type)).toEqual(["feed.changes", "feed.epoch"]);
    expect(receiver.received[1]!.headers["webhook-id"]).not.toBe(receiver.received[0]!.headers["webhook-id"]);
  });
});

describe("its owner", () => {
  test("changes the secret; for a day both sign", async () => {
    const { id, secret: old } = await subscribe("/a");
    const { secret } = await write((tx) => rotateFeedSecret(on.registry, ADMIN, tx, id));
    await addPlaces(1);
    await tell();
    expect([verify(old, receiver.received[0]!).type, verify(secret, receiver.received[0]!).type]).toEqual(["feed.changes", "feed.changes"]);
    on.later(24 * 3600_000);
    await addPlaces(1);
    await tell();
    expect(verify(secret, receiver.received[1]!).type).toBe("feed.changes");
    expect(() => verify(old, receiver.received[1]!)).toThrow("No matching signature");
  });

  test("changes it again within the day: each that was replaced signs until its own time", async () => {
    const { id, secret: first } = await subscribe("/a");
    const rotate = () => write((tx) => rotateFeedSecret(on.registry, ADMIN, tx, id));
    const HOUR = 3600_000;
    const replaced = await rotate();
    on.later(HOUR);
    const { secret } = await rotate();
    const told = async () => {
      await addPlaces(1);
      await tell();
      return receiver.received.at(-1)!;
    };
    const all = await told();
    for (const each of [first, replaced.secret, secret]) expect(verify(each, all).type).toBe("feed.changes");
    expect(all.headers["webhook-signature"]).toMatch(/^v1,\S+ v1,\S+ v1,\S+$/);
    on.later(23 * HOUR);
    expect(on.registry.clock()).toEqual(replaced.previousUntil);
    const left = await told();
    expect(() => verify(first, left)).toThrow("No matching signature");
    for (const each of [replaced.secret, secret]) expect(verify(each, left).type).toBe("feed.changes");
  });

  test("changes it no more than four times a day, and is told when again; ended ones are not kept", async () => {
    const { id } = await subscribe("/a");
    const rotate = () => write((tx) => rotateFeedSecret(on.registry, ADMIN, tx, id));
    const { previousUntil } = await rotate();
    on.later(3600_000);
    for (let n = 0; n < 3; n++) await rotate();
    await expect(rotate()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`the oldest ends at ${previousUntil.toISOString()}`) as string,
    });
    on.later(23 * 3600_000);
    await rotate();
    expect((await standing(id)).previousSecrets).toHaveLength(4);
  });

  test("changes it several times at once: none loses the secret of another", async () => {
    const { id, secret: first } = await subscribe("/a");
    const made = await Promise.all([1, 2, 3, 4].map(() => write((tx) => rotateFeedSecret(on.registry, ADMIN, tx, id))));
    await addPlaces(1);
    await tell();
    for (const secret of [first, ...made.map((one) => one.secret)]) expect(verify(secret, receiver.received[0]!).type).toBe("feed.changes");
  });

  test("pauses it and wakes it: what came meanwhile is told then", async () => {
    const { id } = await subscribe("/a");
    const set = (status: "active" | "paused") => write((tx) => reviseFeedSubscription(on.registry, ADMIN, tx, id, { status }, open));
    await set("paused");
    await addPlaces(2);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
    await set("active");
    await tell();
    expect(positionsOf(told())).toEqual(upTo((await head()).position));
  });

  test("moves it: what the old address had not confirmed goes to the new one, under another secret", async () => {
    const { id, secret: old } = await subscribe("/old");
    receiver.answers.set("/old", { status: 500 });
    await addPlaces(1);
    await tell();
    const { secret } = await write((tx) => reviseFeedSubscription(on.registry, ADMIN, tx, id, { url: `${receiver.url}/new` }, open));
    await tell();
    expect(positionsOf(told("/new"))).toEqual(upTo((await head()).position));
    const last = receiver.received.at(-1)!;
    expect(verify(secret!, last).type).toBe("feed.changes");
    expect(() => verify(old, last)).toThrow("No matching signature");
  });

  test("whose key is revoked is told nothing more", async () => {
    const { key } = await write((tx) => createKey(on.registry, ADMIN, tx, { name: "peer", role: "peer" }));
    await subscribe("/a", {}, { actor: "key:peer", role: "peer", keyId: key.id });
    await write((tx) => revokeKey(on.registry, ADMIN, tx, key.id));
    await addPlaces(1);
    expect(await tell()).toEqual({ delivered: 0, retried: 0, dead: 0 });
  });
});
