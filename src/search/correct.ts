/** What a word that no name has may have been meant to be: the nearest known word by edits (Damerau–Levenshtein, restricted). */
import type { Reader } from "../db/handle.ts";
import { likelyWords } from "../db/search-words.ts";
import { fold, textOf, type ParsedQuery, type Term } from "./parse-query.ts";

/** Shorter words have too many neighbours. */
const SHORTEST = 3;

/** The query with its unknown words corrected; undefined where there is nothing to correct. Phrases and exclusions stay as they are typed. */
export async function corrected(on: Reader, parsed: ParsedQuery): Promise<ParsedQuery | undefined> {
  const correctable = (term: Term) =>
    term.kind === "word" && !term.excluded && term.words[0]!.length >= SHORTEST && /^\p{L}+$/u.test(term.words[0]!);
  const words = [...new Set(parsed.groups.flat().flatMap((term) => (correctable(term) ? term.words : [])))];
  if (words.length === 0) return undefined;
  const likely = await likelyWords(on, words);
  const better = new Map(
    [...likely].flatMap(([typed, candidates]) => {
      const word = nearestWord(typed, candidates);
      return word === undefined ? [] : [[typed, word] as const];
    }),
  );
  if (better.size === 0) return undefined;
  const groups = parsed.groups.map((terms) =>
    terms.map((term) => (correctable(term) ? { ...term, words: [better.get(term.words[0]!) ?? term.words[0]!] } : term)),
  );
  return { ...parsed, groups, text: textOf(groups) };
}

/** One edit in a short word, two in a longer one; of equally near ones the word that more names have. */
export function nearestWord(typed: string, candidates: readonly { word: string; uses: number }[]): string | undefined {
  const plain = fold(typed);
  const most = plain.length < 7 ? 1 : 2;
  const near = candidates
    .map(({ word, uses }) => ({ word, uses, edits: editDistance(plain, word, most) }))
    .filter(({ edits }) => edits > 0 && edits <= most)
    .toSorted((a, b) => a.edits - b.edits || b.uses - a.uses || (a.word < b.word ? -1 : 1));
  return near[0]?.word;
}

/** Insertions, deletions, substitutions and swaps of neighbours; anything above `most` is `most` + 1. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, before[j - 2]! + 1);
      row.push(edits);
    }
    [before, above] = [above, row];
  }
  return Math.min(above[b.length]!, most + 1);
}
