/** Words that mean the same to people who look for something to do, and the data that says so. */
import { describe, expect, test } from "vitest";
import { EVENT_DOMAINS } from "../domain/vocabulary.ts";
import domains from "./data/domains.json" with { type: "json" };
import synonyms from "./data/synonyms.json" with { type: "json" };
import { fold } from "./parse-query.ts";
import { domainOf, MOST_SYNONYMS, synonymsOf } from "./synonyms.ts";

interface Entry {
  same?: string[];
  from?: string[];
  also?: string[];
}
const entries: Entry[] = synonyms;

describe("synonyms", () => {
  test.each([
    ["gig", "concert"],
    ["kids", "enfants"],
    ["family", "children"],
    ["cinema", "movie"],
    ["expo", "exhibition"],
    ["théâtre", "play"],
    ["theatre", "play"],
    ["atelier", "workshop"],
    ["free", "gratuit"],
    ["marché", "bazaar"],
    ["noël", "christmas"],
    ["NOEL", "christmas"],
    ["bibliothèque", "library"],
    ["rap", "hip-hop"],
    ["lecture", "talk"],
    ["concert", "live music"],
    ["coding", "developer"],
  ])("%s finds %s", (word, other) => expect(synonymsOf(word)).toContain(other));

  test("are found by the plural, in either language, but never repeat the word", () => {
    expect(synonymsOf("movies")).toEqual(synonymsOf("movie").filter((word) => word !== "movie"));
    expect(synonymsOf("Libraries")).toEqual(synonymsOf("library"));
    expect(synonymsOf("churches")).toEqual(synonymsOf("church"));
    expect(synonymsOf("bateaux")).toEqual(synonymsOf("bateau"));
    expect(synonymsOf("Musées")).toEqual(["museum"]);
  });

  test("go one way where the other would be too wide", () => {
    expect(synonymsOf("music")).toContain("concert");
    expect(synonymsOf("concert")).not.toContain("music");
    expect(synonymsOf("screening")).not.toContain("documentary");
    expect(synonymsOf("jazz")).not.toContain("music");
  });

  test("are none for a word that has none, or is no word", () => {
    for (const word of ["kensington", "", "s", "constructor", "__proto__", "a".repeat(1000)]) expect(synonymsOf(word)).toEqual([]);
  });
});

describe("domains", () => {
  test.each([
    ["vernissage", "arts"],
    ["Concerts", "music"],
    ["theatre", "arts"],
    ["marathon", "sports"],
    ["conférences", "education"],
    ["fêtes", "culture"],
    ["bénévole", "community"],
    ["kensington", undefined],
    ["constructor", undefined],
  ])("%s: %s", (word, domain) => expect(domainOf(word)).toBe(domain));
});

describe("the data", () => {
  const faultsOf = (list: readonly Entry[]): string[] => {
    const faults: string[] = [];
    const once = new Set<string>();
    for (const [n, entry] of list.entries()) {
      const { same, from, also } = entry;
      const name = `${n} (${(same ?? from ?? []).join(", ")})`;
      const shape = Object.keys(entry).toSorted().join();
      if (shape !== "same" && shape !== "also,from") faults.push(`${name}: neither same, nor from and also`);
      if ((same?.length ?? 2) < 2 || from?.length === 0 || also?.length === 0) faults.push(`${name}: says nothing`);
      const words = [...(same ?? []), ...(from ?? []), ...(also ?? [])];
      for (const word of words)
        if (word !== word.normalize("NFC").toLowerCase().trim().replaceAll(/\s+/g, " ")) faults.push(`${name}: ${word} is not plain`);
      const within = (also ? [from!, also, [...from!, ...also]] : [words]).find((set) => new Set(set.map(fold)).size < set.length);
      if (within) faults.push(`${name}: says a word twice`);
      for (const word of same ?? from ?? []) {
        const key = `${same ? "same" : "from"} ${fold(word)}`;
        if (once.has(key)) faults.push(`${name}: ${word} is in another entry`);
        once.add(key);
      }
    }
    return faults;
  };

  test("is plain, and says each thing once", () => {
    expect(faultsOf(entries)).toEqual([]);
    expect(entries.length).toBeGreaterThan(120);
  });

  test.each<[string, Entry[]]>([
    ["capitals", [{ same: ["Film", "movie"] }]],
    ["a decomposed letter", [{ same: ["e\u0301te\u0301", "summer"] }]],
    ["one word", [{ same: ["film"] }]],
    ["a word and its like without accents", [{ same: ["noël", "noel"] }]],
    ["a word in two", [{ same: ["film", "movie"] }, { same: ["film", "cinema"] }]],
    ["half an entry", [{ from: ["music"] }]],
    ["a word that finds itself", [{ from: ["music"], also: ["music", "concert"] }]],
  ])("with %s would be at fault", (_, list) => expect(faultsOf(list)).not.toEqual([]));

  test("is used to the last word: no word has more others than are given", () => {
    for (const { same = [], from = [], also = [] } of entries) {
      for (const word of [...same, ...from]) {
        const given = synonymsOf(word);
        expect(given.length, word).toBeLessThanOrEqual(MOST_SYNONYMS);
        const others = [...same, ...also].filter((other) => fold(other) !== fold(word));
        expect(given, word).toEqual(expect.arrayContaining(others));
      }
    }
  });

  test("speaks of known domains, of each word once", () => {
    for (const domain of Object.keys(domains)) expect(EVENT_DOMAINS).toContain(domain);
    const words = Object.values(domains).flat();
    expect(new Set(words.map(fold)).size).toBe(words.length);
    for (const [domain, list] of Object.entries(domains)) for (const word of list) expect(domainOf(word), word).toBe(domain);
  });
});
