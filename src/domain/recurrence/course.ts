/** A recurrence set made ready to be walked: its rule, extra dates and exceptions as numbers of the wall clock. */
import { lowest } from "./days.ts";
import { durationOf, type Duration } from "./duration.ts";
import type { Instance, PlacedSet } from "./instance.ts";
import { basicText, DAY, dayOf, isDateText, knownWall } from "./local-time.ts";
import { parseRule, type Rule } from "./rule.ts";
import { END_OF_TIME, wallTimes } from "./wall-times.ts";
import { instantOfWall, startOfDay, WIDEST } from "./zone-times.ts";

export interface Course {
  /** Which of the sets it is. */
  index: number;
  timezone: string;
  isDate: boolean;
  rule?: Rule;
  dtstart: number;
  duration?: Duration;
  /** Extra instances: their wall-clock numbers in order, and how long those last that have their own duration. */
  extra: readonly number[];
  extraDurations: ReadonlyMap<number, Duration>;
  excluded: ReadonlySet<number>;
  excludedDays: ReadonlySet<number>;
}

/** @throws RangeError for a set that readSet has not read. */
export function coursesOf(sets: readonly PlacedSet[]): Course[] {
  return sets.map((set, index) => {
    const isDate = isDateText(set.dtstart);
    const rule = set.rrule === undefined ? undefined : parseRule(set.rrule);
    if (rule !== undefined && "fault" in rule) throw new RangeError(`${set.rrule}: ${rule.fault}`);
    const dtstart = knownWall(set.dtstart);
    const duration = set.duration === undefined ? undefined : durationOf(set.duration);
    const extra = set.rdate?.map((one) => one.split("/")).map(([local = "", length]) => ({ wall: knownWall(local), length })) ?? [];
    const own = extra.flatMap(({ wall, length }) => (length === undefined ? [] : [[wall, durationOf(length)!] as const]));
    const days = isDate ? [] : (set.exdate?.filter(isDateText) ?? []);
    const times = isDate ? set.exdate : set.exdate?.filter((one) => !isDateText(one));
    return {
      index,
      timezone: set.timezone,
      isDate,
      dtstart,
      ...(rule && { rule }),
      ...(duration && { duration }),
      extra: [...(rule === undefined ? [dtstart] : []), ...extra.map(({ wall }) => wall)].toSorted((a, b) => a - b),
      extraDurations: new Map(own),
      excluded: new Set(times?.map(knownWall)),
      excludedDays: new Set(days.map((day) => dayOf(knownWall(day)))),
    };
  });
}

/** The starts of a course from `from` on and before `until`, in order and each once, as its clock shows them. */
export function* wallsOf(course: Course, from: number, until: number): Generator<number, void> {
  const { extra, excluded, excludedDays } = course;
  let next = lowest(extra, from);
  let last = Number.NaN;
  const taken = (wall: number) => {
    if (wall === last || excluded.has(wall) || (excludedDays.size > 0 && excludedDays.has(dayOf(wall)))) return false;
    last = wall;
    return true;
  };
  for (const wall of ruleWalls(course, from, until)) {
    for (; next < extra.length && extra[next]! < wall; next += 1) if (taken(extra[next]!)) yield extra[next]!;
    if (taken(wall)) yield wall;
  }
  for (; next < extra.length && extra[next]! < until; next += 1) if (taken(extra[next]!)) yield extra[next]!;
}

/** Puts a start of a course in its zone. */
export function placed(course: Course, wall: number): Instance {
  const { isDate, timezone, index } = course;
  const duration = course.extraDurations.get(wall) ?? course.duration;
  const startAt = isDate ? startOfDay(wall, timezone) : instantOfWall(wall, timezone);
  const instance: Instance = { recurrenceId: basicText(wall, isDate), set: index, timezone, startAt, isDate };
  if (duration === undefined) return instance;
  if (isDate) {
    return duration.days > 1 ? { ...instance, endAt: startOfDayWithinTime(wall + (duration.days - 1) * DAY, timezone) } : instance;
  }
  const sameTime = duration.days === 0 ? startAt : instantOfWall(wall + duration.days * DAY, timezone);
  return { ...instance, endAt: withinTime(sameTime + duration.seconds * 1_000, timezone) };
}

/** Where a day begins, or the last one that there is. */
export const startOfDayWithinTime = (wall: number, timezone: string): number => startOfDay(Math.min(wall, END_OF_TIME), timezone);

/** An end, or where the end of time is in its zone. */
export const withinTime = (end: number, timezone: string): number =>
  end < END_OF_TIME - WIDEST ? end : Math.min(end, instantOfWall(END_OF_TIME, timezone));

function ruleWalls(course: Course, from: number, until: number): Iterable<number> {
  if (course.rule === undefined) return [];
  return wallTimes(course.rule, course.dtstart, from, until);
}
