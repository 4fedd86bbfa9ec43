import { describe, expect, test } from "vitest";
import { dateBlock, formatDate, formatMonth, formatTime, formatWhen, isOver, whenAsText } from "./format.ts";
import { localDay, zoneAbbreviation, zoneName } from "./zones.ts";

const toronto = "America/Toronto";
const words = (startDate: string, endDate: string | undefined, timezone: string, locale?: string) => {
  const { start, end } = formatWhen({ startDate, timezone, ...(endDate !== undefined && { endDate }) }, locale);
  return end === undefined ? start.text : `${start.text} – ${end.text}`;
};

describe("when an event is, in the venue's own time", () => {
  test.each([
    ["an evening", "2026-05-08T22:00:00-04:00", "2026-05-08T23:50:00-04:00", toronto, "Friday 8 May 2026, 10:00 pm – 11:50 pm"],
    ["the same instants, sent in UTC", "2026-05-09T02:00:00Z", "2026-05-09T03:50:00Z", toronto, "Friday 8 May 2026, 10:00 pm – 11:50 pm"],
    ["no end", "2026-05-08T22:00:00-04:00", undefined, toronto, "Friday 8 May 2026, 10:00 pm"],
    ["an end that is the start", "2026-05-08T22:00:00-04:00", "2026-05-08T22:00:00-04:00", toronto, "Friday 8 May 2026, 10:00 pm"],
    [
      "over midnight",
      "2026-05-08T22:00:00-04:00",
      "2026-05-09T02:00:00-04:00",
      toronto,
      "Friday 8 May 2026, 10:00 pm – 2:00 am (Saturday 9 May)",
    ],
    [
      "until midnight",
      "2026-12-31T20:00:00-05:00",
      "2027-01-01T00:00:00-05:00",
      toronto,
      "Thursday 31 December 2026, 8:00 pm – 12:00 am (Friday 1 January)",
    ],
    [
      "several days",
      "2025-08-02T09:00:00-04:00",
      "2025-08-28T17:00:00-04:00",
      toronto,
      "Saturday 2 August 2025, 9:00 am – Thursday 28 August 2025, 5:00 pm",
    ],
    ["a plain end", "2025-08-02T09:00:00-04:00", "2025-08-03", toronto, "Saturday 2 August 2025, 9:00 am – Sunday 3 August 2025"],
    ["a plain end on the same day", "2025-08-02T09:00:00-04:00", "2025-08-02", toronto, "Saturday 2 August 2025, 9:00 am"],
    ["half an hour's offset", "2026-05-08T18:30:00+05:30", undefined, "Asia/Kolkata", "Friday 8 May 2026, 6:30 pm"],
    ["UTC", "2026-05-08T23:30:00Z", undefined, "Etc/UTC", "Friday 8 May 2026, 11:30 pm"],
    ["a fixed zone", "2026-05-08T23:30:00-05:00", undefined, "Etc/GMT+5", "Friday 8 May 2026, 11:30 pm"],
    ["a zone that nobody knows: the offset counts", "2026-05-08T23:30:00+02:00", undefined, "Mars/Olympus", "Friday 8 May 2026, 11:30 pm"],
  ])("%s", (_, start, end, zone, expected) => expect(words(start, end, zone)).toBe(expected));

  test("a clock change in between is said, and the zone is then not named once more", () => {
    const night = { startDate: "2026-10-31T22:00:00-04:00", endDate: "2026-11-01T03:00:00-05:00", timezone: toronto };
    expect(formatWhen(night)).toEqual({
      start: { text: "Saturday 31 October 2026, 10:00 pm EDT", datetime: night.startDate },
      end: { text: "3:00 am EST (Sunday 1 November)", datetime: night.endDate },
    });
  });

  test("the same wall time in winter and summer, either side of a change", () => {
    expect(formatTime("2026-03-07T20:00:00-05:00", toronto)).toBe("8:00 pm");
    expect(formatTime("2026-03-08T20:00:00-04:00", toronto)).toBe("8:00 pm");
    expect([zoneAbbreviation("2026-03-07T20:00:00-05:00", toronto), zoneAbbreviation("2026-03-08T20:00:00-04:00", toronto)]).toEqual([
      "EST",
      "EDT",
    ]);
  });

  test("the two half past ones of the night when clocks go back are told apart", () => {
    expect(whenAsText({ startDate: "2026-11-01T01:30:00-04:00", timezone: toronto })).toBe("Sunday 1 November 2026, 1:30 am (EDT)");
    expect(whenAsText({ startDate: "2026-11-01T01:30:00-05:00", timezone: toronto })).toBe("Sunday 1 November 2026, 1:30 am (EST)");
  });
});

describe("plain dates stay dates", () => {
  test.each([
    ["2013-02-07", "2013-02-09", "Thu 7 – Sat 9 February 2013"],
    ["2014-01-30", "2014-02-01", "Thu 30 January – Sat 1 February 2014"],
    ["2013-12-31", "2014-01-02", "Tue 31 December 2013 – Thu 2 January 2014"],
    ["2013-02-07", "2013-02-07", "Thursday 7 February 2013"],
    ["2013-02-07", undefined, "Thursday 7 February 2013"],
  ])("%s to %s", (start, end, expected) => {
    for (const zone of ["America/Los_Angeles", "Pacific/Kiritimati", "Etc/UTC"]) {
      expect(words(start, end, zone)).toBe(expected);
      expect(formatWhen({ startDate: start, timezone: zone }).zone).toBeUndefined();
    }
  });
});

test("zones have names that people use", () => {
  const summer = "2026-05-08T22:00:00Z";
  expect(["America/Toronto", "Europe/Berlin", "Asia/Kolkata", "Etc/UTC", "Etc/GMT+5"].map((zone) => zoneName(summer, zone))).toEqual([
    "Eastern Daylight Time (EDT)",
    "Central European Summer Time (CEST)",
    "India Standard Time (IST)",
    "Coordinated Universal Time (UTC)",
    "GMT-5",
  ]);
});

test("another locale has its own order of words", () => {
  expect(words("2026-05-08T22:00:00-04:00", undefined, toronto, "fr-CA")).toBe("vendredi 8 mai 2026, 22 h 00");
  expect(formatMonth("2026-05", "fr-CA")).toBe("mai 2026");
});

test("what cannot be read as a time is shown as it came", () => {
  expect(formatDate("some day", toronto)).toBe("some day");
  expect(words("some day", undefined, toronto)).toBe("some day");
  expect(words("2026-05-08T22:00:00-04:00", "later", toronto)).toBe("Friday 8 May 2026, 10:00 pm");
  expect(dateBlock({ startDate: "some day", timezone: toronto })).toBeUndefined();
});

test("the date block and the local day follow the venue, not UTC", () => {
  expect(dateBlock({ startDate: "2026-05-09T02:00:00Z", timezone: toronto })).toEqual({
    weekday: "Fri",
    day: "8",
    month: "May",
    year: "2026",
  });
  expect(localDay("2026-05-09T02:00:00Z", toronto)).toBe("2026-05-08");
});

describe("an event is over", () => {
  const over = (startDate: string, endDate: string | undefined, now: string) =>
    isOver({ startDate, timezone: toronto, ...(endDate !== undefined && { endDate }) }, new Date(now));
  test("at its end, to the second", () => {
    expect(over("2026-05-08T22:00:00-04:00", "2026-05-08T23:50:00-04:00", "2026-05-09T03:49:59Z")).toBe(false);
    expect(over("2026-05-08T22:00:00-04:00", "2026-05-08T23:50:00-04:00", "2026-05-09T03:50:01Z")).toBe(true);
  });
  test("without an end, or as a plain date, when its day is over where it takes place", () => {
    for (const start of ["2026-05-08T22:00:00-04:00", "2026-05-08"]) {
      expect(over(start, undefined, "2026-05-09T03:59:00Z")).toBe(false);
      expect(over(start, undefined, "2026-05-09T04:01:00Z")).toBe(true);
    }
    expect(over("2026-05-08", "2026-05-10", "2026-05-10T12:00:00Z")).toBe(false);
  });
});

test("formatters are kept: more zones than are kept still read right, and a bad zone stays bad", () => {
  const instant = "2026-05-08T22:00:00Z";
  const zones = Intl.supportedValuesOf("timeZone");
  const first = zones.map((zone) => formatTime(instant, zone));
  expect(new Set(first).size).toBeGreaterThan(20);
  expect(zones.map((zone) => formatTime(instant, zone))).toEqual(first);
  expect([1, 2].map(() => formatTime("2026-05-08T22:00:00+02:00", "Mars/Olympus"))).toEqual(["10:00 pm", "10:00 pm"]);
});
