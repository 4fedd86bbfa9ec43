/**
 * `npm run bench:relevance [-- --json FILE] [--unjudged FILE]`: how good search is, by the judged queries of
 * test/relevance. A node is opened with the real input, each query is asked in every mode over HTTP, and nDCG@10,
 * recall@50, the share of judged places and of empty answers are printed by slice and leg. Ends with 1 where a check
 * fails, with 2 where the real input is not at hand. --unjudged lists what stands in a first ten unjudged.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { eventKey, seriesKey } from "../relevance/corpus.ts";
import { gradesIn, readJudgements, type Grades } from "../relevance/judgements.ts";
import { judgedShare, ndcg, recall } from "../relevance/metrics.ts";
import { NOW, openCorpus, type OpenCorpus } from "../relevance/open-corpus.ts";
import { checksOf, LEGS, rowsOf, table, type Leg, type Measured, type MeasuredQuery } from "../relevance/verdict.ts";

const [FIRST, DEPTH] = [10, 50];
const ASKED: Record<Leg, string> = {
  words: "mode=lexical&strict=true",
  lexical: "mode=lexical",
  semantic: "mode=semantic",
  hybrid: "mode=hybrid",
};

const { values: options } = parseArgs({ options: { json: { type: "string" }, unjudged: { type: "string" } } });
const judgements = readJudgements();
await using opened = await openCorpus();
const { corpus } = opened;
const gradesOf = gradesIn(corpus);
const events = new Map(corpus.map((event) => [event.id, event]));
console.log(`${corpus.length} events, ${judgements.length} queries, asked at ${NOW}`);

const measured: MeasuredQuery[] = [];
const unjudged: object[] = [];
for (const judged of judgements) {
  const { id, slice, query } = judged;
  const grades = gradesOf(judged);
  const legs = {} as Record<Leg, Measured>;
  for (const leg of LEGS) {
    const ranking = await search(opened, leg, query);
    legs[leg] = measure(ranking, grades);
    for (const [place, one] of ranking.slice(0, FIRST).entries()) {
      if (grades.has(one)) continue;
      const event = events.get(one)!;
      unjudged.push({ id, query, leg, place: place + 1, event: eventKey(event), series: seriesKey(event) });
    }
  }
  measured.push({ id, slice, query, legs });
}

const rows = rowsOf(measured);
const checks = checksOf(rows);
console.log(
  [
    table(rows, `nDCG@${FIRST}`, (leg) => leg.ndcg),
    table(rows, `recall@${DEPTH}`, (leg) => leg.recall),
    table(rows, `judged@${FIRST}`, (leg) => leg.judged),
    table(rows, "empty", (leg) => leg.empty),
    checks.map(({ holds, what }) => `${holds ? "PASS" : "FAIL"}  ${what}`).join("\n"),
  ].join("\n\n"),
);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ events: corpus.length, now: NOW, rows, checks, queries: measured }, null, 1)}\n`);
if (options.unjudged !== undefined) writeFileSync(options.unjudged, unjudged.map((one) => `${JSON.stringify(one)}\n`).join(""));
if (checks.some(({ holds }) => !holds)) process.exitCode = 1;

/** The @ids of the first DEPTH hits. */
async function search(node: OpenCorpus, leg: Leg, query: string): Promise<string[]> {
  const answer = await node.ask(`/api/v1/events/search?q=${encodeURIComponent(query)}&${ASKED[leg]}&limit=${DEPTH}`);
  if (!answer.ok) throw new Error(`“${query}” (${leg}) was answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  const { items, mode } = (await answer.json()) as { items: { "@id": string }[]; mode: string };
  const expected = leg === "words" ? "lexical" : leg;
  // Without vectors the node answers by words, which would flatter a comparison of legs.
  if (mode !== expected) throw new Error(`“${query}” was to be answered by ${expected} and was by ${mode}.`);
  return items.map((item) => item["@id"]);
}

function measure(ranking: readonly string[], grades: Grades): Measured {
  return {
    ndcg: ndcg(ranking, grades, FIRST),
    recall: recall(ranking, grades, DEPTH),
    judged: judgedShare(ranking, grades, FIRST),
    empty: ranking.length === 0,
  };
}
