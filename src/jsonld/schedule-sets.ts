/**
 * A schema.org Schedule -> recurrence sets.
 *
 * 1. What rule does it say? None, or one in words that nobody knows: it is no recurrence, and is kept as it was written.
 * 2. When does it begin, on which clock? Its own words, else the event's. 3. How long does each last, and when does all of it
 * end? The same; an event that "lasts" longer than the way to its next date is a series that ends then. 4. The first date that
 * the rule meets is where the set starts: a Schedule's startDate is only a bound. 5. The domain checks the rest.
 */
import { instancesOf } from "../domain/recurrence/expand.ts";
import { readSet } from "../domain/recurrence/read-set.ts";
import { isSubDaily, parseRule } from "../domain/recurrence/rule.ts";
import type { Search } from "../domain/recurrence/sub-daily.ts";
import type { RecurrenceSet } from "../domain/submission.ts";
import { isDate, isZone, zoneOf } from "../domain/when.ts";
import type { ScheduleReading } from "./decode-schedule.ts";
import { clocksOf, durationBetween, durationOfClocks } from "./durations.ts";
import { expected } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { RULE_TERMS, ruleOfSchedule, wholeRule } from "./schedule-rule.ts";
import { localOf } from "./wall-clock.ts";

/** The event's own times as written, which fill in what a Schedule leaves out. */
export interface EventTimes {
  startDate?: string;
  endDate?: string;
}

const BOUNDED = /(^|;)(COUNT|UNTIL)=/i;
/** Where a rule's second date is looked for: no rule that people write has longer gaps. */
const TWENTY_YEARS = 20 * 366 * 86_400_000;

/** The sets of one Schedule, one for each of its start times; undefined where it is no rule. Each fault names its term. */
export function setsOf(reading: ScheduleReading, event: EventTimes, faults: Fault[], search: Search): RecurrenceSet[] | undefined {
  const { path, terms } = reading;
  if (reading.rrule === undefined && reading.rdate === undefined && !RULE_TERMS.some((term) => term in terms)) return undefined;
  const [first = event.startDate] = [terms["startDate"] as string | string[] | undefined].flat();
  // The event itself has no start either, which is then its fault.
  if (first === undefined) return [];
  const named = namedZone(reading, first, event);
  // RFC 5545's own words count from the start that stands beside them; schema.org's start is only a bound.
  const given = reading.rrule ?? wholeRule(terms);
  const said = given === undefined ? ruleOfSchedule(terms, localOf(first, named)) : { rrule: given.replace(/^RRULE:/i, "") };
  if (said === undefined && reading.rdate === undefined) return undefined;
  const clocks = clocksOf(terms, path, faults);
  if (clocks === undefined) return [];
  if (said !== undefined && "fault" in said) {
    faults.push(expected([...path, said.fault.term], said.fault.what, said.fault.found));
    return [];
  }
  // A clock in UTC is on nobody's wall: without any zone it is taken at its word.
  const told = clocks[0]?.start ?? (isDate(first) ? (event.startDate ?? first) : first);
  const zone = named ?? (told.endsWith("Z") ? "UTC" : undefined);
  const rrule = said?.rrule;
  const exdate = [terms["exceptDate"] ?? []].flat().map((text) => localOf(String(text), zone));
  const checked = (set: RecurrenceSet | undefined): RecurrenceSet | undefined => {
    const read = set && readSet(set, search);
    if (read === undefined || "set" in read) return read?.set;
    faults.push({ path: [...path, termOf(read.fault, reading)], detail: read.fault.detail });
    return undefined;
  };
  return clocks.flatMap((clock) => {
    const { rrule: own, rdate = [] } = reading;
    const isExact = own !== undefined || rdate.some((one) => !one.includes("T"));
    const dtstart = startOf(first, clock.start, isExact ? undefined : event.startDate, zone);
    // The start itself is named only so that a set without a rule is seen to be one (schedule.ts).
    const isMark = rrule === undefined && rdate.length === 1 && rdate[0] === dtstart;
    const open = checked(
      withBounds(
        {
          dtstart: given === undefined && rrule !== undefined ? met(dtstart, rrule, search) : dtstart,
          ...(zone !== undefined && { timezone: zone }),
          ...(rrule !== undefined && { rrule }),
          ...(rdate.length > 0 && !isMark && { rdate }),
          ...(exdate.length > 0 && { exdate }),
        },
        reading,
        faults,
      ),
    );
    if (open === undefined) return [];
    const { duration, seriesEnd } = lengthOf(reading, clock, open, event);
    if (duration === undefined && seriesEnd === undefined) return [open];
    const isOpen = given === undefined && !("endDate" in terms) && !BOUNDED.test(open.rrule ?? "");
    return checked({ ...(isOpen && seriesEnd !== undefined ? endingWith(open, seriesEnd) : open), ...(duration && { duration }) }) ?? [];
  });
}

function namedZone({ terms }: ScheduleReading, first: string, event: EventTimes): string | undefined {
  const [declared] = [terms["scheduleTimezone"] ?? []].flat();
  const named = declared === undefined ? (zoneOf(first) ?? zoneOf(event.startDate ?? "")) : String(declared);
  return named !== undefined && isZone(named) ? named : undefined;
}

/**
 * The first day with the Schedule's own time, else that of its startDate, else the event's; a date where nobody says a time. In our
 * own words (`sel:`), which say all of a set, a date is a date.
 */
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
function met(dtstart: string, rrule: string, search: Search): string {
  if (!rrule.includes("INTERVAL=")) return dtstart;
  const read = readSet({ dtstart, rrule: `${rrule.replace(/;INTERVAL=\d+/, "")};COUNT=1` }, search);
  return "set" in read ? read.set.dtstart : dtstart;
}

interface Length {
  duration?: string;
  /** The event's end, where it is that of all its dates. */
  seriesEnd?: string;
}

function lengthOf({ terms }: ScheduleReading, clock: { end?: string; start?: string }, open: RecurrenceSet, event: EventTimes): Length {
  const given = terms["duration"] === undefined ? undefined : String([terms["duration"]].flat()[0]).trim();
  const isTimed = !isDate(open.dtstart);
  const { startDate, endDate } = event;
  const stated = isTimed ? durationOfClocks(clock.start ?? open.dtstart.slice(11), clock.end, given) : given;
  const length = startDate === undefined || endDate === undefined ? undefined : durationBetween(startDate, endDate);
  if (length === undefined) return stated === undefined ? {} : { duration: stated };
  const { instances } = instancesOf([{ ...open, exdate: [], rdate: [], timezone: "UTC" }], windowFrom(open.dtstart, 2));
  const [start, second] = instances;
  if (start !== undefined && second !== undefined && length.milliseconds > second.startAt - start.startAt) {
    const ofOne = stated ?? (isTimed ? length.ofClocks : undefined);
    return { seriesEnd: endDate!, ...(ofOne !== undefined && { duration: ofOne }) };
  }
  const duration = stated ?? (isTimed === length.isTimed ? length.duration : undefined);
  return duration === undefined ? {} : { duration };
}

/** COUNT or UNTIL; of both, which sources like to give, the one that ends it first. */
function withBounds(open: RecurrenceSet, { path, terms, rrule: own }: ScheduleReading, faults: Fault[]): RecurrenceSet | undefined {
  if (own !== undefined || open.rrule === undefined || BOUNDED.test(open.rrule)) return open;
  const count = terms["repeatCount"] === undefined ? undefined : Number([terms["repeatCount"]].flat()[0]);
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 1)) {
    faults.push(expected([...path, "repeatCount"], "how many times it happens, 1 or more", terms["repeatCount"]));
    return undefined;
  }
  const end = [terms["endDate"] ?? []].flat().at(-1);
  const until = end === undefined ? undefined : endingWith(open, String(end));
  if (count === undefined) return until ?? open;
  const counted = { ...open, rrule: `${open.rrule};COUNT=${count}` };
  const rule = parseRule(counted.rrule);
  if (until === undefined || "fault" in rule || isSubDaily(rule)) return counted;
  const one = { dtstart: open.dtstart, timezone: "UTC", rrule: until.rrule! };
  return instancesOf([one], windowFrom(open.dtstart, count)).instances.length >= count ? counted : until;
}

/** The rule until a day, with all of it, or until a time. */
function endingWith(open: RecurrenceSet, end: string): RecurrenceSet {
  const local = localOf(end, open.timezone);
  const time = isDate(local) ? "235959" : local.slice(11).replaceAll(":", "");
  return { ...open, rrule: `${open.rrule};UNTIL=${local.slice(0, 10).replaceAll("-", "")}${isDate(open.dtstart) ? "" : `T${time}`}` };
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
