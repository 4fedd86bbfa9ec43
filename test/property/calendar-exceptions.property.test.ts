/** Whatever clock an EXDATE, RDATE or RECURRENCE-ID is told by, it means the same occurrence. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { instancesOf } from "../../src/domain/recurrence/expand.ts";
import type { PlacedSet } from "../../src/domain/recurrence/series.ts";
import { instantAt, localAt } from "../../src/domain/recurrence/zone-times.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import { decodeCalendar, decodeVevent } from "../../src/icalendar/decode.ts";
import { prepare } from "../../src/registry/prepare.ts";

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

/** Values as they are, as they should not be, and from the ends of the calendar. */
const TIMES = [
  "20260508T190000",
  "20260508T190000Z",
  "20260508",
  "20260310T023000",
  "99991231T233000",
  "99991231",
  "10000101T000000Z",
  "20260230T100000",
  "20260508T190000[Europe/Berlin]",
  "20260508T190000+0530",
  "",
  "now",
];
const RULES = [
  "FREQ=DAILY",
  "FREQ=DAILY;COUNT=3",
  "freq=weekly;byday=fr;until=20260701T000000Z",
  "FREQ=YEARLY;UNTIL=20300101",
  "FREQ=HOURLY;COUNT=5",
  "FREQ=",
  "",
];
const time = fc.constantFrom(...TIMES);
const parameter = fc.constantFrom(
  "",
  "",
  ";VALUE=DATE",
  ";TZID=America/Toronto",
  ";TZID=Own",
  ";TZID=Nobody",
  ";VALUE=PERIOD",
  ";RANGE=THISANDFUTURE",
);
const list = fc.array(time, { minLength: 1, maxLength: 3 }).map((values) => values.join(","));
const line = fc.oneof(
  fc.constantFrom(...RULES).map((rule) => `RRULE:${rule}`),
  fc.tuple(fc.constantFrom("EXDATE", "RDATE"), parameter, list).map((parts) => `${parts[0]}${parts[1]}:${parts[2]}`),
  fc
    .tuple(parameter, time, fc.constantFrom("PT1H", "P1D", "20260509T190000", "-PT1H"))
    .map(([own, start, end]) => `RDATE${own}:${start}/${end}`),
  fc.tuple(fc.constantFrom("DTEND", "DTSTART"), parameter, time).map((parts) => `${parts[0]}${parts[1]}:${parts[2]}`),
  fc.constantFrom(
    "DURATION:PT2H",
    "DURATION:P3D",
    "DURATION:P999999DT9H",
    "STATUS:CANCELLED",
    "SUMMARY:Other",
    "EXRULE:FREQ=DAILY",
    "CLASS:PRIVATE",
    "SEQUENCE:2",
  ),
);
const OWN_ZONE = [
  "BEGIN:VTIMEZONE",
  "TZID:Own",
  "BEGIN:STANDARD",
  "DTSTART:19700101T000000",
  "TZOFFSETFROM:+0117",
  "TZOFFSETTO:+0117",
  "END:STANDARD",
  "END:VTIMEZONE",
];

test("any rules, dates and exceptions are a series that can be prepared, or are refused by name", () => {
  let series = 0;
  const begin = fc.tuple(parameter, time).map((parts) => `DTSTART${parts[0]}:${parts[1]}`);
  const exception = fc
    .tuple(parameter, time, fc.array(line, { maxLength: 3 }))
    .map(([own, id, lines]) => ["BEGIN:VEVENT", "UID:1", `RECURRENCE-ID${own}:${id}`, ...lines, "END:VEVENT"]);
  fc.assert(
    fc.property(begin, fc.array(line, { maxLength: 5 }), fc.array(exception, { maxLength: 3 }), (dtstart, lines, exceptions) => {
      const master = ["BEGIN:VEVENT", "UID:1", "SUMMARY:Open stage", "LOCATION:Harbour Hall", dtstart, ...lines, "END:VEVENT"];
      const file = ["BEGIN:VCALENDAR", ...OWN_ZONE, ...master, ...exceptions.flat(), "END:VCALENDAR"];
      for (const item of decodeCalendar(Buffer.from(file.join("\r\n"))).events) {
        if ("problem" in item) continue;
        try {
          const submission = decodeVevent(item.payload);
          const received = { payload: item.payload, mediaType: "text/calendar" };
          const { fields } = prepare(submission, received, { defaultTimezone: "America/Toronto" }, "https://a.example").submission;
          if (fields.recurrence === undefined) continue;
          series++;
          expect(
            instancesOf(fields.recurrence as PlacedSet[], { from: Number.NEGATIVE_INFINITY, until: Date.UTC(10_001), limit: 3 }).instances,
          ).not.toEqual([]);
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error;
          expect(error.problem.status).toBe(422);
        }
      }
    }),
    {
      numRuns: 3_000,
      examples: [
        ["DTSTART:99991231", ["DTEND:99991231T233000", "RDATE:99991231/P1D"], []],
        [
          "DTSTART:99991231T233000",
          ["RDATE:20260508T190000"],
          [
            [
              "BEGIN:VEVENT",
              "UID:1",
              "RECURRENCE-ID;RANGE=THISANDFUTURE:20260310T023000",
              "DTSTART;TZID=America/Toronto:20260310T023000",
              "END:VEVENT",
            ],
          ],
        ],
      ],
    },
  );
  // About 145, and in one of ten thousand runs fewer than 100.
  expect(series).toBeGreaterThan(50);
});
