/** A series as its entries of a calendar, line by line. */
import { describe, expect, test } from "vitest";
import { concertState, FEED, URI } from "../../test/support/event-feeds.ts";
import { processorTime } from "../../test/support/processor-time.ts";
import { instancesOf } from "../domain/recurrence/expand.ts";
import type { EventState } from "../domain/state.ts";
import { encodeCalendar } from "./encode.ts";

describe("a series", () => {
  const fridays = {
    dtstart: "2026-05-08T21:00:00",
    timezone: "America/Toronto",
    duration: "PT2H30M",
    rrule: "FREQ=WEEKLY;UNTIL=20261231T235959;BYDAY=FR",
  };
  /** The content lines of each VEVENT, unfolded, by these names. */
  const lines = (series: EventState["series"], ...names: string[]) =>
    encodeCalendar([concertState({ series })], { ...FEED, refreshMinutes: 60 })
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
      const spent = processorTime();
      expect(lines({ recurrence: [set, { ...set, dtstart: "2026-05-08T22:00:00" }], overrides }, "SUMMARY")).toHaveLength(502);
      return spent();
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

  test.each([{}, { rdate: ["2026-05-08T21:00:00"] }])("that is one date alone is a series still: %o", (more) => {
    const { rrule: _, ...set } = { ...fridays, ...more };
    expect(lines({ recurrence: [set] }, "RRULE")).toEqual([["RRULE:FREQ=DAILY;COUNT=1"]]);
  });
});
