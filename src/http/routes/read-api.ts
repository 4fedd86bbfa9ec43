/** Reading through the API: lists with every filter, and one entity with its provenance or as it was. */
import { z } from "@hono/zod-openapi";
import { readState, readStateAsOf } from "../../db/entities.ts";
import { RegistryError } from "../../domain/errors.ts";
import { PATH_OF_KIND, uuidOf } from "../../domain/iri.ts";
import { isPublic } from "../../domain/lifecycle.ts";
import type { AnyState } from "../../domain/state.ts";
import { ENTITY_KINDS, type EntityKind } from "../../domain/vocabulary.ts";
import { encodeEntity } from "../../jsonld/encode.ts";
import { explainEvent } from "../../registry/explain-event.ts";
import { databaseFor, findEvents, findOthers, listText, QUERY_OF_KIND } from "../lists.ts";
import { negotiate } from "../negotiate.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { invalidQuery, readQuery } from "../query.ts";
import { entityResponse, goneResponse, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { windowFrom } from "../series-window.ts";
import { entitySchema, isCalendarDay, jsonContent, listSchema, tombstoneSchema, ulidParameter } from "../schemas.ts";

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const readingQuery = z.object({
  include: z
    .literal("provenance", { error: 'expected "provenance"' })
    .optional()
    .openapi({ description: "`provenance` adds `sel:provenance`: per field the winner, the losers, and the rule that decided." }),
  as_of: z
    .string()
    .regex(INSTANT, "expected a time with its offset, such as 2026-05-08T10:00:00Z, or a date")
    .refine((text) => isCalendarDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)), "there is no such time")
    .optional()
    .openapi({ description: "What this node showed at that time.", example: "2026-05-08T10:00:00Z" }),
});

export function readApiRoutes(app: HttpApp, parts: HttpParts): void {
  for (const kind of ENTITY_KINDS) {
    const path = `/api/v1/${PATH_OF_KIND[kind]}`;
    addRoute(
      app,
      {
        method: "get",
        path,
        tags: [tagOf(kind)],
        summary: `List ${PATH_OF_KIND[kind]}`,
        description: "Pages by cursor: none is skipped or repeated for the writes that happen meanwhile.",
        request: { query: QUERY_OF_KIND[kind] },
        responses: { 200: { description: "One page.", ...jsonContent(listSchema) } },
        problems: ["invalid_query", "invalid_cursor", ...(kind === "event" ? (["forbidden"] as const) : [])],
      },
      async (c) => {
        const found = kind === "event" ? await findEvents(c, parts) : await findOthers(c, parts, kind);
        return c.body(listText(found, parts.base), 200, { "content-type": "application/json", "cache-control": "no-cache" });
      },
    );
    addRoute(
      app,
      {
        method: "get",
        path: `${path}/{ulid}`,
        tags: [tagOf(kind)],
        summary: `Read one ${kind}`,
        request: { params: ulidParameter, query: readingQuery },
        responses: {
          200: { description: `The ${kind} as JSON-LD.`, ...jsonContent(entitySchema, "application/ld+json") },
          304: { description: "The client's copy is still good." },
          410: { description: "It was deleted, or merged into another.", ...jsonContent(tombstoneSchema, "application/ld+json") },
        },
        problems: ["not_found", "invalid_query"],
      },
      (c) => readOne(c, parts, kind),
    );
  }
}

async function readOne(c: HttpContext, parts: HttpParts, kind: EntityKind): Promise<Response> {
  const id = uuidOf(c.req.param("ulid") ?? "");
  if (id === undefined) throw new RegistryError("not_found", { detail: "This is no ULID, 26 letters and digits." });
  const query = c.req.url.includes("?") ? readQuery(c, readingQuery) : {};
  const format = negotiate(c.req.header("accept"), ["jsonld", "json"]);
  const database = databaseFor(c, parts);
  if (query.as_of !== undefined) {
    if (query.include !== undefined) throw invalidQuery("include", "provenance is told as it is now; ask for it without as_of.");
    const at = new Date(query.as_of);
    return entityResponse(c, parts, await database.read((on) => stateThen(on, c, kind, id, at)), format, { from: at });
  }
  const state = await database.read((on) => readState(on, kind, id));
  if (query.include === undefined || state === undefined) return entityResponse(c, parts, state, format);
  const gone = await goneResponse(c, parts, state, format);
  if (gone !== undefined) return gone;
  if (kind !== "event") throw invalidQuery("include", "provenance is kept of events.");
  visible(c, state);
  const provenance = await database.read((on) => explainEvent(on, id));
  return c.body(
    JSON.stringify({ ...encodeEntity(state, { base: parts.base, ...windowFrom(state, parts.clock()) }), "sel:provenance": provenance }),
    200,
    {
      "content-type": format === "json" ? "application/json" : "application/ld+json",
      "cache-control": "no-cache",
      vary: "Accept",
    },
  );
}

/** What was shown then, unless it must not be shown any more: withdrawn since, or its texts taken down. */
async function stateThen(
  on: Parameters<typeof readState>[0],
  c: HttpContext,
  kind: EntityKind,
  id: string,
  at: Date,
): Promise<AnyState | undefined> {
  const now = await readState(on, kind, id);
  if (now === undefined) return undefined;
  if (now.kind === "event" && !isPublic(now.lifecycleState) && now.lifecycleState !== "deleted" && c.get("caller").role !== "admin")
    // What its origin took away is told as gone.
    return now.federationUri === undefined ? undefined : now;
  const then = await readStateAsOf(on, id, at);
  if (then === undefined && now.deletedAt !== undefined && at >= new Date(now.deletedAt)) return now;
  if (then?.kind !== "event" || now.kind !== "event" || now.takedownAt === undefined) return then;
  const { description: _description, image: _image, ...rest } = then;
  return rest;
}

export const tagOf = (kind: EntityKind): string =>
  ({ event: "Events", place: "Places", organization: "Organizations", person: "Persons" })[kind];
