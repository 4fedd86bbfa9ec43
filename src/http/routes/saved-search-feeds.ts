/** What the address of a saved search leads to, for everybody who knows it: its page, or a feed by the suffix. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../../domain/errors.ts";
import { uuidOf } from "../../domain/iri.ts";
import { readSavedSearch } from "../../registry/saved-searches.ts";
import { EVENT_FEEDS, EVENT_FEED_FORMATS } from "../event-feeds/formats.ts";
import { afterField } from "../filter-fields.ts";
import { databaseFor, searchFor } from "../lists.ts";
import { SEARCH_PATH } from "../pages/search-box.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { parseQuery, queryPairs } from "../query.ts";
import { addRoute } from "../routing.ts";
import { findSaved, savedAt } from "../saved-queries.ts";
import { ulidParameter } from "../schemas.ts";
import { feedResponse } from "../search-feeds.ts";
import { addressOf } from "./saved-search-shapes.ts";

const feedQuery = z.object({ after: afterField(12_000) });

export function savedSearchFeedRoutes(app: HttpApp, parts: HttpParts): void {
  addRoute(
    app,
    {
      method: "get",
      path: "/searches/{ulid}",
      tags: ["Searches"],
      summary: "Read a saved search as a feed",
      description: `A suffix chooses the format: ${EVENT_FEED_FORMATS.map((format) => `.${format}`).join(", ")}; without one it leads to the page of the search. What a public reader finds, whoever asks: by words, unless the query names another mode; events that have only some of the words, or corrected ones, are left out. Conditional by If-None-Match.`,
      request: { params: ulidParameter, query: feedQuery },
      responses: {
        200: {
          description: "Up to a hundred events, with a link to the next page where there is one.",
          content: Object.fromEntries(EVENT_FEED_FORMATS.map((format) => [EVENT_FEEDS[format].mediaType, {}])),
        },
        302: { description: "The page of the search, where no format is named.", headers: z.object({ Location: z.string() }) },
        304: { description: "The client's copy is still good." },
      },
      problems: ["not_found", "invalid_query", "invalid_cursor"],
    },
    (c) => readFeed(c, parts),
  );
}

async function readFeed(c: HttpContext, parts: HttpParts): Promise<Response> {
  const { base, nodeName } = parts;
  const [ulid = "", suffix, ...rest] = (c.req.param("ulid") ?? "").split(".");
  const id = uuidOf(ulid);
  const format = EVENT_FEED_FORMATS.find((each) => each === suffix);
  if (id === undefined || rest.length > 0 || (suffix !== undefined && format === undefined))
    throw new RegistryError("not_found", { detail: `There is nothing at ${c.req.path.slice(0, 200)}.` });
  const { name, query } = await databaseFor(c, parts).read((on) => readSavedSearch(on, c.get("caller"), id));
  const homeUrl = `${base}${SEARCH_PATH}${query === "" ? "" : `?${query}`}`;
  if (format === undefined) return new Response(null, { status: 302, headers: { location: homeUrl, "cache-control": "no-cache" } });
  // Other parameters are passed over: readers of feeds and links in newsletters add their own.
  const { after } = parseQuery({ after: queryPairs(c.req.url)["after"] ?? [] }, feedQuery);
  const answer = await findSaved(searchFor(c, parts), savedAt(parts.registry), query, after);
  const selfUrl = (from: string | undefined) =>
    `${addressOf(base, id, format)}${from === undefined ? "" : `?${new URLSearchParams({ after: from }).toString()}`}`;
  return feedResponse(c, parts, {
    answer,
    format,
    title: `${name} · ${nodeName}`,
    homeUrl,
    selfUrl: selfUrl(after),
    nextUrl: answer.next === undefined ? undefined : selfUrl(answer.next),
    shared: true,
  });
}
