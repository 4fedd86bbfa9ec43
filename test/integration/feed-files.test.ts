/** What the feed gives as files: closed pages that any cache may keep, and snapshots to begin with. */
import { createHash } from "node:crypto";
import { request } from "node:http";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeCursor } from "../../src/feed/cursor.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { verifyChain } from "../../src/feed/verify.ts";
import { parseOwnUri } from "../../src/domain/iri.ts";
import { CHANGES, publishMany, readAll, readPage, type FeedItem } from "../support/feed-reader.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";

let network: TestNetwork;
let epoch: string;
beforeAll(async () => {
  network = await createNetwork({ nodes: 1 });
  await publishMany(network.node, 1_010);
  epoch = decodeCursor((await readPage(network.node)).next_cursor).epoch;
});
afterAll(() => network[Symbol.asyncDispose]());

interface Raw {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A request as it is: fetch would ask for codings and undo them. */
const raw = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Raw> =>
  new Promise((resolve, reject) => {
    request(`${network.node.url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    })
      .on("error", reject)
      .end();
  });
const page = (n: number | string, of = epoch) => `${CHANGES}/pages/${of}/${n}`;
interface ClosedPage {
  first: number;
  last: number;
  changes: FeedItem[];
  next_cursor: string;
  prev: string | null;
  next: string;
}

describe("a closed page", () => {
  test("holds fixed positions, and page after page is the feed", async () => {
    const [one, two] = await Promise.all([1, 2].map(async (n) => JSON.parse((await raw(page(n))).body.toString()) as ClosedPage));
    expect([one!.first, one!.last, two!.first, two!.last]).toEqual([1, 500, 501, 1000]);
    expect([...one!.changes, ...two!.changes]).toEqual((await readAll(network.node, { limit: 1000 })).slice(0, 1000));
    expect([one!.prev, one!.next, two!.prev]).toEqual([null, network.node.base + page(2), network.node.base + page(1)]);
    expect(verifyChain(two!.changes, one!.changes.at(-1)!.hash).ok).toBe(true);
  });

  test("names the cursor with which the feed goes on behind it, as the feed itself gives it", async () => {
    const closed = JSON.parse((await raw(page(1))).body.toString()) as ClosedPage;
    const open = JSON.parse((await raw(`${CHANGES}?limit=500`)).body.toString()) as { next_cursor: string };
    expect(closed.next_cursor).toBe(open.next_cursor);
  });

  test("may be kept for ever, and is tagged by its content", async () => {
    const { status, headers, body } = await raw(page(1));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "public, max-age=86400, immutable",
      etag: `"${createHash("sha256").update(body).digest("hex")}"`,
      vary: "Accept-Encoding",
      "x-content-type-options": "nosniff",
    });
  });

  test.each([
    ["zstd", zstdDecompressSync],
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ] as const)("comes in %s, from the route and then from memory, with the same bytes", async (coding, decompress) => {
    const plain = await raw(page(2));
    const [first, again] = [
      await raw(page(2), { "accept-encoding": coding }),
      await raw(page(2), { "accept-encoding": `${coding};q=1.0, identity;q=0.5` }),
    ];
    expect(first.headers["content-encoding"]).toBe(coding);
    expect(decompress(first.body).equals(plain.body)).toBe(true);
    expect(again.body.equals(first.body)).toBe(true);
    expect(first.body.length).toBeLessThan(plain.body.length / 4);
    expect(new Set([plain.headers["etag"], first.headers["etag"], again.headers["etag"]]).size).toBe(2);
  });

  test("is sent to nobody who has it", async () => {
    const { headers } = await raw(page(1), { "accept-encoding": "gzip" });
    const again = await raw(page(1), { "accept-encoding": "gzip", "if-none-match": `"x", W/${headers["etag"] as string}` });
    expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, headers["etag"]]);
    expect((await raw(page(1), { "accept-encoding": "gzip", "if-none-match": '"x"' })).status).toBe(200);
    const head = await raw(page(1), { "accept-encoding": "gzip" }, "HEAD");
    expect([head.status, head.body.length, head.headers["content-length"]]).toEqual([200, 0, headers["content-length"]]);
  });

  test.each([
    ["one that is not closed yet", () => page(3), 404, "page_not_closed"],
    ["one far away", () => page(999_999_999), 404, "page_not_closed"],
    ["page 0", () => page(0), 404, "not_found"],
    ["no number", () => page("one"), 404, "not_found"],
    ["another epoch", () => page(1, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), 410, "wrong_epoch"],
    ["an unknown parameter", () => `${page(1)}?a=1`, 400, "invalid_query"],
  ])("%s: a problem that nobody may keep", async (_name, path, status, code) => {
    const response = await raw(path());
    expect(response.status).toBe(status);
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(JSON.parse(response.body.toString())).toMatchObject({ status, code });
  });
});

describe("a snapshot", () => {
  const lines = (file: Raw) =>
    gunzipSync(file.body)
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const download = async (headers: Record<string, string> = {}) => {
    const { status, headers: redirect } = await raw(`${CHANGES}/snapshot`);
    expect(status).toBe(307);
    const { pathname } = new URL(redirect["location"] as string);
    return { path: pathname, file: await raw(pathname, headers), redirect };
  };

  test("shows every entity once, as the feed showed it last, and says where to go on", async () => {
    const { file } = await download();
    const [header, ...entities] = lines(file);
    const { head } = await readPage(network.node);
    expect(header).toMatchObject({
      epoch,
      position: head,
      count: 1_011,
      cursor: file.headers["calends-cursor"],
      generated_at: expect.any(String),
    });
    const items = await readAll(network.node, { limit: 1000 });
    const shown = items.map(({ uri, kind, sequence_number, version, snapshot }) => ({ uri, kind, sequence_number, version, snapshot }));
    const byUri = (a: { uri?: unknown }, b: { uri?: unknown }) => String(a.uri).localeCompare(String(b.uri));
    expect(entities.toSorted(byUri)).toEqual(shown.toSorted(byUri));
    const tail = await readPage(network.node, { since: header!["cursor"] as string });
    expect(tail.changes).toEqual([]);
    expect(file.headers["link"]).toBe(`<${network.node.base}${CHANGES}?since=${header!["cursor"] as string}>; rel="next"`);
  });

  test("can be verified and resumed", async () => {
    const { file, path } = await download();
    const digest = createHash("sha256").update(file.body);
    expect(file.headers["repr-digest"]).toBe(`sha-256=:${digest.copy().digest("base64")}:`);
    expect(file.headers).toMatchObject({ etag: `"${digest.digest("hex")}"`, "accept-ranges": "bytes", "content-type": "application/gzip" });
    const part = await raw(path, { range: "bytes=100-199", "if-range": file.headers["etag"] as string });
    expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes 100-199/${file.body.length}`]);
    expect(part.body.equals(file.body.subarray(100, 200))).toBe(true);
    const rest = await raw(path, { range: "bytes=200-" });
    expect(Buffer.concat([file.body.subarray(0, 200), rest.body]).equals(file.body)).toBe(true);
    expect((await raw(path, { range: "bytes=-10" })).body.equals(file.body.subarray(-10))).toBe(true);
    const whole = await raw(path, { range: "bytes=0-9", "if-range": '"another"' });
    expect([whole.status, whole.body.length]).toEqual([200, file.body.length]);
    const beyond = await raw(path, { range: `bytes=${file.body.length}-` });
    expect([beyond.status, JSON.parse(beyond.body.toString())]).toMatchObject([
      416,
      { code: "range_not_satisfiable", bytes: file.body.length },
    ]);
  });

  test("is shared by all who ask meanwhile", async () => {
    const asked = await Promise.all(Array.from({ length: 5 }, () => raw(`${CHANGES}/snapshot`)));
    expect(new Set(asked.map(({ headers }) => headers["location"])).size).toBe(1);
  });

  test.each([
    `${CHANGES}/snapshots/01ARZ3NDEKTSV4RRFFQ69G5FAV/1.ndjson.gz`,
    `${CHANGES}/snapshots/x/../../etc`,
    `${CHANGES}/snapshots/01ARZ3NDEKTSV4RRFFQ69G5FAV/1.json`,
  ])("%s: not found, with the way to the newest", async (path) => {
    const response = await raw(path);
    expect(response.status).toBe(404);
    expect(JSON.parse(response.body.toString())).toMatchObject({ code: "not_found" });
  });
});

describe("a takedown", () => {
  test("takes the words out of old items, closed pages and snapshots; the chain still holds", async () => {
    const pageBefore = await raw(page(1));
    const before = JSON.parse(pageBefore.body.toString()) as ClosedPage;
    const target = before.changes.find((item) => item.kind === "event")!;
    expect(target.snapshot!.description).toBe("Words of somebody's own");
    const { id } = parseOwnUri(network.node.base, target.uri)!;
    const snapshotBefore = await raw(`${CHANGES}/snapshot`);

    const positions = await network.node.database.transact((tx) => redactEntity(tx, "event", id));
    expect(positions).toEqual([target.sequence_number]);
    expect(await network.node.database.transact((tx) => redactEntity(tx, "event", id))).toEqual([]);

    // A page in memory is dropped when the word of the takedown arrives, which may be a moment after it.
    await expect.poll(async () => (await raw(page(1))).headers["etag"], { timeout: 30_000 }).not.toBe(pageBefore.headers["etag"]);
    const after = JSON.parse((await raw(page(1))).body.toString()) as ClosedPage;
    const item = after.changes[target.sequence_number - 1]!;
    const { description: _gone, ...kept } = target.snapshot!;
    expect(item).toEqual({ ...target, snapshot: kept, redacted: true });
    expect(verifyChain(after.changes)).toEqual({ ok: true, hash: before.changes.at(-1)!.hash });
    // Without the mark it would be what it looks like: an altered item.
    expect(verifyChain(after.changes.map(({ redacted: _, ...plain }) => plain)).ok).toBe(false);
    const snapshotAfter = await raw(`${CHANGES}/snapshot`);
    expect((await raw(new URL(snapshotBefore.headers["location"] as string).pathname)).headers["etag"]).not.toBe(
      snapshotBefore.headers["etag"],
    );
    const text = gunzipSync((await raw(new URL(snapshotAfter.headers["location"] as string).pathname)).body).toString();
    expect(text.split("\n").find((line) => line.includes(target.uri))).not.toContain("somebody");
  });
});
