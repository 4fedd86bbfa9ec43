import { expect, test } from "vitest";
import type { EventState } from "../domain/state.ts";
import { occurrenceAt } from "./matching-occurrence.ts";

const timezone = "America/Toronto";
/** Since its last change it is at eight o'clock; until then it was at seven. */
const state = {
  kind: "event",
  timezone,
  allDay: false,
  series: {
    recurrence: [{ dtstart: "2026-05-08T20:00:00", timezone, rrule: "FREQ=WEEKLY" }],
    overrides: [{ recurrenceId: "20260508T190000", name: "Opening night" }],
  },
} as unknown as EventState;

test("an occurrence is found by its name, where it is at the time of its row", () => {
  expect(occurrenceAt(state, "2026-05-09T00:00:00Z", "2026-05-08", "20260508T190000")).toMatchObject({ name: "Opening night" });
});

test("a row of the past keeps its time, when the rule has another one now", () => {
  expect(occurrenceAt(state, "2026-05-08T23:00:00Z", "2026-05-08", "20260508T190000")).toEqual({
    startDate: "2026-05-08T19:00:00-04:00",
    timezone,
    allDay: false,
  });
});
