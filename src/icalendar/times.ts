/** DTSTART, DTEND, DURATION and RECURRENCE-ID of a VEVENT -> times as submissions hold them. */
import { isFloating, isZone, placeIn } from "../domain/when.ts";
import { isBefore, readTime } from "../jsonld/time.ts";
import { propertyOf, valueOf, type Component } from "./components.ts";
import { rawValue, refuse, shown, type ContentLine } from "./content-lines.ts";
import { zoneOfWindows } from "./windows-zones.ts";
import { definedZoneOf, offsetIn, offsetText, zoneNameOf, zoneParameterOf } from "./zones.ts";

export interface EventTimes {
  startDate: string;
  endDate?: string;
}

/**
 * A date ("2026-05-08"), an instant in its zone ("2026-05-09T00:00:00Z[America/Toronto]") or with its offset, or a
 * local time where nothing says the zone. Throws `invalid_body` naming the property.
 */
export function readTimes(event: Component, calendar: Component): EventTimes {
  const start = propertyOf(event, "DTSTART");
  if (start === undefined) throw refuse("DTSTART", "expected the start as a date or date-time such as 20260508T200000Z, found nothing");
  const startDate = readMoment(start, event, calendar);
  const end = propertyOf(event, "DTEND");
  if (end !== undefined) return { startDate, endDate: lastOf(startDate, readMoment(end, event, calendar)) };
  const duration = valueOf(event, "DURATION");
  if (duration === undefined) return { startDate };
  return { startDate, endDate: endAfter(start, readDuration(duration), event, calendar) };
}

/** RECURRENCE-ID as it stands in the id of what takes one occurrence's place: "20260508T200000Z". */
export function readRecurrenceId(event: Component): string | undefined {
  return valueOf(event, "RECURRENCE-ID")?.replace(/[-:]/g, "");
}

function readMoment(line: ContentLine, event: Component, calendar: Component, days = 0): string {
  const written = rawValue(line);
  const time = readTime(written);
  if ("fault" in time) throw refuse(line.name, time.fault);
  const value = days === 0 ? time.value : shift(line, time.value, days * DAY_MS);
  if (value.length === 10) return value;
  if (/;VALUE=DATE[;:]/i.test(line.text) || isAllDay(event, value)) return value.slice(0, 10);
  const tzid = zoneParameterOf(line);
  const ofCalendar = calendarZone(calendar);
  if (tzid === undefined || !isFloating(value)) return ofCalendar === undefined ? value : placeIn(value, ofCalendar);
  return placeInZone(line, value, tzid, calendar);
}

function placeInZone(line: ContentLine, local: string, tzid: string, calendar: Component): string {
  const name = zoneNameOf(tzid);
  if (name !== undefined) return placeIn(local, name);
  const definition = calendar.parts.find((part) => definedZoneOf(part) === tzid);
  const offset = definition && definition.fault === undefined ? offsetIn(definition, local) : undefined;
  if (offset !== undefined) {
    const suffix = offsetText(offset);
    return suffix === undefined ? `${shift(line, local, -offset * 1000)}Z` : local + suffix;
  }
  const known = definition && valueOf(definition, "X-LIC-LOCATION");
  const zone = known !== undefined && isZone(known) ? known : zoneOfWindows(tzid);
  if (zone !== undefined) return placeIn(local, zone);
  throw refuse(
    line.name,
    `expected a TZID of the IANA database such as America/Toronto, or a VTIMEZONE that defines it, found ${shown(tzid)}`,
  );
}

/** X-WR-TIMEZONE; "UTC" is what calendars say that were never told their zone. */
function calendarZone(calendar: Component): string | undefined {
  const zone = valueOf(calendar, "X-WR-TIMEZONE");
  return zone !== undefined && !/^(Etc\/)?(UTC|GMT|UCT|Zulu)$/i.test(zone) && isZone(zone) ? zone : undefined;
}

/** Outlook writes all-day events from midnight to midnight, and marks them. */
function isAllDay(event: Component, value: string): boolean {
  return value.slice(11, 19) === "00:00:00" && /^true$/i.test(valueOf(event, "X-MICROSOFT-CDO-ALLDAYEVENT") ?? "");
}

/** An end that is a date is where the event has ended already (section 3.6.1): its last day is the one before. */
function lastOf(start: string, end: string): string {
  if (isBefore(end, start)) throw refuse("DTEND", `expected an end not before the start ${start}, found ${end}`);
  if (end.length > 10) return end;
  const last = new Date(Date.parse(`${end}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10);
  return last < start.slice(0, 10) ? start.slice(0, 10) : last;
}

const DAY_MS = 86_400_000;

/** Weeks and days are days of the calendar, hours and less are exact (section 3.3.6). */
interface Duration {
  days: number;
  milliseconds: number;
}

function readDuration(written: string): Duration {
  const [all, sign, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] =
    /^([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?$/i.exec(written) ?? [];
  if (all === undefined || sign === "-" || /[PT]$/i.test(all))
    throw refuse("DURATION", `expected a duration such as PT2H30M or P1D, found ${shown(written)}`);
  return {
    days: Number(weeks) * 7 + Number(days),
    milliseconds: (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000,
  };
}

function endAfter(start: ContentLine, { days, milliseconds }: Duration, event: Component, calendar: Component): string {
  const moved = readMoment(start, event, calendar, days);
  if (moved.length > 10) return shift(start, moved, milliseconds);
  return lastOf(readMoment(start, event, calendar), shift(start, moved, Math.floor(milliseconds / DAY_MS) * DAY_MS));
}

/** The same time later; what says its zone stays, because its offset does. */
function shift(line: ContentLine, time: string, milliseconds: number): string {
  const isDay = time.length === 10;
  const [, local = "", rest = ""] = /^(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d)?)(?:\.\d+)?(.*)$/.exec(time) ?? [];
  const moved = new Date(Date.parse(isDay ? `${local}T00:00:00Z` : `${local}Z`) + milliseconds);
  if (Number.isNaN(moved.getTime()) || moved.getUTCFullYear() > 9999 || moved.getUTCFullYear() < 1000)
    throw refuse(line.name, `expected a time between the years 1000 and 9999, found ${shown(line.text)}`);
  return moved.toISOString().slice(0, isDay ? 10 : 19) + rest;
}
