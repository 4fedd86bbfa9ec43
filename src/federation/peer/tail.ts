/** The tail: page after page from where we stand up to the head. Each is applied and the cursor moved in one transaction, or not at all. */
import type { SelCursorName } from "../../domain/peer.ts";
import { alarmed, PageTooLarge, PeerFault } from "./faults.ts";
import type { VerifiedPage } from "./ports.ts";
import { readPage, type PageStart } from "./read-page.ts";
import { reread, tally, timeIsUp, type Run } from "./run.ts";
import { newWays, readSelPage } from "./sel-page.ts";

/** How a page is asked for, whatever the dialect. `last`: there is no more for now. */
export type NextPage = (start: PageStart) => Promise<VerifiedPage & { last: boolean }>;

/** A reader of pages that asks for fewer items where a page is too large, and for more again. */
export function pageReader(run: Run): NextPage {
  const { pageItems } = run.limits;
  if (run.peer.dialect === "sel") {
    const ways = newWays(pageItems, run.profile.cursorName);
    return async (start) => {
      const page = await readSelPage(run, start, ways);
      await keepCursorName(run, ways.cursorName);
      return page;
    };
  }
  // On a line where whole pages have failed, smaller ones may come through.
  let limit = Math.max(1, Math.floor(pageItems / 10 ** Math.min(run.peer.failures, 2)));
  let most = pageItems;
  return async (start) => {
    for (;;) {
      try {
        const page = await readPage(run, start, limit);
        limit = Math.min(most, limit * 4);
        const empty = page.changes.length + page.bad.length === 0;
        if (empty && page.position < (page.head ?? 0))
          throw new PeerFault(`it gives pages without an end: its head is ${page.head}, and after ${page.position} comes nothing`);
        return { ...page, last: empty || page.position >= (page.head ?? 0) };
      } catch (error) {
        if (!(error instanceof PageTooLarge)) throw error;
        if (limit === 1) throw alarmed("unreadable", `the item after position ${start.position} is too large: ${error.message}`);
        // At once as few as may be, as each page that is too large is read up to its bound before that is known; then more again, but
        // not as many.
        most = Math.ceil(limit / 2);
        limit = 1;
      }
    }
  };
}

/** So that the next pull need not learn it again, for the price of a first page. */
async function keepCursorName(run: Run, cursorName: SelCursorName): Promise<void> {
  if (cursorName === (run.profile.cursorName ?? "since")) return;
  run.profile = { ...run.profile, cursorName };
  await run.parts.store.keepProfile(run.peer.id, run.profile);
}

/** A feed that repeats what is known does so for a page or two. */
const MOST_STANDSTILL = 20;

/** Returns true where more is there than one run may read. Throws what the reader throws, and Moved. */
export async function pullTail(run: Run, next: NextPage): Promise<boolean> {
  const { store, signal } = run.parts;
  let standstill = 0;
  for (let pages = 0; pages < run.limits.pages && !timeIsUp(run); pages++) {
    signal?.throwIfAborted();
    const page = await next(run.peer);
    standstill = page.position > run.peer.position ? 0 : standstill + 1;
    if (standstill > MOST_STANDSTILL)
      throw new PeerFault(`it gives pages without an end: ${standstill} of them tell nothing after position ${page.position}`);
    run.head = page.head ?? run.head;
    const news =
      page.changes.length + page.bad.length > 0 || page.position !== run.peer.position || page.nextCursor !== (run.peer.cursor ?? "");
    if (news) {
      const { last: _last, ...verified } = page;
      tally(run, await store.applyPage(run.peer.id, run.id, verified));
      await reread(run);
    }
    if (page.last) return false;
  }
  return true;
}
