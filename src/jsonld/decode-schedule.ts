/** schema.org eventSchedule and subEvent as they are written: the several times of one event. */
import { zoneName } from "../domain/recurrence/zone-times.ts";
import type { SubEvent } from "../domain/submission.ts";
import { isZone } from "../domain/when.ts";
import { EVENT_STATUSES } from "../domain/vocabulary.ts";
import type { EventStatus } from "../domain/vocabulary.ts";
import { firstUrl } from "./decode-url.ts";
import { literal, localName, ownTexts, resolve, text, textOf, typesOf, values } from "./expanded.ts";
import type { Node, NodeIndex } from "./expanded.ts";
import { expected } from "./faults.ts";
import type { Fault, Path } from "./faults.ts";
import type { Schedule } from "./schedule-rule.ts";
import { plainLine } from "./text.ts";
import { isBefore, readTime, readTimeBeside } from "./time.ts";

const DATES = new Set(["startDate", "endDate", "exceptDate"]);
/** The properties of schema.org Schedule, each kept in its own spelling. */
export const SCHEDULE_TERMS = [
  "byDay",
  "byMonth",
  "byMonthDay",
  "byMonthWeek",
  "duration",
  "endDate",
  "endTime",
  "exceptDate",
  "repeatCount",
  "repeatFrequency",
  "scheduleTimezone",
  "startDate",
  "startTime",
] as const;

/** One Schedule of a document: where it stands, its terms as written, and ours that say what schema.org has no words for. */
export interface ScheduleReading {
  path: Path;
  terms: Schedule;
  rrule?: string;
  rdate?: string[];
}

/** Checked schedules; dates normalised, an unknown zone or an impossible day is a fault. */
export function readSchedules(event: Node, index: NodeIndex, faults: Fault[]): ScheduleReading[] {
  return values(event, "eventSchedule").flatMap((given, position) => {
    const node = resolve(given, index);
    const at: Path = ["eventSchedule", position];
    const schedule: Schedule = {};
    for (const term of SCHEDULE_TERMS) {
      const path: Path = [...at, term];
      const found = values(node, term).flatMap((value): (string | number)[] => {
        const written = literal(value);
        return typeof written === "number" ? [written] : [plainLine(textOf(value) ?? "")].filter((line) => line !== "");
      });
      if (found.length === 0) continue;
      const read = DATES.has(term) ? found.flatMap((value) => timeOr(faults, path, String(value))) : found;
      const [only] = read;
      if (only === undefined) continue;
      schedule[term] = read.length === 1 ? only : read.map(String);
      if (term !== "scheduleTimezone") continue;
      if (isZone(String(only))) schedule[term] = zoneName(String(only));
      else faults.push(expected(path, "a zone of the IANA database such as America/Toronto", only));
    }
    const [rrule] = ownTexts(node, "rrule");
    const rdate = ownTexts(node, "rdate");
    if (Object.keys(schedule).length === 0 && rrule === undefined && rdate.length === 0) return [];
    return [{ path: at, terms: schedule, ...(rrule !== undefined && { rrule }), ...(rdate.length > 0 && { rdate }) }];
  });
}

function timeOr(faults: Fault[], path: Path, written: string): string[] {
  const time = readTime(written);
  if ("value" in time) return [time.value];
  faults.push({ path, detail: time.fault });
  return [];
}

/**
 * The dates of an event that happens several times. Left out are sub-events without a start of their own, and the programme of an event
 * that says from when to when it goes on: what is called something else and happens within.
 */
export function readSubEvents(event: Node, index: NodeIndex, whole: Times & { name: string | undefined }, faults: Fault[]): SubEvent[] {
  const terms = ["subEvent", "subEvents"] as const;
  return terms.flatMap((term) =>
    values(event, term).flatMap((given, position) => {
      const node = resolve(given, index);
      const path: Path = [term, position];
      const times = readTimes(node, path, faults);
      // An exception from a rule that is not there is no date.
      if (times.startDate === undefined || ownTexts(node, "recurrenceId").length > 0) return [];
      if (isOfProgramme({ name: text(node, "name"), startDate: times.startDate }, whole)) return [];
      const eventStatus = readStatus(node);
      const online = values(node, "location")
        .map((value) => resolve(value, index))
        .find((value) => typesOf(value).includes("VirtualLocation"));
      const virtualUrl = online === undefined ? undefined : firstUrl(online, "url");
      const { startDate, endDate, doorTime } = times;
      return {
        startDate,
        ...(endDate !== undefined && { endDate }),
        ...(doorTime !== undefined && { doorTime }),
        ...(eventStatus !== undefined && { eventStatus }),
        ...(virtualUrl !== undefined && { virtualUrl }),
      };
    }),
  );
}

function isOfProgramme(part: { name: string | undefined; startDate: string }, whole: Times & { name: string | undefined }): boolean {
  const { startDate, endDate } = whole;
  if (part.name === undefined || whole.name === undefined || startDate === undefined || endDate === undefined) return false;
  const [called, parent] = [part.name, whole.name].map((name) => plainLine(name).toLowerCase()) as [string, string];
  const [first, day, last] = [startDate, part.startDate, endDate].map((time) => time.slice(0, 10)) as [string, string, string];
  return !called.includes(parent) && first <= day && day <= last;
}

export interface Times {
  startDate?: string;
  endDate?: string;
  doorTime?: string;
  previousStartDate?: string;
}

/** The times of an event or sub-event; each wrong one, and an end before the start, is a fault. */
export function readTimes(node: Node, path: Path, faults: Fault[]): Times {
  const times: Times = {};
  for (const term of ["startDate", "endDate", "doorTime", "previousStartDate"] as const) {
    const written = text(node, term);
    if (written === undefined) continue;
    const time = term === "doorTime" ? readTimeBeside(written, times.startDate) : readTime(written);
    if ("value" in time) times[term] = time.value;
    else faults.push({ path: [...path, term], detail: time.fault });
  }
  const { startDate, endDate } = times;
  if (startDate !== undefined && endDate !== undefined && isBefore(endDate, startDate)) {
    faults.push(expected([...path, "endDate"], `an end not before the start ${startDate}`, endDate));
  }
  return times;
}

const STATUSES = new Map<string, EventStatus>(EVENT_STATUSES.map((name) => [name.toLowerCase(), name]));

/** "EventCancelled", either spelling of its IRI, or "cancelled" alone; unknown words say nothing. */
export function readStatus(node: Node): EventStatus | undefined {
  const name = localName(text(node, "eventStatus") ?? "")
    .replace(/[\s_-]+/g, "")
    .toLowerCase();
  return (
    STATUSES.get(name) ??
    STATUSES.get(`event${name.replace("canceled", "cancelled")}`) ??
    (name === "eventcanceled" ? "EventCancelled" : undefined)
  );
}
