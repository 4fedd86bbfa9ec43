import { describe, expect, test } from "vitest";
import type { EventState, OverrideState } from "../state.ts";
import { occurrenceOfState, occurrencesOfState } from "./of-state.ts";
import type { PlacedSet } from "./instance.ts";

const timezone = "America/Toronto";
const seriesOf = (set: PlacedSet, overrides: OverrideState[] = [], doorLead?: number) =>
  ({ kind: "event", name: "Jazz", series: { recurrence: [set], overrides, ...(doorLead && { doorLead }) } }) as unknown as EventState;
const fridays: PlacedSet = { dtstart: "2026-05-08T19:00:00", timezone, duration: "PT2H", rrule: "FREQ=WEEKLY;COUNT=3" };
const EVER = { from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1), limit: 10 };

describe("what an event shows of its occurrences", () => {
  test("are times with the local offset", () => {
    const { occurrences } = occurrencesOfState(seriesOf(fridays, [], 3_600), EVER);
    expect(occurrences[0]).toEqual({
      recurrenceId: "20260508T190000",
      startDate: "2026-05-08T19:00:00-04:00",
      endDate: "2026-05-08T21:00:00-04:00",
      doorTime: "2026-05-08T18:00:00-04:00",
      timezone,
      allDay: false,
      overridden: false,
    });
    expect(occurrences).toHaveLength(3);
  });

  test("are dates where they have no time", () => {
    const days = { dtstart: "2026-03-07", timezone, duration: "P3D" };
    expect(occurrencesOfState(seriesOf(days), EVER).occurrences).toEqual([
      { recurrenceId: "20260307", startDate: "2026-03-07", endDate: "2026-03-09", timezone, allDay: true, overridden: false },
    ]);
  });

  test("is what one has of its own, and when it would have been", () => {
    const override: OverrideState = {
      recurrenceId: "20260515T190000",
      name: "Jazz at the lake",
      startDate: "2026-05-16T18:00:00-04:00",
      eventStatus: "EventRescheduled",
      offers: [{ price: "12", priceCurrency: "CAD" }],
    };
    expect(occurrenceOfState(seriesOf(fridays, [override]), "20260515T190000")).toEqual({
      recurrenceId: "20260515T190000",
      startDate: "2026-05-16T18:00:00-04:00",
      endDate: "2026-05-16T20:00:00-04:00",
      previousStartDate: "2026-05-15T19:00:00-04:00",
      timezone,
      allDay: false,
      name: "Jazz at the lake",
      eventStatus: "EventRescheduled",
      offers: [{ price: "12", priceCurrency: "CAD" }],
      overridden: true,
    });
  });

  test("may lose its time, or get one", () => {
    const toDay = occurrenceOfState(seriesOf(fridays, [{ recurrenceId: "20260515T190000", startDate: "2026-05-16" }]), "20260515T190000");
    expect(toDay).toMatchObject({ startDate: "2026-05-16", allDay: true, previousStartDate: "2026-05-15T19:00:00-04:00" });
    expect(toDay).not.toHaveProperty("endDate");
    const days = { dtstart: "2026-05-15", timezone };
    const timed = occurrenceOfState(seriesOf(days, [{ recurrenceId: "20260515", startDate: "2026-05-15T20:00:00-04:00" }]), "20260515");
    expect(timed).toMatchObject({ startDate: "2026-05-15T20:00:00-04:00", allDay: false, previousStartDate: "2026-05-15" });
  });

  test("is on the day that is said, also where another set is in another zone", () => {
    const days: PlacedSet = { dtstart: "2026-05-02", timezone, duration: "P2D", rrule: "FREQ=WEEKLY;COUNT=2" };
    const berlin: PlacedSet = { ...fridays, timezone: "Europe/Berlin" };
    const state = (override: OverrideState) =>
      ({ kind: "event", name: "Fair", series: { recurrence: [berlin, days], overrides: [override] } }) as unknown as EventState;
    const moved = state({ recurrenceId: "20260502", startDate: "2026-05-05" });
    const expected = { startDate: "2026-05-05", endDate: "2026-05-06", previousStartDate: "2026-05-02", timezone };
    expect(occurrenceOfState(moved, "20260502")).toMatchObject(expected);
    // Between its midnight in Berlin and that in Toronto, where it is, nothing begins.
    const [inBerlin, inToronto] = [Date.UTC(2026, 4, 4, 22), Date.UTC(2026, 4, 5, 4)];
    expect(occurrencesOfState(moved, { from: inToronto, until: inToronto + 1, limit: 9 }).occurrences).toMatchObject([expected]);
    expect(occurrencesOfState(moved, { from: inBerlin, until: inBerlin + 1, limit: 9 }).occurrences).toEqual([]);
    const longer = state({ recurrenceId: "20260502", endDate: "2026-05-04" });
    expect(occurrenceOfState(longer, "20260502")).toMatchObject({ startDate: "2026-05-02", endDate: "2026-05-04" });
  });

  test("is nothing of an event that is no series", () => {
    expect(occurrencesOfState({ kind: "event", name: "Once" } as EventState, EVER)).toEqual({ occurrences: [], more: false });
  });
});
