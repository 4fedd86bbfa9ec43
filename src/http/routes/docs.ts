/** The API's own description: as OpenAPI for programs, as a page for people. */
import { describeApi } from "../describe-api.ts";
import { docsPage } from "../pages/docs-page.ts";
import type { OpenApiDocument } from "../pages/view.ts";
import type { HttpApp, HttpParts } from "../parts.ts";
import { pageResponse } from "../representation.ts";

/** To be added last: it describes the routes that are there by then. */
export function docsRoutes(app: HttpApp, parts: HttpParts): void {
  const { base, nodeName, version, clock } = parts;
  let made: { document: object; text: string } | undefined;
  const description = () => {
    if (made === undefined) {
      const document = describeApi(app, { version, base });
      made = { document, text: JSON.stringify(document) };
    }
    return made;
  };
  for (const path of ["/api/v1/openapi.json", "/openapi.json"]) {
    app.get(path, (c) => {
      c.set("route", path);
      return c.body(description().text, 200, { "content-type": "application/json", "cache-control": "public, max-age=300" });
    });
  }
  app.get("/docs", (c) => {
    c.set("route", "/docs");
    return pageResponse(c, docsPage({ base, nodeName, now: clock(), openapi: description().document as OpenApiDocument }), {
      vary: "Accept-Encoding",
    });
  });
}
