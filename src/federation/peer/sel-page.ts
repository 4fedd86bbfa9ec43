/**
 * A page of a feed that speaks SEL and no more: nothing proves its order, its positions may have gaps, its last page has no cursor.
 * Servers differ in what they take for a query; each refusal that names a parameter is heeded once.
 */
import { z } from "zod";
import { assertPage, problemOf, type Answered } from "./answers.ts";
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

/** How this server wants to be asked; learnt from its refusals, for one run. */
export interface SelWays {
  since: "since" | "after";
  /** Many send no snapshots unless they are asked for. */
  snapshots: boolean;
  limit: number | undefined;
}
export const newWays = (limit: number): SelWays => ({ since: "since", snapshots: true, limit });

/** Most that every server takes. */
const MODEST_LIMIT = 100;

const GAPS: Readonly<Record<SelGap, string>> = {
  "no snapshot": "changes without a snapshot could not be read",
  "no tombstone": "deletions without a tombstone have one made here",
  "no position": "changes bear no position, they are counted in the order in which they came",
};
const ALWAYS = [
  "nothing proves the order or that all is there",
  "what was deleted before the first look, or lost when the node was restored, is not told",
];

/** Throws as `readPage`. `last`: the feed ends here for now. */
export async function readSelPage(run: Run, start: PageStart, ways: SelWays): Promise<VerifiedPage & { last: boolean }> {
  const page = await askSel(run, start, ways);
  for (const gap of ALWAYS) run.gaps.add(gap);
  const items = page.changes ?? page.items ?? [];
  const read = readSelItems(run, items, start);
  if (items.length > 0 && read.fresh === 0 && (start.cursor ?? "") !== "" && read.behind) {
    // A server that knows only the other name begins again at the beginning.
    if (ways.since === "after") throw alarmed("positions", `after position ${start.position} it gives ${read.first} and nothing newer`);
    ways.since = "after";
    return readSelPage(run, start, ways);
  }
  const next = page.next_cursor ?? "";
  if (next !== "" && next === start.cursor && read.fresh > 0)
    throw alarmed("positions", `its page after position ${start.position} leads back to its own beginning`);
  const nextCursor = next || cursorLike([start.cursor, page.cursor], read.position) || (start.cursor ?? "");
  const { changes, bad, position } = read;
  const last = next === "" || items.length === 0 || next === start.cursor;
  return { since: start.cursor, nextCursor, epoch: null, position, hash: null, head: null, changes, bad, last };
}

function readSelItems(run: Run, items: readonly unknown[], start: PageStart) {
  const teller = { base: run.peer.base, epoch: "", itemBytes: run.limits.itemBytes };
  const behindCursor = cursorPosition(start.cursor);
  const changes: VerifiedPage["changes"] = [];
  const bad: BadItem[] = [];
  let [before, fresh, behind] = [-1, 0, false];
  let first: number | undefined;
  let position = start.position;
  for (const item of items) {
    const { read, position: at, gaps } = readSelItem(item, teller, Math.max(before, position));
    for (const gap of gaps) run.gaps.add(GAPS[gap]);
    if (at <= before && !("bad" in read)) throw alarmed("positions", `position ${at} comes after ${before}`);
    before = Math.max(before, at);
    first ??= at;
    if (behindCursor !== undefined && at <= behindCursor) behind = true;
    if (at <= start.position && !("bad" in read)) continue; // known: the cursor stands before the position where the last page gave none
    fresh += 1;
    position = Math.max(position, at);
    if ("bad" in read) bad.push(read.bad);
    else changes.push(read.change);
  }
  return { changes, bad, position, fresh, behind, first };
}

async function askSel(run: Run, { cursor: since }: PageStart, ways: SelWays): Promise<z.infer<typeof pageForm>> {
  const asked = (since ?? "") !== "";
  let answer: Answered & { body: Buffer };
  do {
    const query = { limit: ways.limit, [ways.since]: since ?? undefined, include_snapshot: ways.snapshots ? "true" : undefined };
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
  if (withCursor && ways.since === "since" && unknown && /\bsince\b/.test(refusal)) {
    ways.since = "after";
    return true;
  }
  return false;
}
