/**
 * The words of the corpus, commonest first, so that a word's rank is its frequency (Zipf): the words of the real events
 * where they are at hand, in the order of how often they stand there, then proper names made of syllables. Without the
 * real events the same ranks hold made-up words.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chance, zipf, type Chance } from "./random.ts";

/** Words in all; more than real text of this size has in common use. */
const SIZE = 40_000;
const FILES = ["toronto-festivals-2025-06-21.jsonld", "toronto-festivals-2026-05-22.jsonld", "conferences.jsonld.jsonl"];
/** Words that only hold sentences together, commonest first. They are drawn for descriptions, and never asked for. */
const BINDING =
  "the and of to a in for with is on at by from this that are as will be an or it our your you all we their more has have was not can its her his they been one into out up about who but which when there".split(
    " ",
  );

export interface Vocabulary {
  /** All words that carry meaning, commonest first. */
  words: readonly string[];
  /** How many of them stood in real events. */
  real: number;
  /** One of them, as often as its rank says. */
  word: (by: Chance) => string;
  /** One word of running text: two in five only bind. */
  running: (by: Chance) => string;
}

export function makeVocabulary(folder = process.env["CALENDS_DATA_DIR"] ?? defaultFolder): Vocabulary {
  const counts = new Map<string, number>();
  const binding = new Set(BINDING);
  for (const file of FILES.filter((name) => existsSync(`${folder}/${name}`))) {
    for (const event of eventsOf(readFileSync(`${folder}/${file}`, "utf8")))
      for (const [word] of textOf(event)
        .toLowerCase()
        .matchAll(/\p{L}{3,24}/gu))
        if (!binding.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const real = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word);
  const known = new Set([...real, ...BINDING]);
  const words = real.slice(0, SIZE);
  const by = chance(7);
  while (words.length < SIZE) {
    const made = properName(by).toLowerCase();
    if (!known.has(made)) words.push(made);
    known.add(made);
  }
  const [rank, bind] = [zipf(words.length, 1, 5), zipf(BINDING.length, 0.8)];
  const word = (on: Chance) => words[rank(on)]!;
  return { words, real: Math.min(real.length, SIZE), word, running: (on) => (on.likely(0.4) ? BINDING[bind(on)]! : word(on)) };
}

const defaultFolder = fileURLToPath(new URL("../../../../shared/data", import.meta.url));

type Thing = { name?: unknown; description?: unknown; keywords?: unknown; location?: { name?: unknown } | null };

/** One document, or one a line. */
function eventsOf(text: string): Thing[] {
  return (
    text.startsWith("[")
      ? JSON.parse(text)
      : text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as unknown)
  ) as Thing[];
}

const textOf = ({ name, description, keywords, location }: Thing) =>
  [name, description, keywords, location?.name]
    .flat()
    .filter((part) => typeof part === "string")
    .join(" ")
    .replace(/<[^>]*>|https?:\S+/g, " ");

const ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pr r s sh st t tr v w z".split(" ");
const VOWELS = "a e i o u ai ea ia io ou é ö".split(" ");
const CODAS = ["", "", "", "l", "m", "n", "nd", "r", "rt", "s", "sk", "th", "x"];

/** "Grenalia": a name of two to four syllables. */
export function properName(by: Chance): string {
  let name = "";
  for (let syllables = 2 + by.below(3); syllables > 0; syllables--) name += by.one(ONSETS) + by.one(VOWELS);
  name += by.one(CODAS);
  return name[0]!.toUpperCase() + name.slice(1);
}
