/**
 * Writes judgements/SLICE.jsonl from the rules of judging/ over the whole corpus:
 * `node test/relevance/judge.ts [--show SLICE] [--seen FILE]`. Run it after a change of the rules; README.md tells how
 * they are made. --seen adds what `bench:relevance --unjudged FILE` listed to what was looked at, once it was.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { seriesKey, type CorpusEvent } from "./corpus.ts";
import { gradeOf, judge } from "./judging/judge-query.ts";
import { createPool } from "./judging/pool.ts";
import { SLICES } from "./judging/slices.ts";
import { openCorpus } from "./open-corpus.ts";

/** What the rules grade, and what the pool holds besides: to be read by whoever judges. */
function show(slice: string, corpus: readonly CorpusEvent[]): void {
  const pool = createPool(corpus);
  for (const need of SLICES[slice] ?? []) {
    const graded = Map.groupBy(corpus, (event) => gradeOf(need, event));
    console.log(`\n## ${need.query}\n   ${need.need}`);
    for (const grade of [3, 2, 1] as const) {
      const series = [...new Set((graded.get(grade) ?? []).map(seriesKey))];
      if (series.length > 0) console.log(`${grade} (${series.length}): ${series.join("; ")}`);
    }
    console.log(
      `0 of the pool: ${[
        ...new Set(
          pool(need.query)
            .filter((event) => gradeOf(need, event) === 0)
            .map(seriesKey),
        ),
      ].join("; ")}`,
    );
  }
}

/** Series that search itself put into a first ten and the pool does not hold, by query: looked at in later rounds. */
const SEEN = fileURLToPath(new URL("judging/also-seen.json", import.meta.url));
type Seen = Record<string, string[]>;
const readSeen = (): Seen => (existsSync(SEEN) ? (JSON.parse(readFileSync(SEEN, "utf8")) as Seen) : {});

function addSeen(file: string): void {
  const seen = readSeen();
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const { query, series } = JSON.parse(line) as { query: string; series: string };
    seen[query] = [...new Set([...(seen[query] ?? []), series])].toSorted();
  }
  const asked = Object.values(SLICES).flatMap((needs) => needs.map(({ query }) => query));
  writeFileSync(
    SEEN,
    `${JSON.stringify(Object.fromEntries(asked.flatMap((query) => (seen[query] === undefined ? [] : [[query, seen[query]]]))), null, 1)}\n`,
  );
}

function write(corpus: readonly CorpusEvent[]): void {
  const pool = createPool(corpus);
  const seen = readSeen();
  const folder = fileURLToPath(new URL("judgements", import.meta.url));
  mkdirSync(folder, { recursive: true });
  for (const [slice, needs] of Object.entries(SLICES)) {
    const lines = needs.map((need, n) =>
      judge(slice, n + 1, need, corpus, new Set([...pool(need.query).map(seriesKey), ...(seen[need.query] ?? [])])),
    );
    for (const { id, judged } of lines) if (judged["3"].length === 0) throw new Error(`${id}: nothing has grade 3.`);
    writeFileSync(`${folder}/${slice}.jsonl`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    console.log(
      `${slice}: ${lines.length} queries, ${lines.reduce((sum, line) => sum + Object.values(line.judged).flat().length, 0)} judgements`,
    );
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { show: { type: "string" }, seen: { type: "string" } } });
  if (values.seen !== undefined) addSeen(values.seen);
  await using opened = await openCorpus();
  if (values.show === undefined) write(opened.corpus);
  else show(values.show, opened.corpus);
}
