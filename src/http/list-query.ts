/** The query of a list in the registry's terms: every filter of the interface, checked. */
import { z } from "@hono/zod-openapi";
import {
  EVENT_SORTS,
  ENTITY_SORTS,
  type EntityRef,
  type EntitySort,
  type EventFilters,
  type EventSort,
  type PageRequest,
  type PlaceFilters,
} from "../db/lists.ts";
import { RegistryError } from "../domain/errors.ts";
import { parseOwnUri, uuidOf } from "../domain/iri.ts";
import { isPublic, LIFECYCLE_STATES, type LifecycleState } from "../domain/lifecycle.ts";
import type { EntityKind, Role } from "../domain/vocabulary.ts";
import { instantOf } from "../domain/when.ts";
import type { Moments } from "../search/moments.ts";
import { decodeCursor, isInstantKey, isNameKey, type Position } from "./cursor.ts";
import { afterField, DEFAULT_RADIUS, eventFields, limitField, placeFields, sortField, wordsField } from "./filter-fields.ts";
import { invalidQuery } from "./query.ts";
import { hoursOf } from "./time-fields.ts";

const paging = { limit: limitField(200, 50), after: afterField() };
const ofOthers = {
  ...paging,
  q: z
    .never("only events are found by words: /api/v1/events/search; /api/v1/events/suggest completes the names of places and people")
    .optional()
    .openapi({ type: "string", description: "Not here: see /api/v1/events/search and /api/v1/events/suggest." }),
};

export const eventQuery = z.object({
  q: wordsField().optional().openapi({
    description:
      'Events that have all these words; `"a phrase"`, `OR` and `-without` are understood. Taken as typed and sorted by start (`start`, `-start`): /api/v1/events/search ranks, corrects and understands more.',
    example: "jazz",
  }),
  ...eventFields,
  per: z.enum(["event", "occurrence"], { error: "expected event or occurrence" }).optional().openapi({
    default: "event",
    description:
      "`event`: each event once, by the first of its matching occurrences (in descending order the latest); `occurrences`, beside `items` and parallel to them, tells which one that is. `occurrence`: each matching occurrence as an item of its own, by start.",
  }),
  sort: sortField(EVENT_SORTS).optional(),
  ...paging,
});
export const placeQuery = z.object({ ...placeFields, sort: sortField(ENTITY_SORTS).optional(), ...ofOthers });
export const agentQuery = z.object({ sort: sortField(ENTITY_SORTS).optional(), ...ofOthers });

type EventGiven = z.output<z.ZodObject<typeof eventFields>>;
type PlaceGiven = z.output<z.ZodObject<typeof placeFields>>;

/** What a list of events is asked for; its moments may be "now". */
export type ListFilters = Omit<EventFilters, keyof Moments> & Moments;

/** Throws `invalid_query`, and `forbidden` for states that this role may not see. */
export function eventFilters(given: EventGiven, base: string, role: Role): ListFilters {
  const { startDate, endDate, tz, venueId, organizerId, domain, keywords, state, on, origin } = given;
  if (startDate !== undefined && endDate !== undefined && endDate < startDate)
    throw invalidQuery("endDate", `${endDate} lies before startDate, ${startDate}.`);
  if (given.hours !== undefined && (given.startTime !== undefined || given.endTime !== undefined))
    throw invalidQuery("hours", "the same as startTime and endTime; give either.");
  const { dayOfWeek, startsAfter, startsBefore } = given;
  if (typeof startsAfter === "number" && typeof startsBefore === "number" && startsBefore < startsAfter)
    throw invalidQuery("startsBefore", "lies before startsAfter.");
  const hours = hoursOf(given);
  const words = keywords
    ?.split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
  return {
    ...placesFilters(given),
    ...(startDate !== undefined && { startDate }),
    ...(endDate !== undefined && { endDate }),
    ...(tz !== undefined && {
      instants: {
        ...(startDate !== undefined && { from: instantOf(startDate, tz) }),
        ...(endDate !== undefined && { until: instantOf(dayAfter(endDate), tz) }),
      },
    }),
    ...(dayOfWeek !== undefined && { days: dayOfWeek }),
    ...(hours !== undefined && { hours }),
    ...((startsAfter !== undefined || startsBefore !== undefined) && {
      starts: { ...(startsAfter !== undefined && { from: startsAfter }), ...(startsBefore !== undefined && { until: startsBefore }) },
    }),
    ...(on !== undefined && { on }),
    ...(venueId !== undefined && { venue: referenceOf("venueId", venueId, base, ["place"]) }),
    ...(organizerId !== undefined && { organizer: referenceOf("organizerId", organizerId, base, ["organization", "person"]) }),
    ...(domain !== undefined && { domain }),
    ...(words !== undefined && words.length > 0 && { keywords: words }),
    ...(origin !== undefined && { origin: origin === base ? "local" : origin }),
    states: statesFor(state, role, on !== undefined),
  };
}

/** Refuses a zone that says nothing. Search takes one alone: "tonight" is in it. */
export function refuseIdleZone({ tz, startDate, endDate }: EventGiven): void {
  if (tz !== undefined && startDate === undefined && endDate === undefined)
    throw invalidQuery("tz", "says in which zone startDate and endDate are; give one of them.");
}

export function placesFilters({ city, region, country, near, radius, bbox }: PlaceGiven): PlaceFilters {
  if (radius !== undefined && near === undefined) throw invalidQuery("radius", "is the distance from `near`; give that too.");
  return {
    ...(city !== undefined && { city }),
    ...(region !== undefined && { region }),
    ...(country !== undefined && { country }),
    ...(near !== undefined && { near: { latitude: near[0]!, longitude: near[1]!, radius: radius ?? DEFAULT_RADIUS } }),
    ...(bbox !== undefined && { bbox: { west: bbox[0]!, south: bbox[1]!, east: bbox[2]!, north: bbox[3]! } }),
  };
}

/** The page asked for; `filters` are the raw parameters, to which its cursor is bound. Throws `invalid_cursor`. */
export function pageRequest<Sort extends EventSort | EntitySort>(
  given: { sort?: string | undefined; limit?: number | undefined; after?: string | undefined },
  filters: Readonly<Record<string, string>>,
  byDefault: Sort,
): Omit<PageRequest<Sort>, "after"> & { after?: Position } {
  const sort = (given.sort ?? byDefault).replace(/^-/, "") as Sort;
  return {
    sort,
    descending: given.sort?.startsWith("-") ?? false,
    limit: given.limit ?? 50,
    ...(given.after !== undefined && { after: decodeCursor(given.after, filters, sort === "name" ? isNameKey : isInstantKey) }),
  };
}

/** What does not take place is not going on either. */
const NOT_ON: readonly LifecycleState[] = ["cancelled", "postponed"];

function statesFor(asked: readonly LifecycleState[] | undefined, role: Role, goingOn: boolean): LifecycleState[] {
  if (asked === undefined) return LIFECYCLE_STATES.filter((state) => isPublic(state) && !(goingOn && NOT_ON.includes(state)));
  const hidden = asked.filter((state) => !isPublic(state));
  if (hidden.length > 0 && role !== "admin")
    throw new RegistryError("forbidden", { detail: `state: only an admin may list what is ${hidden.join(" or ")}.`, pointer: "/state" });
  return [...asked];
}

function referenceOf(name: string, text: string, base: string, kinds: readonly EntityKind[]): EntityRef {
  const id = uuidOf(text);
  if (id !== undefined) return { id };
  const own = parseOwnUri(base, text);
  if (own !== undefined && kinds.includes(own.kind)) return { id: own.id };
  if (own === undefined && /^https?:\/\/[^\s]+$/.test(text)) return { uri: text };
  throw invalidQuery(name, `expected the ULID or URI of a ${kinds.join(" or ")}.`);
}

function dayAfter(date: string): string {
  const next = new Date(`${date}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.getUTCFullYear() > 9_999 ? "9999-12-31" : next.toISOString().slice(0, 10);
}
