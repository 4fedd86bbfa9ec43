/**
 * The map beside the results: an empty frame that the page's script fills from the list's own points. Without a
 * script there is none, and nothing is missing: every place stands in the list.
 */
import type { SearchHit } from "../../search/request.ts";
import { leafletScript, leafletSheet, searchScript, searchSheet } from "../assets/client.ts";
import { html, localPath, type Html } from "./markup.ts";
import type { Tiles } from "./search-view.ts";

/** The policy of the search page: scripts of this node only, which may ask this node only. Pictures, so tiles too, may come from any host. */
export const SEARCH_PAGE_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' https: http:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export const hasPoints = (hits: readonly SearchHit[]): boolean => hits.some(({ event }) => event.location?.geo !== undefined);

/** Stays hidden until the script has drawn it. */
export function mapFrame(tiles: Tiles | undefined): Html {
  return html`<section class="map" id="map" aria-labelledby="map-title" tabindex="-1" hidden>
    <h2 class="unseen" id="map-title">Map</h2>
    <div class="map-ground" data-tiles="${tiles?.url ?? ""}" data-attribution="${tiles?.attribution ?? ""}"></div>
  </section>`;
}

/** Sheets and scripts for the head; Leaflet only where there is something to draw. */
export function searchHead(base: string, withMap: boolean): Html {
  return html`${
      withMap &&
      html`<link rel="stylesheet" href="${localPath(base, leafletSheet.path)}" />
        <script src="${localPath(base, leafletScript.path)}" defer></script>`
    }
    <link rel="stylesheet" href="${localPath(base, searchSheet.path)}" />
    <script src="${localPath(base, searchScript.path)}" defer></script>`;
}
