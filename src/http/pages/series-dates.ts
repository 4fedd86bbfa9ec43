/** The dates of a series as the pages speak of them: those to come, its rule in words, and how one date differs from the rule. */
import type { EventState, OccurrenceState, SeriesState } from "../../domain/state.ts";
import { endOf } from "../../domain/recurrence/expand.ts";
import { occurrencesOfState, type ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import { PATH_OF_KIND, ulidOf } from "../../domain/iri.ts";
import { formatDay, formatWhen, isOver } from "./format.ts";
import { recurrenceWords } from "./recurrence-words.ts";
import { occurrenceStatus } from "./status-words.ts";
import { DEFAULT_LOCALE } from "./zones.ts";

const DAY = 86_400_000;
/** The end of the years that are written with four digits. */
const LAST = Date.UTC(9999, 11, 31);
/** Where a rule has no words, its dates are counted as far as this. */
const COUNTED = 100;

/** "/events/01HY…/occurrences/20260508T190000". */
export function occurrencePath(event: Pick<EventState, "id">, recurrenceId: string): string {
  return `/${PATH_OF_KIND.event}/${ulidOf(event.id)}/occurrences/${recurrenceId}`;
}

/** The occurrences of a series that are not over at `now`, in order of start, at most `limit`; none for an event without a series. */
export function datesToCome(event: EventState, now: Date, limit: number): { dates: ShownOccurrence[]; more: boolean } {
  if (event.series === undefined) return { dates: [], more: false };
  // Those that have begun and are not over: not more than a week's, so that a long-lasting one is not sought for ever.
  const begun = occurrencesOfState(event, { from: now.getTime() - 7 * DAY, until: now.getTime(), limit: COUNTED });
  const going = begun.occurrences.filter((occurrence) => !isOver(occurrence, now));
  const { occurrences, more } = occurrencesOfState(event, { from: now.getTime(), until: LAST, limit });
  const dates = [...going, ...occurrences];
  return { dates: dates.slice(0, limit), more: more || dates.length > limit };
}

/** Of a series, the next date that takes place; else the next of all; undefined when they are over. */
export function nextDate(event: EventState, now: Date): ShownOccurrence | undefined {
  const { dates } = datesToCome(event, now, 5);
  return dates.find(({ eventStatus }) => eventStatus !== "EventCancelled") ?? dates[0];
}

/** When a series recurs, one line a rule: "Every Friday at 7:00 pm"; "On 12 dates" where that is all that can be said. */
export function seriesWords(event: EventState & { series: SeriesState }, now: Date, locale = DEFAULT_LOCALE): string[] {
  const { recurrence } = event.series;
  const words = recurrence.map((set) => {
    const said = recurrenceWords(set, locale);
    const begins = set.dtstart.slice(0, 10);
    return said && (begins > now.toISOString().slice(0, 10) ? `${said}, from ${formatDay(begins, locale)}` : said);
  });
  return words.every((line) => line !== undefined) ? words : [numberOfDates(event)];
}

function numberOfDates(event: EventState & { series: SeriesState }): string {
  if (endOf(event.series.recurrence) === undefined) return "On many dates";
  const { occurrences, more } = occurrencesOfState(event, { from: -LAST, until: LAST, limit: COUNTED });
  return more ? `On more than ${COUNTED} dates` : occurrences.length === 1 ? "On one date" : `On ${occurrences.length} dates`;
}

/** How one date differs from its series: "cancelled", "moved from Fri 8 May 2026, 7:00 pm", "at Lake Stage", "as Open-air special". */
export function differences(date: ShownOccurrence, locale = DEFAULT_LOCALE): string[] {
  const { name, location, previousStartDate, timezone } = date;
  const status = occurrenceStatus(date);
  return [
    // From when it was moved says as much.
    status === "Rescheduled" && previousStartDate !== undefined ? undefined : status?.toLowerCase(),
    previousStartDate && `moved from ${formatWhen({ startDate: previousStartDate, timezone }, locale, "short").start.text}`,
    location && `at ${location.name}`,
    name && `as ${name}`,
  ].filter((words) => words !== undefined);
}

/** The event as it is on one date: with that date's own place and prices, where it has such. */
export function onDate(event: EventState, { location, offers }: OccurrenceState & Partial<ShownOccurrence>): EventState {
  return { ...event, ...(location && { location }), ...(offers && { offers }) };
}
