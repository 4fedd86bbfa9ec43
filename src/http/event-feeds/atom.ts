/** Atom 1.0 (RFC 4287): an entry per event, its @id the entry's id for ever. */
import { uriOf } from "../../domain/iri.ts";
import type { EventState } from "../../domain/state.ts";
import { langOf, safeHref } from "../pages/markup.ts";
import { contentOf, oneLine, pageOf, whenAndWhere, type EventFeed } from "./feed.ts";
import { element, xmlDocument, type Xml } from "./xml.ts";

export function encodeAtom(events: readonly EventState[], feed: EventFeed): string {
  return xmlDocument(
    element(
      "feed",
      { xmlns: "http://www.w3.org/2005/Atom" },
      element("id", {}, feed.selfUrl),
      element("title", {}, oneLine(feed.title)),
      element("updated", {}, feed.updatedAt.toISOString()),
      element("link", { rel: "self", type: "application/atom+xml", href: feed.selfUrl }),
      element("link", { rel: "alternate", type: "text/html", href: feed.homeUrl }),
      // Of an entry whose source has no name; RFC 4287 §4.1.1 wants an author somewhere.
      element("author", {}, element("name", {}, oneLine(feed.title)), element("uri", {}, feed.base)),
      element("generator", {}, "Calends"),
      ...events.map((event) => entry(event, feed)),
    ),
  );
}

function entry(event: EventState, { base, now }: EventFeed): Xml {
  const names = [...new Set(event.sources.map((source) => oneLine(source.name)))];
  return element(
    "entry",
    { "xml:lang": langOf(event.inLanguage) },
    element("id", {}, uriOf(base, "event", event)),
    element("title", {}, oneLine(event.name)),
    element("updated", {}, event.updatedAt),
    element("published", {}, event.createdAt),
    ...names.map((name) => element("author", {}, element("name", {}, name))),
    element("link", { rel: "alternate", type: "text/html", href: pageOf(base, event) }),
    link("related", event.url),
    link("enclosure", event.image),
    // RFC 4946
    link("license", event.license),
    ...(event.keywords ?? []).map((keyword) => element("category", { term: oneLine(keyword) })),
    element("summary", {}, whenAndWhere(event, now)),
    element("content", { type: "html" }, String(contentOf(event, now))),
  );
}

function link(rel: string, url: string | undefined): Xml | undefined {
  const href = url === undefined ? undefined : safeHref(url);
  return href === undefined ? undefined : element("link", { rel, href });
}
