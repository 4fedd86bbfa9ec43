/** What an import says at its end: a table of counts, and a file of rejects with a reason for each that a person can act on. */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { FieldFault, Problem } from "../domain/errors.ts";
import type { RunCounts } from "../registry/import.ts";
import { columns } from "./command.ts";
import { count } from "./progress.ts";

/** One line of the report. `position` counts the events of the input from 1; `pointer` leads into the event (RFC 6901). */
export interface ReportedReject {
  file: string;
  position: number;
  name: string | null;
  reason: string;
  pointer: string;
  errors?: FieldFault[];
  excerpt: string;
}

export function rejectOf(file: string, position: number, problem: Pick<Problem, "detail" | "errors">, excerpt: string): ReportedReject {
  const { detail, errors } = problem;
  return {
    file,
    position: position + 1,
    name: nameIn(excerpt),
    reason: detail,
    pointer: errors?.[0]?.pointer ?? "",
    ...(errors && errors.length > 1 && { errors }),
    excerpt: excerpt.slice(0, 300),
  };
}

/** The event's name, as far as it can be seen in the beginning of what was sent. */
function nameIn(excerpt: string): string | null {
  const quoted = /"name"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(excerpt)?.[1];
  if (quoted === undefined) return /^SUMMARY(?:;[^:\n]*)?:([^\r\n]+)/im.exec(excerpt)?.[1]?.replace(/\\([,;\\])/g, "$1") ?? null;
  try {
    return JSON.parse(quoted) as string;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // a control character, say: the reason tells
    throw error;
  }
}

/** Writes one JSON object a line to `path`, replacing what was there; resolves with how many. */
export async function writeReport(path: string, rejects: AsyncIterable<ReportedReject>): Promise<number> {
  let written = 0;
  await pipeline(async function* () {
    for await (const reject of rejects) {
      written++;
      yield `${JSON.stringify(reject)}\n`;
    }
  }, createWriteStream(path));
  return written;
}

/** Two sorted streams of rejects as one: those the reader found, and those the registry refused. */
export async function* byPosition(
  found: readonly ReportedReject[],
  refused: AsyncIterable<ReportedReject>,
): AsyncGenerator<ReportedReject> {
  let next = 0;
  for await (const reject of refused) {
    while (next < found.length && found[next]!.position < reject.position) yield found[next++]!;
    yield reject;
  }
  yield* found.slice(next);
}

/** What became of one file. */
export interface FileResult {
  file: string;
  source: string;
  run: string | null;
  resumed: boolean;
  counts: RunCounts;
  seconds: number;
  report: string | null;
}

export function summary(results: readonly FileResult[]): string {
  const rows = results.map(({ file, source, counts, seconds }) => [
    file,
    source,
    ...[counts.total, counts.created, counts.updated, counts.merged, counts.unchanged, counts.rejected].map(count),
    `${seconds.toFixed(1)} s`,
  ]);
  return columns(["file", "source", "events", "new", "updated", "merged", "unchanged", "rejected", "time"], rows);
}
