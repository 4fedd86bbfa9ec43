import { expect, test } from "vitest";
import { failures, sumReports } from "./sum-tests.ts";

const ok = { status: "passed", fullName: "adds up" };
const wrong = { status: "failed", fullName: "takes away", failureMessages: ["expected 1 to be 2"] };
const good = { numPassedTests: 3, testResults: [{ name: "a.test.ts", status: "passed", assertionResults: [ok] }] };
const bad = {
  numPassedTests: 1,
  testResults: [{ name: "b.test.ts", status: "failed", assertionResults: [ok, wrong, { ...wrong, failureMessages: null }] }],
};
const broken = {
  numPassedTests: 0,
  testResults: [{ name: "c.test.ts", status: "failed", message: "no such module", assertionResults: [] }],
};

test("what passed and what failed is added up over the runs", () => {
  expect(sumReports([good, good])).toEqual({ passed: 6, failed: 0 });
  expect(sumReports([good, bad])).toEqual({ passed: 4, failed: 2 });
});

test("a file that broke before its first test is a failure", () => {
  expect(sumReports([good, broken])).toEqual({ passed: 3, failed: 1 });
});

test("a run without a report, or with no test in it, is a failure", () => {
  expect(sumReports([good, undefined])).toEqual({ passed: 3, failed: 1 });
  expect(sumReports([good, { numPassedTests: 0, testResults: [] }])).toEqual({ passed: 3, failed: 1 });
});

test("each failure is named with what it said, and nothing else is", () => {
  expect(failures([good, bad, broken, undefined], ["a", "b", "c", "no-report-of-check"])).toEqual([
    "FAILED b.test.ts > takes away\nexpected 1 to be 2",
    "FAILED b.test.ts > takes away\n",
    "FAILED c.test.ts\nno such module",
    "FAILED no-report-of-check\nleft no report, or an empty one",
  ]);
});
