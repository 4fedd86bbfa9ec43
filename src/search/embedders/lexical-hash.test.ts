/** The embedder that needs nothing: what it finds though it is written otherwise, and what it cannot know. */
import { describe, expect, test } from "vitest";
import { describeWhereRealDataIsAtHand, readRealData } from "../../../test/support/real-data.ts";
import { createLexicalHash } from "./lexical-hash.ts";
import { DIMENSIONS, placesOf, wordsOf } from "./words.ts";

const embedder = createLexicalHash();
function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

const LONG_WORD = /\p{L}{5,}/u;

const EVENTS = [
  "Shakespeare in High Park",
  "Winter Stations at Woodbine Beach",
  "Toronto Caribbean Carnival Grand Parade",
  "Festival d'été de la francophonie\nmusique, spectacles\nPlace des Arts, Montréal",
  "Photography Walk for Beginners",
  "The The",
  "Nuit Blanche 🎷",
  "夏祭り 盆踊り大会",
] as const;

/** The event nearest to what somebody looks for, and how near it is. */
async function nearest(query: string): Promise<{ event: string; similarity: number }> {
  const looked = await embedder.embedQuery(query);
  const vectors = await embedder.embedDocuments(EVENTS);
  const ranked = vectors.map((vector, n) => ({ event: EVENTS[n]!, similarity: cosine(looked, vector) }));
  return ranked.toSorted((a, b) => b.similarity - a.similarity)[0]!;
}

describe("finds", () => {
  test.each([
    ["a misspelt name", "shakespear in the prak", "Shakespeare in High Park"],
    ["a word with a letter too many", "carribbean parade", "Toronto Caribbean Carnival Grand Parade"],
    ["another form of the word", "photographs walking", "Photography Walk for Beginners"],
    ["a word of a compound", "winterstations", "Winter Stations at Woodbine Beach"],
    ["French without its accents", "festival d'ete francophone", EVENTS[3]],
    ["accents where there are none", "Nüit Blànche", "Nuit Blanche 🎷"],
    ["what the keywords or the place say", "spectacles montreal", EVENTS[3]],
    ["a name of function words", "the the", "The The"],
    ["a picture", "🎷", "Nuit Blanche 🎷"],
    ["a script without spaces", "盆踊り", "夏祭り 盆踊り大会"],
  ])("%s", async (_what, query, event) => {
    expect(await nearest(query)).toMatchObject({ event });
  });
});

test("it does not know that a gig is a concert: its similarity is of letters", async () => {
  const [gig, concert, concerts] = await embedder.embedDocuments(["gig", "concert", "concerts"]);
  expect(Math.abs(cosine(gig!, concert!))).toBeLessThan(0.2);
  expect(cosine(concert!, concerts!)).toBeGreaterThan(0.6);
});

test("a word of the name counts more than one of the description", async () => {
  const query = await embedder.embedQuery("tango");
  const [named, described] = await embedder.embedDocuments(["Tango Night\n\n\nDancing until late", "Dancing until late\n\n\nTango Night"]);
  expect(cosine(query, named!)).toBeGreaterThan(cosine(query, described!) + 0.1);
});

describe("vectors", () => {
  test("are of length 1, and the same for the same text, whatever was embedded before", async () => {
    const [first] = await embedder.embedDocuments([EVENTS[0]]);
    const [again] = await createLexicalHash().embedDocuments([EVENTS[0]]);
    expect(first).toEqual(again);
    expect(first).toHaveLength(embedder.dimensions);
    expect(cosine(first!, first!)).toBeCloseTo(1, 5);
  });

  test("of texts without a word are all zeros, and numbers", async () => {
    const [nothing, dots] = await embedder.embedDocuments(["", "… !?"]);
    expect(nothing!.every((value) => value === 0)).toBe(true);
    expect(dots!.every((value) => value === 0)).toBe(true);
  });

  // A fixed value: where it changes, ALGORITHM must grow, so that nodes embed their events again.
  test("belong to a version", async () => {
    const vector = await embedder.embedQuery("Free Jazz");
    const [largest] = [...vector.keys()].toSorted((a, b) => Math.abs(vector[b]!) - Math.abs(vector[a]!));
    expect({ version: embedder.version, largest, value: vector[largest!]!.toFixed(4) }).toMatchInlineSnapshot(`
      {
        "largest": 310,
        "value": "-0.4435",
        "version": "1.1-233551fc",
      }
    `);
  });
});

describe("words", () => {
  test("are without case, marks and compatibility forms", () => {
    expect(wordsOf("L'Été à MONTRÉAL, ﬁn ①🎷")).toEqual(["l", "ete", "a", "montreal", "fin", "1", "🎷"]);
  });

  test("have their own place first, then those of their n-grams", () => {
    // <a>: no n-gram but the whole. <jazz>: 4 of 3, 3 of 4 and 2 of 5 characters.
    expect(placesOf("a")).toHaveLength(1);
    expect(placesOf("jazz")).toHaveLength(1 + 4 + 3 + 2);
    expect([...placesOf("jazz")].every((place) => place >> 1 < DIMENSIONS)).toBe(true);
  });

  test("a run of 10,000 letters costs no more than one of 64", () => {
    expect(placesOf("x".repeat(10_000))).toHaveLength(placesOf("x".repeat(64)).length);
  });
});

describeWhereRealDataIsAtHand("a city's festivals", () => {
  const festivals = readRealData("toronto-festivals-2026-05-22.jsonld") as { name: string; description?: string | null }[];
  /** Every tenth name with a word to misspell, and the same name misspelt. */
  const names = [...new Set(festivals.map(({ name }) => name))].filter((name, n) => n % 10 === 0 && LONG_WORD.test(name));

  /** The part of the queries whose event stands among the ten nearest names. */
  async function found(queryOf: (name: string) => string): Promise<number> {
    const vectors = await embedder.embedDocuments(festivals.map(({ name, description }) => `${name}\n\n\n${description ?? ""}`));
    let hits = 0;
    for (const name of names) {
      const looked = await embedder.embedQuery(queryOf(name));
      const best = new Map<string, number>();
      for (const [n, vector] of vectors.entries()) {
        const similarity = cosine(looked, vector);
        if (similarity > (best.get(festivals[n]!.name) ?? -1)) best.set(festivals[n]!.name, similarity);
      }
      const nearer = [...best.values()].filter((similarity) => similarity > best.get(name)!).length;
      if (nearer < 10) hits++;
    }
    return hits / names.length;
  }

  test("are found by a misspelt name, though not by one whose letters are shuffled", async () => {
    expect(names.length).toBeGreaterThan(120);
    const swapLetters = (word: string) => word.slice(0, 2) + word[3]! + word[2]! + word.slice(4);
    expect(await found((name) => name.replace(LONG_WORD, swapLetters))).toBeGreaterThan(0.97);
    const shuffle = (word: string) =>
      [0, 1]
        .map((odd) =>
          word
            .split("")
            .filter((_, n) => n % 2 === odd)
            .toReversed()
            .join(""),
        )
        .join("");
    expect(await found((name) => name.replaceAll(/[\p{L}\d]+/gu, shuffle))).toBeLessThan(0.5);
  });
});
