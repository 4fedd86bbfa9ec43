/** `npm run check`: format, lint (with the house rules), types and drift of generated files; all of them, even after a failure. */
import { spawnSync } from "node:child_process";

const STEPS: readonly { what: string; command: string[] }[] = [
  { what: "format", command: ["oxfmt", "--check"] },
  { what: "lint", command: ["oxlint", "--type-aware"] },
  { what: "types", command: ["tsc", "--noEmit"] },
  { what: "generated files", command: ["node", "scripts/gen.ts", "--check"] },
];

const failed: string[] = [];
for (const { what, command } of STEPS) {
  const [program, ...parameters] = command;
  console.log(`\n— ${what}: ${command.join(" ")}`);
  const { status, error } = spawnSync(program ?? "", parameters, { stdio: "inherit", cwd: new URL("../", import.meta.url) });
  if (error !== undefined) console.error(`${program} does not start (${error.message}): run this as "npm run check" after "npm ci".`);
  if (status !== 0) failed.push(what);
}
console.log(failed.length === 0 ? "\nAll is well." : `\nNot well: ${failed.join(", ")}. ("npm run fix" formats, "npm run gen" generates.)`);
process.exitCode = failed.length === 0 ? 0 : 1;
