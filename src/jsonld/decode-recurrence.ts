/**
 * When an event is: once, on listed dates, or by rules with exceptions.
 *
 * With a rule, the event's start and end are those of the first instance, and its sub-events are exceptions and added dates;
 * without one they are its dates.
 */
import { firstOf, localOf as localOfId } from "../domain/recurrence/expand.ts";
import { readSet } from "../domain/recurrence/read-set.ts";
import { newSearch } from "../domain/recurrence/sub-daily.ts";
import { localAt } from "../domain/recurrence/zone-times.ts";
import type { EventFields, RecurrenceSet } from "../domain/submission.ts";
import { isDate } from "../domain/when.ts";
import { readExceptions, withAdded } from "./decode-exceptions.ts";
import type { SeriesFields } from "./decode-exceptions.ts";
import { readSchedules, readSubEvents } from "./decode-schedule.ts";
import type { Times } from "./decode-schedule.ts";
import { between } from "./durations.ts";
import type { Node, NodeIndex } from "./expanded.ts";
import { expected } from "./faults.ts";
import type { Fault } from "./faults.ts";
import type { Schedule } from "./schedule-rule.ts";
import { setsOf } from "./schedule-sets.ts";
import { instantOf, localOf } from "./wall-clock.ts";

/** Each costs an expansion or two before anything is known of it. */
const MOST_SCHEDULES = 20;

export interface Recurrence {
  times: Times;
  /** Schedules that say no rule. */
  eventSchedule: Schedule[];
  subEvent: NonNullable<EventFields["subEvent"]>;
  recurrence: RecurrenceSet[];
  overrides: NonNullable<EventFields["overrides"]>;
}

/** `times` are the event's own as written, `series` what an occurrence may have otherwise. Faults name their terms. */
export function readRecurrence(node: Node, index: NodeIndex, times: Times, series: SeriesFields, faults: Fault[]): Recurrence {
  const before = faults.length;
  const schedules = readSchedules(node, index, faults);
  if (schedules.length > MOST_SCHEDULES) faults.push(expected(["eventSchedule"], `at most ${MOST_SCHEDULES} schedules`, schedules.length));
  const search = newSearch();
  const readings = schedules.slice(0, MOST_SCHEDULES).map((reading) => ({ reading, sets: setsOf(reading, times, faults, search) }));
  const eventSchedule = readings.flatMap(({ reading, sets }) =>
    sets === undefined && Object.keys(reading.terms).length > 0 ? [reading.terms] : [],
  );
  const sets = readings.flatMap((read) => read.sets ?? []);
  const isSeries = readings.some((read) => read.sets !== undefined);
  if (sets.length === 0 || faults.length > before)
    return {
      times,
      eventSchedule,
      subEvent: isSeries ? [] : readSubEvents(node, index, { ...times, name: series.name }, faults),
      recurrence: [],
      overrides: {},
    };
  const { startDate, doorTime } = times;
  const doorLead = startDate === undefined || doorTime === undefined ? undefined : between(doorTime, startDate);
  const exceptions = readExceptions(node, index, sets, { ...series, doorLead }, faults);
  const added = withAdded(sets, exceptions);
  const recurrence = added.sets.flatMap((set) => {
    const read = readSet(set, search);
    if ("set" in read) return [read.set];
    faults.push({ path: exceptions.added[0]?.path ?? ["eventSchedule"], detail: read.fault.detail });
    return [];
  });
  return { times: timesOfFirst(recurrence, times), eventSchedule, subEvent: [], recurrence, overrides: added.overrides };
}

/** The times of the first instance, spelled as the source spelled them where it means the same. */
function timesOfFirst(sets: readonly RecurrenceSet[], written: Times): Times {
  const first = firstOf(sets.map((set) => ({ ...set, timezone: set.timezone ?? "UTC" })));
  if (first === undefined) return written;
  const zone = sets[first.set]!.timezone;
  const spell = (local: string, given: string | undefined): string => {
    if (given !== undefined && localOf(given, zone) === local) return given;
    return zone === undefined || isDate(local) ? local : `${local}[${zone}]`;
  };
  const startDate = spell(localOfId(first.recurrenceId), written.startDate);
  const end = first.endAt === undefined ? undefined : localAt(first.endAt, first.timezone).slice(0, first.isDate ? 10 : 19);
  // The doors open as long before the first instance as before the start that the source gave.
  const lead =
    written.startDate === undefined || written.doorTime === undefined || isDate(written.startDate)
      ? undefined
      : between(written.doorTime, written.startDate);
  const doors = lead === undefined || first.isDate ? undefined : localAt(first.startAt - lead, first.timezone);
  return {
    startDate,
    ...(end !== undefined && { endDate: spell(end, sameInstant(written.endDate, first.endAt!, zone)) }),
    ...(doors !== undefined && { doorTime: spell(doors, written.doorTime) }),
    ...(written.previousStartDate !== undefined && { previousStartDate: written.previousStartDate }),
  };
}

const sameInstant = (written: string | undefined, at: number, zone: string | undefined): string | undefined =>
  written !== undefined && (isDate(written) || instantOf(written, zone) === at) ? written : undefined;
