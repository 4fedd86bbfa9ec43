/**
 * Source health: visits are added up, old ones are forgotten, and each source that the node visits is judged by its own
 * rhythm (domain/rhythm.ts). What is wrong becomes a review item, once a topic; it is closed when the source does well again.
 */
import type { Reader, Tx } from "../db/database.ts";
import { listAbandonedTopics, readHealthReviews, type HealthReview } from "../db/health-reviews.ts";
import { closeReviews, listReviews, openReviews, type NewReview, type ReviewItem, type ReviewKind } from "../db/reviews.ts";
import {
  addUpVisits,
  forgetRollups,
  forgetVisits,
  listRollups,
  listVisited,
  listVisits,
  readTallies,
  type RollupRow,
  type VisitedSource,
  type VisitRow,
} from "../db/source-health.ts";
import { findSource } from "../db/sources.ts";
import { RegistryError } from "../domain/errors.ts";
import { judge, type Judgement } from "../domain/rhythm.ts";
import { DAY, type Alarm, type AlarmState } from "../domain/tally.ts";
import type { Registry } from "./context.ts";

const JOB = "job:check-health";
const VISITS_KEPT_FOR = 30 * DAY;
const HOURS_KEPT_FOR = 90 * DAY;
const DAYS_KEPT_FOR = 3 * 365 * DAY;
const FORGOTTEN_AT_ONCE = 5_000;

/** How far back a judgement looks, and how far back it looks at single visits instead of days. */
const LOOK = 400 * DAY;
const RECENT = 7 * DAY;
const SOURCES_AT_A_TIME = 100;

/** Adds visits up by hour and by day (UTC); returns how many roll-ups are new or changed. Running it twice changes nothing. */
export function rollUpVisits({ database, clock }: Registry): Promise<{ hours: number; days: number }> {
  const now = clock();
  return database.transact(async (tx) => ({ hours: await addUpVisits(tx, "hour", now), days: await addUpVisits(tx, "day", now) }));
}

/** Forgets visits after 30 days, hours after 90 and days after three years; returns how many of each. To be called after rollUpVisits. */
export async function forgetOldVisits({ database, clock }: Registry): Promise<{ visits: number; hours: number; days: number }> {
  const now = clock().getTime();
  const inChunks = async (forget: (tx: Tx) => Promise<number>): Promise<number> => {
    let all = 0;
    for (let some = FORGOTTEN_AT_ONCE; some === FORGOTTEN_AT_ONCE; all += some) some = await database.transact(forget);
    return all;
  };
  return {
    visits: await inChunks((tx) => forgetVisits(tx, new Date(now - VISITS_KEPT_FOR), FORGOTTEN_AT_ONCE)),
    hours: await inChunks((tx) => forgetRollups(tx, "hour", new Date(now - HOURS_KEPT_FOR), FORGOTTEN_AT_ONCE)),
    days: await inChunks((tx) => forgetRollups(tx, "day", new Date(now - DAYS_KEPT_FOR), FORGOTTEN_AT_ONCE)),
  };
}

/** Judges every source that the node visits; returns how many alarms that raised and how many it ended. To be called after rollUpVisits. */
export async function checkHealth(registry: Registry): Promise<{ alarms: number; cleared: number }> {
  const { database } = registry;
  let alarms = 0;
  let cleared = 0;
  for (let after: string | undefined; ;) {
    const sources = await database.read((on) => listVisited(on, after, SOURCES_AT_A_TIME));
    if (sources.length === 0) break;
    const told = await database.transact((tx) => tellHealth(registry, tx, sources));
    alarms += told.alarms;
    cleared += told.cleared;
    after = sources.at(-1)!.id;
  }
  cleared += await database.transact(async (tx) =>
    closeReviews(tx, await listAbandonedTopics(tx), { state: "resolved", resolution: "not visited", decidedBy: JOB }, registry.clock()),
  );
  return { alarms, cleared };
}

/** The whole round of the job: adds up, forgets, judges. */
export async function keepHealth(registry: Registry): Promise<{ alarms: number; cleared: number }> {
  await rollUpVisits(registry);
  await forgetOldVisits(registry);
  return checkHealth(registry);
}

async function tellHealth(registry: Registry, tx: Tx, sources: readonly VisitedSource[]): Promise<{ alarms: number; cleared: number }> {
  const now = registry.clock();
  const ids = sources.map(({ id }) => id);
  const judgements = await judgeSources(tx, ids, now);
  const reviews = Map.groupBy(await readHealthReviews(tx, ids), ({ topic }) => topic);
  const due = sources.flatMap((source) => alarmsByTopic(source, judgements.get(source.id)!));
  const hold = new Set(due.map(({ topic }) => topic));
  const opened = await openReviews(
    tx,
    due
      .filter(({ topic, alarm }) => mayBeTold(reviews.get(topic) ?? [], alarm))
      .map(({ topic, kind, source, alarm, numbers }): NewReview => {
        const { state, since, expected, actual } = alarm;
        const details = { state, source: source.name, since: new Date(since), expected, actual, numbers };
        return { id: registry.mint(now.getTime()), kind, topic, sourceId: source.id, details };
      }),
    now,
  );
  const over = [...reviews.values()].flat().filter(({ topic, open, judged }) => open && judged && !hold.has(topic));
  const decision = { state: "resolved", resolution: "recovered", decidedBy: JOB } as const;
  const topics = over.map(({ topic }) => topic);
  return { alarms: opened.length, cleared: await closeReviews(tx, topics, decision, now) };
}

/** A source that fails is told as one that is silent. */
const KIND_OF: Readonly<Record<AlarmState, ReviewKind & ("silent" | "empty" | "rejects")>> = {
  failing: "silent",
  silent: "silent",
  empty: "empty",
  rejecting: "rejects",
};

/** One alarm a topic: the worst where two share it. */
function alarmsByTopic(source: VisitedSource, { alarms, expected, actual }: Judgement) {
  const byKind = Map.groupBy(alarms, ({ state }) => KIND_OF[state]);
  const numbers = { expected, actual };
  return [...byKind].map(([kind, [alarm]]) => ({ topic: `${kind} ${source.id}`, kind, source, alarm: alarm!, numbers }));
}

/**
 * Not over an item that a visit's guard has opened, and not again while that lasts which a person has decided about. The day
 * between: visits that are added up to a day have begun at most that much later.
 */
function mayBeTold(reviews: readonly HealthReview[], { state, since }: Alarm): boolean {
  const open = reviews.find((review) => review.open);
  if (open !== undefined) return open.judged;
  const decidedAt = reviews.find(({ told }) => told === state)?.decidedAt;
  return decidedAt == null || decidedAt.getTime() < since - DAY;
}

async function judgeSources(on: Reader, ids: readonly string[], now: Date): Promise<Map<string, Judgement>> {
  const startOfDay = Math.floor((now.getTime() - RECENT) / DAY) * DAY;
  const tallies = await readTallies(on, ids, { from: new Date(now.getTime() - LOOK), recent: new Date(startOfDay) });
  return new Map(ids.map((id) => [id, judge(tallies.get(id) ?? [], now.getTime())]));
}

export interface SourceHealth {
  source: VisitedSource;
  judgement: Judgement;
  /** The last 20, the newest first. */
  visits: VisitRow[];
  /** Of the last 48 hours and 60 days, the newest first. */
  hours: RollupRow[];
  days: RollupRow[];
  /** What waits for a person. */
  reviews: ReviewItem[];
}

/** How the source of that name does. Throws `not_found`. A source that the node does not visit has an empty history. */
export async function readSourceHealth(on: Reader, name: string, now: Date): Promise<SourceHealth> {
  const source = await findSource(on, name);
  if (source === undefined) throw new RegistryError("not_found", { detail: `There is no source named ${name}.` });
  const { id } = source;
  return {
    source: { id, name },
    judgement: (await judgeSources(on, [id], now)).get(id)!,
    visits: await listVisits(on, id, 20),
    hours: await listRollups(on, id, "hour", new Date(now.getTime() - 2 * DAY)),
    days: await listRollups(on, id, "day", new Date(now.getTime() - 60 * DAY)),
    reviews: await listReviews(on, { state: "open", sourceId: id, limit: 50 }),
  };
}
