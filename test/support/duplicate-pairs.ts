/** The labelled pairs of test/fixtures/duplicates, and how well a comparer and its keys do on them. */
import { readFileSync } from "node:fs";
import type { Comparison, EventLikeness, PlaceLikeness } from "../../src/domain/duplicates.ts";

export const DUPLICATE_FIXTURES = new URL("../fixtures/duplicates/", import.meta.url);

export interface Pair<T> {
  id: string;
  /** what was done to the one to get the other, or where the two were found */
  kind: string;
  label: "same" | "different";
  /** rules are made by the tuning pairs only */
  split: "tuning" | "held-back";
  a: T;
  b: T;
}

const read = (name: string) =>
  readFileSync(new URL(name, DUPLICATE_FIXTURES), "utf8")
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

export const readEventPairs = (): Pair<EventLikeness>[] => read("events.jsonl") as Pair<EventLikeness>[];
export const readPlacePairs = (): Pair<PlaceLikeness>[] => read("places.jsonl") as Pair<PlaceLikeness>[];

export interface Matcher<T> {
  compare: (a: T, b: T) => Comparison;
  keys: (one: T) => bigint[];
  probes: (one: T) => bigint[];
}

export interface Measured {
  pairs: number;
  /** pairs that are the same */
  same: number;
  /** of the pairs that would be merged, the share that is the same */
  precision: number;
  /** of the pairs that are the same, the share that would be merged or shown to a person; only those that meet count */
  recall: number;
  /** of the pairs that are the same, the share that would be merged */
  merged: number;
  /** of the pairs that are the same, the share where each finds the other by its keys */
  met: number;
  /** of the pairs that differ, the share that a person would be asked about */
  asked: number;
}

/** The pair where either of the two comes second. */
export function meets<T>({ keys, probes }: Matcher<T>, { a, b }: Pair<T>): boolean {
  const finds = (one: T, other: T) => {
    const stored = new Set(keys(other));
    return probes(one).some((key) => stored.has(key));
  };
  return finds(a, b) && finds(b, a);
}

export function measure<T>(pairs: readonly Pair<T>[], matcher: Matcher<T>): Measured {
  const judged = pairs.map((pair) => {
    const met = meets(matcher, pair);
    return { label: pair.label, met, verdict: met ? matcher.compare(pair.a, pair.b).verdict : "different" };
  });
  const share = (some: number, all: number) => (all === 0 ? 1 : some / all);
  const same = judged.filter(({ label }) => label === "same");
  const other = judged.filter(({ label }) => label === "different");
  const merged = judged.filter(({ verdict }) => verdict === "same");
  return {
    pairs: pairs.length,
    same: same.length,
    precision: share(merged.filter(({ label }) => label === "same").length, merged.length),
    recall: share(same.filter(({ verdict }) => verdict !== "different").length, same.length),
    merged: share(same.filter(({ verdict }) => verdict === "same").length, same.length),
    met: share(same.filter(({ met }) => met).length, same.length),
    asked: share(other.filter(({ verdict }) => verdict === "candidate").length, other.length),
  };
}
