/**
 * Which tests reach a database: those that import test/support/db.ts, or an engine of src/db, over however many files.
 * The others say the same on every database, and need not run once more on a server.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const DATABASES = ["test/support/db.ts", "src/db/embedded.ts", "src/db/server.ts"].map(normalize);
/** `from "./a.ts"`, `import "./a.ts"` and `import("./a.ts")`; what is named in a string otherwise counts as well, which does no harm. */
const IMPORT = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** Of the files that `pattern` (a glob from `root`) finds, those that reach no database, as paths from `root`. */
export function withoutDatabase(pattern: string, root: string): string[] {
  const importsOf = new Map<string, string[]>();
  const imports = (file: string): string[] => {
    let found = importsOf.get(file);
    if (found === undefined) {
      const text = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "";
      found = [...text.matchAll(IMPORT)].map(([, to]) => join(dirname(file), to!));
      importsOf.set(file, found);
    }
    return found;
  };
  return globSync(pattern, { cwd: root })
    .toSorted()
    .filter((test) => {
      // Grows while it is walked.
      const reached = new Set([normalize(test)]);
      for (const file of reached) for (const next of imports(file)) reached.add(next);
      return !DATABASES.some((database) => reached.has(database));
    });
}
