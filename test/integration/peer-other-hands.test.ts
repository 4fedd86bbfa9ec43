/** Servers that others wrote: cursors of their own form, documents of any depth, snapshots that say too little of themselves. */
import { describe, expect, it } from "vitest";
import { following, openReader } from "../support/pulling.ts";
import { FEED, json, openScriptedPeer, sendFile, type ScriptedPeer } from "../support/scripted-peer.ts";

describe("a cursor", () => {
  const FORMS: [string, (position: number) => string][] = [
    ["base64 with its padding", (position) => Buffer.from(`~~?>${position}`).toString("base64")],
    ["an epoch, a colon and a position", (position) => `01JZ:${position}`],
    ["of marks that mean something in an address", (position) => `a+b/c&since=9#%2F?d=;@[]"<>\\^\`{|}${position}`],
    ["of 1,024 characters", (position) => String(position).padStart(1024, "+")],
  ];
  /** Pages of this form, of five items at most; any other cursor is refused. */
  const answerWith = (origin: ScriptedPeer, form: (position: number) => string) =>
    origin.answer(FEED, (request, response) => {
      const query = new URL(request.url!, origin.base).searchParams;
      const since = query.get("since");
      const from = since === null ? 0 : origin.items.findIndex((_, n) => form(n + 1) === since) + 1;
      if (since !== null && from === 0) return json(400, { code: "invalid_cursor" })(request, response);
      const changes = origin.items.slice(from, from + Math.min(5, Number(query.get("limit"))));
      const at = from + changes.length;
      json(200, { changes, next_cursor: form(at), epoch: origin.epoch, head: origin.items.length })(request, response);
    });

  it.each(FORMS)("may be %s: it goes back as it came", async (_what, form) => {
    await using origin = await openScriptedPeer();
    origin.tellMany(12);
    answerWith(origin, form);
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "feed" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 12 } });
    expect(reader.now(peer)).toMatchObject({ cursor: form(12), position: 12 });
  });

  it.each(FORMS)("of a snapshot may be %s as well", async (_what, form) => {
    await using origin = await openScriptedPeer();
    origin.tellMany(12);
    answerWith(origin, form);
    const file = origin.snapshot(([header, ...lines]) => [
      JSON.stringify({ ...(JSON.parse(header!) as object), cursor: form(12) }),
      ...lines,
    ]);
    origin.answer(`${FEED}/snapshot`, (request, response) => sendFile(request, response, file));
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "snapshot" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 12 } });
    origin.tell({ path: "events/13" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 1 } });
  });

  it.each(FORMS)("of a closed page may be %s as well", async (_what, form) => {
    await using origin = await openScriptedPeer();
    origin.tellMany(12);
    answerWith(origin, form);
    origin.changePage = (page) => (page["page"] === undefined ? page : { ...page, next_cursor: form(Number(page["last"])) });
    await using reader = await openReader();
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "pages" });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { applied: 12 } });
    expect(origin.heard.some((path) => path.endsWith(`/pages/${origin.epoch}/1`))).toBe(true);
    expect(reader.now(peer)).toMatchObject({ cursor: form(12), position: 12, bootstrap: null });
  });

  it.each(["a b", "a\r\nX-Evil: 1", "a\u007f", "caf\u00e9", "+".repeat(1025), ""])("is none: %j", async (cursor) => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    origin.tell({ path: "events/3" });
    origin.changePage = (page) => ({ ...page, next_cursor: cursor });
    expect(await reader.pull(peer)).toMatchObject({
      outcome: "alarm",
      end: { alarm: "unreadable", detail: expect.stringContaining("next_cursor") },
    });
  });
});

describe("a document nested too deep is refused alone", () => {
  const deep = (levels: number, bottom: unknown): unknown => (levels === 0 ? bottom : { a: deep(levels - 1, bottom), b: 1 });
  const WAYS = ["feed", "pages", "snapshot"] as const;
  it.each([33, 36, 37, 40, 200])("of %i levels, by each way", async (levels) => {
    for (const bootstrapBy of WAYS) {
      await using origin = await openScriptedPeer();
      origin.tellMany(9);
      const uri = `${origin.base}/events/deep`;
      origin.tell({ path: "events/deep", document: { "@id": uri, about: deep(levels - 1, "x") } });
      origin.tell({ path: "events/good" });
      await using reader = await openReader();
      const peer = reader.store.add({ base: origin.base, bootstrapBy });
      expect(await reader.pull(peer), bootstrapBy).toMatchObject({ outcome: "applied", counts: { applied: 10, refused: 1 } });
      expect(reader.store.refusals, bootstrapBy).toMatchObject([{ reason: "too_large", uri, detail: expect.stringMatching(/32 levels/) }]);
    }
  });

  it("also where each level holds a megabyte", async () => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    const bottom = Array.from({ length: 3_000 }, (_, n) => `${n} ${"x".repeat(300)}`);
    for (const n of [1, 2, 3])
      origin.tell({ path: `events/fat${n}`, document: { "@id": `${origin.base}/events/fat${n}`, a: deep(200, bottom) } });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "unchanged", counts: { refused: 3 } });
    expect(reader.now(peer)).toMatchObject({ position: 5, status: "active" });
  });

  it("and stops the peer only where the page itself is beyond all depth", async () => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    origin.tell({ path: "events/deep", document: { "@id": `${origin.base}/events/deep`, a: deep(300, "x") } });
    expect(await reader.pull(peer)).toMatchObject({
      outcome: "alarm",
      end: { alarm: "unreadable", detail: expect.stringMatching(/nested more than 256 levels/) },
    });
  });
});

describe("a tombstone that cannot be kept as it is", () => {
  it.each<[string, Record<string, unknown>]>([
    ["holds U+0000", { name: "a\0b" }],
    ["is too deep", { about: JSON.parse(`${"[".repeat(50)}${"]".repeat(50)}`) }],
    ["has a key that reaches a prototype", JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>],
    ["is too large", { name: "x".repeat(90_000), keywords: Array.from({ length: 15 }, () => "y".repeat(90_000)) }],
  ])("%s: its entity is gone all the same", async (_what, more) => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    const uri = `${origin.base}/events/2`;
    const stone = { "@id": uri, "@type": "Event", "sel:tombstone": true, "sel:deletedAt": "2026-05-01T12:00:00Z" };
    const heir = { "@id": `${origin.base}/events/1` };
    origin.tell({ path: "events/2", gone: true, document: Object.assign(Object.create(null), more, stone, { "sel:supersededBy": heir }) });
    expect(await reader.pull(peer)).toMatchObject({ outcome: "applied", counts: { refused: 0 } });
    expect(Object.keys(reader.store.shown())).toEqual([`${origin.base}/events/1`]);
    expect(reader.store.statements.get(uri)).toMatchObject({ gone: true, redacted: true });
    expect(JSON.parse(reader.store.statements.get(uri)!.text)).toEqual({ ...stone, "sel:supersededBy": heir });
  });

  it("but one of another entity is refused", async () => {
    await using set = await following(2);
    const { origin, reader, peer } = set;
    origin.tell({ path: "events/2", gone: true, document: { "@id": `${origin.base}/events/1`, "sel:tombstone": true } });
    expect(await reader.pull(peer)).toMatchObject({ counts: { refused: 1 } });
    expect(Object.keys(reader.store.shown())).toHaveLength(2);
  });
});

describe("a snapshot", () => {
  async function withSnapshot(headers: (sha256: string) => Record<string, string>, change?: Parameters<ScriptedPeer["snapshot"]>[0]) {
    const stack = new AsyncDisposableStack();
    const origin = stack.use(await openScriptedPeer());
    origin.tellMany(12);
    const { body, sha256 } = origin.snapshot(change);
    origin.answer(`${FEED}/snapshot`, (_request, response) => {
      response.writeHead(200, { "content-length": String(body.length), ...headers(sha256) }).end(body);
    });
    const reader = stack.use(await openReader());
    const peer = reader.store.add({ base: origin.base, bootstrapBy: "snapshot" });
    const result = await reader.pull(peer);
    return { origin, reader, peer, result, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  }

  it.each<[string, Record<string, string>]>([
    ["a name for a tag", { etag: '"x"' }],
    ["a weak tag", { etag: 'W/"0000000000000000000000000000000000000000000000000000000000000000"' }],
    ["an empty digest", { "repr-digest": "" }],
    ["nothing", {}],
  ])("that names no SHA-256 (%s) is not read: what proves itself is, and the log says so", async (_what, headers) => {
    await using set = await withSnapshot(
      () => headers,
      (lines) => lines.map((one) => one.replaceAll("Event ", "Lie ")),
    );
    expect(set.result).toMatchObject({
      outcome: "applied",
      counts: { applied: 12 },
      end: { detail: expect.stringMatching(/names no SHA-256/) },
    });
    expect(JSON.stringify(set.reader.store.shown())).not.toContain("Lie");
    expect(set.origin.heard.some((path) => path.includes("/pages/"))).toBe(true);
  });

  it.each<[string, number, (count: number) => number]>([
    ["too few", 11, (count) => count - 1],
    ["too many", 13, (count) => count + 1],
  ])("that counts %s entities is none", async (_what, said, change) => {
    await using set = await withSnapshot(
      (sha256) => ({ etag: `"${sha256}"` }),
      ([header, ...lines]) => {
        const told = JSON.parse(header!) as { count: number };
        return [JSON.stringify({ ...told, count: change(told.count), lines: lines.length }), ...lines];
      },
    );
    expect(set.result).toMatchObject({
      outcome: "alarm",
      end: { alarm: "snapshot", detail: `it shows 12 entities, and its header says ${said}` },
    });
    expect(set.reader.now(set.peer)).toMatchObject({ status: "broken", cursor: null });
  });

  it("with a line that cannot be read may count it or not", async () => {
    for (const count of [11, 12]) {
      await using set = await withSnapshot(
        (sha256) => ({ etag: `"${sha256}"` }),
        ([header, ...lines]) => [
          JSON.stringify({ ...(JSON.parse(header!) as object), count, lines: lines.length }),
          ...lines.slice(1),
          "{no json",
        ],
      );
      expect(set.result).toMatchObject({ outcome: "applied", counts: { applied: 11, refused: 1 } });
    }
  });
});
