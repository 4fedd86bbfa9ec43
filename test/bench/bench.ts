/**
 * `npm run bench [-- --only NAME] [--quick] [--json FILE] [--profile NAME]`: what this program costs over the bare
 * tools below it, as ratios of interleaved rounds in one run on one PostgreSQL server. Exit code 0 when all was measured,
 * whether or not the targets are met.
 */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { closedPage, livePage, pointRead } from "./bench-http.ts";
import { importing, reimporting } from "./bench-imports.ts";
import { writers } from "./bench-writers.ts";
import { benchCalendar } from "./calendar-stream.ts";
import type { Benchmark } from "./context.ts";
import { openBenchServer } from "./database.ts";
import { summarizeProfiles } from "./profile.ts";
import { pulling } from "./pull.ts";
import { expanding } from "./recurrence.ts";
import { measured, report, type Measured } from "./rounds.ts";
import { insertingOccurrences } from "./series-insert.ts";

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  writers,
  "live-page": livePage,
  "closed-page": closedPage,
  "point-read": pointRead,
  import: importing,
  "re-import": reimporting,
  expansion: expanding,
  occurrences: insertingOccurrences,
  calendar: benchCalendar,
  pull: pulling,
};
const NAMES = Object.keys(BENCHMARKS).join(", ");
const USAGE = `npm run bench -- [--only NAME]… [--quick] [--json FILE] [--profile NAME]
  NAME: ${NAMES}
  --quick    fewer and shorter rounds
  --json     also writes everything measured to FILE
  --profile  runs NAME under --cpu-prof and prints where each process spent its time`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      quick: { type: "boolean" },
      json: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return say(USAGE) ?? 0;
  const only = values.profile === undefined ? (values.only ?? Object.keys(BENCHMARKS)) : [values.profile];
  const unknown = only.find((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown !== undefined) return fail(`There is no benchmark "${unknown}": take one of ${NAMES}.`);
  const url = process.env["DATABASE_URL"];
  if (!url)
    return fail(
      "DATABASE_URL is not set: set it to a PostgreSQL server that may make databases, such as postgres://postgres@127.0.0.1:5432/postgres.",
    );
  if (values.profile !== undefined) return profile(values.profile);
  try {
    await run(url, only, values.quick === true, values.json);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

async function run(url: string, only: readonly string[], quick: boolean, json: string | undefined): Promise<void> {
  await using server = await openBenchServer(url);
  const folder = await mkdtemp(join(tmpdir(), "calends-bench-"));
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`;
  say(`${server.settings}\n${machine}${quick ? "\n--quick: fewer and shorter rounds" : ""}\n`);
  const ratios: Measured[] = [];
  try {
    for (const name of only) {
      const done = await BENCHMARKS[name]!({
        server,
        folder,
        rounds: quick ? 3 : 7,
        milliseconds: quick ? 1_500 : 3_000,
        events: quick ? 2_000 : 5_000,
        say: (line) => console.error(line),
      });
      ratios.push(...done.map(measured));
      console.error(`${report(done.map(measured))}\n`); // a run that is cut off has said something
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  say(`${report(ratios)}\n`);
  const missed = ratios.filter((ratio) => ratio.met === false);
  say(
    missed.length === 0
      ? "Every target that was measured is met."
      : `Not met: ${missed.map((ratio) => ratio.name).join(", ")}. Where the time goes: npm run bench -- --profile NAME (${only.join(", ")})`,
  );
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ settings: server.settings, machine, quick, ratios }, null, 2)}\n`);
}

/** Runs one benchmark again, every process of it under the sampling profiler. */
async function profile(name: string): Promise<number> {
  const folder = resolve(`bench-profile-${name}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const options = `${process.env["NODE_OPTIONS"] ?? ""} --cpu-prof --cpu-prof-dir=${folder}`.trim();
  const { status } = spawnSync(process.execPath, [process.argv[1]!, "--only", name, "--quick"], {
    stdio: "inherit",
    env: { ...process.env, NODE_OPTIONS: options },
  });
  say(await summarizeProfiles(folder));
  return status ?? 1;
}

function say(text: string): undefined {
  console.log(text);
}

function fail(text: string): number {
  console.error(text);
  return 1;
}
