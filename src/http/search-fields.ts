/** The parameters of search that lists do not have: how each is written, and what it is read as. */
import { z } from "@hono/zod-openapi";
import { FACETS, SEARCH_MODES, SEARCH_SORTS } from "../search/request.ts";
import { EVENT_FEED_FORMATS } from "./event-feeds/formats.ts";
import { afterField, eventFields, limitField, listField, wordsField } from "./filter-fields.ts";
import { MOST_VERTICES, parsePolygon } from "./polygon.ts";
import { queryNumber, queryText } from "./schemas.ts";
import { readBy } from "./time-fields.ts";

const MOST_PRICE = 999_999_999;
export const MOST_HITS = 100;

/** What search answers in; the first is for those who do not say. */
export const SEARCH_FORMATS = ["json", ...EVENT_FEED_FORMATS] as const;
export type SearchFormat = (typeof SEARCH_FORMATS)[number];

const flag = (description: string, byDefault?: boolean) =>
  z
    .enum(["true", "false"], { error: "expected true or false" })
    .transform((text) => text === "true")
    .optional()
    .openapi({ type: "boolean", description, ...(byDefault !== undefined && { default: byDefault }) });

const oneOf = <T extends string>(members: readonly [T, ...T[]]) => z.enum(members, { error: `expected one of ${members.join(", ")}` });

const price = (description: string) =>
  queryNumber(0, MOST_PRICE)
    .refine((amount) => !Object.is(amount, -0), "expected a number from 0")
    .optional()
    .openapi({ type: "number", minimum: 0, maximum: MOST_PRICE, description });

const vertices = (text: string) => {
  const found = parsePolygon(text);
  return typeof found === "string" ? { fault: found } : found;
};

/** What an event may be filtered by: lists' filters and search's own. */
export const filterFields = {
  ...eventFields,
  polygon: readBy(queryText(5_000), vertices)
    .optional()
    .openapi({
      type: "string",
      description: `Places inside: 3 to ${MOST_VERTICES} vertices as longitude,latitude, parted by semicolons; sides that do not cross, none over the antimeridian.`,
      example: "-79.45,43.63;-79.35,43.63;-79.35,43.68;-79.45,43.68",
    }),
  minPrice: price("Events with an offer at this price or more."),
  maxPrice: price("Events with an offer at this price or less; what is free costs 0."),
  currency: queryText(3)
    .regex(/^[A-Za-z]{3}$/, "expected a currency of ISO 4217, such as CAD")
    .transform((code) => code.toUpperCase())
    .optional()
    .openapi({ type: "string", description: "Of the two prices; without it the numbers alone are compared.", example: "CAD" }),
  free: flag("Whether entry is free. Events that say neither this nor a price match neither."),
  accessibility: queryText(500)
    .transform((text) => [...new Set(text.split(",").flatMap((word) => word.trim() || []))])
    .refine((words) => words.length > 0 && words.length <= 20, "expected 1 to 20 features parted by commas")
    .optional()
    .openapi({
      type: "string",
      description: "Accessibility features parted by commas: events that have all of them.",
      example: "wheelchair",
    }),
  language: queryText(35)
    .regex(/^[A-Za-z]{2,3}$/, "expected a primary language subtag of BCP 47, such as fr")
    .transform((tag) => tag.toLowerCase())
    .optional()
    .openapi({ type: "string", description: "A language the event says it is in: a primary subtag of BCP 47.", example: "fr" }),
};

export const searchQuery = z.object({
  q: wordsField().optional().openapi({
    description:
      'Words to find, at most 1,000 characters and 64 words. `"a phrase"`, `OR` and `-without` are understood; so are "this weekend", "tonight", "free" and the like, unless `strict`.',
    example: "free jazz for kids",
  }),
  ...filterFields,
  tz: eventFields.tz.openapi({
    description:
      'The zone of the two days, and of "today" and the like in q: the node\'s own unless told. Occurrences that are dates without a time keep to their date.',
    example: "America/Toronto",
  }),
  mode: oneOf(SEARCH_MODES).optional().openapi({
    default: "auto",
    description: "`lexical`: by words; `semantic`: by meaning, which needs q; `hybrid`: by both; `auto`: what is best for the request.",
  }),
  sort: oneOf(SEARCH_SORTS)
    .optional()
    .openapi({ default: "relevance", description: "Without q, relevance means start. `distance` needs `near`." }),
  facets: listField(FACETS, "facets")
    .optional()
    .openapi({ type: "string", description: `Counts of what matches, parted by commas: ${FACETS.join(", ")}.`, example: "domain,city" }),
  strict: flag("Only what was typed: no corrections, synonyms, phrases of time, nor events with only some of the words.", false),
  highlight: flag("Marks the words that matched in names and descriptions.", true),
  explain: flag("Tells how the answer came about.", false),
  limit: limitField(MOST_HITS, 20).openapi({ description: `At most so many; unless told, ${MOST_HITS} in feeds.` }),
  // Longer than those of lists: it holds the order of the first hits by words and meaning.
  after: afterField(12_000),
  format: oneOf(SEARCH_FORMATS).optional().openapi({
    description: "`json`: the answer described here; the others are feeds of the events alone. Without it, Accept decides.",
  }),
});

export const suggestQuery = z.object({
  q: wordsField(100)
    .refine((text) => text !== "", "expected the beginning of a word or a name")
    .openapi({ description: "What has been typed so far.", example: "ja" }),
  limit: limitField(20, 10),
});

export const similarQuery = z.object({ ...filterFields, limit: limitField(50, 10) });
