/** From when to when there are events at all, and which places are near a point: what a search is narrowed by before it begins. */
import { sql } from "kysely";
import { allOf, pointAt, timeConditions, type Point } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** The first and the last start, in milliseconds; undefined where there is no event. By the ends of an index. */
export async function timesOfEvents(on: Reader): Promise<{ least: number; most: number } | undefined> {
  const { rows } = await sql<{ least: Date | null; most: Date | null }>`
    select (select min(start_at) from event_occurrences) as least, (select max(start_at) from event_occurrences) as most`.execute(
    kyselyOf(on),
  );
  const { least, most } = rows[0] ?? {};
  return least && most ? { least: least.getTime(), most: most.getTime() } : undefined;
}

/** Ids of the events of which an occurrence goes on at this instant; undefined where there are more than `most`. */
export async function eventsOn(on: Reader, at: number, most: number): Promise<string[] | undefined> {
  const { rows } = await sql<{ id: string }>`
    select distinct o.event_id as id from event_occurrences o where ${allOf(timeConditions({ on: at }, "o"))} limit ${most + 1}`.execute(
    kyselyOf(on),
  );
  return rows.length > most ? undefined : rows.map(({ id }) => id);
}

/** Ids of the places in the ring from so many metres to so many, ends included; undefined where there are more than `most`. */
export async function placesInRing(
  on: Reader,
  centre: Point,
  { from, until }: { from: number; until: number },
  most: number,
): Promise<string[] | undefined> {
  const { rows } = await sql<{ id: string }>`select p.id from places p
    where st_dwithin(p.point, ${pointAt(centre)}, ${until}::double precision) and st_distance(p.point, ${pointAt(centre)}) >= ${from}::double precision
    limit ${most + 1}`.execute(kyselyOf(on));
  return rows.length > most ? undefined : rows.map(({ id }) => id);
}

/**
 * How many metres out about `count` places lie beyond `from`; undefined where there are fewer. About: the index on points
 * orders by the distance on a sphere.
 */
export async function reachOf(on: Reader, centre: Point, from: number, count: number): Promise<number | undefined> {
  const { rows } = await sql<{ metres: number }>`select st_distance(p.point, ${pointAt(centre)}) as metres from places p
    where st_distance(p.point, ${pointAt(centre)}) > ${from}::double precision
    order by p.point <-> ${pointAt(centre)} limit 1 offset ${count - 1}`.execute(kyselyOf(on));
  return rows[0]?.metres;
}
