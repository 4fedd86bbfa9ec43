/**
 * A yearly rule read as plainly as can be: of each year that its INTERVAL names, the days on which all that it says is true. It judges
 * the few rules for which neither of the oracles has words.
 */
import { extended, isAllDay, partsOf, weekdayOf, WEEKDAYS, type RuleCase } from "./rule-case.ts";

const DAY = 86_400_000;
const dayNumber = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / DAY;
const dateOf = (day: number): Date => new Date(day * DAY);
const textOf = (day: number): string => dateOf(day).toISOString().slice(0, 10);
const yearOf = (day: number): number => dateOf(day).getUTCFullYear();

/** Local times (or dates) of the instances before `until`, a local time; nothing for a rule that is not of this kind. */
export function readDayByDay(given: RuleCase, until: string): string[] | undefined {
  const { set } = given;
  const parts = partsOf(set.rrule);
  const numbers = (name: string) => parts.get(name)?.split(",").map(Number);
  const weekdays = parts.get("BYDAY")?.split(",");
  const says = ["BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"].some((name) => parts.has(name));
  if (parts.get("FREQ") !== "YEARLY" || !says || weekdays?.some((weekday) => weekday.length > 2)) return undefined;

  const fits = [
    among(numbers("BYMONTH"), (day) => [dateOf(day).getUTCMonth() + 1]),
    among(numbers("BYWEEKNO"), (day) => weekNumbers(day, parts.get("WKST") ?? "MO")),
    among(numbers("BYYEARDAY"), (day) => fromBothEnds(day, dayNumber(yearOf(day), 1, 1), dayNumber(yearOf(day) + 1, 1, 1))),
    among(numbers("BYMONTHDAY"), (day) => {
      const [year, month] = [yearOf(day), dateOf(day).getUTCMonth() + 1];
      return fromBothEnds(day, dayNumber(year, month, 1), dayNumber(year, month + 1, 1));
    }),
    among(weekdays ?? (parts.size > 0 && isWeeksAlone(parts) ? [weekdayOf(set.dtstart)] : undefined), (day) => [weekdayOf(textOf(day))]),
  ];
  const times = isAllDay(given) ? [""] : timesOf(set.dtstart, numbers);
  const end = parts.has("UNTIL") ? extended(parts.get("UNTIL")!) : "9999";
  const most = Number(parts.get("COUNT") ?? Infinity);
  const positions = numbers("BYSETPOS");
  const found: string[] = [];
  for (let year = Number(set.dtstart.slice(0, 4)); year <= Number(until.slice(0, 4)); year += Number(parts.get("INTERVAL") ?? 1)) {
    const [first, next] = [dayNumber(year, 1, 1), dayNumber(year + 1, 1, 1)];
    const days = Array.from({ length: next - first }, (_, n) => first + n).filter((day) => fits.every((fit) => fit(day)));
    const all = days.flatMap((day) => times.map((time) => textOf(day) + time));
    const chosen = positions ? all.filter((_, n) => positions.includes(n + 1) || positions.includes(n - all.length)) : all;
    found.push(...chosen.filter((local) => local >= set.dtstart && local <= end));
  }
  const without = new Set(set.exdate);
  return [...new Set([...found.slice(0, most), ...(set.rdate ?? [])])].filter((local) => local < until && !without.has(local)).toSorted();
}

const isWeeksAlone = (parts: ReadonlyMap<string, string>): boolean =>
  parts.has("BYWEEKNO") && !["BYMONTHDAY", "BYYEARDAY"].some((name) => parts.has(name));

const among =
  <T>(wanted: readonly T[] | undefined, of: (day: number) => readonly T[]) =>
  (day: number): boolean =>
    wanted === undefined || of(day).some((one) => wanted.includes(one));

/** A day's place between two others: from the first on, and from the last back. */
const fromBothEnds = (day: number, first: number, next: number): number[] => [day - first + 1, day - next];

/** The number of a day's week (ISO 8601, but for the day on which weeks begin) in the year that has most of it, and from that year's end. */
function weekNumbers(day: number, wkst: string): number[] {
  const shift = (of: number) => (WEEKDAYS.indexOf(weekdayOf(textOf(of))) - WEEKDAYS.findIndex((name) => name === wkst) + 7) % 7;
  // The year that has a week's fourth day has most of it.
  const middle = day - shift(day) + 3;
  const [first, next] = [dayNumber(yearOf(middle), 1, 1), dayNumber(yearOf(middle) + 1, 1, 1)];
  return [Math.floor((middle - first) / 7) + 1, -(Math.floor((next - 1 - middle) / 7) + 1)];
}

function timesOf(dtstart: string, numbers: (name: string) => number[] | undefined): string[] {
  const [hour, minute, second] = dtstart.slice(11).split(":").map(Number) as [number, number, number];
  const two = (number: number) => String(number).padStart(2, "0");
  return (numbers("BYHOUR") ?? [hour])
    .flatMap((h) =>
      (numbers("BYMINUTE") ?? [minute]).flatMap((m) => (numbers("BYSECOND") ?? [second]).map((s) => `T${two(h)}:${two(m)}:${two(s)}`)),
    )
    .toSorted();
}
