/** Two texts with the words marked in which they differ. */
import { html, type Html, type Part } from "./markup.ts";

/** The longest common run of words is looked for among so many; of longer texts only the middle that differs is marked. */
const MOST_WORDS = 300;

/** A leaf of a document as a person reads it; undefined where that side says nothing. */
export function leafText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((each) => leafText(each) ?? "").join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}

/** `markWords("Free Jazz", "Cool Jazz")` -> [<mark>Free</mark> Jazz, <mark>Cool</mark> Jazz]. */
export function markWords(left: string, right: string): [Part, Part] {
  const [a, b] = [left.split(/\s+/), right.split(/\s+/)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const common = commonWords(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const within = (at: number, length: number) => at < start || at >= length - end;
  return [
    marked(a, (at) => within(at, a.length) || common.left.has(at - start)),
    marked(b, (at) => within(at, b.length) || common.right.has(at - start)),
  ];
}

/** Positions of a longest common subsequence, on either side. */
function commonWords(a: readonly string[], b: readonly string[]): { left: Set<number>; right: Set<number> } {
  const common = { left: new Set<number>(), right: new Set<number>() };
  if (a.length > MOST_WORDS || b.length > MOST_WORDS) return common;
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) {
      common.left.add(i++);
      common.right.add(j++);
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
    else j++;
  }
  return common;
}

function marked(words: readonly string[], isCommon: (at: number) => boolean): Part {
  const runs: { words: string[]; common: boolean }[] = [];
  for (const [at, word] of words.entries()) {
    const common = isCommon(at);
    if (runs.at(-1)?.common === common) runs.at(-1)!.words.push(word);
    else runs.push({ words: [word], common });
  }
  return runs.map(({ words: run, common }, n): Html => {
    const text = run.join(" ");
    return html`${n > 0 && " "}${common || text === "" ? text : html`<mark>${text}</mark>`}`;
  });
}
