/**
 * The search page: form, what was found, the list, facets, map, and the same search in other formats. A pure function
 * of its view. Every state of it is an address; all of it but the map, the suggestions and "near me" works without a script.
 */
import { EVENT_FEED_FORMATS, EVENT_FEEDS } from "../event-feeds/formats.ts";
import { layout } from "./layout.ts";
import { html, type Html, type Part } from "./markup.ts";
import { facetLists } from "./search-filters.ts";
import { otherComplaints, periodLinks, searchForm } from "./search-form.ts";
import { chosen, foundWords, nothingFound, titleWords, understandings } from "./search-found.ts";
import { byMeaningAlone, hitList } from "./search-hits.ts";
import { hasPoints, mapFrame, searchHead } from "./search-map.ts";
import { apiAddress, searchAddress, type SearchPageView } from "./search-view.ts";

/** The whole document for `/search`. */
export function searchPage(view: SearchPageView): string {
  const hits = view.answer?.hits ?? [];
  const withMap = hasPoints(hits);
  return layout(view, {
    title: titleWords(view),
    section: "search",
    noindex: true,
    head: [searchHead(view.base, withMap), view.answer !== undefined && alternates(view)],
    main: html`${searchForm(view)}${periodLinks(view)}
      <h1 class="found" id="results">${foundWords(view)}</h1>
      ${chosen(view)}${otherComplaints(view)}
      ${view.answer === undefined ? undone(view) : hits.length === 0 ? [understandings(view), nothingFound(view)] : results(view, withMap)}`,
  });
}

function results(view: SearchPageView, withMap: boolean): Part {
  const hits = view.answer?.hits ?? [];
  const facets = facetLists(view);
  return html`${understandings(view)}
    <div class="bar">
      ${orders(view)}
      <p class="jump">
        ${facets && html`<a href="#narrow">Narrow down</a>`}${withMap && html`<a href="#map" class="to-map" hidden>Map</a>`}
      </p>
    </div>
    <div class="found-body">
      <div>${hitList(view, hits)}${pager(view)}${hits.every(byMeaningAlone) && view.after === undefined && nothingFound(view)}</div>
      <aside aria-label="Map and filters">${withMap && mapFrame(view.tiles)}${facets}</aside>
    </div>
    ${elsewhere(view)}`;
}

const ORDER_WORDS = { relevance: "Best first", start: "Soonest first", "-start": "Latest first", distance: "Nearest first" } as const;

/** The orders that make sense here. */
function orders({ base, query }: SearchPageView): Html {
  const byDefault = query["q"] === undefined ? "start" : "relevance";
  const now = query["sort"] ?? byDefault;
  const offered = (Object.keys(ORDER_WORDS) as (keyof typeof ORDER_WORDS)[]).filter(
    (order) => (order !== "relevance" || query["q"] !== undefined) && (order !== "distance" || query["near"] !== undefined),
  );
  return html`<nav class="orders" aria-label="Order">
    <ul>
      ${offered.map((order) => html`<li><a href="${searchAddress(base, query, { sort: order === byDefault ? undefined : order })}" ${order === now && html` aria-current="true"`}>${ORDER_WORDS[order]}</a></li>`)}
    </ul>
  </nav>`;
}

/** The next page keeps the days of this one, also after midnight. */
function pager({ base, query, asked, period, after, answer }: SearchPageView): Html | false {
  const next = answer?.next;
  if (next === undefined && after === undefined) return false;
  const pinned = period === "dates" ? {} : { when: period, startDate: asked["startDate"], endDate: asked["endDate"] };
  return html`<nav class="pager" aria-label="Pages">
    ${after !== undefined && html`<a href="${searchAddress(base, query)}">First page</a>`}
    ${next !== undefined && html`<a rel="next" href="${searchAddress(base, query, { ...pinned, after: next })}">Next page</a>`}
  </nav>`;
}

/** The same search for calendars, feed readers and programs. */
function elsewhere(view: SearchPageView): Html {
  return html`<section class="data" aria-labelledby="elsewhere">
    <h2 id="elsewhere">Take this search along</h2>
    <p>Subscribe to it in a calendar or a feed reader, or read it as data:</p>
    <ul class="inline">
      ${EVENT_FEED_FORMATS.map((format) => html`<li><a href="${apiAddress(view, format)}">${EVENT_FEEDS[format].title}</a></li>`)}
      <li><a href="${apiAddress(view)}">JSON (API)</a></li>
    </ul>
  </section>`;
}

function alternates(view: SearchPageView): Part {
  return EVENT_FEED_FORMATS.map(
    (format) =>
      html`<link
        rel="alternate"
        type="${EVENT_FEEDS[format].mediaType}"
        title="${EVENT_FEEDS[format].title}"
        href="${apiAddress(view, format)}"
      /> `,
  );
}

function undone({ base, query, after }: SearchPageView): Html {
  return after !== undefined
    ? html`<p>Results may have moved on since this page was linked. <a href="${searchAddress(base, query)}">Begin at the first page</a></p>`
    : html`<p>Mend what is marked above, or <a href="${searchAddress(base, {})}">begin a new search</a>.</p>`;
}
