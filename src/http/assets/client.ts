/**
 * What a browser runs and the look that goes with it: the search page's script and sheet, Leaflet as it was installed,
 * and the admin pages' sheet. Each is served under a name that holds its hash, so that it may be cached for ever.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Asset } from "../pages/style.ts";

const JAVASCRIPT = "text/javascript; charset=utf-8";
const CSS = "text/css; charset=utf-8";
const leaflet = (name: string) => new URL(import.meta.resolve(`leaflet/dist/${name}`));
const own = (name: string) => new URL(name, import.meta.url);

function asset(path: string, type: string, file: URL): Asset {
  const text = readFileSync(file, "utf8");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return { path: `/assets/${path.replace(/(?=\.\w+$)/, `-${hash}`)}`, type, text };
}

export const searchScript = asset("search.js", JAVASCRIPT, own("search.js"));
export const searchSheet = asset("search.css", CSS, own("search.css"));
export const adminSheet = asset("admin.css", CSS, own("admin.css"));
export const leafletScript = asset("leaflet/leaflet.js", JAVASCRIPT, leaflet("leaflet.js"));
export const leafletSheet = asset("leaflet/leaflet.css", CSS, leaflet("leaflet.css"));
/** All of them; routes/assets.ts serves each at its path. */
export const CLIENT_ASSETS: readonly Asset[] = [searchScript, searchSheet, adminSheet, leafletScript, leafletSheet];
