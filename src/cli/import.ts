/**
 * `calends import FILE…`: reads each file's events in bounded memory, stages them, and applies the run.
 *
 * 1. Hash the input: the unfinished run of the same source and input is gone on with. 2. Read its events and stage
 * them in batches; those that were staged before the cut are passed over. 3. Apply the run, chunk by chunk.
 * 4. Write what was rejected, by the reader or by the registry, to the report, and sum up.
 */
import { LICENSE_STATUSES } from "../domain/vocabulary.ts";
import type { CalendsNode } from "../node.ts";
import { applyRun, readRejects, stageItems, startImport, type IncomingItem, type RunCounts } from "../registry/import.ts";
import { command, oneOf, textOf, wholeNumber, type Cli } from "./command.ts";
import { tryImport } from "./import-dry-run.ts";
import { InputError, readItems } from "./import-items.ts";
import { reportNameOf, sourceNameOf, stopIfAsked, type ImportOptions } from "./import-options.ts";
import { byPosition, rejectOf, summary, writeReport, type FileResult, type ReportedReject } from "./import-report.ts";
import { openInput, type OpenInput } from "./open-input.ts";
import { openNode, operator } from "./open-node.ts";
import { createProgress, type ProgressView } from "./progress.ts";

/** Events staged in one transaction, and the most bytes of them. */
const BATCH = 500;
const BATCH_BYTES = 8 * 1024 * 1024;

export const importCommand = command({
  name: "import",
  usage: "FILE… [options]        (- is standard input)",
  summary: "take the events of files in",
  details: [
    "Reads schema.org events as JSON-LD (one, a list, an @graph, an ItemList), as JSON Lines, and out of HTML pages;",
    "and iCalendar (.ics), with events that repeat as series.",
    "One source sends its events again: those it sent before are updated or left alone, never doubled.",
    "An import that was cut off goes on where it stopped when the same file is imported again.",
    "Rejected events are written, with reasons, to FILE.rejects.jsonl in the current folder. The exit code is 0 even",
    "then, and 1 only when nothing at all was taken in or a file could not be read.",
  ].join("\n"),
  options: {
    source: { type: "string", short: "s", value: "NAME", help: "whose events these are (default: the file's name without its ending)" },
    license: {
      type: "string",
      value: "WORD",
      help: `for a source that this makes: ${LICENSE_STATUSES.join(", ")} (default cc-by: you may publish what you import)`,
    },
    timezone: { type: "string", value: "ZONE", help: "for a source that this makes: the zone of local times, such as America/Toronto" },
    trust: {
      type: "string",
      value: "N",
      help: "for a source that this makes: 1 to 10, the higher wins where sources disagree (default 5)",
    },
    "dry-run": { type: "boolean", short: "n", help: "only read the files and say what would be rejected; needs no database" },
    report: { type: "string", value: "FILE", help: "where the rejects are written, with one file to import" },
    json: { type: "boolean", help: "print the result as JSON" },
  },
  takes: { least: 1, most: Infinity },
  async run(cli, { flags, positionals }) {
    const options: ImportOptions = {
      source: textOf(flags.source),
      license: oneOf("license", flags.license, LICENSE_STATUSES),
      timezone: textOf(flags.timezone),
      trust: wholeNumber("trust", flags.trust, 1, 10),
      report: textOf(flags.report),
    };
    if (options.report !== undefined && positionals.length > 1)
      throw new InputError("--report goes with one file; leave it out, and each file gets a report of its own.");
    const progress = createProgress(cli.stderr, cli.clock);
    const results: FileResult[] = [];
    try {
      if (flags["dry-run"]) {
        for (const file of positionals) results.push(await tryImport(cli, file, options, progress));
      } else {
        await using node = await openNode(cli);
        for (const file of positionals) results.push(await importFile(cli, node, file, options, progress));
      }
    } finally {
      progress.clear();
    }
    if (flags.json) cli.stdout.write(`${JSON.stringify({ dryRun: flags["dry-run"] === true, files: results })}\n`);
    else
      cli.stdout.write(
        `${summary(results)}\n${results.flatMap(({ counts, report }) => (report === null ? [] : [`${counts.rejected} rejected, with reasons: ${report}\n`])).join("")}`,
      );
    return results.some(({ counts }) => counts.total > 0 && counts.rejected === counts.total) ? 1 : 0;
  },
});

/** Imports one file into an open node; what it says on the way goes to stderr. */
export async function importFile(
  cli: Cli,
  node: CalendsNode,
  file: string,
  options: ImportOptions,
  progress: ProgressView,
): Promise<FileResult> {
  const begun = cli.clock().getTime();
  await using input = await openInput(file, cli.stdin);
  const source = options.source ?? sourceNameOf(file);
  const { license, timezone, trust } = options;
  const run = await startImport(node.registry, operator(cli), {
    sourceName: source,
    license,
    timezone,
    trust,
    inputName: input.name,
    inputHash: input.hash,
  });
  if (run.createdSource) {
    cli.stderr.write(
      `Source "${source}" is new: its events are licensed ${license ?? "cc-by"}. Change that by: calends source set ${quoted(source)} --license WORD\n`,
    );
  } else if (license !== undefined || timezone !== undefined || trust !== undefined) {
    cli.stderr.write(`Source "${source}" is known and keeps what it has. Change it by: calends source set ${quoted(source)} …\n`);
  }
  if (run.resumed) cli.stderr.write(`Going on with an import of ${input.name} that was cut off (${run.staged} events were read).\n`);

  const found = await stageInput(cli, node, input, run, progress);
  const withFound = (counts: RunCounts): RunCounts => ({
    ...counts,
    total: counts.total + found.length,
    done: counts.done + found.length,
    rejected: counts.rejected + found.length,
  });
  const counts = withFound(
    await applyRun(node.registry, run.runId, (sofar) => {
      const counted = withFound(sofar);
      progress.update({ phase: "applying", done: counted.done, total: counted.total, counts: counted });
      stopIfAsked(cli);
    }),
  );
  progress.clear();
  const report = counts.rejected === 0 ? null : (options.report ?? reportNameOf(file));
  if (report !== null) await writeReport(report, byPosition(found, refused(node, run.runId, input.name)));
  return {
    file: input.name,
    source,
    run: run.runId,
    resumed: run.resumed,
    counts,
    seconds: (cli.clock().getTime() - begun) / 1000,
    report,
  };
}

/** Stages every event that is not staged yet; returns what no event could be made of. */
async function stageInput(
  cli: Cli,
  node: CalendsNode,
  input: OpenInput,
  run: { runId: string; staged: number },
  progress: ProgressView,
): Promise<ReportedReject[]> {
  const found: ReportedReject[] = [];
  let batch: IncomingItem[] = [];
  let [position, seen, bytes] = [0, 0, 0];
  const flush = async () => {
    stopIfAsked(cli);
    await stageItems(node.registry, run.runId, batch);
    [batch, bytes] = [[], 0];
  };
  for await (const item of readItems(input)) {
    if ("reject" in item)
      found.push(
        rejectOf(
          input.name,
          position,
          { detail: item.reject.reason, errors: [{ pointer: item.reject.pointer, detail: item.reject.reason }] },
          item.reject.excerpt,
        ),
      );
    // Batches are staged in order and each as a whole, so what was staged before is the beginning of the input.
    else if (++seen > run.staged) {
      batch.push({ position, payload: item.payload, mediaType: item.mediaType });
      bytes += item.payload.length;
    }
    position++;
    if (batch.length >= BATCH || bytes >= BATCH_BYTES) {
      await flush();
      progress.update({ phase: "reading", done: item.end, total: input.size });
    }
  }
  await flush();
  progress.update({ phase: "reading", done: input.size, total: input.size });
  return found;
}

async function* refused(node: CalendsNode, runId: string, file: string): AsyncGenerator<ReportedReject> {
  for await (const { position, problem, payloadExcerpt } of readRejects(node.registry, runId))
    yield rejectOf(file, position, problem, payloadExcerpt);
}

const quoted = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);
