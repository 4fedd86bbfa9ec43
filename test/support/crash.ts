/** After a crash: a reader that demands all that was acknowledged back, whole and once; and chance that a seed repeats. */
import { expect, vi } from "vitest";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import type { Acknowledged } from "./crash-writer.ts";

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Reader {
  url: string;
  key: string;
}

/** `fetch`, and once more where the node closed a kept connection in the moment of its use: a busy process hears of that too late. Only for what may be asked twice. */
export async function fetchAgain(url: string, request?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (((error as Error).cause as { code?: string } | undefined)?.code !== "ECONNRESET") throw error;
    return fetch(url, request);
  }
}

export async function read<T = any>({ url, key }: Reader, path: string): Promise<T> {
  const response = await fetchAgain(url + path, { headers: { authorization: `Bearer ${key}`, accept: "application/ld+json" } });
  if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** An event is whole: it reads, its place, organizer and performers do, and every field has a winner among its claims. */
export async function expectWhole(reader: Reader, { name, path }: Acknowledged): Promise<void> {
  const event = await read(reader, path);
  expect(event).toMatchObject({ name, startDate: expect.stringMatching(/^2096-.*T20:00:00-0[45]:00$/), offers: expect.anything() });
  for (const related of [event.location, event.organizer, ...[event.performer].flat()]) {
    expect(await read(reader, new URL(related["@id"]).pathname)).toMatchObject({ "@id": related["@id"], name: related.name });
  }
  const {
    "sel:provenance": { fields },
  } = await read(reader, `/api/v1${path}?include=provenance`);
  const won = fields.filter((field: { winner?: unknown }) => field.winner !== undefined).map((field: { field: string }) => field.field);
  expect(won).toEqual(expect.arrayContaining(["/name", "/startDate", "/location", "/organizer", "/performer", "/offers", "/description"]));
  expect(won).toHaveLength(fields.length);
}

/** Every listed occurrence, by the name of its event. */
export async function listedNames(reader: Reader): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | null = ""; after !== null;) {
    const page: { items: { name: string }[]; next_cursor: string | null } = await read(
      reader,
      `/api/v1/events?limit=200${after === "" ? "" : `&after=${after}`}`,
    );
    names.push(...page.items.map(({ name }) => name));
    after = page.next_cursor;
  }
  return names;
}

interface FeedItem extends VerifiableItem {
  action: string;
  uri: string;
  kind: string;
}
export interface Feed {
  epoch: string;
  head: number;
  items: FeedItem[];
  cursor: string;
}

/** The whole feed from its beginning: dense, its hashes verified. */
export async function readFeed(reader: Reader): Promise<Feed> {
  const items: FeedItem[] = [];
  for (let cursor = ""; ;) {
    const page: { changes: FeedItem[]; next_cursor: string; head: number } = await read(
      reader,
      `/api/v1/feeds/changes?limit=1000${cursor === "" ? "" : `&since=${cursor}`}`,
    );
    items.push(...page.changes);
    cursor = page.next_cursor;
    if (page.changes.length > 0) continue;
    expect(items.map((item) => item.sequence_number)).toEqual(items.map((_, index) => index + 1));
    expect(items).toHaveLength(page.head);
    expect(verifyChain(items)).toMatchObject({ ok: true });
    return { epoch: Buffer.from(cursor, "base64url").toString().split(".")[0]!, head: page.head, items, cursor };
  }
}

/** Every acknowledged event is created in the feed once, and every entity there is created before anything else happens to it. */
export function expectInFeed(reader: Reader, acknowledged: Iterable<Acknowledged>): Promise<Feed> {
  const all = [...acknowledged];
  return vi.waitFor(() => expectInFeedNow(reader, all), { timeout: 60_000, interval: 250 });
}

/** The same of the feed as it is, whatever is still to be numbered. */
export async function expectInFeedNow(reader: Reader, acknowledged: readonly Acknowledged[]): Promise<Feed> {
  const feed = await readFeed(reader);
  const created = feed.items.filter(({ action }) => action === "create").map(({ uri }) => new URL(uri).pathname);
  expect(new Set(created).size).toBe(created.length);
  const known = new Set(created);
  const missing = acknowledged.map(({ path }) => path).filter((path) => !known.has(path));
  expect(missing, `not in the feed: ${missing.join(", ")}`).toEqual([]);
  return feed;
}

/** A source of its own and a key that speaks for it, at any rate. */
export async function makeKey(url: string, adminKey: string, source: string): Promise<string> {
  const post = async (path: string, body: object): Promise<any> => {
    const response = await fetch(`${url}/api/v1/admin/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.status !== 201) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  await post("sources", { name: source, type: "api", licenseStatus: "cc0" });
  return (await post("keys", { name: source, role: "agent", source, requestsPerMinute: 1_000_000 })).key;
}
