/** What people were told of sources that do not as they used to (kinds silent, empty and rejects of table review_items). */
import { sql } from "kysely";
import { kyselyOf, type Reader } from "./handle.ts";
import type { VisitOutcome } from "./harvest-visits.ts";

const OF_HEALTH = sql.raw("kind in ('silent', 'empty', 'rejects')");
/** Written by the judgement; an item of a visit's own guard bears no state, and is the guard's to close. */
const JUDGED = sql.raw("(details ? 'state' and coalesce(details -> 'guard', 'false') <> 'true')");

export interface HealthReview {
  topic: string;
  /** What was told: failing, silent, empty or rejecting. */
  told: string;
  open: boolean;
  /** Opened by the judgement, which may change and close it. */
  judged: boolean;
  /** When a person last decided about it. */
  decidedAt: Date | null;
}

/** What is open about these sources' health, and what a person has decided about it before: one row a topic and state. */
export async function readHealthReviews(on: Reader, sourceIds: readonly string[]): Promise<HealthReview[]> {
  const { rows } = await sql<HealthReview>`
    select topic, coalesce(details ->> 'state', 'empty') as told, bool_or(state = 'open') as open,
      coalesce(bool_or(${JUDGED}) filter (where state = 'open'), false) as judged,
      max(decided_at) filter (where state <> 'open' and decided_by not like 'job:%') as "decidedAt"
    from review_items where source_id = any (${[...sourceIds]}::uuid[]) and ${OF_HEALTH}
    group by 1, 2`.execute(kyselyOf(on));
  return rows;
}

/** Topics of open items that the judgement has opened, of sources that are visited no longer. */
export async function listAbandonedTopics(on: Reader): Promise<string[]> {
  const { rows } = await sql<{ topic: string }>`
    select topic from review_items r
    where state = 'open' and ${OF_HEALTH} and ${JUDGED} and not exists (
      select from source_harvests h join sources s on s.id = h.source_id
      where h.source_id = r.source_id and h.enabled and s.withdrawn_at is null)`.execute(kyselyOf(on));
  return rows.map(({ topic }) => topic);
}

export interface TroubledState {
  source: string;
  /** The worst that is open: failing, empty, rejecting or silent; else well. */
  state: string;
}

/** How the sources that the node visits do, those in trouble first; at most `limit`. */
export async function listSourceStates(on: Reader, limit: number): Promise<TroubledState[]> {
  const { rows } = await sql<TroubledState>`
    select s.name as source, coalesce(trouble.state, 'well') as state
    from source_harvests h join sources s on s.id = h.source_id
    left join lateral (
      select told.state from review_items r
      cross join lateral (select case when r.kind = 'silent' then r.details ->> 'state' when r.kind = 'rejects' then 'rejecting' else 'empty' end as state) told
      where r.source_id = s.id and r.state = 'open' and ${OF_HEALTH}
      order by array_position(array['failing', 'empty', 'rejecting', 'silent'], told.state) limit 1
    ) trouble on true
    where h.enabled and s.withdrawn_at is null
    order by trouble.state is null, s.name limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** Visits that ended since `since`, by outcome; outcomes without any are absent. */
export async function countVisits(on: Reader, since: Date): Promise<Partial<Record<VisitOutcome, number>>> {
  const { rows } = await sql<{ outcome: VisitOutcome; n: number }>`
    select outcome, count(*)::int as n from harvest_visits where started_at >= ${since} and outcome is not null group by outcome`.execute(
    kyselyOf(on),
  );
  return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]));
}
