import { describe, expect, test } from "vitest";
import { RegistryError } from "../../domain/errors.ts";
import {
  eventView,
  richEvent,
  sampleAgent,
  sampleApi,
  sampleEvent,
  sampleNode,
  samplePages,
  samplePlace,
} from "../../../test/support/render-pages.ts";
import { textOf, tight } from "../../../test/support/page-text.ts";
import { docsPage } from "./docs-page.ts";
import { agentPage, placePage } from "./entity-pages.ts";
import { eventListPage } from "./event-list-page.ts";
import { eventPage } from "./event-page.ts";
import { homePage } from "./home-page.ts";
import { faultsOf } from "./page-faults.ts";
import { problemPage } from "./problem-page.ts";

describe("every page", () => {
  test.each(Object.entries(samplePages()))("%s is sound", (_, page) => expect(faultsOf(page)).toEqual([]));

  test("the checker finds what it is there to find", () => {
    const page = eventPage(eventView(sampleEvent()));
    const broken = (from: string | RegExp, to: string) => faultsOf(page.replace(from, to));
    expect(broken("<dl", '<img src="x" onerror="alert(1)"><dl')).toEqual([
      "unsafe src x",
      "unknown attribute onerror of img",
      "an image without words",
    ]);
    expect(broken("<dl", "<script>alert(1)</script><dl")).toContain("a script that runs");
    expect(broken("<dl", "<hostile></hostile><dl")).toEqual(["unknown element hostile"]);
    expect(broken("<dl", '<p style="color: red">x</p><dl')).toEqual(["unknown attribute style of p"]);
    expect(broken("<dl", '<a href="javascript:alert(1)">x</a><dl')).toEqual(["unsafe href javascript:alert(1)"]);
    expect(broken("<h1", "<h3")).toContain("h3 after h0");
    expect(broken("</dl>", "")).toContain("dl is not closed where it was opened");
    expect(broken("<dl", '<input id="x"><dl')).toEqual(["no label for x"]);
    expect(broken('id="data"', 'id="sources"')).toEqual(["id sources twice", "nothing has the id data"]);
  });
});

describe("nothing that a source says becomes markup", () => {
  const evil = `"'></script><hostile onclick=alert(1)>{{x}}</title><!--`;
  const bad = "javascript:alert(1)//https://x.example";
  const geo = { latitude: 43.6, longitude: -79.4 };
  const address = { streetAddress: evil, addressLocality: evil, addressCountry: evil };
  const event = sampleEvent({
    name: evil,
    description: `${evil}\n\nhttps://x.example/"onclick=alert(1) ${bad}`,
    startDate: evil,
    endDate: evil,
    timezone: evil,
    image: bad,
    url: bad,
    virtualUrl: bad,
    location: { id: samplePlace.id, name: evil, address, geo },
    organizer: { id: sampleAgent.id, kind: "organization", name: evil, role: evil },
    performer: [{ id: sampleAgent.id, kind: "person", name: evil, role: evil }],
    offers: [{ name: evil, price: "1", priceCurrency: evil, url: bad }, { price: evil }],
    keywords: [evil],
    inLanguage: [evil],
    accessibilityFeature: [evil],
    sameAs: [bad],
    license: bad,
    sources: [{ name: evil, url: bad, licenseUrl: bad, licenseStatus: "unknown", recordUri: bad }],
    originNode: bad,
    federationUri: bad,
  });
  const views = { ...sampleNode, nodeName: evil, uri: evil, jsonld: JSON.stringify({ evil }) };
  const { problem } = new RegistryError("gone", { detail: evil, pointer: evil });
  const pages = {
    event: eventPage({ ...views, uri: "https://node.example/events/1", event }),
    place: placePage({
      ...views,
      uri: "https://node.example/places/1",
      place: { ...samplePlace, name: evil, address, placeType: evil, url: bad, sameAs: [bad] },
      events: [{ event }],
    }),
    agent: agentPage({
      ...views,
      uri: "https://node.example/organizations/1",
      agent: { ...sampleAgent, name: evil, alternateName: [evil], url: bad, federationUri: bad },
      events: [{ event: sampleEvent({ name: evil }) }],
    }),
    home: homePage({
      ...views,
      upcoming: [{ event: sampleEvent({ name: evil, keywords: [evil] }) }],
      counts: { events: 1, places: 1, organizations: 1, persons: 1 },
      contextUrl: "/contexts/v1",
    }),
    list: eventListPage({
      ...views,
      items: [{ event: sampleEvent({ name: evil }) }],
      filters: { city: evil, keywords: evil, [evil]: evil, venueId: evil },
      after: evil,
      nextCursor: evil,
    }),
    problem: problemPage({
      ...views,
      problem,
      tombstone: { name: evil, deletedAt: evil },
      supersededBy: { uri: bad, name: evil },
      requestId: evil,
    }),
    docs: docsPage({
      ...views,
      openapi: {
        info: { title: evil, version: evil, description: evil },
        tags: [{ name: evil, description: evil }],
        paths: {
          [`/${evil}`]: {
            get: {
              tags: [evil],
              summary: evil,
              description: evil,
              parameters: [{ name: evil, in: evil, schema: { enum: [evil], type: evil } }],
              responses: { [evil]: { description: evil } },
            },
          },
        },
        components: { schemas: { [evil]: { properties: { [evil]: { pattern: evil, const: evil } } } } },
      },
    }),
  };
  test.each(Object.entries(pages))("the page of %s", (_, page) => {
    expect(faultsOf(page)).toEqual([]);
    expect(page).not.toMatch(/<hostile|href="javascript/i);
    expect(page).toContain("&lt;hostile");
  });

  test("an address that cannot be a link is still shown", () => expect(textOf(pages.event)).toContain(bad));
});

describe("the list", () => {
  const list = (members: Partial<Parameters<typeof eventListPage>[0]> = {}) =>
    eventListPage({ ...sampleNode, items: [{ event: richEvent }], filters: {}, ...members });

  test("keeps its filters on the way to the next page, also those without a field", () => {
    const page = list({ filters: { city: "Québec", venueId: "01X", keywords: "" }, nextCursor: "a+b" });
    expect(page).toContain('rel="next" href="/events?city=Qu%C3%A9bec&amp;venueId=01X&amp;after=a%2Bb"');
    expect(tight(page)).toContain('<input type="hidden" name="venueId" value="01X">');
    expect(page).toContain('value="Québec"');
    expect(list()).not.toContain('rel="next"');
  });

  test("names months only where the items are in the order of time", () => {
    const [may, june] = [{ event: sampleEvent() }, { event: sampleEvent({ startDate: "2026-06-01" }) }];
    expect(list({ items: [may, june] })).toContain("<h2>June 2026</h2>");
    expect(list({ items: [june, may] })).not.toContain("<h2>June 2026</h2>");
  });

  test("shows the date that is next, or the one it is told", () => {
    expect(textOf(list())).toContain("Fri 8 May 2026");
    const occurrence = richEvent.occurrences?.[0];
    expect(textOf(list({ items: [{ event: richEvent, ...(occurrence && { occurrence }) }] }))).toContain("Past Fri 24 April 2026");
  });

  test("helps when it is empty", () => {
    expect(textOf(list({ items: [], filters: { city: "Atlantis" } }))).toContain("No events match.");
    expect(textOf(list({ items: [] }))).toContain("Nothing is announced from today on.");
    expect(textOf(list({ items: [], after: "x" }))).toContain("There are no more events.");
  });
});

test("a tombstone's page says what was here and where it goes on", () => {
  const text = textOf(samplePages()["problem-410.html"] ?? "");
  expect(text).toContain("Late-Night Laughs is gone");
  expect(text).toContain("It was removed on Friday 1 May 2026.");
  expect(samplePages()["problem-410.html"]).toContain('href="https://node.example/events/01HXQ2M0000000000000000002"');
  expect(textOf(samplePages()["problem-429.html"] ?? "")).toContain("Please try again in 12 seconds.");
});

describe("the API reference", () => {
  const page = docsPage({ ...sampleNode, openapi: sampleApi });
  const text = textOf(page);

  test("shows each operation with its parameters, bodies, answers and a command to try", () => {
    for (const words of [
      "GET /api/v1/events",
      "integer, at least 1, at most 200, default 50",
      "Request body, required",
      "Answers: 201, 422",
      "curl -X POST &#39;https://node.example/api/v1/events&#39;",
      "Authorization: Bearer $KEY",
      "array of Event",
      "string or null",
      "string (date) or string (date-time)",
    ])
      expect(text).toContain(words);
    expect(text).toContain(String.raw`Children&#39;\&#39;&#39;s day`);
  });

  test("lists every error code", () => expect(page).toMatch(/id="error-malformed_json".*id="error-unavailable"/s));
  test("resolves references, and survives those that lead nowhere", () => {
    expect(text).toContain("400 A problem.");
    expect(() =>
      docsPage({
        ...sampleNode,
        openapi: {
          info: { title: "x", version: "1" },
          paths: { "/x": { get: { responses: { 200: { $ref: "#/nowhere/at/all" } } }, post: null } },
        },
      }),
    ).not.toThrow();
  });
});
