/** How a source that the node visits does: its visits, what they brought by hour and day, and how that is judged. Admin keys only. */
import { z } from "@hono/zod-openapi";
import { VISIT_OUTCOMES } from "../../db/harvest-visits.ts";
import { REVIEW_KINDS, type ReviewItem } from "../../db/reviews.ts";
import type { RollupRow, VisitRow } from "../../db/source-health.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf } from "../../domain/iri.ts";
import { SOURCE_STATES, type Judgement } from "../../domain/rhythm.ts";
import { ALARM_STATES } from "../../domain/tally.ts";
import { readSourceHealth } from "../../registry/source-health.ts";
import { requireRole } from "../auth.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { addRoute } from "../routing.ts";
import { jsonContent } from "../schemas.ts";
import { text } from "./admin-shapes.ts";
import { KEY_PROBLEMS } from "./write-events.ts";

const number = z.number().nullable();
const instant = z.string();
const tally = { found: z.int(), created: z.int(), updated: z.int(), unchanged: z.int(), rejected: z.int(), missing: z.int() };

const visitSchema = z
  .strictObject({
    id: z.string(),
    startedAt: instant,
    finishedAt: instant.nullable().openapi({ description: "Null while the visit is under way." }),
    outcome: z.enum(VISIT_OUTCOMES).nullable(),
    httpStatus: z.int().nullable(),
    bytes: number,
    trouble: z.string().nullable().openapi({ description: "One line, for people." }),
    ...tally,
    withdrawn: z.int(),
    returned: z.int(),
  })
  .openapi("HarvestVisit");

const rollupSchema = z
  .strictObject({
    startsAt: instant,
    visits: z.int(),
    failures: z.int().openapi({ description: "Visits without an answer." }),
    readings: z.int().openapi({ description: "Visits whose body was read; the others say nothing of how much there is." }),
    ...tally,
  })
  .openapi("HarvestRollup");

const judgementSchema = z
  .strictObject({
    state: z.enum(SOURCE_STATES).openapi({ description: "The worst alarm; `learning` until eight days have brought something new." }),
    since: instant.optional(),
    expected: z.strictObject({
      found: number.openapi({ description: "Events in a body, as a moving average." }),
      foundDeviation: number,
      fresh: number.openapi({ description: "New and changed events a visit, as a moving average." }),
      freshDeviation: number,
      rejectedShare: number,
      gapDays: number.openapi({ description: "Median of the days from one day with news to the next." }),
      silentAfterDays: number,
    }),
    actual: z.strictObject({ found: number, fresh: number, rejectedShare: number, quietDays: number, failuresInRow: z.int() }),
    alarms: z.array(z.strictObject({ state: z.enum(ALARM_STATES), since: instant, expected: z.string(), actual: z.string() })),
  })
  .openapi("SourceJudgement");

export const sourceHealthSchema = z
  .strictObject({
    source: z.strictObject({ id: z.string(), name: z.string() }),
    judgement: judgementSchema,
    visits: z.array(visitSchema),
    hours: z.array(rollupSchema),
    days: z.array(rollupSchema),
    reviews: z.array(
      z.strictObject({ id: z.string(), kind: z.enum(REVIEW_KINDS), details: z.record(z.string(), z.unknown()), createdAt: instant }),
    ),
  })
  .openapi("SourceHealth");

export function sourceHealthRoutes(app: HttpApp, { database, clock }: HttpParts): void {
  addRoute(
    app,
    {
      method: "get",
      path: "/api/v1/admin/sources/{name}/health",
      summary: "How a source does",
      description:
        "The last 20 visits, roll-ups of the last 48 hours and 60 days (UTC), what was expected against what came, and open review items.",
      tags: ["Admin"],
      security: [{ key: [] }],
      request: { params: z.object({ name: z.string() }) },
      responses: { 200: { description: "Lists have the newest first.", ...jsonContent(sourceHealthSchema) } },
      problems: [...KEY_PROBLEMS, "not_found"],
    },
    async (c) => {
      requireRole(c);
      const name = text(200).safeParse(c.req.param("name"));
      if (!name.success) throw new RegistryError("not_found", { detail: "There is no source of such a name." });
      const { source, judgement, visits, hours, days, reviews } = await database.snapshot((on) => readSourceHealth(on, name.data, clock()));
      const health = {
        source: { id: ulidOf(source.id), name: source.name },
        judgement: judgementOf(judgement),
        visits: visits.map(visitOf),
        hours: hours.map(rollupOf),
        days: days.map(rollupOf),
        reviews: reviews.map(reviewOf),
      } satisfies z.input<typeof sourceHealthSchema>;
      return c.body(JSON.stringify(health), 200, { "content-type": "application/json", "cache-control": "no-store" });
    },
  );
}

const judgementOf = ({ since, alarms, ...judgement }: Judgement) => ({
  ...judgement,
  ...(since !== undefined && { since: new Date(since).toISOString() }),
  alarms: alarms.map((alarm) => ({ ...alarm, since: new Date(alarm.since).toISOString() })),
});
const visitOf = ({ id, startedAt, finishedAt, ...visit }: VisitRow) => ({
  id: ulidOf(id),
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
  ...visit,
});
const rollupOf = ({ startsAt, ...rollup }: RollupRow) => ({ startsAt: startsAt.toISOString(), ...rollup });
const reviewOf = ({ id, kind, details, createdAt }: ReviewItem) => ({ id: ulidOf(id), kind, details, createdAt: createdAt.toISOString() });
