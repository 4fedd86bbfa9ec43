/** The filters of a search in words: those in force (each can be taken out), and those that the facets offer. */
import { FACETS, type Facet } from "../../search/request.ts";
import { EVENT_DOMAINS } from "../../domain/vocabulary.ts";
import { numberFormat } from "./formatters.ts";
import { html, shortUrl, type Html } from "./markup.ts";
import { daysText } from "./search-dates.ts";
import { searchAddress, type Query, type SearchPageView } from "./search-view.ts";
import { countryName, DOMAIN_WORDS, languageName, sentence } from "./words.ts";
import { DEFAULT_LOCALE } from "./zones.ts";

/** The facets that the page shows, in this order. */
export const SHOWN_FACETS = ["domain", "free", "city", "language", "keyword", "accessibility", "origin"] as const satisfies Facet[];
const FACET_TITLES = {
  domain: "Kind",
  free: "Price",
  city: "City",
  region: "Region",
  country: "Country",
  language: "Language",
  keyword: "Keyword",
  accessibility: "Accessibility",
  origin: "Comes from",
  state: "State",
} as const satisfies Record<Facet, string>;
/** The parameter that a facet's value is given to. */
const parameterOf = (facet: Facet): string => (facet === "keyword" ? "keywords" : facet);
/** Values of a facet that stand open; the rest is folded. */
const OPEN_VALUES = 6;

/** How a search is done rather than what is sought: kept, but neither named nor offered for removal. */
const NOT_FILTERS = ["q", "when", "sort", "limit", "facets", "explain", "mode", "strict", "format", "tz"];
/** What makes no sense without another. */
const DEPENDENTS: Readonly<Record<string, readonly string[]>> = { near: ["radius", "sort"], startDate: ["tz"], endDate: ["tz"] };

/** A filter in force: what it says, and the address of the same search without it. */
export interface ChosenFilter {
  name: string;
  words: string;
  without: string;
}

/** Those of the query; the words and the period are none of them. */
export function chosenFilters(view: SearchPageView): ChosenFilter[] {
  const { base, query, today, locale } = view;
  return Object.entries(query)
    .filter(([name]) => !NOT_FILTERS.includes(name) && !(name === "radius" && query["near"] !== undefined))
    .map(([name, value]) => ({
      name,
      words: filterWords(name, value, query, today, locale),
      without: searchAddress(base, query, Object.fromEntries([name, ...(DEPENDENTS[name] ?? [])].map((each) => [each, undefined]))),
    }));
}

function filterWords(name: string, value: string, query: Query, today: string, locale: string | undefined): string {
  switch (name) {
    case "startDate":
      return daysText({ startDate: value }, today, locale);
    case "endDate":
      return daysText({ endDate: value }, today, locale);
    case "near":
      return nearWords(value, query["radius"]);
    case "keywords":
      return value.split(",").join(" or ");
    case "country":
      return countryName(value, locale);
    case "venueId":
      return "at one venue";
    case "organizerId":
      return "of one organizer";
    case "bbox":
    case "polygon":
      return "within an area of the map";
    case "dayOfWeek":
      return `on ${value.split(",").join(" or ")}`;
    case "hours":
      return `starting ${value.replace("-", " – ")}`;
    case "startTime":
      return `starting at ${value} or later`;
    case "endTime":
      return `starting before ${value}`;
    case "startsAfter":
      return value === "now" ? "still to come" : `from ${value} on`;
    case "startsBefore":
      return `before ${value === "now" ? "now" : value}`;
    case "on":
      return value === "now" ? "on now" : `on at ${value}`;
    case "minPrice":
      return `from ${[query["currency"], value].filter(Boolean).join(" ")}`;
    case "maxPrice":
      return `up to ${[query["currency"], value].filter(Boolean).join(" ")}`;
    case "currency":
      return `in ${value}`;
    default:
      return (FACETS as readonly string[]).includes(name) ? valueWords(name as Facet, value, locale) : `${name}: ${value}`;
  }
}

/** "within 5 km of 43.65, -79.38". */
export function nearWords(near: string, radius = "5000"): string {
  const metres = Number(radius);
  const distance = Number.isNaN(metres) ? radius : metres < 1000 ? `${metres} m` : `${metres / 1000} km`;
  return `within ${distance} of ${near.split(",").join(", ")}`;
}

function valueWords(facet: Facet, value: string, locale = DEFAULT_LOCALE): string {
  switch (facet) {
    case "domain":
      return EVENT_DOMAINS.some((domain) => domain === value) ? DOMAIN_WORDS[value as keyof typeof DOMAIN_WORDS] : value;
    case "free":
      return value === "true" ? "Free" : "Not free";
    case "language":
      return languageName(value, locale);
    case "country":
      return countryName(value.toUpperCase(), locale);
    case "city":
    case "region":
      return capitals(value);
    case "accessibility":
    case "state":
      return sentence(value);
    case "origin":
      return value === "local" ? "this node" : URL.canParse(value) ? shortUrl(value) : value;
    case "keyword":
      return value;
  }
}

/** The index keeps names of towns in small letters: "trois-rivières" -> "Trois-Rivières"; what has capitals keeps them. */
function capitals(name: string): string {
  return name === name.toLowerCase() ? name.replace(/(?<![\p{L}’'])\p{L}/gu, (letter) => letter.toUpperCase()) : name;
}

/** Every facet that parts the results, as lists of links with counts. Nothing where there is nothing to choose. */
export function facetLists(view: SearchPageView): Html | undefined {
  const { answer, query } = view;
  const groups = SHOWN_FACETS.flatMap((facet) => {
    const values = (answer?.facets?.[facet] ?? []).filter(({ count }) => count > 0);
    const parts = values.length > 1 || (values[0]?.count ?? 0) < (answer?.total.value ?? 0);
    return query[parameterOf(facet)] !== undefined || values.length === 0 || !parts ? [] : [facetList(view, facet, values)];
  });
  if (groups.length === 0) return undefined;
  const note = answer?.facetsExact === false && html`<p class="quiet small">The numbers are estimates.</p>`;
  return html`<section class="facets" id="narrow" aria-labelledby="narrow-title" tabindex="-1">
    <h2 id="narrow-title">Narrow down</h2>
    ${groups}${note}
  </section>`;
}

function facetList({ base, query, locale }: SearchPageView, facet: Facet, values: readonly { value: string; count: number }[]): Html {
  const number = (count: number) => numberFormat(locale ?? DEFAULT_LOCALE, {}).format(count);
  const item = ({ value, count }: { value: string; count: number }) =>
    html`<li>
      <a href="${searchAddress(base, query, { [parameterOf(facet)]: value })}">${valueWords(facet, value, locale)}</a>
      <span class="count">${number(count)}<span class="unseen"> ${count === 1 ? "event" : "events"}</span></span>
    </li>`;
  const more = values.slice(OPEN_VALUES);
  return html`<h3>${FACET_TITLES[facet]}</h3>
    <ul>
      ${values.slice(0, OPEN_VALUES).map(item)}
    </ul>
    ${
      more.length > 0 &&
      html`<details>
        <summary>${more.length} more<span class="unseen"> of: ${FACET_TITLES[facet]}</span></summary>
        <ul>
          ${more.map(item)}
        </ul>
      </details>`
    }`;
}
