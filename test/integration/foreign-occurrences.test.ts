/** Single occurrences of another node's series: whose names they bear, where they are read here, and what a word of ours about one, or a split, does. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ulidOf } from "../../src/domain/iri.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import { HERE, openFollowing, ORIGIN, saying, type Following } from "../support/following.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";
import { FRIDAYS } from "../support/series-http.ts";

const SERIES = `${ORIGIN}/events/01HYX3KQW7ERTV9XNBM2P8QJZF`;
/** Of a server that names its events otherwise. */
const OTHER = `${ORIGIN}/programme/fridays`;
const NAME = "20260515T200000";
/** An evening that is elsewhere, at a place that the origin names only there. */
const ELSEWHERE = {
  "@type": "Event",
  name: "Fridays",
  startDate: "2026-06-05T20:00:00-04:00",
  location: { "@type": "Place", name: "Lakeside Bandshell" },
  "sel:recurrenceId": "20260605T200000",
};

let pair: Following;
let node: TestNode;
let at: { series: string; other: string };
beforeAll(async () => {
  pair = await openFollowing();
  const document = anEvent({ "@type": "EventSeries", name: "Fridays", endDate: "2026-05-08T22:00:00-04:00", eventSchedule: FRIDAYS });
  const cancelled = {
    "@id": `${SERIES}/occurrences/20260522T200000`,
    "@type": "Event",
    name: "Fridays",
    startDate: "2026-05-22T20:00:00-04:00",
    eventStatus: "https://schema.org/EventCancelled",
    "sel:recurrenceId": "20260522T200000",
  };
  await pair.hear([
    saying(SERIES, 1, {
      ...document,
      subEvent: [cancelled, { "@id": `${SERIES}/occurrences/20260605T200000`, ...ELSEWHERE }],
    } as JsonLdObject),
    saying(OTHER, 2, { ...document, name: "Others" } as JsonLdObject),
  ]);
  node = await openTestNode({ database: pair.here.registry.database, base: HERE });
  const local = async (uri: string) => `/events/${ulidOf((await pair.event(uri)).id)}`;
  at = { series: await local(SERIES), other: await local(OTHER) };
}, 120_000);
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

describe("an occurrence of another node's series", () => {
  test("keeps its origin's @id, at an address of ours", async () => {
    const answer = await node.ask(`${at.series}/occurrences/${NAME}`, { accept: "application/ld+json" });
    expect([answer.status, answer.headers.get("link")]).toEqual([200, `<${SERIES}/occurrences/${NAME}>; rel="canonical"`]);
    expect(await answer.json()).toMatchObject({ "@id": `${SERIES}/occurrences/${NAME}`, superEvent: { "@id": SERIES } });
    const turtle = await (await node.ask(`${at.series}/occurrences/${NAME}.ttl`)).text();
    expect([turtle.includes(`<${SERIES}/occurrences/${NAME}>`), turtle.includes(`${HERE}/events/`)]).toEqual([true, false]);
  });

  test("on a page that leads to the one at its home, and to its neighbours here", async () => {
    const page = await (await node.ask(`${at.series}/occurrences/${NAME}`, { accept: "text/html" })).text();
    expect(page).toMatch(new RegExp(`<link rel="canonical" href="${SERIES}/occurrences/${NAME}" ?/?>`));
    expect(page).toContain(`href="${at.series}/occurrences/20260522T200000"`);
  });

  test.each([
    ["in its series", () => at.series, (found: any) => found.subEvent],
    ["in the list of its dates", () => `/api/v1${at.series}/occurrences`, (found: any) => found.items],
  ])("%s, an exception as any other", async (_where, path, parts) => {
    const ids = parts(await jsonOf(node.ask(path(), { accept: "application/ld+json" }))).map((part: JsonLdObject) => part["@id"]);
    expect(ids.slice(0, 3)).toEqual(["20260508", NAME.slice(0, 8), "20260522"].map((day) => `${SERIES}/occurrences/${day}T200000`));
  });

  test("found by search", async () => {
    const { hits } = await jsonOf(node.ask(`/api/v1/events/search?q=fridays&startDate=2026-05-14&endDate=2026-05-16`));
    expect(hits).toMatchObject([{ "@id": SERIES, occurrence: { "@id": `${SERIES}/occurrences/${NAME}` }, local_page: HERE + at.series }]);
  });

  test("is corrected at its address here, and is still called as its origin calls it", async () => {
    const one = `/api/v1${at.series}/occurrences/20260529T200000`;
    const answer = await node.ask(one, { method: "PATCH", key: ADMIN_KEY, body: { name: "At the lake" } });
    expect([answer.status, answer.headers.get("location")]).toEqual([200, `${HERE}${at.series}/occurrences/20260529T200000`]);
    expect(await answer.json()).toMatchObject({ "@id": `${SERIES}/occurrences/20260529T200000`, name: "At the lake" });
    expect(await jsonOf(node.ask(one))).toMatchObject({ name: "At the lake" });
  });
});

test("a series whose name is corrected here leaves its occurrences, and where they are, its origin's", async () => {
  const said = (await pair.ownFeed()).filter(({ custody }) => custody === undefined);
  const own = async () => Object.fromEntries(((await pair.event(SERIES)).series?.overrides ?? []).map((one) => [one.recurrenceId, one]));
  const before = await own();
  const patched = await node.ask(`/api/v1${at.series}`, {
    method: "PATCH",
    key: ADMIN_KEY,
    type: "application/json",
    body: { name: "Our Fridays" },
  });
  expect([patched.status, (await pair.event(SERIES)).name]).toEqual([200, "Our Fridays"]);
  expect(Object.keys(before)).toEqual(["20260522T200000", "20260529T200000", "20260605T200000"]);
  expect(await own()).toEqual(before);
  expect((await pair.ownFeed()).filter(({ custody }) => custody === undefined)).toEqual(said);
});

test("of an origin that names its events in its own way no name is coined: the occurrence has ours", async () => {
  const answer = await node.ask(`${at.other}/occurrences/${NAME}`, { accept: "application/ld+json" });
  expect(await answer.json()).toMatchObject({ "@id": `${HERE}${at.other}/occurrences/${NAME}`, superEvent: { "@id": OTHER } });
});

describe("a series of another node that is split here", () => {
  const SAID = { description: "An evening in the origin's words.", image: "https://images.example/origin.jpg" };
  const texts = ({ description, image }: JsonLdObject) => ({ description, image });
  let position = 2;

  /** The origin tells a series with texts; its path here. */
  async function told(name: string): Promise<string> {
    const uri = `${ORIGIN}/events/split-${++position}`;
    const document = anEvent({ name, ...SAID, endDate: "2026-05-08T22:00:00-04:00", eventSchedule: FRIDAYS, "sel:licenseStatus": "cc-by" });
    await pair.hear([saying(uri, position, document as JsonLdObject)]);
    return `/api/v1/events/${ulidOf((await pair.event(uri)).id)}`;
  }
  async function split(series: string, changes: object) {
    const answer = await node.ask(`${series}/occurrences/${NAME}/split`, { key: ADMIN_KEY, body: changes });
    expect(answer.status).toBe(201);
    const uri = answer.headers.get("location")!;
    const { "sel:provenance": provenance, ...shown } = await jsonOf(node.ask(`/api/v1${new URL(uri).pathname}?include=provenance`));
    const claimed = (provenance.fields as { field: string }[]).map(({ field }) => field);
    const item = (await pair.ownFeed()).findLast((one) => one.uri === uri)!;
    return { path: new URL(uri).pathname, shown, claimed, fed: item.snapshot! };
  }

  test("goes on without the origin's texts, which no takedown there would reach", async () => {
    const series = await told("Told evenings");
    expect(texts(await jsonOf(node.ask(series)))).toEqual(SAID);
    const { path, shown, claimed, fed } = await split(series, {});
    expect(shown).toMatchObject({ name: "Told evenings", location: { name: expect.any(String) } });
    for (const document of [shown, fed]) expect(texts(document)).toEqual({ description: undefined, image: undefined });
    expect(claimed).toContain("/name");
    for (const field of ["/description", "/image"]) expect(claimed).not.toContain(field);
    const page = await (await node.ask(path, { accept: "text/html" })).text();
    for (const text of Object.values(SAID)) expect(page).not.toContain(text);
  });

  test("goes on with the texts that are said here", async () => {
    const series = await told("Retold evenings");
    const body = { description: "In our words." };
    const patched = await node.ask(series, { method: "PATCH", key: ADMIN_KEY, type: "application/json", body });
    expect(patched.status).toBe(200);
    const image = "https://images.example/ours.jpg";
    const { shown, fed } = await split(series, { image });
    for (const document of [shown, fed]) expect(texts(document)).toEqual({ description: "In our words.", image });
  });
});
