/**
 * Recurrence sets -> their instances. A rule is expanded on the wall clock and each of its times then placed in the set's zone, so
 * that "every Friday at seven" is at seven on both sides of a change of clocks.
 */
import { isDate as isDateClaim, instantOf } from "../when.ts";
import { coursesOf, placed, startOfDayWithinTime, wallsOf, type Course } from "./course.ts";
import { durationOf } from "./duration.ts";
import type { Instance, PlacedSet, Window } from "./instance.ts";
import { basicText, DAY, knownWall, localText, wallOf } from "./local-time.ts";
import { MAX_A_DAY } from "./rule.ts";
import { lastCounted, lastOf } from "./wall-times.ts";
import { offsetAt, WIDEST } from "./zone-times.ts";

/**
 * The instances that start in a window, in order of start; `more` tells that the limit cut some off. What two sets both have (the
 * same recurrenceId) is the first set's; what a skipped hour moves onto another instance of its set is one with it.
 */
export function instancesOf(sets: readonly PlacedSet[], window: Window): { instances: Instance[]; more: boolean } {
  return instancesIn(coursesOf(sets), window);
}

/** As instancesOf, for sets that are made ready. */
export function instancesIn(courses: readonly Course[], { from, until, limit }: Window): { instances: Instance[]; more: boolean } {
  const found: Instance[] = [];
  let enough = Number.POSITIVE_INFINITY;
  for (const { course, wall } of merged(courses, from - WIDEST, until + WIDEST)) {
    if (wall > enough) break;
    const instance = placed(course, wall);
    if (instance.startAt < from || instance.startAt >= until) continue;
    found.push(instance);
    // By other zones and skipped hours an instance may start before one that was found earlier, but not long before.
    if (found.length === limit + SPARE) enough = wall + 2 * WIDEST;
  }
  const instances = withoutCollisions(found.toSorted(byStart));
  return { instances: instances.slice(0, limit), more: instances.length > limit };
}

/** More than collisions in one place can take away: as many as one day has in one set, and the one that makes `more` true. */
const SPARE = MAX_A_DAY + 1;

/** The starts of all courses by what their own clocks show; what two have is the first's. */
function* merged(courses: readonly Course[], from: number, until: number): Generator<{ course: Course; wall: number }, void> {
  const walks = courses.map((course) => {
    const walls = wallsOf(course, from, until);
    return { course, walls, next: walls.next() };
  });
  for (let last = Number.NaN, dates = [false, false]; ;) {
    let first: (typeof walks)[number] | undefined;
    for (const walk of walks) if (!walk.next.done && (first === undefined || walk.next.value < first.next.value!)) first = walk;
    if (first === undefined) return;
    const { course, next } = first;
    const wall = next.value!;
    first.next = first.walls.next();
    if (wall !== last) dates = [false, false];
    last = wall;
    // A date and a time at its midnight are two.
    const kind = course.isDate ? 1 : 0;
    if (dates[kind]) continue;
    dates[kind] = true;
    yield { course, wall };
  }
}

/** Leaves of two instances of one set at one instant, of which a skipped hour moved one, the other. */
function withoutCollisions(instances: readonly Instance[]): Instance[] {
  const later = new Map<number, number>();
  return instances
    .toReversed()
    .filter(({ set, startAt }) => {
      if (later.get(set) === startAt) return false;
      later.set(set, startAt);
      return true;
    })
    .reverse();
}

/** The instances whose own clock shows that day ("20260508"), in order. */
export function instancesOnDay(courses: readonly Course[], day: string): Instance[] {
  const from = knownWall(day);
  return [...merged(courses, from, from + DAY)].map(({ course, wall }) => placed(course, wall)).toSorted(byStart);
}

/**
 * Finds single instances, however far apart: by the instant at which one starts, or the first whose own clock shows a day
 * ("20260508"). No more of a rule is expanded than the times asked for.
 */
export function instanceFinder(sets: readonly PlacedSet[]): {
  at: (instant: number) => Instance | undefined;
  on: (day: string) => Instance | undefined;
} {
  const courses = coursesOf(sets);
  const zones = [...new Set(sets.map(({ timezone }) => timezone))];
  const between = (from: number, until: number) => merged(courses, from, until).map(({ course, wall }) => placed(course, wall));
  const at = (instant: number) => {
    // A skipped time stands on the clock as it was before the change.
    const walls = zones.flatMap((zone) => [instant, instant - WIDEST].map((when) => instant + offsetAt(when, zone)));
    const near = [...new Set(walls)].flatMap((wall) => [...between(wall, wall + 1)]);
    return withoutCollisions(near.filter(({ startAt }) => startAt === instant).toSorted(byStart))[0];
  };
  return {
    at,
    on(day) {
      const begin = wallOf(day);
      // A day of the year 10000 is none of any rule.
      const [first] = begin === undefined ? [] : between(begin, begin + DAY);
      return first && at(first.startAt);
    },
  };
}

/** The first instance of all; undefined where exceptions take every one away. */
export function firstOf(sets: readonly PlacedSet[]): Instance | undefined {
  return instancesOf(sets, { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY, limit: 1 }).instances[0];
}

/** When the last instance is over, in milliseconds since 1970 (of one without a time: when its last day is); undefined for sets without end or without instances. */
export function endOf(sets: readonly PlacedSet[]): number | undefined {
  const courses = coursesOf(sets);
  if (courses.some(({ rule }) => rule !== undefined && rule.count === undefined && rule.until === undefined)) return undefined;
  const ends = courses.flatMap((course) => lastWalls(course).map((wall) => overAt(course, wall)));
  return ends.length === 0 ? undefined : ends.reduce((latest, end) => Math.max(latest, end));
}

/** Whether a claimed start ("2026-05-08T23:00:00Z[America/Toronto]", or a date) is the start of an instance. */
export function recurs(sets: readonly PlacedSet[], start: string): boolean {
  const courses = coursesOf(sets);
  if (isDateClaim(start)) return instancesOnDay(courses, start).some(({ isDate }) => isDate);
  const at = instantOf(start);
  return (
    instancesIn(
      courses.filter(({ isDate }) => !isDate),
      { from: at, until: at + 1, limit: 1 },
    ).instances.length > 0
  );
}

/** "2026-05-08T19:00:00" -> "20260508T190000". */
export const recurrenceIdOf = (local: string): string => basicText(knownWall(local), !local.includes("T"));
/** "20260508T190000" -> "2026-05-08T19:00:00". */
export const localOf = (recurrenceId: string): string => localText(knownWall(recurrenceId), !recurrenceId.includes("T"));

/** The start of the last instance that no exception takes away, and all extra ones, which may last longer. */
function lastWalls(course: Course): number[] {
  const { rule } = course;
  const extra = course.extra.filter((wall) => !wallsOf(course, wall, wall + 1).next().done);
  if (rule === undefined) return extra;
  const until = (rule.until === undefined ? lastCounted(rule, course.dtstart) : lastOf(rule.until)) + 1;
  // Backwards from the end, in stretches that grow: most rules have an instance in their last month.
  for (let length = 31 * DAY, end = until; end > course.dtstart; end -= length, length *= 4) {
    const walls = [...wallsOf(course, Math.max(end - length, course.dtstart), end)];
    if (walls.length > 0) return [...extra, walls.at(-1)!];
  }
  return extra;
}

function overAt(course: Course, wall: number): number {
  const instance = placed(course, wall);
  if (!instance.isDate) return instance.endAt ?? instance.startAt;
  const days = (course.extraDurations.get(wall) ?? course.duration ?? durationOf("P1D")!).days;
  return startOfDayWithinTime(wall + Math.max(days, 1) * DAY, course.timezone);
}

const byStart = (a: Instance, b: Instance): number =>
  a.startAt - b.startAt || (a.recurrenceId < b.recurrenceId ? -1 : a.recurrenceId > b.recurrenceId ? 1 : a.set - b.set);
