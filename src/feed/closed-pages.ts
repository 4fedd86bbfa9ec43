/**
 * Closed pages: page n holds positions (n-1)*size+1 … n*size and never changes once the head has passed it. Each is read
 * once, compressed once per coding, and kept in memory up to a bound; whoever asks meanwhile waits for the same work.
 *
 * Only a takedown changes what is closed: it drops the cache (signal.ts), and the page gets another tag.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { RegistryError } from "../domain/errors.ts";
import { readRange } from "../db/feed-log.ts";
import { checkPosition, encodeCursor } from "./cursor.ts";
import { chooseEncoding, compress, type Encoding } from "./encodings.ts";
import { sha256 } from "./item.ts";
import { splice, type FeedParts } from "./read.ts";
import type { FeedSignal } from "./signal.ts";

export const PAGES_PATH = "/api/v1/feeds/changes/pages/";
/** Changes on a page; told in the node's profile. */
export const CLOSED_PAGE_SIZE = 500;

export interface ClosedPagesParts extends FeedParts {
  signal: FeedSignal;
  /** Changes on a page; of a running feed never to be changed. */
  size?: number;
  /** Most bytes kept in memory, over all codings. */
  cacheBytes?: number;
  /** What every response of the node bears (security headers); for the raw handler, which nothing else passes. */
  headers?: Readonly<Record<string, string>>;
  /** Hears of each response of the raw handler, for metrics and the log. */
  onServed?: (request: IncomingMessage, status: number) => void;
}

/** One representation of one page, ready to be sent. */
export interface PageBytes {
  body: Buffer;
  etag: string;
  headers: Readonly<Record<string, string>>;
}

export interface ClosedPages {
  /** Throws `page_not_closed` (404), `wrong_epoch` or `retention_passed` (410). */
  load(epoch: string, page: number, acceptEncoding: string | undefined): Promise<PageBytes>;
  /**
   * Answers from memory, without a framework: true when it did. Mount it before everything else; what it does not
   * answer (not in memory, not a closed page, any error) is for the route, which fills the memory.
   */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
  /** Forgets the page that holds this position. */
  purge(position: number): void;
  /** Forgets all. */
  clear(): void;
}

interface Page {
  epoch: string;
  number: number;
  plain: Buffer;
  digest: string;
  ready: Map<Encoding, PageBytes>;
  bytes: number;
}

export function createClosedPages(parts: ClosedPagesParts): ClosedPages {
  const { database, base, size = CLOSED_PAGE_SIZE, cacheBytes = 64 * 1024 * 1024, headers = {}, onServed } = parts;
  /** Least recently used first. */
  const pages = new Map<string, Page>();
  const underWay = new Map<string, Promise<unknown>>();
  let kept = 0;
  /** Few clients, few headers: reading the same one again would cost more than all else that `serve` does. */
  const codings = new Map<string | undefined, Encoding>();
  const codingFor = (header: string | undefined): Encoding => {
    let coding = codings.get(header);
    if (coding === undefined) {
      if (codings.size >= 100) codings.clear();
      coding = chooseEncoding(header);
      codings.set(header, coding);
    }
    return coding;
  };
  /** Grows with every purge: what was read before one is not kept after it. */
  let generation = 0;

  const forget = (key: string) => {
    kept -= pages.get(key)?.bytes ?? 0;
    pages.delete(key);
  };
  const grow = (key: string, page: Page, bytes: number) => {
    page.bytes += bytes;
    if (pages.get(key) !== page) return;
    kept += bytes;
    for (const oldest of pages.keys()) {
      if (kept <= cacheBytes) break;
      forget(oldest);
    }
  };
  const touch = (key: string) => {
    const page = pages.get(key);
    if (page === undefined) return undefined;
    pages.delete(key);
    pages.set(key, page);
    return page;
  };
  /** One run of `work` at a time for a key; the others get its result. */
  const shared = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const running = underWay.get(key) as Promise<T> | undefined;
    if (running !== undefined) return running;
    const started = work().finally(() => {
      if (underWay.get(key) === started) underWay.delete(key);
    });
    underWay.set(key, started);
    return started;
  };

  const read = async (epoch: string, number: number): Promise<Page> => {
    const [first, last] = [(number - 1) * size + 1, number * size];
    const { head, items } = await database.read((on) => readRange(on, first - 1, last));
    // A page of another epoch says so first; one beyond the head is not an error of the reader's cursor.
    checkPosition({ epoch, position: Math.min(first - 1, head.position) }, head, base);
    if (head.position < last) {
      throw new RegistryError("page_not_closed", {
        detail: `Page ${number} closes at position ${last}; the head is ${head.position}. Read on from the feed itself.`,
        extra: { head: head.position },
      });
    }
    const at = (other: number) => `"${base}${PAGES_PATH}${epoch}/${other}"`;
    // `next` is an address, whether that page is closed by now or not: saying which would change these bytes later.
    const plain = splice(
      `{"epoch":"${epoch}","page":${number},"first":${first},"last":${last},"changes":[`,
      items,
      `],"next_cursor":"${encodeCursor({ epoch, position: last })}","prev":${number > 1 ? at(number - 1) : "null"},"next":${at(number + 1)}}`,
    );
    return { epoch, number, plain, digest: sha256(plain), ready: new Map(), bytes: 0 };
  };

  const pageAt = (key: string, epoch: string, number: number) =>
    touch(key) ??
    shared(`${generation} ${key}`, async () => {
      const asOf = generation;
      const page = await read(epoch, number);
      if (asOf !== generation) return page;
      pages.set(key, page);
      grow(key, page, page.plain.length);
      return page;
    });

  const represent = (key: string, page: Page, encoding: Encoding) =>
    page.ready.get(encoding) ??
    shared(`${page.digest} ${key} ${encoding}`, async () => {
      const body = await compress(encoding, page.plain);
      const bytes = representation(page, encoding, body, headers);
      page.ready.set(encoding, bytes);
      if (encoding !== "identity") grow(key, page, body.length);
      return bytes;
    });

  const closedPages: ClosedPages = {
    async load(epoch, number, acceptEncoding) {
      const key = `${epoch}/${number}`;
      return represent(key, await pageAt(key, epoch, number), codingFor(acceptEncoding));
    },
    serve(request, response) {
      const { url, method } = request;
      if (url === undefined || !url.startsWith(PAGES_PATH) || (method !== "GET" && method !== "HEAD")) return false;
      const page = touch(url.slice(PAGES_PATH.length));
      const bytes = page?.ready.get(codingFor(request.headers["accept-encoding"] as string | undefined));
      if (bytes === undefined) return false;
      const status = hasTag(request.headers["if-none-match"], bytes.etag) ? 304 : 200;
      if (status === 304) response.writeHead(304, withoutBody(bytes.headers)).end();
      else response.writeHead(200, bytes.headers).end(method === "HEAD" ? undefined : bytes.body);
      onServed?.(request, status);
      return true;
    },
    purge(position) {
      generation += 1;
      const number = Math.ceil(position / size);
      for (const [key, page] of pages) if (page.number === number) forget(key);
    },
    clear() {
      generation += 1;
      for (const key of pages.keys()) forget(key);
    },
  };
  parts.signal.onRedacted(() => closedPages.clear());
  return closedPages;
}

function representation(page: Page, encoding: Encoding, body: Buffer, headers: Readonly<Record<string, string>>): PageBytes {
  // Strong tags differ where the bytes do (RFC 9110 §8.8.3).
  const etag = encoding === "identity" ? `"${page.digest}"` : `"${page.digest}-${encoding}"`;
  return {
    body,
    etag,
    headers: {
      ...headers,
      "content-type": "application/json",
      "content-length": String(body.length),
      ...(encoding !== "identity" && { "content-encoding": encoding }),
      etag,
      "cache-control": "public, max-age=86400, immutable",
      vary: "Accept-Encoding",
    },
  };
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2); `*` matches whatever there is. */
export function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

function withoutBody(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { "content-length": _length, "content-encoding": _encoding, "content-type": _type, ...rest } = headers;
  return rest;
}
