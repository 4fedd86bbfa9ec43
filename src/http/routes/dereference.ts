/** What an @id leads to: /events/{ulid} and its siblings, in the format that the client prefers or the suffix names. */
import { listEvents } from "../../db/lists.ts";
import { RegistryError } from "../../domain/errors.ts";
import { PATH_OF_KIND, uriOf, uuidOf } from "../../domain/iri.ts";
import { isPublic, LIFECYCLE_STATES } from "../../domain/lifecycle.ts";
import type { AnyState } from "../../domain/state.ts";
import { ENTITY_KINDS, type EntityKind } from "../../domain/vocabulary.ts";
import { encodeText } from "../../jsonld/encode.ts";
import { databaseFor, findEvents, findOthers, listItem, listText, QUERY_OF_KIND } from "../lists.ts";
import { ENTITY_FORMATS, EVENT_FORMATS, FORMATS, formatOfExtension, negotiate, type Format } from "../negotiate.ts";
import { agentPage, placePage } from "../pages/entity-pages.ts";
import { eventListPage } from "../pages/event-list-page.ts";
import { eventPage } from "../pages/event-page.ts";
import type { EventListItem } from "../pages/view.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { createRendered, type ReadRendered } from "../rendered.ts";
import { entityResponse, goneResponse, pageResponse, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { windowFrom } from "../series-window.ts";
import { entitySchema, listSchema, tombstoneSchema, ulidParameter } from "../schemas.ts";

const UPCOMING = 20;

export function dereferenceRoutes(app: HttpApp, parts: HttpParts): void {
  const rendered = createRendered(parts.base);
  for (const kind of ENTITY_KINDS) {
    const path = PATH_OF_KIND[kind];
    const formats = formatsOf(kind);
    addRoute(
      app,
      {
        method: "get",
        path: `/${path}/{ulid}`,
        tags: ["Linked data"],
        summary: `Read one ${kind} by its address`,
        description: `Negotiated by Accept among ${formats.map((format) => FORMATS[format].type).join(", ")}; a suffix chooses too: ${formats.map((format) => `.${FORMATS[format].extension}`).join(", ")}. Conditional by If-None-Match and If-Modified-Since.`,
        request: { params: ulidParameter },
        responses: {
          200: {
            description: `The ${kind}.`,
            content: {
              ...Object.fromEntries([FORMATS.json, FORMATS.jsonld].map(({ type }) => [type, { schema: entitySchema }])),
              "text/html": {},
              "text/turtle": {},
              "application/n-triples": {},
              ...(kind === "event" && { [FORMATS.ics.type]: {} }),
            },
          },
          304: { description: "The client's copy is still good." },
          410: { description: "It was deleted, or merged into another.", content: { "application/ld+json": { schema: tombstoneSchema } } },
        },
        problems: ["not_found"],
      },
      (c) => readOne(c, parts, rendered, kind),
    );
    addRoute(
      app,
      {
        method: "get",
        path: `/${path}`,
        tags: ["Linked data"],
        summary: `List ${path}`,
        description: kind === "event" ? `As /api/v1/${path}, or a page for people by Accept: text/html.` : `As /api/v1/${path}.`,
        request: { query: QUERY_OF_KIND[kind] },
        responses: {
          200: {
            description: "One page of them.",
            content: { "application/json": { schema: listSchema }, ...(kind === "event" && { "text/html": {} }) },
          },
        },
        problems: ["invalid_query", "invalid_cursor"],
      },
      (c) => (kind === "event" ? listOfEvents(c, parts) : listOfOthers(c, parts, kind)),
    );
  }
}

const formatsOf = (kind: EntityKind): readonly [Format, ...Format[]] => (kind === "event" ? EVENT_FORMATS : ENTITY_FORMATS);

async function readOne(c: HttpContext, parts: HttpParts, rendered: ReadRendered, kind: EntityKind): Promise<Response> {
  const name = c.req.param("ulid") ?? "";
  const dot = name.indexOf(".");
  const id = uuidOf(dot === -1 ? name : name.slice(0, dot));
  const formats = formatsOf(kind);
  const format = dot === -1 ? negotiate(c.req.header("accept"), formats) : formatOfExtension(name.slice(dot + 1), formats);
  if (id === undefined || format === undefined)
    throw new RegistryError("not_found", { detail: `There is nothing at ${c.req.path.slice(0, 200)}.` });
  const found = await rendered(databaseFor(c, parts), kind, id);
  if (format !== "html") return entityResponse(c, parts, found?.state, format, { rendered: found?.text });
  const gone = await goneResponse(c, parts, found?.state, format);
  if (gone !== undefined) return gone;
  const shown = visible(c, found?.state);
  return pageResponse(c, await pageOf(c, parts, shown), { version: shown.version });
}

async function pageOf(c: HttpContext, parts: HttpParts, state: AnyState): Promise<string> {
  const { base, nodeName } = parts;
  const view = {
    base,
    nodeName,
    now: parts.clock(),
    uri: uriOf(base, state.kind, state),
    jsonld: encodeText(state, { base, ...windowFrom(state, parts.clock()) }),
  };
  switch (state.kind) {
    case "event":
      return eventPage({ ...view, event: state });
    case "place":
      return placePage({ ...view, place: state, events: await upcoming(c, parts, state) });
    case "organization":
    case "person":
      return agentPage({ ...view, agent: state, events: await upcoming(c, parts, state) });
  }
}

/** Events at a place or with somebody, from today on. */
async function upcoming(c: HttpContext, parts: HttpParts, { kind, id }: AnyState): Promise<EventListItem[]> {
  const filters = {
    startDate: parts.clock().toISOString().slice(0, 10),
    states: LIFECYCLE_STATES.filter(isPublic),
    ...(kind === "place" ? { venue: { id } } : { involves: id }),
  };
  const { rows } = await databaseFor(c, parts).read((on) => listEvents(on, filters, { sort: "start", descending: false, limit: UPCOMING }));
  return rows.map(listItem);
}

async function listOfEvents(c: HttpContext, parts: HttpParts): Promise<Response> {
  const html = negotiate(c.req.header("accept"), ["json", "jsonld", "html"]) === "html";
  // People who open the list want what is to come; programs get what they ask for.
  const found = await findEvents(c, parts, html ? { startDate: parts.clock().toISOString().slice(0, 10) } : {});
  if (!html) return c.body(listText(found, parts.base), 200, LIST_HEADERS);
  const { base, nodeName } = parts;
  const { filters, after, nextCursor } = found;
  const shape = c.req.query("limit");
  return pageResponse(
    c,
    eventListPage({
      base,
      nodeName,
      now: parts.clock(),
      items: found.page.rows.map(listItem),
      filters: { ...filters, ...(shape !== undefined && shape !== "" && { limit: shape }) },
      ...(after !== undefined && { after }),
      ...(nextCursor !== undefined && { nextCursor }),
    }),
  );
}

async function listOfOthers(c: HttpContext, parts: HttpParts, kind: Exclude<EntityKind, "event">): Promise<Response> {
  return c.body(listText(await findOthers(c, parts, kind), parts.base), 200, LIST_HEADERS);
}

const LIST_HEADERS = { "content-type": "application/json", vary: "Accept", "cache-control": "no-cache" };
