import { expect, test } from "vitest";
import { readTime } from "./time.ts";

test("a zone in brackets has its usual spelling", () => {
  expect(readTime("2026-05-08T19:00:00[america/toronto]")).toEqual({ value: "2026-05-08T19:00:00[America/Toronto]" });
  expect(readTime("2026-05-08T19:00:00-04:00[us/eastern]")).toEqual({ value: "2026-05-08T19:00:00-04:00[US/Eastern]" });
});
