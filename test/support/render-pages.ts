/**
 * Sample views of every page: for the pages' tests, and to look at them in a browser:
 *   node test/support/render-pages.ts FOLDER     writes one .html file a page, and the assets
 *
 * Some events follow the City of Toronto's festivals and events data.
 * Contains information licensed under the Open Government Licence – Toronto.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { occurrenceOfState, occurrencesOfState } from "../../src/domain/recurrence/of-state.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import type { AgentState, EventState, NestedPlace, PlaceState } from "../../src/domain/state.ts";
import { docsPage } from "../../src/http/pages/docs-page.ts";
import { agentPage, placePage } from "../../src/http/pages/entity-pages.ts";
import { eventListPage } from "../../src/http/pages/event-list-page.ts";
import { eventPage } from "../../src/http/pages/event-page.ts";
import { homePage } from "../../src/http/pages/home-page.ts";
import { occurrencePage } from "../../src/http/pages/occurrence-page.ts";
import { problemPage } from "../../src/http/pages/problem-page.ts";
import { CLIENT_ASSETS } from "../../src/http/assets/client.ts";
import { searchPage } from "../../src/http/pages/search-page.ts";
import type { SearchPageView } from "../../src/http/pages/search-view.ts";
import { ASSETS } from "../../src/http/pages/style.ts";
import type { SearchAnswer, SearchHit } from "../../src/search/request.ts";
import type { EventPageView, OccurrencePageView, OpenApiDocument, PageView } from "../../src/http/pages/view.ts";

export const sampleNode: PageView = { base: "https://node.example", nodeName: "Toronto Calends", now: new Date("2026-05-06T12:00:00Z") };

const id = (number: number) => `018f6e2a-0000-7000-8000-${String(number).padStart(12, "0")}`;

const backroom: NestedPlace = {
  id: id(901),
  name: "Backroom Comedy Club",
  geo: { latitude: 43.6627856, longitude: -79.4228201 },
  address: {
    streetAddress: "814 Bloor St W",
    addressLocality: "Toronto",
    addressRegion: "ON",
    postalCode: "M6G 1L9",
    addressCountry: "CA",
  },
};

/** An event with what it must have; every other member as given. */
export function sampleEvent(members: Partial<EventState> = {}): EventState {
  return {
    kind: "event",
    id: id(1),
    type: "ComedyEvent",
    name: "Late-Night Laughs",
    startDate: "2026-05-08T22:00:00-04:00",
    endDate: "2026-05-08T23:50:00-04:00",
    timezone: "America/Toronto",
    allDay: false,
    lifecycleState: "published",
    eventDomain: "arts",
    licenseStatus: "cc0",
    confidence: 0.8,
    version: 1,
    public: true,
    createdAt: "2026-04-02T10:00:00Z",
    updatedAt: "2026-05-01T10:00:00Z",
    sources: [{ name: "City of Toronto festivals", url: "https://open.example/festivals", licenseStatus: "cc-by" }],
    ...members,
  };
}

export const richEvent = sampleEvent({
  name: "Wednesdays: Pro & Hilarious Stand-up Comedy",
  location: backroom,
  eventStatus: "EventScheduled",
  description:
    "Midweek laughs unleashed! Join us every Wednesday for two shows of stand-up comedy on Bloor.\n\nSecure your spot at https://tickets.example/e/769799319487?aff=sel, or come at nine: there are a few seats at the door.\nNo minimum order.",
  organizer: { id: id(801), kind: "organization", name: "Backroom Comedy Club" },
  performer: [
    { id: id(701), kind: "person", name: "Ana Ferreira", role: "headliner" },
    { id: id(702), kind: "person", name: "Tom Okafor" },
  ],
  offers: [
    {
      name: "Advance",
      price: "15.00",
      priceCurrency: "CAD",
      url: "https://tickets.example/e/769799319487?aff=sel",
      availability: "LimitedAvailability",
    },
    { name: "At the door", price: "20", priceCurrency: "CAD" },
  ],
  inLanguage: ["en"],
  keywords: ["Comedy", "Live performances", "Theatre"],
  accessibilityFeature: ["wheelchairAccessible", "assistiveListeningSystem"],
  url: "https://backroom.example/shows/wednesdays",
  sameAs: ["https://knowledge.example/K11-42"],
  license: "https://creativecommons.org/publicdomain/zero/1.0/",
  occurrences: Array.from({ length: 12 }, (_, week) => {
    const day = new Date(Date.UTC(2026, 3, 24 + 7 * week)).toISOString().slice(0, 10);
    return {
      startDate: `${day}T22:00:00-04:00`,
      endDate: `${day}T23:50:00-04:00`,
      doorTime: `${day}T21:15:00-04:00`,
      timezone: "America/Toronto",
      allDay: false,
      ...(week === 5 && { eventStatus: "EventCancelled" as const }),
    };
  }),
});

const conference = sampleEvent({
  id: id(2),
  type: "ConferenceEvent",
  name: "Rubyfuza",
  startDate: "2026-05-28",
  endDate: "2026-05-30",
  allDay: true,
  timezone: "Africa/Johannesburg",
  eventDomain: "education",
  location: { id: id(902), name: "Cape Town, South Africa", address: { addressLocality: "Cape Town", addressCountry: "ZA" } },
  attendanceMode: "MixedEventAttendanceMode",
  virtualUrl: "https://stream.example/rubyfuza",
});
const exhibition = sampleEvent({
  id: id(3),
  type: "ExhibitionEvent",
  name: "Nature in Brilliant Colour",
  startDate: "2026-05-17T10:00:00-04:00",
  endDate: "2026-09-07T17:30:00-04:00",
  eventDomain: "culture",
  keywords: ["Arts/Exhibits"],
  location: {
    id: id(903),
    name: "Royal Ontario Museum",
    address: { streetAddress: "100 Queens Park", addressLocality: "Toronto", addressRegion: "ON" },
  },
  offers: [{ lowPrice: "18.00", highPrice: "26.50", priceCurrency: "CAD" }],
});
export const postponedEvent = sampleEvent({
  id: id(4),
  type: "DanceEvent",
  name: "Tempered",
  startDate: "2026-05-24T20:00:00-04:00",
  endDate: "2026-05-24T21:30:00-04:00",
  eventStatus: "EventPostponed",
  lifecycleState: "postponed",
  description: "Featuring world premieres by four choreographers.",
  location: { id: id(904), name: "Chrysalis Theatre", address: { addressLocality: "Toronto" } },
});
const cancelled = sampleEvent({
  id: id(5),
  type: "Festival",
  name: "Fête de la musique du quartier Saint-Roch et de ses environs, édition de printemps",
  inLanguage: ["fr"],
  startDate: "2026-05-09T18:00:00-04:00",
  endDate: "2026-05-10T02:00:00-04:00",
  eventStatus: "EventCancelled",
  lifecycleState: "cancelled",
  isAccessibleForFree: true,
  eventDomain: "music",
});
const online = sampleEvent({
  id: id(6),
  type: "EducationEvent",
  name: "Ignite Ideation Funding: Information Session",
  startDate: "2026-06-23T14:00:00-04:00",
  endDate: "2026-06-23T16:00:00-04:00",
  attendanceMode: "OnlineEventAttendanceMode",
  virtualUrl: "https://meet.example/ignite",
  isAccessibleForFree: true,
});
const soldOut = sampleEvent({
  id: id(7),
  type: "MusicEvent",
  name: "Nachtkonzert",
  startDate: "2026-06-26T22:00:00+02:00",
  endDate: "2026-06-27T01:30:00+02:00",
  timezone: "Europe/Berlin",
  lifecycleState: "sold_out",
  eventDomain: "music",
  location: { id: id(905), name: "Kammermusiksaal", address: { addressLocality: "Berlin" } },
  offers: [{ price: "24", priceCurrency: "EUR", availability: "SoldOut" }],
});

/** Fridays at seven; on 15 May at the lake and later, none on 22 May. */
export const weeklySeries = sampleEvent({
  id: id(8),
  type: "MusicEvent",
  name: "Friday Sessions",
  startDate: "2026-01-09T19:00:00-05:00",
  endDate: "2026-01-09T21:30:00-05:00",
  doorTime: "2026-01-09T18:30:00-05:00",
  eventDomain: "music",
  location: backroom,
  offers: [{ price: "12", priceCurrency: "CAD" }],
  series: {
    recurrence: [
      {
        dtstart: "2026-01-09T19:00:00",
        duration: "PT2H30M",
        timezone: "America/Toronto",
        rrule: "FREQ=WEEKLY",
        exdate: ["2026-04-03T19:00:00"],
      },
    ],
    doorLead: 1_800,
    overrides: [
      {
        recurrenceId: "20260515T190000",
        name: "Friday Sessions by the lake",
        startDate: "2026-05-15T20:00:00-04:00",
        endDate: "2026-05-15T22:00:00-04:00",
        location: { id: id(906), name: "Lake Stage", address: { addressLocality: "Toronto" } },
        offers: [{ price: "0", priceCurrency: "CAD" }],
      },
      { recurrenceId: "20260522T190000", eventStatus: "EventCancelled" },
    ],
    continues: { id: id(88) },
  },
});

/** A date of a series as its page is given it. */
export function occurrenceView(event: EventState, recurrenceId: string): OccurrencePageView {
  const occurrence = occurrenceOfState(event, recurrenceId);
  if (occurrence === undefined) throw new Error(`${event.name} has no occurrence ${recurrenceId}`);
  const at = Date.parse(occurrence.startDate);
  const next = occurrencesOfState(event, { from: at + 1, until: at + 40 * 86_400_000, limit: 1 }).occurrences[0];
  const previous = occurrencesOfState(event, { from: at - 10 * 86_400_000, until: at, limit: 20 }).occurrences.at(-1);
  const uri = `${sampleNode.base}/events/01HXQ2M0000000000000000008/occurrences/${recurrenceId}`;
  return { ...eventView(event), uri, occurrence, ...(previous && { previous }), ...(next && { next }) };
}

export const sampleEvents = [richEvent, cancelled, exhibition, postponedEvent, conference, online, soldOut];

export function eventView(event: EventState): EventPageView {
  return {
    ...sampleNode,
    event,
    uri: event.federationUri ?? `${sampleNode.base}/events/01HXQ2M0000000000000000001`,
    jsonld: JSON.stringify({ "@type": event.type, name: event.name }),
  };
}

const dated = { version: 1, public: true, createdAt: "2026-04-02T10:00:00Z", updatedAt: "2026-05-01T10:00:00Z" };
export const samplePlace: PlaceState = { ...dated, ...backroom, kind: "place", placeType: "ComedyClub", url: "https://backroom.example/" };
export const sampleAgent: AgentState = {
  ...dated,
  kind: "organization",
  id: id(801),
  name: "Backroom Comedy Club",
  alternateName: ["The Backroom"],
  sameAs: ["https://knowledge.example/K11-77"],
};

export const sampleApi: OpenApiDocument = {
  info: { title: "Calends", version: "0.1.0", description: "A node of the Shared Events Library." },
  tags: [{ name: "Events", description: "Reading and writing events." }],
  paths: {
    "/api/v1/events": {
      get: {
        tags: ["Events"],
        summary: "List events in the order of their start.",
        parameters: [
          { name: "city", in: "query", schema: { type: "string", maxLength: 200 }, description: "The city's name." },
          { name: "limit", in: "query", schema: { type: "integer", minimum: 1, maximum: 200, default: 50 } },
        ],
        responses: {
          200: {
            description: "One page.",
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["items"],
                  properties: {
                    items: { type: "array", items: { $ref: "#/components/schemas/Event" } },
                    next_cursor: { type: ["string", "null"] },
                  },
                },
              },
            },
          },
          400: { $ref: "#/components/responses/Problem" },
        },
      },
      post: {
        tags: ["Events"],
        summary: "Submit one event.",
        security: [{ key: [] }],
        requestBody: {
          required: true,
          content: {
            "application/ld+json": {
              schema: { $ref: "#/components/schemas/Event" },
              example: { "@type": "Event", name: "Children's day", startDate: "2026-06-01" },
            },
          },
        },
        responses: {
          201: {
            description: "It is new.",
            content: {
              "application/ld+json": { schema: { $ref: "#/components/schemas/Event" } },
              "application/json": { schema: { $ref: "#/components/schemas/Event" } },
            },
          },
          422: { $ref: "#/components/responses/Problem" },
        },
      },
    },
    "/healthz": { get: { summary: "Whether the process answers.", responses: { 200: { description: "It does." } } } },
  },
  components: {
    schemas: {
      Event: {
        type: "object",
        description: "A schema.org Event.",
        required: ["name", "startDate"],
        properties: {
          name: { type: "string", minLength: 1, maxLength: 500 },
          startDate: {
            anyOf: [
              { type: "string", format: "date" },
              { type: "string", format: "date-time" },
            ],
          },
          location: { type: "object", properties: { name: { type: "string" } } },
        },
      },
    },
    responses: {
      Problem: {
        description: "A problem.",
        content: { "application/problem+json": { schema: { type: "object", properties: { code: { type: "string" } } } } },
      },
    },
  },
};

export const sampleHits: SearchHit[] = [
  {
    event: richEvent,
    start: "2026-05-09T02:00:00Z",
    localDate: "2026-05-08",
    distance: 1234,
    legs: [
      { leg: "words", rank: 1 },
      { leg: "meaning", rank: 3, similarity: 0.781 },
    ],
    matched: ["comedy", "bloor"],
    highlights: {
      name: [
        { text: "Wednesdays: Pro & Hilarious Stand-up ", marked: false },
        { text: "Comedy", marked: true },
      ],
    },
  },
  {
    event: { ...exhibition, originNode: "https://other.example", federationUri: "https://other.example/events/01HXQ2M0000000000000000009" },
    start: "2026-05-17T14:00:00Z",
    localDate: "2026-05-17",
    legs: [],
    matched: [],
    highlights: {},
    origin: { node: "https://other.example", trust: 6 },
  },
];

/** A search of Friday the eighth's weekend as the page is given it; other members as given. */
export function sampleSearch(members: Partial<SearchPageView> = {}, answer: Partial<SearchAnswer> = {}): SearchPageView {
  return {
    ...sampleNode,
    query: { q: "comedy bloor", when: "weekend", city: "Toronto" },
    asked: { q: "comedy bloor", city: "Toronto", startDate: "2026-05-08", endDate: "2026-05-10" },
    period: "weekend",
    today: "2026-05-06",
    answer: {
      hits: sampleHits,
      total: { value: 2, relation: "exact" },
      mode: "hybrid",
      ranked: { bound: 2000, complete: true },
      relaxed: false,
      understood: [],
      facets: {
        domain: [
          { value: "arts", count: 1 },
          { value: "music", count: 1 },
        ],
        city: [{ value: "toronto", count: 2 }],
        keyword: ["comedy", "stand-up", "free", "patio", "family", "outdoors", "jazz"].map((value, index) => ({ value, count: 9 - index })),
        free: [
          { value: "true", count: 1 },
          { value: "false", count: 1 },
        ],
      },
      facetsExact: true,
      ...answer,
    },
    ...members,
  };
}

/** File name -> document. */
export function samplePages(): Record<string, string> {
  const items = sampleEvents.map((event) => ({ event }));
  const { problem: gone } = new RegistryError("gone", { detail: "This event was removed." });
  const { problem: limited } = new RegistryError("rate_limited", { detail: "More than 60 requests within a minute." });
  const { problem: query } = new RegistryError("invalid_query", { detail: "There is no parameter named when.", pointer: "/when" });
  const picture = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
  return {
    "event.html": eventPage(eventView(richEvent)),
    "event-bare.html": eventPage(eventView(sampleEvent({ sources: [], image: picture }))),
    "event-postponed.html": eventPage(
      eventView({
        ...postponedEvent,
        originNode: "https://other.example",
        federationUri: "https://other.example/events/01HXQ2M0000000000000000009",
      }),
    ),
    "event-series.html": eventPage(eventView(weeklySeries)),
    "occurrence.html": occurrencePage(occurrenceView(weeklySeries, "20260508T190000")),
    "occurrence-moved.html": occurrencePage(occurrenceView(weeklySeries, "20260515T190000")),
    "occurrence-cancelled.html": occurrencePage(occurrenceView(weeklySeries, "20260522T190000")),
    "list-series.html": eventListPage({ ...sampleNode, items: [{ event: weeklySeries }], filters: {} }),
    "event-dates.html": eventPage(eventView(conference)),
    "event-sold-out.html": eventPage({ ...eventView(soldOut), now: new Date("2027-01-01T00:00:00Z") }),
    "place.html": placePage({
      ...sampleNode,
      place: samplePlace,
      uri: `${sampleNode.base}/places/x`,
      jsonld: "{}",
      events: items.slice(0, 2),
    }),
    "organization.html": agentPage({
      ...sampleNode,
      agent: sampleAgent,
      uri: `${sampleNode.base}/organizations/x`,
      jsonld: "{}",
      events: [],
    }),
    "home.html": homePage({
      ...sampleNode,
      upcoming: items.slice(0, 4),
      counts: { events: 1727, places: 612, organizations: 480, persons: 0 },
      contextUrl: "/contexts/v1.jsonld",
    }),
    "list.html": eventListPage({
      ...sampleNode,
      items,
      filters: { city: "Toronto", domain: "music", venueId: "01HXQ2M", limit: "20" },
      nextCursor: "b3BhcXVl",
    }),
    "list-unordered.html": eventListPage({ ...sampleNode, items: items.toReversed(), filters: { sort: "-updated" }, after: "b3Bh" }),
    "list-empty.html": eventListPage({ ...sampleNode, items: [], filters: { city: "Atlantis", startDate: "2026-05-01" } }),
    "search.html": searchPage(sampleSearch({}, { next: "b3BhcXVl" })),
    "search-nothing.html": searchPage(sampleSearch({}, { hits: [], total: { value: 0, relation: "exact" }, facets: {} })),
    "search-bad.html": searchPage(
      sampleSearch({
        query: { q: "jazz", startDate: "2026-13-01", near: "here" },
        asked: {},
        period: "dates",
        answer: undefined,
        faults: [
          { pointer: "/startDate", detail: "startDate: there is no such day" },
          { pointer: "/near", detail: "near: expected latitude,longitude" },
        ],
      }),
    ),
    "problem-410.html": problemPage({
      ...sampleNode,
      problem: gone,
      tombstone: { name: "Late-Night Laughs", deletedAt: "2026-05-01T10:00:00Z" },
      supersededBy: { uri: "https://node.example/events/01HXQ2M0000000000000000002" },
      requestId: "req-7",
    }),
    "problem-429.html": problemPage({ ...sampleNode, problem: limited, retryAfter: 12 }),
    "problem-400.html": problemPage({ ...sampleNode, problem: query }),
    "docs.html": docsPage({ ...sampleNode, openapi: sampleApi }),
  };
}

/** Writes the pages so that a browser finds their assets beside them. */
function writePages(folder: string): void {
  const files = { ...samplePages(), ...Object.fromEntries([...ASSETS, ...CLIENT_ASSETS].map(({ path, text }) => [path.slice(1), text])) };
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, name.endsWith(".html") ? text.replaceAll('="/assets/', '="assets/') : text);
  }
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error("Name the folder to write to: node test/support/render-pages.ts FOLDER");
  writePages(folder);
}
