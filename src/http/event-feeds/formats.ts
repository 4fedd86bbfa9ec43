/** The formats in which any list of events is a feed: media types, extensions, encoders. */
import type { EventState } from "../../domain/state.ts";
import { encodeAtom } from "./atom.ts";
import type { EventFeed } from "./feed.ts";
import { encodeIcs } from "./ics.ts";
import { encodeJsonLd } from "./json-ld.ts";
import { encodeRss } from "./rss.ts";

export type { EventFeed } from "./feed.ts";

interface FeedFormat {
  /** Without parameters, as Accept names it. */
  mediaType: string;
  /** As Content-Type says it. */
  contentType: string;
  /** For people: "Calendar (ICS)". */
  title: string;
  /** A whole document, UTF-8, the same bytes for the same events. */
  encode: (events: readonly EventState[], feed: EventFeed) => string;
}

/** Name in `format=` and extension -> format. */
export const EVENT_FEEDS = {
  ics: { mediaType: "text/calendar", contentType: "text/calendar; charset=utf-8", title: "Calendar (ICS)", encode: encodeIcs },
  rss: { mediaType: "application/rss+xml", contentType: "application/rss+xml; charset=utf-8", title: "RSS", encode: encodeRss },
  atom: { mediaType: "application/atom+xml", contentType: "application/atom+xml; charset=utf-8", title: "Atom", encode: encodeAtom },
  jsonld: { mediaType: "application/ld+json", contentType: "application/ld+json", title: "JSON-LD", encode: encodeJsonLd },
} as const satisfies Record<string, FeedFormat>;

export type EventFeedFormat = keyof typeof EVENT_FEEDS;
export const EVENT_FEED_FORMATS = Object.keys(EVENT_FEEDS) as [EventFeedFormat, ...EventFeedFormat[]];
