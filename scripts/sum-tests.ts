/**
 * Adds up vitest's JSON reports: `node scripts/sum-tests.ts a.json b.json` says what failed, prints "N passed, N failed" last and
 * ends with 1 when anything failed. A report that is missing or empty, and a file that broke before its first test, count as one
 * failure each.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The part of a vitest JSON report that counts. */
interface Report {
  numPassedTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] | null }[];
  }[];
}

export interface Sum {
  passed: number;
  failed: number;
}

/** At most this much is told of one failure: the rest stands where it happened, in a log that may be long gone. */
const MOST_OF_A_MESSAGE = 1_500;

/** What failed, a paragraph each, in the order of the files. `names` are those of the reports, for the ones that are missing. */
export function failures(reports: readonly (Report | undefined)[], names: readonly string[] = []): string[] {
  const told = (where: string, message: string) => `FAILED ${where}\n${message.slice(0, MOST_OF_A_MESSAGE)}`;
  return reports.flatMap((report, index) => {
    if (report === undefined || report.testResults.length === 0) return [told(names[index] ?? "?", "left no report, or an empty one")];
    return report.testResults
      .filter((file) => file.status === "failed")
      .flatMap((file) => {
        const tests = file.assertionResults.filter((one) => one.status === "failed");
        if (tests.length === 0) return [told(file.name, file.message ?? "broke before its first test")];
        return tests.map((one) => told(`${file.name} > ${one.fullName}`, (one.failureMessages ?? []).join("\n")));
      });
  });
}

/** `undefined` stands for a run that left no report. */
export function sumReports(reports: readonly (Report | undefined)[]): Sum {
  return { passed: reports.reduce((sum, report) => sum + (report?.numPassedTests ?? 0), 0), failed: failures(reports).length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  const reports = files.map((file) => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined));
  for (const failure of failures(reports, files)) console.log(`${failure}\n`);
  const { passed, failed } = sumReports(reports);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
