/** Read back with ical.js, which shares no code with the writer; test/property/calendar-round-trip has our own reader read it. */
import ICAL from "ical.js";
import { describe, expect, test } from "vitest";
import { concertState, FEED, HOSTILE_TEXTS, shown, URI } from "../../test/support/event-feeds.ts";
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

  test("from a peer keeps the peer's @id, and links to its page there without a site of its own", () => {
    const federationUri = "https://peer.example/events/01HX";
    expect(values(vevents(concertState({ federationUri, url: undefined }))[0]!)).toMatchObject({ uid: federationUri, url: federationUri });
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
