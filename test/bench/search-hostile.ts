/**
 * `node test/bench/search-hostile.ts [--database NAME]`: what hostile queries cost, against the median of ordinary ones in the
 * same run (goal: at most five times it). Wants a corpus that test/bench/corpus/load.ts made, by DATABASE_URL.
 */
import { parseArgs } from "node:util";
import { HOSTILE_QUERIES } from "../support/hostile-queries.ts";
import { startApiNode, AUTHORIZATION } from "./search-node.ts";
import { queriesFor, readBands } from "./search-queries.ts";

const GOAL = 5;
const ROUNDS = 3;
const { values } = parseArgs({ options: { database: { type: "string", default: "bench_search_100k" } } });
const { DATABASE_URL } = process.env;
if (DATABASE_URL === undefined) throw new Error("Set DATABASE_URL to the server that has the corpus.");
const url = new URL(DATABASE_URL);
url.pathname = `/${values.database}`;

await using node = await startApiNode(url.href);
const classes = await queriesFor(url.href, await readBands(url.href), 30);
const ordinary: number[] = [];
for (const path of Object.values(classes).flat()) ordinary.push(await fastest(path));
const usual = median(ordinary);
console.log(`${ordinary.length} ordinary requests: median ${usual.toFixed(1)} ms (of each the fastest of ${ROUNDS})`);

const hostile: { name: string; cost: number }[] = [];
for (const { name, query } of HOSTILE_QUERIES) hostile.push({ name, cost: (await fastest(`/api/v1/events/search?${query}`)) / usual });
hostile.sort((a, b) => b.cost - a.cost);
for (const { name, cost } of hostile.slice(0, 12)) console.log(`${cost.toFixed(2).padStart(7)}  ${name}`);
const dear = hostile.filter(({ cost }) => cost > GOAL);
console.log(`${dear.length === 0 ? "PASS" : "FAIL"}  ${hostile.length} hostile queries, ${dear.length} above ${GOAL} times the median`);
process.exitCode = dear.length === 0 ? 0 : 1;

async function fastest(path: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint();
    const response = await fetch(`http://127.0.0.1:${node.port}${path}`, { headers: AUTHORIZATION });
    await response.arrayBuffer();
    if (response.status >= 500) throw new Error(`${path.slice(0, 200)} was answered ${response.status}`);
    times.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  return Math.min(...times);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
