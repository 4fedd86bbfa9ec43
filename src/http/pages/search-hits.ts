/** The events that a search found, one by one: name and text with what matched marked, when, where, how far, why. */
import { ulidOf } from "../../domain/iri.ts";
import type { OccurrenceState } from "../../domain/state.ts";
import type { Highlight, Leg, SearchHit } from "../../search/request.ts";
import { occurrenceAt } from "../lists.ts";
import { dateSheet, entityPath, itemStatus, lang, placeWords } from "./event-list.ts";
import { dateBlock } from "./format.ts";
import { numberFormat } from "./formatters.ts";
import { excerpt } from "./layout.ts";
import { externalLink, html, join, localPath, shortUrl, safeHref, type Html, type Part } from "./markup.ts";
import { priceSummary } from "./price.ts";
import { dayWord, shortTimes } from "./search-dates.ts";
import { onDate } from "./series-dates.ts";
import type { PageView } from "./view.ts";
import { moreDates, nextOccurrence } from "./words.ts";
import { DEFAULT_LOCALE, localDay } from "./zones.ts";

const EXCERPT = 180;

/**
 * The list, in the order of the answer; what is alike in meaning only stands apart where nothing follows that has the
 * words. Each item bears its point, which the map's script reads.
 */
export function hitList(view: PageView, hits: readonly SearchHit[]): Html {
  const apart = hits.findLastIndex((hit) => !byMeaningAlone(hit)) + 1;
  const list = (some: readonly SearchHit[], level: 2 | 3) =>
    some.length > 0 &&
    html`<ol class="events hits">
      ${some.map((hit) => hitItem(view, hit, level))}
    </ol>`;
  const likely = hits.slice(apart);
  return html`${list(hits.slice(0, apart), 2)}
  ${likely.length > 0 && html`<h2 class="apart">Without these words, but alike in meaning</h2>`}${list(likely, 3)}`;
}

function hitItem(view: PageView, hit: SearchHit, level: 2 | 3): Html {
  const { event, highlights } = hit;
  const occurrence = occurrenceAt(event, hit.start, hit.localDate) ?? nextOccurrence(event, view.now);
  const block = dateBlock(occurrence, view.locale);
  const otherYear =
    localDay(occurrence.startDate, occurrence.timezone).slice(0, 4) !== localDay(view.now.getTime(), occurrence.timezone).slice(0, 4);
  const status = itemStatus(event, occurrence, view.now);
  const geo = event.location?.geo;
  const point =
    geo &&
    html` data-latitude="${geo.latitude}" data-longitude="${geo.longitude}" data-venue="${event.location?.id ?? ""}"
    data-place="${event.location?.name ?? ""}"`;
  const here = onDate(event, occurrence);
  const facts = [
    placeWords(here),
    hit.distance !== undefined && distanceWords(hit.distance, view.locale),
    priceSummary(here),
    moreDates(event, view.now, view.locale),
  ].filter(Boolean) as string[];
  const text = highlights.description
    ? pieces(aroundMarks(highlights.description))
    : event.description && excerpt(event.description, EXCERPT);
  const name = html`<a href="${localPath(view.base, entityPath("event", event.id))}" ${lang(event)}
    >${highlights.name ? pieces(highlights.name) : event.name}</a
  >`;
  return html`<li class="event${status.some(({ grave }) => grave) && " struck"}" id="hit-${ulidOf(event.id)}" ${point}>
    ${block && dateSheet(block, otherYear)}
    <div>
      ${level === 2 ? html`<h2>${name}</h2>` : html`<h3>${name}</h3>`}
      <p class="when">${status.map(({ word }) => html`<strong class="tag">${word}</strong> `)}${whenWords(view, occurrence)}</p>
      ${facts.length > 0 && html`<p class="where">${join(facts, html`<span class="dot" aria-hidden="true"> · </span>`)}</p>`}
      ${text && html`<p class="excerpt" ${lang(event)}>${text}</p>`}
      ${level === 2 && byMeaningAlone(hit) && html`<p class="origin">Has none of the words, but is alike in meaning</p>`} ${origin(hit)}
      <div class="extras">${reasons(hit, view.locale)}</div>
    </div>
  </li>`;
}

function whenWords(view: PageView, occurrence: OccurrenceState): Part[] {
  const word = dayWord(occurrence, view.now);
  const { start, end, zone } = shortTimes(occurrence, view.now, view.locale);
  return [
    word !== undefined && html`<strong class="day">${word}</strong> `,
    html`<time datetime="${start.datetime}">${start.text}</time>`,
    end && html` – <time datetime="${end.datetime}">${end.text}</time>`,
    zone !== undefined && html` <span class="quiet">${zone}</span>`,
  ];
}

/** "350 m away", "1.2 km away", "140 km away". */
export function distanceWords(metres: number, locale = DEFAULT_LOCALE): string {
  if (metres < 950) return `${Math.round(metres / 10) * 10} m away`;
  const digits = metres < 9_950 ? 1 : 0;
  return `${numberFormat(locale, { maximumFractionDigits: digits }).format(metres / 1000)} km away`;
}

const pieces = (marked: readonly Highlight[]): Part[] => marked.map(({ text, marked: hit }) => (hit ? html`<mark>${text}</mark>` : text));

/** About EXCERPT characters of a long text from a little before its first mark, cut at words. */
export function aroundMarks(marked: readonly Highlight[], length = EXCERPT): Highlight[] {
  const first = marked.findIndex(({ marked: hit }) => hit);
  const before = marked
    .slice(0, Math.max(first, 0))
    .map(({ text }) => text)
    .join("");
  const lead =
    before.length > length / 3
      ? `…${before
          .slice(-Math.floor(length / 3))
          .replace(/^\S*\s+/, " ")
          .trimStart()}`
      : before;
  const out: Highlight[] = lead === "" ? [] : [{ text: lead, marked: false }];
  let room = length - lead.length;
  for (const { text, marked: hit } of marked.slice(Math.max(first, 0))) {
    if (room <= 0) break;
    out.push({ text: text.length <= room || hit ? text : `${text.slice(0, room).replace(/\s*\S*$/, "")}…`, marked: hit });
    room -= text.length;
  }
  return out;
}

function origin({ origin: from }: SearchHit): Html | undefined {
  if (from === undefined) return undefined;
  const href = safeHref(from.node);
  return html`<p class="origin">
    From another node, ${href === undefined ? from.node : externalLink(href, shortUrl(href))}, trusted ${from.trust} of 10
  </p>`;
}

const LEG_WORDS = {
  words: "by its words",
  intent: "by what your words mean as a filter",
  meaning: "by a likeness of meaning",
} as const satisfies Record<Leg, string>;

/** Found by a likeness that says nothing of the words. */
export function byMeaningAlone({ legs, matched }: SearchHit): boolean {
  return matched.length === 0 && legs.length > 0 && legs.every(({ leg }) => leg === "meaning");
}

/** Which way it was found, and at which place there. Nothing for a search without words. */
function reasons({ event, legs, matched }: SearchHit, locale = DEFAULT_LOCALE): Html | undefined {
  if (legs.length === 0 && matched.length === 0) return undefined;
  const likeness = (value: number) => numberFormat(locale, { maximumFractionDigits: 2 }).format(value);
  return html`<details class="why">
    <summary>Why this one<span class="unseen">: ${event.name}</span></summary>
    <ul>
      ${matched.length > 0 && html`<li>It has the words ${matched.map((word) => `“${word}”`).join(", ")}.</li>`}
      ${legs.map(
        ({ leg, rank, similarity }) =>
          html`<li>
            Found ${LEG_WORDS[leg]}, at place ${rank}${similarity !== undefined && ` (likeness ${likeness(similarity)} of 1)`}.
          </li>`,
      )}
    </ul>
  </details>`;
}
