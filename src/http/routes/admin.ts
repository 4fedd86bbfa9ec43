/** What the node's keeper does: sources, keys, an event's state, the audit log. Admin keys only. */
import { z } from "@hono/zod-openapi";
import { readAudit } from "../../db/audit-trail.ts";
import { listKeys } from "../../db/api-keys.ts";
import { listSources } from "../../db/sources.ts";
import { RegistryError } from "../../domain/errors.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import type { LifecycleState } from "../../domain/lifecycle.ts";
import { createKey, revokeKey, type ApiKey } from "../../registry/api-keys.ts";
import { setLifecycle } from "../../registry/set-lifecycle.ts";
import { addSource, changeSource, type SourceRow } from "../../registry/sources.ts";
import { answer, eventAnswer } from "../answers.ts";
import { requireRole, type Authenticator } from "../auth.ts";
import { readJson } from "../body.ts";
import { onlyAdmins } from "../frame.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { addRoute, type RouteDefinition } from "../routing.ts";
import { entitySchema, jsonContent, ulidParameter } from "../schemas.ts";
import { auditQuery, keySchema, newKey, newSource, parseBody, sourceChange, sourceSchema, stateChange, text } from "./admin-shapes.ts";
import { BODY_PROBLEMS, idOf, KEY_PROBLEMS } from "./write-events.ts";

const JSON_TYPES = ["application/json"] as const;
export function adminRoutes(app: HttpApp, parts: HttpParts, authenticator: Authenticator): void {
  const { registry, database, base } = parts;
  app.use("/api/v1/admin/*", onlyAdmins(app));
  const add = (definition: RouteDefinition, handler: (c: HttpContext) => Promise<Response>) =>
    addRoute(
      app,
      { ...definition, tags: ["Admin"], security: [{ key: [] }], problems: [...KEY_PROBLEMS, ...(definition.problems ?? [])] },
      handler,
    );
  const json = (c: HttpContext, document: unknown) =>
    c.body(JSON.stringify(document), 200, { "content-type": "application/json", "cache-control": "no-store" });
  const given = async <T extends z.ZodType>(c: HttpContext, schema: T) => {
    const { document, payload } = await readJson(c, { types: JSON_TYPES, limit: parts.limits.eventBodyBytes });
    return { payload, value: parseBody(document, schema) };
  };
  const body = (schema: z.ZodType) => ({ body: { required: true, ...jsonContent(schema) } });

  add(
    {
      method: "get",
      path: "/api/v1/admin/sources",
      summary: "List sources",
      responses: { 200: { description: "All of them, by name.", ...jsonContent(z.strictObject({ items: z.array(sourceSchema) })) } },
    },
    async (c) => json(c, { items: (await database.read(listSources)).map(sourceOf) }),
  );
  add(
    {
      method: "post",
      path: "/api/v1/admin/sources",
      summary: "Make a source",
      request: body(newSource),
      responses: { 201: { description: "The source.", ...jsonContent(sourceSchema) } },
      problems: [...BODY_PROBLEMS, "conflict"],
    },
    async (c) => {
      const { payload, value } = await given(c, newSource);
      return answer(c, parts, requireRole(c), payload, async (tx) => {
        const source = await addSource(registry, requireRole(c), tx, value);
        return created(sourceOf(source), `${base}/api/v1/admin/sources/${encodeURIComponent(source.name)}`);
      });
    },
  );
  add(
    {
      method: "patch",
      path: "/api/v1/admin/sources/{name}",
      summary: "Change a source",
      request: { params: z.object({ name: z.string() }), ...body(sourceChange) },
      responses: { 200: { description: "The source as it is now.", ...jsonContent(sourceSchema) } },
      problems: [...BODY_PROBLEMS, "not_found"],
    },
    async (c) => {
      const { value } = await given(c, sourceChange);
      const name = text(200).safeParse(c.req.param("name"));
      if (!name.success) throw new RegistryError("not_found", { detail: "There is no source of such a name." });
      const change = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
      return json(
        c,
        sourceOf(await database.transact((tx) => changeSource(registry, requireRole(c), tx, name.data, change), requireRole(c))),
      );
    },
  );

  add(
    {
      method: "get",
      path: "/api/v1/admin/keys",
      summary: "List keys",
      responses: {
        200: {
          description: "All of them, the newest first, without their secrets.",
          ...jsonContent(z.strictObject({ items: z.array(keySchema) })),
        },
      },
    },
    async (c) => json(c, { items: (await database.read(listKeys)).map(keyOf) }),
  );
  add(
    {
      method: "post",
      path: "/api/v1/admin/keys",
      summary: "Make a key",
      request: body(newKey),
      responses: { 201: { description: "The key, with its secret for this once.", ...jsonContent(keySchema) } },
      problems: [...BODY_PROBLEMS, "not_found"],
    },
    async (c) => {
      // No Idempotency-Key here: a kept answer would keep the secret.
      const { value } = await given(c, newKey);
      const { key, secret } = await database.transact((tx) => createKey(registry, requireRole(c), tx, value), requireRole(c));
      return c.body(JSON.stringify({ ...keyOf(key), key: secret }), 201, {
        "content-type": "application/json",
        "cache-control": "no-store",
        location: `${base}/api/v1/admin/keys/${ulidOf(key.id)}`,
      });
    },
  );
  add(
    {
      method: "delete",
      path: "/api/v1/admin/keys/{ulid}",
      summary: "Revoke a key",
      request: { params: ulidParameter },
      responses: { 204: { description: "It no longer opens anything." } },
      problems: ["not_found"],
    },
    async (c) => {
      const id = idOf(c);
      await database.transact((tx) => revokeKey(registry, requireRole(c), tx, id), requireRole(c));
      authenticator.forget();
      return c.body(null, 204);
    },
  );

  add(
    {
      method: "post",
      path: "/api/v1/admin/events/{ulid}/state",
      summary: "Move an event through its lifecycle",
      request: { params: ulidParameter, ...body(stateChange) },
      responses: { 200: { description: "The event as it stands now.", ...jsonContent(entitySchema, "application/ld+json") } },
      problems: [...BODY_PROBLEMS, "not_found", "invalid_transition", "conflict"],
    },
    async (c) => {
      const eventId = idOf(c);
      const {
        payload,
        value: { state, reason },
      } = await given(c, stateChange);
      return answer(c, parts, requireRole(c), payload, async (tx) => {
        await setLifecycle(registry, requireRole(c), tx, { eventId, state: state as LifecycleState, reason });
        return eventAnswer(parts, tx, { eventId, outcome: state, status: 200 });
      });
    },
  );

  add(
    {
      method: "get",
      path: "/api/v1/admin/audit",
      summary: "Read the audit log, the newest first",
      request: { query: auditQuery },
      responses: {
        200: {
          description: "One page.",
          ...jsonContent(z.looseObject({ items: z.array(z.looseObject({})), next_cursor: z.string().nullable() })),
        },
      },
      problems: ["invalid_query"],
    },
    async (c) => {
      const { limit = 50, after, entity, action } = readQuery(c, auditQuery);
      const rows = await database.read((on) =>
        readAudit(on, {
          limit: limit + 1,
          before: after === undefined ? undefined : Number(after),
          entityId: entity === undefined ? undefined : uuidOf(entity),
          action,
        }),
      );
      const items = rows.slice(0, limit);
      return json(c, {
        items: items.map(({ entityId, ...row }) => present({ ...row, entityId: entityId === null ? null : ulidOf(entityId) })),
        next_cursor: rows.length > limit ? String(items.at(-1)!.id) : null,
      });
    },
  );
}

const present = (row: object) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
const sourceOf = (source: SourceRow) => present({ ...source, id: ulidOf(source.id) });
const keyOf = ({ sourceId: _source, ...key }: ApiKey) => present({ ...key, id: ulidOf(key.id) });
const created = (document: object, location: string) => ({
  status: 201,
  headers: { "content-type": "application/json", location },
  body: JSON.stringify(document),
});
