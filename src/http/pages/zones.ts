/**
 * In which zone a time is read, what that zone is called there and then, and which day it is in it.
 * A plain date has no zone; a zone that nobody knows yields to the offset that the time itself bears.
 */
import { dateTimeFormat } from "./formatters.ts";

export const DEFAULT_LOCALE = "en-CA";

export function isPlainDate(time: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(time);
}

/** The zone in which a time is read: a plain date has none (UTC keeps it as it is); an unknown zone yields to the offset. */
export function zoneFor(time: string, timezone: string): string {
  if (isPlainDate(time)) return "UTC";
  if (isKnownZone(timezone)) return timezone;
  const offset = /[+-]\d{2}:\d{2}$/.exec(time)?.[0];
  return offset !== undefined && isKnownZone(offset) ? offset : "UTC";
}

function isKnownZone(timezone: string): boolean {
  try {
    dateTimeFormat("en", { timeZone: timezone });
    return timezone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The calendar day of an instant (or plain date) in a zone: "2026-05-08", "" when unreadable. Sorts and compares as text. */
export function localDay(time: string | number, timezone: string): string {
  if (typeof time === "string" && isPlainDate(time)) return time;
  const instant = typeof time === "string" ? Date.parse(time) : time;
  if (Number.isNaN(instant)) return "";
  const timeZone = typeof time === "string" ? zoneFor(time, timezone) : isKnownZone(timezone) ? timezone : "UTC";
  const parts = partsOf("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }, instant);
  return `${parts.year?.padStart(4, "0")}-${parts.month}-${parts.day}`;
}

export type Parts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>;

export function partsOf(locale: string, options: Intl.DateTimeFormatOptions, instant: number): Parts {
  return Object.fromEntries(
    dateTimeFormat(locale, options)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
}

export const isEnglish = (locale: string) => /^en\b/i.test(locale);

/** English regions know the abbreviations of their own parts of the world only; the first that has a word for it wins. */
const ABBREVIATING = ["en-GB", "en-AU", "en-IN", "en-ZA"];

/** "EDT", "CEST", "UTC"; "GMT+5:30" where no abbreviation is in use. */
export function zoneAbbreviation(time: string, timezone: string, locale = DEFAULT_LOCALE): string {
  const options = { timeZone: zoneFor(time, timezone), timeZoneName: "short" } as const;
  const names = [locale, ...(isEnglish(locale) ? ABBREVIATING : [])].map(
    (each) => partsOf(each, options, Date.parse(time)).timeZoneName ?? "",
  );
  return names.find((name) => !/^(GMT|UTC)./.test(name)) ?? names[0] ?? "";
}

/** "Eastern Daylight Time (EDT)"; a zone that is a mere offset is given once. */
export function zoneName(time: string, timezone: string, locale = DEFAULT_LOCALE): string {
  const long = partsOf(locale, { timeZone: zoneFor(time, timezone), timeZoneName: "long" }, Date.parse(time)).timeZoneName ?? "";
  const short = zoneAbbreviation(time, timezone, locale);
  return /^(GMT|UTC)[+-]/.test(long) || long === short ? short : `${long} (${short})`;
}
