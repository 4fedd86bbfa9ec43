/** Reads a recurrence set as somebody gave it: checks it, bounds it, and writes it in the one form that is kept. */
import { FIRST_KEPT } from "../kept-times.ts";
import type { RecurrenceSet } from "../submission.ts";
import { isZone } from "../when.ts";
import { durationOf, durationText } from "./duration.ts";
import { firstOf } from "./expand.ts";
import { basicText, DAY, dayOf, isDateText, localText, SECOND, wallOf } from "./local-time.ts";
import { isSubDaily, parseRule, writeRule, type Rule } from "./rule.ts";
import { newSearch, type Search } from "./sub-daily.ts";
import { END_OF_TIME, lastOf, wallTimes } from "./wall-times.ts";
import { wallOfInstant, zoneName } from "./zone-times.ts";

export interface SetFault {
  part: keyof RecurrenceSet;
  /** Names what is wrong and what was expected. */
  detail: string;
}

const MOST_DATES = 1_000;
/** Ten years: an exhibition may last that long, a mistake longer. */
const MOST_DAYS = 3_660;
/** The calendar repeats itself after 400 years; what has not happened by then is said never to. */
const LOOK = 146_097 * DAY;
/** The last second that can be written. */
const LAST_WALL = Date.UTC(9999, 11, 31, 23, 59, 59);

/**
 * A set as given -> its canonical form: `dtstart` moved to the rule's first instance (RFC 5545 wants it synchronised), times without
 * seconds, in iCalendar's form or with an offset made local times of `timezone`, UNTIL local and of dtstart's kind, lists sorted. Of
 * a set without times all is dates. The first fault found is returned. The sets of one document share their `search`.
 *
 * `readSet({dtstart: "2026-05-07T19:00", rrule: "freq=weekly;byday=fr"})` -> `{set: {dtstart: "2026-05-08T19:00:00", rrule: "FREQ=WEEKLY;BYDAY=FR"}}`
 */
export function readSet(given: RecurrenceSet, search: Search = newSearch()): { set: RecurrenceSet } | { fault: SetFault } {
  if (given.timezone !== undefined && !isZone(given.timezone))
    return fault("timezone", `${shown(given.timezone)} is no IANA zone such as America/Toronto`);
  const timezone = given.timezone && zoneName(given.timezone);
  const start = readLocal(given.dtstart, timezone);
  if (typeof start === "string") return fault("dtstart", start);
  const { isDate } = start;
  const duration = given.duration === undefined ? undefined : readDuration(given.duration, isDate);
  if (typeof duration === "string") return fault("duration", duration);
  const rdate = readDates(given.rdate, (text) => readExtra(text, start, timezone));
  if ("fault" in rdate) return fault("rdate", rdate.fault);
  const exdate = readDates(given.exdate, (text) => readException(text, isDate, timezone));
  if ("fault" in exdate) return fault("exdate", exdate.fault);
  const rule = given.rrule === undefined ? undefined : readRuleOf(given.rrule, start, timezone, search);
  if (rule !== undefined && "fault" in rule) return fault("rrule", rule.fault);
  const set: RecurrenceSet = {
    dtstart: localText(rule?.first ?? start.wall, isDate),
    ...(timezone !== undefined && { timezone }),
    ...(duration?.text !== undefined && { duration: duration.text }),
    ...(rule && { rrule: writeRule(rule.rule) }),
    ...(rdate.texts.length > 0 && { rdate: rdate.texts }),
    ...(exdate.texts.length > 0 && { exdate: exdate.texts }),
  };
  const endless = rule !== undefined && rule.rule.count === undefined && rule.rule.until === undefined;
  if (exdate.texts.length > 0 && !endless && firstOf([{ ...set, timezone: timezone ?? "UTC" }]) === undefined) {
    return fault("exdate", "exdate takes every occurrence away");
  }
  return { set };
}

interface Start {
  wall: number;
  isDate: boolean;
}

function readRuleOf(
  text: string,
  start: Start,
  timezone: string | undefined,
  search: Search,
): { rule: Rule; first: number } | { fault: string } {
  const parsed = parseRule(text);
  if ("fault" in parsed) return parsed;
  const rule = start.isDate ? withoutTimes(parsed) : parsed;
  if (start.isDate && isSubDaily(rule)) return { fault: `FREQ=${rule.freq} needs a start with a time, not only a date` };
  if (rule.until !== undefined) {
    const until = localUntil(rule.until, start.isDate, timezone);
    if (until === undefined) return { fault: "UNTIL in UTC can be read only where timezone is known" };
    if (lastOf(until) < start.wall) return { fault: `UNTIL ${until} lies before the start, ${localText(start.wall, start.isDate)}` };
    rule.until = until;
  }
  const first = wallTimes(rule, start.wall, start.wall, start.wall + LOOK, search).next().value;
  if (first === undefined) {
    const why = isSubDaily(rule) ? ", or is not found soon enough" : ": its parts allow no day or time that there is";
    return { fault: `RRULE ${writeRule(rule)} never happens${why}` };
  }
  if (isSubDaily(rule) && [...wallTimes(rule, first, first, END_OF_TIME, search)].length < rule.count!) {
    return { fault: `FREQ=${rule.freq} is taken only where it comes to its COUNT soon; this rule is searched too long for ${rule.count}` };
  }
  return { rule, first };
}

/** A day has no hours: RFC 5545 §3.3.10 has these parts ignored in rules of days. */
function withoutTimes({ byHour: _hour, byMinute: _minute, bySecond: _second, ...rule }: Rule): Rule {
  return rule;
}

/** An UNTIL as the set's own kind; in UTC it becomes local. Of days, midnight in the zone is that local day, anything else (as some calendars write it) the day that is written. */
function localUntil(until: string, isDate: boolean, timezone: string | undefined): string | undefined {
  if (isDateText(until)) return isDate ? until : `${until}T235959`;
  const [written = ""] = until.split("T");
  if (!until.endsWith("Z")) return isDate ? written : until;
  if (timezone === undefined) return isDate ? written : undefined;
  const wall = Math.min(wallOfInstant(wallOf(until.slice(0, -1))!, timezone), LAST_WALL);
  if (!isDate) return basicText(wall, false);
  return wall % DAY === 0 ? basicText(wall, true) : written;
}

/** "2026-05-08T19:00:00", also with an offset, in iCalendar's form or without seconds; a text in return says what is wrong. */
function readLocal(text: string, timezone: string | undefined): Start | string {
  if (text.length > 64) return `${shown(text)} is too long for a time`;
  const trimmed = text.trim().toUpperCase().replace(" ", "T");
  const [, local = trimmed, offset] = /^(.{8,25}?)(Z|[+-]\d\d:?\d\d)$/i.exec(trimmed.includes("T") ? trimmed : "") ?? [];
  const wall = wallOf(local);
  if (wall === undefined)
    return `${shown(text)} should be a local time that exists, such as 2026-05-08T19:00:00, or a date, in the years 1000 to 9999`;
  if (offset !== undefined && timezone === undefined) return `${shown(text)} has an offset, which can be read only where timezone is known`;
  const there = offset === undefined ? wall : wallOfInstant(wall - offsetOf(offset), timezone!);
  if (there < FIRST_KEPT || there >= END_OF_TIME) return `${shown(text)} should be in the years 1000 to 9999, before 9999-12-31`;
  return { wall: there, isDate: offset === undefined && isDateText(local) };
}

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text)!;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60 * SECOND;
}

function readDuration(text: string, isDate: boolean): { text: string | undefined } | string {
  const duration = durationOf(text);
  if (duration === undefined) return `${shown(text)} should be a duration of weeks, days, hours, minutes and seconds, such as PT2H30M`;
  if (duration.days + duration.seconds / 86_400 > MOST_DAYS) return `${shown(text)} is longer than the ${MOST_DAYS} days that are taken`;
  if (!isDate) return { text: durationText(duration) };
  if (duration.seconds % 86_400 !== 0) return `${shown(text)} should be whole days, since the start has no time`;
  return { text: durationText({ days: duration.days + duration.seconds / 86_400, seconds: 0 }) };
}

/** An extra date, and after a slash its own duration or end; a day in a set of times is at the set's time of day. */
function readExtra(text: string, start: Start, timezone: string | undefined): string | { fault: string } {
  const [given = "", length, ...rest] = text.split("/");
  const local = readLocal(given, timezone);
  if (typeof local === "string") return { fault: local };
  if (rest.length > 0) return { fault: `${shown(text)} should be a time, or a time and a duration with one slash between` };
  const wall = start.isDate || !local.isDate ? local.wall : local.wall + start.wall - dayOf(start.wall) * DAY;
  const written = localText(wall, start.isDate);
  if (length === undefined) return written;
  const end = /^[+-]?P/i.test(length) ? undefined : readLocal(length, timezone);
  if (typeof end === "string") return { fault: end };
  if (end !== undefined && end.wall < wall) return { fault: `${shown(text)} ends before it begins` };
  const duration = end === undefined ? readDuration(length, start.isDate) : spanOf(end.wall - wall, start.isDate);
  if (typeof duration === "string") return { fault: duration };
  return duration.text === undefined ? written : `${written}/${duration.text}`;
}

const spanOf = (length: number, isDate: boolean) => ({
  text: durationText(isDate ? { days: Math.floor(length / DAY), seconds: 0 } : { days: 0, seconds: length / SECOND }),
});

function readException(text: string, isDate: boolean, timezone: string | undefined): string | { fault: string } {
  const local = readLocal(text, timezone);
  return typeof local === "string" ? { fault: local } : localText(local.wall, isDate || local.isDate);
}

function readDates(
  texts: readonly string[] = [],
  read: (text: string) => string | { fault: string },
): { texts: string[] } | { fault: string } {
  if (texts.length > MOST_DATES) return { fault: `${texts.length} dates are more than the ${MOST_DATES} that are taken` };
  const read1 = texts.map(read);
  const wrong = read1.find((one) => typeof one !== "string");
  return wrong ?? { texts: [...new Set(read1.filter((one) => typeof one === "string"))].toSorted() };
}

const fault = (part: keyof RecurrenceSet, detail: string): { fault: SetFault } => ({ fault: { part, detail } });
const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
