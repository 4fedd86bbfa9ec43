/**
 * The facts of an event beside its description: when, where, what it costs, who makes it.
 */
import type { ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import type { EntityReference, EventState, NestedAgent, NestedPlace, OccurrenceState, SeriesState } from "../../domain/state.ts";
import type { Offer } from "../../domain/submission.ts";
import { entityPath } from "./event-list.ts";
import { formatDate, formatTime, formatWhen, isOver } from "./format.ts";
import { fact, mapLink } from "./layout.ts";
import { externalLink, html, join, localPath, type Html, type Part } from "./markup.ts";
import { originLink } from "./origin.ts";
import { availabilityOf, formatOffer } from "./price.ts";
import { occurrenceStatus } from "./status-words.ts";
import { datesToCome, differences, occurrencePath, seriesWords } from "./series-dates.ts";
import type { EventPageView, PageView } from "./view.ts";
import { addressLines, isOff, languageName, nextOccurrence, occurrencesOf, sentence } from "./words.ts";
import { isPlainDate } from "./zones.ts";

/** As many dates as are shown before the rest is folded. */
const SHOWN_DATES = 6;
/** Of a series, which has its dates on pages of their own. */
const SHOWN_OF_SERIES = 10;

/** The list of facts; a fact that is not known is left out. */
export function eventFacts(view: EventPageView): Html {
  const { event, locale } = view;
  const url = nextOccurrence(event, view.now).virtualUrl ?? event.virtualUrl;
  const online = url && html`<p>${externalLink(url, "Take part online")}</p>`;
  return html`<dl class="facts">
    ${fact(isOff(event) ? "Was planned for" : "When", when(view))}
    ${fact("Where", where(view, event.location), event.attendanceMode === "MixedEventAttendanceMode" && html`<p>In person and online</p>`, !event.location && !online && event.attendanceMode === "OnlineEventAttendanceMode" && "Online", online)}
    ${fact("Price", prices(event.offers, event))} ${fact("Organizer", event.organizer && agent(view, event.organizer))}
    ${fact(
      event.performer?.length === 1 ? "Performer" : "Performers",
      event.performer &&
        html`<ul>
          ${event.performer.map((each) => html`<li>${agent(view, each)}</li>`)}
        </ul>`,
    )}
    ${fact("Language", event.inLanguage?.map((tag) => languageName(tag, locale)).join(", "))} ${fact("From", originLink(event))}
    ${fact("Accessibility", event.accessibilityFeature?.map(sentence).join(", "))} ${fact("Website", event.url && externalLink(event.url))}
    ${fact(
      "See also",
      event.sameAs &&
        html`<ul>
          ${event.sameAs.map((url) => html`<li>${externalLink(url)}</li>`)}
        </ul>`,
    )}
  </dl>`;
}

function when(view: EventPageView): Part[] {
  const { event, now, locale } = view;
  if (event.series) return whenOfSeries(view, event.series);
  const occurrences = occurrencesOf(event);
  const next = nextOccurrence(event, now);
  const { zone } = formatWhen(next, locale);
  const first = [
    html`<p class="strong">${times(next, locale, "long")}</p>`,
    zone && html`<p class="quiet">${zone}</p>`,
    doors(next, locale),
  ];
  if (occurrences.length === 1) return first;

  const upcoming = occurrences.filter((occurrence) => !isOver(occurrence, now) && occurrence !== next);
  const line = (occurrence: OccurrenceState) => html`<li>${times(occurrence, locale, "short")}${mark(occurrence, now)}</li>`;
  const short = occurrences.length <= SHOWN_DATES;
  return [
    ...first,
    html`<p class="quiet">One of ${occurrences.length} dates</p>`,
    short
      ? html`<ol class="dates">
          ${occurrences.map(line)}
        </ol>`
      : [
          upcoming.length > 0 &&
            html`<p>After that:</p>
              <ol class="dates">
                ${upcoming.slice(0, SHOWN_DATES - 1).map(line)}
              </ol>`,
          html`<details>
            <summary>All ${occurrences.length} dates</summary>
            <ol class="dates">
              ${occurrences.map(line)}
            </ol>
          </details>`,
        ],
  ].flat();
}

/** The rule in words, the dates to come (each leads to its page), the calendar, and the series before and after. */
function whenOfSeries({ event, now, locale, base }: EventPageView, series: SeriesState): Part[] {
  const next = nextOccurrence(event, now);
  const { zone } = formatWhen(next, locale);
  const { dates, more } = datesToCome(event, now, SHOWN_OF_SERIES);
  const line = (one: ShownOccurrence) => {
    const words = differences(one, locale);
    return html`<li>
      <a href="${localPath(base, occurrencePath(event, one.recurrenceId))}">${times(one, locale, "short")}</a
      >${words.length > 0 && html` <strong>(${words.join(", ")})</strong>`}
    </li>`;
  };
  const link = (to: EntityReference, words: string) => html`<p><a href="${localPath(base, entityPath("event", to.id))}">${words}</a></p>`;
  return [
    seriesWords({ ...event, series }, now, locale).map((words) => html`<p class="strong">${words}</p>`),
    zone && html`<p class="quiet">${zone}</p>`,
    doors(next, locale),
    dates.length > 0
      ? html`<p>Next dates:</p>
          <ol class="dates">
            ${dates.map(line)}
          </ol>
          ${more && html`<p class="quiet">… and more after these.</p>`}`
      : html`<p class="quiet">It began on ${times(event, locale, "short")}; no date is to come.</p>`,
    html`<p><a href="${localPath(base, entityPath("event", event.id))}.ics">Calendar of all dates (iCalendar)</a></p>`,
    series.continues && link(series.continues, "What it was before: the series that this one continues"),
    series.continuedBy && link(series.continuedBy, "How it goes on: the series that continues this one"),
  ];
}

export function doors(next: OccurrenceState, locale: string | undefined): Part {
  return (
    next.doorTime !== undefined &&
    !isPlainDate(next.doorTime) &&
    html`<p>Doors open at <time datetime="${next.doorTime}">${formatTime(next.doorTime, next.timezone, locale)}</time></p>`
  );
}

export function times(occurrence: OccurrenceState, locale: string | undefined, weekday: "long" | "short"): Part[] {
  const { start, end } = formatWhen(occurrence, locale, weekday);
  return [
    html`<time datetime="${start.datetime}">${start.text}</time>`,
    end && html` – <time datetime="${end.datetime}">${end.text}</time>`,
  ];
}

function mark(occurrence: OccurrenceState, now: Date): Html | false {
  const words = [occurrenceStatus(occurrence)?.toLowerCase(), isOver(occurrence, now) && "past"].filter(Boolean).join(", ");
  return words !== "" && html` <strong>(${words})</strong>`;
}

export function where(view: PageView, location: NestedPlace | undefined): Part[] {
  if (location === undefined) return [];
  const lines = addressLines(location.address, view.locale);
  return [
    html`<p class="strong"><a href="${localPath(view.base, entityPath("place", location.id))}">${location.name}</a></p>`,
    lines.length > 0 && html`<p>${join(lines, html`<br />`)}</p>`,
    location.geo && html`<p>${mapLink(location.name, location.geo)}</p>`,
  ];
}

function agent(view: EventPageView, { kind, id, name, role }: NestedAgent): Html {
  return html`<a href="${localPath(view.base, entityPath(kind, id))}">${name}</a>${role && html` <span class="quiet">(${role})</span>`}`;
}

export function prices(offers: readonly Offer[] = [], { isAccessibleForFree: free, timezone }: EventState): Part[] {
  const line = (offer: Offer) => {
    const price = formatOffer(offer) ?? (free === true ? "Free" : offer.url === undefined ? "Price not given" : undefined);
    const words = [
      offer.name && `${offer.name}: `,
      price,
      availabilityOf(offer) && html` <span class="quiet">(${availabilityOf(offer)})</span>`,
    ];
    const from =
      offer.validFrom &&
      html` <span class="quiet">on sale from <time datetime="${offer.validFrom}">${formatDate(offer.validFrom, timezone)}</time></span>`;
    const tickets = offer.url && [price && " — ", externalLink(offer.url, "Tickets")];
    return [words, from, tickets];
  };
  if (offers.length === 0) return free === true ? ["Free"] : free === false ? ["Not free; the price is not given"] : [];
  const [only] = offers;
  if (offers.length === 1 && only) return [html`<p>${line(only)}</p>`];
  return [
    html`<ul>
      ${offers.map((offer) => html`<li>${line(offer)}</li>`)}
    </ul>`,
  ];
}
