/** The parameters of search that lists do not have: how each is written, and what it is read as. */
import { z } from "@hono/zod-openapi";
import { FACETS, SEARCH_MODES, SEARCH_SORTS } from "../search/request.ts";
import { EVENT_FEED_FORMATS } from "./event-feeds/formats.ts";
import { afterField, eventFields, limitField, listField, wordsField } from "./filter-fields.ts";
import { MOST_VERTICES, parsePolygon } from "./polygon.ts";
import { queryNumber, queryText } from "./schemas.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MOST_PRICE = 999_999_999;
const MINUTES_OF_DAY = 24 * 60;
export const MOST_HITS = 100;

/** What search answers in; the first is for those who do not say. */
export const SEARCH_FORMATS = ["json", ...EVENT_FEED_FORMATS] as const;
export type SearchFormat = (typeof SEARCH_FORMATS)[number];

/** A field whose reader returns a sentence where it cannot read. */
const readBy = <T extends object>(text: z.ZodType<string, string>, read: (text: string) => T | string) =>
  text.transform((given, context) => {
    const found = read(given);
    if (typeof found !== "string") return found;
    context.addIssue({ code: "custom", message: found });
    return z.NEVER;
  });

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

/** What an event may be filtered by: lists' filters and search's own. */
export const filterFields = {
  ...eventFields,
  polygon: readBy(queryText(5_000), parsePolygon)
    .optional()
    .openapi({
      type: "string",
      description: `Places inside: 3 to ${MOST_VERTICES} vertices as longitude,latitude, parted by semicolons; sides that do not cross, none over the antimeridian.`,
      example: "-79.45,43.63;-79.35,43.63;-79.35,43.68;-79.45,43.68",
    }),
  dayOfWeek: readBy(queryText(200), parseDays).optional().openapi({
    type: "string",
    description:
      "Weekdays on which an occurrence starts, in its own zone: names as in schema.org, MO to SU as in iCalendar, or 1 (Monday) to 7; parted by commas, a range by a hyphen.",
    example: "Friday-Sunday",
  }),
  hours: readBy(queryText(20), parseHours).optional().openapi({
    type: "string",
    description:
      "When on its day an occurrence starts, in its own zone; both ends are included, and an end before the beginning lies past midnight. Dates without a time do not match.",
    example: "18:00-23:00",
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
  origin: queryText(2_048)
    .refine((text) => text === "local" || isBase(text), "expected local, or a node's base URL such as https://node.example")
    .transform((text) => (text === "local" ? text : text.replace(/\/+$/, "")))
    .optional()
    .openapi({ description: "The node that an event comes from, by its base URL; `local`: this one.", example: "local" }),
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

/** "Friday-Sunday,MO" -> [1, 5, 6, 7]; a range may pass Sunday. */
function parseDays(text: string): number[] | string {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first = 0, last = first, ...rest] = part.split("-").map(dayOf);
    if (first === 0 || last === 0 || rest.length > 0)
      return "expected weekdays such as Friday, FR or 5, parted by commas; a range such as Friday-Sunday";
    for (let day = first; ; day = (day % 7) + 1) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].toSorted((a, b) => a - b);
}

/** 1 Monday to 7 Sunday; 0 for no day. */
function dayOf(text: string): number {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/schema\.org\//, "");
  if (/^[1-7]$/.test(word)) return Number(word);
  return DAYS.findIndex((day) => day === word || day.slice(0, 2) === word) + 1;
}

/** "18:00-23:00", "18-23", "22:00-02:00" in minutes of the day. 24:00 ends a day, and begins none. */
function parseHours(text: string): { from: number; until: number } | string {
  const [, from, until] = /^\s*([\d:]+)\s*[-–]\s*([\d:]+)\s*$/.exec(text) ?? [];
  const first = minutesOf(from);
  const last = minutesOf(until);
  if (first === undefined || last === undefined || first === MINUTES_OF_DAY)
    return "expected a span of local time such as 18:00-23:00 or 18-23, its hours from 0 to 24";
  return { from: first, until: last === MINUTES_OF_DAY ? last - 1 : last };
}

function minutesOf(text = ""): number | undefined {
  const [, hours, minutes = "0"] = /^(\d{1,2})(?::([0-5]\d))?$/.exec(text) ?? [];
  const found = Number(hours) * 60 + Number(minutes);
  return hours !== undefined && found <= MINUTES_OF_DAY ? found : undefined;
}

const isBase = (text: string): boolean => /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text);
