/** Names as duplicates are judged by. */
import { describe, expect, test } from "vitest";
import {
  alignWords,
  containsName,
  editDistance,
  foldName,
  isAcronym,
  isVariant,
  nameSimilarity,
  rareWords,
  readName,
  trigramSimilarity,
} from "./names.ts";

test.each([
  ["L'Été à la Reine & Co's", "ete a la reine and cos"],
  ["  Jazz—Night!!  @The Rex ", "jazz night at the rex"],
  ["Queen’s Park", "queens park"],
  ["C++ Day, C# Day, F# Day", "cpp day csharp day fsharp day"],
  ["Straße Łódź Ærø", "strasse lodz aero"],
  ["東京 JAZZ", "東京 jazz"],
  ["🎉!", ""],
])("%j folds to %j", (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

describe("the core of a name", () => {
  test.each([
    ["3rd Annual Jazz Night 2026 @ The Rex", ["jazz", "night"]],
    ["Acme presents: Jazz Night", ["jazz", "night"]],
    ["Acme présente Jazz Night", ["jazz", "night"]],
    ["Jazz Night (sponsored by Bank of All)", ["jazz", "night"]],
    ["SOLD OUT - The Jazz Night", ["jazz", "night"]],
    ["Jazz Night - CANCELLED", ["jazz", "night"]],
    ["Jazz Night at The Rex, Toronto", ["jazz", "night"]],
    ["2026", ["2026"]],
    ["The Rex", ["rex"]], // never empty, not even for the place's own name
  ])("of %j is %j", (name, core) => {
    expect(readName(name, ["The Rex", "Toronto"]).core).toEqual(core);
  });

  test("of a name without words is empty and like no other", () => {
    expect(readName("🎉").core).toEqual([]);
    expect(nameSimilarity("🎉", "???")).toBe(0);
  });
});

describe("likeness", () => {
  test("of trigrams is as PostgreSQL's pg_trgm reckons it", () => {
    // select similarity('jazz night', 'jazz nights') -> 0.7692308; similarity('word', 'two words') -> 0.36363637
    expect(trigramSimilarity("jazz night", "jazz nights")).toBeCloseTo(0.7692308, 6);
    expect(trigramSimilarity("word", "two words")).toBeCloseTo(0.36363637, 6);
    expect(trigramSimilarity("", "")).toBe(0);
  });

  test("is not moved by order, articles, accents, sponsors and years", () => {
    expect(nameSimilarity("The Festival of Lights", "Lights Festival 2026")).toBe(1);
    expect(nameSimilarity("Café Society", "RBC presents CAFE SOCIETY")).toBe(1);
    expect(nameSimilarity("Candle Painting", "Clay Sculpting")).toBeLessThan(0.5);
  });

  test("pairs words with room for typing errors and for spaces", () => {
    expect(alignWords(["jazz", "nihgt"], ["jazz", "night"])).toMatchObject({ leftA: [], leftB: [] });
    expect(alignWords(["paint", "night"], ["paintnight"])).toEqual({ similarity: 1, leftA: [], leftB: [] });
    expect(alignWords(["yoga", "anna"], ["yoga", "maria"])).toMatchObject({ leftA: ["anna"], leftB: ["maria"] });
  });
});

test.each([
  ["crooner", "croner", true],
  ["festival", "fest", true],
  ["night", "nihgt", true],
  ["monday", "sunday", false],
  ["junior", "senior", false],
  ["cat", "bat", false],
  ["u12", "u14", false],
  ["第一回定期演奏会です", "第二回定期演奏会です", false], // one sign is a word
])("%j for %j: %j", (a, b, expected) => {
  expect(isVariant(a, b)).toBe(expected);
});

test("a swap of neighbours is one error, and the distance stops at its limit", () => {
  expect(editDistance("night", "nihgt", 2)).toBe(1);
  expect(editDistance("kitten", "sitting", 5)).toBe(3);
  expect(editDistance("kitten", "sitting", 1)).toBe(2);
});

test("initials and names within names", () => {
  expect(isAcronym("ROM, Weston Entrance", "Royal Ontario Museum")).toBe(true);
  expect(isAcronym("Rex", "Royal Ontario Museum")).toBe(false);
  expect(containsName("Nutmeg Creative Studio", "Old Pros and Nutmeg Creative Studios")).toBe(true);
  expect(containsName("", "Nutmeg")).toBe(false);
});

test("words to look up are the rare ones, and generic ones only where there is no other", () => {
  expect(rareWords(["terracotta", "workshop", "pot"], 2)).toEqual(["terracotta", "pot"]);
  expect(rareWords(["jazz", "festival"], 1)).toEqual(["festival"]);
});
