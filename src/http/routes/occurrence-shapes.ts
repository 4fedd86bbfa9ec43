/** The shapes of what is asked and answered about single occurrences of a series. */
import { z } from "@hono/zod-openapi";
import { badCursor, bindingOf, fromCursor, toCursor } from "../../domain/bound-cursor.ts";
import { afterField, limitField } from "../filter-fields.ts";
import { isCalendarDay, ulidParameter } from "../schemas.ts";

export const OCCURRENCES = "/api/v1/events/{ulid}/occurrences";
export const OCCURRENCE = `${OCCURRENCES}/{recurrenceId}`;
const MOST = 200;
export const USUAL = 50;
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

export const occurrenceParameters = ulidParameter.extend({
  recurrenceId: z.string().openapi({
    description: "Its original local start; it keeps this name when it is moved.",
    example: "20260508T190000",
  }),
});

const moment = (description: string) =>
  z
    .string()
    .regex(INSTANT, "expected a time with its offset, such as 2026-05-08T10:00:00Z, or a date")
    .refine((text) => isCalendarDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text)), "there is no such time")
    .optional()
    .openapi({ description, example: "2026-05-08T10:00:00Z" });

export const windowQuery = z.object({
  from: moment(
    "Starts at this time or later; a date is the beginning of that day where the event is. By default from now on; of an event that does not recur, all its dates.",
  ),
  until: moment("Starts before this time, or before that day. By default without end: `limit` bounds the page."),
  limit: limitField(MOST, USUAL),
  after: afterField(),
});

export const occurrenceListSchema = z
  .strictObject({ items: z.array(z.looseObject({ "@type": z.unknown(), startDate: z.string() })), next_cursor: z.string().nullable() })
  .openapi("OccurrenceList", {
    description: "Occurrences in order of start, each as JSON-LD with its `superEvent`. `next_cursor` is null on the last page.",
  });

export const ownSchema = z
  .looseObject({
    name: z.string().nullish(),
    startDate: z.string().nullish(),
    endDate: z.string().nullish(),
    doorTime: z.string().nullish(),
    eventStatus: z.string().nullish().openapi({ example: "EventCancelled" }),
    location: z.unknown(),
    offers: z.unknown(),
    url: z.string().nullish(),
  })
  .openapi("OccurrenceChange", {
    description:
      "What this occurrence has of its own, in schema.org terms; each member replaces the series' as a whole. Everything else is the series'.",
  });

export const followingSchema = z.looseObject({}).openapi("SeriesChange", {
  description:
    "A partial schema.org Event: what is different from this occurrence on; `{}` where nothing is yet. `null` takes a member away.",
});

/** Where a page of occurrences goes on: after the one of this start and name. */
export interface OccurrencePosition {
  startAt: number;
  name: string;
}
const position = z.tuple([z.number().min(-8.64e15).max(8.64e15), z.string().max(40), z.string()]);

export function occurrenceCursor({ startAt, name }: OccurrencePosition, bound: Readonly<Record<string, string>>): string {
  return toCursor([startAt, name, bindingOf(bound)]);
}

/** Throws `invalid_cursor` for what `occurrenceCursor` did not make for this event and window. */
export function readOccurrenceCursor(cursor: string, bound: Readonly<Record<string, string>>): OccurrencePosition {
  const parsed = position.safeParse(fromCursor(cursor, 400));
  if (!parsed.success) throw badCursor();
  const [startAt, name, binding] = parsed.data;
  if (binding !== bindingOf(bound)) throw badCursor("this cursor belongs to another event or window; begin again without it.");
  return { startAt, name };
}
