/** What a search found, in sentences: how many, of what, what was understood otherwise than typed; and help where nothing was. */
import { EVENTS_PATH } from "./layout.ts";
import { numberFormat } from "./formatters.ts";
import { html, localPath, type Html, type Part } from "./markup.ts";
import { formatDate } from "./format.ts";
import { daysText } from "./search-dates.ts";
import { chosenFilters } from "./search-filters.ts";
import { byMeaningAlone } from "./search-hits.ts";
import { searchAddress, type SearchPageView } from "./search-view.ts";
import { DEFAULT_LOCALE } from "./zones.ts";

/** "23 events for “jazz” this weekend, Fri 22 – Sun 24 May": the heading, and with `short` the title. */
export function foundWords(view: SearchPageView): string {
  const { answer, query } = view;
  const words = answer?.resultsFor ?? query["q"];
  const about = [words !== undefined && `for “${words}”`, periodWords(view)].filter(Boolean).join(" ");
  if (answer === undefined) return "This search is not possible";
  if (answer.total.value === 0 && answer.hits.length === 0) return `No events ${about}`.trim();
  if (words !== undefined && answer.hits.every(byMeaningAlone) && view.after === undefined)
    return [`No events with the words “${words}”`, periodWords(view)].filter(Boolean).join(" ");
  // Likeness has no end: what is counted then is what was ranked.
  if (words !== undefined && answer.hits.some(byMeaningAlone))
    return `${[countWords(view), periodWords(view)].filter(Boolean).join(" ")}: the best for “${words}” first`;
  return `${countWords(view)} ${about}`.trim();
}

/** "“jazz” this weekend", for the title of the window. */
export function titleWords(view: SearchPageView): string {
  const { q } = view.query;
  return ["Search", q !== undefined && `for “${q}”`, view.period !== "upcoming" && periodWords(view)].filter(Boolean).join(" ");
}

function countWords({ answer, locale }: SearchPageView): string {
  const { value, relation } = answer!.total;
  const number = numberFormat(locale ?? DEFAULT_LOCALE, relation === "estimate" ? { maximumSignificantDigits: 2 } : {}).format(value);
  return `${relation === "estimate" ? "About " : ""}${number} ${value === 1 ? "event" : "events"}`;
}

function periodWords({ period, asked, today, locale }: SearchPageView): string {
  const days = daysText(asked, today, locale);
  switch (period) {
    case "any":
      return "";
    case "upcoming":
      return "from today on";
    case "today":
    case "tomorrow":
      return `${period}, ${days}`;
    case "weekend":
      return `this weekend, ${days}`;
    case "week":
      return "in the next 7 days";
    case "month":
      return "in the next 30 days";
    case "dates":
      return days;
  }
}

/** What the engine did otherwise than it was told, each with the way back; and within what the best were chosen. */
export function understandings(view: SearchPageView): Html | undefined {
  const { base, query, answer, locale } = view;
  if (answer === undefined) return undefined;
  const { q = "" } = query;
  const strictly = searchAddress(base, query, { strict: "true" });
  const { from, until, bound, complete } = answer.ranked;
  const notes: Part[] = [
    answer.resultsFor !== undefined &&
      html`No event has the words as you typed them; these are for <b>${answer.resultsFor}</b>.
        <a href="${strictly}">Search for “${q}” all the same</a>`,
    answer.relaxed && answer.hits.some((hit) => !byMeaningAlone(hit)) && "No event has all these words; these have some of them.",
    ...answer.understood.map(
      ({ text, means }) =>
        html`“${text}” was read as ${means}; what keeps to it comes first. <a href="${strictly}">Take it as plain words</a>`,
    ),
    query["strict"] === "true" &&
      html`Only what has exactly these words. <a href="${searchAddress(base, query, { strict: undefined })}">Similar ones too</a>`,
    !complete &&
      html`So many match that they are ranked ${numberFormat(locale ?? DEFAULT_LOCALE, {}).format(bound)} at a time, the soonest
      first${until !== undefined && html`: these are ${from !== undefined && [`from ${day(from, locale)} `]}until ${day(until, locale)}`}.`,
  ].filter((note) => note !== false);
  if (notes.length === 0) return undefined;
  return html`<div class="understood">${notes.map((note) => html`<p>${note}</p>`)}</div>`;
}

const day = (instant: string, locale: string | undefined): string => formatDate(instant, "UTC", locale, "short");

/** The filters in force, each a link that takes it out. */
export function chosen(view: SearchPageView): Html | undefined {
  const filters = chosenFilters(view);
  if (filters.length === 0) return undefined;
  return html`<ul class="chips chosen" aria-label="Filters in force">
    ${filters.map(
      ({ words, without }) =>
        html`<li>
          <a href="${without}"><span class="unseen">Take out the filter: </span>${words}<span class="cross" aria-hidden="true"> ×</span></a>
        </li>`,
    )}
  </ul>`;
}

/** Where nothing was found: what to loosen, as links to the same search without it. */
export function nothingFound(view: SearchPageView): Html {
  const { base, query, period, after } = view;
  if (after !== undefined)
    return html`<p class="lead">There are no more events.</p>
      <p><a href="${searchAddress(base, query)}">Back to the first page</a></p>`;
  const { q } = query;
  const link = (changes: Record<string, string | undefined>, words: Part) =>
    html`<li><a href="${searchAddress(base, query, changes)}">${words}</a></li>`;
  const anyDay = { when: undefined, startDate: undefined, endDate: undefined };
  const ways: Part[] = [
    ...chosenFilters(view)
      .filter(({ name }) => name !== "startDate" && name !== "endDate")
      .map(({ words, without }) => html`<li><a href="${without}">Without “${words}”</a></li>`),
    period !== "any" && period !== "upcoming" && link(anyDay, "On any day from today on"),
    period !== "any" && link({ ...anyDay, when: "any" }, "Among past events too"),
    query["strict"] === "true" && link({ strict: undefined }, "With similar words too"),
    q !== undefined && chosenFilters(view).length > 0 && link({ q: undefined }, html`Without the words “${q}”`),
  ].filter((way) => way !== false);
  return html`<div class="nothing">
    ${q !== undefined && html`<p>Check how it is written, use fewer words, or words that say the same.</p>`}
    ${
      ways.length > 0 &&
      html`<h2>Search more widely</h2>
        <ul class="links">
          ${ways}
        </ul>`
    }
    <p>Or go through <a href="${localPath(base, EVENTS_PATH)}">all upcoming events</a>.</p>
  </div>`;
}
