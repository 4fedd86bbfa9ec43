/** What calendars look like, and what becomes of them here. Each file of test/fixtures/calendars is one case. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../domain/errors.ts";
import type { EventSubmission } from "../domain/submission.ts";
import { decodeCalendar, decodeVevent, type CalendarItem } from "./decode.ts";

const FIXTURES = new URL("../../test/fixtures/calendars/", import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(`${name}.ics`, FIXTURES));
const seen = new Set<string>();

/** Each event of a file as its submission, or as the line that says why it was refused. */
function decoded(name: string, charset?: string): (EventSubmission | string)[] {
  seen.add(name);
  return decodeCalendar(read(name), charset).events.map((item) => {
    if ("problem" in item) return item.problem.detail;
    try {
      return decodeVevent(item.payload);
    } catch (error) {
      if (error instanceof RegistryError) return error.message;
      throw error;
    }
  });
}

const UID = "1@lanterns.example";
/** What nearly every fixture says; each adds its own. */
const NIGHT = { type: "Event", name: "Lantern Night", startDate: "2026-05-08T20:00:00Z", location: { name: "Harbour Hall" } };

function fieldsOf(name: string, charset?: string): EventSubmission["fields"] {
  const [only] = decoded(name, charset);
  if (only === undefined || typeof only === "string") throw new Error(`expected an event in ${name}, found ${only}`);
  return only.fields;
}

test("all that an event can say", () => {
  expect(decoded("plain")).toEqual([
    {
      identifiers: [UID],
      revision: { sequence: 3, modifiedAt: Date.parse("2026-01-02T12:00:00Z") },
      fields: {
        ...NIGHT,
        description: "Bring a lantern; bring a friend.\nDoors at eight.",
        endDate: "2026-05-08T22:00:00Z",
        eventStatus: "EventScheduled",
        location: { name: "Harbour Hall", address: { streetAddress: "235 Queens Quay W, Toronto" } },
        organizer: { kind: "organization", name: "Lantern Guild: East" },
        url: "https://lanterns.example/night?id=1;a=b",
        keywords: ["music", "outdoor", "rock, pop"],
      },
    },
  ]);
});

describe("the bytes", () => {
  test.each([
    ["line-feeds", { ...NIGHT, description: "By line feeds alone" }],
    ["byte-order-mark", { ...NIGHT, name: "Fête des lanternes" }],
    ["folded", { ...NIGHT, description: "A long line that is folded here, and by a tab there." }],
    ["folded-inside-a-character", { ...NIGHT, name: "Fête des lanternes" }],
    ["latin-1", { ...NIGHT, name: "Fête d’été" }],
    ["mixed-charsets", { ...NIGHT, name: "Fête", description: "Entrée libre" }],
    ["utf-16", { ...NIGHT, name: "Fête" }],
    ["utf-16-without-mark", { ...NIGHT, name: "Fête" }],
    ["small-letters", NIGHT],
    ["alarm", NIGHT],
    ["todo-and-event", NIGHT],
  ])("%s", (name, fields) => {
    expect(decoded(name)).toEqual([{ identifiers: [UID], fields }]);
  });

  test("the charset that the server declares is used where the bytes are no UTF-8, and only there", () => {
    expect(fieldsOf("latin-2", "iso-8859-2").name).toBe("Noc lampionów w Łodzi");
    expect(fieldsOf("byte-order-mark", "iso-8859-2").name).toBe("Fête des lanternes");
    expect(fieldsOf("utf-16", "iso-8859-1").name).toBe("Fête");
    expect(fieldsOf("latin-1", "no-such-charset").name).toBe("Fête d’été");
  });
});

describe("times", () => {
  test.each([
    ["all-day", "2026-05-08", "2026-05-10"], // DTEND is the day after the last
    ["all-day-one", "2026-05-08", "2026-05-08"],
    ["all-day-outlook", "2026-05-08", "2026-05-08"],
    ["floating", "2026-05-08T20:00:00", "2026-05-08T22:00:00"],
    ["floating-in-the-calendar-zone", "2026-05-09T00:00:00Z[America/Toronto]", undefined],
    ["utc-in-the-calendar-zone", "2026-05-09T00:00:00Z[America/Toronto]", undefined],
    ["zone-iana", "2026-05-09T00:00:00Z[America/Toronto]", "2026-05-09T02:00:00Z[America/Toronto]"],
    ["zone-behind-a-vendor", "2026-05-09T00:00:00Z[America/Toronto]", undefined],
    ["zone-windows-undefined", "2026-05-09T00:00:00Z[America/New_York]", undefined],
    ["duration", "2026-05-09T03:00:00Z[America/Toronto]", "2026-05-09T05:30:00Z[America/Toronto]"],
    // Clocks go back on 1 November: the day has 25 hours, the hour after it 60 minutes.
    ["duration-over-a-change", "2026-11-01T00:00:00Z[America/Toronto]", "2026-11-02T02:00:00Z[America/Toronto]"],
    ["duration-of-days", "2026-05-08", "2026-05-10"],
  ])("%s", (name, startDate, endDate) => {
    const fields = fieldsOf(name);
    expect([fields.startDate, fields.endDate]).toEqual([startDate, endDate]);
  });

  test("zones that the file defines, summer and winter", () => {
    const starts = (name: string) => decoded(name).map((event) => (typeof event === "string" ? event : event.fields.startDate));
    expect(starts("zone-windows")).toEqual(["2026-01-08T20:00:00+01:00", "2026-05-08T20:00:00+02:00"]);
    expect(starts("zone-of-the-file")).toEqual(["2026-05-08T20:00:00-04:00", "2026-12-08T20:00:00-05:00"]);
  });

  test("a calendar says its name and zone", () => {
    expect(decodeCalendar(read("floating-in-the-calendar-zone"))).toMatchObject({ name: "Lanterns", timezone: "America/Toronto" });
  });

  test("each of two calendars in a file has its own zone", () => {
    expect(decoded("two-calendars").map((event) => (event as EventSubmission).fields.startDate)).toEqual([
      "2026-05-09T00:00:00Z[America/Toronto]",
      "2026-05-08T18:00:00Z[Europe/Berlin]",
    ]);
  });
});

describe("status, place and the rest", () => {
  test.each([
    ["cancelled", { ...NIGHT, eventStatus: "EventCancelled" }],
    ["cancelled-by-method", { ...NIGHT, eventStatus: "EventCancelled" }],
    ["tentative", NIGHT],
    ["geo", { ...NIGHT, location: { name: "Harbour Hall", geo: { latitude: 43.6389, longitude: -79.3817 } } }],
    ["geo-alone", { ...NIGHT, location: { name: "43.6389, -79.3817", geo: { latitude: 43.6389, longitude: -79.3817 } } }],
    ["html-description", { ...NIGHT, description: "Bring a lantern & a friend.\n\nDoors at eight." }],
    ["html-beside", { ...NIGHT, description: "Bring a lantern, a friend" }],
    [
      "online-and-there",
      { ...NIGHT, virtualLocation: { url: "https://lanterns.example/live" }, eventAttendanceMode: "MixedEventAttendanceMode" },
    ],
    [
      "location-is-an-address",
      { ...NIGHT, location: { name: "235 Queens Quay W, Toronto", address: { streetAddress: "235 Queens Quay W, Toronto, ON" } } },
    ],
    ["location-of-lines", { ...NIGHT, location: { name: "Harbour Hall", address: { streetAddress: "235 Queens Quay W, Toronto" } } }],
    ["image", { ...NIGHT, image: "https://lanterns.example/night.png" }],
    ["attachments", { ...NIGHT, image: "https://lanterns.example/night" }],
  ])("%s", (name, fields) => {
    expect(fieldsOf(name)).toEqual(fields);
  });

  test("an event without a place is held at its address on the web, or where its LOCATION links to", () => {
    const { location: _, ...night } = NIGHT;
    const at = (url: string) => ({ ...night, virtualLocation: { url }, eventAttendanceMode: "OnlineEventAttendanceMode" });
    expect(fieldsOf("online")).toEqual({ ...at("https://lanterns.example/live"), url: "https://lanterns.example/live" });
    expect(fieldsOf("location-is-a-link")).toEqual(at("https://meet.lanterns.example/night"));
  });

  test("what repeats is one event, with its rule and what single occurrences have of their own", () => {
    expect(decoded("repeating")).toEqual([
      {
        identifiers: [UID],
        fields: {
          ...NIGHT,
          startDate: "2026-05-09T00:00:00Z[America/Toronto]",
          recurrence: [
            { dtstart: "2026-05-08T20:00:00", timezone: "America/Toronto", rrule: "FREQ=WEEKLY;COUNT=10", exdate: ["2026-05-15T20:00:00"] },
          ],
          overrides: { "20260522T200000": { name: "Lantern Night, indoors", startDate: "2026-05-22T23:00:00Z[America/Toronto]" } },
        },
      },
    ]);
  });

  test("no UID, no identifier", () => {
    expect(decoded("no-uid")).toEqual([{ identifiers: [], fields: NIGHT }]);
  });
});

describe("what is refused says which property, what was expected and what was found", () => {
  test.each([
    ["no-start", /^DTSTART: expected the start as a date or date-time .* found nothing/],
    ["no-summary", /^SUMMARY: expected the event's name/],
    ["nowhere", /^LOCATION: expected a LOCATION, a GEO, or a URL/],
    ["impossible-date", /^DTSTART: .*2026-02-31 is no day of the calendar/],
    ["end-before-start", /^DTEND: expected an end not before the start/],
    ["duration-negative", /^DURATION: expected a duration such as PT2H30M/],
    ["geo-off-the-globe", /^GEO: expected degrees .* found "143\.6;-79\.3"/],
    ["zone-unknown", /^DTSTART: expected a TZID of the IANA database .* found "Lantern Time"/],
    ["zone-hostile", /^DTSTART: expected a TZID/],
    ["private", /^CLASS: expected PUBLIC, found PRIVATE/],
  ])("%s", (name, reason) => {
    expect(decoded(name)).toEqual([expect.stringMatching(reason)]);
  });

  test("a broken event spoils no other, and is pointed to", () => {
    expect(decoded("broken-component").map((event) => (typeof event === "string" ? event : event.fields.name))).toEqual([
      "Before",
      'VEVENT: line 15: expected NAME:value, found "that is no line of a calendar"',
      "After",
    ]);
    const [, broken] = decodeCalendar(read("broken-component")).events;
    expect(broken).toMatchObject({ pointer: "VEVENT 2 (UID 2@lanterns.example)", excerpt: expect.stringContaining("SUMMARY:Broken") });
    expect(decoded("event-without-end").map((event) => (typeof event === "string" ? event : event.fields.name))).toEqual([
      'VEVENT: line 4: "BEGIN:VEVENT" has no END',
      "After",
    ]);
  });

  test("a file that was cut off, or is no calendar, is refused as a whole", () => {
    expect(() => decoded("cut-off")).toThrow(/^The calendar ends on line 12 without END:VCALENDAR: it was cut off\.$/);
    expect(() => decodeCalendar(Buffer.from("<html>\n"))).toThrow(
      'Not an iCalendar file: expected BEGIN:VCALENDAR, found "<html>" on line 1.',
    );
    expect(() => decodeCalendar(Buffer.from(""))).toThrow(/found nothing/);
    expect(decoded("empty")).toEqual([]);
  });
});

describe("the payload of an event", () => {
  const payloads = (name: string) => decodeCalendar(read(name)).events.map((item) => payloadOf(item).toString());

  test("is a calendar of its own, with the zone that the file defines and without the other events", () => {
    for (const payload of payloads("zone-of-the-file")) {
      expect(payload.match(/BEGIN:VEVENT/g)).toHaveLength(1);
      expect(payload).toContain("TZID:Lantern Time");
      expect(payload).toMatch(/^BEGIN:VCALENDAR\r\n.*\r\nEND:VCALENDAR\r\n$/s);
    }
  });

  test("does not change with the fold, the charset or the neighbours, and holds no binaries", () => {
    expect(payloads("folded-inside-a-character")).toEqual(payloads("byte-order-mark"));
    expect(payloads("todo-and-event")).toEqual(
      payloads("line-feeds").map((text) => text.replace("DESCRIPTION:By line feeds alone\r\n", "")),
    );
    expect(payloads("attachments")[0]).not.toContain("BASE64");
  });

  test("can be cut again, to the same", () => {
    for (const name of names()) {
      if (name === "cut-off") continue;
      for (const item of decodeCalendar(read(name)).events) {
        if ("problem" in item) continue;
        const [again, ...others] = decodeCalendar(item.payload).events;
        expect(others).toEqual([]);
        expect(payloadOf(again!).equals(item.payload)).toBe(true);
      }
    }
  });
});

const names = (): string[] => readdirSync(FIXTURES).flatMap((file) => (file.endsWith(".ics") ? file.slice(0, -4) : []));
const payloadOf = (item: CalendarItem): Buffer => ("payload" in item ? item.payload : Buffer.from(`refused: ${item.problem.detail}`));

test("every fixture is a case above", () => {
  expect(names().filter((name) => !seen.has(name))).toEqual([]);
});

test("a calendar that is made to be slow to read is read or refused like any other", () => {
  const returns = `BEGIN:VCALENDAR\nX-A:${"\r".repeat(2_000_000)}x\nEND:VCALENDAR\n`;
  expect(decodeCalendar(Buffer.from(returns)).events).toEqual([]);
  const nested = `BEGIN:VCALENDAR\nBEGIN:VEVENT\n${"BEGIN:A\n".repeat(100_000)}${"END:B\n".repeat(100_000)}END:VEVENT\nEND:VCALENDAR\n`;
  expect(decodeCalendar(Buffer.from(nested)).events).toMatchObject([{ problem: { code: "invalid_body" } }]);
});
