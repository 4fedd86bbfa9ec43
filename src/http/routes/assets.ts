/** The files that browsers load for the search page, each immutable under its name. */
import { CLIENT_ASSETS } from "../assets/client.ts";
import type { HttpApp } from "../parts.ts";

export function assetRoutes(app: HttpApp): void {
  for (const { path, type, text } of CLIENT_ASSETS) {
    app.get(path, (c) => {
      c.set("route", "/assets/*");
      return c.body(text, 200, { "content-type": type, "cache-control": "public, max-age=31536000, immutable" });
    });
  }
}
