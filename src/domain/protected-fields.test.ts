import { expect, test } from "vitest";
import { protectedPaths, withoutProtected, withoutProtectedAnywhere } from "./protected-fields.ts";

test("of our own documents texts and images are members of these names", () => {
  const facts = { name: "Jazz" };
  expect(withoutProtected({ ...facts, description: "An evening", image: "a.jpg" })).toEqual(facts);
  expect(withoutProtected(facts)).toBe(facts);
});

test("in another node's document they go wherever they stand, and however they are spelled", () => {
  const context = { description: "https://schema.org/description" };
  const document = {
    "@context": context,
    name: "Jazz",
    "schema:description": "An evening",
    location: { name: "Rex", image: ["a.jpg"], address: { addressLocality: "Toronto" } },
    subEvent: [{ name: "One", "https://schema.org/description": "The first" }],
  };
  expect(withoutProtectedAnywhere(document)).toEqual({
    "@context": context,
    name: "Jazz",
    location: { name: "Rex", address: { addressLocality: "Toronto" } },
    subEvent: [{ name: "One" }],
  });
});

test("they are told apart by where they stand; what shows nothing does not count", () => {
  const document = {
    "@context": { description: "https://schema.org/description" },
    "schema:description": "An evening",
    image: null,
    location: { name: "Rex", image: [""], photo: [{ "https://schema.org/image": "a.jpg" }, { image: "b.jpg" }] },
  };
  expect([...protectedPaths(document)]).toEqual(["/description", "/location/photo/image"]);
  expect(protectedPaths(withoutProtectedAnywhere(document))).toEqual(new Set());
});
