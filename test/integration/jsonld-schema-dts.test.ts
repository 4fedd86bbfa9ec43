/**
 * What we emit compiles against schema-dts, the vocabulary's own TypeScript types.
 *
 * Those types know schema.org's words and one context. So each document is written with `@context` as schema-dts
 * wants it and without `sel:` and `prov:` terms; the rest is given literally, so that tsc checks every key and value.
 * One word is added to the type: `license`, which our profile puts on events though schema.org gives it to creative
 * works alone. Any further excess property must fail to compile.
 */
import { expect, test } from "vitest";
import { decodeEvent, decodeEvents } from "../../src/jsonld/decode.ts";
import { encodeEntity } from "../../src/jsonld/encode.ts";
import type { JsonLdValue } from "../../src/jsonld/encode.ts";
import { compile } from "../support/schema-dts.ts";
import { REAL_FILES, describeWhereRealDataIsAtHand, readRealData } from "../support/real-data.ts";
import { BASE, createStates } from "../support/states.ts";

const options = { base: BASE };
const states = createStates();

const LAST_WORKING_DAY = [
  { repeatFrequency: "P1M", byDay: ["Monday", "Friday"], byMonthWeek: [1, 3], repeatCount: 9, exceptDate: "2026-06-01", duration: "PT2H" },
  { startTime: "12:00", "sel:rrule": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "sel:rdate": "2026-06-02T12:00:00" },
];

async function eventDocument(more: Record<string, unknown> = {}) {
  const submission = await decodeEvent(
    {
      "@type": "TheaterEvent",
      name: "Lear",
      description: "A play",
      startDate: "2026-05-01T19:00:00-04:00",
      endDate: "2026-05-01T22:00:00-04:00",
      doorTime: "18:30",
      eventStatus: "EventScheduled",
      location: [
        { "@type": "PerformingArtsTheater", name: "Globe", address: "1 King St", geo: { latitude: "43.5", longitude: -79 } },
        { "@type": "VirtualLocation", url: "https://live.example/" },
      ],
      organizer: "The Company",
      performer: ["Ada"],
      offers: [
        { price: 15, priceCurrency: "CAD", availability: "InStock" },
        { lowPrice: 1, highPrice: 2 },
      ],
      image: "https://img.example/a.jpg",
      url: "https://lear.example/",
      inLanguage: "en",
      keywords: "a,b",
      isAccessibleForFree: false,
      sameAs: "https://www.wikidata.org/wiki/Q1",
      license: "CC0",
      accessibilityFeature: "captions",
      eventSchedule: { startDate: "2026-05-01", startTime: "19:00" },
      subEvent: [{ startDate: "2026-05-01" }, { startDate: "2026-05-02" }],
      ...more,
    },
    options,
  );
  return encodeEntity(states.event(submission), options);
}

test("events, places, organizations and persons compile", { timeout: 120_000 }, async () => {
  expect(
    await compile([
      { type: "Licensed", document: await eventDocument() },
      { type: "Licensed", document: await eventDocument({ "@type": "EventSeries" }) },
      { type: "Licensed", document: await eventDocument({ "@type": ["EventSeries", "MusicEvent"], eventSchedule: LAST_WORKING_DAY }) },
      { type: "Place", document: encodeEntity(states.place(), options) },
      { type: "Organization", document: encodeEntity(states.agent("organization"), options) },
      { type: "Person", document: encodeEntity(states.agent("person"), options) },
    ]),
  ).toBe("");
});

test("must fail: an unknown word, a wrong type of value, an unknown type, a status that is none", { timeout: 120_000 }, async () => {
  const event = await eventDocument();
  const output = await compile([
    { type: "Licensed", document: { ...event, moodOfTheNight: "quiet" } },
    { type: "Licensed", document: { ...event, startDate: 20260501 } },
    { type: "Licensed", document: { ...event, "@type": "Volcano" } },
    { type: "Licensed", document: { ...event, eventStatus: "https://schema.org/EventMaybe" } },
    { type: "Place", document: event },
  ]);
  for (const line of [3, 4, 5, 6, 7]) expect(output).toContain(`documents.ts(${line},`);
});

/**
 * What tsc can see of a document: its keys, its kinds of value, and the words that the types spell out. Events that
 * differ in other texts alone are one case to it, and compiling each of thousands would only take a minute more.
 */
function shapeOf(document: JsonLdValue): string {
  return JSON.stringify(document, (key, value: unknown) =>
    typeof value === "string" && key !== "@type" && !value.startsWith("https://schema.org/") ? "" : typeof value === "number" ? 0 : value,
  );
}

describeWhereRealDataIsAtHand("real data", () => {
  test("every accepted event compiles", { timeout: 300_000 }, async () => {
    const documents: { type: string; document: JsonLdValue }[] = [];
    for (const name of REAL_FILES) {
      const decoded = await decodeEvents(readRealData(name), options);
      for (const item of decoded) {
        if ("submission" in item) documents.push({ type: "Licensed", document: encodeEntity(states.event(item.submission), options) });
      }
    }
    expect(documents.length).toBe(9396);
    const cases = [...new Map(documents.map((entry) => [shapeOf(entry.document), entry])).values()];
    expect(cases.length).toBeGreaterThan(20);
    expect(await compile(cases)).toBe("");
  });
});
