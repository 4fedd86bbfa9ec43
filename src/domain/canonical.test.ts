/** From winning claims to the event as it is shown, and from a status to a lifecycle state. */
import { describe, expect, test } from "vitest";
import { canonicalEvent, inSequence, nextState, stateOf } from "./canonical.ts";
import { RegistryError } from "./errors.ts";
import type { Claim } from "./provenance.ts";
import type { EventFields, ClaimField } from "./submission.ts";

const winners = (fields: Partial<EventFields>): Map<ClaimField, Claim> =>
  new Map(
    Object.entries({ type: "Event", name: "Jazz", startDate: "2026-05-08", ...fields }).map(([field, value]) => [
      field as ClaimField,
      { field: field as ClaimField, value, sourceId: "a", trust: 5, confidence: 1, observedAt: 0, pinned: false, licenseStatus: "cc0" },
    ]),
  );
const canonical = (fields: Partial<EventFields>, zone?: string) => canonicalEvent(winners(fields), () => zone);

describe("the state that a status means", () => {
  test.each([
    [undefined, "published"],
    ["EventScheduled", "published"],
    ["EventMovedOnline", "published"],
    ["EventCancelled", "cancelled"],
    ["EventPostponed", "postponed"],
    ["EventRescheduled", "rescheduled"],
  ] as const)("%s: %s", (status, expected) => {
    expect(stateOf(status)).toBe(expected);
  });

  test.each([
    ["sold_out", "EventScheduled", "sold_out"],
    ["sold_out", "EventCancelled", "cancelled"],
    ["withdrawn", undefined, "withdrawn"],
    ["completed", "EventScheduled", "completed"],
    ["draft", "EventScheduled", "draft"],
    ["cancelled", "EventPostponed", "postponed"], // cancelled by hand, and then the deciding word is another one
  ] as const)("of an event that is %s by hand, now said to be %s: %s", (current, status, expected) => {
    expect(nextState(current, status)).toBe(expected);
  });

  test.each([
    ["withdrawn", "EventCancelled"],
    ["completed", "EventCancelled"],
    ["draft", "EventCancelled"],
  ] as const)("of an event that is %s by hand, now said to be %s: refused", (current, status) => {
    expect(() => nextState(current, status)).toThrow(RegistryError);
  });
});

describe("what a source says of its own event, after what it said before", () => {
  const MAY = { type: "Event", name: "Jazz", startDate: "2026-05-08" } as const;
  const JUNE = { ...MAY, startDate: "2026-06-05" };
  const [postponed, rescheduled, cancelled] = [
    { ...MAY, eventStatus: "EventPostponed" },
    { ...JUNE, eventStatus: "EventRescheduled", previousStartDate: "2026-05-08" },
    { ...MAY, eventStatus: "EventCancelled" },
  ] as const;
  test.each<[string, Partial<EventFields>, EventFields, EventFields]>([
    ["the first word is what it is", {}, { ...JUNE, eventStatus: "EventRescheduled" }, { ...JUNE, eventStatus: "EventRescheduled" }],
    ["a corrected start is a correction", MAY, JUNE, JUNE],
    ["a rescheduled event says where it was", MAY, { ...JUNE, eventStatus: "EventRescheduled" }, rescheduled],
    [
      "its own word about that stands",
      MAY,
      { ...rescheduled, previousStartDate: "2026-05-01" },
      { ...rescheduled, previousStartDate: "2026-05-01" },
    ],
    ["a new start reschedules a postponed event", postponed, JUNE, rescheduled],
    [
      "said again without a word on it, it stays rescheduled",
      rescheduled,
      { ...JUNE, url: "https://rex.example" },
      { ...rescheduled, url: "https://rex.example" },
    ],
    ["a cancelled event is reinstated", cancelled, { ...MAY, eventStatus: "EventScheduled" }, { ...MAY, eventStatus: "EventScheduled" }],
  ])("%s", (_, before, now, expected) => {
    expect(inSequence(before, now)).toEqual(expected);
  });

  test.each([
    ["postponed, then scheduled on the same day", postponed, MAY],
    ["cancelled, then postponed", cancelled, postponed],
    ["cancelled, then rescheduled", cancelled, rescheduled],
  ])("%s: refused by the table", (_, before, now) => {
    expect(() => inSequence(before, now)).toThrow(expect.objectContaining({ code: "invalid_transition" }));
  });
});

describe("when", () => {
  test("a plain date is read where the place is, and stays a date", () => {
    expect(canonical({}, "America/Toronto").occurrences).toEqual([
      { startAt: Date.parse("2026-05-08T04:00:00Z"), timezone: "America/Toronto", startIsDate: true, endIsDate: false },
    ]);
    expect(canonical({}).occurrences[0]).toMatchObject({ startAt: Date.parse("2026-05-08T00:00:00Z"), timezone: "UTC" });
  });

  test("an end that is a date, on the day of a timed start, is not before it", () => {
    const start = "2026-05-09T02:00:00Z[America/Toronto]";
    const [first] = canonical({ startDate: start, endDate: "2026-05-08" }).occurrences;
    expect(first).toMatchObject({ endAt: Date.parse("2026-05-09T02:00:00Z"), endIsDate: true });
  });

  test("an end before the start is left out", () => {
    expect(canonical({ endDate: "2026-05-07" }).occurrences[0]).not.toHaveProperty("endAt");
    expect(canonical({ endDate: "2026-05-09" }).occurrences[0]).toHaveProperty("endAt");
  });

  test("the days of an event come in their order, each with its own status", () => {
    const days = canonical({
      subEvent: [{ startDate: "2026-05-10", eventStatus: "EventCancelled" }, { startDate: "2026-05-09" }],
    }).occurrences;
    expect(days.map((day) => [new Date(day.startAt).toISOString().slice(0, 10), day.eventStatus])).toEqual([
      ["2026-05-09", undefined],
      ["2026-05-10", "EventCancelled"],
    ]);
  });
});

describe("what else follows", () => {
  test("the range of prices is of one currency, compared as numbers, kept as text", () => {
    const offers = [
      { price: "9.50", priceCurrency: "CAD" },
      { lowPrice: "10", highPrice: "100.00", priceCurrency: "CAD" },
      { price: "1", priceCurrency: "USD" },
    ];
    expect(canonical({ offers }).prices).toEqual({ low: "9.50", high: "100.00", currency: "CAD" });
    expect(canonical({}).prices).toEqual({});
  });

  test("the domain is said, or follows from the type", () => {
    expect([
      canonical({}).domain,
      canonical({ type: "MusicEvent" }).domain,
      canonical({ type: "MusicEvent", eventDomain: "community" }).domain,
    ]).toEqual(["general", "music", "community"]);
  });
});
