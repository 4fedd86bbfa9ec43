import { expect, test } from "vitest";
import { openSeries } from "./series.ts";

const parts = [
  { "@type": "Event", name: "First night", startDate: "2026-05-01" },
  { "@type": "Event", name: "Second night", startDate: "2026-05-08" },
];
const open = (eventSchedule?: object) =>
  openSeries({
    raw: { "@type": "EventSeries", name: "Nights", subEvent: parts, ...(eventSchedule && { eventSchedule }) },
    pointer: "",
    contexts: [],
    optional: false,
  });

test("a series that lists whole events is those events", () => {
  expect(open().map(({ raw }) => (raw as { name: string }).name)).toEqual(["First night", "Second night"]);
});

test.each([
  { byDay: "Friday" },
  { "schema:repeatFrequency": "P1W" },
  { "sel:rrule": "FREQ=WEEKLY" },
  [{ startTime: "19:00" }, { byMonthDay: 1 }],
])("one with a rule stays one event, and they are its exceptions: %j", (schedule) => {
  expect(open(schedule).map(({ raw }) => (raw as { name: string }).name)).toEqual(["Nights"]);
});

test("a schedule without a rule does not hold it together", () => {
  expect(open({ startTime: "19:00", startDate: "2026-05-01" })).toHaveLength(2);
});
