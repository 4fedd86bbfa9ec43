/**
 * The first page of a node: what it is, what is on, and where the data is.
 */
import { eventList } from "./event-list.ts";
import { DEFAULT_LOCALE } from "./zones.ts";
import { numberFormat } from "./formatters.ts";
import { API_PATH, DOCS_PATH, EVENTS_PATH, layout } from "./layout.ts";
import { html, localPath } from "./markup.ts";
import { PERIOD_WORDS } from "./search-dates.ts";
import { searchBox } from "./search-box.ts";
import { searchAddress } from "./search-view.ts";
import type { HomePageView } from "./view.ts";

/** The whole document for `/`. */
export function homePage(view: HomePageView): string {
  const path = (to: string) => localPath(view.base, to);
  const number = (count: number) => numberFormat(view.locale ?? DEFAULT_LOCALE, {}).format(count);
  const { events, places, organizations, persons } = view.counts;
  const counts = (
    [
      ["events", events],
      ["places", places],
      ["organizations", organizations],
      ["people", persons],
    ] as const
  ).filter(([label, count]) => count > 0 || label === "events");
  return layout(view, {
    section: "home",
    canonical: `${view.base}/`,
    description: `${view.nodeName}: an open registry of cultural events, for people and for machines.`,
    main: html`<h1>${view.nodeName}</h1>
      <p class="lead">
        A public registry of cultural events. Organizers, partners and other nodes send what they know; the registry keeps one entry for
        each event, says who said what, and gives everything out again as open data.
      </p>
      ${searchBox(view.base, "q", "Events")}
      <ul class="inline">
        ${(["today", "tomorrow", "weekend", "week"] as const).map((when) => html`<li><a href="${searchAddress(view.base, { when })}">${PERIOD_WORDS[when]}</a></li>`)}
        <li><a href="${searchAddress(view.base, { free: "true" })}">Free</a></li>
      </ul>
      <dl class="counts">
        ${counts.map(
          ([label, count]) =>
            html`<div>
              <dt>${label}</dt>
              <dd>${number(count)}</dd>
            </div>`,
        )}
      </dl>
      <h2>What is on</h2>
      ${
        view.upcoming.length > 0
          ? html`${eventList(view, view.upcoming, 3)}
              <p class="pager"><a href="${path(EVENTS_PATH)}">All upcoming events</a></p>`
          : html`<p class="quiet">No upcoming events yet. They appear here as soon as a source sends them.</p>`
      }
      ${
        view.recent !== undefined &&
        view.recent.length > 0 &&
        html`<h2>Held lately</h2>
          ${eventList(view, view.recent, 3)}
          <p class="pager"><a href="${path(`${EVENTS_PATH}?sort=-start`)}">All events, latest first</a></p>`
      }
      <h2>For machines</h2>
      <ul class="links">
        <li><a href="${path(DOCS_PATH)}">API reference</a>, also as <a href="${path(`${API_PATH}/openapi.json`)}">OpenAPI 3.1</a></li>
        <li><a href="${path(`${API_PATH}/events`)}">Events as JSON</a></li>
        <li><a href="${path(`${API_PATH}/feeds/changes`)}">Feed of every change</a>, to keep a copy up to date</li>
        <li><a href="${view.contextUrl}">JSON-LD context</a>: what each term means</li>
      </ul>`,
  });
}
