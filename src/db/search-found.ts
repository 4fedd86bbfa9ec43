/**
 * Which events a search finds, as a piece of SQL that every statement of search begins with: tags and words by the one
 * index, then what only the rows can tell (times, distances, prices). An event is there once, by its first occurrence
 * that passes (in descending order by its last).
 */
import { sql } from "kysely";
import { allOf, placeConditions, pointAt, timeConditions, type PlaceFilters, type Sql, type TimeFilters } from "./event-conditions.ts";

/** What tags cannot say. */
export interface Exactly extends TimeFilters, Pick<PlaceFilters, "near" | "bbox"> {
  /** [longitude, latitude], not closed. */
  polygon?: readonly (readonly [number, number])[];
  price?: { least?: number; most?: number; currency?: string };
  /** Where an occurrence is; tags tell it of events that are at one place throughout. In any case of letters. */
  at?: Pick<PlaceFilters, "city" | "region" | "country"> & { venues?: readonly string[] };
}

export interface Wanted {
  /** Text of a tsquery; absent: whatever the words. */
  match?: string;
  /** Text of a tsquery that must not match. */
  without?: string;
  /** Tags that an event must all have, in any case of letters: the database folds them as the index was. */
  all: readonly string[];
  /** Of each of these it must have one. */
  anyOf: readonly (readonly string[])[];
  /** As `anyOf`, of tags that tell when its occurrences are. */
  timely: readonly (readonly string[])[];
  /** Occurrences besides those in the table. */
  beyond?: Beyond;
  /** Also what no public reader may see; then `anyOf` names the states. */
  hidden: boolean;
  exactly: Exactly;
  among?: readonly string[];
  not?: readonly string[];
  /** An event is there by the last of its occurrences that pass, not by the first: for what is listed from its end. */
  latest?: boolean;
  /** Only events whose order key lies in [from, until): instants in text, or metres. Bounded by (key, id). */
  tier?: Tier;
}

/** Occurrences that the table does not have, all of which pass the filters of time: see search-beyond.ts. */
export interface Beyond {
  /** Their events. */
  ids: readonly string[];
  /** JSON: [{id, start, day, venue}]. */
  rows: string;
  /** The first and the last start, in milliseconds. */
  least: number;
  most: number;
  /** Up to when they are told, where the search asks for more; without it nobody knows. */
  cut?: { until?: string };
}

/**
 * A stretch of the results: by start, or by distance. A bound is the (key, id) of an event. Forwards, `from` is included
 * and `until` is not; `backwards`, the other way round: a stretch ends where the next one begins.
 */
export interface Tier {
  by: "start" | "distance";
  from?: Bound;
  until?: Bound;
  backwards?: boolean;
}
export interface Bound {
  key: string | number;
  id: string;
}

/** What a statement needs of the index row besides: to rank by, or to count. */
const COLUMNS = { id: sql``, words: sql`d.words, d.name, `, tags: sql`d.tags, ` };

/** `select id, start_at, local_date, distance` and `columns`, without order and limit. */
export function found(wanted: Wanted, columns: keyof typeof COLUMNS = "id"): Sql {
  const { exactly, tier, latest, beyond } = wanted;
  const places = areaConditions(exactly);
  const needsEvent = places.length > 0 || exactly.price !== undefined;
  const needsPlace = places.length > 0;
  const distance = exactly.near === undefined ? sql`null::double precision` : sql`st_distance(p.point, ${pointAt(exactly.near)})`;
  return sql`select d.event_id as id, ${COLUMNS[columns]}o.start_at, o.local_date, o.distance
    from event_search d ${needsEvent ? sql`join events e on e.id = d.event_id` : sql``}
    cross join lateral (
      select o.start_at, o.local_date, ${distance} as distance from ${beyond === undefined ? sql`event_occurrences` : withBeyond(exactly, beyond)} o
      ${needsPlace ? placeOf : sql``}
      where ${allOf([sql`o.event_id = d.event_id`, ...(beyond === undefined ? timeConditions(exactly, "o") : []), ...spotConditions(exactly.at), ...places])}
      order by ${tier?.by === "distance" ? sql`distance, ` : sql``}${latest === true ? sql`o.start_at desc, o.id desc` : sql`o.start_at, o.id`} limit 1
    ) o
    where ${allOf([...indexed(wanted), ...(exactly.price === undefined ? [] : [priced(exactly.price)]), ...tierConditions(tier)])}`;
}

// Fenced off (offset 0): the planner would walk all places within the radius anew for every event.
const placeOf = sql`cross join lateral (
        select p.point, p.latitude, p.longitude from places p where p.id = coalesce(o.venue_id, e.primary_venue_id) offset 0) p`;

/** What happens in time, of the table and besides; only for these events is the second looked at. */
const withBeyond = (exactly: Exactly, { ids, rows }: Beyond): Sql => sql`(
        select o.id, o.event_id, o.start_at, o.local_date, o.venue_id from event_occurrences o where ${allOf([sql`o.event_id = d.event_id`, ...timeConditions(exactly, "o")])}
        union all select null::uuid, b.id, b.start, b.day, b.venue from jsonb_to_recordset(${rows}::jsonb) b (id uuid, start timestamptz, day date, venue uuid)
          where b.id = d.event_id and d.event_id = any (${[...ids]}::uuid[]))`;

/** Whether only an event's occurrences and place can tell if it passes. */
export const needsRows = ({ exactly, tier }: Wanted): boolean => tier !== undefined || Object.keys(exactly).length > 0;

/** What the index alone decides; the planner's estimate is made of this. */
export function indexed({ match, without, all, anyOf, timely, beyond, hidden, among, not }: Wanted): Sql[] {
  return [
    ...(hidden ? [] : [sql`d.public`]),
    ...(match === undefined ? [] : [sql`d.words @@ ${match}::tsquery`]),
    ...(without === undefined ? [] : [sql`not d.words @@ ${without}::tsquery`]),
    ...(all.length === 0 ? [] : [sql`d.tags @> folded(${[...all]}::text[])`]),
    ...anyOf.map((tags) => sql`d.tags && folded(${[...tags]}::text[])`),
    // Of what the table does not have, the index knows no times.
    ...timely.map((tags) =>
      beyond === undefined
        ? sql`d.tags && folded(${[...tags]}::text[])`
        : sql`(d.tags && folded(${[...tags]}::text[]) or d.event_id = any (${[...beyond.ids]}::uuid[]))`,
    ),
    ...(among === undefined ? [] : [sql`d.event_id = any (${[...among]}::uuid[])`]),
    ...(not === undefined || not.length === 0 ? [] : [sql`not d.event_id = any (${[...not]}::uuid[])`]),
  ];
}

function tierConditions(tier: Tier | undefined): Sql[] {
  if (tier === undefined) return [];
  const key = tier.by === "start" ? sql`o.start_at` : sql`o.distance`;
  const [after, before] = tier.backwards === true ? [sql`>`, sql`<=`] : [sql`>=`, sql`<`];
  const value = (bound: Bound) => (tier.by === "start" ? sql`${bound.key}::timestamptz` : sql`${bound.key}::double precision`);
  return [
    ...(tier.from === undefined ? [] : [sql`(${key}, d.event_id) ${after} (${value(tier.from)}, ${tier.from.id}::uuid)`]),
    ...(tier.until === undefined ? [] : [sql`(${key}, d.event_id) ${before} (${value(tier.until)}, ${tier.until.id}::uuid)`]),
  ];
}

function areaConditions({ near, bbox, polygon }: Exactly): Sql[] {
  const conditions = placeConditions({ ...(near && { near }), ...(bbox && { bbox }) });
  if (polygon === undefined) return conditions;
  const ring = [...polygon, polygon[0]!].map(([longitude, latitude]) => `${longitude} ${latitude}`).join(",");
  return [...conditions, sql`st_covers(st_geomfromtext(${`POLYGON((${ring}))`}, 4326), p.point::geometry)`];
}

/** Of an event at several places, the occurrences there; the tags of the others said enough. */
function spotConditions(at: Exactly["at"]): Sql[] {
  if (at === undefined) return [];
  const { venues, ...address } = at;
  const there = allOf([...placeConditions(address), ...(venues === undefined ? [] : [sql`p.id = any (${[...venues]}::uuid[])`])]);
  return [
    sql`(not d.tags @> '{places:several}' or exists (select from places p
      where p.id = coalesce(o.venue_id, (select v.primary_venue_id from events v where v.id = d.event_id)) and ${there}))`,
  ];
}

/** A free event costs 0; one whose price nobody told is not found by price. */
function priced({ least, most, currency }: NonNullable<Exactly["price"]>): Sql {
  const free = sql`(e.is_accessible_for_free is true or e.price_high = 0)`;
  const bounds = allOf([
    sql`e.price_low is not null`,
    ...(most === undefined ? [] : [sql`e.price_low <= ${String(most)}::numeric`]),
    ...(least === undefined ? [] : [sql`e.price_high >= ${String(least)}::numeric`]),
    ...(currency === undefined ? [] : [sql`e.price_currency = ${currency}`]),
  ]);
  return least === undefined || least === 0 ? sql`(${free} or ${bounds})` : sql`(not coalesce(${free}, false) and ${bounds})`;
}
