/**
 * Phrases of days within a row of words, English and French: "this weekend", "July 1st", "juin 2026". The words are
 * data (data/phrase-words.json), compared without accents. Every finder looks at one place of the row, and says how
 * many words it takes there and what they mean.
 */
import { Temporal } from "temporal-polyfill";
import said from "./data/phrase-words.json" with { type: "json" };

/** Local days, both included. */
export interface Dates {
  kind: "dates";
  startDate: string;
  endDate: string;
}
export interface Found<Meaning> {
  length: number;
  means: Meaning[];
}
/** Folded words; "" is what no phrase reaches over. */
export type Row = readonly string[];
export type Day = Temporal.PlainDate;

/** How many words the longest of these texts takes at `at`; 0 where none stands there. */
export function lengthOf(texts: readonly string[], row: Row, at: number): number {
  let longest = 0;
  for (const text of texts) {
    const parts = text.split(" ");
    if (parts.length > longest && parts.every((part, n) => row[at + n] === part)) longest = parts.length;
  }
  return longest;
}

/** Which of these sets of words has the one at `at`; -1 for none. */
export const indexAt = (sets: readonly (readonly string[])[], row: Row, at: number): number =>
  sets.findIndex((words) => words.includes(row[at] ?? ""));

export const dates = (from: Day, until: Day = from): Dates => ({ kind: "dates", startDate: from.toString(), endDate: until.toString() });
const later = (a: Day, b: Day): Day => (Temporal.PlainDate.compare(a, b) < 0 ? b : a);

/** "tomorrow", "this weekend", "la semaine prochaine". A weekend begins on Friday, for its evening; of what has begun, the rest is meant. */
export function namedDays(row: Row, at: number, today: Day): Found<Dates> | undefined {
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  const first = today.with({ day: 1 });
  const day = (n: number): Day => monday.add({ days: n });
  const spans: [readonly string[], Day, Day][] = [
    [said.today, today, today],
    [said.tomorrow, today.add({ days: 1 }), today.add({ days: 1 })],
    [said.thisWeekend, later(day(4), today), day(6)],
    [said.nextWeekend, day(11), day(13)],
    [said.thisWeek, today, day(6)],
    [said.nextWeek, day(7), day(13)],
    [said.thisMonth, today, first.add({ months: 1 }).subtract({ days: 1 })],
    [said.nextMonth, first.add({ months: 1 }), first.add({ months: 2 }).subtract({ days: 1 })],
  ];
  let found: Found<Dates> | undefined;
  for (const [texts, from, until] of spans) {
    const length = lengthOf(texts, row, at);
    if (length > (found?.length ?? 0)) found = { length, means: [dates(from, until)] };
  }
  return found;
}

/** "2026-06-12", "on July 1st", "du 3 au 5 juillet", "in June", "juin 2026"; without a year, the next there is. */
export function calendarDays(row: Row, at: number, today: Day): Found<Dates> | undefined {
  const lead = lengthOf(said.onDay, row, at);
  for (const skip of lead > 0 ? [lead, 0] : [0]) {
    const found = isoDate(row, at + skip) ?? dayAndMonth(row, at + skip, today) ?? monthAndDay(row, at + skip, today);
    if (found !== undefined) return { ...found, length: found.length + skip };
  }
  return wholeMonth(row, at, today) ?? wholeYear(row, at);
}

/** "PyCon 2019", "in 2026": a year is a phrase where the query ends, or after its preposition; "2001 A Space Odyssey" begins with a name. */
function wholeYear(row: Row, at: number): Found<Dates> | undefined {
  const lead = lengthOf(said.inMonth, row, at);
  const year = yearAt(row, at + lead);
  if (year === undefined || row.length === 1 || (lead === 0 && at !== row.length - 1)) return undefined;
  return {
    length: lead + 1,
    means: [dates(Temporal.PlainDate.from({ year, month: 1, day: 1 }), Temporal.PlainDate.from({ year, month: 12, day: 31 }))],
  };
}

function isoDate(row: Row, at: number): Found<Dates> | undefined {
  const [, year, month, day] = /^(\d{4})[-/](\d{2})[-/](\d{2})$/.exec(row[at] ?? "") ?? [];
  return spanOf(1, Number(year), Number(month), [Number(day)]);
}

/** "13 June 2026", "1er juillet", "3 to 5 July", "3-5 July". */
function dayAndMonth(row: Row, at: number, today: Day): Found<Dates> | undefined {
  const days = daysAt(row, at);
  if (days === undefined) return undefined;
  const of = at + days.length + lengthOf(["of", "de"], row, at + days.length);
  const month = monthAt(row, of);
  return month === undefined ? undefined : dated(row, at, of + 1, month, days.means, today);
}

/** "July 1st, 2026", "July 3 to 5". */
function monthAndDay(row: Row, at: number, today: Day): Found<Dates> | undefined {
  const month = monthAt(row, at);
  const days = daysAt(row, at + 1);
  return month === undefined || days === undefined ? undefined : dated(row, at, at + 1 + days.length, month, days.means, today);
}

function dated(row: Row, at: number, end: number, month: number, days: number[], today: Day): Found<Dates> | undefined {
  const year = yearAt(row, end);
  if (year !== undefined) return spanOf(end + 1 - at, year, month, days);
  const soon = spanOf(end - at, today.year, month, days);
  return soon !== undefined && soon.means[0]!.endDate >= today.toString() ? soon : spanOf(end - at, today.year + 1, month, days);
}

/** A month by itself may be a name (May, June, Mars), a verb (march), or the month: it needs a year, a word before it, or the last place in the query. */
function wholeMonth(row: Row, at: number, today: Day): Found<Dates> | undefined {
  const lead = lengthOf(said.inMonth, row, at);
  const month = monthAt(row, at + lead);
  if (month === undefined) return undefined;
  const year = yearAt(row, at + lead + 1);
  const isName = said.namesAlso.includes(row[at + lead]!) || !said.months[month - 1]!.includes(row[at + lead]!);
  if (year === undefined && lead === 0 && (isName || at !== row.length - 1)) return undefined;
  const first = Temporal.PlainDate.from({ year: year ?? (month < today.month ? today.year + 1 : today.year), month, day: 1 });
  const from = year === undefined ? later(first, today) : first;
  return { length: lead + (year === undefined ? 1 : 2), means: [dates(from, first.with({ day: first.daysInMonth }))] };
}

/** One day or two: "1st", "1er", "13", "3-5", "3 to 5". */
function daysAt(row: Row, at: number): { length: number; means: number[] } | undefined {
  const range = /^(\d{1,2})-(\d{1,2})$/.exec(row[at] ?? "");
  if (range) return { length: 1, means: [Number(range[1]), Number(range[2])] };
  const day = dayAt(row, at);
  if (day === undefined) return undefined;
  const to = lengthOf(said.to, row, at + 1);
  const last = to > 0 ? dayAt(row, at + 1 + to) : undefined;
  return last === undefined ? { length: 1, means: [day] } : { length: 2 + to, means: [day, last] };
}

function dayAt(row: Row, at: number): number | undefined {
  const [, day] = /^(\d{1,2})(?:st|nd|rd|th|er|e)?$/.exec(row[at] ?? "") ?? [];
  return day === undefined ? undefined : Number(day);
}

function monthAt(row: Row, at: number): number | undefined {
  const month = indexAt(said.months, row, at) + 1 || indexAt(said.shortMonths, row, at) + 1;
  return month === 0 ? undefined : month;
}

const yearAt = (row: Row, at: number): number | undefined => (/^20\d\d$/.test(row[at] ?? "") ? Number(row[at]) : undefined);

/** Undefined for days that the month does not have (June 31st), or that run backwards. */
function spanOf(length: number, year: number, month: number, days: readonly number[]): Found<Dates> | undefined {
  if (!(year >= 1900 && year <= 2199 && month >= 1 && month <= 12)) return undefined;
  const first = Temporal.PlainDate.from({ year, month, day: 1 });
  const [from = 0, until = from] = days;
  return from >= 1 && from <= until && until <= first.daysInMonth
    ? { length, means: [dates(first.with({ day: from }), first.with({ day: until }))] }
    : undefined;
}
