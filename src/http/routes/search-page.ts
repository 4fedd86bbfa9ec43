/** The search for people: /search. The question is read as the API reads it; a bad one gets its form back, with what is wrong. */
import { RegistryError } from "../../domain/errors.ts";
import type { SearchAnswer } from "../../search/request.ts";
import { searchFor } from "../lists.ts";
import { readDays } from "../pages/search-dates.ts";
import { SHOWN_FACETS } from "../pages/search-filters.ts";
import { SEARCH_PATH } from "../pages/search-box.ts";
import { SEARCH_PAGE_POLICY } from "../pages/search-map.ts";
import { searchPage } from "../pages/search-page.ts";
import type { SearchPageView } from "../pages/search-view.ts";
import { localDay } from "../pages/zones.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { invalidQuery, parseQuery, queryPairs } from "../query.ts";
import { pageResponse } from "../representation.ts";
import { searchQuery } from "../search-fields.ts";
import { searchRequest } from "../search-query.ts";
import { askingOf } from "./search.ts";

/** Shape of the API's answers, which a page decides for itself. */
const NOT_ON_PAGES = new Set(["facets", "explain", "highlight", "format"]);

export function searchPageRoutes(app: HttpApp, parts: HttpParts): void {
  app.get(SEARCH_PATH, async (c) => {
    c.set("route", SEARCH_PATH);
    const asked = question(c, parts);
    const found = await answerTo(c, parts, asked);
    const { base, nodeName, tiles, clock } = parts;
    const page = searchPage({ base, nodeName, now: clock(), tiles, ...asked.view, ...found });
    const response = pageResponse(c, page);
    const bad = "faults" in found && response.status === 200;
    const answered = bad ? new Response(response.body, { status: 400, headers: response.headers }) : response;
    answered.headers.set("content-security-policy", SEARCH_PAGE_POLICY);
    return answered;
  });
}

interface Question {
  view: Pick<SearchPageView, "query" | "asked" | "period" | "today" | "after">;
  /** As sent, for the reader of the API's query. */
  pairs: Record<string, string[]>;
  /** A `when` that is none. */
  unknown?: string | undefined;
}

/** What the address says. Parameters that search does not know are passed over: links come with those of newsletters and the like. */
function question(c: HttpContext, { clock, registry }: HttpParts): Question {
  const today = localDay(clock().getTime(), registry.defaultTimezone ?? "UTC");
  const sent = queryPairs(c.req.url);
  const known = Object.entries(sent).filter(
    ([name]) => (name === "when" || Object.hasOwn(searchQuery.shape, name)) && !NOT_ON_PAGES.has(name),
  );
  const { after, ...given } = Object.fromEntries(
    known.flatMap(([name, values]) => {
      const value = values.find((each) => each.trim() !== "")?.trim();
      return value === undefined ? [] : [[name, value]];
    }),
  ) as Record<string, string>;
  const { unknown, ...days } = readDays(given, today, after !== undefined);
  const pairs = Object.fromEntries(known.filter(([name]) => name !== "when"));
  return { view: { ...days, today, after }, pairs, unknown };
}

async function answerTo(
  c: HttpContext,
  parts: HttpParts,
  { view: { asked }, pairs, unknown }: Question,
): Promise<{ answer: SearchAnswer } | Required<Pick<SearchPageView, "faults">>> {
  try {
    if (unknown !== undefined) throw invalidQuery("when", "expected today, tomorrow, weekend, week, month, upcoming or any.");
    const { startDate: _from, endDate: _until, ...read } = parseQuery(pairs, searchQuery);
    const { startDate, endDate } = asked;
    const query = {
      ...read,
      ...(startDate !== undefined && { startDate }),
      ...(endDate !== undefined && { endDate }),
      facets: [...SHOWN_FACETS],
    };
    return { answer: await searchFor(c, parts).find(searchRequest(query, asked, askingOf(c, parts))) };
  } catch (error) {
    if (error instanceof RegistryError && (error.code === "invalid_query" || error.code === "invalid_cursor"))
      return { faults: error.problem.errors ?? [{ pointer: "/", detail: error.problem.detail }] };
    throw error;
  }
}
