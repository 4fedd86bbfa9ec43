import { describe, expect, test } from "vitest";
import { textOf, tight } from "../../../test/support/page-text.ts";
import { sampleEvent, sampleHits, sampleNode, sampleSearch } from "../../../test/support/render-pages.ts";
import { CLIENT_ASSETS } from "../assets/client.ts";
import { faultsOf } from "./page-faults.ts";
import { dayWord, daysOf, daysText, PERIODS, readDays, shortTimes } from "./search-dates.ts";
import { aroundMarks, distanceWords } from "./search-hits.ts";
import { SEARCH_PAGE_POLICY } from "./search-map.ts";
import { searchPage } from "./search-page.ts";
import type { SearchAnswer } from "../../search/request.ts";
import type { SearchPageView } from "./search-view.ts";

const pageOf = (members: Partial<SearchPageView> = {}, answer: Partial<SearchAnswer> = {}) => searchPage(sampleSearch(members, answer));
const nothing = { hits: [], total: { value: 0, relation: "exact" as const }, facets: {} };

describe("days that people name", () => {
  const wednesday = "2026-05-20";

  test.each([
    ["upcoming", { startDate: "2026-05-20" }],
    ["today", { startDate: "2026-05-20", endDate: "2026-05-20" }],
    ["tomorrow", { startDate: "2026-05-21", endDate: "2026-05-21" }],
    ["weekend", { startDate: "2026-05-22", endDate: "2026-05-24" }],
    ["week", { startDate: "2026-05-20", endDate: "2026-05-26" }],
    ["month", { startDate: "2026-05-20", endDate: "2026-06-18" }],
    ["any", {}],
  ] as const)("on a Wednesday, %s is %j", (period, days) => expect(daysOf(period, wednesday)).toEqual(days));

  test("within a weekend it is what is left of it, over the end of a month too", () => {
    expect(daysOf("weekend", "2026-05-22")).toEqual({ startDate: "2026-05-22", endDate: "2026-05-24" });
    expect(daysOf("weekend", "2026-05-30")).toEqual({ startDate: "2026-05-30", endDate: "2026-05-31" });
    expect(daysOf("weekend", "2026-05-31")).toEqual({ startDate: "2026-05-31", endDate: "2026-05-31" });
    expect(daysOf("weekend", "2026-06-01")).toEqual({ startDate: "2026-06-05", endDate: "2026-06-07" });
  });

  test("a search without days is of what is to come; typed dates win over a period", () => {
    expect(readDays({ q: "jazz" }, wednesday, false)).toEqual({
      query: { q: "jazz" },
      asked: { q: "jazz", startDate: "2026-05-20" },
      period: "upcoming",
    });
    expect(readDays({ when: "any" }, wednesday, false)).toEqual({ query: { when: "any" }, asked: {}, period: "any" });
    expect(readDays({ when: "today", endDate: "2026-06-01" }, wednesday, false)).toMatchObject({
      asked: { endDate: "2026-06-01" },
      period: "dates",
    });
    expect(readDays({ when: "someday", q: "jazz" }, wednesday, false)).toMatchObject({ query: { q: "jazz" }, unknown: "someday" });
  });

  test("a later page keeps the days of the first, although it is another day by now", () => {
    const pinned = { q: "jazz", when: "today", startDate: "2026-05-19", endDate: "2026-05-19" };
    expect(readDays(pinned, wednesday, true)).toEqual({
      query: { q: "jazz", when: "today" },
      asked: { q: "jazz", startDate: "2026-05-19", endDate: "2026-05-19" },
      period: "today",
    });
  });

  test("are written short: no year that goes without saying, no noughts of full hours", () => {
    expect(daysText({ startDate: "2026-05-22", endDate: "2026-05-24" }, wednesday)).toBe("Fri 22 – Sun 24 May");
    expect(daysText({ startDate: "2026-12-30", endDate: "2027-01-02" }, wednesday)).toBe("Wed 30 December – Sat 2 January 2027");
    const at = (startDate: string) => ({ startDate, timezone: "America/Toronto" });
    const now = new Date("2026-05-20T16:00:00Z");
    expect(shortTimes(at("2026-05-23T20:00:00-04:00"), now)).toMatchObject({ start: { text: "Sat 23 May, 8 pm" }, zone: "EDT" });
    expect(shortTimes(at("2027-05-23T20:30:00-04:00"), now).start.text).toBe("Sun 23 May 2027, 8:30 pm");
    expect(dayWord(at("2026-05-20T20:00:00-04:00"), now)).toBe("Today");
    expect(dayWord(at("2026-05-21"), now)).toBe("Tomorrow");
    expect(dayWord(at("2026-05-24T09:00:00-04:00"), now)).toBe("This weekend");
    expect(dayWord(at("2026-05-25T09:00:00-04:00"), now)).toBeUndefined();
  });
});

describe("the search page", () => {
  test("is sound in every state", () => {
    for (const page of [pageOf(), pageOf({}, nothing), pageOf({ after: "x" }, nothing), pageOf({ query: {}, asked: {}, period: "any" })])
      expect(faultsOf(page)).toEqual([]);
  });

  test("the checker lets in the node's own script files, and nothing else that runs", () => {
    expect(faultsOf(pageOf().replace('src="/assets/search-', 'src="https://elsewhere.example/search-'))).toContain("a script that runs");
    expect(faultsOf(pageOf().replace("<h1", "<script>alert(1)</script><h1"))).toContain("a script that runs");
  });

  test("says what was found, of what and when, and keeps the question", () => {
    const page = pageOf();
    expect(textOf(page)).toContain("2 events for “comedy bloor” this weekend, Fri 8 – Sun 10 May");
    expect(page).toContain('value="comedy bloor"');
    expect(tight(page)).toContain('<input type="hidden" name="when" value="weekend">');
    expect(textOf(pageOf({}, { total: { value: 12345, relation: "estimate" } }))).toContain("About 12,000 events for");
    expect(
      textOf(pageOf({ query: {}, asked: { startDate: "2026-05-06" }, period: "upcoming" }, { total: { value: 1, relation: "exact" } })),
    ).toContain("1 event from today on");
  });

  test("says what was understood otherwise than typed, with the way back", () => {
    const corrected = pageOf({ query: { q: "comdey" } }, { resultsFor: "comedy" });
    expect(textOf(corrected)).toContain("No event has the words as you typed them; these are for comedy.");
    expect(corrected).toContain('href="/search?q=comdey&amp;strict=true"');
    expect(textOf(pageOf({}, { relaxed: true }))).toContain("No event has all these words");
    expect(textOf(pageOf({}, { understood: [{ text: "this weekend", means: "22–24 May" }] }))).toContain(
      "“this weekend” was read as 22–24 May",
    );
    expect(textOf(pageOf({}, { ranked: { bound: 2000, complete: false, until: "2026-06-03T00:00:00Z" } }))).toContain(
      "ranked 2,000 at a time, the soonest first: these are until Wed 3 June 2026",
    );
    expect(textOf(pageOf())).not.toContain("No event has");
  });

  test("shows of an event when, where, how far, for how much, from whom, and why", () => {
    const text = textOf(pageOf());
    for (const words of [
      "This weekend Fri 8 May, 10 pm – 11:50 pm EDT",
      "Backroom Comedy Club, Toronto",
      "1.2 km away",
      "CA$15 – CA$20",
      "It has the words “comedy”, “bloor”.",
      "Found by its words, at place 1.",
      "Found by a likeness of meaning, at place 3 (likeness 0.78 of 1).",
      "From another node, other.example, trusted 6 of 10",
    ])
      expect(text).toContain(words);
    expect(tight(pageOf())).toContain("Stand-up<mark>Comedy</mark>");
    expect(pageOf()).toContain('data-latitude="43.6627856"');
  });

  test("keeps apart what is alike in meaning but has none of the words", () => {
    const alike = { ...sampleHits[0]!, legs: [{ leg: "meaning" as const, rank: 1, similarity: 0.3 }], matched: [], highlights: {} };
    const mixed = textOf(pageOf({}, { hits: [sampleHits[0]!, alike] }));
    expect(mixed).toMatch(
      /^.*2 events this weekend, Fri 8 – Sun 10 May: the best for “comedy bloor” first.*Without these words, but alike in meaning/,
    );
    expect(textOf(pageOf({}, { hits: [alike, sampleHits[0]!] }))).toContain("Has none of the words, but is alike in meaning");
    const none = textOf(pageOf({}, { hits: [alike], relaxed: true }));
    expect(none).toContain("No events with the words “comedy bloor” this weekend");
    expect(none).not.toContain("these have some of them");
    expect(textOf(pageOf())).not.toContain("alike in meaning");
  });

  test("takes a filter in by a facet, and out again", () => {
    const page = pageOf();
    expect(page).toContain('href="/search?q=comedy+bloor&amp;when=weekend&amp;city=Toronto&amp;domain=music"');
    expect(page).toContain('href="/search?q=comedy+bloor&amp;when=weekend&amp;city=Toronto&amp;keywords=jazz"');
    expect(textOf(page)).toContain("1 more of: Keyword");
    expect(page).toContain('<a href="/search?q=comedy+bloor&amp;when=weekend"><span class="unseen">Take out the filter: </span>Toronto');
    expect(page).not.toContain("<h3>City</h3>");
    const near = pageOf({ query: { near: "43.65,-79.38", radius: "2000", sort: "distance" }, asked: {}, period: "any" });
    expect(tight(near)).toContain('<a href="/search"><span class="unseen">Take out the filter:</span>within 2 km of 43.65, -79.38');
  });

  test("pages on with the days of its first page", () => {
    expect(pageOf({}, { next: "a+b" })).toContain(
      'rel="next" href="/search?q=comedy+bloor&amp;when=weekend&amp;city=Toronto&amp;startDate=2026-05-08&amp;endDate=2026-05-10&amp;after=a%2Bb"',
    );
    expect(pageOf()).not.toContain('rel="next"');
  });

  test("leads to the same search for calendars, feed readers and programs", () => {
    const page = pageOf();
    const api = "/api/v1/events/search?q=comedy+bloor&amp;city=Toronto&amp;startDate=2026-05-08&amp;endDate=2026-05-10";
    for (const format of ["ics", "rss", "atom", "jsonld"]) expect(page).toContain(`href="${api}&amp;format=${format}"`);
    expect(page).toContain(`href="${api}"`);
    expect(page).toMatch(/<link\s+rel="alternate"\s+type="application\/rss\+xml"/);
  });

  test("helps where nothing is found: each filter can go, and days can widen", () => {
    const page = pageOf({}, nothing);
    expect(textOf(page)).toContain("No events for “comedy bloor” this weekend");
    for (const words of ["Without “Toronto”", "On any day from today on", "Among past events too", "Without the words “comedy bloor”"])
      expect(textOf(page)).toContain(words);
    expect(page).not.toContain('class="map"');
    expect(textOf(pageOf({ after: "x" }, nothing))).toContain("There are no more events.");
  });

  test("gives a bad question back with what is wrong at its field", () => {
    const faults = [
      { pointer: "/startDate", detail: "startDate: there is no such day" },
      { pointer: "/near", detail: "near: expected latitude,longitude" },
    ];
    const page = pageOf({ query: { q: "jazz", startDate: "2026-02-30" }, asked: {}, period: "dates", answer: undefined, faults });
    expect(page).toMatch(/id="startDate"[^>]*value="2026-02-30"\s+aria-invalid="true" aria-describedby="startDate-fault"/);
    expect(textOf(page)).toContain("Not usable: there is no such day");
    expect(textOf(page)).toContain("near: expected latitude,longitude");
    expect(page).toContain('value="jazz"');
  });

  test("makes no markup of what a visitor or a source says", () => {
    const evil = `"'></script><hostile onclick=alert(1)>`;
    const event = sampleEvent({ name: evil, description: evil, location: { id: evil, name: evil, geo: { latitude: 1, longitude: 2 } } });
    const marked = [{ text: evil, marked: true }];
    const answer = {
      hits: [
        { ...sampleHits[0]!, event, matched: [evil], highlights: { name: marked, description: marked }, origin: { node: evil, trust: 1 } },
      ],
      resultsFor: evil,
      understood: [{ text: evil, means: evil }],
      facets: {
        keyword: [
          { value: evil, count: 2 },
          { value: "x", count: 1 },
        ],
      },
    };
    const query = { q: evil, city: evil, near: evil, [evil]: evil };
    const page = pageOf({ query, asked: query, tiles: { url: evil, attribution: evil } }, answer);
    expect(faultsOf(page)).toEqual([]);
    expect(page).not.toContain("<hostile");
  });
});

test("a long text is shown from a little before what matched", () => {
  const long = "word ".repeat(60);
  const text = aroundMarks([
    { text: long, marked: false },
    { text: "jazz", marked: true },
    { text: long, marked: false },
  ]);
  expect(text.map(({ marked }) => marked)).toEqual([false, true, false]);
  expect(text[0]?.text).toMatch(/^…word/);
  expect(text.map((piece) => piece.text).join("").length).toBeLessThan(200);
  expect(aroundMarks([{ text: "short", marked: false }])).toEqual([{ text: "short", marked: false }]);
});

test("distances are as exact as a walker needs", () => {
  expect([0, 344, 1234, 9_960, 140_400].map((metres) => distanceWords(metres))).toEqual([
    "0 m away",
    "340 m away",
    "1.2 km away",
    "10 km away",
    "140 km away",
  ]);
});

test("scripts come from the node alone, and files that browsers keep are named by what they hold", () => {
  expect(SEARCH_PAGE_POLICY).not.toContain("unsafe");
  expect(SEARCH_PAGE_POLICY).toContain("script-src 'self';");
  for (const { path } of CLIENT_ASSETS) expect(path).toMatch(/^\/assets\/(leaflet\/)?[a-z]+-[0-9a-f]{12}\.(css|js)$/);
  expect(sampleNode.base).toBe("https://node.example");
  expect(PERIODS).toContain("weekend");
});
