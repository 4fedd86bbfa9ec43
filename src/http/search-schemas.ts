/** The answers of search, for OpenAPI. */
import { z } from "@hono/zod-openapi";
import { FACETS } from "../search/request.ts";
import { completeUntilSchema, entitySchema, occurrenceSchema } from "./schemas.ts";

const pieces = z.array(z.strictObject({ text: z.string(), marked: z.boolean() })).openapi({
  description: "Plain text cut into pieces; the marked ones matched.",
  example: [
    { text: "Free ", marked: false },
    { text: "Jazz", marked: true },
    { text: " at the Rex", marked: false },
  ],
});

const hitSchema = z
  .strictObject({
    "@id": z.string().openapi({ example: "https://node.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF" }),
    local_page: z.string().optional().openapi({ description: "Of what comes from another node: where it is read at this one." }),
    occurrence: occurrenceSchema,
    distance: z.int().optional().openapi({ description: "Metres from `near` to where that occurrence is held.", example: 740 }),
    score: z
      .number()
      .optional()
      .openapi({ description: "By which hits are ordered among themselves; of no meaning between two requests." }),
    legs: z
      .array(
        z.strictObject({
          leg: z.enum(["words", "intent", "meaning"]),
          rank: z.int(),
          similarity: z.number().optional().openapi({ description: "Cosine between the meanings of the query and of the event." }),
        }),
      )
      .openapi({ description: "What found it, and at which place of its own.", example: [{ leg: "words", rank: 1 }] }),
    matched: z.array(z.string()).openapi({ description: "Words of the query that the event has.", example: ["free", "jazz"] }),
    highlights: z.strictObject({ name: pieces.optional(), description: pieces.optional() }),
    origin: z
      .strictObject({ node: z.string(), trust: z.number() })
      .optional()
      .openapi({ description: "Of a federated event: its node, and how far this node trusts it, from 1 to 10." }),
  })
  .openapi("SearchHit", { description: "Why the item at the same place was found." });

export const searchSchema = z
  .strictObject({
    items: z.array(entitySchema),
    hits: z.array(hitSchema).openapi({ description: "Parallel to `items`." }),
    next_cursor: z.string().nullable(),
    total: z
      .strictObject({ value: z.int(), relation: z.enum(["exact", "estimate"]) })
      .openapi({ example: { value: 42, relation: "exact" } }),
    mode: z.enum(["lexical", "semantic", "hybrid"]).openapi({ description: "What was done." }),
    ranked: z.strictObject({ bound: z.int(), complete: z.boolean(), from: z.string().optional(), until: z.string().optional() }).openapi({
      description:
        "At most `bound` events are ranked among themselves. Where more match, `complete` is false, and these hits are ranked among the events that start between `from` and `until`; later ones follow on later pages.",
      example: { bound: 2_000, complete: true },
    }),
    complete_until: completeUntilSchema,
    results_for: z
      .string()
      .optional()
      .openapi({ description: "The query that was answered instead, as nothing has the words as typed.", example: "jazz concert" }),
    relaxed: z.literal(true).optional().openapi({ description: "No event has all the words: these have some of them." }),
    understood: z
      .array(z.strictObject({ text: z.string(), means: z.string() }))
      .optional()
      .openapi({
        description: "Phrases of q that were understood as filters; events that keep to them come first.",
        example: [{ text: "on friday", means: "dayOfWeek=Friday" }],
      }),
    facets: z
      .partialRecord(z.enum(FACETS), z.array(z.strictObject({ value: z.string(), count: z.int() })))
      .optional()
      .openapi({ description: "Counts of all that matches, most frequent first.", example: { domain: [{ value: "music", count: 31 }] } }),
    facets_exact: z.boolean().optional().openapi({ description: "False where the counts are of a sample." }),
    explain: z.looseObject({}).optional().openapi({ description: "How the answer came about. For people; it may change at any time." }),
  })
  .openapi("SearchAnswer", { description: "One page of what was found. `next_cursor` is null on the last one; else give it as `after`." });

export const similarSchema = z
  .strictObject({ items: z.array(entitySchema), hits: z.array(hitSchema), next_cursor: z.null() })
  .openapi("SimilarEvents", { description: "As in search, without what there is to say of a query." });

export const suggestionsSchema = z
  .strictObject({
    suggestions: z.array(
      z.strictObject({
        text: z.string(),
        kind: z.enum(["word", "event", "place", "organization", "person"]),
        "@id": z.string().optional().openapi({ description: "Of what bears this name; a mere word has none." }),
      }),
    ),
  })
  .openapi("Suggestions", { example: { suggestions: [{ text: "jazz", kind: "word" }] } });
