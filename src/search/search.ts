/**
 * Search: words, places, times and meaning.
 *
 * 1. The query is read (parse-query.ts) and, where vectors serve, made into one (query-vector.ts).
 * 2. Attempts are made until one finds words: all of them, their corrections, what phrases such as "this weekend" leave
 *    over, any of them (attempt.ts). A later page makes the very attempt that its cursor names.
 * 3. hybrid and semantic: the legs are fused into a head of fixed order, kept in the cursor (head.ts).
 * 4. Behind it, or from the start, the words' matches in stretches, each ranked in itself (walk.ts).
 * 5. What is shown of the hits (present.ts).
 *
 * Nothing here asks another node.
 */
import type { Database } from "../db/database.ts";
import type { Reader } from "../db/handle.ts";
import { commonLexemes, completions } from "../db/search-words.ts";
import type { Clock } from "../domain/clock.ts";
import { RegistryError } from "../domain/errors.ts";
import { answerOf, nothing, type Page, type Rows } from "./answer.ts";
import { attemptOf, type Attempt, type Rung } from "./attempt.ts";
import { BOUNDS, type Bounds } from "./bounds.ts";
import { corrected } from "./correct.ts";
import { criteriaOf } from "./criteria.ts";
import { facetsOf } from "./facets.ts";
import { headOf, resumeHead, similarTo, type HeadRow } from "./head.ts";
import { parseQuery, printQuery, significant, type ParsedQuery } from "./parse-query.ts";
import { decodePosition, packHead, unpackHead, type HeadEntry, type Position } from "./position.ts";
import type { Ranked } from "./present.ts";
import type { QueryVector, ToVector } from "./query-vector.ts";
import type { SearchAnswer, SearchFilters, SearchHit, SearchMode, SearchRequest, Suggestion } from "./request.ts";
import { understand, type Understood } from "./understood.ts";
import { walkPage } from "./walk.ts";
import type { Commonness } from "./terms.ts";

export interface SearchParts {
  database: Database;
  clock: Clock;
  toVector: ToVector;
  bounds?: Bounds;
}

export interface Search {
  /** One page. Throws `invalid_query` and `invalid_cursor`. */
  find(request: SearchRequest): Promise<SearchAnswer>;
  /** Events like this one (uuid), the most alike first; undefined where it cannot be found by search. */
  similar(id: string, options: { filters: SearchFilters; limit: number }): Promise<SearchHit[]>;
  /** Completions of what is being typed. */
  suggest(text: string, limit: number): Promise<Suggestion[]>;
}

/** How long the shares of common words are kept: they change with ANALYZE. */
const COMMONNESS_KEPT = 10 * 60 * 1000;

export function createSearch({ database, clock, toVector, bounds = BOUNDS }: SearchParts): Search {
  let common: { value: Commonness; until: number } | undefined;
  const commonness = async (on: Reader): Promise<Commonness> => {
    const now = clock().getTime();
    if (common === undefined || common.until <= now) common = { value: await commonLexemes(on), until: now + COMMONNESS_KEPT };
    return common.value;
  };

  return {
    async find(request) {
      check(request);
      const position = request.after === undefined ? undefined : decodePosition(request.after, request.bound);
      const typed = request.q === undefined ? undefined : parseQuery(request.q);
      const asked = position?.q === undefined ? typed : parseQuery(position.q);
      const wordless = asked !== undefined && asked.groups.length === 0;
      if (wordless) return nothing(request, "lexical", bounds);
      const mode = modeOf(request, asked);
      const vector = mode === "lexical" || position !== undefined ? undefined : await toVector(database, asked!.text);
      return database.read(async (on) => {
        const page: Page = { on, request, bounds, common: await commonness(on), now: Date.parse(position?.now ?? clock().toISOString()) };
        return position === undefined
          ? firstPage(page, asked, vector, vector === undefined ? "lexical" : mode)
          : laterPage(page, asked, position);
      });
    },
    similar: (id, options) => database.read((on) => similarTo(on, id, { ...options, now: clock().getTime() }, bounds)),
    suggest: (text, limit) => database.read(async (on) => suggestions(await completions(on, text, limit), limit)),
  };
}

function check({ q, mode, sort, filters }: SearchRequest): void {
  const wrong = (name: string, detail: string) => new RegistryError("invalid_query", { detail: `${name}: ${detail}`, pointer: `/${name}` });
  if (sort === "distance" && filters.near === undefined) throw wrong("sort", "distance is that from `near`; give it too.");
  if (mode === "semantic" && q === undefined) throw wrong("mode", "semantic compares meanings with that of `q`; give it too.");
  if (mode === "semantic" && sort !== "relevance") throw wrong("sort", "semantic has one order, relevance.");
}

function modeOf({ mode, sort, strict }: SearchRequest, asked: ParsedQuery | undefined): Exclude<SearchMode, "auto"> {
  if (asked === undefined || sort !== "relevance") return "lexical";
  if (mode !== "auto") return mode;
  return asked.literal || strict === true ? "lexical" : "hybrid";
}

/** The attempts in their order, until one finds something. */
async function firstPage(
  page: Page,
  asked: ParsedQuery | undefined,
  vector: QueryVector | undefined,
  mode: SearchAnswer["mode"],
): Promise<SearchAnswer> {
  const { on, request, bounds, common, now } = page;
  const criteria = await criteriaOf(on, request.filters, now);
  const understood =
    asked === undefined || request.strict === true ? undefined : await understand(on, asked, request.filters, now, request.timezone);
  let best: { answer: SearchAnswer; found: boolean } | undefined;
  const attempt = async (rung: Rung, parsed: ParsedQuery | undefined, instead?: ParsedQuery): Promise<boolean> => {
    const from = rung === "intent" ? understood!.criteria : criteria;
    const made = await attemptOf(on, parsed && significant(parsed), from, request, { rung, now, common, bounds });
    if (made === undefined) return false;
    best = await settle(page, made, { asked: instead, understood, vector, mode, criteria });
    return best.found;
  };
  const enough = (await attempt("all", asked)) || (asked !== undefined && request.strict !== true && (await others()));
  async function others(): Promise<boolean> {
    if (understood !== undefined && mode === "lexical" && (await attempt("intent", understood.rest))) return true;
    const better = await corrected(on, significant(asked!));
    if (better !== undefined && (await attempt("all", better, better))) return true;
    return attempt("any", better ?? asked, better);
  }
  return enough || best !== undefined ? best!.answer : nothing(request, mode, bounds);
}

/** An attempt carried out: the head where there is one, then the walk. `found` is false where no event has the words. */
async function settle(
  page: Page,
  made: Attempt,
  how: {
    asked: ParsedQuery | undefined;
    understood: Understood | undefined;
    vector: QueryVector | undefined;
    mode: SearchAnswer["mode"];
    criteria: Awaited<ReturnType<typeof criteriaOf>>;
  },
): Promise<{ answer: SearchAnswer; found: boolean }> {
  const { on, request, bounds, common, now } = page;
  const { vector, understood, mode } = how;
  const position: Position = {
    ...(how.asked && { q: printQuery(how.asked) }),
    rung: made.rung,
    mode,
    weights: [...(made.terms?.weights ?? [])],
    ...(made.terms?.kept && { kept: [...made.terms.kept] }),
    now: new Date(now).toISOString(),
    total: [0, "exact"],
    walk: made.walk,
  };
  let head: HeadRow[] = [];
  let found = true;
  if (vector !== undefined && mode !== "lexical") {
    const fused = await headOf(on, { made, understood, vector, mode, criteria: how.criteria, request, common, bounds, now });
    head = fused.rows;
    found = mode === "semantic" || fused.byWords > 0;
    position.total = fused.total;
    position.head = packHead(head.map(({ entry }) => entry));
    position.at = 0;
  }
  const result = await pageFrom(page, made, position, head);
  if (vector === undefined || mode === "lexical") {
    found = result.candidates > 0;
    position.total =
      result.complete && result.candidates <= bounds.ranked
        ? [result.candidates, "exact"]
        : [Math.max(made.expected!, result.candidates), "estimate"];
  }
  const answer = await answerOf(page, made, position, result, how.asked, understood);
  const counts = request.facets.length > 0 && (await facetsOf(on, made.wanted, request.facets, made.expected!));
  return { answer: { ...answer, ...counts }, found };
}

async function laterPage(page: Page, asked: ParsedQuery | undefined, position: Position): Promise<SearchAnswer> {
  const { on, request, bounds, common, now } = page;
  const criteria = await criteriaOf(on, request.filters, now);
  const understood =
    asked === undefined || request.strict === true ? undefined : await understand(on, asked, request.filters, now, request.timezone);
  const intent = position.rung === "intent" ? understood : undefined;
  const parsed = intent === undefined ? asked : intent.rest;
  const made = await attemptOf(on, parsed && significant(parsed), intent?.criteria ?? criteria, request, {
    rung: position.rung,
    now,
    common,
    bounds,
    begun: { weights: position.weights, ...(position.kept && { kept: position.kept }), walk: position.walk },
  });
  if (made === undefined) return nothing(request, position.mode, bounds);
  const head =
    position.head === undefined || position.at === undefined
      ? []
      : await resumeHead(
          on,
          { ...criteria, ...(made.wanted.beyond && { beyond: made.wanted.beyond }) },
          unpackHead(position.head).slice(position.at),
        );
  const result = await pageFrom(page, made, position, head);
  return answerOf(page, made, position, result, position.q === undefined ? undefined : asked, understood);
}

/** What is left of the head, then the walk. */
async function pageFrom({ on, request, bounds }: Page, made: Attempt, position: Position, head: readonly HeadRow[]): Promise<Rows> {
  const { limit } = request;
  const rows: Ranked[] = head.slice(0, limit);
  const entries: HeadEntry[] = position.head === undefined ? [] : unpackHead(position.head);
  const { last, at = 0, ...kept } = position;
  const taken = head.length > limit ? at + entries.slice(at).findIndex(({ id }) => id === head[limit - 1]!.id) + 1 : entries.length;
  const none = { candidates: 0, complete: true, first: made.walk };
  if (head.length > limit) return { ...none, rows, next: { ...kept, at: taken } };
  // Only the nearest are known; what lies behind them has no order worth the name.
  if (position.mode === "semantic") return { ...none, rows };
  const wanted = entries.length === 0 ? made.wanted : { ...made.wanted, not: entries.map(({ id }) => id) };
  const { next, ...walked } = await walkPage(on, wanted, made.order, {
    limit: limit - rows.length,
    walk: made.walk,
    last,
    extent: made.extent,
    bound: bounds.ranked,
  });
  const wordless = made.terms === undefined;
  rows.push(...walked.rows.map((row, i): Ranked => ({ ...row, legs: wordless ? [] : [{ leg: "words", rank: entries.length + i + 1 }] })));
  return { ...walked, rows, ...(next && { next: { ...kept, at: entries.length, ...next } }) };
}

function suggestions(found: Awaited<ReturnType<typeof completions>>, limit: number): Suggestion[] {
  const seen = new Set<string>();
  const unique = found.filter(({ text, kind }) => !seen.has(`${kind} ${text.toLowerCase()}`) && seen.add(`${kind} ${text.toLowerCase()}`));
  return unique.slice(0, limit).map(({ text, kind, id, federationUri }) => ({
    text,
    kind,
    ...(id !== null && { ref: { id, ...(federationUri !== null && { uri: federationUri }) } }),
  }));
}
