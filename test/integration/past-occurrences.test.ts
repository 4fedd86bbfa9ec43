/** What has begun is history: another rule leaves past occurrences their names, their addresses and their times. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { FRIDAYS, seriesOn } from "../support/series-http.ts";

const DAY = 24 * 60 * 60 * 1000;
const MAY = "?from=2026-05-01&until=2026-06-01";

/** It is 1 May 2026, noon in London; the first concert is on Friday, 8 May, at eight. */
let node: TestNode;
let agent: string;
let on: ReturnType<typeof seriesOn>;
beforeEach(async () => {
  node = await openTestNode();
  agent = await node.key("agent");
  on = seriesOn(node, agent);
});
afterEach(() => node[Symbol.asyncDispose]());

/** From now on at nine. */
const atNine = async (api: string) => {
  const eventSchedule = { ...FRIDAYS, startTime: "21:00" };
  const body = { startDate: "2026-05-08T21:00:00-04:00", endDate: "2026-05-08T23:00:00-04:00", eventSchedule };
  expect((await node.ask(api, { method: "PATCH", key: agent, type: "application/json", body })).status).toBe(200);
};
const [OLD, NEW] = ["20260515T200000", "20260515T210000"];

describe("once the rule has changed", () => {
  test("the past is listed as it was, page by page, and what is to come by the new rule", async () => {
    const { api } = await on.aSeries();
    node.pass(19 * DAY); // 20 May
    await atNine(api);
    const all = ["2026-05-08T20:00:00-04:00", "2026-05-15T20:00:00-04:00", "2026-05-22T21:00:00-04:00", "2026-05-29T21:00:00-04:00"];
    expect(await on.starts(api, MAY)).toEqual(all);
    const pages: string[] = [];
    for (let next: string | null = ""; next !== null;) {
      const page = await on.list(api, `${MAY}&limit=1${next && `&after=${next}`}`);
      pages.push(...page.items.map((one) => one.startDate as string));
      next = page.next_cursor;
    }
    expect(pages).toEqual(all);
  });

  test("a past occurrence is found by the name that it had, and not by one that it never had", async () => {
    const { api, address } = await on.aSeries();
    node.pass(19 * DAY);
    await atNine(api);
    expect(await jsonOf(node.ask(`${address}/occurrences/${OLD}.json`))).toMatchObject({
      "@id": `${node.base}${address}/occurrences/${OLD}`,
      startDate: "2026-05-15T20:00:00-04:00",
      endDate: "2026-05-15T22:00:00-04:00",
    });
    expect((await node.ask(`${address}/occurrences/${NEW}.json`)).status).toBe(404);
    const page = await (await node.ask(`${address}/occurrences/20260522T210000.html`)).text();
    expect(page).toContain(`/occurrences/${OLD}`);
    expect(page).not.toContain(`/occurrences/${NEW}`);
  });

  test("what was said of it alone is still shown, and to change it now is refused in words", async () => {
    const { api, address } = await on.aSeries();
    await on.patch(`${api}/occurrences/20260508T200000`, { name: "Opening night", endDate: "2026-05-08T23:30:00-04:00" });
    node.pass(19 * DAY);
    await atNine(api);
    expect(await jsonOf(node.ask(`${address}/occurrences/20260508T200000.json`))).toMatchObject({
      name: "Opening night",
      startDate: "2026-05-08T20:00:00-04:00",
      endDate: "2026-05-08T23:30:00-04:00",
    });
    expect((await on.starts(api, MAY)).slice(0, 2)).toEqual(["2026-05-08T20:00:00-04:00", "2026-05-15T20:00:00-04:00"]);
    for (const [method, body] of [
      ["PATCH", { name: "Rewritten" }],
      ["PUT", { name: "Rewritten" }],
      ["DELETE", undefined],
    ] as const) {
      const refused = await node.ask(`${api}/occurrences/${OLD}`, { method, key: agent, body });
      expect(refused.status, method).toBe(409);
      expect((await jsonOf(refused)).detail).toContain(`${OLD} has begun already`);
    }
    expect((await on.patch(`${api}/occurrences/20260522T210000`, { name: "To come" })).status).toBe(200);
  });
});

test("while the rule is the same, the past reads as the rule has it, its exceptions as they are", async () => {
  const lake = { "@type": "Place", name: "Lake Stage", address: { "@type": "PostalAddress", addressLocality: "Toronto" } };
  for (const scheduleTimezone of ["America/Toronto", "UTC"]) {
    const { api } = await on.aSeries({ scheduleTimezone }, { startDate: undefined, endDate: undefined });
    await on.patch(`${api}/occurrences/20260515T200000`, {
      startDate: "2026-05-16T10:00:00Z",
      location: lake,
      url: "https://lake.example/",
    });
    await on.patch(`${api}/occurrences/20260522T200000`, {
      eventStatus: "EventCancelled",
      offers: { price: "5.00", priceCurrency: "CAD" },
    });
    const ahead = await on.list(api, MAY);
    node.pass(40 * DAY);
    expect((await on.list(api, MAY)).items).toEqual(ahead.items);
    node.pass(-40 * DAY);
  }
});

test("days without times stay days when they are past", async () => {
  const days = { startTime: undefined, duration: "P2D" };
  const { api } = await on.aSeries(days, { startDate: "2026-05-08", endDate: "2026-05-09" });
  await on.patch(`${api}/occurrences/20260515`, { startDate: "2026-05-16" });
  const ahead = await on.list(api, MAY);
  expect(ahead.items.map((one) => one.startDate as string)).toEqual(["2026-05-08", "2026-05-16", "2026-05-22", "2026-05-29"]);
  node.pass(40 * DAY);
  expect((await on.list(api, MAY)).items).toEqual(ahead.items);
});
