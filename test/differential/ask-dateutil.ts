/** What python-dateutil says to cases, by one long-lived process of Debian's own Python. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RuleCase } from "./rule-case.ts";

const ORACLE = fileURLToPath(new URL("dateutil_oracle.py", import.meta.url));
/** Debian's packages are for this one, whichever is first in PATH. */
const PYTHON = "/usr/bin/python3";

export interface DateutilOracle extends AsyncDisposable {
  /** For each case, local times (dates, where it has no times) from its `from` on, until before its `until`, both local. */
  localTimes(asked: readonly { given: RuleCase; from: string; until: string }[]): Promise<string[][]>;
}

/** `await using dateutil = openDateutil()`; its process ends with it. */
export function openDateutil(): DateutilOracle {
  const child = spawn(PYTHON, [ORACLE], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const gone = once(child, "close");
  return {
    async localTimes(asked) {
      const questions = asked.map(({ given: { set }, from, until }) =>
        JSON.stringify({ dtstart: set.dtstart, rrule: set.rrule, rdate: set.rdate, exdate: set.exdate, from, until }),
      );
      child.stdin.write(`${questions.join("\n")}\n`);
      const answers: string[][] = [];
      for (const { given } of asked) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`python-dateutil ended at the question ${JSON.stringify(given)}; is python3-dateutil installed?`);
        const answer = JSON.parse(value) as string[] | { error: string };
        if (!Array.isArray(answer)) throw new Error(`python-dateutil does not answer ${JSON.stringify(given)}: ${answer.error}`);
        answers.push(given.set.dtstart.length === 10 ? answer.map((local) => local.slice(0, 10)) : answer);
      }
      return answers;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await gone;
    },
  };
}
