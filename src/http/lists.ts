/** Lists as HTTP gives them out: the query read, the page found, its cursor made. Shared by the API and the pages. */
import type { z } from "@hono/zod-openapi";
import type { Database } from "../db/database.ts";
import { listAgents, listEvents, listPlaces, type ListPage, type ListRow } from "../db/lists.ts";
import { uriOf } from "../domain/iri.ts";
import type { AnyState, EventState } from "../domain/state.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { encodeText } from "../jsonld/encode.ts";
import { at, isOfNow } from "../search/moments.ts";
import type { Search } from "../search/search.ts";
import { encodeCursor } from "./cursor.ts";
import {
  agentQuery,
  eventFilters,
  eventQuery,
  pageRequest,
  placeQuery,
  placesFilters,
  refuseIdleZone,
  type ListFilters,
} from "./list-query.ts";
import { occurrenceAt, occurrenceJson, occurrenceText } from "./matching-occurrence.ts";
import type { EventListItem } from "./pages/view.ts";
import type { HttpContext, HttpParts } from "./parts.ts";
import { invalidQuery, readQuery } from "./query.ts";

export { occurrenceAt } from "./matching-occurrence.ts";

export interface FoundList<State> {
  page: ListPage<State>;
  /** One row an occurrence. */
  apart?: boolean;
  nextCursor?: string | undefined;
  filters: Readonly<Record<string, string>>;
  after?: string | undefined;
}

export const QUERY_OF_KIND = {
  event: eventQuery,
  place: placeQuery,
  organization: agentQuery,
  person: agentQuery,
} as const satisfies Record<EntityKind, z.ZodObject>;

/** Who asks with a key may have just written: such reads see it. */
export function databaseFor(c: HttpContext, parts: HttpParts): Database {
  return c.get("caller").role === "public" ? parts.readDatabase : parts.database;
}

/** The same rule for searches. */
export function searchFor(c: HttpContext, { search, freshSearch = search }: HttpParts): Search {
  return c.get("caller").role === "public" ? search : freshSearch;
}

/** Events by this request's query, `instead` where it has none. Throws `invalid_query`, `invalid_cursor`, `forbidden`. */
export async function findEvents(c: HttpContext, parts: HttpParts, instead: { startDate?: string } = {}): Promise<FoundList<EventState>> {
  const bare = !c.req.url.includes("?");
  const query: z.output<typeof eventQuery> = bare ? instead : readQuery(c, eventQuery);
  const filters = bare ? { ...instead } : rawFilters(c);
  const where = eventFilters(query, parts.base, c.get("caller").role);
  refuseIdleZone(query);
  if (query.q !== undefined && query.q !== "") return foundByWords(c, parts, query.q, query, where, filters);
  const request = { ...pageRequest(query, filters, "start"), ...(query.per !== undefined && { per: query.per }) };
  const apart = query.per === "occurrence";
  if (apart && request.sort !== "start") throw invalidQuery("sort", "occurrences are listed by start or -start.");
  const now = request.after?.now ?? parts.clock().getTime();
  const page = await databaseFor(c, parts).read((on) => listEvents(on, at(where, now), request));
  return { ...found(page, filters, query.after, isOfNow(where) ? now : undefined), apart };
}

/** As search finds them that takes the words as typed. Throws `invalid_query` for an order that search does not have. */
async function foundByWords(
  c: HttpContext,
  parts: HttpParts,
  q: string,
  { sort = "start", limit = 50, after, tz, per }: z.output<typeof eventQuery>,
  where: ListFilters,
  filters: Readonly<Record<string, string>>,
): Promise<FoundList<EventState>> {
  if (per === "occurrence") throw invalidQuery("per", "with q, each event is listed once: per=event.");
  if (sort !== "start" && sort !== "-start") throw invalidQuery("sort", "with q, events are listed by start or -start.");
  const { hits, next, completeUntil } = await searchFor(c, parts).find({
    q,
    filters: where,
    mode: "lexical",
    sort,
    limit,
    ...(after !== undefined && { after }),
    // A cursor of the list is none of the search by the same words.
    bound: { ...filters, "": "list" },
    facets: [],
    explain: false,
    highlight: false,
    timezone: tz ?? "UTC",
    strict: true,
  });
  const rows = hits.map(({ event, start, localDate }) => ({ id: event.id, key: start, state: event, localDate }));
  const cut = completeUntil === undefined ? undefined : completeUntil === null ? {} : { until: completeUntil };
  return { page: { rows, more: next !== undefined, ...(cut && { cut }) }, nextCursor: next, filters, after };
}

export async function findOthers(c: HttpContext, parts: HttpParts, kind: Exclude<EntityKind, "event">): Promise<FoundList<AnyState>> {
  const query = readQuery(c, QUERY_OF_KIND[kind]) as z.output<typeof placeQuery>;
  const filters = rawFilters(c);
  const request = pageRequest(query, filters, "name");
  const where = placesFilters(query);
  const page = await databaseFor(c, parts).read((on): Promise<ListPage<AnyState>> =>
    kind === "place" ? listPlaces(on, where, request) : listAgents(on, kind, request),
  );
  return found(page, filters, query.after);
}

/**
 * `{"items":[…],"next_cursor":…}`, its items as their canonical texts. Of events by start, `occurrences` runs parallel to them and
 * tells which one matched; `local_pages` leads from the @id of what is another node's to its page here; `complete_until`, where that is not the end, up to when recurring events are told.
 */
export function listText({ page, nextCursor, apart = false }: FoundList<AnyState>, base: string): string {
  const rows = page.rows.map((row) => ({ ...row, occurrence: matched(row) }));
  const items = rows.map(({ state, occurrence }) =>
    apart && state.kind === "event" ? occurrenceText(state, occurrence, base) : encodeText(state, { base }),
  );
  const foreign = rows.filter(({ state }) => state.federationUri !== undefined);
  const besides = {
    next_cursor: nextCursor ?? null,
    ...(foreign.length > 0 && {
      local_pages: Object.fromEntries(foreign.map(({ state }) => [state.federationUri, uriOf(base, state.kind, { id: state.id })])),
    }),
    ...(rows.some(({ localDate }) => localDate !== undefined) && {
      occurrences: rows.map(({ state, occurrence }) => occurrenceJson(state as EventState, occurrence, base)),
    }),
    ...(page.cut && { complete_until: page.cut.until ?? null }),
  };
  return `{"items":[${items.join(",")}],${JSON.stringify(besides).slice(1)}`;
}

/** A row for a page of people: the event with the occurrence that matched. */
export function listItem(row: ListRow<EventState>): EventListItem {
  const occurrence = matched(row);
  return { event: row.state, ...(occurrence !== undefined && { occurrence }) };
}

const matched = ({ state, key, localDate, which }: ListRow<AnyState>) =>
  state.kind !== "event" || localDate === undefined
    ? undefined
    : occurrenceAt(state, key, localDate, state.series === undefined ? undefined : which);

function found<State>(
  page: ListPage<State>,
  filters: Readonly<Record<string, string>>,
  after: string | undefined,
  now?: number,
): FoundList<State> {
  const last = page.rows.at(-1);
  const nextCursor = page.more && last !== undefined ? encodeCursor({ ...last, ...(now !== undefined && { now }) }, filters) : undefined;
  return { page, nextCursor, filters, after };
}

/** What the cursor is bound to: everything but where the page begins and how long it is. */
export function rawFilters(c: HttpContext): Record<string, string> {
  const { limit: _limit, after: _after, ...filters } = c.req.query();
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}
