/**
 * A recurrence set -> a schema.org Schedule.
 *
 * All that schema.org has words for is said in them; `sel:rrule` (an RRULE value whose UNTIL is local) and `sel:rdate` say
 * the rest, and then the rule in schema.org's words is its frequency and bounds alone. Reading gives the same set again.
 */
import { parseRule, writeRule } from "../domain/recurrence/rule.ts";
import type { PlacedSet } from "../domain/recurrence/series.ts";
import { isDate } from "../domain/when.ts";
import { SCHEDULE_TERMS } from "./decode-schedule.ts";
import { node } from "./encode-nested.ts";
import type { JsonLdObject } from "./encode-nested.ts";
import { ruleOfSchedule, scheduleOfRule } from "./schedule-rule.ts";
import type { Schedule } from "./schedule-rule.ts";
import { withOffset } from "./wall-clock.ts";

/** A Schedule as its source gave it. */
export function encodeSchedule(schedule: Schedule): JsonLdObject {
  return node({ "@type": "Schedule", ...Object.fromEntries(SCHEDULE_TERMS.map((term) => [term, schedule[term]])) });
}

/** One set of a series: `scheduleOfSet({ dtstart: "2026-05-08T19:00:00", timezone: "America/Toronto", rrule: "FREQ=WEEKLY" })`. */
export function scheduleOfSet(set: PlacedSet): JsonLdObject {
  const { dtstart, timezone, duration, rrule, rdate = [], exdate = [] } = set;
  const written = (local: string) => withOffset(local, timezone);
  return node({
    "@type": "Schedule",
    startDate: dtstart.slice(0, 10),
    startTime: isDate(dtstart) ? undefined : dtstart.slice(11),
    duration,
    scheduleTimezone: timezone,
    exceptDate: exdate.length === 1 ? written(exdate[0]!) : exdate.map(written),
    ...(rrule === undefined ? {} : ruleMembers(rrule, dtstart, written)),
    // A Schedule without a time would be at the event's, and that may be another set's.
    ...(rrule !== undefined && isDate(dtstart) && { "sel:rrule": rrule }),
    // A single date has no rule at all; named as an added one it is still seen to be a recurrence set.
    "sel:rdate": rrule === undefined && rdate.length === 0 ? dtstart : rdate.length === 1 ? rdate[0]! : rdate,
  });
}

function ruleMembers(rrule: string, dtstart: string, written: (local: string) => string): Record<string, string | number | string[]> {
  const rule = parseRule(rrule);
  if ("fault" in rule) return { "sel:rrule": rrule };
  const terms = scheduleOfRule(rule);
  const said = ruleOfSchedule(terms, dtstart);
  const bounds = boundsOf(rrule, written);
  return said !== undefined && "rrule" in said && canonical(said.rrule) === canonical(withoutBounds(rrule))
    ? { ...terms, ...bounds }
    : { repeatFrequency: terms["repeatFrequency"]!, ...bounds, "sel:rrule": rrule };
}

function boundsOf(rrule: string, written: (local: string) => string): Schedule {
  const count = /(?:^|;)COUNT=(\d+)/.exec(rrule)?.[1];
  const [, day, time] = /(?:^|;)UNTIL=(\d{8})(?:T(\d{6}))?/.exec(rrule) ?? [];
  const date = day?.replace(/(....)(..)(..)/, "$1-$2-$3");
  return {
    ...(count !== undefined && { repeatCount: Number(count) }),
    // A date includes all of its day.
    ...(date !== undefined && {
      endDate: time === undefined || time === "235959" ? date : written(`${date}T${time.replace(/(..)(..)(..)/, "$1:$2:$3")}`),
    }),
  };
}

const withoutBounds = (rrule: string): string => rrule.replace(/(^|;)(?:COUNT|UNTIL)=[^;]*/g, "").replace(/^;/, "");

function canonical(unbounded: string): string | undefined {
  const rule = parseRule(`${unbounded};COUNT=1`);
  return "fault" in rule ? undefined : writeRule(rule);
}
