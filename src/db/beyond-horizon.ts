/**
 * Lists that reach beyond what of recurring events stands in event_occurrences: what comes later, or came long ago, is expanded
 * while it is read, within bounds.
 *
 * 1. Does a bound of the list lie beyond the nearest horizon, ahead or behind? Two looks at the ends of indexes; a list without
 *    bounds in time does not even look.
 * 2. The series that reach there and keep to the filters of events: at most MOST_SERIES, by id.
 * 3. Their rules are expanded where the table does not have them, over at most MOST_DAYS, and held against the other filters.
 * 4. The page that the table gives is merged with these rows, by the same order and cursor.
 *
 * Where a bound has cut something, the page says so (`cut`).
 */
import { sql } from "kysely";
import { occurrencesOfState } from "../domain/recurrence/of-state.ts";
import type { EventState } from "../domain/state.ts";
import { readStates } from "./entities.ts";
import { allOf, timeConditions, utcText } from "./event-conditions.ts";
import { eventConditions, whereabouts, type EventFilters, type EventPageRequest } from "./event-filters.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { keyOf, type ListPage, type ListRow } from "./list-pages.ts";
import { passes, startOf } from "./occurrence-passes.ts";

const MOST_SERIES = 200;
/** Of one series: two or three a day. */
const MOST_OCCURRENCES = 1_000;
const DAY = 24 * 3_600_000;
const MOST_DAYS = 366;

/** Rows that the table does not have. */
export interface Others {
  rows: ListRow<EventState>[];
  /** Events that stand at such a row, and not where the table would put them. */
  instead: string[];
  cut?: { until?: string };
}

/** Milliseconds. */
interface Stretch {
  from: number;
  until: number;
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
  const cut = candidates.length > MOST_SERIES ? {} : until < bounds!.until ? { until: new Date(until).toISOString() } : undefined;
  return {
    rows: found.flatMap(({ rows }) => rows),
    instead: found.flatMap(({ rows, instead }) => (instead ? rows[0]!.id : [])),
    ...(cut && { cut }),
  };
}

/** From when to when a list looks for starts; undefined where it has no bound. A local day may begin or end a day away from that of UTC. */
function boundsOf({ startDate, endDate, starts, on }: EventFilters): Stretch | undefined {
  const from = Math.max(
    startDate === undefined ? -Infinity : Date.parse(startDate) - DAY,
    starts?.from ?? -Infinity,
    on === undefined ? -Infinity : on - MOST_DAYS * DAY,
  );
  const until = Math.min(
    endDate === undefined ? Infinity : Date.parse(endDate) + 2 * DAY,
    starts?.until ?? Infinity,
    on === undefined ? Infinity : on + 1,
  );
  return from === -Infinity && until === Infinity ? undefined : { from, until };
}

/** What is to be expanded of it. A bound that lies beyond no horizon asks for nothing, nor does a side without a bound. */
async function windowOf(on: Reader, { from, until }: Stretch): Promise<Stretch | undefined> {
  const { rows } = await sql<{ ahead: number | null; behind: number | null }>`select
    (select extract(epoch from min(expanded_until)) * 1000 from event_series where expanded_until < 'infinity')::float8 as ahead,
    (select extract(epoch from max(expanded_from)) * 1000 from event_series where first_start_at < expanded_from)::float8 as behind`.execute(
    kyselyOf(on),
  );
  const ahead = rows[0]!.ahead ?? Infinity;
  const behind = rows[0]!.behind ?? -Infinity;
  const longAgo = from > -Infinity && from < behind;
  if (!longAgo && (until === Infinity ? from : until) <= ahead) return undefined;
  const begin = longAgo ? from : Math.max(from, ahead);
  return { from: begin, until: Math.min(until, begin + MOST_DAYS * DAY) };
}

interface Candidate {
  id: string;
  /** Where the event stands in an order that is none of time. */
  key: string | null;
  /** What stands in the table, in milliseconds; both null where nothing does. */
  from: number | null;
  until: number | null;
  /** Occurrences that stand there all the same. */
  told: string[];
  /** Whether one that stands there matches. */
  listed: boolean;
  /** Of the places where occurrences are held, those that match; null where any will do. */
  venues: string[] | null;
}

async function seriesIn(on: Reader, filters: EventFilters, { sort }: EventPageRequest, { from, until }: Stretch): Promise<Candidate[]> {
  const there = whereabouts(filters);
  const [begin, end] = [new Date(from), new Date(until)];
  const key = sort === "start" ? sql`null` : sort === "name" ? keyOf(sort, "e") : utcText(keyOf(sort, "e"));
  const held = sql`select e.primary_venue_id as id union select x.venue_id from occurrence_overrides x where x.event_id = e.id`;
  const { rows } = await sql<Candidate>`
    select e.id, ${key} as key, (extract(epoch from s.expanded_from) * 1000)::float8 as "from",
      case when s.expanded_until < 'infinity' then (extract(epoch from s.expanded_until) * 1000)::float8 else 'infinity' end as until,
      array(select o.recurrence_id from event_occurrences o where o.event_id = e.id and (o.start_at < s.expanded_from or o.start_at >= s.expanded_until)) as told,
      exists (select from event_occurrences o where ${allOf([sql`o.event_id = e.id`, ...timeConditions(filters, "o"), ...(there === undefined ? [] : [there(sql`coalesce(o.venue_id, e.primary_venue_id)`)])])}) as listed,
      ${there === undefined ? sql`null` : sql`array(select held.id from (${held}) held where ${there(sql`held.id`)})`} as venues
    from event_series s join events e on e.id = s.event_id
    where s.position = 0 and (s.expanded_until < ${end} or s.expanded_until is null or (s.first_start_at < s.expanded_from and s.expanded_from > ${begin}))
      and ${allOf(eventConditions(filters))}
      ${there === undefined ? sql`` : sql`and exists (select from (${held}) held where ${there(sql`held.id`)})`}
    order by e.id limit ${MOST_SERIES + 1}`.execute(kyselyOf(on));
  return rows;
}

/** The rows of one series behind the cursor; `until`: what starts there or later is not among them, for there were too many. */
function matching(
  state: EventState,
  { id, key, from, until, told, listed, venues }: Candidate,
  filters: EventFilters,
  page: EventPageRequest,
  window: Stretch,
): { rows: ListRow<EventState>[]; instead: boolean; until: number } {
  const gaps =
    from === null || until === null
      ? [window]
      : [
          { from: window.from, until: Math.min(window.until, from) },
          { from: Math.max(window.from, until), until: window.until },
        ].filter((gap) => gap.from < gap.until);
  let reached = Infinity;
  const all = gaps.flatMap((gap) => {
    const { occurrences, more } = occurrencesOfState(state, { ...gap, limit: MOST_OCCURRENCES });
    if (more) reached = Math.min(reached, startOf(occurrences.at(-1)!));
    return occurrences;
  });
  const rows = all
    .filter((one) => !told.includes(one.recurrenceId) && passes(filters, one))
    .filter(({ location = state.location }) => venues === null || (location !== undefined && venues.includes(location.id)))
    .map((one): ListRow<EventState> => {
      const start = new Date(startOf(one)).toISOString().replace("Z", "000Z");
      const shown = page.sort === "start" ? { key: start, localDate: one.startDate.slice(0, 10) } : { key: key! };
      return { id, state, ...shown, ...(page.per === "occurrence" && { which: one.recurrenceId }) };
    });
  if (page.per === "occurrence") return { rows, instead: false, until: reached };
  const first = page.sort === "start" && page.descending ? rows.at(-1) : rows[0];
  if (first === undefined) return { rows: [], instead: false, until: reached };
  // What stands in the table comes first, unless this order begins beyond it.
  const before = page.sort === "start" && (page.descending ? until !== null && Date.parse(first.key) >= until : from !== null && Date.parse(first.key) < from);
  return listed && !before ? { rows: [], instead: false, until: reached } : { rows: [first], instead: listed, until: reached };
}

/** One page of both. */
export function merged(page: ListPage<EventState>, { rows, cut }: Others, request: EventPageRequest): ListPage<EventState> {
  const { after, descending, limit } = request;
  const compare = (a: Omit<ListRow<unknown>, "state">, b: Omit<ListRow<unknown>, "state">) =>
    (Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0) || ((a.which ?? "") < (b.which ?? "") ? -1 : a.which === b.which ? 0 : 1)) *
    (descending ? -1 : 1);
  const behind = after === undefined ? rows : rows.filter((row) => compare(row, after) > 0);
  const all = [...page.rows, ...behind].toSorted(compare);
  return { rows: all.slice(0, limit), more: page.more || all.length > limit, ...(cut && { cut }) };
}
