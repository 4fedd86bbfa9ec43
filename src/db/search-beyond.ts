/**
 * Searches that reach beyond what of recurring events stands in event_occurrences (horizon.ts): occurrences that pass the filters of
 * time are expanded and handed to the statements of search, which take them for rows of the table.
 */
import { setImmediate } from "node:timers/promises";
import { sql } from "kysely";
import type { EventState } from "../domain/state.ts";
import { readStates } from "./entities.ts";
import { allOf } from "./event-conditions.ts";
import { kyselyOf, type Reader } from "./handle.ts";
import { boundsOf, cutOf, MOST_SERIES, outside, reaches, STORED, windowOf, type Stored } from "./horizon.ts";
import { startOf } from "./occurrence-passes.ts";
import { indexed, type Beyond, type Wanted } from "./search-found.ts";

/** Undefined where all that is asked for stands in the table. */
export async function searchBeyond(on: Reader, wanted: Wanted): Promise<Beyond | undefined> {
  const { exactly, latest } = wanted;
  const bounds = boundsOf(exactly);
  const window = bounds && (await windowOf(on, bounds));
  if (window === undefined) return undefined;
  const { rows: series } = await sql<Stored & { id: string }>`select s.event_id as id, ${STORED}
    from event_series s join event_search d on d.event_id = s.event_id
    where ${reaches(window)} and ${allOf(indexed({ ...wanted, timely: [] }))} order by s.event_id limit ${MOST_SERIES + 1}`.execute(
    kyselyOf(on),
  );
  if (series.length === 0) return undefined;
  const kept = series.slice(0, MOST_SERIES);
  const states = await readStates(
    on,
    "event",
    kept.map(({ id }) => id),
  );
  let until = window.until;
  const rows: { id: string; start: number; day: string; venue: string | undefined }[] = [];
  for (const [n, state] of states.entries()) {
    // Others are served between two of them.
    await setImmediate();
    const found = outside(state as EventState, kept[n]!, exactly, window);
    until = Math.min(until, found.until);
    // Where all are held at one place, the first of them stands for the others.
    const several = found.occurrences.some(({ location }) => location !== undefined);
    const told = several ? found.occurrences : found.occurrences.slice(...(latest === true ? [-1] : [0, 1]));
    rows.push(...told.map((one) => ({ id: state.id, start: startOf(one), day: one.startDate.slice(0, 10), venue: one.location?.id })));
  }
  const cut = cutOf(series.length, until, bounds!);
  const starts = rows.map(({ start }) => start);
  return {
    ids: [...new Set(rows.map(({ id }) => id))],
    rows: JSON.stringify(rows.map((row) => ({ ...row, start: new Date(row.start).toISOString() }))),
    least: Math.min(...starts),
    most: Math.max(...starts),
    ...(cut && { cut }),
  };
}
