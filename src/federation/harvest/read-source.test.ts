/** What a source may answer, and which events are found in it. Each file of test/fixtures/pages is one case. */
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../../domain/errors.ts";
import { decodePayload } from "../../registry/decode-payload.ts";
import { readSource, type SourceFormat, type SourceItem } from "./read-source.ts";

const PAGES = new URL("../../../test/fixtures/pages/", import.meta.url);
const URL_OF_PAGE = "https://lanterns.example/2025/night";
const seen = new Set<string>();

function readPage(name: string, contentType = "text/html"): SourceItem[] {
  seen.add(name);
  return readSource({ body: readFileSync(new URL(`${name}.html`, PAGES)), contentType, url: URL_OF_PAGE }, "html").items;
}
const readText = (text: string | Buffer, format: SourceFormat, contentType?: string): SourceItem[] =>
  readSource({ body: Buffer.from(text), contentType, url: URL_OF_PAGE }, format).items;

/** The submission of each item, or the code of why there is none. */
const decoded = (items: readonly SourceItem[]) =>
  Promise.all(items.map(async (item) => ("problem" in item ? item.problem.code : await decodePayload(item, "https://node.example"))));
const namesOf = async (items: readonly SourceItem[]): Promise<string[]> =>
  (await decoded(items)).map((one) => (typeof one === "string" ? one : one.fields.name));

const EVENT = {
  "@context": "https://schema.org",
  "@type": "Event",
  name: "Lantern Night",
  startDate: "2026-05-08T20:00:00-04:00",
  location: { "@type": "Place", name: "Harbour Hall" },
};
const JSON_EVENT = JSON.stringify(EVENT);
const DAY = { ...EVENT, name: "Lantern Day" };

describe("pages", () => {
  test.each([
    ["one-event", ["Lantern Night"]],
    ["several-blocks", ["Lantern Night", "malformed_json", "Lantern Day"]],
    ["graph", ["Lantern Night"]],
    ["item-list", ["Lantern Night", "Lantern Day"]],
    ["array", ["Lantern Night", "Lantern Day"]],
    ["main-entity", ["Lantern Night", "Lantern Day"]],
    ["venue", ["Lantern Night"]],
    ["escaped", ["Lantern Night"]],
    ["entities-in-text", ["Lanterns & Friends"]],
    ["wrapped", ["Lantern Night"]],
    ["latin-1", ["Fête d’été"]],
    ["no-events", []],
  ])("%s: %j", async (name, names) => {
    expect(await namesOf(readPage(name))).toEqual(names);
  });

  test("the charset of Content-Type comes before that of the page", async () => {
    expect(await namesOf(readPage("latin-1", "text/html; charset=iso-8859-7"))).toEqual([expect.not.stringContaining("ê")]);
  });

  test("what an event of a graph refers to comes with it", async () => {
    const [event] = await decoded(readPage("graph"));
    expect(event).toMatchObject({
      id: "https://lanterns.example/night#event",
      fields: { type: "MusicEvent", location: { name: "Harbour Hall" }, organizer: { name: "Lantern Guild" } },
    });
  });

  test("a series of whole events is those events, each with what the series says for all", async () => {
    const items = readPage("series-of-events");
    expect(items.map(({ pointer }) => pointer)).toEqual(["/0/subEvent/0", "/0/subEvent/1"]);
    expect(await decoded(items)).toMatchObject([
      {
        fields: {
          name: "Lantern Weeks",
          startDate: "2026-05-08T20:00:00-04:00",
          url: "https://lanterns.example/weeks/1",
          location: { name: "Harbour Hall" },
          organizer: { name: "Lantern Guild" },
        },
      },
      { fields: { name: "Lantern Weeks: the last", location: { name: "Old Mill" }, organizer: { name: "Lantern Guild" } } },
    ]);
  });

  test("a series of mere dates stays one event", async () => {
    expect(await decoded(readPage("series-of-dates"))).toMatchObject([
      {
        fields: {
          type: "EventSeries",
          name: "Lantern Fridays",
          subEvent: [{ startDate: expect.any(String) }, { startDate: expect.any(String) }],
        },
      },
    ]);
  });

  test("relative addresses are relative to the page's base, and without one to the page", async () => {
    expect(await decoded(readPage("relative-addresses"))).toMatchObject([
      {
        id: "https://lanterns.example/2026/#event",
        fields: { url: "https://lanterns.example/2026/night?a=1", image: "https://lanterns.example/img/night.jpg" },
      },
    ]);
    expect(await decoded(readPage("relative-addresses-without-context"))).toMatchObject([
      { fields: { name: "Lantern Night", url: "https://lanterns.example/2025/night" } },
    ]);
  });

  test("an event without anything relative keeps its bytes, wherever its page stands", () => {
    const [here] = readPage("one-event");
    const html = readFileSync(new URL("one-event.html", PAGES));
    const [there] = readSource({ body: html, contentType: undefined, url: "https://elsewhere.example/" }, "html").items;
    expect(here).toEqual(there);
  });

  test("every fixture is a case here", () => {
    readPageRefused("no-json-ld");
    expect(readdirSync(PAGES).filter((file) => !seen.has(file.replace(".html", "")))).toEqual([]);
  });
});

function readPageRefused(name: string): string {
  seen.add(name);
  return refusal(() => readPage(name));
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof RegistryError && error.code === "invalid_body") return error.message;
    throw error;
  }
  throw new Error("expected a refusal, but something was read");
}

describe("JSON-LD", () => {
  test.each<[string, string, string[]]>([
    ["one document", JSON_EVENT, ["Lantern Night"]],
    ["a list", JSON.stringify([EVENT, DAY]), ["Lantern Night", "Lantern Day"]],
    [
      "a graph",
      JSON.stringify({ "@context": "https://schema.org", "@graph": [EVENT, { "@type": "Place", name: "Hall" }] }),
      ["Lantern Night"],
    ],
    [
      "an ItemList",
      JSON.stringify({ "@type": "ItemList", itemListElement: [EVENT, { "@type": "ListItem", item: DAY }] }),
      ["Lantern Night", "Lantern Day"],
    ],
    [
      "lines, one of them broken",
      `${JSON_EVENT}\n{"@type"\n\n${JSON.stringify(DAY)}\r\n`,
      ["Lantern Night", "malformed_json", "Lantern Day"],
    ],
    ["a node's list of events", JSON.stringify({ items: [EVENT, DAY], next_cursor: "x" }), ["Lantern Night", "Lantern Day"]],
    [
      "a page of a node's feed",
      JSON.stringify({
        changes: [
          { action: "create", snapshot: EVENT },
          { action: "delete", tombstone: {} },
        ],
      }),
      ["Lantern Night"],
    ],
    ["a list of nothing", "[]", []],
    ["a graph of nothing", '{"@graph": []}', []],
  ])("%s", async (_, text, names) => {
    expect(await namesOf(readText(text, "json-ld"))).toEqual(names);
  });

  test("one document keeps its bytes", () => {
    const printed = JSON.stringify(EVENT, null, 3);
    expect(readText(printed, "json-ld")).toEqual([{ payload: Buffer.from(printed), mediaType: "application/ld+json", pointer: "" }]);
  });

  test("a byte order mark, UTF-16 and a declared charset are read", async () => {
    const name = JSON.stringify({ ...EVENT, name: "Fête" });
    expect(await namesOf(readText(`\uFEFF${name}`, "json-ld"))).toEqual(["Fête"]);
    expect(await namesOf(readText(Buffer.from(`\uFEFF${name}`, "utf16le"), "json-ld"))).toEqual(["Fête"]);
    expect(await namesOf(readText(Buffer.from(name, "latin1"), "json-ld", "application/json; charset=ISO-8859-1"))).toEqual(["Fête"]);
    expect(await namesOf(readText(name, "json-ld", "application/json; charset=ISO-8859-1"))).toEqual(["Fête"]);
    const line = Buffer.from(`${name}\n`, "latin1");
    const [, broken] = readText(Buffer.concat([Buffer.from(`${JSON_EVENT}\n`), line]), "json-ld");
    expect(broken).toMatchObject({ pointer: "line 2", problem: { detail: "Line 2: not UTF-8 text" } });
  });

  test("an item beyond the bounds spoils no other", async () => {
    const deep = `${'{"@type":"Event","about":'.repeat(5_000)}1${"}".repeat(5_000)}`;
    expect(await namesOf(readText(`[${deep},${JSON_EVENT}]`, "json-ld"))).toEqual(["too_complex", "Lantern Night"]);
  });
});

describe("another node's export", () => {
  const lines = [
    { epoch: "e", position: 7, cursor: "c", count: 2 },
    EVENT,
    { "@context": "https://schema.org", "@type": "Place", name: "Harbour Hall" },
    { "@context": "https://schema.org", "@type": "Person", name: "P" },
    DAY,
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");

  test.each([
    ["lines", Buffer.from(lines)],
    ["a gzip file of lines", gzipSync(lines)],
    ["a list", Buffer.from(JSON.stringify([EVENT, { "@type": "Place", name: "Hall" }, DAY]))],
  ])("%s: the events of it", async (_, body) => {
    expect(await namesOf(readText(body, "export"))).toEqual(["Lantern Night", "Lantern Day"]);
  });

  test("one without events", () => {
    expect(readText('{"@type":"Place","name":"Hall"}\n', "export")).toEqual([]);
  });
});

test("a calendar's events are calendars, whatever the server calls it", async () => {
  const lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "SUMMARY:F\xeate", "DTSTART:20260508", "LOCATION:Hall", "END:VEVENT", "END:VCALENDAR"];
  const items = readText(Buffer.from(lines.join("\r\n"), "latin1"), "ics", "text/plain; charset=utf-8");
  expect(items).toMatchObject([{ mediaType: "text/calendar", pointer: "VEVENT 1" }]);
  expect(await namesOf(items)).toEqual(["Fête"]);
});

describe("a body that is not of the format is refused as a whole, in one line", () => {
  const calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\n";
  test.each<[SourceFormat, string | Buffer, RegExp]>([
    ["json-ld", "", /^The body is empty\.$/],
    ["ics", "\r\n \r\n", /^The body is empty\.$/],
    ["json-ld", "<!doctype html>\n<h1>502 Bad Gateway</h1>", /^Expected JSON, found a page: "<!doctype html>/],
    ["json-ld", JSON_EVENT.slice(0, 60), /^Expected JSON, found .*: not JSON: .*\.$/],
    ["json-ld", Buffer.from('{"name":"F\xeate"}', "latin1"), /not UTF-8 text\.$/],
    ["json-ld", '{"error":"not found","status":404}', /^No schema\.org Event is in this document: its members are "error, status"\.$/],
    ["json-ld", '{"@context":"https://schema.org","@type":"Organization","name":"Guild"}', /^No schema\.org Event/],
    ["html", "just words", /^Expected an HTML page, found "just words"\.$/],
    ["html", "<html><body>503</body></html>", /^The page has no <script type="application\/ld\+json">\.$/],
    ["ics", calendar, /^The calendar ends on line 4 without END:VCALENDAR/],
    ["ics", "<html></html>", /^Not an iCalendar file/],
    ["export", '{"title":"Not found","status":404}', /^Not an export/],
    ["export", "oops", /^Expected JSON, found "oops"/],
    ["export", gzipSync(JSON_EVENT).subarray(0, 40), /^The gzip file is damaged or cut off/],
    ["export", gzipSync(Buffer.alloc(65 * 1024 * 1024, 32)), /^The gzip file holds more than 64 MiB\.$/],
  ])("%s %j", (format, body, message) => {
    expect(refusal(() => readText(body, format))).toMatch(message);
  });

  test("the check itself fails on what is fine", () => {
    expect(() => refusal(() => readText(JSON_EVENT, "json-ld"))).toThrow("something was read");
    expect(readPageRefused("no-json-ld")).toContain("no <script");
  });
});

test("a page of a list says that it is not the whole, and a page of changes never is", () => {
  const whole = (document: object) =>
    readSource({ body: Buffer.from(JSON.stringify(document)), contentType: "application/json", url: URL_OF_PAGE }, "json-ld").whole;
  expect(whole({ items: [], next_cursor: "more" })).toBe(false);
  expect(whole({ items: [], next_cursor: null })).toBe(true);
  expect(whole({ changes: [], next_cursor: "more" })).toBe(false);
  expect(whole({ "@context": "https://schema.org", "@graph": [] })).toBe(true);
});

test("what a small body would become is bounded", () => {
  const text = "x".repeat(90_000);
  const place = { "@id": "https://a.example/place", "@type": "Place", name: "Hall", description: Array.from({ length: 10 }, () => text) };
  const events = Array.from({ length: 400 }, (_, n) => ({
    "@type": "Event",
    "@id": `https://a.example/${n}`,
    name: `Evening ${n}`,
    startDate: "2031-05-08",
    location: "https://a.example/place",
  }));
  const body = Buffer.from(JSON.stringify({ "@context": "https://schema.org", "@graph": [place, ...events] }));
  expect(() => readSource({ body, contentType: "application/ld+json", url: URL_OF_PAGE }, "json-ld")).toThrow(
    /more than 256 MiB|too many bytes/,
  );
});
