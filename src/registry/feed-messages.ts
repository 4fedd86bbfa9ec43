/** How the subscribers of the feed are told: taken one after another, moved on by their receipts, tried again, or given up. */
import {
  advanceFeedSubscription,
  beginFeedMessage,
  claimFeedSubscriptions,
  nextFeedAttempt,
  noteFeedFailure,
  releaseFeedSubscription,
} from "../db/feed-leases.ts";
import type { FeedMessage, FeedSubscriptionRow } from "../db/feed-subscriptions.ts";
import type { Registry } from "./context.ts";
import { MOST_ATTEMPTS, MOST_PATIENCE, RETRY_AFTER } from "./webhook-deliveries.ts";

export type { FeedMessage, FeedMessageType, FeedSubscriptionRow } from "../db/feed-subscriptions.ts";

const SECOND = 1000;
/** Longer than an attempt can take; after it, a subscription whose worker died is anybody's. */
const LEASE = 120 * SECOND;
/** Changes of one second are one nudge. */
const NUDGE_PAUSE = SECOND;
/** Receivers that failed together are not all asked again together. */
const JITTER = 0.1;

/** At most `limit` that are behind the head and due: this caller's for two minutes from now, and again from each of its receipts. */
export function takeDueSubscriptions(registry: Registry, limit: number): Promise<FeedSubscriptionRow[]> {
  const now = registry.clock();
  return registry.database.transact((tx) => claimFeedSubscriptions(tx, { now, leaseUntil: leaseFrom(now), limit }));
}

/** When somebody is to be told next; undefined when all have heard everything. */
export function nextAttemptAt({ database }: Registry): Promise<Date | undefined> {
  return database.read(nextFeedAttempt);
}

/** Puts down what is sent next, before it is sent; false when the subscription is no longer the caller's. */
export function keepMessage(registry: Registry, subscription: FeedSubscriptionRow, message: FeedMessage): Promise<boolean> {
  return registry.database.transact((tx) => beginFeedMessage(tx, subscription, message, registry.clock()));
}

/** The receiver has the message. Returns true while it is the caller's, and active: there may be more to tell. */
export function noteReceipt(
  registry: Registry,
  subscription: FeedSubscriptionRow,
  { type, epoch, until }: FeedMessage,
  httpStatus: number,
): Promise<boolean> {
  const now = registry.clock();
  const nextAttemptAt = type === "feed.nudge" ? new Date(now.getTime() + NUDGE_PAUSE) : leaseFrom(now);
  return registry.database.transact(async (tx) => {
    const status = await advanceFeedSubscription(tx, subscription, { epoch, position: until, httpStatus, nextAttemptAt }, now);
    return status === "active" && type !== "feed.nudge";
  });
}

/** Nothing on the way to `position` is for this receiver. Returns true while it is the caller's, and active. */
export function passOver(registry: Registry, subscription: FeedSubscriptionRow, position: number): Promise<boolean> {
  const now = registry.clock();
  const to = { epoch: subscription.epoch, position, httpStatus: null, nextAttemptAt: leaseFrom(now) };
  return registry.database.transact(async (tx) => (await advanceFeedSubscription(tx, subscription, to, now)) === "active");
}

/** Gives it back; the next one may take it at once. */
export async function release(registry: Registry, subscription: FeedSubscriptionRow): Promise<void> {
  const now = registry.clock();
  await registry.database.transact((tx) => releaseFeedSubscription(tx, subscription, now, now));
}

export interface FeedAttempt {
  /** HTTP status of the answer, where there was one. */
  httpStatus: number | null;
  error: string;
  /** It asks never to be told again. */
  gone: boolean;
  /** Milliseconds; 0 where it asks for no patience. */
  retryAfter: number;
}

/**
 * It did not arrive: the same message is tried again later (`retried`), ten times in three days. After that, or when the receiver is gone
 * for good, it is `dead`: the subscription has failed and is told nothing more until somebody wakes it. It stays where it stands.
 */
export function noteTroubled(
  registry: Registry,
  subscription: FeedSubscriptionRow,
  { httpStatus, error, gone, retryAfter }: FeedAttempt,
  random: () => number,
): Promise<"retried" | "dead"> {
  const now = registry.clock();
  const failures = subscription.failures + 1;
  const wait = RETRY_AFTER[failures - 1];
  const failed = gone || failures >= MOST_ATTEMPTS || wait === undefined;
  const patience = Math.max((wait ?? 0) * (1 + JITTER * random()), Math.min(retryAfter, MOST_PATIENCE));
  const nextAttemptAt = new Date(now.getTime() + Math.round(patience));
  return registry.database.transact(async (tx) => {
    await noteFeedFailure(tx, subscription, { failed, failures, nextAttemptAt, httpStatus, error }, now);
    return failed ? "dead" : "retried";
  });
}

const leaseFrom = (now: Date): Date => new Date(now.getTime() + LEASE);
