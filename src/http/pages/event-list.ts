/**
 * A list of events as a printed calendar has it: a date block, the name, then time, place and price.
 * Used by every page that lists events.
 */
import { PATH_OF_KIND, ulidOf } from "../../domain/iri.ts";
import type { EventState, OccurrenceState } from "../../domain/state.ts";
import type { EntityKind } from "../../domain/vocabulary.ts";
import { dateBlock, formatMonth, formatWhen, isOver, type DateBlock } from "./format.ts";
import { html, join, langOf, localPath, type Html, type Part } from "./markup.ts";
import { originLink } from "./origin.ts";
import { isSoldOut, priceSummary } from "./price.ts";
import { onDate } from "./series-dates.ts";
import { headStatus, occurrenceStatus } from "./status-words.ts";
import type { EventListItem, PageView } from "./view.ts";
import { moreDates, nextOccurrence } from "./words.ts";
import { localDay, zoneAbbreviation } from "./zones.ts";

/** "/events/01HY…": our own page of an entity, also of a federated one. */
export function entityPath(kind: EntityKind, id: string): string {
  return `/${PATH_OF_KIND[kind]}/${ulidOf(id)}`;
}

/**
 * The items under headings of their months (`level`), where they stand in the order of time; else in one list.
 * Names are headings one level below the months', or at `level` itself.
 */
export function eventList(view: PageView, items: readonly EventListItem[], level: 2 | 3): Html {
  const dated = items.map(({ event, occurrence = nextOccurrence(event, view.now) }) => ({
    event,
    occurrence,
    month: localDay(occurrence.startDate, occurrence.timezone).slice(0, 7),
  }));
  const inOrder = dated.every(({ month }, index) => month !== "" && (index === 0 || (dated[index - 1]?.month ?? "") <= month));
  if (!inOrder)
    return html`<ol class="events">
      ${dated.map(({ event, occurrence }) => eventItem(view, event, occurrence, level, true))}
    </ol>`;
  const months = [...new Set(dated.map(({ month }) => month))];
  return html`${months.map(
    (month) =>
      html`<section class="month">
        ${level === 2 ? html`<h2>${formatMonth(month, view.locale)}</h2>` : html`<h3>${formatMonth(month, view.locale)}</h3>`}
        <ol class="events">
          ${dated.filter((each) => each.month === month).map(({ event, occurrence }) => eventItem(view, event, occurrence, level === 2 ? 3 : 4, false))}
        </ol>
      </section>`,
  )}`;
}

function eventItem(view: PageView, event: EventState, occurrence: OccurrenceState, level: 2 | 3 | 4, withYear: boolean): Html {
  const block = dateBlock(occurrence, view.locale);
  const name = html`<a href="${localPath(view.base, entityPath("event", event.id))}" ${lang(event)}>${event.name}</a>`;
  const heading = level === 2 ? html`<h2>${name}</h2>` : level === 3 ? html`<h3>${name}</h3>` : html`<h4>${name}</h4>`;
  const status = itemStatus(event, occurrence, view.now);
  const here = onDate(event, occurrence);
  const from = originLink(event);
  const facts: Part[] = [placeWords(here), priceSummary(here), moreDates(event, view.now, view.locale), from && html`from ${from}`].filter(
    (words) => words !== undefined,
  );
  return html`<li class="event${status.some(({ grave }) => grave) && " struck"}">
    ${block && dateSheet(block, withYear)}
    <div>
      ${heading}
      <p class="when">${status.map(({ word }) => html`<strong class="tag">${word}</strong> `)}${shortWhen(occurrence, view.locale)}</p>
      ${facts.length > 0 && html`<p class="where">${join(facts, html`<span class="dot" aria-hidden="true"> · </span>`)}</p>`}
    </div>
  </li>`;
}

/** The tear-off sheet; it repeats what the text says, so screen readers pass it by. */
export function dateSheet({ weekday, day, month, year }: DateBlock, withYear: boolean): Html {
  return html`<div class="date-block" aria-hidden="true">
    <span>${weekday}</span><b>${day}</b><span>${month}${withYear && ` ${year}`}</span>
  </div>`;
}

/** Words that a reader must see before the date; a grave one strikes the name. */
export function itemStatus(event: EventState, occurrence: OccurrenceState, now: Date): { word: string; grave?: boolean }[] {
  const whole = headStatus(event);
  const own = occurrenceStatus(occurrence);
  // A series goes on without the one date.
  const alone = event.series !== undefined && whole === undefined;
  const word = whole ?? (alone && own !== undefined ? `This date: ${own.toLowerCase()}` : own);
  return [
    ...(word === undefined ? [] : [{ word, grave: word === "Cancelled" }]),
    ...(isSoldOut(event) ? [{ word: "Sold out" }] : []),
    ...(isOver(occurrence, now) ? [{ word: "Past" }] : []),
  ];
}

/** `<time>`s with the short form and the zone's abbreviation. */
function shortWhen(occurrence: OccurrenceState, locale: string | undefined): Part[] {
  const { start, end, zone } = formatWhen(occurrence, locale, "short");
  const abbreviation = zone !== undefined && ` ${zoneAbbreviation(occurrence.startDate, occurrence.timezone, locale)}`;
  return [
    html`<time datetime="${start.datetime}">${start.text}</time>`,
    end && html` – <time datetime="${end.datetime}">${end.text}</time>`,
    abbreviation,
  ];
}

/** "Koerner Hall, Toronto"; the town is not said twice. */
export function placeWords(event: EventState): string | undefined {
  const online = event.attendanceMode === "OnlineEventAttendanceMode" || (event.location === undefined && event.virtualUrl !== undefined);
  if (event.location === undefined) return online ? "Online" : undefined;
  const { name, address } = event.location;
  const town = address?.addressLocality;
  const place = town === undefined || name.toLowerCase().includes(town.toLowerCase()) ? name : `${name}, ${town}`;
  return event.attendanceMode === "MixedEventAttendanceMode" ? `${place}, and online` : place;
}

/** A lang attribute where the event has one language that is not the page's. */
export function lang(event: Pick<EventState, "inLanguage">): Html | false {
  const tag = langOf(event.inLanguage);
  return tag !== undefined && !/^en\b/i.test(tag) && html` lang="${tag}"`;
}
