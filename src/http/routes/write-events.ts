/** Writing events: one at a time, by agents for their sources and by admins for any. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../../domain/errors.ts";
import { uuidOf } from "../../domain/iri.ts";
import { retractEvent } from "../../registry/retract-event.ts";
import { reviseEvent } from "../../registry/revise-event.ts";
import { submitEvent } from "../../registry/submit-event.ts";
import { answer, eventAnswer } from "../answers.ts";
import { requireRole, speakingFor } from "../auth.ts";
import { readJson } from "../body.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent, queryText, ulidParameter } from "../schemas.ts";

export const EVENT_TYPES = ["application/ld+json", "application/json"] as const;
const PATCH_TYPES = ["application/merge-patch+json", "application/json"] as const;

const schemaOrgEvent = z.looseObject({ "@type": z.string(), name: z.string(), startDate: z.string() }).openapi("EventSubmission", {
  description: "A schema.org Event, or one of its kinds, as JSON-LD. `location` is a Place, a VirtualLocation, both, or a name.",
});
const body = (types: readonly string[]) => ({
  body: { required: true, content: Object.fromEntries(types.map((type) => [type, { schema: schemaOrgEvent }])) },
});
const outcomes = { headers: z.object({ "Calends-Outcome": z.string(), ETag: z.string(), Location: z.string() }) };
const known = (description: string) => ({ description, ...outcomes, ...jsonContent(entitySchema, "application/ld+json") });
export const writeHeaders = z.object({
  "Idempotency-Key": z
    .string()
    .max(255)
    .optional()
    .openapi({ description: "The first answer is given again for 24 hours, byte for byte." }),
  "On-Behalf-Of": z
    .string()
    .max(200)
    .optional()
    .openapi({ description: "Admins only: the name of the source to speak for; without it the built-in curator speaks." }),
});
const revisionHeaders = writeHeaders.extend({
  "If-Match": z.string().optional().openapi({ description: "The ETag that was read; 412 when the event has changed since." }),
});

export const BODY_PROBLEMS = ["malformed_json", "invalid_body", "too_large", "too_complex", "unsupported_media_type"] as const;
export const KEY_PROBLEMS = ["unauthenticated", "forbidden"] as const;
const WRITE_PROBLEMS = [
  ...BODY_PROBLEMS,
  ...KEY_PROBLEMS,
  "not_found",
  "gone",
  "invalid_transition",
  "idempotency_conflict",
  "idempotency_in_flight",
] as const;

export function writeEventRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, limits } = parts;
  addRoute(
    app,
    {
      method: "post",
      path: "/api/v1/events",
      tags: ["Events"],
      summary: "Submit one event",
      security: [{ key: [] }],
      description:
        "What the source said of this event before is replaced; what other sources say stands beside it. `Calends-Outcome` says what happened: created, updated, unchanged, or merged into an event that was known already. 202: it was taken in and stands, and a person must look at something: a possible duplicate, or sources that contradict each other; `Calends-Review` names the review items.",
      request: { headers: writeHeaders, ...body(EVENT_TYPES) },
      responses: {
        201: known("The event is new."),
        200: known("The event was known."),
        202: known("It was taken in, and a person must look at something (`Calends-Review`)."),
      },
      problems: WRITE_PROBLEMS,
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const submission = await readJson(c, { types: EVENT_TYPES, limit: limits.eventBodyBytes });
      return answer(c, parts, caller, submission.payload, async (tx) => {
        const { outcome, eventId, reviews } = await submitEvent(registry, caller, tx, submission);
        return eventAnswer(parts, tx, {
          eventId,
          outcome,
          reviews,
          status: reviews !== undefined ? 202 : outcome === "created" ? 201 : 200,
        });
      });
    },
  );

  for (const [mode, types, summary] of [
    ["put", EVENT_TYPES, "Replace what the source says of an event"],
    ["patch", PATCH_TYPES, "Change parts of an event (JSON Merge Patch)"],
  ] as const) {
    addRoute(
      app,
      {
        method: mode,
        path: "/api/v1/events/{ulid}",
        tags: ["Events"],
        summary,
        security: [{ key: [] }],
        description: "A source may change what it speaks for; an admin's change is the curator's, and stands above all others.",
        request: { params: ulidParameter, headers: revisionHeaders, ...body(types) },
        responses: { 200: known("The event as it stands now.") },
        problems: [...WRITE_PROBLEMS, "precondition_failed"],
      },
      async (c) => {
        const caller = await speakingFor(c, parts, requireRole(c, "agent"));
        const eventId = idOf(c);
        const submission = await readJson(c, { types, limit: limits.eventBodyBytes });
        return answer(c, parts, caller, submission.payload, async (tx) => {
          const { outcome } = await reviseEvent(registry, caller, tx, { ...submission, eventId, mode, ifMatch: c.req.header("if-match") });
          return eventAnswer(parts, tx, { eventId, outcome, status: 200 });
        });
      },
    );
  }

  const reason = z.object({ reason: queryText(500).optional().openapi({ description: "For the audit log." }) });
  addRoute(
    app,
    {
      method: "delete",
      path: "/api/v1/events/{ulid}",
      tags: ["Events"],
      summary: "Take an event back",
      security: [{ key: [] }],
      description:
        "The source's word is withdrawn (`Calends-Outcome: withdrawn_claims`); when nobody else speaks for the event, or an admin asks, it is deleted (`deleted`) and its address answers 410.",
      request: { params: ulidParameter, headers: revisionHeaders, query: reason },
      responses: { 204: { description: "Done.", headers: z.object({ "Calends-Outcome": z.enum(["deleted", "withdrawn_claims"]) }) } },
      problems: [...KEY_PROBLEMS, "invalid_query", "not_found", "gone", "invalid_transition", "precondition_failed"],
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const eventId = idOf(c);
      const query = readQuery(c, reason);
      return answer(c, parts, caller, Buffer.from(query.reason ?? ""), async (tx) => {
        const { outcome } = await retractEvent(registry, caller, tx, { eventId, ifMatch: c.req.header("if-match"), reason: query.reason });
        return { status: 204, headers: { "calends-outcome": outcome }, body: "" };
      });
    },
  );
}

export function idOf(c: HttpContext): string {
  const id = uuidOf(c.req.param("ulid") ?? "");
  if (id === undefined) throw new RegistryError("not_found", { detail: "This is no ULID, 26 letters and digits." });
  return id;
}
