/** Any search as a calendar, RSS, Atom or JSON-LD: chosen by `format`, else by Accept. */
import { createHash } from "node:crypto";
import type { SearchAnswer } from "../search/request.ts";
import { EVENT_FEEDS, type EventFeedFormat } from "./event-feeds/formats.ts";
import { REFRESH_MINUTES, type EventFeed } from "./event-feeds/feed.ts";
import { negotiateAmong } from "./negotiate.ts";
import { API_PATH } from "./pages/layout.ts";
import { SEARCH_PATH } from "./pages/search-box.ts";
import type { HttpContext, HttpParts } from "./parts.ts";
import { notModified, unchanged } from "./representation.ts";
import { SEARCH_FORMATS, type SearchFormat } from "./search-fields.ts";

const REFRESH = REFRESH_MINUTES * 60;

interface FoundFeed extends Pick<EventFeed, "title" | "homeUrl" | "selfUrl"> {
  answer: SearchAnswer;
  format: EventFeedFormat;
  /** Of the next page, where there is one. */
  nextUrl: string | undefined;
  shared: boolean;
}

export function searchFormat(c: HttpContext, { format }: { format?: SearchFormat | undefined }): SearchFormat {
  return (
    format ??
    negotiateAmong(c.req.header("accept"), SEARCH_FORMATS, (each) => (each === "json" ? "application/json" : EVENT_FEEDS[each].mediaType))
  );
}

/** The events of a search as a feed, with a link to the next page where there is one; 304 for whoever has it. `raw` are its parameters as sent. */
export function searchFeed(
  c: HttpContext,
  parts: HttpParts,
  { answer, raw, format }: { answer: SearchAnswer; raw: Readonly<Record<string, string>>; format: EventFeedFormat },
): Response {
  const { base, nodeName } = parts;
  const { format: _, ...asked } = raw;
  const limit = c.req.query("limit");
  const address = (path: string, query: Record<string, string>) => `${base}${path}?${new URLSearchParams(query).toString()}`;
  const selfUrl = (more: Record<string, string>) =>
    address(`${API_PATH}/events/search`, { ...asked, ...(limit !== undefined && limit !== "" && { limit }), ...more, format });
  const after = c.req.query("after");
  return feedResponse(c, parts, {
    answer,
    format,
    title: asked["q"] === undefined || asked["q"].trim() === "" ? `Events · ${nodeName}` : `${asked["q"].trim()} · ${nodeName}`,
    homeUrl: address(SEARCH_PATH, asked),
    selfUrl: selfUrl(after === undefined || after === "" ? {} : { after }),
    nextUrl: answer.next === undefined ? undefined : selfUrl({ after: answer.next }),
    shared: c.get("caller").role === "public",
  });
}

/** What is found as a feed of these words and addresses. `shared`: it is the same whoever asks, so any cache may keep it. */
export function feedResponse(
  c: HttpContext,
  { base, clock }: HttpParts,
  { answer, format, title, homeUrl, selfUrl, nextUrl, shared }: FoundFeed,
): Response {
  const { contentType, encode } = EVENT_FEEDS[format];
  const events = answer.hits.map(({ event }) => event);
  const now = clock();
  const body = encode(events, { title, homeUrl, selfUrl, updatedAt: newest(events, now), base, now });
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 16)}-${format}"`;
  const headers: Record<string, string> = {
    "content-type": contentType,
    "cache-control": `${shared ? "public" : "private"}, max-age=${REFRESH}`,
    vary: "Accept",
    etag,
    ...(nextUrl !== undefined && { link: `<${nextUrl}>; rel="next"` }),
  };
  return notModified(c, { etag }) ? unchanged(headers) : new Response(body, { headers });
}

/** When what is shown last changed. Of nothing it cannot be told: the hour, so that an empty feed stays the same for as long as it is kept. */
function newest(events: readonly { updatedAt: string }[], now: Date): Date {
  const changes = events.map(({ updatedAt }) => Date.parse(updatedAt));
  return new Date(changes.length > 0 ? Math.max(...changes) : Math.floor(now.getTime() / (REFRESH * 1000)) * REFRESH * 1000);
}
