/** What every feed of events is made from, whatever its format: the events, and words about the feed itself. */
import { ulidOf } from "../../domain/iri.ts";
import type { EventState, OccurrenceState, SeriesState } from "../../domain/state.ts";
import { html, paragraphs, safeHref, type Html } from "../pages/markup.ts";
import { whenAsText } from "../pages/format.ts";
import { datesToCome, differences, seriesWords } from "../pages/series-dates.ts";
import { headStatus } from "../pages/status-words.ts";
import { addressLines, occurrencesOf } from "../pages/words.ts";

export interface EventFeed {
  title: string;
  /** The page where people see the same events. */
  homeUrl: string;
  /** Where this very feed is found, in this format. */
  selfUrl: string;
  /** The newest change of what it shows. */
  updatedAt: Date;
  /** This node's public base URL, without a slash at its end. */
  base: string;
  /** The instant from which on a series' dates are those to come. */
  now: Date;
}

/** How often a reader should look again: kept in step with the feeds' Cache-Control. */
export const REFRESH_MINUTES = 60;

/** This node's page of an event, also of one that came from a peer (whose @id is the peer's). */
export const pageOf = (base: string, event: EventState): string => `${base}/events/${ulidOf(event.id)}`;

/** One line without control characters: for titles, names and places. */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();

/**
 * "Friday 8 May 2026, 9:00 pm – 11:30 pm (EDT) · The Rex, 194 Queen St W, Toronto", the first of several dates. Of a series its rule
 * and the next dates: "Every Friday at 9:00 pm; next: Fri 8 May 2026, 9:00 pm (EDT), … · The Rex, …".
 */
export function whenAndWhere(event: EventState, now: Date): string {
  return [headStatus(event), event.series ? whenOfSeries({ ...event, series: event.series }, now) : whenOf(event), whereOf(event)]
    .filter((part) => part !== undefined)
    .join(" · ");
}

function whenOf(event: EventState): string {
  const occurrences = occurrencesOf(event);
  const others = occurrences.length - 1;
  return (
    whenAsText(occurrences[0] as OccurrenceState) + (others === 0 ? "" : others === 1 ? " and one more date" : ` and ${others} more dates`)
  );
}

/** As many of a series' next dates as are said. */
const NEXT_DATES = 3;

function whenOfSeries(event: EventState & { series: SeriesState }, now: Date): string {
  const rule = seriesWords(event, now).join("; ");
  const next = datesToCome(event, now, NEXT_DATES).dates.map((date) => {
    const different = differences(date);
    return whenAsText(date, undefined, "short") + (different.length > 0 ? ` (${different.join(", ")})` : "");
  });
  return next.length === 0 ? rule : `${rule}; next: ${next.join(", ")}`;
}

/** "The Rex, 194 Queen St W, Toronto, Canada"; undefined for what is only online. */
export function whereOf({ location }: EventState): string | undefined {
  return location && oneLine([location.name, ...addressLines(location.address)].join(", "));
}

/**
 * An event as feed readers show it. Its description and image appear where its state has them, as in JSON-LD: the state
 * holds no text and no image that a source's license keeps back (domain/provenance.ts decides).
 */
export function contentOf(event: EventState, now: Date): Html {
  const image = event.image === undefined ? undefined : safeHref(event.image);
  return html`<p>${whenAndWhere(event, now)}</p>
    ${event.description !== undefined && paragraphs(event.description)}${image !== undefined && html`<p><img src="${image}" alt="" /></p>`}`;
}
