/** Which events a file holds: one payload each, byte for byte where an event stands alone. */
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { decodeEvent } from "../jsonld/decode.ts";
import { readItems, type InputItem } from "./import-items.ts";

async function* once(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
const itemsOf = (text: string, name = "events.json"): Promise<InputItem[]> => Array.fromAsync(readItems({ name, read: () => once(text) }));
const payloads = (items: InputItem[]): string[] =>
  items.map((item) => ("payload" in item ? item.payload.toString() : `rejected: ${item.reject.reason}`));

const EVENT = {
  "@context": "https://schema.org",
  "@type": "Event",
  name: "Summer concert",
  startDate: "2026-07-01",
  location: { "@type": "Place", name: "High Park" },
};
const OTHER = { ...EVENT, name: "Winter concert", startDate: "2026-12-01" };

describe("an event that stands alone keeps its bytes", () => {
  test("as a whole file, in a list and on a line", async () => {
    const printed = JSON.stringify(EVENT, null, 3);
    expect(payloads(await itemsOf(`\uFEFF${printed}`))).toEqual([printed]);
    expect(payloads(await itemsOf(`[${printed} ,\n${JSON.stringify(OTHER)}]`))).toEqual([printed, JSON.stringify(OTHER)]);
    expect(payloads(await itemsOf(`${JSON.stringify(EVENT)}\n${JSON.stringify(OTHER)}\n`))).toEqual([
      JSON.stringify(EVENT),
      JSON.stringify(OTHER),
    ]);
  });

  test("a broken first line of a .jsonl file rejects that line only", async () => {
    const items = payloads(await itemsOf(`{"@type": \n${JSON.stringify(OTHER)}`, "events.jsonl"));
    expect(items).toEqual([expect.stringMatching(/^rejected: line 1, column 1: not JSON/), JSON.stringify(OTHER)]);
  });
});

describe("an event among others becomes a document of its own", () => {
  test("out of an @graph, with its context and the nodes it refers to, but without other events", async () => {
    const { "@context": context, ...event } = EVENT;
    const graph = [
      {
        ...event,
        "@id": "https://a.example/1",
        location: { "@id": "https://a.example/park" },
        superEvent: { "@id": "https://a.example/2" },
      },
      { ...event, "@id": "https://a.example/2", name: "The festival" },
      { "@id": "https://a.example/park", "@type": "Place", name: "High Park", address: "1873 Bloor St W" },
    ];
    const items = await itemsOf(JSON.stringify({ "@context": context, "@graph": graph }, null, 1));
    expect(items).toHaveLength(2);
    const read = await Promise.all(
      items.map((item) => decodeEvent(JSON.parse("payload" in item ? item.payload.toString() : "0"), { base: "https://node.example" })),
    );
    expect(read.map(({ id, fields }) => [id, fields.name, fields.location?.name])).toEqual([
      ["https://a.example/1", "Summer concert", "High Park"],
      ["https://a.example/2", "The festival", "High Park"],
    ]);
  });

  test("out of an ItemList and out of a page", async () => {
    const { "@context": context, ...event } = EVENT;
    const list = { "@context": context, "@type": "ItemList", itemListElement: [{ "@type": "ListItem", position: 1, item: event }] };
    expect(payloads(await itemsOf(JSON.stringify(list)))).toEqual([JSON.stringify(EVENT)]);
    const page = `<!doctype html><script type="application/ld+json">${JSON.stringify({ "@type": "BreadcrumbList" })}</script><script type="application/ld+json">${JSON.stringify(EVENT)}</script>`;
    expect(payloads(await itemsOf(page, "page.html"))).toEqual([JSON.stringify(EVENT)]);
  });
});

describe("a calendar", () => {
  test.each(["plain", "utf-16", "utf-16-without-mark", "byte-order-mark", "small-letters"])(
    "%s.ics is known by its beginning",
    async (name) => {
      const bytes = await readFile(new URL(`../../test/fixtures/calendars/${name}.ics`, import.meta.url));
      async function* read() {
        yield bytes;
      }
      const [only, ...others] = await Array.fromAsync(readItems({ name: "events", read }));
      expect(others).toEqual([]);
      expect(only).toMatchObject({ mediaType: "text/calendar", end: expect.any(Number), payload: expect.any(Buffer) });
    },
  );

  test("its broken events are rejects, with their place and reason", async () => {
    const items = await itemsOf("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:7\nbroken\nEND:VEVENT\nEND:VCALENDAR\n");
    expect(items).toEqual([
      expect.objectContaining({
        reject: {
          reason: 'VEVENT: line 4: expected NAME:value, found "broken"',
          pointer: "VEVENT 1 (UID 7)",
          excerpt: expect.stringContaining("UID:7"),
        },
      }),
    ]);
  });
});

describe("what cannot be imported says why", () => {
  test.each([
    ["", /is empty/],
    ["BEGIN:VCALENDAR\r\nVERSION:2.0", /events\.json cannot be read as a calendar\. The calendar ends on line 2/],
    ["name,date\nJazz,2026-07-01", /neither JSON nor HTML/],
  ])("%j", async (text, expected) => {
    await expect(itemsOf(text)).rejects.toThrow(expected);
  });

  test("a page without JSON-LD, and a graph without events", async () => {
    expect(payloads(await itemsOf("<html></html>"))).toEqual([expect.stringMatching(/^rejected: the page has no <script/)]);
    expect(payloads(await itemsOf('{"@graph": [{"@type": "Place", "name": "High Park"}]}'))).toEqual([
      "rejected: no schema.org Event is in this document",
    ]);
  });
});
