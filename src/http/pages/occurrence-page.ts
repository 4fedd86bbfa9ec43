/**
 * The page of one occurrence of a series: which date it is, what of it is its own, and the way to the series and its neighbours.
 */
import type { ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import { doors, prices, times, where } from "./event-facts.ts";
import { dateSheet, entityPath, lang } from "./event-list.ts";
import { dateBlock, formatWhen, isOver, whenAsText } from "./format.ts";
import { dataSection, fact, layout } from "./layout.ts";
import { externalLink, html, localPath, type Html, type Part } from "./markup.ts";
import { originLink } from "./origin.ts";
import { occurrencePath, seriesWords } from "./series-dates.ts";
import { headStatus, occurrenceStatus } from "./status-words.ts";
import type { OccurrencePageView } from "./view.ts";
import { typeWord, type StatusNotice } from "./words.ts";

/** The whole document for `/events/{ulid}/occurrences/{recurrenceId}`. */
export function occurrencePage(view: OccurrencePageView): string {
  const { event, occurrence, locale } = view;
  const path = occurrencePath(event, occurrence.recurrenceId);
  const name = occurrence.name ?? event.name;
  const location = occurrence.location ?? event.location;
  const when = whenAsText(occurrence, locale);
  const online = occurrence.virtualUrl ?? event.virtualUrl;
  const url = occurrence.url ?? event.url;
  const block = dateBlock(occurrence, locale);
  const { zone } = formatWhen(occurrence, locale);
  const off = notices(view).some(({ label }) => label === "Cancelled" || label === "Postponed");
  return layout(view, {
    title: `${name}, ${formatWhen(occurrence, locale, "short").start.text}`,
    canonical: view.uri,
    entityPath: path,
    jsonld: view.jsonld,
    image: event.image,
    section: "events",
    description: [when, location?.name].filter(Boolean).join(". "),
    main: html`<article>
<div class="masthead">${block && dateSheet(block, true)}<div>
<p class="eyebrow">${typeWord(event.type)} · One date of a series</p>
<h1${lang(event)}>${name}</h1>
</div></div>
${noticeList(view)}
<div class="entity">
<div><dl class="facts">
${fact(off ? "Was planned for" : "When", html`<p class="strong">${times(occurrence, locale, "long")}</p>`, zone && html`<p class="quiet">${zone}</p>`, doors(occurrence, locale))}
${fact("Where", where(view, location), online && html`<p>${externalLink(online, "Take part online")}</p>`)}
${fact("Price", prices(occurrence.offers ?? event.offers, event))}
${fact("Website", url && externalLink(url))}
${fact("From", originLink(event))}
</dl></div>
<div>${series(view)}
${dataSection(view, path)}</div>
</div>
</article>`,
  });
}

function series(view: OccurrencePageView): Html {
  const { event, now, locale, base, previous, next } = view;
  const rule = event.series && seriesWords({ ...event, series: event.series }, now, locale).join("; ");
  return html`<section aria-labelledby="series">
    <h2 id="series">The series</h2>
    <p>
      One of a series:
      <a href="${localPath(base, entityPath("event", event.id))}" ${lang(event)}>${event.name}</a>.${rule !== undefined && ` ${rule}.`}
    </p>
    ${
      (previous ?? next) &&
      html`<ul class="tight">
        ${neighbour(view, "Before", previous)}${neighbour(view, "After", next)}
      </ul>`
    }
  </section>`;
}

function neighbour({ event, base, locale }: OccurrencePageView, word: string, one: ShownOccurrence | undefined): Part {
  if (one === undefined) return undefined;
  const status = occurrenceStatus(one)?.toLowerCase();
  return html`<li>
    ${word}:
    <a href="${localPath(base, occurrencePath(event, one.recurrenceId))}">${times(one, locale, "short")}</a
    >${status !== undefined && html` <strong>(${status})</strong>`}
  </li>`;
}

/** What a reader must know before going, of this date alone or of the whole series. */
function notices({ event, occurrence, now, locale }: OccurrencePageView): StatusNotice[] {
  const status = headStatus(event) ?? occurrenceStatus(occurrence);
  const { previousStartDate, timezone } = occurrence;
  const planned = previousStartDate && formatWhen({ startDate: previousStartDate, timezone }, locale).start.text;
  const all = headStatus(event) === undefined ? "This date" : "The whole series";
  const notice = (label: string, detail: string): StatusNotice => ({ tone: "warning", label, detail });
  return [
    ...(status === "Cancelled" ? [notice("Cancelled", `${all} will not take place.`)] : []),
    ...(status === "Postponed" ? [notice("Postponed", `${all} will not take place as planned. The new time is not known here.`)] : []),
    ...(planned !== undefined && status !== "Cancelled" && status !== "Postponed"
      ? [notice("Moved", `It was to be on ${planned}. The time below is the new one.`)]
      : []),
    ...(status === "Moved online" ? [notice("Moved online", "There is nothing to see at the place; take part online.")] : []),
    ...(occurrence.location && occurrence.location.id !== event.location?.id
      ? [notice("Elsewhere", `This date is at ${occurrence.location.name}, not where the series is otherwise.`)]
      : []),
    ...(isOver(occurrence, now) ? [{ tone: "calm" as const, label: "Past", detail: "This date is over." }] : []),
  ];
}

function noticeList(view: OccurrencePageView): Html | false {
  const all = notices(view);
  return (
    all.length > 0 &&
    html`<div class="notices" role="group" aria-label="Status">
      ${all.map(({ tone, label, detail }) => html`<p class="notice ${tone}"><strong>${label}.</strong> ${detail}</p>`)}
    </div>`
  );
}
