/** Webhooks that are told of the feed, and where each of them stands (table feed_subscriptions). */
import { sql } from "kysely";
import type { EntityKind } from "../domain/vocabulary.ts";
import type { ChangeAction } from "./feed.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";
import { readSecrets, storedSecrets, type PreviousSecret, type StoredSecrets } from "./previous-secrets.ts";

export type FeedPayload = "nudge" | "changes";
export type FeedMessageType = "feed.nudge" | "feed.changes" | "feed.epoch";
export type FeedSubscriptionStatus = "active" | "paused" | "failed";

/** A message that is on its way: at every attempt the same one, under the same id. */
export interface FeedMessage {
  id: string;
  type: FeedMessageType;
  at: Date;
  /** Where the receiver stands once it has it. */
  epoch: string;
  until: number;
}

export interface FeedSubscriptionRow {
  id: string;
  name: string;
  url: string;
  payload: FeedPayload;
  action: ChangeAction | null;
  kind: EntityKind | null;
  origin: "self" | null;
  ownerKeyId: string | null;
  secret: Buffer;
  /** The newest first; some may have ended. */
  previousSecrets: PreviousSecret[];
  status: FeedSubscriptionStatus;
  /** Up to where the receiver has said that it was told. */
  epoch: string;
  position: number;
  message: FeedMessage | null;
  /** Which taking it is: a worker whose time is over is heard no more. */
  lease: number;
  nextAttemptAt: Date;
  /** Attempts in vain since the last that was not. */
  failures: number;
  lastStatus: number | null;
  lastError: string | null;
  deliveredAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** As the columns have it; `s` is the table. */
export interface FeedSubscriptionRecord extends Omit<FeedSubscriptionRow, "message" | "previousSecrets"> {
  previousSecrets: StoredSecrets;
  messageId: string | null;
  messageType: FeedMessageType;
  messageAt: Date;
  messageEpoch: string;
  messageUntil: number;
}

export const FEED_SUBSCRIPTION_COLUMNS =
  sql.raw(`s.id, s.name, s.url, s.payload, s.action, s.kind, s.origin, s.owner_key_id as "ownerKeyId", s.secret,
  s.previous_secrets as "previousSecrets", s.status, s.epoch, s.position,
  s.message_id as "messageId", s.message_type as "messageType", s.message_at as "messageAt", s.message_epoch as "messageEpoch",
  s.message_until as "messageUntil", s.lease, s.next_attempt_at as "nextAttemptAt", s.failures, s.last_status as "lastStatus",
  s.last_error as "lastError", s.delivered_at as "deliveredAt", s.created_at as "createdAt", s.updated_at as "updatedAt"`);

export function subscriptionOf({
  messageId,
  messageType,
  messageAt,
  messageEpoch,
  messageUntil,
  previousSecrets,
  ...row
}: FeedSubscriptionRecord): FeedSubscriptionRow {
  const message = messageId === null ? null : { id: messageId, type: messageType, at: messageAt, epoch: messageEpoch, until: messageUntil };
  return { ...row, message, previousSecrets: readSecrets(previousSecrets) };
}

/** With `lock`, nobody else changes it before the transaction ends. */
export async function findFeedSubscription(
  on: Reader,
  id: string,
  { lock = false }: { lock?: boolean } = {},
): Promise<FeedSubscriptionRow | undefined> {
  const { rows } = await sql<FeedSubscriptionRecord>`
    select ${FEED_SUBSCRIPTION_COLUMNS} from feed_subscriptions s where s.id = ${id}::uuid ${sql.raw(lock ? "for update" : "")}`.execute(
    kyselyOf(on),
  );
  return rows[0] && subscriptionOf(rows[0]);
}

/** Those of one key, or all; the newest first, those after (older than) the id `after`. */
export async function listFeedSubscriptions(
  on: Reader,
  { ownerKeyId, after, limit }: { ownerKeyId: string | undefined; after?: string | undefined; limit: number },
): Promise<FeedSubscriptionRow[]> {
  const { rows } = await sql<FeedSubscriptionRecord>`
    select ${FEED_SUBSCRIPTION_COLUMNS} from feed_subscriptions s
    where (${ownerKeyId ?? null}::uuid is null or s.owner_key_id = ${ownerKeyId ?? null}::uuid)
      and (${after ?? null}::uuid is null or s.id < ${after ?? null}::uuid)
    order by s.id desc limit ${limit}`.execute(kyselyOf(on));
  return rows.map(subscriptionOf);
}

export async function countFeedSubscriptions(on: Reader, ownerKeyId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from feed_subscriptions where owner_key_id = ${ownerKeyId}::uuid`.execute(kyselyOf(on));
  return rows[0]!.count;
}

export type NewFeedSubscription = Pick<
  FeedSubscriptionRow,
  "id" | "name" | "url" | "payload" | "action" | "kind" | "origin" | "ownerKeyId" | "secret" | "epoch" | "position"
>;

export async function insertFeedSubscription(tx: Tx, row: NewFeedSubscription, now: Date): Promise<void> {
  await sql`
    insert into feed_subscriptions (id, name, url, payload, action, kind, origin, owner_key_id, secret, epoch, position, next_attempt_at, created_at, updated_at)
    values (${row.id}, ${row.name}, ${row.url}, ${row.payload}, ${row.action}, ${row.kind}, ${row.origin}, ${row.ownerKeyId}, ${row.secret},
      ${row.epoch}, ${row.position}, ${now}, ${now}, ${now})`.execute(kyselyOf(tx));
}

export type FeedSubscriptionChange = Partial<
  Pick<FeedSubscriptionRow, "name" | "url" | "secret" | "previousSecrets" | "status" | "failures" | "lastError" | "nextAttemptAt">
>;

/** Writes these members and no others; false when there is no such subscription. With `nextAttemptAt` it is taken from who holds it. */
export async function changeFeedSubscription(tx: Tx, id: string, change: FeedSubscriptionChange, now: Date): Promise<boolean> {
  const columns = {
    name: "name",
    url: "url",
    secret: "secret",
    previousSecrets: "previous_secrets",
    status: "status",
    failures: "failures",
    lastError: "last_error",
    nextAttemptAt: "next_attempt_at",
  } as const satisfies Record<keyof FeedSubscriptionChange, string>;
  const written = { ...change, ...(change.previousSecrets && { previousSecrets: storedSecrets(change.previousSecrets) }) };
  const set = Object.entries(written).map(([member, value]) => sql`${sql.ref(columns[member as keyof FeedSubscriptionChange])} = ${value}`);
  if (change.nextAttemptAt !== undefined) set.push(sql`lease = lease + 1`);
  const { rows } = await sql`
    update feed_subscriptions set ${sql.join([...set, sql`updated_at = ${now}`])} where id = ${id}::uuid returning id`.execute(
    kyselyOf(tx),
  );
  return rows.length > 0;
}

/** False when there is no such subscription. */
export async function removeFeedSubscription(tx: Tx, id: string): Promise<boolean> {
  const { rows } = await sql`delete from feed_subscriptions where id = ${id}::uuid returning id`.execute(kyselyOf(tx));
  return rows.length > 0;
}
