/**
 * One way to understand a search, and its first page: all words, the words left over from phrases such as "this
 * weekend" with those phrases as filters, or any of the words. search.ts tries them in turn.
 */
import type { Reader } from "../db/handle.ts";
import { timesOfEvents } from "../db/search-extent.ts";
import { searchBeyond } from "../db/search-beyond.ts";
import type { Wanted } from "../db/search-found.ts";
import { estimate, type Order } from "../db/search-ranked.ts";
import type { Bounds } from "./bounds.ts";
import { beginningOf, endOf } from "./cells.ts";
import type { ParsedQuery } from "./parse-query.ts";
import type { SearchRequest, SearchSort } from "./request.ts";
import { termsOf, type Commonness, type Terms } from "./terms.ts";
import { beginning, type Extent } from "./walk.ts";
import type { Walk } from "./position.ts";

export type Rung = "all" | "intent" | "any";

export interface Attempt {
  rung: Rung;
  wanted: Wanted;
  /** Undefined for a search without words. */
  terms?: Terms;
  order: Order;
  /** What the planner expects to be found; a later page asks it only to tell. */
  expected?: number;
  walk: Walk;
  extent: Extent | undefined;
}

/** What the first page decided, for a later one. */
export interface Begun {
  weights: readonly number[];
  kept?: readonly number[];
  walk: Walk;
}

/** Undefined where nothing can be found: no word of the query is one to the index, or no event lies in the window. */
export async function attemptOf(
  on: Reader,
  parsed: ParsedQuery | undefined,
  criteria: Wanted,
  request: SearchRequest,
  { rung, now, common, bounds, begun }: { rung: Rung; now: number; common: Commonness; bounds: Bounds; begun?: Begun },
): Promise<Attempt | undefined> {
  const options = { synonyms: request.strict !== true, join: rung === "any" ? ("any" as const) : ("all" as const), ...begun };
  const terms = parsed === undefined ? undefined : await termsOf(on, parsed, options, common);
  if (parsed !== undefined && terms === undefined) return undefined;
  const order = orderOf(request.sort, terms);
  const asked: Wanted = {
    ...criteria,
    ...(terms?.match && { match: terms.match }),
    ...(terms?.without && { without: terms.without }),
    ...(order.by === "start" && order.descending && { latest: true }),
  };
  const beyond = await searchBeyond(on, asked);
  const wanted: Wanted = { ...asked, ...(beyond && { beyond }) };
  const expected = begun === undefined || request.explain ? await estimate(on, wanted) : undefined;
  const backwards = order.by === "start" && order.descending;
  let extent: Extent | undefined;
  // A rank must be known of many before the first can be shown; what goes by time or distance can come in smaller pieces.
  const share = order.by === "score" ? 1 : 1 / 4;
  // A walk that was begun in stretches goes on in stretches, whatever is expected by now.
  if (begun === undefined ? expected! > bounds.whole * share : begun.walk.size !== undefined) {
    extent = order.by === "distance" ? criteria.exactly.near! : await window(on, wanted, order.by === "score" ? now : undefined);
    if (extent === undefined) return undefined;
  }
  return {
    rung,
    wanted,
    ...(terms && { terms }),
    order,
    ...(expected !== undefined && { expected }),
    walk:
      begun?.walk ?? (await beginning(on, { backwards, expected: expected!, extent, bound: bounds.ranked * share, venues: bounds.ring })),
    extent,
  };
}

function orderOf(sort: SearchSort, terms: Terms | undefined): Order {
  if (sort === "distance") return { by: "distance", descending: false };
  if (sort === "relevance" && terms?.match !== undefined) return { by: "score", ranking: terms.ranking };
  return { by: "start", descending: sort === "-start" };
}

/** The time that is asked about, as far as there are events; without a first day, what is ahead comes first. */
async function window(
  on: Reader,
  { exactly: { startDate, endDate, starts }, beyond }: Wanted,
  now: number | undefined,
): Promise<Extent | undefined> {
  const times = await timesOfEvents(on);
  if (times === undefined) return undefined;
  const least = Math.max(
    Math.min(times.least, beyond?.least ?? Infinity),
    startDate === undefined ? -Infinity : beginningOf(startDate),
    starts?.from ?? -Infinity,
  );
  const most = Math.min(
    Math.max(times.most, beyond?.most ?? -Infinity),
    endDate === undefined ? Infinity : endOf(endDate),
    starts?.until ?? Infinity,
  );
  if (least > most) return undefined;
  // Of the moment alone and not of what there is: events that come and go between two pages must not move it.
  const pivot = now === undefined || startDate !== undefined || starts?.from !== undefined || now <= least ? undefined : now;
  return { least, most, ...(pivot !== undefined && { pivot }) };
}
