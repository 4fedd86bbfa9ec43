/** Lists as HTTP gives them out: the query read, the page found, its cursor made. Shared by the API and the pages. */
import type { z } from "@hono/zod-openapi";
import type { Database } from "../db/database.ts";
import { listAgents, listEvents, listPlaces, type EventFilters, type ListPage, type ListRow } from "../db/lists.ts";
import type { AnyState, EventState, OccurrenceState } from "../domain/state.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { encodeText } from "../jsonld/encode.ts";
import type { Search } from "../search/search.ts";
import { encodeCursor } from "./cursor.ts";
import { agentQuery, eventFilters, eventQuery, pageRequest, placeQuery, placesFilters, refuseIdleZone } from "./list-query.ts";
import type { EventListItem } from "./pages/view.ts";
import type { HttpContext, HttpParts } from "./parts.ts";
import { invalidQuery, readQuery } from "./query.ts";

export interface FoundList<State> {
  page: ListPage<State>;
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
  const request = pageRequest(query, filters, "start");
  return found(await databaseFor(c, parts).read((on) => listEvents(on, where, request)), filters, query.after);
}

/** As search finds them that takes the words as typed. Throws `invalid_query` for an order that search does not have. */
async function foundByWords(
  c: HttpContext,
  parts: HttpParts,
  q: string,
  { sort = "start", limit = 50, after, tz }: z.output<typeof eventQuery>,
  where: EventFilters,
  filters: Readonly<Record<string, string>>,
): Promise<FoundList<EventState>> {
  if (sort !== "start" && sort !== "-start") throw invalidQuery("sort", "with q, events are listed by start or -start.");
  const { hits, next } = await searchFor(c, parts).find({
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
  return { page: { rows, more: next !== undefined }, nextCursor: next, filters, after };
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

/** `{"items":[…],"next_cursor":…}`, its items as their canonical texts. */
export function listText({ page, nextCursor }: FoundList<AnyState>, base: string): string {
  return `{"items":[${page.rows.map(({ state }) => encodeText(state, { base })).join(",")}],"next_cursor":${JSON.stringify(nextCursor ?? null)}}`;
}

/** A row for a page of people: the event with the occurrence that matched. */
export function listItem({ state, key, localDate }: ListRow<EventState>): EventListItem {
  const occurrence = localDate === undefined ? undefined : occurrenceAt(state, key, localDate);
  return { event: state, ...(occurrence !== undefined && { occurrence }) };
}

/** The one of several occurrences that starts at this instant; one without a time, on this day. */
export function occurrenceAt({ occurrences }: EventState, start: string, localDate: string): OccurrenceState | undefined {
  return occurrences?.find((one) => startsAt(one, start, localDate));
}

const startsAt = ({ startDate, allDay }: OccurrenceState, key: string, localDate: string): boolean =>
  allDay ? startDate === localDate : Date.parse(startDate) === Math.floor(Date.parse(key) / 1000) * 1000;

function found<State>(page: ListPage<State>, filters: Readonly<Record<string, string>>, after: string | undefined): FoundList<State> {
  const last = page.rows.at(-1);
  return { page, nextCursor: page.more && last !== undefined ? encodeCursor(last, filters) : undefined, filters, after };
}

/** What the cursor is bound to: everything but where the page begins and how long it is. */
export function rawFilters(c: HttpContext): Record<string, string> {
  const { limit: _limit, after: _after, ...filters } = c.req.query();
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}
