/**
 * A page of a feed that speaks SEL and no more: nothing proves its order, its positions may have gaps, its last page has no cursor.
 * Servers differ in what they take for a query; each refusal that names a parameter is heeded once.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { assertPage, problemOf, type Answered } from "./answers.ts";
import type { SelCursorName } from "../../domain/peer.ts";
import { alarmed } from "./faults.ts";
import { getPage, pageAs, withQuery } from "./get-page.ts";
import type { BadItem, VerifiedPage } from "./ports.ts";
import { cursorForm, type PageStart } from "./read-page.ts";
import type { Run } from "./run.ts";
import { cursorLike, cursorPosition } from "./sel-cursor.ts";
import { readSelItem, type SelGap } from "./sel-item.ts";

const cursor = z.union([cursorForm, z.literal("")]).nullish();
const pageForm = z.looseObject({
  changes: z.array(z.unknown()).nullish(),
  items: z.array(z.unknown()).nullish(),
  cursor,
  next_cursor: cursor,
});

/** How this server wants to be asked; learnt from its refusals. */
export interface SelWays {
  cursorName: SelCursorName;
  /** Both names were tried in this run. */
  turned: boolean;
  /** Many send no snapshots unless they are asked for. */
  snapshots: boolean;
  limit: number | undefined;
}
export const newWays = (limit: number, cursorName: SelCursorName = "since"): SelWays => ({
  cursorName,
  turned: false,
  snapshots: true,
  limit,
});
const turn = (ways: SelWays): void => {
  ways.cursorName = ways.cursorName === "since" ? "after" : "since";
  ways.turned = true;
};

/** Most that every server takes. */
const MODEST_LIMIT = 100;

const GAPS: Readonly<Record<SelGap, string>> = {
  "no snapshot": "changes without a snapshot could not be read",
  "no tombstone": "deletions without a tombstone have one made here",
  "no position": "changes bear no position, they are counted in the order in which they came",
};
const ALWAYS = [
  "nothing proves the order or that all is there",
  "what was deleted before the first look is not told, nor that the node was restored from a backup (resync it then, else what is new there may be missed)",
];

/** Throws as `readPage`. `last`: the feed ends here for now. */
export async function readSelPage(run: Run, start: PageStart, ways: SelWays): Promise<VerifiedPage & { last: boolean }> {
  const page = await askSel(run, start, ways);
  for (const gap of ALWAYS) run.gaps.add(gap);
  const items = page.changes ?? page.items ?? [];
  const read = readSelItems(run, items, start);
  const next = page.next_cursor ?? "";
  const nothingNewer = items.length > 0 && read.fresh === 0 && (start.cursor ?? "") !== "" && read.behind;
  const leadsBack = next !== "" && next === start.cursor && read.fresh > 0;
  if (nothingNewer || leadsBack) {
    // A server that knows only the other name begins again at the beginning.
    if (!ways.turned) {
      turn(ways);
      return readSelPage(run, start, ways);
    }
    throw alarmed(
      "positions",
      leadsBack
        ? `its page after position ${start.position} leads back to its own beginning`
        : `after position ${start.position} it gives ${read.first} and nothing newer`,
    );
  }
  const { changes, bad, position } = read;
  const made = read.fresh === 0 || read.counted ? undefined : cursorLike([start.cursor, page.cursor], position);
  const nextCursor = next || made || (start.cursor ?? "");
  const last = next === "" || items.length === 0 || next === start.cursor;
  return {
    since: start.cursor,
    nextCursor,
    epoch: null,
    position,
    hash: hashAfter(items, start, nextCursor),
    head: null,
    changes,
    bad,
    last,
  };
}

/** One over the first item, over the first two, and so on. */
function* hashesOver(items: readonly unknown[]): Generator<string> {
  let hash = "";
  for (const item of items) {
    hash = createHash("sha256").update(hash).update(JSON.stringify(item)).digest("hex");
    yield hash;
  }
}

/** Where the cursor stays, the page comes again: what is on it is known by its hash, which stands where a proven feed has its own. */
function hashAfter(items: readonly unknown[], start: PageStart, nextCursor: string): string | null {
  if (nextCursor !== (start.cursor ?? "")) return null;
  return items.length === 0 ? start.hash || null : [...hashesOver(items)].at(-1)!;
}

/** How many of a page's items, from its first, were read when the page was read before. */
function readBefore(items: readonly unknown[], { hash }: PageStart): number {
  return hash === null || hash === "" ? 0 : [...hashesOver(items)].indexOf(hash) + 1;
}

function readSelItems(run: Run, items: readonly unknown[], start: PageStart) {
  const teller = { base: run.peer.base, epoch: "", itemBytes: run.limits.itemBytes };
  const behindCursor = cursorPosition(start.cursor);
  const changes: VerifiedPage["changes"] = [];
  const bad: BadItem[] = [];
  let [before, fresh, behind, counted] = [-1, 0, false, false];
  let first: number | undefined;
  let position = start.position;
  for (const item of items.slice(readBefore(items, start))) {
    const { read, position: own, gaps } = readSelItem(item, teller, Math.max(before, position));
    for (const gap of gaps) run.gaps.add(GAPS[gap]);
    if (gaps.includes("no position")) counted = true;
    const at = own ?? Math.max(before, position);
    if (at <= before && !("bad" in read)) throw alarmed("positions", `position ${at} comes after ${before}`);
    before = Math.max(before, at);
    first ??= at;
    if (behindCursor !== undefined && at <= behindCursor) behind = true;
    if (own !== undefined && own <= start.position) continue; // known: the cursor stands before the position where the last page gave none
    fresh += 1;
    position = Math.max(position, at);
    if ("bad" in read) bad.push(read.bad);
    else changes.push(read.change);
  }
  return { changes, bad, position, fresh, behind, counted, first };
}

async function askSel(run: Run, { cursor: since }: PageStart, ways: SelWays): Promise<z.infer<typeof pageForm>> {
  const asked = (since ?? "") !== "";
  let answer: Answered & { body: Buffer };
  do {
    const query = { limit: ways.limit, [ways.cursorName]: since ?? undefined, include_snapshot: ways.snapshots ? "true" : undefined };
    answer = await getPage(run, withQuery(run.profile.feed, query));
  } while (answer.status === 400 && learn(ways, problemOf(answer).detail, asked));
  assertPage(answer, run.parts.clock, asked);
  const page = pageAs(answer.body, pageForm, "a page of it is no page of a feed");
  if (page.changes === undefined && page.items === undefined) throw alarmed("unreadable", "a page of it has no changes");
  return page;
}

/** True where another way of asking is left to try. */
function learn(ways: SelWays, refusal: string, withCursor: boolean): boolean {
  const unknown = /unknown|unexpected|unrecogni[sz]ed|not (allowed|supported|known)|no such/i.test(refusal);
  if (ways.snapshots && /include_snapshot/.test(refusal)) {
    ways.snapshots = false;
    return true;
  }
  if (ways.limit !== undefined && /\blimit\b/i.test(refusal)) {
    ways.limit = ways.limit > MODEST_LIMIT ? MODEST_LIMIT : undefined;
    return true;
  }
  if (withCursor && !ways.turned && unknown && new RegExp(`\\b${ways.cursorName}\\b`).test(refusal)) {
    turn(ways);
    return true;
  }
  return false;
}
