/** Reading the occurrences of an event through the API. */
import { readState } from "../../db/entities.ts";
import type { ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import type { EventState } from "../../domain/state.ts";
import { instantOf } from "../../domain/when.ts";
import { encodeEntity } from "../../jsonld/encode.ts";
import { encodeOccurrence } from "../../jsonld/encode-series.ts";
import { datesOf, LAST, type Dates } from "../../registry/occurrences.ts";
import { databaseFor } from "../lists.ts";
import { negotiate } from "../negotiate.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { goneResponse, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent, tombstoneSchema, ulidParameter } from "../schemas.ts";
import { changeOccurrenceRoutes } from "./change-occurrences.ts";
import { occurrenceAddressRoutes, readOccurrence } from "./dereference-occurrence.ts";
import {
  OCCURRENCE,
  OCCURRENCES,
  occurrenceCursor,
  occurrenceListSchema,
  occurrenceParameters,
  readOccurrenceCursor,
  USUAL,
  windowQuery,
} from "./occurrence-shapes.ts";
import { idOf } from "./write-events.ts";

export function occurrenceRoutes(app: HttpApp, parts: HttpParts): void {
  const gone = { description: "The event was deleted, or merged into another.", ...jsonContent(tombstoneSchema, "application/ld+json") };
  addRoute(
    app,
    {
      method: "get",
      path: OCCURRENCES,
      tags: ["Events"],
      summary: "List the occurrences of an event",
      description:
        "In order of start, each as it is shown: moved, cancelled or renamed where that was said of it alone. What has begun is listed as it was, whatever the rule says today; what is to come is expanded as far as the window reaches, also beyond the horizon to which the node keeps occurrences. An event that does not recur has its dates.",
      request: { params: ulidParameter, query: windowQuery },
      responses: { 200: { description: "One page.", ...jsonContent(occurrenceListSchema) }, 410: gone },
      problems: ["not_found", "invalid_query", "invalid_cursor"],
    },
    (c) => listOccurrences(c, parts),
  );
  addRoute(
    app,
    {
      method: "get",
      path: OCCURRENCE,
      tags: ["Events"],
      summary: "Read one occurrence",
      description: "A name that the occurrence had by an earlier rule leads on to its present one.",
      request: { params: occurrenceParameters },
      responses: {
        200: { description: "The occurrence as JSON-LD, with its `superEvent`.", ...jsonContent(entitySchema, "application/ld+json") },
        304: { description: "The client's copy is still good." },
        308: { description: "The rule has changed since; `Location` is the occurrence of that day." },
        410: gone,
      },
      problems: ["not_found"],
    },
    (c) =>
      readOccurrence(c, parts, {
        name: c.req.param("recurrenceId") ?? "",
        format: negotiate(c.req.header("accept"), ["jsonld", "json"]),
      }),
  );
  occurrenceAddressRoutes(app, parts);
  changeOccurrenceRoutes(app, parts);
}

async function listOccurrences(c: HttpContext, parts: HttpParts): Promise<Response> {
  const id = idOf(c);
  const query = c.req.url.includes("?") ? readQuery(c, windowQuery) : {};
  const database = databaseFor(c, parts);
  const state = await database.read((on) => readState(on, "event", id));
  const gone = await goneResponse(c, parts, state, "jsonld");
  if (gone !== undefined) return gone;
  const shown = visible(c, state) as EventState;
  const bound = { id, from: query.from ?? "", until: query.until ?? "" };
  const after = query.after === undefined ? undefined : readOccurrenceCursor(query.after, bound);
  const now = parts.clock();
  const usual = shown.series === undefined ? -LAST : now.getTime();
  const request = {
    from: query.from === undefined ? usual : instantOf(query.from, shown.timezone),
    until: query.until === undefined ? LAST : instantOf(query.until, shown.timezone),
    limit: query.limit ?? USUAL,
    after,
  };
  const { dates, more } = await database.read((on) => datesOf(on, shown, request, now));
  const items = encodeDates(shown, dates, parts.base);
  const next = more ? occurrenceCursor(dates.at(-1)!.position, bound) : null;
  return c.body(JSON.stringify({ items, next_cursor: next }), 200, { "content-type": "application/json", "cache-control": "no-cache" });
}

/** Of an event that does not recur, the dates that its source has listed are sub-events without an address; one that has a single date is that date. */
function encodeDates(state: EventState, dates: Dates["dates"], base: string): object[] {
  if (state.series !== undefined) return dates.map((date) => encodeOccurrence(state, date as ShownOccurrence, { base }));
  const whole = encodeEntity(state, { base });
  const { "@context": context, "@id": id, "@type": type, name, subEvent } = whole;
  if (!Array.isArray(subEvent)) return dates.map(() => whole);
  const superEvent = { "@id": id, "@type": type, name };
  return dates.map(({ position }) => ({ "@context": context, ...(subEvent[Number(position.name)] as object), superEvent }));
}
