/**
 * Reading the feed page by page. A page is spliced from the items' own texts, which are never parsed here:
 * the same position gives the same bytes for ever.
 */
import type { Database } from "../db/database.ts";
import { readRange, scanLog, type FeedHead, type LogEntry } from "../db/feed-log.ts";
import type { Reader } from "../db/handle.ts";
import { checkFilters, checkPosition, decodeCursor, encodeCursor, filterMark, type FeedFilters } from "./cursor.ts";

export interface FeedParts {
  database: Database;
  /** This node's public base URL, without a slash at its end. */
  base: string;
}

export interface FeedQuery extends FeedFilters {
  /** A cursor as a page gave it; absent: from the beginning. */
  since?: string | undefined;
  /** 1 to 1000. */
  limit?: number | undefined;
}

export interface FeedPage {
  /** `{"cursor":…,"changes":[…],"next_cursor":…,"epoch":…,"head":…}` in UTF-8; `cursor` is where the page begins, `head` a position. */
  body: Buffer<ArrayBuffer>;
  nextCursor: string;
  head: number;
  /** True when there is more to read at once. */
  more: boolean;
}

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1_000;
/** A filtered page looks at no more entries than this: a rare match costs many small requests, never a long one. */
const SCAN = 10_000;

/** One page after `since`. Throws `invalid_cursor`, `cursor_beyond_head` (400), `wrong_epoch`, `retention_passed` (410). */
export async function readFeedPage({ database, base }: FeedParts, query: FeedQuery): Promise<FeedPage> {
  const { limit = DEFAULT_LIMIT } = query;
  const mark = filterMark(query);
  const from = query.since === undefined ? undefined : decodeCursor(query.since);
  if (from !== undefined) checkFilters(from, query);
  const since = from?.position ?? 0;

  const { head, items, position } = await database.read((on) =>
    mark === undefined ? plainPage(on, since, limit) : filteredPage(on, since, limit, query),
  );
  checkPosition(from ?? { position: since }, head, base);
  const cursorAt = (at: number) => encodeCursor({ epoch: head.epoch, position: at, filters: mark });
  const nextCursor = cursorAt(position);
  return {
    body: splice(
      `{"cursor":"${cursorAt(since)}","changes":[`,
      items,
      `],"next_cursor":"${nextCursor}","epoch":"${head.epoch}","head":${head.position}}`,
    ),
    nextCursor,
    head: head.position,
    more: position < head.position,
  };
}

interface Read {
  head: FeedHead;
  items: string[];
  /** The last position scanned. */
  position: number;
}

/** Positions are dense: what was read follows from the head. */
async function plainPage(on: Reader, since: number, limit: number): Promise<Read> {
  const { head, items } = await readRange(on, since, since + limit);
  return { head, items, position: Math.max(since, Math.min(since + limit, head.position)) };
}

async function filteredPage(on: Reader, since: number, limit: number, filters: FeedFilters): Promise<Read> {
  const { head, entries, position } = await readEntries(on, since, limit, filters);
  return { head, items: entries.map((entry) => entry.item), position };
}

/**
 * The bytes of a page: what comes before its items, the items with commas between them, and what comes after. Item by
 * item: one long text would be held and encoded two bytes a letter as soon as one letter of it lies beyond Latin-1.
 */
export function splice(before: string, items: readonly string[], after: string): Buffer<ArrayBuffer> {
  let size = Buffer.byteLength(before) + Buffer.byteLength(after) + Math.max(0, items.length - 1);
  for (const item of items) size += Buffer.byteLength(item);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = bytes.write(before);
  items.forEach((item, n) => {
    if (n > 0) at += bytes.write(",", at);
    at += bytes.write(item, at);
  });
  bytes.write(after, at);
  return bytes;
}

/** As a page, but entry by entry: for the stream, and for readers in this process. */
export async function readEntries(
  on: Reader,
  since: number,
  limit: number,
  filters: FeedFilters,
): Promise<{ head: FeedHead; entries: LogEntry[]; position: number }> {
  const { action, kind, origin } = filters;
  const until = since + (filterMark(filters) === undefined ? limit : SCAN);
  const scan = { since, until, limit, action: action ?? null, kind: kind ?? null, own: origin === "self" };
  const { head, entries } = await scanLog(on, scan);
  const scanned = entries.length === limit ? entries.at(-1)!.position : Math.min(until, head.position);
  return { head, entries, position: Math.max(since, scanned) };
}
