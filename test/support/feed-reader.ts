/** A reader of a test node's feed, as a peer or a newspaper would write one: pages, items, and events in bulk to read. */
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import type { VerifiableItem } from "../../src/feed/verify.ts";
import type { TestNode } from "./network.ts";

export interface FeedItem extends VerifiableItem {
  action: "create" | "update" | "delete";
  uri: string;
  kind: string;
  version: number;
  changed_fields?: string[];
  snapshot?: { "@id": string; name: string; description?: string };
  tombstone?: { "@id": string; "sel:tombstone": true };
}
export interface Page {
  cursor: string;
  changes: FeedItem[];
  next_cursor: string;
  head: number;
}
export interface FeedProblem {
  status: number;
  code: string;
  detail: string;
  snapshot?: string;
  head?: number;
}

export const CHANGES = "/api/v1/feeds/changes";

/** One page; fails on anything but 200. */
export async function readPage(node: TestNode, query: Record<string, string | number> = {}): Promise<Page> {
  const response = await askFeed(node, query);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Page;
}

export function askFeed(node: TestNode, query: Record<string, string | number> = {}): Promise<Response> {
  return fetch(
    `${node.url}${CHANGES}?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]))}`,
  );
}

/** The problem with which the feed answers. */
export async function refusal(node: TestNode, query: Record<string, string | number>): Promise<FeedProblem> {
  const response = await askFeed(node, query);
  const problem = (await response.json()) as FeedProblem;
  if (problem.status !== response.status) throw new Error(`expected a problem, got ${response.status}`);
  return problem;
}

/** Everything from a cursor on, page by page. */
export async function readAll(node: TestNode, query: Record<string, string | number> = {}): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for (let since: string | undefined; ;) {
    const page = await readPage(node, { ...query, ...(since !== undefined && { since }) });
    items.push(...page.changes);
    if (since === page.next_cursor || page.changes.length === 0) return items;
    since = page.next_cursor;
  }
}

/** Publishes `count` small events at one venue in one transaction, and has them numbered. */
export async function publishMany(node: TestNode, count: number): Promise<void> {
  await node.database.transact(async (tx) => {
    const on = kyselyOf(tx);
    const venue = await sql<{
      id: string;
    }>`insert into places (id, match_key, name) values (gen_random_uuid(), gen_random_uuid()::text::bytea, 'Market Square') returning id`.execute(
      on,
    );
    await sql`insert into events (id, name, description, lifecycle_state, primary_venue_id, content_hash)
      select gen_random_uuid(), 'Concert ' || n, 'Words of somebody''s own', 'published', ${venue.rows[0]!.id}, '' from generate_series(1, ${count}::int) n`.execute(
      on,
    );
  });
  await node.processAll();
}
