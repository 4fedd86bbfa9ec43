/** Calendars over HTTP: of an event, of a list, of a place, an organization and a person; what clients ask of them again. */
import ICAL from "ical.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readState } from "../../src/db/entities.ts";
import { uuidOf } from "../../src/domain/iri.ts";
import type { EventState } from "../../src/domain/state.ts";
import { decodeCalendar, decodeVevent } from "../../src/icalendar/decode.ts";
import { ADMIN_KEY, anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

let node: TestNode;
let agent: string;
const ulids: Record<string, string> = {};

/** Submits an event; its ULID. */
async function submit(more: Record<string, unknown>): Promise<string> {
  const response = await node.ask("/api/v1/events", { key: agent, body: anEvent(more) });
  expect(response.status, await response.clone().text()).toBe(201);
  return response.headers.get("location")!.split("/").at(-1)!;
}
const ics = async (path: string, options = {}) => {
  const response = await node.ask(path, options);
  expect(response.status, await response.clone().text()).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
  return { response, calendar: new ICAL.Component(ICAL.parse(await response.text()) as never) };
};
const summaries = (calendar: InstanceType<typeof ICAL.Component>) =>
  calendar
    .getAllSubcomponents("vevent")
    .map((each) => String(each.getFirstPropertyValue("summary")))
    .toSorted();
const zonesOf = (calendar: InstanceType<typeof ICAL.Component>) =>
  calendar.getAllSubcomponents("vtimezone").map((each) => String(each.getFirstPropertyValue("tzid")));
const tagOf = async (path: string) => (await ics(path)).response.headers.get("etag")!;

beforeAll(async () => {
  node = await openTestNode();
  agent = await node.key("agent");
  const organizer = { "@type": "Organization", name: "Lantern Society" };
  const performer = { "@type": "Person", name: "Mira Vale" };
  ulids["soon"] = await submit({ name: "Soon", startDate: "2026-05-08T20:00:00-04:00", organizer, performer });
  ulids["lately"] = await submit({ name: "Lately", startDate: "2026-04-20T20:00:00-04:00" });
  ulids["long ago"] = await submit({ name: "Long ago", startDate: "2026-01-20T20:00:00-05:00", organizer });
  const elsewhere = {
    "@type": "Place",
    name: "Kaimuki Hall",
    address: { "@type": "PostalAddress", addressLocality: "Honolulu" },
    geo: { "@type": "GeoCoordinates", latitude: 21.28, longitude: -157.8 },
  };
  ulids["elsewhere"] = await submit({ name: "Elsewhere", startDate: "2026-05-09T19:00:00-10:00", location: elsewhere });
  const { items } = await jsonOf(node.ask("/api/v1/events"));
  const soon = items.find((each: { name: string }) => each.name === "Soon");
  for (const [name, found] of [
    ["venue", soon.location],
    ["society", soon.organizer],
    ["mira", soon.performer[0]],
  ] as const)
    ulids[name] = (found["@id"] as string).split("/").at(-1)!;
});
/** The series of these tests: Fridays in Toronto, but one, and one more. */
const weekly = {
  name: "Every Friday",
  startDate: "2026-05-08T21:00:00",
  endDate: "2026-05-08T23:00:00",
  eventSchedule: {
    "@type": "Schedule",
    repeatFrequency: "P1W",
    byDay: "https://schema.org/Friday",
    startDate: "2026-05-08",
    endDate: "2026-12-31",
    startTime: "21:00:00",
    endTime: "23:00:00",
    scheduleTimezone: "America/Toronto",
    exceptDate: "2026-06-05",
  },
};

afterAll(() => node[Symbol.asyncDispose]());

describe("an event", () => {
  test("is a calendar by its suffix and by Accept, under the same tag", async () => {
    const { calendar, response } = await ics(`/events/${ulids["soon"]}.ics`);
    expect(summaries(calendar)).toEqual(["Soon"]);
    expect(zonesOf(calendar)).toEqual(["America/Toronto"]);
    expect(response.headers.get("content-disposition")).toBe('inline; filename="event.ics"');
    const negotiated = await ics(`/events/${ulids["soon"]}`, { accept: "text/calendar" });
    expect(negotiated.response.headers.get("etag")).toBe(response.headers.get("etag"));
    const again = { headers: { "if-none-match": response.headers.get("etag")! } };
    expect((await node.ask(`/events/${ulids["soon"]}.ics`, again)).status).toBe(304);
  });

  test("has one UID, its address, in every calendar", async () => {
    const own = `${node.base}/events/${ulids["soon"]}`;
    const calendars = [`/events/${ulids["soon"]}.ics`, "/api/v1/events.ics", `/places/${ulids["venue"]}/calendar.ics`];
    for (const path of calendars) {
      const { calendar } = await ics(path);
      expect(calendar.getAllSubcomponents("vevent").map((each) => each.getFirstPropertyValue("uid"))).toContain(own);
    }
  });

  test("that is gone is gone as a calendar, too; other entities are none", async () => {
    const ulid = await submit({ name: "Retracted", startDate: "2026-06-01T20:00:00-04:00" });
    expect((await node.ask(`/api/v1/events/${ulid}`, { method: "DELETE", key: ADMIN_KEY })).status).toBe(204);
    expect((await node.ask(`/events/${ulid}.ics`)).status).toBe(410);
    expect((await node.ask(`/places/${ulids["venue"]}.ics`)).status).toBe(404);
    expect((await node.ask(`/places/${ulids["venue"]}`, { accept: "text/calendar" })).headers.get("content-type")).toBe("application/json");
  });
});

describe("a series", () => {
  test("is one entry with its rule, and is taken in again as the same series", async () => {
    const ulid = await submit(weekly);
    const response = await node.ask(`/events/${ulid}.ics`);
    const text = await response.text();
    const lines = text.replaceAll("\r\n ", "").split("\r\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "DTSTART;TZID=America/Toronto:20260508T210000",
        "DURATION:PT2H",
        "RRULE:FREQ=WEEKLY;UNTIL=20270101T045959Z;BYDAY=FR",
        "EXDATE;TZID=America/Toronto:20260605T210000",
        `UID:${node.base}/events/${ulid}`,
      ]),
    );
    const [item] = decodeCalendar(Buffer.from(text)).events;
    const { fields } = decodeVevent((item as { payload: Buffer }).payload);
    const state = await node.database.read((on) => readState(on, "event", uuidOf(ulid)!));
    const [set] = (state as EventState).series!.recurrence;
    // A day without a time is told by the time that it takes away.
    expect(fields.recurrence).toEqual([{ ...set, exdate: ["2026-06-05T21:00:00"] }]);
    expect((await node.ask(`/api/v1/events/${ulid}`, { method: "DELETE", key: ADMIN_KEY })).status).toBe(204);
  });
});

describe("a list", () => {
  test("holds what its filters find, and each zone once", async () => {
    const all = await ics("/api/v1/events.ics");
    expect(summaries(all.calendar)).toEqual(["Elsewhere", "Lately", "Long ago", "Soon"]);
    expect(zonesOf(all.calendar).toSorted()).toEqual(["America/Toronto", "Pacific/Honolulu"]);
    expect(summaries((await ics("/api/v1/events.ics?startDate=2026-05-01")).calendar)).toEqual(["Elsewhere", "Soon"]);
    expect(summaries((await ics("/api/v1/events.ics?city=honolulu")).calendar)).toEqual(["Elsewhere"]);
    expect(summaries((await ics("/api/v1/events.ics?q=soon")).calendar)).toEqual(["Soon"]);
  });

  test("of nothing is a calendar nevertheless", async () => {
    expect(summaries((await ics("/api/v1/events.ics?city=nowhere")).calendar)).toEqual([]);
  });

  test("refuses what the list refuses, and what is no question of a calendar", async () => {
    expect((await node.ask("/api/v1/events.ics?startDate=tomorrow")).status).toBe(400);
    expect((await node.ask("/api/v1/events.ics?state=draft")).status).toBe(403);
    for (const query of ["limit=5", "sort=name", "colour=blue"]) {
      const problem = await jsonOf(node.ask(`/api/v1/events.ics?${query}`));
      expect(problem.detail).toContain("there is no such parameter here");
    }
  });
});

describe("a place, an organization, a person", () => {
  test("have what is theirs, from 31 days back on", async () => {
    const { calendar, response } = await ics(`/places/${ulids["venue"]}/calendar.ics`);
    expect(summaries(calendar)).toEqual(["Lately", "Soon"]);
    expect(calendar.getFirstPropertyValue("x-wr-calname")).toBe("Backroom · Test node");
    expect(response.headers.get("content-disposition")).toBe('inline; filename="backroom.ics"');
    expect(response.headers.get("cache-control")).toBe("public, max-age=3600");
    expect(summaries((await ics(`/organizations/${ulids["society"]}/calendar.ics`)).calendar)).toEqual(["Soon"]);
    expect(summaries((await ics(`/persons/${ulids["mira"]}/calendar.ics`)).calendar)).toEqual(["Soon"]);
  });

  test("a venue hears of another's series only what is held with it", async () => {
    const lake = { "@type": "Place", name: "Lake Stage", address: { "@type": "PostalAddress", addressLocality: "Toronto" } };
    const ulid = await submit({
      ...weekly,
      name: "Fridays out",
      description: "Bring a chair.",
      location: { ...lake, name: "Home Stage" },
      subEvent: [
        { "@type": "Event", startDate: "2026-05-15T21:00:00-04:00", location: lake },
        { "@type": "Event", startDate: "2026-05-22T21:00:00-04:00", eventStatus: "https://schema.org/EventCancelled" },
      ],
    });
    const { location, subEvent } = await jsonOf(node.ask(`/events/${ulid}`));
    const told = async (place: { "@id": string }) =>
      (await ics(`${new URL(place["@id"]).pathname}/calendar.ics`)).calendar
        .getAllSubcomponents("vevent")
        .map((each) => ["recurrence-id", "location", "description"].map((name) => each.getFirstPropertyValue(name)?.toString() ?? ""));
    const guest = subEvent.find((each: { location?: { name: string } }) => each.location?.name === "Lake Stage");
    expect(await told(guest.location)).toEqual([["2026-05-15T21:00:00", "Lake Stage, Toronto", "Bring a chair."]]);
    expect((await told(location)).map(([which]) => which)).toEqual(["", "2026-05-15T21:00:00", "2026-05-22T21:00:00"]);
    expect((await node.ask(`/api/v1/events/${ulid}`, { method: "DELETE", key: ADMIN_KEY })).status).toBe(204);
  });

  test("or from when the query says", async () => {
    const since = (day: string) => ics(`/places/${ulids["venue"]}/calendar.ics?startDate=${day}`);
    expect(summaries((await since("2026-01-01")).calendar)).toEqual(["Lately", "Long ago", "Soon"]);
    expect(summaries((await since("2026-05-01")).calendar)).toEqual(["Soon"]);
  });

  test("that are not there have no calendar", async () => {
    expect((await node.ask("/places/01HWTYS3800000000000000001/calendar.ics")).status).toBe(404);
    expect((await node.ask("/places/nothing/calendar.ics")).status).toBe(404);
    expect((await node.ask(`/persons/${ulids["society"]}/calendar.ics`)).status).toBe(404);
  });
});

test("pages lead to their calendars", async () => {
  const links = async (path: string) =>
    [...(await (await node.ask(path, { accept: "text/html" })).text()).matchAll(/type="text\/calendar"[^>]*href="([^"]+)"/g)].map(
      ([, href]) => href,
    );
  expect(await links(`/events/${ulids["soon"]}`)).toEqual([`/events/${ulids["soon"]}.ics`]);
  expect(await links(`/places/${ulids["venue"]}`)).toEqual([`/places/${ulids["venue"]}/calendar.ics`]);
});

describe("asked again", () => {
  test("a calendar is sent only when something in it has changed", async () => {
    const path = `/places/${ulids["venue"]}/calendar.ics`;
    const before = await tagOf(path);
    const unchanged = await node.ask(path, { headers: { "if-none-match": before } });
    expect([unchanged.status, await unchanged.text(), unchanged.headers.get("etag")]).toEqual([304, "", before]);
    // Somewhere else: nothing here.
    await submit({ name: "Far away", startDate: "2026-05-20T19:00:00-10:00", location: { "@type": "Place", name: "Elsewhere Hall" } });
    expect(await tagOf(path)).toBe(before);
    await submit({ name: "Another one", startDate: "2026-05-21T19:00:00-04:00" });
    expect(await tagOf(path)).not.toBe(before);
  });

  test("a HEAD request reads no events", async () => {
    const response = await node.ask("/api/v1/events.ics", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(response.headers.get("etag")).toMatch(/^W\//);
  });
});
