/** What holds of every recurrence, whatever its rule and its zone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instancesOf, localOf, recurrenceIdOf } from "../../src/domain/recurrence/expand.ts";
import type { Instance, PlacedSet } from "../../src/domain/recurrence/instance.ts";
import { readSet } from "../../src/domain/recurrence/read-set.ts";
import { parseRule, writeRule } from "../../src/domain/recurrence/rule.ts";
import { occurrencesOf, type TimedOverride } from "../../src/domain/recurrence/series.ts";
import { wallTimes } from "../../src/domain/recurrence/wall-times.ts";
import { instantAt, localAt, transitionsOf } from "../../src/domain/recurrence/zone-times.ts";

const DAY = 86_400_000;
const ZONES = [
  "America/Toronto",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Pacific/Apia",
  "America/Sao_Paulo",
  "Asia/Tehran",
  "Pacific/Kiritimati",
  "UTC",
];
const EVER = { from: Number.NEGATIVE_INFINITY, until: Date.UTC(2300, 0, 1), limit: 300 };

const zone = fc.constantFrom(...ZONES);
const day = fc.integer({ min: Date.UTC(1990, 0, 1) / DAY, max: Date.UTC(2040, 0, 1) / DAY });
const dtstart = fc
  .tuple(day, fc.integer({ min: 0, max: 95 }))
  .map(([date, quarter]) => new Date(date * DAY + quarter * 900_000).toISOString().slice(0, 19));

const some = <T>(values: readonly T[], most = 4) => fc.subarray([...values], { minLength: 1, maxLength: most });
const upTo = (length: number, from = 1) => Array.from({ length }, (_, index) => index + from);
const signed = (most: number) => [...upTo(most), ...upTo(most).map((value) => -value)];
const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const COUNTED = [...WEEKDAYS, "1MO", "2TU", "-1FR", "5SU", "-2WE", "3TH"];

/** Each part comes in some rules; together they are what RFC 5545 allows for that frequency. */
const maybe = (name: string, values: fc.Arbitrary<readonly (string | number)[]>) =>
  fc.option(values, { nil: undefined, freq: 1 }).map((list) => (list === undefined ? [] : [`${name}=${list.join(",")}`]));
const parts = {
  DAILY: [maybe("BYMONTH", some(upTo(12))), maybe("BYMONTHDAY", some(signed(31))), maybe("BYDAY", some(WEEKDAYS))],
  WEEKLY: [maybe("BYMONTH", some(upTo(12), 11)), maybe("BYDAY", some(WEEKDAYS)), maybe("WKST", some(WEEKDAYS, 1))],
  MONTHLY: [maybe("BYMONTH", some(upTo(12))), maybe("BYMONTHDAY", some(signed(31))), maybe("BYDAY", some(COUNTED))],
  YEARLY: [
    maybe("BYMONTH", some(upTo(12))),
    maybe("BYYEARDAY", some(signed(366), 9)),
    maybe("BYDAY", some(COUNTED)),
    maybe("WKST", some(WEEKDAYS, 1)),
  ],
  WEEKS: [maybe("BYWEEKNO", some(signed(53))), maybe("BYDAY", some(WEEKDAYS)), maybe("WKST", some(WEEKDAYS, 1))],
} as const;
const rrule = fc.constantFrom(...(Object.keys(parts) as (keyof typeof parts)[])).chain((kind) =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 7 }),
      fc.tuple(...(parts[kind] as readonly ReturnType<typeof maybe>[])),
      maybe("BYHOUR", some(upTo(24, 0))),
      fc.option(fc.constantFrom("COUNT=7", "COUNT=40", "UNTIL=20550101T000000"), { nil: undefined, freq: 1 }),
      fc.option(fc.constantFrom("1", "-1", "2", "-3,2"), { nil: undefined, freq: 3 }),
    )
    .map(([interval, dated, hours, end, position]) => {
      const by = [...dated, hours].flat();
      const chosen = position !== undefined && by.some((part) => !part.startsWith("WKST")) ? [`BYSETPOS=${position}`] : [];
      return [
        `FREQ=${kind === "WEEKS" ? "YEARLY" : kind}`,
        `INTERVAL=${interval}`,
        ...by,
        ...chosen,
        ...(end === undefined ? [] : [end]),
      ].join(";");
    }),
);

/** Sets as readSet leaves them; rules that never happen fall away. */
const placedSet: fc.Arbitrary<PlacedSet> = fc
  .record({ dtstart, timezone: zone, rrule, duration: fc.option(fc.constantFrom("PT2H", "P1D"), { nil: undefined }) })
  .map(({ duration, ...given }) => ({ given, read: readSet({ ...given, ...(duration !== undefined && { duration }) }) }))
  .filter(({ read }) => "set" in read)
  .map(({ given, read }) => ({ ...(read as { set: PlacedSet }).set, timezone: given.timezone }));

const someSets = fc.array(placedSet, { minLength: 1, maxLength: 3 });

const ids = (instances: readonly Instance[]) => instances.map(({ recurrenceId }) => recurrenceId);
const starts = (instances: readonly Instance[]) => instances.map(({ startAt }) => startAt);
const RUNS = { numRuns: 200 };

describe("the instances of a set", () => {
  test("are the same expanded to A and then to B as to B at once", () => {
    fc.assert(
      fc.property(someSets, fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 1_500 }), (sets, first, second) => {
        const from = Date.parse(`${sets[0]!.dtstart}Z`) - DAY;
        const [a, b] = [from + first * DAY, from + (first + second) * DAY];
        const limit = 20_000;
        const parted = [
          ...instancesOf(sets, { from, until: a, limit }).instances,
          ...instancesOf(sets, { from: a, until: b, limit }).instances,
        ];
        const atOnce = instancesOf(sets, { from, until: b, limit });
        expect(parted).toEqual(atOnce.instances);
        expect(instancesOf(sets, { from, until: b, limit })).toEqual(atOnce);
      }),
      RUNS,
    );
  });

  test("are found far from the start as by walking there", () => {
    fc.assert(
      fc.property(placedSet, fc.integer({ min: 0, max: 20_000 }), (set, days) => {
        const rule = parseRule(set.rrule!);
        if ("fault" in rule) throw new Error(rule.fault);
        const first = Date.parse(`${set.dtstart}Z`);
        const [from, until] = [first + days * DAY, first + (days + 800) * DAY];
        const walked = [...wallTimes(rule, first, first, until)].filter((wall) => wall >= from);
        expect([...wallTimes(rule, first, from, until)]).toEqual(walked);
      }),
      RUNS,
    );
  });

  test("are in order of start, each once, and cut by the limit", () => {
    fc.assert(
      fc.property(someSets, fc.integer({ min: 1, max: 50 }), (sets, limit) => {
        const all = instancesOf(sets, EVER);
        const few = instancesOf(sets, { ...EVER, limit });
        expect(starts(all.instances)).toEqual(starts(all.instances).toSorted((a, b) => a - b));
        expect(new Set(ids(all.instances)).size).toBe(all.instances.length);
        expect(few.instances).toEqual(all.instances.slice(0, limit));
        expect(few.more).toBe(all.instances.length > limit);
      }),
      RUNS,
    );
  });

  test("are at the rule's own time of day, but where the zone skips it", () => {
    fc.assert(
      fc.property(placedSet, (set) => {
        for (const { recurrenceId, startAt } of instancesOf([set], { ...EVER, limit: 60 }).instances) {
          const wanted = localOf(recurrenceId);
          const moved = Date.parse(`${localAt(startAt, set.timezone)}Z`) - Date.parse(`${wanted}Z`);
          const change = transitionsOf(set.timezone, startAt - 2 * DAY, startAt + 1).at(-1);
          const gap = change === undefined ? 0 : (change.offsetAfter - change.offsetBefore) * 1_000;
          expect([0, gap], `${wanted} in ${set.timezone}`).toContain(moved);
        }
      }),
      RUNS,
    );
  });

  test("begin with dtstart, once the set was read; reading it again changes nothing", () => {
    fc.assert(
      fc.property(placedSet, (set) => {
        expect(readSet(set)).toEqual({ set });
        const rule = parseRule(set.rrule!);
        expect("fault" in rule ? rule : writeRule(rule)).toBe(set.rrule);
        const first = instancesOf([set], { ...EVER, limit: 1 }).instances[0]!;
        // Of two that a gap makes one, the later is left.
        expect(first.startAt).toBe(instantAt(set.dtstart, set.timezone));
      }),
      RUNS,
    );
  });
});

describe("an exception", () => {
  test("survives every change of the rule that leaves it its day", () => {
    const weekly = fc.record({
      weekday: fc.constantFrom(...WEEKDAYS),
      hour: fc.integer({ min: 4, max: 23 }),
      timezone: zone,
      which: fc.integer({ min: 0, max: 30 }),
      laterHour: fc.integer({ min: 4, max: 23 }),
      more: some(WEEKDAYS, 7),
      end: fc.constantFrom("", ";COUNT=500", ";UNTIL=20290101T000000"),
    });
    fc.assert(
      fc.property(weekly, ({ weekday, hour, timezone, which, laterHour, more, end }) => {
        const placed = (rule: string, at: number) => {
          const read = readSet({ dtstart: `2026-01-01T${String(at).padStart(2, "0")}:00:00`, timezone, rrule: rule });
          if ("fault" in read) throw new Error(read.fault.detail);
          return { ...read.set, timezone };
        };
        const before = placed(`FREQ=WEEKLY;BYDAY=${weekday}`, hour);
        const named = instancesOf([before], EVER).instances[which]!.recurrenceId;
        const overrides = new Map<string, TimedOverride & { name: string }>([[named, { name: "at the lake" }]]);
        const after = placed(`FREQ=WEEKLY;BYDAY=${[...new Set([weekday, ...more])].join(",")}${end}`, laterHour);
        const { occurrences } = occurrencesOf({ sets: [after], overrides }, EVER);
        const bearers = occurrences.filter(({ override }) => override !== undefined);
        expect(bearers.map(({ recurrenceId }) => recurrenceId.slice(0, 8))).toEqual([named.slice(0, 8)]);
        // And sleeps while its day is not of the rule.
        const other = WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 1) % 7]!;
        const asleep = occurrencesOf({ sets: [placed(`FREQ=WEEKLY;BYDAY=${other}`, hour)], overrides }, EVER);
        expect(asleep.occurrences.every(({ override }) => override === undefined)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("names of occurrences", () => {
  test("are their local starts, there and back", () => {
    fc.assert(
      fc.property(dtstart, (local) => {
        expect(localOf(recurrenceIdOf(local))).toBe(local);
        expect(localOf(recurrenceIdOf(local.slice(0, 10)))).toBe(local.slice(0, 10));
      }),
    );
  });
});
