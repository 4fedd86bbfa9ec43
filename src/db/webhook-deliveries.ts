/** What webhooks are to be told, and how that goes (table webhook_deliveries). */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import { readSecrets, type PreviousSecret, type StoredSecrets } from "./previous-secrets.ts";

export type DeliveryStatus = "pending" | "delivered" | "dead";

export interface NewDelivery {
  id: string;
  searchId: string;
  /** The bytes that are signed and sent, at every attempt the same. */
  body: string;
  eventIds: readonly string[];
}

export async function insertDeliveries(tx: Tx, deliveries: readonly NewDelivery[], now: Date): Promise<void> {
  for (const { id, searchId, body, eventIds } of deliveries) {
    await sql`
      insert into webhook_deliveries (id, search_id, body, event_ids, next_attempt_at, created_at, updated_at)
      values (${id}, ${searchId}, ${body}, ${[...eventIds]}::uuid[], ${now}, ${now}, ${now})`.execute(kyselyOf(tx));
  }
}

export interface DueDelivery {
  id: string;
  searchId: string;
  body: string;
  /** With the attempt that begins now. */
  attempts: number;
  url: string;
  secret: Buffer;
  previousSecrets: PreviousSecret[];
}

/** So that one slow receiver cannot fill a whole round. */
const MOST_PER_SEARCH = 3;

/**
 * Takes what is due at `now` until `leaseUntil`: nobody else is given it before. Of two who ask at once, the second
 * waits for the first's row and then finds it no longer due.
 */
export async function claimDueDeliveries(
  tx: Tx,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<DueDelivery[]> {
  const { rows } = await sql<Omit<DueDelivery, "previousSecrets"> & { previousSecrets: StoredSecrets }>`
    update webhook_deliveries d set attempts = d.attempts + 1, next_attempt_at = ${leaseUntil}, updated_at = ${now}
    from saved_searches s
    where s.id = d.search_id and s.status = 'active' and s.webhook_url is not null
      and d.status = 'pending' and d.next_attempt_at <= ${now}
      and d.id in (
        select one.id from saved_searches hooked cross join lateral (
          select w.id, w.next_attempt_at from webhook_deliveries w
          where w.search_id = hooked.id and w.status = 'pending' and w.next_attempt_at <= ${now}
          order by w.next_attempt_at, w.id limit ${MOST_PER_SEARCH}
        ) one
        where hooked.status = 'active' and hooked.webhook_url is not null
          and hooked.id in (select search_id from webhook_deliveries where status = 'pending' and next_attempt_at <= ${now})
        order by one.next_attempt_at, one.id limit ${limit}
      )
    returning d.id, d.search_id as "searchId", d.body, d.attempts, s.webhook_url as url, s.webhook_secret as secret,
      s.previous_secrets as "previousSecrets"`.execute(kyselyOf(tx));
  return rows.map((row) => ({ ...row, previousSecrets: readSecrets(row.previousSecrets) }));
}

export interface Attempt {
  /** HTTP status of the answer, where there was one. */
  httpStatus: number | null;
  /** One line; null when it was delivered. */
  error: string | null;
}

/** Ends a delivery; a second word about it changes nothing and returns false. */
export async function finishDelivery(
  tx: Tx,
  id: string,
  status: Exclude<DeliveryStatus, "pending">,
  attempt: Attempt,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update webhook_deliveries set status = ${status}, finished_at = ${now}, last_status = ${attempt.httpStatus}, last_error = ${attempt.error}, updated_at = ${now}
    where id = ${id}::uuid and status = 'pending' returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

/** Puts a delivery off until `at`; false when it has ended meanwhile. */
export async function putOffDelivery(tx: Tx, id: string, at: Date, attempt: Attempt, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update webhook_deliveries set next_attempt_at = ${at}, last_status = ${attempt.httpStatus}, last_error = ${attempt.error}, updated_at = ${now}
    where id = ${id}::uuid and status = 'pending' returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

/** Counts a failed attempt of a search's webhook (or, with null, ends the count); returns how many there are in a row now. */
export async function countFailure(tx: Tx, searchId: string, error: string | null, now: Date): Promise<number> {
  const { rows } = await sql<{ failures: number }>`
    update saved_searches set failures = case when ${error}::text is null then 0 else failures + 1 end, last_error = ${error}, updated_at = ${now}
    where id = ${searchId}::uuid returning failures`.execute(kyselyOf(tx));
  return rows[0]?.failures ?? 0;
}

export interface DeliveryReport {
  id: string;
  status: DeliveryStatus;
  attempts: number;
  eventIds: string[];
  nextAttemptAt: Date;
  lastStatus: number | null;
  lastError: string | null;
  finishedAt: Date | null;
  createdAt: Date;
}

/** A search's deliveries, the newest first. */
export async function listDeliveries(on: Reader, searchId: string, limit: number): Promise<DeliveryReport[]> {
  const { rows } = await sql<DeliveryReport>`
    select id, status, attempts, event_ids as "eventIds", next_attempt_at as "nextAttemptAt", last_status as "lastStatus",
      last_error as "lastError", finished_at as "finishedAt", created_at as "createdAt"
    from webhook_deliveries where search_id = ${searchId}::uuid order by id desc limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** How many wait, and how many were given up within the month that they are kept. */
export async function countDeliveries(on: Reader): Promise<{ pending: number; dead: number }> {
  const { rows } = await sql<{ pending: number; dead: number }>`select
    (select count(*) from webhook_deliveries where status = 'pending')::int as pending,
    (select count(*) from webhook_deliveries where status = 'dead')::int as dead`.execute(kyselyOf(on));
  return rows[0]!;
}

/** Forgets deliveries that ended before `before`; returns how many. */
export async function forgetDeliveries(tx: Tx, before: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from webhook_deliveries where status <> 'pending' and finished_at < ${before}`.execute(
    kyselyOf(tx),
  );
  return Number(numAffectedRows ?? 0);
}
