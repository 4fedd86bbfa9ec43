/**
 * RSS 2.0 (https://www.rssboard.org/rss-specification): an item per event, its @id the guid. When and where it is
 * stands in the text, and for programs in the event module (http://purl.org/rss/1.0/modules/event/).
 */
import { uriOf } from "../../domain/iri.ts";
import type { EventState } from "../../domain/state.ts";
import { contentOf, oneLine, pageOf, REFRESH_MINUTES, whereOf, type EventFeed } from "./feed.ts";
import { nextDate } from "../pages/series-dates.ts";
import { element, xmlDocument, type Xml } from "./xml.ts";

export function encodeRss(events: readonly EventState[], feed: EventFeed): string {
  const title = oneLine(feed.title);
  return xmlDocument(
    element(
      "rss",
      { version: "2.0", "xmlns:atom": "http://www.w3.org/2005/Atom", "xmlns:ev": "http://purl.org/rss/1.0/modules/event/" },
      element(
        "channel",
        {},
        element("title", {}, title),
        element("link", {}, feed.homeUrl),
        element("description", {}, `Events: ${title}`),
        element("lastBuildDate", {}, feed.updatedAt.toUTCString()),
        element("generator", {}, "Calends"),
        element("docs", {}, "https://www.rssboard.org/rss-specification"),
        element("ttl", {}, String(REFRESH_MINUTES)),
        element("atom:link", { rel: "self", type: "application/rss+xml", href: feed.selfUrl }),
        ...events.map((event) => item(event, feed)),
      ),
    ),
  );
}

function item(event: EventState, { base, now }: EventFeed): Xml {
  // Of a series, the date that is next: its first may lie years back.
  const { startDate, endDate } = nextDate(event, now) ?? event;
  const [uri, page] = [uriOf(base, "event", event), pageOf(base, event)];
  return element(
    "item",
    {},
    element("title", {}, oneLine(event.name)),
    element("link", {}, page),
    element("guid", { isPermaLink: String(uri === page) }, uri),
    // When it became known here, not when it takes place: readers sort by it, and drop what lies ahead.
    element("pubDate", {}, new Date(event.createdAt).toUTCString()),
    element("description", {}, String(contentOf(event, now))),
    ...(event.keywords ?? []).map((keyword) => element("category", {}, oneLine(keyword))),
    element("ev:startdate", {}, startDate),
    endDate !== undefined && element("ev:enddate", {}, endDate),
    event.location && element("ev:location", {}, whereOf(event)),
    event.organizer && element("ev:organizer", {}, oneLine(event.organizer.name)),
    element("ev:type", {}, event.type),
  );
}
