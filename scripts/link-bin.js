/**
 * Puts our own command beside those of the dependencies, so that `npx calends …` in a checkout starts at once and
 * offline (npm links the bins of every package but the root one). Plain JavaScript: an install may run on an old Node.
 */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";

const link = fileURLToPath(new URL("../node_modules/.bin/calends", import.meta.url));

// Windows wants a .cmd shim instead of a link; there npx finds the command by way of its cache.
if (process.platform !== "win32") {
  mkdirSync(fileURLToPath(new URL("../node_modules/.bin", import.meta.url)), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync("../../bin/calends.js", link);
}
