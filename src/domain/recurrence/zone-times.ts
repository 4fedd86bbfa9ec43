/**
 * Wall-clock time of an IANA zone <-> instants, by tables of the zone's transitions: one call of Temporal for each transition of
 * four years instead of several for each time (measured: half a microsecond a time in place of eight).
 *
 * A local time that the zone skips moves forward by the gap, one that it has twice is the first (RFC 5545 §3.3.5).
 */
import { Temporal } from "temporal-polyfill";
import { DAY, firstOfMonth, HOUR, isLeap, knownWall, localText, SECOND, weekdayOf, calendarDay, dayOf } from "./local-time.ts";

/** A stretch of time with one offset: from the instant `at` on, `offset` milliseconds ahead of UTC. */
interface Stretch {
  at: number;
  offset: number;
}

export interface Transition {
  /** Milliseconds since 1970. */
  at: number;
  /** Seconds ahead of UTC. */
  offsetBefore: number;
  offsetAfter: number;
}

/** "america/toronto" -> "America/Toronto". A name that is a link to another stays what it is. */
export const zoneName = (zone: string): string => Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone).timeZoneId;

const YEARS_IN_BLOCK = 4;
/** More than the widest offset and the widest gap (a day) together: what is asked for within a block is settled by its table. */
const MARGIN = 3 * DAY;

/**
 * From here on every zone only repeats yearly rules (the tables of the tz database, which has Ramadan written out, end in 2087),
 * so that a year has the transitions of any other with the same length and the same first weekday.
 */
const FAR = 2_101;
/** 28 years in which all fourteen kinds are. */
const FAR_YEARS = 28;

/** The tables depend on nothing but their key and the tz database of this process: a memo, emptied when it gets large. */
const memo = new Map<string, Stretch[]>();
const MOST_TABLES = 4_000;

/** A wall-clock number in `zone` -> the instant; the first of a repeated one, and moved forward by the gap where it is skipped. */
export function instantOfWall(wall: number, zone: string): number {
  const { stretches, shift } = tableFor(wall, zone);
  const local = wall - shift;
  const index = stretchOfWall(stretches, local);
  const { at, offset } = stretches[index]!;
  const skipped = local < at + offset && index > 0;
  return local - (skipped ? stretches[index - 1]!.offset : offset) + shift;
}

/** The first instant of a day in `zone`, be its midnight skipped or not; `wall` is that midnight. */
export function startOfDay(wall: number, zone: string): number {
  const { stretches, shift } = tableFor(wall, zone);
  const { at, offset } = stretches[stretchOfWall(stretches, wall - shift)]!;
  return Math.max(wall - shift - offset, at) + shift;
}

/** An instant -> the wall-clock number of `zone`. */
export function wallOfInstant(instant: number, zone: string): number {
  const { stretches, shift } = tableFor(instant, zone);
  return instant + stretchOfInstant(stretches, instant - shift).offset;
}

/** Milliseconds by which `zone` is ahead of UTC at an instant. */
export const offsetAt = (instant: number, zone: string): number => wallOfInstant(instant, zone) - instant;

/** "2026-05-08T19:00:00" in "America/Toronto" -> milliseconds since 1970; of a date, its first instant. */
export const instantAt = (local: string, zone: string): number =>
  local.includes("T") ? instantOfWall(knownWall(local), zone) : startOfDay(knownWall(local), zone);

/** Milliseconds since 1970 -> "2026-05-08T19:00:00" as the clocks of `zone` show it. */
export const localAt = (instant: number, zone: string): string => localText(wallOfInstant(instant, zone), false);

/** The changes of offset in `zone` from `from` on and before `until` (milliseconds), in order; offsets in seconds. */
export function transitionsOf(zone: string, from: number, until: number): Transition[] {
  const found = new Map<number, Transition>();
  const lastYear = yearOf(until);
  for (let year = yearOf(from); year <= lastYear; year += 1) {
    const { stretches, shift } = tableFor(firstOfMonth(year, 1) * DAY, zone);
    stretches.forEach(({ at, offset }, index) => {
      const before = stretches[index - 1];
      const moved = at + shift;
      if (before === undefined || yearOf(moved) !== year || moved < from || moved >= until) return;
      found.set(moved, { at: moved, offsetBefore: before.offset / SECOND, offsetAfter: offset / SECOND });
    });
  }
  return [...found.values()];
}

const yearOf = (time: number): number => calendarDay(dayOf(time)).year;

/** The table that settles a time (an instant or a wall-clock number), and by how much its own times are earlier than those asked for. */
function tableFor(time: number, zone: string): { stretches: readonly Stretch[]; shift: number } {
  const year = yearOf(time);
  if (year < FAR + FAR_YEARS) return { stretches: tableOf(year, zone), shift: 0 };
  const like = yearLike(year);
  return { stretches: tableOf(like, zone), shift: (firstOfMonth(year, 1) - firstOfMonth(like, 1)) * DAY };
}

function yearLike(year: number): number {
  if (!Number.isSafeInteger(year)) throw new RangeError(`${year} is no year`);
  const weekday = weekdayOf(firstOfMonth(year, 1));
  let like = FAR;
  while (isLeap(like) !== isLeap(year) || weekdayOf(firstOfMonth(like, 1)) !== weekday) like += 1;
  return like;
}

function tableOf(year: number, zone: string): Stretch[] {
  const block = Math.floor(year / YEARS_IN_BLOCK);
  const key = `${zone}/${block}`;
  let table = memo.get(key);
  if (table === undefined) {
    if (memo.size >= MOST_TABLES) memo.clear();
    table = readTable(
      zone,
      firstOfMonth(block * YEARS_IN_BLOCK, 1) * DAY - MARGIN,
      firstOfMonth((block + 1) * YEARS_IN_BLOCK, 1) * DAY + MARGIN,
    );
    memo.set(key, table);
  }
  return table;
}

function readTable(zone: string, from: number, until: number): Stretch[] {
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  const stretches: Stretch[] = [];
  for (; at !== null && at.epochMilliseconds < until; at = at.getTimeZoneTransition("next")) {
    stretches.push({ at: at.epochMilliseconds, offset: at.offsetNanoseconds / 1e6 });
  }
  return stretches;
}

/** The first stretch that ends, on its own clock, after a wall-clock number: of a repeated hour the first. */
function stretchOfWall(stretches: readonly Stretch[], wall: number): number {
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle + 1]!.at + stretches[middle]!.offset > wall) high = middle;
    else low = middle + 1;
  }
  return low;
}

function stretchOfInstant(stretches: readonly Stretch[], instant: number): Stretch {
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stretches[middle]!.at <= instant) low = middle;
    else high = middle - 1;
  }
  return stretches[low]!;
}

/** Bounds on the wall clock are wider by this than a window of instants: the widest offset, and the widest gap, are less together. */
export const WIDEST = 40 * HOUR;
