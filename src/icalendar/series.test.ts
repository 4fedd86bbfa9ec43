/** RRULE, RDATE, EXDATE and RECURRENCE-ID: what a VEVENT with them says, and what is no way to say it. */
import { describe, expect, test } from "vitest";
import { RegistryError } from "../domain/errors.ts";
import type { EventFields, EventSubmission, RecurrenceSet } from "../domain/submission.ts";
import { concertState, FEED } from "../../test/support/event-feeds.ts";
import { calendar, FRIDAYS, NIGHT, vevent, WEEKLY } from "../../test/support/vevents.ts";
import { decodeCalendar, decodeVevent } from "./decode.ts";
import { encodeCalendar } from "./encode.ts";

/** The only event of a calendar. */
function only(...lines: string[]): EventSubmission {
  const [item, ...others] = decodeCalendar(calendar(...lines)).events;
  if (item === undefined || others.length > 0) throw new Error(`expected one event, found ${item === undefined ? 0 : others.length + 1}`);
  if ("problem" in item) throw new RegistryError("invalid_body", { detail: item.problem.detail });
  return decodeVevent(item.payload);
}
const fieldsOf = (...lines: string[]): EventFields => only(...vevent(...lines)).fields;
const SET = { dtstart: "2026-05-08T19:00:00", timezone: "America/Toronto", duration: "PT2H", rrule: "FREQ=WEEKLY;COUNT=4" };

test("a rule is kept in the local time of DTSTART; UNTIL in UTC becomes local, too", () => {
  expect(fieldsOf(...FRIDAYS, WEEKLY)).toMatchObject({
    startDate: "2026-05-08T23:00:00Z[America/Toronto]",
    endDate: "2026-05-09T01:00:00Z[America/Toronto]",
    recurrence: [SET],
  });
  expect(fieldsOf(...FRIDAYS, "RRULE:FREQ=WEEKLY;UNTIL=20261205T000000Z").recurrence).toEqual([
    { ...SET, rrule: "FREQ=WEEKLY;UNTIL=20261204T190000" },
  ]);
});

test("the length by DTEND is exact, by DURATION as it is said: a day is a day, also of 25 hours", () => {
  const over = (line: string) => fieldsOf("DTSTART;TZID=America/Toronto:20261031T180000", line, "RRULE:FREQ=DAILY;COUNT=2");
  expect(over("DURATION:P1D")).toMatchObject({ endDate: "2026-11-01T23:00:00Z[America/Toronto]", recurrence: [{ duration: "P1D" }] });
  expect(over("DTEND;TZID=America/Toronto:20261101T180000")).toMatchObject({
    endDate: "2026-11-01T23:00:00Z[America/Toronto]",
    recurrence: [{ duration: "PT25H" }],
  });
});

test("days without times: DTEND is the day after the last, and UNTIL is a day", () => {
  const camp = fieldsOf("DTSTART;VALUE=DATE:20260703", "DTEND;VALUE=DATE:20260706", "RRULE:FREQ=WEEKLY;UNTIL=20260801T000000Z");
  expect(camp).toMatchObject({
    startDate: "2026-07-03",
    endDate: "2026-07-05",
    recurrence: [{ dtstart: "2026-07-03", duration: "P3D", rrule: "FREQ=WEEKLY;UNTIL=20260801" }],
  });
  expect(camp.recurrence![0]).not.toHaveProperty("timezone");
});

test("the fields' times are those of the first occurrence that takes place", () => {
  expect(fieldsOf(...FRIDAYS, WEEKLY, "EXDATE;TZID=America/Toronto:20260508T190000")).toMatchObject({
    startDate: "2026-05-15T23:00:00Z[America/Toronto]",
    endDate: "2026-05-16T01:00:00Z[America/Toronto]",
  });
});

test("a DTSTART that the rule does not hit takes place all the same, and COUNT counts what the rule gives", () => {
  expect(fieldsOf("DTSTART;TZID=America/Toronto:20260506T190000", "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2")).toMatchObject({
    startDate: "2026-05-06T23:00:00Z[America/Toronto]",
    recurrence: [{ dtstart: "2026-05-08T19:00:00", rrule: "FREQ=WEEKLY;COUNT=2;BYDAY=FR", rdate: ["2026-05-06T19:00:00"] }],
  });
});

test("UNTIL in UTC beside a start without a zone stays UTC, for whoever finds the zone", () => {
  expect(fieldsOf("DTSTART:20260508T190000", "RRULE:FREQ=WEEKLY;UNTIL=20260605T170000Z")).toMatchObject({
    startDate: "2026-05-08T19:00:00",
    recurrence: [{ dtstart: "2026-05-08T19:00:00", rrule: "FREQ=WEEKLY;UNTIL=20260605T170000Z" }],
  });
});

test("an RDATE of DTSTART itself, or an EXDATE without a rule, makes no series", () => {
  expect(fieldsOf(...FRIDAYS, "RDATE;TZID=America/Toronto:20260508T190000")).not.toHaveProperty("recurrence");
  expect(fieldsOf(...FRIDAYS, "EXDATE;TZID=America/Toronto:20260515T190000")).not.toHaveProperty("recurrence");
});

describe("what we write at its largest, we read", () => {
  const many = (count: number, from: string) =>
    Array.from({ length: count }, (_, n) => new Date(Date.parse(`${from}Z`) + n * 86_400_000).toISOString().slice(0, 19));
  const back = (set: RecurrenceSet & { timezone: string }) => {
    const [item] = decodeCalendar(
      Buffer.from(encodeCalendar([concertState({ series: { recurrence: [set] } })], { ...FEED, refreshMinutes: 60 })),
    ).events;
    if (item === undefined || "problem" in item) throw new Error(item?.problem.detail ?? "expected an event");
    return decodeVevent(item.payload).fields.recurrence;
  };

  test("1,000 dates beside the first", () => {
    const set = {
      dtstart: "2026-05-08T19:00:00",
      timezone: "America/Toronto",
      duration: "PT2H",
      rdate: many(1_000, "2026-05-09T19:00:00"),
    };
    expect(back(set)).toEqual([set]);
  });

  test("1,000 days left out, each of which would have had 24 times: they are days again", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => hour).join(",");
    const exdate = many(1_000, "2026-05-09T00:00:00").map((day) => day.slice(0, 10));
    const set = {
      dtstart: "2026-05-08T00:00:00",
      timezone: "America/Toronto",
      duration: "PT20M",
      rrule: `FREQ=DAILY;BYHOUR=${hours}`,
      exdate,
    };
    expect(back(set)).toEqual([set]);
    const [, ...others] = exdate;
    // One that keeps a time is none that is left out.
    const times = hours
      .split(",")
      .slice(1)
      .map((hour) => `2026-05-09T${hour.padStart(2, "0")}:00:00`);
    expect(back({ ...set, exdate: [...others.slice(0, 900), ...times].toSorted() })![0]!.exdate).toEqual([
      ...times,
      ...others.slice(0, 900),
    ]);
  });
});

describe("which edition it is", () => {
  test("SEQUENCE and LAST-MODIFIED are told, DTSTAMP is not: it is mostly the time of the export", () => {
    const { revision } = only(...vevent(...FRIDAYS, "SEQUENCE:7", "LAST-MODIFIED:20260102T030405Z", "DTSTAMP:20260501T000000Z"));
    expect(revision).toEqual({ sequence: 7, modifiedAt: Date.parse("2026-01-02T03:04:05Z") });
    expect(only(...vevent(...FRIDAYS, "DTSTAMP:20260501T000000Z"))).not.toHaveProperty("revision");
    expect(only(...vevent(...FRIDAYS, "SEQUENCE:seven"))).not.toHaveProperty("revision");
  });

  test.each([
    ["SEQUENCE before LAST-MODIFIED", ["SEQUENCE:2", "LAST-MODIFIED:20260101T000000Z"], ["SEQUENCE:1", "LAST-MODIFIED:20260201T000000Z"]],
    [
      "LAST-MODIFIED before DTSTAMP",
      ["LAST-MODIFIED:20260102T000000Z", "DTSTAMP:20260102T000000Z"],
      ["LAST-MODIFIED:20260101T000000Z", "DTSTAMP:20260301T000000Z"],
    ],
    ["DTSTAMP last", ["DTSTAMP:20260102T000000Z"], ["DTSTAMP:20260101T000000Z"]],
  ])("of two of one UID the newer is taken, wherever it stands: %s", (_, newer, older) => {
    const editions = [vevent(...FRIDAYS, ...newer, "COMMENT:newer"), vevent(...FRIDAYS, ...older, "COMMENT:older")];
    for (const order of [editions, editions.toReversed()]) {
      const items = decodeCalendar(calendar(...order.flat())).events;
      expect(items.map((item) => "payload" in item && item.payload.includes("COMMENT:newer"))).toEqual([true]);
    }
  });

  test("where nothing tells, the later is taken and the earlier is reported", () => {
    const items = decodeCalendar(calendar(...vevent(...FRIDAYS, "COMMENT:one"), ...vevent(...FRIDAYS, "COMMENT:two"))).events;
    expect(items).toMatchObject([
      { pointer: "VEVENT 1 (UID 1@lanterns.example)", problem: { code: "invalid_body" } },
      { pointer: "VEVENT 2 (UID 1@lanterns.example)" },
    ]);
  });
});

describe("an occurrence of its own", () => {
  const series = vevent(...FRIDAYS, WEEKLY, "URL:https://lanterns.example/stage");
  const one = (...lines: string[]) => [
    "BEGIN:VEVENT",
    "UID:1@lanterns.example",
    "RECURRENCE-ID;TZID=America/Toronto:20260515T190000",
    ...lines,
    "END:VEVENT",
  ];
  const overridesOf = (...lines: string[]) => only(...series, ...one(...lines)).fields.overrides;
  const AS_USUAL = ["DTSTART;TZID=America/Toronto:20260515T190000", "DTEND;TZID=America/Toronto:20260515T210000"];

  test.each([
    ["nothing", [...AS_USUAL, ...NIGHT, "URL:https://lanterns.example/stage", "STATUS:CONFIRMED", "DESCRIPTION:Only tonight"], undefined],
    [
      "the time alone",
      ["DTSTART;TZID=America/Toronto:20260515T200000", "DTEND;TZID=America/Toronto:20260515T220000"],
      { startDate: "2026-05-16T00:00:00Z[America/Toronto]" },
    ],
    ["a time in another zone, without an end", ["DTSTART:20260516T000000Z"], { startDate: "2026-05-16T00:00:00Z[America/Toronto]" }],
    [
      "the end alone",
      ["DTSTART;TZID=America/Toronto:20260515T190000", "DTEND;TZID=America/Toronto:20260515T230000"],
      { endDate: "2026-05-16T03:00:00Z[America/Toronto]" },
    ],
    ["a whole day in place of the evening", ["DTSTART;VALUE=DATE:20260516", "DTEND;VALUE=DATE:20260517"], { startDate: "2026-05-16" }],
    ["cancelled", [...AS_USUAL, "STATUS:CANCELLED"], { eventStatus: "EventCancelled" }],
    ["renamed", [...AS_USUAL, "SUMMARY:Finale"], { name: "Finale" }],
    [
      "elsewhere",
      [...AS_USUAL, "LOCATION:Boathouse\\, Centre Island"],
      { location: { name: "Boathouse", address: { streetAddress: "Centre Island" } } },
    ],
    [
      "online, too",
      [...AS_USUAL, "CONFERENCE;VALUE=URI:https://lanterns.example/live"],
      { virtualLocation: { url: "https://lanterns.example/live" } },
    ],
    ["at another address", [...AS_USUAL, "URL:https://lanterns.example/finale"], { url: "https://lanterns.example/finale" }],
  ])("differs in %s", (_, lines, override) => {
    expect(overridesOf(...lines)).toEqual(override && { "20260515T190000": override });
  });

  test("ends when it ends, also where that is when all others do, but not the one that it is", () => {
    const longer = "RDATE;VALUE=PERIOD;TZID=America/Toronto:20260515T190000/PT5H";
    const daily = vevent(...FRIDAYS, "RRULE:FREQ=WEEKLY;COUNT=4", longer);
    expect(only(...daily, ...one(...AS_USUAL)).fields.overrides).toEqual({
      "20260515T190000": { endDate: "2026-05-16T01:00:00Z[America/Toronto]" },
    });
    const asPeriod = ["DTSTART;TZID=America/Toronto:20260515T190000", "DTEND;TZID=America/Toronto:20260516T000000"];
    expect(only(...daily, ...one(...asPeriod)).fields.overrides).toBeUndefined();
  });

  test("may be named by a day, by UTC, or on another clock", () => {
    for (const id of [";VALUE=DATE:20260515", ":20260515T230000Z", ";TZID=Europe/Berlin:20260516T010000", ":20260515T190000"]) {
      const overriding = one("SUMMARY:Finale").map((line) => (line.startsWith("RECURRENCE-ID") ? `RECURRENCE-ID${id}` : line));
      expect(only(...series, ...overriding).fields.overrides, id).toEqual({ "20260515T190000": { name: "Finale" } });
    }
  });

  test("stands before its series as well as after it", () => {
    expect(only(...one("SUMMARY:Finale"), ...series).fields.overrides).toEqual({ "20260515T190000": { name: "Finale" } });
  });

  test("of an event that does not recur is an event by itself", () => {
    const items = decodeCalendar(calendar(...vevent(...FRIDAYS), ...one(...AS_USUAL, ...NIGHT))).events;
    expect(items.map((item) => ("payload" in item ? decodeVevent(item.payload).identifiers : item.problem))).toEqual([
      ["1@lanterns.example"],
      ["1@lanterns.example/20260515T190000"],
    ]);
  });

  test("and all that follow: each range is said of the series as it was, and what one occurrence says itself counts more", () => {
    const range = (day: string, hour: string, ...lines: string[]) => [
      "BEGIN:VEVENT",
      "UID:1@lanterns.example",
      `RECURRENCE-ID;TZID=America/Toronto;RANGE=THISANDFUTURE:${day}T190000`,
      `DTSTART;TZID=America/Toronto:${day}T${hour}0000`,
      ...lines,
      "END:VEVENT",
    ];
    const single = [
      "BEGIN:VEVENT",
      "UID:1@lanterns.example",
      "RECURRENCE-ID;TZID=America/Toronto:20260529T190000",
      "SUMMARY:Finale",
      "END:VEVENT",
    ];
    const { fields } = only(...series, ...single, ...range("20260522", "18", "SUMMARY:Late spring"), ...range("20260515", "20"));
    expect(fields.recurrence).toEqual([
      { ...SET, rrule: "FREQ=WEEKLY;COUNT=1" },
      { ...SET, dtstart: "2026-05-15T20:00:00", rrule: "FREQ=WEEKLY;COUNT=1" },
      { ...SET, dtstart: "2026-05-22T18:00:00", rrule: "FREQ=WEEKLY;COUNT=2" },
    ]);
    expect(fields.overrides).toEqual({
      "20260522T180000": { name: "Late spring" },
      "20260529T180000": { name: "Late spring" },
      "20260529T190000": { name: "Finale" },
    });
  });
});
