/** Reading what others serve: no bytes whatever break it, and the zones that a calendar defines are those that everybody knows. */
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { RegistryError } from "../../src/domain/errors.ts";
import { readSource, type SourceFormat } from "../../src/federation/harvest/read-source.ts";
import { readCalendars } from "../../src/icalendar/components.ts";
import { readContentLines } from "../../src/icalendar/content-lines.ts";
import { decodeCalendar, decodeVevent } from "../../src/icalendar/decode.ts";
import { offsetIn, offsetText } from "../../src/icalendar/zones.ts";
import { encodeIcs } from "../../src/http/event-feeds/ics.ts";
import { prepare } from "../../src/registry/prepare.ts";
import { concertState, FEED, URI } from "../support/event-feeds.ts";

/** What `work` gives, or the refusal; anything else that it throws fails the test. */
function orRefusal<T>(work: () => T): T | RegistryError {
  try {
    return work();
  } catch (error) {
    if (error instanceof RegistryError) return error;
    throw error;
  }
}

const FORMATS: readonly SourceFormat[] = ["ics", "json-ld", "html", "export"];
const charset = fc.constantFrom(
  undefined,
  "text/plain; charset=utf-16",
  "text/html; charset=iso-8859-2",
  "application/x-ndjson",
  "a; charset=nonsense",
);

/** Bytes of all sorts, and texts that begin as each format does. */
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(
      fc.constantFrom(
        "{",
        "[",
        '{"@graph":[',
        '{"@type":"Event",',
        '<script type="application/ld+json">',
        "\u{1f}\u{8b}\u{8}",
        "BEGIN:VCALENDAR\r\n",
        "\uFEFF",
      ),
      fc.string({ unit: "binary", maxLength: 200 }),
    )
    .map(([begin, rest]) => Buffer.from(begin + rest, begin.startsWith("\u{1f}") ? "latin1" : "utf8")),
  fc.json().map((json) => Buffer.from(json)),
  fc.json().map((json) => Buffer.from(`<script type="application/ld+json">${json}</script>`)),
);

test("any bytes are read or refused", () => {
  fc.assert(
    fc.property(anyBytes, fc.constantFrom(...FORMATS), charset, (body, format, contentType) => {
      const items = orRefusal(() => readSource({ body, contentType, url: "https://a.example/b" }, format).items);
      if (items instanceof RegistryError) expect(items.problem.detail).not.toBe("");
      else for (const item of items) expect("payload" in item ? item.payload.length : item.problem.detail.length).toBeGreaterThan(0);
    }),
    { numRuns: 1_500 },
  );
});

const value = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom(
    "20260508",
    "20260508T200000",
    "20260508T200000Z",
    "99991231T235959",
    "00010101",
    "PT1H",
    "P99999W",
    "-P1D",
    "CANCELLED",
    "43.6;-79.3",
    "9;;",
    "https://a.example/",
    "//b",
  ),
);
const parameter = fc.constantFrom(
  "",
  ";VALUE=DATE",
  ";TZID=America/Toronto",
  ";TZID=Own",
  ";TZID=",
  ';TZID="',
  ";CN=a",
  ';CN="a:b";X=1',
  ";VALUE=BINARY;ENCODING=BASE64",
  ";=",
  ";__proto__=1",
);
const name = fc.constantFrom(
  "UID",
  "SUMMARY",
  "DESCRIPTION",
  "DTSTART",
  "DTEND",
  "DURATION",
  "LOCATION",
  "GEO",
  "URL",
  "ORGANIZER",
  "CATEGORIES",
  "STATUS",
  "ATTACH",
  "IMAGE",
  "RECURRENCE-ID",
  "X-ALT-DESC",
  "CLASS",
  "CONFERENCE",
  "BEGIN",
  "END",
  "RRULE",
  "TZOFFSETTO",
  "TZID",
  "constructor",
);
const contentLine = fc.tuple(name, parameter, value).map((parts) => `${parts[0]}${parts[1]}:${parts[2]}`);
const start = fc.constantFrom(
  "DTSTART:20260508T200000Z",
  "DTSTART;TZID=Own:20260508T200000",
  "DTSTART;VALUE=DATE:20260508",
  "DTSTART:20260508T200000",
);
const observance = fc
  .array(
    fc.tuple(
      fc.constantFrom("DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO", "RDATE"),
      fc.constantFrom(
        "20071104T020000",
        "16010101T000000",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=5SU;BYMONTH=11",
        "FREQ=SECONDLY",
        "FREQ=YEARLY;INTERVAL=0",
        "FREQ=YEARLY;COUNT=3",
        "+0100",
        "-0400",
        "+2500",
      ),
    ),
    {
      maxLength: 6,
    },
  )
  .map((lines) => ["BEGIN:STANDARD", ...lines.map(([key, written]) => `${key}:${written}`), "END:STANDARD"]);

test("any lines of a calendar are events that can be prepared, or are refused by name", () => {
  let taken = 0;
  fc.assert(
    fc.property(start, fc.array(contentLine, { maxLength: 8 }), fc.array(observance, { maxLength: 3 }), (begin, lines, zone) => {
      const event = ["BEGIN:VEVENT", "SUMMARY:A", begin, "URL:https://a.example/", ...lines, "END:VEVENT"];
      const own = ["BEGIN:VTIMEZONE", "TZID:Own", ...zone.flat(), "END:VTIMEZONE"];
      const calendar = orRefusal(() => decodeCalendar(Buffer.from(["BEGIN:VCALENDAR", ...own, ...event, "END:VCALENDAR"].join("\r\n"))));
      if (calendar instanceof RegistryError) return;
      for (const item of calendar.events) {
        if ("problem" in item) continue;
        const submission = orRefusal(() => decodeVevent(item.payload));
        if (submission instanceof RegistryError) {
          expect(submission.errors[0]?.pointer).toMatch(/^\/[A-Z-]+$/);
          continue;
        }
        taken++;
        orRefusal(() =>
          prepare(submission, { payload: item.payload, mediaType: "text/calendar" }, { defaultTimezone: "UTC" }, "https://a.example"),
        );
      }
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(20);
});

/** As Outlook writes them: the rule of today, from 1601 on. */
const zoneText = (standard: string, daylight: string, [summer, winter]: [string, string], [spring, autumn]: [string, string]) =>
  `BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Z\nBEGIN:STANDARD\nDTSTART:16010101T${autumn}\nRRULE:${standard}\nTZOFFSETFROM:${summer}\nTZOFFSETTO:${winter}\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T${spring}\nRRULE:${daylight}\nTZOFFSETFROM:${winter}\nTZOFFSETTO:${summer}\nEND:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR\n`;
const ZONES = {
  "America/Toronto": zoneText(
    "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
    ["-0400", "-0500"],
    ["020000", "020000"],
  ),
  "Europe/Berlin": zoneText(
    "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    ["+0200", "+0100"],
    ["020000", "030000"],
  ),
  "Australia/Adelaide": zoneText(
    "FREQ=YEARLY;BYMONTH=4;BYDAY=SU;BYMONTHDAY=1,2,3,4,5,6,7",
    "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU",
    ["+1030", "+0930"],
    ["020000", "030000"],
  ),
} as const;

test.each(Object.entries(ZONES))(
  "a calendar's own %s is ahead of UTC as the IANA database says, in gaps and overlaps too",
  (zone, text) => {
    const definition = readCalendars(readContentLines(Buffer.from(text)))[0]!.parts[0]!;
    const anyTime = fc.date({ min: new Date("2010-01-01T00:00:00Z"), max: new Date("2037-12-31T00:00:00Z"), noInvalidDate: true });
    // Every half hour around each change of a year, and any time at all.
    const changes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].flatMap((month) =>
      Array.from({ length: 31 * 12 }, (_, n) => new Date(Date.UTC(2026, month, 1, 0, n * 30 + Math.floor(n / 12) * 1080))),
    );
    const offsetOf = (at: Date) => {
      const local = at.toISOString().slice(0, 19);
      const expected = Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: "compatible" });
      // A skipped time is read by the offset before the gap: 02:30 is 03:30, by the new one.
      const instant = Date.parse(`${local}Z`) - expected.epochMilliseconds;
      expect(offsetIn(definition, local), local).toBe(instant / 1000);
    };
    for (const at of changes) offsetOf(at);
    fc.assert(fc.property(anyTime, offsetOf), { numRuns: 500 });
  },
);

test("what this node writes as a calendar another one reads", () => {
  const [item] = readSource(
    { body: Buffer.from(encodeIcs([concertState()], FEED)), contentType: "text/calendar", url: FEED.selfUrl },
    "ics",
  ).items;
  if (item === undefined || "problem" in item) throw new Error("expected an event");
  expect(decodeVevent(item.payload)).toMatchObject({
    identifiers: [URI],
    fields: {
      name: "Free Jazz at the Rex",
      description: "An evening, improvised; bring friends.\n\nDoors at eight.",
      startDate: "2026-05-09T01:00:00Z[America/Toronto]",
      endDate: "2026-05-09T03:30:00Z[America/Toronto]",
      eventStatus: "EventScheduled",
      location: { name: "The Rex", geo: { latitude: 43.6505, longitude: -79.3886 } },
      keywords: ["jazz", "rock, pop"],
      url: "https://rex.example/jazz?night=8&from=feed",
      image: "https://rex.example/jazz.jpg",
    },
  });
});

test("offsets as RFC 3339 writes them", () => {
  expect([offsetText(-12_600), offsetText(0), offsetText(20_700), offsetText(-1_172)]).toEqual(["-03:30", "+00:00", "+05:45", undefined]);
});
