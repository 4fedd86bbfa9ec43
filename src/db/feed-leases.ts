/** Who tells a feed subscription, and until when: taken, moved on, put off (table feed_subscriptions). */
import { sql } from "kysely";
import {
  FEED_SUBSCRIPTION_COLUMNS,
  subscriptionOf,
  type FeedMessage,
  type FeedSubscriptionRecord,
  type FeedSubscriptionRow,
  type FeedSubscriptionStatus,
} from "./feed-subscriptions.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** Behind the head, and neither paused, failed nor of a key that was revoked. */
const BEHIND = sql.raw(`d.status = 'active' and (d.epoch <> h.epoch or d.position < h.position)
  and not exists (select from api_keys k where k.id = d.owner_key_id and k.revoked_at is not null)`);

/** Takes what is behind and due at `now` until `leaseUntil`: nobody else is given it before, and no earlier holder is heard any more. */
export async function claimFeedSubscriptions(
  tx: Tx,
  { now, leaseUntil, limit }: { now: Date; leaseUntil: Date; limit: number },
): Promise<FeedSubscriptionRow[]> {
  const { rows } = await sql<FeedSubscriptionRecord>`
    update feed_subscriptions s set next_attempt_at = ${leaseUntil}, lease = s.lease + 1, updated_at = ${now}
    where s.id in (
      select d.id from feed_subscriptions d cross join feed_head h
      where ${BEHIND} and d.next_attempt_at <= ${now}
      order by d.next_attempt_at, d.id limit ${limit} for update of d skip locked
    ) returning ${FEED_SUBSCRIPTION_COLUMNS}`.execute(kyselyOf(tx));
  return rows.map(subscriptionOf);
}

/** When the next of those that are behind is due; undefined when none is behind. */
export async function nextFeedAttempt(on: Reader): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(d.next_attempt_at) as at from feed_subscriptions d cross join feed_head h where ${BEHIND}`.execute(kyselyOf(on));
  return rows[0]?.at ?? undefined;
}

/** Whose taking it is. */
export type FeedLease = Pick<FeedSubscriptionRow, "id" | "lease">;

/** Puts down what is about to be sent; false when the lease is another's now. */
export async function beginFeedMessage(tx: Tx, { id, lease }: FeedLease, message: FeedMessage, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update feed_subscriptions set message_id = ${message.id}, message_type = ${message.type}, message_at = ${message.at},
      message_epoch = ${message.epoch}, message_until = ${message.until}, updated_at = ${now}
    where id = ${id}::uuid and lease = ${lease} returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}

/**
 * Moves it on: its receiver has the message (`httpStatus`), or there was nothing to tell on the way there (null). Returns its status now,
 * undefined when the lease is another's.
 */
export async function advanceFeedSubscription(
  tx: Tx,
  { id, lease }: FeedLease,
  to: { epoch: string; position: number; httpStatus: number | null; nextAttemptAt: Date },
  now: Date,
): Promise<FeedSubscriptionStatus | undefined> {
  const received = to.httpStatus !== null;
  const { rows } = await sql<{ status: FeedSubscriptionStatus }>`
    update feed_subscriptions set epoch = ${to.epoch}, position = ${to.position}, next_attempt_at = ${to.nextAttemptAt},
      message_id = null, message_type = null, message_at = null, message_epoch = null, message_until = null,
      failures = case when ${received} then 0 else failures end, last_error = case when ${received} then null else last_error end,
      last_status = coalesce(${to.httpStatus}::smallint, last_status),
      delivered_at = case when ${received} then ${now}::timestamptz else delivered_at end, updated_at = ${now}
    where id = ${id}::uuid and lease = ${lease} returning status`.execute(kyselyOf(tx));
  return rows[0]?.status;
}

/** It is due (again) at this time; false when the lease is another's. */
export async function releaseFeedSubscription(tx: Tx, { id, lease }: FeedLease, at: Date, now: Date): Promise<boolean> {
  const { rows } = await sql`
    update feed_subscriptions set next_attempt_at = ${at}, updated_at = ${now} where id = ${id}::uuid and lease = ${lease} returning id`.execute(
    kyselyOf(tx),
  );
  return rows.length > 0;
}

/** Notes an attempt in vain; false when the lease is another's. The message stays for the next attempt. */
export async function noteFeedFailure(
  tx: Tx,
  { id, lease }: FeedLease,
  failure: { failed: boolean; failures: number; nextAttemptAt: Date; httpStatus: number | null; error: string },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update feed_subscriptions set status = case when ${failure.failed} then 'failed' else status end, failures = ${failure.failures},
      next_attempt_at = ${failure.nextAttemptAt}, last_status = ${failure.httpStatus}, last_error = ${failure.error}, updated_at = ${now}
    where id = ${id}::uuid and lease = ${lease} returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}
