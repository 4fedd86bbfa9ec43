/** Which sources the node visits itself, and how. Admin keys only. */
import { z } from "@hono/zod-openapi";
import { whyNotTarget } from "../../federation/safe-fetch.ts";
import { HARVEST_FORMATS, listHarvests, removeHarvest, setHarvest, visitSoon } from "../../registry/harvests.ts";
import { answer } from "../answers.ts";
import { requireRole } from "../auth.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { readQuery } from "../query.ts";
import { jsonContent } from "../schemas.ts";
import {
  adminFamily,
  bodyOf,
  given,
  json,
  jsonAnswer,
  nameOf,
  onceHeaders,
  ONCE_PROBLEMS,
  present,
  sourceParameter,
} from "./admin-routes.ts";
import { text } from "./admin-shapes.ts";
import { reasonQuery } from "./review-shapes.ts";
import { BODY_PROBLEMS } from "./write-events.ts";

const PATH = "/api/v1/admin/sources/{name}/harvest";
const settings = {
  format: z.enum(HARVEST_FORMATS).openapi({ description: "html: a page with embedded JSON-LD; export: another node's export." }),
  url: text(2_048),
  everyMinutes: z.int().min(5).max(43_200),
  missingAfter: z
    .int()
    .min(1)
    .max(100)
    .openapi({ description: "After so many visits without an event the source counts as silent about it." }),
  enabled: z.boolean(),
};
const harvestChange = z.strictObject(settings).partial().openapi("HarvestChange", {
  description: "What is not given stays; of a source that was not visited before, format and url are needed.",
});
const harvestSchema = z.strictObject(settings).openapi("Harvest");
const listSchema = z.strictObject({ items: z.array(z.looseObject({ source: z.string(), ...settings })) });

export function harvestRoutes(app: HttpApp, parts: HttpParts): void {
  const { registry, database, fetchAllow } = parts;
  const add = adminFamily(app);
  const rules = { whyNotTarget: (url: string) => whyNotTarget(url, fetchAllow) };

  add(
    {
      method: "get",
      path: "/api/v1/admin/harvests",
      summary: "List the sources that are visited",
      responses: { 200: { description: "By name, each with its last visit.", ...jsonContent(listSchema) } },
    },
    async (c) => {
      requireRole(c);
      const items = await database.read(listHarvests);
      return json(c, { items: items.map(({ sourceId: _id, ...item }) => present(item)) });
    },
  );
  add(
    {
      method: "put",
      path: PATH,
      summary: "Have a source visited, or change how",
      description: "Only public addresses are dialled, and what FETCH_ALLOW names.",
      request: { params: sourceParameter, ...bodyOf(harvestChange) },
      responses: { 200: { description: "How it is visited from now on.", ...jsonContent(harvestSchema) } },
      problems: [...BODY_PROBLEMS, ...ONCE_PROBLEMS, "not_found"],
    },
    async (c) => {
      const { payload, value } = await given(c, parts, harvestChange);
      const caller = requireRole(c);
      return answer(c, parts, caller, payload, async (tx) =>
        jsonAnswer(await setHarvest(registry, caller, tx, { name: nameOf(c), ...value } as Parameters<typeof setHarvest>[3], rules)),
      );
    },
  );
  add(
    {
      method: "delete",
      path: PATH,
      summary: "Visit a source no more",
      description: "What it said stays.",
      request: { params: sourceParameter, headers: onceHeaders, query: reasonQuery },
      responses: { 204: { description: "It is not visited any more." } },
      problems: [...ONCE_PROBLEMS, "invalid_query", "not_found"],
    },
    async (c) => {
      const { reason } = readQuery(c, reasonQuery);
      const caller = requireRole(c);
      return answer(c, parts, caller, Buffer.from(reason ?? ""), async (tx) => {
        await removeHarvest(registry, caller, tx, { name: nameOf(c), reason });
        return { status: 204, headers: {}, body: "" };
      });
    },
  );
  add(
    {
      method: "post",
      path: `${PATH}/visits`,
      summary: "Have a source visited now",
      description: "As soon as its host allows it; what comes of it stands in the source's health.",
      request: { params: sourceParameter, headers: onceHeaders },
      responses: { 202: { description: "It will be visited." } },
      problems: [...ONCE_PROBLEMS, "not_found", "conflict"],
    },
    async (c) => {
      const caller = requireRole(c);
      return answer(c, parts, caller, Buffer.alloc(0), async (tx) => {
        await visitSoon(registry, caller, tx, { name: nameOf(c) });
        return {
          status: 202,
          headers: { location: `${parts.base}/api/v1/admin/sources/${encodeURIComponent(nameOf(c))}/health` },
          body: "",
        };
      });
    },
  );
}
