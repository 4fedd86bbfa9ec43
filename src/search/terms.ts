/**
 * From what was typed to what the index is asked: each group of the query becomes tsqueries, with the stems and synonyms
 * of its words, and a weight by how rare they are.
 */
import type { Reader } from "../db/handle.ts";
import type { Ranking } from "../db/search-ranked.ts";
import { matchesOf } from "../db/search-words.ts";
import { fold, type ParsedQuery, type Term } from "./parse-query.ts";
import { synonymsOf } from "./synonyms.ts";

/** How common lexemes are: shares by lexeme, of so many events. */
export interface Commonness {
  events: number;
  shares: ReadonlyMap<string, number>;
}

export interface Terms {
  /** What an event must match; absent when nothing but exclusions was typed. */
  match?: string;
  /** What it must not. */
  without?: string;
  ranking: Ranking;
  /** What the words of each of `ranking.terms` were, as typed: for "matched". */
  said: string[];
  /** Of every term, as a cursor keeps them; 0: not ranked by. */
  weights: readonly number[];
  /** Which groups `match` is of, where any is enough. */
  kept?: readonly number[];
}

/** A synonym says what was meant, the word itself says what was typed. */
const SYNONYM_WEIGHT = 0.5;

/** A longer query says well enough what it means, and with a dozen synonyms a word its tsquery would have a thousand parts. */
const MOST_WITH_SYNONYMS = 16;

export interface TermsOptions {
  synonyms: boolean;
  /** `all`: every group; `any`: the rarest ones that few enough events have, by one or more of them. */
  join: "all" | "any";
  /** As an earlier page had them: neither scores nor what matches may change between pages. */
  weights?: readonly number[];
  kept?: readonly number[];
}

/** Undefined when nothing that was typed is a word to the index. */
export async function termsOf(
  on: Reader,
  parsed: ParsedQuery,
  { synonyms, join, weights, kept: before }: TermsOptions,
  common: Commonness,
): Promise<Terms | undefined> {
  const positive = parsed.groups.filter(([term]) => term?.excluded === false);
  const excluded = parsed.groups.flat().filter((term) => term.excluded);
  const texts = (terms: readonly Term[]) => terms.map(({ words }) => words.join(" "));
  const also = (terms: readonly Term[]) =>
    synonyms && !parsed.literal && positive.length <= MOST_WITH_SYNONYMS
      ? terms.flatMap(({ kind, words }) => (kind === "word" ? synonymsOf(words[0]!) : []))
      : [];
  const asked = [...positive.map(texts), ...positive.map(also), texts(excluded)];
  const matches = await matchesOf(on, asked);
  const groups = positive.flatMap((terms, i) => {
    const typed = matches[i]!;
    const meant = matches[positive.length + i]!;
    if (typed === "" && meant === "") return [];
    return [{ typed, meant, said: texts(terms).join(" ") }];
  });
  const without = matches.at(-1)!;
  if (groups.length === 0 && without === "") return undefined;

  const scored = groups.flatMap(({ typed, meant, said }) => [
    ...(typed === "" ? [] : [{ match: typed, factor: 1, said }]),
    ...(meant === "" ? [] : [{ match: meant, factor: SYNONYM_WEIGHT, said }]),
  ]);
  const all = heaviest(weights ?? scored.map(({ match, factor }) => round(factor * rarity(match, common))));
  const ranked = scored.flatMap(({ match, said }, i) => (all[i]! > 0 ? [{ match, said, weight: all[i]! }] : []));
  const kept = join === "all" ? undefined : (before ?? rarest(groups, common));
  const required = kept === undefined ? groups : groups.filter((_, i) => kept.includes(i));
  const either = ({ typed, meant }: { typed: string; meant: string }) => `(${[typed, meant].filter((one) => one !== "").join(" | ")})`;
  const match = required.map(either).join(join === "any" ? " | " : " & ");
  return {
    ...(match !== "" && { match }),
    ...(without !== "" && { without }),
    ranking: { terms: ranked.map(({ match: one, weight }) => ({ match: one, weight })), name: parsed.literal ? "" : fold(parsed.text) },
    weights: all,
    said: ranked.map(({ said }) => said),
    ...(kept && { kept }),
  };
}

/** 1 for what hardly any event has, towards 0 for what all have: inverse document frequency, by the sum of the lexemes' shares. */
function rarity(match: string, common: Commonness): number {
  const expected = shareOf(match, common) * common.events;
  return common.events === 0 ? 1 : Math.log1p(common.events / (expected + 1)) / Math.log1p(common.events);
}

function shareOf(match: string, { shares }: Commonness): number {
  const lexemes = new Set([...match.matchAll(/'((?:[^']|'')*)'/g)].map(([, lexeme]) => lexeme!.replaceAll("''", "'")));
  return Math.min(
    1,
    [...lexemes].reduce((sum, lexeme) => sum + (shares.get(lexeme) ?? 0), 0),
  );
}

/** With all words required nothing is found: the rarest words say most, and few enough events have them to rank them all. */
function rarest(groups: readonly { typed: string; meant: string }[], common: Commonness): number[] {
  const ANY_SHARE = 0.02;
  const sorted = groups
    .map((group, at) => ({ at, share: shareOf(`${group.typed} ${group.meant}`, common) }))
    .toSorted((a, b) => a.share - b.share);
  let sum = 0;
  return sorted.filter(({ share }, i) => (sum += share) <= ANY_SHARE || i === 0).map(({ at }) => at);
}

/** The rarest say most; to rank 2,000 events by a hundred terms would take a second. */
const MOST_RANKED = 16;

/** All but the greatest become 0; of equals the first stay. */
function heaviest(weights: readonly number[]): number[] {
  const order = weights.map((weight, i) => ({ weight, i })).toSorted((a, b) => b.weight - a.weight || a.i - b.i);
  const kept = new Set(order.slice(0, MOST_RANKED).map(({ i }) => i));
  return weights.map((weight, i) => (kept.has(i) ? weight : 0));
}

const round = (weight: number) => Math.round(weight * 1000) / 1000;
