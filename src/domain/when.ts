/**
 * Points in time as claims hold them: a plain date ("2026-05-08"), or an instant with the zone in which people read
 * it, as RFC 9557 text ("2026-05-09T02:00:00Z[America/Toronto]"). Always UTC before the bracket, so that equal
 * instants are equal texts. A date is a date: nothing here turns it into a midnight that anybody sees.
 */
import { Temporal } from "temporal-polyfill";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const OFFSET = /(?:Z|[+-]\d{2}:\d{2})$/;
const ZONED = /^(.+)\[(.+)\]$/;

export const isDate = (text: string): boolean => DATE.test(text);
/** A local date-time without offset ("floating", RFC 5545 §3.3.5). */
export const isFloating = (text: string): boolean => !isDate(text) && !ZONED.test(text) && !OFFSET.test(text);

/** True when `zone` is an IANA name that this runtime knows. */
export function isZone(zone: string): boolean {
  if (/^[+-]/.test(zone)) return false; // an offset is no name
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * Places a time in a zone: "2026-05-08T22:00:00-04:00" or (floating) "2026-05-08T22:00:00" in "America/Toronto" ->
 * "2026-05-09T02:00:00Z[America/Toronto]"; a date stays as it is. A local time that the zone skips moves forward by
 * the gap, one that it has twice is the first (RFC 5545 §3.3.5). A time that names its own zone
 * ("2026-05-08T22:00:00[Europe/Paris]") is read in that one.
 */
export function placeIn(text: string, zone: string): string {
  if (isDate(text)) return text;
  const [, time, own] = ZONED.exec(text) ?? [];
  if (time !== undefined && own !== undefined) return placeIn(placeIn(time, own).replace(/\[.*/, ""), zone);
  const milliseconds = isFloating(text)
    ? Temporal.PlainDateTime.from(text).toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds
    : Date.parse(text);
  return `${new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z")}[${zone}]`;
}

/** The zone in the bracket, if there is one. */
export function zoneOf(text: string): string | undefined {
  return ZONED.exec(text)?.[2];
}

/** Milliseconds since 1970; a plain date counts from its midnight in `zone` (for ordering, never for showing). */
export function instantOf(text: string, zone = "UTC"): number {
  if (!isDate(text)) return Date.parse(ZONED.exec(text)?.[1] ?? text);
  return zone === "UTC" ? Date.parse(`${text}T00:00:00Z`) : Temporal.PlainDate.from(text).toZonedDateTime(zone).epochMilliseconds;
}

/** False only where both can be compared and the end lies before the start. */
export function endsAfter(start: string, end: string): boolean {
  if (isDate(start) || isDate(end)) return localDate(end) >= localDate(start);
  return instantOf(end) >= instantOf(start);
}

function localDate(text: string): string {
  if (isDate(text)) return text;
  const zone = zoneOf(text) ?? "UTC";
  return Temporal.Instant.fromEpochMilliseconds(instantOf(text)).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** The zone that keeps a bare offset's local time: "…+02:00" -> "Etc/GMT-2" (POSIX signs); others are read in UTC. */
export function zoneOfOffset(text: string): string {
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(text) ?? [];
  if (hours === undefined || minutes !== "00" || Number(hours) === 0 || Number(hours) > 12) return "UTC";
  return `Etc/GMT${sign === "+" ? "-" : "+"}${Number(hours)}`;
}
