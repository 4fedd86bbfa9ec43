/**
 * A schema.org Schedule -> recurrence sets.
 *
 * 1. What rule does it say? None, or one in words that nobody knows: it is no recurrence, and is kept as it was written.
 * 2. When does it begin, on which clock? Its own words, else the event's. 3. How long does each last, and when does all of it
 * end? The same; an event that "lasts" longer than the way to its next date is a series that ends then. 4. The first date that
 * the rule meets is where the set starts: a Schedule's startDate is only a bound. 5. The domain checks the rest.
 */
import { firstOf, instancesOf, localOf as localOfId } from "../domain/recurrence/expand.ts";
import { readSet } from "../domain/recurrence/read-set.ts";
import { parseRule } from "../domain/recurrence/rule.ts";
import type { RecurrenceSet } from "../domain/submission.ts";
import { isDate, isZone, zoneOf } from "../domain/when.ts";
import type { ScheduleReading } from "./decode-schedule.ts";
import { clocksOf, durationBetween, durationOfClocks } from "./durations.ts";
import { expected } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { withoutBounds } from "./schedule.ts";
import { RULE_TERMS, ruleOfSchedule } from "./schedule-rule.ts";
import { localOf } from "./wall-clock.ts";

/** The event's own times as written, which fill in what a Schedule leaves out. */
export interface EventTimes {
  startDate?: string;
  endDate?: string;
}

/** Where a rule's second date is looked for: no rule that people write has longer gaps. */
const TWENTY_YEARS = 20 * 366 * 86_400_000;

/** The sets of one Schedule, one for each of its start times; undefined where it is no rule. Each fault names its term. */
export function setsOf(reading: ScheduleReading, event: EventTimes, faults: Fault[]): RecurrenceSet[] | undefined {
  const { path, terms } = reading;
  if (reading.rrule === undefined && reading.rdate === undefined && !RULE_TERMS.some((term) => term in terms)) return undefined;
  const [first = event.startDate] = [terms["startDate"] as string | string[] | undefined].flat();
  // The event itself has no start either, which is then its fault.
  if (first === undefined) return [];
  const named = namedZone(reading, first, event);
  const said =
    reading.rrule === undefined ? ruleOfSchedule(terms, localOf(first, named)) : { rrule: reading.rrule.replace(/^RRULE:/i, "") };
  if (said === undefined && reading.rdate === undefined) return undefined;
  const clocks = clocksOf(terms, path, faults);
  if (clocks === undefined) return [];
  // A clock in UTC is on nobody's wall: without any zone it is taken at its word.
  const told = clocks[0]?.start ?? (isDate(first) ? (event.startDate ?? first) : first);
  const zone = named ?? (told.endsWith("Z") ? "UTC" : undefined);
  if (said !== undefined && "fault" in said) {
    faults.push(expected([...path, said.fault.term], said.fault.what, said.fault.found));
    return [];
  }
  const rule = said === undefined ? undefined : parseRule(`${withoutBounds(said.rrule)};COUNT=1`);
  if (rule !== undefined && "fault" in rule) {
    faults.push({ path: [...path, termOf({ part: "rrule", detail: rule.fault }, reading)], detail: rule.fault });
    return [];
  }
  const exdate = [terms["exceptDate"] ?? []].flat().map((text) => localOf(String(text), zone));
  return clocks.flatMap((clock) => {
    const dtstart = startOf(first, clock.start, event.startDate, zone);
    const rrule = said?.rrule;
    const open: RecurrenceSet = {
      dtstart: rrule === undefined || reading.rrule !== undefined ? dtstart : met(dtstart, rrule),
      ...(zone !== undefined && { timezone: zone }),
      ...(rrule !== undefined && { rrule }),
      ...(exdate.length > 0 && { exdate }),
    };
    const lasts = durationOf(reading, clock, open, event);
    if (reading.rdate !== undefined) {
      // One named only so that the set is seen to be one (schedule.ts).
      const added = reading.rdate.filter((text) => text !== dtstart);
      if (added.length > 0) open.rdate = added;
    }
    if (lasts.duration !== undefined) open.duration = lasts.duration;
    const bounded = reading.rrule === undefined && rrule !== undefined ? withBounds(open, reading, lasts.seriesEnd, faults) : open;
    if (bounded === undefined) return [];
    const read = readSet(bounded);
    if ("set" in read) return [read.set];
    faults.push({ path: [...path, termOf(read.fault, reading)], detail: read.fault.detail });
    return [];
  });
}

function namedZone({ terms }: ScheduleReading, first: string, event: EventTimes): string | undefined {
  const [declared] = [terms["scheduleTimezone"] ?? []].flat();
  const named = declared === undefined ? (zoneOf(first) ?? zoneOf(event.startDate ?? "")) : String(declared);
  return named !== undefined && isZone(named) ? named : undefined;
}

/** The first day with the Schedule's own time, else that of its startDate, else the event's; a date where nobody says a time. */
function startOf(first: string, clock: string | undefined, eventStart: string | undefined, zone: string | undefined): string {
  const local = localOf(first, zone);
  const day = local.slice(0, 10);
  if (clock !== undefined) return localOf(`${day}T${clock}`, zone);
  if (!isDate(local) || eventStart === undefined) return local;
  const time = localOf(eventStart, zone).slice(11);
  return time === "" ? day : `${day}T${time}`;
}

/**
 * The first date from `dtstart` on that the rule meets, whatever its interval: "every second month on the 15th, from 20 May" begins
 * on 15 June. RFC 5545 would count from a start that it takes for a date of the rule.
 */
function met(dtstart: string, rrule: string): string {
  const first = firstOf([{ dtstart, timezone: "UTC", rrule: `${withoutBounds(rrule).replace(/;?INTERVAL=\d+/i, "")};COUNT=1` }]);
  return first === undefined ? dtstart : localOfId(first.recurrenceId);
}

interface Lasts {
  duration?: string;
  /** The event's end, where it is that of all its dates. */
  seriesEnd?: string;
}

function durationOf({ terms }: ScheduleReading, clock: { end?: string; start?: string }, open: RecurrenceSet, event: EventTimes): Lasts {
  const given = terms["duration"] === undefined ? undefined : String([terms["duration"]].flat()[0]).trim();
  const isTimed = !isDate(open.dtstart);
  const { startDate, endDate } = event;
  const stated = isTimed ? durationOfClocks(clock.start ?? open.dtstart.slice(11), clock.end, given) : given;
  const length = startDate === undefined || endDate === undefined ? undefined : durationBetween(startDate, endDate);
  if (length === undefined) return stated === undefined ? {} : { duration: stated };
  const rrule = open.rrule === undefined ? undefined : `${withoutBounds(open.rrule)};COUNT=2`;
  const two = rrule === undefined ? [] : [{ dtstart: open.dtstart, timezone: "UTC", rrule }];
  const [, second] = instancesOf(two, windowFrom(open.dtstart, 2)).instances;
  const start = Date.parse(isTimed ? `${open.dtstart}Z` : open.dtstart);
  if (second !== undefined && length.milliseconds > second.startAt - start) {
    const ofOne = stated ?? (isTimed ? length.ofClocks : undefined);
    return { seriesEnd: endDate!, ...(ofOne !== undefined && { duration: ofOne }) };
  }
  const duration = stated ?? (isTimed === length.isTimed ? length.duration : undefined);
  return duration === undefined ? {} : { duration };
}

/** COUNT or UNTIL; of both, which sources like to give, the one that ends it first. */
function withBounds(
  open: RecurrenceSet,
  { path, terms }: ScheduleReading,
  seriesEnd: string | undefined,
  faults: Fault[],
): RecurrenceSet | undefined {
  const rrule = open.rrule!;
  if (/(^|;)(COUNT|UNTIL)=/i.test(rrule)) return open;
  const count = terms["repeatCount"] === undefined ? undefined : Number([terms["repeatCount"]].flat()[0]);
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 1)) {
    faults.push(expected([...path, "repeatCount"], "how many times it happens, 1 or more", terms["repeatCount"]));
    return undefined;
  }
  const end = ([terms["endDate"] ?? []].flat().at(-1) as string | undefined) ?? (count === undefined ? seriesEnd : undefined);
  const counted = { ...open, rrule: `${rrule};COUNT=${count}` };
  if (end === undefined) return count === undefined ? open : counted;
  const local = localOf(end, open.timezone);
  const time = isDate(local) ? "235959" : local.slice(11).replaceAll(":", "");
  const until = { ...open, rrule: `${rrule};UNTIL=${local.slice(0, 10).replaceAll("-", "")}${isDate(open.dtstart) ? "" : `T${time}`}` };
  if (count === undefined) return until;
  const { instances } = instancesOf([{ dtstart: open.dtstart, timezone: "UTC", rrule: until.rrule }], windowFrom(open.dtstart, count));
  return instances.length >= count ? counted : until;
}

function windowFrom(dtstart: string, limit: number): { from: number; until: number; limit: number } {
  const from = Date.parse(`${dtstart.slice(0, 10)}T00:00:00Z`);
  return { from, until: from + TWENTY_YEARS, limit };
}

/** The term of the Schedule that a part of a set was read from. */
function termOf({ part, detail }: { part: keyof RecurrenceSet; detail: string }, { terms, rrule }: ScheduleReading): string {
  if (part === "rrule") {
    if (rrule !== undefined) return "sel:rrule";
    if (/\bUNTIL\b/.test(detail) && "endDate" in terms) return "endDate";
    if (/\bCOUNT\b/.test(detail) && "repeatCount" in terms) return "repeatCount";
    return RULE_TERMS.find((term) => term in terms) ?? "repeatFrequency";
  }
  const names = { dtstart: "startDate", timezone: "scheduleTimezone", duration: "duration", rdate: "sel:rdate", exdate: "exceptDate" };
  return names[part];
}
