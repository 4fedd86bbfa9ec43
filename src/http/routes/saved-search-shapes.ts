/** The shapes of saved searches and their deliveries, as the API takes and gives them. */
import { z } from "@hono/zod-openapi";
import { ulidOf, uriOf, uuidOf } from "../../domain/iri.ts";
import type { SavedSearch } from "../../registry/saved-searches.ts";
import type { DeliveryReport } from "../../registry/webhook-deliveries.ts";
import { EVENT_FEED_FORMATS } from "../event-feeds/formats.ts";
import { limitField } from "../filter-fields.ts";
import { text } from "./admin-shapes.ts";

const name = text(200).openapi({ example: "Jazz near Kensington" });
const webhookUrl = z.string().openapi({
  description: "Where new matches are told, by POST, as Standard Webhooks has it. http or https, at a public address.",
  example: "https://hooks.example/calends",
});
const secret = z.string().openapi({
  description: "Signs what the webhook is told (Standard Webhooks). Only in the answer that made it.",
  example: "whsec_bm90IGEgc2VjcmV0LCBidXQgYW4gZXhhbXBsZSBvZiBvbmU=",
});

export const newSavedSearch = z
  .strictObject({
    name,
    query: z.string().openapi({
      description:
        "The parameters of GET /api/v1/events/search as a query string; those of the answer's shape (limit, format …) are left out.",
      example: "q=jazz&near=43.65,-79.38",
    }),
    webhook_url: webhookUrl.optional(),
  })
  .openapi("NewSavedSearch");
export const savedSearchChange = z
  .strictObject({
    name: name.optional(),
    webhook_url: webhookUrl.nullable().optional().openapi({
      description: "null takes the webhook away; another URL comes with another secret.",
    }),
    status: z.enum(["active", "paused"]).optional().openapi({
      description: "Of the webhook. `active` also wakes one that failed: it is told what it missed, but for what was given up.",
    }),
  })
  .openapi("SavedSearchChange");

export const savedSearchSchema = z
  .strictObject({
    id: z.string().openapi({ description: "A ULID that nobody can guess: whoever has it may read the feeds." }),
    name: z.string(),
    query: z.string().openapi({ description: "The search in one spelling: sorted, without what is empty." }),
    url: z.string().openapi({ description: "Leads to the page of the search." }),
    feeds: z.strictObject(Object.fromEntries(EVENT_FEED_FORMATS.map((format) => [format, z.string()]))),
    webhook: z
      .strictObject({
        url: z.string(),
        status: z.enum(["active", "paused", "failed"]),
        failures: z.int().openapi({ description: "Attempts in vain since the last that was not." }),
        lastError: z.string().optional(),
        secret: secret.optional(),
      })
      .optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("SavedSearch");
export const savedSearchesSchema = z
  .strictObject({ items: z.array(savedSearchSchema), next_cursor: z.string().nullable() })
  .openapi("SavedSearches");
export const newSecretSchema = z
  .strictObject({
    secret,
    previousUntil: z.string().openapi({ description: "Until then the secret before signs too, as a second signature." }),
  })
  .openapi("WebhookSecret");
export const deliveriesSchema = z
  .strictObject({
    items: z.array(
      z.strictObject({
        id: z.string().openapi({ description: "The `webhook-id` of every attempt.", example: "msg_01HYX3KQW7ERTV9XNBM2P8QJZF" }),
        status: z.enum(["pending", "delivered", "dead"]),
        attempts: z.int(),
        events: z.array(z.string()).openapi({ description: "This node's addresses of the events that it tells of." }),
        createdAt: z.string(),
        nextAttemptAt: z.string().optional(),
        lastStatus: z.int().optional().openapi({ description: "HTTP status of the last answer." }),
        lastError: z.string().optional(),
        finishedAt: z.string().optional(),
      }),
    ),
  })
  .openapi("WebhookDeliveries");

export const savedSearchesQuery = z.object({
  limit: limitField(200, 50),
  after: z
    .string()
    .refine((value) => uuidOf(value) !== undefined, "expected the next_cursor of an earlier page")
    .optional(),
});
export const deliveriesQuery = z.object({ limit: limitField(200, 50) });

/** Its address outside the API, in the format of a feed where one is named. */
export const addressOf = (base: string, id: string, format?: string): string =>
  `${base}/searches/${ulidOf(id)}${format === undefined ? "" : `.${format}`}`;

/** A saved search as its owner sees it, with the secret where it was just made. */
export function presentSearch(base: string, search: SavedSearch, newSecret?: string): object {
  const { id, webhook, name: called, query, createdAt, updatedAt } = search;
  return {
    id: ulidOf(id),
    name: called,
    query,
    url: addressOf(base, id),
    feeds: Object.fromEntries(EVENT_FEED_FORMATS.map((format) => [format, addressOf(base, id, format)])),
    ...(webhook && { webhook: { ...filled(webhook), ...(newSecret !== undefined && { secret: newSecret }) } }),
    createdAt,
    updatedAt,
  };
}

export function presentDelivery(base: string, { id, eventIds, nextAttemptAt, ...report }: DeliveryReport): object {
  return {
    ...filled(report),
    id: `msg_${ulidOf(id)}`,
    events: eventIds.map((event) => uriOf(base, "event", { id: event })),
    ...(report.status === "pending" && { nextAttemptAt }),
  };
}

const filled = (row: object) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
