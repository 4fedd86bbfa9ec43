/** "This and all following" over HTTP: a series is split in two that know each other. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { FRIDAYS, seriesOn, type SeriesOn } from "../support/series-http.ts";

/** It is 1 May 2026, noon in London; the first concert is on Friday, 8 May. */
let node: TestNode;
let agent: string;
let aSeries: SeriesOn["aSeries"];
let list: SeriesOn["list"];
let starts: SeriesOn["starts"];
let patch: SeriesOn["patch"];
beforeAll(async () => {
  node = await openTestNode();
  agent = await node.key("agent");
  ({ aSeries, list, starts, patch } = seriesOn(node, agent));
});
afterAll(() => node[Symbol.asyncDispose]());

describe("this and all following", () => {
  const split = (api: string, recurrenceId: string, body: unknown, key = agent) =>
    node.ask(`${api}/occurrences/${recurrenceId}/split`, { key, body });
  const pathOf = (response: Response) => `/api/v1${new URL(response.headers.get("location")!).pathname}`;

  test("the series ends, another goes on with the changes, and both know each other", async () => {
    const { api, address, name } = await aSeries();
    const response = await split(api, "20260522T200000", { name: "Fridays, renamed" });
    expect(response.status).toBe(201);
    const following = pathOf(response);
    expect(await starts(api, "?from=2026-05-01")).toEqual(["2026-05-08T20:00:00-04:00", "2026-05-15T20:00:00-04:00"]);
    expect(await starts(following, "?limit=2")).toEqual(["2026-05-22T20:00:00-04:00", "2026-05-29T20:00:00-04:00"]);
    const [before, after] = [await jsonOf(node.ask(api)), await jsonOf(node.ask(following))];
    expect([before.name, after.name]).toEqual([name, "Fridays, renamed"]);
    expect(after).toMatchObject({ location: { name: "Backroom" } });
    expect(JSON.stringify(after["sel:continues"])).toContain(node.base + address);
    expect(JSON.stringify(before["sel:continuedBy"])).toContain(after["@id"]);
    expect(after["sel:continuedBy"]).toBeUndefined();
  });

  test("each half names the other while that can be seen, and its tag tells when it cannot", async () => {
    const { api } = await aSeries();
    const following = pathOf(await split(api, "20260522T200000", {}));
    const before = await node.ask(api);
    expect((await jsonOf(Promise.resolve(before.clone())))["sel:continuedBy"]).toBeDefined();
    await node.ask(following, { method: "DELETE", key: ADMIN_KEY });
    const after = await node.ask(api, { headers: { "if-none-match": before.headers.get("etag")! } });
    expect(after.status).toBe(200);
    expect((await jsonOf(Promise.resolve(after)))["sel:continuedBy"]).toBeUndefined();
  });

  test("exceptions go with their half, and a count is divided", async () => {
    const { api } = await aSeries({ repeatCount: 5 });
    await patch(`${api}/occurrences/20260515T200000`, { name: "Early exception" });
    await patch(`${api}/occurrences/20260529T200000`, { eventStatus: "EventCancelled" });
    const following = pathOf(await split(api, "20260522T200000", {}));
    expect((await list(api, "?from=2026-05-01")).items.map((one) => one.name)).toEqual([expect.anything(), "Early exception"]);
    const { items } = await list(following, "?from=2026-05-01");
    expect(items.map((one) => one.startDate.slice(0, 10))).toEqual(["2026-05-22", "2026-05-29", "2026-06-05"]);
    expect(items.map((one) => one.eventStatus)).toEqual([undefined, "https://schema.org/EventCancelled", undefined]);
  });

  test("another time of day moves rule and exceptions alike", async () => {
    const { api } = await aSeries();
    await patch(`${api}/occurrences/20260529T200000`, { name: "Guest night" });
    const following = pathOf(await split(api, "20260522T200000", { startDate: "2026-05-22T18:30:00-04:00" }));
    const { items } = await list(following, "?limit=2");
    expect(items).toMatchObject([
      { startDate: "2026-05-22T18:30:00-04:00", endDate: "2026-05-22T20:30:00-04:00" },
      { startDate: "2026-05-29T18:30:00-04:00", name: "Guest night" },
    ]);
  });

  test("the address of an occurrence that went to the other series leads there, also over two splits and to another time of day", async () => {
    const { api, address } = await aSeries();
    const following = pathOf(await split(api, "20260522T200000", {}));
    const late = pathOf(await split(following, "20260619T200000", { startDate: "2026-06-19T21:00:00-04:00" }));
    const led = async (path: string) => {
      const response = await node.ask(path);
      expect(response.status, path).toBe(308);
      return response.headers.get("location")!.slice(node.base.length);
    };
    expect(await led(`${address}/occurrences/20260529T200000.ttl`)).toBe(
      `${following.slice("/api/v1".length)}/occurrences/20260529T200000.ttl`,
    );
    expect(await led(`${api}/occurrences/20260529T200000`)).toBe(`${following}/occurrences/20260529T200000`);
    expect(await led(`${api}/occurrences/20260626T200000`)).toBe(`${late}/occurrences/20260626T210000`);
    expect((await node.ask(`${api}/occurrences/20260530T200000`)).status).toBe(404);
    expect((await node.ask(`${api}/occurrences/20260515T200000`)).status).toBe(200);
  });

  test("a series without times is split by days, at another length from there on", async () => {
    const days = { startTime: undefined, duration: undefined };
    const { api } = await aSeries(days, { startDate: "2026-05-08", endDate: undefined });
    const following = pathOf(await split(api, "20260522", { endDate: "2026-05-23" }));
    expect(await starts(api)).toEqual(["2026-05-08", "2026-05-15"]);
    expect((await list(following, "?limit=2")).items).toMatchObject([
      { startDate: "2026-05-22", endDate: "2026-05-23" },
      { startDate: "2026-05-29", endDate: "2026-05-30" },
    ]);
  });

  test("another rule is given as a schedule; another day alone is refused in words", async () => {
    const { api } = await aSeries();
    const refused = await split(api, "20260522T200000", { startDate: "2026-05-23T20:00:00-04:00" });
    expect(refused.status).toBe(422);
    expect((await jsonOf(refused)).detail).toContain("eventSchedule");
    expect(await starts(api, "?limit=3&from=2026-05-20")).toHaveLength(3);
    const saturdays = { ...FRIDAYS, byDay: "https://schema.org/Saturday", startDate: "2026-05-23" };
    const following = pathOf(await split(api, "20260522T200000", { startDate: "2026-05-23T20:00:00-04:00", eventSchedule: saturdays }));
    expect(await starts(following, "?limit=2")).toEqual(["2026-05-23T20:00:00-04:00", "2026-05-30T20:00:00-04:00"]);
    expect(await starts(api, "?from=2026-05-01")).toHaveLength(2);
  });

  test("the first occurrence is no place to split at, nor is one that has begun", async () => {
    const { api } = await aSeries(
      { startDate: "2026-04-10" },
      { startDate: "2026-04-10T20:00:00-04:00", endDate: "2026-04-10T22:00:00-04:00" },
    );
    expect((await split(api, "20260410T200000", {})).status).toBe(409);
    const begun = await split(api, "20260424T200000", {});
    expect(begun.status).toBe(409);
    expect((await jsonOf(begun)).detail).toContain("begun");
    expect((await split(api, "20260425T200000", {})).status).toBe(404);
  });

  test("a split of the first half puts the new part between the two", async () => {
    const { api } = await aSeries();
    const last = pathOf(await split(api, "20260619T200000", {}));
    const middle = pathOf(await split(api, "20260522T200000", {}));
    const idOf = async (path: string) => (await jsonOf(node.ask(path)))["@id"] as string;
    expect(JSON.stringify((await jsonOf(node.ask(middle)))["sel:continuedBy"])).toContain(await idOf(last));
    expect(JSON.stringify((await jsonOf(node.ask(last)))["sel:continues"])).toContain(await idOf(middle));
    expect(await starts(middle, "?from=2026-05-01")).toHaveLength(4);
  });

  test("a curator splits what a source keeps sending whole: the pinned end stands", async () => {
    const { api, name } = await aSeries();
    const following = pathOf(await split(api, "20260522T200000", { name: "New management" }, ADMIN_KEY));
    const body = anEvent({ name, endDate: "2026-05-08T22:00:00-04:00", eventSchedule: FRIDAYS, keywords: ["jazz"] });
    await node.ask(api, { method: "PUT", key: agent, body });
    expect(await starts(api, "?from=2026-05-01")).toHaveLength(2);
    expect(await jsonOf(node.ask(following))).toMatchObject({ name: "New management" });
  });

  test("a source whose rule does not count cannot split, and nothing has changed", async () => {
    const { api, name } = await aSeries();
    await node.ask(api, {
      method: "PATCH",
      key: ADMIN_KEY,
      type: "application/json",
      body: { eventSchedule: { ...FRIDAYS, repeatCount: 30 } },
    });
    const refused = await split(api, "20260522T200000", { name: `${name} II` });
    expect(refused.status).toBe(409);
    expect((await jsonOf(node.ask(api)))["sel:continuedBy"]).toBeUndefined();
    expect(await starts(api, "?limit=200&from=2026-05-01")).toHaveLength(30);
  });
});
