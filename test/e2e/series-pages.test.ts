/** The pages of a series and of its dates in a real browser, on a phone's and a desk's width, without scripts. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWhereChromiumIsInstalled, graveFaults, openBrowser } from "../support/browser.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";

const SERIES = new URL("../fixtures/demo/series.jsonld", import.meta.url);
const NOW = new Date("2026-07-01T12:00:00Z");

describeWhereChromiumIsInstalled("the pages of a series", () => {
  let network: TestNetwork;
  let browser: Browser;
  let shots: string;
  beforeAll(async () => {
    network = await createNetwork({
      nodes: 1,
      clock: () => NOW,
      env: { NODE_NAME: "Toronto Calends", DEFAULT_TIMEZONE: "America/Toronto" },
    });
    const headers = { "content-type": "application/ld+json" };
    const taken = await network.node.asAdmin("/api/v1/events:batch", { method: "POST", headers, body: await readFile(SERIES, "utf8") });
    expect(taken.status).toBe(202);
    await network.processAll();
    browser = await openBrowser();
    shots = process.env["CALENDS_SCREENSHOTS"] ?? (await mkdtemp(join(tmpdir(), "calends-shots-")));
  });
  afterAll(async () => {
    await browser?.close();
    await network?.[Symbol.asyncDispose]();
    if (shots !== undefined && process.env["CALENDS_SCREENSHOTS"] === undefined) await rm(shots, { recursive: true });
  });

  test.each([
    { width: 390, height: 844, colorScheme: "light" },
    { width: 1280, height: 900, colorScheme: "dark" },
  ] as const)(
    "$width pixels wide, $colorScheme: from the list to the series, to a date that was moved, and back",
    async ({ colorScheme, ...viewport }) => {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      await using _ = { [Symbol.asyncDispose]: () => context.close() };
      const page = await context.newPage();
      const sound = async (name: string, says: string) => {
        expect(await page.locator("main").innerText()).toContain(says);
        await page.screenshot({ path: join(shots, `series-${name}-${viewport.width}.png`), fullPage: true });
        expect([name, await graveFaults(page)]).toEqual([name, []]);
        // A phone does not scroll sideways.
        expect(await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")).toBe(false);
      };
      await page.goto(`${network.node.url}/events`);
      await sound("list", "Every Friday, 7:00 pm – 9:30 pm");
      await page.getByRole("link", { name: "Friday Sessions" }).first().click();
      await sound("rule", "Every Friday, 7:00 pm – 9:30 pm, except 3 April 2026");
      await page.getByRole("link", { name: "Fri 14 August 2026" }).click();
      await sound("date", "This date is at Lakeside Bandshell");
      await page.getByRole("link", { name: "Friday Sessions", exact: true }).click();
      expect(await page.locator("h1").innerText()).toBe("Friday Sessions");
    },
  );
});
