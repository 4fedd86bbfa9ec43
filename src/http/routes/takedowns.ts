/** Taking an event's texts and images down, and letting new ones in again. Admin keys only. */
import { z } from "@hono/zod-openapi";
import { redactEntity } from "../../feed/redact.ts";
import { liftTakedown, takeDown } from "../../registry/take-down.ts";
import { answer, eventAnswer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import { readJson } from "../body.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { addRoute } from "../routing.ts";
import { entitySchema, jsonContent, queryText, ulidParameter } from "../schemas.ts";
import { parseBody, text } from "./admin-shapes.ts";
import { BODY_PROBLEMS, idOf, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

const PATH = "/api/v1/admin/events/{ulid}/takedown";
const newTakedown = z
  .strictObject({ reason: text(500).openapi({ description: "For the audit log; not shown to the public." }) })
  .openapi("NewTakedown");
const lifting = z.object({ reason: queryText(500).optional().openapi({ description: "For the audit log." }) });
const headers = writeHeaders.pick({ "Idempotency-Key": true });

export function takedownRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry } = parts;
  const event = { description: "The event as it stands now.", ...jsonContent(entitySchema, "application/ld+json") };
  addRoute(
    app,
    {
      method: "post",
      path: PATH,
      tags: ["Admin"],
      security: [{ key: [] }],
      summary: "Take the texts and images of an event down",
      description:
        "Description and image leave the event, its claims and records, the feed's past (whose items are marked `redacted`), search and snapshots; the facts stay. The audit log keeps the hashes. Until it is lifted, no source brings a text or an image in again.",
      request: { params: ulidParameter, headers, body: { required: true, ...jsonContent(newTakedown) } },
      responses: { 200: event },
      problems: [...KEY_PROBLEMS, ...BODY_PROBLEMS, "not_found"],
    },
    async (c) => {
      const caller = requireRole(c);
      const eventId = idOf(c);
      const { document, payload } = await readJson(c, { types: ["application/json"], limit: parts.limits.eventBodyBytes });
      const { reason } = parseBody(document, newTakedown);
      return answer(c, parts, caller, payload, async (tx) => {
        const done = await takeDown(registry, caller, tx, { eventId, reason, redact: redactEntity });
        return eventAnswer(parts, tx, { eventId: done.eventId, outcome: "taken_down", status: 200 });
      });
    },
  );
  addRoute(
    app,
    {
      method: "delete",
      path: PATH,
      tags: ["Admin"],
      security: [{ key: [] }],
      summary: "Lift a takedown",
      description: "New texts and images are let in again. What was removed is gone until its source says it anew.",
      request: { params: ulidParameter, headers, query: lifting },
      responses: { 200: event },
      problems: [...KEY_PROBLEMS, "invalid_query", "not_found", "conflict"],
    },
    async (c) => {
      const caller = requireRole(c);
      const eventId = idOf(c);
      const { reason } = readQuery(c, lifting);
      return answer(c, parts, caller, Buffer.from(reason ?? ""), async (tx) => {
        const done = await liftTakedown(registry, caller, tx, { eventId, reason });
        return eventAnswer(parts, tx, { eventId: done.eventId, outcome: "takedown_lifted", status: 200 });
      });
    },
  );
}
