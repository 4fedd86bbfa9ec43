/**
 * How an event recurs, in plain English: "Every Friday at 7:00 pm, until 31 August 2026, except 3 April 2026".
 * A rule whose words would be longer than its dates, or not quite true, has none (undefined): its dates speak for it.
 */
import { durationOf } from "../../domain/recurrence/duration.ts";
import { parseRule, type Rule, type WeekdayPart } from "../../domain/recurrence/rule.ts";
import { weekdayNames, type WeekdayName } from "../../domain/recurrence/weekdays.ts";
import type { RecurrenceSet } from "../../domain/submission.ts";
import { formatDay, formatTime } from "./format.ts";
import { dateTimeFormat } from "./formatters.ts";
import { DEFAULT_LOCALE } from "./zones.ts";

/** As many exceptions or further dates as are named; more are counted. */
const NAMED = 3;
/** As many times of day as are named. */
const MOST_TIMES = 4;

/** One recurrence set in words, the first letter in upper case and no full stop; undefined for what is better said by its dates. */
export function recurrenceWords(set: RecurrenceSet, locale = DEFAULT_LOCALE): string | undefined {
  if (set.rrule === undefined) return undefined;
  const rule = parseRule(set.rrule);
  if ("fault" in rule) return undefined;
  const days = daysOf(rule, set.dtstart);
  const times = timesOf(rule, set, locale);
  if (days === undefined || times === undefined) return undefined;
  const bounds = [
    rule.count !== undefined && (rule.count === 1 ? "once" : `${rule.count} times`),
    rule.until !== undefined && `until ${day(rule.until, locale)}`,
    set.exdate?.length && `except ${datesOf(set.exdate, "dates", locale)}`,
    set.rdate?.length && `and on ${datesOf(set.rdate, "more dates", locale)}`,
  ].filter((part) => typeof part === "string");
  return [days + times, ...bounds].join(", ");
}

/** " at 7:00 pm", " at 7:00 pm and 9:30 pm", ", 10:00 am – 12:00 pm", ", for 3 days"; "" for whole days; undefined for too many. */
function timesOf(rule: Rule, { dtstart, duration }: RecurrenceSet, locale: string): string | undefined {
  const { days, seconds } = durationOf(duration ?? "P0D") ?? { days: 0, seconds: 0 };
  if (!dtstart.includes("T")) return days > 1 ? `, for ${days} days` : "";
  const [hour, minute, second] = dtstart.slice(11).split(":").map(Number) as [number, number, number];
  if (rule.bySecond !== undefined) return undefined;
  const starts = (rule.byHour ?? [hour]).flatMap((h) => (rule.byMinute ?? [minute]).map((m) => Date.UTC(2000, 0, 1, h, m, second)));
  const ends = starts.map((start) => start + seconds * 1_000);
  const time = (wall: number) => formatTime(new Date(wall).toISOString(), "UTC", locale);
  if (starts.length > MOST_TIMES) return undefined;
  // An end is said where it is the same day's: what goes over midnight is clearer from the dates.
  if (days === 0 && seconds > 0 && new Date(ends.at(-1)!).getUTCDate() === 1)
    return `, ${listed(starts.map((start, n) => `${time(start)} – ${time(ends[n]!)}`))}`;
  return ` at ${listed(starts.map(time))}`;
}

/** "Every Friday", "Every 2 weeks on Monday and Wednesday", "First Sunday of the month", "Every year on 8 May", with the months that it is kept to. */
function daysOf(rule: Rule, dtstart: string): string | undefined {
  if (rule.byWeekNo || rule.byYearDay) return undefined;
  switch (rule.freq) {
    case "DAILY":
      return daily(rule);
    case "WEEKLY":
      return rule.bySetPos ? undefined : weekly(rule, rule.byDay ?? [{ day: weekdayOf(dtstart) }]) + inMonths(rule);
    case "MONTHLY":
      return monthly(rule, dtstart);
    case "YEARLY":
      return yearly(rule, dtstart);
    default:
      return undefined;
  }
}

function daily(rule: Rule): string | undefined {
  const { interval, byDay, byMonthDay, bySetPos } = rule;
  if (bySetPos || byMonthDay) return undefined;
  if (byDay) return interval === 1 ? weekly(rule, byDay) + inMonths(rule) : undefined;
  return (interval === 1 ? "Every day" : `Every ${interval} days`) + inMonths(rule);
}

function weekly({ interval }: Rule, byDay: readonly WeekdayPart[]): string {
  if (interval !== 1) return `Every ${interval} weeks on ${weekdays(byDay)}`;
  return byDay.length === weekdayNames.length ? "Every day" : `Every ${weekdays(byDay)}`;
}

function monthly(rule: Rule, dtstart: string): string | undefined {
  const { interval } = rule;
  const chosen = chosenDays(rule);
  if (chosen !== undefined) {
    return interval === 1
      ? `${capital(chosen)} of the month${inMonths(rule)}`
      : `Every ${interval} months on the ${chosen}${inMonths(rule)}`;
  }
  if (rule.bySetPos) return undefined;
  if (rule.byDay) return rule.byMonthDay || interval !== 1 ? undefined : weekly(rule, rule.byDay) + inMonths(rule);
  const dates = monthDays(rule.byMonthDay ?? [dateOf(dtstart)]);
  const months = interval === 1 ? "Every month" : `Every ${interval} months`;
  return `${months} on the ${dates}${inMonths(rule)}`;
}

function yearly(rule: Rule, dtstart: string): string | undefined {
  const { interval, byMonth, byMonthDay, byDay, bySetPos } = rule;
  const years = interval === 1 ? "Every year" : `Every ${interval} years`;
  const chosen = chosenDays(rule);
  // Without months, a counted weekday is counted in the year.
  if (chosen !== undefined) return byMonth ? `${years} on the ${chosen} of ${listed(byMonth.map(monthName))}` : undefined;
  if (bySetPos || byDay) return undefined;
  // Without months, a day is one of every month; the first instance says which month a rule without days has.
  if (byMonthDay && !byMonth) return undefined;
  const dates = byMonthDay ?? [dateOf(dtstart)];
  const months = byMonth ?? [Number(dtstart.slice(5, 7))];
  if (dates.some((date) => date < 0)) return `${years} on the ${monthDays(dates)} of ${listed(months.map(monthName))}`;
  return `${years} on ${listed(months.flatMap((month) => dates.map((date) => `${date} ${monthName(month)}`)))}`;
}

/** "first and third Sunday", "last weekday"; undefined where the rule does not count weekdays, or counts them in too strange a way. */
function chosenDays({ byDay, byMonthDay, bySetPos }: Rule): string | undefined {
  if (byDay === undefined || byMonthDay) return undefined;
  if (bySetPos) {
    if (byDay.some(({ nth }) => nth !== undefined)) return undefined;
    const kind = byDay.length === 1 ? weekdayWord(byDay[0]!.day) : isWorkWeek(byDay) ? "weekday (Monday to Friday)" : undefined;
    return kind && `${listed(inOrder(bySetPos).map(ordinal))} ${kind}`;
  }
  const [first] = byDay;
  if (byDay.some(({ nth }) => nth === undefined)) return undefined;
  if (byDay.some(({ day: name }) => name !== first!.day)) {
    return listed(byDay.map(({ day: name, nth }) => `${ordinal(nth!)} ${weekdayWord(name)}`));
  }
  return `${listed(inOrder(byDay.map(({ nth }) => nth!)).map(ordinal))} ${weekdayWord(first!.day)}`;
}

const isWorkWeek = (byDay: readonly WeekdayPart[]) => byDay.map((part) => part.day).join() === weekdayNames.slice(0, 5).join();

const weekdays = (byDay: readonly WeekdayPart[]): string =>
  isWorkWeek(byDay) ? "weekday (Monday to Friday)" : listed(byDay.map((part) => weekdayWord(part.day)));

const inMonths = ({ byMonth }: Rule): string => (byMonth ? ` in ${listed(byMonth.map(monthName))}` : "");

/** "15th", "1st and last day". */
const monthDays = (dates: readonly number[]): string =>
  listed(inOrder(dates).map((date) => (date > 0 ? nth(date) : `${ordinal(date)} day`)));

/** From the beginning on, then those that count from the end. */
const inOrder = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => Number(a < 0) - Number(b < 0) || a - b);

const ORDINALS = ["first", "second", "third", "fourth", "fifth"];
function ordinal(number: number): string {
  if (number > 0) return ORDINALS[number - 1] ?? nth(number);
  return number === -1 ? "last" : `${ORDINALS[-number - 1] ?? nth(-number)} to last`;
}

function nth(number: number): string {
  const ending = number % 100 >= 11 && number % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${ending}`;
}

/** "3 April 2026 and 10 April 2026", or "5 dates". */
function datesOf(given: readonly string[], noun: string, locale: string): string {
  const dates = [...new Set(given.map((one) => day(one.split("/")[0]!, locale)))];
  return dates.length <= NAMED ? listed(dates) : `${dates.length} ${noun}`;
}

/** "20261231T190000", "2026-12-31" -> "31 December 2026". */
function day(local: string, locale: string): string {
  const digits = local.replaceAll("-", "").slice(0, 8);
  return formatDay(`${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`, locale);
}

const dateOf = (local: string): number => Number(local.slice(8, 10));
const weekdayOf = (local: string): WeekdayName => weekdayNames[(new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7]!;

// 1 January 2001 was a Monday.
const weekdayWord = (name: WeekdayName): string =>
  dateTimeFormat("en", { timeZone: "UTC", weekday: "long" }).format(Date.UTC(2001, 0, 1 + weekdayNames.indexOf(name)));
const monthName = (month: number): string => dateTimeFormat("en", { timeZone: "UTC", month: "long" }).format(Date.UTC(2001, month - 1, 1));
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
