/**
 * Lists and searches by local time, over HTTP: Friday evenings, what is on now, what comes next, one row an event or one an
 * occurrence, and recurring events beyond the horizon up to which their occurrences stand in the database.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listSchema } from "../../src/http/schemas.ts";
import { expandDue } from "../../src/registry/expand-series.ts";
import { anEvent, jsonOf, openTestNode, type TestNode } from "../support/http.ts";

const PLACES = {
  Toronto: { name: "Lantern Hall", zone: "America/Toronto", latitude: 43.66, longitude: -79.42 },
  Berlin: { name: "Kesselhaus", zone: "Europe/Berlin", latitude: 52.54, longitude: 13.41 },
};
const placeIn = (city: keyof typeof PLACES, name: string = PLACES[city].name) => ({
  "@type": "Place",
  name,
  address: { "@type": "PostalAddress", addressLocality: city, addressCountry: city === "Berlin" ? "DE" : "CA" },
  geo: { "@type": "GeoCoordinates", latitude: PLACES[city].latitude, longitude: PLACES[city].longitude },
});
const schedule = (more: object) => ({ "@type": "Schedule", repeatFrequency: "P1W", scheduleTimezone: "America/Toronto", ...more });

let node: TestNode;
let key: string;
const uris = new Map<string, string>();

async function submit(event: Record<string, unknown>): Promise<void> {
  const response = await node.ask("/api/v1/events", { key, body: anEvent({ location: placeIn("Toronto"), ...event }) });
  expect([response.status, response.status === 201 ? "" : await response.text()]).toEqual([201, ""]);
  uris.set(String(event["name"]), response.headers.get("location")!);
}

// It is Friday, 1 May 2026, 18:30 in Toronto: half past midnight on Saturday in Berlin.
beforeAll(async () => {
  node = await openTestNode({ start: "2026-05-01T22:30:00Z" });
  key = await node.key("agent");
  await submit({
    name: "Friday Jam",
    startDate: "2025-09-05T19:00:00-04:00",
    endDate: "2025-09-05T22:00:00-04:00",
    eventSchedule: schedule({ byDay: "Friday" }),
  });
  await submit({
    name: "Weekly Class",
    startDate: "2026-04-07T10:00:00-04:00",
    eventSchedule: schedule({ byDay: ["Tuesday", "Thursday"], repeatCount: 12 }),
  });
  await submit({ name: "Exhibition", startDate: "2026-04-20", endDate: "2026-05-20" });
  await submit({ name: "Late Set", startDate: "2026-05-02T01:30:00-04:00", endDate: "2026-05-02T03:00:00-04:00" });
  await submit({ name: "Early Evening", startDate: "2026-05-01T18:00:00-04:00" });
  await submit({
    name: "Called Off",
    startDate: "2026-05-01T18:00:00-04:00",
    endDate: "2026-05-01T23:00:00-04:00",
    eventStatus: "https://schema.org/EventCancelled",
  });
  await submit({
    name: "Berliner Abend",
    startDate: "2026-05-08T20:00:00+02:00",
    endDate: "2026-05-08T23:00:00+02:00",
    location: placeIn("Berlin"),
  });
  await expandDue(node.registry);
}, 120_000);
afterAll(() => node?.[Symbol.asyncDispose]());

const list = async (query: string) => listSchema.parse(await jsonOf(node.ask(`/api/v1/events?${query}`))) as any;
/** "name start" of each row. */
const rows = async (query: string): Promise<string[]> => {
  const { items, occurrences } = await list(query);
  return items.map(({ name }: any, n: number) => `${name} ${occurrences?.[n].startDate}`);
};

const problem = async (query: string, path = "/api/v1/events") => {
  const response = await node.ask(`${path}?${query}`);
  return [response.status, (await jsonOf(response)).detail];
};

describe("events by local time", () => {
  test("Friday evenings are those of each place's own clock", async () => {
    const evenings = "dayOfWeek=Friday&startTime=17:00&endTime=23:00&startsAfter=now&startsBefore=2026-05-10T00:00:00Z";
    const found = ["Friday Jam 2026-05-01T19:00:00-04:00", "Berliner Abend 2026-05-08T20:00:00+02:00"];
    expect(await rows(evenings)).toEqual(found);
    expect(await rows(evenings.replace("startTime=17:00&endTime=23:00", "hours=17-23").replace("Friday", "fr"))).toEqual(found);
  });

  test("a night passes midnight, and what starts after it is of the new day", async () => {
    const night = "startTime=22:00&endTime=03:00&startsAfter=now&startsBefore=2026-05-03T00:00:00Z";
    expect(await rows(night)).toEqual(["Late Set 2026-05-02T01:30:00-04:00"]);
    expect(await rows(`${night}&dayOfWeek=Saturday`)).toHaveLength(1);
    expect(await rows(`${night}&dayOfWeek=Friday`)).toEqual([]);
  });

  test("one end of the hours is enough, and dates without a time have none", async () => {
    const may = "startDate=2026-04-20&endDate=2026-05-02";
    expect(await rows(`${may}&endTime=9:59`)).toEqual(["Late Set 2026-05-02T01:30:00-04:00"]);
    expect(await rows(`${may}&startTime=18:01`)).toEqual(["Friday Jam 2026-04-24T19:00:00-04:00"]);
    expect(await rows(`${may}&endTime=24:00`)).not.toContain("Exhibition 2026-04-20");
  });

  test("each event comes by its next occurrence", async () => {
    expect(await rows("startsAfter=now")).toEqual([
      "Friday Jam 2026-05-01T19:00:00-04:00",
      "Late Set 2026-05-02T01:30:00-04:00",
      "Weekly Class 2026-05-05T10:00:00-04:00",
      "Berliner Abend 2026-05-08T20:00:00+02:00",
    ]);
  });

  test("in descending order an event comes by its latest occurrence", async () => {
    expect(await rows("startsAfter=now&startsBefore=2026-05-20T00:00:00Z&sort=-start")).toEqual([
      "Friday Jam 2026-05-15T19:00:00-04:00",
      "Weekly Class 2026-05-14T10:00:00-04:00",
      "Berliner Abend 2026-05-08T20:00:00+02:00",
      "Late Set 2026-05-02T01:30:00-04:00",
    ]);
  });

  test("of a recurring event it is told which occurrence matched, by its own address", async () => {
    const { items, occurrences } = await list("startsAfter=now&dayOfWeek=Thu");
    expect(items[0]["@id"]).toBe(uris.get("Weekly Class"));
    expect(occurrences).toEqual([
      {
        "@id": `${uris.get("Weekly Class")}/occurrences/20260507T100000`,
        startDate: "2026-05-07T10:00:00-04:00",
        timezone: "America/Toronto",
      },
    ]);
  });
});

describe("what is on", () => {
  test("now: until its end, or where it tells none until the end of its day, and never what is called off", async () => {
    expect(await rows("on=now")).toEqual(["Exhibition 2026-04-20", "Early Evening 2026-05-01T18:00:00-04:00"]);
  });

  test.each([
    ["a second before the first day", "2026-04-20T03:59:59Z", []],
    ["the first day's midnight", "2026-04-20T04:00:00Z", ["Exhibition"]],
    ["the last second of the last day", "2026-05-21T03:59:59Z", ["Exhibition"]],
    ["the midnight after it", "2026-05-21T04:00:00Z", []],
    ["the beginning of an occurrence", "2026-05-08T23:00:00Z", ["Exhibition", "Friday Jam"]],
    ["its end", "2026-05-09T02:00:00Z", ["Exhibition"]],
  ])("at %s", async (_, instant, names) => {
    expect((await list(`on=${instant}`)).items.map(({ name }: any) => name)).toEqual(names);
  });
});

describe("one row an occurrence", () => {
  const weeks = "per=occurrence&startsAfter=now&startsBefore=2026-05-10T00:00:00Z";
  const ALL = [
    "Friday Jam 2026-05-01T19:00:00-04:00",
    "Late Set 2026-05-02T01:30:00-04:00",
    "Weekly Class 2026-05-05T10:00:00-04:00",
    "Weekly Class 2026-05-07T10:00:00-04:00",
    "Berliner Abend 2026-05-08T20:00:00+02:00",
    "Friday Jam 2026-05-08T19:00:00-04:00",
  ];

  test("is the occurrence's own document, or the event that happens once", async () => {
    expect(await rows(weeks)).toEqual(ALL);
    const { items } = await list(weeks);
    expect(items[2]).toEqual(await jsonOf(node.ask(`${new URL(uris.get("Weekly Class")!).pathname}/occurrences/20260505T100000`)));
    expect(items[4]["@id"]).toBe(uris.get("Berliner Abend"));
  });

  test("pages go on exactly where the one before ended, whatever time it is by then", async () => {
    const seen: string[] = [];
    for (let after = ""; ;) {
      const page = await list(`${weeks}&limit=2${after}`);
      seen.push(...page.items.map(({ name }: any, n: number) => `${name} ${page.occurrences[n].startDate}`));
      if (page.next_cursor === null) break;
      after = `&after=${page.next_cursor}`;
      // Half an hour later the first of them is under way: on these pages "now" is what it was.
      node.pass(30 * 60_000);
    }
    node.pass(-2 * 30 * 60_000);
    expect(seen).toEqual(ALL);
  });
});

describe("an occurrence that is held elsewhere", () => {
  test("is found at its own place, and not at the event's", async () => {
    await submit({
      name: "Moving Salon",
      startDate: "2026-06-01T19:00:00-04:00",
      eventSchedule: schedule({ byDay: "Monday", repeatCount: 3 }),
      subEvent: [{ "@type": "Event", startDate: "2026-06-08T19:00:00-04:00", location: placeIn("Berlin", "Gastspiel") }],
    });
    const { items } = await list("city=berlin&startsAfter=2026-06-01T00:00:00Z&per=occurrence");
    expect(items.map(({ name, location }: any) => [name, location.name])).toEqual([["Moving Salon", "Gastspiel"]]);
    const venue = encodeURIComponent(items[0].location["@id"]);
    expect(await rows(`venueId=${venue}`)).toEqual(["Moving Salon 2026-06-08T19:00:00-04:00"]);
    expect((await list(`venueId=${venue}&sort=name`)).items).toHaveLength(1);
    const home = (await list("city=toronto&startsAfter=2026-06-01T00:00:00Z&startsBefore=2026-06-30T00:00:00Z&dayOfWeek=1&per=occurrence"))
      .occurrences;
    expect(home.map(({ startDate }: any) => startDate)).toEqual(["2026-06-01T19:00:00-04:00", "2026-06-15T19:00:00-04:00"]);
  });
});

describe("beyond the horizon", () => {
  test("recurring events are expanded while they are read", async () => {
    const far = "startDate=2029-06-01&endDate=2029-06-08";
    expect(await rows(far)).toEqual(["Friday Jam 2029-06-01T19:00:00-04:00"]);
    expect(await rows(`${far}&per=occurrence`)).toEqual(["Friday Jam 2029-06-01T19:00:00-04:00", "Friday Jam 2029-06-08T19:00:00-04:00"]);
    expect(await rows(`${far}&per=occurrence&sort=-start`)).toHaveLength(2);
    expect(await rows(`${far}&city=Berlin`)).toEqual([]);
    expect(await rows(`${far}&dayOfWeek=Monday`)).toEqual([]);
    expect(await rows("on=2029-06-02T00:30:00Z")).toEqual(["Friday Jam 2029-06-01T19:00:00-04:00"]);
    expect((await list(far)).complete_until).toBeUndefined();
  });

  test("and across it, without a gap or an occurrence told twice", async () => {
    const starts: string[] = [];
    for (let after = ""; ;) {
      const page = await list(`per=occurrence&dayOfWeek=5&startTime=19:00&startDate=2027-06-01&endDate=2028-05-31&limit=20${after}`);
      starts.push(...page.occurrences.map(({ startDate }: any) => startDate.slice(0, 10)));
      if (page.next_cursor === null) break;
      after = `&after=${page.next_cursor}`;
    }
    const fridays = Array.from({ length: 52 }, (_, n) => new Date(Date.UTC(2027, 5, 4 + 7 * n)).toISOString().slice(0, 10));
    expect(starts).toEqual(fridays);
  });

  test("behind it as well: the table begins a year ago", async () => {
    await submit({ name: "Old Round", startDate: "2020-01-06T20:00:00-05:00", eventSchedule: schedule({ byDay: "Monday" }) });
    expect(await rows("startDate=2021-03-01&endDate=2021-03-10")).toEqual(["Old Round 2021-03-01T20:00:00-05:00"]);
    expect(await rows("startDate=2021-03-01&endDate=2021-03-10&sort=-start")).toEqual(["Old Round 2021-03-08T20:00:00-05:00"]);
  });

  test("as far as a year; how far is said where it is not as far as was asked", async () => {
    const { occurrences, complete_until } = await list("startsAfter=2029-06-01T00:00:00Z&per=occurrence&limit=200&dayOfWeek=Friday");
    expect(complete_until).toBe("2030-06-02T00:00:00.000Z");
    expect([occurrences[0].startDate, occurrences.at(-1).startDate]).toEqual(["2029-06-01T19:00:00-04:00", "2030-05-31T19:00:00-04:00"]);
  });

  test("a list without a bound beyond it says nothing of the kind", async () => {
    expect(Object.keys(await list("startsAfter=now"))).toEqual(["items", "next_cursor", "occurrences"]);
  });
});

describe("a search", () => {
  const search = async (query: string) => jsonOf(node.ask(`/api/v1/events/search?${query}`));

  test("has the same filters, and tells the occurrence that matched", async () => {
    const { hits } = await search("q=jam&strict=true&startsAfter=now");
    expect(hits.map(({ occurrence }: any) => occurrence)).toEqual([
      {
        "@id": `${uris.get("Friday Jam")}/occurrences/20260501T190000`,
        startDate: "2026-05-01T19:00:00-04:00",
        endDate: "2026-05-01T22:00:00-04:00",
        timezone: "America/Toronto",
      },
    ]);
    const names = async (query: string) => (await search(query)).items.map(({ name }: any) => name);
    expect(await names("on=now")).toEqual(["Exhibition", "Early Evening"]);
    expect(await names("dayOfWeek=Friday&startTime=20:00&startsAfter=now")).toEqual(["Berliner Abend"]);
    expect(await rows("q=jam&startsAfter=now")).toEqual(["Friday Jam 2026-05-01T19:00:00-04:00"]);
  });
});

describe("a search beyond the horizon", () => {
  const search = async (query: string) => jsonOf(node.ask(`/api/v1/events/search?${query}`));
  const starts = async (query: string) => (await search(query)).hits.map(({ occurrence }: any) => occurrence.startDate);

  test("finds recurring events by their words, days, hours and places", async () => {
    const far = "q=jam&strict=true&startDate=2029-06-01&endDate=2029-06-12";
    expect(await starts(far)).toEqual(["2029-06-01T19:00:00-04:00"]);
    expect(await starts(`${far}&sort=start`)).toEqual(["2029-06-01T19:00:00-04:00"]);
    expect(await starts(`${far}&sort=-start`)).toEqual(["2029-06-08T19:00:00-04:00"]);
    expect(await starts(`${far}&near=43.66,-79.42&sort=distance`)).toEqual(["2029-06-01T19:00:00-04:00"]);
    expect(await starts(`${far}&city=Berlin`)).toEqual([]);
    expect(await starts(`${far}&dayOfWeek=Monday`)).toEqual([]);
    expect(await starts(far.replace("jam", "abend"))).toEqual([]);
    expect(await rows(far.replace("&strict=true", ""))).toEqual(["Friday Jam 2029-06-01T19:00:00-04:00"]);
  });

  test("says how far it went", async () => {
    expect((await search("q=jam&startsAfter=2029-06-01T00:00:00Z")).complete_until).toBe("2030-06-02T00:00:00.000Z");
    expect((await search("q=jam&startsAfter=now")).complete_until).toBeUndefined();
  });
});

describe("many series beyond the horizon", () => {
  const june = "dayOfWeek=Wednesday&startDate=2029-06-01&endDate=2029-06-30";
  beforeAll(async () => {
    for (const [n, hour] of [20, 18, 22, 19, 21].entries())
      await submit({
        name: `Round ${n + 1}`,
        startDate: `2026-05-06T${hour}:00:00-04:00`,
        eventSchedule: schedule({ byDay: "Wednesday", ...(n === 3 && { repeatFrequency: "P2W" }) }),
      });
    await submit({ name: "Round 2, once more", startDate: "2029-06-13T19:30:00-04:00" });
  });

  /** The same list in pages of two. */
  async function inPages(query: string): Promise<string[]> {
    const found: string[] = [];
    for (let after = ""; ;) {
      const page = await list(`${query}&limit=2${after}`);
      found.push(...page.items.map(({ name }: any, n: number) => `${name} ${page.occurrences?.[n].startDate}`));
      if (page.next_cursor === null) return found;
      after = `&after=${page.next_cursor}`;
    }
  }

  test.each([
    ["sort=start", 6],
    ["sort=-start", 6],
    ["per=occurrence", 19],
    ["per=occurrence&sort=-start", 19],
    ["sort=name", 6],
    ["sort=-created", 6],
  ])("stand in its pages as they stand in the whole list, by %s", async (order, count) => {
    const whole = await rows(`${june}&${order}`);
    expect(new Set(whole).size).toBe(count);
    expect(await inPages(`${june}&${order}`)).toEqual(whole);
  });

  test("come in the order that was asked for, among what the table has", async () => {
    const names = async (order: string) => (await list(`${june}&${order}`)).items.map(({ name }: any) => name);
    expect(await names("sort=name")).toEqual(["Round 1", "Round 2", "Round 2, once more", "Round 3", "Round 4", "Round 5"]);
    expect(await rows(`${june}&limit=4`)).toEqual([
      "Round 2 2029-06-06T18:00:00-04:00",
      "Round 1 2029-06-06T20:00:00-04:00",
      "Round 5 2029-06-06T21:00:00-04:00",
      "Round 3 2029-06-06T22:00:00-04:00",
    ]);
    expect((await rows(`${june}&sort=-start&limit=2`)).map((row) => row.slice(0, 18))).toEqual([
      "Round 3 2029-06-27",
      "Round 5 2029-06-27",
    ]);
  });

  test("are each told once where a list crosses the horizon", async () => {
    const across = "dayOfWeek=Wednesday&startDate=2026-05-01&endDate=2029-06-30&sort=name";
    expect((await inPages(across)).map((row) => row.replace(" undefined", ""))).toEqual([
      "Round 1",
      "Round 2",
      "Round 2, once more",
      "Round 3",
      "Round 4",
      "Round 5",
    ]);
  });

  test("are no reason to send a calendar again where each of them is listed already", async () => {
    const tag = async (query: string) => (await node.ask(`/api/v1/events.ics?${query}`)).headers.get("etag");
    expect(await tag("startDate=2026-05-01&endDate=2029-06-30")).toMatch(/^W\//);
    // Which of them have a day in that month, only their rules know.
    expect(await tag("startDate=2029-06-01&endDate=2029-06-30")).toBeNull();
  });
});

describe("the years 1 and 9999", () => {
  test.each([
    "startDate=9999-01-02",
    "startDate=9999-12-31",
    "endDate=9999-12-31",
    "startDate=0001-01-01&endDate=0001-01-02",
    "startsAfter=9999-06-01T00:00:00Z",
    "startsBefore=9999-12-31T23:59:59.999Z",
    "on=9999-12-31T23:59:59.999Z",
    "on=0001-01-01T00:00:00Z",
  ])("%s is answered by lists, pages, calendars and search", async (query) => {
    for (const path of ["/api/v1/events", "/events", "/api/v1/events.ics", "/api/v1/events/search"])
      expect([path, (await node.ask(`${path}?${query}`)).status]).toEqual([path, 200]);
  });

  test("rules go on to the end of them, by UTC, and nobody is told that more was left out", async () => {
    const { items, occurrences, complete_until } = await list("startDate=9999-12-20&dayOfWeek=Friday&per=occurrence");
    expect(items.map(({ name }: any, n: number) => `${name} ${occurrences[n].startDate}`)).toEqual([
      "Friday Jam 9999-12-24T19:00:00-05:00",
    ]);
    expect(complete_until).toBeUndefined();
  });
});

describe("what cannot be read is refused by name", () => {
  test.each([
    ["dayOfWeek=Frodo", "dayOfWeek: expected weekdays such as Friday, FR or 5"],
    ["startTime=25:00", "startTime: expected a local time of day such as 17:00, up to 23:59"],
    ["startTime=24:00", "startTime: expected a local time of day"],
    ["endTime=evening", "endTime: expected a local time of day"],
    ["hours=18-23&startTime=17:00", "hours: the same as startTime and endTime"],
    ["startsAfter=tomorrow", "startsAfter: expected now, or an instant with its offset"],
    ["startsAfter=2026-05-08T17:00:00", "startsAfter: expected now, or an instant with its offset"],
    ["startsBefore=2026-02-30T17:00:00Z", "startsBefore: expected now, or an instant"],
    ["startsAfter=2026-05-08T17:00:00Z&startsBefore=2026-05-08T16:00:00Z", "startsBefore: lies before startsAfter"],
    ["startsAfter=9999-12-31T23:59:59-23:59", "startsAfter: expected an instant in the years 1 to 9999"],
    ["on=never", "on: expected now, or an instant"],
    ["per=week", "per: expected event or occurrence"],
    ["per=occurrence&sort=name", "sort: occurrences are listed by start or -start"],
    ["per=occurrence&q=jam", "per: with q, each event is listed once"],
    ["weekday=Friday", "weekday: there is no such parameter here"],
  ])("%s", async (query, detail) => {
    expect(await problem(query)).toEqual([400, expect.stringContaining(detail)]);
  });

  test("a plus that nobody encoded is one all the same", async () => {
    expect(await problem("startsAfter=2026-05-08T17:00:00+02:00")).toEqual([200, undefined]);
  });

  test("so is a cursor of other filters", async () => {
    const { next_cursor } = await list("per=occurrence&limit=1");
    expect((await problem(`per=event&limit=1&after=${next_cursor}`))[0]).toBe(400);
  });
});
