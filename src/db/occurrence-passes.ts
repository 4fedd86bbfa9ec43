/** The filters of time as `timeConditions` has them, for an occurrence that stands in no table. */
import type { OccurrenceState } from "../domain/state.ts";
import { instantOf } from "../domain/when.ts";
import type { Hours, TimeFilters } from "./event-conditions.ts";

/** Milliseconds; of a date, the midnight that begins it. */
export const startOf = ({ startDate, timezone }: OccurrenceState): number => instantOf(startDate, timezone);

export function passes({ startDate, endDate, instants, days, hours, starts, on }: TimeFilters, one: OccurrenceState): boolean {
  const day = one.startDate.slice(0, 10);
  const start = startOf(one);
  const timed = !one.allDay;
  return (
    (startDate === undefined || (timed && instants?.from !== undefined ? start >= instants.from : day >= startDate)) &&
    (endDate === undefined || (timed && instants?.until !== undefined ? start < instants.until : day <= endDate)) &&
    (days === undefined || days.includes(new Date(`${day}T00:00:00Z`).getUTCDay() || 7)) &&
    (hours === undefined || (timed && isWithin(minutesOf(one.startDate), hours))) &&
    (starts?.from === undefined || start >= starts.from) &&
    (starts?.until === undefined || start < starts.until) &&
    (on === undefined || (start <= on && on < overAt(one) && one.eventStatus !== "EventCancelled" && one.eventStatus !== "EventPostponed"))
  );
}

/** "2026-05-08T21:30:00-04:00" -> 1290. */
const minutesOf = (startDate: string): number => Number(startDate.slice(11, 13)) * 60 + Number(startDate.slice(14, 16));

const isWithin = (minutes: number, { from, until }: Hours): boolean =>
  from <= until ? minutes >= from && minutes <= until : minutes >= from || minutes <= until;

/** As occurrence_span has it: an end that is a date is the end of that day, and one that nobody told that of the day of the start. */
function overAt({ startDate, endDate = startDate.slice(0, 10), timezone }: OccurrenceState): number {
  if (endDate.length > 10) return Date.parse(endDate);
  const next = new Date(Date.parse(`${endDate}T00:00:00Z`) + 24 * 3_600_000).toISOString().slice(0, 10);
  return instantOf(next, timezone);
}
