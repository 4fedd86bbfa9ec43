/** The fields that lists and search share: what each filter of the interface is made of, and what it means in words. */
import { z } from "@hono/zod-openapi";
import { HIDDEN_STATES, LIFECYCLE_STATES } from "../domain/lifecycle.ts";
import { EVENT_DOMAINS } from "../domain/vocabulary.ts";
import { isZone } from "../domain/when.ts";
import { queryDate, queryNumber, queryText } from "./schemas.ts";
import { timeFields } from "./time-fields.ts";

/** Metres. */
export const DEFAULT_RADIUS = 5_000;
const MOST_RADIUS = 200_000;
const MOST_Q = 1_000;

export const sortField = (names: readonly string[]) => {
  const all = names.flatMap((name) => [name, `-${name}`]);
  return z
    .string()
    .refine((sort) => all.includes(sort), `expected one of ${all.join(", ")}`)
    .openapi({ enum: all, description: "`-` before it turns the order around." });
};

/** "a, b" -> ["a", "b"], all of them members; `what` names them. */
export const listField = <T extends string>(members: readonly T[], what: string) =>
  queryText(500)
    .transform((text) => text.split(",").map((word) => word.trim()))
    .refine(
      (words) => words.every((word) => (members as readonly string[]).includes(word)),
      `expected ${what}: one or more of ${members.join(", ")}, parted by commas`,
    )
    .transform((words) => [...new Set(words)] as T[]);

/** What somebody typed or pasted: line breaks and tabs are blanks. "" where there is nothing but blanks. */
export const wordsField = (most = MOST_Q) =>
  z
    .string()
    .refine((text) => text.length <= 2 * most && Array.from(text).length <= most, `expected at most ${most} characters`)
    .transform((text) => text.replaceAll(/\s+/gu, " ").trim())
    .refine((text) => !/\p{Cc}|\ufffd/u.test(text), "expected text without control characters")
    .openapi({ type: "string", maxLength: most });

/** Degrees and the like, in plain decimals; NaN for anything else. */
export const decimalOf = (text: string): number => (/^\s*-?\d{1,4}(\.\d{1,15})?\s*$/.test(text) ? Number(text) : Number.NaN);

const coordinates = (count: number, example: string) =>
  queryText(200)
    .transform((text) => text.split(",").map(decimalOf))
    .refine(
      (numbers) => numbers.length === count && !numbers.some(Number.isNaN),
      `expected ${count} numbers parted by commas, such as ${example}`,
    );

export const limitField = (most: number, byDefault: number) =>
  queryNumber(1, most, true)
    .optional()
    .openapi({ type: "integer", minimum: 1, maximum: most, default: byDefault, description: "At most so many." });
export const afterField = (most = 8_000) =>
  z
    .string()
    .max(most, "this is no cursor of ours; use next_cursor as it was given")
    .optional()
    .openapi({ description: "The `next_cursor` of the page before, with the same filters." });

export const placeFields = {
  city: queryText().optional().openapi({ description: "The place's city, in any case of letters." }),
  region: queryText().optional().openapi({ description: "The place's region, as its address has it." }),
  country: queryText().optional().openapi({ description: "The place's country, as its address has it." }),
  near: coordinates(2, "43.65,-79.38")
    .refine(
      ([latitude = 91, longitude = 181]) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180,
      "expected latitude,longitude in degrees",
    )
    .optional()
    .openapi({ type: "string", description: "latitude,longitude: places within `radius` of it.", example: "43.65,-79.38" }),
  radius: queryNumber(1, MOST_RADIUS)
    .optional()
    .openapi({
      type: "number",
      minimum: 1,
      maximum: MOST_RADIUS,
      default: DEFAULT_RADIUS,
      description: `Metres around \`near\`; ${DEFAULT_RADIUS} unless told, at most ${MOST_RADIUS}.`,
    }),
  bbox: coordinates(4, "-79.6,43.5,-79.1,43.9")
    .refine(
      ([west = 181, south = 91, east = 181, north = 91]) =>
        Math.abs(west) <= 180 && Math.abs(east) <= 180 && Math.abs(south) <= 90 && Math.abs(north) <= 90 && south <= north,
      "expected west,south,east,north in degrees, south not beyond north",
    )
    .optional()
    .openapi({
      type: "string",
      description: "west,south,east,north; west greater than east crosses the antimeridian.",
      example: "-79.6,43.5,-79.1,43.9",
    }),
};
const reference = (what: string) =>
  queryText(2_048)
    .optional()
    .openapi({ description: `A ULID or URI: events ${what}.` });

const isBase = (text: string): boolean => /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text);

export const eventFields = {
  startDate: queryDate
    .optional()
    .openapi({ description: "Events with an occurrence that starts on this day or later, in `tz`, else in the event's own zone." }),
  endDate: queryDate.optional().openapi({ description: "… and on this day or earlier: the day is included." }),
  tz: queryText(60).refine(isZone, "expected an IANA time zone such as America/Toronto").optional().openapi({
    description: "The zone of the two days. Occurrences that are dates without a time keep to their date.",
    example: "America/Toronto",
  }),
  ...timeFields,
  ...placeFields,
  venueId: reference("at this place, or with an occurrence there"),
  organizerId: reference("of this organization or person"),
  domain: z.enum(EVENT_DOMAINS, { error: `expected one of ${EVENT_DOMAINS.join(", ")}` }).optional(),
  keywords: queryText(1_000)
    .optional()
    .openapi({ description: "Words parted by commas: events that bear any of them, in any case of letters." }),
  state: listField(LIFECYCLE_STATES, "lifecycle states")
    .optional()
    .openapi({ type: "string", description: `Lifecycle states parted by commas. Only an admin may ask for ${HIDDEN_STATES.join(", ")}.` }),
  origin: queryText(2_048)
    .refine((text) => text === "local" || isBase(text), "expected local, or a node's base URL such as https://node.example")
    .transform((text) => (text === "local" ? text : text.replace(/\/+$/, "")))
    .optional()
    .openapi({ description: "The node that an event comes from, by its base URL; `local`: this one.", example: "local" }),
};
