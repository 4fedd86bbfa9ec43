/** Routes are declared once: the same definition answers requests, documents itself (OpenAPI) and says which methods there are. */
import { OpenAPIHono, z, type RouteConfig } from "@hono/zod-openapi";
import type { Hono } from "hono";
import { RegistryError, type ErrorCode } from "../domain/errors.ts";
import { readQuery } from "./query.ts";
import { problemResponses } from "./schemas.ts";
import type { HttpApp, HttpContext, HttpEnv } from "./parts.ts";

const NO_QUERY = z.object({});

export const newApp = (): HttpApp => new OpenAPIHono<HttpEnv>({ strict: true });

export type RouteDefinition = Omit<RouteConfig, "responses"> & {
  responses: RouteConfig["responses"];
  /** What this route may refuse with, beyond what every route may. */
  problems?: readonly ErrorCode[];
};

/** Adds a documented route. `path` in OpenAPI's spelling: "/api/v1/events/{ulid}". */
export function addRoute(
  app: HttpApp,
  { problems = [], ...definition }: RouteDefinition,
  handler: (c: HttpContext) => Response | Promise<Response>,
): void {
  const { path } = definition;
  const responses = { ...definition.responses, ...problemResponses(["rate_limited", "internal", "unavailable", ...problems]) };
  app.openAPIRegistry.registerPath({ tags: [path.startsWith("/api/v1/feeds/") ? "Feed" : "Node"], ...definition, responses });
  // Unknown parameters are refused throughout the API; a mistyped one must not pass for none.
  const takesNone = path.startsWith("/api/") && definition.request?.query === undefined;
  app.on(definition.method.toUpperCase(), path.replaceAll(/\{(\w+)\}/g, ":$1"), (c) => {
    c.set("route", path);
    if (takesNone && c.req.url.includes("?")) readQuery(c, NO_QUERY);
    return handler(c);
  });
}

/** What a request that no route answers is told: 405 with Allow where the address takes other methods, else 404. */
export function createUnanswered(app: Hono<HttpEnv>): (c: HttpContext) => RegistryError {
  let table: { pattern: RegExp; method: string }[] | undefined;
  return (c) => {
    table ??= app.routes.filter(({ method }) => method !== "ALL").map(({ path, method }) => ({ method, pattern: patternOf(path) }));
    const found = new Set(table.filter(({ pattern }) => pattern.test(c.req.path)).map(({ method }) => method));
    if (found.size === 0) return new RegistryError("not_found", { detail: `There is nothing at ${c.req.path.slice(0, 200)}.` });
    const allow = [...found, ...(found.has("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
    return new RegistryError("method_not_allowed", { detail: `${c.req.method} is not possible here; ${allow} are.`, extra: { allow } });
  };
}

function patternOf(path: string): RegExp {
  const source = path.split("/").map((segment) => {
    if (segment === "*") return ".*";
    return segment.startsWith(":") ? "[^/]+" : segment.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source.join("/")}$`);
}
