/** The query of search in the engine's terms: each parameter checked, and what they must keep to among themselves. */
import type { z } from "@hono/zod-openapi";
import type { Role } from "../domain/vocabulary.ts";
import type { SearchFilters, SearchRequest } from "../search/request.ts";
import { eventFilters } from "./list-query.ts";
import { invalidQuery } from "./query.ts";
import { MOST_HITS, type filterFields, type searchQuery } from "./search-fields.ts";

export type SearchQuery = z.output<typeof searchQuery>;

/** Who asks, of which node. */
export interface Asking {
  /** This node's public base URL. */
  base: string;
  role: Role;
  /** Of "today" in q, where the request names no zone; UTC unless told. */
  timezone?: string | undefined;
}

/** What neither finds nor orders: a page may be asked for without the facets of the one before. */
const BESIDE = new Set(["limit", "after", "facets", "explain", "highlight", "format"]);

/**
 * The request of a query that `searchQuery` has read; `raw` are its parameters as sent. Throws `invalid_query`, and
 * `forbidden` for states that this role may not see.
 */
export function searchRequest(query: SearchQuery, raw: Readonly<Record<string, string>>, { base, role, timezone }: Asking): SearchRequest {
  const { q = "", mode = "auto", sort = "relevance", limit = 20, after, facets = [], explain = false, highlight = true, strict } = query;
  if (mode === "semantic" && q === "") throw invalidQuery("mode", "semantic search compares meanings with q; give that too.");
  if (sort === "distance" && query.near === undefined) throw invalidQuery("sort", "distance is measured from `near`; give that too.");
  return {
    ...(q !== "" && { q }),
    filters: searchFilters(query, base, role),
    mode,
    sort,
    limit,
    ...(after !== undefined && { after }),
    bound: Object.fromEntries(Object.entries(raw).filter(([name, value]) => value !== "" && !BESIDE.has(name))),
    facets,
    explain,
    highlight,
    timezone: query.tz ?? timezone ?? "UTC",
    ...(strict !== undefined && { strict }),
  };
}

/** Every filter of lists, and search's own. Throws as `searchRequest`. */
export function searchFilters(given: z.output<z.ZodObject<typeof filterFields>>, base: string, role: Role): SearchFilters {
  const { polygon, minPrice, maxPrice, currency, free, accessibility, language } = given;
  if (minPrice !== undefined && maxPrice !== undefined && maxPrice < minPrice)
    throw invalidQuery("maxPrice", `${maxPrice} is less than minPrice, ${minPrice}.`);
  if (currency !== undefined && minPrice === undefined && maxPrice === undefined)
    throw invalidQuery("currency", "says in which currency minPrice and maxPrice are; give one of them.");
  const priced = minPrice !== undefined || maxPrice !== undefined;
  return {
    ...eventFilters(given, base, role),
    ...(polygon !== undefined && { polygon }),
    ...(priced && {
      price: {
        ...(minPrice !== undefined && { least: minPrice }),
        ...(maxPrice !== undefined && { most: maxPrice }),
        ...(currency !== undefined && { currency }),
      },
    }),
    ...(free !== undefined && { free }),
    ...(accessibility !== undefined && { accessibility }),
    ...(language !== undefined && { language }),
  };
}

/**
 * A search as a feed asks it: a calendar wants what has the words, unless the query names another mode; what is alike in
 * meaning is for those who look through a page. As long as a page may be, and nothing beside the events.
 */
export const askedByFeed = (query: SearchQuery): SearchQuery => ({
  ...query,
  mode: query.mode ?? "lexical",
  limit: query.limit ?? MOST_HITS,
  facets: [],
  highlight: false,
  explain: false,
});
