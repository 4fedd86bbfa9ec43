/** Spans of time in words, and that every alarm is explained where people look. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ALARMS } from "../../domain/peer.ts";
import { spanOf } from "./describe.ts";

test.each([
  [0, "0 s"],
  [0.4, "0 s"],
  [42, "42 s"],
  [60, "1 min"],
  [61, "1 min 1 s"],
  [5_400, "1 h 30 min"],
  [3_605, "1 h"],
  [200_000, "2 d 7 h"],
  [86_400, "1 d"],
])("%d seconds are %s", (seconds, words) => {
  expect(spanOf(seconds)).toBe(words);
});

test("docs/operations.md says what to do about every alarm", () => {
  const operations = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
  expect(Object.keys(ALARMS).filter((alarm) => !operations.includes(`| \`${alarm}\` |`))).toEqual([]);
});
