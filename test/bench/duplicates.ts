/**
 * `npm run bench:duplicates [-- --pairs KIND]`: how well duplicates are told from others, by the labelled pairs of
 * test/fixtures/duplicates. Prints by split and by kind of mutation; ends with 1 where the third that no rule was made by
 * has a precision of merges below 0.995 or a recall of merges and candidates below 0.95. --pairs lists a kind's pairs of the
 * tuning split with what is made of them ("wrong": those that count against us).
 */
import { parseArgs } from "node:util";
import {
  compareEvents,
  comparePlaces,
  eventKeys,
  eventProbes,
  placeKeys,
  placeProbes,
  type EventLikeness,
  type PlaceLikeness,
} from "../../src/domain/duplicates.ts";
import { measure, meets, readEventPairs, readPlacePairs, type Matcher, type Measured, type Pair } from "../support/duplicate-pairs.ts";

const PRECISION = 0.995;
const RECALL = 0.95;
const { values: options } = parseArgs({ options: { pairs: { type: "string" } } });

const events: Matcher<EventLikeness> = { compare: compareEvents, keys: eventKeys, probes: eventProbes };
const places: Matcher<PlaceLikeness> = { compare: comparePlaces, keys: placeKeys, probes: placeProbes };

const COLUMNS = ["pairs", "same", "precision", "recall", "merged", "met", "asked"] as const;
const line = (title: string, row: Measured) =>
  title.padEnd(36) + COLUMNS.map((name) => (Number.isInteger(row[name]) ? String(row[name]) : row[name].toFixed(3)).padStart(10)).join("");

/** How many hold one key: the work of looking that key up. */
function largestBlocks<T extends { id: string }>(pairs: readonly Pair<T>[], matcher: Matcher<T>): string {
  const holders = new Map<bigint, Set<string>>();
  for (const one of pairs.flatMap(({ a, b }) => [a, b])) {
    for (const key of matcher.keys(one)) holders.set(key, (holders.get(key) ?? new Set()).add(one.id));
  }
  return [...holders.values()]
    .map((some) => some.size)
    .toSorted((a, b) => b - a)
    .slice(0, 5)
    .join(", ");
}

function report<T extends { id: string; name: string }>(title: string, pairs: readonly Pair<T>[], matcher: Matcher<T>): boolean {
  console.log(`\n${title.padEnd(36)}${COLUMNS.map((name) => name.padStart(10)).join("")}`);
  const splits = Object.groupBy(pairs, ({ split }) => split);
  for (const [split, some = []] of Object.entries(splits)) console.log(line(split, measure(some, matcher)));
  console.log(`largest blocks: ${largestBlocks(pairs, matcher)}`);
  // By kind only of the tuning pairs: who makes rules must not see the others.
  for (const [kind, some] of Map.groupBy(splits.tuning ?? [], (pair) => pair.kind)) console.log(line(`  ${kind}`, measure(some, matcher)));
  if (options.pairs !== undefined) for (const pair of splits.tuning ?? []) show(pair, matcher, options.pairs);
  const { precision, recall } = measure(splits["held-back"] ?? [], matcher);
  const holds = precision >= PRECISION && recall >= RECALL;
  console.log(`${holds ? "PASS" : "FAIL"}  held-back ${title}: precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}`);
  return holds;
}

function show<T extends { id: string; name: string }>(pair: Pair<T>, matcher: Matcher<T>, wanted: string): void {
  const { kind, label, a, b } = pair;
  const met = meets(matcher, pair);
  const { verdict, rule, score, features, contradictions } = matcher.compare(a, b);
  const wrong = label === "same" ? !met || verdict === "different" : met && verdict === "same";
  if (wanted !== kind && wanted !== "all" && !(wanted === "wrong" && wrong)) return;
  console.log(`${label} (${kind}) -> ${verdict} by ${rule} ${score}${met ? "" : ", never met"} [${contradictions.join(", ")}]`);
  console.log(`    ${a.name} | ${b.name}\n    ${JSON.stringify(features)}`);
}

const held = [report("events", readEventPairs(), events), report("places", readPlacePairs(), places)];
process.exitCode = held.every(Boolean) ? 0 : 1;
