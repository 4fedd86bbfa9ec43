/** Whatever a source's rhythm: while it keeps to it nobody is called, when it stops somebody is, and when it is back that ends. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge } from "../../src/domain/rhythm.ts";
import { DAY, type Tally } from "../../src/domain/tally.ts";

/** A source as it is: how many events it lists, how often and how regularly it brings something, when it rests. */
interface Source {
  listed: number;
  /** Part of `listed` by which one visit differs from another. */
  jitter: number;
  everyDays: number;
  /** Days by which news come late. */
  late: number;
  /** Weekdays on which it lists nothing but what is of the day. */
  rests: number[];
  rejected: number;
  /** Of each day, 0 to 1. */
  chances: readonly number[];
}

const LENGTH = 200;

/** Evenly spread numbers of a seed (mulberry32): an arbitrary of doubles would love its extremes, and such a source is not steady. */
function chancesOf(seed: number): number[] {
  return Array.from({ length: LENGTH }, () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  });
}

const source: fc.Arbitrary<Source> = fc.record({
  listed: fc.integer({ min: 0, max: 2_000 }),
  jitter: fc.double({ min: 0, max: 0.5, noNaN: true }),
  everyDays: fc.integer({ min: 1, max: 10 }),
  late: fc.integer({ min: 0, max: 4 }),
  rests: fc.subarray([5, 6], { minLength: 0 }),
  rejected: fc.double({ min: 0, max: 0.1, noNaN: true }),
  chances: fc.integer().map(chancesOf),
});

/** Days as this source fills them. */
function steady({ listed, jitter, everyDays, late, rests, rejected, chances }: Source, length = LENGTH): Tally[] {
  let next = 0;
  return Array.from({ length }, (_, day) => {
    const fresh = day >= next ? 1 + Math.floor(3 * chances[day]!) : 0;
    if (fresh > 0) next = day + everyDays + Math.floor(late * chances[day]!);
    const found = Math.round(rests.includes(day % 7) ? listed / 10 : listed * (1 + jitter * (2 * chances[day]! - 1)));
    return { at: day * DAY, visits: 1, failures: 0, readings: 1, found, fresh, rejected: Math.floor(found * rejected) };
  });
}
const alarmsAt = (series: readonly Tally[], length: number) =>
  judge(series.slice(0, length), length * DAY).alarms.map(({ state }) => state);
const daysAfter = (series: readonly Tally[], length: number, change: Partial<Tally>) =>
  Array.from({ length }, (_, index): Tally => ({ ...series.at(-1)!, at: (series.length + index) * DAY, ...change }));

describe("a source that keeps to its rhythm", () => {
  test("is never told of, on no day of its history", () => {
    fc.assert(
      fc.property(source, (one) => {
        // Amounts below five are not judged (domain/amounts.ts): of one that sways around that, the first weekend to be judged may come
        // when it is no longer young, and is told of.
        fc.pre(one.rests.length < 2 || one.listed < 5 || one.listed > 8);
        const series = steady(one);
        for (let length = 1; length <= LENGTH; length += 1) expect(alarmsAt(series, length)).toEqual([]);
      }),
    );
  });

  test("would be, if any quiet day were silence (the control)", () => {
    const broken = fc.check(
      fc.property(source, (one) => {
        const series = steady(one);
        for (let length = 1; length <= LENGTH; length += 1) expect(judge(series.slice(0, length), length * DAY).actual.quietDays).toBe(0);
      }),
      { numRuns: 50, endOnFailure: true },
    );
    expect(broken).toMatchObject({ failed: true, errorInstance: { name: "AssertionError" } });
  });

  test("and of which news come by chance (Poisson, two a day) is never told of either", () => {
    fc.assert(
      fc.property(source, (one) => {
        const poisson = (chance: number) => {
          let fresh = 0;
          for (let term = Math.exp(-2), sum = term; chance > sum && fresh < 20; sum += term) term *= 2 / ++fresh;
          return fresh;
        };
        const series = steady({ ...one, rests: [] }).map((tally, day) => ({ ...tally, fresh: poisson(one.chances[day]!) }));
        // Nine quiet days in a row come once in 200,000 years.
        fc.pre(
          !series
            .map(({ fresh }) => (fresh > 0 ? "+" : "-"))
            .join("")
            .includes("-".repeat(9)),
        );
        for (let length = 1; length <= LENGTH; length += 1) expect(alarmsAt(series, length)).toEqual([]);
      }),
    );
  });
});

describe("a source that stops", () => {
  test("bringing anything new is told of as silent: after its limit, and at the latest after six of its longest waits", () => {
    fc.assert(
      fc.property(source, (one) => {
        const series = steady(one);
        const { expected } = judge(series, LENGTH * DAY);
        const limit = expected.silentAfterDays!;
        expect(limit).toBeLessThanOrEqual(6 * Math.max(2, one.everyDays + one.late));
        const quiet = [...series, ...daysAfter(series, limit + 1, { fresh: 0 })];
        expect(alarmsAt(quiet, quiet.length)).toContain("silent");
        const back = [...quiet, ...daysAfter(quiet, 1, { fresh: 1 })];
        expect(alarmsAt(back, back.length)).toEqual([]);
      }),
    );
  });

  test("listing anything is told of as empty within a week, for as long as that lasts, and no longer", () => {
    fc.assert(
      fc.property(source, fc.integer({ min: 8, max: 150 }), (one, lasts) => {
        fc.pre(one.listed >= 20);
        const series = steady(one);
        const gone = [...series, ...daysAfter(series, lasts, { found: 0, fresh: 0, rejected: 0 })];
        for (let length = LENGTH + 8; length <= gone.length; length++) expect(alarmsAt(gone, length)).toContain("empty");
        const back = [...gone, ...daysAfter(gone, 1, { found: one.listed, fresh: one.listed })];
        expect(alarmsAt(back, back.length)).toEqual([]);
      }),
    );
  });

  test("being readable is told of as rejecting at once, until it is readable again", () => {
    fc.assert(
      fc.property(source, fc.double({ min: 0.31, max: 1, noNaN: true }), (one, share) => {
        fc.pre(one.listed >= 20);
        const series = steady(one);
        const found = one.listed;
        const bad = [...series, ...daysAfter(series, 5, { found, rejected: Math.ceil(found * share) })];
        for (let length = LENGTH + 1; length <= bad.length; length++) expect(alarmsAt(bad, length)).toContain("rejecting");
        const good = [...bad, ...daysAfter(bad, 1, { found, fresh: 1, rejected: Math.floor(found * one.rejected) })];
        expect(alarmsAt(good, good.length)).toEqual([]);
      }),
    );
  });

  test("answering is told of as failing after three visits, until the first answer", () => {
    fc.assert(
      fc.property(source, fc.integer({ min: 3, max: 60 }), (one, lasts) => {
        const series = steady({ ...one, rests: [] });
        const down = [...series, ...daysAfter(series, lasts, { failures: 1, readings: 0, found: 0, fresh: 0, rejected: 0 })];
        expect(alarmsAt(down, LENGTH + 2)).toEqual([]);
        for (let length = LENGTH + 3; length <= down.length; length++) expect(alarmsAt(down, length)).toEqual(["failing"]);
        const back = [...down, { ...series.at(-1)!, at: down.length * DAY, fresh: 1 }];
        expect(alarmsAt(back, back.length)).toEqual([]);
      }),
    );
  });
});

test("the same series is judged the same, and its future does not change the past", () => {
  fc.assert(
    fc.property(source, fc.integer({ min: 1, max: LENGTH }), (one, length) => {
      const series = steady(one);
      const now = length * DAY - 1;
      expect(judge(series, now)).toEqual(judge(series.slice(0, length), now));
    }),
  );
});
