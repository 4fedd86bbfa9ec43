/** Whose entity a page shows, where it is another node's. */
import type { AnyState } from "../../domain/state.ts";
import { externalLink, html, safeHref, shortUrl, type Html } from "./markup.ts";

/** "toronto.example", a link to the entity's own page there; undefined for one of ours. */
export function originLink(state: AnyState): Html | undefined {
  const uri = state.federationUri;
  if (uri === undefined) return undefined;
  const node = (state.kind === "event" ? state.originNode : undefined) ?? hostOf(uri);
  const href = safeHref(node);
  return html`${externalLink(uri, href === undefined ? node : shortUrl(href))}`;
}

/** Places and agents do not say of which node they are; their URIs lie under its base. */
const hostOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).origin : uri);
