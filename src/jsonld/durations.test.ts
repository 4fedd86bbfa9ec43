import { describe, expect, test } from "vitest";
import { clocksOf, durationBetween, durationOfClocks } from "./durations.ts";
import type { Fault } from "./faults.ts";

describe("times of day", () => {
  test.each([
    ["19:00", "19:00:00"],
    ["T19:00:05", "19:00:05"],
    ["7:30 pm", "19:30:00"],
    ["12:00 a.m.", "00:00:00"],
    ["24:00", "00:00:00"],
    ["2026-05-08T19:00:00-0400", "19:00:00-04:00"],
    ["23:00z", "23:00:00Z"],
  ])("%s -> %s", (written, clock) => {
    expect(clocksOf({ startTime: written }, [], [])).toEqual([{ start: clock }]);
  });

  test.each(["late", "25:00", "19:60", "24:30", "13 pm", "13:00 pm"])("%s is none", (written) => {
    const faults: Fault[] = [];
    expect(clocksOf({ startTime: written }, ["eventSchedule", 0], faults)).toBeUndefined();
    expect(faults).toMatchObject([{ path: ["eventSchedule", 0, "startTime"] }]);
  });

  test("several begin several times, each with its own end; one end is that of all", () => {
    expect(clocksOf({ startTime: ["14:00", "20:00"], endTime: ["15:00", "22:00"] }, [], [])).toEqual([
      { start: "14:00:00", end: "15:00:00" },
      { start: "20:00:00", end: "22:00:00" },
    ]);
    expect(clocksOf({ startTime: ["14:00", "20:00"], endTime: "23:00" }, [], [])).toEqual([
      { start: "14:00:00", end: "23:00:00" },
      { start: "20:00:00", end: "23:00:00" },
    ]);
  });
});

describe("how long it lasts", () => {
  test("by its clocks, over midnight too; an end that is the start says nothing", () => {
    expect(durationOfClocks("19:00:00", "21:30:00", undefined)).toBe("PT2H30M");
    expect(durationOfClocks("22:00:00", "01:00:00", undefined)).toBe("PT3H");
    expect(durationOfClocks("22:00:00", "22:00:00", undefined)).toBeUndefined();
  });

  test("a length and an end that agree are the length, with its days; where they do not, the end holds", () => {
    expect(durationOfClocks("19:00:00", "21:00:00", "P1DT2H")).toBe("P1DT2H");
    expect(durationOfClocks("19:00:00", "21:00:00", "PT5H")).toBe("PT2H");
  });

  test("by start and end; a day that ends on itself has no length to speak of", () => {
    expect(durationBetween("2026-05-08T19:00:00-04:00", "2026-05-09T01:00:00Z")).toMatchObject({ duration: "PT2H" });
    expect(durationBetween("2026-05-08", "2026-05-10")).toMatchObject({ duration: "P3D" });
    expect(durationBetween("2026-05-08", "2026-05-08")).toMatchObject({ duration: undefined });
    expect(durationBetween("2026-05-08", "2026-05-08T21:00:00Z")).toBeUndefined();
    expect(durationBetween("2026-05-08T19:00:00", "2026-05-08T21:00:00Z")).toBeUndefined();
  });
});
