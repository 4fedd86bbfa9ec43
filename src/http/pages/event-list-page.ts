/**
 * The list of events with its filters: a plain GET form, so every view of it is an address that can be kept.
 */
import { EVENT_DOMAINS } from "../../domain/vocabulary.ts";
import { eventList } from "./event-list.ts";
import { EVENTS_PATH, layout } from "./layout.ts";
import { html, localPath, type Html } from "./markup.ts";
import type { EventListPageView } from "./view.ts";
import { DOMAIN_WORDS } from "./words.ts";

/** The filters that have a field of their own; any other one in force is kept in hidden fields and named above the list. */
const FORM_FIELDS = ["city", "startDate", "endDate", "domain", "keywords"];
/** How much and in which order: kept, but not named as filters. */
const SHAPE_FIELDS = ["limit", "sort"];

/** The whole document for `/events`. */
export function eventListPage(view: EventListPageView): string {
  const filters = Object.fromEntries(Object.entries(view.filters).filter(([, value]) => value !== ""));
  const list = localPath(view.base, EVENTS_PATH);
  const address = (query: Record<string, string>) => {
    const text = new URLSearchParams(query).toString();
    return text === "" ? list : `${list}?${text}`;
  };
  const filtered = Object.keys(filters).length > 0;
  const others = Object.keys(filters).filter((name) => !FORM_FIELDS.includes(name) && !SHAPE_FIELDS.includes(name));
  return layout(view, {
    title: "Events",
    section: "events",
    noindex: filtered || view.after !== undefined,
    ...(filtered || view.after !== undefined ? {} : { canonical: view.base + EVENTS_PATH }),
    description: `Cultural events known to ${view.nodeName}.`,
    main: html`<h1>Events</h1>
      ${form(filters, list)}
      ${others.length > 0 && html`<p class="active">Also filtered by ${others.map((name) => html`<code>${name}=${filters[name] ?? ""}</code> `)}· <a href="${list}">Show all events</a></p>`}
      ${view.items.length > 0 ? eventList(view, view.items, 2) : empty(view, filtered, list)}
      ${(view.after !== undefined || view.nextCursor !== undefined) && html`<nav class="pager" aria-label="Pages">${view.after !== undefined && html`<a href="${address(filters)}">First page</a>`}${view.nextCursor !== undefined && html`<a rel="next" href="${address({ ...filters, after: view.nextCursor })}">Next page</a>`}</nav>`}
      ${!filtered && view.after === undefined && html`<p><a href="${address({ sort: "-start" })}">Past events too, latest first</a></p>`}`,
  });
}

function form(filters: Record<string, string>, list: string): Html {
  const value = (name: string) => filters[name] ?? "";
  const kept = Object.entries(filters).filter(([name]) => !FORM_FIELDS.includes(name));
  return html`<form class="filters" method="get" action="${list}" role="search" aria-label="Filter events">
    <div><label for="city">City</label><input id="city" name="city" value="${value("city")}" autocomplete="address-level2" /></div>
    <div><label for="startDate">From</label><input id="startDate" name="startDate" type="date" value="${value("startDate")}" /></div>
    <div><label for="endDate">Until</label><input id="endDate" name="endDate" type="date" value="${value("endDate")}" /></div>
    <div>
      <label for="domain">Kind</label
      ><select id="domain" name="domain">
        <option value="">Every kind</option>
        ${EVENT_DOMAINS.map((domain) => html`<option value="${domain}" ${domain === value("domain") && html` selected`}>${DOMAIN_WORDS[domain]}</option>`)}
      </select>
    </div>
    <div><label for="keywords">Keywords</label><input id="keywords" name="keywords" value="${value("keywords")}" /></div>
    ${kept.map(([name, each]) => html`<input type="hidden" name="${name}" value="${each}" />`)}
    <div><button>Show events</button></div>
  </form>`;
}

function empty({ after }: EventListPageView, filtered: boolean, list: string): Html {
  if (after !== undefined) return html`<p class="lead active">There are no more events.</p>`;
  if (!filtered) return html`<p class="lead active">Nothing is announced from today on.</p>`;
  return html`<div class="active" role="status">
    <p class="lead">No events match.</p>
    <p>
      Try a longer span of days, fewer keywords, or the city’s name as its own people write it; or <a href="${list}">see all events</a>.
    </p>
  </div>`;
}
