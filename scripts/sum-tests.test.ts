import { expect, test } from "vitest";
import { sumReports } from "./sum-tests.ts";

const good = { numPassedTests: 3, numFailedTests: 0, testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }] };
const bad = {
  numPassedTests: 1,
  numFailedTests: 2,
  testResults: [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "failed" }] }],
};
const broken = { numPassedTests: 0, numFailedTests: 0, testResults: [{ status: "failed", assertionResults: [] }] };

test("what passed and what failed is added up over the runs", () => {
  expect(sumReports([good, good])).toEqual({ passed: 6, failed: 0 });
  expect(sumReports([good, bad])).toEqual({ passed: 4, failed: 2 });
});

test("a file that broke before its first test is a failure", () => {
  expect(sumReports([good, broken])).toEqual({ passed: 3, failed: 1 });
});

test("a run without a report, or with no test in it, is a failure", () => {
  expect(sumReports([good, undefined])).toEqual({ passed: 3, failed: 1 });
  expect(sumReports([good, { numPassedTests: 0, numFailedTests: 0, testResults: [] }])).toEqual({ passed: 3, failed: 1 });
});
