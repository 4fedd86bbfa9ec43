import { describe, expect, it } from "vitest";
import { boxFault, passesFilters } from "./peer-filters.ts";
import type { PeerFilters } from "./peer.ts";
import type { EntityKind } from "./vocabulary.ts";

const TORONTO: PeerFilters = { bbox: [-79.7, 43.5, -79.1, 43.9] };
const at = (latitude: unknown, longitude: unknown) => ({ "@type": "Place", geo: { "@type": "GeoCoordinates", latitude, longitude } });
const rex = at(43.65, -79.39);
const paris = at(48.85, 2.35);
const passes = (document: Record<string, unknown>, filters: PeerFilters, kind: EntityKind = "event") =>
  passesFilters({ kind, document }, filters);

describe("a box", () => {
  it("lets in what lies in it, and keeps out what does not", () => {
    expect(passes({ location: rex }, TORONTO)).toBe(true);
    expect(passes({ location: paris }, TORONTO)).toBe(false);
    expect(passes(paris, TORONTO, "place")).toBe(false);
  });

  it("is content with one place of several, and reads numbers written as text", () => {
    expect(passes({ location: [paris, rex] }, TORONTO)).toBe(true);
    expect(passes({ location: [paris, at("48.8", "2.3")] }, TORONTO)).toBe(false);
  });

  it.each([
    {},
    { location: { "@type": "VirtualLocation", url: "https://a.example" } },
    { location: at("north", null) },
    { location: "The Rex" },
  ])("lets in what has no coordinates: %j", (document) => {
    expect(passes(document, TORONTO)).toBe(true);
  });

  it("says nothing of people and organizations", () => {
    expect(passes({ location: paris }, TORONTO, "organization")).toBe(true);
  });

  it.each([
    [[-79.7, 43.5, -79.1, 43.9], undefined],
    [[175, -22, -175, -12], undefined],
    [[120, -60, -70, 60], undefined],
    [[100, -60, -60, 60], "200 degrees around the world"],
    [[-79.1, 43.5, -79.7, 43.9], "359 degrees around the world"],
    [[0, 50, 1, 49], "south not above north"],
    [[1, 2, 3], "expected west, south, east, north"],
    [[1, 2, NaN, 3], "expected west, south, east, north"],
  ])("of %j is meant, or what is wrong with it is said", (bbox, fault) => {
    expect(boxFault(bbox)).toEqual(fault === undefined ? undefined : expect.stringContaining(fault));
  });

  it("may lie over the 180th meridian", () => {
    const fiji: PeerFilters = { bbox: [175, -22, -175, -12] };
    expect(passes({ location: at(-18, 178) }, fiji)).toBe(true);
    expect(passes({ location: at(-18, -178) }, fiji)).toBe(true);
    expect(passes({ location: at(-18, 0) }, fiji)).toBe(false);
  });
});

describe("domains", () => {
  const music: PeerFilters = { domains: ["music"] };
  it("let in events of these, and all that is no event", () => {
    expect(passes({ "sel:eventDomain": "music" }, music)).toBe(true);
    expect(passes({ "sel:eventDomain": "sports" }, music)).toBe(false);
    expect(passes({ "sel:eventDomain": "sports", "@type": "MusicEvent" }, music)).toBe(false);
    expect(passes({ "sel:eventDomain": "sports" }, music, "place")).toBe(true);
  });

  it.each([
    ["MusicEvent", true],
    [["Event", "https://schema.org/MusicEvent"], true],
    ["schema:MusicEvent", true],
    ["SportsEvent", false],
    ["Event", false],
    [undefined, false],
  ])("are meant by the type of an event that names none: %j", (type, isMusic) => {
    expect(passes({ "@type": type }, music)).toBe(isMusic);
    expect(passes({ "@type": type, "sel:eventDomain": "not one" }, music)).toBe(isMusic);
  });

  it("count an event that names none, nor has a telling type, as general", () => {
    expect(passes({ "@type": "Event" }, { domains: ["general"] })).toBe(true);
  });
});
