/**
 * A source corrects its own event, cancels it, reinstates it, postpones it and sets another day, by sending its record
 * again. Each time the event, the feed, the calendar and the lists follow, and its address stays.
 */
import ICAL from "ical.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAll, type FeedItem } from "../support/feed-reader.ts";
import { createNetwork, type TestNetwork } from "../support/network.ts";
import { textAt } from "../support/public-outputs.ts";
import { concert } from "../support/registry.ts";
import { shownAt, speakerOn, type Speaker } from "../support/speakers.ts";

let network: TestNetwork;
let rex: Speaker;
let now = Date.parse("2026-05-01T12:00:00Z");
beforeAll(async () => {
  network = await createNetwork({ nodes: 1, clock: () => new Date(now) });
  rex = await speakerOn(network.node, "The Rex");
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

/** Sends the record again with these changes; the same identifier makes it the same record. */
async function sends(changes: object) {
  now += 60_000;
  const answer = await rex.say(concert({ identifier: "rex-2026-17", name: "Lantern Quartet", endDate: undefined, ...changes }));
  await network.processAll();
  return answer;
}
const toldOf = async (uri: string): Promise<FeedItem[]> =>
  (await readAll(network.node, { kind: "event" })).filter((item) => item.uri === uri);

/** The event's entry in the calendar of Toronto. */
async function inCalendar(uri: string) {
  const calendar = new ICAL.Component(ICAL.parse(await textAt(network.node, "/api/v1/events/search?city=Toronto&format=ics")));
  const [entry, ...more] = calendar.getAllSubcomponents("vevent").filter((one) => one.getFirstPropertyValue("uid") === uri);
  if (entry === undefined || more.length > 0) throw new Error(`${more.length} entries too many, or none`);
  const event = new ICAL.Event(entry);
  return { start: event.startDate.toJSDate().toISOString(), location: event.location, status: entry.getFirstPropertyValue("status") };
}
/** Whether the list of that day (in Toronto) has the event. */
async function listedOn(day: string, uri: string): Promise<boolean> {
  const { items } = await shownAt(network.node, `/api/v1/events?startDate=${day}&endDate=${day}&limit=200`);
  return (items as { "@id": string }[]).some((item) => item["@id"] === uri);
}

const ANNEX = {
  "@type": "Place",
  name: "Rex Annex",
  address: { "@type": "PostalAddress", streetAddress: "12 Annex Lane", addressLocality: "Toronto", addressCountry: "CA" },
};

describe("from one source's own submissions alone", () => {
  let uri: string;

  test("it is announced", async () => {
    const answer = await sends({});
    expect([answer.status, answer.outcome]).toEqual([201, "created"]);
    ({ uri } = answer);
    expect(await inCalendar(uri)).toMatchObject({ start: "2026-05-09T01:00:00.000Z", status: "CONFIRMED" });
    expect([await listedOn("2026-05-08", uri), await listedOn("2026-05-09", uri)]).toEqual([true, false]);
  });

  test("its time is corrected: no word of a reschedule, the day's lists and the calendar follow", async () => {
    expect(await sends({ startDate: "2026-05-09T20:30:00-04:00" })).toMatchObject({ status: 200, outcome: "updated", uri });
    const shown = await shownAt(network.node, uri);
    expect(shown).toMatchObject({ "@id": uri, startDate: "2026-05-09T20:30:00-04:00" });
    expect(shown).not.toHaveProperty("previousStartDate");
    expect((await toldOf(uri)).at(-1)).toMatchObject({
      action: "update",
      changed_fields: ["/startDate"],
      snapshot: { startDate: "2026-05-09T20:30:00-04:00" },
    });
    expect(await inCalendar(uri)).toMatchObject({ start: "2026-05-10T00:30:00.000Z" });
    expect([await listedOn("2026-05-08", uri), await listedOn("2026-05-09", uri)]).toEqual([false, true]);
  });

  test("its price and its venue are corrected", async () => {
    const offers = { "@type": "Offer", price: "22.50", priceCurrency: "CAD" };
    expect(await sends({ startDate: "2026-05-09T20:30:00-04:00", offers, location: ANNEX })).toMatchObject({ outcome: "updated", uri });
    const shown = await shownAt(network.node, uri);
    expect(shown).toMatchObject({ offers: { price: "22.50" }, location: { name: "Rex Annex" } });
    const told = (await toldOf(uri)).at(-1)!;
    expect([told.action, told.changed_fields?.toSorted()]).toEqual(["update", ["/location", "/offers"]]);
    expect((await inCalendar(uri)).location).toContain("12 Annex Lane");
    const at = async (venue: string) =>
      (await shownAt(network.node, `/api/v1/events?venueId=${venue}`))["items"].map((item: { "@id": string }) => item["@id"]);
    expect(await at(shown["location"]["@id"].slice(-26))).toEqual([uri]);
  });

  const MOVED = { startDate: "2026-05-09T20:30:00-04:00", location: ANNEX };

  test("it is cancelled, and stays in the lists as what it is", async () => {
    expect(await sends({ ...MOVED, eventStatus: "https://schema.org/EventCancelled" })).toMatchObject({ outcome: "updated", uri });
    expect(await shownAt(network.node, uri)).toMatchObject({ eventStatus: "https://schema.org/EventCancelled" });
    expect((await toldOf(uri)).at(-1)).toMatchObject({ action: "update", changed_fields: expect.arrayContaining(["/eventStatus"]) });
    expect(await inCalendar(uri)).toMatchObject({ status: "CANCELLED" });
    expect(await listedOn("2026-05-09", uri)).toBe(true);
    expect(await textAt(network.node, new URL(uri).pathname, "text/html")).toContain("Cancelled");
  });

  test("it is reinstated by saying that it is scheduled, or by not saying that it is off", async () => {
    for (const eventStatus of ["https://schema.org/EventScheduled", undefined]) {
      expect(await sends({ ...MOVED, eventStatus })).toMatchObject({ outcome: "updated", uri });
      expect((await shownAt(network.node, uri))["eventStatus"]).toBe(eventStatus);
      expect(await inCalendar(uri)).toMatchObject({ status: "CONFIRMED" });
      expect(await textAt(network.node, new URL(uri).pathname, "text/html")).not.toContain("Cancelled");
      await sends({ ...MOVED, eventStatus: "https://schema.org/EventCancelled" });
    }
    await sends(MOVED);
    expect((await toldOf(uri)).map((item) => item.action)).toEqual([
      "create",
      ...Array<string>((await toldOf(uri)).length - 1).fill("update"),
    ]);
  });

  test("it is rescheduled, and shows when it was to be", async () => {
    const answer = await sends({ ...MOVED, startDate: "2026-05-16T20:30:00-04:00", eventStatus: "https://schema.org/EventRescheduled" });
    expect(answer).toMatchObject({ outcome: "updated", uri });
    const rescheduled = {
      startDate: "2026-05-16T20:30:00-04:00",
      previousStartDate: "2026-05-09T20:30:00-04:00",
      eventStatus: "https://schema.org/EventRescheduled",
    };
    expect(await shownAt(network.node, uri)).toMatchObject(rescheduled);
    expect((await toldOf(uri)).at(-1)).toMatchObject({ snapshot: rescheduled });
    expect(await inCalendar(uri)).toMatchObject({ start: "2026-05-17T00:30:00.000Z", status: "CONFIRMED" });
    expect([await listedOn("2026-05-09", uri), await listedOn("2026-05-16", uri)]).toEqual([false, true]);
    expect(await textAt(network.node, new URL(uri).pathname, "text/html")).toContain("Rescheduled");
  });

  test("it is postponed, its next day open, and then gets one", async () => {
    await sends({ ...MOVED, startDate: "2026-05-16T20:30:00-04:00", eventStatus: "https://schema.org/EventPostponed" });
    expect(await inCalendar(uri)).toMatchObject({ status: "TENTATIVE" });
    await sends({ ...MOVED, startDate: "2026-06-20T20:30:00-04:00" });
    expect(await shownAt(network.node, uri)).toMatchObject({
      startDate: "2026-06-20T20:30:00-04:00",
      previousStartDate: "2026-05-16T20:30:00-04:00",
      eventStatus: "https://schema.org/EventRescheduled",
    });
  });

  test("what the table does not allow is refused, and the event stays as it was", async () => {
    await sends({ ...MOVED, startDate: "2026-06-20T20:30:00-04:00", eventStatus: "https://schema.org/EventCancelled" });
    const before = await shownAt(network.node, uri);
    const refused = await sends({ ...MOVED, startDate: "2026-06-20T20:30:00-04:00", eventStatus: "https://schema.org/EventPostponed" });
    expect(refused).toMatchObject({ status: 409, document: { code: "invalid_transition", allowed: ["published", "deleted"] } });
    expect(await shownAt(network.node, uri)).toEqual(before);
  });

  test("all along it was one event", async () => {
    const { items } = await shownAt(network.node, "/api/v1/events?limit=200");
    expect((items as { "@id": string }[]).map((item) => item["@id"])).toEqual([uri]);
  });
});

test("what a source calls off is not put on again by a state alone, but by a pin", async () => {
  const { uri } = await rex.say(concert({ identifier: "rex-off", name: "Off", eventStatus: "https://schema.org/EventCancelled" }));
  const byHand = (what: string, body: object) =>
    network.node.asAdmin(`/api/v1/admin/events/${uri.slice(-26)}/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, reason: "It takes place." }),
    });
  const refused = await byHand("state", { state: "published" });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: "conflict", detail: expect.stringContaining("pin eventStatus") });
  expect((await byHand("pins", { field: "eventStatus", value: "EventScheduled" })).status).toBe(200);
  await network.processAll();
  expect(await shownAt(network.node, uri)).toMatchObject({ eventStatus: "https://schema.org/EventScheduled" });
});
