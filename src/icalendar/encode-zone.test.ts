/** VTIMEZONEs agree with their zones: read by ical.js and by our own reader, compared with Temporal at every change. */
import ICAL from "ical.js";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { readCalendars } from "./components.ts";
import { readContentLines } from "./content-lines.ts";
import { encodeZone } from "./encode-zone.ts";
import { offsetIn } from "./zones.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Zones that were wrong in somebody's calendar: half-hour summer time, two changes a month, the date line, rules of other weekdays. */
const ZONES = [
  "America/Toronto",
  "Europe/Berlin",
  "Europe/Dublin",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
  "Pacific/Apia",
  "America/Santiago",
  "America/Nuuk",
  "Africa/Cairo",
  "Asia/Tehran",
  "Asia/Gaza",
  "Asia/Kolkata",
  "Pacific/Kiritimati",
  "Antarctica/Troll",
  "Etc/GMT+3",
];

const read = (zone: string, since: number) => {
  const text = encodeZone(zone, since);
  const [calendar] = readCalendars(readContentLines(Buffer.from(`BEGIN:VCALENDAR\r\n${text}END:VCALENDAR\r\n`)));
  return { text, component: calendar!.parts[0]! };
};
const offsetAt = (zone: string, instant: number) =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).offsetNanoseconds / 1e9;
const localOf = (instant: number, offset: number) => new Date(instant + offset * 1000).toISOString().slice(0, 19);

/** Instants before, at and after every change, and some between. */
function moments(zone: string, since: number, until: number): number[] {
  const all: number[] = [];
  for (let at = since; at < until; at += 97 * DAY + 5 * HOUR) all.push(at);
  let next = Temporal.Instant.fromEpochMilliseconds(since).toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  for (; next !== null && next.epochMilliseconds < until; next = next.getTimeZoneTransition("next")) {
    const at = next.epochMilliseconds;
    all.push(at - 26 * HOUR, at - HOUR, at - 1000, at, at + 1000, at + HOUR, at + 26 * HOUR);
  }
  return all.filter((at) => at >= since);
}

/** Local times of the second of two hours that read alike have no name, and are never written. */
const isFirst = (zone: string, instant: number, local: string) =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: "earlier" }).epochMilliseconds === instant;

const isLast = (zone: string, instant: number, local: string) =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(zone, { disambiguation: "later" }).epochMilliseconds === instant;

describe.each(ZONES)("%s", (zone) => {
  test.each([
    [1970, 2000],
    [2010, 2024],
    [2026, 2064],
  ])("from %i to %i is what it is, for our own reader", (year, last) => {
    const since = Date.UTC(year, 0, 1);
    const { component } = read(zone, since);
    const wrong: string[] = [];
    let compared = 0;
    for (const instant of moments(zone, since, Date.UTC(last, 0, 1))) {
      const offset = offsetAt(zone, instant);
      const local = localOf(instant, offset);
      if (!isFirst(zone, instant, local)) continue;
      compared++;
      const told = offsetIn(component, local);
      if (told !== offset) wrong.push(`${local}: ${offset}, told ${told}`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(compared).toBeGreaterThan(40);
  });

  test("is what it is, for ical.js, which takes the second of two hours that read alike", () => {
    const since = Date.UTC(2024, 0, 1);
    const timezone = new ICAL.Timezone(new ICAL.Component(ICAL.parse(encodeZone(zone, since)) as never));
    expect(timezone.tzid).toBe(zone);
    const wrong = moments(zone, since, Date.UTC(2032, 0, 1)).flatMap((instant) => {
      const offset = offsetAt(zone, instant);
      const local = localOf(instant, offset);
      if (!isFirst(zone, instant, local) || !isLast(zone, instant, local)) return [];
      const told = timezone.utcOffset(ICAL.Time.fromDateTimeString(local));
      return told === offset ? [] : [`${local}: ${offset}, told ${told}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

test("what follows a rule steadily is told by the rule, in few lines", () => {
  expect(encodeZone("America/Toronto", Date.UTC(2026, 4, 1)).split("\r\n")).toEqual([
    "BEGIN:VTIMEZONE",
    "TZID:America/Toronto",
    "BEGIN:STANDARD",
    "DTSTART:20251102T020000",
    "TZOFFSETFROM:-0400",
    "TZOFFSETTO:-0500",
    "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:20260308T020000",
    "TZOFFSETFROM:-0500",
    "TZOFFSETTO:-0400",
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
    "",
  ]);
  expect(encodeZone("America/Nuuk", Date.UTC(2026, 4, 1))).toContain("BYMONTHDAY=24,25,26,27,28,29,30;BYDAY=SA");
});

test("a zone that never changes has one observance", () => {
  expect(
    encodeZone("Asia/Kolkata", Date.UTC(2026, 4, 1))
      .split("\r\n")
      .slice(2, -2),
  ).toEqual(["BEGIN:STANDARD", "DTSTART:20260101T053000", "TZOFFSETFROM:+0530", "TZOFFSETTO:+0530", "END:STANDARD"]);
});

test.each(ZONES)("%s is short, from 1970 on", (zone) => {
  expect(encodeZone(zone, 0).length).toBeLessThan(8 * 1024);
});
