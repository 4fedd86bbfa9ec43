import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withoutDatabase } from "./database-tests.ts";

test("a test reaches a database by any way of importing, over other files and around circles", () => {
  const root = mkdtempSync(join(tmpdir(), "calends-tests-"));
  const files = {
    "test/support/db.ts": "export const db = 1;",
    "test/support/node.ts": 'import { db } from "./db.ts"; import "./round.ts"; export const node = db;',
    "test/support/round.ts": 'export { node } from "./node.ts";',
    "test/property/direct.test.ts": 'import { db } from "../support/db.ts";',
    "test/property/over.test.ts": 'import { node } from "../support/round.ts";',
    "test/property/late.test.ts": 'await import("../support/node.ts");',
    "test/property/pure.test.ts": 'import { test } from "vitest"; import "../support/nowhere.ts";',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  expect(withoutDatabase("test/property/*.test.ts", root)).toEqual(["test/property/pure.test.ts"]);
  rmSync(root, { recursive: true });
});

test("of this project's own, what asks a database is kept", () => {
  const pure = withoutDatabase("test/{integration,property}/*.test.ts", fileURLToPath(new URL("..", import.meta.url)));
  expect(pure).toContain("test/property/winner.property.test.ts");
  for (const name of ["integration/submit-event", "integration/migrations", "integration/cli-import", "property/lists.property"])
    expect(pure).not.toContain(`test/${name}.test.ts`);
});
