/** One entity in one format: validators first, so that an unchanged copy costs no rendering; then the bytes. */
import { createHash } from "node:crypto";
import { readOriginTombstone } from "../db/origin-words.ts";
import { RegistryError } from "../domain/errors.ts";
import { PATH_OF_KIND, ulidOf } from "../domain/iri.ts";
import type { AnyState } from "../domain/state.ts";
import { encodeCalendar } from "../icalendar/encode.ts";
import { encodeEntity, encodeText, tombstone, type JsonLdObject } from "../jsonld/encode.ts";
import { toNTriples, toTurtle } from "../jsonld/rdf.ts";
import { entityTag, isNotModified } from "./conditional.ts";
import { REFRESH_MINUTES } from "./event-feeds/feed.ts";
import { databaseFor } from "./lists.ts";
import { FORMATS, type Format } from "./negotiate.ts";
import type { HttpContext, HttpParts } from "./parts.ts";
import { windowFrom } from "./series-window.ts";
import { problemOf, problemResponse } from "./problems.ts";

export type DataFormat = Exclude<Format, "html">;

/** The answer to a read of an entity as data: 200, 304, 404 for what is hidden, 410 with the tombstone for what is gone. `rendered` is its JSON-LD, where that is at hand; of a series the occurrences from `from` on are shown. */
export async function entityResponse(
  c: HttpContext,
  parts: HttpParts,
  state: AnyState | undefined,
  format: DataFormat,
  { rendered, from = parts.clock() }: { rendered?: string | undefined; from?: Date } = {},
): Promise<Response> {
  const gone = await goneResponse(c, parts, state, format);
  if (gone !== undefined) return gone;
  const shown = visible(c, state);
  const { base } = parts;
  const window = format === "ics" ? undefined : windowFrom(shown, from);
  const etag = entityTag(shown.version, format, window?.tag);
  const lastModified = new Date(shown.updatedAt);
  const headers: Record<string, string> = {
    ...common(c),
    etag,
    // What a series shows changes without anybody's doing as its occurrences go by; the tag tells.
    ...(window === undefined && { "last-modified": lastModified.toUTCString() }),
    "content-type": typeOf(format),
    ...(shown.federationUri !== undefined && { link: `<${encodeURI(shown.federationUri)}>; rel="canonical"` }),
  };
  if (notModified(c, window === undefined ? { etag, lastModified } : { etag })) return unchanged(headers);
  if (format === "ics") return new Response(calendarOf(shown, parts), { headers: { ...headers, ...CALENDAR_HEADERS } });
  const body =
    format === "json" || format === "jsonld"
      ? window === undefined && rendered !== undefined
        ? rendered
        : encodeText(shown, { base, ...window })
      : await dataText(encodeEntity(shown, { base, ...window }), format, base);
  return new Response(body, { headers });
}

const CALENDAR_HEADERS = { "content-disposition": 'inline; filename="event.ics"' };

/** Only events are offered as calendars (EVENT_FORMATS). */
function calendarOf(state: AnyState, { base }: HttpParts): string {
  if (state.kind !== "event") throw new Error(`a ${state.kind} is no calendar`);
  const homeUrl = `${base}/${PATH_OF_KIND.event}/${ulidOf(state.id)}`;
  const updatedAt = new Date(state.updatedAt);
  return encodeCalendar([state], {
    base,
    title: state.name,
    homeUrl,
    selfUrl: `${homeUrl}.ics`,
    updatedAt,
    refreshMinutes: REFRESH_MINUTES,
  });
}

/** A page: what it shows may depend on more than the entity's version, so its tag is made from its bytes. */
export function pageResponse(
  c: HttpContext,
  page: string,
  { version, vary = "Accept" }: { version?: number; vary?: string } = {},
): Response {
  const hash = createHash("sha256").update(page).digest("base64url").slice(0, 16);
  const etag = version === undefined ? `"${hash}-html"` : `"v${version}-html.${hash}"`;
  const headers = { ...common(c), vary, etag, "content-type": "text/html; charset=utf-8" };
  return notModified(c, { etag }) ? unchanged(headers) : new Response(page, { headers });
}

/** Throws `not_found` for what this caller may not see. */
export function visible(c: HttpContext, state: AnyState | undefined): AnyState {
  if (state === undefined || (!state.public && c.get("caller").role !== "admin")) {
    throw new RegistryError("not_found", { detail: "There is no such entity here." });
  }
  return state;
}

/**
 * 410 with the tombstone for what was deleted or merged, and for what its origin took away, with the origin's own; undefined for all else.
 * A page does not say what it was called, since that may be why it went.
 */
export async function goneResponse(
  c: HttpContext,
  parts: HttpParts,
  state: AnyState | undefined,
  format: Format,
): Promise<Response | undefined> {
  const stone = state && (await tombstoneFor(c, parts, state));
  if (stone === undefined) return undefined;
  if (format === "html") return gonePage(c, parts, stone);
  // No calendar can say that an event is gone for good; its status says it to those who read no further.
  const told = format === "ics" ? "jsonld" : format;
  const document = told === "jsonld" || told === "json" ? stone : inOurTerms(stone, state!, parts);
  return new Response(await dataText(document, told, parts.base), {
    status: 410,
    headers: { ...common(c), "content-type": typeOf(told) },
  });
}

/** A merge of ours says where it leads on to; else the origin's word stands before one of our making. */
async function tombstoneFor(c: HttpContext, parts: HttpParts, state: AnyState): Promise<JsonLdObject | undefined> {
  if (state.public) return undefined;
  const isGone = state.deletedAt !== undefined || state.supersededBy !== undefined;
  const own = isGone ? tombstone(state, { base: parts.base }) : undefined;
  if (state.federationUri === undefined || state.supersededBy !== undefined) return own;
  const said = await databaseFor(c, parts).read((on) => readOriginTombstone(on, state.id));
  return said === undefined ? own : (JSON.parse(said) as JsonLdObject);
}

/** An origin's tombstone as RDF: it may hold anything, and the terms of a context that is not at hand; what a tombstone has of ours is told. */
function inOurTerms(stone: JsonLdObject, state: AnyState, { base }: HttpParts): JsonLdObject {
  const { "sel:deletedAt": at, "sel:supersededBy": uri } = stone;
  return {
    ...tombstone(state, { base }),
    ...(isInstant(at) && { "sel:deletedAt": new Date(at).toISOString() }),
    ...(isWebUri(uri) && { "sel:supersededBy": uri }),
  };
}

const isInstant = (value: unknown): value is string => typeof value === "string" && !Number.isNaN(Date.parse(value));
/** As Turtle can write it between < and >. */
const isWebUri = (value: unknown): value is string =>
  typeof value === "string" && /^https?:\/\/[^\s<>"{}|\\^`\p{Cc}]+$/u.test(value) && URL.canParse(value);

function gonePage(c: HttpContext, parts: HttpParts, stone: JsonLdObject): Response {
  const { "sel:deletedAt": at, "sel:supersededBy": uri } = stone;
  const problem = problemOf(
    new RegistryError("gone", { detail: uri === undefined ? "This was deleted." : "This was merged into another entry." }),
  );
  return problemResponse(c, parts, problem, {
    ...(isInstant(at) && { tombstone: { deletedAt: at } }),
    ...(typeof uri === "string" && { supersededBy: { uri } }),
  });
}

export function notModified(c: HttpContext, validators: { etag: string; lastModified?: Date }): boolean {
  return isNotModified({ ifNoneMatch: c.req.header("if-none-match"), ifModifiedSince: c.req.header("if-modified-since") }, validators);
}

export function unchanged({ "content-type": _, ...headers }: Record<string, string>): Response {
  return new Response(null, { status: 304, headers });
}

/** What a key opens is not for shared caches. */
export function common(c: HttpContext): Record<string, string> {
  return { vary: "Accept", "cache-control": c.get("caller").role === "public" ? "public, no-cache" : "private, no-cache" };
}

export const typeOf = (format: DataFormat): string =>
  `${FORMATS[format].type}${format === "turtle" || format === "ics" ? "; charset=utf-8" : ""}`;

export async function dataText(
  document: ReturnType<typeof encodeEntity>,
  format: Exclude<DataFormat, "ics">,
  base: string,
): Promise<string> {
  switch (format) {
    case "turtle":
      return toTurtle(document, { base });
    case "ntriples":
      return toNTriples(document, { base });
    case "json":
    case "jsonld":
      return JSON.stringify(document);
  }
}
