/** Feed subscriptions on a whole node: kept over HTTP by admins and peers, told by its worker as soon as something is new. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, createNetwork, type TestNetwork } from "../support/network.ts";
import { anEvent, jsonOf } from "../support/http.ts";
import { openWebhookReceiver, verifyWebhook, type Received, type WebhookReceiver } from "../support/webhook-receiver.ts";

const PATH = "/api/v1/admin/feed-subscriptions";
/** What a worker notes, it notes after the receiver has heard it. */
const PATIENT = { timeout: 30_000 };

let receiver: WebhookReceiver;
let network: TestNetwork;
let agent: string;
let ann: string;
let ben: string;
beforeAll(async () => {
  receiver = await openWebhookReceiver();
  const env = { FETCH_ALLOW: receiver.host, DEFAULT_TIMEZONE: "America/Toronto" };
  network = await createNetwork({ nodes: 1, env, roles: ["api", "sequencer", "worker"] });
  await ask("/api/v1/admin/sources", { body: { name: "City", type: "api", licenseStatus: "cc0" } });
  agent = await key("agent", { source: "City" });
  [ann, ben] = [await key("peer"), await key("peer")];
}, 180_000);
afterAll(async () => {
  await network?.[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

function ask(
  path: string,
  { key: as = ADMIN_KEY, body, method }: { key?: string; body?: object; method?: string } = {},
): Promise<Response> {
  return fetch(network.node.url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(as && { authorization: `Bearer ${as}` }), ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
}
async function key(role: string, more: object = {}): Promise<string> {
  return (await jsonOf(ask("/api/v1/admin/keys", { body: { name: `${role} key`, role, ...more } }))).key;
}
const subscribe = (path: string, more: object = {}, as = ADMIN_KEY) =>
  ask(PATH, { key: as, body: { name: "Index", url: receiver.url + path, payload: "changes", ...more } });
let day = 0;
const submit = (name: string) =>
  ask("/api/v1/events", { key: agent, body: anEvent({ name, startDate: `2096-06-${String(++day).padStart(2, "0")}T20:00:00-04:00` }) });

/** The next request at this path that `fits`. */
function next(path: string, fits: (one: Received) => boolean = () => true): Promise<Received> {
  return new Promise((done) => {
    const before = receiver.onRequest;
    receiver.onRequest = (one) => {
      before(one);
      if (one.path === path && fits(one)) done(one);
    };
  });
}

test("a change is told at once, without anybody's asking", async () => {
  const { secret } = await jsonOf(subscribe("/told"));
  const holds = next("/told", ({ body }) => body.includes("Lantern Octet"));
  await submit("Lantern Octet");
  expect(verifyWebhook(secret, await holds, new Date())).toMatchObject({ type: "feed.changes", data: { node: network.node.base } });
});

test("a nudge says where to read on, and the feed takes its cursor", async () => {
  await subscribe("/nudged", { payload: "nudge" });
  const nudge = next("/nudged");
  await submit("Nordic Winds");
  const { type, data } = JSON.parse((await nudge).body) as { type: string; data: { cursor: string; head: number } };
  expect(type).toBe("feed.nudge");
  const feed = await jsonOf(fetch(`${network.node.url}/api/v1/feeds/changes?since=${data.cursor}`));
  expect(JSON.stringify(feed.changes)).toContain("Nordic Winds");
});

test("one that begins at a cursor is told everything after it; filters are the feed's own", async () => {
  await submit("Early Bird");
  const everything = next("/everything");
  const start = (await jsonOf(fetch(`${network.node.url}/api/v1/feeds/changes?limit=1`))).cursor;
  await subscribe("/everything", { since: start, kind: "event" });
  const { data } = JSON.parse((await everything).body) as {
    data: { changes: { kind: string; sequence_number: number }[]; cursor: string };
  };
  expect(new Set(data.changes.map((change) => change.kind))).toEqual(new Set(["event"]));
  const same = await jsonOf(fetch(`${network.node.url}/api/v1/feeds/changes?kind=event&limit=${data.changes.length}`));
  expect(data.changes).toEqual(same.changes);
});

test("one that failed shows why; woken, it goes on where it stood", async () => {
  receiver.answers.set("/failing", { status: 410 });
  const { id } = await jsonOf(subscribe("/failing"));
  const refused = next("/failing");
  await submit("Unheard");
  await refused;
  await expect.poll(async () => (await jsonOf(ask(`${PATH}/${id}`))).status, PATIENT).toBe("failed");
  const failed = await jsonOf(ask(`${PATH}/${id}`));
  expect(failed).toMatchObject({ failures: 1, lastStatus: 410, lastError: "it answered 410", position: expect.any(Number) });
  expect(failed.head).toBeGreaterThan(failed.position);
  receiver.answers.delete("/failing");
  const heard = next("/failing", ({ body }) => body.includes("Unheard"));
  expect((await ask(`${PATH}/${id}/resume`, { method: "POST" })).status).toBe(200);
  await heard;
  await expect.poll(async () => (await jsonOf(ask(`${PATH}/${id}`))).position, PATIENT).toBeGreaterThan(failed.position);
});

describe("over HTTP", () => {
  test("the secret is shown once, and anew when it is changed or the address is another", async () => {
    const made = await subscribe("/secret");
    const { id, secret } = await jsonOf(made);
    expect([made.status, made.headers.get("location")]).toEqual([201, `${network.node.base}${PATH}/${id}`]);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect((await jsonOf(ask(`${PATH}/${id}`))).secret).toBeUndefined();
    const rotated = await jsonOf(ask(`${PATH}/${id}/secret`, { method: "POST" }));
    expect(rotated.secret).not.toBe(secret);
    const moved = await jsonOf(ask(`${PATH}/${id}`, { method: "PATCH", body: { url: `${receiver.url}/moved` } }));
    expect([moved.url, moved.secret]).toEqual([`${receiver.url}/moved`, expect.stringMatching(/^whsec_/)]);
    expect((await jsonOf(ask(`${PATH}/${id}`, { method: "PATCH", body: { name: "Other" } }))).secret).toBeUndefined();
  });

  test("a peer keeps its own, and finds nobody else's; an admin sees all", async () => {
    const { id } = await jsonOf(subscribe("/ann", {}, ann));
    const listed = async (as: string) => (await jsonOf(ask(PATH, { key: as }))).items.map((item: { id: string }) => item.id);
    expect(await listed(ann)).toEqual([id]);
    expect(await listed(ben)).toEqual([]);
    expect(await listed(ADMIN_KEY)).toContain(id);
    for (const [path, method, body] of [
      [`${PATH}/${id}`, "GET"],
      [`${PATH}/${id}`, "DELETE"],
      [`${PATH}/${id}/secret`, "POST"],
      [`${PATH}/${id}/resume`, "POST"],
      [`${PATH}/${id}`, "PATCH", { status: "paused" }],
    ] as const) {
      expect((await ask(path, { key: ben, method, ...(body && { body }) })).status).toBe(404);
    }
    expect((await ask(`${PATH}/${id}`, { key: ann, method: "DELETE" })).status).toBe(204);
    expect((await ask(`${PATH}/${id}`, { key: ann })).status).toBe(404);
  });

  test("neither the public nor an agent subscribes, and a peer gets at nothing else of an admin's", async () => {
    expect((await subscribe("/x", {}, "")).status).toBe(401);
    expect((await subscribe("/x", {}, agent)).status).toBe(403);
    expect((await ask("/api/v1/admin/keys", { key: ann })).status).toBe(403);
  });

  test("a method that there is none of is 405, whoever asks; what only admins may do stays theirs", async () => {
    const { id } = await jsonOf(subscribe("/methods", {}, ann));
    for (const as of [ann, agent, "", ADMIN_KEY]) {
      const refused = await ask(`${PATH}/${id}`, { key: as, method: "PUT", body: { name: "Other" } });
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, PATCH, DELETE, HEAD, OPTIONS"]);
    }
    for (const [method, path] of [
      ["GET", "/api/v1/admin/keys"],
      ["HEAD", "/api/v1/admin/peers"],
      ["DELETE", `/api/v1/admin/keys/${id}`],
    ] as const)
      expect([(await ask(path, { key: ann, method })).status, (await ask(path, { key: "", method })).status]).toEqual([403, 401]);
  });

  test.each([
    ["a private address", { url: "http://10.0.0.1/hook" }, 422, "/url"],
    ["this machine by its name", { url: "http://localhost:9/hook" }, 422, "/url"],
    ["no address", { url: "hook" }, 422, "/url"],
    ["another kind of payload", { payload: "everything" }, 422, "/payload"],
    ["an unknown member", { colour: "red" }, 422, ""],
    ["no cursor", { since: "yesterday" }, 400, "/since"],
    ["a cursor of another epoch", { since: Buffer.from("01HYX3KQW7ERTV9XNBM2P8QJZF.0").toString("base64url") }, 410, undefined],
  ])("%s is refused", async (_name, more, status, pointer) => {
    const answer = await subscribe("/x", more);
    const problem = await jsonOf(answer);
    expect([answer.status, problem.errors?.[0].pointer]).toEqual([status, pointer]);
  });

  test("where `since` is no cursor it says what comes without one", async () => {
    expect((await jsonOf(subscribe("/x", { since: "zzz" }))).detail).toMatch(/leave `since` out to be told what comes from now on\.$/);
    const feed = await jsonOf(fetch(`${network.node.url}/api/v1/feeds/changes?since=zzz`));
    expect(feed.detail).toMatch(/leave `since` out to begin at the beginning\.$/);
  });

  test("to an address that is never dialled a subscription is not moved either", async () => {
    const { id } = await jsonOf(subscribe("/stays"));
    for (const url of ["http://localhost:9", "http://127.0.0.1:9/"]) {
      const answer = await ask(`${PATH}/${id}`, { method: "PATCH", body: { url } });
      const { detail } = await jsonOf(answer);
      expect([answer.status, detail]).toEqual([422, expect.stringMatching(/^url: (localhost|127\.0\.0\.1) is not dialled: loopback\.$/)]);
    }
    expect((await jsonOf(ask(`${PATH}/${id}`))).url).toBe(`${receiver.url}/stays`);
  });

  test("pages of the list follow one another", async () => {
    for (let n = 0; n < 3; n++) await subscribe(`/page-${n}`, {}, ben);
    const first = await jsonOf(ask(`${PATH}?limit=2`, { key: ben }));
    const second = await jsonOf(ask(`${PATH}?limit=2&after=${first.next_cursor}`, { key: ben }));
    expect([first.items.length, second.items.length, second.next_cursor]).toEqual([2, 1, null]);
  });
});
