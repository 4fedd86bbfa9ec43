/** What /metrics, the doctor and the admin page tell of feed subscriptions: how far behind each receiver is, and what went wrong. */
import { sql } from "kysely";
import type { FeedPayload } from "./feed-subscriptions.ts";
import { kyselyOf, type Reader } from "./handle.ts";

/** "failed": given up until somebody wakes it; "failing": its last attempt was in vain; "revoked": of a key that was revoked, told nothing. */
export const SUBSCRIBER_STATES = ["failed", "failing", "paused", "revoked", "active"] as const;
export type SubscriberState = (typeof SUBSCRIBER_STATES)[number];

export interface SubscriberVitals {
  id: string;
  name: string;
  /** Host and port. The rest of the address may hold a secret of the receiver's. */
  host: string;
  payload: FeedPayload;
  /** The key whose it is; null: an admin's without one. */
  owner: string | null;
  state: SubscriberState;
  /** Changes of the feed that it was not told; all of them where it stands in an epoch that is over. */
  lagPositions: number;
  /** When the first of them was published; null where none is, or the feed has it no more. */
  behindSince: Date | null;
  /** Attempts in vain since the last that was not. */
  failures: number;
  lastStatus: number | null;
  lastError: string | null;
  deliveredAt: Date | null;
  nextAttemptAt: Date;
  createdAt: Date;
}

const STATE = sql<SubscriberState>`case when k.revoked_at is not null then 'revoked'
  when s.status = 'active' and s.failures > 0 then 'failing' else s.status end`;

/** Those in trouble first: given up, failing, then those that are furthest behind. */
export async function listSubscribers(on: Reader, limit: number): Promise<SubscriberVitals[]> {
  const { rows } = await sql<Omit<SubscriberVitals, "host"> & { url: string }>`
    select s.id, s.name, s.url, s.payload, k.name as owner, ${STATE} as state,
      case when s.epoch = h.epoch then greatest(h.position - s.position, 0) else h.position end as "lagPositions",
      n.published_at as "behindSince", s.failures, s.last_status as "lastStatus", s.last_error as "lastError",
      s.delivered_at as "deliveredAt", s.next_attempt_at as "nextAttemptAt", s.created_at as "createdAt"
    from feed_subscriptions s cross join feed_head h left join api_keys k on k.id = s.owner_key_id
    left join event_changes n on s.epoch = h.epoch and n.sequence_number = s.position + 1
    order by array_position(${[...SUBSCRIBER_STATES]}::text[], ${STATE}), n.published_at nulls last, s.id limit ${limit}`.execute(
    kyselyOf(on),
  );
  return rows.map(({ url, ...row }) => ({ ...row, host: new URL(url).host }));
}

/** How many are in each state; 0 where none is. */
export async function countSubscribers(on: Reader): Promise<Record<SubscriberState, number>> {
  const { rows } = await sql<{ state: SubscriberState; n: number }>`
    select ${STATE} as state, count(*)::int as n from feed_subscriptions s left join api_keys k on k.id = s.owner_key_id group by 1`.execute(
    kyselyOf(on),
  );
  const none = Object.fromEntries(SUBSCRIBER_STATES.map((state) => [state, 0])) as Record<SubscriberState, number>;
  return Object.assign(none, Object.fromEntries(rows.map(({ state, n }) => [state, n])));
}
