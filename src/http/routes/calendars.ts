/** Calendars to subscribe to: all events of a list, a place, an organization or a person, streamed as iCalendar. */
import { createHash } from "node:crypto";
import { readCalendarMark } from "../../db/calendars.ts";
import { readState } from "../../db/entities.ts";
import type { EventFilters } from "../../db/lists.ts";
import { RegistryError } from "../../domain/errors.ts";
import { PATH_OF_KIND, ulidOf, uuidOf } from "../../domain/iri.ts";
import type { EventState } from "../../domain/state.ts";
import type { EntityKind } from "../../domain/vocabulary.ts";
import { calendarStream, eventPages, foundPages } from "../calendar-stream.ts";
import { ENCODER_VERSION } from "../conditional.ts";
import { EVENT_FEEDS } from "../event-feeds/formats.ts";
import { REFRESH_MINUTES } from "../event-feeds/feed.ts";
import { at } from "../../search/moments.ts";
import { databaseFor, searchFor } from "../lists.ts";
import { eventFilters, eventQuery, refuseIdleZone } from "../list-query.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { goneResponse, notModified, unchanged, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { ulidParameter } from "../schemas.ts";

/** A calendar has all of what matches, in no order; and one row an event. */
const calendarQuery = eventQuery.omit({ per: true, sort: true, limit: true, after: true });
const ofEntityQuery = calendarQuery.omit({ q: true });

const DAY_MS = 86_400_000;
/** What is just over stays in a place's calendar for a while. */
const DAYS_BACK = 31;
const CALENDARS = ["place", "organization", "person"] as const satisfies EntityKind[];

const BEYOND_HORIZON = '299 - "Some recurring events that reach beyond the horizon are left out: ask for a shorter time"';

const RESPONSES = {
  200: { description: "The calendar, streamed.", content: { [EVENT_FEEDS.ics.mediaType]: {} } },
  304: { description: "The client's copy is still good." },
};
const MANNER =
  "A series is one entry with its rule, with its zone's VTIMEZONE, and one more for each occurrence that differs; UIDs are the events' addresses, the same in every calendar. Conditional by If-None-Match.";

export function calendarRoutes(app: HttpApp, parts: HttpParts): void {
  addRoute(
    app,
    {
      method: "get",
      path: "/api/v1/events.ics",
      tags: ["Events"],
      summary: "All events of a list as a calendar",
      description: `The events that GET /api/v1/events finds by the same filters, all of them at once. ${MANNER}`,
      request: { query: calendarQuery },
      responses: RESPONSES,
      problems: ["invalid_query", "forbidden"],
    },
    (c) => listCalendar(c, parts),
  );
  for (const kind of CALENDARS) {
    const path = PATH_OF_KIND[kind];
    addRoute(
      app,
      {
        method: "get",
        path: `/${path}/{ulid}/calendar.ics`,
        tags: ["Linked data"],
        summary: kind === "place" ? "The calendar of a place" : `The calendar of ${kind === "person" ? "a person" : "an organization"}`,
        description: `Events ${kind === "place" ? "at this place (of a series that is at home elsewhere, only its occurrences here)" : "that they organize or perform at"}, from ${DAYS_BACK} days back on unless the query says otherwise. ${MANNER}`,
        request: { params: ulidParameter, query: ofEntityQuery },
        responses: { ...RESPONSES, 410: { description: "It was deleted, or merged into another." } },
        problems: ["not_found", "invalid_query", "forbidden"],
      },
      (c) => entityCalendar(c, parts, kind),
    );
  }
}

async function listCalendar(c: HttpContext, parts: HttpParts): Promise<Response> {
  const query = readQuery(c, calendarQuery);
  const filters = at(eventFilters(query, parts.base, c.get("caller").role), parts.clock().getTime());
  refuseIdleZone(query);
  const { q, tz } = query;
  const isByWords = q !== undefined && q !== "";
  return calendarResponse(c, parts, {
    filters,
    title: `${isByWords ? q : "Events"} · ${parts.nodeName}`,
    homeUrl: `${parts.base}/events${searchOf(c)}`,
    file: "events",
    ...(isByWords && { words: { q, timezone: tz ?? "UTC" } }),
  });
}

async function entityCalendar(c: HttpContext, parts: HttpParts, kind: (typeof CALENDARS)[number]): Promise<Response> {
  const id = uuidOf(c.req.param("ulid") ?? "");
  if (id === undefined) throw new RegistryError("not_found", { detail: "This is no ULID, 26 letters and digits." });
  const query = readQuery(c, ofEntityQuery);
  refuseIdleZone(query);
  const found = await databaseFor(c, parts).read((on) => readState(on, kind, id));
  const gone = await goneResponse(c, parts, found, "jsonld");
  if (gone !== undefined) return gone;
  const state = visible(c, found);
  const now = parts.clock().getTime();
  const given = at(eventFilters(query, parts.base, c.get("caller").role), now);
  const filters: EventFilters = { ...given, ...(kind === "place" ? { venue: { id } } : { involves: id }) };
  const startDate = new Date(now - DAYS_BACK * DAY_MS).toISOString().slice(0, 10);
  return calendarResponse(c, parts, {
    filters: hasBeginning(filters) ? filters : { ...filters, startDate },
    title: `${state.name} · ${parts.nodeName}`,
    homeUrl: `${parts.base}/${PATH_OF_KIND[kind]}/${ulidOf(id)}`,
    file: state.name,
    ...(kind === "place" && { venue: id }),
  });
}

/** Whether the query itself says from when on, or until when. */
const hasBeginning = ({ startDate, endDate, starts, on }: EventFilters): boolean =>
  [startDate, endDate, starts?.from, starts?.until, on].some((bound) => bound !== undefined);

interface Calendar {
  filters: EventFilters;
  title: string;
  homeUrl: string;
  /** What a client calls the file that it makes of it, without an extension. */
  file: string;
  /** The place whose calendar it is. */
  venue?: string;
  /** Where it is found by words, there is no mark of it. */
  words?: { q: string; timezone: string };
}

async function calendarResponse(c: HttpContext, parts: HttpParts, calendar: Calendar): Promise<Response> {
  const { filters, title, homeUrl, file, venue, words } = calendar;
  const database = databaseFor(c, parts);
  const selfUrl = `${parts.base}${c.req.path}${searchOf(c)}`;
  const { mark, updatedAt, isWhole } = await database.read((on) => readCalendarMark(on, filters));
  const headers: Record<string, string> = {
    "content-type": EVENT_FEEDS.ics.contentType,
    "cache-control": `${c.get("caller").role === "public" ? "public" : "private"}, max-age=${REFRESH_MINUTES * 60}`,
    "content-disposition": `inline; filename="${fileName(file)}.ics"`,
    ...(words === undefined && mark !== undefined && { etag: tagOf(selfUrl, title, mark) }),
    ...(!isWhole && { warning: BEYOND_HORIZON }),
  };
  if (headers["etag"] !== undefined && notModified(c, { etag: headers["etag"] })) return unchanged(headers);
  const pages = words === undefined ? eventPages(database, filters) : foundPages(searchFor(c, parts), filters, words);
  const head = { title, homeUrl, selfUrl, updatedAt: updatedAt ?? new Date(0), refreshMinutes: REFRESH_MINUTES };
  const leftOut = ({ id }: EventState, error: unknown) => parts.log.error({ event: id, err: error }, "an event was left out of a calendar");
  return new Response(calendarStream(pages, head, { base: parts.base, venue, leftOut }), { headers });
}

/** Weak: events that differ come in pages of their own time, so that two readings may differ though neither is wrong. */
function tagOf(...parts: readonly string[]): string {
  return `W/"${createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22)}-ics.${ENCODER_VERSION}"`;
}

function searchOf(c: HttpContext): string {
  const at = c.req.url.indexOf("?");
  return at === -1 ? "" : c.req.url.slice(at);
}

/** "Théâtre d'Aujourd'hui" -> "theatre-d-aujourd-hui" */
function fileName(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-zA-Z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .toLowerCase();
  return plain.slice(0, 60) || "calendar";
}
