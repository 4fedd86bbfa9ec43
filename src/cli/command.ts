/** What a command is, how its arguments are read, and how its help is printed. */
import { parseArgs } from "node:util";
import type { Readable, Writable } from "node:stream";
import type { Env } from "../config.ts";
import type { Database } from "../db/database.ts";
import type { Clock } from "../domain/clock.ts";

export interface Output extends Writable {
  isTTY?: boolean;
  columns?: number;
}

/** Everything that a command may touch of the outside. */
export interface Cli {
  env: Env;
  clock: Clock;
  stdin: Readable & { isTTY?: boolean };
  stdout: Output;
  stderr: Output;
  /** Aborted by the first SIGINT or SIGTERM: finish what is under way and leave. */
  stopping: AbortSignal;
  /** For the audit log: the one at the keyboard. */
  user: string;
  /** A database that is open and migrated already, and stays open, in place of the one that `env` names. For tests. */
  database?: Database;
}

export interface Option {
  type: "string" | "boolean";
  short?: string;
  /** What stands for the value in the help: "NAME". */
  value?: string;
  help: string;
}

export interface Arguments<Name extends string = string> {
  flags: { [K in Name]?: string | boolean | undefined };
  positionals: string[];
}

export interface Command<Name extends string = string> {
  /** "import", or "key create". */
  name: string;
  /** What follows the name, what it cannot do without first: "FILE… [options]". */
  usage: string;
  summary: string;
  /** More for `--help`, wrapped as it is to be shown. */
  details?: string;
  options: Record<Name, Option>;
  /** How many positionals it takes. */
  takes: { least: number; most: number };
  /** Resolves with the exit code. */
  run(cli: Cli, given: Arguments<Name>): Promise<number>;
}

/** Keeps the names of the options in the type of what `run` is given. */
export const command = <Name extends string>(definition: Command<Name>): Command => definition as unknown as Command;

/** The command line itself is wrong: exit code 2. The message is one line that says what was expected. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Reads what follows the command's name; throws a UsageError. */
export function parseArguments({ name, usage, options, takes }: Command, words: readonly string[]): Arguments & { help: boolean } {
  const known = { ...options, help: { type: "boolean", short: "h" } as const };
  let parsed;
  try {
    parsed = parseArgs({ args: withNegatives(words, options), options: known, allowPositionals: true, strict: true });
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"))) throw error;
    const unknown = /^Unknown option '([^']+)'/.exec(error.message)?.[1];
    if (unknown === undefined) throw new UsageError(`${error.message.split(". ")[0]}. See "calends ${name} --help".`);
    const near = Object.keys(known).find((option) => option.startsWith(unknown.replace(/^-+/, "").slice(0, 2)));
    throw new UsageError(
      `calends ${name} does not know ${unknown}${near === undefined ? "" : ` (did you mean --${near}?)`}. See "calends ${name} --help".`,
    );
  }
  const { help, ...flags } = parsed.values as Record<string, string | boolean | undefined>;
  const { positionals } = parsed;
  if (help !== true && (positionals.length < takes.least || positionals.length > takes.most)) {
    const few = positionals.length < takes.least;
    throw new UsageError(
      `calends ${name}: ${few ? `${usage.split(" ")[positionals.length]} is missing` : `"${positionals[takes.most]}" is too much`}. See "calends ${name} --help".`,
    );
  }
  return { flags, positionals, help: help === true };
}

/** `--bbox -80,43,-79,44` as `--bbox=-80,43,-79,44`: no option of ours begins with a digit. */
function withNegatives(words: readonly string[], options: Command["options"]): string[] {
  const out: string[] = [];
  for (const word of words) {
    const before = out.at(-1);
    const takesIt = before?.startsWith("--") === true && options[before.slice(2)]?.type === "string";
    if (takesIt && /^-\d/.test(word)) out.splice(-1, 1, `${before}=${word}`);
    else out.push(word);
  }
  return out;
}

/** The text of `calends NAME --help`. */
export function helpOf({ name, usage, summary, details, options }: Command): string {
  const all: [string, Option][] = [...Object.entries(options), ["help", { type: "boolean", short: "h", help: "show this" }]];
  const rows = all.map(
    ([option, { short, value, help }]) =>
      [`${short === undefined ? "    " : `-${short}, `}--${option}${value === undefined ? "" : ` ${value}`}`, help] as const,
  );
  return [
    `${summary}`,
    "",
    `  calends ${name}${usage === "" ? "" : ` ${usage}`}`,
    ...(details === undefined ? [] : ["", details]),
    "",
    "Options",
    table(rows),
    "",
  ].join("\n");
}

/** Rows with their first column aligned, indented by two. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`.trimEnd()).join("\n");
}

/** Columns of any number, aligned under their titles; right-aligned where every cell is a number. */
export function columns(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, n) => Math.max(...all.map((row) => row[n]?.length ?? 0)));
  const numeric = titles.map((_, n) => rows.length > 0 && rows.every((row) => /^[\d,]+$/.test(row[n] ?? "")));
  return all
    .map((row) =>
      row
        .map((cell, n) => (numeric[n] ? cell.padStart(widths[n]!) : cell.padEnd(widths[n]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A flag's text that must be one of `allowed`; undefined where it was not given. */
export function oneOf<T extends string>(flag: string, given: string | boolean | undefined, allowed: readonly T[]): T | undefined {
  if (given === undefined) return undefined;
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw new UsageError(`--${flag} "${given}" is not known: expected ${allowed.join(", ")}.`);
  return found;
}

/** A flag's whole number between `least` and `most`; undefined where it was not given. */
export function wholeNumber(flag: string, given: string | boolean | undefined, least: number, most: number): number | undefined {
  if (given === undefined) return undefined;
  const number = /^\d{1,9}$/.test(String(given)) ? Number(given) : NaN;
  if (!(number >= least && number <= most))
    throw new UsageError(`--${flag} "${given}" is not usable: expected a whole number from ${least} to ${most}.`);
  return number;
}

/** A string flag, or undefined where it was not given. */
export const textOf = (given: string | boolean | undefined): string | undefined => (typeof given === "string" ? given : undefined);
