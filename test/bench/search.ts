/**
 * `npm run bench:search [-- --small NAME] [--large NAME] [--only CLASS]… [--quick] [--upkeep] [--json FILE]`: the speed of
 * search on two sizes of one corpus (test/bench/corpus/load.ts), of the API against the same SQL by pgbench in the same
 * run, and what the index costs an import. Prints PASS or FAIL against the goals; exit code 0 when all was measured.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startChild } from "./child.ts";
import { query } from "./database.ts";
import { measureClass, type ClassResult } from "./search-classes.ts";
import { startApiNode } from "./search-node.ts";
import { queriesFor, readBands, type QueryClasses } from "./search-queries.ts";
import { measureUpkeep } from "./search-upkeep.ts";

/** The API's p95 ÷ pgbench's, p95 at the large size ÷ at the small one, p99 ÷ p50, indexing ÷ the rest of an import. */
const GOALS = { api: 1.3, growth: 3, tail: 10, upkeep: 0.6 };
const USAGE = `npm run bench:search [-- OPTIONS]   (DATABASE_URL names the server, which has the corpora)
  --small NAME   the corpus of 100,000 events (bench_search_100k); load it with test/bench/corpus/load.ts
  --large NAME   the corpus of 1,000,000 (bench_search_1m), or "none"
  --only CLASS   this query class alone; may be given several times
  --connections N   requests under way at once, on both sides (1)
  --quick        60 queries a class and one round, rather than 250 and three
  --upkeep       measures only what the index costs an import; --no-upkeep leaves that out
  --json FILE    also writes everything measured to FILE`;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    small: { type: "string", default: "bench_search_100k" },
    large: { type: "string", default: "bench_search_1m" },
    only: { type: "string", multiple: true },
    connections: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    upkeep: { type: "boolean" },
    json: { type: "string" },
    help: { type: "boolean" },
  },
});
const server = process.env["DATABASE_URL"];
if (values.help || !server) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
const { quick } = values;
const addressOf = (name: string) => Object.assign(new URL(server), { pathname: `/${name}` }).href;
const corpora = [values.small, ...(values.large === "none" ? [] : [values.large])];
const [settings] = await query<{ text: string }>(
  server,
  `select split_part(version(), ' on ', 1) || ', fsync=' || current_setting('fsync') || ', shared_buffers=' || current_setting('shared_buffers') as text`,
);
const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`;
console.log(`${settings!.text}\n${machine}${quick ? "\n--quick: fewer queries and rounds" : ""}\n`);

const verdicts: { name: string; value: number; most: number; pass: boolean }[] = [];
const judge = (name: string, value: number, most: number) => {
  verdicts.push({ name, value, most, pass: value <= most });
  return `${value.toFixed(2)}${value <= most ? "" : "!"}`;
};
const results: Record<string, ClassResult[]> = values.upkeep === true ? {} : await speeds();
const upkeep = values.upkeep === false ? undefined : await costOfUpkeep();
console.log("");
for (const { name, value, most, pass } of verdicts)
  console.log(`${pass ? "PASS" : "FAIL"}  ${name}: ${value.toFixed(2)} (at most ${most})`);
if (values.json !== undefined)
  await writeFile(
    values.json,
    `${JSON.stringify({ settings: settings!.text, machine, quick, corpora, results, upkeep, verdicts }, null, 2)}\n`,
  );

async function speeds(): Promise<Record<string, ClassResult[]>> {
  await using stack = new AsyncDisposableStack();
  const client = stack.use(startChild("search-client.ts"));
  const bands = await readBands(addressOf(values.small));
  const opened = [];
  for (const name of corpora) {
    const url = addressOf(name);
    const [count] = await query<{ events: number }>(url, "select count(*)::int as events from events");
    const classes: QueryClasses = await queriesFor(url, bands, quick ? 60 : 250);
    opened.push({
      name: `${Math.round(count!.events / 1000)}k`,
      classes,
      measuring: {
        url,
        client,
        node: stack.use(await startApiNode(url)),
        capturing: stack.use(await startApiNode(url, { capture: true })),
        connections: Number(values.connections),
        rounds: quick ? 1 : 3,
      },
    });
  }
  const names = values.only ?? Object.keys(opened[0]!.classes);
  const done: Record<string, ClassResult[]> = {};
  console.log(
    `${"class".padEnd(18)} ${"events".padStart(6)}  API p50   p95   p99   SQL p50   p95   p99 (ms)  API÷SQL p95  p99÷p50  p95 growth`,
  );
  for (const name of names) {
    const rows: ClassResult[] = [];
    for (const corpus of opened) {
      const paths = corpus.classes[name];
      if (paths === undefined) throw new Error(`There is no class "${name}": take one of ${Object.keys(corpus.classes).join(", ")}.`);
      const row = await measureClass(corpus.measuring, paths);
      rows.push(row);
      const ratio = judge(`${name}, ${corpus.name}: API p95 ÷ pgbench p95`, row.api.p95 / row.sql.p95, GOALS.api);
      const tail = judge(`${name}, ${corpus.name}: p99 ÷ p50`, row.api.p99 / row.api.p50, GOALS.tail);
      const growth =
        rows.length < 2
          ? ""
          : judge(`${name}: p95 at ${corpus.name} ÷ at ${opened[0]!.name}`, row.api.p95 / rows[0]!.api.p95, GOALS.growth);
      const times = [row.api, row.sql]
        .map((one) => [one.p50, one.p95, one.p99].map((ms) => ms.toFixed(1).padStart(6)).join(""))
        .join("   ");
      console.log(
        `${name.padEnd(18)} ${corpus.name.padStart(6)}  ${times}  ${ratio.padStart(14)} ${tail.padStart(9)} ${growth.padStart(9)}`,
      );
    }
    done[name] = rows;
  }
  return done;
}

async function costOfUpkeep() {
  const folder = await mkdtemp(join(tmpdir(), "calends-bench-search-"));
  try {
    const result = await measureUpkeep({
      server: server!,
      corpus: values.small,
      folder,
      events: quick ? 2_000 : 5_000,
      rounds: quick ? 3 : 7,
    });
    const rates = result.rounds.map(({ mine, other }) => `${Math.round(1 / mine)}:${Math.round(1 / other)}`).join(" ");
    console.log(`\nindex upkeep: ${rates} events/s with:without, ${((1 - 1 / result.median) * 100).toFixed(0)} % of the whole import`);
    judge("index upkeep ÷ the rest of an import", result.median - 1, GOALS.upkeep);
    return result;
  } finally {
    await rm(folder, { recursive: true });
  }
}
