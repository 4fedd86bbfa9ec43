/** The occurrence by which an event was found, from what the database tells of it: when it starts. */
import { occurrenceOfState, occurrencesOfState, type ShownOccurrence } from "../domain/recurrence/of-state.ts";
import { occurrenceUri, uriOf } from "../domain/iri.ts";
import type { EventState, OccurrenceState } from "../domain/state.ts";
import { encodeOccurrence } from "../jsonld/encode-series.ts";
import { encodeText } from "../jsonld/encode.ts";
import { atOffset } from "../jsonld/wall-clock.ts";

/** Occurrences of one event at one instant. */
const MOST = 100;

/** The one of several occurrences that starts at this instant; one without a time, on this day. Undefined for an event that happens once. */
export function occurrenceAt(state: EventState, start: string, localDate: string, recurrenceId?: string): OccurrenceState | undefined {
  if (state.series === undefined) return state.occurrences?.find((one) => startsAt(one, start, localDate));
  const from = secondOf(start);
  const named = recurrenceId === undefined ? undefined : occurrenceOfState(state, recurrenceId);
  if (named !== undefined && startsAt(named, start, localDate)) return named;
  return (
    occurrencesOfState(state, { from, until: from + 1_000, limit: MOST }).occurrences.find((one) => startsAt(one, start, localDate)) ??
      // Of the past, as it was when the rule was another one.
      { startDate: state.allDay ? localDate : atOffset(from, state.timezone), timezone: state.timezone, allDay: state.allDay }
  );
}

const secondOf = (start: string): number => Math.floor(Date.parse(start) / 1_000) * 1_000;

const startsAt = ({ startDate, allDay }: OccurrenceState, start: string, localDate: string): boolean =>
  allDay ? startDate === localDate : Date.parse(startDate) === secondOf(start);

/** Which occurrence it is and when, in JSON; of an event that happens once, the event. */
export function occurrenceJson(state: EventState, occurrence: OccurrenceState | undefined, base: string): object {
  const { startDate, endDate, timezone, recurrenceId, eventStatus } = occurrence ?? state;
  return {
    "@id": recurrenceId === undefined ? uriOf(base, "event", state) : occurrenceUri(base, state, recurrenceId),
    startDate,
    ...(endDate !== undefined && { endDate }),
    timezone,
    ...(eventStatus !== undefined && { eventStatus: `https://schema.org/${eventStatus}` }),
  };
}

/** The document of an occurrence of a series; else that of the event. */
export function occurrenceText(state: EventState, occurrence: OccurrenceState | undefined, base: string): string {
  return occurrence !== undefined && isShown(occurrence)
    ? JSON.stringify(encodeOccurrence(state, occurrence, { base }))
    : encodeText(state, { base });
}

const isShown = (occurrence: OccurrenceState): occurrence is ShownOccurrence => occurrence.recurrenceId !== undefined;
