/** What must hold for every event and for every document whatsoever. */
import fc from "fast-check";
import canonicalize from "canonicalize";
import { expect, test } from "vitest";
import { RegistryError } from "../../src/domain/errors.ts";
import { eventSubmission } from "../../src/domain/submission.ts";
import type { EventSubmission } from "../../src/domain/submission.ts";
import { ATTENDANCE_MODES, EVENT_DOMAINS, EVENT_STATUSES, EVENT_TYPES, OFFER_AVAILABILITIES } from "../../src/domain/vocabulary.ts";
import { decodeEvent, decodeEvents } from "../../src/jsonld/decode.ts";
import { encodeEntity, encodeText } from "../../src/jsonld/encode.ts";
import { decodeHtml } from "../../src/jsonld/html.ts";
import { plainLine, plainText } from "../../src/jsonld/text.ts";
import { PLACE_TYPES } from "../../src/jsonld/vocabulary.ts";
import { strictTriples } from "../support/linked-data.ts";
import { BASE, createStates } from "../support/states.ts";

const options = { base: BASE };

/** Text as it is after decoding: no markup, no runs of blanks. Angle brackets and ampersands are in it often. */
const line = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.array(fc.constantFrom("<", "b", ">", "&", "amp;", " ", "é", "7", ",", "/"), { maxLength: 12 }).map((parts) => parts.join("")),
  )
  .map(settled(plainLine))
  .filter((text) => text !== "" && text.length <= 200);
const prose = fc
  .string({ unit: "grapheme", maxLength: 400 })
  .map(settled(plainText))
  .filter((text) => text !== "");
const url = fc
  .tuple(fc.webUrl({ withQueryParameters: true, withFragments: true }))
  .map(([text]) => text.replaceAll(/['"|\\^`{}[\]<> ]|%(?![0-9A-Fa-f]{2})/g, ""))
  .filter((text) => URL.canParse(text));
const instant = fc
  .tuple(
    fc.date({ min: new Date("2020-01-01T00:00:00Z"), max: new Date("2035-01-01T00:00:00Z"), noInvalidDate: true }),
    fc.constantFrom("Z", "-04:00", "+05:30"),
  )
  .map(([date, offset]) => date.toISOString().slice(0, 19) + offset);
const day = instant.map((text) => text.slice(0, 10));
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const price = fc.tuple(fc.nat(9_999), fc.constantFrom("", ".5", ".25", ".9999")).map(([whole, part]) => `${whole}${part}`);

/** Reading twice must be like reading once ("&amp;amp;"): generated texts are those that reading leaves alone. */
function settled(read: (text: string) => string): (text: string) => string {
  return (text) => {
    let before = text;
    for (let after = read(before); after !== before; after = read(before)) before = after;
    return before;
  };
}

const place = fc.record({
  name: line,
  placeType: optional(fc.constantFrom(...PLACE_TYPES.filter((type) => type !== "Place"))),
  address: optional(
    fc.record({
      streetAddress: optional(line),
      addressLocality: line,
      postalCode: optional(fc.constantFrom("M5V 1Z1", "10115")),
      addressCountry: optional(fc.constantFrom("CA", "Germany")),
    }),
  ),
  geo: optional(
    fc
      .record({ latitude: fc.double({ min: -90, max: 90, noNaN: true }), longitude: fc.double({ min: -180, max: 180, noNaN: true }) })
      .map(({ latitude, longitude }) => ({ latitude: latitude + 0, longitude: longitude + 0 })),
  ),
  url: optional(url),
});
const agent = fc.record({ kind: fc.constantFrom("organization" as const, "person" as const), name: line, url: optional(url) });
const offer = fc.oneof(
  fc.record({
    price,
    priceCurrency: optional(fc.constantFrom("CAD", "EUR")),
    name: optional(line),
    availability: optional(fc.constantFrom(...OFFER_AVAILABILITIES)),
    url: optional(url),
    validFrom: optional(instant),
  }),
  fc.record({ lowPrice: price, priceCurrency: fc.constant("CAD") }),
);
const where = fc.oneof(
  fc.record({ location: place, eventAttendanceMode: optional(fc.constant(ATTENDANCE_MODES[0])) }),
  fc.record({ virtualLocation: fc.record({ url }), eventAttendanceMode: fc.constant(ATTENDANCE_MODES[1]) }),
  fc.record({ location: place, virtualLocation: fc.record({ url }), eventAttendanceMode: fc.constant(ATTENDANCE_MODES[2]) }),
);
const when = fc
  .oneof(fc.uniqueArray(day, { minLength: 2, maxLength: 2 }), fc.uniqueArray(instant, { minLength: 2, maxLength: 2 }))
  .map((pair) => pair.toSorted((a, b) => Date.parse(a) - Date.parse(b)) as [string, string])
  .filter(([start, end]) => Date.parse(start) < Date.parse(end));

/** Submissions as decode makes them: every member that an event can have, present or absent. */
const submission: fc.Arbitrary<EventSubmission> = fc
  .tuple(
    where,
    when,
    fc.record({
      type: fc.constantFrom(...EVENT_TYPES),
      name: line,
      description: optional(prose),
      doorTime: optional(instant),
      previousStartDate: optional(fc.oneof(day, instant)),
      eventStatus: optional(fc.constantFrom(...EVENT_STATUSES)),
      organizer: optional(agent),
      performer: optional(fc.array(agent, { minLength: 1, maxLength: 3 })),
      offers: optional(fc.array(offer, { minLength: 1, maxLength: 3 })),
      image: optional(url),
      url: optional(url),
      inLanguage: optional(fc.uniqueArray(fc.constantFrom("en", "fr-CA", "zh-Hant"), { minLength: 1 })),
      keywords: optional(
        fc.uniqueArray(
          line.filter((word) => !/[,;]/.test(word)),
          { minLength: 1, maxLength: 5 },
        ),
      ),
      isAccessibleForFree: optional(fc.boolean()),
      accessibilityFeature: optional(fc.uniqueArray(line, { minLength: 1, maxLength: 3 })),
      sameAs: optional(fc.uniqueArray(url, { minLength: 1, maxLength: 3 })),
      license: optional(fc.constant("https://creativecommons.org/licenses/by/4.0/")),
      eventSchedule: optional(
        fc.array(
          // No rule: those are in schedule-round-trip.
          fc.record({
            repeatFrequency: fc.constantFrom("Sometimes", "P0D"),
            startDate: optional(day),
            repeatCount: optional(fc.nat(99)),
            byDay: fc.constantFrom<string | string[]>("Friday", ["MO", "TU"]),
            startTime: optional(fc.constant("late")),
            scheduleTimezone: fc.constant("America/Toronto"),
          }),
          { minLength: 1, maxLength: 2 },
        ),
      ),
      subEvent: optional(
        fc.array(
          fc.record({
            startDate: instant,
            doorTime: optional(instant),
            eventStatus: optional(fc.constantFrom(...EVENT_STATUSES)),
            virtualUrl: optional(url),
          }),
          { minLength: 1, maxLength: 3 },
        ),
      ),
      eventDomain: fc.constantFrom(...EVENT_DOMAINS),
    }),
  )
  .map(
    ([held, [startDate, endDate], rest]) =>
      withoutUndefined({ identifiers: [], fields: { ...rest, ...held, startDate, endDate } }) as EventSubmission,
  );

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)]),
  );
}

/** Our own @ids of nested things, which only the encoded document has. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "id")
      .map(([key, inner]) => [key, withoutIds(inner)]),
  );
}

test("what is encoded is decoded to the same fields, in full triples and canonical bytes", async () => {
  const states = createStates();
  await fc.assert(
    fc.asyncProperty(submission, async (said) => {
      expect(eventSubmission.safeParse(said).success).toBe(true);
      const state = states.event(said);
      const document = encodeEntity(state, options);
      expect(withoutIds((await decodeEvent(document, options)).fields)).toEqual(said.fields);
      expect(encodeText(state, options)).toBe(canonicalize(document));
      expect((await strictTriples(document, BASE)).length).toBeGreaterThan(5);
    }),
    { numRuns: 300 },
  );
});

const TERMS = [
  "@context",
  "@type",
  "@id",
  "@graph",
  "@value",
  "@list",
  "@language",
  "@reverse",
  "@index",
  "@nest",
  "@included",
  "name",
  "startDate",
  "endDate",
  "doorTime",
  "location",
  "address",
  "geo",
  "latitude",
  "offers",
  "price",
  "organizer",
  "performer",
  "image",
  "url",
  "keywords",
  "identifier",
  "eventSchedule",
  "subEvent",
  "repeatFrequency",
  "byDay",
  "byMonthDay",
  "byMonthWeek",
  "repeatCount",
  "startTime",
  "endTime",
  "duration",
  "exceptDate",
  "scheduleTimezone",
  "sel:rrule",
  "sel:rdate",
  "sel:recurrenceId",
  "previousStartDate",
  "itemListElement",
  "item",
  "__proto__",
  "constructor",
  "toString",
];
const VALUES = [
  "Event",
  "Place",
  "VirtualLocation",
  "ItemList",
  "https://schema.org",
  "http://a b/",
  "//x",
  "@type",
  "_:b0",
  "2026-05-01",
  "2026-02-30",
  "2026-05-08T19:00:00-04:00",
  "0000-01-01",
  "P1W",
  "Friday",
  "-1MO",
  "19:00",
  "PT1H",
  "P99999D",
  "America/Toronto",
  "FREQ=DAILY",
  "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
  "20260508T190000",
  "20269999",
  "12,5",
  "\u0000",
  "\ud800",
  "",
  " ",
  "<p>",
  "&amp;",
];
const hostile = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(...VALUES),
    fc.constantFrom(null, true, 0, -1, 1e300, 0.1),
    fc.string({ unit: "binary" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...TERMS), tie("value")), { maxLength: 6 })
      .map(
        (entries) =>
          JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`) as unknown,
      ),
  ),
})).value;

/** A sound event in which anything may stand anywhere. */
const spoiled = fc
  .array(fc.tuple(fc.constantFrom(...TERMS), hostile), { maxLength: 4 })
  .map((entries) => ({ "@type": "Event", name: "A", startDate: "2026-05-01", location: "B", ...Object.fromEntries(entries) }));

/** A sound rule in which anything may stand anywhere, and exceptions from it. */
const spoiledSeries = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...TERMS), hostile), { maxLength: 4 }),
    fc.array(fc.array(fc.tuple(fc.constantFrom(...TERMS), hostile), { maxLength: 4 }), { maxLength: 3 }),
  )
  .map(([schedule, parts]) => ({
    "@type": "Event",
    name: "A",
    startDate: "2026-05-01T19:00:00-04:00",
    location: "B",
    eventSchedule: { repeatFrequency: "P1W", scheduleTimezone: "America/Toronto", ...Object.fromEntries(schedule) },
    subEvent: parts.map((part) => ({ startDate: "2026-05-08T19:00:00-04:00", ...Object.fromEntries(part) })),
  }));

test("no document whatsoever does more than be refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), hostile, spoiled, spoiledSeries), async (document) => {
      for (const item of await decodeEvents(document, options)) {
        if ("submission" in item) {
          expect(eventSubmission.safeParse(item.submission).success).toBe(true);
          expect(JSON.stringify(item.submission)).not.toMatch(/\\u0000|\\ud8/);
        } else expect(item.problem.status).toBe(422);
      }
      await decodeEvent(document, options).catch((error: unknown) => expect(error).toBeInstanceOf(RegistryError));
      expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

test("no page whatsoever does more than have no events", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (around, inside) => {
      const blocks = decodeHtml(`${around}<script type="application/ld+json">${inside}</script>${around}`);
      for (const block of blocks) expect("document" in block || block.problem.code === "malformed_json").toBe(true);
    }),
  );
});
