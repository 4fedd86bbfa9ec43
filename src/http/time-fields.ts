/** When an occurrence is, as parameters: each one written as people write it, and read in minutes, weekdays and instants. */
import { z } from "@hono/zod-openapi";
import type { Hours } from "../db/event-conditions.ts";
import type { Moment } from "../search/moments.ts";
import { isCalendarDay, queryText } from "./schemas.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MINUTES_OF_DAY = 24 * 60;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** A field whose reader returns a sentence where it cannot read. */
export const readBy = <T extends object | number | string>(
  text: z.ZodType<string, string>,
  read: (text: string) => T | { fault: string },
) =>
  text.transform((given, context): T => {
    const found = read(given);
    if (typeof found !== "object" || !("fault" in found)) return found;
    context.addIssue({ code: "custom", message: found.fault });
    return z.NEVER;
  });

const moment = (description: string) =>
  readBy(queryText(40), parseMoment).optional().openapi({ type: "string", description, example: "now" });
const timeOfDay = (last: number, description: string, example: string) =>
  readBy(queryText(10), (text) => parseTime(text, last))
    .optional()
    .openapi({ type: "string", description, example });

export const timeFields = {
  dayOfWeek: readBy(queryText(200), parseDays).optional().openapi({
    type: "string",
    description:
      "Weekdays on which an occurrence starts, in its own zone: names as in schema.org or their first three letters, MO to SU as in iCalendar, or 1 (Monday) to 7; parted by commas, a range by a hyphen. What starts after midnight is of the new day.",
    example: "Friday-Sunday",
  }),
  startTime: timeOfDay(
    MINUTES_OF_DAY - 1,
    "The local time of day, in its own zone, at which an occurrence starts, or later. Dates without a time do not match.",
    "17:00",
  ),
  endTime: timeOfDay(
    MINUTES_OF_DAY,
    "… or earlier: the minute is included. Before `startTime`, it lies past midnight: 22:00 and 03:00 are a night, each hour on its own weekday.",
    "23:00",
  ),
  hours: readBy(queryText(20), parseHours).optional().openapi({
    type: "string",
    description: "The same two in one.",
    example: "18:00-23:00",
  }),
  startsAfter: moment(
    "`now`, or an instant: occurrences that start then or later. A date without a time starts with its day, in its own zone. With `now`, each event is listed by its next occurrence; later pages keep to the moment of the first.",
  ),
  startsBefore: moment("… and before this."),
  on: moment(
    "`now`, or an instant: what goes on then and is neither cancelled nor postponed. What tells no end goes on until the end of its day.",
  ),
};

/** The span of minutes that hours, or startTime and endTime, ask for. */
export function hoursOf({
  hours,
  startTime,
  endTime,
}: {
  hours?: Hours | undefined;
  startTime?: number | undefined;
  endTime?: number | undefined;
}): Hours | undefined {
  if (hours !== undefined || (startTime === undefined && endTime === undefined)) return hours;
  return { from: startTime ?? 0, until: Math.min(endTime ?? MINUTES_OF_DAY, MINUTES_OF_DAY - 1) };
}

/** "Friday-Sunday,MO" -> [1, 5, 6, 7]; a range may pass Sunday. */
function parseDays(text: string): number[] | { fault: string } {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first = 0, last = first, ...rest] = part.split("-").map(dayOf);
    if (first === 0 || last === 0 || rest.length > 0)
      return { fault: "expected weekdays such as Friday, FR or 5, parted by commas; a range such as Friday-Sunday" };
    for (let day = first; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].toSorted((a, b) => a - b);
}

/** 1 Monday to 7 Sunday; 0 for no day. */
function dayOf(text: string): number {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/schema\.org\//, "");
  if (/^[1-7]$/.test(word)) return Number(word);
  return DAYS.findIndex((day) => [day, day.slice(0, 2), day.slice(0, 3)].includes(word)) + 1;
}

/** "18:00-23:00", "18-23", "22:00-02:00" in minutes of the day. 24:00 ends a day, and begins none. */
function parseHours(text: string): Hours | { fault: string } {
  const [, from, until] = /^\s*([\d:]+)\s*[-–]\s*([\d:]+)\s*$/.exec(text) ?? [];
  const first = minutesOf(from);
  const last = minutesOf(until);
  if (first === undefined || last === undefined || first === MINUTES_OF_DAY)
    return { fault: "expected a span of local time such as 18:00-23:00 or 18-23, its hours from 0 to 24" };
  return { from: first, until: Math.min(last, MINUTES_OF_DAY - 1) };
}

function parseTime(text: string, last: number): number | { fault: string } {
  const minutes = minutesOf(text.trim());
  return minutes !== undefined && minutes <= last
    ? minutes
    : { fault: `expected a local time of day such as 17:00, up to ${last < MINUTES_OF_DAY ? "23:59" : "24:00"}` };
}

function minutesOf(text = ""): number | undefined {
  const [, hours, minutes = "0"] = /^(\d{1,2})(?::([0-5]\d))?$/.exec(text) ?? [];
  const found = Number(hours) * 60 + Number(minutes);
  return hours !== undefined && found <= MINUTES_OF_DAY ? found : undefined;
}

function parseMoment(text: string): Moment | { fault: string } {
  const given = text.trim();
  if (given.toLowerCase() === "now") return "now";
  // In a query a plus that nobody encoded is a blank.
  const instant = given.replace(/ (?=\d{2}:\d{2}$)/, "+");
  const [, day] = INSTANT.exec(instant) ?? [];
  const at = Date.parse(instant);
  if (day === undefined || !isCalendarDay(day) || Number.isNaN(at))
    return { fault: "expected now, or an instant with its offset such as 2026-05-08T17:00:00-04:00" };
  return isCalendarDay(new Date(at).toISOString().split("T")[0]!) ? at : { fault: "expected an instant in the years 1 to 9999 of UTC" };
}
