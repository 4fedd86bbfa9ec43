/**
 * The frame of every page: head, skip link, landmarks, footer; and the parts that several pages share.
 * No inline style and no script but the JSON-LD data block, so that a strict Content-Security-Policy holds.
 */
import { html, jsonldBlock, localPath, safeHref, type Html, type Part } from "./markup.ts";
import { searchBox } from "./search-box.ts";
import { icon, stylesheet } from "./style.ts";
import type { PageView } from "./view.ts";

/** The path of the list of events for people; filters are its query. */
export const EVENTS_PATH = "/events";
export const DOCS_PATH = "/docs";
export const API_PATH = "/api/v1";

/** The serializations of an entity that have an address of their own: `/events/{ulid}.ttl`. */
export const ENTITY_FORMATS = [
  { extension: "jsonld", type: "application/ld+json", label: "JSON-LD" },
  { extension: "ttl", type: "text/turtle", label: "Turtle" },
  { extension: "nt", type: "application/n-triples", label: "N-Triples" },
] as const;

export interface Layout {
  /** Without the node's name; absent on the home page. */
  title?: string;
  main: Part;
  /** One or two plain sentences for search engines and previews. */
  description?: string;
  canonical?: string;
  image?: string | undefined;
  /** Path (under the base) of the entity, for its other formats. */
  entityPath?: string;
  /** Path (under the base) of a calendar of what the page shows. */
  calendarPath?: string;
  jsonld?: string;
  /** Keeps search engines away: problems, filtered lists. */
  noindex?: boolean;
  /** Further links and scripts of the head. */
  head?: Part;
  /** Which page of the site this is; those that search by themselves have no second field in the header. */
  section?: "events" | "docs" | "home" | "search";
}

/** The whole document, as text. */
export function layout(view: PageView, page: Layout): string {
  const path = (to: string) => localPath(view.base, to);
  const title = page.title === undefined ? view.nodeName : `${page.title} · ${view.nodeName}`;
  const nav = (to: string, label: string, section: Layout["section"]) =>
    html`<li><a href="${path(to)}" ${page.section === section && html` aria-current="page"`}>${label}</a></li>`;
  const image = page.image === undefined ? undefined : safeHref(page.image);
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>${title}</title>
          ${page.description && html`<meta name="description" content="${page.description}" />`}
          ${page.noindex && html`<meta name="robots" content="noindex" />`}
          <link rel="stylesheet" href="${path(stylesheet.path)}" />
          <link rel="icon" href="${path(icon.path)}" type="${icon.type}" />
          ${page.canonical && html`<link rel="canonical" href="${page.canonical}" />`}
          ${
            page.entityPath &&
            ENTITY_FORMATS.map(
              ({ extension, type, label }) =>
                html`<link rel="alternate" type="${type}" title="${label}" href="${path(`${page.entityPath}.${extension}`)}" /> `,
            )
          }
          ${page.calendarPath && html`<link rel="alternate" type="text/calendar" title="Calendar" href="${path(page.calendarPath)}" />`}
          <meta property="og:title" content="${page.title ?? view.nodeName}" />
          <meta property="og:site_name" content="${view.nodeName}" />
          <meta property="og:type" content="website" />
          ${page.canonical && html`<meta property="og:url" content="${page.canonical}" />`}
          ${page.description && html`<meta property="og:description" content="${page.description}" />`}
          ${image && html`<meta property="og:image" content="${image}" />`} ${page.jsonld && jsonldBlock(page.jsonld)} ${page.head}
        </head>
        <body>
          <a class="skip" href="#main">Skip to the content</a>
          <header class="site">
            <a class="site-name" href="${path("/")}">${view.nodeName}</a>
            <nav aria-label="Site">
              <ul>
                ${nav(EVENTS_PATH, "Events", "events")}${nav(DOCS_PATH, "API", "docs")}
              </ul>
            </nav>
            ${page.section !== "home" && page.section !== "search" && searchBox(view.base, "site-q", "This site")}
          </header>
          <main id="main" tabindex="-1">${page.main}</main>
          <footer class="site">
            <p>
              ${view.nodeName} is an open registry of cultural events. Everything on these pages is also data:
              <a href="${path(DOCS_PATH)}">read how to use it</a>.
            </p>
          </footer>
        </body>
      </html> `,
  ).replace(/\n{2,}/g, "\n");
}

/** "Data": the same entity for machines, and its permanent address; `provenance` where claims are kept (events). */
export function dataSection(view: PageView & { uri: string }, entityPath: string, provenance = false): Html {
  const path = localPath(view.base, entityPath);
  const api = localPath(view.base, API_PATH + entityPath);
  return html`<section class="data" aria-labelledby="data">
    <h2 id="data">Data</h2>
    <p>This page in other formats:</p>
    <ul class="inline">
      ${ENTITY_FORMATS.map(({ extension, label }) => html`<li><a href="${path}.${extension}">${label}</a></li>`)}
      <li><a href="${api}">API</a></li>
      ${provenance && html`<li><a href="${api}?include=provenance">Who said what (provenance)</a></li>`}
    </ul>
    <p>Permanent address: <code>${view.uri}</code></p>
  </section>`;
}

/** A label and its value in a list of facts; nothing when there is no value. */
export function fact(term: string, ...values: Part[]): Html | false {
  const given = values.flat(2).filter((value) => value !== undefined && value !== false && value !== "");
  return (
    given.length > 0 &&
    html`<div>
      <dt>${term}</dt>
      <dd>${given}</dd>
    </div>`
  );
}

/** A link to OpenStreetMap that says so. */
export function mapLink(name: string, { latitude, longitude }: { latitude: number; longitude: number }): Html {
  const at = `${latitude.toFixed(6)}/${longitude.toFixed(6)}`;
  const href = `https://www.openstreetmap.org/?mlat=${latitude.toFixed(6)}&mlon=${longitude.toFixed(6)}#map=17/${at}`;
  return html`<a href="${href}" rel="noopener">Map <span class="unseen">of ${name} </span>on OpenStreetMap</a>`;
}

/** A plain text cut at a word, for descriptions in the head. */
export function excerpt(text: string, length = 200): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length <= length ? flat : `${flat.slice(0, length).replace(/\s+\S*$/, "")}…`;
}
