/** The demo's recurring events, from plain schema.org Schedules to the pages that people see. */
import { readFileSync } from "node:fs";
import { beforeAll, afterAll, describe, expect, test } from "vitest";
import { textOf } from "../support/page-text.ts";
import { jsonOf, openTestNode, type TestNode } from "../support/http.ts";

const SERIES = JSON.parse(readFileSync(new URL("../fixtures/demo/series.jsonld", import.meta.url), "utf8")) as { name: string }[];

describe("the demo's series", () => {
  let node: TestNode;
  /** By name: the address of each. */
  const addresses = new Map<string, string>();
  beforeAll(async () => {
    node = await openTestNode({ start: "2026-07-01T12:00:00Z" });
    const key = await node.key("agent");
    for (const document of SERIES) {
      const answer = await node.ask("/api/v1/events", { key, body: document });
      expect([answer.status, await answer.clone().text()]).toEqual([201, expect.anything()]);
      addresses.set(document.name, (await jsonOf(answer))["@id"]);
    }
  });
  afterAll(() => node[Symbol.asyncDispose]());

  const pageOf = async (address: string) => textOf(await (await node.ask(address, { accept: "text/html" })).text());

  test("each says its rule", async () => {
    expect(await pageOf(addresses.get("Friday Sessions")!)).toContain("Every Friday, 7:00 pm – 9:30 pm, except 3 April 2026");
    expect(await pageOf(addresses.get("First Sunday Sketching")!)).toContain("First Sunday of the month, 10:00 am – 12:00 pm");
    expect(await pageOf(addresses.get("Courtyards Open")!)).toContain("Every year on the first Saturday of June, for 2 days");
  });

  test("the next dates are told with what is different about them, and lead to their pages", async () => {
    const address = addresses.get("Friday Sessions")!;
    const page = await pageOf(address);
    expect(page).toContain("Fri 3 July 2026, 7:00 pm – 9:30 pm (cancelled)");
    expect(page).toMatch(/Fri 14 August 2026, 8:00 pm – 10:00 pm \([^)]*moved from Fri 14 August 2026, 7:00 pm, at Lakeside Bandshell/);
    const date = await pageOf(`${address}/occurrences/20260814T190000`);
    expect(date).toContain("Friday Sessions by the lake");
    expect(date).toContain("Moved. It was to be on Friday 14 August 2026, 7:00 pm.");
    expect(date).toContain("After: Fri 21 August 2026, 7:00 pm – 9:30 pm");
    expect((await node.ask(`${address}/occurrences/20260815T190000`, { accept: "text/html" })).status).toBe(404);
  });

  test("the list of events shows them under their next dates", async () => {
    const list = await pageOf(`${node.url}/events`);
    expect(list).toContain("Sun 5 July 2026, 10:00 am – 12:00 pm EDT");
    expect(list).toContain("Ravine Pavilion, Toronto · Free · First Sunday of the month, 10:00 am – 12:00 pm");
  });
});
