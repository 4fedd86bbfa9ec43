/** A page of a feed like our own: proven whole before an item of it is looked at. */
import { z } from "zod";
import type { HeardChange } from "../../domain/custody.ts";
import { assertPage } from "./answers.ts";
import { alarmed, FeedGone } from "./faults.ts";
import { getPage, pageAs, withQuery } from "./get-page.ts";
import type { BadItem, VerifiedPage } from "./ports.ts";
import { proveItems, type Standing } from "./prove.ts";
import { epochForm, readItem, type Teller } from "./read-item.ts";
import type { Run } from "./run.ts";

/** Of whatever form: it goes back as it came, percent-encoded in a query. */
export const cursorForm = z.string().regex(/^[\x21-\x7e]{1,1024}$/, "expected 1 to 1,024 visible ASCII characters");
const pageForm = z.looseObject({
  changes: z.array(z.unknown()),
  next_cursor: cursorForm,
  head: z.int().min(0),
  epoch: epochForm.optional(),
});

/** Where to go on. */
export interface PageStart extends Standing {
  cursor: string | null;
  epoch: string | null;
}

/** The page after `start`, of `limit` items at most. Throws a PeerFault, FeedGone, PageTooLarge, or what the client throws. */
export async function readPage(run: Run, start: PageStart, limit: number): Promise<VerifiedPage> {
  const answer = await getPage(run, withQuery(run.profile.feed, { limit, since: start.cursor ?? undefined }));
  assertPage(answer, run.parts.clock, (start.cursor ?? "") !== "");
  const page = pageAs(answer.body, pageForm, "a page of it is no page of a feed");
  const { changes: items, next_cursor: nextCursor, head, epoch: told } = page;
  if (items.length > limit) throw alarmed("unreadable", `it gives ${items.length} items where ${limit} were asked for`);
  // Who asks without a cursor is told the beginning of whatever epoch there is.
  if (start.epoch !== null && told !== undefined && told !== start.epoch && start.cursor === null) throw new FeedGone(told);
  if (start.epoch !== null && told !== undefined && told !== start.epoch)
    throw alarmed("positions", `its epoch was ${start.epoch} and is ${told}, and its cursors go on as if nothing had happened`);
  const reached = proveItems(items, start);
  if (items.length > 0 && nextCursor === start.cursor)
    throw alarmed("positions", `its page after position ${start.position} leads back to its own beginning`);
  if (head < reached.position) throw alarmed("positions", `it gives position ${reached.position}, and says its head is ${head}`);
  const epoch = told ?? start.epoch;
  const teller = { base: run.peer.base, epoch: epoch ?? "", itemBytes: run.limits.itemBytes };
  return { since: start.cursor, nextCursor, epoch, position: reached.position, hash: reached.hash, head, ...readItems(items, teller) };
}

/** Each item alone: a bad one is told of, and the others are none the worse. */
export function readItems(items: readonly unknown[], teller: Teller): { changes: HeardChange[]; bad: BadItem[] } {
  const changes: HeardChange[] = [];
  const bad: BadItem[] = [];
  for (const item of items) {
    const read = readItem(item, teller);
    if ("bad" in read) bad.push(read.bad);
    else changes.push(read.change);
  }
  return { changes, bad };
}
