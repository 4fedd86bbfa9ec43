/** The search page in a real browser, on a phone's and a desk's width, with scripts and without. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWhereChromiumIsInstalled, graveFaults, openBrowser } from "../support/browser.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";

const SAMPLE = new URL("../fixtures/demo/toronto-excerpt.jsonld", import.meta.url);
/** A Wednesday; the sample has events of that weekend. */
const NOW = new Date("2026-05-20T15:00:00Z");

describeWhereChromiumIsInstalled("the search page", () => {
  let network: TestNetwork;
  let browser: Browser;
  let shots: string;
  let url: string;

  beforeAll(async () => {
    const env = { NODE_NAME: "Toronto Calends", DEFAULT_TIMEZONE: "America/Toronto" };
    network = await createNetwork({ nodes: 1, clock: () => NOW, env });
    url = network.node.url;
    const headers = { "content-type": "application/ld+json" };
    const taken = await network.node.asAdmin("/api/v1/events:batch", { method: "POST", headers, body: await readFile(SAMPLE, "utf8") });
    expect(taken.status).toBe(202);
    await network.processAll();
    browser = await openBrowser();
    // Kept where CALENDS_SCREENSHOTS says, else looked at by nobody and thrown away.
    shots = process.env["CALENDS_SCREENSHOTS"] ?? (await mkdtemp(join(tmpdir(), "calends-shots-")));
  });
  afterAll(async () => {
    await browser?.close();
    await network?.[Symbol.asyncDispose]();
    if (shots !== undefined && process.env["CALENDS_SCREENSHOTS"] === undefined) await rm(shots, { recursive: true });
  });

  interface Visit extends AsyncDisposable {
    page: Page;
    status: number;
    /** Errors of scripts, refusals of the policy, files that did not come. */
    trouble: string[];
  }

  const visit = async (path: string, options: BrowserContextOptions = {}, files?: "without script files"): Promise<Visit> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    if (files !== undefined) await page.route("**/*.js", (route) => route.abort());
    const trouble: string[] = [];
    page.on("pageerror", (error) => trouble.push(error.message));
    page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
    // What the browser itself lets go, as an icon still on its way when the page is left, is no file that failed to come.
    page.on("requestfailed", (request) => request.failure()?.errorText !== "net::ERR_ABORTED" && trouble.push(request.url()));
    const response = await page.goto(url + path, { waitUntil: "load" });
    return { page, status: response?.status() ?? 0, trouble, [Symbol.asyncDispose]: () => context.close() };
  };
  const heading = (page: Page) => page.locator("h1").innerText();
  /** Wider than the window: something sticks out, and a phone scrolls sideways. */
  const sticksOut = (page: Page) => page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

  const VIEWS = [
    { width: 390, height: 844, js: true },
    { width: 390, height: 844, js: false },
    { width: 1280, height: 900, js: true },
    { width: 1280, height: 900, js: false },
  ];
  const PAGES = [
    { name: "found", path: "/search?q=festival", says: /^\d+ events .*“festival”/ },
    { name: "nothing", path: "/search?q=jazz&city=Atlantis&when=tomorrow", says: /^No events for “jazz” tomorrow, Thu 21 May$/ },
    { name: "refused", path: "/search?q=music&startDate=2026-02-30", says: /^This search is not possible$/, status: 400 },
  ];
  for (const { name, path, says, status = 200 } of PAGES)
    test.each(VIEWS)(`${name}, $width pixels wide, scripts: $js: sound to axe, and nothing sticks out`, async ({ js, ...viewport }) => {
      await using seen = await visit(path, { viewport, javaScriptEnabled: js });
      expect(seen.status).toBe(status);
      await seen.page.screenshot({ path: join(shots, `search-${name}-${viewport.width}${js ? "" : "-no-script"}.png`), fullPage: true });
      expect(await heading(seen.page)).toMatch(says);
      // Where scripts are off, axe cannot run: it looks at the same page with its script files held back.
      await using held = js ? undefined : await visit(path, { viewport }, "without script files");
      expect(await graveFaults(held?.page ?? seen.page)).toEqual([]);
      expect(await sticksOut(seen.page)).toBe(false);
      expect(seen.trouble.filter((line) => !/status of 400/.test(line))).toEqual([]);
    });

  test("in the dark, and other pages with their search box, are sound too", async () => {
    for (const path of ["/", "/search?q=museum", "/events", "/docs"]) {
      await using seen = await visit(path, { colorScheme: "dark" });
      expect([path, await graveFaults(seen.page)]).toEqual([path, []]);
      await seen.page.screenshot({ path: join(shots, `dark${path.replace(/\W+/g, "-")}.png`) });
    }
  });

  test("a page broken on purpose is caught", async () => {
    await using seen = await visit("/search?q=festival");
    await seen.page.evaluate(`
      document.querySelector("label[for=q]").remove();
      document.querySelector("#q").removeAttribute("placeholder");
      document.querySelector(".event p.when").style.color = "#ddd";
      document.documentElement.removeAttribute("lang");`);
    const faults = (await graveFaults(seen.page)).join("\n");
    for (const rule of ["label:", "color-contrast:", "html-has-lang:"]) expect(faults).toContain(rule);
  });

  test("without scripts: words, days, a facet, and its removal, all by plain links and one form", async () => {
    await using seen = await visit("/", { javaScriptEnabled: false });
    const { page } = seen;
    await page.getByRole("searchbox").fill("festival");
    await page.getByRole("button", { name: "Search" }).click();
    expect(new URL(page.url()).search).toBe("?q=festival");
    await page.getByRole("link", { name: "Past events too" }).click();
    expect(await heading(page)).toMatch(/^\d+ events for “festival”$/);
    const before = await page.locator(".hits > li").count();
    await page.locator(".facets a").first().click();
    expect(await page.locator(".chosen a").count()).toBe(1);
    expect(await page.locator(".hits > li").count()).toBeLessThanOrEqual(before);
    await page.locator(".chosen a").click();
    expect(await page.locator(".hits > li").count()).toBe(before);
    expect(await page.locator(".map").isVisible()).toBe(false);
    await page.locator(".hits :is(h2, h3) a").first().click();
    expect(page.url()).toMatch(/\/events\/[0-9A-Z]{26}$/);
  });

  test("pages on to the end, and each event comes once", async () => {
    await using seen = await visit("/search?when=any&limit=25", { javaScriptEnabled: false });
    const { page } = seen;
    const names: string[] = [];
    for (;;) {
      names.push(...(await page.locator(".hits > li").evaluateAll((items) => items.map((item) => (item as { id?: string }).id ?? ""))));
      const next = page.locator("a[rel=next]");
      if ((await next.count()) === 0) break;
      await next.click();
    }
    expect(names.length).toBe(60);
    expect(new Set(names).size).toBe(60);
  });

  test("the map: one marker a venue, by keyboard to its events and back to the list", async () => {
    await using seen = await visit("/search?q=book+club+assembly+hall");
    const { page, trouble } = seen;
    const markers = page.locator(".map [role=button].pin");
    const several = page.getByRole("button", { name: /: ([2-9]|\d\d) events$/ });
    await several.first().focus();
    await page.keyboard.press("Enter");
    const popup = page.locator(".leaflet-popup");
    await popup.waitFor();
    const links = popup.locator("li > a[href^='http'], li > a[href*='/events/']");
    expect(await links.count()).toBeGreaterThan(1);
    expect(await markers.count()).toBeLessThan(await page.locator(".hits [data-latitude]").count());
    // The first event has the focus; Escape gives it back to the marker.
    expect(await page.evaluate("document.activeElement.closest('.leaflet-popup') !== null")).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.evaluate("document.activeElement.classList.contains('pin')")).toBe(true);
    await page.locator(".on-map").last().click();
    await popup.waitFor();
    await page.screenshot({ path: join(shots, "search-map.png") });
    await popup.getByRole("link", { name: "In the list" }).first().click();
    await page.waitForURL(/#hit-/);
    expect(await page.locator(".event:target").count()).toBe(1);
    expect(await graveFaults(page)).toEqual([]);
    expect(trouble).toEqual([]);
  });

  test("suggests while one types", async () => {
    await using seen = await visit("/search");
    const { page, trouble } = seen;
    const asked = page.waitForResponse((response) => response.url().includes("/api/v1/events/suggest"));
    await page.locator("#q").pressSequentially("muse", { delay: 20 });
    expect((await asked).status()).toBe(200);
    // Whoever types slowly is offered something for the first letters before.
    const offered = page.locator("#suggestions option[value*='museum' i]").first();
    await offered.waitFor({ state: "attached" });
    expect(await offered.getAttribute("value")).toMatch(/museum/i);
    expect(trouble).toEqual([]);
  });

  test("near me asks the browser where it is, and lists the nearest first", async () => {
    const geolocation = { latitude: 43.6674, longitude: -79.3962 };
    await using seen = await visit("/search", { geolocation, permissions: ["geolocation"] });
    const { page } = seen;
    await page.getByRole("button", { name: "Near me" }).click();
    await page.waitForURL(/near=43\.667%2C-79\.396/);
    expect(await page.locator(".orders [aria-current]").innerText()).toBe("Nearest first");
    expect(await page.locator(".where").first().innerText()).toMatch(/away/);
  });

  test("a page that is asked for again keeps its look and its scripts", async () => {
    await using seen = await visit("/search?q=festival");
    const { page, trouble } = seen;
    await page.reload();
    expect(await page.locator(".leaflet-container").count()).toBe(1);
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).not.toBe("rgba(0, 0, 0, 0)");
    await page.goto(`${url}/events`);
    await page.reload();
    expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).not.toBe("rgba(0, 0, 0, 0)");
    expect(trouble).toEqual([]);
  });
});
