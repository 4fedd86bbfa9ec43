/**
 * What a schema.org Schedule says of its rule <-> an RRULE (RFC 5545 §3.3.10), as text.
 *
 * schema.org has words for the frequency, the days, months and weeks of the month, and the bounds; it has none for the rest.
 */
import { parseRule } from "../domain/recurrence/rule.ts";
import type { EventFields } from "../domain/submission.ts";

/** The terms of one Schedule by name, each value as it was written. */
export type Schedule = NonNullable<EventFields["eventSchedule"]>[number];
type Rule = Exclude<ReturnType<typeof parseRule>, { fault: unknown }>;
/** The terms of schema.org that make a rule; a Schedule with none of them has no rule. */
export const RULE_TERMS = ["repeatFrequency", "byDay", "byMonth", "byMonthDay", "byMonthWeek"] as const;
type Term = (typeof RULE_TERMS)[number] | "repeatCount";

const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
const NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const FREQUENCIES: Record<string, readonly [string, number]> = {
  hourly: ["HOURLY", 1],
  daily: ["DAILY", 1],
  weekly: ["WEEKLY", 1],
  biweekly: ["WEEKLY", 2],
  fortnightly: ["WEEKLY", 2],
  monthly: ["MONTHLY", 1],
  bimonthly: ["MONTHLY", 2],
  quarterly: ["MONTHLY", 3],
  semiannual: ["MONTHLY", 6],
  annual: ["YEARLY", 1],
  annually: ["YEARLY", 1],
  yearly: ["YEARLY", 1],
  biennial: ["YEARLY", 2],
  triennial: ["YEARLY", 3],
};

export interface RuleFault {
  term: Term;
  what: string;
  found: unknown;
}

/**
 * The RRULE without its bounds that a Schedule says; undefined where it says none, or one in words that nobody knows.
 * `day` is the first day ("2026-05-08"), for what is left unsaid: "in the second week of the month".
 *
 *   ruleOfSchedule({ repeatFrequency: "P1M", byDay: "https://schema.org/Monday", byMonthWeek: 2 }, "2026-05-11")
 *   // { rrule: "FREQ=MONTHLY;BYDAY=2MO" }
 */
export function ruleOfSchedule(schedule: Schedule, day: string): { rrule: string } | { fault: RuleFault } | undefined {
  const frequency = schedule["repeatFrequency"] === undefined ? undefined : readFrequency(String(schedule["repeatFrequency"]));
  const days = listed(schedule["byDay"]).map(readDay);
  if ((schedule["repeatFrequency"] !== undefined && frequency === undefined) || days.includes(undefined)) return undefined;
  const months = readNumbers(schedule, "byMonth", "months from 1 to 12", (n) => n >= 1 && n <= 12);
  const monthDays = readNumbers(schedule, "byMonthDay", "days of the month from 1 to 31, or from the end -1 to -31", within(31));
  const weeks = readNumbers(schedule, "byMonthWeek", "weeks of the month from 1 to 5, or from the end -1 to -5", within(5));
  for (const read of [months, monthDays, weeks]) if (!Array.isArray(read)) return { fault: read };
  const by = {
    months: months as number[],
    monthDays: monthDays as number[],
    weeks: weeks as number[],
    days: days as { day: string; nth: number | undefined }[],
  };
  const [freq, interval] = settled(frequency, by);
  const numbered = by.weeks.length > 0 || by.days.some(({ nth }) => nth !== undefined);
  if (freq === undefined || (numbered && freq !== "MONTHLY" && freq !== "YEARLY")) return undefined;
  const weekdays = by.weeks.length > 0 && by.days.length === 0 ? [{ day: weekdayOf(day), nth: undefined }] : by.days;
  const byDay = weekdays.flatMap(({ day: name, nth }) =>
    nth === undefined && by.weeks.length > 0 ? by.weeks.map((week) => `${week}${name}`) : [`${nth ?? ""}${name}`],
  );
  // "The second Monday, every year" is of one month: that of the first day.
  if (freq === "YEARLY" && by.weeks.length > 0 && by.months.length === 0) by.months = [Number(day.slice(5, 7))];
  const parts = [
    `FREQ=${freq}`,
    ...(interval === 1 ? [] : [`INTERVAL=${interval}`]),
    ...(by.months.length === 0 ? [] : [`BYMONTH=${by.months.join(",")}`]),
    ...(by.monthDays.length === 0 ? [] : [`BYMONTHDAY=${by.monthDays.join(",")}`]),
    ...(byDay.length === 0 ? [] : [`BYDAY=${byDay.join(",")}`]),
  ];
  return { rrule: parts.join(";") };
}

/** The terms of schema.org that say a rule without its bounds; the frequency alone where it has no words for the rest. */
export function scheduleOfRule(rule: Rule): Schedule {
  const { freq, interval, byMonth, byMonthDay, byDay } = rule;
  const repeatFrequency = durationOf(freq, interval);
  if (rule.byWeekNo ?? rule.byYearDay ?? rule.byHour ?? rule.byMinute ?? rule.bySecond ?? rule.bySetPos) return { repeatFrequency };
  const weeks = [...new Set((byDay ?? []).map(({ nth }) => nth))];
  const named = [...new Set((byDay ?? []).map(({ day }) => day))];
  // Days and weeks apart say each day of each week.
  const apart =
    weeks.every((week) => week !== undefined && week >= 1 && week <= 5) &&
    weeks.length * named.length === byDay?.length &&
    (freq === "MONTHLY" || byMonth !== undefined);
  const plain = weeks.length === 1 && weeks[0] === undefined;
  return {
    repeatFrequency,
    ...(byMonth !== undefined && { byMonth: oneOrTexts(byMonth) }),
    ...(byMonthDay !== undefined && { byMonthDay: oneOrTexts(byMonthDay) }),
    ...(byDay !== undefined &&
      (apart || plain
        ? { byDay: oneOrTexts(named.map((day) => `https://schema.org/${NAMES[DAYS.indexOf(day as "MO")]!}`)) }
        : { byDay: oneOrTexts(byDay.map(({ day, nth }) => `${nth ?? ""}${day}`)) })),
    ...(apart && { byMonthWeek: oneOrTexts(weeks as number[]) }),
  };
}

type Frequency = { freq: string; interval: number };

/** A whole RRULE where a frequency was asked for, as some write it: "FREQ=WEEKLY;BYDAY=FR". */
export function wholeRule({ repeatFrequency }: Schedule): string | undefined {
  return typeof repeatFrequency === "string" && /^(RRULE:)?FREQ=/i.test(repeatFrequency) ? repeatFrequency : undefined;
}

/** "P2W", "Weekly", "http://purl.org/cld/freq/weekly", "every 2 weeks" */
function readFrequency(written: string): Frequency | undefined {
  const text = written.trim();
  const duration = /^P(?:(\d{1,7})([DWMY])|T(\d{1,7})([HMS]))$/i.exec(text);
  if (duration !== null) {
    const [, days, ofDays, hours, ofHours] = duration;
    const interval = Number(days ?? hours);
    const freq = ofDays === undefined ? SHORT[ofHours!.toUpperCase()] : LONG[ofDays.toUpperCase()];
    return interval === 0 || freq === undefined ? undefined : { freq, interval };
  }
  const word = text.replace(/.*[/#:]/, "").toLowerCase();
  const known = Object.hasOwn(FREQUENCIES, word.replaceAll("-", "")) ? FREQUENCIES[word.replaceAll("-", "")] : undefined;
  if (known !== undefined) return { freq: known[0], interval: known[1] };
  const every = /^every (?:(\d{1,3}) )?(hour|day|week|month|year)s?$/.exec(word);
  if (every === null || every[1] === "0") return undefined;
  return { freq: LONG[every[2]![0]!.toUpperCase()] ?? "HOURLY", interval: Number(every[1] ?? 1) };
}

const LONG: Record<string, string> = { D: "DAILY", W: "WEEKLY", M: "MONTHLY", Y: "YEARLY" };
const SHORT: Record<string, string> = { H: "HOURLY", M: "MINUTELY", S: "SECONDLY" };

function durationOf(freq: string, interval: number): string {
  const long = Object.keys(LONG).find((letter) => LONG[letter] === freq);
  return long === undefined ? `PT${interval}${freq[0]!}` : `P${interval}${long}`;
}

/** The frequency as RFC 5545 counts it: days named without any are weekly, days of numbered weeks are of months. */
function settled(
  given: { freq: string; interval: number } | undefined,
  { days, months, monthDays, weeks }: { days: { nth: number | undefined }[]; months: number[]; monthDays: number[]; weeks: number[] },
): [string | undefined, number] {
  const numbered = weeks.length > 0 || days.some(({ nth }) => nth !== undefined);
  if (given === undefined) {
    if (numbered) return ["MONTHLY", 1];
    if (days.length > 0 && monthDays.length === 0) return ["WEEKLY", 1];
    if (monthDays.length > 0) return [months.length > 0 ? "YEARLY" : "MONTHLY", 1];
    return [months.length > 0 ? "YEARLY" : undefined, 1];
  }
  const { freq, interval } = given;
  if (numbered && interval === 1 && (freq === "DAILY" || freq === "WEEKLY")) return ["MONTHLY", 1];
  // "P7D" beside a day of the week means that day, and not the seventh day after the first if that is the same one.
  if (freq === "DAILY" && interval % 7 === 0 && days.length > 0) return ["WEEKLY", interval / 7];
  return [freq, interval];
}

/** "https://schema.org/Monday", "Mondays", "Mon", "MO", "2MO", "-1SU" */
function readDay(written: string): { day: string; nth: number | undefined } | undefined {
  const match = /^([+-]?\d{1,2})?\s*([A-Za-z]+)$/.exec(written.replace(/^.*[/#:]/, "").trim());
  if (match === null) return undefined;
  const [, nth, word] = match;
  const name = word!.toLowerCase();
  const at = NAMES.findIndex((known) => {
    const full = known.toLowerCase();
    return name === full || name === `${full}s` || (name.length >= 2 && name.length <= 5 && full.startsWith(name));
  });
  return at === -1 ? undefined : { day: DAYS[at]!, nth: nth === undefined ? undefined : Number(nth) };
}

/** "2026-05-08" -> "FR" */
export function weekdayOf(date: string): string {
  return DAYS[(new Date(`${date.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7]!;
}

function readNumbers(schedule: Schedule, term: Term, what: string, holds: (number: number) => boolean): number[] | RuleFault {
  const words = listed(schedule[term]);
  const found = words.map((word) => (/^[+-]?\d{1,3}$/.test(word) ? Number(word) : Number.NaN));
  const wrong = found.findIndex((number) => !holds(number));
  return wrong === -1 ? found : { term, what, found: words[wrong] };
}

const within = (most: number) => (number: number) => Math.abs(number) >= 1 && Math.abs(number) <= most;

/** A value, a list of them, or one text with commas between them. */
function listed(value: Schedule[string] | undefined): string[] {
  return (value === undefined ? [] : [value].flat()).flatMap((one) =>
    String(one)
      .split(/[,;]/)
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );
}

/** As the terms of a Schedule hold several values: as texts. */
function oneOrTexts(values: (string | number)[]): string | number | string[] {
  return values.length === 1 ? values[0]! : values.map(String);
}
