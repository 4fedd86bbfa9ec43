/** What in two like names says that they are two. */
import { describe, expect, test } from "vitest";
import { nameContradictions, nameMarks, translatedSimilarity } from "./name-marks.ts";
import { readName } from "./names.ts";

test("marks are read with their kind", () => {
  expect(Object.fromEntries(nameMarks(readName("U12 Soccer for Girls, Week Two (2026), 7pm")))).toEqual({
    number: new Set(["12", "2"]),
    audience: new Set(["girls"]),
    year: new Set(["2026"]),
    clock: new Set(["7"]),
  });
});

describe("two names contradict each other by", () => {
  test.each([
    ["Hamlet, Part 1", "Hamlet, Part 2", "number"],
    ["Hamlet", "Hamlet, Part 2", "number"],
    ["Act I", "Act II", "number"],
    ["U12 Final", "U14 Final", "number"],
    ["Salsa for Beginners", "Advanced Salsa", "level"],
    ["Paint Night", "Paint Night for Kids", "audience"],
    ["Hamlet (matinee)", "Hamlet (evening)", "session"],
    ["Visite en français", "Visite en anglais", "language"],
    ["Heat A", "Heat B", "letter"],
    ["3rd Annual Ball", "4th Annual Ball", "edition"],
    ["Ball 2025", "Ball 2026", "year"],
    ["Book Fair", "Book Fair Afterparty", "part"],
    ["Yoga with Anna", "Yoga with Maria", "words"],
  ])("%j, %j: %s", (a, b, kind) => {
    expect(nameContradictions(a, b)).toContain(kind);
    expect(nameContradictions(b, a)).toEqual(nameContradictions(a, b));
  });
});

test.each([
  ["Jazz Night", "The 3rd Annual Jazz Night 2026"],
  ["Hamlet", "Hamlet (evening)"], // only one says when
  ["Kids Yoga", "Yoga pour enfants"],
  ["Part Two", "Part 2"],
  ["Candle Painting", "Candel Painting"],
])("%j and %j do not contradict each other", (a, b) => {
  expect(nameContradictions(a, b).filter((kind) => kind !== "words")).toEqual([]);
});

test("event words of English and French mean the same", () => {
  expect(translatedSimilarity(readName("Marché de Noël"), readName("Christmas Market"))).toBe(1);
  expect(translatedSimilarity(readName("Marché de Noël"), readName("Winter Walk"))).toBe(0);
});
