/** A reader that follows the feed while everything is in motion, and remembers what it saw. */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../../src/db/database.ts";
import { RegistryError } from "../../src/domain/errors.ts";
import { readFeedPage } from "../../src/feed/read.ts";

/** A page as the follower saw it while everything was in motion. */
export interface SeenPage {
  since: string | undefined;
  count: number;
  /** Of the bytes of the changes. */
  digest: string;
}

/** Follows the feed as any peer would, until aborted and at its end; keeps what it saw, to compare with later. */
export async function followFeed(database: Database, base: string, until: AbortSignal): Promise<SeenPage[]> {
  const pages: SeenPage[] = [];
  let since: string | undefined;
  let position = 0;
  for (;;) {
    const last = until.aborted;
    try {
      const { body, nextCursor, head, more } = await readFeedPage({ database, base }, { since, limit: 1_000 });
      const count = Math.min(1_000, head - position);
      if (count > 0) pages.push({ since, count, digest: digestOf(body) });
      [since, position] = [nextCursor, position + count];
      if (last && !more) return pages;
      if (!more) await delay(30);
    } catch (error) {
      if (!(error instanceof RegistryError && error.code === "unavailable")) throw error;
      await delay(200);
    }
  }
}

/** Hash of the changes of a page, without the members around them that may differ (the head moves). */
export function digestOf(page: Buffer): string {
  const changes = page.subarray(page.indexOf('"changes":['), page.lastIndexOf('],"next_cursor":'));
  return createHash("sha256").update(changes).digest("hex");
}
