/**
 * Where results are too many to rank at once, they come in stretches: of time, from the beginning of the window (or from
 * now, then back from now), or of distance, from the middle outwards. A stretch of time is so long that about as many
 * candidates lie in it as may be ranked, one of distance so wide that a number of venues do; each is ranked in itself, so
 * no event's place depends on events elsewhere.
 */
import { placesInRing, reachOf } from "../db/search-extent.ts";
import type { Circle } from "../db/event-conditions.ts";
import type { Tier, Wanted } from "../db/search-found.ts";
import { readTier, type Found, type Order } from "../db/search-ranked.ts";
import type { Reader } from "../db/handle.ts";
import { boxAround, cellsOf, DAY, dayOf, timesOf } from "./cells.ts";
import type { Walk } from "./position.ts";

/** Before and after every id. */
const LOWEST = "00000000-0000-0000-0000-000000000000";
/** A page gives up on filling itself after so many stretches; its cursor goes on. */
const MOST_STRETCHES = 5;
/** Of so many venues is a ring at most: each has its own tag. */
const MOST_VENUES = 512;
/** A venue that no event has. */
const NO_VENUE = "venue:none";
/** What the database can read as RFC 3339. */
const FIRST = Date.parse("0001-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/** The whole: from when to when, as instants in milliseconds, or how far around a point. */
export type Extent = Times | Circle;
export interface Times {
  least: number;
  most: number;
  /** After the way forward from here comes the way back. */
  pivot?: number;
}

export interface WalkedPage {
  rows: Found[];
  /** Where the next page goes on; absent at the end. */
  next?: { walk: Walk; last?: { key: number | string; id: string } };
  /** Candidates of these stretches, and whether they were the whole. */
  candidates: number;
  complete: boolean;
  /** The first of these stretches. */
  first: Walk;
}

const instant = (milliseconds: number) => new Date(milliseconds).toISOString();
const wholeDay = (milliseconds: number, days: number) => (dayOf(milliseconds) + days) * DAY;

/** The first stretch: all of it where few enough are expected (no extent), else so long that about `bound` of the `expected` ones lie in it. */
export async function beginning(
  on: Reader,
  {
    backwards,
    expected,
    extent,
    bound,
    venues,
  }: { backwards: boolean; expected: number; extent: Extent | undefined; bound: number; venues: number },
): Promise<Walk> {
  if (extent === undefined) return { backwards };
  if ("radius" in extent) return ring(on, extent, 0, venues);
  const days = Math.max(1, (extent.most - extent.least) / DAY);
  const size = Math.max(1, Math.floor((bound * days) / expected));
  // The last of all is within the first stretch back; where nothing is ahead of the pivot, the way back is all there is.
  if (backwards) return stretch(wholeDay(extent.most, 1), true, size);
  if (extent.pivot !== undefined && extent.pivot > extent.most) return stretch(extent.pivot, true, size);
  return stretch(extent.pivot ?? extent.least, false, size);
}

function stretch(near: number, backwards: boolean, size: number): Walk {
  const far = Math.min(LAST, Math.max(FIRST, wholeDay(near, backwards ? -size : size)));
  const [from, until] = backwards ? [far, near] : [near, far];
  return { backwards, size, from: { key: instant(from), id: LOWEST }, until: { key: instant(until), id: LOWEST } };
}

/** From so many metres outwards, so far that about so many venues lie in it; the last one has no end. */
async function ring(on: Reader, circle: Circle, from: number, venues: number): Promise<Walk> {
  const reach = await reachOf(on, circle, from, venues);
  const last = reach === undefined || reach >= circle.radius;
  return { backwards: false, size: venues, from: { key: from, id: LOWEST }, ...(!last && { until: { key: reach, id: LOWEST } }) };
}

/** The stretch after this one; undefined where there is no more. */
async function following(on: Reader, walk: Walk, extent: Extent | undefined): Promise<Walk | undefined> {
  if (walk.size === undefined || extent === undefined) return undefined;
  if ("radius" in extent) return walk.until && ring(on, extent, Number(walk.until.key), Math.min(MOST_VENUES, walk.size * 4));
  const size = walk.size * 2;
  const end = walk.backwards ? walk.from : walk.until;
  if (end === undefined) return undefined;
  const far = Date.parse(String(end.key));
  if (walk.backwards) return far <= Math.max(FIRST, extent.least) ? undefined : stretch(far, true, size);
  if (far <= extent.most && far < LAST) return stretch(far, false, size);
  return extent.pivot === undefined || extent.pivot <= extent.least ? undefined : stretch(extent.pivot, true, walk.size);
}

/** From where to where the stretch goes, as it was cut. */
export const endsOf = ({ backwards, from, until, cut }: Walk): Pick<Walk, "from" | "until"> =>
  backwards ? { from: cut ?? from, until } : { from, until: cut ?? until };

/** What lies in the stretch, with the coarse tags that let the index find it. */
export function within(wanted: Wanted, by: "start" | "distance", walk: Walk): Wanted {
  const { from, until } = endsOf(walk);
  const tier: Tier = { by, backwards: walk.backwards, ...(from && { from }), ...(until && { until }) };
  const times =
    // A cursor that somebody has made up may name a size and no ends.
    walk.size === undefined || by === "distance" || walk.from === undefined || walk.until === undefined
      ? undefined
      : timesOf(Date.parse(String(walk.from.key)), Date.parse(String(walk.until.key)));
  return { ...wanted, ...(times && { timely: [...wanted.timely, times] }), tier };
}

/** As `within` does it for time: in the middle of a city the smallest cell holds thousands of events, and a ring few venues. */
async function withinRing(on: Reader, wanted: Wanted, walk: Walk): Promise<Wanted> {
  const part = within(wanted, "distance", walk);
  const { near } = wanted.exactly;
  if (walk.size === undefined || near === undefined) return part;
  const radius = Number(walk.until?.key ?? near.radius);
  const venues = await placesInRing(on, near, { from: Number(walk.from?.key ?? 0), until: radius }, MOST_VENUES);
  // There can be more than the ring was made for: some came since, or many are in one spot.
  const tags =
    venues === undefined ? cellsOf(boxAround({ ...near, radius })) : venues.length === 0 ? [NO_VENUE] : venues.map((id) => `venue:${id}`);
  return tags === undefined ? part : { ...part, anyOf: [...part.anyOf, tags] };
}

/** One page from where `walk` and `last` say. */
export async function walkPage(
  on: Reader,
  wanted: Wanted,
  order: Order,
  page: { limit: number; walk: Walk; last: { key: number | string; id: string } | undefined; extent: Extent | undefined; bound: number },
): Promise<WalkedPage> {
  const by = order.by === "distance" ? "distance" : "start";
  const rows: Found[] = [];
  let { walk, last } = page;
  let first = walk;
  let candidates = 0;
  let complete = true;
  for (let stretches = 1; ; stretches++) {
    // A stretch that was begun keeps its ends, or what came into it meanwhile would push out what was shown already, to be
    // shown again: it may take in as many again.
    const bound = last === undefined ? page.bound : 2 * page.bound;
    const part = by === "distance" ? await withinRing(on, wanted, walk) : within(wanted, by, walk);
    const found = await readTier(on, part, order, { limit: page.limit - rows.length, after: last, bound });
    rows.push(...found.rows);
    candidates += found.candidates;
    if (found.cut !== null || walk.size !== undefined) complete = false;
    if (stretches === 1 && found.cut !== null) first = { ...walk, cut: found.cut };
    const done = { rows, candidates, complete, first };
    // The stretch is fixed where it was cut, so that later pages rank the same candidates among themselves.
    const cut = found.cut ?? walk.cut;
    if (found.more) {
      // Nothing was taken where nothing was asked for: a head can fill the page.
      const end = rows.at(-1);
      return { ...done, next: { walk: { ...walk, ...(cut && { cut }) }, ...(end && { last: { key: keyOf(end, order), id: end.id } }) } };
    }
    const { cut: _cut, ...whole } = walk;
    const next =
      cut === undefined ? await following(on, walk, page.extent) : { ...whole, ...(walk.backwards ? { until: cut } : { from: cut }) };
    if (next === undefined) return done;
    if (rows.length >= page.limit || stretches >= MOST_STRETCHES) return { ...done, next: { walk: next } };
    walk = next;
    last = undefined;
  }
}

const keyOf = (row: Found, order: Order): number | string =>
  order.by === "score" ? row.score! : order.by === "start" ? row.start : row.distance!;
