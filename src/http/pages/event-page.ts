/**
 * The page of one event: what it is, whether it takes place, when, where, what it costs, who says so.
 */
import type { EventState, SourceReference } from "../../domain/state.ts";
import type { LicenseStatus } from "../../domain/vocabulary.ts";
import { eventFacts } from "./event-facts.ts";
import { dateSheet, entityPath, lang } from "./event-list.ts";
import { dateBlock, formatDate, whenAsText } from "./format.ts";
import { EVENTS_PATH, dataSection, excerpt, layout } from "./layout.ts";
import { externalLink, html, localPath, paragraphs, safeHref, type Html, type Part } from "./markup.ts";
import { SEARCH_PATH } from "./search-box.ts";
import type { EventPageView } from "./view.ts";
import { DOMAIN_WORDS, LICENSE_WORDS, nextOccurrence, statusNotices, typeWord } from "./words.ts";

/** The whole document for `/events/{ulid}`. */
export function eventPage(view: EventPageView): string {
  const { event } = view;
  const path = entityPath("event", event.id);
  const summary = [
    whenAsText(nextOccurrence(event, view.now), view.locale),
    event.location?.name,
    event.description && excerpt(event.description),
  ];
  return layout(view, {
    title: event.name,
    canonical: view.uri,
    entityPath: path,
    calendarPath: `${path}.ics`,
    jsonld: view.jsonld,
    image: event.image,
    section: "events",
    description: excerpt(summary.filter(Boolean).join(". "), 300),
    main: html`<article>
<div class="masthead">${block(view)}<div>
<p class="eyebrow">${[typeWord(event.type), event.eventDomain !== "general" && DOMAIN_WORDS[event.eventDomain]].filter((word, index, words) => word && words.indexOf(word) === index).join(" · ")}</p>
<h1${lang(event)}>${event.name}</h1>
</div></div>
${notices(view)}
<div class="entity">
<div>${eventFacts(view)}</div>
<div>${body(view)}
${sources(view)}
${dataSection(view, path, true)}</div>
</div>
</article>`,
  });
}

function block({ event, now, locale }: EventPageView): Html | false {
  const date = dateBlock(nextOccurrence(event, now), locale);
  return date !== undefined && dateSheet(date, true);
}

function notices({ event, now, locale }: EventPageView): Html | false {
  const all = statusNotices(event, now, locale);
  return (
    all.length > 0 &&
    html`<div class="notices" role="group" aria-label="Status">
      ${all.map(({ tone, label, detail }) => html`<p class="notice ${tone}"><strong>${label}.</strong> ${detail}</p>`)}
    </div>`
  );
}

function body(view: EventPageView): Part[] {
  const { event, base } = view;
  const src = event.image && safeHref(event.image);
  const list = localPath(base, EVENTS_PATH);
  return [
    src && html`<img src="${src}" alt="Picture for ${event.name}" loading="lazy" referrerpolicy="no-referrer" />`,
    event.image && !src && html`<p class="quiet">Picture: ${event.image}</p>`,
    html`<h2>About</h2>`,
    event.description === undefined
      ? html`<p class="quiet">${silence(event)}</p>`
      : html`<div${lang(event)}>${paragraphs(event.description)}</div>`,
    event.keywords &&
      html`<h2 class="unseen">Keywords</h2>
        <ul class="inline tight">
          ${event.keywords.map((word) => html`<li><a href="${list}?keywords=${encodeURIComponent(word)}">${word}</a></li>`)}
        </ul>`,
    html`<p><a href="${localPath(base, SEARCH_PATH)}?q=${encodeURIComponent(alike(event))}">More like this</a></p>`,
  ];
}

/** What to search for: the event's own words, without what a search would read as more than words. */
const alike = ({ name, keywords = [] }: EventState): string =>
  [name, ...keywords].join(" ").replaceAll(/["-]/g, " ").split(/\s+/).slice(0, 20).join(" ");

function silence({ takedownAt, url }: EventState): string {
  if (takedownAt !== undefined) return "The description was taken down.";
  return url !== undefined && safeHref(url) !== undefined
    ? "No description has been given; the event’s website may say more."
    : "No description has been given.";
}

function sources({ event, locale }: EventPageView): Html {
  // A source that states no license may do so item by item; the entry's own line says it then.
  const isLicensed = event.license !== undefined || event.licenseStatus !== "unknown";
  const isTold = ({ licenseStatus }: SourceReference) => licenseStatus !== "unknown" || !isLicensed;
  const line = (source: SourceReference) =>
    html`<li>
      ${source.url ? externalLink(source.url, source.name) : source.name}${isTold(source) && [", ", license(source.licenseUrl, source.licenseStatus)]}${source.recordUri && ["; ", externalLink(source.recordUri, "its record there")]}
    </li>`;
  return html`<section class="sources" aria-labelledby="sources">
    <h2 id="sources">Sources</h2>
    ${event.originNode && html`<p>This event comes from another node of the federation, ${externalLink(event.originNode)}${event.federationUri && ["; ", externalLink(event.federationUri, "see it there")]}.</p>`}
    ${
      event.sources.length > 0
        ? html`<ul>
            ${event.sources.map(line)}
          </ul>`
        : html`<p class="quiet">No source is named.</p>`
    }
    ${isLicensed && html`<p>Licence of this entry: ${license(event.license, event.licenseStatus)}</p>`}
    <p class="quiet">In this registry since ${day(event.createdAt, locale)}; last changed on ${day(event.updatedAt, locale)}.</p>
  </section>`;
}

function day(instant: string, locale: string | undefined): Html {
  return html`<time datetime="${instant}">${formatDate(instant, "UTC", locale, "short")}</time>`;
}

function license(url: string | undefined, status: LicenseStatus): Part {
  if (url === undefined) return LICENSE_WORDS[status];
  return externalLink(url, status === "unknown" ? undefined : LICENSE_WORDS[status]);
}
