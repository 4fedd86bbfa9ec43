/**
 * A series: recurrence sets and what single occurrences have of their own -> its occurrences in a window of time.
 *
 * An override belongs to the instance that it names (its recurrenceId). Where the rule has changed and no longer has that instance,
 * the override belongs to an instance of the same local day that has none of its own, in order; where the day has left the rule it
 * sleeps, and wakes when the day comes back.
 */
import { coursesOf, startOfDayWithinTime, withinTime, type Course } from "./course.ts";
import { instancesIn, instancesOnDay } from "./expand.ts";
import type { Instance, PlacedSet, Window } from "./instance.ts";
import { DAY } from "./local-time.ts";
import { startOfDay, wallOfInstant, WIDEST } from "./zone-times.ts";

export type { Instance, PlacedSet, Window } from "./instance.ts";

/** The times that an occurrence has of its own, in milliseconds since 1970; those that it has not are its instance's. */
export interface TimedOverride {
  startAt?: number;
  endAt?: number;
  doorAt?: number;
  /** Whether `startAt` is the beginning of a day and not a time; `endIsDate` the same of `endAt`. */
  isDate?: boolean;
  endIsDate?: boolean;
  /** In which zone those days begin. An occurrence of a set in another zone has the same days, as its own clock has them. */
  timezone?: string;
}

export interface Series<O extends TimedOverride> {
  sets: readonly PlacedSet[];
  /** Seconds by which the doors open before each start. */
  doorLead?: number;
  /** By recurrenceId. */
  overrides: ReadonlyMap<string, O>;
}

/** An instance with its override's times in place of its own. */
export type Occurrence<O extends TimedOverride> = Instance & {
  doorAt?: number;
  /** Of one that starts at a time: its end is a day, and `endAt` lies on it. */
  endIsDate?: true;
  override?: O;
  /** Of one that was moved: when it would have started, and whether that was a day without a time. */
  movedFrom?: { startAt: number; isDate: boolean };
};

/** The occurrences whose effective start lies in the window, in its order; `more` tells that the limit cut some off. */
export function occurrencesOf<O extends TimedOverride>(
  series: Series<O>,
  { from, until, limit }: Window,
): { occurrences: Occurrence<O>[]; more: boolean } {
  const courses = coursesOf(series.sets);
  const owners = ownersOf(courses, series.overrides);
  const moved = [...series.overrides].filter(([, { startAt }]) => startAt !== undefined);
  const { instances, more } = instancesIn(courses, { from, until, limit: limit + moved.length });
  const arrived = moved
    .filter(([, { startAt }]) => startAt! >= from - WIDEST && startAt! < until + WIDEST)
    .map(([recurrenceId]) => owners.ownerOf(recurrenceId))
    .filter((instance) => instance !== undefined);
  const each = new Map([...instances, ...arrived].map((instance) => [`${instance.recurrenceId}/${instance.set}`, instance]));
  const occurrences = [...each.values()]
    .map((instance) => occurrence(instance, owners.overrideOf(instance), series.doorLead))
    .filter(({ startAt }) => startAt >= from && startAt < until)
    .toSorted((a, b) => a.startAt - b.startAt || (a.recurrenceId < b.recurrenceId ? -1 : 1));
  return { occurrences: occurrences.slice(0, limit), more: more || occurrences.length > limit };
}

/** One occurrence by its name, or by the name of an override that belongs to it; undefined where the series has no such one. */
export function occurrenceNamed<O extends TimedOverride>(series: Series<O>, recurrenceId: string): Occurrence<O> | undefined {
  const owners = ownersOf(coursesOf(series.sets), series.overrides);
  const instance = owners.ownerOf(recurrenceId);
  return instance && occurrence(instance, owners.overrideOf(instance), series.doorLead);
}

interface Owners<O> {
  ownerOf(recurrenceId: string): Instance | undefined;
  overrideOf(instance: Instance): O | undefined;
}

/** Settles day by day, and only for days that are asked for, which override belongs to which instance. */
function ownersOf<O extends TimedOverride>(courses: readonly Course[], overrides: ReadonlyMap<string, O>): Owners<O> {
  const namesByDay = Map.groupBy(overrides.keys(), (recurrenceId) => recurrenceId.slice(0, 8));
  const days = new Map<string, { owners: Map<string, Instance>; names: Map<string, string> }>();
  const settled = (day: string) => {
    let settlement = days.get(day);
    if (settlement === undefined) {
      settlement = settle(instancesOnDay(courses, day), namesByDay.get(day) ?? []);
      days.set(day, settlement);
    }
    return settlement;
  };
  return {
    ownerOf: (recurrenceId) => settled(recurrenceId.slice(0, 8)).owners.get(recurrenceId),
    overrideOf({ recurrenceId }) {
      const day = recurrenceId.slice(0, 8);
      if (!namesByDay.has(day)) return undefined;
      const name = settled(day).names.get(recurrenceId);
      return name === undefined ? undefined : overrides.get(name);
    },
  };
}

function settle(instances: readonly Instance[], names: readonly string[]) {
  const owners = new Map(instances.map((instance) => [instance.recurrenceId, instance]));
  const named = new Map(names.filter((name) => owners.has(name)).map((name) => [name, name]));
  const free = instances.filter(({ recurrenceId }) => !named.has(recurrenceId));
  const homeless = names.filter((name) => !owners.has(name)).toSorted();
  for (const [index, name] of homeless.entries()) {
    const instance = free[index];
    if (instance === undefined) break;
    owners.set(name, instance);
    named.set(instance.recurrenceId, name);
  }
  return { owners, names: named };
}

function occurrence<O extends TimedOverride>(instance: Instance, override: O | undefined, doorLead: number | undefined): Occurrence<O> {
  const startAt = ownTime(override?.startAt, override?.isDate, override, instance) ?? instance.startAt;
  const isDate = override?.startAt === undefined ? instance.isDate : (override.isDate ?? false);
  const own = ownEnd(override, instance, startAt);
  const endAt = own ?? endOfMoved(instance, startAt, isDate);
  const doorAt = override?.doorAt ?? (doorLead === undefined || isDate ? undefined : startAt - doorLead * 1_000);
  const moved = startAt !== instance.startAt || isDate !== instance.isDate;
  const { recurrenceId, set, timezone } = instance;
  return {
    recurrenceId,
    set,
    timezone,
    startAt,
    ...(endAt !== undefined && { endAt }),
    ...(own !== undefined && !isDate && override?.endIsDate && { endIsDate: true as const }),
    isDate,
    ...(doorAt !== undefined && { doorAt }),
    ...(override && { override }),
    ...(moved && { movedFrom: { startAt: instance.startAt, isDate: instance.isDate } }),
  };
}

/** The end that an override has, unless it lies before the start, which may be another rule's by now; a day that is an end is not over before it ends. */
function ownEnd(override: TimedOverride | undefined, instance: Instance, startAt: number): number | undefined {
  const endAt = ownTime(override?.endAt, override?.endIsDate, override, instance);
  if (endAt === undefined || endAt >= startAt) return endAt;
  const sameDay = override?.endIsDate && wallOfInstant(startAt, instance.timezone) - wallOfInstant(endAt, instance.timezone) < DAY;
  return sameDay ? startAt : undefined;
}

/** A time of an override; a day begins where the instance is. */
function ownTime(at: number | undefined, isDate = false, override: TimedOverride | undefined, { timezone }: Instance): number | undefined {
  const zone = override?.timezone ?? timezone;
  return at === undefined || !isDate || zone === timezone ? at : startOfDay(wallOfInstant(at, zone), timezone);
}

/** One that is moved lasts as long as before, in days of the calendar where it has no time; a day made a time, or a time a day, has no end of its own. */
function endOfMoved(instance: Instance, startAt: number, isDate: boolean): number | undefined {
  if (instance.endAt === undefined || startAt === instance.startAt) return instance.endAt;
  if (isDate !== instance.isDate) return undefined;
  if (!isDate) return Math.max(startAt, withinTime(instance.endAt + startAt - instance.startAt, instance.timezone));
  const wall = (instant: number) => wallOfInstant(instant, instance.timezone);
  const days = Math.round((wall(instance.endAt) - wall(instance.startAt)) / DAY);
  return startOfDayWithinTime(Math.floor(wall(startAt) / DAY + days) * DAY, instance.timezone);
}
