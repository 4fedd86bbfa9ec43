/**
 * Calendars opened by python3-icalendar, a reader that shares nothing with ours (Debian: python3-icalendar). It is part of what
 * must hold, so that its absence is a failure.
 */
import { execFileSync } from "node:child_process";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { encodeCalendar } from "../../src/icalendar/encode.ts";
import type { EventState } from "../../src/domain/state.ts";
import { concertState, FEED, HOSTILE_TEXTS, URI } from "../support/event-feeds.ts";

/** Every warning is an error; what a component could not read, it tells in `errors`. */
const READER = String.raw`
import json, sys, warnings
from datetime import datetime, timezone
try:
    import icalendar
except ImportError:
    sys.exit("python3-icalendar is not installed: apt-get install python3-icalendar")
warnings.simplefilter("error")
def told(value):
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.isoformat()
    return value.isoformat()
def dates(value):
    lists = value if isinstance(value, list) else [value]
    return [told(d.dt[0] if isinstance(d.dt, tuple) else d.dt) for l in lists for d in l.dts]
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
components = calendar.walk()
out = {"errors": [str(e) for c in components for e in getattr(c, "errors", [])], "zones": {}, "events": []}
for c in components:
    if c.name == "VTIMEZONE":
        zone = c.to_tz()
        out["zones"][str(c["tzid"])] = [zone.utcoffset(datetime(2026 + m // 12, m % 12 + 1, 20, 12)).total_seconds() for m in range(0, 24)]
    if c.name == "VEVENT":
        event = {"uid": str(c["uid"]), "summary": str(c["summary"]), "status": str(c["status"]), "start": told(c.decoded("dtstart"))}
        if "dtend" in c: event["end"] = told(c.decoded("dtend"))
        if "duration" in c: event["minutes"] = c.decoded("duration").total_seconds() / 60
        if "rrule" in c: event["rrule"] = c["rrule"].to_ical().decode()
        if "rdate" in c: event["rdate"] = dates(c["rdate"])
        if "exdate" in c: event["exdate"] = dates(c["exdate"])
        if "recurrence-id" in c: event["instead"] = told(c.decoded("recurrence-id"))
        out["events"].append(event)
json.dump(out, sys.stdout)
`;

interface Read {
  errors: string[];
  zones: Record<string, number[]>;
  events: Record<string, unknown>[];
}

const open = (calendar: string): Read =>
  JSON.parse(
    execFileSync("/usr/bin/python3", ["-c", READER], { input: calendar, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }),
  ) as Read;
const calendarOf = (...events: EventState[]) => encodeCalendar(events, { ...FEED, refreshMinutes: 60 });

describe("python3-icalendar", () => {
  test("opens a series with its rule, dates and overrides", () => {
    const state = concertState({
      series: {
        recurrence: [
          {
            dtstart: "2026-05-08T21:00:00",
            timezone: "America/Toronto",
            duration: "PT2H30M",
            rrule: "FREQ=WEEKLY;UNTIL=20261231T235959;BYDAY=FR",
            rdate: ["2026-05-12T21:00:00", "2026-05-13T21:00:00/PT1H"],
            exdate: ["2026-05-22T21:00:00"],
          },
        ],
        overrides: [{ recurrenceId: "20260515T210000", name: "At the lake", startDate: "2026-05-16T20:00:00-04:00" }],
      },
    });
    const { errors, zones, events } = open(calendarOf(state));
    expect(errors).toEqual([]);
    expect(Object.keys(zones)).toEqual(["America/Toronto"]);
    expect(events).toMatchObject([
      {
        uid: URI,
        start: "2026-05-09T01:00:00Z",
        minutes: 150,
        rrule: "FREQ=WEEKLY;UNTIL=20270101T045959Z;BYDAY=FR",
        exdate: ["2026-05-23T01:00:00Z"],
      },
      { uid: URI, summary: "At the lake", instead: "2026-05-16T01:00:00Z", start: "2026-05-17T00:00:00Z" },
    ]);
    // It does not look at the TZID of a PERIOD, and gives that one as it is written.
    expect(events[0]!["rdate"]).toEqual(expect.arrayContaining(["2026-05-13T01:00:00Z", "2026-05-13T21:00:00"]));
  });

  test("has the same offsets by our VTIMEZONEs as the zones have", () => {
    const at = (timezone: string, startDate: string) => concertState({ timezone, startDate, endDate: undefined });
    const { errors, zones, events } = open(
      calendarOf(
        at("Australia/Lord_Howe", "2026-05-08T21:00:00+10:30"),
        at("Africa/Casablanca", "2026-05-08T21:00:00+01:00"),
        at("Pacific/Apia", "2026-05-08T21:00:00+13:00"),
        at("America/Toronto", "2026-05-08T21:00:00-04:00"),
        at("Asia/Gaza", "2026-05-08T21:00:00+03:00"),
        at("UTC", "2026-05-08T21:00:00Z"),
      ),
    );
    expect(errors).toEqual([]);
    const noons = Array.from(
      { length: 24 },
      (_, month) => new Temporal.PlainDateTime(2026 + Math.floor(month / 12), (month % 12) + 1, 20, 12),
    );
    const offsets = (zone: string) => noons.map((noon) => noon.toZonedDateTime(zone).offsetNanoseconds / 1e9);
    expect(Object.keys(zones)).toHaveLength(5);
    expect(zones).toEqual(Object.fromEntries(Object.keys(zones).map((zone) => [zone, offsets(zone)])));
    // The zones differ, and change.
    expect(new Set(zones["Australia/Lord_Howe"])).toEqual(new Set([39_600, 37_800]));
    expect(events.map(({ start }) => start)).toEqual([
      "2026-05-08T10:30:00Z",
      "2026-05-08T20:00:00Z",
      "2026-05-08T08:00:00Z",
      "2026-05-09T01:00:00Z",
      "2026-05-08T18:00:00Z",
      "2026-05-08T21:00:00Z",
    ]);
  });

  test("opens dates, several happenings, and texts that mean harm", () => {
    const happening = (startDate: string) => ({ startDate, timezone: "America/Toronto", allDay: startDate.length === 10 });
    const { errors, events } = open(
      calendarOf(
        concertState({ startDate: "2026-05-08", endDate: "2026-05-10", allDay: true }),
        concertState({ occurrences: [happening("2026-05-08T21:00:00-04:00"), happening("2026-05-09")] }),
        ...HOSTILE_TEXTS.map((text) => concertState({ name: text, description: text, keywords: [text] })),
      ),
    );
    expect(errors).toEqual([]);
    expect(events).toHaveLength(3 + HOSTILE_TEXTS.length);
    expect(events[0]).toMatchObject({ start: "2026-05-08", end: "2026-05-11" });
  });

  test("and tells of what is broken", () => {
    const broken = calendarOf(concertState()).replace(/DTSTART;TZID=[^:]+:\d+T\d+/, "DTSTART:20261399T000000");
    expect(() => open(broken)).toThrow("NoneType");
  });
});
