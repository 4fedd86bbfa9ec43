/** A copy by closed pages: n = 1, 2, … as any cache may serve them, proven by the chain from the first item on. */
import { z } from "zod";
import { encodeCursor } from "../../feed/cursor.ts";
import { assertAnswered, problemOf } from "./answers.ts";
import { alarmed, PageTooLarge, PeerFault } from "./faults.ts";
import { getPage, pageAs } from "./get-page.ts";
import type { BadItem } from "./ports.ts";
import type { HeardChange } from "../../domain/custody.ts";
import { proveItems, type Standing } from "./prove.ts";
import { epochForm } from "./read-item.ts";
import { cursorForm, readItems } from "./read-page.ts";
import type { Run } from "./run.ts";

const pageForm = z.looseObject({
  epoch: epochForm,
  page: z.int(),
  changes: z.array(z.unknown()).min(1),
  next_cursor: cursorForm.optional(),
});
/** Of one transaction. A closed page of more is read by the feed, in parts. */
const MOST_ITEMS = 1_000;

export interface ClosedPage {
  changes: HeardChange[];
  bad: BadItem[];
  reached: { cursor: string; position: number; hash: string | null };
}

/** Page `n` of this epoch; undefined where it is not closed yet, or where we stand within it. Throws a PeerFault, FeedGone, PageTooLarge, or what the client throws. */
export async function readClosedPage(
  run: Run,
  { pages, epoch, n, after }: { pages: string; epoch: string; n: number; after: Standing },
): Promise<ClosedPage | undefined> {
  const answer = await getPage(run, `${pages}/${epoch}/${n}`);
  if (answer.status === 404) {
    if (problemOf(answer).code === "page_not_closed") return undefined;
    throw new PeerFault(`its closed page ${n} is not found`);
  }
  assertAnswered(answer, "closed page", run.parts.clock);
  const { changes: items, epoch: told, page, next_cursor: cursor } = pageAs(answer.body, pageForm, `its closed page ${n} is none`);
  if (told !== epoch || page !== n) throw alarmed("positions", `for closed page ${n} of ${epoch} it gives page ${page} of ${told}`);
  // It was closed after the feed had told us of its beginning.
  if (after.position > 0 && isBefore(items[0], after.position)) return undefined;
  if (items.length > MOST_ITEMS) throw new PageTooLarge(`its closed page ${n} has ${items.length} items`);
  const { position, hash } = proveItems(items, after);
  const read = readItems(items, { base: run.peer.base, epoch, itemBytes: run.limits.itemBytes });
  // Who gives no cursor with its closed pages has them of our own form (FEDERATION.md, Closed pages); where not, its feed says so at the next page.
  return { ...read, reached: { cursor: cursor ?? encodeCursor({ epoch, position }), position, hash } };
}

const isBefore = (item: unknown, position: number): boolean =>
  typeof item === "object" && item !== null && Number((item as Record<string, unknown>)["sequence_number"]) <= position;
