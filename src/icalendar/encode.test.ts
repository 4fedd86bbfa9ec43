/** Read back with ical.js, which shares no code with the writer; test/property/calendar-round-trip has our own reader read it. */
import ICAL from "ical.js";
import { describe, expect, test } from "vitest";
import { concertState, FEED, HOSTILE_TEXTS, shown, URI } from "../../test/support/event-feeds.ts";
import { instancesOf } from "../domain/recurrence/expand.ts";
import type { EventState } from "../domain/state.ts";
import { encodeCalendar } from "./encode.ts";

const HEAD = { ...FEED, refreshMinutes: 60 };
const written = (...events: EventState[]) => encodeCalendar(events, HEAD);
const read = (...events: EventState[]) => new ICAL.Component(ICAL.parse(written(...events)) as never);
const vevents = (...events: EventState[]) => read(...events).getAllSubcomponents("vevent");
const values = (component: InstanceType<typeof ICAL.Component>) =>
  Object.fromEntries(component.getAllProperties().map((property) => [property.name, property.getValues().map(String).join("|")]));

describe("a calendar", () => {
  test("says what it is and when to look again", () => {
    expect(values(read(concertState()))).toEqual({
      version: "2.0",
      prodid: "-//Calends//Calends//EN",
      calscale: "GREGORIAN",
      // TEXT by RFC 7986; ical.js does not know these two, and gives them as they are written.
      name: "Jazz\\, free & near",
      "x-wr-calname": "Jazz\\, free & near",
      "last-modified": "2026-05-02T08:00:00Z",
      url: FEED.homeUrl,
      source: FEED.selfUrl,
      "refresh-interval": "PT60M",
      "x-published-ttl": "PT60M",
    });
  });

  test("of no events is still a valid one", () => {
    const empty = read();
    expect(empty.getAllSubcomponents().map(({ name }) => name)).toEqual(["vtimezone"]);
    expect(vevents()).toEqual([]);
  });

  test("is the same bytes for the same events", () => {
    expect(written(concertState())).toBe(written(concertState()));
  });
});

describe("an event", () => {
  test("tells what its state tells", () => {
    expect(values(vevents(concertState())[0]!)).toEqual({
      uid: URI,
      dtstart: "2026-05-08T21:00:00",
      dtend: "2026-05-08T23:30:00",
      dtstamp: "2026-05-02T08:00:00Z",
      created: "2026-05-01T12:00:00Z",
      "last-modified": "2026-05-02T08:00:00Z",
      sequence: "2",
      status: "CONFIRMED",
      summary: "Free Jazz at the Rex",
      description: "An evening, improvised; bring friends.\n\nDoors at eight.",
      location: "The Rex, 194 Queen St W, Toronto, Canada",
      geo: "43.6505,-79.3886",
      url: "https://rex.example/jazz?night=8&from=feed",
      image: "https://rex.example/jazz.jpg",
      categories: "jazz|rock, pop",
    });
  });

  test("keeps back what its state keeps back, and links to its page here without a site of its own", () => {
    const bare = vevents(
      concertState({ description: undefined, image: undefined, url: undefined, keywords: undefined, location: undefined }),
    )[0]!;
    expect(Object.keys(values(bare)).toSorted()).toEqual(
      ["created", "dtend", "dtstamp", "dtstart", "last-modified", "sequence", "status", "summary", "uid", "url"].toSorted(),
    );
    expect(bare.getFirstPropertyValue("url")).toBe(URI);
  });

  test("from a peer keeps the peer's @id", () => {
    const federationUri = "https://peer.example/events/01HX";
    expect(values(vevents(concertState({ federationUri, url: undefined }))[0]!)).toMatchObject({ uid: federationUri, url: URI });
  });

  test.each<[string, Partial<EventState>, string]>([
    ["published", {}, "CONFIRMED"],
    ["sold out", { lifecycleState: "sold_out" }, "CONFIRMED"],
    ["rescheduled", { lifecycleState: "rescheduled", eventStatus: "EventRescheduled" }, "CONFIRMED"],
    ["cancelled", { lifecycleState: "cancelled" }, "CANCELLED"],
    ["called cancelled by its source", { eventStatus: "EventCancelled" }, "CANCELLED"],
    ["postponed", { lifecycleState: "postponed" }, "TENTATIVE"],
    ["a draft, for an admin", { lifecycleState: "draft" }, "TENTATIVE"],
  ])("that is %s", (_name, changes, status) => {
    expect(vevents(concertState(changes))[0]!.getFirstPropertyValue("status")).toBe(status);
  });

  test("online has its link where calendars look for it; one that runs a script has none", () => {
    const online = { location: undefined, virtualUrl: "https://meet.example/a;b,c?d=e" };
    expect(values(vevents(concertState(online))[0]!)).toMatchObject({ conference: online.virtualUrl });
    const harm = vevents(concertState({ virtualUrl: "javascript:alert(1)", url: "javascript:alert(1)", image: "data:text/html,x" }))[0]!;
    expect(written(concertState())).not.toContain("CONFERENCE");
    expect([harm.getFirstPropertyValue("conference"), harm.getFirstPropertyValue("image"), harm.getFirstPropertyValue("url")]).toEqual([
      null,
      null,
      URI,
    ]);
  });
});

describe("times", () => {
  const times = (changes: Parameters<typeof concertState>[0]) => {
    const { dtstart, dtend } = values(vevents(concertState(changes))[0]!);
    return dtend === undefined ? [dtstart] : [dtstart, dtend];
  };

  test.each<[string, Parameters<typeof concertState>[0], string[]]>([
    ["one day", { startDate: "2026-05-08", endDate: undefined, allDay: true }, ["2026-05-08", "2026-05-09"]],
    ["days, of which the last is included", { startDate: "2026-02-27", endDate: "2026-02-28", allDay: true }, ["2026-02-27", "2026-03-01"]],
    [
      "days that end at an hour",
      { startDate: "2026-05-08", endDate: "2026-05-10T17:00:00-04:00", allDay: true },
      ["2026-05-08", "2026-05-11"],
    ],
    ["a start alone", { endDate: undefined }, ["2026-05-08T21:00:00"]],
    ["an end that is the start", { endDate: "2026-05-08T21:00:00-04:00" }, ["2026-05-08T21:00:00"]],
    ["an hour, until some time that day", { endDate: "2026-05-08" }, ["2026-05-08T21:00:00"]],
    ["an hour, until the end of another day there", { endDate: "2026-05-10" }, ["2026-05-08T21:00:00", "2026-05-11T00:00:00"]],
    [
      "in UTC, where the event has no other zone",
      { startDate: "2026-05-09T01:00:00Z", endDate: undefined, timezone: "UTC" },
      ["2026-05-09T01:00:00Z"],
    ],
    [
      "the second of two hours that read alike, which no local time can name",
      { startDate: "2026-11-01T01:30:00-05:00", endDate: "2026-11-01T02:30:00-05:00" },
      ["2026-11-01T06:30:00Z", "2026-11-01T02:30:00"],
    ],
    [
      "the first of them",
      { startDate: "2026-11-01T01:30:00-04:00", endDate: "2026-11-01T01:30:00-05:00" },
      ["2026-11-01T01:30:00", "2026-11-01T06:30:00Z"],
    ],
  ])("%s", (_name, changes, expected) => {
    expect(times(changes)).toEqual(expected);
  });
});

describe("an event on several dates", () => {
  const at = (startDate: string, more = {}) => ({ startDate, timezone: "America/Toronto", allDay: startDate.length === 10, ...more });
  const run = [
    at("2026-05-08T21:00:00-04:00"),
    at("2026-05-15T21:00:00-04:00", { eventStatus: "EventCancelled" as const }),
    at("2026-05-22"),
  ];
  const uids = (occurrences: EventState["occurrences"]) =>
    vevents(concertState({ occurrences })).map((one) => one.getFirstPropertyValue("uid"));

  test("is an entry per date, each with its own UID, times and status", () => {
    expect(vevents(concertState({ occurrences: run })).map((one) => values(one))).toMatchObject([
      { uid: `${URI}#20260509T010000Z`, dtstart: "2026-05-08T21:00:00", status: "CONFIRMED", summary: "Free Jazz at the Rex" },
      { uid: `${URI}#20260516T010000Z`, dtstart: "2026-05-15T21:00:00", status: "CANCELLED" },
      { uid: `${URI}#20260522`, dtstart: "2026-05-22", dtend: "2026-05-23" },
    ]);
  });

  test("a date more or less leaves the other UIDs as they are; two at once are two", () => {
    expect(uids(run.slice(1))).toEqual(uids(run).slice(1));
    expect(new Set(uids([run[0]!, run[0]!])).size).toBe(2);
  });
});

describe("hostile texts", () => {
  test.each(HOSTILE_TEXTS.map((text) => [shown(text), text]))("%s", (_shown, hostile) => {
    const calendarText = encodeCalendar(
      [
        concertState({
          name: hostile,
          description: hostile,
          keywords: [hostile, "jazz"],
          location: { id: concertState().id, name: hostile },
        }),
      ],
      {
        ...HEAD,
        title: hostile,
      },
    );
    for (const line of calendarText.split("\r\n")) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toMatch(/[\0-\x08\x0a-\x1f\x7f]/);
    }
    expect(calendarText.isWellFormed()).toBe(true);
    const calendar = new ICAL.Component(ICAL.parse(calendarText) as never);
    const [event, ...others] = calendar.getAllSubcomponents("vevent");
    expect(others).toEqual([]);
    const cleaned = hostile.toWellFormed();
    const oneLine = cleaned.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
    const lines = cleaned.replaceAll(/\r\n|\u2028|\u2029/g, "\n").replaceAll(/(?![\t\n])\p{Cc}/gu, "");
    const { uid, summary, description, location, categories } = values(event!);
    expect({ uid, summary, description, location, categories }).toEqual({
      uid: URI,
      summary: oneLine,
      description: lines,
      location: oneLine,
      categories: `${oneLine}|jazz`,
    });
    expect(String(calendar.getFirstPropertyValue("name")).replaceAll(/\\([\\,;])/g, "$1")).toBe(oneLine);
  });
});

describe("a series", () => {
  const fridays = {
    dtstart: "2026-05-08T21:00:00",
    timezone: "America/Toronto",
    duration: "PT2H30M",
    rrule: "FREQ=WEEKLY;UNTIL=20261231T235959;BYDAY=FR",
  };
  /** The content lines of each VEVENT, unfolded, by these names. */
  const lines = (series: EventState["series"], ...names: string[]) =>
    written(concertState({ series }))
      .replaceAll("\r\n ", "")
      .split("BEGIN:VEVENT\r\n")
      .slice(1)
      .map((vevent) => vevent.split("\r\n").filter((line) => names.some((name) => line.startsWith(name))));

  test("is one entry: local times in the zone, and only UNTIL in UTC", () => {
    const set = { ...fridays, rdate: ["2026-05-12T21:00:00", "2026-05-13T20:00:00/PT1H"], exdate: ["2026-05-22T21:00:00"] };
    expect(lines({ recurrence: [set] }, "UID", "DT", "DURATION", "R", "EX")).toEqual([
      [
        `UID:${URI}`,
        "DTSTART;TZID=America/Toronto:20260508T210000",
        "DURATION:PT2H30M",
        "RRULE:FREQ=WEEKLY;UNTIL=20270101T045959Z;BYDAY=FR",
        "RDATE;TZID=America/Toronto:20260512T210000",
        "RDATE;VALUE=PERIOD;TZID=America/Toronto:20260513T200000/PT1H",
        "EXDATE;TZID=America/Toronto:20260522T210000",
        "DTSTAMP:20260502T080000Z",
      ],
    ]);
  });

  test("of days has dates, and UNTIL is one", () => {
    const set = {
      dtstart: "2026-05-08",
      timezone: "America/Toronto",
      duration: "P2D",
      rrule: "FREQ=MONTHLY;UNTIL=20261231",
      exdate: ["2026-06-08"],
    };
    expect(lines({ recurrence: [set] }, "DTSTART", "DURATION", "RRULE", "EXDATE")).toEqual([
      ["DTSTART;VALUE=DATE:20260508", "DURATION:P2D", "RRULE:FREQ=MONTHLY;UNTIL=20261231", "EXDATE;VALUE=DATE:20260608"],
    ]);
  });

  test("in UTC needs no zone", () => {
    const set = { ...fridays, timezone: "UTC", exdate: ["2026-05-22T21:00:00"] };
    expect(lines({ recurrence: [set] }, "DTSTART", "RRULE", "EXDATE")).toEqual([
      ["DTSTART:20260508T210000Z", "RRULE:FREQ=WEEKLY;UNTIL=20261231T235959Z;BYDAY=FR", "EXDATE:20260522T210000Z"],
    ]);
  });

  test("without a day has no time of that day, whichever it is", () => {
    const set = { ...fridays, rrule: "FREQ=DAILY;BYHOUR=15,21", exdate: ["2026-05-09"] };
    expect(lines({ recurrence: [set] }, "EXDATE")).toEqual([["EXDATE;TZID=America/Toronto:20260509T150000,20260509T210000"]]);
  });

  test("without a day of which the clocks skip an hour has none of its times, also where two of them fall together", () => {
    const set = { ...fridays, dtstart: "2026-03-07T02:30:00", rrule: "FREQ=DAILY;COUNT=8;BYHOUR=2,3", exdate: ["2026-03-08"] };
    expect(lines({ recurrence: [set] }, "EXDATE")).toEqual([["EXDATE;TZID=America/Toronto:20260308T023000,20260308T033000"]]);
  });

  test("without days that are far from each other is written at once", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour).join(",");
    const set = { ...fridays, dtstart: "2026-01-01T00:00:00", rrule: `FREQ=DAILY;BYHOUR=${hours}`, exdate: ["2026-01-05", "2090-05-08"] };
    const [[dates]] = lines({ recurrence: [set] }, "EXDATE") as [[string]];
    expect(dates.split(",")).toHaveLength(48);
    expect(dates).toMatch(/,20900508T230000$/);
  });

  test("of days that do not all last as long is an entry for each length: a PERIOD would need times", () => {
    const set = {
      dtstart: "2026-05-08",
      timezone: "America/Toronto",
      duration: "P1D",
      rrule: "FREQ=WEEKLY",
      rdate: ["2026-05-15/P3D", "2026-06-02", "2026-06-09/P3D", "2026-06-16/P2D", "2026-06-23/P2D"],
      exdate: ["2026-06-16"],
    };
    const overrides = [{ recurrenceId: "20260609", name: "Festival" }];
    expect(lines({ recurrence: [set, { ...fridays }], overrides }, "UID", "DTSTART", "DURATION", "R", "EX")).toEqual([
      [
        `UID:${URI}`,
        "DTSTART;VALUE=DATE:20260508",
        "DURATION:P1D",
        "RRULE:FREQ=WEEKLY",
        "RDATE;VALUE=DATE:20260602",
        "EXDATE;VALUE=DATE:20260616,20260515",
      ],
      [`UID:${URI}#2`, "DTSTART;VALUE=DATE:20260515", "DURATION:P3D", "RDATE;VALUE=DATE:20260515,20260609"],
      [`UID:${URI}#3`, "DTSTART;VALUE=DATE:20260623", "DURATION:P2D", "RRULE:FREQ=DAILY;COUNT=1"],
      [`UID:${URI}#4`, "DTSTART;TZID=America/Toronto:20260508T210000", "DURATION:PT2H30M", expect.stringContaining("RRULE:FREQ=WEEKLY")],
      [`UID:${URI}#2`, "RECURRENCE-ID;VALUE=DATE:20260609", "DTSTART;VALUE=DATE:20260609"],
    ]);
  });

  test("says its description, image and keywords once, and not with each of its exceptions", () => {
    const overrides = [{ recurrenceId: "20260515T210000", eventStatus: "EventCancelled" as const }];
    const told = lines({ recurrence: [fridays], overrides }, "DESCRIPTION", "IMAGE", "CATEGORIES");
    expect(told.map((one) => one.length)).toEqual([3, 0]);
  });

  test("with a COUNT is counted once, not for each of its exceptions", () => {
    const set = { ...fridays, rrule: "FREQ=DAILY;COUNT=10000" };
    const { instances } = instancesOf([set], { from: -Infinity, until: Infinity, limit: 500 });
    const overrides = instances.map(({ recurrenceId }) => ({ recurrenceId, name: `No. ${recurrenceId}` }));
    const encode = () => {
      const begun = process.threadCpuUsage();
      expect(lines({ recurrence: [set, { ...set, dtstart: "2026-05-08T22:00:00" }], overrides }, "SUMMARY")).toHaveLength(502);
      const { user, system } = process.threadCpuUsage(begun);
      return (user + system) / 1000;
    };
    // Time on the processor, and the best of three: other tests run beside this one. Counting for each takes more than a second.
    expect(Math.min(encode(), encode(), encode())).toBeLessThan(400);
  });

  test("has an entry more for each occurrence with something of its own, and none for one whose day has left the rule", () => {
    const overrides = [
      { recurrenceId: "20260515T210000", startDate: "2026-05-16T20:00:00-04:00", name: "At the lake" },
      { recurrenceId: "20260516T210000", name: "On no Friday" },
      // From before the rule began half an hour later; the day is still there.
      { recurrenceId: "20260522T203000", eventStatus: "EventCancelled" as const },
    ];
    expect(lines({ recurrence: [fridays], overrides }, "UID", "RECURRENCE", "DTSTART", "DTEND", "STATUS", "SUMMARY").slice(1)).toEqual([
      [
        `UID:${URI}`,
        "RECURRENCE-ID;TZID=America/Toronto:20260515T210000",
        "DTSTART;TZID=America/Toronto:20260516T200000",
        "DTEND;TZID=America/Toronto:20260516T223000",
        "SUMMARY:At the lake",
        "STATUS:CONFIRMED",
      ],
      [
        `UID:${URI}`,
        "RECURRENCE-ID;TZID=America/Toronto:20260522T210000",
        "DTSTART;TZID=America/Toronto:20260522T210000",
        "DTEND;TZID=America/Toronto:20260522T233000",
        "SUMMARY:Free Jazz at the Rex",
        "STATUS:CANCELLED",
      ],
    ]);
  });

  test("of two rules has two UIDs, and each occurrence is of its own rule's", () => {
    const mondays = { ...fridays, dtstart: "2026-05-11T18:00:00", rrule: "FREQ=WEEKLY;BYDAY=MO" };
    const overrides = [{ recurrenceId: "20260518T180000", name: "Victoria Day" }];
    expect(lines({ recurrence: [fridays, mondays], overrides }, "UID", "RECURRENCE", "RRULE")).toEqual([
      [`UID:${URI}`, "RRULE:FREQ=WEEKLY;UNTIL=20270101T045959Z;BYDAY=FR"],
      [`UID:${URI}#2`, "RRULE:FREQ=WEEKLY;BYDAY=MO"],
      [`UID:${URI}#2`, "RECURRENCE-ID;TZID=America/Toronto:20260518T180000"],
    ]);
  });

  test("that consists of dates alone tells the first of them, too", () => {
    const { rrule: _, ...set } = { ...fridays, rdate: ["2026-06-01T21:00:00"] };
    expect(lines({ recurrence: [set] }, "RRULE", "RDATE")).toEqual([["RDATE;TZID=America/Toronto:20260508T210000,20260601T210000"]]);
  });
});
