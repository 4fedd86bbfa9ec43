/** Feed subscriptions: webhooks that are told of every change, kept by admins and by peers for themselves. */
import { audit } from "../db/audit.ts";
import type { Reader, Tx } from "../db/database.ts";
import {
  changeFeedSubscription,
  countFeedSubscriptions,
  findFeedSubscription,
  insertFeedSubscription,
  listFeedSubscriptions as listRows,
  removeFeedSubscription as removeRow,
  type FeedPayload,
  type FeedSubscriptionRow,
} from "../db/feed-subscriptions.ts";
import { RegistryError } from "../domain/errors.ts";
import type { Caller, Registry } from "./context.ts";
import { newSecret, previousSecrets, secretText } from "./webhook-secrets.ts";

export type { FeedSubscriptionRow } from "../db/feed-subscriptions.ts";

/** Who asks, and by which key: an id of api_keys, absent for the operator's ADMIN_KEY. */
export interface SubscriptionCaller extends Caller {
  keyId?: string | undefined;
}

export interface FeedSubscriptionRequest {
  name: string;
  url: string;
  payload: FeedPayload;
  /** As the feed's own filters; absent lets everything pass. */
  action?: FeedSubscriptionRow["action"] | undefined;
  kind?: FeedSubscriptionRow["kind"] | undefined;
  origin?: FeedSubscriptionRow["origin"] | undefined;
  /** A place in the feed, checked already: what follows it is told. */
  from: { epoch: string; position: number };
}

/** Why a URL is never dialled; undefined when it may be. */
export type WhyNotTarget = (url: string) => string | undefined;

/** Per key that is no admin's: each is a receiver to be waited for. */
const MOST_PER_KEY = 20;

/** Makes one; its secret (whsec_…) is not to be had again. Throws `forbidden`, `invalid_body`, `conflict`. */
export async function createFeedSubscription(
  registry: Registry,
  caller: SubscriptionCaller,
  tx: Tx,
  { name, url, payload, action = null, kind = null, origin = null, from }: FeedSubscriptionRequest,
  whyNotTarget: WhyNotTarget,
): Promise<{ subscription: FeedSubscriptionRow; secret: string }> {
  requireKey(caller);
  checkTarget(url, whyNotTarget);
  const now = registry.clock();
  if (caller.role !== "admin" && (await countFeedSubscriptions(tx, caller.keyId!)) >= MOST_PER_KEY) {
    throw new RegistryError("conflict", {
      detail: `This key has ${MOST_PER_KEY} feed subscriptions, the most that one may: remove one first.`,
    });
  }
  const id = registry.mint(now.getTime());
  const secret = newSecret();
  const row = { id, name, url, payload, action, kind, origin, ownerKeyId: caller.keyId ?? null, secret, ...from };
  await insertFeedSubscription(tx, row, now);
  await registry.enqueue(tx, { queue: "tell-subscribers" });
  await note(tx, caller, "feed-subscription.created", id, now, { name, url, payload, action, kind, origin });
  return { subscription: (await findFeedSubscription(tx, id))!, secret: secretText(secret) };
}

/** The caller's own, an admin's all, the newest first. Throws `forbidden`. */
export async function listFeedSubscriptions(
  on: Reader,
  caller: SubscriptionCaller,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<FeedSubscriptionRow[]> {
  requireKey(caller);
  return listRows(on, { ownerKeyId: caller.role === "admin" ? undefined : caller.keyId, after, limit });
}

/** Throws `forbidden`, and `not_found` also for another's: whose it is, is nobody else's business. */
export async function readFeedSubscription(
  on: Reader,
  caller: SubscriptionCaller,
  id: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<FeedSubscriptionRow> {
  requireKey(caller);
  const row = await findFeedSubscription(on, id, { lock });
  if (row === undefined || (caller.role !== "admin" && row.ownerKeyId !== caller.keyId)) {
    throw new RegistryError("not_found", { detail: "There is no such feed subscription." });
  }
  return row;
}

export interface FeedSubscriptionRevision {
  name?: string | undefined;
  /** "active" also wakes one that failed. */
  status?: "active" | "paused" | undefined;
  /** Another one comes with another secret. */
  url?: string | undefined;
}

/** Throws `forbidden`, `not_found`, `invalid_body`. */
export async function reviseFeedSubscription(
  registry: Registry,
  caller: SubscriptionCaller,
  tx: Tx,
  id: string,
  { name, status, url }: FeedSubscriptionRevision,
  whyNotTarget: WhyNotTarget,
): Promise<{ subscription: FeedSubscriptionRow; secret?: string }> {
  const row = await readFeedSubscription(tx, caller, id);
  const now = registry.clock();
  if (url !== undefined) checkTarget(url, whyNotTarget);
  const secret = url !== undefined && url !== row.url ? newSecret() : undefined;
  await changeFeedSubscription(
    tx,
    id,
    {
      ...(name !== undefined && { name }),
      ...(status !== undefined && { status }),
      ...(status === "active" && row.status !== "active" && { failures: 0, lastError: null, nextAttemptAt: now }),
      // What the old address says from now on is no receipt of the new one's.
      ...(secret && { url: url!, secret, previousSecrets: [], nextAttemptAt: now }),
    },
    now,
  );
  if (status === "active" || secret !== undefined) await registry.enqueue(tx, { queue: "tell-subscribers" });
  await note(tx, caller, "feed-subscription.revised", id, now, { name, status, url });
  const subscription = await readFeedSubscription(tx, caller, id);
  return { subscription, ...(secret && { secret: secretText(secret) }) };
}

/** Wakes one that failed, was paused, or waits for its next attempt: it goes on where it stood. Throws `forbidden`, `not_found`. */
export async function resumeFeedSubscription(
  registry: Registry,
  caller: SubscriptionCaller,
  tx: Tx,
  id: string,
): Promise<FeedSubscriptionRow> {
  await readFeedSubscription(tx, caller, id);
  const now = registry.clock();
  await changeFeedSubscription(tx, id, { status: "active", failures: 0, lastError: null, nextAttemptAt: now }, now);
  await registry.enqueue(tx, { queue: "tell-subscribers" });
  await note(tx, caller, "feed-subscription.resumed", id, now);
  return readFeedSubscription(tx, caller, id);
}

/** A new secret; the one before signs too for a day, as do those before it for what is left of theirs. Throws `forbidden`, `not_found`, `conflict`. */
export async function rotateFeedSecret(
  registry: Registry,
  caller: SubscriptionCaller,
  tx: Tx,
  id: string,
): Promise<{ secret: string; previousUntil: Date }> {
  const row = await readFeedSubscription(tx, caller, id, { lock: true });
  const now = registry.clock();
  const secret = newSecret();
  const previous = previousSecrets(row, now);
  await changeFeedSubscription(tx, id, { secret, previousSecrets: previous }, now);
  await note(tx, caller, "feed-subscription.secret-rotated", id, now);
  return { secret: secretText(secret), previousUntil: previous[0]!.until };
}

/** Throws `forbidden`, `not_found`. */
export async function removeFeedSubscription(registry: Registry, caller: SubscriptionCaller, tx: Tx, id: string): Promise<void> {
  const { name, url } = await readFeedSubscription(tx, caller, id);
  await removeRow(tx, id);
  await note(tx, caller, "feed-subscription.removed", id, registry.clock(), { name, url });
}

function requireKey({ role, keyId }: SubscriptionCaller): void {
  if (role !== "admin" && (role !== "peer" || keyId === undefined)) {
    throw new RegistryError("forbidden", { detail: "The feed is subscribed to by peers and admins: send the key of one." });
  }
}

function checkTarget(url: string, whyNotTarget: WhyNotTarget): void {
  const why = url.length > 2000 ? "it is longer than 2,000 characters" : whyNotTarget(url);
  if (why !== undefined) throw new RegistryError("invalid_body", { detail: `url: ${why}.`, pointer: "/url" });
}

function note(tx: Tx, caller: Caller, action: string, entityId: string, now: Date, details?: object): Promise<void> {
  return audit(tx, [{ actor: caller.actor, action, entityId, requestId: caller.requestId, details }], now);
}
