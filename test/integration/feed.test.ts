/** The change feed over HTTP: what readers are told of an event's life, how they follow, and what they are refused. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/feed/cursor.ts";
import { verifyChain } from "../../src/feed/verify.ts";
import { askFeed, readAll, readPage, refusal, type FeedItem } from "../support/feed-reader.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";
import { concert } from "../support/registry.ts";

let network: TestNetwork;
beforeAll(async () => {
  network = await createNetwork({ nodes: 1 });
});
afterAll(() => network[Symbol.asyncDispose]());
const send = async (method: string, path: string, body?: object) => {
  const response = await network.node.asAdmin(path, {
    method,
    headers: { "content-type": "application/ld+json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  await network.processAll();
  return response;
};
const pathOf = (uri: string) => `/api/v1${new URL(uri).pathname}`;

describe("the life of an event", () => {
  let uri: string;
  const told = async (): Promise<FeedItem[]> => (await readAll(network.node)).filter((item) => item.uri === uri);

  test("its first publication is a create with the complete JSON-LD", async () => {
    const response = await send("POST", "/api/v1/events", concert({ name: "Lantern Walk" }));
    expect(response.status).toBe(201);
    uri = ((await response.json()) as { "@id": string })["@id"];
    const [item, ...more] = await told();
    expect(more).toEqual([]);
    expect(item).toMatchObject({ action: "create", kind: "event", uri, version: 1, license_status: expect.any(String) });
    expect(item!.snapshot).toMatchObject({ "@id": uri, name: "Lantern Walk", "@context": expect.any(Array) });
    expect(item).not.toHaveProperty("changed_fields");
  });

  test("its venue and organizer are told before it, each as an entity of its own", async () => {
    const items = await readAll(network.node);
    expect(items.map((item) => item.kind).toSorted()).toEqual(["event", "organization", "place"]);
    expect(items.map((item) => item.sequence_number)).toEqual([1, 2, 3]);
  });

  test("sending the same again tells nothing", async () => {
    const before = (await readPage(network.node)).head;
    await send("POST", "/api/v1/events", concert({ name: "Lantern Walk" }));
    expect((await readPage(network.node)).head).toBe(before);
  });

  test("an edit is an update that names the changed fields", async () => {
    const response = await send("PUT", pathOf(uri), concert({ name: "Lantern Walk", description: "Bring a coat.", keywords: ["jazz"] }));
    expect(response.status).toBe(200);
    expect((await told()).at(-1)).toMatchObject({
      action: "update",
      changed_fields: ["/description"],
      snapshot: { description: "Bring a coat." },
    });
  });

  test("its deletion is a delete with a tombstone and no snapshot", async () => {
    const response = await send("DELETE", pathOf(uri));
    expect(response.ok).toBe(true);
    const item = (await told()).at(-1)!;
    expect(item).toMatchObject({ action: "delete", tombstone: { "@id": uri, "sel:tombstone": true } });
    expect(item).not.toHaveProperty("snapshot");
  });

  test("every reader can verify that nothing was left out or altered", async () => {
    const items = await readAll(network.node, { limit: 2 });
    expect(verifyChain(items)).toEqual({ ok: true, hash: items.at(-1)!.hash });
    // The check itself: an altered, a missing and an exchanged item are noticed.
    const altered = items.map((item, n) => (n === 1 ? { ...item, version: 99 } : item));
    expect(verifyChain(altered)).toMatchObject({ ok: false, position: 2 });
    expect(verifyChain(items.toSpliced(2, 1))).toMatchObject({ ok: false, position: 4 });
    const painted = items.map((item) => (item.action === "create" ? { ...item, snapshot: { ...item.snapshot!, name: "Paint" } } : item));
    expect(verifyChain(painted)).toMatchObject({ ok: false, position: 1, fault: "digest does not match what is shown" });
  });
});

describe("following", () => {
  test("a reader that has everything gets an empty page and a cursor that stays good", async () => {
    const { head } = await readPage(network.node);
    const last = await readPage(network.node, { limit: 1000 });
    const empty = await readPage(network.node, { since: last.next_cursor });
    expect(empty).toEqual({
      cursor: last.next_cursor,
      changes: [],
      next_cursor: last.next_cursor,
      epoch: decodeCursor(last.next_cursor).epoch,
      head,
    });
  });

  test("the same position gives the same bytes", async () => {
    const text = async () => (await askFeed(network.node, { limit: 2 })).text();
    expect(await text()).toBe(await text());
  });

  test("pages of one, two or all items tell the same", async () => {
    const all = await readAll(network.node);
    for (const limit of [1, 2, 1000]) expect(await readAll(network.node, { limit })).toEqual(all);
    expect(all.length).toBeGreaterThan(3);
  });

  test("filters pass what was asked for, and their cursor is the last position scanned", async () => {
    const items = await readAll(network.node);
    const wanted = items.filter((item) => item.kind === "event" && item.action === "update");
    const page = await readPage(network.node, { kind: "event", action: "update", limit: 1000 });
    expect(page.changes).toEqual(wanted);
    expect(decodeCursor(page.next_cursor).position).toBe(page.head);
    const full = await readPage(network.node, { kind: "event", limit: 1 });
    expect(decodeCursor(full.next_cursor).position).toBe(full.changes[0]!.sequence_number);
    expect(await readAll(network.node, { origin: "self" })).toEqual(items);
  });

  test("`after` is another name for `since`", async () => {
    const { next_cursor: after } = await readPage(network.node, { limit: 1 });
    expect(await readPage(network.node, { after })).toEqual(await readPage(network.node, { since: after }));
    expect((await refusal(network.node, { after, since: after })).code).toBe("invalid_query");
  });
});

describe("what is refused, and what to do then", () => {
  const cursorAt = async (change: { epoch?: string; position?: number; filters?: string }) => {
    const { next_cursor } = await readPage(network.node, { limit: 1 });
    return encodeCursor({ ...decodeCursor(next_cursor), ...change });
  };

  test.each([
    "",
    "1",
    "seq_7",
    "AAAA",
    "%00",
    "x".repeat(5000),
    "MDFN.1",
    Buffer.from("01ARZ3NDEKTSV4RRFFQ69G5FAV.-1").toString("base64url"),
    Buffer.from("01ARZ3NDEKTSV4RRFFQ69G5FAV.1e9").toString("base64url"),
  ])("a cursor that no node made: %j", async (since) => {
    if (since === "") return expect((await readPage(network.node, { since })).changes[0]!.sequence_number).toBe(1); // an empty field of a form
    const problem = await refusal(network.node, { since });
    expect([400, since]).toEqual([problem.status, since]);
    expect(["invalid_cursor", "invalid_query"]).toContain(problem.code);
  });

  test("a cursor of another epoch: 410 with the way to the snapshot", async () => {
    const problem = await refusal(network.node, { since: await cursorAt({ epoch: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }) });
    expect(problem).toMatchObject({ status: 410, code: "wrong_epoch", snapshot: `${network.node.base}/api/v1/feeds/changes/snapshot` });
  });

  test.each([
    ["x behind it", 139, (text: string) => `${text}x`],
    ["= behind it", 139, (text: string) => `${text}=`],
    ["other last bits", 1, (text: string) => text.replace(/Q$/, "R")],
  ])("a cursor of ours with %s is none of ours", async (_what, position, change) => {
    const made = await cursorAt({ position });
    expect(change(made)).not.toBe(made);
    expect(await refusal(network.node, { since: change(made) })).toMatchObject({ status: 400, code: "invalid_cursor" });
  });

  test("a position beyond the head: 400 that names the head", async () => {
    const { head } = await readPage(network.node);
    expect(await refusal(network.node, { since: await cursorAt({ position: head + 1 }) })).toMatchObject({
      status: 400,
      code: "cursor_beyond_head",
      head,
    });
  });

  test("a cursor that was made with other filters; one that was made without fits all", async () => {
    const { next_cursor: filtered } = await readPage(network.node, { kind: "event", limit: 1 });
    expect(await refusal(network.node, { since: filtered })).toMatchObject({
      status: 400,
      code: "invalid_cursor",
      detail: expect.stringContaining("other filters"),
    });
    expect(await refusal(network.node, { since: filtered, kind: "place" })).toMatchObject({ code: "invalid_cursor" });
    expect((await readPage(network.node, { since: filtered, kind: "event" })).head).toBeGreaterThan(0);
    expect((await readPage(network.node, { since: await cursorAt({ position: 0 }), kind: "event" })).changes[0]!.kind).toBe("event");
  });

  test.each([{ limit: 0 }, { limit: 1001 }, { limit: "ten" }, { action: "destroy" }, { kind: "Event" }, { origin: "peers" }, { page: 2 }])(
    "%j",
    async (query) => {
      const problem = await refusal(network.node, query as Record<string, string>);
      expect(problem).toMatchObject({ status: 400, code: "invalid_query", detail: expect.stringContaining(Object.keys(query)[0]!) });
    },
  );
});
