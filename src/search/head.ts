/**
 * The head of a hybrid or semantic search: the legs fused by reciprocal rank, at most three times DEPTH events. Ranks
 * depend on what else there is, so the head is made once and goes along in the cursor.
 */
import { readState } from "../db/entities.ts";
import { servingModel } from "../db/embeddings.ts";
import type { Reader } from "../db/handle.ts";
import type { Wanted } from "../db/search-found.ts";
import { vectorOf } from "../db/search-hits.ts";
import { DEPTH, estimate, readFound, readHead, type Fused, type Head, type Legs } from "../db/search-ranked.ts";
import { attemptOf, type Attempt } from "./attempt.ts";
import type { Bounds } from "./bounds.ts";
import { criteriaOf } from "./criteria.ts";
import { significant } from "./parse-query.ts";
import type { HeadEntry, Position } from "./position.ts";
import { legsOf, present, type Ranked } from "./present.ts";
import type { QueryVector } from "./query-vector.ts";
import type { SearchFilters, SearchHit, SearchRequest } from "./request.ts";
import type { Commonness } from "./terms.ts";
import type { Understood } from "./understood.ts";
import { within } from "./walk.ts";

export interface HeadRow extends Ranked {
  entry: HeadEntry;
}

/** How deep semantic goes alone. */
const SEMANTIC_DEPTH = 200;
/** Nearest is not near: among words' hits, what is less than half as alike as the most alike is noise. */
const FLOOR = { least: 0.1, floor: 0.5 };
const ANY = { least: -1, floor: 0 };
/** `onlyIntent`: the query is nothing but a time or a price, and its words are in few names. */
const WEIGHTS = { words: 1, intent: 1, onlyIntent: 2, meaning: 0.6 };

export async function headOf(
  on: Reader,
  {
    made,
    understood,
    vector,
    mode,
    criteria,
    request,
    common,
    bounds,
    now,
  }: {
    made: Attempt;
    understood: Understood | undefined;
    vector: QueryVector;
    mode: "semantic" | "hybrid" | "lexical";
    criteria: Wanted;
    request: SearchRequest;
    common: Commonness;
    bounds: Bounds;
    now: number;
  },
): Promise<{ rows: HeadRow[]; byWords: number; total: Position["total"] }> {
  const { without } = made.wanted;
  const passing: Wanted = { ...criteria, ...(without !== undefined && { without }) };
  const few = (await estimate(on, passing)) <= bounds.few;
  const depth = mode === "semantic" ? SEMANTIC_DEPTH : DEPTH;
  const meaning = {
    wanted: passing,
    meaning: { ...vector, exactly: few },
    weight: WEIGHTS.meaning,
    ...(mode === "semantic" ? ANY : FLOOR),
    depth,
  };
  const legs: Legs & Required<Pick<Legs, "meaning">> = { meaning };
  if (mode === "hybrid" && made.terms?.match !== undefined) {
    legs.words = { wanted: within(made.wanted, "start", made.walk), ranking: made.terms.ranking, weight: WEIGHTS.words };
    const intent =
      understood &&
      (await attemptOf(on, understood.rest && significant(understood.rest), understood.criteria, request, {
        rung: "intent",
        now,
        common,
        bounds,
      }));
    if (intent !== undefined) {
      legs.intent = {
        wanted: within(intent.wanted, "start", intent.walk),
        ranking: intent.terms?.ranking ?? { terms: [], name: "" },
        weight: understood!.rest === undefined ? WEIGHTS.onlyIntent : WEIGHTS.intent,
      };
    }
  }
  // By meaning alone there is nothing behind the head.
  const head = await enoughOf(on, legs, mode === "semantic" ? depth : Math.min(depth, request.limit), bounds);
  const rows = head.rows.map(rowOf);
  const exact = head.union !== null && made.walk.size === undefined;
  const value = mode === "semantic" ? rows.length : exact ? head.union! : Math.max(made.expected!, rows.length);
  return {
    rows,
    byWords: (head.gave.words ?? 0) + (head.gave.intent ?? 0),
    total: [value, mode === "semantic" || exact ? "exact" : "estimate"],
  };
}

/** The index gives up after so many neighbours that do not pass; those that do are then all compared. */
async function enoughOf(on: Reader, legs: Legs & Required<Pick<Legs, "meaning">>, enough: number, { ranked }: Bounds): Promise<Head> {
  const head = await readHead(on, legs, ranked);
  const { meaning } = legs.meaning;
  if (meaning.exactly || (head.gave.meaning ?? 0) >= enough) return head;
  return readHead(on, { ...legs, meaning: { ...legs.meaning, meaning: { ...meaning, exactly: true } } }, ranked);
}

function rowOf(row: Fused): HeadRow {
  const rank = (leg: keyof Fused["legs"]) => row.legs[leg]?.rank ?? 0;
  return { ...row, legs: legsOf(row.legs), entry: { id: row.id, ranks: [rank("words"), rank("intent"), rank("meaning")] } };
}

/** What is left of a head, as far as it still passes the filters. */
export async function resumeHead(on: Reader, criteria: Wanted, entries: readonly HeadEntry[]): Promise<HeadRow[]> {
  if (entries.length === 0) return [];
  const found = new Map(
    (
      await readFound(
        on,
        criteria,
        entries.map(({ id }) => id),
      )
    ).map((row) => [row.id, row]),
  );
  return entries.flatMap((entry) => {
    const row = found.get(entry.id);
    const [words, intent, meaning] = entry.ranks;
    const legs = legsOf({
      ...(words && { words: { rank: words } }),
      ...(intent && { intent: { rank: intent } }),
      ...(meaning && { meaning: { rank: meaning } }),
    });
    return row === undefined ? [] : [{ ...row, legs, entry }];
  });
}

/** The nearest to an event's own vector; other dates of the same event (by its name) are told once. */
export async function similarTo(
  on: Reader,
  id: string,
  { filters, limit, now }: { filters: SearchFilters; limit: number; now: number },
  bounds: Bounds,
): Promise<SearchHit[]> {
  const model = await servingModel(on);
  const vector = model && (await vectorOf(on, id, model.id));
  const state = await readState(on, "event", id);
  if (model === undefined || vector === undefined || state === undefined) return [];
  const criteria = await criteriaOf(on, filters, now);
  const exactly = (await estimate(on, criteria)) <= bounds.few;
  const depth = limit * 4;
  const meaning = { modelId: model.id, dimensions: model.dimensions, vector, exactly };
  const legs = { meaning: { wanted: criteria, meaning, weight: 1, ...ANY, depth, without: [id] } };
  const { rows } = await enoughOf(on, legs, depth, bounds);
  const hits = await present(on, rows.map(rowOf), undefined, false);
  const seen = new Set([state.name.toLowerCase()]);
  return hits.filter(({ event: { name } }) => !seen.has(name.toLowerCase()) && seen.add(name.toLowerCase())).slice(0, limit);
}
