/** From winning claims to the event as it is shown, and from a status to a lifecycle state. */
import { describe, expect, test } from "vitest";
import { canonicalEvent, firstState, nextState, restated } from "./canonical.ts";
import { RegistryError } from "./errors.ts";
import type { Claim } from "./provenance.ts";
import type { EventFields, FieldName } from "./submission.ts";

const winners = (fields: Partial<EventFields>): Map<FieldName, Claim> =>
  new Map(
    Object.entries({ type: "Event", name: "Jazz", startDate: "2026-05-08", ...fields }).map(([field, value]) => [
      field as FieldName,
      { field: field as FieldName, value, sourceId: "a", trust: 5, confidence: 1, observedAt: 0, pinned: false, licenseStatus: "cc0" },
    ]),
  );
const canonical = (fields: Partial<EventFields>, zone?: string) => canonicalEvent(winners(fields), () => zone);

describe("the state that follows a status", () => {
  test.each([
    ["published", "EventCancelled", false, "cancelled"],
    ["published", "EventPostponed", false, "postponed"],
    ["published", "EventRescheduled", true, "rescheduled"],
    ["published", "EventMovedOnline", false, "published"],
    ["published", undefined, true, "published"], // a corrected start is a correction
    ["cancelled", "EventScheduled", false, "published"],
    ["postponed", "EventScheduled", true, "rescheduled"],
    ["postponed", "EventPostponed", false, "postponed"],
    ["rescheduled", "EventScheduled", false, "rescheduled"],
    ["sold_out", "EventScheduled", false, "sold_out"],
    ["withdrawn", undefined, false, "withdrawn"],
    ["completed", "EventScheduled", false, "completed"],
    ["draft", "EventScheduled", false, "draft"],
  ] as const)("%s, now said to be %s (moved: %s): %s", (current, status, moved, expected) => {
    expect(nextState(current, status, moved)).toBe(expected);
  });

  test.each([
    ["postponed", "EventScheduled", false],
    ["cancelled", "EventPostponed", false],
    ["cancelled", "EventRescheduled", true],
    ["withdrawn", "EventCancelled", false],
    ["completed", "EventCancelled", false],
    ["draft", "EventCancelled", false],
  ] as const)("%s, now said to be %s (moved: %s): refused", (current, status, moved) => {
    expect(() => nextState(current, status, moved)).toThrow(RegistryError);
  });

  test.each([
    [undefined, "published"],
    ["EventScheduled", "published"],
    ["EventMovedOnline", "published"],
    ["EventCancelled", "cancelled"],
    ["EventPostponed", "postponed"],
    ["EventRescheduled", "rescheduled"],
  ] as const)("of an event that nobody has spoken of before, said to be %s: %s", (status, expected) => {
    expect(firstState(status)).toBe(expected);
  });

  test("when another source's word takes over, the event is what that word says, as if it had come first", () => {
    expect(restated("postponed", "EventScheduled")).toBe("published");
    expect(restated("cancelled", "EventRescheduled")).toBe("rescheduled");
    expect(restated("published", "EventCancelled")).toBe("cancelled");
  });

  test("and what no status speaks of stays, whosever word it is", () => {
    for (const state of ["draft", "pending_review", "sold_out", "withdrawn", "completed"] as const)
      expect(restated(state, "EventScheduled")).toBe(state);
    expect(() => restated("completed", "EventCancelled")).toThrow(RegistryError);
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
