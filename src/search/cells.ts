/**
 * The grid by which the index knows where an event is (cells_of in migration 0007): squares of one hundredth, one
 * tenth, one and ten degrees. What is asked for is covered with the finest squares of which a few suffice.
 */
import type { Circle } from "../db/event-conditions.ts";

/** Degrees; `west` greater than `east` crosses the antimeridian. */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Squares of 10^-level degrees. */
const LEVELS = [2, 1, 0, -1] as const;
/** The squares of ten degrees around a pole are 74. */
const MOST_CELLS = 128;
/** A little less than the shortest degree of latitude on the ellipsoid, in metres, so that no circle is cut. */
const METRES_PER_DEGREE = 110_000;

/** Tags of the cells that cover the box, or undefined where that would be a good part of the world. */
export function cellsOf({ west, south, east, north }: Box): string[] | undefined {
  const spans = west <= east ? [[west, east] as const] : [[west, 180] as const, [-180, east] as const];
  for (const level of LEVELS) {
    // As the database counts them: a tenth of 30 is 3 and a bit when multiplied, and 3 when divided.
    const index = (degrees: number) => Math.floor(level < 0 ? degrees / 10 ** -level : degrees * 10 ** level);
    const rows = index(north) - index(south) + 1;
    const columns = spans.reduce((sum, [from, to]) => sum + index(to) - index(from) + 1, 0);
    if (rows * columns > MOST_CELLS) continue;
    const cells: string[] = [];
    for (let row = index(south); row <= index(north); row++) {
      for (const [from, to] of spans)
        for (let column = index(from); column <= index(to); column++) cells.push(`cell${level}:${row},${column}`);
    }
    return cells;
  }
  return undefined;
}

/** The box around a circle: `boxAround({latitude: 43.65, longitude: -79.38, radius: 1000})`. Near a pole it goes all the way round. */
export function boxAround({ latitude, longitude, radius }: Circle): Box {
  const up = radius / METRES_PER_DEGREE;
  const south = Math.max(-90, latitude - up);
  const north = Math.min(90, latitude + up);
  const narrowest = Math.cos((Math.max(Math.abs(south), Math.abs(north)) * Math.PI) / 180);
  const aside = narrowest < 1e-6 ? 180 : up / narrowest;
  if (aside >= 180) return { west: -180, south, east: 180, north };
  const wrapped = (degrees: number) => (degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees);
  return { west: wrapped(longitude - aside), south, east: wrapped(longitude + aside), north };
}

/** The box around a polygon's vertices. */
export function boxOf(vertices: readonly (readonly [number, number])[]): Box {
  const longitudes = vertices.map(([longitude]) => longitude);
  const latitudes = vertices.map(([, latitude]) => latitude);
  return { west: Math.min(...longitudes), south: Math.min(...latitudes), east: Math.max(...longitudes), north: Math.max(...latitudes) };
}

export const DAY = 24 * 60 * 60 * 1000;
/** UTC days since 1970-01-01. */
export const dayOf = (instant: number): number => Math.floor(instant / DAY);
/** A window of more days than these is looked for by its weeks, and one of more weeks than these is no help to the index. */
const MOST_DAYS = 64;
const MOST_WEEKS = 160;

/** Tags of the days or weeks of UTC in which these instants and those between them lie, or undefined where that would be a good part of all. */
export function timesOf(from: number, until: number): string[] | undefined {
  const [first, last] = [dayOf(from), dayOf(until)];
  if (last - first < MOST_DAYS) return counted(first, last).map((day) => `date:${new Date(day * DAY).toISOString().slice(0, 10)}`);
  // As `week_of` counts them: of seven days from the first of January 1970 on.
  const [firstWeek, lastWeek] = [Math.floor(first / 7), Math.floor(last / 7)];
  return lastWeek - firstWeek < MOST_WEEKS ? counted(firstWeek, lastWeek).map((week) => `week:${week}`) : undefined;
}

const counted = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The first and the last instant between which these local days lie, wherever on earth: they reach a day over the same days in UTC. */
export const beginningOf = (startDate: string): number => Date.parse(startDate) - DAY;
export const endOf = (endDate: string): number => Date.parse(endDate) + 2 * DAY - 1;
