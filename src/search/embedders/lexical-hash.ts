/**
 * The embedder that needs nothing: words and their character n-grams, hashed with a sign into 512 numbers and weighted
 * by how rare a word is. It finds misspelt, inflected and unaccented forms; it does not know that a gig is a concert.
 *
 * A word is a sparse vector of length 1, made of the word itself and its n-grams of 3 to 5 characters. A line of text is
 * the sum of its words by tf-idf (SMART ltc: 1 + ln tf, times idf, cosine), and a text the weighted sum of its lines.
 */
import { createHash } from "node:crypto";
import { TEXT_VERSION, type Embedder } from "../../domain/embedder.ts";
import idf from "./idf-weights.json" with { type: "json" };
import { DIMENSIONS, placesOf, wordsOf } from "./words.ts";

/** Grows with every change of the arithmetic here or in words.ts. */
const ALGORITHM = 1;
/**
 * How much the lines of `embeddingText` count: name; keywords and performers; venue, locality and organizer; description.
 * Measured on 1,700 festivals, how often the best ten had the event: with 1, 0.3, 0.3, 0.3 a misspelt name's two words
 * found it as often, eight words of its description in 42 % rather than 67 %.
 */
const LINE_WEIGHTS = [1, 0.5, 0.4, 0.6] as const;
/**
 * The word's own share of its squared length; its n-grams have the rest. With a half, a name misspelt in every word stood
 * among the best ten in 85 %, with a tenth in 98 %; exact names stand first either way.
 */
const OWN_SHARE = 0.1;
/** Function words: next to nothing, but enough to find a band of that name. */
const LEAST_IDF = 0.02;
/** Words kept with their features; those of a city's events fit, and a flood of made-up words takes 10 MB at most. */
const KEPT_WORDS = 50_000;

interface Word {
  idf: number;
  /** Where the word and its n-grams are in a vector, and what each adds there. */
  places: Uint16Array;
  parts: Float32Array;
  /** How often the line under way has it. */
  count: number;
}

/** Makes the embedder. It needs no network and no model, and gives the same text the same vector on every machine. */
export function createLexicalHash(): Embedder {
  const weights = idfByWord();
  const kept = new Map<string, Word>();

  const lookUp = (text: string): Word => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const word = describe(text, weights.get(text) ?? 1);
    if (kept.size >= KEPT_WORDS) kept.clear();
    kept.set(text, word);
    return word;
  };

  /** Sums the line's words in `sum`, and returns the sum's length. */
  const sum = new Float64Array(DIMENSIONS);
  const sumWords = (line: string): number => {
    const words: Word[] = [];
    for (const text of wordsOf(line)) {
      const word = lookUp(text);
      if (word.count++ === 0) words.push(word);
    }
    sum.fill(0);
    for (const word of words) {
      const { places, parts } = word;
      const weight = word.idf * (1 + Math.log(word.count));
      word.count = 0;
      for (let n = 0; n < places.length; n++) sum[places[n]!]! += weight * parts[n]!;
    }
    return lengthOf(sum);
  };

  /** The weighted sum of lines, each of length 1, made one of length 1. */
  const embed = (lines: readonly string[]): Float32Array => {
    const vector = new Float32Array(DIMENSIONS);
    for (let n = 0; n < lines.length; n++) addScaled(vector, sum, LINE_WEIGHTS[n]! / (sumWords(lines[n]!) || 1));
    const length = lengthOf(vector) || 1;
    for (let at = 0; at < DIMENSIONS; at++) vector[at]! /= length;
    return vector;
  };

  return {
    provider: "lexical-hash",
    model: "lexical-hash",
    version: `${ALGORITHM}.${TEXT_VERSION}-${hashOf(idf.tenths)}`,
    dimensions: DIMENSIONS,
    config: "lexical-hash",
    embedDocuments: (texts) => Promise.resolve(texts.map((text) => embed(text.split("\n", LINE_WEIGHTS.length)))),
    // What somebody looks for is one line, whatever it holds.
    embedQuery: (text) => Promise.resolve(embed([text])),
  };
}

function describe(text: string, idfOfWord: number): Word {
  const signed = placesOf(text);
  const grams = signed.length - 1;
  const own = grams === 0 ? 1 : Math.sqrt(OWN_SHARE);
  const gram = Math.sqrt((1 - OWN_SHARE) / grams);
  return {
    idf: idfOfWord,
    places: signed.map((place) => place >> 1),
    parts: Float32Array.from(signed, (place, n) => (place & 1 ? -1 : 1) * (n === 0 ? own : gram)),
    count: 0,
  };
}

function lengthOf(vector: Float32Array | Float64Array): number {
  let squares = 0;
  for (let at = 0; at < DIMENSIONS; at++) squares += vector[at]! * vector[at]!;
  return Math.sqrt(squares);
}

function addScaled(vector: Float32Array, added: Float64Array, scale: number): void {
  for (let at = 0; at < DIMENSIONS; at++) vector[at]! += scale * added[at]!;
}

/** The frozen weights: word -> nearly 0 (says nothing) to 1 (rare). The file has tenths; a word that it lacks is rare. */
function idfByWord(): Map<string, number> {
  const rows = Object.entries(idf.tenths).map(([tenths, words]) => [Math.max(Number(tenths) / 10, LEAST_IDF), words.split(" ")] as const);
  return new Map(rows.flatMap(([weight, words]) => words.map((word) => [word, weight] as const)));
}

const hashOf = (weights: object) => createHash("sha256").update(JSON.stringify(weights)).digest("hex").slice(0, 8);
