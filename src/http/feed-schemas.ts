/** What the feed's pages and items consist of, for the API's description. */
import { z } from "@hono/zod-openapi";
import { ENTITY_KINDS } from "../domain/vocabulary.ts";
import { ACTIONS } from "../feed/cursor.ts";
import { entitySchema, tombstoneSchema } from "./schemas.ts";

const custodySchema = z
  .strictObject({
    node: z.string().openapi({ description: "Base of the origin." }),
    epoch: z.string().openapi({ description: "Of the origin's feed; empty where it has none." }),
    sequence_number: z.int().openapi({ description: "Position in the origin's feed." }),
    version: z.int().optional().openapi({ description: "As the origin counts it." }),
    hops: z.array(z.string()).openapi({ description: "Bases of the nodes between the origin and this one, in the order of travel." }),
    redacted: z.literal(true).optional().openapi({ description: "Texts or images were taken out on the way here." }),
    withheld: z.literal(true).optional().openapi({ description: "Of a delete: this node hides it; the origin said no such thing." }),
  })
  .openapi("Custody", { description: "Of an entity of another node: whose word this is, and how it came here." });

const changeSchema = z
  .looseObject({
    action: z.enum(ACTIONS),
    uri: z.string(),
    kind: z.enum(ENTITY_KINDS),
    changed_at: z.iso.datetime(),
    sequence_number: z.int(),
    version: z.int(),
    snapshot: entitySchema.optional().openapi({ description: "Of a create or update: the complete JSON-LD." }),
    tombstone: tombstoneSchema.optional().openapi({ description: "Of a delete." }),
    changed_fields: z.array(z.string()).optional().openapi({ description: "Of an update: JSON Pointers into the snapshot." }),
    license_url: z.string().optional(),
    license_status: z.string(),
    source_timestamp: z.iso.datetime(),
    received_timestamp: z.iso.datetime(),
    federation_uri: z.string().optional(),
    custody: custodySchema.optional(),
    digest: z
      .string()
      .openapi({ description: "`sha-256:` and the hex digest of the snapshot's or tombstone's canonical JSON (RFC 8785)." }),
    hash: z.string().openapi({
      description:
        "Hex SHA-256 of the hash before, a line feed, and the canonical JSON of this item without snapshot, tombstone, redacted and hash.",
    }),
    redacted: z
      .literal(true)
      .optional()
      .openapi({ description: "Protected text was taken out of the snapshot later; `digest` names the original." }),
  })
  .openapi("Change");

export const pageSchema = z
  .strictObject({
    cursor: z.string().openapi({ description: "Where this page begins." }),
    changes: z.array(changeSchema),
    next_cursor: z.string().openapi({ description: "Give it as `since` to go on; there is always one." }),
    epoch: z.string().openapi({ description: "While it lasts, a position means the same change." }),
    head: z.int().openapi({ description: "The newest position." }),
  })
  .openapi("FeedPage");

export const closedPageSchema = z
  .strictObject({
    epoch: z.string(),
    page: z.int(),
    first: z.int(),
    last: z.int(),
    changes: z.array(changeSchema),
    next_cursor: z.string().openapi({ description: "From where the feed goes on behind this page." }),
    prev: z.string().nullable(),
    next: z.string(),
  })
  .openapi("ClosedFeedPage");
