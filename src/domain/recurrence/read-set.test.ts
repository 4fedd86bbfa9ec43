import { describe, expect, test } from "vitest";
import type { RecurrenceSet } from "../submission.ts";
import { readSet } from "./read-set.ts";
import { newSearch } from "./sub-daily.ts";

const zone = "America/Toronto";
const set = (given: RecurrenceSet) => {
  const read = readSet(given);
  return "set" in read ? read.set : read;
};

describe("a recurrence set", () => {
  test("begins with the rule's first instance, be its start a Thursday and its rule of Fridays", () => {
    expect(set({ dtstart: "2026-05-07T19:00:00", timezone: zone, rrule: "FREQ=WEEKLY;BYDAY=FR" })).toEqual({
      dtstart: "2026-05-08T19:00:00",
      timezone: zone,
      rrule: "FREQ=WEEKLY;BYDAY=FR",
    });
  });

  test("keeps its phase when its start moves: every other week from the week of the start", () => {
    expect(set({ dtstart: "2026-05-09T19:00:00", rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR" })).toMatchObject({
      dtstart: "2026-05-22T19:00:00",
    });
  });

  test("names its zone as the database of zones does, and keeps an old name", () => {
    const inZone = (timezone: string) => set({ dtstart: "2026-05-08T19:00:00", timezone });
    expect(inZone("america/toronto")).toMatchObject({ timezone: "America/Toronto" });
    expect(inZone("ASIA/CALCUTTA")).toMatchObject({ timezone: "Asia/Calcutta" });
    expect(inZone("us/eastern")).toMatchObject({ timezone: "US/Eastern" });
  });

  test("has one spelling for a duration", () => {
    expect(set({ dtstart: "2026-05-08T19:00:00", duration: "pt120m" })).toMatchObject({ duration: "PT2H" });
    expect(set({ dtstart: "2026-05-08T19:00:00", duration: "P1W" })).toMatchObject({ duration: "P7D" });
    expect(set({ dtstart: "2026-05-08", duration: "PT48H" })).toMatchObject({ duration: "P2D" });
    expect(set({ dtstart: "2026-05-08T19:00:00", duration: "PT0S" })).toEqual({ dtstart: "2026-05-08T19:00:00" });
  });

  test("has its dates sorted, each once, and in local time of its zone", () => {
    expect(
      set({
        dtstart: "2026-05-08T19:00:00",
        timezone: zone,
        rdate: [
          "20260601T190000",
          "2026-05-20T23:00:00Z/PT60M",
          "2026-05-12",
          "2026-05-20T23:00:00Z/PT60M",
          "2026-05-30T10:00:00/2026-05-30T12:00:00",
        ],
        exdate: ["2026-05-15T19:00:00-04:00", "2026-05-22"],
      }),
    ).toMatchObject({
      rdate: ["2026-05-12T19:00:00", "2026-05-20T19:00:00/PT1H", "2026-05-30T10:00:00/PT2H", "2026-06-01T19:00:00"],
      exdate: ["2026-05-15T19:00:00", "2026-05-22"],
    });
  });

  test.each([
    ["2026-05-08T19:00:00", "20261231T235900Z", "20261231T185900", "a time in UTC is local"],
    ["2026-05-08T19:00:00", "20261231", "20261231T235959", "a date is meant with its evening"],
    ["2026-05-08", "20261231T190000", "20261231", "of days only the date counts"],
    ["2026-05-08", "20261231T050000Z", "20261231", "of days midnight in the zone is that day"],
    ["2026-05-08", "20261231T000000Z", "20261231", "of days any other time is the day that is written"],
  ])("from %s UNTIL=%s becomes UNTIL=%s: %s", (dtstart, until, local) => {
    expect(set({ dtstart, timezone: zone, rrule: `FREQ=DAILY;UNTIL=${until}` })).toMatchObject({ rrule: `FREQ=DAILY;UNTIL=${local}` });
  });

  test("of days has no hours, and rules of hours are not for it", () => {
    expect(set({ dtstart: "2026-05-08", rrule: "FREQ=DAILY;BYHOUR=9;COUNT=3" })).toMatchObject({ rrule: "FREQ=DAILY;COUNT=3" });
    expect(set({ dtstart: "2026-05-08", exdate: ["2026-05-09T19:00:00"] })).toMatchObject({ exdate: ["2026-05-09"] });
    expect(readSet({ dtstart: "2026-05-08", rrule: "FREQ=HOURLY;COUNT=3" })).toMatchObject({ fault: { part: "rrule" } });
  });

  test("without a zone is read as far as that goes", () => {
    expect(set({ dtstart: "2026-05-08T19:00:00", rrule: "FREQ=DAILY;COUNT=3" })).not.toHaveProperty("timezone");
    expect(readSet({ dtstart: "2026-05-08T19:00:00", rrule: "FREQ=DAILY;UNTIL=20261231T235900Z" })).toEqual({
      fault: { part: "rrule", detail: "UNTIL in UTC can be read only where timezone is known" },
    });
    expect(readSet({ dtstart: "2026-05-08T19:00:00Z" })).toMatchObject({ fault: { part: "dtstart" } });
  });

  test("without a day on which it could happen is a fault", () => {
    expect(readSet({ dtstart: "2026-05-08", rrule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" })).toEqual({
      fault: {
        part: "rrule",
        detail: "RRULE FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30 never happens: its parts allow no day or time that there is",
      },
    });
    expect(readSet({ dtstart: "2026-05-08", rrule: "FREQ=DAILY;UNTIL=20260507" })).toEqual({
      fault: { part: "rrule", detail: "UNTIL 20260507 lies before the start, 2026-05-08" },
    });
  });

  test("that is searched long is taken, and of twenty in one document only the first: they share what may be looked at", () => {
    const hard = (minute: number): RecurrenceSet => ({
      dtstart: "2026-05-01T00:00:00",
      timezone: zone,
      rrule: `FREQ=MINUTELY;COUNT=1;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=3;BYMINUTE=${minute}`,
    });
    const all = Array.from({ length: 20 }, (_, minute) => hard(minute));
    expect(all.filter((one) => "fault" in readSet(one))).toEqual([]);
    const search = newSearch();
    const most = search.looks;
    const read = all.map((one) => readSet(one, search));
    expect(read[0]).toHaveProperty("set.dtstart", "2044-02-29T03:00:00");
    expect(read.at(-1)).toMatchObject({ fault: { part: "rrule", detail: expect.stringContaining("is not found soon enough") } });
    expect(search.looks).toBe(0);
    const easy = newSearch();
    readSet({ dtstart: "2026-05-01T09:00:00", rrule: "FREQ=HOURLY;COUNT=10;BYHOUR=9,12" }, easy);
    expect(most - easy.looks).toBeLessThan(100);
  });
});
