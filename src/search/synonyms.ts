/**
 * Words that say the same of an event in English and French, and the domain that a word speaks of: curated data.
 *
 * data/synonyms.json is a list of entries of two forms, lower case, NFC, in the singular where there is one:
 *   { "same": ["film", "movie", …] }              each finds all the others; a word is in one such entry at most
 *   { "from": ["music", …], "also": ["concert"] }  one way only: "music" finds concerts, "concert" not all music
 * A member may be several words. data/domains.json lists for each event domain the words that speak of it alone.
 */
import type { EventDomain } from "../domain/vocabulary.ts";
import domains from "./data/domains.json" with { type: "json" };
import synonyms from "./data/synonyms.json" with { type: "json" };
import { fold } from "./parse-query.ts";

export const MOST_SYNONYMS = 12;

const SYNONYMS: ReadonlyMap<string, readonly string[]> = readSynonyms();
const DOMAINS: ReadonlyMap<string, EventDomain> = new Map(
  Object.entries(domains).flatMap(([domain, words]) => words.map((word) => [fold(word), domain as EventDomain] as const)),
);

/**
 * What else might be said for this word (or words, "live music"), in any case, with or without accents, plural or
 * not: "Movies" -> film, screening, … At most MOST_SYNONYMS, the nearest first; never the word itself; none -> [].
 */
export function synonymsOf(word: string): string[] {
  const forms = formsOf(word);
  const known = forms.find((form) => SYNONYMS.has(form));
  if (known === undefined) return [];
  return SYNONYMS.get(known)!.filter((other) => fold(other) !== forms[0]);
}

/** The domain of events that a word speaks of by itself ("vernissage" -> arts); undefined for most words. */
export function domainOf(word: string): EventDomain | undefined {
  const known = formsOf(word).find((form) => DOMAINS.has(form));
  return known === undefined ? undefined : DOMAINS.get(known);
}

function readSynonyms(): Map<string, string[]> {
  const read = new Map<string, Map<string, string>>();
  const add = (word: string, others: readonly string[]): void => {
    const known = read.get(fold(word)) ?? new Map<string, string>();
    for (const other of others) if (fold(other) !== fold(word) && !known.has(fold(other))) known.set(fold(other), other);
    read.set(fold(word), known);
  };
  // Equals before the one-way entries, so that the nearest come first.
  for (const { same = [] } of synonyms) for (const word of same) add(word, same);
  for (const { from = [], also = [] } of synonyms) for (const word of from) add(word, also);
  return new Map([...read].map(([word, others]) => [word, [...others.values()].slice(0, MOST_SYNONYMS)]));
}

/** The word folded, and what it may be the plural of: "parties" -> party, "classes" -> class, "marionnettes", "bateaux", "festivaux". */
function formsOf(word: string): string[] {
  const folded = fold(word).replaceAll("’", "'");
  const singulars: [RegExp, string][] = [
    [/s$/, ""],
    [/(?<=[sxz]|ch|sh)es$/, ""],
    [/ies$/, "y"],
    [/(?<=eau|eu)x$/, ""],
    [/aux$/, "al"],
  ];
  const long = folded.length > 3;
  return [
    folded,
    ...singulars.filter(([ending]) => long && ending.test(folded)).map(([ending, singular]) => folded.replace(ending, singular)),
  ];
}
