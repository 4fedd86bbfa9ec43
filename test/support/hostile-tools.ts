/** What hostile peers are made of: items that are wrong in one way and proven in every other, answers as no honest server gives them. */
import type { ServerResponse } from "node:http";
import canonicalize from "canonicalize";
import type { ItemCustody } from "../../src/feed/item.ts";
import { chainHash, sha256 } from "../../src/feed/item.ts";
import type { PullLimits } from "../../src/federation/peer/pull.ts";
import type { RefusalReason } from "../../src/domain/custody.ts";
import type { Alarm } from "../../src/domain/peer.ts";
import type { NewPeer } from "../../src/registry/peers.ts";
import { eventOf } from "./peer-words.ts";
import type { World } from "./hostile-peer-process.ts";
import { FEED, type Behaviour, type ScriptedPeer } from "./scripted-peer.ts";

/** One way to be hostile, and what must come of a pull. Of three good events that it has told, the reader has heard before, unless `fresh`. */
export interface HostilePeer {
  readonly name: string;
  readonly turns: (peer: ScriptedPeer, world: World) => void;
  readonly settings?: Partial<NewPeer>;
  readonly fresh?: true;
  readonly limits?: Partial<PullLimits>;
  /** Its profile is due again. */
  readonly hourLater?: true;
  readonly outcome: "applied" | "unchanged" | "failed" | "alarm";
  readonly alarm?: Alarm;
  /** Of the sync log. */
  readonly detail?: RegExp;
  /** What the refusals say, one a refused item. */
  readonly refused?: readonly RefusalReason[];
  /** Some of what it tells is good, and applied. */
  readonly partly?: true;
  readonly counts?: { applied?: number; passedOver?: number; deleted?: number };
}

/** Tells a document of its own, or of whoever's it says. */
export function tellDocument(
  peer: ScriptedPeer,
  document: Record<string, unknown>,
  more: { uri?: string; kind?: string; custody?: ItemCustody; version?: number; gone?: boolean } = {},
): void {
  const { uri = String(document["@id"]), kind = "event", ...rest } = more;
  peer.tell({ path: uri, document, kind: kind as "event", ...rest });
  if (!uri.startsWith("http")) alterLast(peer, (item) => void (item["uri"] = uri));
}

/** The n-th event of a node, like no other's: what looks alike is compared, and there are many peers here. */
export const eventBy = (base: string, n: number, changes: object = {}): Record<string, unknown> => {
  const port = Number(/\d+$/.exec(base)?.[0] ?? 0);
  const place = { "@id": `${base}/places/hall`, "@type": "MusicVenue", name: `Hall ${port.toString(36)}` };
  const startDate = new Date(Date.UTC(2026, 4, 1, port % 24, n % 60) + port * 60_000).toISOString();
  return eventOf(base, n, { name: `${port.toString(36)} Concert ${n}`, startDate, location: place, ...changes });
};

/** The n-th event of the peer with other members. */
export const tellEvent = (peer: ScriptedPeer, n: number, changes: object = {}): void => tellDocument(peer, eventBy(peer.base, n, changes));

/** An event of somebody else's, as that one would tell it. */
export const eventAt = (uri: string, changes: object = {}): Record<string, unknown> => ({
  ...eventOf(/^https?:\/\/[^/]+/.exec(uri)?.[0] ?? "https://nowhere.example", 1, { name: "Hijacked" }),
  "@id": uri,
  ...changes,
});

export const tombstoneOf = (uri: string, more: object = {}): Record<string, unknown> => ({
  "@id": uri,
  "@type": "Event",
  "sel:tombstone": true,
  "sel:deletedAt": "2026-02-01T12:00:00Z",
  ...more,
});

/** Changes the last item and proves it again, so that its hashes are right. */
export function alterLast(peer: ScriptedPeer, change: (item: Record<string, any>) => void): void {
  const item = peer.items.at(-1)! as Record<string, any>;
  change(item);
  const { snapshot, tombstone, redacted: _redacted, hash: _hash, ...core } = item;
  core["digest"] = item["digest"] = `sha-256:${sha256(canonicalize(snapshot ?? tombstone)!)}`;
  item["hash"] = chainHash(String(peer.items.at(-2)?.["hash"] ?? ""), canonicalize(core)!);
}

/** The page after the three good events, its text changed as no parser would write it. */
export const rawPage =
  (peer: ScriptedPeer, change: (text: string) => string | Buffer, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) => {
    const text = JSON.stringify({ changes: peer.items.slice(3), next_cursor: "c-next", epoch: peer.epoch, head: peer.items.length });
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(change(text));
  };

/** Its feed answers in this way. */
export const feedAnswers =
  (behaviour: Behaviour) =>
  (peer: ScriptedPeer): void =>
    peer.answer(FEED, behaviour);

export const respond =
  (status: number, body: string | Buffer = "", headers: Record<string, string> = {}): Behaviour =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

/** Bytes on the wire, as no HTTP library would send them. */
export const wire =
  (...parts: (string | Buffer)[]): Behaviour =>
  (_request, { socket }) => {
    for (const part of parts) socket!.write(part);
    socket!.end();
  };

/** Writes the same up to `bytes`, as fast as it is read. */
export const pour =
  (
    chunk: Buffer,
    { bytes = 1024 ** 3, begin = "", headers = {} }: { bytes?: number; begin?: string; headers?: Record<string, string> } = {},
  ): Behaviour =>
  (_request, response) => {
    response.writeHead(200, { "content-type": "application/json", ...headers });
    if (begin !== "") response.write(begin);
    let sent = 0;
    const more = (): void => {
      while (!response.destroyed && sent < bytes) {
        sent += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on("drain", more);
    more();
  };

/** A little every few milliseconds, until the reader leaves. */
export function drip(response: ServerResponse, text: string): void {
  const timer = setInterval(() => response.write(text), 20);
  response.on("close", () => clearInterval(timer));
}

export const SHORT = { requestMs: 300 };
/** Sizes are told long before the limits of every day. */
export const SMALL = { pageBytes: 256 * 1024 };
