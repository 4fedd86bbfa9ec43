/**
 * Times as people read them: in the zone of the place, never in the host's.
 *
 * Input is what states hold: RFC 3339 with offset plus an IANA zone, or a plain date (which stays a date).
 * English is composed from Intl's parts so that every page says "Friday 8 May 2026, 10:00 pm";
 * other locales get Intl's own order.
 */
import type { OccurrenceState } from "../../domain/state.ts";
import { dateTimeFormat } from "./formatters.ts";
import { DEFAULT_LOCALE, isEnglish, isPlainDate, localDay, partsOf, zoneAbbreviation, zoneFor, zoneName } from "./zones.ts";

/** A time for `<time datetime>`: `text` is for people, `datetime` for machines (as the state has it). */
export interface TimeText {
  text: string;
  datetime: string;
}
/** `start – end`, and the name of the zone where there are times of day. */
export interface WhenText {
  start: TimeText;
  end?: TimeText;
  zone?: string;
}
/** The tear-off date beside a list item. */
export interface DateBlock {
  weekday: string;
  day: string;
  month: string;
  year: string;
}

type When = Pick<OccurrenceState, "startDate" | "endDate" | "timezone">;
type Width = "long" | "short";

/** "2026-05-08T22:00:00-04:00" -> "Friday 8 May 2026"; `short` -> "Fri 8 May 2026" (the month stays a word). */
export function formatDate(
  time: string,
  timezone: string,
  locale = DEFAULT_LOCALE,
  weekday: Width = "long",
  leaveOut: "year" | "month" | "none" = "none",
): string {
  const instant = Date.parse(time);
  if (Number.isNaN(instant)) return time;
  const timeZone = zoneFor(time, timezone);
  if (!isEnglish(locale)) {
    return dateTimeFormat(locale, {
      timeZone,
      weekday,
      day: "numeric",
      month: "long",
      ...(leaveOut === "none" && { year: "numeric" }),
    }).format(instant);
  }
  const parts = partsOf(locale, { timeZone, weekday, day: "numeric", month: "long", year: "numeric" }, instant);
  const words = [parts.weekday?.replace(".", ""), parts.day, leaveOut !== "month" && parts.month, leaveOut === "none" && parts.year];
  return words.filter(Boolean).join(" ");
}

/** A plain date without its weekday: "2026-05-08" -> "8 May 2026". */
export function formatDay(date: string, locale = DEFAULT_LOCALE): string {
  const options = { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" } as const;
  if (!isEnglish(locale)) return dateTimeFormat(locale, options).format(Date.parse(date));
  const { day, month, year } = partsOf(locale, options, Date.parse(date));
  return `${day} ${month} ${year}`;
}

/** "2026-05-08T22:00:00-04:00" -> "10:00 pm". */
export function formatTime(time: string, timezone: string, locale = DEFAULT_LOCALE): string {
  const instant = Date.parse(time);
  if (Number.isNaN(instant)) return time;
  const options = { timeZone: zoneFor(time, timezone), hour: "numeric", minute: "2-digit" } as const;
  if (!isEnglish(locale)) return dateTimeFormat(locale, options).format(instant);
  const { hour, minute, dayPeriod } = partsOf(locale, options, instant);
  return `${hour}:${minute}${dayPeriod ? ` ${dayPeriod.replaceAll(".", "").toLowerCase()}` : ""}`;
}

/**
 * When something is, in words.
 *   one evening     Friday 8 May 2026, 10:00 pm – 11:50 pm
 *   over midnight   Friday 8 May 2026, 10:00 pm – 2:00 am (Saturday 9 May)
 *   plain dates     Thu 7 – Sat 9 February 2013
 *   several days    Saturday 2 August 2025, 9:00 am – Thursday 28 August 2025, 5:00 pm
 * A clock change in between puts the zone's abbreviation after each time.
 */
export function formatWhen(when: When, locale = DEFAULT_LOCALE, width: Width = "long"): WhenText {
  const { startDate, endDate, timezone } = when;
  if (Number.isNaN(Date.parse(startDate))) return { start: { text: startDate, datetime: startDate } };
  if (isPlainDate(startDate)) return formatDays(startDate, endDate?.slice(0, 10), locale, width);

  const date = formatDate(startDate, timezone, locale, width);
  const zone = zoneName(startDate, timezone, locale);
  const startText = `${date}, ${formatTime(startDate, timezone, locale)}`;
  if (endDate === undefined || Number.isNaN(Date.parse(endDate)) || endDate === startDate)
    return { start: { text: startText, datetime: startDate }, zone };
  if (isPlainDate(endDate)) {
    const end =
      endDate === localDay(startDate, timezone) ? {} : { end: { text: formatDate(endDate, timezone, locale, width), datetime: endDate } };
    return { start: { text: startText, datetime: startDate }, ...end, zone };
  }

  const before = zoneAbbreviation(startDate, timezone, locale);
  const after = zoneAbbreviation(endDate, timezone, locale);
  const changes = before !== after;
  const endTime = formatTime(endDate, timezone, locale) + (changes ? ` ${after}` : "");
  const nights = daysBetween(localDay(startDate, timezone), localDay(endDate, timezone));
  const overnight = nights === 1 && Date.parse(endDate) - Date.parse(startDate) <= 16 * 3_600_000;
  const endText =
    nights === 0
      ? endTime
      : overnight
        ? `${endTime} (${formatDate(endDate, timezone, locale, width, "year")})`
        : `${formatDate(endDate, timezone, locale, width)}, ${endTime}`;
  return {
    start: { text: startText + (changes ? ` ${before}` : ""), datetime: startDate },
    end: { text: endText, datetime: endDate },
    ...(!changes && { zone }),
  };
}

function formatDays(first: string, last: string | undefined, locale: string, width: Width): WhenText {
  if (last === undefined || last <= first || Number.isNaN(Date.parse(last)))
    return { start: { text: formatDate(first, "UTC", locale, width), datetime: first } };
  const sharesYear = first.slice(0, 4) === last.slice(0, 4);
  const sharesMonth = first.slice(0, 7) === last.slice(0, 7) && isEnglish(locale);
  return {
    start: { text: formatDate(first, "UTC", locale, "short", sharesMonth ? "month" : sharesYear ? "year" : "none"), datetime: first },
    end: { text: formatDate(last, "UTC", locale, "short"), datetime: last },
  };
}

function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000);
}

/** The same in one string, for a title or a description: "…, 10:00 pm – 11:50 pm (EDT)". */
export function whenAsText(when: When, locale = DEFAULT_LOCALE, width: Width = "long"): string {
  const { start, end, zone } = formatWhen(when, locale, width);
  return `${start.text}${end ? ` – ${end.text}` : ""}${zone ? ` (${zoneAbbreviation(when.startDate, when.timezone, locale)})` : ""}`;
}

/** The printed calendar's date: { weekday: "Fri", day: "8", month: "May", year: "2026" }. */
export function dateBlock(when: When, locale = DEFAULT_LOCALE): DateBlock | undefined {
  const instant = Date.parse(when.startDate);
  if (Number.isNaN(instant)) return undefined;
  const parts = partsOf(
    locale,
    { timeZone: zoneFor(when.startDate, when.timezone), weekday: "short", day: "numeric", month: "short", year: "numeric" },
    instant,
  );
  const word = (text: string | undefined) => (text ?? "").replace(".", "");
  return { weekday: word(parts.weekday), day: word(parts.day), month: word(parts.month), year: word(parts.year) };
}

/** "2026-05" (a local month) -> "May 2026". */
export function formatMonth(month: string, locale = DEFAULT_LOCALE): string {
  return dateTimeFormat(locale, { timeZone: "UTC", month: "long", year: "numeric" }).format(Date.parse(`${month}-01`));
}

/** Over at its end; without an end, when its day is over there. A plain date lasts until its day ends. */
export function isOver(when: When, now: Date): boolean {
  const { startDate, endDate, timezone } = when;
  if (Number.isNaN(Date.parse(endDate ?? startDate))) return false;
  if (endDate !== undefined && !isPlainDate(endDate) && !isPlainDate(startDate)) return Date.parse(endDate) < now.getTime();
  return localDay(now.getTime(), timezone) > localDay(endDate ?? startDate, timezone);
}
