/** What one occurrence has of its own is said here, and here a series is split. */
import { z } from "@hono/zod-openapi";
import type { Tx } from "../../db/database.ts";
import { readState } from "../../db/entities.ts";
import { uriOf } from "../../domain/iri.ts";
import type { EventState } from "../../domain/state.ts";
import { encodeOccurrence } from "../../jsonld/encode-series.ts";
import { shownOccurrence } from "../../registry/occurrences.ts";
import { overrideOccurrence } from "../../registry/override-occurrence.ts";
import { splitSeries } from "../../registry/split-series.ts";
import type { Answer } from "../../registry/write.ts";
import { answer, eventAnswer } from "../answers.ts";
import { requireRole, speakingFor } from "../auth.ts";
import { readJson } from "../body.ts";
import { entityTag } from "../conditional.ts";
import { occurrencePath } from "../pages/series-dates.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent } from "../schemas.ts";
import { followingSchema, OCCURRENCE, occurrenceParameters, ownSchema } from "./occurrence-shapes.ts";
import { BODY_PROBLEMS, idOf, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

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

export function changeOccurrenceRoutes(app: HttpApp, parts: HttpParts): void {
  putAndPatchRoutes(app, parts);
  deleteRoute(app, parts);
  splitRoute(app, parts);
}

function putAndPatchRoutes(app: HttpApp, parts: HttpParts): void {
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
        path: OCCURRENCE,
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
        const change = { ...namedIn(c), mode };
        const { payload, document } = await readJson(c, { types: BODY_TYPES, limit: limits.eventBodyBytes });
        return answer(c, parts, caller, payload, async (tx) => {
          const ifMatch = c.req.header("if-match");
          return occurrenceAnswer(parts, tx, await overrideOccurrence(registry, caller, tx, { ...change, document, ifMatch }));
        });
      },
    );
  }
}

function deleteRoute(app: HttpApp, parts: HttpParts): void {
  const { registry } = parts;
  addRoute(
    app,
    {
      method: "delete",
      path: OCCURRENCE,
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
      const change = { ...namedIn(c), mode: "delete" } as const;
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
      path: `${OCCURRENCE}/split`,
      tags: ["Events"],
      summary: "Change this and all following occurrences",
      security: [{ key: [] }],
      description:
        "The series ends before this occurrence, and a new event with an address of its own goes on from it, with everything that the old one shows and the changes given: another name, another place, another time of day (`startDate`, `endDate` of this occurrence), or another rule (`eventSchedule`). The two are linked by `sel:continues` and `sel:continuedBy`; exceptions go with their half. A description or image that another node says stays behind.",
      request: { params: occurrenceParameters, headers, body: body(followingSchema) },
      responses: { 201: { description: "The event that goes on.", headers: outcome, ...jsonContent(entitySchema, "application/ld+json") } },
      problems: [...PROBLEMS, ...BODY_PROBLEMS],
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const split = namedIn(c);
      const { payload, document } = await readJson(c, { types: BODY_TYPES, limit: limits.eventBodyBytes });
      return answer(c, parts, caller, payload, async (tx) => {
        const ifMatch = c.req.header("if-match");
        const { eventId, outcome: done, reviews } = await splitSeries(registry, caller, tx, { ...split, document, ifMatch });
        return eventAnswer(parts, tx, { eventId, outcome: done, reviews, status: 201 });
      });
    },
  );
}

const namedIn = (c: HttpContext) => ({ eventId: idOf(c), recurrenceId: c.req.param("recurrenceId") ?? "" });

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
      location: base + occurrencePath(state, shown.recurrenceId),
      link: `<${uriOf(base, "event", { id: eventId })}>; rel="up"`,
      etag: entityTag(state.version, "jsonld"),
      "last-modified": new Date(state.updatedAt).toUTCString(),
      "calends-outcome": done,
    },
    body: JSON.stringify(encodeOccurrence(state, shown, { base })),
  };
}
