/** Single occurrences of a series over HTTP: read, changed, taken back. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { FRIDAYS, seriesOn, type SeriesOn } from "../support/series-http.ts";

/** It is 1 May 2026, noon in London; the first concert is on Friday, 8 May. */
let node: TestNode;
let agent: string;
let other: string;
let aSeries: SeriesOn["aSeries"];
let list: SeriesOn["list"];
let starts: SeriesOn["starts"];
let patch: SeriesOn["patch"];
beforeAll(async () => {
  node = await openTestNode();
  agent = await node.key("agent");
  other = await node.key("agent", { source: "Another calendar" });
  ({ aSeries, list, starts, patch } = seriesOn(node, agent));
});
afterAll(() => node[Symbol.asyncDispose]());

describe("reading occurrences", () => {
  test("an occurrence has an address of its own, and knows its series", async () => {
    const { address, name } = await aSeries();
    const response = await node.ask(`${address}/occurrences/20260515T200000`, { accept: "application/ld+json" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/ld+json");
    expect(await response.json()).toMatchObject({
      "@id": `${node.base}${address}/occurrences/20260515T200000`,
      name,
      startDate: "2026-05-15T20:00:00-04:00",
      endDate: "2026-05-15T22:00:00-04:00",
      location: { name: "Backroom" },
      superEvent: { "@id": node.base + address },
    });
  });

  test("it is there in every format, by Accept or by suffix", async () => {
    const { address } = await aSeries();
    const one = `${address}/occurrences/20260515T200000`;
    for (const [accept, suffix, says] of [
      ["application/json", ".json", '"superEvent"'],
      ["text/turtle", ".ttl", "superEvent"],
      ["application/n-triples", ".nt", "superEvent>"],
      ["text/html", ".html", "<html"],
    ] as const) {
      const [negotiated, suffixed] = [await node.ask(one, { accept }), await node.ask(one + suffix)];
      expect(negotiated.headers.get("content-type"), suffix).toContain(accept);
      const text = await negotiated.text();
      expect(text).toContain(says);
      expect(await suffixed.text()).toBe(text);
    }
    expect((await node.ask(`${one}.pdf`)).status).toBe(404);
  });

  test("a copy that is still good is not sent again", async () => {
    const { address } = await aSeries();
    const one = `${address}/occurrences/20260515T200000`;
    const etag = (await node.ask(one)).headers.get("etag")!;
    expect((await node.ask(one, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test("what the rule does not have is not found", async () => {
    const { address, api } = await aSeries();
    for (const name of ["20260516T200000", "20260501T200000", "20260515", "yesterday", "20269999T999999"])
      for (const path of [address, api]) expect((await node.ask(`${path}/occurrences/${name}`)).status, name).toBe(404);
  });

  test("of an event that is gone, every occurrence is gone", async () => {
    const { address, api } = await aSeries();
    await node.ask(api, { method: "DELETE", key: ADMIN_KEY });
    const response = await node.ask(`${address}/occurrences/20260515T200000`);
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ "sel:tombstone": true });
    expect((await node.ask(`${api}/occurrences`)).status).toBe(410);
  });

  test("they are listed from now on, page by page, as far as one asks", async () => {
    const { api } = await aSeries();
    const first = await list(api, "?limit=2");
    expect(first.items.map((one) => one.startDate)).toEqual(["2026-05-08T20:00:00-04:00", "2026-05-15T20:00:00-04:00"]);
    const second = await list(api, `?limit=2&after=${first.next_cursor}`);
    expect(second.items.map((one) => one.startDate)).toEqual(["2026-05-22T20:00:00-04:00", "2026-05-29T20:00:00-04:00"]);
    // Far beyond the horizon to which occurrences are kept.
    expect(await starts(api, "?from=2040-01-01&limit=1")).toEqual(["2040-01-06T20:00:00-05:00"]);
    expect(await starts(api, "?from=2026-05-09&until=2026-05-23")).toEqual(["2026-05-15T20:00:00-04:00", "2026-05-22T20:00:00-04:00"]);
  });

  test("the last page says so, and a cursor is good for its own window only", async () => {
    const { api } = await aSeries({ repeatCount: 3 });
    const { next_cursor: cursor } = await list(api, "?limit=2");
    expect(await list(api, `?limit=2&after=${cursor}`)).toMatchObject({ items: [{}], next_cursor: null });
    expect((await node.ask(`${api}/occurrences?from=2026-05-20&after=${cursor}`)).status).toBe(400);
    expect((await node.ask(`${api}/occurrences?from=soon`)).status).toBe(400);
    expect((await node.ask(`${api}/occurrences?limit=0`)).status).toBe(400);
  });

  test("an event that does not recur has its dates", async () => {
    const made = await node.ask("/api/v1/events", { key: agent, body: anEvent({ name: "Once" }) });
    const path = `/api/v1${new URL(made.headers.get("location")!).pathname}`;
    const { items } = await list(path);
    expect(items).toMatchObject([{ name: "Once", startDate: "2026-05-08T20:00:00-04:00" }]);
    expect((await node.ask(`${path}/occurrences/20260508T200000`)).status).toBe(404);
    expect((await patch(`${path}/occurrences/20260508T200000`, { name: "Twice" })).status).toBe(409);
  });
});

describe("changing one occurrence", () => {
  test("it is cancelled; the others are not", async () => {
    const { api } = await aSeries();
    const response = await patch(`${api}/occurrences/20260515T200000`, { eventStatus: "EventCancelled" });
    expect(response.status).toBe(200);
    expect(response.headers.get("calends-outcome")).toBe("updated");
    expect(await response.json()).toMatchObject({
      eventStatus: "https://schema.org/EventCancelled",
      startDate: "2026-05-15T20:00:00-04:00",
    });
    expect((await list(api, "?limit=3")).items.map((one) => one.eventStatus)).toEqual([
      undefined,
      "https://schema.org/EventCancelled",
      undefined,
    ]);
  });

  test("the same words about two occurrences are two words", async () => {
    const { api } = await aSeries();
    await patch(`${api}/occurrences/20260515T200000`, { eventStatus: "EventCancelled" });
    await patch(`${api}/occurrences/20260522T200000`, { eventStatus: "EventCancelled" });
    const again = await patch(`${api}/occurrences/20260522T200000`, { eventStatus: "EventCancelled" });
    expect(again.headers.get("calends-outcome")).toBe("unchanged");
    const cancelled = (await list(api)).items.filter((one) => one.eventStatus !== undefined);
    expect(cancelled.map((one) => one.startDate)).toEqual(["2026-05-15T20:00:00-04:00", "2026-05-22T20:00:00-04:00"]);
  });

  test("it goes on being called as its series is, also when that gets another name; one of its own it keeps", async () => {
    const { api } = await aSeries();
    await patch(`${api}/occurrences/20260515T200000`, { eventStatus: "EventCancelled" });
    await patch(`${api}/occurrences/20260522T200000`, { name: "Last Friday" });
    const renamed = await node.ask(api, { method: "PATCH", key: agent, type: "application/json", body: { name: "Fridays, anew" } });
    expect(renamed.status).toBe(200);
    expect((await list(api, "?limit=3")).items.map((one) => one.name)).toEqual(["Fridays, anew", "Fridays, anew", "Last Friday"]);
  });

  test("it is moved, and keeps its address and its length", async () => {
    const { api, address } = await aSeries();
    await patch(`${api}/occurrences/20260515T200000`, { startDate: "2026-05-17T15:00:00-04:00" });
    const moved = await jsonOf(node.ask(`${address}/occurrences/20260515T200000`));
    expect(moved).toMatchObject({ startDate: "2026-05-17T15:00:00-04:00", endDate: "2026-05-17T17:00:00-04:00" });
    expect(await starts(api)).toEqual([
      "2026-05-08T20:00:00-04:00",
      "2026-05-17T15:00:00-04:00",
      "2026-05-22T20:00:00-04:00",
      "2026-05-29T20:00:00-04:00",
    ]);
  });

  test("of a series without times, a day is moved to another day", async () => {
    const days = { startTime: undefined, duration: undefined };
    const { api, address } = await aSeries(days, { startDate: "2026-05-08", endDate: undefined });
    const moved = await jsonOf(patch(`${api}/occurrences/20260515`, { startDate: "2026-05-16" }));
    expect(moved).toMatchObject({ "@id": `${node.base}${address}/occurrences/20260515`, startDate: "2026-05-16" });
    expect(await starts(api, "?limit=3")).toEqual(["2026-05-08", "2026-05-16", "2026-05-22"]);
  });

  test("an end that was said of it before moves with its start", async () => {
    const { api } = await aSeries();
    const one = `${api}/occurrences/20260515T200000`;
    await patch(one, { endDate: "2026-05-15T23:30:00-04:00" });
    const moved = await jsonOf(patch(one, { startDate: "2026-05-15T18:00:00-04:00" }));
    expect(moved).toMatchObject({ startDate: "2026-05-15T18:00:00-04:00", endDate: "2026-05-15T21:30:00-04:00" });
  });

  test("it is held elsewhere, under another name, at another price", async () => {
    const { api } = await aSeries();
    const lake = { "@type": "Place", name: "Lake Stage", address: { "@type": "PostalAddress", addressLocality: "Toronto" } };
    const changed = await jsonOf(
      patch(`${api}/occurrences/20260515T200000`, {
        name: "Fridays at the lake",
        location: lake,
        offers: { "@type": "Offer", price: "5.00", priceCurrency: "CAD" },
      }),
    );
    expect(changed).toMatchObject({ name: "Fridays at the lake", location: lake, offers: { price: "5.00" } });
    // A place of its own has nothing of the series' place.
    expect(changed.location.geo).toBeUndefined();
    expect((await list(api, "?limit=1")).items[0]).toMatchObject({ location: { name: "Backroom" } });
  });

  test("PATCH adds to what was said, PUT replaces it, null and DELETE take it back", async () => {
    const { api, name } = await aSeries();
    const one = `${api}/occurrences/20260515T200000`;
    await patch(one, { name: "Special night" });
    expect(await jsonOf(patch(one, { eventStatus: "EventCancelled" }))).toMatchObject({
      name: "Special night",
      eventStatus: "https://schema.org/EventCancelled",
    });
    expect(await jsonOf(patch(one, { eventStatus: null }))).not.toHaveProperty("eventStatus");
    const put = await jsonOf(node.ask(one, { method: "PUT", key: agent, body: { endDate: "2026-05-15T23:00:00-04:00" } }));
    expect(put).toMatchObject({ name, endDate: "2026-05-15T23:00:00-04:00" });
    const gone = await node.ask(one, { method: "DELETE", key: agent });
    expect(gone.status).toBe(204);
    expect(await jsonOf(node.ask(one))).toMatchObject({ name, endDate: "2026-05-15T22:00:00-04:00" });
    expect((await node.ask(one, { method: "DELETE", key: agent })).status).toBe(404);
  });

  test("what was read can be put as it is, and changes nothing", async () => {
    const { api } = await aSeries();
    const one = `${api}/occurrences/20260515T200000`;
    const before = await node.ask(one);
    const response = await node.ask(one, { method: "PUT", key: agent, body: await before.clone().json() });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe(before.headers.get("etag"));
  });

  test("only what an occurrence can have of its own is taken, and faults name the member", async () => {
    const { api } = await aSeries();
    const one = `${api}/occurrences/20260515T200000`;
    for (const [body, pointer] of [
      [{ description: "Only today." }, "/description"],
      [{ organizer: { "@type": "Organization", name: "Somebody else" } }, "/organizer"],
      [{ startDate: "whenever" }, "/startDate"],
      [{ endDate: "2026-05-15T10:00:00-04:00" }, "/endDate"],
      [{ eventSchedule: FRIDAYS }, "/eventSchedule"],
    ] as const) {
      const response = await patch(one, body);
      expect(response.status, pointer).toBe(422);
      expect((await jsonOf(response)).errors[0].pointer).toContain(pointer);
    }
    expect((await patch(one, ["EventCancelled"])).status).toBe(422);
    expect((await patch(`${api}/occurrences/20260516T200000`, { name: "A Saturday" })).status).toBe(404);
    expect((await patch(one, { name: "x" }, agent, { "if-match": '"v999-jsonld"' })).status).toBe(412);
    expect((await patch(one, { name: "x" }, "")).status).toBe(401);
  });

  test("a source that has said nothing of the series cannot change one of it; the curator can, and prevails", async () => {
    const { api } = await aSeries();
    const one = `${api}/occurrences/20260515T200000`;
    expect((await patch(one, { name: "Mine" }, other)).status).toBe(403);
    expect(await jsonOf(patch(one, { name: "The curator's name" }, ADMIN_KEY))).toMatchObject({ name: "The curator's name" });
    expect(await jsonOf(patch(one, { name: "The source's name" }))).toMatchObject({ name: "The curator's name" });
    const { fields } = (await jsonOf(node.ask(`${api}?include=provenance`)))["sel:provenance"];
    expect(fields).toContainEqual(expect.objectContaining({ field: "/subEvent/20260515T200000/name", rule: "curator pin" }));
    await node.ask(one, { method: "DELETE", key: ADMIN_KEY });
    expect(await jsonOf(node.ask(one))).toMatchObject({ name: "The source's name" });
  });

  test("a word on it is taken back by its name, and let in again; it is pinned at its own address only", async () => {
    const { api, name } = await aSeries();
    const one = `${api}/occurrences/20260515T200000`;
    await patch(one, { name: "Special night", eventStatus: "EventCancelled" });
    const field = "subEvent/20260515T200000/name";
    const post = (path: string, body: object, key: string) => node.ask(path, { method: "POST", key, type: "application/json", body });
    const takeBack = (word: string) => post(`${api}/withdrawals`, { field: word }, agent);
    const taken = await takeBack(field);
    expect(taken.status).toBe(201);
    const { id, field: told } = await jsonOf(taken);
    expect(told).toBe(field);
    expect(await jsonOf(node.ask(one))).toMatchObject({ name, eventStatus: "https://schema.org/EventCancelled" });
    const admin = `/api/v1/admin${api.replace("/api/v1", "")}`;
    expect((await node.ask(`${admin}/withdrawals/${id}`, { method: "DELETE", key: ADMIN_KEY })).status).toBe(200);
    expect(await jsonOf(node.ask(one))).toMatchObject({ name: "Special night" });

    expect((await takeBack("subEvent/20260522T200000/name")).status).toBe(404);
    for (const unknown of ["overrides", "subEvent/20260515T200000/organizer", "subEvent/soon/name"]) {
      const refused = await takeBack(unknown);
      expect(refused.status, unknown).toBe(422);
      expect((await jsonOf(refused)).detail).toContain("subEvent/20260508T190000/");
    }
    for (const word of [field, "overrides"]) {
      const pin = await post(`${admin}/pins`, { field: word, value: "x" }, ADMIN_KEY);
      expect(pin.status, word).toBe(422);
      expect((await jsonOf(pin)).detail).toContain("PATCH /api/v1/events/{ulid}/occurrences/");
    }
  });

  test("an exception outlives a change of the rule's time, and its old address leads to the new one", async () => {
    const { api, address, name } = await aSeries();
    await patch(`${api}/occurrences/20260515T200000`, { eventStatus: "EventCancelled" });
    const series = await node.ask(api, {
      method: "PATCH",
      key: agent,
      type: "application/json",
      body: {
        name,
        startDate: "2026-05-08T21:00:00-04:00",
        endDate: "2026-05-08T23:00:00-04:00",
        eventSchedule: { ...FRIDAYS, startTime: "21:00" },
      },
    });
    expect(series.status).toBe(200);
    const old = await node.ask(`${address}/occurrences/20260515T200000.json`);
    expect(old.status).toBe(308);
    expect(old.headers.get("location")).toBe(`${node.base}${address}/occurrences/20260515T210000.json`);
    expect(await jsonOf(node.ask(`${address}/occurrences/20260515T210000`))).toMatchObject({
      startDate: "2026-05-15T21:00:00-04:00",
      eventStatus: "https://schema.org/EventCancelled",
    });
    // Said under the new name, it is still the same exception.
    expect(await jsonOf(patch(`${api}/occurrences/20260515T210000`, { name: "Off" }))).toMatchObject({
      name: "Off",
      eventStatus: "https://schema.org/EventCancelled",
    });
    expect((await node.ask(`${api}/occurrences/20260515T210000`, { method: "DELETE", key: agent })).status).toBe(204);
    expect(await jsonOf(node.ask(`${address}/occurrences/20260515T210000`))).toMatchObject({ name });
  });

  test("a request that is repeated with its key is answered as the first time", async () => {
    const { api } = await aSeries();
    const headers = { "idempotency-key": "cancel-one" };
    const [first, second] = [
      await patch(`${api}/occurrences/20260515T200000`, { eventStatus: "EventCancelled" }, agent, headers),
      await patch(`${api}/occurrences/20260515T200000`, { eventStatus: "EventCancelled" }, agent, headers),
    ];
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await second.text()).toBe(await first.text());
  });
});
