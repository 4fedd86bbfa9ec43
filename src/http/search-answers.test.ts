/** What the engine answers -> what the API says. */
import { describe, expect, test } from "vitest";
import type { EventState } from "../domain/state.ts";
import { createMint, ulidOf } from "../domain/iri.ts";
import { encodeText } from "../jsonld/encode.ts";
import type { SearchAnswer, SearchHit } from "../search/request.ts";
import { searchText, similarText, suggestionsText } from "./search-answers.ts";
import { searchSchema, similarSchema, suggestionsSchema } from "./search-schemas.ts";

const base = "https://node.example";
const mint = createMint();
const weekly = (more: Partial<EventState> = {}): EventState => ({
  kind: "event",
  id: mint(1_777_000_000_000),
  name: "Weekly blues",
  version: 1,
  createdAt: "2026-05-01T12:00:00Z",
  updatedAt: "2026-05-01T12:00:00Z",
  public: true,
  type: "MusicEvent",
  startDate: "2026-05-06T20:00:00-04:00",
  timezone: "America/Toronto",
  allDay: false,
  lifecycleState: "published",
  eventDomain: "music",
  licenseStatus: "cc0",
  confidence: 0.9,
  sources: [],
  occurrences: [
    { startDate: "2026-05-06T20:00:00-04:00", timezone: "America/Toronto", allDay: false },
    { startDate: "2026-05-13T20:00:00-04:00", endDate: "2026-05-13T22:00:00-04:00", timezone: "America/Toronto", allDay: false },
    { startDate: "2026-05-20", timezone: "America/Toronto", allDay: true },
  ],
  ...more,
});
const hit = (more: Partial<SearchHit> = {}): SearchHit => ({
  event: weekly(),
  start: "2026-05-14T00:00:00.000000Z",
  localDate: "2026-05-13",
  legs: [{ leg: "words", rank: 1 }],
  matched: ["blues"],
  highlights: {
    name: [
      { text: "Weekly ", marked: false },
      { text: "blues", marked: true },
    ],
  },
  ...more,
});
const answer = (more: Partial<SearchAnswer> = {}): SearchAnswer => ({
  hits: [hit()],
  total: { value: 1, relation: "exact" },
  mode: "lexical",
  ranked: { bound: 2_000, complete: true },
  relaxed: false,
  understood: [],
  ...more,
});
const said = (of: SearchAnswer): any => searchSchema.parse(JSON.parse(searchText(of, base)));

describe("an answer", () => {
  test("holds each event's canonical text, byte for byte", () => {
    const one = hit();
    expect(searchText(answer({ hits: [one, hit()] }), base).startsWith(`{"items":[${encodeText(one.event, { base })},{`)).toBe(true);
  });

  test("names the occurrence that matched", () => {
    const [one] = said(answer()).hits;
    expect(one.occurrence).toEqual({
      "@id": one["@id"],
      startDate: "2026-05-13T20:00:00-04:00",
      endDate: "2026-05-13T22:00:00-04:00",
      timezone: "America/Toronto",
    });
    const allDay = hit({ start: "2026-05-20T04:00:00.000000Z", localDate: "2026-05-20" });
    expect(said(answer({ hits: [allDay] })).hits[0].occurrence).toMatchObject({ startDate: "2026-05-20", timezone: "America/Toronto" });
    const { occurrences: _, ...once } = weekly();
    expect(said(answer({ hits: [hit({ event: once })] })).hits[0].occurrence.startDate).toBe("2026-05-06T20:00:00-04:00");
  });

  test("names a federated event by its origin's @id, and how far that is trusted", () => {
    const event = weekly({ federationUri: "https://peer.example/events/1", originNode: "https://peer.example" });
    const [first] = said(
      answer({ hits: [hit({ event, distance: 12.6, score: 0.5, origin: { node: "https://peer.example", trust: 7 } })] }),
    ).hits;
    expect(first).toMatchObject({
      "@id": "https://peer.example/events/1",
      distance: 13,
      score: 0.5,
      origin: { node: "https://peer.example", trust: 7 },
    });
  });

  test("says nothing of what there is nothing to say of", () => {
    expect(Object.keys(said(answer({ hits: [] })))).toEqual(["items", "hits", "next_cursor", "total", "mode", "ranked"]);
    const full = said(
      answer({
        next: "abc",
        resultsFor: "blues",
        relaxed: true,
        understood: [{ text: "tonight", means: "startDate=2026-05-13" }],
        facets: { city: [{ value: "toronto", count: 1 }] },
        facetsExact: false,
        explain: { rung: "any" },
      }),
    );
    expect(full).toMatchObject({
      next_cursor: "abc",
      results_for: "blues",
      relaxed: true,
      understood: [{ text: "tonight", means: "startDate=2026-05-13" }],
      facets: { city: [{ value: "toronto", count: 1 }] },
      facets_exact: false,
      explain: { rung: "any" },
    });
  });

  test("that is not as described is told apart by its description", () => {
    const { total: _, ...lacking } = JSON.parse(searchText(answer(), base));
    expect(searchSchema.safeParse(lacking).success).toBe(false);
  });
});

test("what is like an event comes with its reasons, and on one page", () => {
  const one = hit({ legs: [{ leg: "meaning", rank: 1, similarity: 0.8 }], matched: [], highlights: {} });
  expect(similarSchema.parse(JSON.parse(similarText([one], base)))).toMatchObject({
    items: [{ name: "Weekly blues" }],
    hits: [{ "@id": `${base}/events/${ulidOf(one.event.id)}`, legs: [{ leg: "meaning", rank: 1, similarity: 0.8 }] }],
    next_cursor: null,
  });
});

test("a suggestion names what bears the name, by its origin's @id where it has another", () => {
  const id = mint(1_777_000_000_000);
  const text = suggestionsText(
    [
      { text: "jazz", kind: "word" },
      { text: "Jazz Hall", kind: "place", ref: { id } },
      { text: "Jazz Society", kind: "organization", ref: { id, uri: "https://peer.example/organizations/1" } },
    ],
    base,
  );
  expect(suggestionsSchema.parse(JSON.parse(text))).toEqual({
    suggestions: [
      { text: "jazz", kind: "word" },
      { text: "Jazz Hall", kind: "place", "@id": `${base}/places/${ulidOf(id)}` },
      { text: "Jazz Society", kind: "organization", "@id": "https://peer.example/organizations/1" },
    ],
  });
});
