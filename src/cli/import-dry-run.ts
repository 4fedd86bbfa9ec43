/** `calends import --dry-run`: reads and checks every event as an import would, and writes nothing but the report. */
import { parseConfig } from "../config.ts";
import { RegistryError, type Problem } from "../domain/errors.ts";
import { decodePayload } from "../registry/decode-payload.ts";
import { prepare, problemOf, type ZoneRules } from "../registry/prepare.ts";
import type { Cli } from "./command.ts";
import { readItems, type InputItem } from "./import-items.ts";
import { reportNameOf, sourceNameOf, stopIfAsked, type ImportOptions } from "./import-options.ts";
import { rejectOf, writeReport, type FileResult, type ReportedReject } from "./import-report.ts";
import { openInput } from "./open-input.ts";
import type { ProgressView } from "./progress.ts";

/** Counts as `created` what would be taken in: what is known already only the database can tell. */
export async function tryImport(cli: Cli, file: string, options: ImportOptions, progress: ProgressView): Promise<FileResult> {
  const begun = cli.clock().getTime();
  const { nodeUrl, port, defaultTimezone } = parseConfig(cli.env);
  const base = nodeUrl ?? `http://localhost:${port}`;
  await using input = await openInput(file, cli.stdin);
  const rejects: ReportedReject[] = [];
  let position = 0;
  for await (const item of readItems(input)) {
    stopIfAsked(cli);
    const problem = await faultOf(item, { sourceTimezone: options.timezone, defaultTimezone }, base);
    if (problem)
      rejects.push(
        rejectOf(input.name, position, problem, "payload" in item ? item.payload.toString("utf8", 0, 500) : item.reject.excerpt),
      );
    position++;
    progress.update({ phase: "reading", done: item.end, total: input.size });
  }
  progress.clear();
  const report = rejects.length === 0 ? null : (options.report ?? reportNameOf(file));
  if (report !== null) await writeReport(report, fromList(rejects));
  const counts = {
    total: position,
    done: position,
    created: position - rejects.length,
    updated: 0,
    merged: 0,
    unchanged: 0,
    rejected: rejects.length,
  };
  const source = options.source ?? (file === "-" ? "standard input" : sourceNameOf(file));
  return { file: input.name, source, run: null, resumed: false, counts, seconds: (cli.clock().getTime() - begun) / 1000, report };
}

async function faultOf(item: InputItem, zones: ZoneRules, base: string): Promise<Pick<Problem, "detail" | "errors"> | undefined> {
  if ("reject" in item) return { detail: item.reject.reason, errors: [{ pointer: item.reject.pointer, detail: item.reject.reason }] };
  try {
    prepare(await decodePayload(item, base), item, zones, base);
    return undefined;
  } catch (error) {
    if (error instanceof RegistryError) return problemOf(error);
    throw error;
  }
}

async function* fromList(rejects: readonly ReportedReject[]): AsyncGenerator<ReportedReject> {
  yield* rejects;
}
