/** A series that is split is, taken together, the series that it was. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { instancesOf } from "../../src/domain/recurrence/expand.ts";
import { readSet } from "../../src/domain/recurrence/read-set.ts";
import type { Instance, PlacedSet } from "../../src/domain/recurrence/series.ts";
import { splitSets } from "../../src/domain/recurrence/split.ts";

const WINDOW = { from: Date.UTC(2025, 11), until: Date.UTC(2028, 0), limit: 2_000 };
const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

const ruleParts = fc.oneof(
  fc.constantFrom("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYMONTH=1,7"),
  fc
    .record({ interval: fc.integer({ min: 1, max: 3 }), days: fc.subarray(DAYS), wkst: fc.constantFrom("MO", "SU", "WE") })
    .map(({ interval, days, wkst }) => `FREQ=WEEKLY;INTERVAL=${interval};WKST=${wkst}${days.length > 0 ? `;BYDAY=${days.join(",")}` : ""}`),
  fc
    .record({ days: fc.subarray(DAYS, { minLength: 3 }), at: fc.constantFrom("1", "2", "-1", "1,-1") })
    .map(({ days, at }) => `FREQ=WEEKLY;BYDAY=${days.join(",")};BYSETPOS=${at}`),
  fc.constantFrom(
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=2",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=1,-1",
  ),
  fc.constantFrom("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=2,3", "FREQ=DAILY;BYHOUR=9,15,21"),
  fc.constantFrom(
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    "FREQ=YEARLY;BYYEARDAY=1,100,-1",
  ),
);
const ending = fc.oneof(
  fc.constant(""),
  fc.integer({ min: 1, max: 60 }).map((count) => `;COUNT=${count}`),
  fc.integer({ min: 0, max: 700 }).map((days) => `;UNTIL=${day(days).replaceAll("-", "")}T120000`),
);
const day = (days: number): string => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10);

const timedSet = fc
  .record({
    start: fc.integer({ min: 0, max: 300 }),
    hour: fc.integer({ min: 0, max: 23 }),
    zone: fc.constantFrom("America/Toronto", "Europe/Berlin", "UTC"),
    rule: fc.option(fc.tuple(ruleParts, ending), { nil: undefined }),
    more: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.constantFrom("", "/PT1H", "/PT90M")), {
      maxLength: 5,
      selector: ([one]) => one,
    }),
    not: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 5, selector: ([one]) => one }),
  })
  .map(({ start, hour, zone, rule, more, not }) => {
    const at = (days: number) => `${day(days)}T${String(hour).padStart(2, "0")}:30:00`;
    return read({
      dtstart: at(start),
      timezone: zone,
      duration: "PT2H",
      ...(rule && { rrule: rule.join("") }),
      ...(more.length > 0 && { rdate: more.map(([days, length]) => at(days) + length) }),
      ...(not.length > 0 && { exdate: not.map(([days, whole]) => (whole ? day(days) : at(days))) }),
    });
  });

const daySet = fc
  .record({
    start: fc.integer({ min: 0, max: 300 }),
    rule: fc.constantFrom("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;COUNT=9"),
  })
  .map(({ start, rule }) => read({ dtstart: day(start), timezone: "Europe/Berlin", duration: "P2D", rrule: rule }));

/** As the registry would hold it; undefined for a rule that it would refuse (one that never hits). */
function read(given: PlacedSet): PlacedSet | undefined {
  const found = readSet(given);
  return "set" in found ? (found.set as PlacedSet) : undefined;
}

const series = fc
  .array(fc.oneof({ weight: 3, arbitrary: timedSet }, daySet), { minLength: 1, maxLength: 3 })
  .map((sets) => sets.filter((set) => set !== undefined))
  .filter((sets) => sets.length > 0);

/** Without the number of its set, which a half counts anew. */
const bare = ({ set: _set, ...instance }: Instance) => instance;
const inOrder = (instances: readonly Instance[]) =>
  instances.map(bare).toSorted((a, b) => a.startAt - b.startAt || (a.recurrenceId < b.recurrenceId ? -1 : 1));

test("the halves of a series hold all of it, each occurrence once, on its side of the cut", () => {
  fc.assert(
    fc.property(series, fc.nat(), (sets, pick) => {
      const all = instancesOf(sets, WINDOW).instances;
      fc.pre(all.length > 0 && all.length < WINDOW.limit);
      const cut = all[pick % all.length]!.recurrenceId;
      const { before, after } = splitSets(sets, cut);
      const [first, second] = [instancesOf(before, WINDOW).instances, instancesOf(after, WINDOW).instances];
      expect(inOrder([...first, ...second])).toEqual(inOrder(all));
      expect(first.every((one) => one.recurrenceId < cut)).toBe(true);
      expect(second.every((one) => one.recurrenceId >= cut)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("a cut that loses the phase of the interval is noticed (control)", () => {
  const set: PlacedSet = { dtstart: "2026-05-01T19:00:00", timezone: "UTC", rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR" };
  const { before } = splitSets([set], "20260515T190000");
  const wrong = { ...set, dtstart: "2026-05-22T19:00:00" };
  expect(inOrder([...instancesOf(before, WINDOW).instances, ...instancesOf([wrong], WINDOW).instances])).not.toEqual(
    inOrder(instancesOf([set], WINDOW).instances),
  );
});
