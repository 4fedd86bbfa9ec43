/** Debian's Chromium for tests of pages: found where it is installed, driven by playwright-core, judged by axe-core. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { describe } from "vitest";

/** CHROMIUM_PATH, else where Debian installs it. */
const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** `describe` where there is a Chromium to drive, else skipped: `apt-get install chromium`, or name one in CHROMIUM_PATH. */
export const describeWhereChromiumIsInstalled = existsSync(CHROMIUM) ? describe : describe.skip;

/** Without its sandbox, which needs rights that containers seldom give; it sees this test's own node only. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
interface AxeResults {
  violations: { id: string; impact: string | null; help: string; nodes: { html: string }[] }[];
}

/**
 * What axe-core finds serious or critical in WCAG 2.2 AA and its best practices, one line a fault. The page's own
 * policy lets in no script; the driver's evaluation is not bound by it.
 */
export async function graveFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  )) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes[0]?.html.slice(0, 200) ?? ""}`);
}
