/** When a source is in trouble, told by stories of its visits. */
import { describe, expect, test } from "vitest";
import { moveAverage, quantile, type MovingAverage } from "./moving-average.ts";
import { judge } from "./rhythm.ts";
import { DAY, HOUR, type Tally } from "./tally.ts";

/** A day on which one visit found 40 events, 2 of them new; `changes` are laid over it. */
const day = (number: number, changes: Partial<Tally> = {}): Tally => ({
  at: number * DAY,
  visits: 1,
  failures: 0,
  readings: 1,
  found: 40,
  fresh: 2,
  rejected: 0,
  ...changes,
});
const days = (from: number, to: number, changes: Partial<Tally> = {}) =>
  Array.from({ length: to - from }, (_, index) => day(from + index, changes));
const unread = { readings: 0, found: 0, fresh: 0 };
const refused = { ...unread, failures: 1 };
const empty = { found: 0, fresh: 0 };
const asEver = { fresh: 0 };
/** Judged at the end of the last day. */
const judged = (...series: Tally[][]) => judge(series.flat(), series.flat().at(-1)!.at + DAY);

test("a source is being learnt until eight days have brought something, then it does well", () => {
  expect(judge([], 0)).toMatchObject({ state: "learning", alarms: [], expected: { found: null, gapDays: null } });
  expect(judged(days(0, 7))).toMatchObject({ state: "learning" });
  expect(judged(days(0, 8))).toEqual({
    state: "well",
    alarms: [],
    expected: { found: 40, foundDeviation: 0, fresh: 2, freshDeviation: 0, rejectedShare: 0, gapDays: 1, silentAfterDays: 11 },
    actual: { found: 40, fresh: 2, rejectedShare: 0, quietDays: 0, failuresInRow: 0 },
  });
});

describe("failing", () => {
  test("is three visits in a row without an answer, over six hours; one answer ends it", () => {
    expect(judged(days(0, 20), days(20, 22, refused)).state).toBe("well");
    const failing = judged(days(0, 20), days(20, 23, refused));
    expect(failing).toMatchObject({ state: "failing", since: 20 * DAY, actual: { failuresInRow: 3 } });
    expect(failing.alarms[0]).toMatchObject({ expected: "an answer at every visit", actual: "3 visits in a row without one" });
    expect(judged(days(0, 20), days(20, 23, refused), [day(23, unread)]).state).toBe("well");
  });

  test("is no short outage of a source that is visited every few minutes", () => {
    const outage = Array.from({ length: 12 }, (_, index) => ({ ...day(20, refused), at: 20 * DAY + (index * HOUR) / 6 }));
    const last = outage.at(-1)!.at;
    expect(judge([...days(0, 20), ...outage], last).state).toBe("well");
    expect(judge([...days(0, 20), ...outage], last + 5 * HOUR).state).toBe("failing");
  });
});

describe("empty", () => {
  test("is a drop below 30 % of what is usual, told twice", () => {
    expect(judged(days(0, 20), days(20, 22, { found: 13 })).state).toBe("well");
    expect(judged(days(0, 20), [day(20, empty)]).state).toBe("well");
    const dropped = judged(days(0, 20), days(20, 22, { found: 11 }));
    expect(dropped).toMatchObject({ state: "empty", since: 20 * DAY, expected: { found: 40 }, actual: { found: 11 } });
    expect(dropped.alarms[0]).toMatchObject({ expected: "about 40 events a visit", actual: "11 events" });
  });

  test("goes on while the answer is 'as before', and while there is none", () => {
    expect(judged(days(0, 20), [day(20, empty)], days(21, 24, unread)).state).toBe("empty");
    const worse = judged(days(0, 20), days(20, 22, empty), days(22, 26, refused));
    expect(worse.alarms.map(({ state }) => state)).toEqual(["failing", "empty"]);
  });

  test("never passes for usual, however long it lasts; a smaller calendar does after a month", () => {
    expect(judged(days(0, 20), days(20, 200, empty)).alarms.map(({ state }) => state)).toEqual(["empty", "silent"]);
    expect(judged(days(0, 20), days(20, 49, { found: 8 })).state).toBe("empty");
    expect(judged(days(0, 20), days(20, 60, { found: 8 }))).toMatchObject({ state: "well", expected: { found: 8 } });
  });

  test("is no weekend of a source that lists the day's events, but is the third day in a row", () => {
    const weeks = (until: number) => Array.from({ length: until }, (_, index) => day(index, index % 7 > 4 ? { found: 1 } : {}));
    for (let until = 1; until < 80; until++) expect(judged(weeks(until)).state).not.toBe("empty");
    expect(judged(weeks(77), days(77, 83, { found: 1 })).state).toBe("empty");
  });

  test("is not told of a source that has hardly anything", () => {
    expect(judged(days(0, 20, { found: 4 }), days(20, 24, empty)).state).toBe("well");
  });
});

describe("rejecting", () => {
  test("is more than 30 % of ten or more, until it is a quarter", () => {
    expect(judged([day(0, { rejected: 12 })]).state).toBe("learning");
    const bad = judged(days(0, 10, { rejected: 1 }), [day(10, { rejected: 13 })]);
    expect(bad).toMatchObject({
      state: "rejecting",
      since: 10 * DAY,
      expected: { rejectedShare: 0.025 },
      actual: { rejectedShare: 0.325 },
    });
    expect(bad.alarms[0]).toMatchObject({ expected: "at most 30 % of the events rejected, usually 3 %", actual: "33 % of 40 events" });
    expect(judged([day(0, { rejected: 13 }), day(1, { rejected: 11 })]).state).toBe("rejecting");
    expect(judged([day(0, { rejected: 13 }), day(1, { rejected: 10 })]).state).toBe("learning");
    expect(judged([day(0, { found: 9, rejected: 9 })]).state).toBe("learning");
  });

  test("is twice what is usual, where that is no chance", () => {
    expect(judged(days(0, 10, { found: 400, rejected: 24 }), [day(10, { found: 400, rejected: 60 })]).state).toBe("rejecting");
    expect(judged(days(0, 10, { found: 400, rejected: 24 }), [day(10, { found: 400, rejected: 45 })]).state).toBe("well");
    // Twice the usual one of forty is two of forty, and nothing to tell.
    expect(judged(days(0, 10, { rejected: 1 }), [day(10, { rejected: 3 })]).state).toBe("well");
    // A small venue's calendar of which nothing can be read any more.
    expect(judged(days(0, 10, { found: 7 }), [day(10, { found: 7, rejected: 7 })]).state).toBe("rejecting");
  });
});

describe("silent", () => {
  test("is nothing new for much longer than ever before", () => {
    const quiet = (last: number) => judged(days(0, 60), days(60, last, asEver));
    expect(quiet(67)).toMatchObject({ state: "well", actual: { quietDays: 7 }, expected: { gapDays: 1, silentAfterDays: 8 } });
    const silent = quiet(69);
    expect(silent).toMatchObject({ state: "silent", since: 59 * DAY, actual: { quietDays: 9 } });
    expect(silent.alarms[0]).toMatchObject({
      expected: "something new every 1 day, at the latest after 8 days",
      actual: "nothing new for 9 days",
    });
    expect(judged(days(0, 60), days(60, 75, asEver), [day(75)]).state).toBe("well");
  });

  test("is counted in the source's own rhythm: a weekly calendar may be quiet for a month", () => {
    const weekly = Array.from({ length: 140 }, (_, index) => day(index, index % 7 === 0 ? {} : asEver));
    expect(judged(weekly)).toMatchObject({ state: "well", expected: { gapDays: 7, silentAfterDays: 34 } });
    expect(judged(weekly, days(140, 168, asEver)).state).toBe("well");
    expect(judged(weekly, days(140, 170, asEver)).state).toBe("silent");
  });

  test("is not said of a source that was not asked, or did not answer", () => {
    expect(judge(days(0, 60), 200 * DAY).state).toBe("well");
    expect(judged(days(0, 60), days(60, 120, refused)).alarms.map(({ state }) => state)).toEqual(["failing"]);
  });

  test("is said of a summer break, which nobody could tell from the end of a source", () => {
    const season = Array.from({ length: 250 }, (_, index) => day(index, index % 3 === 0 ? {} : asEver));
    expect(judged(season, days(250, 310, asEver)).state).toBe("silent");
    expect(judged(season, days(250, 310, asEver), [day(310)]).state).toBe("well");
  });
});

describe("moving averages", () => {
  const averaged = (values: number[], apart = DAY) =>
    values.reduce<MovingAverage | undefined>((so, value, index) => moveAverage(so, value, index * apart, 14 * DAY), undefined)!;

  test("begin as the plain mean and variance", () => {
    const { mean, variance } = averaged([2, 4, 4, 6]);
    expect(mean).toBeCloseTo(4);
    expect(variance).toBeCloseTo(2);
  });

  test("forget, by time and not by number", () => {
    const then = Array.from({ length: 100 }, () => 10);
    const now = Array.from({ length: 14 }, () => 20);
    expect(averaged([...then, ...now]).mean).toBeCloseTo(20 - 10 * Math.exp(-1), 5);
    expect(averaged([...then, ...now], HOUR).mean).toBeLessThan(12);
  });
});

test("a quantile is one of the values", () => {
  expect(quantile([], 0.5)).toBeUndefined();
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(
    quantile(
      Array.from({ length: 100 }, (_, index) => index + 1),
      0.95,
    ),
  ).toBe(95);
});
