/** DTSTART, DTEND and DURATION of a VEVENT -> times as submissions hold them. */
import { instantAt } from "../domain/recurrence/zone-times.ts";
import { isFloating, placeIn } from "../domain/when.ts";
import { isBefore, readTime } from "../jsonld/time.ts";
import type { CalendarZones } from "./calendar-zones.ts";
import { propertyOf, valueOf, type Component } from "./components.ts";
import { rawValue, refuse, shown, type ContentLine } from "./content-lines.ts";
import { DAY_MS, readDuration, type Duration } from "./durations.ts";
import { zoneParameterOf } from "./zone-names.ts";
import { offsetText } from "./zones.ts";

export interface EventTimes {
  startDate: string;
  endDate?: string;
}

/**
 * A date ("2026-05-08"), an instant in its zone ("2026-05-09T00:00:00Z[America/Toronto]") or with its offset, or a
 * local time where nothing says the zone. Throws `invalid_body` naming the property.
 */
export function readTimes(event: Component, zones: CalendarZones): EventTimes {
  const start = propertyOf(event, "DTSTART");
  if (start === undefined) throw refuse("DTSTART", "expected the start as a date or date-time such as 20260508T200000Z, found nothing");
  const startDate = readMoment(start, event, zones);
  const end = propertyOf(event, "DTEND");
  if (end !== undefined) return { startDate, endDate: lastOf(startDate, readMoment(end, event, zones)) };
  const duration = valueOf(event, "DURATION");
  if (duration === undefined) return { startDate };
  return { startDate, endDate: endAfter(start, readDuration(duration), event, zones) };
}

/** One time of the event as readTimes gives it; `written` is its value where the line has several. */
export function readMoment(line: ContentLine, event: Component, zones: CalendarZones, written = rawValue(line), days = 0): string {
  const time = readTime(written);
  if ("fault" in time) throw refuse(line.name, time.fault);
  const value = days === 0 ? time.value : shift(line, time.value, days * DAY_MS);
  if (value.length === 10) return value;
  if (/;VALUE=DATE[;:]/i.test(line.text) || isAllDay(event, value)) return value.slice(0, 10);
  const tzid = zoneParameterOf(line);
  if (tzid === undefined || !isFloating(value)) return zones.ofCalendar === undefined ? value : placeIn(value, zones.ofCalendar);
  return placeInZone(line, value, tzid, zones);
}

function placeInZone(line: ContentLine, local: string, tzid: string, zones: CalendarZones): string {
  const zone = zones.find(tzid);
  if (zone?.name !== undefined) return inZone(local, zone.name);
  if (zone?.definition !== undefined) {
    const offset = zone.definition.offsetBy(local);
    const suffix = offsetText(offset);
    return suffix === undefined ? `${shift(line, local, -offset * 1000)}Z` : local + suffix;
  }
  if (zone?.known !== undefined) return inZone(local, zone.known);
  throw unknownZone(line, tzid);
}

/** An instant in milliseconds since 1970, as submissions hold it: "2026-05-08T23:00:00Z[America/Toronto]"; without a zone, a local time. */
export function momentIn(zone: string | undefined, instant: number): string {
  const time = new Date(instant).toISOString().replace(/\.\d+Z$/, "");
  return zone === undefined ? time : `${time}Z[${zone}]`;
}

/** As placeIn, which asks Temporal: 20 µs each, too much for a thousand exceptions. */
const inZone = (local: string, zone: string): string => momentIn(zone, instantAt(local.slice(0, 19), zone));

export function unknownZone(line: ContentLine, tzid: string): Error {
  return refuse(
    line.name,
    `expected a TZID of the IANA database such as America/Toronto, or a VTIMEZONE that defines it, found ${shown(tzid)}`,
  );
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

function endAfter(start: ContentLine, { days, milliseconds }: Duration, event: Component, zones: CalendarZones): string {
  const moved = readMoment(start, event, zones, rawValue(start), days);
  if (moved.length > 10) return shift(start, moved, milliseconds);
  return lastOf(readMoment(start, event, zones), shift(start, moved, Math.floor(milliseconds / DAY_MS) * DAY_MS));
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
