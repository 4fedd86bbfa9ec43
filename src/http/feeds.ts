/** The feed's routes: pages, closed pages, the stream and snapshots (docs: FEDERATION.md). The feed room does the work. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { z } from "@hono/zod-openapi";
import { RegistryError } from "../domain/errors.ts";
import { ENTITY_KINDS } from "../domain/vocabulary.ts";
import { hasTag, type ClosedPages } from "../feed/closed-pages.ts";
import { ACTIONS, SNAPSHOT_PATH } from "../feed/cursor.ts";
import { DEFAULT_LIMIT, MAX_LIMIT, readFeedPage, type FeedParts } from "../feed/read.ts";
import type { SnapshotFile, Snapshots } from "../feed/snapshot.ts";
import type { FeedStream } from "../feed/stream.ts";
import { parseRange } from "./byte-range.ts";
import { closedPageSchema, pageSchema } from "./feed-schemas.ts";
import type { HttpApp, HttpContext } from "./parts.ts";
import { invalidQuery, readQuery } from "./query.ts";
import { addRoute, newApp } from "./routing.ts";
import { jsonContent, queryNumber, queryText } from "./schemas.ts";

export interface FeedRouteParts extends FeedParts {
  closedPages: ClosedPages;
  stream: FeedStream;
  snapshots: Snapshots;
  /** Aborted when the node begins to stop: streams end. */
  closing: AbortSignal;
}

const CHANGES = "/api/v1/feeds/changes";
const CURSOR_PROBLEMS = ["invalid_query", "invalid_cursor", "cursor_beyond_head", "wrong_epoch", "retention_passed"] as const;

const filters = {
  since: queryText().optional().openapi({ description: "A cursor. Without one: from the beginning." }),
  after: queryText().optional().openapi({ description: "Another name for since." }),
  action: z.enum(ACTIONS, { error: `expected one of ${ACTIONS.join(", ")}` }).optional(),
  kind: z.enum(ENTITY_KINDS, { error: `expected one of ${ENTITY_KINDS.join(", ")}` }).optional(),
  origin: z
    .enum(["self", "all"], { error: "expected self or all" })
    .optional()
    .openapi({ description: "self: only what this node is the origin of." }),
};
const streamQuery = z.strictObject(filters);
const pageQuery = z.strictObject({
  ...filters,
  limit: queryNumber(1, MAX_LIMIT, true)
    .optional()
    .openapi({ description: `1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} by default.` }),
});
const noQuery = z.strictObject({});

/** All routes under /api/v1/feeds/changes. */
export function feedRoutes(parts: FeedRouteParts): HttpApp {
  const app = newApp();

  addRoute(
    app,
    {
      method: "get",
      path: CHANGES,
      summary: "Changes in the order in which this node tells them",
      request: { query: pageQuery },
      responses: { 200: { description: "A page; possibly empty.", ...jsonContent(pageSchema) } },
      problems: CURSOR_PROBLEMS,
    },
    async (c) => {
      const { limit, ...query } = startOf(readQuery(c, pageQuery));
      const page = await readFeedPage(parts, { ...query, limit });
      const next = new URLSearchParams({
        since: page.nextCursor,
        ...Object.fromEntries(
          Object.entries({ ...query, limit }).flatMap(([name, value]) =>
            value === undefined || name === "since" ? [] : [[name, String(value)]],
          ),
        ),
      });
      return new Response(page.body, {
        headers: { "content-type": "application/json", "cache-control": "no-store", link: `<${parts.base}${CHANGES}?${next}>; rel="next"` },
      });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: `${CHANGES}/pages/{epoch}/{page}`,
      summary: "A closed page of the feed: fixed positions, the same bytes for ever",
      request: { params: z.object({ epoch: z.string(), page: z.string().openapi({ description: "From 1." }) }), query: noQuery },
      responses: {
        200: { description: "Immutable; only a takedown may change what a page shows.", ...jsonContent(closedPageSchema) },
        304: { description: "Unchanged." },
      },
      problems: ["not_found", "page_not_closed", "wrong_epoch", "retention_passed", "invalid_query"],
    },
    async (c) => {
      readQuery(c, noQuery);
      const { epoch = "", page = "" } = c.req.param() as Record<string, string>;
      if (!/^[1-9]\d{0,11}$/.test(page)) throw new RegistryError("not_found", { detail: "Feed pages are numbered from 1." });
      const { body, headers, etag } = await parts.closedPages.load(epoch, Number(page), c.req.header("accept-encoding"));
      if (!hasTag(c.req.header("if-none-match"), etag)) return new Response(new Uint8Array(body), { headers });
      const { "content-length": _length, "content-encoding": _encoding, ...kept } = headers;
      return new Response(null, { status: 304, headers: kept });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: `${CHANGES}/stream`,
      summary: "The feed as Server-Sent Events",
      description:
        "`event: change` bears an item; its `id` is a cursor, which comes back as Last-Event-ID. `event: heartbeat` tells the head after 15 seconds of silence. Without Last-Event-ID and `since`: from the beginning.",
      request: { query: streamQuery, headers: z.object({ "last-event-id": z.string().optional() }) },
      responses: { 200: { description: "Does not end.", ...jsonContent(z.string(), "text/event-stream") } },
      problems: CURSOR_PROBLEMS,
    },
    async (c) => {
      const query = startOf(readQuery(c, streamQuery));
      const gone = new AbortController();
      const until = AbortSignal.any([gone.signal, parts.closing, c.req.raw.signal]);
      const events = await parts.stream.open({ ...query, since: c.req.header("last-event-id") || query.since }, until);
      return new Response(c.req.method === "HEAD" ? null : eventStream(events, gone), {
        headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", "x-accel-buffering": "no" },
      });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: SNAPSHOT_PATH,
      summary: "All that the feed shows now, to begin with",
      request: { query: noQuery },
      responses: { 307: { description: "To the newest snapshot file." } },
      problems: ["invalid_query"],
    },
    async (c) => {
      readQuery(c, noQuery);
      const file = await parts.snapshots.current();
      const location = `${parts.base}${CHANGES}/snapshots/${file.epoch}/${file.position}.ndjson.gz`;
      return new Response(null, { status: 307, headers: { location, "cache-control": "no-store", ...cursorHeaders(parts.base, file) } });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: `${CHANGES}/snapshots/{epoch}/{file}`,
      summary: "A snapshot: gzip of NDJSON, a header line and then an entity a line",
      request: { params: z.object({ epoch: z.string(), file: z.string().openapi({ example: "12345.ndjson.gz" }) }), query: noQuery },
      responses: {
        200: { description: "Go on from the `Calends-Cursor`.", ...jsonContent(z.string(), "application/gzip") },
        206: { description: "The range that was asked for.", ...jsonContent(z.string(), "application/gzip") },
        304: { description: "Unchanged." },
      },
      problems: ["not_found", "range_not_satisfiable", "invalid_query"],
    },
    async (c) => {
      readQuery(c, noQuery);
      const { epoch = "", file: name = "" } = c.req.param() as Record<string, string>;
      const position = /^(0|[1-9]\d{0,14})\.ndjson\.gz$/.exec(name)?.[1];
      const file = position === undefined ? undefined : await parts.snapshots.find(epoch, Number(position));
      if (file === undefined) {
        throw new RegistryError("not_found", {
          detail: "There is no such snapshot, or no longer; the newest is linked.",
          extra: { snapshot: `${parts.base}${SNAPSHOT_PATH}` },
        });
      }
      return sendSnapshot(c, parts.base, file);
    },
  );

  return app;
}

/** `after` is the older name of `since`; both at once would leave open which is meant. */
function startOf<Q extends { since?: string | undefined; after?: string | undefined }>({ after, ...query }: Q) {
  if (after !== undefined && query.since !== undefined) throw invalidQuery("after", "the same as since; give one of them.");
  return { ...query, since: query.since ?? after };
}

/** Takes the next event only when the client has taken the last; a client that leaves ends the generator. */
function eventStream(events: AsyncGenerator<string, void, void>, gone: AbortController): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const next = await events.next();
      if (next.done) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    cancel() {
      gone.abort();
    },
  });
}

function cursorHeaders(base: string, { cursor }: SnapshotFile): Record<string, string> {
  return { "calends-cursor": cursor, link: `<${base}${CHANGES}?since=${cursor}>; rel="next"` };
}

/** The file or a range of it (RFC 9110 §14), with its digest (RFC 9530). */
function sendSnapshot(c: HttpContext, base: string, file: SnapshotFile): Response {
  const etag = `"${file.sha256}"`;
  const headers: Record<string, string> = {
    ...cursorHeaders(base, file),
    "content-type": "application/gzip",
    "content-disposition": `attachment; filename="${file.epoch}-${file.position}.ndjson.gz"`,
    etag,
    "repr-digest": `sha-256=:${Buffer.from(file.sha256, "hex").toString("base64")}:`,
    "accept-ranges": "bytes",
    "cache-control": "public, max-age=86400, immutable",
  };
  if (hasTag(c.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const ifRange = c.req.header("if-range");
  const range = ifRange === undefined || ifRange === etag ? parseRange(c.req.header("range"), file.bytes) : undefined;
  if (range === "unsatisfiable") {
    throw new RegistryError("range_not_satisfiable", { detail: `The file has ${file.bytes} bytes.`, extra: { bytes: file.bytes } });
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
  const body = c.req.method === "HEAD" ? null : (Readable.toWeb(createReadStream(file.path, { start, end })) as ReadableStream<Uint8Array>);
  return new Response(body, {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      "content-length": String(end - start + 1),
      ...(range !== undefined && { "content-range": `bytes ${start}-${end}/${file.bytes}` }),
    },
  });
}
