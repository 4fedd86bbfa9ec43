/**
 * A peer that a test writes: an honest feed with real hashes on a real socket, until the test says otherwise. Every path can be
 * answered in another way, and every page be changed before it is sent.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gzipSync } from "node:zlib";
import canonicalize from "canonicalize";
import { encodeCursor, decodeCursor } from "../../src/feed/cursor.ts";
import { itemText, type ItemCustody } from "../../src/feed/item.ts";

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface Told {
  /** "events/1", or a whole address. */
  path: string;
  name?: string;
  gone?: boolean;
  /** In place of the made-up document. */
  document?: Record<string, unknown>;
  custody?: ItemCustody;
  version?: number;
  kind?: "event" | "place";
}

export interface ScriptedPeer extends AsyncDisposable {
  base: string;
  epoch: string;
  /** The feed's items, parsed; what is pushed here by hand is told as it is. */
  items: Record<string, unknown>[];
  /** Adds an item with its digest and hash; returns its URI. */
  tell(told: Told): string;
  /** The same for many. */
  tellMany(count: number, from?: number): void;
  /** Begins another epoch, as a restored node does: its items from `kept` on are lost. */
  restore(epoch: string, kept: number): void;
  /** Answers this path in another way; undefined: as before. */
  answer(path: string, behaviour: Behaviour | undefined): void;
  /** Changes every page of the feed before it is sent. */
  changePage: (page: Record<string, any>) => unknown;
  /** Changes the profile before it is sent. */
  changeProfile: (profile: Record<string, unknown>) => Record<string, unknown>;
  /** The snapshot file as it is now. */
  snapshot(change?: (lines: string[]) => string[]): { body: Buffer; sha256: string };
  /** Requests so far: path and query. */
  heard: string[];
  /** Headers of the last request. */
  last: IncomingMessage["headers"];
}

export const FEED = "/api/v1/feeds/changes";
const PAGE_SIZE = 10;

export async function openScriptedPeer(): Promise<ScriptedPeer> {
  const answers = new Map<string, Behaviour>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    peer.heard.push(request.url!);
    peer.last = request.headers;
    response.on("error", () => undefined);
    const { pathname, searchParams } = new URL(request.url!, peer.base);
    (answers.get(pathname) ?? honest(pathname, searchParams))(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const head = () => peer.items.length;
  const cursorAt = (position: number) => encodeCursor({ epoch: peer.epoch, position });
  const honest = (path: string, query: URLSearchParams): Behaviour => {
    if (path === "/.well-known/sel-profile") return json(200, peer.changeProfile(profileOf(base)));
    if (path === FEED) return page(query);
    if (path.startsWith(`${FEED}/pages/`)) return closedPage(...(path.split("/").slice(-2) as [string, string]));
    if (path === `${FEED}/snapshot`) {
      const { sha256 } = peer.snapshot();
      return (_request, response) => void response.writeHead(307, { location: `${base}${FEED}/snapshots/${sha256}` }).end();
    }
    if (path.startsWith(`${FEED}/snapshots/`)) return file(path.split("/").at(-1)!);
    return json(404, { code: "not_found" });
  };
  const page = (query: URLSearchParams): Behaviour => {
    const since = query.get("since");
    const from = since === null ? { epoch: peer.epoch, position: 0 } : decodeCursor(since);
    if (from.epoch !== peer.epoch) return json(410, { code: "wrong_epoch", epoch: peer.epoch });
    if (from.position > head()) return json(400, { code: "cursor_beyond_head", detail: `The head is ${head()}.` });
    const changes = peer.items.slice(from.position, from.position + Number(query.get("limit") ?? 100));
    const next_cursor = cursorAt(from.position + changes.length);
    return json(200, peer.changePage({ cursor: cursorAt(from.position), changes, next_cursor, epoch: peer.epoch, head: head() }));
  };
  const closedPage = (epoch: string, number: string): Behaviour => {
    if (epoch !== peer.epoch) return json(410, { code: "wrong_epoch", epoch: peer.epoch });
    const [first, last] = [(Number(number) - 1) * PAGE_SIZE + 1, Number(number) * PAGE_SIZE];
    if (last > head()) return json(404, { code: "page_not_closed" });
    return json(200, peer.changePage({ epoch, page: Number(number), first, last, changes: peer.items.slice(first - 1, last) }));
  };
  const file =
    (name: string): Behaviour =>
    (request, response) => {
      const { body, sha256 } = peer.snapshot();
      if (name !== sha256) return json(404, { code: "not_found" })(request, response);
      sendFile(request, response, { body, sha256 });
    };

  const peer: ScriptedPeer = {
    base,
    epoch: "01JZ0000000000000000000000",
    items: [],
    heard: [],
    last: {},
    changePage: (same) => same,
    changeProfile: (same) => same,
    tell({ path, name = path, gone = false, document, custody, version = 1, kind = "event" }) {
      const uri = path.startsWith("http") ? path : `${base}/${path}`;
      const shown = document ?? (gone ? { "@id": uri, "@type": "Event", "sel:tombstone": true } : { "@id": uri, "@type": "Event", name });
      const at = "2026-05-01T12:00:00Z";
      const facts = {
        action: gone ? "delete" : "create",
        changedAt: at,
        custody,
        kind,
        licenseStatus: "cc0",
        receivedAt: at,
        sourceAt: at,
      } as const;
      const before = String(peer.items.at(-1)?.["hash"] ?? "");
      const { text } = itemText({ ...facts, uri, version, position: head() + 1 }, canonicalize(shown)!, before);
      peer.items.push(JSON.parse(text) as Record<string, unknown>);
      return uri;
    },
    tellMany(count, from = 1) {
      for (let n = from; n < from + count; n++) peer.tell({ path: `events/${n}`, name: `Event ${n}` });
    },
    restore(epoch, kept) {
      peer.epoch = epoch;
      peer.items.splice(kept);
    },
    answer: (path, behaviour) => void (behaviour === undefined ? answers.delete(path) : answers.set(path, behaviour)),
    snapshot(change = (lines) => lines) {
      const last = new Map(peer.items.map((item) => [item["uri"], item]));
      const shown = [...last.values()].filter((item) => item["action"] !== "delete");
      const header = {
        epoch: peer.epoch,
        position: head(),
        cursor: cursorAt(head()),
        count: shown.length,
        hash: peer.items.at(-1)?.["hash"] ?? "",
      };
      const lines = shown.map(({ kind, sequence_number, snapshot, uri, version, custody }) =>
        JSON.stringify({ kind, sequence_number, snapshot, uri, version, custody }),
      );
      const body = gzipSync(
        change([JSON.stringify(header), ...lines])
          .map((line) => `${line}\n`)
          .join(""),
      );
      return { body, sha256: createHash("sha256").update(body).digest("hex") };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return peer;
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** A file with its digest, or the rest of it from where a range begins. */
export function sendFile(request: IncomingMessage, response: ServerResponse, { body, sha256 }: { body: Buffer; sha256: string }): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = request.headers["if-range"] === `"${sha256}"` ? body.subarray(from) : body;
  const partial = rest.length < body.length;
  response.writeHead(partial ? 206 : 200, {
    etag: `"${sha256}"`,
    "content-length": String(rest.length),
    ...(partial && { "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }),
  });
  response.end(rest);
}

const profileOf = (base: string): Record<string, unknown> => ({
  profile: "https://sel.events/profiles/interop",
  version: "0.1.0",
  node: base,
  name: "Scripted",
  changeFeedEndpoint: base + FEED,
  snapshotEndpoint: `${base}${FEED}/snapshot`,
  streamEndpoint: `${base}${FEED}/stream`,
  pagesEndpoint: `${base}${FEED}/pages`,
  feedFeatures: ["custody", "digests", "epochs", "hash-chain"],
});
