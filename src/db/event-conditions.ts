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

/** On which days an occurrence starts. The bounds on start_at say nothing new; they let the index on it be used. */
export function timeConditions({ startDate, endDate, instants }: DayFilters, alias: "o" | "p"): Sql[] {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  const conditions: Sql[] = [];
  if (startDate !== undefined) {
    const local = sql`${column("local_date")} >= ${startDate}::date`;
    conditions.push(
      sql`${column("start_at")} >= (${startDate}::date - 2)::timestamptz`,
      instants?.from === undefined
        ? local
        : sql`case when ${column("start_is_date")} then ${local} else ${column("start_at")} >= to_timestamp(${instants.from / 1000}::double precision) end`,
    );
  }
  if (endDate !== undefined) {
    const local = sql`${column("local_date")} <= ${endDate}::date`;
    conditions.push(
      sql`${column("start_at")} < (${endDate}::date + 3)::timestamptz`,
      instants?.until === undefined
        ? local
        : sql`case when ${column("start_is_date")} then ${local} else ${column("start_at")} < to_timestamp(${instants.until / 1000}::double precision) end`,
    );
  }
  return conditions;
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
