/** How well duplicates are told from others, by labelled pairs made of real listings. Rules are tuned on two thirds; the last third is judged here. */
import { describe, expect, test } from "vitest";
import {
  compareEvents,
  comparePlaces,
  eventKeys,
  eventProbes,
  placeKeys,
  placeProbes,
  type Comparison,
  type EventLikeness,
} from "../../src/domain/duplicates.ts";
import { measure, readEventPairs, readPlacePairs, type Matcher, type Pair } from "../support/duplicate-pairs.ts";

const heldBack = <T>(pairs: readonly Pair<T>[]) => pairs.filter(({ split }) => split === "held-back");

describe("events", () => {
  const pairs = readEventPairs();
  const matcher: Matcher<EventLikeness> = { compare: compareEvents, keys: eventKeys, probes: eventProbes };
  const byHand = (compare: (a: EventLikeness, b: EventLikeness) => Comparison) => measure(heldBack(pairs), { ...matcher, compare });

  test("there are enough pairs of both labels, and a third is held back", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(400);
    expect(heldBack(pairs).length / pairs.length).toBeCloseTo(1 / 3, 1);
    expect(heldBack(pairs).filter(({ label }) => label === "same").length).toBeGreaterThan(100);
    expect(heldBack(pairs).filter(({ label }) => label === "different").length).toBeGreaterThan(100);
    expect(new Set(pairs.map(({ id }) => id)).size).toBe(pairs.length);
  });

  test("precision of merges is at least 0.995, recall of merges and candidates at least 0.95", () => {
    const { precision, recall, merged, met } = byHand(compareEvents);
    expect(precision).toBeGreaterThanOrEqual(0.995);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(met).toBeGreaterThanOrEqual(0.99);
    expect(merged).toBeGreaterThan(0.7); // merging nothing would be precise, too
  });

  test("a comparer that overlooks contradictions fails that precision", () => {
    const heedless = byHand((a, b) => {
      const found = compareEvents(a, b);
      return found.rule === "strong" ? { ...found, verdict: "same" } : found;
    });
    expect(heedless.precision).toBeLessThan(0.9);
  });

  test("a comparer of equal names fails that recall", () => {
    const literal = byHand((a, b) => ({
      ...compareEvents(a, b),
      verdict: a.name === b.name && a.startAt === b.startAt ? "same" : "different",
    }));
    expect(literal.recall).toBeLessThan(0.6);
  });

  test("keys of the venue alone would not let all meet", () => {
    expect(measure(heldBack(pairs), { ...matcher, keys: (one) => eventKeys(one).slice(0, 1) }).met).toBeLessThan(0.95);
  });

  test("what is first and what is second makes no difference", () => {
    for (const { a, b } of pairs) expect(compareEvents(b, a)).toEqual(compareEvents(a, b));
  });

  test("every event has at most eight keys and finds itself", () => {
    for (const one of pairs.flatMap(({ a, b }) => [a, b])) {
      const keys = eventKeys(one);
      expect(keys.length).toBeLessThanOrEqual(8);
      expect(new Set(eventProbes(one)).isSupersetOf(new Set(keys))).toBe(true);
    }
  });
});

describe("places", () => {
  const pairs = readPlacePairs();
  const matcher = { compare: comparePlaces, keys: placeKeys, probes: placeProbes };

  test("are merged and shown as precisely", () => {
    const { pairs: number, precision, recall, merged, met } = measure(heldBack(pairs), matcher);
    expect(number).toBeGreaterThan(30);
    expect(precision).toBeGreaterThanOrEqual(0.995);
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(met).toBeGreaterThanOrEqual(0.99);
    expect(merged).toBeGreaterThan(0.7);
  });

  test("what is first and what is second makes no difference", () => {
    for (const { a, b } of pairs) expect(comparePlaces(b, a)).toEqual(comparePlaces(a, b));
  });
});
