/** What a person must look at (table review_items): each topic is open once at a time. */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export const REVIEW_KINDS = ["duplicate", "conflict", "withdrawn", "silent", "empty", "rejects"] as const;
export type ReviewKind = (typeof REVIEW_KINDS)[number];
export const REVIEW_STATES = ["open", "resolved", "dismissed"] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

export interface ReviewItem {
  id: string;
  kind: ReviewKind;
  topic: string;
  entityKind: EntityKind | null;
  entityId: string | null;
  otherId: string | null;
  sourceId: string | null;
  details: Record<string, unknown>;
  state: ReviewState;
  resolution: string | null;
  decidedBy: string | null;
  decidedAt: Date | null;
  reason: string | null;
  createdAt: Date;
}

export interface NewReview {
  id: string;
  kind: ReviewKind;
  topic: string;
  entityKind?: EntityKind;
  entityId?: string;
  otherId?: string;
  sourceId?: string;
  details: object;
}

/** The topic of a pair, whichever way round it is given. */
export function pairTopic(kind: EntityKind, a: string, b: string): string {
  const [low, high] = a < b ? [a, b] : [b, a];
  return `duplicate ${kind} ${low} ${high}`;
}

/**
 * Opens what is not open yet and brings the details of the rest up to date; returns the items that are new. What a person has
 * dismissed is not told again until there is something else to tell.
 */
export async function openReviews(tx: Tx, items: readonly NewReview[], now: Date): Promise<{ id: string; topic: string }[]> {
  if (items.length === 0) return [];
  const ordered = items.toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  const { rows } = await sql<{ id: string; topic: string; added: boolean }>`
    insert into review_items as v (id, kind, topic, entity_kind, entity_id, other_id, source_id, details, created_at, updated_at)
    select r.id, r.kind, r.topic, r."entityKind", r."entityId", r."otherId", r."sourceId", r.details, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(ordered)}::json) as r(id uuid, kind text, topic text, "entityKind" text, "entityId" uuid,
      "otherId" uuid, "sourceId" uuid, details jsonb)
    where not exists (select from review_items d where d.topic = r.topic and d.state = 'dismissed' and d.details = r.details)
    on conflict (topic) where state = 'open' do update set details = excluded.details, updated_at = excluded.updated_at
      where v.details is distinct from excluded.details
    returning id, topic, (xmax = 0) as added`.execute(kyselyOf(tx));
  return rows.filter((row) => row.added).map(({ id, topic }) => ({ id, topic }));
}

export interface Decision {
  state: Exclude<ReviewState, "open">;
  resolution: string;
  decidedBy: string;
  reason?: string | undefined;
}

/** Closes what is open under these topics; returns how many that were. */
export async function closeReviews(tx: Tx, topics: readonly string[], decision: Decision, now: Date): Promise<number> {
  if (topics.length === 0) return 0;
  const { numAffectedRows } = await sql`
    update review_items set state = ${decision.state}, resolution = ${decision.resolution}, decided_by = ${decision.decidedBy},
      decided_at = ${now}, reason = ${decision.reason ?? null}, updated_at = ${now}
    where topic = any (${[...topics]}::text[]) and state = 'open'`.execute(kyselyOf(tx));
  return Number(numAffectedRows ?? 0);
}

/** The pairs that are open for a person to decide, of which one is among these. */
export async function openPairsOf(on: Reader, kind: EntityKind, ids: readonly string[]): Promise<{ entityId: string; otherId: string }[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ entityId: string; otherId: string }>`
    select entity_id as "entityId", other_id as "otherId" from review_items
    where state = 'open' and kind = 'duplicate' and entity_kind = ${kind} and id in (
      select id from review_items where entity_id = any (${[...ids]}::uuid[])
      union select id from review_items where other_id = any (${[...ids]}::uuid[]))`.execute(kyselyOf(on));
  return rows;
}

/** Closes what is open of a kind about these entities, but for these topics. By review_items_entity and review_items_other. */
export async function closeReviewsExcept(
  tx: Tx,
  { kind, entityIds, topics }: { kind: ReviewKind; entityIds: readonly string[]; topics: readonly string[] },
  decision: Decision,
  now: Date,
): Promise<void> {
  if (entityIds.length === 0) return;
  await sql`
    update review_items set state = ${decision.state}, resolution = ${decision.resolution}, decided_by = ${decision.decidedBy},
      decided_at = ${now}, reason = ${decision.reason ?? null}, updated_at = ${now}
    where state = 'open' and kind = ${kind} and topic <> all (${[...topics]}::text[])
      and id in (select id from review_items where entity_id = any (${[...entityIds]}::uuid[])
        union select id from review_items where other_id = any (${[...entityIds]}::uuid[]))`.execute(kyselyOf(tx));
}

/** Closes what is open about an entity, on either side of a pair. */
export async function closeReviewsOf(tx: Tx, entityId: string, decision: Decision, now: Date): Promise<void> {
  await sql`
    update review_items set state = ${decision.state}, resolution = ${decision.resolution}, decided_by = ${decision.decidedBy},
      decided_at = ${now}, reason = ${decision.reason ?? null}, updated_at = ${now}
    where state = 'open' and (entity_id = ${entityId} or other_id = ${entityId})`.execute(kyselyOf(tx));
}

const COLUMNS =
  sql.raw(`id, kind, topic, entity_kind as "entityKind", entity_id as "entityId", other_id as "otherId", source_id as "sourceId",
  details, state, resolution, decided_by as "decidedBy", decided_at as "decidedAt", reason, created_at as "createdAt"`);

export async function readReview(on: Reader, id: string): Promise<ReviewItem | undefined> {
  return (await sql<ReviewItem>`select ${COLUMNS} from review_items where id = ${id}`.execute(kyselyOf(on))).rows[0];
}

/** The same, and nobody else decides it while this transaction lasts. */
export async function lockReview(tx: Tx, id: string): Promise<ReviewItem | undefined> {
  return (await sql<ReviewItem>`select ${COLUMNS} from review_items where id = ${id} for update`.execute(kyselyOf(tx))).rows[0];
}

/** Writes the decision over an item that is locked: open, or closed by what this transaction has just done. */
export async function decideLocked(tx: Tx, id: string, decision: Decision, now: Date): Promise<void> {
  await sql`
    update review_items set state = ${decision.state}, resolution = ${decision.resolution}, decided_by = ${decision.decidedBy},
      decided_at = ${now}, reason = ${decision.reason ?? null}, updated_at = ${now}
    where id = ${id}`.execute(kyselyOf(tx));
}

export interface ReviewFilter {
  state: ReviewState;
  kind?: ReviewKind | undefined;
  sourceId?: string | undefined;
  /** Either side of a pair. */
  entityId?: string | undefined;
  /** Items older than this one (ids are in the order of time). */
  before?: string | undefined;
  limit: number;
}

/** The newest first. */
export async function listReviews(on: Reader, { state, kind, sourceId, entityId, before, limit }: ReviewFilter): Promise<ReviewItem[]> {
  const { rows } = await sql<ReviewItem>`
    select ${COLUMNS} from review_items
    where state = ${state}
      and (${kind ?? null}::text is null or kind = ${kind ?? null})
      and (${sourceId ?? null}::uuid is null or source_id = ${sourceId ?? null})
      and (${entityId ?? null}::uuid is null or entity_id = ${entityId ?? null} or other_id = ${entityId ?? null})
      and (${before ?? null}::uuid is null or id < ${before ?? null})
    order by id desc limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** How many are open, by kind; kinds without any are absent. */
export async function countReviews(on: Reader): Promise<Partial<Record<ReviewKind, number>>> {
  const { rows } = await sql<{ kind: ReviewKind; n: number }>`
    select kind, count(*)::int as n from review_items where state = 'open' group by kind`.execute(kyselyOf(on));
  return Object.fromEntries(rows.map(({ kind, n }) => [kind, n]));
}
