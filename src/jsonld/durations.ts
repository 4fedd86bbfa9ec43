/** How long something lasts, from the times of day and the dates by which the web says it. */
import { durationOf, durationText } from "../domain/recurrence/duration.ts";
import { isDate } from "../domain/when.ts";
import { expected } from "./faults.ts";
import type { Fault, Path } from "./faults.ts";
import type { Schedule } from "./schedule-rule.ts";

const CLOCK = /^(?:\d{4}-\d\d-\d\d)?[Tt ]?(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(?:([ap])\.?m\.?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const OFFSET = /(Z|[+-]\d\d:\d\d)(\[.*\])?$/;
const DAY = 86_400;
/** As many as an event may have sets. */
const MOST_CLOCKS = 20;

/**
 * The pairs of start and end times of a Schedule ("19:00:00", with the offset where one is written); one empty pair where it
 * has none. Undefined after a fault.
 */
export function clocksOf(schedule: Schedule, path: Path, faults: Fault[]): { start?: string; end?: string }[] | undefined {
  const read = (term: "startTime" | "endTime") =>
    [schedule[term] ?? []].flat().map((written) => {
      const clock = readClock(String(written));
      if (clock === undefined) faults.push(expected([...path, term], "a time of day such as 19:30", written));
      return clock;
    });
  if ([schedule["startTime"] ?? []].flat().length > MOST_CLOCKS) {
    faults.push(expected([...path, "startTime"], `at most ${MOST_CLOCKS} times of day`, [schedule["startTime"]].flat().length));
    return undefined;
  }
  const starts = read("startTime");
  const ends = read("endTime");
  if (starts.includes(undefined) || ends.includes(undefined)) return undefined;
  return (starts.length === 0 ? [undefined] : starts).map((start, at) => {
    const end = ends[at] ?? (ends.length === 1 ? ends[0] : undefined);
    return { ...(start !== undefined && { start }), ...(end !== undefined && { end: end.slice(0, 8) }) };
  });
}

/** "7:30 pm" -> "19:30:00"; "24:00" is the midnight at which a day ends. */
function readClock(written: string): string | undefined {
  const [, hours, minutes, seconds = "00", half, offset = ""] = CLOCK.exec(written.trim()) ?? [];
  if (hours === undefined) return undefined;
  const given = Number(hours);
  const hour = half === undefined ? given : (given % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  if (Number(minutes) > 59 || Number(seconds) > 59 || given > 24 || (given === 24 && minutes !== "00") || (half && given > 12))
    return undefined;
  const zone =
    offset === "" || offset.length > 5 || offset.length === 1 ? offset.toUpperCase() : `${offset.slice(0, 3)}:${offset.slice(3)}`;
  return `${String(hour % 24).padStart(2, "0")}:${minutes}:${seconds}${zone}`;
}

/** From one time of day to the next other one, unless a given duration says the same with more days: 22:00 to 01:00 is "PT3H". */
export function durationOfClocks(start: string, end: string | undefined, given: string | undefined): string | undefined {
  const length = end === undefined ? 0 : (secondsOf(end) - secondsOf(start) + DAY) % DAY;
  if (length === 0) return given;
  const stated = durationOf(given ?? "");
  return stated !== undefined && stated.seconds % DAY === length ? given : durationText({ days: 0, seconds: length });
}

export interface Length {
  milliseconds: number;
  duration: string | undefined;
  isTimed: boolean;
  /** From the time of day of the start to that of the end, where the end is later in the day and not the day's very end. */
  ofClocks: string | undefined;
}

/** How long an event is by its own start and end; undefined where one has a time and the other none. */
export function durationBetween(start: string, end: string): Length | undefined {
  if (isDate(start) !== isDate(end) || OFFSET.test(start) !== OFFSET.test(end)) return undefined;
  if (isDate(start)) {
    const days = Math.round((Date.parse(end) - Date.parse(start)) / 86_400_000);
    return {
      milliseconds: (days + 1) * 86_400_000,
      duration: days === 0 ? undefined : durationText({ days: days + 1, seconds: 0 }),
      isTimed: false,
      ofClocks: undefined,
    };
  }
  const milliseconds = between(start, end);
  const seconds = Math.round(milliseconds / 1000);
  const clocks = secondsOf(end.slice(11, 19)) - secondsOf(start.slice(11, 19));
  return {
    milliseconds,
    duration: durationText({ days: 0, seconds }),
    isTimed: true,
    ofClocks: clocks > 0 && !/T23:59/.test(end) ? durationText({ days: 0, seconds: clocks }) : undefined,
  };
}

const secondsOf = (clock: string): number => Number(clock.slice(0, 2)) * 3_600 + Number(clock.slice(3, 5)) * 60 + Number(clock.slice(6, 8));

/** Milliseconds from one time to another of the same sort; a time without an offset is read as if it were UTC's. */
export function between(start: string, end: string): number {
  const [from, until] = [start, end].map((written) => {
    const time = written.replace(/\[.*$/, "");
    return Date.parse(OFFSET.test(time) || isDate(time) ? time : `${time}Z`);
  });
  return until! - from!;
}
