/** The shapes of feed subscriptions, as the API takes and gives them. */
import { z } from "@hono/zod-openapi";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { ENTITY_KINDS } from "../../domain/vocabulary.ts";
import type { FeedHead } from "../../db/feed-log.ts";
import { ACTIONS, encodeCursor, filterMark } from "../../feed/cursor.ts";
import type { FeedSubscriptionRow } from "../../registry/feed-subscriptions.ts";
import { limitField } from "../filter-fields.ts";
import { text } from "./admin-shapes.ts";
import { present } from "./admin-routes.ts";

const name = text(200).openapi({ example: "Search index of the library" });
const url = z.string().openapi({
  description: "Told by POST, as Standard Webhooks has it. http or https, at a public address.",
  example: "https://hooks.example/calends",
});
const secret = z.string().openapi({
  description: "Signs what is told (Standard Webhooks). Only in the answer that made it.",
  example: "whsec_bm90IGEgc2VjcmV0LCBidXQgYW4gZXhhbXBsZSBvZiBvbmU=",
});
const filters = {
  action: z.enum(ACTIONS).optional(),
  kind: z.enum(ENTITY_KINDS).optional(),
  origin: z.enum(["self"]).optional().openapi({ description: "Only what this node is the origin of." }),
};
const payload = z.enum(["nudge", "changes"]).openapi({
  description: "`nudge`: that there is something new (`feed.nudge`). `changes`: the changes themselves, in order (`feed.changes`).",
});

export const newFeedSubscription = z
  .strictObject({
    name,
    url,
    payload,
    ...filters,
    since: z.string().optional().openapi({ description: "A cursor of the feed: what follows it is told. Absent: what comes from now on." }),
  })
  .openapi("NewFeedSubscription");
export const feedSubscriptionChange = z
  .strictObject({
    name: name.optional(),
    url: url.optional().openapi({ description: "Another one comes with another secret." }),
    status: z.enum(["active", "paused"]).optional(),
  })
  .openapi("FeedSubscriptionChange");

export const feedSubscriptionSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    payload,
    ...filters,
    status: z.enum(["active", "paused", "failed"]),
    epoch: z.string(),
    position: z.int().openapi({ description: "Up to here the receiver has said that it was told." }),
    cursor: z.string().openapi({ description: "The same as a cursor of the feed." }),
    head: z.int().openapi({ description: "The feed's newest position." }),
    failures: z
      .int()
      .openapi({ description: "Attempts in vain since the last that was not; after ten of them in three days it has failed." }),
    nextAttemptAt: z.string().optional().openapi({ description: "After an attempt in vain." }),
    lastStatus: z.int().optional().openapi({ description: "HTTP status of the last answer." }),
    lastError: z.string().optional(),
    deliveredAt: z.string().optional().openapi({ description: "When the last message was received." }),
    createdAt: z.string(),
    updatedAt: z.string(),
    secret: secret.optional(),
  })
  .openapi("FeedSubscription");
export const feedSubscriptionsSchema = z
  .strictObject({ items: z.array(feedSubscriptionSchema), next_cursor: z.string().nullable() })
  .openapi("FeedSubscriptions");

export const feedSubscriptionsQuery = z.object({
  limit: limitField(200, 50),
  after: z
    .string()
    .refine((value) => uuidOf(value) !== undefined, "expected the next_cursor of an earlier page")
    .optional(),
});

/** A subscription as its owner sees it, with the secret where it was just made. */
export function presentFeedSubscription(row: FeedSubscriptionRow, head: FeedHead, newSecret?: string): object {
  const { action, kind, origin, epoch, position, status, failures } = row;
  const mark = filterMark({ action: action ?? undefined, kind: kind ?? undefined, origin: origin ?? undefined });
  return present({
    id: ulidOf(row.id),
    name: row.name,
    url: row.url,
    payload: row.payload,
    action,
    kind,
    origin,
    status,
    epoch,
    position,
    cursor: encodeCursor({ epoch, position, filters: mark }),
    head: head.position,
    failures,
    nextAttemptAt: status === "active" && failures > 0 ? row.nextAttemptAt : undefined,
    lastStatus: row.lastStatus,
    lastError: row.lastError,
    deliveredAt: row.deliveredAt,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    secret: newSecret,
  });
}
