/** Broken and hostile bodies: each a 4xx problem that names the fault, never a 5xx, and the node goes on. */
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
let agent: string;
beforeAll(async () => {
  node = await openTestNode({ limits: { eventBodyBytes: 64 * 1024, batchBodyBytes: 128 * 1024 } });
  agent = await node.key("agent");
});
afterAll(() => node[Symbol.asyncDispose]());
let times = 0;
afterEach(async () => {
  expect((await node.ask("/api/v1/events", { key: agent, body: anEvent({ name: `Still here ${++times}` }) })).status).toBe(201);
  expect(node.log.filter((line) => line["level"] === 50)).toEqual([]);
});

const post = (raw: string | Uint8Array<ArrayBuffer>, type = "application/json", headers = {}) =>
  node.ask("/api/v1/events", { key: agent, raw, type, headers });
const bytes = (...parts: (string | number[])[]) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))));
const text = JSON.stringify(anEvent({ name: "Sound" }));
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

describe("a body that is read", () => {
  test.each([
    ["with a byte order mark", bytes([0xef, 0xbb, 0xbf], text), "application/json"],
    ["with its charset", bytes(text), 'application/ld+json; charset="UTF-8"'],
    ["with a profile", bytes(text), 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'],
    ["with blanks around it", bytes(`\n\t ${text} \n`), "APPLICATION/JSON"],
  ])("%s", async (_, raw, type) => expect([200, 201]).toContain((await post(raw, type)).status));
});

describe("a body that is refused", () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>, number, string]>([
    ["empty", "", 400, "malformed_json"],
    ["blank", " ", 400, "malformed_json"],
    ["cut off within", text.slice(0, -1), 400, "malformed_json"],
    ["no JSON", "name=Jazz", 400, "malformed_json"],
    ["two documents", `${text}${text}`, 400, "malformed_json"],
    ["no UTF-8", bytes('{"name":"', [0xc3, 0x28], '"}'), 400, "malformed_json"],
    ["an overlong encoding", bytes('{"name":"', [0xc0, 0xaf], '"}'), 400, "malformed_json"],
    ["UTF-16", new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le")), 400, "malformed_json"],
    ["NaN", '{"name":NaN}', 400, "malformed_json"],
    ["null", "null", 422, "invalid_body"],
    ["a number", "1e999", 422, "invalid_body"],
    ["a string", '"event"', 422, "invalid_body"],
    ["an empty list", "[]", 422, "invalid_body"],
    ["two events", `[${text},${text}]`, 422, "invalid_body"],
    ["an empty object", "{}", 422, "invalid_body"],
    ["too deep", deep(5_000), 422, "too_complex"],
    ["too deep in lists", `${"[".repeat(20_000)}${"]".repeat(20_000)}`, 422, "too_complex"],
    ["too many values", `[${"0,".repeat(30_000)}0]`, 422, "too_complex"],
    ["a key to the prototype", text.replace("{", '{"__proto__":{"polluted":true},'), 422, "invalid_body"],
    ["a key to the constructor", text.replace("{", '{"constructor":{"prototype":{"polluted":true}},'), 422, "invalid_body"],
    ["a context from elsewhere", text.replace("https://schema.org", "http://127.0.0.1:1/context.jsonld"), 422, "invalid_body"],
    ["a context from a file", text.replace("https://schema.org", "file:///etc/passwd"), 422, "invalid_body"],
    ["an import in its context", text.replace('"https://schema.org"', '{"@import":"http://127.0.0.1:1/x"}'), 422, "invalid_body"],
    ["without a start", JSON.stringify({ ...anEvent(), startDate: undefined }), 422, "invalid_body"],
    ["an impossible day", JSON.stringify(anEvent({ startDate: "2026-02-30" })), 422, "invalid_body"],
    ["an end before its start", JSON.stringify(anEvent({ endDate: "2026-05-08T19:00:00-04:00" })), 422, "invalid_body"],
    ["a year beyond the calendar", JSON.stringify(anEvent({ startDate: "99999-01-01" })), 422, "invalid_body"],
    ["the year nought", JSON.stringify(anEvent({ startDate: "0000-01-01" })), 422, "invalid_body"],
    ["a name of objects", JSON.stringify(anEvent({ name: { a: { b: 1 } } })), 422, "invalid_body"],
    ["a name that is too long", JSON.stringify(anEvent({ name: "x".repeat(600) })), 422, "invalid_body"],
    ["too large", JSON.stringify(anEvent({ description: "x".repeat(70_000) })), 413, "too_large"],
  ])("%s", async (_, raw, status, code) => {
    const response =
      raw === "" ? await node.ask("/api/v1/events", { method: "POST", key: agent, raw, type: "application/json" }) : await post(raw);
    const problem = await jsonOf(response);
    expect([response.status, problem.code]).toEqual([status, code]);
    expect(problem.detail.length).toBeGreaterThan(10);
    expect(JSON.stringify(problem).length).toBeLessThan(10_000);
    expect(({} as any).polluted).toBe(undefined);
  });

  test.each([
    ["another type", "text/plain", {}],
    ["a form", "application/x-www-form-urlencoded", {}],
    ["XML", "application/xml", {}],
    ["no type", "", {}],
    ["another charset", "application/json; charset=iso-8859-1", {}],
    ["compressed", "application/json", { "content-encoding": "gzip" }],
  ])("%s, with what would be accepted", async (_, type, headers) => {
    const response = await post(bytes(text), type, headers);
    const problem = await jsonOf(response);
    expect([response.status, problem.code, problem.accepted]).toEqual([
      415,
      "unsupported_media_type",
      ["application/ld+json", "application/json"],
    ]);
  });

  test("a text that the database cannot hold is refused or mended, never an error here", async () => {
    for (const name of ["nul \u0000 byte", "lone \ud800 surrogate", "\u202eright to left", "\u0007"]) {
      const response = await post(JSON.stringify(anEvent({ name, keywords: [name], description: name })));
      expect([name, [200, 201, 422].includes(response.status)]).toEqual([name, true]);
    }
  });
});

describe("a body's length", () => {
  /** Sends bytes as they are and returns the first answer. */
  async function speak(bytes: string, hangUp = true): Promise<string> {
    const socket = connect(node.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(bytes);
    if (hangUp) socket.end();
    let answer = "";
    for await (const chunk of socket) {
      answer += String(chunk);
      if (/\r\n\r\n./s.test(answer)) break;
    }
    return answer;
  }
  const head = (more: string) =>
    `POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${agent}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;

  test("is counted, whatever it is said to be, also in chunks", async () => {
    const chunk = "x".repeat(16_000);
    const chunks = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(5);
    expect(await speak(head("Transfer-Encoding: chunked") + chunks, false)).toMatch(/^HTTP\/1.1 413 /);
    expect(await speak(head("Content-Length: 999999999"), false)).toMatch(/^HTTP\/1.1 413 /);
  });

  test("that was a lie ends in 400", async () => {
    expect(await speak(`${head("Content-Length: 1000")}{"name":`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await speak(head("Content-Length: -1"))).toMatch(/^HTTP\/1.1 400 /);
    expect(await speak(head("Content-Length: 5\r\nContent-Length: 6"))).toMatch(/^HTTP\/1.1 400 /);
    expect(await speak(head("Transfer-Encoding: chunked\r\nContent-Length: 5"))).toMatch(/^HTTP\/1.1 400 /);
    expect(await speak(`${head("Transfer-Encoding: chunked")}nothex\r\n`)).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("a batch", () => {
  test("that is hostile in one item takes the others", async () => {
    const items = [
      text,
      deep(5_000),
      "null",
      '{"__proto__":{"a":1}}',
      text.replace("https://schema.org", "http://127.0.0.1:1/x"),
      JSON.stringify(anEvent({ name: "nul \u0000" })),
    ];
    const taken = await node.ask("/api/v1/events:batch", { key: agent, raw: `[${items.join(",")}]`, type: "application/json" });
    expect(taken.status).toBe(202);
    await node.work();
    const job = await jsonOf(node.ask(taken.headers.get("location")!, { key: agent }));
    expect(job.items.slice(1, 5).map((item: any) => item.status)).toEqual(["rejected", "rejected", "rejected", "rejected"]);
    expect(["accepted", "duplicate"]).toContain(job.items[0].status);
    const lines = await node.ask("/api/v1/events:batch", {
      key: agent,
      raw: bytes('{"name":\n', [0xff, 0xfe, 0x0a], text, "\n"),
      type: "application/x-ndjson",
    });
    await node.work();
    expect((await jsonOf(node.ask(lines.headers.get("location")!, { key: agent }))).items.map((item: any) => item.status)).toEqual([
      "rejected",
      "rejected",
      "duplicate",
    ]);
  });

  test("that is too large is refused", async () => {
    expect(
      (await node.ask("/api/v1/events:batch", { key: agent, raw: `[${`${text},`.repeat(400)}${text}]`, type: "application/json" })).status,
    ).toBe(413);
  });
});

describe("a patch", () => {
  test("that reaches for what it must not is refused", async () => {
    const made = await post(JSON.stringify(anEvent({ name: "To be patched badly" })));
    const path = `/api/v1${new URL(made.headers.get("location")!).pathname}`;
    const patch = async (raw: string) =>
      (await node.ask(path, { method: "PATCH", key: agent, raw, type: "application/merge-patch+json" })).status;
    const raws = [
      '{"__proto__":{"name":"x"}}',
      '{"name":null}',
      '{"startDate":"never"}',
      "[]",
      "null",
      deep(3_000),
      '{"@context":"http://127.0.0.1:1/x"}',
      '{"location":null}',
    ];
    for (const raw of raws) expect([raw.slice(0, 40), await patch(raw)]).toEqual([raw.slice(0, 40), 422]);
  });
});
