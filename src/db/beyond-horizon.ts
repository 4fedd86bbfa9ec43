/**
 * Lists that reach beyond what of recurring events stands in event_occurrences (horizon.ts).
 *
 * 1. Does a bound of the list lie beyond the nearest horizon, ahead or behind? Two looks at the ends of indexes; a list without
 *    bounds in time does not even look.
 * 2. The series that reach there and keep to the filters of events: at most MOST_SERIES, by id.
 * 3. Their rules are expanded where the table does not have them, over at most a year, and held against the other filters.
 * 4. The page that the table gives is merged with these rows, by the same order and cursor.
 *
 * Where a bound has cut something, the page says so (`cut`).
 */
import { sql } from "kysely";
import type { EventState } from "../domain/state.ts";
import { readStates } from "./entities.ts";
import { allOf, timeConditions, utcText } from "./event-conditions.ts";
import { eventConditions, whereabouts, type EventFilters, type EventPageRequest } from "./event-filters.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { boundsOf, cutOf, MOST_SERIES, outside, reaches, STORED, windowOf, type Stored, type Stretch } from "./horizon.ts";
import { keyOf, type ListPage, type ListRow } from "./list-pages.ts";
import { startOf } from "./occurrence-passes.ts";

/** Rows that the table does not have. */
export interface Others {
  rows: ListRow<EventState>[];
  /** Events that stand at such a row, and not where the table would put them. */
  instead: string[];
  cut?: { until?: string };
}

/** Undefined where all that is asked for stands in the table. */
export async function beyondHorizon(on: Reader, filters: EventFilters, page: EventPageRequest): Promise<Others | undefined> {
  const bounds = boundsOf(filters);
  const window = bounds && (await windowOf(on, bounds));
  if (window === undefined) return undefined;
  const candidates = await seriesIn(on, filters, page, window);
  if (candidates.length === 0) return undefined;
  const kept = candidates.slice(0, MOST_SERIES);
  const states = await readStates(
    on,
    "event",
    kept.map(({ id }) => id),
  );
  const found = states.map((state, n) => matching(state as EventState, kept[n]!, filters, page, window));
  const until = Math.min(window.until, ...found.map((one) => one.until));
  const cut = cutOf(candidates.length, until, bounds!);
  return {
    rows: found.flatMap(({ rows }) => rows),
    instead: found.flatMap(({ rows, instead }) => (instead ? rows[0]!.id : [])),
    ...(cut && { cut }),
  };
}

interface Candidate extends Stored {
  id: string;
  /** Where the event stands in an order that is none of time. */
  key: string | null;
  /** Whether an occurrence in the table matches. */
  listed: boolean;
  /** Of the places where occurrences are held, those that match; null where any will do. */
  venues: string[] | null;
}

async function seriesIn(on: Reader, filters: EventFilters, { sort }: EventPageRequest, window: Stretch): Promise<Candidate[]> {
  const there = whereabouts(filters);
  const key = sort === "start" ? sql`null` : sort === "name" ? keyOf(sort, "e") : utcText(keyOf(sort, "e"));
  const held = sql`select e.primary_venue_id as id union select x.venue_id from occurrence_overrides x where x.event_id = e.id`;
  const { rows } = await sql<Candidate>`
    select e.id, ${key} as key, ${STORED},
      exists (select from event_occurrences o where ${allOf([sql`o.event_id = e.id`, ...timeConditions(filters, "o"), ...(there === undefined ? [] : [there(sql`coalesce(o.venue_id, e.primary_venue_id)`)])])}) as listed,
      ${there === undefined ? sql`null` : sql`array(select held.id from (${held}) held where ${there(sql`held.id`)})`} as venues
    from event_series s join events e on e.id = s.event_id
    where ${reaches(window)} and ${allOf(eventConditions(filters))}
      ${there === undefined ? sql`` : sql`and exists (select from (${held}) held where ${there(sql`held.id`)})`}
    order by e.id limit ${MOST_SERIES + 1}`.execute(kyselyOf(on));
  return rows;
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
  const { occurrences, until } = outside(state, candidate, filters, window);
  const rows = occurrences
    .filter(({ location = state.location }) => venues === null || (location !== undefined && venues.includes(location.id)))
    .map((one): ListRow<EventState> => {
      const start = new Date(startOf(one)).toISOString().replace("Z", "000Z");
      const shown = page.sort === "start" ? { key: start, localDate: one.startDate.slice(0, 10) } : { key: key! };
      return { id, state, ...shown, ...(page.per === "occurrence" && { which: one.recurrenceId }) };
    });
  if (page.per === "occurrence") return { rows, instead: false, until };
  const first = page.sort === "start" && page.descending ? rows.at(-1) : rows[0];
  if (first === undefined) return { rows: [], instead: false, until };
  // What stands in the table comes first, unless this order begins beyond it.
  const start = page.sort === "start" ? Date.parse(first.key) : undefined;
  const isBefore =
    start !== undefined && (page.descending ? start >= (candidate.until ?? Infinity) : start < (candidate.from ?? -Infinity));
  return listed && !isBefore ? { rows: [], instead: false, until } : { rows: [first], instead: listed, until };
}

/** One page of both. */
export function merged(page: ListPage<EventState>, { rows, cut }: Others, request: EventPageRequest): ListPage<EventState> {
  const { after, descending, limit } = request;
  const compare = (a: Omit<ListRow<unknown>, "state">, b: Omit<ListRow<unknown>, "state">) =>
    (Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) ||
      ((a.which ?? "") < (b.which ?? "") ? -1 : a.which === b.which ? 0 : 1)) * (descending ? -1 : 1);
  const behind = after === undefined ? rows : rows.filter((row) => compare(row, after) > 0);
  const all = [...page.rows, ...behind].toSorted(compare);
  return { rows: all.slice(0, limit), more: page.more || all.length > limit, ...(cut && { cut }) };
}
