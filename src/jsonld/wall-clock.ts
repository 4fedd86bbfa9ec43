/**
 * Written times <-> wall-clock time of one zone. Where no zone is known, a time is read on the clock of its own offset:
 * that is where its writer lives.
 */
import { instantAt, localAt } from "../domain/recurrence/zone-times.ts";
import { isDate, zoneOf } from "../domain/when.ts";

const OFFSET = /(Z|[+-]\d\d:\d\d)$/;

/** "2026-05-08T23:00:00Z" in "America/Toronto" -> "2026-05-08T19:00:00"; a date stays one, fractions of seconds are cut off. */
export function localOf(written: string, zone: string | undefined): string {
  if (isDate(written)) return written;
  const named = zoneOf(written);
  const time = written.replace(/\[.*$/, "");
  if (zone === undefined || (!OFFSET.test(time) && (named === undefined || named === zone))) return time.slice(0, 19);
  return localAt(instantOf(written, zone), zone);
}

/**
 * The instant of a written time, in milliseconds. A local time, and the midnight that begins a date, are of `zone`; without
 * a zone the clock is taken for UTC's, which orders the times of one clock and says no more.
 */
export function instantOf(written: string, zone: string | undefined): number {
  const time = written.replace(/\[.*$/, "");
  if (zone === undefined) return Date.parse(`${isDate(time) ? `${time}T00:00:00` : time.slice(0, 19)}Z`);
  if (OFFSET.test(time)) return Date.parse(time);
  return instantAt(isDate(time) ? `${time}T00:00:00` : time.slice(0, 19), zoneOf(written) ?? zone);
}

/** "2026-05-08T19:00:00" in "America/Toronto" -> "2026-05-08T19:00:00-04:00"; what the zone's clock skips stays local. */
export function withOffset(local: string, zone: string): string {
  if (isDate(local)) return local;
  const instant = instantAt(local, zone);
  const written = atOffset(instant, zone);
  // Nor has it one where the offset has seconds, as before the zones.
  return localAt(instant, zone) === local && Date.parse(written) === instant ? written : local;
}

/** An instant as RFC 3339 with the offset that `zone` has then. */
export function atOffset(instant: number, zone: string): string {
  const local = localAt(instant, zone);
  const minutes = Math.round((Date.parse(`${local}Z`) - Math.floor(instant / 1000) * 1000) / 60_000);
  const two = (number: number) => String(Math.trunc(number)).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
