/**
 * Days as people name them: "this weekend" in an address becomes two dates, and an occurrence's date becomes
 * "Today", "Sat 23 May, 8 pm". Days are plain dates; which day is today is told from outside.
 */
import type { OccurrenceState } from "../../domain/state.ts";
import { formatDate, formatWhen } from "./format.ts";
import { DEFAULT_LOCALE, localDay, zoneAbbreviation } from "./zones.ts";

/** What `when=` may be; a search without days at all is `upcoming`. */
export const PERIODS = ["upcoming", "today", "tomorrow", "weekend", "week", "month", "any"] as const;
export type Period = (typeof PERIODS)[number];
export const PERIOD_WORDS = {
  upcoming: "All upcoming",
  today: "Today",
  tomorrow: "Tomorrow",
  weekend: "This weekend",
  week: "Next 7 days",
  month: "Next 30 days",
  any: "Past events too",
} as const satisfies Record<Period, string>;

export interface Days {
  startDate?: string;
  endDate?: string;
}

/** The days of a period, both included. A weekend begins on Friday, for its evening; within it, what is left of it. */
export function daysOf(period: Period, today: string): Days {
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7; // 0 Monday … 6 Sunday
  switch (period) {
    case "any":
      return {};
    case "upcoming":
      return { startDate: today };
    case "today":
      return { startDate: today, endDate: today };
    case "tomorrow":
      return { startDate: addDays(today, 1), endDate: addDays(today, 1) };
    case "weekend":
      return { startDate: addDays(today, Math.max(0, 4 - weekday)), endDate: addDays(today, 6 - weekday) };
    case "week":
      return { startDate: today, endDate: addDays(today, 6) };
    case "month":
      return { startDate: today, endDate: addDays(today, 29) };
  }
}

/** What a search's query says of days: what to show and link, and what to ask the engine. */
export interface ReadDays {
  /** The query as the visitor meant it: dates that were only pinned for paging are gone. */
  query: Record<string, string>;
  /** In the API's own parameters. */
  asked: Record<string, string>;
  /** `dates`: given in so many words. */
  period: Period | "dates";
  /** A `when` that is no period. */
  unknown?: string;
}

/**
 * Dates that were typed win over a period. With `after`, they are the period's own days as they were on the first page:
 * so a walk through the pages survives midnight.
 */
export function readDays(given: Readonly<Record<string, string>>, today: string, paging: boolean): ReadDays {
  const { when, ...rest } = given;
  const { startDate, endDate, ...bare } = rest;
  const dated = startDate !== undefined || endDate !== undefined;
  const period = PERIODS.find((each) => each === (when ?? "upcoming"));
  if (dated && !(paging && when !== undefined && period !== undefined)) return { query: rest, asked: rest, period: "dates" };
  if (period === undefined) return { query: rest, asked: rest, period: "upcoming", unknown: when ?? "" };
  const query = period === "upcoming" ? bare : { ...bare, when: period };
  return { query, asked: dated ? rest : { ...bare, ...daysOf(period, today) }, period };
}

/** "2026-05-20", 2 -> "2026-05-22". */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** "Fri 22 – Sun 24 May", "Wed 20 May", "from Wed 20 May on", "until Sun 24 May"; the year where it is not this one. */
export function daysText({ startDate, endDate }: Days, today: string, locale = DEFAULT_LOCALE): string {
  const one = (date: string) => withoutYear(formatDate(date, "UTC", locale, "short"), today);
  if (startDate === undefined) return endDate === undefined ? "" : `until ${one(endDate)}`;
  if (endDate === undefined) return `from ${one(startDate)} on`;
  const { start, end } = formatWhen({ startDate, endDate, timezone: "UTC" }, locale, "short");
  return withoutYear(start.text, today) + (end === undefined ? "" : ` – ${withoutYear(end.text, today)}`);
}

/** What a reader would say of the day: "Today", "Tomorrow", "This weekend"; nothing for other days, past ones too. */
export function dayWord({ startDate, timezone }: Pick<OccurrenceState, "startDate" | "timezone">, now: Date): string | undefined {
  const today = localDay(now.getTime(), timezone);
  const day = localDay(startDate, timezone);
  for (const period of ["today", "tomorrow", "weekend"] as const) {
    const { startDate: first = "", endDate: last = "" } = daysOf(period, today);
    if (first <= day && day <= last) return PERIOD_WORDS[period];
  }
  return undefined;
}

/** "Sat 23 May, 8 pm" and "10:30 pm": the year is left out where it is this one, and so are full hours' noughts. */
export function shortTimes(
  occurrence: Pick<OccurrenceState, "startDate" | "endDate" | "timezone">,
  now: Date,
  locale = DEFAULT_LOCALE,
): { start: { text: string; datetime: string }; end?: { text: string; datetime: string }; zone?: string } {
  const { start, end, zone } = formatWhen(occurrence, locale, "short");
  const today = localDay(now.getTime(), occurrence.timezone);
  const short = (text: string) => withoutYear(text, today).replace(/(\d):00 (?=[ap]m\b)/g, "$1 ");
  return {
    start: { ...start, text: short(start.text) },
    ...(end && { end: { ...end, text: short(end.text) } }),
    ...(zone !== undefined && { zone: zoneAbbreviation(occurrence.startDate, occurrence.timezone, locale) }),
  };
}

function withoutYear(text: string, today: string): string {
  return text.replace(new RegExp(` ${today.slice(0, 4)}(?=,|$)`), "");
}
