/**
 * Adds up vitest's JSON reports: `node scripts/sum-tests.ts a.json b.json` prints "N passed, N failed" and ends with 1
 * when anything failed. A report that is missing or empty, and a file that broke before its first test, count as one failure each.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The part of a vitest JSON report that counts. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

export interface Sum {
  passed: number;
  failed: number;
}

/** `undefined` stands for a run that left no report. */
export function sumReports(reports: readonly (Report | undefined)[]): Sum {
  const sum: Sum = { passed: 0, failed: 0 };
  for (const report of reports) {
    const broken = report?.testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed"),
    );
    sum.passed += report?.numPassedTests ?? 0;
    sum.failed += report === undefined || report.testResults.length === 0 ? 1 : report.numFailedTests + (broken?.length ?? 0);
  }
  return sum;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = process.argv.slice(2);
  const { passed, failed } = sumReports(
    files.map((file) => (existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Report) : undefined)),
  );
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
