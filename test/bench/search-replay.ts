/**
 * The statements of captured requests, replayed by `pgbench -M prepared`: one script a request, its values as pgbench
 * variables. So every statement is prepared once a client and script, and run with the values as parameters: what the
 * driver sends, without the driver. A script's first run, which prepares, is not counted.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SESSION } from "../../src/db/session.ts";
import { runTool } from "./database.ts";
import type { Statement } from "./search-capture.ts";
import type { Sample } from "./search-statistics.ts";

/** pgbench takes 128 scripts, and its variables must fit on a command line. */
const SCRIPTS = 50;

interface Script {
  text: string;
  variables: string[];
}

/** Runs each request's statements about `times` times; samples carry the request's index and weigh alike for each request. */
export async function replay(url: string, requests: readonly Statement[][], times: number, clients: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let first = 0; first < requests.length; first += SCRIPTS) {
    const scripts = requests.slice(first, first + SCRIPTS).map((statements, n) => scriptOf(statements, `v${n}`));
    for (const { script, milliseconds } of await runScripts(url, scripts, times, clients))
      samples.push({ of: first + script, milliseconds });
  }
  return samples;
}

async function runScripts(url: string, scripts: readonly Script[], times: number, clients: number) {
  const folder = await mkdtemp(join(tmpdir(), "calends-replay-"));
  try {
    const files: string[] = [];
    for (const [n, { text }] of scripts.entries()) {
      await writeFile(join(folder, `${n}.sql`), text);
      files.push("-f", `${join(folder, `${n}.sql`)}@1`);
    }
    // Scripts are drawn at random: one run more for each, as the first does not count.
    const transactions = String(Math.ceil((scripts.length * (times + clients)) / clients));
    const variables = scripts.flatMap((script) => script.variables.flatMap((variable) => ["-D", variable]));
    const log = ["-l", `--log-prefix=${join(folder, "log")}`];
    await runTool("pgbench", [
      "-n",
      "-M",
      "prepared",
      "-c",
      String(clients),
      "-j",
      "1",
      "-t",
      transactions,
      ...log,
      ...variables,
      ...files,
      inSession(url),
    ]);
    const prepared = new Set<string>();
    const runs: { script: number; milliseconds: number }[] = [];
    for (const name of (await readdir(folder)).filter((file) => file.startsWith("log"))) {
      for (const line of (await readFile(join(folder, name), "utf8")).trim().split("\n")) {
        const [client, , microseconds, script] = line.split(" ");
        if (prepared.has(`${client} ${script}`)) runs.push({ script: Number(script), milliseconds: Number(microseconds) / 1e3 });
        prepared.add(`${client} ${script}`);
      }
    }
    return runs;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same settings as the registry's own connections have. */
function inSession(url: string): string {
  const address = new URL(url);
  const options = SESSION.map((setting) => `-c ${setting}`).join(" ");
  // libpq reads %20, and not the plus sign that URLSearchParams would write.
  address.search = `options=${encodeURIComponent(options)}`;
  return address.href;
}

/** One request's statements as a pgbench script. */
export function scriptOf(statements: readonly Statement[], prefix: string): Script {
  const variables: string[] = [];
  const texts = statements.map(({ text, values }, n) => {
    const names = values.map((value, i) => {
      if (value === null) return "null"; // pgbench has no variables without a value
      if (value === "") return "''";
      const name = `${prefix}_${n}_${i + 1}`;
      variables.push(`${name}=${value}`);
      return `:${name}`;
    });
    return `${withValues(text, names).replace(/;\s*$/, "")}\n;\n`;
  });
  return { text: texts.join(""), variables };
}

/**
 * `$2` -> the second name. A colon before a letter or digit would be a variable to pgbench, even within a literal: there
 * it is written as an escape, and elsewhere (a slice) with a space behind it. Casts (`::`) are left alone.
 */
function withValues(text: string, names: readonly string[]): string {
  return text.replace(/'(?:[^']|'')*'|"[^"]*"|--[^\n]*|::|:(?=\w)|\$(\d+)/g, (token, number?: string) => {
    if (number !== undefined) return names[Number(number) - 1] ?? token;
    if (token === ":") return ": ";
    if (token.startsWith("--")) return "";
    if (!token.startsWith("'") || !/:\w/.test(token)) return token;
    return `E${token.replaceAll("\\", "\\\\").replaceAll(":", "\\x3a")}`;
  });
}
