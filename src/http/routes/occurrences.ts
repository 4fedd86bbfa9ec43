/** Single occurrences of a series: each has an address; what one has of its own is said here, and here the series is split. */
import { z } from "@hono/zod-openapi";
import type { Tx } from "../../db/database.ts";
import { readState } from "../../db/entities.ts";
import { occurrenceUri, uriOf } from "../../domain/iri.ts";
import type { ShownOccurrence } from "../../domain/recurrence/of-state.ts";
import type { EventState } from "../../domain/state.ts";
import { instantOf } from "../../domain/when.ts";
import { encodeEntity } from "../../jsonld/encode.ts";
import { encodeOccurrence } from "../../jsonld/encode-series.ts";
import { datesOf, LAST, shownOccurrence } from "../../registry/occurrences.ts";
import { overrideOccurrence } from "../../registry/override-occurrence.ts";
import { splitSeries } from "../../registry/split-series.ts";
import type { Answer } from "../../registry/write.ts";
import { answer, eventAnswer } from "../answers.ts";
import { requireRole, speakingFor } from "../auth.ts";
import { readJson } from "../body.ts";
import { entityTag } from "../conditional.ts";
import { databaseFor } from "../lists.ts";
import { negotiate } from "../negotiate.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { entityResponse, isGone, visible } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent, tombstoneSchema, ulidParameter } from "../schemas.ts";
import { occurrenceAddressRoutes, readOccurrence } from "./dereference-occurrence.ts";
import {
  followingSchema,
  occurrenceCursor,
  occurrenceListSchema,
  occurrenceParameters,
  occurrenceSchema,
  ownSchema,
  readOccurrenceCursor,
  USUAL,
  windowQuery,
} from "./occurrence-shapes.ts";
import { BODY_PROBLEMS, idOf, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

const LIST = "/api/v1/events/{ulid}/occurrences";
const ONE = `${LIST}/{recurrenceId}`;
const BODY_TYPES = ["application/ld+json", "application/json", "application/merge-patch+json"] as const;
const headers = writeHeaders.extend({
  "If-Match": z.string().optional().openapi({ description: "The ETag that was read; 412 when the event has changed since." }),
});
const outcome = z.object({ "Calends-Outcome": z.string(), ETag: z.string(), Location: z.string() });
const body = (schema: z.ZodType) => ({ required: true, content: Object.fromEntries(BODY_TYPES.map((type) => [type, { schema }])) });
const PROBLEMS = [
  ...KEY_PROBLEMS,
  "not_found",
  "gone",
  "conflict",
  "precondition_failed",
  "idempotency_conflict",
  "idempotency_in_flight",
] as const;

export function occurrenceRoutes(app: HttpApp, parts: HttpParts): void {
  const gone = { description: "The event was deleted, or merged into another.", ...jsonContent(tombstoneSchema, "application/ld+json") };
  addRoute(
    app,
    {
      method: "get",
      path: LIST,
      tags: ["Events"],
      summary: "List the occurrences of an event",
      description:
        "In order of start, each as it is shown: moved, cancelled or renamed where that was said of it alone. A series is expanded as far as the window reaches, also beyond the horizon to which the node keeps occurrences. An event that does not recur has its dates.",
      request: { params: ulidParameter, query: windowQuery },
      responses: { 200: { description: "One page.", ...jsonContent(occurrenceListSchema) }, 410: gone },
      problems: ["not_found", "invalid_query", "invalid_cursor"],
    },
    (c) => listOccurrences(c, parts),
  );
  addRoute(
    app,
    {
      method: "get",
      path: ONE,
      tags: ["Events"],
      summary: "Read one occurrence",
      description: "A name that the occurrence had by an earlier rule leads on to its present one.",
      request: { params: occurrenceParameters },
      responses: {
        200: { description: "The occurrence as JSON-LD, with its `superEvent`.", ...jsonContent(occurrenceSchema, "application/ld+json") },
        304: { description: "The client's copy is still good." },
        308: { description: "The rule has changed since; `Location` is the occurrence of that day." },
        410: gone,
      },
      problems: ["not_found"],
    },
    (c) =>
      readOccurrence(c, parts, {
        name: c.req.param("recurrenceId") ?? "",
        format: negotiate(c.req.header("accept"), ["jsonld", "json"]),
      }),
  );
  occurrenceAddressRoutes(app, parts);
  changeRoutes(app, parts);
  splitRoute(app, parts);
}

async function listOccurrences(c: HttpContext, parts: HttpParts): Promise<Response> {
  const id = idOf(c);
  const query = c.req.url.includes("?") ? readQuery(c, windowQuery) : {};
  const state = await databaseFor(c, parts).read((on) => readState(on, "event", id));
  const shown = visible(c, state) as EventState;
  if (isGone(shown)) return entityResponse(c, parts, shown, "jsonld");
  const bound = { id, from: query.from ?? "", until: query.until ?? "" };
  const after = query.after === undefined ? undefined : readOccurrenceCursor(query.after, bound);
  const usual = shown.series === undefined ? -LAST : parts.clock().getTime();
  const { dates, more } = datesOf(shown, {
    from: query.from === undefined ? usual : instantOf(query.from, shown.timezone),
    until: query.until === undefined ? LAST : instantOf(query.until, shown.timezone),
    limit: query.limit ?? USUAL,
    after,
  });
  const items = encodeDates(shown, dates, parts.base);
  const next = more ? occurrenceCursor(dates.at(-1)!.position, bound) : null;
  return c.body(JSON.stringify({ items, next_cursor: next }), 200, { "content-type": "application/json", "cache-control": "no-cache" });
}

/** Of an event that does not recur, the dates that its source has listed are sub-events without an address; one that has a single date is that date. */
function encodeDates(state: EventState, dates: ReturnType<typeof datesOf>["dates"], base: string): object[] {
  if (state.series !== undefined) return dates.map((date) => encodeOccurrence(state, date as ShownOccurrence, { base }));
  const whole = encodeEntity(state, { base });
  const { "@context": context, "@id": id, "@type": type, name, subEvent } = whole;
  if (!Array.isArray(subEvent)) return dates.map(() => whole);
  const superEvent = { "@id": id, "@type": type, name };
  return dates.map(({ position }) => ({ "@context": context, ...(subEvent[Number(position.name)] as object), superEvent }));
}

function changeRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, limits } = parts;
  const known = { description: "The occurrence as it stands now.", headers: outcome, ...jsonContent(entitySchema, "application/ld+json") };
  for (const [mode, summary] of [
    ["put", "Replace what you said of one occurrence"],
    ["patch", "Change one occurrence"],
  ] as const) {
    addRoute(
      app,
      {
        method: mode,
        path: ONE,
        tags: ["Events"],
        summary,
        security: [{ key: [] }],
        description:
          'Moved, cancelled (`{"eventStatus": "EventCancelled"}`), renamed, elsewhere or at another price: the series stays as it is, and the occurrence keeps its address. With PATCH, `null` takes back what you said of a member. A source may change what it speaks for; an admin\'s change is the curator\'s, and stands above all others.',
        request: { params: occurrenceParameters, headers, body: body(ownSchema) },
        responses: { 200: known },
        problems: [...PROBLEMS, ...BODY_PROBLEMS],
      },
      async (c) => {
        const caller = await speakingFor(c, parts, requireRole(c, "agent"));
        const change = { eventId: idOf(c), recurrenceId: c.req.param("recurrenceId") ?? "", mode };
        const { payload, document } = await readJson(c, { types: BODY_TYPES, limit: limits.eventBodyBytes });
        return answer(c, parts, caller, payload, async (tx) => {
          const ifMatch = c.req.header("if-match");
          return occurrenceAnswer(parts, tx, await overrideOccurrence(registry, caller, tx, { ...change, document, ifMatch }));
        });
      },
    );
  }
  addRoute(
    app,
    {
      method: "delete",
      path: ONE,
      tags: ["Events"],
      summary: "Take back what you said of one occurrence",
      security: [{ key: [] }],
      description: "The occurrence is again as the series has it, or as another source says. To cancel it, PATCH its eventStatus.",
      request: { params: occurrenceParameters, headers },
      responses: { 204: { description: "Done.", headers: z.object({ "Calends-Outcome": z.string(), ETag: z.string() }) } },
      problems: PROBLEMS,
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const change = { eventId: idOf(c), recurrenceId: c.req.param("recurrenceId") ?? "", mode: "delete" } as const;
      return answer(c, parts, caller, Buffer.alloc(0), async (tx) => {
        const done = await overrideOccurrence(registry, caller, tx, { ...change, ifMatch: c.req.header("if-match") });
        const { version } = (await readState(tx, "event", done.eventId))!;
        return { status: 204, headers: { "calends-outcome": done.outcome, etag: entityTag(version, "jsonld") }, body: "" };
      });
    },
  );
}

function splitRoute(app: HttpApp, parts: HttpParts): void {
  const { registry, limits } = parts;
  addRoute(
    app,
    {
      method: "post",
      path: `${ONE}/split`,
      tags: ["Events"],
      summary: "Change this and all following occurrences",
      security: [{ key: [] }],
      description:
        "The series ends before this occurrence, and a new event with an address of its own goes on from it, with everything that the old one shows and the changes given: another name, another place, another time of day (`startDate`, `endDate` of this occurrence), or another rule (`eventSchedule`). The two are linked by `sel:continues` and `sel:continuedBy`; exceptions go with their half.",
      request: { params: occurrenceParameters, headers, body: body(followingSchema) },
      responses: { 201: { description: "The event that goes on.", headers: outcome, ...jsonContent(entitySchema, "application/ld+json") } },
      problems: [...PROBLEMS, ...BODY_PROBLEMS],
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const split = { eventId: idOf(c), recurrenceId: c.req.param("recurrenceId") ?? "" };
      const { payload, document } = await readJson(c, { types: BODY_TYPES, limit: limits.eventBodyBytes });
      return answer(c, parts, caller, payload, async (tx) => {
        const ifMatch = c.req.header("if-match");
        const { eventId, outcome: done, reviews } = await splitSeries(registry, caller, tx, { ...split, document, ifMatch });
        return eventAnswer(parts, tx, { eventId, outcome: done, reviews, status: 201 });
      });
    },
  );
}

/** The occurrence as it stands in this transaction. */
async function occurrenceAnswer(
  { base }: HttpParts,
  tx: Tx,
  { eventId, recurrenceId, outcome: done }: { eventId: string; recurrenceId: string; outcome: string },
): Promise<Answer> {
  const state = (await readState(tx, "event", eventId)) as EventState;
  const shown = shownOccurrence(state, recurrenceId);
  return {
    status: 200,
    headers: {
      "content-type": "application/ld+json",
      location: occurrenceUri(base, state, shown.recurrenceId),
      link: `<${uriOf(base, "event", { id: eventId })}>; rel="up"`,
      etag: entityTag(state.version, "jsonld"),
      "last-modified": new Date(state.updatedAt).toUTCString(),
      "calends-outcome": done,
    },
    body: JSON.stringify(encodeOccurrence(state, shown, { base })),
  };
}
