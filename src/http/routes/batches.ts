/** Many events at once: a batch is taken (202), a job applies it, and the job's page tells what became of each item. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uriOf, uuidOf } from "../../domain/iri.ts";
import { readRun, submitBatch, type RunReport } from "../../registry/submit-batch.ts";
import { answer } from "../answers.ts";
import { requireRole, speakingFor } from "../auth.ts";
import { batchItems, LINES_TYPES } from "../batch-items.ts";
import { readBody } from "../body.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { addRoute } from "../routing.ts";
import { jsonContent, problemSchema } from "../schemas.ts";
import { BODY_PROBLEMS, EVENT_TYPES, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

const BATCH_TYPES = [...EVENT_TYPES, ...LINES_TYPES];

const jobSchema = z
  .strictObject({
    id: z.string().openapi({ description: "A ULID." }),
    kind: z.enum(["batch", "import"]),
    state: z.enum(["staging", "matching", "applying", "done", "failed"]),
    createdAt: z.string(),
    finishedAt: z.string().optional(),
    counts: z.strictObject({ accepted: z.int(), updated: z.int(), duplicate: z.int(), rejected: z.int(), waiting: z.int() }),
    items: z.array(
      z.strictObject({
        index: z.int(),
        status: z.enum(["accepted", "duplicate", "updated", "rejected", "waiting"]),
        uri: z.string().optional(),
        problem: problemSchema.optional(),
      }),
    ),
  })
  .openapi("Job");

export function batchRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, limits, base } = parts;
  addRoute(
    app,
    {
      method: "post",
      path: "/api/v1/events:batch",
      tags: ["Events"],
      summary: "Submit up to a thousand events",
      security: [{ key: [] }],
      description: `A JSON list, \`{"events": […]}\`, an \`@graph\`, or one event a line. One bad item never spoils the rest. At most ${limits.batchItems.toLocaleString("en")} events and ${limits.batchBodyBytes.toLocaleString("en")} bytes.`,
      request: {
        headers: writeHeaders,
        body: { required: true, content: Object.fromEntries(BATCH_TYPES.map((type) => [type, { schema: z.any() }])) },
      },
      responses: {
        202: { description: "Taken; Location leads to the job.", headers: z.object({ Location: z.string() }), ...jsonContent(jobSchema) },
      },
      problems: [...BODY_PROBLEMS, ...KEY_PROBLEMS, "not_found", "idempotency_conflict", "idempotency_in_flight"],
    },
    async (c) => {
      const caller = await speakingFor(c, parts, requireRole(c, "agent"));
      const body = await readBody(c, { types: BATCH_TYPES, limit: limits.batchBodyBytes });
      const items = batchItems(body, limits.batchItems);
      return answer(c, parts, caller, body.payload, async (tx) => {
        const { runId } = await submitBatch(registry, caller, tx, { payload: body.payload, items });
        const run = (await readRun(tx, runId))!;
        return {
          status: 202,
          headers: { "content-type": "application/json", location: `${base}/api/v1/jobs/${ulidOf(runId)}` },
          body: JSON.stringify(jobOf(run, base)),
        };
      });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/api/v1/jobs/{id}",
      tags: ["Events"],
      summary: "What became of a batch",
      security: [{ key: [] }],
      request: { params: z.object({ id: z.string().openapi({ description: "The job's ULID." }) }) },
      responses: { 200: { description: "How it stands, item by item.", ...jsonContent(jobSchema) } },
      problems: [...KEY_PROBLEMS, "not_found"],
    },
    (c) => readJob(c, parts),
  );
}

async function readJob(c: HttpContext, parts: HttpParts): Promise<Response> {
  const caller = requireRole(c, "agent");
  const id = uuidOf(c.req.param("id") ?? "");
  const run = id === undefined ? undefined : await parts.database.read((on) => readRun(on, id));
  // Another source's job is as good as none: its id tells nothing.
  if (run === undefined || (caller.role !== "admin" && run.sourceId !== caller.sourceId))
    throw new RegistryError("not_found", { detail: "There is no such job of yours." });
  return c.body(JSON.stringify(jobOf(run, parts.base)), 200, { "content-type": "application/json", "cache-control": "no-store" });
}

function jobOf({ id, actor: _actor, sourceId: _source, items, ...run }: RunReport, base: string): object {
  return {
    id: ulidOf(id),
    ...run,
    items: items.map(({ index, status, eventId, problem }) => ({
      index,
      status,
      ...(eventId !== undefined && { uri: uriOf(base, "event", { id: eventId }) }),
      ...(problem && { problem: { ...problem, type: `${base}${problem.type}` } }),
    })),
  };
}
