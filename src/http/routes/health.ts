/** For those who watch the node: is it up, is it ready, how is it doing. */
import { z } from "@hono/zod-openapi";
import { assertMigrated } from "../../db/vitals.ts";
import { RegistryError } from "../../domain/errors.ts";
import type { HttpMetrics } from "../metrics.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { addRoute } from "../routing.ts";
import { jsonContent } from "../schemas.ts";

const PATIENCE = 5_000;
const status = jsonContent(z.strictObject({ status: z.string() }));

export function healthRoutes(app: HttpApp, parts: HttpParts, metrics: HttpMetrics): void {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  addRoute(
    app,
    {
      method: "get",
      path: "/healthz",
      tags: ["Node"],
      summary: "The process is up",
      responses: { 200: { description: "It is.", ...status } },
    },
    (c) => c.body('{"status":"up"}', 200, headers),
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/readyz",
      tags: ["Node"],
      summary: "The node can answer: its database does, and has its tables",
      responses: { 200: { description: "It can.", ...status } },
    },
    async (c) => {
      if (parts.closing.aborted) throw new RegistryError("unavailable", { detail: "The node is stopping." });
      await Promise.all(
        [parts.database, ...(parts.readDatabase === parts.database ? [] : [parts.readDatabase])].map((database) =>
          inTime(database.read(assertMigrated)),
        ),
      );
      return c.body('{"status":"ready"}', 200, headers);
    },
  );

  app.get("/metrics", async (c) => {
    c.set("route", "/metrics");
    await metrics.refresh();
    return c.body(await parts.metrics.metrics(), 200, { "content-type": parts.metrics.contentType, "cache-control": "no-store" });
  });
}

/** A database that hangs is not ready either. Throws `unavailable`, whatever was wrong. */
async function inTime(reading: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("the database did not answer in time")), PATIENCE);
  try {
    await Promise.race([reading, late.promise]);
  } catch (cause) {
    throw new RegistryError("unavailable", { detail: "The database does not answer, or has not been migrated.", cause });
  } finally {
    clearTimeout(timer);
  }
}
