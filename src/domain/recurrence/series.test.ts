import { describe, expect, test } from "vitest";
import { localAt } from "./zone-times.ts";
import { occurrencesOf, occurrenceNamed, type Occurrence, type PlacedSet, type TimedOverride } from "./series.ts";

const timezone = "America/Toronto";
/** Fridays at seven, two hours long. */
const fridays: PlacedSet = { dtstart: "2026-05-08T19:00:00", timezone, duration: "PT2H", rrule: "FREQ=WEEKLY;BYDAY=FR" };
const at = (text: string) => Date.parse(text);
const MAY = { from: at("2026-05-01T00:00:00-04:00"), until: at("2026-06-01T00:00:00-04:00"), limit: 100 };

type Named = TimedOverride & { name?: string };
const overridden = (overrides: Record<string, Named>, sets = [fridays]) => ({ sets, overrides: new Map(Object.entries(overrides)) });
const starts = ({ occurrences }: { occurrences: Occurrence<Named>[] }) =>
  occurrences.map(({ startAt }) => localAt(startAt, timezone).slice(5, 16));
const names = ({ occurrences }: { occurrences: Occurrence<Named>[] }) => occurrences.map(({ override }) => override?.name);

describe("the occurrences of a series", () => {
  test("are its instances, with doors before each", () => {
    const { occurrences, more } = occurrencesOf({ sets: [fridays], doorLead: 1_800, overrides: new Map() }, { ...MAY, limit: 2 });
    expect(more).toBe(true);
    expect(occurrences).toEqual([
      {
        recurrenceId: "20260508T190000",
        set: 0,
        timezone,
        startAt: at("2026-05-08T19:00:00-04:00"),
        endAt: at("2026-05-08T21:00:00-04:00"),
        doorAt: at("2026-05-08T18:30:00-04:00"),
        isDate: false,
      },
      expect.objectContaining({ recurrenceId: "20260515T190000" }),
    ]);
  });

  test("stand where they were moved to, in order and as long as before", () => {
    const series = overridden({ "20260508T190000": { startAt: at("2026-05-20T12:00:00-04:00") } });
    const found = occurrencesOf(series, MAY);
    expect(starts(found)).toEqual(["05-15T19:00", "05-20T12:00", "05-22T19:00", "05-29T19:00"]);
    expect(found.occurrences[1]).toMatchObject({
      recurrenceId: "20260508T190000",
      endAt: at("2026-05-20T14:00:00-04:00"),
      movedFrom: { startAt: at("2026-05-08T19:00:00-04:00"), isDate: false },
    });
  });

  test("are in the window where they now are, and not where they were", () => {
    const series = overridden({
      "20260529T190000": { startAt: at("2026-06-02T19:00:00-04:00") },
      "20260605T190000": { startAt: at("2026-05-30T19:00:00-04:00") },
    });
    expect(starts(occurrencesOf(series, MAY))).toEqual(["05-08T19:00", "05-15T19:00", "05-22T19:00", "05-30T19:00"]);
  });

  test("are cut by the limit after all were moved", () => {
    const series = overridden({
      "20260508T190000": { startAt: at("2026-05-28T19:00:00-04:00") },
      "20260605T190000": { startAt: at("2026-05-02T19:00:00-04:00") },
    });
    const { occurrences, more } = occurrencesOf(series, { ...MAY, limit: 2 });
    expect(starts({ occurrences })).toEqual(["05-02T19:00", "05-15T19:00"]);
    expect(more).toBe(true);
  });

  test("keep their length in days where they have no time, across a change of clocks", () => {
    const fair: PlacedSet = { dtstart: "2026-02-27", timezone, duration: "P3D", rrule: "FREQ=YEARLY" };
    const series = overridden({ "20260227": { startAt: at("2026-03-07T00:00:00-05:00"), isDate: true } }, [fair]);
    const moved = occurrenceNamed(series, "20260227")!;
    expect([moved.startAt, moved.endAt!].map((instant) => localAt(instant, timezone))).toEqual([
      "2026-03-07T00:00:00",
      "2026-03-09T00:00:00",
    ]);
  });
});

describe("an override", () => {
  const eight: PlacedSet = { ...fridays, dtstart: "2026-05-08T20:00:00" };
  const late = { "20260515T190000": { name: "at the lake" } };

  test("follows its day when the rule's hour changes", () => {
    const found = occurrencesOf(overridden(late, [eight]), MAY);
    expect(starts(found)).toEqual(["05-08T20:00", "05-15T20:00", "05-22T20:00", "05-29T20:00"]);
    expect(names(found)).toEqual([undefined, "at the lake", undefined, undefined]);
  });

  test("sleeps while its day is not of the rule", () => {
    const saturdays: PlacedSet = { ...fridays, dtstart: "2026-05-09T19:00:00", rrule: "FREQ=WEEKLY;BYDAY=SA" };
    expect(names(occurrencesOf(overridden(late, [saturdays]), MAY)).every((name) => name === undefined)).toBe(true);
    expect(occurrenceNamed(overridden(late, [saturdays]), "20260515T190000")).toBeUndefined();
  });

  test("keeps away from an instance that has one of its own", () => {
    const twice: PlacedSet = { ...fridays, dtstart: "2026-05-08T15:00:00", rrule: "FREQ=WEEKLY;BYDAY=FR;BYHOUR=15,20" };
    const overrides = {
      "20260515T150000": { name: "matinee" },
      "20260515T190000": { name: "evening" },
      "20260515T220000": { name: "nobody's" },
    };
    const { occurrences } = occurrencesOf(overridden(overrides, [twice]), MAY);
    const ofDay = occurrences.filter(({ recurrenceId }) => recurrenceId.startsWith("20260515"));
    expect(ofDay.map(({ recurrenceId, override }) => [recurrenceId, override?.name])).toEqual([
      ["20260515T150000", "matinee"],
      ["20260515T200000", "evening"],
    ]);
  });

  test("is found by its own name and by its occurrence's", () => {
    const series = overridden(late, [eight]);
    expect(occurrenceNamed(series, "20260515T190000")).toEqual(occurrenceNamed(series, "20260515T200000"));
    expect(occurrenceNamed(series, "20260515T200000")).toMatchObject({
      recurrenceId: "20260515T200000",
      override: { name: "at the lake" },
    });
    expect(occurrenceNamed(series, "20260522T190000"), "no such instance, and no override of that name").toBeUndefined();
  });
});

describe("an end of its own", () => {
  const fridays = { dtstart: "2026-05-08T21:00:00", timezone: "America/Toronto", duration: "PT2H", rrule: "FREQ=WEEKLY;BYDAY=FR" };
  const on15May = { from: Date.UTC(2026, 4, 15, 12), until: Date.UTC(2026, 4, 17), limit: 5 };
  const toronto = (local: string) => Date.parse(`${local}-04:00`);

  test("that lies before the start which the rule gives by now is none", () => {
    const late = { ...fridays, dtstart: "2026-05-08T22:30:00" };
    const overrides = new Map([["20260515T210000", { endAt: toronto("2026-05-15T22:00:00") }]]);
    const [occurrence] = occurrencesOf({ sets: [late], overrides }, on15May).occurrences;
    expect(occurrence).toMatchObject({ startAt: toronto("2026-05-15T22:30:00"), endAt: toronto("2026-05-16T00:30:00") });
  });

  test("that is a day is that day, never its midnight", () => {
    const overrides = new Map([["20260515T210000", { endAt: toronto("2026-05-15T00:00:00"), endIsDate: true }]]);
    const [occurrence] = occurrencesOf({ sets: [fridays], overrides }, on15May).occurrences;
    expect(occurrence).toMatchObject({ endAt: toronto("2026-05-15T21:00:00"), endIsDate: true });
  });
});
