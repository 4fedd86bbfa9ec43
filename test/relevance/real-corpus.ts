/** Takes the three files of real input into a node, as `calends import` does: the corpus that was judged. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { importFile } from "../../src/cli/import.ts";
import type { Cli } from "../../src/cli/command.ts";
import type { CalendsNode } from "../../src/node.ts";

/** In this order: what merges with what depends on it. */
const FILES = [
  { name: "toronto-festivals-2025-06-21.jsonld", source: "toronto-festivals", timezone: "America/Toronto" },
  { name: "toronto-festivals-2026-05-22.jsonld", source: "toronto-festivals", timezone: "America/Toronto" },
  { name: "conferences.jsonld.jsonl", source: "conferences", timezone: undefined },
] as const;

/** The folder of the real input, CALENDS_DATA_DIR or ../shared/data beside the project; undefined where a file is missing. */
export function findRealData(given: string | undefined): string | undefined {
  const folder = given ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
  return FILES.every(({ name }) => existsSync(join(folder, name))) ? folder : undefined;
}

/** Imports the files, in order; returns how many events were offered and refused. */
export async function importRealData(node: CalendsNode, folder: string): Promise<{ total: number; rejected: number }> {
  const silent = { write: () => true } as unknown as Cli["stderr"];
  const cli: Cli = {
    env: {},
    clock: node.registry.clock,
    stdin: process.stdin,
    stdout: silent,
    stderr: silent,
    stopping: new AbortController().signal,
    user: "bench",
  };
  const sum = { total: 0, rejected: 0 };
  for (const { name, source, timezone } of FILES) {
    // The few that are refused are known (an end before the start, no start); their report is not wanted here.
    const options = { source, timezone, license: undefined, trust: undefined, report: "/dev/null" };
    const { counts } = await importFile(cli, node, join(folder, name), options, { update: () => undefined, clear: () => undefined });
    sum.total += counts.total;
    sum.rejected += counts.rejected;
  }
  return sum;
}
