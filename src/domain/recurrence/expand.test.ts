import { describe, expect, test } from "vitest";
import { endOf, firstOf, recurs } from "./expand.ts";
import type { PlacedSet } from "./instance.ts";

const timezone = "America/Toronto";
const fridays: PlacedSet = { dtstart: "2026-05-08T19:00:00", timezone, duration: "PT2H", rrule: "FREQ=WEEKLY;BYDAY=FR" };
const iso = (instant: number | undefined) => instant && new Date(instant).toISOString();

describe("the end of a recurrence", () => {
  test.each<[string, PlacedSet, string | undefined]>([
    ["there is none without COUNT and UNTIL", fridays, undefined],
    ["the end of the last by COUNT", { ...fridays, rrule: "FREQ=WEEKLY;COUNT=3" }, "2026-05-23T01:00:00.000Z"],
    ["the end of the last before UNTIL", { ...fridays, rrule: "FREQ=WEEKLY;UNTIL=20260601T000000" }, "2026-05-30T01:00:00.000Z"],
    ["long before UNTIL", { ...fridays, rrule: "FREQ=YEARLY;INTERVAL=9;UNTIL=20430101T000000" }, "2035-05-09T01:00:00.000Z"],
    [
      "the last that no exception takes away",
      { ...fridays, rrule: "FREQ=WEEKLY;COUNT=3", exdate: ["2026-05-15", "2026-05-22T19:00:00"] },
      "2026-05-09T01:00:00.000Z",
    ],
    [
      "an extra one that lasts longer",
      { ...fridays, rrule: "FREQ=WEEKLY;COUNT=2", rdate: ["2026-05-09T19:00:00/P9D"] },
      "2026-05-18T23:00:00.000Z",
    ],
    ["the start where there is no duration", { dtstart: "2026-05-08T19:00:00", timezone }, "2026-05-08T23:00:00.000Z"],
    ["of days the midnight after the last", { dtstart: "2026-05-08", timezone, duration: "P3D" }, "2026-05-11T04:00:00.000Z"],
    ["of one day its midnight", { dtstart: "2026-05-08", timezone }, "2026-05-09T04:00:00.000Z"],
  ])("%s", (_, set, end) => {
    expect(iso(endOf([set]))).toBe(end);
  });

  test("of several sets is the latest", () => {
    const few = { ...fridays, rrule: "FREQ=WEEKLY;COUNT=2" };
    expect(iso(endOf([{ ...fridays, rrule: "FREQ=WEEKLY;COUNT=3" }, few]))).toBe("2026-05-23T01:00:00.000Z");
    expect(endOf([few, fridays])).toBeUndefined();
  });
});

test("the first instance is the first that no exception takes away, of whichever set", () => {
  expect(firstOf([{ ...fridays, exdate: ["2026-05-08"] }])).toMatchObject({ recurrenceId: "20260515T190000", set: 0 });
  expect(firstOf([fridays, { dtstart: "2026-05-01", timezone }])).toMatchObject({ recurrenceId: "20260501", set: 1, isDate: true });
  expect(firstOf([{ dtstart: "2026-05-08", timezone, exdate: ["2026-05-08"] }])).toBeUndefined();
});

test("a claimed start is one of its instances, or is not", () => {
  expect(recurs([fridays], "2026-05-15T23:00:00Z[America/Toronto]")).toBe(true);
  expect(recurs([fridays], "2026-05-15T23:00:00Z[Europe/Berlin]"), "an instant is one in every zone").toBe(true);
  expect(recurs([fridays], "2026-05-16T23:00:00Z[America/Toronto]")).toBe(false);
  expect(recurs([fridays], "2026-05-15"), "a date is no time").toBe(false);
  expect(recurs([{ dtstart: "2026-05-08", timezone, rrule: "FREQ=WEEKLY" }], "2026-05-15")).toBe(true);
});
