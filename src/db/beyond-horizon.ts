/**
 * Lists that reach beyond what of recurring events stands in event_occurrences (horizon.ts).
 *
 * 1. Does a bound of the list lie beyond the nearest horizon, ahead or behind? Two looks at the ends of indexes; a list without
 *    bounds in time does not even look.
 * 2. The series that reach there and keep to the filters of events: at most MOST_SERIES, by id.
 * 3. Their rules are expanded where the table does not have them, over at most a year, and held against the other filters: one series
 *    after the other, and only as far as the page can reach.
 * 4. The page that the table gives is merged with these rows, by the same order and cursor.
 *
 * Where a bound has cut something, the page says so (`cut`).
 */
import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import type { EventState } from "../domain/state.ts";
import { readStates } from "./entities.ts";
import { allOf, timeConditions, utcText } from "./event-conditions.ts";
import { eventConditions, whereabouts, type EventFilters, type EventPageRequest } from "./event-filters.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { boundsOf, cutOf, MOST_SERIES, outside, reaches, STORED, windowOf, type Stored, type Stretch } from "./horizon.ts";
import { beyond, directionOf, keyOf, type ListPage, type ListRow, type RowKey } from "./list-pages.ts";
import { startOf } from "./occurrence-passes.ts";

/** Rows that the table does not have. */
export interface Others {
  rows: ListRow<EventState>[];
  /** Events that stand at such a row, and not where the table would put them. */
  instead: string[];
  cut?: { until?: string };
}

/** A page; of an order that is none of time, with the last row that the table gives it where more follow. */
type Page = EventPageRequest & { upTo?: RowKey | undefined };

/** Undefined where all that is asked for stands in the table. */
export async function beyondHorizon(on: Reader, filters: EventFilters, page: Page): Promise<Others | undefined> {
  const found = await seriesBeyond(on, filters, page);
  if (found === undefined) return undefined;
  const { candidates, bounds, window } = found;
  const kept = candidates.slice(0, MOST_SERIES);
  const states = await readStates(
    on,
    "event",
    kept.map(({ id }) => id),
  );
  const series = kept.map((candidate, n) => ({ candidate, state: states[n] as EventState }));
  const { rows, instead, until, isFull } = await expanded(series, filters, page, window);
  const cut = cutOf(isFull ? 0 : candidates.length, until, bounds);
  return { rows, instead, ...(cut && { cut }) };
}

/** Whether some of this list may be found beyond the horizon alone, and more than is read; none is expanded for it. */
export async function isBeyondHorizon(on: Reader, filters: EventFilters, page: Page): Promise<Pick<Others, "cut"> | undefined> {
  const found = await seriesBeyond(on, filters, page);
  if (found === undefined) return undefined;
  const cut = cutOf(found.candidates.length, found.window.until, found.bounds);
  return { ...(cut && { cut }) };
}

async function seriesBeyond(
  on: Reader,
  filters: EventFilters,
  page: Page,
): Promise<{ candidates: Candidate[]; bounds: Stretch; window: Stretch } | undefined> {
  const bounds = boundsOf(filters);
  const window = bounds && (await windowOf(on, bounds));
  if (window === undefined) return undefined;
  const candidates = await seriesIn(on, filters, page, window);
  return candidates.length === 0 ? undefined : { candidates, bounds: bounds!, window };
}

/** Of a series that is to tell one occurrence, so many are tried before all. */
const FEW = 10;

export interface Candidate extends Stored {
  id: string;
  /** Where the event stands in an order that is none of time. */
  key: string | null;
  /** Whether an occurrence in the table matches. */
  listed: boolean;
  /** Of the places where occurrences are held, those that match; null where any will do. */
  venues: string[] | null;
}

async function seriesIn(on: Reader, filters: EventFilters, page: Page, window: Stretch): Promise<Candidate[]> {
  const there = whereabouts(filters);
  const held = sql`select e.primary_venue_id as id union select x.venue_id from occurrence_overrides x where x.event_id = e.id`;
  const listed = sql`exists (select from event_occurrences o where ${allOf([sql`o.event_id = e.id`, ...timeConditions(filters, "o"), ...(there === undefined ? [] : [there(sql`coalesce(o.venue_id, e.primary_venue_id)`)])])})`;
  const { sort, upTo } = page;
  const way = directionOf(page);
  const key = sort === "start" ? undefined : keyOf(sort, "e");
  // In an order that is none of time, what the table lists stands where it does, and others are of one page alone.
  const ofPage =
    key === undefined
      ? []
      : [
          sql`not ${listed}`,
          beyond(page, key, sql`e.id`),
          ...(upTo === undefined ? [] : [beyond({ ...page, after: upTo, descending: !page.descending }, key, sql`e.id`)]),
        ];
  const { rows } = await sql<Candidate>`
    select e.id, ${key === undefined ? sql`null` : sort === "name" ? key : utcText(key)} as key, ${STORED}, ${key === undefined ? listed : sql`false`} as listed,
      ${there === undefined ? sql`null` : sql`array(select held.id from (${held}) held where ${there(sql`held.id`)})`} as venues
    from event_series s join events e on e.id = s.event_id
    where ${reaches(window)} and ${allOf([...eventConditions(filters), ...ofPage])}
      ${there === undefined ? sql`` : sql`and exists (select from (${held}) held where ${there(sql`held.id`)})`}
    order by ${key === undefined ? sql`e.id` : sql`${key} ${way}, e.id ${way}`} limit ${MOST_SERIES + 1}`.execute(kyselyOf(on));
  return rows;
}

/**
 * The rows of these series that the page may have. Others are served between two of them; in an order that is none of time, they come in
 * it, and those behind a full page are left.
 */
export async function expanded(
  series: readonly { candidate: Candidate; state: EventState }[],
  filters: EventFilters,
  page: EventPageRequest,
  window: Stretch,
): Promise<Omit<Others, "cut"> & { until: number; isFull: boolean }> {
  let rows: ListRow<EventState>[] = [];
  const instead: string[] = [];
  let { until } = window;
  for (const { candidate, state } of series) {
    if (page.sort !== "start" && rows.length > page.limit) return { rows, instead, until, isFull: true };
    await setImmediate();
    const found = matching(state, candidate, filters, page, narrowed(window, candidate, page, rows));
    if (found.rows.length > 0) rows = behind([...rows, ...found.rows], page);
    if (found.instead) instead.push(candidate.id);
    until = Math.min(until, found.until);
  }
  return { rows, instead, until, isFull: false };
}

/** Where in the window a row of the page may still be, when these others are found. */
function narrowed(
  { from, until }: Stretch,
  candidate: Candidate,
  { sort, per, descending, limit }: EventPageRequest,
  rows: readonly RowKey[],
): Stretch {
  if (sort !== "start") return { from, until };
  // What stands in the table comes first, unless this order begins beyond it.
  if (candidate.listed && per !== "occurrence")
    return descending
      ? { from: Math.max(from, candidate.until ?? Infinity), until }
      : { from, until: Math.min(until, candidate.from ?? -Infinity) };
  const last = rows[limit];
  if (last === undefined) return { from, until };
  const reach = Date.parse(last.key);
  return descending ? { from: Math.max(from, reach), until } : { from, until: Math.min(until, reach + 1) };
}

/** The rows of one series; `instead` tells that the event stands at this row, though the table has one of it. */
function matching(
  state: EventState,
  candidate: Candidate,
  filters: EventFilters,
  page: EventPageRequest,
  window: Stretch,
): { rows: ListRow<EventState>[]; instead: boolean; until: number } {
  const { id, key, listed, venues } = candidate;
  const look = (limit?: number) => {
    const { occurrences, until } = outside(state, candidate, filters, window, limit);
    const isThere = ({ location = state.location }) => venues === null || (location !== undefined && venues.includes(location.id));
    return { occurrences: occurrences.filter(isThere), until };
  };
  // Where one will do, it is mostly among the first.
  const few = page.per === "occurrence" || (page.sort === "start" && page.descending) ? undefined : look(FEW);
  const isFound = few?.occurrences[0] !== undefined && startOf(few.occurrences[0]) <= few.until;
  const { occurrences, until } = isFound ? { ...few, until: Infinity } : look();
  const rows = occurrences.map((one): ListRow<EventState> => {
    const start = new Date(startOf(one)).toISOString().replace("Z", "000Z");
    const shown = page.sort === "start" ? { key: start, localDate: one.startDate.slice(0, 10) } : { key: key! };
    return { id, state, ...shown, ...(page.per === "occurrence" && { which: one.recurrenceId }) };
  });
  if (page.per === "occurrence") return { rows, instead: false, until };
  const first = page.sort === "start" && page.descending ? rows.at(-1) : rows[0];
  if (first === undefined) return { rows: [], instead: false, until };
  const start = page.sort === "start" ? Date.parse(first.key) : undefined;
  const isBefore =
    start !== undefined && (page.descending ? start >= (candidate.until ?? Infinity) : start < (candidate.from ?? -Infinity));
  return listed && !isBefore ? { rows: [], instead: false, until } : { rows: [first], instead: listed, until };
}

/** One page of both. */
export function merged(page: ListPage<EventState>, { rows, cut }: Others, request: EventPageRequest): ListPage<EventState> {
  const all = [...page.rows, ...rows].toSorted(orderOf(request));
  return { rows: all.slice(0, request.limit), more: page.more || all.length > request.limit, ...(cut && { cut }) };
}

/** In the page's order what stands behind the page before: as many as the page has, and one more. */
function behind(rows: readonly ListRow<EventState>[], request: EventPageRequest): ListRow<EventState>[] {
  const { after, limit } = request;
  const order = orderOf(request);
  return (after === undefined ? rows : rows.filter((row) => order(row, after) > 0)).toSorted(order).slice(0, limit + 1);
}

const orderOf =
  ({ descending }: EventPageRequest) =>
  (a: RowKey, b: RowKey): number =>
    (Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) ||
      ((a.which ?? "") < (b.which ?? "") ? -1 : a.which === b.which ? 0 : 1)) * (descending ? -1 : 1);
