/**
 * Expands recurring events into event_occurrences, up to a horizon that moves on with time. A rule without end costs nothing
 * beyond it. Expanding twice changes nothing; expanding to one day and then to a later one is expanding to the later one.
 */
import { setImmediate } from "node:timers/promises";
import type { Tx } from "../db/database.ts";
import { lockEvents } from "../db/events.ts";
import { indexAgain, readOccurrences, removeOccurrences, writeOccurrences } from "../db/occurrences.ts";
import { dueSeries, noteExpanded, noteTimes, readSeries } from "../db/series.ts";
import { overAt } from "../domain/canonical-series.ts";
import { firstOf } from "../domain/recurrence/expand.ts";
import type { Registry } from "./context.ts";
import { advance, rewrite, type Change } from "./occurrence-changes.ts";

const DAY = 24 * 60 * 60 * 1000;
/** A run goes this much further than it must, so that a series is not written every day for one day's sake. */
const SLACK = 30 * DAY;
/** Occurrences that a write expands at once; the job does the rest. */
const NEAR = 62 * DAY;
/** Events of one transaction. */
const CHUNK = 50;

/** For a transaction that has just written these series: their rule may be another one, and the next two months stand at once. */
export async function expandWritten(registry: Registry, tx: Tx, eventIds: readonly string[]): Promise<void> {
  if (eventIds.length === 0) return;
  await expandSeries(registry, tx, eventIds, { until: registry.clock().getTime() + NEAR, anew: true });
  await registry.enqueue(tx, { queue: "expand-series" });
}

/**
 * Expands these series until `until` (milliseconds since 1970); the caller has locked the events. With `anew`, and where the rules
 * of the clocks have changed, what stands from now on is put right, too. What has begun is history: no rule changes it, only a word
 * about that very occurrence.
 */
export async function expandSeries(
  registry: Registry,
  tx: Tx,
  eventIds: readonly string[],
  { until, anew = false }: { until: number; anew?: boolean },
): Promise<void> {
  const now = registry.clock();
  const all = await readSeries(tx, eventIds);
  const moved = all.filter((series) => series.tzdata !== undefined && series.tzdata !== registry.tzdata);
  const rewritten = all.filter((series) => anew || series.expanded === undefined || moved.includes(series));
  const standing = await readOccurrences(
    tx,
    rewritten.map((series) => series.eventId),
  );
  const changes: Change[] = [];
  for (const series of all) {
    const known = standing.get(series.eventId);
    if (known !== undefined)
      changes.push(rewrite(series, known, { least: until, horizon: horizonFrom(registry, now.getTime()), now: now.getTime() }));
    else if (series.expanded!.until < until) changes.push(advance(series, until, now.getTime()));
    // Many series may be long; whoever else waits for this process comes in between.
    await setImmediate();
  }
  await removeOccurrences(
    tx,
    changes.flatMap((change) => change.removed),
  );
  await writeOccurrences(
    tx,
    changes.flatMap((change) => change.written.map((row) => ({ ...row, id: registry.mint(now.getTime()) }))),
    now,
  );
  await noteExpanded(tx, changes, registry.tzdata, now);
  await noteTimes(
    tx,
    moved.map(({ eventId, sets, overrides }) => ({
      eventId,
      first: sets.map((set) => firstOf([set])!),
      overAt: overAt({ sets, overrides: Object.fromEntries(overrides) }),
    })),
    now,
  );
  const changed = changes.filter((change) => change.written.length > 0 || change.removed.length > 0);
  await indexAgain(
    tx,
    changed.map((change) => change.eventId),
  );
}

const horizonFrom = (registry: Registry, now: number): number => now + registry.horizonDays * DAY;

/**
 * The job: every series whose occurrences do not stand as far as the horizon, or were placed by other rules of the clocks. Each
 * chunk is a transaction; what a run leaves, the next one does. Throws at the end, naming the events that could not be expanded.
 */
export async function expandDue(registry: Registry): Promise<{ events: number }> {
  const { database, tzdata } = registry;
  const until = horizonFrom(registry, registry.clock().getTime());
  const failures: string[] = [];
  const expand = async (ids: readonly string[]): Promise<void> => {
    try {
      await database.transact(
        async (tx) => {
          await lockEvents(tx, ids);
          await expandSeries(registry, tx, ids, { until: until + SLACK });
        },
        { actor: "job:expand-series" },
      );
    } catch (error) {
      // One that cannot be expanded must not hold up the others.
      if (ids.length > 1) for (const id of ids) await expand([id]);
      else failures.push(`${ids.join()}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  let events = 0;
  for (let after: string | undefined; ;) {
    const due = await database.read((on) => dueSeries(on, { until: new Date(until), tzdata, after, limit: CHUNK }));
    if (due.length === 0) break;
    await expand(due);
    events += due.length;
    after = due.at(-1);
  }
  if (failures.length > 0) throw new Error(`${failures.length} series could not be expanded: ${failures.slice(0, 10).join("; ")}`);
  return { events };
}
