/** What the @id of an occurrence leads to: /events/{ulid}/occurrences/{recurrenceId}, in the format that the client prefers or the suffix names. */
import { readState } from "../../db/entities.ts";
import { RegistryError } from "../../domain/errors.ts";
import { occurrenceUri, ulidOf } from "../../domain/iri.ts";
import type { ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import type { EventState } from "../../domain/state.ts";
import { encodeOccurrence } from "../../jsonld/encode-series.ts";
import { continuedName, lookUp, neighboursOf, notFound } from "../../registry/occurrences.ts";
import { entityTag } from "../conditional.ts";
import { databaseFor } from "../lists.ts";
import { ENTITY_FORMATS, FORMATS, formatOfExtension, negotiate } from "../negotiate.ts";
import { occurrencePage } from "../pages/occurrence-page.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { common, dataText, goneResponse, notModified, pageResponse, typeOf, unchanged, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, tombstoneSchema } from "../schemas.ts";
import { occurrenceParameters } from "./occurrence-shapes.ts";
import { idOf } from "./write-events.ts";

export function occurrenceAddressRoutes(app: HttpApp, parts: HttpParts): void {
  addRoute(
    app,
    {
      method: "get",
      path: "/events/{ulid}/occurrences/{recurrenceId}",
      tags: ["Linked data"],
      summary: "Read one occurrence of a series by its address",
      description: `Negotiated by Accept among ${ENTITY_FORMATS.map((format) => FORMATS[format].type).join(", ")}; a suffix chooses too. The address stays when the occurrence is moved.`,
      request: { params: occurrenceParameters },
      responses: {
        200: {
          description: "The occurrence, with its `superEvent`.",
          content: {
            ...Object.fromEntries([FORMATS.json, FORMATS.jsonld].map(({ type }) => [type, { schema: entitySchema }])),
            "text/html": {},
            "text/turtle": {},
            "application/n-triples": {},
          },
        },
        304: { description: "The client's copy is still good." },
        308: { description: "The rule has changed or the series was split since; `Location` is the occurrence of that day." },
        410: {
          description: "The event was deleted, or merged into another.",
          content: { "application/ld+json": { schema: tombstoneSchema } },
        },
      },
      problems: ["not_found"],
    },
    (c) => {
      const [name = "", extension, ...more] = (c.req.param("recurrenceId") ?? "").split(".");
      const format =
        extension === undefined ? negotiate(c.req.header("accept"), ENTITY_FORMATS) : formatOfExtension(extension, ENTITY_FORMATS);
      if (format === undefined || more.length > 0)
        throw new RegistryError("not_found", { detail: `There is nothing at ${c.req.path.slice(0, 200)}.` });
      return readOccurrence(c, parts, { name, format, suffix: extension === undefined ? "" : `.${extension}` });
    },
  );
}

/**
 * The occurrence of that name: 200, 304, 308 where it goes by another name now or is of the series that goes on, 404, and 410 with the tombstone of an event that is
 * gone. `suffix` is what the address asked for ends with.
 */
export async function readOccurrence(
  c: HttpContext,
  parts: HttpParts,
  { name, format, suffix = "" }: { name: string; format: (typeof ENTITY_FORMATS)[number]; suffix?: string },
): Promise<Response> {
  const id = idOf(c);
  const state = await databaseFor(c, parts).read((on) => readState(on, "event", id));
  const gone = await goneResponse(c, parts, state, format);
  if (gone !== undefined) return gone;
  const event = visible(c, state) as EventState;
  const shown = await databaseFor(c, parts).read((on) => lookUp(on, event, name, parts.clock()));
  if (shown === undefined) {
    const elsewhere = await continuedAt(c, parts, event, name);
    if (elsewhere === undefined) throw notFound(name);
    return ledOn(c, parts, elsewhere, suffix);
  }
  if (shown.recurrenceId !== name) return ledOn(c, parts, { eventId: event.id, name: shown.recurrenceId }, suffix);
  if (format === "html") return pageResponse(c, await pageOf(c, parts, event, shown), { version: event.version });
  const { base } = parts;
  const etag = entityTag(event.version, format);
  const lastModified = new Date(event.updatedAt);
  const headers = {
    ...common(c),
    etag,
    "last-modified": lastModified.toUTCString(),
    "content-type": typeOf(format),
    ...(event.federationUri !== undefined && { link: `<${encodeURI(occurrenceUri(base, event, name))}>; rel="canonical"` }),
  };
  if (notModified(c, { etag, lastModified })) return unchanged(headers);
  return new Response(await dataText(encodeOccurrence(event, shown, { base }), format, base), { headers });
}

/** Of one that this series has not: where it is now, if it went to a series that goes on after a split. */
async function continuedAt(c: HttpContext, parts: HttpParts, event: EventState, name: string): Promise<Named | undefined> {
  let next = event.series?.continuedBy;
  for (let hops = 0; next !== undefined && hops < MOST_SPLITS; hops++) {
    const { id }: { id: string } = next;
    const following = await databaseFor(c, parts).read((on) => readState(on, "event", id));
    if (following?.kind !== "event" || !following.public) return undefined;
    const there = continuedName(following, name);
    if (there !== undefined) return { eventId: id, name: there };
    next = following.series?.continuedBy;
  }
  return undefined;
}
const MOST_SPLITS = 20;

interface Named {
  eventId: string;
  name: string;
}

/** 308 to the same kind of address of another occurrence. */
function ledOn(c: HttpContext, { base }: HttpParts, { eventId, name }: Named, suffix: string): Response {
  const [events] = c.req.path.split(/[^/]+\/occurrences\//);
  return new Response(null, {
    status: 308,
    headers: { ...common(c), location: `${base}${events}${ulidOf(eventId)}/occurrences/${name}${suffix}` },
  });
}

async function pageOf(c: HttpContext, parts: HttpParts, state: EventState, shown: ShownOccurrence): Promise<string> {
  const { base, nodeName } = parts;
  const now = parts.clock();
  const uri = occurrenceUri(base, state, shown.recurrenceId);
  const jsonld = JSON.stringify(encodeOccurrence(state, shown, { base }));
  const neighbours = await databaseFor(c, parts).read((on) => neighboursOf(on, state, shown, now));
  return occurrencePage({ base, nodeName, now, uri, jsonld, event: state, occurrence: shown, ...neighbours });
}
