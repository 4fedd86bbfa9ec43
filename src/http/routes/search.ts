/** Finding events: search, completion while typing, and more like one event. */
import { readState } from "../../db/entities.ts";
import { RegistryError } from "../../domain/errors.ts";
import { uuidOf } from "../../domain/iri.ts";
import { EVENT_FEEDS, EVENT_FEED_FORMATS } from "../event-feeds/formats.ts";
import { refuseIdleZone } from "../list-query.ts";
import { databaseFor, rawFilters, searchFor } from "../lists.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { goneResponse, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { jsonContent, tombstoneSchema, ulidParameter } from "../schemas.ts";
import { searchText, similarText, suggestionsText } from "../search-answers.ts";
import { searchFeed, searchFormat } from "../search-feeds.ts";
import { searchQuery, similarQuery, suggestQuery } from "../search-fields.ts";
import { askedByFeed, searchFilters, searchRequest, type Asking } from "../search-query.ts";
import { searchSchema, similarSchema, suggestionsSchema } from "../search-schemas.ts";

export function searchRoutes(app: HttpApp, parts: HttpParts): void {
  addRoute(
    app,
    {
      method: "get",
      path: "/api/v1/events/search",
      tags: ["Events"],
      summary: "Search events by words, place, time and meaning",
      description:
        "Every filter narrows; q ranks. Pages by cursor, as far as there is anything: no unchanged event is skipped or repeated for the writes that happen meanwhile. The answer says what was done, and of each hit why it is there.",
      request: { query: searchQuery },
      responses: {
        200: {
          description: "One page of what was found.",
          content: {
            "application/json": { schema: searchSchema },
            ...Object.fromEntries(EVENT_FEED_FORMATS.map((format) => [EVENT_FEEDS[format].mediaType, {}])),
          },
        },
        304: { description: "The client's copy of the feed is still good." },
      },
      problems: ["invalid_query", "invalid_cursor", "forbidden"],
    },
    async (c) => {
      const query = readQuery(c, searchQuery);
      const format = searchFormat(c, query);
      const asked = format === "json" ? query : askedByFeed(query);
      const raw = rawFilters(c);
      const answer = await searchFor(c, parts).find(searchRequest(asked, raw, askingOf(c, parts)));
      return format === "json" ? c.body(searchText(answer, parts.base), 200, HEADERS) : searchFeed(c, parts, { answer, raw, format });
    },
  );
  addRoute(
    app,
    {
      method: "get",
      path: "/api/v1/events/suggest",
      tags: ["Events"],
      summary: "Complete what is being typed",
      description: "Words, and names of events, places and people, that begin with q.",
      request: { query: suggestQuery },
      responses: { 200: { description: "Suggestions, best first.", ...jsonContent(suggestionsSchema) } },
      problems: ["invalid_query"],
    },
    async (c) => {
      const { q, limit = 10 } = readQuery(c, suggestQuery);
      return c.body(suggestionsText(await searchFor(c, parts).suggest(q, limit), parts.base), 200, HEADERS);
    },
  );
  addRoute(
    app,
    {
      method: "get",
      path: "/api/v1/events/{ulid}/similar",
      tags: ["Events"],
      summary: "More like this event",
      description: "The events nearest in meaning among those that pass the filters, nearest first; one page of them.",
      request: { params: ulidParameter, query: similarQuery },
      responses: {
        200: { description: "What is like it; never the event itself.", ...jsonContent(similarSchema) },
        410: { description: "The event was deleted, or merged into another.", ...jsonContent(tombstoneSchema, "application/ld+json") },
      },
      problems: ["not_found", "invalid_query", "forbidden"],
    },
    (c) => similarTo(c, parts),
  );
}

/** By whom and of which node a search is asked here. */
export function askingOf(c: HttpContext, { base, registry }: HttpParts): Asking {
  return { base, role: c.get("caller").role, timezone: registry.defaultTimezone };
}

async function similarTo(c: HttpContext, parts: HttpParts): Promise<Response> {
  const id = uuidOf(c.req.param("ulid") ?? "");
  if (id === undefined) throw new RegistryError("not_found", { detail: "This is no ULID, 26 letters and digits." });
  const { limit = 10, ...given } = readQuery(c, similarQuery);
  refuseIdleZone(given);
  const filters = searchFilters(given, parts.base, c.get("caller").role);
  const state = await databaseFor(c, parts).read((on) => readState(on, "event", id));
  const gone = await goneResponse(c, parts, state, "jsonld");
  if (gone !== undefined) return gone;
  visible(c, state);
  return c.body(similarText(await searchFor(c, parts).similar(id, { limit, filters }), parts.base), 200, HEADERS);
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-cache", vary: "Accept" };
