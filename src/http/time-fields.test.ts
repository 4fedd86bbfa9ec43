import { describe, expect, test } from "vitest";
import { hoursOf, timeFields } from "./time-fields.ts";

const read = (name: keyof typeof timeFields, text: string) => timeFields[name].safeParse(text).data;

describe("weekdays", () => {
  test.each([
    ["Friday", [5]],
    ["fri, SAT", [5, 6]],
    ["MO,we", [1, 3]],
    ["https://schema.org/Sunday", [7]],
    ["1-3", [1, 2, 3]],
    ["Saturday-Monday", [1, 6, 7]],
  ])("%s", (text, days) => expect(read("dayOfWeek", text)).toEqual(days));

  test.each(["", "Frodo", "0", "8", "Fr-", "Mo-Tu-We", "Friday;Saturday"])("%j is none", (text) =>
    expect(read("dayOfWeek", text)).toBeUndefined(),
  );
});

describe("hours of the day", () => {
  test("are minutes from midnight, however they are asked for", () => {
    expect(read("hours", "18-23:30")).toEqual({ from: 1080, until: 1410 });
    expect(hoursOf({ startTime: read("startTime", "18:00") as number, endTime: read("endTime", "23:30") as number })).toEqual({
      from: 1080,
      until: 1410,
    });
  });

  test("end with the day, or begin with it, where one side is not told", () => {
    expect(hoursOf({ startTime: 1080 })).toEqual({ from: 1080, until: 1439 });
    expect(hoursOf({ endTime: 540 })).toEqual({ from: 0, until: 540 });
    expect(hoursOf({ endTime: 1440 })).toEqual({ from: 0, until: 1439 });
    expect(hoursOf({})).toBeUndefined();
  });
});

describe("a moment", () => {
  test.each([
    ["now", "now"],
    ["2026-05-08T17:00:00Z", Date.UTC(2026, 4, 8, 17)],
    ["2026-05-08T17:00+02:00", Date.UTC(2026, 4, 8, 15)],
    // As a query has it whose plus nobody encoded.
    ["2026-05-08T17:00:00 02:00", Date.UTC(2026, 4, 8, 15)],
    ["9999-12-31T23:59:59.999Z", Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
  ])("%s", (text, moment) => expect(read("on", text)).toBe(moment));

  test.each(["tomorrow", "2026-05-08", "2026-05-08T17:00:00", "2026-02-30T17:00:00Z", "2026-05-08T25:00:00Z", "0000-01-01T00:00:00Z"])(
    "%s is none",
    (text) => expect(read("on", text)).toBeUndefined(),
  );

  test.each(["9999-12-31T23:59:59-23:59", "9999-12-31T20:00:00-04:00", "0001-01-01T00:00:00+01:00"])(
    "%s is none: in UTC it is of a year that four digits cannot write",
    (text) => expect(read("startsAfter", text)).toBeUndefined(),
  );
});
