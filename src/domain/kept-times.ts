/**
 * Which times are kept: those of the years 1000 to 9999, in UTC and on the clocks of the zone where they are shown. A year has four
 * digits in RFC 3339 and iCalendar, and the database refuses what JavaScript writes of a later one.
 */
import { wallOfInstant } from "./recurrence/zone-times.ts";
import { instantOf, isDate, zoneOf } from "./when.ts";

/** Milliseconds since 1970. */
export const FIRST_KEPT = Date.UTC(1000, 0, 1);
export const LAST_KEPT = Date.UTC(10_000, 0, 1) - 1;

/** Of a time as claims hold it, shown in `zone`: its own, if no other is given. A date is kept where its year is. */
export function isKept(time: string, zone = zoneOf(time) ?? "UTC"): boolean {
  if (isDate(time)) return time >= "1000-01-01";
  const instant = instantOf(time);
  return within(instant) && within(wallOfInstant(instant, zone));
}

/** False for what is no number. */
const within = (time: number): boolean => time >= FIRST_KEPT && time <= LAST_KEPT;
