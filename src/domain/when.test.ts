/** Dates, instants and the zones in which people read them. */
import { describe, expect, test } from "vitest";
import { endsAfter, instantOf, isDate, isFloating, isZone, placeIn, zoneOf, zoneOfOffset } from "./when.ts";

const TORONTO = "America/Toronto";
/** The local reading of what placeIn made, by another way than the one under test. */
const local = (placed: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zoneOf(placed)!, dateStyle: "short", timeStyle: "medium" }).format(instantOf(placed));

describe("a time is placed in a zone", () => {
  test("with an offset: the same instant, read in the zone", () => {
    expect(placeIn("2026-05-08T22:00:00-04:00", TORONTO)).toBe("2026-05-09T02:00:00Z[America/Toronto]");
    expect(placeIn("2026-05-09T02:00:00.000Z", TORONTO)).toBe("2026-05-09T02:00:00Z[America/Toronto]");
    expect(placeIn("2026-05-09T04:00:00+02:00", TORONTO)).toBe("2026-05-09T02:00:00Z[America/Toronto]");
  });

  test("without one: the clock on the wall there", () => {
    expect(placeIn("2026-05-08T22:00:00", TORONTO)).toBe("2026-05-09T02:00:00Z[America/Toronto]");
    expect(placeIn("2026-01-08T22:00:00", TORONTO)).toBe("2026-01-09T03:00:00Z[America/Toronto]");
    expect(placeIn("2026-05-08T22:00", "Asia/Kathmandu")).toBe("2026-05-08T16:15:00Z[Asia/Kathmandu]");
  });

  test("a date stays a date, whatever the zone", () => {
    expect(placeIn("2026-05-08", TORONTO)).toBe("2026-05-08");
    expect(placeIn("2026-03-08", "Pacific/Apia")).toBe("2026-03-08");
  });

  test("half past two on the night the clocks go forward does not exist: it is half past three", () => {
    const placed = placeIn("2026-03-08T02:30:00", TORONTO);
    expect(placed).toBe("2026-03-08T07:30:00Z[America/Toronto]");
    expect(local(placed)).toBe("2026-03-08 03:30:00");
  });

  test("half past one on the night they go back exists twice: it is the first, and an offset names the second", () => {
    expect(placeIn("2026-11-01T01:30:00", TORONTO)).toBe("2026-11-01T05:30:00Z[America/Toronto]");
    expect(placeIn("2026-11-01T01:30:00-05:00", TORONTO)).toBe("2026-11-01T06:30:00Z[America/Toronto]");
    expect(local("2026-11-01T05:30:00Z[America/Toronto]")).toBe(local("2026-11-01T06:30:00Z[America/Toronto]"));
  });

  test("on Lord Howe Island the clocks move by half an hour", () => {
    const forward = placeIn("2026-10-04T02:15:00", "Australia/Lord_Howe");
    expect(local(forward)).toBe("2026-10-04 02:45:00");
    const back = placeIn("2026-04-05T01:45:00", "Australia/Lord_Howe");
    expect(back).toBe("2026-04-04T14:45:00Z[Australia/Lord_Howe]");
    expect(local(back)).toBe("2026-04-05 01:45:00");
  });

  test("equal instants are equal texts; different ones are not", () => {
    expect(placeIn("2026-05-08T22:00:00-04:00", TORONTO)).toBe(placeIn("2026-05-09T03:00:00+01:00", TORONTO));
    expect(placeIn("2026-05-08T22:00:00-04:00", TORONTO)).not.toBe(placeIn("2026-05-08T22:00:00-05:00", TORONTO));
  });
});

describe("a bare offset", () => {
  test.each([
    ["2026-05-08T22:00:00+02:00", "Etc/GMT-2"],
    ["2026-05-08T22:00:00-04:00", "Etc/GMT+4"],
    ["2026-05-08T22:00:00+12:00", "Etc/GMT-12"],
  ])("%s is read in %s, whose sign is turned round, and keeps its local time", (text, zone) => {
    expect(zoneOfOffset(text)).toBe(zone);
    expect(isZone(zone)).toBe(true);
    expect(local(placeIn(text, zoneOfOffset(text)))).toBe("2026-05-08 22:00:00");
  });

  test.each(["2026-05-08T22:00:00Z", "2026-05-08T22:00:00+00:00", "2026-05-08T22:00:00+05:45", "2026-05-08T22:00:00+14:00"])(
    "%s has no such zone and is read in UTC",
    (text) => {
      expect(zoneOfOffset(text)).toBe("UTC");
    },
  );
});

describe("what a text is", () => {
  test("a date, a floating time, or an instant", () => {
    expect(
      ["2026-05-08", "2026-05-08T22:00:00", "2026-05-08T22:00:00Z", "2026-05-09T02:00:00Z[America/Toronto]"].map((text) => [
        isDate(text),
        isFloating(text),
      ]),
    ).toEqual([
      [true, false],
      [false, true],
      [false, false],
      [false, false],
    ]);
  });

  test("a zone has a name that this runtime knows", () => {
    expect([TORONTO, "UTC", "Etc/GMT-2"].map(isZone)).toEqual([true, true, true]);
    expect(["+02:00", "-0400", "Toronto", "", "America/Nowhere"].map(isZone)).toEqual([false, false, false, false, false]);
  });

  test("a date begins at its local midnight, for ordering", () => {
    expect(instantOf("2026-05-08", TORONTO)).toBe(Date.parse("2026-05-08T04:00:00Z"));
    expect(instantOf("2026-05-08")).toBe(Date.parse("2026-05-08T00:00:00Z"));
  });
});

describe("an end and its start", () => {
  const evening = "2026-05-09T02:00:00Z[America/Toronto]"; // the 8th, 22:00 local
  test.each([
    ["2026-05-08", "2026-05-08", true],
    ["2026-05-08", "2026-05-07", false],
    [evening, "2026-05-09T03:00:00Z[America/Toronto]", true],
    [evening, "2026-05-09T02:00:00Z[America/Toronto]", true],
    [evening, "2026-05-09T01:59:59Z[America/Toronto]", false],
    [evening, "2026-05-08", true], // the local day counts, not UTC's
    [evening, "2026-05-07", false],
    ["2026-05-09", evening, false],
    ["2026-05-08", evening, true],
  ])("%s to %s: %s", (start, end, answer) => {
    expect(endsAfter(start, end)).toBe(answer);
  });
});
