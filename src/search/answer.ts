/** What is said of a page: its hits, where it goes on, how many there are, and what was done to find them. */
import type { Reader } from "../db/handle.ts";
import type { Attempt } from "./attempt.ts";
import type { Bounds } from "./bounds.ts";
import type { ParsedQuery } from "./parse-query.ts";
import { encodePosition, type Position, type Walk } from "./position.ts";
import { present, type Ranked } from "./present.ts";
import type { SearchAnswer, SearchRequest } from "./request.ts";
import type { Commonness } from "./terms.ts";
import type { Understood } from "./understood.ts";
import { endsOf } from "./walk.ts";

/** What every step of one page is handed. */
export interface Page {
  on: Reader;
  request: SearchRequest;
  bounds: Bounds;
  common: Commonness;
  now: number;
}

/** What was found for the page. */
export interface Rows {
  rows: Ranked[];
  next?: Position;
  candidates: number;
  complete: boolean;
  first: Walk;
}

/** More tags than these are not told one by one. */
const TAGS_TOLD = 12;

export async function answerOf(
  { on, request, bounds }: Page,
  made: Attempt,
  position: Position,
  { rows, next, first: stretch }: Rows,
  instead: ParsedQuery | undefined,
  understood: Understood | undefined,
): Promise<SearchAnswer> {
  const complete = stretch.size === undefined && stretch.cut === undefined;
  const { from, until } = endsOf(stretch);
  return {
    hits: await present(on, rows, made.terms, request.highlight),
    ...(next && { next: encodePosition({ ...next, total: position.total }, request.bound) }),
    total: { value: position.total[0], relation: position.total[1] },
    mode: position.mode,
    ranked: {
      bound: bounds.ranked,
      complete,
      ...(from && { from: String(from.key) }),
      ...(until && { until: String(until.key) }),
    },
    ...(made.wanted.beyond?.cut && { completeUntil: made.wanted.beyond.cut.until ?? null }),
    ...(instead && { resultsFor: instead.text }),
    relaxed: made.rung === "any" && rows.some((row) => row.legs.some(({ leg }) => leg === "words")),
    // Words that were found as they stand were not read as anything else.
    understood: position.mode === "hybrid" || made.rung === "intent" ? (understood?.phrases ?? []) : [],
    ...(request.explain && {
      explain: {
        rung: made.rung,
        match: made.wanted.match ?? null,
        without: made.wanted.without ?? null,
        terms: made.terms?.ranking.terms ?? [],
        tags: {
          all: made.wanted.all,
          anyOf: [...made.wanted.anyOf, ...made.wanted.timely].map((tags) =>
            tags.length > TAGS_TOLD ? [...tags.slice(0, TAGS_TOLD), `and ${tags.length - TAGS_TOLD} more`] : tags,
          ),
        },
        expected: made.expected,
        stretch,
      },
    }),
  };
}

/** The answer to what can have none. */
export function nothing(request: SearchRequest, mode: SearchAnswer["mode"], bounds: Bounds): SearchAnswer {
  return {
    hits: [],
    total: { value: 0, relation: "exact" },
    mode,
    ranked: { bound: bounds.ranked, complete: true },
    relaxed: false,
    understood: [],
    ...(request.facets.length > 0 && { facets: {}, facetsExact: true }),
  };
}
