/** What an operator sees of the feed's subscribers: in /metrics, on the admin page, and by the doctor; and what they can do there. */
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findingsOf } from "../../src/cli/doctor-subscribers.ts";
import { readAudit } from "../../src/db/audit-trail.ts";
import { readFeedHead } from "../../src/db/feed-log.ts";
import { findFeedSubscription, insertFeedSubscription, type FeedSubscriptionRow } from "../../src/db/feed-subscriptions.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { listSubscribers } from "../../src/db/subscriber-vitals.ts";
import { ulidOf, uuidOf } from "../../src/domain/iri.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { faultsOf } from "../../src/http/pages/page-faults.ts";
import { adminVisitor, type AdminVisitor } from "../support/admin-visitor.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

const EVIL = `"'></td></script><hostile onclick=alert(1)>`;
const SECRET_PATH = "/services/T0/a-secret-of-the-receiver";
const HOUR = 3_600_000;

let node: TestNode;
let feed: { epoch: string; position: number };
beforeAll(async () => {
  node = await openTestNode();
  const { database } = node;
  const clock = node.registry.clock;
  await openEpoch(database, { clean: true, clock });
  const key = await node.key("agent");
  for (const name of ["One", "Two", "Three"]) await node.ask("/api/v1/events", { key, body: anEvent({ name }) });
  await drainOutbox({ database, clock, base: node.base, log: { info: () => undefined, warn: () => undefined } });
  feed = await database.read(readFeedHead);
  node.pass(2 * HOUR);
}, 120_000);
afterAll(() => node?.[Symbol.asyncDispose]());
beforeEach(() => node.database.transact((tx) => sql`delete from feed_subscriptions`.execute(kyselyOf(tx))));

/** A subscription as its attempts have left it; `behind` positions are not told yet. */
async function aSubscriber(name: string, more: { behind?: number; owner?: string } & Partial<FeedSubscriptionRow> = {}): Promise<string> {
  const { behind = 0, owner, ...columns } = more;
  const now = node.registry.clock();
  const id = node.registry.mint(now.getTime());
  const { status = "active", failures = 0, lastStatus = null, lastError = null, deliveredAt = null, epoch = feed.epoch } = columns;
  await node.database.transact(async (tx) => {
    await insertFeedSubscription(
      tx,
      {
        id,
        name,
        url: `https://hooks.example${SECRET_PATH}`,
        payload: "nudge",
        action: null,
        kind: null,
        origin: null,
        ownerKeyId: owner ?? null,
        secret: Buffer.alloc(32),
        epoch,
        position: feed.position - behind,
      },
      now,
    );
    await sql`update feed_subscriptions set status = ${status}, failures = ${failures}, last_status = ${lastStatus}, last_error = ${lastError},
      delivered_at = ${deliveredAt} where id = ${id}`.execute(kyselyOf(tx));
  });
  return id;
}
const GIVEN_UP = { status: "failed", failures: 10, lastStatus: 500, lastError: "it answered 500", behind: 2 } as const;

const doctor = async () => findingsOf(await node.database.read((on) => listSubscribers(on, 100)), node.registry.clock());

describe("/metrics", () => {
  const metrics = async (): Promise<string> => (await node.ask("/metrics")).text();
  const valueOf = (text: string, name: string, id: string) =>
    new RegExp(`^calends_subscriber_${name}\\{subscription="${ulidOf(id)}",host="hooks.example"\\} (\\S+)$`, "m").exec(text)?.[1];

  test("tells of each how far behind it is, and whether it was given up; and nothing of what a person has stopped", async () => {
    const [told, failing, failed] = [
      await aSubscriber("Told"),
      await aSubscriber("Failing", { behind: 1, failures: 3, lastError: "no answer" }),
      await aSubscriber("Failed", GIVEN_UP),
    ];
    const paused = await aSubscriber("Paused", { status: "paused", behind: 2 });
    const text = await metrics();
    const all = (name: string) => [told, failing, failed, paused].map((id) => valueOf(text, name, id));
    expect(all("up")).toEqual(["1", "1", "0", undefined]);
    expect(all("lag_positions")).toEqual(["0", "1", "2", undefined]);
    expect(all("failures")).toEqual(["0", "3", "10", undefined]);
    expect(all("lag_seconds")).toEqual(["0", "7200", "7200", undefined]);
    const counts = [...text.matchAll(/^calends_subscribers\{state="(\w+)"\} (\d+)$/gm)].map(([, state, count]) => `${state} ${count}`);
    expect(counts.toSorted()).toEqual(["active 1", "failed 1", "failing 1", "paused 1", "revoked 0"]);
    expect(text).not.toContain(SECRET_PATH);
  });

  test("one that is removed is named no more", async () => {
    const id = await aSubscriber("Short");
    expect(valueOf(await metrics(), "up", id)).toBe("1");
    await node.ask(`/api/v1/admin/feed-subscriptions/${ulidOf(id)}`, { method: "DELETE", key: ADMIN_KEY });
    expect(valueOf(await metrics(), "up", id)).toBeUndefined();
  });

  test("of an epoch that is over, all that the feed has is to come", async () => {
    const id = await aSubscriber("Of yore", { epoch: "01HYX3KQW7ERTV9XNBM2P8QJZF" });
    expect(valueOf(await metrics(), "lag_positions", id)).toBe(String(feed.position));
  });
});

describe("the doctor", () => {
  test("says nothing of subscribers where there is none wrong, and counts who is told nothing", async () => {
    const made = { name: "Gone", role: "peer" };
    const { id } = await jsonOf(node.ask("/api/v1/admin/keys", { key: ADMIN_KEY, body: made, type: "application/json" }));
    await node.ask(`/api/v1/admin/keys/${id}`, { method: "DELETE", key: ADMIN_KEY });
    await aSubscriber("Told");
    await aSubscriber("Paused", { status: "paused", behind: 2 });
    await aSubscriber("Left", { behind: 2, owner: uuidOf(id)! });
    expect(await doctor()).toMatchObject([
      { ok: true, found: "3, none given up, 1 paused (told nothing), 1 of a revoked key (told nothing)" },
      { ok: true, found: "none" },
    ]);
  });

  test("names one that was given up, without its address, and what to do", async () => {
    const id = await aSubscriber("Search index", GIVEN_UP);
    const [finding] = await doctor();
    expect(finding).toMatchObject({
      ok: false,
      found: `given up: Search index at hooks.example, ${ulidOf(id)} (it answered 500, 2 changes wait)`,
      advice: expect.stringContaining("/admin/peers"),
    });
  });

  test("names one that waits for hours, and not one that has heard everything", async () => {
    const id = await aSubscriber("Slow", { behind: 1, failures: 4, lastError: "no answer within 15 s" });
    await aSubscriber("Told long ago", { deliveredAt: new Date(0) });
    expect((await doctor())[1]).toMatchObject({
      ok: false,
      found: `Slow at hooks.example, ${ulidOf(id)} (2 h, no answer within 15 s)`,
    });
  });
});

describe("the page of peers", () => {
  const signedIn = async (): Promise<AdminVisitor> => {
    const visitor = adminVisitor(node);
    await visitor.signIn(ADMIN_KEY, "/admin/peers");
    return visitor;
  };
  const held = (id: string) => node.database.read((on) => findFeedSubscription(on, id));

  test("says when there is none", async () => {
    expect((await (await signedIn()).go("/admin/peers")).text).toContain("Nobody has subscribed");
  });

  test("shows each, those in trouble first, whatever they call themselves", async () => {
    await aSubscriber("Told", { deliveredAt: node.registry.clock() });
    await aSubscriber(`Index ${EVIL}`, { ...GIVEN_UP, lastError: `it said ${EVIL}` });
    const { html, text } = await (await signedIn()).go("/admin/peers");
    expect(faultsOf(html)).toEqual([]);
    expect([html.includes("<hostile"), html.includes(SECRET_PATH)]).toEqual([false, false]);
    expect(text).toMatch(/given up ?2 changes, 2 h ?nothing yet ?it said .*\(10 times in a row\) ?It is told nothing more/);
    expect(text.indexOf("Index")).toBeLessThan(text.indexOf("Told"));
  });

  test("wakes, pauses and removes one, each in the audit log", async () => {
    const id = await aSubscriber("Index", GIVEN_UP);
    const visitor = await signedIn();
    const path = `/admin/subscribers/${ulidOf(id)}`;
    const woken = await visitor.send(path, { action: "resume" });
    expect([woken.at, (await held(id))!.status, (await held(id))!.failures]).toEqual(["/admin/peers", "active", 0]);
    await visitor.send(path, { action: "pause" });
    expect((await held(id))!.status).toBe("paused");
    await visitor.send(path, { action: "remove" });
    expect(await held(id)).toBeUndefined();
    for (const action of ["resumed", "revised", "removed"])
      expect((await node.database.read((on) => readAudit(on, { action: `feed-subscription.${action}`, limit: 1 })))[0]).toMatchObject({
        actor: "admin",
      });
    const again = await visitor.send(path, { action: "resume" });
    expect([again.status, again.text]).toEqual([404, expect.stringContaining("There is no such feed subscription")]);
  });

  test("a form without its token changes nothing", async () => {
    const id = await aSubscriber("Index");
    const visitor = await signedIn();
    expect((await visitor.send(`/admin/subscribers/${ulidOf(id)}`, { action: "remove", token: "" })).status).toBe(403);
    expect(await held(id)).toBeDefined();
  });
});
