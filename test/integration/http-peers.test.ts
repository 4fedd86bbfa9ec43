/** The keeper says over HTTP which nodes this one follows: a peer is met before it is kept, steered, and shown with what its pulls brought. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAudit } from "../../src/db/audit-trail.ts";
import { uuidOf } from "../../src/domain/iri.ts";
import { ADMIN_KEY, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { insertRefusal, insertRun, stopPeer } from "../support/peer-rows.ts";

const PEERS = "/api/v1/admin/peers";
const SECRET = "cal_peer_which-nobody-may-see";
let node: TestNode;
let city: { base: string; server: Server };
beforeAll(async () => {
  node = await openTestNode();
  city = await anotherNode({ name: "City calendar", feedFeatures: ["digests", "epochs", "hash-chain"] });
});
afterAll(async () => {
  city.server.close();
  await node[Symbol.asyncDispose]();
});

/** What another node says of itself; it has nothing else. */
async function anotherNode(profile: object): Promise<typeof city> {
  const server = createServer((request, response) => {
    if (request.url !== "/.well-known/sel-profile") return void response.writeHead(404).end();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ profile: "https://sel.events/profiles/interop", version: "0.1.0", node: base, ...profile }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  return { base, server };
}

const post = (path: string, body?: object, key = ADMIN_KEY) =>
  node.ask(path, { method: "POST", key, type: "application/json", ...(body && { body }) });
const patch = (path: string, body: object) => node.ask(path, { method: "PATCH", key: ADMIN_KEY, type: "application/json", body });
const get = (path: string) => node.ask(path, { key: ADMIN_KEY });
const audited = async (action: string) => (await node.database.read((on) => readAudit(on, { action, limit: 1 })))[0];

/** The city as a peer, with its address in this API. */
async function theCity(): Promise<{ path: string; id: string }> {
  const { items } = await jsonOf(get(PEERS));
  const known = items.find(({ base }: { base: string }) => base === city.base);
  const { id } = known ?? (await jsonOf(post(PEERS, { url: city.base })));
  return { path: `${PEERS}/${id}`, id };
}

describe("a peer is added", () => {
  test("once its profile was read, under its own name; the key that it gave us is never shown", async () => {
    const added = await post(PEERS, { url: `${city.base}/`, trust: 7, accessKey: SECRET, filters: { domains: ["music"] } });
    const text = await added.text();
    expect([added.status, text]).toEqual([201, expect.not.stringContaining(SECRET)]);
    const peer = JSON.parse(text);
    expect(peer).toMatchObject({
      base: city.base,
      name: "City calendar",
      status: "active",
      direction: "pull",
      trust: 7,
      relay: false,
      filters: { domains: ["music"] },
      everySeconds: 300,
      dialect: "calends",
      features: ["digests", "epochs", "hash-chain"],
      hasKey: true,
      position: 0,
      counts: { events: 0, places: 0, organizations: 0, persons: 0, gone: 0 },
    });
    expect(added.headers.get("location")).toBe(`${node.base}${PEERS}/${peer.id as string}`);
    expect(await (await get(`${PEERS}/${peer.id as string}`)).text()).not.toContain(SECRET);
    const note = await audited("peer.added");
    expect([note, JSON.stringify(note)]).toEqual([expect.objectContaining({ actor: "admin" }), expect.not.stringContaining(SECRET)]);
  });

  test("only once", async () => {
    await theCity();
    const again = await post(PEERS, { url: city.base });
    expect([again.status, (await jsonOf(again)).detail]).toEqual([409, expect.stringContaining("is a peer already")]);
  });

  test("without being asked anything where it only pushes", async () => {
    const added = await jsonOf(post(PEERS, { url: "https://pushes.example", direction: "push" }));
    expect(added).toMatchObject({ base: "https://pushes.example", name: "pushes.example", direction: "push" });
    const sync = await post(`${PEERS}/${added.id as string}/sync`);
    expect([sync.status, (await jsonOf(sync)).detail]).toEqual([409, expect.stringContaining("only pushes")]);
  });

  test.each([
    ["this node itself", () => ({ url: node.base }), /this node itself/],
    ["what is no address", () => ({ url: "city" }), /url: "city" is no URL/],
    ["a file", () => ({ url: "file:///etc/passwd" }), /url: file: is not spoken here/],
    ["an address where nobody answers", () => ({ url: "http://localhost:1" }), /url: no node can be met at http:\/\/localhost:1/],
    ["a page that is no node", () => ({ url: `${city.base}/somewhere` }), /url: no node can be met at .*sel-profile/],
    ["trust beyond ten", () => ({ url: city.base, trust: 11 }), /trust/],
    ["no such domain", () => ({ url: city.base, filters: { domains: ["wine"] } }), /filters\/domains/],
    ["an area of no Earth", () => ({ url: city.base, filters: { bbox: [0, 0, 0, 91] } }), /filters\/bbox/],
    ["a pace that nobody would like", () => ({ url: city.base, everySeconds: 1 }), /everySeconds/],
    ["no address", () => ({ trust: 3 }), /url/],
    ["an unknown member", () => ({ url: city.base, truts: 3 }), /truts/],
  ])("but not %s, and the member is named", async (_, body, says) => {
    const response = await post(PEERS, body());
    expect([response.status, (await jsonOf(response)).detail]).toEqual([422, expect.stringMatching(says)]);
  });

  test("nor without its address: the title speaks of the body and of no event, and the detail of what is missing", async () => {
    expect(await jsonOf(post(PEERS, {}))).toMatchObject({
      title: "The body is not as it is expected here",
      detail: "/url: expected a value, found nothing",
      errors: [{ pointer: "/url", detail: "expected a value, found nothing" }],
    });
  });

  test("nor a node that calls itself otherwise", async () => {
    const impostor = await anotherNode({ node: "https://somebody.example", name: "Somebody" });
    try {
      const response = await post(PEERS, { url: impostor.base });
      expect([response.status, (await jsonOf(response)).detail]).toEqual([
        422,
        expect.stringContaining("calls itself https://somebody.example"),
      ]);
    } finally {
      impostor.server.close();
    }
  });
});

describe("a peer is steered", () => {
  test("what is changed is changed, and what is not named stays", async () => {
    const { path } = await theCity();
    const changed = await jsonOf(patch(path, { everySeconds: 60, name: "Toronto" }));
    expect(changed).toMatchObject({ everySeconds: 60, name: "Toronto", base: city.base });
    expect(await jsonOf(patch(path, { trust: 9 }))).toMatchObject({ trust: 9, everySeconds: 60 });
    const { items } = await jsonOf(node.ask("/api/v1/admin/sources", { key: ADMIN_KEY }));
    expect(items.find(({ name }: { name: string }) => name === city.base)).toMatchObject({ type: "federation", trustLevel: 9 });
    expect(await jsonOf(patch(path, { accessKey: SECRET }))).toMatchObject({ hasKey: true });
    expect(await jsonOf(patch(path, { accessKey: null }))).toMatchObject({ hasKey: false });
    expect((await patch(path, { status: "broken" })).status).toBe(422);
  });

  test("it is paused, resumed, pulled now and copied anew", async () => {
    const { path } = await theCity();
    const paused = await post(`${path}/pause`);
    expect([paused.status, (await jsonOf(paused)).status]).toEqual([202, "paused"]);
    expect((await post(`${path}/sync`)).status).toBe(409);
    expect((await jsonOf(post(`${path}/resume`))).status).toBe("active");
    node.pass(60_000);
    expect(await jsonOf(post(`${path}/sync`))).toMatchObject({ nextPullAt: node.registry.clock().toISOString() });
    expect(await jsonOf(post(`${path}/resync`))).toMatchObject({ copy: { resync: true, way: "snapshot" } });
    for (const action of ["peer.pull-asked", "peer.resync-asked"]) expect(await audited(action)).toMatchObject({ actor: "admin" });
  });

  test("an alarm is told with what to do about it, until somebody says that it is well", async () => {
    const { path, id } = await theCity();
    await stopPeer(node.database, uuidOf(id)!, "hash_chain", "item 17's hash does not follow from item 16's");
    expect(await jsonOf(get(path))).toMatchObject({
      status: "broken",
      alarm: {
        code: "hash_chain",
        means: "an item's hash does not follow from the one before",
        detail: "item 17's hash does not follow from item 16's",
        advice: expect.stringContaining("resync"),
      },
    });
    const resumed = await jsonOf(post(`${path}/resume`));
    expect([resumed.status, resumed.alarm]).toEqual(["active", undefined]);
  });

  test("what its pulls brought and what was refused is listed, the newest first", async () => {
    const { path, id } = await theCity();
    await insertRun(node, uuidOf(id)!, { kind: "bootstrap", outcome: "applied", applied: 40, toPosition: 40 });
    await insertRun(node, uuidOf(id)!, { kind: "pull", outcome: "failed", refused: 3, detail: "no complete answer within 30 s" });
    await insertRefusal(node, uuidOf(id)!, { reason: "foreign_uri", uri: "https://evil.example/events/1", detail: "it lies elsewhere" });
    const { items: runs } = await jsonOf(get(`${path}/runs`));
    expect(runs).toMatchObject([
      { kind: "pull", outcome: "failed", detail: "no complete answer within 30 s" },
      { kind: "bootstrap", outcome: "applied", applied: 40, toPosition: 40 },
    ]);
    expect((await jsonOf(get(`${path}/runs?limit=1`))).items).toHaveLength(1);
    expect((await jsonOf(get(`${path}/refusals`))).items).toMatchObject([
      { reason: "foreign_uri", uri: "https://evil.example/events/1", times: 1, detail: "it lies elsewhere" },
    ]);
    expect(await jsonOf(get(path))).toMatchObject({ refusedLast24h: 3, lastRun: { kind: "pull" } });
  });

  test("removed, it is no peer any more, and its source is silent; added again, it speaks again", async () => {
    const { path } = await theCity();
    expect((await node.ask(`${path}?reason=gone`, { method: "DELETE", key: ADMIN_KEY })).status).toBe(204);
    expect((await get(path)).status).toBe(404);
    expect((await post(`${path}/sync`)).status).toBe(404);
    expect(await audited("peer.removed")).toMatchObject({ reason: "gone" });
    const sourceOf = async () =>
      (await jsonOf(get("/api/v1/admin/sources"))).items.find(({ name }: { name: string }) => name === city.base);
    expect(await sourceOf()).toMatchObject({ withdrawnReason: "gone" });
    expect((await post(PEERS, { url: city.base })).status).toBe(201);
    expect((await sourceOf()).withdrawnAt).toBeUndefined();
  });
});

test("only an admin's key opens any of it", async () => {
  const { path } = await theCity();
  const agent = await node.key("agent");
  for (const [at, method] of [
    [PEERS, "GET"],
    [PEERS, "POST"],
    [path, "GET"],
    [path, "PATCH"],
    [path, "DELETE"],
    [`${path}/resync`, "POST"],
    [`${path}/runs`, "GET"],
    [`${path}/refusals`, "GET"],
  ] as const) {
    expect([at, method, (await node.ask(at, { method })).status]).toEqual([at, method, 401]);
    expect([at, method, (await node.ask(at, { method, key: agent })).status]).toEqual([at, method, 403]);
  }
  for (const unknown of ["01HYX3KQW7ERTV9XNBM2P8QJZF", "nonsense"]) expect((await get(`${PEERS}/${unknown}`)).status).toBe(404);
  expect((await get(`${path}/runs?colour=red`)).status).toBe(400);
});

describe("/metrics", () => {
  const metrics = async (): Promise<string> => await (await node.ask("/metrics")).text();
  const valueOf = (text: string, name: string) => new RegExp(`^${name}\\{peer="${city.base}"\\} (\\S+)$`, "m").exec(text)?.[1];

  test("tells how far behind each peer we are, whether it was stopped, and what its pulls brought since the start", async () => {
    const { path, id } = await theCity();
    await post(`${path}/resume`);
    const before = await metrics();
    expect(valueOf(before, "calends_peer_up")).toBe("1");
    await node.database.jobs.executeSql(
      `update federation_nodes set position = 90, head = 100, behind_since = '${new Date(node.registry.clock().getTime() - 120_000).toISOString()}', succeeded_at = '2026-05-01T12:00:00Z' where id = '${uuidOf(id)!}'`,
    );
    await insertRun(node, uuidOf(id)!, { kind: "pull", outcome: "applied", applied: 12, refused: 3 });
    const after = await metrics();
    expect(valueOf(after, "calends_peer_lag_positions")).toBe("10");
    expect(valueOf(after, "calends_peer_lag_seconds")).toBe("120");
    expect(valueOf(after, "calends_peer_last_success_timestamp_seconds")).toBe(String(Date.parse("2026-05-01T12:00:00Z") / 1000));
    const rise = (name: string) => Number(valueOf(after, name)) - Number(valueOf(before, name) ?? 0);
    expect([rise("calends_peer_applied_total"), rise("calends_peer_refused_total")]).toEqual([12, 3]);
    // Asked once more, nothing is counted twice.
    expect(valueOf(await metrics(), "calends_peer_applied_total")).toBe(valueOf(after, "calends_peer_applied_total"));

    await stopPeer(node.database, uuidOf(id)!, "identity", "somebody else");
    expect(valueOf(await metrics(), "calends_peer_up")).toBe("0");
    await post(`${path}/pause`);
    expect(valueOf(await metrics(), "calends_peer_up")).toBeUndefined();
  });
});
