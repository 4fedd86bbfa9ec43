/** Lists of events: one row an event, or one an occurrence. */
import { sql } from "kysely";
import type { EventState } from "../domain/state.ts";
import { beyondHorizon, merged } from "./beyond-horizon.ts";
import { allOf, isTimed, occurrencesAt, timeConditions, type Sql } from "./event-conditions.ts";
import { eventConditions, whereabouts, type EventFilters, type EventPageRequest } from "./event-filters.ts";
import type { Reader } from "./handle.ts";
import { beyond, directionOf, keyOf, readPage, type EventSort, type ListPage, type PageRequest } from "./list-pages.ts";

export type { EventFilters, EventPageRequest } from "./event-filters.ts";

/**
 * Events of which an occurrence matches. By start, an event stands where the first of its matching occurrences does: the
 * earliest, or in descending order the latest.
 */
export async function listEvents(on: Reader, filters: EventFilters, page: EventPageRequest): Promise<ListPage<EventState>> {
  if (page.sort !== "start") {
    const listed = await readPage<EventState>(on, "event", byEvent(filters, page, page.sort), page);
    const others = await beyondHorizon(on, filters, { ...page, upTo: listed.more ? listed.rows.at(-1) : undefined });
    return others === undefined ? listed : merged(listed, others, page);
  }
  const others = await beyondHorizon(on, filters, page);
  const asked = others === undefined ? filters : { ...filters, not: others.instead };
  const listed = await readPage<EventState>(on, "event", byStart(asked, page), page);
  return others === undefined ? listed : merged(listed, others, page);
}

/**
 * Occurrences come in the order of an index, so that a page costs a few rows; that an event has none before it in this order
 * is a look into one event. Where it matters where an occurrence is, those that are held with the event and those that are
 * held elsewhere are found apart, each by an index of its own.
 */
function byStart(filters: EventFilters, page: EventPageRequest): Sql {
  const order = directionOf(page);
  const apart = page.per === "occurrence";
  const which = apart ? WHICH : undefined;
  const there = whereabouts(filters);
  const before = page.descending ? sql`>` : sql`<`;
  // Asked for each in its turn (offset 0): as a join the planner would gather all that match first.
  const isFirst = sql`not exists (select from event_occurrences p where p.event_id = o.event_id and (p.start_at, p.id) ${before} (o.start_at, o.id)
    and ${allOf([...timeConditions(filters, "p"), ...(there === undefined ? [] : [there(sql`coalesce(p.venue_id, e.primary_venue_id)`)])])} offset 0)`;
  const rows = (
    from: Sql,
    place: readonly Sql[],
  ) => sql`select e.id, o.start_at as key, ${which ?? NOTHING} as which, o.local_date::text as local_date
    from ${from} o join events e on e.id = o.event_id
    where ${allOf([...timeConditions(filters, "o"), ...eventConditions(filters), ...place, beyond(page, sql`o.start_at`, sql`o.event_id`, which), ...(apart ? [] : [isFirst])])}
    order by o.start_at ${order}, o.event_id ${order}${apart ? sql`, which ${order}` : sql``} limit ${page.limit + 1}`;
  if (there === undefined) return rows(occurrencesAt(filters, order), []);
  return sql`(${rows(occurrencesAt(filters, order), [sql`o.venue_id is null`, there(sql`e.primary_venue_id`)])})
    union all (${rows(sql`event_occurrences`, [sql`o.venue_id is not null`, there(sql`o.venue_id`)])})
    order by key ${order}, id ${order}, which ${order} limit ${page.limit + 1}`;
}

/** A page of events (id, key, which, local_date) in an order of their own, whichever of their occurrences match; one more than the limit. */
export function byEvent(filters: EventFilters, page: PageRequest<EventSort>, sort: Exclude<EventSort, "start">): Sql {
  const order = directionOf(page);
  const key = keyOf(sort, "e");
  const timed = timeConditions(filters, "o");
  const there = whereabouts(filters);
  const has = (place: readonly Sql[]) =>
    sql`exists (select from event_occurrences o where ${allOf([sql`o.event_id = e.id`, ...timed, ...place])})`;
  const rows = (matching: readonly Sql[]) => sql`select e.id, ${key} as key, ${NOTHING} as which, null::text as local_date from events e
    where ${allOf([...eventConditions(filters), ...matching, beyond(page, key, sql`e.id`)])}
    order by ${key} ${order}, e.id ${order} limit ${page.limit + 1}`;
  if (there === undefined) return rows(isTimed(filters) ? [has([])] : []);
  const atHome = [there(sql`e.primary_venue_id`), has([sql`o.venue_id is null`])];
  const away = sql`e.id in (select o.event_id from event_occurrences o where ${allOf([there(sql`o.venue_id`), ...timed])})`;
  return sql`(${rows(atHome)}) union all (${rows([away, sql`(${allOf(atHome)}) is not true`])}) order by key ${order}, id ${order} limit ${page.limit + 1}`;
}

/** Which occurrence of its event: by what it is known, the same wherever it is told. */
const WHICH = sql`(coalesce(o.recurrence_id, o.sequence_number::text) collate "C")`;
const NOTHING = sql`null::text`;
