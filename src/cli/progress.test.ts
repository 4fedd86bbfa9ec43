/** The progress of an import, on a terminal and in a log. */
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Output } from "./command.ts";
import { barOf, createProgress, duration, lineOf, type Progress } from "./progress.ts";

const counts = { created: 900, updated: 100, merged: 0, unchanged: 30, rejected: 6 };
const half: Progress = { phase: "applying", done: 1036, total: 2072, counts };

/** A screen, and a clock that moves when told. */
function screen(isTTY: boolean) {
  const output: Output = new PassThrough().setEncoding("utf8");
  output.isTTY = isTTY;
  output.columns = 200;
  const time = { now: 1_700_000_000_000 };
  return {
    view: createProgress(output, () => new Date(time.now)),
    time,
    written: () => String((output as unknown as PassThrough).read() ?? ""),
  };
}

test("says how much is done, how fast, how long it will take, and what became of the events", () => {
  expect(lineOf(half, 2)).toBe("applying   50%  1,036 of 2,072  518/s  2 s left  new 900  updated 100  unchanged 30  rejected 6");
  expect(barOf(half, 2, 200)).toBe(
    `applying  ${"█".repeat(12)}${"░".repeat(12)}   50%  1,036 of 2,072  518/s  2 s left  new 900  updated 100  unchanged 30  rejected 6`,
  );
  expect(barOf(half, 2, 60).length).toBeLessThan(60);
});

test("knows no rate at the first moment, and nothing left at the end", () => {
  expect(lineOf({ ...half, done: 0 }, 0)).not.toMatch(/NaN|Infinity|left/);
  expect(lineOf({ ...half, done: 2072 }, 4)).toMatch(/^applying  100%  2,072 of 2,072  518\/s  new/);
  expect(lineOf({ phase: "reading", done: 0, total: 0 }, 0)).toBe("reading  100%  0.0 MiB of 0.0 MiB");
});

describe("on a terminal", () => {
  test("the bar is drawn over itself, ten times a second at most", () => {
    const { view, time, written } = screen(true);
    view.update({ ...half, done: 1 });
    time.now += 50;
    view.update({ ...half, done: 2 });
    expect(written().split("\r")).toHaveLength(2);
    time.now += 100;
    view.update({ ...half, done: 3 });
    expect(written()).toMatch(/^\r\u001B\[Kapplying/);
  });
});

describe("in a log", () => {
  test("a line stands for every tenth of the work, and for every five seconds", () => {
    const { view, time, written } = screen(false);
    const linesAfter = (done: number, milliseconds: number) => {
      time.now += milliseconds;
      view.update({ ...half, done });
      return written().split("\n").length - 1;
    };
    expect(linesAfter(0, 0)).toBe(1);
    expect(linesAfter(100, 10)).toBe(0);
    expect(linesAfter(210, 10)).toBe(1);
    expect(linesAfter(215, 5_000)).toBe(1);
    expect(linesAfter(2072, 1)).toBe(1);
    expect(linesAfter(2072, 10_000)).toBe(0);
  });
});

test.each([
  [0.4, "1 s"],
  [75, "1 min 15 s"],
  [3_725, "1 h 2 min"],
])("%d seconds read as %s", (seconds, expected) => {
  expect(duration(seconds)).toBe(expected);
});
