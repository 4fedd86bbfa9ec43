/** What the node says of itself and lends to others: its profile, contexts, shapes, problems, and the pages' assets. */
import { z } from "@hono/zod-openapi";
import { countEntities, listEvents } from "../../db/lists.ts";
import { RegistryError } from "../../domain/errors.ts";
import { CLOSED_PAGE_SIZE, PAGES_PATH } from "../../feed/closed-pages.ts";
import { SNAPSHOT_PATH } from "../../feed/cursor.ts";
import { isPublic, LIFECYCLE_STATES } from "../../domain/lifecycle.ts";
import { contextDocuments, OWN_CONTEXT_NAME, ownContextUrl, SHAPES_NAME, shapesDocument } from "../../jsonld/contexts.ts";
import { listItem } from "../lists.ts";
import { FORMATS, ENTITY_FORMATS } from "../negotiate.ts";
import { homePage } from "../pages/home-page.ts";
import { ASSETS } from "../pages/style.ts";
import type { HttpApp, HttpContext, HttpParts } from "../parts.ts";
import { describeProblem } from "../problems.ts";
import { pageResponse } from "../representation.ts";
import { addRoute } from "../routing.ts";
import { jsonContent } from "../schemas.ts";

/** SEL Interoperability Profile v0.1, §1.7. */
const PROFILE = "https://sel.events/profiles/interop";
const PROFILE_VERSION = "0.1.0";
/** What readers of the feed can rely on; FEDERATION.md says what each means. */
const FEED_FEATURES = ["closed-pages", "custody", "digests", "epochs", "hash-chain"] as const;
const FOR_EVER = "public, max-age=31536000, immutable";
/** With fewer than these ahead, a visitor is shown what was on lately too. */
const FEW = 5;
const UPCOMING = 12;
const COUNTED_FOR = 60_000;

export function documentRoutes(app: HttpApp, parts: HttpParts): void {
  const { base, nodeName, version } = parts;
  const api = `${base}/api/v1`;

  const profile = JSON.stringify({
    profile: PROFILE,
    version: PROFILE_VERSION,
    node: base,
    name: nodeName,
    software: { name: "calends", version },
    formats: ENTITY_FORMATS.map((format) => FORMATS[format].type),
    contexts: [ownContextUrl(base)],
    shapes: [`${base}/shapes/${SHAPES_NAME}`],
    changeFeedEndpoint: `${api}/feeds/changes`,
    snapshotEndpoint: base + SNAPSHOT_PATH,
    streamEndpoint: `${api}/feeds/changes/stream`,
    pagesEndpoint: base + PAGES_PATH.replace(/\/$/, ""),
    pageSize: CLOSED_PAGE_SIZE,
    syncEndpoint: `${api}/federation/sync`,
    feedFeatures: FEED_FEATURES,
    api_documentation: `${base}/docs`,
    openapi: `${api}/openapi.json`,
  });
  addRoute(
    app,
    {
      method: "get",
      path: "/.well-known/sel-profile",
      tags: ["Node"],
      summary: "What this node is and speaks",
      responses: {
        200: {
          description: "The node's profile.",
          ...jsonContent(z.looseObject({ profile: z.string(), version: z.string(), node: z.string(), name: z.string() })),
        },
      },
    },
    (c) => c.body(profile, 200, { "content-type": "application/json", "cache-control": "public, max-age=300" }),
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/contexts/{name}",
      tags: ["Linked data"],
      summary: "A JSON-LD context that this node's documents name",
      request: { params: z.object({ name: z.string().openapi({ example: OWN_CONTEXT_NAME }) }) },
      responses: { 200: { description: "The context; it never changes.", content: { "application/ld+json": {} } } },
      problems: ["not_found"],
    },
    (c) => {
      const name = c.req.param("name") ?? "";
      if (!Object.hasOwn(contextDocuments, name))
        throw new RegistryError("not_found", {
          detail: `There is no context ${name.slice(0, 100)}; there are ${Object.keys(contextDocuments).join(", ")}.`,
        });
      return c.body(contextDocuments[name]!, 200, { "content-type": "application/ld+json", "cache-control": FOR_EVER });
    },
  );
  addRoute(
    app,
    {
      method: "get",
      path: "/shapes/{name}",
      tags: ["Linked data"],
      summary: "The SHACL shapes of what this node emits",
      request: { params: z.object({ name: z.string().openapi({ example: SHAPES_NAME }) }) },
      responses: { 200: { description: "The shapes; they never change.", content: { "text/turtle": {} } } },
      problems: ["not_found"],
    },
    (c) => {
      if (c.req.param("name") !== SHAPES_NAME)
        throw new RegistryError("not_found", { detail: `There are no such shapes; there are ${SHAPES_NAME}.` });
      return c.body(shapesDocument, 200, { "content-type": "text/turtle; charset=utf-8", "cache-control": FOR_EVER });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/problems/{code}",
      tags: ["Node"],
      summary: "What a problem's type means",
      request: { params: z.object({ code: z.string() }) },
      responses: {
        200: {
          description: "Code, title, status, and whether to try again.",
          ...jsonContent(z.looseObject({ code: z.string(), title: z.string(), status: z.int(), retryable: z.boolean() })),
        },
      },
      problems: ["not_found"],
    },
    (c) => {
      const described = describeProblem(c.req.param("code") ?? "");
      if (described === undefined) throw new RegistryError("not_found", { detail: "There is no such problem." });
      return c.body(
        JSON.stringify({ type: `${base}/problems/${described.code}`, ...described, documentation: `${base}/docs#error-${described.code}` }),
        200,
        { "content-type": "application/json", "cache-control": "public, max-age=3600" },
      );
    },
  );

  for (const asset of ASSETS) {
    app.get(asset.path, (c) => {
      c.set("route", "/assets/*");
      return c.body(asset.text, 200, { "content-type": asset.type, "cache-control": FOR_EVER });
    });
  }
  const robots = `User-agent: *\nDisallow: ${new URL(base).pathname.replace(/\/$/, "")}/api/\n`;
  app.get("/robots.txt", (c) =>
    c.body(robots, 200, { "content-type": "text/plain; charset=utf-8", "cache-control": "public, max-age=3600" }),
  );
  app.get("/favicon.svg", (c) => c.body(FAVICON, 200, { "content-type": "image/svg+xml", "cache-control": "public, max-age=86400" }));
  app.get("/", createHome(parts));
}

/** Counting everything is dear on a large node; a minute's age does no harm there. */
function createHome({ base, nodeName, clock, readDatabase }: HttpParts): (c: HttpContext) => Promise<Response> {
  let counted: { counts: Awaited<ReturnType<typeof countEntities>>; at: number } | undefined;
  return async (c) => {
    c.set("route", "/");
    const now = clock();
    if (counted === undefined || now.getTime() - counted.at > COUNTED_FOR)
      counted = { counts: await readDatabase.read(countEntities), at: now.getTime() };
    const today = now.toISOString().slice(0, 10);
    const states = LIFECYCLE_STATES.filter(isPublic);
    const [upcoming, recent] = await readDatabase.read(async (on) => {
      const ahead = (await listEvents(on, { startDate: today, states }, { sort: "start", descending: false, limit: UPCOMING })).rows;
      if (ahead.length >= FEW) return [ahead, []];
      return [ahead, (await listEvents(on, { endDate: today, states }, { sort: "start", descending: true, limit: UPCOMING })).rows];
    });
    const recently = recent.filter((row) => !upcoming.some((one) => one.id === row.id)).map(listItem);
    const view = { base, nodeName, now, counts: counted.counts, contextUrl: ownContextUrl(base) };
    return pageResponse(c, homePage({ ...view, upcoming: upcoming.map(listItem), recent: recently }));
  };
}

const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="3" y="5" width="26" height="24" rx="3" fill="#2036a6"/><path d="M3 11h26" stroke="#fff" stroke-width="2"/><circle cx="16" cy="20" r="4" fill="#fff"/></svg>';
