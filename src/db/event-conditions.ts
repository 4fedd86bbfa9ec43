/** When and where, as conditions of SQL: what lists and search ask of occurrences and places in the same words. */
import { sql, type RawBuilder } from "kysely";

export type Sql = RawBuilder<unknown>;
export const allOf = (conditions: readonly Sql[]): Sql => (conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `));

/** An instant as cursors hold it: UTC with microseconds. */
export const utcText = (instant: Sql): Sql => sql`to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Degrees. */
export interface Point {
  latitude: number;
  longitude: number;
}
/** `radius` in metres, on the ellipsoid. */
export interface Circle extends Point {
  radius: number;
}

export interface DayFilters {
  /** Plain dates, inclusive: days on which an occurrence starts, in its own zone. */
  startDate?: string;
  endDate?: string;
  /** The same days as instants [from, until) of one zone, in milliseconds; timed occurrences are compared with these instead. */
  instants?: { from?: number; until?: number };
}

export interface PlaceFilters {
  /** Compared without regard to case. */
  city?: string;
  region?: string;
  country?: string;
  near?: Circle;
  /** Degrees; `west` greater than `east` crosses the antimeridian. */
  bbox?: { west: number; south: number; east: number; north: number };
}

/** When an occurrence is; every filter asks of one and the same. */
export interface TimeFilters extends DayFilters {
  /** ISO weekdays, 1 Monday to 7 Sunday, on which it starts in its own zone. */
  days?: readonly number[];
  /** Minutes of the local day at which it starts, both included; `until` before `from` passes midnight. Never a date without a time. */
  hours?: Hours;
  /** Milliseconds: it starts at `from` or later, and before `until`. */
  starts?: { from?: number; until?: number };
  /** Milliseconds: it goes on at this instant (see occurrence_span in migration 0015), and is neither cancelled nor postponed. */
  on?: number;
}
export interface Hours {
  from: number;
  until: number;
}

export const isTimed = ({ startDate, endDate, days, hours, starts, on }: TimeFilters): boolean =>
  [startDate, endDate, days, hours, starts?.from, starts?.until, on].some((filter) => filter !== undefined);

/** When an occurrence is. The bounds on start_at of the days say nothing new; they let the index on it be used. */
export function timeConditions({ startDate, endDate, instants, days, hours, starts, on }: TimeFilters, alias: "o" | "p"): Sql[] {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  const conditions: Sql[] = [];
  if (startDate !== undefined) {
    // Of what starts later nobody need ask; nor does the planner take what follows from the bound for another, and rarer, condition.
    const local = sql`(${column("start_at")} >= ${latest(startDate)} or ${column("local_date")} >= ${startDate}::date)`;
    conditions.push(
      sql`${column("start_at")} >= ${earliest(startDate)}`,
      instants?.from === undefined
        ? local
        : sql`case when ${column("start_is_date")} then ${local} else ${column("start_at")} >= ${instant(instants.from)} end`,
    );
  }
  if (endDate !== undefined) {
    const local = sql`(${column("start_at")} < ${earliest(endDate, 1)} or ${column("local_date")} <= ${endDate}::date)`;
    conditions.push(
      sql`${column("start_at")} < ${latest(endDate, 1)}`,
      instants?.until === undefined
        ? local
        : sql`case when ${column("start_is_date")} then ${local} else ${column("start_at")} < ${instant(instants.until)} end`,
    );
  }
  if (starts?.from !== undefined) conditions.push(sql`${column("start_at")} >= ${instant(starts.from)}`);
  if (starts?.until !== undefined) conditions.push(sql`${column("start_at")} < ${instant(starts.until)}`);
  if (days !== undefined) conditions.push(sql`${column("iso_weekday")} = any (${[...days]}::int[])`);
  if (hours !== undefined) conditions.push(...hourConditions(hours, column("local_time")), sql`not ${column("start_is_date")}`);
  if (on !== undefined) {
    conditions.push(
      sql`${spanOf(alias)} @> ${instant(on)}`,
      sql`coalesce(${column("event_status")}, '') not in ('EventCancelled', 'EventPostponed')`,
    );
  }
  return conditions;
}

/** From when to when an occurrence goes on; as event_occurrences_span is made of it. */
export const spanOf = (alias: "o" | "p"): Sql => {
  const columns = ["start_at", "end_at", "start_is_date", "end_is_date", "local_date", "local_end_date", "timezone"];
  return sql`occurrence_span(${sql.join(columns.map((name) => sql.ref(`${alias}.${name}`)))})`;
};

/** When this day, or one so many days later, begins at the earliest and at the latest wherever on earth: no clock was ever 16 hours from UTC. */
const earliest = (day: string, later = 0): Sql =>
  sql`((${day}::date + ${sql.lit(later)})::timestamp at time zone 'UTC' - interval '16 hours')`;
const latest = (day: string, later = 0): Sql =>
  sql`((${day}::date + ${sql.lit(later)})::timestamp at time zone 'UTC' + interval '16 hours')`;

const instant = (milliseconds: number): Sql => sql`to_timestamp(${milliseconds / 1000}::double precision)`;

function hourConditions({ from, until }: Hours, time: Sql): Sql[] {
  const first = sql`make_time(${Math.floor(from / 60)}::int, ${from % 60}::int, 0)`;
  // The last moment of that minute.
  const last = sql`make_time(${Math.floor(until / 60)}::int, ${until % 60}::int, 59.999999)`;
  return [from <= until ? sql`${time} between ${first} and ${last}` : sql`(${time} >= ${first} or ${time} <= ${last})`];
}

/** A page of so few weekdays and hours is merged from their stretches of event_occurrences_hours; of more, the index on start_at gives one as soon. */
const MOST_HOURS = 12;

/**
 * Where occurrences of these times come from, in place of the table's name. For few hours of the week it is one stretch of an
 * index for each, every one in order of start: the planner merges them, so that a page costs a few rows however rare the hours.
 * Without the inner orders it gathers all stretches and sorts them.
 */
export function occurrencesAt({ days, hours }: TimeFilters, order: Sql): Sql {
  if (hours === undefined) return sql`event_occurrences`;
  const ofDay = hoursBetween(hours);
  const pairs = (days ?? [1, 2, 3, 4, 5, 6, 7]).flatMap((day) => ofDay.map((hour) => [day, hour] as const));
  if (pairs.length > MOST_HOURS) return sql`event_occurrences`;
  const stretches = pairs.map(
    ([day, hour]) =>
      sql`(select * from event_occurrences where iso_weekday = ${sql.lit(day)} and extract(hour from local_time) = ${sql.lit(hour)} and not start_is_date
        order by start_at ${order}, event_id ${order})`,
  );
  return sql`(${sql.join(stretches, sql` union all `)})`;
}

/** The hours of the day, 0 to 23, that these minutes touch. */
export function hoursBetween({ from, until }: Hours): number[] {
  const [first, last] = [Math.floor(from / 60), Math.floor(until / 60)];
  return Array.from({ length: 24 }, (_, hour) => hour).filter((hour) =>
    from <= until ? hour >= first && hour <= last : hour >= first || hour <= last,
  );
}

/** As `places.point` holds it. */
export const pointAt = ({ latitude, longitude }: Point): Sql =>
  sql`st_setsrid(st_makepoint(${longitude}::double precision, ${latitude}::double precision), 4326)::geography`;

/** Of a place `p`. */
export function placeConditions({ city, region, country, near, bbox }: PlaceFilters): Sql[] {
  const conditions: Sql[] = [];
  if (city !== undefined) conditions.push(sql`lower(p.locality) = lower(${city})`);
  if (region !== undefined) conditions.push(sql`lower(p.region) = lower(${region})`);
  if (country !== undefined) conditions.push(sql`lower(p.country) = lower(${country})`);
  if (near !== undefined) {
    conditions.push(sql`st_dwithin(p.point, ${pointAt(near)}, ${near.radius}::double precision)`);
  }
  if (bbox !== undefined) {
    const { west, south, east, north } = bbox;
    const within =
      west <= east
        ? sql`p.longitude between ${west}::double precision and ${east}::double precision`
        : sql`(p.longitude >= ${west}::double precision or p.longitude <= ${east}::double precision)`;
    conditions.push(sql`p.latitude between ${south}::double precision and ${north}::double precision and ${within}`);
  }
  return conditions;
}
