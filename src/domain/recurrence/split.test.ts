import { describe, expect, test } from "vitest";
import { instancesOf } from "./expand.ts";
import { moveSets, movedId } from "./move.ts";
import type { PlacedSet } from "./series.ts";
import { splitSets } from "./split.ts";

const fridays: PlacedSet = { dtstart: "2026-05-01T19:00:00", timezone: "America/Toronto", duration: "PT2H", rrule: "FREQ=WEEKLY;BYDAY=FR" };
const times = (sets: readonly PlacedSet[]) =>
  instancesOf(sets, { from: Date.UTC(2026, 0), until: Date.UTC(2027, 0), limit: 100 }).instances.map((one) => one.recurrenceId);

describe("this and all following", () => {
  test("a rule without end ends by UNTIL, and goes on as it was", () => {
    expect(splitSets([fridays], "20260515T190000")).toEqual({
      before: [{ ...fridays, rrule: "FREQ=WEEKLY;UNTIL=20260515T185959;BYDAY=FR" }],
      after: [{ ...fridays, dtstart: "2026-05-15T19:00:00" }],
    });
  });

  test("a count is divided, excluded dates counted as the rule counts them", () => {
    const five = { ...fridays, rrule: "FREQ=WEEKLY;COUNT=5;BYDAY=FR", exdate: ["2026-05-08T19:00:00", "2026-05-22T19:00:00"] };
    expect(splitSets([five], "20260515T190000")).toEqual({
      before: [{ ...fridays, rrule: "FREQ=WEEKLY;COUNT=2;BYDAY=FR", exdate: ["2026-05-08T19:00:00"] }],
      after: [{ ...fridays, dtstart: "2026-05-15T19:00:00", rrule: "FREQ=WEEKLY;COUNT=3;BYDAY=FR", exdate: ["2026-05-22T19:00:00"] }],
    });
  });

  test("a first date that has a length of its own keeps it", () => {
    const one = { dtstart: "2026-05-01T19:00:00", timezone: "America/Toronto", duration: "PT2H", rdate: ["2026-05-01T19:00:00/PT3H"] };
    expect(splitSets([one], "20260501T190000")).toEqual({
      before: [],
      after: [{ dtstart: "2026-05-01T19:00:00", timezone: "America/Toronto", duration: "PT3H" }],
    });
  });

  test("every second week stays every second week", () => {
    const { before, after } = splitSets([{ ...fridays, rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR" }], "20260529T190000");
    expect(times(before)).toEqual(["20260501T190000", "20260515T190000"]);
    expect(times(after).slice(0, 2)).toEqual(["20260529T190000", "20260612T190000"]);
  });

  test("dates beside the rule go with their half; what is left of a rule that has ended are dates alone", () => {
    const ended = {
      ...fridays,
      rrule: "FREQ=WEEKLY;COUNT=2;BYDAY=FR",
      rdate: ["2026-06-20T15:00:00/PT1H", "2026-06-21T15:00:00/PT1H", "2026-07-01T19:00:00"],
    };
    const { before, after } = splitSets([ended], "20260620T150000");
    expect(before).toEqual([{ ...fridays, rrule: "FREQ=WEEKLY;COUNT=2;BYDAY=FR" }]);
    expect(after).toEqual([
      { timezone: "America/Toronto", dtstart: "2026-06-20T15:00:00", duration: "PT1H", rdate: ["2026-06-21T15:00:00"] },
      { timezone: "America/Toronto", dtstart: "2026-07-01T19:00:00", duration: "PT2H" },
    ]);
  });

  test("of a series without times, days are divided", () => {
    const weeks: PlacedSet = { dtstart: "2026-05-01", timezone: "Europe/Berlin", rrule: "FREQ=WEEKLY;UNTIL=20260531;BYDAY=FR" };
    expect(splitSets([weeks], "20260515")).toEqual({
      before: [{ ...weeks, rrule: "FREQ=WEEKLY;UNTIL=20260514;BYDAY=FR" }],
      after: [{ ...weeks, dtstart: "2026-05-15" }],
    });
  });

  test("nothing is before the first, and nothing after the last", () => {
    const two = { ...fridays, rrule: "FREQ=WEEKLY;COUNT=2;BYDAY=FR" };
    expect(splitSets([two], "20260501T190000")).toEqual({ before: [], after: [two] });
    expect(splitSets([two], "20260509T190000")).toEqual({ before: [two], after: [] });
  });
});

describe("another time of day", () => {
  test("moves rule, dates and exceptions alike", () => {
    const set = {
      ...fridays,
      rrule: "FREQ=WEEKLY;UNTIL=20260529T190000;BYDAY=FR",
      exdate: ["2026-05-08T19:00:00"],
      rdate: ["2026-06-20T15:00:00/PT1H"],
    };
    const [from, to] = ["2026-05-15T19:00:00", "2026-05-15T20:30:00"];
    expect(moveSets([set], from, to)).toEqual([
      {
        ...fridays,
        dtstart: "2026-05-01T20:30:00",
        rrule: "FREQ=WEEKLY;UNTIL=20260529T203000;BYDAY=FR",
        exdate: ["2026-05-08T20:30:00"],
        rdate: ["2026-06-20T16:30:00/PT1H"],
      },
    ]);
    expect(movedId("20260522T190000", from, to)).toBe("20260522T203000");
  });

  test("leaves the end of the last day where it is", () => {
    const [from, to] = ["2026-05-15T19:00:00", "2026-05-15T20:30:00"];
    const rrule = "FREQ=WEEKLY;UNTIL=20260529T235959;BYDAY=FR";
    expect(moveSets([{ ...fridays, rrule }], from, to)).toEqual([{ ...fridays, dtstart: "2026-05-01T20:30:00", rrule }]);
  });

  test("is none on another day, nor where the rule names its hours", () => {
    expect(moveSets([fridays], "2026-05-15T19:00:00", "2026-05-16T19:00:00")).toBeUndefined();
    expect(moveSets([fridays], "2026-05-15T19:00:00", "2026-05-15")).toBeUndefined();
    expect(moveSets([{ ...fridays, rrule: "FREQ=DAILY;BYHOUR=10,19" }], "2026-05-15T19:00:00", "2026-05-15T20:00:00")).toBeUndefined();
  });
});
