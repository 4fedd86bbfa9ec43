/** Saved searches: kept by agents and admins, each for itself; their feeds are for everybody who knows the address. */
import type { z } from "@hono/zod-openapi";
import { whyNotTarget } from "../../federation/safe-fetch.ts";
import { ulidOf, uuidOf } from "../../domain/iri.ts";
import { canonicalQuery } from "../../registry/canonical-query.ts";
import {
  createSavedSearch,
  listSavedSearches,
  readOwnSavedSearch,
  removeSavedSearch,
  reviseSavedSearch,
  rotateWebhookSecret,
  type SavedSearchRules,
} from "../../registry/saved-searches.ts";
import { readDeliveries } from "../../registry/webhook-deliveries.ts";
import { answer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import { readJson } from "../body.ts";
import { searchFor } from "../lists.ts";
import { API_PATH } from "../pages/layout.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { addRoute, type RouteDefinition } from "../routing.ts";
import { savedAt, savedRequest } from "../saved-queries.ts";
import { jsonContent, ulidParameter } from "../schemas.ts";
import { parseBody } from "./admin-shapes.ts";
import * as shapes from "./saved-search-shapes.ts";
import { BODY_PROBLEMS, idOf, KEY_PROBLEMS, writeHeaders } from "./write-events.ts";

const JSON_TYPES = ["application/json"] as const;
const PATH = `${API_PATH}/searches`;
const ONE = `${PATH}/{ulid}`;
const NOTHING = Buffer.alloc(0);
const onceHeaders = writeHeaders.pick({ "Idempotency-Key": true });

export function savedSearchRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, base, fetchAllow } = parts;
  const add = (
    { problems = [], ...definition }: Omit<RouteDefinition, "tags" | "security">,
    handler: (c: HttpContext) => Promise<Response>,
  ) => addRoute(app, { ...definition, tags: ["Searches"], security: [{ key: [] }], problems: [...KEY_PROBLEMS, ...problems] }, handler);
  const given = async <T extends z.ZodType>(c: HttpContext, schema: T) => {
    const { document, payload } = await readJson(c, { types: JSON_TYPES, limit: parts.limits.eventBodyBytes });
    return { payload, value: parseBody(document, schema) };
  };
  const rules = (): SavedSearchRules => ({
    checkQuery: (query) => void savedRequest(query.toString(), savedAt(parts.registry)),
    whyNotTarget: (url) => whyNotTarget(url, fetchAllow),
  });
  const shown = { description: "The search as it is now.", ...jsonContent(shapes.savedSearchSchema) };
  const once = ["idempotency_conflict", "idempotency_in_flight"] as const;

  add(
    {
      method: "post",
      path: PATH,
      summary: "Save a search",
      description:
        "Its feeds (ICS, RSS, Atom, JSON-LD) are read without a key. A webhook is told of each event once, when it first has the words and passes the filters: by words alone, neither corrected nor some of them. What matches already is no news.",
      request: { headers: onceHeaders, body: { required: true, ...jsonContent(shapes.newSavedSearch) } },
      responses: { 201: { ...shown, description: "The search, with its webhook's secret for this once." } },
      problems: [...BODY_PROBLEMS, "invalid_query", "conflict", ...once],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const { payload, value } = await given(c, shapes.newSavedSearch);
      const query = canonicalQuery(value.query).toString();
      // What is saved can be searched: the engine has a say that a look at the parameters alone has not.
      await searchFor(c, parts).find({ ...savedRequest(query, savedAt(parts.registry)), limit: 1 });
      return answer(c, parts, caller, payload, async (tx) => {
        const { search, secret } = await createSavedSearch(
          registry,
          caller,
          tx,
          { name: value.name, query, webhookUrl: value.webhook_url },
          rules(),
        );
        const location = `${base}${PATH}/${ulidOf(search.id)}`;
        return { status: 201, headers: { ...JSON_HEADERS, location }, body: JSON.stringify(shapes.presentSearch(base, search, secret)) };
      });
    },
  );

  add(
    {
      method: "get",
      path: PATH,
      summary: "List one's saved searches",
      description: "The newest first; an admin sees everybody's.",
      request: { query: shapes.savedSearchesQuery },
      responses: { 200: { description: "One page.", ...jsonContent(shapes.savedSearchesSchema) } },
      problems: ["invalid_query"],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const { limit = 50, after } = readQuery(c, shapes.savedSearchesQuery);
      const page = { limit: limit + 1, after: after === undefined ? undefined : uuidOf(after) };
      const found = await database.read((on) => listSavedSearches(on, caller, page));
      const items = found.slice(0, limit);
      return json(c, {
        items: items.map((search) => shapes.presentSearch(base, search)),
        next_cursor: found.length > limit ? ulidOf(items.at(-1)!.id) : null,
      });
    },
  );

  add(
    {
      method: "get",
      path: ONE,
      summary: "Read one's saved search",
      request: { params: ulidParameter },
      responses: { 200: shown },
      problems: ["not_found"],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const id = idOf(c);
      return json(c, shapes.presentSearch(base, await database.read((on) => readOwnSavedSearch(on, caller, id))));
    },
  );

  add(
    {
      method: "patch",
      path: ONE,
      summary: "Rename a saved search, pause, wake, move or remove its webhook",
      description: "Its query stays: another search is another feed.",
      request: { params: ulidParameter, headers: onceHeaders, body: { required: true, ...jsonContent(shapes.savedSearchChange) } },
      responses: { 200: { ...shown, description: "The search as it is now, with the secret of a webhook that is new." } },
      problems: [...BODY_PROBLEMS, "not_found", ...once],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const id = idOf(c);
      const { payload, value } = await given(c, shapes.savedSearchChange);
      const { webhook_url: webhookUrl, ...change } = value;
      return answer(c, parts, caller, payload, async (tx) => {
        const { search, secret } = await reviseSavedSearch(registry, caller, tx, id, { ...change, webhookUrl }, rules());
        return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(shapes.presentSearch(base, search, secret)) };
      });
    },
  );

  add(
    {
      method: "delete",
      path: ONE,
      summary: "Remove a saved search",
      description: "Its feeds end, and what its webhook was still to be told is dropped.",
      request: { params: ulidParameter, headers: onceHeaders },
      responses: { 204: { description: "It is gone." } },
      problems: ["not_found", ...once],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const id = idOf(c);
      return answer(c, parts, caller, NOTHING, async (tx) => {
        await removeSavedSearch(registry, caller, tx, id);
        return { status: 204, headers: {}, body: "" };
      });
    },
  );

  add(
    {
      method: "post",
      path: `${ONE}/secret`,
      summary: "Change the secret of a webhook",
      description:
        "The one before signs too for a day, so that the receiver can change over; where it is changed again meanwhile, each does until its own time, four at most.",
      request: { params: ulidParameter, headers: onceHeaders },
      responses: { 200: { description: "The new secret, for this once.", ...jsonContent(shapes.newSecretSchema) } },
      problems: ["not_found", "conflict", ...once],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const id = idOf(c);
      return answer(c, parts, caller, NOTHING, async (tx) => {
        const body = JSON.stringify(await rotateWebhookSecret(registry, caller, tx, id));
        return { status: 200, headers: JSON_HEADERS, body };
      });
    },
  );

  add(
    {
      method: "get",
      path: `${ONE}/deliveries`,
      summary: "How a webhook was told, the newest first",
      description: "Those that ended are kept for a month.",
      request: { params: ulidParameter, query: shapes.deliveriesQuery },
      responses: { 200: { description: "The last ones.", ...jsonContent(shapes.deliveriesSchema) } },
      problems: ["not_found", "invalid_query"],
    },
    async (c) => {
      const caller = requireRole(c, "agent");
      const id = idOf(c);
      const { limit = 50 } = readQuery(c, shapes.deliveriesQuery);
      const reports = await database.read(async (on) => {
        await readOwnSavedSearch(on, caller, id);
        return readDeliveries(on, id, limit);
      });
      return json(c, { items: reports.map((report) => shapes.presentDelivery(base, report)) });
    },
  );
}

const JSON_HEADERS = { "content-type": "application/json" };
const json = (c: HttpContext, document: unknown) => c.body(JSON.stringify(document), 200, { ...JSON_HEADERS, "cache-control": "no-store" });
