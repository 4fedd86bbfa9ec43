/** A series -> a component for each of its recurrence sets (RFC 5545 §3.8.5), and one for each occurrence that differs from them. */
import { instancesOf, localOf, recurs } from "../domain/recurrence/expand.ts";
import { occurrenceOfState, type ShownOccurrence } from "../domain/recurrence/of-state.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import { instantAt } from "../domain/recurrence/zone-times.ts";
import type { EventState, SeriesState } from "../domain/state.ts";
import { isDate, placeIn } from "../domain/when.ts";
import { compact, contentLine, utc } from "./encode-lines.ts";
import { isUtc, localLine, timeLines, type ZoneUse } from "./encode-times.ts";

/** What of an event may differ from one of its occurrences to the next. */
export type Shown = Pick<EventState, "name" | "url" | "location" | "virtualUrl" | "eventStatus">;

export interface SeriesOut {
  zones: ZoneUse;
  /** A component of this UID and these times. */
  vevent: (uid: string, times: readonly string[], shown: Shown) => string;
}

/**
 * Each set has a UID of its own, for a UID may have one rule alone (§3.8.5.3): the event's, then the event's with "#2" and so on.
 * An override that is not in force, because its day has left the rule, is not told.
 */
export function encodeSeries(event: EventState, { recurrence, overrides = [] }: SeriesState, uid: string, out: SeriesOut): string[] {
  const uidOf = (set: number) => (set === 0 ? uid : `${uid}#${set + 1}`);
  const masters = recurrence.map((set, index) => out.vevent(uidOf(index), ruleLines(set, out.zones), event));
  const own = overrides.flatMap(({ recurrenceId }) => {
    const occurrence = occurrenceOfState(event, recurrenceId);
    if (occurrence === undefined || !occurrence.overridden) return [];
    const local = localOf(occurrence.recurrenceId);
    const index = recurrence.length === 1 ? 0 : recurrence.findIndex((set) => hasStart(set, local));
    const set = recurrence[index]!;
    const times = [localLine("RECURRENCE-ID", [local], set.timezone, out.zones), ...timeLines(occurrence, out.zones)];
    return [out.vevent(uidOf(index), times, shownOf(occurrence, event))];
  });
  return [...masters, ...own];
}

const hasStart = (set: PlacedSet, local: string): boolean => recurs([set], isDate(local) ? local : placeIn(local, set.timezone));

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
  const rrule = set.rrule ?? (rdate.length === 0 ? "FREQ=DAILY;COUNT=1" : undefined);
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
  const days = isDate(set.dtstart) ? [] : exdate.filter(isDate).toSorted();
  const times = days.length === 0 ? exdate : exdate.filter((one) => !isDate(one));
  const all = [...times, ...(days.length === 0 ? [] : timesOn(days, set))];
  return all.length === 0 ? [] : [localLine("EXDATE", [...new Set(all)], set.timezone, zones)];
}

function timesOn(days: readonly string[], set: PlacedSet): string[] {
  const wanted = new Set(days);
  // Wide enough for any zone's day.
  const [from, until] = [Date.parse(days[0]!) - 2 * DAY_MS, Date.parse(days.at(-1)!) + 3 * DAY_MS];
  const locals = instancesOf([set], { from, until, limit: MOST_INSTANCES }).instances.map(({ recurrenceId }) => localOf(recurrenceId));
  return locals.filter((local) => wanted.has(local.slice(0, 10)));
}

const DAY_MS = 86_400_000;
/** Of every day for centuries: what is beyond is not to be seen by anybody. */
const MOST_INSTANCES = 100_000;

const isNothing = (duration: string): boolean => !/[1-9]/.test(duration);

function untilIn(zone: string, dtstart: string, until: string): string {
  if (isDate(dtstart)) return until.slice(0, 8);
  const local = localOf(until);
  return utc(instantAt(isDate(local) ? `${local}T23:59:59` : local, zone));
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
