/**
 * The query of a saved search in the engine's terms: read as GET /api/v1/events/search reads it, for a public reader.
 * Stricter in one thing. A page would rather show something than nothing; what is subscribed to must not fill up with
 * what is merely alike. So a query that names no mode goes by words, and events that have only some of the words, or
 * other words than were typed, are left out.
 */
import type { EventState } from "../domain/state.ts";
import type { Registry } from "../registry/context.ts";
import type { SearchAnswer, SearchRequest } from "../search/request.ts";
import type { Search } from "../search/search.ts";
import { parseQuery, queryPairs } from "./query.ts";
import { MOST_HITS, searchQuery } from "./search-fields.ts";
import { askedByFeed, searchRequest, type Asking } from "./search-query.ts";

/** Of which node: its base, and its zone of "today". */
export type SavedAt = Pick<Asking, "base" | "timezone">;
export const savedAt = ({ base, defaultTimezone }: Pick<Registry, "base" | "defaultTimezone">): SavedAt => ({
  base,
  timezone: defaultTimezone,
});

/** A page of feeds' length. Throws `invalid_query` that names the parameter, and `forbidden` for states that the public may not see. */
export function savedRequest(query: string, { base, timezone }: SavedAt, after?: string): SearchRequest {
  const pairs = queryPairs(`?${query}`);
  const raw = Object.fromEntries(Object.entries(pairs).map(([name, values]) => [name, values.find((value) => value !== "") ?? ""]));
  const asked = { ...askedByFeed(parseQuery(pairs, searchQuery)), limit: MOST_HITS, ...(after !== undefined && { after }) };
  return searchRequest(asked, raw, { base, role: "public", timezone });
}

/** One page for a feed. Throws as `savedRequest`, and `invalid_cursor`. */
export async function findSaved(search: Search, at: SavedAt, query: string, after?: string): Promise<SearchAnswer> {
  const answer = await search.find(savedRequest(query, at, after));
  if (!hasOtherWords(answer)) return answer;
  const { next: _, ...rest } = answer;
  return { ...rest, hits: [] };
}

/**
 * Which of these events a public reader finds by the words of `query` now, whatever mode it names, the soonest first:
 * what a webhook is told of. "This weekend" and the like mean the weekend after the moment of asking.
 */
export async function findAmong(search: Search, at: SavedAt, query: string, eventIds: readonly string[]): Promise<EventState[]> {
  const { filters, ...request } = savedRequest(query, at);
  const events: EventState[] = [];
  for (let after: string | undefined; ;) {
    const answer = await search.find({
      ...request,
      filters: { ...filters, among: eventIds },
      mode: "lexical",
      sort: "start",
      ...(after !== undefined && { after }),
    });
    if (hasOtherWords(answer)) return [];
    events.push(...answer.hits.map(({ event }) => event));
    if (answer.next === undefined) return events;
    after = answer.next;
  }
}

const hasOtherWords = ({ mode, relaxed, resultsFor }: SearchAnswer): boolean => mode === "lexical" && (relaxed || resultsFor !== undefined);
