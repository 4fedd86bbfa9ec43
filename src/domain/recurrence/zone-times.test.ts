import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { instantAt, localAt, transitionsOf } from "./zone-times.ts";

const ZONES = [
  "America/Toronto",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Pacific/Apia",
  "Asia/Gaza",
  "Asia/Tokyo",
  "UTC",
];
const iso = (instant: number) => new Date(instant).toISOString();

describe("a local time", () => {
  test("that a zone skips moves forward by the gap", () => {
    expect(iso(instantAt("2026-03-08T02:30:00", "America/Toronto"))).toBe("2026-03-08T07:30:00.000Z");
    expect(localAt(instantAt("2026-03-08T02:30:00", "America/Toronto"), "America/Toronto")).toBe("2026-03-08T03:30:00");
  });

  test("that a zone has twice is the first", () => {
    expect(iso(instantAt("2026-11-01T01:30:00", "America/Toronto"))).toBe("2026-11-01T05:30:00.000Z");
  });

  test("of a date is its first moment", () => {
    expect(localAt(instantAt("2018-11-04", "America/Sao_Paulo"), "America/Sao_Paulo")).toBe("2018-11-04T01:00:00");
  });

  // Every 23 hours and 7 minutes meets all hours of the day, the changed ones among them.
  test.each(ZONES)("is placed in %s as Temporal places it, one by one, in this century and in far ones", (zone) => {
    for (const year of [1912, 1985, 2011, 2026, 2087, 2100, 2101, 2128, 2129, 2400, 9000]) {
      const wrong: string[] = [];
      for (let step = 0; step < 381; step += 1) {
        const local = new Date(Date.UTC(year, 0, 1) + step * 83_220_000).toISOString().slice(0, 19);
        const zoned = Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: "compatible" });
        const instant = instantAt(local, zone);
        if (
          instant !== zoned.epochMilliseconds ||
          localAt(instant, zone) !== zoned.toPlainDateTime().toString({ smallestUnit: "second" })
        ) {
          wrong.push(`${local}: ${iso(instant)}, Temporal ${iso(zoned.epochMilliseconds)}`);
        }
      }
      expect(wrong).toEqual([]);
    }
  });
});

describe("the transitions of a zone", () => {
  test("are those of a window", () => {
    expect(transitionsOf("America/Toronto", Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1))).toEqual([
      { at: Date.UTC(2026, 2, 8, 7), offsetBefore: -5 * 3_600, offsetAfter: -4 * 3_600 },
      { at: Date.UTC(2026, 10, 1, 6), offsetBefore: -4 * 3_600, offsetAfter: -5 * 3_600 },
    ]);
    expect(transitionsOf("America/Toronto", Date.UTC(2026, 2, 8, 7), Date.UTC(2026, 10, 1, 6))).toHaveLength(1);
    expect(transitionsOf("UTC", Date.UTC(2026, 0, 1), Date.UTC(2036, 0, 1))).toEqual([]);
  });

  test("are the same of ten years at once and year by year, also far from now", () => {
    for (const begin of [2020, 2096, 2500]) {
      const window = (from: number, until: number) => transitionsOf("Europe/Berlin", Date.UTC(from, 0, 1), Date.UTC(until, 0, 1));
      const yearly = Array.from({ length: 10 }, (_, index) => window(begin + index, begin + index + 1)).flat();
      expect(window(begin, begin + 10)).toEqual(yearly);
      expect(yearly).toHaveLength(20);
    }
  });

  test("of no time at all are an error, not a search without end", () => {
    expect(() => localAt(Number.NaN, "America/Toronto")).toThrow("NaN is no year");
  });
});
