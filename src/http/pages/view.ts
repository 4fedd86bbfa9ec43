/**
 * What the pages are given: the states of the domain, and the few things that a state does not say
 * (where the node is, what time it is, the JSON-LD text of the same entity).
 * A page is a pure function of its view; nothing here reads a clock, a database or a request.
 */
import type { Problem } from "../../domain/errors.ts";
import type { ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import type { AgentState, EventState, OccurrenceState, PlaceState } from "../../domain/state.ts";

/** What every page needs. */
export interface PageView {
  /** Public base URL of the node, without a slash at its end. */
  base: string;
  nodeName: string;
  /** The instant for which "past" and "next" are decided. */
  now: Date;
  /** BCP 47; how dates and prices are written. The words of the pages are English. Default "en-CA". */
  locale?: string;
}

/** What the pages of events, places and agents share. */
export interface EntityPageView extends PageView {
  /** The entity's @id: the origin's for a federated one. It becomes the canonical link. */
  uri: string;
  /** The entity's JSON-LD as text, as negotiation would serve it; embedded in the page as data. */
  jsonld: string;
}

export interface EventPageView extends EntityPageView {
  event: EventState;
}

export interface OccurrencePageView extends EntityPageView {
  event: EventState;
  occurrence: ShownOccurrence;
  /** The series' dates before and after it. */
  previous?: ShownOccurrence;
  next?: ShownOccurrence;
}

/** One line of a list. */
export interface EventListItem {
  event: EventState;
  /** The occurrence that the line speaks of; by default the first one that is not over, else the first. */
  occurrence?: OccurrenceState;
}

export interface PlacePageView extends EntityPageView {
  place: PlaceState;
  events: EventListItem[];
}
export interface AgentPageView extends EntityPageView {
  agent: AgentState;
  events: EventListItem[];
}

export interface HomePageView extends PageView {
  upcoming: EventListItem[];
  /** Latest first; where little is to come. */
  recent?: EventListItem[];
  counts: { events: number; places: number; organizations: number; persons: number };
  /** Path or URL of the node's current JSON-LD context. */
  contextUrl: string;
}

export interface EventListPageView extends PageView {
  items: EventListItem[];
  /** The filters in force, as the query named them (interface.md), without `after`. Empty values count as absent. */
  filters: Readonly<Record<string, string>>;
  /** The cursor with which this page was asked for. */
  after?: string;
  /** The cursor of the next page; absent on the last. */
  nextCursor?: string;
}

export interface ProblemPageView extends PageView {
  problem: Problem;
  /** For 410: what was here. */
  tombstone?: { name?: string; deletedAt?: string };
  /** For 410 after a merge: where to go on. */
  supersededBy?: { uri: string; name?: string };
  /** For 429 and 503, in seconds. */
  retryAfter?: number;
  requestId?: string;
}

/** As much of an OpenAPI 3.1 document as the page reads; the rest is looked at member by member. */
export interface OpenApiDocument {
  info: { title: string; version: string; description?: string };
  paths?: object;
  components?: object;
  tags?: { name: string; description?: string }[];
}

export interface DocsPageView extends PageView {
  openapi: OpenApiDocument;
}
