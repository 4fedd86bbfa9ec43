/**
 * The pages of a place, an organization or a person: who or where it is, and the events to come.
 */
import { ulidOf } from "../../domain/iri.ts";
import type { AgentState, PlaceState } from "../../domain/state.ts";
import { entityPath, eventList } from "./event-list.ts";
import { EVENTS_PATH, dataSection, fact, layout, mapLink } from "./layout.ts";
import { externalLink, html, join, localPath, type Html, type Part } from "./markup.ts";
import { originLink } from "./origin.ts";
import type { AgentPageView, EntityPageView, EventListItem, PlacePageView } from "./view.ts";
import { addressLines, sentence } from "./words.ts";

/** The whole document for `/places/{ulid}`. */
export function placePage(view: PlacePageView): string {
  const { place } = view;
  const lines = addressLines(place.address, view.locale);
  return entityPage(view, place, {
    eyebrow: place.placeType && place.placeType !== "Place" ? sentence(place.placeType) : "Place",
    description: `Events at ${[place.name, ...lines].join(", ")}.`,
    facts: [fact("Address", lines.length > 0 && join(lines, html`<br />`)), fact("Map", place.geo && mapLink(place.name, place.geo))],
    allEvents: { query: `venueId=${ulidOf(place.id)}`, label: `All events at ${place.name}` },
  });
}

/** The whole document for `/organizations/{ulid}` and `/persons/{ulid}`. */
export function agentPage(view: AgentPageView): string {
  const { agent } = view;
  const organization = agent.kind === "organization";
  return entityPage(view, agent, {
    eyebrow: organization ? "Organization" : "Person",
    description: `Events with ${agent.name}.`,
    facts: [fact("Also known as", agent.alternateName?.join(", "))],
    // The list can be filtered by its organizer; there is no such filter for performers.
    ...(organization && { allEvents: { query: `organizerId=${ulidOf(agent.id)}`, label: `All events by ${agent.name}` } }),
  });
}

interface Entity {
  eyebrow: string;
  description: string;
  facts: Part[];
  allEvents?: { query: string; label: string };
}

function entityPage(
  view: EntityPageView & { events: EventListItem[] },
  state: PlaceState | AgentState,
  { eyebrow, description, facts, allEvents }: Entity,
): string {
  const path = entityPath(state.kind, state.id);
  return layout(view, {
    title: state.name,
    canonical: view.uri,
    entityPath: path,
    calendarPath: `${path}/calendar.ics`,
    jsonld: view.jsonld,
    description,
    main: html`<p class="eyebrow">${eyebrow}</p>
      <h1>${state.name}</h1>
      <dl class="facts">
        ${facts} ${fact("Website", state.url && externalLink(state.url))}
        ${fact(
          "See also",
          state.sameAs &&
            html`<ul>
              ${state.sameAs.map((url) => html`<li>${externalLink(url)}</li>`)}
            </ul>`,
        )}
        ${fact("From", originLink(state))}
      </dl>
      ${upcoming(view)}
      ${allEvents && html`<p class="pager"><a href="${localPath(view.base, EVENTS_PATH)}?${allEvents.query}">${allEvents.label}</a></p>`}
      ${dataSection(view, path)}`,
  });
}

function upcoming(view: EntityPageView & { events: EventListItem[] }): Html {
  return html`<h2>Upcoming events</h2>
    ${view.events.length > 0 ? eventList(view, view.events, 3) : html`<p class="quiet">No upcoming events are known here.</p>`}`;
}
