import { describe, expect, test } from "vitest";
import { processorTime } from "../../../test/support/processor-time.ts";
import { endOf, firstOf, instanceFinder, instancesOf, recurs } from "./expand.ts";
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

describe("a rule with a COUNT", () => {
  const rare = "FREQ=DAILY;BYMONTH=1;BYMONTHDAY=13;BYDAY=FR;COUNT=10000";
  const EVER = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, limit: 10_000 };

  test.each([
    "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;BYHOUR=9,19;COUNT=41",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=1,-1;COUNT=25",
    "FREQ=YEARLY;BYYEARDAY=-1,60;COUNT=9",
    "FREQ=HOURLY;INTERVAL=7;COUNT=30",
    rare,
  ])("has in every stretch of time what it has from its beginning: %s", (rrule) => {
    const set: PlacedSet = { dtstart: "2017-01-13T19:00:00", timezone, rrule };
    const { instances } = instancesOf([set], EVER);
    expect(instances.length).toBeGreaterThan(8);
    for (const from of [0, 1, instances.length >> 1, instances.length - 1]) {
      expect(instancesOf([set], { ...EVER, from: instances[from]!.startAt }).instances).toEqual(instances.slice(from));
    }
    expect(instancesOf([set], { ...EVER, from: instances.at(-1)!.startAt + 1 }).instances).toEqual([]);
  });

  test("is counted once, and not for each look at it", () => {
    let second = 0;
    const another = (): PlacedSet => ({
      dtstart: `2017-01-13T19:${new Date(1_000 * second++).toISOString().slice(14, 19)}`,
      timezone,
      rrule: rare,
    });
    const cost = (setFor: () => PlacedSet): number => {
      const spent = processorTime();
      for (let year = 2_030; year < 2_060; year += 1)
        instancesOf([setFor()], { from: Date.UTC(year, 0, 1), until: Date.UTC(year + 20, 0, 1), limit: 3 });
      return spent();
    };
    const same = another();
    const rounds = Array.from({ length: 3 }, () => ({ looks: cost(() => same), counts: cost(another) }));
    // Time on the processor, the best of each: the first round compiles.
    expect(Math.min(...rounds.map(({ looks }) => looks))).toBeLessThan(0.3 * Math.min(...rounds.map(({ counts }) => counts)));
  });
});

describe("a single instance", () => {
  const at = (text: string) => Date.parse(text);

  test("is found by its start and by its day, in the year 9000 as well", () => {
    const { at: startingAt, on } = instanceFinder([{ ...fridays, rrule: "FREQ=DAILY;BYHOUR=10,19" }]);
    expect(startingAt(at("9000-05-08T19:00:00-04:00"))).toMatchObject({ recurrenceId: "90000508T190000" });
    expect(startingAt(at("9000-05-08T19:30:00-04:00"))).toBeUndefined();
    expect(on("90000508")).toMatchObject({ recurrenceId: "90000508T100000" });
    expect(on("20260507"), "before the first").toBeUndefined();
  });

  test("that a change of clocks moved is found where it is, and not beside another there", () => {
    const skipped: PlacedSet = { dtstart: "2026-03-07T02:30:00", timezone, rrule: "FREQ=DAILY" };
    expect(instanceFinder([skipped]).at(at("2026-03-08T03:30:00-04:00"))).toMatchObject({ recurrenceId: "20260308T023000" });
    const both = instanceFinder([{ ...skipped, rrule: "FREQ=DAILY;BYHOUR=2,3" }]);
    expect(both.at(at("2026-03-08T03:30:00-04:00"))).toMatchObject({ recurrenceId: "20260308T033000" });
    expect(both.on("20260308")).toMatchObject({ recurrenceId: "20260308T033000" });
  });

  test("may be of any zone among the sets", () => {
    const berlin: PlacedSet = { dtstart: "2026-05-09T01:30:00", timezone: "Europe/Berlin" };
    expect(instanceFinder([fridays, berlin]).at(at("2026-05-08T19:30:00-04:00"))).toMatchObject({
      recurrenceId: "20260509T013000",
      set: 1,
    });
  });
});
