/** The admin pages in a real browser: sign in, merge a candidate, undo it, settle a contradiction; light, dark and narrow. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { updatePeer } from "../../src/db/peers.ts";
import { describeWhereChromiumIsInstalled, graveFaults, openBrowser } from "../support/browser.ts";
import { anEvent } from "../support/http.ts";
import { aPeer, insertRefusal, insertRun, stopPeer } from "../support/peer-rows.ts";
import { ADMIN_KEY, createNetwork, type TestNetwork } from "../support/network.ts";

const NOW = new Date("2026-05-20T15:00:00Z");

describeWhereChromiumIsInstalled("the admin pages", () => {
  let network: TestNetwork;
  let browser: Browser;
  let shots: string;
  let url: string;

  beforeAll(async () => {
    network = await createNetwork({
      nodes: 1,
      clock: () => NOW,
      env: { NODE_NAME: "Toronto Calends", DEFAULT_TIMEZONE: "America/Toronto" },
    });
    url = network.node.url;
    for (const name of ["City calendar", "Weekly paper"])
      await asAdmin("/api/v1/admin/sources", { name, type: "api", licenseStatus: "cc0" });
    await aCandidate("Lantern", "2026-06-05");
    await aContradiction("Free Jazz at the Backroom", "2026-06-07");
    await twoPeers();
    for (const name of ["Harbour mirror", "Paper's agenda"])
      await asAdmin("/api/v1/admin/feed-subscriptions", { name, url: "https://hooks.example/calends", payload: "nudge" });
    browser = await openBrowser();
    // Kept where CALENDS_SCREENSHOTS says, else looked at by nobody and thrown away.
    shots = process.env["CALENDS_SCREENSHOTS"] ?? (await mkdtemp(join(tmpdir(), "calends-shots-")));
  });
  afterAll(async () => {
    await browser?.close();
    await network?.[Symbol.asyncDispose]();
    if (shots !== undefined && process.env["CALENDS_SCREENSHOTS"] === undefined) await rm(shots, { recursive: true });
  });

  const asAdmin = async (path: string, body: object, headers: Record<string, string> = {}, type = "application/json") => {
    const answer = await network.node.asAdmin(path, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  const submit = (source: string, event: Record<string, unknown>) =>
    asAdmin("/api/v1/events", anEvent(event), { "on-behalf-of": source }, "application/ld+json");

  /** Ten minutes and a word apart, at one place: a person must say whether that is one concert. */
  const aCandidate = async (name: string, date: string) => {
    const own = (site: string) => ({ "@id": `https://${site}.example/${encodeURIComponent(name)}` });
    await submit("City calendar", { name, startDate: `${date}T20:00:00-04:00`, ...own("city") });
    await submit("Weekly paper", { name: `${name} live`, startDate: `${date}T20:10:00-04:00`, keywords: ["folk"], ...own("weekly") });
  };
  /** One event, and then another name for it by a source of the same trust. */
  const aContradiction = async (name: string, date: string) => {
    const own = (site: string) => ({ startDate: `${date}T19:00:00-04:00`, "@id": `https://${site}.example/${encodeURIComponent(name)}` });
    await submit("City calendar", { name, ...own("city") });
    await submit("Weekly paper", { name, ...own("weekly") });
    await submit("Weekly paper", { name: `${name} with the Lantern Trio`, ...own("weekly") });
  };

  /** One that is somewhat behind, and one that an alarm has stopped. */
  const twoPeers = async () => {
    const { node } = network;
    const { id } = await aPeer(node, { base: "https://events.harbour.example", name: "Harbour calendar", trust: 7 });
    await node.database.transact((tx) => updatePeer(tx, id, { position: 8_731, head: 8_735, behindSince: NOW, succeededAt: NOW }, NOW));
    const stopped = await aPeer(node, { base: "https://calendar.old-town.example", name: "Old Town" });
    await insertRun(node, stopped.id, { kind: "bootstrap", outcome: "applied", applied: 412, passedOver: 3, toPosition: 500 });
    await insertRun(node, stopped.id, {
      kind: "pull",
      outcome: "alarm",
      refused: 1,
      detail: "item 517's hash does not follow from item 516's",
    });
    const uri = "https://somebody-else.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF";
    await insertRefusal(node, stopped.id, { reason: "foreign_uri", uri, detail: "it lies under https://somebody-else.example" });
    await stopPeer(node.database, stopped.id, "hash_chain", "item 517's hash does not follow from item 516's");
  };

  interface Visit extends AsyncDisposable {
    page: Page;
    /** Errors of scripts, refusals of the policy, files that did not come. */
    trouble: string[];
  }
  const open = async (options: BrowserContextOptions = {}): Promise<Visit> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on("pageerror", (error) => trouble.push(error.message));
    page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
    await page.goto(`${url}/admin`);
    return { page, trouble, [Symbol.asyncDispose]: () => context.close() };
  };
  const signedIn = async (options: BrowserContextOptions = {}): Promise<Visit> => {
    const visit = await open(options);
    await visit.page.getByLabel("Admin key").fill(ADMIN_KEY);
    await visit.page.getByRole("button", { name: "Sign in" }).click();
    return visit;
  };
  const heading = (page: Page) => page.locator("h1").innerText();
  const sticksOut = (page: Page) => page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

  const VIEWS = [
    { look: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
    { look: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
    { look: "narrow", colorScheme: "light", viewport: { width: 390, height: 844 } },
    { look: "narrow-dark", colorScheme: "dark", viewport: { width: 390, height: 844 } },
  ] as const;
  test.each(VIEWS)("every page is sound to axe, and nothing sticks out: $look", async ({ look, ...options }) => {
    await using visit = await open(options);
    const { page, trouble } = visit;
    const judge = async (name: string) => {
      await page.screenshot({ path: join(shots, `admin-${name}-${look}.png`), fullPage: true });
      expect([name, await graveFaults(page), await sticksOut(page)]).toEqual([name, [], false]);
    };
    await judge("sign-in");
    await page.getByLabel("Admin key").fill(ADMIN_KEY);
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(await heading(page)).toMatch(/^\d+ things to look at$/);
    await judge("overview");
    for (const [name, link] of [
      ["queue", "Review"],
      ["merges", "Merges"],
      ["peers", "Peers"],
      ["sources", "Sources"],
    ] as const) {
      await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: link }).click();
      await judge(name);
    }
    await page.getByRole("link", { name: "City calendar" }).click();
    await judge("source");
    await page.goto(`${url}/admin/peers`);
    await page.getByRole("link", { name: "Old Town" }).click();
    await judge("peer");
    await page.goto(`${url}/admin/review?kind=duplicate`);
    await page.locator(".queue a").first().click();
    expect(await page.locator("mark").allInnerTexts()).toContain("live");
    await judge("pair");
    await page.goto(`${url}/admin/review?kind=conflict`);
    await page.locator(".queue a").first().click();
    await judge("conflict");
    expect(trouble).toEqual([]);
  });

  test.each([1185, 360])(
    "the last pulls of a peer are all in sight, %i pixels wide: reasons too, and dates in few lines",
    async (width) => {
      await using visit = await signedIn({ viewport: { width, height: 900 } });
      const { page } = visit;
      await page.goto(`${url}/admin/peers`);
      await page.getByRole("link", { name: "Old Town" }).click();
      await page.screenshot({ path: join(shots, `admin-peer-${width}.png`), fullPage: true });
      const pulls = page.getByRole("group", { name: "Last pulls" });
      expect(await pulls.innerText()).toContain("item 517's hash does not follow");
      expect(await pulls.evaluate((table) => table.scrollWidth - table.clientWidth)).toBe(0);
      const lines = await pulls.locator("time").evaluateAll((dates) => dates.map((date) => date.getClientRects().length));
      expect(Math.max(...lines)).toBeLessThanOrEqual(4);
    },
  );

  test("a page broken on purpose is caught", async () => {
    await using visit = await signedIn();
    const { page } = visit;
    await page.goto(`${url}/admin/review?kind=duplicate`);
    await page.locator(".queue a").first().click();
    await page.evaluate(`
      document.querySelector("label[for=reason]").remove();
      document.querySelector(".compare tbody th").style.color = "#ddd";`);
    const faults = (await graveFaults(page)).join("\n");
    for (const rule of ["label:", "color-contrast:"]) expect(faults).toContain(rule);
  });

  test("a wrong key is told so, and nothing is shown", async () => {
    await using visit = await open();
    const { page } = visit;
    await page.getByLabel("Admin key").fill("not-the-key");
    await page.getByRole("button", { name: "Sign in" }).click();
    expect(await page.getByRole("alert").innerText()).toMatch(/not valid here/);
    expect(await page.getByRole("navigation", { name: "Admin" }).count()).toBe(0);
    expect(await graveFaults(page)).toEqual([]);
  });

  test("no script can read the cookie, and it goes to no other page", async () => {
    await using visit = await signedIn();
    const { page } = visit;
    expect(await page.evaluate("document.cookie")).toBe("");
    const sent = page.waitForRequest((request) => request.url() === `${url}/events`);
    await page.getByRole("link", { name: "Events", exact: true }).click();
    expect(await (await sent).headerValue("cookie")).toBeNull();
  });

  test("merges a candidate and undoes it, by the keyboard and without scripts", async () => {
    await aCandidate("Bonfire", "2026-06-12");
    await using visit = await signedIn({ javaScriptEnabled: false });
    const { page, trouble } = visit;
    await page.getByRole("link", { name: "Possible duplicates" }).click();
    await page.getByRole("link", { name: "Bonfire / Bonfire live" }).click();
    await page.getByLabel("Reason, for the audit log").fill("asked the venue");
    await page.getByRole("button", { name: "Merge", exact: true }).focus();
    await page.keyboard.press("Enter");
    expect(await page.getByRole("status").innerText()).toMatch(/^Merged by admin, .*Reason: asked the venue/);
    await page.screenshot({ path: join(shots, "admin-merged.png"), fullPage: true });

    const gone = await page.getByRole("link", { name: "Bonfire live" }).getAttribute("href");
    expect((await fetch(url + gone!)).status).toBe(410);
    await page.getByLabel("Reason, for the audit log").fill("two sets");
    await page.getByRole("button", { name: "Undo the merge" }).click();
    expect(await page.getByRole("status").last().innerText()).toMatch(/^Undone by admin/);
    expect((await fetch(url + gone!)).status).toBe(200);
    expect(trouble).toEqual([]);
  });

  test("resumes a peer that an alarm has stopped", async () => {
    await using visit = await signedIn();
    const { page, trouble } = visit;
    await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name: "Peers" }).click();
    await page.getByRole("link", { name: "Old Town" }).click();
    expect(await page.locator(".notice").innerText()).toMatch(/^Stopped .*hash_chain/);
    await page.getByRole("button", { name: "Resume" }).click();
    expect(await page.locator(".notice").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Pull now" }).count()).toBe(1);
    expect(trouble).toEqual([]);
  });

  test("settles a contradiction by pinning one of the claims, and signs out", async () => {
    await aContradiction("Songs of the Lake", "2026-06-14");
    await using visit = await signedIn();
    const { page, trouble } = visit;
    await page.getByRole("link", { name: "Contradictions" }).click();
    await page.getByRole("link", { name: "Songs of the Lake" }).click();
    await page.getByLabel("Weekly paper").check();
    await page.getByLabel("Reason, for the audit log").fill("the poster");
    await page.getByRole("button", { name: "Pin this value" }).click();
    expect(await page.getByRole("status").innerText()).toMatch(/^Pinned by admin/);
    expect(await heading(page)).toBe("Songs of the Lake with the Lantern Trio");
    expect(await graveFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Sign out" }).click();
    expect(await heading(page)).toBe("Sign in");
    await page.goBack();
    await page.reload();
    expect(await heading(page)).toBe("Sign in");
    expect(trouble.filter((line) => !/status of 401/.test(line))).toEqual([]);
  });
});
