/**
 * Expands a rule on the wall clock, where every day has 24 hours: zones come later (zone-times).
 *
 * 1. The rule's periods (its years, months, weeks, days) are gone through by their interval. The walk begins at the period of the
 *    window, since every instance before it is nobody's concern; where a COUNT ends is counted once, from the first.
 * 2. Of a period the allowed days are listed (days.ts), times of day put to them, and BYSETPOS chooses among all of it.
 * 3. What lies before the first instance or after UNTIL falls away, and what is counted is counted.
 *
 * Not by the package rrule: it cannot be stopped in a rule that never hits. "DAILY;BYMONTH=2;BYMONTHDAY=30" takes it 14 seconds,
 * whatever its UNTIL, and "HOURLY;INTERVAL=24;BYHOUR=5" from six o'clock never ends; BYSETPOS=-5 of three is the first to it.
 */
import {
  allowsDay,
  dayLister,
  dayRule,
  lowest,
  MONTHS,
  takesEveryDay,
  type DayLister,
  type DayRule,
  type ListedDays,
  type PeriodTimes,
} from "./days.ts";
import { calendarDay, DAY, dayOf, knownWall, modulo, SECOND, weekdayOf } from "./local-time.ts";
import { isSubDaily, writeRule, type Rule } from "./rule.ts";
import { newSearch, subDailyPeriods, type Search } from "./sub-daily.ts";

/** More kinds of months and years than there are. */
const KINDS = 400;

/** Where rules end, though they name no end: the last day of the year 9999, so that what they have is in that year in UTC, too. */
export const END_OF_TIME = Date.UTC(9999, 11, 31);

/** The instances of a rule from `from` on and before `until`, in order; all three times on the wall clock, `dtstart` the rule's first. */
export function* wallTimes(
  rule: Rule,
  dtstart: number,
  from: number,
  until: number,
  search: Search = newSearch(),
): Generator<number, void> {
  const isCounted = rule.count !== undefined && from <= dtstart;
  const last =
    rule.until !== undefined ? lastOf(rule.until) : rule.count !== undefined && !isCounted ? lastCounted(rule, dtstart) : Infinity;
  const end = Math.min(until, END_OF_TIME, last + 1);
  const start = Math.max(dtstart, from);
  let left = isCounted ? rule.count! : Number.POSITIVE_INFINITY;
  for (const { begins, times } of isSubDaily(rule)
    ? subDailyPeriods(rule, dtstart, end, search)
    : datedPeriods(rule, dtstart, start, end)) {
    for (const time of times) {
      const wall = begins + time;
      if (wall < dtstart) continue;
      if (wall >= end) return;
      if (wall >= from) yield wall;
      left -= 1;
      if (left === 0) return;
    }
  }
}

/** The last wall-clock moment of an UNTIL: a date is meant with all its hours. */
export const lastOf = (until: string): number => knownWall(until) + (until.includes("T") ? 0 : DAY - SECOND);

/** The last time of a rule with a COUNT; it depends on nothing but the rule and its start: a memo, emptied when it gets large. */
export function lastCounted(rule: Rule, dtstart: number): number {
  const prepared = prepare(rule, dtstart);
  if (prepared.last !== undefined) return prepared.last;
  const key = `${dtstart}/${writeRule(rule)}`;
  let last = memo.get(key);
  if (last === undefined) {
    last = Number.NEGATIVE_INFINITY;
    for (const wall of wallTimes(rule, dtstart, dtstart, END_OF_TIME)) last = wall;
    if (memo.size >= MOST_LAST) memo.clear();
    memo.set(key, last);
  }
  prepared.last = last;
  return last;
}

const memo = new Map<string, number>();
const MOST_LAST = 5_000;

/** What each period from `start` on has; the first may also have times before `start`. Periods with the same days share their times. */
function* datedPeriods(rule: Rule, dtstart: number, start: number, end: number): Generator<PeriodTimes, void> {
  const { timesOfDay, ...prepared } = prepare(rule, dtstart);
  const known = new Map<readonly number[], readonly number[]>();
  const [from, last] = [dayOf(start), Math.ceil(end / DAY)];
  const allAlike = rule.freq === "DAILY" || (rule.freq === "WEEKLY" && rule.byMonth === undefined);
  for (const { begins, days } of periodsOf(rule, prepared, dayOf(dtstart), dayOf(start), dayOf(end - 1))) {
    if (rule.bySetPos === undefined) {
      // A window may be of one day in a year of thousands of times.
      for (let next = lowest(days, from - begins); next < days.length && begins + days[next]! < last; next += 1)
        yield { begins: (begins + days[next]!) * DAY, times: timesOfDay };
      continue;
    }
    if (days.length === 0) continue;
    let times = known.get(days);
    if (times === undefined) {
      const all = days.flatMap((day) => timesOfDay.map((time) => day * DAY + time));
      times = chosen(all, rule.bySetPos);
      if (known.size < KINDS) known.set(days, times);
    }
    if (times.length === 0 && allAlike) return;
    yield { begins: begins * DAY, times };
  }
}

interface Prepared {
  dtstart: number;
  days: DayRule;
  lister: DayLister;
  timesOfDay: readonly number[];
  /** Of a rule with a COUNT, once somebody asked. */
  last?: number;
}

/** A rule may be asked for thousands of single days. */
const ready = new WeakMap<Rule, Prepared>();

function prepare(rule: Rule, dtstart: number): Prepared {
  const known = ready.get(rule);
  if (known?.dtstart === dtstart) return known;
  const days = dayRule(rule, dtstart);
  const prepared: Prepared = { dtstart, days, lister: dayLister(days), timesOfDay: timesOfADay(rule, dtstart) };
  ready.set(rule, prepared);
  return prepared;
}

/** The allowed days, period by period, until no period begins by the day `last`. */
function periodsOf(
  rule: Rule,
  { days, lister }: Omit<Prepared, "timesOfDay">,
  first: number,
  start: number,
  last: number,
): Generator<ListedDays, void> {
  if (rule.freq === "YEARLY") return years(rule.interval, lister, first, start, last);
  if (rule.freq === "MONTHLY") return months(rule.interval, lister, first, start, last);
  if (rule.freq === "WEEKLY") return weeks(rule.interval, days, first, start, last);
  const dense = rule.interval < 28 && !takesEveryDay(days);
  return dense ? daysByMonth(rule.interval, days, lister, first, start, last) : everyDays(rule.interval, days, first, start, last);
}

/** The first of the numbers first, first + interval, … whose period has not ended before `start`. */
const forward = (first: number, start: number, interval: number): number =>
  start <= first ? first : first + Math.floor((start - first) / interval) * interval;

function* years(interval: number, { inYear }: DayLister, first: number, start: number, last: number): Generator<ListedDays, void> {
  const lastYear = calendarDay(last).year;
  for (let year = forward(calendarDay(first).year, calendarDay(start).year, interval); year <= lastYear; year += interval)
    yield inYear(year);
}

function* months(interval: number, { inMonth }: DayLister, first: number, start: number, last: number): Generator<ListedDays, void> {
  const lastMonth = monthNumber(last);
  for (let month = forward(monthNumber(first), monthNumber(start), interval); month <= lastMonth; month += interval) {
    yield inMonth(Math.floor(month / 12), (month % 12) + 1);
  }
}

function* weeks(interval: number, days: DayRule, first: number, start: number, last: number): Generator<ListedDays, void> {
  const firstOfWeek = (day: number) => day - modulo(weekdayOf(day) - days.weekStart, 7);
  const offsets = [...new Set(days.byDay?.map(({ weekday }) => modulo(weekday - days.weekStart, 7)))].toSorted((a, b) => a - b);
  for (let week = forward(firstOfWeek(first), firstOfWeek(start), interval * 7); week <= last; week += interval * 7) {
    yield { begins: week, days: days.byMonth ? offsets.filter((offset) => allowsDay(days, week + offset)) : offsets };
  }
}

function* everyDays(interval: number, days: DayRule, first: number, start: number, last: number): Generator<ListedDays, void> {
  for (let day = forward(first, start, interval); day <= last; day += interval)
    if (allowsDay(days, day)) yield { begins: day, days: ONE_DAY };
}

/** Days with conditions are found by whole months: most months of "every day in February" need no look at their days. */
function* daysByMonth(
  interval: number,
  { byMonth }: DayRule,
  { inMonth }: DayLister,
  first: number,
  start: number,
  last: number,
): Generator<ListedDays, void> {
  const lastYear = calendarDay(last).year;
  for (let year = calendarDay(Math.max(first, start)).year; year <= lastYear; year += 1) {
    for (const month of byMonth ?? MONTHS) {
      const listed = inMonth(year, month);
      for (const offset of listed.days) {
        const day = listed.begins + offset;
        if (day >= first && (day - first) % interval === 0) yield { begins: day, days: ONE_DAY };
      }
    }
  }
}

const ONE_DAY = [0];

/** Months since the year 0. */
function monthNumber(day: number): number {
  const { year, month } = calendarDay(day);
  return year * 12 + month - 1;
}

/** Milliseconds into the day, in order; what the rule leaves open is the first instance's. */
function timesOfADay(rule: Rule, dtstart: number): number[] {
  const seconds = Math.floor(modulo(dtstart, DAY) / SECOND);
  const { byHour = [Math.floor(seconds / 3_600)], byMinute = [Math.floor(seconds / 60) % 60], bySecond = [seconds % 60] } = rule;
  return byHour.flatMap((hour) => byMinute.flatMap((minute) => bySecond.map((second) => ((hour * 60 + minute) * 60 + second) * SECOND)));
}

/** BYSETPOS: the n-th of all times of a period, or the n-th from its end; what there is not is left out, and nothing is taken twice. */
function chosen(times: readonly number[], positions: readonly number[]): number[] {
  const indexes = new Set(positions.map((position) => (position > 0 ? position - 1 : times.length + position)));
  return times.filter((_, index) => indexes.has(index));
}
