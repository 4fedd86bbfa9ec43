/** What the families of an admin's routes share: how they are declared, read and answered. */
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uriOf } from "../../domain/iri.ts";
import type { EntityKind } from "../../domain/vocabulary.ts";
import type { NamedEntity } from "../../db/admin-views.ts";
import type { Answer } from "../../registry/write.ts";
import { readJson } from "../body.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { addRoute, type RouteDefinition } from "../routing.ts";
import { jsonContent } from "../schemas.ts";
import { parseBody, text } from "./admin-shapes.ts";
import { KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

const JSON_TYPES = ["application/json"] as const;
export const onceHeaders = writeHeaders.pick({ "Idempotency-Key": true });
export const ONCE_PROBLEMS = ["idempotency_conflict", "idempotency_in_flight"] as const;

/** `add` declares a route of an admin's; what it refuses with is completed by what keys are refused with. */
export function adminFamily(app: HttpApp) {
  return (definition: Omit<RouteDefinition, "tags" | "security">, handler: (c: HttpContext) => Promise<Response>): void =>
    addRoute(
      app,
      { ...definition, tags: ["Admin"], security: [{ key: [] }], problems: [...KEY_PROBLEMS, ...(definition.problems ?? [])] },
      handler,
    );
}

export const sourceParameter = z.object({ name: z.string() });

/** The source's name in the path. Throws `not_found` for what none can bear. */
export function nameOf(c: HttpContext): string {
  const name = text(200).safeParse(c.req.param("name"));
  if (!name.success) throw new RegistryError("not_found", { detail: "There is no source of such a name." });
  return name.data;
}

/** A JSON body against its shape. Throws `invalid_body`, and what `readJson` throws. */
export async function given<T extends z.ZodType>(c: HttpContext, parts: HttpParts, schema: T) {
  const { document, payload } = await readJson(c, { types: JSON_TYPES, limit: parts.limits.eventBodyBytes });
  return { payload, value: parseBody(document, schema) };
}

export const bodyOf = (schema: z.ZodType) => ({ headers: onceHeaders, body: { required: true, ...jsonContent(schema) } });

export const json = (c: HttpContext, document: unknown): Response =>
  c.body(JSON.stringify(document), 200, { "content-type": "application/json", "cache-control": "no-store" });

export const jsonAnswer = (document: unknown, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(document),
});

/** Members without a value are left out, as everywhere. */
export const present = (row: object): object =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined));

/** One entity by kind, id, address and name. */
export function named(base: string, kind: EntityKind, id: string, names: ReadonlyMap<string, NamedEntity>): object {
  return present({ kind, id: ulidOf(id), uri: uriOf(base, kind, { id }), name: names.get(id)?.name });
}

/** One page of `limit` out of `limit + 1` rows that were read. */
export function page<Row>(rows: readonly Row[], limit: number, cursorOf: (last: Row) => string): { rows: Row[]; next: string | null } {
  const shown = rows.slice(0, limit);
  return { rows: shown, next: rows.length > limit ? cursorOf(shown.at(-1)!) : null };
}
