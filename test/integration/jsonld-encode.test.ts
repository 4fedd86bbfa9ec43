/**
 * What leaves the node is linked data in full: no term is dropped, every triple is there for a reader of our context
 * alone, the shapes hold, Google would take it. Each check is shown to fail on a document that is wrong.
 */
import canonicalize from "canonicalize";
import { Parser } from "n3";
import { describe, expect, test } from "vitest";
import { occurrenceOfState } from "../../src/domain/recurrence/of-state.ts";
import type { EventState } from "../../src/domain/state.ts";
import { contextDocuments, createDocumentLoader, ownContextUrl } from "../../src/jsonld/contexts.ts";
import { decodeEvent, decodeEvents } from "../../src/jsonld/decode.ts";
import { encodeEntity, encodeText, tombstone } from "../../src/jsonld/encode.ts";
import type { JsonLdObject } from "../../src/jsonld/encode.ts";
import { encodeOccurrence } from "../../src/jsonld/encode-series.ts";
import { toNTriples, toTurtle } from "../../src/jsonld/rdf.ts";
import { googleEventFaults } from "../support/google-event.ts";
import { createShapesChecker, strictTriples, triples } from "../support/linked-data.ts";
import { REAL_FILES, describeWhereRealDataIsAtHand, readRealData } from "../support/real-data.ts";
import { BASE, createStates } from "../support/states.ts";

const options = { base: BASE };
const states = createStates(Date.parse("2026-05-01T12:00:00Z"));
const SCHEMA = "http://schema.org/";

/** Says everything that an event can say. */
async function fullEvent(more: Partial<EventState> = {}): Promise<EventState> {
  const submission = await decodeEvent(
    {
      "@context": "https://schema.org",
      "@type": "MusicEvent",
      name: "Lantern Night",
      description: "One & two\n\nthree",
      startDate: "2026-05-01T19:00:00-04:00",
      endDate: "2026-05-01T22:30:00-04:00",
      doorTime: "2026-05-01T18:30:00-04:00",
      previousStartDate: "2026-04-24T19:00:00-04:00",
      eventStatus: "https://schema.org/EventRescheduled",
      location: [
        {
          "@type": "MusicVenue",
          name: "The Rex",
          url: "https://rex.example/",
          address: {
            streetAddress: "194 Queen St W",
            addressLocality: "Toronto",
            addressRegion: "ON",
            postalCode: "M5V 1Z1",
            addressCountry: "CA",
          },
          geo: { latitude: 43.6505, longitude: -79 },
        },
        { "@type": "VirtualLocation", url: "https://live.example/rex?room=1" },
      ],
      organizer: { "@type": "Organization", name: "Lantern Collective", url: "https://lantern.example/" },
      performer: [
        { "@type": "Person", name: "Ada Okafor" },
        { "@type": "MusicGroup", name: "The Lamps" },
      ],
      offers: [
        {
          price: "15.50",
          priceCurrency: "CAD",
          availability: "https://schema.org/InStock",
          url: "https://tickets.example/?e=1&t=2",
          validFrom: "2026-03-01T10:00:00-05:00",
        },
        { lowPrice: "10", highPrice: "30", priceCurrency: "CAD" },
      ],
      image: "https://img.example/my photo.jpg",
      url: "https://lantern.example/night?lang=en",
      inLanguage: ["en", "fr"],
      keywords: ["jazz", "night"],
      isAccessibleForFree: false,
      accessibilityFeature: ["signLanguage"],
      sameAs: ["http://www.wikidata.org/entity/Q42"],
      license: "https://creativecommons.org/publicdomain/zero/1.0/",
      eventSchedule: {
        repeatFrequency: "P1W",
        byDay: ["Friday", "Saturday"],
        startDate: "2026-05-01",
        repeatCount: 2,
        scheduleTimezone: "America/Toronto",
        exceptDate: ["2026-05-09"],
      },
      subEvent: [
        { startDate: "2026-05-01T19:00:00-04:00", endDate: "2026-05-01T22:30:00-04:00" },
        {
          startDate: "2026-05-08T19:00:00-04:00",
          eventStatus: "EventCancelled",
          location: { "@type": "VirtualLocation", url: "https://live.example/2" },
        },
      ],
    },
    options,
  );
  return states.event(submission, { originNode: "https://origin.example", ...more });
}

/** Every Friday at seven; one is cancelled, one is at another time and place; the last working day of the month is a rule of our words. */
async function seriesEvent(more: Partial<EventState> = {}): Promise<EventState> {
  const schedule = { "@type": "Schedule", scheduleTimezone: "America/Toronto", duration: "PT2H" };
  const submission = await decodeEvent(
    {
      "@context": ["https://schema.org", ownContextUrl(BASE)],
      "@type": ["EventSeries", "MusicEvent"],
      name: "Lantern Fridays",
      location: { "@type": "MusicVenue", name: "The Rex" },
      offers: { price: "15.50", priceCurrency: "CAD" },
      eventSchedule: [
        { ...schedule, byDay: "Friday", startDate: "2026-05-01", startTime: "19:00", repeatCount: 20, exceptDate: "2026-07-03" },
        {
          ...schedule,
          startDate: "2026-05-29",
          startTime: "12:00",
          "sel:rrule": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
          "sel:rdate": ["2026-06-01T12:00:00"],
        },
      ],
      subEvent: [
        { startDate: "2026-05-08T19:00:00-04:00", eventStatus: "EventCancelled" },
        {
          name: "Lantern Lake",
          previousStartDate: "2026-08-07T19:00:00-04:00",
          startDate: "2026-08-08T21:00:00-04:00",
          location: { "@type": "Beach", name: "The Lake" },
          offers: { price: "0", priceCurrency: "CAD" },
        },
      ],
    },
    options,
  );
  return states.event(submission, more);
}

const window = { from: Date.parse("2026-05-02T00:00:00Z"), limit: 3 };

async function splitSeries(): Promise<EventState> {
  const state = await seriesEvent();
  const series = { ...state.series!, continues: { id: states.place().id }, continuedBy: { id: states.place().id } };
  return { ...state, series };
}

async function documents(): Promise<Record<string, JsonLdObject>> {
  const event = await fullEvent();
  return {
    "a full event": encodeEntity(event, options),
    "an event of a peer": encodeEntity({ ...event, federationUri: "https://origin.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF" }, options),
    "a plain date, online": encodeEntity(
      states.event(
        await decodeEvent(
          { "@type": "Event", name: "Conf", startDate: "2026-05-01", endDate: "2026-05-03", location: "https://conf.example/" },
          options,
        ),
      ),
      options,
    ),
    "sources without addresses": encodeEntity(
      {
        ...event,
        sources: [
          { name: "A flyer", licenseStatus: "unknown" },
          { name: "Feed", recordUri: "https://feed.example/e/1", licenseStatus: "cc0" },
        ],
      },
      options,
    ),
    "a series": encodeEntity(await seriesEvent(), options),
    "a series with the next of its occurrences": encodeEntity(await seriesEvent(), { ...options, window }),
    "a series that goes on as another": encodeEntity(await splitSeries(), options),
    "an occurrence": encodeOccurrence(await seriesEvent(), occurrenceOfState(await seriesEvent(), "20260515T190000")!, options),
    "an occurrence with times and a place of its own": encodeOccurrence(
      await seriesEvent(),
      occurrenceOfState(await seriesEvent(), "20260807T190000")!,
      options,
    ),
    "a place": encodeEntity(states.place(), options),
    "a place of a kind unknown to our context": encodeEntity(states.place({ placeType: "Volcano" }), options),
    "an organization": encodeEntity(states.agent("organization"), options),
    "a person": encodeEntity(states.agent("person"), options),
    "a tombstone": tombstone({ ...event, deletedAt: "2026-05-02T00:00:00Z" }, options),
    "a tombstone after a merge": tombstone(states.place({ supersededBy: { id: event.id } }), options),
  };
}

describe("no term is dropped, and our context alone is enough", () => {
  test("in safe mode under our context alone, with the same triples as under both", async () => {
    for (const [name, document] of Object.entries(await documents())) {
      const alone = await strictTriples(document, BASE);
      expect(alone.length, name).toBeGreaterThanOrEqual(3);
      expect(alone, name).toEqual(await triples(document, BASE));
    }
  });

  test("must fail: an undeclared term, an undeclared type, a relative address", async () => {
    const document = encodeEntity(await fullEvent(), options);
    await expect(strictTriples({ ...document, moodOfTheNight: "quiet" }, BASE)).rejects.toThrow(/safe mode/i);
    await expect(strictTriples({ ...document, "@type": "Volcano" }, BASE)).rejects.toThrow(/safe mode/i);
    await expect(strictTriples({ ...document, url: "not an address" }, BASE)).rejects.toThrow(/safe mode/i);
  });

  test("must fail: under schema.org alone the members of enumerations are text, so the triples differ", async () => {
    const document = encodeEntity(await fullEvent(), options);
    const foreign = await triples({ ...document, "@context": "https://schema.org" }, BASE).catch(() => []);
    expect(foreign).not.toEqual(await strictTriples(document, BASE));
  });

  test("the triples are those that the profile means", async () => {
    const document = encodeEntity(await fullEvent(), options);
    const [id] = [document["@id"] as string];
    const lines = (await toNTriples(document, options)).split("\n");
    const says = (predicate: string, object: string) => expect(lines).toContain(`<${id}> <${predicate}> ${object} .`);
    says("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", `<${SCHEMA}MusicEvent>`);
    says(`${SCHEMA}startDate`, `"2026-05-01T19:00:00-04:00"^^<${SCHEMA}Date>`);
    says(`${SCHEMA}eventStatus`, "<https://schema.org/EventRescheduled>");
    says(`${SCHEMA}eventAttendanceMode`, "<https://schema.org/MixedEventAttendanceMode>");
    says(`${SCHEMA}isAccessibleForFree`, '"false"^^<http://www.w3.org/2001/XMLSchema#boolean>');
    says(`${SCHEMA}image`, "<https://img.example/my%20photo.jpg>");
    says(`${SCHEMA}url`, "<https://lantern.example/night?lang=en>");
    says("https://schema.togather.foundation/ns#originNode", "<https://origin.example>");
    says("https://schema.togather.foundation/ns#confidence", '"9.0E-1"^^<http://www.w3.org/2001/XMLSchema#double>');
    says("https://schema.togather.foundation/ns#ingestedAt", '"2026-05-01T12:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>');
    says("http://www.w3.org/ns/prov#wasDerivedFrom", "<https://data.city.example/festivals>");
    expect(lines.some((line) => line.includes(`<${SCHEMA}price> "15.50" .`))).toBe(true);
  });
});

describe("a series", () => {
  test("says when it is in schema.org's words, and in ours what those cannot say", async () => {
    const document = encodeEntity(await seriesEvent(), options);
    expect(document).toMatchObject({ "@type": ["EventSeries", "MusicEvent"], startDate: "2026-05-01T19:00:00-04:00" });
    expect(document["eventSchedule"]).toEqual([
      {
        "@type": "Schedule",
        byDay: "https://schema.org/Friday",
        duration: "PT2H",
        exceptDate: "2026-07-03",
        repeatCount: 20,
        repeatFrequency: "P1W",
        scheduleTimezone: "America/Toronto",
        startDate: "2026-05-01",
        startTime: "19:00:00",
      },
      {
        "@type": "Schedule",
        duration: "PT2H",
        repeatFrequency: "P1M",
        scheduleTimezone: "America/Toronto",
        "sel:rdate": "2026-06-01T12:00:00",
        "sel:rrule": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        startDate: "2026-05-29",
        startTime: "12:00:00",
      },
    ]);
  });

  test("ends with its last occurrence, where it has one", async () => {
    const state = await seriesEvent();
    const [first] = state.series!.recurrence;
    expect(encodeEntity(state, options)).not.toHaveProperty("endDate");
    // The twentieth Friday from 1 May; the one taken out is among the twenty (RFC 5545 §3.8.5.1).
    expect(encodeEntity({ ...state, series: { recurrence: [first!] } }, options)).toMatchObject({ endDate: "2026-09-11T21:00:00-04:00" });
  });

  test("lists its exceptions, each with its own address and only what is its own", async () => {
    const state = await seriesEvent();
    const document = encodeEntity(state, options);
    const occurrences = `${document["@id"] as string}/occurrences`;
    expect(document["subEvent"]).toEqual([
      {
        "@id": `${occurrences}/20260508T190000`,
        "@type": "MusicEvent",
        eventStatus: "https://schema.org/EventCancelled",
        name: "Lantern Fridays",
        "sel:recurrenceId": "20260508T190000",
        startDate: "2026-05-08T19:00:00-04:00",
      },
      expect.objectContaining({
        "@id": `${occurrences}/20260807T190000`,
        location: expect.objectContaining({ "@type": "Beach", name: "The Lake" }) as unknown,
        name: "Lantern Lake",
        previousStartDate: "2026-08-07T19:00:00-04:00",
        "sel:recurrenceId": "20260807T190000",
        startDate: "2026-08-08T21:00:00-04:00",
      }),
    ]);
  });

  test("shows the next of its occurrences to who asks, and reads them back as nothing but its rule", async () => {
    const state = await seriesEvent();
    const document = encodeEntity(state, { ...options, window });
    expect((document["subEvent"] as JsonLdObject[]).map((part) => [part["startDate"], part["sel:recurrenceId"]])).toEqual([
      ["2026-05-08T19:00:00-04:00", "20260508T190000"],
      ["2026-05-15T19:00:00-04:00", undefined],
      ["2026-05-22T19:00:00-04:00", undefined],
      ["2026-08-08T21:00:00-04:00", "20260807T190000"],
    ]);
    const { fields } = await decodeEvent(document, options);
    expect(fields.overrides).toEqual((await decodeEvent(encodeEntity(state, options), options)).fields.overrides);
    expect(Object.keys(fields.overrides!)).toEqual(["20260508T190000", "20260807T190000"]);
  });

  test("each occurrence is a document that leads to its series, and has the series' members where it has none", async () => {
    const state = await seriesEvent();
    const id = encodeEntity(state, options)["@id"] as string;
    const shown = (key: string, of = state) => encodeOccurrence(of, occurrenceOfState(of, key)!, options);
    expect(shown("20260515T190000")).toMatchObject({
      "@id": `${id}/occurrences/20260515T190000`,
      "@type": "MusicEvent",
      name: "Lantern Fridays",
      startDate: "2026-05-15T19:00:00-04:00",
      endDate: "2026-05-15T21:00:00-04:00",
      location: { name: "The Rex" },
      offers: { price: "15.50" },
      superEvent: { "@id": id, "@type": ["EventSeries", "MusicEvent"], name: "Lantern Fridays" },
    });
    expect(shown("20260807T190000")).toMatchObject({
      name: "Lantern Lake",
      endDate: "2026-08-08T23:00:00-04:00",
      location: { name: "The Lake" },
      offers: { price: "0" },
    });
    // Of a series from elsewhere the occurrences are its origin's, too.
    const federationUri = "https://origin.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF";
    expect(shown("20260515T190000", { ...state, federationUri })).toMatchObject({
      "@id": `${federationUri}/occurrences/20260515T190000`,
      superEvent: { "@id": federationUri },
    });
  });

  test("a part that has moved online is no longer where the series is", async () => {
    const state = await seriesEvent();
    const online = { recurrenceId: "20260515T190000", eventStatus: "EventMovedOnline" as const, virtualUrl: "https://live.example/" };
    const moved = { ...state, series: { ...state.series!, overrides: [online] } };
    const document = encodeOccurrence(moved, occurrenceOfState(moved, online.recurrenceId)!, options);
    expect(document["location"]).toEqual({ "@type": "VirtualLocation", url: "https://live.example/" });
  });
});

describe("one state, one text", () => {
  test("the text is canonical (RFC 8785), whatever the order of the state's members", async () => {
    for (const [name, document] of Object.entries(await documents())) expect(JSON.stringify(document), name).toBe(canonicalize(document));
    const state = await fullEvent();
    const reversed = Object.fromEntries(Object.entries(state).toReversed()) as unknown as EventState;
    expect(encodeText(reversed, options)).toBe(encodeText(state, options));
  });

  test("an @id of another authority is kept, ours is minted from the ULID", async () => {
    const state = await fullEvent();
    expect(encodeEntity(state, options)["@id"]).toMatch(/^https:\/\/node\.example\/events\/[0-9A-HJKMNP-TV-Z]{26}$/);
    const federationUri = "https://origin.example/events/01HYX3KQW7ERTV9XNBM2P8QJZF";
    expect(encodeEntity({ ...state, federationUri }, options)["@id"]).toBe(federationUri);
  });
});

describe("Turtle and N-Triples", () => {
  test("both say the same, and the same state gives the same bytes", async () => {
    for (const [name, document] of Object.entries(await documents())) {
      const turtle = await toTurtle(document, options);
      expect(new Parser().parse(turtle).length, name).toBe((await toNTriples(document, options)).trim().split("\n").length);
      expect(await toTurtle(document, options), name).toBe(turtle);
      expect(turtle, name).toContain("@prefix schema: <http://schema.org/>");
    }
  });
});

describe("the shapes that the node serves", () => {
  const check = createShapesChecker(BASE);

  test("hold for every kind of entity", async () => {
    const all = await documents();
    expect(
      await check(
        Object.entries(all)
          .filter(([name]) => !name.includes("tombstone"))
          .map(([, document]) => document),
      ),
    ).toEqual([]);
  });

  test.each<[string, (event: JsonLdObject) => JsonLdObject]>([
    ["no name", ({ name: _, ...rest }) => rest],
    ["no start", ({ startDate: _, ...rest }) => rest],
    ["a start in words", (event) => ({ ...event, startDate: "next Friday" })],
    ["no location", ({ location: _, ...rest }) => rest],
    ["a nameless place", (event) => ({ ...event, location: { "@type": "Place" } })],
    ["a virtual location without a url", (event) => ({ ...event, location: { "@type": "VirtualLocation" } })],
    ["a status that is none", (event) => ({ ...event, eventStatus: "https://schema.org/EventMaybe" })],
    ["a price that is a number", (event) => ({ ...event, offers: { "@type": "Offer", price: 15.5 } })],
    ["a currency that is none", (event) => ({ ...event, offers: { "@type": "Offer", price: "15", priceCurrency: "dollars" } })],
    ["an organizer without a name", (event) => ({ ...event, organizer: { "@id": "https://a.example/", "@type": "Organization" } })],
    ["an event of any kind is looked at", (event) => ({ "@context": event["@context"]!, "@id": event["@id"]!, "@type": "Hackathon" })],
    ["a rule that is none", (event) => ({ ...event, eventSchedule: { "@type": "Schedule", "sel:rrule": "every Friday" } })],
    [
      "two rules in one schedule",
      (event) => ({ ...event, eventSchedule: { "@type": "Schedule", "sel:rrule": ["FREQ=DAILY", "FREQ=WEEKLY"] } }),
    ],
    ["an added date in words", (event) => ({ ...event, eventSchedule: { "@type": "Schedule", "sel:rdate": "tomorrow" } })],
    ["an exception in words", (event) => ({ ...event, eventSchedule: { "@type": "Schedule", exceptDate: "Easter" } })],
    ["an occurrence without its original start", (event) => ({ ...event, "sel:recurrenceId": "the second" })],
    ["what it goes on from is no text", (event) => ({ ...event, "sel:continues": { "@value": "the old one" } })],
    ["a super-event that is none", (event) => ({ ...event, superEvent: { "@value": "Fridays" } })],
    [
      "under schema.org's context alone a status is text",
      (event) => ({ ...event, "@context": "https://schema.org", "sel:confidence": [], "sel:originNode": [] }),
    ],
  ])("must fail: %s", async (_, spoil) => {
    expect(await check([spoil(encodeEntity(await fullEvent(), options))])).not.toEqual([]);
  });
});

describe("Google's required properties", () => {
  test("are there", async () => {
    const all = await documents();
    for (const name of ["a full event", "a plain date, online", "a series", "an occurrence"])
      expect(googleEventFaults(all[name]!), name).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["name is missing", { name: "" }],
    ["startDate is no ISO 8601", { startDate: "2026-05-01 19:00" }],
    ["location is missing", { location: undefined }],
    ["the virtual location has no url", { location: { "@type": "VirtualLocation" } }],
    ["neither name nor address", { location: { "@type": "Place", address: { "@type": "PostalAddress" } } }],
    ["price is no decimal", { offers: { "@type": "Offer", price: 15 } }],
    ["no ISO 4217 code", { offers: { "@type": "Offer", price: "15", priceCurrency: "$" } }],
    ["needs an AggregateOffer", { offers: { "@type": "Offer", lowPrice: "1", highPrice: "2" } }],
  ])("must fail: %s", async (fault, spoiled) => {
    expect(googleEventFaults({ ...encodeEntity(await fullEvent(), options), ...spoiled }).join()).toContain(fault);
  });
});

describe("contexts", () => {
  test("only what is bundled is loaded", async () => {
    const load = createDocumentLoader(BASE);
    for (const url of ["https://schema.org", "http://schema.org/", "https://schema.org/docs/jsonldcontext.json", ownContextUrl(BASE)])
      expect(await load(url)).toMatchObject({ document: { "@context": {} } });
    for (const url of [
      "https://schema.org.evil.example/",
      "https://evil.example/schema.org",
      "file:///etc/passwd",
      "https://schema.org/Event",
    ]) {
      await expect(load(url)).rejects.toThrow(`remote contexts are never fetched; use https://schema.org (found ${url})`);
    }
  });

  test("ours declares nothing protected and nothing by @vocab: an unknown word must stay unknown", () => {
    const context = (JSON.parse(contextDocuments["calends-v1.jsonld"]!) as { "@context": Record<string, unknown> })["@context"];
    expect(context).not.toHaveProperty("@vocab");
    expect(JSON.stringify(context)).not.toContain("@protected");
  });
});

describeWhereRealDataIsAtHand("real data", () => {
  test(
    "every accepted event keeps its triples and satisfies Google; every tenth is held against the shapes",
    { timeout: 120_000 },
    async () => {
      const check = createShapesChecker(BASE);
      for (const name of REAL_FILES) {
        const decoded = await decodeEvents(readRealData(name), options);
        const encoded = decoded.flatMap((item) => ("submission" in item ? [encodeEntity(states.event(item.submission), options)] : []));
        for (const document of encoded) {
          expect(await strictTriples(document, BASE)).toEqual(await triples(document, BASE));
          expect(googleEventFaults(document)).toEqual([]);
        }
        expect(await check(encoded.filter((_, index) => index % 10 === 0))).toEqual([]);
      }
    },
  );
});
