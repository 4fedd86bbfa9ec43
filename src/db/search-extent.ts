/** From when to when there are events at all, and which places are near a point: what a search is narrowed by before it begins. */
import { sql } from "kysely";
import { pointAt } from "./event-conditions.ts";
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

/** Ids of the places within so many metres; undefined where there are more than `most`. By the index on points. */
export async function placesWithin(
  on: Reader,
  centre: { latitude: number; longitude: number },
  radius: number,
  most: number,
): Promise<string[] | undefined> {
  const { rows } = await sql<{ id: string }>`select p.id from places p
    where st_dwithin(p.point, ${pointAt(centre)}, ${radius}::double precision)
    limit ${most + 1}`.execute(kyselyOf(on));
  return rows.length > most ? undefined : rows.map(({ id }) => id);
}
