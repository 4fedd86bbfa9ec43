/** What a peer pushes that cannot be taken in: it is told why, and the operator finds it in the log of refusals. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { createPushers, outcomeOf } from "../support/pushing-peer.ts";

let node: TestNode;
let peer: ReturnType<typeof createPushers>;
beforeAll(async () => {
  node = await openTestNode();
  peer = createPushers(node);
});
afterAll(() => node[Symbol.asyncDispose]());

describe("dateModified", () => {
  const NEWER = "2026-05-02T10:00:00Z";
  const TYPED = { "@value": NEWER, "@type": "http://www.w3.org/2001/XMLSchema#dateTime" };
  test.each([
    ["a value object", TYPED],
    ["a list of one", [NEWER]],
    ["a list of one value object", [TYPED]],
    ["a date", "2026-05-02"],
    ["lower case", NEWER.toLowerCase()],
  ])("may be %s, and orders words as what it holds", async (_name, dateModified) => {
    const { concert, push } = await peer();
    await push(concert({ name: "Middle", dateModified }));
    expect(outcomeOf(await push(concert({ name: "Old", dateModified: "2026-05-01T23:59:59Z" })))).toEqual([200, "unchanged"]);
    expect(outcomeOf(await push(concert({ name: "New", dateModified: "2026-05-02T10:00:00.001Z" })))).toEqual([200, "updated"]);
  });

  test.each(["0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59-11:00", "1970-01-01"])(
    "of %s is older than any word that was told since",
    async (dateModified) => {
      const { concert, push } = await peer();
      await push(concert({ name: "First", dateModified: "1999-01-01T00:00:00Z" }));
      expect(outcomeOf(await push(concert({ name: "Ancient", dateModified })))).toEqual([200, "unchanged"]);
      expect(outcomeOf(await push(concert({ name: "Next", dateModified: "1999-01-01T00:00:01Z" })))).toEqual([200, "updated"]);
    },
  );

  test.each([
    ["yesterday"],
    ["2026-05-01T10:00:00"],
    ["2026-02-30T10:00:00Z"],
    [""],
    [null],
    [0],
    [["2026-05-01", "2026-05-02"]],
    [{ "@id": "x" }],
  ])("of %j is refused, and no later word is kept out by it", async (dateModified) => {
    const { concert, push, refusals, runs } = await peer();
    const answer = await push(concert({ dateModified }));
    expect(answer.status).toBe(422);
    const problem = await jsonOf(answer);
    expect(problem).toMatchObject({ code: "invalid_body", reason: "malformed", errors: [{ pointer: "/dateModified" }] });
    expect(problem.detail).toContain("/dateModified: expected a date-time with an offset");
    expect(problem.detail).toContain(`found ${JSON.stringify(dateModified)}`);
    expect(await refusals()).toMatchObject([{ reason: "malformed", uri: concert()["@id"], times: 1 }]);
    expect(await runs()).toMatchObject([{ outcome: "failed", refused: 1 }]);
    expect(outcomeOf(await push(concert({ dateModified: "2026-01-01T00:00:00Z" })))).toEqual([201, "created"]);
  });

  test("that lies in the future is refused by name", async () => {
    const { concert, push } = await peer();
    const problem = await jsonOf(push(concert({ dateModified: "9999-01-01T00:00:00Z" })));
    expect(problem).toMatchObject({ reason: "malformed", errors: [{ pointer: "/dateModified" }] });
    expect(problem.detail).toContain("more than a day in the future");
  });
});

describe("the document", () => {
  test("is told each fault of its members, with its place, as by POST events", async () => {
    const { base, push, refusals } = await peer();
    const document = { "@context": "https://schema.org", "@type": "Event", "@id": `${base}/events/1` };
    const problem = await jsonOf(push(document));
    expect(problem).toMatchObject({ code: "invalid_body", reason: "unreadable" });
    expect(problem.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual(["/location", "/name", "/startDate"]);
    const submitted = await jsonOf(node.ask("/api/v1/events", { key: await node.key("agent"), body: document }));
    expect(problem.errors).toEqual(submitted.errors);
    expect(await refusals()).toMatchObject([{ reason: "unreadable", detail: expect.stringContaining("/name: ") }]);
  });

  test("of a place, too", async () => {
    const { base, push } = await peer();
    const problem = await jsonOf(push({ "@context": "https://schema.org", "@type": "Place", "@id": `${base}/places/1` }));
    expect(problem).toMatchObject({ reason: "unreadable", errors: [{ pointer: "/name" }] });
  });

  test.each([
    ["too long", (base: string) => `${base}/${"x".repeat(2_100)}`],
    ["with a space", (base: string) => `${base}/events/a b`],
    ["in capitals", (base: string) => `${base.replace("https", "HTTPS")}/events/1`],
    ["relative", () => "/events/1"],
  ])("whose @id is %s is told what one is, and not the whole of it", async (_name, idOf) => {
    const { base, concert, push, refusals } = await peer();
    const problem = await jsonOf(push(concert({ "@id": idOf(base) })));
    expect(problem).toMatchObject({ code: "invalid_body", reason: "malformed", errors: [{ pointer: "/@id" }] });
    expect(problem.detail).toMatch(
      /^@id: expected an absolute URI that begins with http:\/\/ or https:\/\/ .* at most 2048 characters .*, found "/,
    );
    expect(problem.detail.length).toBeLessThan(300);
    expect(await refusals()).toMatchObject([{ reason: "malformed" }]);
  });

  test.each([["true"], [1], [null], [{ "@value": true }]])(
    "whose sel:tombstone is %j is told so, and not what an event lacks",
    async (said) => {
      const { base, push } = await peer();
      const problem = await jsonOf(push({ "@id": `${base}/events/1`, "@type": "Event", "sel:tombstone": said }));
      expect(problem).toMatchObject({ reason: "malformed", errors: [{ pointer: "/sel:tombstone" }] });
      expect(problem.detail).toMatch(/^\/sel:tombstone: expected true or false, found /);
    },
  );

  test("under a bad Idempotency-Key is answered as by POST events: the header is named", async () => {
    const { concert, push } = await peer();
    const answer = await push(concert(), { "idempotency-key": "x".repeat(256) });
    expect([answer.status, await jsonOf(answer)]).toMatchObject([
      400,
      { code: "invalid_query", detail: expect.stringContaining("Idempotency-Key: expected") },
    ]);
  });
});

describe("sel:deletedAt of a tombstone", () => {
  const stone = (uri: unknown, more: object) => ({ "@id": uri, "@type": "Event", "sel:tombstone": true, ...more });

  test("is read as dateModified is, and stands before it", async () => {
    const { concert, push } = await peer();
    await push(concert({ dateModified: "2026-05-01T10:00:00Z" }));
    const uri = concert()["@id"];
    const late = { "@value": "2026-05-01T09:00:00Z" };
    expect(outcomeOf(await push(stone(uri, { "sel:deletedAt": late, dateModified: "2026-05-03" })))).toEqual([200, "unchanged"]);
    expect(outcomeOf(await push(stone(uri, { dateModified: ["2026-05-01T11:00:00Z"] })))).toEqual([204, "deleted"]);
  });

  test.each([["soon"], [null], [{}]])("of %j is refused, and takes nothing away", async (deletedAt) => {
    const { concert, push } = await peer();
    const location = (await push(concert({ dateModified: "2026-05-01T10:00:00Z" }))).headers.get("location")!;
    const answer = await push(stone(concert()["@id"], { "sel:deletedAt": deletedAt, dateModified: "2026-05-02" }));
    expect([answer.status, await jsonOf(answer)]).toMatchObject([
      422,
      {
        reason: "malformed",
        errors: [{ pointer: "/sel:deletedAt", detail: expect.stringContaining("/sel:deletedAt: expected a date-time") }],
      },
    ]);
    expect((await node.ask(location)).status).toBe(200);
  });
});

describe("refused with a reason, and in the log of refusals:", () => {
  const nested = (levels: number): unknown => (levels === 0 ? "x" : [nested(levels - 1)]);
  const text = (document: object, more: string) => JSON.stringify(document).replace(/\}$/, `,${more}}`);

  test.each([
    ["a member that reaches a prototype", "invalid_body", "malformed", (event: object) => text(event, '"__proto__":{"a":1}')],
    ["more levels than are read", "too_complex", "too_large", (event: object) => ({ ...event, about: nested(40) })],
    [
      "more levels than any program calls itself",
      "too_complex",
      "too_large",
      (event: object) => text(event, `"about":${"[".repeat(90_000)}${"]".repeat(90_000)}`),
    ],
  ])("%s", async (_name, code, reason, bodyOf) => {
    const { concert, push, refusals, runs } = await peer();
    const answer = await push(bodyOf(concert()));
    expect([answer.status, await jsonOf(answer)]).toMatchObject([422, { code, reason }]);
    expect(await refusals()).toMatchObject([{ reason, uri: concert()["@id"], times: 1 }]);
    expect(await runs()).toMatchObject([{ kind: "push", outcome: "failed", refused: 1 }]);
  });

  test.each([
    ["an array", [anEvent()]],
    ["null", "null"],
    ["a text", '"nothing"'],
  ])("%s", async (_name, body) => {
    const { push, refusals } = await peer();
    const answer = await push(body);
    expect([answer.status, await jsonOf(answer)]).toMatchObject([
      422,
      { code: "invalid_body", reason: "malformed", errors: [{ pointer: "" }] },
    ]);
    expect(await refusals()).toMatchObject([{ reason: "malformed", uri: "" }]);
  });

  test.each([
    ["places", "MusicEvent", "a Place or one of its kinds", ["Place", "MusicVenue", "LocalBusiness", "Library", "WhatMayCome"]],
    ["places", "Person", "a Place or one of its kinds", []],
    ["places", "MusicGroup", "a Place or one of its kinds", []],
    [
      "organizations",
      "Event",
      "an Organization or one of its kinds",
      ["Organization", "MusicGroup", "LocalBusiness", "Museum", "WhatMayCome"],
    ],
    ["organizations", "Person", "an Organization or one of its kinds", []],
    ["persons", "Event", "a Person", ["Person"]],
  ])("one of the %s that calls itself %s", async (folder, type, expected, right) => {
    const { base, push, refusals } = await peer();
    const described = (n: number, as: string) => ({
      "@context": "https://schema.org",
      "@type": as,
      "@id": `${base}/${folder}/${n}`,
      name: "The Quay",
    });
    const problem = await jsonOf(push(described(0, type)));
    expect(problem).toMatchObject({ status: 422, reason: "unreadable" });
    expect(problem.detail).toContain(`/@type: expected ${expected}, found "${type}"`);
    expect(await refusals()).toMatchObject([{ reason: "unreadable", uri: `${base}/${folder}/0` }]);
    for (const [n, as] of right.entries()) expect([as, (await push(described(n + 1, as))).status]).toEqual([as, 201]);
  });
});

test("what is no document at all has no reason, and is in no log", async () => {
  const { concert, push, refusals, runs } = await peer();
  const packed = gzipSync(JSON.stringify(concert()));
  const cases: [unknown, Record<string, string>, number, string][] = [
    ["{", {}, 400, "malformed_json"],
    [Buffer.from([0x22, 0xff, 0x22]), {}, 400, "malformed_json"],
    [concert({ description: "x".repeat(262_144) }), {}, 413, "too_large"],
    [concert(), { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    [packed, { "content-encoding": "gzip" }, 415, "unsupported_media_type"],
  ];
  for (const [body, headers, status, code] of cases) {
    const problem = await jsonOf(push(body, headers));
    expect(problem).toMatchObject({ status, code });
    expect(problem).not.toHaveProperty("reason");
  }
  expect((await push(concert(), { "idempotency-key": "twice" })).status).toBe(201);
  const other = await jsonOf(push(concert({ name: "Another" }), { "idempotency-key": "twice" }));
  expect(other).toMatchObject({ status: 422, code: "idempotency_conflict" });
  expect(other).not.toHaveProperty("reason");
  expect(await refusals()).toEqual([]);
  expect(await runs()).toMatchObject([{ applied: 1, refused: 0 }]);
});
