/** A series -> a component for each of its recurrence sets (RFC 5545 §3.8.5), and one for each occurrence that differs from them. */
import { LAST_KEPT } from "../domain/kept-times.ts";
import { coursesOf } from "../domain/recurrence/course.ts";
import { firstOf, instancesOnDay, localOf } from "../domain/recurrence/expand.ts";
import type { ShownOccurrence } from "../domain/recurrence/of-state.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import { instantAt } from "../domain/recurrence/zone-times.ts";
import type { EventState, SeriesState } from "../domain/state.ts";
import { isDate } from "../domain/when.ts";
import { exceptionsOf } from "../jsonld/encode-series.ts";
import { compact, contentLine, utc } from "./encode-lines.ts";
import { isUtc, localLine, timeLines, type ZoneUse } from "./encode-times.ts";

/** What of an event may differ from one of its occurrences to the next. */
export type Shown = Pick<EventState, "name" | "url" | "location" | "virtualUrl" | "eventStatus">;

export interface SeriesOut {
  zones: ZoneUse;
  /** See EventsOut. */
  venue?: string | undefined;
  /** A component of this UID and these times; one of an exception leaves out what is long and the same in all. */
  vevent: (uid: string, times: readonly string[], shown: Shown, isException?: boolean) => string;
}

/**
 * Each set has a UID of its own, for a UID may have one rule alone (§3.8.5.3): the event's, then the event's with "#2" and so on.
 * An override that is not in force, because its day has left the rule, is not told.
 */
export function encodeSeries(event: EventState, series: SeriesState, uid: string, out: SeriesOut): string[] {
  const sets = withoutPeriodsOfDays(series.recurrence);
  const uidOf = (set: number) => (set === 0 ? uid : `${uid}#${set + 1}`);
  const isGuest = out.venue !== undefined && event.location?.id !== out.venue;
  const masters = (isGuest ? [] : sets).map((set, index) => out.vevent(uidOf(index), ruleLines(set, out.zones), event));
  const startsOf = sets.map((set) => startsOn(set));
  const exceptions = exceptionsOf(event, series).filter(({ shown }) => !isGuest || shown.location?.id === out.venue);
  const own = exceptions.map(({ shown }) => {
    const local = localOf(shown.recurrenceId);
    const index = startsOf.findIndex((starts) => starts(local.slice(0, 10)).includes(local));
    const times = [localLine("RECURRENCE-ID", [local], sets[index]!.timezone, out.zones), ...timeLines(shown, out.zones)];
    return out.vevent(uidOf(index), times, shownOf(shown, event), !isGuest);
  });
  return [...masters, ...own];
}

/**
 * A PERIOD has times (§3.3.9): days that last for another time than the others of their set are sets of their own, where theirs
 * stood, for what two sets have is the first's.
 */
function withoutPeriodsOfDays(sets: readonly PlacedSet[]): PlacedSet[] {
  return sets.flatMap((set) => {
    const { rrule, rdate = [], exdate = [], ...rest } = set;
    const periods = new Map(
      rdate.filter((date) => isDate(set.dtstart) && date.includes("/")).map((period) => period.split("/") as [string, string]),
    );
    if (periods.size === 0) return [set];
    const plain = rdate.filter((date) => !date.includes("/") && !periods.has(date));
    const usual = {
      ...rest,
      ...(rrule !== undefined && { rrule }),
      ...(plain.length > 0 && { rdate: plain }),
    };
    const startsOfRule = startsOn(usual);
    const taken = [...periods.keys()].filter((day) => startsOfRule(day).length > 0 && !exdate.includes(day));
    const left = { ...usual, ...(exdate.length + taken.length > 0 && { exdate: [...exdate, ...taken] }) };
    const there = [...periods].filter(([day]) => !exdate.includes(day));
    const byLength = [...Map.groupBy(there, ([, duration]) => duration)].map(([duration, same]): PlacedSet => {
      const [dtstart, ...others] = same.map(([day]) => day) as [string, ...string[]];
      return { dtstart, timezone: set.timezone, duration, ...(others.length > 0 && { rdate: others }) };
    });
    return firstOf([left]) === undefined ? byLength : [left, ...byLength];
  });
}

/** What a set has on a day ("2026-05-08"), as its clock shows it; a rule with a COUNT is counted once for all days. */
function startsOn(set: PlacedSet): (day: string) => string[] {
  const courses = coursesOf([set]);
  return (day) => instancesOnDay(courses, compact(day)).map(({ recurrenceId }) => localOf(recurrenceId));
}

function shownOf(occurrence: ShownOccurrence, event: EventState): Shown {
  return {
    ...event,
    ...(occurrence.name !== undefined && { name: occurrence.name }),
    ...(occurrence.url !== undefined && { url: occurrence.url }),
    ...(occurrence.location !== undefined && { location: occurrence.location }),
    ...(occurrence.virtualUrl !== undefined && { virtualUrl: occurrence.virtualUrl }),
    ...(occurrence.eventStatus !== undefined && { eventStatus: occurrence.eventStatus }),
  };
}

/** The set as it is, in local time; only UNTIL is UTC where its start has a zone (§3.3.10). */
function ruleLines(set: PlacedSet, zones: ZoneUse): string[] {
  const { dtstart, timezone, duration, rdate = [] } = set;
  // Without a rule or a further date it would read as something that happens once, and be no part of its series.
  const rrule = set.rrule ?? (rdate.every((date) => date === dtstart) ? "FREQ=DAILY;COUNT=1" : undefined);
  // DTSTART counts without being told again, but ical.js takes it from RRULE or RDATE alone; what is there twice counts once.
  const plain = [...(rrule === undefined ? [dtstart] : []), ...rdate.filter((date) => !date.includes("/"))];
  const periods = rdate.filter((date) => date.includes("/"));
  return [
    localLine("DTSTART", [dtstart], timezone, zones),
    ...(duration === undefined || isNothing(duration) ? [] : [contentLine("DURATION", duration)]),
    ...(rrule === undefined
      ? []
      : [
          contentLine(
            "RRULE",
            rrule.replace(/(?<=UNTIL=)[\dT]+/, (until) => untilIn(timezone, dtstart, until)),
          ),
        ]),
    ...(plain.length === 0 ? [] : [localLine("RDATE", plain, timezone, zones)]),
    ...(periods.length === 0 ? [] : [periodLine(periods, timezone, zones)]),
    ...exceptionLines(set, zones),
  ];
}

/** Of a day that has no time, although the series has: each of the times that the day would have had, for EXDATE names instances (§3.8.5.1). */
function exceptionLines({ exdate = [], ...set }: PlacedSet, zones: ZoneUse): string[] {
  if (exdate.length === 0) return [];
  const starts = startsOn(set);
  const all = isDate(set.dtstart) ? exdate : exdate.flatMap((one) => (isDate(one) ? starts(one) : [one]));
  return all.length === 0 ? [] : [localLine("EXDATE", [...new Set(all)], set.timezone, zones)];
}

const isNothing = (duration: string): boolean => !/[1-9]/.test(duration);

function untilIn(zone: string, dtstart: string, until: string): string {
  if (isDate(dtstart)) return until.slice(0, 8);
  const local = localOf(until);
  // No rule has anything in the hours by which a zone's own year 9999 ends later.
  return utc(Math.min(instantAt(isDate(local) ? `${local}T23:59:59` : local, zone), LAST_KEPT));
}

/** Instances that last for another time than the others: PERIODs (§3.3.9) of a start and a duration. */
function periodLine(periods: readonly string[], zone: string, zones: ZoneUse): string {
  const values = periods.map((period) => {
    const [start = "", duration = ""] = period.split("/");
    return `${compact(start)}${isUtc(zone) ? "Z" : ""}/${duration}`;
  });
  if (!isUtc(zone)) zones.use(zone);
  return contentLine(`RDATE;VALUE=PERIOD${isUtc(zone) ? "" : `;TZID=${zone}`}`, values.join(","));
}
