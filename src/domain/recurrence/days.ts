/** Which days a rule allows: its parts from BYMONTH to BYDAY, with what they leave open taken from the first instance (RFC 5545 §3.3.10). */
import { calendarDay, dayOf, daysInMonth, firstOfMonth, isLeap, weekdayOf } from "./local-time.ts";
import type { Rule } from "./rule.ts";
import { weekdayNames } from "./weekdays.ts";

export const MONTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

/** A rule whose weekdays are numbers, Monday 0, and whose open parts are filled in. */
export interface DayRule {
  byMonth?: readonly number[];
  byWeekNo?: readonly number[];
  byYearDay?: readonly number[];
  byMonthDay?: readonly number[];
  byDay?: readonly { weekday: number; nth?: number }[];
  /** Whether "2TU" counts within the month or within the year. */
  nthOf: "month" | "year";
  /** On which weekday a week begins. */
  weekStart: number;
}

/** The rule's day parts. Of a week without BYDAY the day is the first instance's weekday, of a month its day, of a year its date. */
export function dayRule(rule: Rule, dtstart: number): DayRule {
  const { freq, byMonth, byWeekNo, byYearDay, byMonthDay } = rule;
  const first = calendarDay(dayOf(dtstart));
  const byDay = rule.byDay?.map(({ day, nth }) => ({ weekday: weekdayNames.indexOf(day), ...(nth !== undefined && { nth }) }));
  const given: DayRule = {
    ...(byMonth && { byMonth }),
    ...(byWeekNo && { byWeekNo }),
    ...(byYearDay && { byYearDay }),
    ...(byMonthDay && { byMonthDay }),
    ...(byDay && { byDay }),
    nthOf: freq === "MONTHLY" || byMonth ? "month" : "year",
    weekStart: weekdayNames.indexOf(rule.wkst),
  };
  if (byDay || byMonthDay || byYearDay) return given;
  if (byWeekNo || freq === "WEEKLY") return { ...given, byDay: [{ weekday: weekdayOf(dayOf(dtstart)) }] };
  if (freq === "MONTHLY") return { ...given, byMonthDay: [first.date] };
  if (freq === "YEARLY") return { ...given, byMonth: byMonth ?? [first.month], byMonthDay: [first.date] };
  return given;
}

export const takesEveryDay = (rule: DayRule): boolean =>
  !(rule.byMonth || rule.byWeekNo || rule.byYearDay || rule.byMonthDay || rule.byDay);

/** Whether all day parts hold; `day` counts from 1970-01-01. */
export function allowsDay(rule: DayRule, day: number): boolean {
  if (takesEveryDay(rule)) return true;
  const { year, month, date } = calendarDay(day);
  if (rule.byMonth && !rule.byMonth.includes(month)) return false;
  const monthLength = daysInMonth(year, month);
  if (rule.byMonthDay && !rule.byMonthDay.includes(date) && !rule.byMonthDay.includes(date - monthLength - 1)) return false;
  const yearLength = isLeap(year) ? 366 : 365;
  const dayOfYear = day - firstOfMonth(year, 1) + 1;
  if (rule.byYearDay && !rule.byYearDay.includes(dayOfYear) && !rule.byYearDay.includes(dayOfYear - yearLength - 1)) return false;
  if (rule.byWeekNo && !inWeeks(rule.byWeekNo, day, rule.weekStart)) return false;
  if (rule.byDay === undefined) return true;
  const weekday = weekdayOf(day);
  const [at, length] = rule.nthOf === "month" ? [date, monthLength] : [dayOfYear, yearLength];
  const fromFront = Math.floor((at - 1) / 7) + 1;
  const fromBack = -Math.floor((length - at) / 7) - 1;
  return rule.byDay.some((one) => one.weekday === weekday && (one.nth === undefined || one.nth === fromFront || one.nth === fromBack));
}

/** Week numbers as ISO 8601 counts them, with weeks that begin on `weekStart`: a week is of the year that has its fourth day. */
function inWeeks(weeks: readonly number[], day: number, weekStart: number): boolean {
  const fourth = day - ((weekdayOf(day) - weekStart + 7) % 7) + 3;
  const { year } = calendarDay(fourth);
  const dayOfYear = fourth - firstOfMonth(year, 1);
  const week = Math.floor(dayOfYear / 7) + 1;
  const weeksInYear = week + Math.floor(((isLeap(year) ? 365 : 364) - dayOfYear) / 7);
  return weeks.includes(week) || weeks.includes(week - weeksInYear - 1);
}

/** Some days of a period of a rule, counted from the day on which it begins. */
export interface ListedDays {
  begins: number;
  /** One array for all periods of one kind: what is derived from it can be kept. */
  days: readonly number[];
}

/** The times of one period, in order and counted from its beginning, on the wall clock. */
export interface PeriodTimes {
  begins: number;
  times: readonly number[];
}

export interface DayLister {
  inMonth: (year: number, month: number) => ListedDays;
  inYear: (year: number) => ListedDays;
}

/**
 * Lists the days of months and years that a rule allows. Years of one kind (their length, their first weekday, whether the year
 * before was a leap year, on which week numbers depend) have the same days, and so have months: each kind is looked at once.
 */
export function dayLister(rule: DayRule): DayLister {
  const kinds = new Map<number, readonly number[]>();
  const listed = (kind: number, begins: number, candidates: () => readonly number[]) => {
    let days = kinds.get(kind);
    if (days === undefined) {
      days = candidates().filter((day) => allowsDay(rule, begins + day));
      kinds.set(kind, days);
    }
    return { begins, days };
  };
  return {
    inMonth(year, month) {
      if (rule.byMonth && !rule.byMonth.includes(month)) return NOTHING;
      const begins = firstOfMonth(year, month);
      const length = daysInMonth(year, month);
      return listed((month * 32 + length) * 7 + weekdayOf(begins), begins, () => candidates(rule, length));
    },
    inYear(year) {
      const begins = firstOfMonth(year, 1);
      const kind = (weekdayOf(begins) * 2 + Number(isLeap(year))) * 2 + Number(isLeap(year - 1));
      return listed(kind, begins, () => candidatesOfYear(rule, isLeap(year) ? 2024 : 2023));
    },
  };
}

const NOTHING: ListedDays = { begins: 0, days: [] };
/** The days of a month worth a look, counted from 0: with BYMONTHDAY only those. */
function candidates({ byMonthDay }: DayRule, length: number): number[] {
  if (byMonthDay === undefined) return Array.from({ length }, (_, index) => index);
  const days = byMonthDay.map((date) => (date > 0 ? date - 1 : length + date)).filter((day) => day >= 0 && day < length);
  return [...new Set(days)].toSorted((a, b) => a - b);
}

/** As that, of the months asked for of a year like this one. */
function candidatesOfYear(rule: DayRule, year: number): number[] {
  return (rule.byMonth ?? MONTHS).flatMap((month) => {
    const before = firstOfMonth(year, month) - firstOfMonth(year, 1);
    return candidates(rule, daysInMonth(year, month)).map((day) => before + day);
  });
}

/** The index of the first number that is not below `bound`. */
export function lowest(numbers: readonly number[], bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
