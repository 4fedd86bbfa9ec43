/** The occurrences of an event as its state has them: what every output shows of a series. */
import type { EventState, NestedPlace, OccurrenceState, OverrideState, SeriesState } from "../state.ts";
import type { Offer } from "../submission.ts";
import { isDate, zoneOf } from "../when.ts";
import type { Window } from "./instance.ts";
import { knownWall, localText, SECOND } from "./local-time.ts";
import { occurrenceNamed, occurrencesOf, type Occurrence, type Series, type TimedOverride } from "./series.ts";
import { startOfDay, wallOfInstant } from "./zone-times.ts";

/** One occurrence of a series: its times, and of the rest only what it has of its own. `previousStartDate` is that of its rule, where it was moved. */
export type ShownOccurrence = OccurrenceState & {
  recurrenceId: string;
  name?: string;
  location?: NestedPlace;
  offers?: Offer[];
  url?: string;
  /** Whether anything of it is its own. */
  overridden: boolean;
};

/** The occurrences of a recurring event that start in a window (milliseconds), in order; none for an event without a series. */
export function occurrencesOfState(state: EventState, window: Window): { occurrences: ShownOccurrence[]; more: boolean } {
  if (state.series === undefined) return { occurrences: [], more: false };
  const { occurrences, more } = occurrencesOf(seriesOf(state.series), window);
  return { occurrences: occurrences.map(show), more };
}

/** One occurrence by its name ("20260508T190000"), or by the name that an override of it has kept from a former rule. */
export function occurrenceOfState(state: EventState, recurrenceId: string): ShownOccurrence | undefined {
  if (state.series === undefined) return undefined;
  const occurrence = occurrenceNamed(seriesOf(state.series), recurrenceId);
  return occurrence && show(occurrence);
}

type TimedState = TimedOverride & { state: OverrideState };

function seriesOf({ recurrence, doorLead, overrides = [] }: SeriesState): Series<TimedState> {
  const timezone = recurrence[0]?.timezone ?? "UTC";
  return {
    sets: recurrence,
    ...(doorLead !== undefined && { doorLead }),
    overrides: new Map(overrides.map((override) => [override.recurrenceId, timed(override, timezone)])),
  };
}

function timed(state: OverrideState, timezone: string): TimedState {
  const { startDate, endDate, doorTime } = state;
  return {
    state,
    timezone,
    ...(startDate !== undefined && { startAt: instantOfText(startDate, timezone), isDate: isDate(startDate) }),
    ...(endDate !== undefined && { endAt: instantOfText(endDate, timezone), endIsDate: isDate(endDate) }),
    ...(doorTime !== undefined && { doorAt: instantOfText(doorTime, timezone) }),
  };
}

function instantOfText(text: string, timezone: string): number {
  if (isDate(text)) return startOfDay(knownWall(text), timezone);
  return Date.parse(zoneOf(text) === undefined ? text : text.replace(/\[.*/, ""));
}

function show(occurrence: Occurrence<TimedState>): ShownOccurrence {
  const { recurrenceId, timezone, startAt, endAt, doorAt, override, movedFrom } = occurrence;
  const { name, eventStatus, location, virtualUrl, offers, url } = override?.state ?? {};
  return {
    recurrenceId,
    startDate: shownTime(startAt, occurrence.isDate, timezone),
    ...(endAt !== undefined && { endDate: shownTime(endAt, occurrence.isDate || occurrence.endIsDate === true, timezone) }),
    ...(doorAt !== undefined && { doorTime: shownTime(doorAt, false, timezone) }),
    ...(movedFrom && { previousStartDate: shownTime(movedFrom.startAt, movedFrom.isDate, timezone) }),
    timezone,
    allDay: occurrence.isDate,
    ...(name !== undefined && { name }),
    ...(eventStatus && { eventStatus }),
    ...(location && { location }),
    ...(virtualUrl !== undefined && { virtualUrl }),
    ...(offers && { offers }),
    ...(url !== undefined && { url }),
    overridden: override !== undefined,
  };
}

/** "2026-05-08T19:00:00-04:00", or "2026-05-08". Offsets are written in whole minutes, as RFC 3339 has them. */
function shownTime(instant: number, date: boolean, timezone: string): string {
  const wall = wallOfInstant(instant, timezone);
  if (date) return localText(wall, true);
  const minutes = Math.trunc((wall - instant) / (60 * SECOND));
  if (minutes === 0) return `${localText(instant, false)}Z`;
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return `${localText(instant + minutes * 60 * SECOND, false)}${minutes < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`;
}
