/** Times of a state -> DTSTART, DTEND and their like: local times of a named zone, which has its VTIMEZONE, or UTC. */
import type { OccurrenceState } from "../domain/state.ts";
import { instantAt, localAt } from "../domain/recurrence/zone-times.ts";
import { instantOf, isDate, placeIn } from "../domain/when.ts";
import { compact, contentLine, utc } from "./encode-lines.ts";

/** What a calendar tells of zones. */
export interface ZoneUse {
  /** Milliseconds since 1970: its VTIMEZONEs begin here, and what lies before is written in UTC. */
  since: number;
  /** Sees to it that the calendar has this zone's VTIMEZONE. */
  use(zone: string): void;
}

const DAY_MS = 86_400_000;

export const isUtc = (zone: string): boolean => zone === "UTC" || zone === "Etc/UTC";

/**
 * "DTSTART;TZID=America/Toronto:20260508T210000", "DTSTART:20260509T010000Z", "DTSTART;VALUE=DATE:20260508"; `time` is
 * RFC 3339 with the local offset of `zone`, or a date. UTC also for what local time cannot name: the second of two
 * that read alike.
 */
function timeLine(name: string, time: string, zone: string, zones: ZoneUse): string {
  if (isDate(time)) return contentLine(`${name};VALUE=DATE`, compact(time));
  const instant = Date.parse(time);
  const local = time.slice(0, 19);
  if (isUtc(zone) || instant < zones.since || instantAt(local, zone) !== Math.floor(instant / 1000) * 1000)
    return contentLine(name, utc(instant));
  return localLine(name, [local], zone, zones);
}

/** Local times of a zone, or dates, as they are: for what a rule is made of. */
export function localLine(name: string, locals: readonly string[], zone: string, zones: ZoneUse): string {
  const values = locals.map(compact);
  if (isDate(locals[0]!)) return contentLine(`${name};VALUE=DATE`, values.join(","));
  if (isUtc(zone)) return contentLine(name, values.map((value) => `${value}Z`).join(","));
  zones.use(zone);
  return contentLine(`${name};TZID=${zone}`, values.join(","));
}

/** DTEND is where the event has ended already: the day after its last one (§3.6.1). A start alone needs no end. */
export function timeLines(
  { startDate, endDate, timezone }: Pick<OccurrenceState, "startDate" | "endDate" | "timezone">,
  zones: ZoneUse,
): string[] {
  const start = timeLine("DTSTART", startDate, timezone, zones);
  if (isDate(startDate)) {
    const last = endDate === undefined || endDate.slice(0, 10) < startDate ? startDate : endDate.slice(0, 10);
    const end = dayAfter(last);
    return end > startDate ? [start, timeLine("DTEND", end, timezone, zones)] : [start];
  }
  if (endDate === undefined) return [start];
  const end = isDate(endDate) ? endOfDay(endDate, startDate, timezone) : endDate;
  return instantOf(end) > instantOf(startDate) ? [start, timeLine("DTEND", end, timezone, zones)] : [start];
}

/** "Until the 9th" of what began on the 8th at eight: when the 9th is over, there. */
function endOfDay(day: string, startDate: string, timezone: string): string {
  if (day === startDate.slice(0, 10)) return startDate;
  const instant = instantOf(placeIn(`${dayAfter(day)}T00:00:00`, timezone));
  const local = localAt(instant, timezone);
  return inZone(instant, local);
}

/** RFC 3339 of an instant by its local time. */
function inZone(instant: number, local: string): string {
  const minutes = Math.round((Date.parse(`${local}Z`) - instant) / 60_000);
  const two = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** The last day of the year 9999 has none. */
const dayAfter = (day: string): string =>
  day === "9999-12-31" ? day : new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
