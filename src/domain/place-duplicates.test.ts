/** When two places are one. */
import { describe, expect, test } from "vitest";
import { comparePlaces, placeKeys, placeProbes, type PlaceLikeness } from "./duplicates.ts";
import { foldStreet } from "./place-duplicates.ts";

const rex: PlaceLikeness = {
  id: "1",
  name: "The Rex",
  streetAddress: "194 Queen St W",
  locality: "Toronto",
  postalCode: "M5V 1Z1",
  latitude: 43.6506,
  longitude: -79.3885,
  sameAs: [],
};
const bare: PlaceLikeness = { id: "2", name: "The Rex", sameAs: [] };
const verdict = (other: Partial<PlaceLikeness>) => {
  const { verdict: said, rule, contradictions } = comparePlaces(rex, { ...bare, ...other });
  return [said, rule, ...contradictions];
};

test.each([
  ["194 Queen Street West, Suite 3", "194 queen st w"],
  ["Town Hall, 100 Queen St. W", "100 queen st w"],
  ["2 Bloor St E #300", "2 bloor st e"],
])("%j folds to %j", (street, folded) => {
  expect(foldStreet(street)).toBe(folded);
});

describe("one place", () => {
  test.each([
    ["name and address, however spelt", { streetAddress: "194 Queen Street West", locality: "Toronto" }],
    ["another spelling of the name there", { name: "Rex", streetAddress: "194 Queen Street West", locality: "Toronto" }],
    ["the name a few steps off", { latitude: 43.6509, longitude: -79.3889 }],
    ["its town in its name", { name: "The Rex, Toronto", latitude: 43.6506, longitude: -79.3885 }],
  ])("%s", (_, other) => {
    expect(verdict(other)[0]).toBe("same");
  });
  test("known to an authority under one id", () => {
    const [a, b] = [
      { ...rex, sameAs: ["https://www.wikidata.org/entity/Q1"] },
      { ...bare, name: "Rex", sameAs: ["http://wikidata.org/entity/Q1"] },
    ];
    expect(comparePlaces(a, b).verdict).toBe("same");
    expect(comparePlaces(a, { ...rex, id: "2", sameAs: ["https://www.wikidata.org/entity/Q2"] })).toMatchObject({
      verdict: "candidate",
      contradictions: ["authority"],
    });
  });
});

describe("for a person to say", () => {
  test.each([
    ["only name and town", { locality: "Toronto" }, []],
    ["a room of the house", { ...rex, id: "2", name: "The Rex Rooftop" }, ["room"]],
    ["the next house number", { ...rex, id: "2", streetAddress: "196 Queen St W" }, ["street"]],
    ["one address, two points", { ...rex, id: "2", latitude: 43.7 }, ["distance"]],
  ])("%s", (_, other, contradictions) => {
    expect(verdict(other)[0]).toBe("candidate");
    expect(verdict(other).slice(2)).toEqual(contradictions);
  });
});

describe("two places", () => {
  test.each([
    ["one name in two towns", { streetAddress: "194 Queen St W", locality: "Ottawa", latitude: 45.42, longitude: -75.69 }],
    ["another street", { streetAddress: "5 Elm St", locality: "Toronto" }],
    ["neighbours", { name: "Poetry Loft", latitude: 43.6507, longitude: -79.3886 }],
    ["no place at all", { ...rex, id: "2", name: "Online" }],
  ])("%s", (_, other) => {
    expect(verdict(other)[0]).toBe("different");
  });
  test("two branches of one library", () => {
    const branch = (id: string, name: string) => ({ ...rex, id, name: `Public Library - ${name} Branch` });
    expect(comparePlaces(branch("1", "Spadina"), branch("2", "Runnymede"))).toMatchObject({
      verdict: "candidate",
      contradictions: ["words"],
    });
  });
});

test("a place is found by its neighbours' cells, and no place has no keys", () => {
  const near = { ...bare, name: "Courtyard", latitude: rex.latitude! + 0.0015, longitude: rex.longitude! };
  expect(new Set(placeProbes(near)).isDisjointFrom(new Set(placeKeys(rex)))).toBe(false);
  expect(placeKeys({ ...bare, name: "En ligne" })).toEqual([]);
  expect(
    placeKeys({ ...rex, url: "https://rex.example", sameAs: ["https://a.example/1", "https://b.example/2"] }).length,
  ).toBeLessThanOrEqual(8);
});
