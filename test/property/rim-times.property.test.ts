/** Times at the rims of the calendar: whatever zone makes of them, one event is taken or refused, and nobody's calendar breaks. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_KEY, anEvent, openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
beforeAll(async () => {
  node = await openTestNode();
});
afterAll(() => node[Symbol.asyncDispose]());

const at = (latitude: number, longitude: number) => ({
  "@type": "Place",
  name: "Hall",
  geo: { "@type": "GeoCoordinates", latitude, longitude },
});
const PLACES = {
  newYork: at(40.71, -74),
  tokyo: at(35.68, 139.69),
  kiritimati: at(1.87, -157.4),
  niue: at(-19.05, -169.86),
  nowhere: { "@type": "Place", name: "Hall" },
};
const daily = (endDate: string, more: object = {}) => ({
  "@type": "Schedule",
  repeatFrequency: "P1D",
  startDate: "2027-05-01",
  endDate,
  startTime: "19:00",
  duration: "PT1H",
  scheduleTimezone: "America/Toronto",
  ...more,
});

async function post(event: Record<string, unknown>) {
  const answer = await node.ask("/api/v1/events", { method: "POST", key: ADMIN_KEY, body: anEvent(event) });
  const text = await answer.text();
  // The reason of a failure stands in the log alone.
  return { status: answer.status, text: answer.status < 500 ? text : JSON.stringify(node.log.at(-2)) };
}
const LATE = "9999-12-31T23:59:59";

test.each<[string, Record<string, unknown>, RegExp]>([
  ["a start", { startDate: "9999-12-31T19:00:00-05:00", endDate: undefined }, /\/startDate/],
  [
    "a start that Tokyo's clocks show in the next year",
    { startDate: `${LATE}Z`, endDate: undefined, location: PLACES.tokyo },
    /\/startDate/,
  ],
  ["a local start in New York", { startDate: LATE, endDate: undefined, location: PLACES.newYork }, /\/startDate/],
  ["an end", { endDate: `${LATE}-01:00` }, /\/endDate/],
  [
    "an end that the start's zone shows in the next year",
    { startDate: "2027-05-01T19:00:00+09:00", endDate: `${LATE}Z`, location: PLACES.nowhere },
    /\/endDate/,
  ],
  ["doors", { doorTime: `${LATE}-14:00` }, /\/doorTime/],
  ["a previous start", { eventStatus: "EventRescheduled", previousStartDate: `${LATE}-05:00` }, /\/previousStartDate/],
  ["a sub-event", { subEvent: [{ "@type": "Event", name: "Late", startDate: `${LATE}-05:00` }] }, /\/subEvent\/0\/startDate/],
  ["a schedule that begins on the last day", { eventSchedule: daily("9999-12-31", { startDate: "9999-12-31" }) }, /\/eventSchedule/],
])("%s beyond the year 9999 is refused, and named", async (_what, event, pointer) => {
  const { status, text } = await post(event);
  expect(status, text).toBe(422);
  expect(text).toMatch(pointer);
});

test.each<[string, Record<string, unknown>]>([
  ["every day for ever, as some write it", { eventSchedule: daily("9999-12-31") }],
  ["every day for ever, of whole days", { eventSchedule: daily("9999-12-31", { startTime: undefined, duration: "P10D" }) }],
  [
    "every few thousand years",
    { eventSchedule: daily("9999-12-31", { repeatFrequency: "FREQ=YEARLY;INTERVAL=3986", duration: "P3000D" }) },
  ],
  ["an exhibition without an end", { startDate: "2027-05-01", endDate: "9999-12-31", location: PLACES.tokyo }],
  ["the last second of UTC", { endDate: `${LATE}Z`, location: PLACES.newYork }],
  [
    "an end on the start's day that is before that day elsewhere",
    { startDate: "9999-12-31", endDate: "9999-12-31T00:59:59[Asia/Tokyo]", location: PLACES.nowhere },
  ],
  ["the last day", { startDate: "9999-12-31", endDate: undefined, location: PLACES.niue }],
])("%s is taken, and stands in calendars", async (name, event) => {
  const { status, text } = await post({ name, ...event });
  expect([201, 202], text).toContain(status);
  const { pathname } = new URL((JSON.parse(text) as { "@id": string })["@id"]);
  for (const path of [`${pathname}.ics`, pathname, `/api/v1${pathname}`, `/api/v1${pathname}/occurrences`])
    expect([path, (await node.ask(path)).status]).toEqual([path, 200]);
});

test("no time near a rim makes the node fail, nor breaks its calendar", async () => {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom("0000-12-31", "0001-01-01", "0999-12-31", "-000001-01-01", "+010000-01-01") },
    { weight: 12, arbitrary: fc.constantFrom("1000-01-01", "1000-01-02", "2027-05-01") },
  );
  const late = fc.oneof({ weight: 1, arbitrary: day }, { weight: 6, arbitrary: fc.constantFrom("9999-12-30", "9999-12-31") });
  const zone = fc.constantFrom("", "Z", "+14:00", "-14:00", "-12:00", "+09:00", "-05:00", "[Asia/Tokyo]", "[America/New_York]");
  const some = (date: fc.Arbitrary<string>) =>
    fc.oneof(
      date,
      fc.tuple(date, fc.nat(23), zone).map(([on, hour, offset]) => `${on}T${two(hour)}:59:59${offset}`),
    );
  const [when, end] = [some(fc.oneof(day, late)), some(late)];
  const schedule = fc.record(
    {
      "@type": fc.constant("Schedule"),
      repeatFrequency: fc.constantFrom(
        "P1D",
        "P1Y",
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;UNTIL=00010101T000000Z",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=HOURLY;COUNT=2",
      ),
      startDate: day,
      endDate: late,
      startTime: fc.constantFrom("00:00", "19:00", "23:59:59"),
      duration: fc.constantFrom("PT1H", "P1D", "P3000D"),
      scheduleTimezone: fc.constantFrom("America/Toronto", "Pacific/Kiritimati", "Asia/Tokyo", "UTC"),
      exceptDate: when,
      additionalDate: when,
    },
    { requiredKeys: ["@type", "repeatFrequency", "startDate"] },
  );
  const event = fc.record(
    {
      startDate: when,
      endDate: fc.option(end, { nil: undefined }),
      doorTime: when,
      previousStartDate: when,
      eventStatus: fc.constantFrom("EventScheduled", "EventRescheduled"),
      subEvent: fc.array(
        fc.record({ "@type": fc.constant("Event"), name: fc.constantFrom("Rim", "Another"), startDate: when, endDate: end }),
        { maxLength: 2 },
      ),
      eventSchedule: schedule,
      location: fc.constantFrom(...Object.values(PLACES)),
    },
    { requiredKeys: ["startDate", "endDate"] },
  );
  const taken: string[] = [];
  let number = 0;
  await fc.assert(
    fc.asyncProperty(event, async (fields) => {
      const { status, text } = await post({ name: `Rim ${(number += 1)}`, ...fields });
      expect([200, 201, 202, 422], text).toContain(status);
      if (status < 300) taken.push(new URL((JSON.parse(text) as { "@id": string })["@id"]).pathname);
    }),
    { numRuns: 300 },
  );
  expect(taken.length).toBeGreaterThan(10);
  for (const path of taken) for (const end of [".ics", ""]) expect([path, (await node.ask(path + end)).status]).toEqual([path, 200]);
  const calendar = await (await node.ask("/api/v1/events.ics")).text();
  expect(calendar).toMatch(/END:VCALENDAR\r\n$/);
  expect(node.log.filter(({ msg }) => msg === "an event was left out of a calendar")).toEqual([]);
  for (const [, year] of calendar.matchAll(/^(?:DTSTART|DTEND|UNTIL)[^:]*:(\d+)/gm)) expect(year).toHaveLength(8);
});
