/** What a person asks for of a peer: who answers there is looked at first, however lately it was; and what is told of it at once. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BootstrapWay } from "../../src/domain/peer.ts";
import { lagOf } from "../../src/registry/list-peers.ts";
import { readPeer } from "../../src/registry/peers.ts";
import { adminVisitor, type AdminVisitor } from "../support/admin-visitor.ts";
import { anEvent, jsonOf } from "../support/http.ts";
import { ADMIN_KEY, createNetwork, type TestNetwork } from "../support/network.ts";
import { FEED, json, openScriptedPeer, type ScriptedPeer } from "../support/scripted-peer.ts";

const PEERS = "/api/v1/admin/peers";
let network: TestNetwork;
beforeAll(async () => {
  network = await createNetwork({ nodes: 1 });
});
afterAll(() => network?.[Symbol.asyncDispose]());

const concert = (uri: string) => ({ ...anEvent({ name: `Concert ${uri}`, startDate: "2027-05-01T20:00:00-04:00" }), "@id": uri });
const ask = async (path: string, method = "GET", body?: object) =>
  jsonOf(
    await network.node.asAdmin(`${PEERS}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    }),
  );
const signedIn = async (): Promise<AdminVisitor> => {
  const visitor = adminVisitor(network.node);
  await visitor.signIn(ADMIN_KEY, "/admin/peers");
  return visitor;
};
/** A peer with three events, which are read; its id. */
async function follow(origin: ScriptedPeer, settings: { filters?: object; accessKey?: string; bootstrapBy?: BootstrapWay } = {}) {
  for (const n of [1, 2, 3]) origin.tell({ path: `events/${n}`, document: concert(`${origin.base}/events/${n}`) });
  const { id } = await ask("", "POST", { url: origin.base, bootstrapBy: "feed", ...settings });
  await network.processAll();
  return id as string;
}

describe("who answers at a peer's address is looked at first", () => {
  const other = (origin: ScriptedPeer) => (origin.changeProfile = (profile) => ({ ...profile, node: "https://other.example" }));

  it.each([["sync"], ["resync"], ["resume"]])("where a person says %s", async (verb) => {
    await using origin = await openScriptedPeer();
    const id = await follow(origin);
    other(origin);
    expect((await ask(`/${id}/${verb}`, "POST")).status).toBe("active");
    await network.processAll();
    expect(await ask(`/${id}`)).toMatchObject({ status: "broken", alarm: { code: "identity" } });
  });

  it("where a person pulls it with calends peer sync, a downgrade as well", async () => {
    await using origin = await openScriptedPeer();
    const id = await follow(origin);
    const peer = (await network.node.database.read((on) => readPeer(on, origin.base)))!;
    origin.changeProfile = (profile) => ({ ...profile, feedFeatures: ["epochs"] });
    expect(await network.node.pull(peer.id)).toMatchObject({ outcome: "alarm", end: { alarm: "downgraded" } });
    expect(await ask(`/${id}`)).toMatchObject({ status: "broken" });
  });

  it("and is not, where nobody asks, within the hour", async () => {
    await using origin = await openScriptedPeer();
    const id = await follow(origin);
    other(origin);
    origin.heard.length = 0;
    await network.node.database.jobs.executeSql(`update federation_nodes set next_pull_at = null where base_url = '${origin.base}'`);
    await network.node.database.transact((tx) => network.node.registry.enqueue(tx, { queue: "plan-pulls" }), { actor: "test" });
    await network.processAll();
    expect(origin.heard.map((path) => path.split("?")[0])).toEqual([FEED]);
    expect(await ask(`/${id}`)).toMatchObject({ status: "active", lastRun: { outcome: "unchanged" } });
  });
});

it("how much it may tell is told as soon as it is changed, with what was let in", async () => {
  await using origin = await openScriptedPeer();
  const id = await follow(origin);
  expect(await ask(`/${id}`, "PATCH", { filters: { maxEntities: 0 } })).toMatchObject({
    lastError: expect.stringMatching(/^it may tell of 0 entities, and 3 were let in: further ones are refused/) as string,
  });
  expect((await ask(`/${id}`, "PATCH", { filters: { maxEntities: 4 } })).lastError).toBeUndefined();
  origin.answer(FEED, json(500, {}));
  await ask(`/${id}/sync`, "POST");
  await network.processAll();
  // Another trouble stays.
  expect((await ask(`/${id}`, "PATCH", { filters: {} })).lastError).toMatch(/answered 500/);
});

it.each([
  ["wants a key", undefined],
  ["does not take the key", "a-wrong-key"],
])("a feed that is closed to us %s", async (words, accessKey) => {
  await using origin = await openScriptedPeer();
  origin.answer(FEED, json(401, {}));
  const id = await follow(origin, accessKey === undefined ? {} : { accessKey });
  expect((await ask(`/${id}`)).lastError).toBe(`its feed answered 401: it ${words} (calends peer set --key)`);
});

it("a peer of a short interval is not late before a minute more has passed, as who is due is looked at once a minute", async () => {
  await using origin = await openScriptedPeer();
  await follow(origin);
  const peer = (await network.node.database.read((on) => readPeer(on, origin.base)))!;
  const late = (everySeconds: number, seconds: number) =>
    lagOf({ ...peer, everySeconds }, new Date(peer.succeededAt!.getTime() + seconds * 1000)).lagSeconds! > 0;
  expect([late(10, 46), late(10, 70), late(10, 71), late(60, 180), late(60, 181)]).toEqual([false, false, true, false, true]);
});

it("the form of a peer's page sets all that the command sets, and forgets a key", async () => {
  await using origin = await openScriptedPeer();
  const id = await follow(origin, { accessKey: "cal_peer_theirs" });
  const visitor = await signedIn();
  const page = `/admin/peers/${id}`;
  await visitor.go(page);
  const fields = { name: "Harbour", trust: "6", direction: "both", relay: "yes", every: "60", bootstrap: "pages", key: "", forget: "no" };
  const filters = { bbox: "-80, 43, -79 44", domains: "music, arts", origins: "https://a.example/, https://b.example", most: "5" };
  const set = await visitor.send(page, { action: "set", ...fields, ...filters, filters: "all" });
  expect(set.text).toContain(
    "what lies within -80, 43, -79, 44; of music, arts; from https://a.example, https://b.example; 5 entities at most",
  );
  for (const shown of ["-80, 43, -79, 44", "https://a.example, https://b.example", "5"]) expect(set.html).toContain(`value="${shown}"`);
  const peer = await ask(`/${id}`);
  expect(peer).toMatchObject({
    name: "Harbour",
    trust: 6,
    direction: "both",
    relay: true,
    everySeconds: 60,
    bootstrapBy: "pages",
    hasKey: true,
    filters: { bbox: [-80, 43, -79, 44], domains: ["music", "arts"], origins: ["https://a.example", "https://b.example"], maxEntities: 5 },
  });
  // What the form does not have stays; what it has empty lets everything in.
  await visitor.send(page, { action: "set", trust: "7", forget: "yes" });
  expect(await ask(`/${id}`)).toMatchObject({ trust: 7, hasKey: false, filters: peer.filters, relay: true });
  await visitor.send(page, { action: "set", filters: "not-origins", bbox: "", domains: "", origins: "", most: "" });
  expect((await ask(`/${id}`)).filters).toEqual({ origins: peer.filters.origins });
  await visitor.send(page, { action: "set", filters: "all", bbox: "", domains: " ", origins: "", most: "" });
  expect((await ask(`/${id}`)).filters).toEqual({});
  for (const [wrong, says] of [
    [{ bbox: "1, 2, 3" }, "filters.bbox: expected west, south, east, north"],
    [{ bbox: "a, 2, 3, 4" }, "filters.bbox: expected west, south, east, north"],
    [{ bbox: "10, 43, 5, 44" }, "355 degrees around the world"],
    [{ domains: "wine" }, "filters.domains: expected some of"],
    [{ origins: "a.example" }, "filters.origins: expected bases"],
  ] as const) {
    const refused = await visitor.send(page, { action: "set", filters: "all", ...wrong });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(says)]);
  }
});

it("a peer that only pushes is active on its page as in the list, and can be paused and resumed there, but not pulled", async () => {
  const visitor = await signedIn();
  await visitor.go("/admin/peers");
  const pushes = { url: "https://pushes.example", name: "Pushes", trust: "5", key: "", direction: "push", relay: "no" };
  const added = await visitor.send("/admin/peers", pushes);
  expect(added.text).toMatch(/State ?active/);
  expect(added.text).toMatch(/Steer it ?Pause ?Last pulls/);
  expect((await visitor.send(added.at, { action: "pause" })).text).toMatch(/Steer it ?Resume ?Last pulls/);
  expect((await visitor.send(added.at, { action: "resume" })).text).toMatch(/State ?active/);
});
