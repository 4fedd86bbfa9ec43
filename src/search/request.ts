/**
 * What can be asked of search, and what it answers: the contract between the engine (search.ts) and those who ask it
 * (the API, the pages, saved searches). Times are RFC 3339, distances metres, angles degrees.
 */
import type { EntityRef, EventFilters } from "../db/lists.ts";
import type { EventState } from "../domain/state.ts";
import type { Moments } from "./moments.ts";

/** Every filter of a list, and those that only search has. An event matches by its first occurrence that passes them all. */
export interface SearchFilters extends Omit<EventFilters, keyof Moments>, Moments {
  /** Vertices as [longitude, latitude], in order, not closed; the sides are straight on a plate carrée map and do not cross. */
  polygon?: readonly (readonly [number, number])[];
  /** Events whose prices, from the lowest to the highest, reach into these bounds; a free event costs 0. Without a currency the numbers alone are compared. */
  price?: { least?: number; most?: number; currency?: string };
  free?: boolean;
  /** All of these, in any case of letters. */
  accessibility?: readonly string[];
  /** Primary subtag of the event's declared language. */
  language?: string;
  /** Only these (uuids): what changed, or what a test wants. At most 10,000. */
  among?: readonly string[];
}

export const SEARCH_MODES = ["auto", "lexical", "semantic", "hybrid"] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];
export const SEARCH_SORTS = ["relevance", "start", "-start", "distance"] as const;
export type SearchSort = (typeof SEARCH_SORTS)[number];
export const FACETS = ["domain", "city", "region", "country", "keyword", "language", "free", "accessibility", "origin", "state"] as const;
export type Facet = (typeof FACETS)[number];

export interface SearchRequest {
  q?: string;
  filters: SearchFilters;
  mode: SearchMode;
  /** Without q, relevance means start. `distance` needs `near`. */
  sort: SearchSort;
  limit: number;
  /** The `next` of the page before, asked with the same request; what it is bound to is `bound`. */
  after?: string;
  /** What a cursor belongs to: the raw parameters but limit and after. */
  bound: Readonly<Record<string, string>>;
  facets: readonly Facet[];
  explain: boolean;
  /** Marks the words that matched; costs a look at each text. */
  highlight: boolean;
  /** Zone of "today" and "this weekend" in q. */
  timezone: string;
  /** Only what is meant: no corrections, synonyms, phrases of time, nor any-of-the-words. For saved searches and measuring. */
  strict?: boolean;
}

export type Leg = "words" | "intent" | "meaning";

export interface SearchHit {
  event: EventState;
  /** Of the first occurrence that matches. */
  start: string;
  localDate: string;
  /** Metres from `near`. */
  distance?: number;
  score?: number;
  /** Which legs found it, at which place of theirs; similarity is the cosine. */
  legs: { leg: Leg; rank: number; similarity?: number }[];
  /** Words of the query that the event has. */
  matched: string[];
  /** Plain text cut into pieces; the marked ones matched. */
  highlights: { name?: Highlight[]; description?: Highlight[] };
  /** Of a federated event: its node, and how far this node trusts it (1–10). */
  origin?: { node: string; trust: number };
}
export interface Highlight {
  text: string;
  marked: boolean;
}

export interface SearchAnswer {
  hits: SearchHit[];
  next?: string;
  total: { value: number; relation: "exact" | "estimate" };
  /** What was done: never "auto". */
  mode: Exclude<SearchMode, "auto">;
  /** At most `bound` candidates are ranked among themselves; where there are more, `from` and `until` tell which these are. */
  ranked: { bound: number; complete: boolean; from?: string; until?: string };
  /** Of a search that reaches further than recurring events could be expanded for it: up to when they are told, or null where nobody knows. */
  completeUntil?: string | null;
  /** The query that was answered instead, because nothing has the words as typed. */
  resultsFor?: string;
  /** True when no event has all the words: these have some. */
  relaxed: boolean;
  /** Phrases of q that were understood as filters, such as "this weekend"; hits that keep to them come first. */
  understood: { text: string; means: string }[];
  facets?: Partial<Record<Facet, { value: string; count: number }[]>>;
  /** False when the counts are of a sample. */
  facetsExact?: boolean;
  explain?: Record<string, unknown>;
}

export interface Suggestion {
  text: string;
  kind: "word" | "event" | "place" | "organization" | "person";
  /** Its @id; absent for a word. */
  ref?: EntityRef & { id: string };
}
