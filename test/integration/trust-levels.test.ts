/** A source that is trusted less changes nothing that a more trusted one says; what it tried stands in the explanation. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNetwork, type TestNetwork } from "../support/network.ts";
import { concert } from "../support/registry.ts";
import { shownAt, speakerOn, type Speaker } from "../support/speakers.ts";

let network: TestNetwork;
let venue: Speaker;
let listings: Speaker;
let now = Date.parse("2026-05-01T12:00:00Z");
beforeAll(async () => {
  network = await createNetwork({ nodes: 1, clock: () => new Date(now) });
  venue = await speakerOn(network.node, "The venue", 8);
  listings = await speakerOn(network.node, "Listings", 3);
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

/** Speaks of the event of that name, as one record of the speaker's; its start, name and venue make it one event for both. */
async function says(speaker: Speaker, name: string, changes: object = {}) {
  now += 60_000;
  const answer = await speaker.say(
    concert({ name, identifier: `${speaker.name} ${name}`, endDate: undefined, organizer: undefined, ...changes }),
  );
  expect([200, 201]).toContain(answer.status);
  return answer;
}
async function explained(uri: string, field: string) {
  const { "sel:provenance": provenance } = await shownAt(network.node, `/api/v1${new URL(uri).pathname}?include=provenance`);
  return (provenance.fields as { field: string }[]).find((one) => one.field === field);
}
const CANCELLED = { eventStatus: "https://schema.org/EventCancelled" };
const PRICE = (price: string) => ({ offers: { "@type": "Offer", price, priceCurrency: "CAD" } });

describe.each([
  { field: "startDate", first: {}, tried: { startDate: "2026-05-08T22:00:00-04:00" } },
  { field: "offers", first: PRICE("15.00"), tried: PRICE("5.00") },
  { field: "description", first: { description: "Loud." }, tried: { description: "Quiet." } },
  { field: "url", first: { url: "https://venue.example/1" }, tried: { url: "https://listings.example/1" } },
  { field: "name", first: {}, tried: { name: "Something else" } },
  { field: "location", first: {}, tried: { location: { "@type": "Place", name: "Elsewhere", address: "1 Elsewhere Street, Ottawa" } } },
])("$field", ({ field, first, tried }) => {
  const title = `Lanterns and ${field}`;
  test("cannot be changed from below, before or after; the attempt is told, with the rule that kept it out", async () => {
    const { uri } = await says(venue, title, first);
    await says(listings, title);
    const before = await shownAt(network.node, uri);
    // A newer word, and sent again and again: it is still the lesser one's.
    for (const more of [{}, { keywords: ["again"] }]) expect((await says(listings, title, { ...tried, ...more })).uri).toBe(uri);
    const after = await shownAt(network.node, uri);
    expect(after[field]).toEqual(before[field]);
    expect(await explained(uri, `/${field}`)).toMatchObject({
      rule: "trust level",
      winner: { source: "The venue", trust: 8 },
      losers: [{ source: "Listings", trust: 3 }],
    });
  });
});

describe("the status", () => {
  test("a lesser source cannot cancel what a greater one announced without a word of its status", async () => {
    const { uri } = await says(venue, "A quiet announcement");
    await says(listings, "A quiet announcement", CANCELLED);
    expect((await shownAt(network.node, uri))["eventStatus"]).toBeUndefined();
    expect(await explained(uri, "/eventStatus")).toMatchObject({
      losers: [{ source: "Listings", value: "EventCancelled" }],
      rule: expect.stringContaining("scheduled"),
    });
  });

  test("nor what it announced as scheduled", async () => {
    const { uri } = await says(venue, "A loud announcement", { eventStatus: "https://schema.org/EventScheduled" });
    await says(listings, "A loud announcement", CANCELLED);
    expect((await shownAt(network.node, uri))["eventStatus"]).toBe("https://schema.org/EventScheduled");
    expect(await explained(uri, "/eventStatus")).toMatchObject({
      rule: "trust level",
      winner: { source: "The venue" },
      losers: [{ source: "Listings" }],
    });
  });

  test.each([
    ["by saying that it is scheduled", { eventStatus: "https://schema.org/EventScheduled" }],
    ["by giving it another start", { startDate: "2026-05-22T21:00:00-04:00", eventStatus: "https://schema.org/EventRescheduled" }],
    ["by saying nothing of it", {}],
  ])("it cannot revive what a greater one cancelled, %s", async (how, tried) => {
    const title = `Revived ${how}`;
    const { uri } = await says(venue, title);
    await says(listings, title);
    await says(venue, title, CANCELLED);
    await says(listings, title, { ...tried, keywords: ["it is on!"] });
    expect(await shownAt(network.node, uri)).toMatchObject({ ...CANCELLED, startDate: "2026-05-08T21:00:00-04:00" });
    const told = await explained(uri, "/eventStatus");
    expect(told).toMatchObject({ winner: { source: "The venue", value: "EventCancelled" } });
    if ("eventStatus" in tried) expect(told).toMatchObject({ rule: "trust level", losers: [{ source: "Listings", trust: 3 }] });
  });

  test("it makes no difference who speaks first", async () => {
    const { uri } = await says(listings, "Cancelled too soon", CANCELLED);
    expect(await shownAt(network.node, uri)).toMatchObject(CANCELLED);
    await says(venue, "Cancelled too soon");
    expect((await shownAt(network.node, uri))["eventStatus"]).toBeUndefined();
  });

  test("the greater one's own word is followed at once (the control)", async () => {
    const { uri } = await says(listings, "Taken at its word");
    await says(venue, "Taken at its word");
    await says(venue, "Taken at its word", { ...CANCELLED, ...PRICE("1.00") });
    expect(await shownAt(network.node, uri)).toMatchObject({ ...CANCELLED, offers: { price: "1.00" } });
  });
});

test("a lesser source still adds what the greater one leaves open", async () => {
  const { uri } = await says(venue, "Open questions", { description: undefined });
  await says(listings, "Open questions", { description: "With lanterns.", keywords: undefined });
  expect(await shownAt(network.node, uri)).toMatchObject({ description: "With lanterns." });
});
