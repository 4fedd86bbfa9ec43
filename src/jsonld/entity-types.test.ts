import { describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../domain/vocabulary.ts";
import { mayBe } from "./entity-types.ts";
import { PLACE_TYPES } from "./vocabulary.ts";

const KINDS = ["place", "organization", "person"] as const;
const kindsOf = (...types: string[]) => KINDS.filter((kind) => mayBe(kind, types));

describe("what schema.org's types say of an entity", () => {
  it.each(PLACE_TYPES)("%s is a kind of place", (type) => expect(mayBe("place", [type])).toBe(true));
  it.each([...EVENT_TYPES, "UserInteractionEvent"])("%s is a kind of event, and nothing else", (type) => expect(kindsOf(type)).toEqual([]));

  it.each([
    // Whoever runs it is often called so, too.
    [["Place"], ["place", "organization"]],
    [["Museum"], ["place", "organization"]],
    [["Organization"], ["organization"]],
    [["MusicGroup"], ["organization"]],
    [["Person"], ["person"]],
    // Both a place and an organization.
    [["LocalBusiness"], ["place", "organization"]],
    [["Library"], ["place", "organization"]],
    [["School"], ["place", "organization"]],
    [
      ["Organization", "Brewery"],
      ["place", "organization"],
    ],
    [
      ["Place", "Organization"],
      ["place", "organization"],
    ],
    // One of its own kind is enough.
    [["Place", "Event"], ["place"]],
    [["Person", "MusicGroup"], ["person"]],
    // Nothing is known of these.
    [[], ["place", "organization"]],
    [["Thing"], ["place", "organization"]],
    [["https://example.org/Venue"], ["place", "organization"]],
    [["Thing", "Event"], []],
  ])("%j may be: %j", (types, kinds) => expect(kindsOf(...types)).toEqual(kinds));
});
