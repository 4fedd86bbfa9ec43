/**
 * The feed as Server-Sent Events (WHATWG HTML, 9.2). Every subscriber reads the log at its own pace: what it has not
 * taken yet stays in the database, never in memory. Those at the tip ask for the same entries and share one read.
 */
import type { LogEntry } from "../db/feed-log.ts";
import { checkFilters, checkPosition, decodeCursor, encodeCursor, filterMark, type FeedFilters } from "./cursor.ts";
import { readEntries, type FeedParts } from "./read.ts";
import type { FeedSignal } from "./signal.ts";

export interface StreamParts extends FeedParts {
  signal: FeedSignal;
  /** Milliseconds of silence after which a heartbeat is sent. */
  heartbeat?: number;
}

export interface StreamQuery extends FeedFilters {
  /** A cursor: Last-Event-ID, or `since`; absent: from the beginning. */
  since?: string | undefined;
}

export interface FeedStream {
  /**
   * Checks where the reader stands, then gives the text of one event after another until `until` aborts:
   * `event: change` with an item, and in silence `event: heartbeat` with the head. `id` is always a cursor to resume from.
   * Throws as `readFeedPage` does. An epoch that ends meanwhile ends the stream; resuming then says what to do.
   */
  open(query: StreamQuery, until: AbortSignal): Promise<AsyncGenerator<string, void, void>>;
}

const ENTRIES = 100;

export function createFeedStream({ database, base, signal, heartbeat = 15_000 }: StreamParts): FeedStream {
  const underWay = new Map<string, ReturnType<typeof readEntries>>();

  const read = (since: number, filters: FeedFilters) => {
    const key = `${since} ${filterMark(filters)}`;
    let entries = underWay.get(key);
    if (entries === undefined) {
      entries = database.read((on) => readEntries(on, since, ENTRIES, filters)).finally(() => underWay.delete(key));
      underWay.set(key, entries);
    }
    return entries;
  };

  return {
    async open(query, until) {
      const from = query.since === undefined ? undefined : decodeCursor(query.since);
      if (from !== undefined) checkFilters(from, query);
      const since = from?.position ?? 0;
      const first = await read(since, query);
      checkPosition(from ?? { position: since }, first.head, base);
      return events(first, query, until);
    },
  };

  async function* events(first: Awaited<ReturnType<typeof readEntries>>, filters: FeedFilters, until: AbortSignal) {
    const { epoch } = first.head;
    const mark = filterMark(filters);
    const idAt = (position: number) => encodeCursor({ epoch, position, filters: mark });
    let page = first;
    yield "retry: 3000\n\n";
    for (;;) {
      for (const entry of page.entries) {
        if (until.aborted) return;
        yield changeEvent(entry, idAt(entry.position));
      }
      const { position, head } = page;
      if (position >= head.position) {
        const before = performance.now();
        await signal.moved({ epoch, position: head.position }, heartbeat, until);
        if (until.aborted) return;
        if (performance.now() - before >= heartbeat - 5) {
          yield `event: heartbeat\nid: ${idAt(position)}\ndata: {"cursor":"${idAt(position)}","head":${head.position}}\n\n`;
        }
      }
      page = await read(position, filters);
      if (page.head.epoch !== epoch) return;
    }
  }
}

/** Items hold no line feed, so that one `data` line carries one. */
function changeEvent({ item }: LogEntry, id: string): string {
  return `event: change\nid: ${id}\ndata: ${item}\n\n`;
}
