/**
 * Times as sources write them -> RFC 3339: a date, an instant with its offset, or a local ("floating") time.
 *
 * Spelling is forgiven (a blank for the T, "-0400", missing seconds, ISO basic form); a day or an hour that does
 * not exist is not. Nothing is moved to another zone here.
 */

import { zoneName } from "../domain/recurrence/zone-times.ts";
import { isZone } from "../domain/when.ts";

export type TimeReading = { value: string } | { fault: string };

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const BASIC_DATE = /^(\d{4})(\d\d)(\d\d)$/;
const DATE_TIME =
  /^(\d{4})-?(\d\d)-?(\d\d)[Tt ]\s*(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?(?:\[!?([A-Za-z0-9_+\-/]+)\])?$/;
const EXPECTED = "expected an ISO 8601 date or date-time such as 2026-05-01 or 2026-05-01T19:30:00-04:00";

/**
 * "2026-05-01 19:00" -> "2026-05-01T19:00:00"; "20260501T190000-0400" -> "2026-05-01T19:00:00-04:00";
 * "2026-02-30" -> a fault. A zone in brackets (RFC 9557) is kept once it is known.
 */
export function readTime(text: string): TimeReading {
  const trimmed = text.trim();
  const date = DATE.exec(trimmed) ?? BASIC_DATE.exec(trimmed);
  if (date !== null) {
    const [, year, month, day] = date;
    return isDay(year!, month!, day!)
      ? { value: `${year}-${month}-${day}` }
      : { fault: `${EXPECTED}; ${shorten(trimmed)} is no day of the calendar` };
  }
  const match = DATE_TIME.exec(trimmed);
  if (match === null) return { fault: `${EXPECTED}, found ${JSON.stringify(shorten(trimmed))}` };
  const [, year, month, day, hour, minute, second = "00", fraction, offset, zone] = match;
  if (!isDay(year!, month!, day!)) return { fault: `${EXPECTED}; ${year}-${month}-${day} is no day of the calendar` };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { fault: `${EXPECTED}; ${hour}:${minute}:${second} is no time of day` };
  const kept = fraction === undefined ? "" : fraction.slice(0, 6).replace(/0+$/, "");
  const normalOffset = offset === undefined ? "" : readOffset(offset);
  if (normalOffset === undefined) return { fault: `${EXPECTED}; ${offset} is no UTC offset` };
  if (zone !== undefined && !isZone(zone)) return { fault: `expected a zone of the IANA database, found ${JSON.stringify(shorten(zone))}` };
  return {
    value: `${year}-${month}-${day}T${hour}:${minute}:${second}${kept === "" ? "" : `.${kept}`}${normalOffset}${zone === undefined ? "" : `[${zoneName(zone)}]`}`,
  };
}

/**
 * A door time may be an hour alone: "18:30" beside "2026-05-01T19:00:00-04:00" -> "2026-05-01T18:30:00-04:00".
 * Beside a plain date it stays local.
 */
export function readTimeBeside(text: string, start: string | undefined): TimeReading {
  const clock = /^T?(\d\d:\d\d(?::\d\d)?)$/.exec(text.trim());
  if (clock === null || start === undefined) return readTime(text);
  const rest = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(.*)$/.exec(start)?.[1] ?? "";
  return readTime(`${start.slice(0, 10)}T${clock[1]}${rest}`);
}

/**
 * Whether `end` lies before `start`. Only times of the same sort are compared (two dates, two instants, two local
 * times in the same zone or none); of others nobody can say, and the answer is false.
 */
export function isBefore(end: string, start: string): boolean {
  const a = sortOf(end);
  const b = sortOf(start);
  if (a !== b) return false;
  return a === "instant" ? Date.parse(withoutZone(end)) < Date.parse(withoutZone(start)) : withoutZone(end) < withoutZone(start);
}

function sortOf(time: string): string {
  if (time.length === 10) return "date";
  if (/(Z|[+-]\d\d:\d\d)(\[.*\])?$/.test(time)) return "instant";
  return `local${time.slice(withoutZone(time).length)}`;
}

function withoutZone(time: string): string {
  const bracket = time.indexOf("[");
  return bracket === -1 ? time : time.slice(0, bracket);
}

function isDay(year: string, month: string, day: string): boolean {
  const y = Number(year);
  const m = Number(month);
  if (y < 1000 || m < 1 || m > 12) return false;
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  const days = m === 2 ? (leap ? 29 : 28) : m === 4 || m === 6 || m === 9 || m === 11 ? 30 : 31;
  return Number(day) >= 1 && Number(day) <= days;
}

function readOffset(offset: string): string | undefined {
  if (offset === "Z" || offset === "z") return "Z";
  const hours = offset.slice(1, 3);
  const minutes = offset.length > 3 ? offset.slice(-2) : "00";
  if (Number(hours) > 18 || Number(minutes) > 59) return undefined;
  // RFC 3339, section 4.3: -00:00 says "UTC, local offset unknown", which is what Z says.
  return offset.startsWith("-") && hours === "00" && minutes === "00" ? "Z" : `${offset[0]}${hours}:${minutes}`;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
