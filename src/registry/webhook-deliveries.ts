/** What becomes of a webhook's deliveries: taken, delivered, tried again later, or given up. */
import {
  claimDueDeliveries,
  countFailure,
  finishDelivery,
  forgetDeliveries,
  listDeliveries,
  putOffDelivery,
  type Attempt,
  type DeliveryReport,
  type DueDelivery,
} from "../db/webhook-deliveries.ts";
import { changeSavedSearch } from "../db/saved-searches.ts";
import type { Reader } from "../db/database.ts";
import type { Registry } from "./context.ts";

export type { Attempt, DeliveryReport, DueDelivery } from "../db/webhook-deliveries.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** How long after each failed attempt the next one comes (the schedule that Standard Webhooks advises): three days in all. */
export const RETRY_AFTER: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** One more than there are waits between them. */
export const MOST_ATTEMPTS = RETRY_AFTER.length + 1;
/** Longer than an attempt can take; after it a delivery whose sender died is due again. */
const LEASE = 2 * MINUTE;
const KEPT_FOR = 30 * 24 * HOUR;
/** A receiver may ask for patience, but not for ever. */
export const MOST_PATIENCE = 24 * HOUR;

/** At most `limit` deliveries that are due, this caller's for two minutes. */
export function takeDueDeliveries(registry: Registry, limit: number): Promise<DueDelivery[]> {
  const now = registry.clock();
  return registry.database.transact((tx) => claimDueDeliveries(tx, { now, leaseUntil: new Date(now.getTime() + LEASE), limit }));
}

export type Outcome = "delivered" | "retried" | "dead";

/** It arrived: its webhook is sound again. */
export function noteDelivered(registry: Registry, { id, searchId }: DueDelivery, attempt: Attempt): Promise<Outcome> {
  const now = registry.clock();
  return registry.database.transact<Outcome>(async (tx) => {
    if (await finishDelivery(tx, id, "delivered", attempt, now)) await countFailure(tx, searchId, null, now);
    return "delivered";
  });
}

/**
 * It did not arrive: it is tried again, or dead after the last attempt. A webhook that has failed that often in a row,
 * or that says it is gone for good, is told nothing more until its owner wakes it.
 */
export function noteFailed(
  registry: Registry,
  { id, searchId, attempts }: DueDelivery,
  attempt: Attempt & { error: string },
  { gone = false, retryAfter = 0 }: { gone?: boolean; retryAfter?: number } = {},
): Promise<Outcome> {
  const now = registry.clock();
  const wait = RETRY_AFTER[attempts - 1];
  return registry.database.transact<Outcome>(async (tx) => {
    const failures = await countFailure(tx, searchId, attempt.error, now);
    if (gone || failures >= MOST_ATTEMPTS) await changeSavedSearch(tx, searchId, { status: "failed" }, now);
    if (gone || wait === undefined) {
      await finishDelivery(tx, id, "dead", attempt, now);
      return "dead";
    }
    const at = new Date(now.getTime() + Math.max(wait, Math.min(retryAfter, MOST_PATIENCE)));
    await putOffDelivery(tx, id, at, attempt, now);
    return "retried";
  });
}

/** How a search's webhook was told, the newest first. The caller has asked readSavedSearch whether they may know. */
export function readDeliveries(on: Reader, searchId: string, limit: number): Promise<DeliveryReport[]> {
  return listDeliveries(on, searchId, limit);
}

/** Forgets deliveries that ended a month ago; returns how many. */
export function forgetOldDeliveries(registry: Registry): Promise<number> {
  return registry.database.transact((tx) => forgetDeliveries(tx, new Date(registry.clock().getTime() - KEPT_FOR)));
}
