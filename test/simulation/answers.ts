/** What a simulated node answers over HTTP: its profile and its feed, with the real problems of the real cursor rules. */
import { RegistryError } from "../../src/domain/errors.ts";
import { closedPage, FEED, feedPage, makeSnapshot, sequence } from "./feed.ts";
import type { SimulatedNode, World } from "./model.ts";

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Answers a GET. */
export function answer(world: World, node: SimulatedNode, address: string, asked: Readonly<Record<string, string>>): Answer {
  const { pathname, searchParams } = new URL(address);
  sequence(node);
  try {
    if (pathname === "/.well-known/sel-profile") return json(200, profileOf(node));
    if (pathname === FEED)
      return json(200, feedPage(node, searchParams.get("since") ?? undefined, Number(searchParams.get("limit") ?? 100)));
    if (pathname === `${FEED}/snapshot`) {
      const { path, cursor } = makeSnapshot(world, node);
      return { status: 307, headers: { location: node.base + path, "calends-cursor": cursor }, body: Buffer.alloc(0) };
    }
    const [, epoch, number] = /\/pages\/(\w+)\/(\d+)$/.exec(pathname) ?? [];
    if (epoch !== undefined) {
      const page = closedPage(node, epoch, Number(number));
      if (page === undefined) throw new RegistryError("page_not_closed", { detail: "not yet", extra: { head: node.database.log.length } });
      return json(200, page);
    }
    return fileOf(node, pathname, asked);
  } catch (error) {
    if (error instanceof RegistryError) return json(error.problem.status, JSON.stringify(error.problem), "application/problem+json");
    throw error;
  }
}

const json = (status: number, text: string, type = "application/json"): Answer => ({
  status,
  headers: { "content-type": type },
  body: Buffer.from(text),
});

function profileOf({ base, name, pageSize }: SimulatedNode): string {
  return JSON.stringify({
    profile: "https://sel.events/profiles/interop",
    version: "0.1.0",
    node: base,
    name,
    software: { name: "calends", version: "0.1.0" },
    changeFeedEndpoint: base + FEED,
    feedFeatures: ["closed-pages", "custody", "digests", "epochs", "hash-chain"],
    pagesEndpoint: `${base}${FEED}/pages`,
    pageSize,
    snapshotEndpoint: `${base}${FEED}/snapshot`,
    streamEndpoint: `${base}${FEED}/stream`,
  });
}

/** A snapshot file, or the rest of one that somebody began to load. One from before a takedown is there no longer. */
function fileOf({ files, database }: SimulatedNode, path: string, asked: Readonly<Record<string, string>>): Answer {
  const file = files.get(path);
  if (file === undefined || file.redactions !== database.redactions)
    throw new RegistryError("not_found", { detail: "There is no such snapshot." });
  const { bytes, sha256 } = file;
  const headers = {
    "content-type": "application/gzip",
    etag: `"${sha256}"`,
    "repr-digest": `sha-256=:${Buffer.from(sha256, "hex").toString("base64")}:`,
    "accept-ranges": "bytes",
  };
  const from = Number(/^bytes=(\d+)-$/.exec(asked["range"] ?? "")?.[1] ?? 0);
  const same = asked["if-range"] === undefined || asked["if-range"] === headers.etag;
  if (from === 0 || !same) return { status: 200, headers: { ...headers, "content-length": String(bytes.length) }, body: bytes };
  if (from >= bytes.length) return { status: 416, headers: { "content-range": `bytes */${bytes.length}` }, body: Buffer.alloc(0) };
  const range = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}`, "content-length": String(bytes.length - from) };
  return { status: 206, headers: { ...headers, ...range }, body: bytes.subarray(from) };
}
