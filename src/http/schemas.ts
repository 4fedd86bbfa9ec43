/** The shapes that the API speaks in, for OpenAPI; and what every query parameter must keep to. */
import { z, type RouteConfig } from "@hono/zod-openapi";
import { ERROR_CODES, type ErrorCode } from "../domain/errors.ts";
import { uuidOf } from "../domain/iri.ts";

export const problemSchema = z
  .looseObject({
    type: z.string().openapi({ example: "https://node.example/problems/invalid_query" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: "Names the field and what was expected." }),
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    instance: z.string().openapi({ description: "The request's id as a URN.", example: "urn:uuid:0b0e4d6e-54c9-4d3c-9c55-0a2ed5b0b9f0" }),
    errors: z
      .array(
        z.strictObject({ pointer: z.string().openapi({ description: "JSON Pointer (RFC 6901) into what was sent." }), detail: z.string() }),
      )
      .optional(),
  })
  .openapi("Problem", { description: "Problem details (RFC 9457)." });

/** One response a status, naming the codes that it may bear. */
export function problemResponses(codes: readonly ErrorCode[]): RouteConfig["responses"] {
  const byStatus = Map.groupBy([...new Set(codes)], (code) => ERROR_CODES[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: all.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}`).join("; "),
        content: { "application/problem+json": { schema: problemSchema } },
      },
    ]),
  );
}

export const entitySchema = z
  .looseObject({
    "@context": z.array(z.string()),
    "@id": z.string(),
    "@type": z.union([z.string(), z.array(z.string())]),
    name: z.string().optional(),
  })
  .openapi("Entity", {
    description: "An event, place, organization or person as JSON-LD. The SHACL shapes at /shapes/shapes-v1.ttl say what each may hold.",
  });

export const tombstoneSchema = z
  .looseObject({
    "@context": z.array(z.string()),
    "@id": z.string(),
    "@type": z.string(),
    "sel:tombstone": z.literal(true),
    "sel:deletedAt": z.string(),
    "sel:supersededBy": z.string().optional(),
  })
  .openapi("Tombstone");

export const occurrenceSchema = z
  .strictObject({
    "@id": z.string(),
    startDate: z.string(),
    endDate: z.string().optional(),
    timezone: z.string(),
    eventStatus: z.string().optional(),
  })
  .openapi("MatchingOccurrence", {
    description: "Its own address, where the event recurs; else the event's.",
    example: {
      "@id": "https://node.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF/occurrences/20260508T210000",
      startDate: "2026-05-08T21:00:00-04:00",
      endDate: "2026-05-08T23:30:00-04:00",
      timezone: "America/Toronto",
    },
  });

export const completeUntilSchema = z.string().nullable().optional().openapi({
  description:
    "Only where a query reaches so far ahead or back that recurring events had to be expanded for it, and not all could be: what starts at this instant or later may be missing. Ask on from there (startsAfter). Null: there are too many such events; narrow the query.",
});

export const listSchema = z
  .strictObject({
    items: z.array(entitySchema),
    next_cursor: z.string().nullable(),
    occurrences: z
      .array(occurrenceSchema)
      .optional()
      .openapi({ description: "Of events by start, parallel to `items`: the occurrence that matched." }),
    local_pages: z
      .record(z.string(), z.string())
      .optional()
      .openapi({ description: "By the `@id` of what comes from other nodes: where it is read at this one." }),
    complete_until: completeUntilSchema,
  })
  .openapi("List", { description: "One page. `next_cursor` is null on the last one; else give it as `after`." });

const ulid = z
  .string()
  .refine((text) => uuidOf(text) !== undefined, "expected a ULID, 26 letters and digits")
  .openapi({ example: "01HYX3KQW7ERTV9XNBM2P8QJZF" });
export const ulidParameter = z.object({ ulid });

/** Text that PostgreSQL can hold and a person could mean. */
export const queryText = (most = 200) =>
  // eslint-disable-next-line no-control-regex -- these are what is refused
  z
    .string()
    .max(most, `expected at most ${most} characters`)
    .regex(/^[^\u0000-\u001f\u007f\ufffd]*$/, "expected text without control characters");

export const queryNumber = (least: number, most: number, integer = false) =>
  z
    .string()
    .regex(/^-?\d{1,9}(\.\d{1,12})?$/, "expected a number")
    .transform(Number)
    .refine(
      (value) => value >= least && value <= most && (!integer || Number.isInteger(value)),
      `expected a ${integer ? "whole " : ""}number from ${least} to ${most}`,
    );

/** A real calendar day, from the year 1 on. */
export const queryDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "expected a date such as 2026-05-08")
  .refine(isCalendarDay, "there is no such day")
  .openapi({ example: "2026-05-08", format: "date" });

/** "2026-02-30" is none, nor is any day of the year 0. */
export function isCalendarDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !text.startsWith("0000") && !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text;
}

export const jsonContent = (schema: z.ZodType, type = "application/json") => ({ content: { [type]: { schema } } });
