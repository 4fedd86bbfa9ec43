/** Whatever clock an EXDATE, RDATE or RECURRENCE-ID is told by, it means the same occurrence. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { instancesOf } from "../../src/domain/recurrence/expand.ts";
import type { PlacedSet } from "../../src/domain/recurrence/series.ts";
import { instantAt, localAt } from "../../src/domain/recurrence/zone-times.ts";
import { decodeCalendar, decodeVevent } from "../../src/icalendar/decode.ts";

const ZONES = [
  "America/Toronto",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Asia/Kolkata",
  "America/Sao_Paulo",
  "Pacific/Apia",
  "Asia/Tehran",
];
const zone = fc.constantFrom(...ZONES);
/** Within summer and winter, and across every change of a year; at night, when clocks change, and in the evening. */
const start = fc
  .tuple(fc.integer({ min: 0, max: 364 }), fc.constantFrom("00:00:00", "01:30:00", "02:30:00", "19:00:00"))
  .map(([day, time]) => `${new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10)}T${time}`);
const COUNT = 12;
const basic = (local: string): string => local.replaceAll(/[-:]/g, "");

function fieldsOf(...lines: string[]) {
  const file = [
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "UID:1@lanterns.example",
    "SUMMARY:Open stage",
    "LOCATION:Harbour Hall",
    ...lines,
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  const [item, ...others] = decodeCalendar(Buffer.from(file.join("\r\n"))).events;
  if (item === undefined || "problem" in item || others.length > 0) throw new Error(`expected one event, found ${JSON.stringify(item)}`);
  return decodeVevent(item.payload).fields;
}

test("one occurrence, named by its own clock, by UTC and by the clock of another zone", () => {
  let compared = 0;
  fc.assert(
    fc.property(zone, zone, start, fc.integer({ min: 0, max: COUNT - 1 }), (own, other, dtstart, index) => {
      const series = [`DTSTART;TZID=${own}:${basic(dtstart)}`, "DURATION:PT1H", `RRULE:FREQ=DAILY;COUNT=${COUNT}`];
      const window = { from: Number.NEGATIVE_INFINITY, until: Date.UTC(2100), limit: 2 * COUNT };
      const { instances } = instancesOf(fieldsOf(...series).recurrence as PlacedSet[], window);
      const one = instances[index]!;
      const elsewhere = localAt(one.startAt, other);
      // A clock that shows a time twice cannot tell the second of them.
      fc.pre(instantAt(elsewhere, other) === one.startAt);
      compared++;
      const left = instances.filter((instance) => instance !== one).map(({ startAt }) => startAt);
      const names = [
        `;TZID=${own}:${one.recurrenceId}`,
        `:${basic(localAt(one.startAt, "Etc/UTC"))}Z`,
        `;TZID=${other}:${basic(elsewhere)}`,
      ];
      for (const name of names) {
        const without = fieldsOf(...series, `EXDATE${name}`).recurrence as PlacedSet[];
        expect(
          instancesOf(without, window).instances.map(({ startAt }) => startAt),
          `EXDATE${name}`,
        ).toEqual(left);
        const renamed = ["END:VEVENT", "BEGIN:VEVENT", "UID:1@lanterns.example", `RECURRENCE-ID${name}`, "SUMMARY:Finale"];
        expect(fieldsOf(...series, ...renamed).overrides, `RECURRENCE-ID${name}`).toEqual({ [one.recurrenceId]: { name: "Finale" } });
      }
    }),
    { numRuns: 150 },
  );
  expect(compared).toBeGreaterThan(100);
});
