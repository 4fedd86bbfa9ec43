import { expect, test } from "vitest";
import { DAY, nextVisitIn, retryAfter } from "./schedule.ts";

const HOUR = 60 * 60_000;
const NOW = Date.parse("2026-03-01T12:00:00Z");

test.each([
  [0, 6],
  [1, 12],
  [2, 24],
  [3, 24],
  [1_000, 24],
])("after %i failures in a row a source that is visited every six hours is visited in %i", (failures, hours) => {
  expect(nextVisitIn({ everyMinutes: 360, failures }, 0)).toBe(hours * HOUR);
});

test("one that is visited once a month is never visited more often for its failures, and chance adds a tenth at most", () => {
  expect(nextVisitIn({ everyMinutes: 43_200, failures: 3 }, 0)).toBe(30 * DAY);
  expect(nextVisitIn({ everyMinutes: 60, failures: 0 }, 0.999)).toBeGreaterThan(HOUR);
  expect(nextVisitIn({ everyMinutes: 60, failures: 0 }, 0.999)).toBeLessThan(1.1 * HOUR);
});

test.each([
  ["120", 120_000],
  [" 0 ", 0],
  ["999999999999", DAY],
  ["Sun, 01 Mar 2026 13:00:00 GMT", HOUR],
  ["Sunday, 01-Mar-26 13:00:00 GMT", HOUR],
  ["Sun Mar  1 13:00:00 2026", HOUR],
  ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
  ["Fri, 31 Dec 2049 23:59:59 GMT", DAY],
  ["soon", undefined],
  ["-5", undefined],
  ["1.5", undefined],
  ["2026-03-01T13:00:00Z", undefined],
  ["Sun, 99 Zzz 2026 13:00:00 GMT", undefined],
  ["", undefined],
  [null, undefined],
])("Retry-After %j means %s ms", (header, milliseconds) => {
  expect(retryAfter(header, NOW)).toBe(milliseconds);
});
