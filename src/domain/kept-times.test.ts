import { expect, test } from "vitest";
import { isKept } from "./kept-times.ts";

test.each<[string, string | undefined, boolean]>([
  ["9999-12-31T23:59:59Z[UTC]", undefined, true],
  ["9999-12-31T23:59:59Z[America/New_York]", undefined, true],
  ["9999-12-31T14:59:59Z[Asia/Tokyo]", undefined, true],
  ["9999-12-31T15:00:00Z[Asia/Tokyo]", undefined, false],
  ["9999-12-31T15:00:00Z[UTC]", "Asia/Tokyo", false],
  ["+010000-01-01T00:00:00Z[America/New_York]", undefined, false],
  ["1000-01-01T00:00:00Z[UTC]", undefined, true],
  ["1000-01-01T00:00:00Z[America/New_York]", undefined, false],
  ["0999-12-31T23:59:59Z[Asia/Tokyo]", undefined, false],
  ["no time", undefined, false],
  ["9999-12-31", "Asia/Tokyo", true],
  ["1000-01-01", undefined, true],
  ["0999-12-31", undefined, false],
])("%s shown in %s: %s", (time, zone, kept) => {
  expect(isKept(time, zone)).toBe(kept);
});
