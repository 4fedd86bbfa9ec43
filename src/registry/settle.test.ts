/** One event is settled: from the records and claims on it to what it is now, without a database. */
import { describe, expect, test } from "vitest";
import type { EventFields, FieldName } from "../domain/submission.ts";
import { conclude, differs, settle, type EventRecord, type Settled, type Speaker, type Standing } from "./settle.ts";

const speaker = (id: string, more: Partial<Speaker> = {}): Speaker => ({
  id,
  name: id,
  trust: 5,
  pinned: false,
  type: "partner",
  licenseStatus: "cc0",
  licenseUrl: null,
  timezone: null,
  withdrawn: false,
  ...more,
});
const rex = speaker("rex", { trust: 8 });
const listings = speaker("listings", { trust: 3 });
const curator = speaker("curator", { trust: 10, pinned: true });

const NOTHING: Standing = {
  lifecycleState: undefined,
  eventStatus: undefined,
  contentHash: undefined,
  records: [],
  claims: [],
  takenBack: new Set(),
};
let n = 0;
const record = (by: Speaker, fields: Partial<EventFields>, observedAt = 0): EventRecord => ({
  id: `r${++n}`,
  sourceId: by.id,
  recordKey: null,
  recordUri: null,
  payloadHash: `h${n}`,
  observedAt,
  homeEventId: null,
  fields: { type: "Event", name: "Jazz", startDate: "2026-05-08", location: { name: "The Rex" }, ...fields },
});
/** `by` says this, in place of what it said before. */
const says = (before: Standing, by: Speaker, fields: Partial<EventFields> = {}, at = 0): Settled =>
  settle("e", before, [...before.records.filter((one) => one.sourceId !== by.id), record(by, fields, at)], by) as Settled;
const shown = (settled: Settled, field: FieldName) => settled.canonical.fields[field];

describe("who decides", () => {
  test("the more trusted, field by field; the rest is filled by the others", () => {
    const both = says(says(NOTHING, rex, { keywords: ["jazz"] }), listings, { keywords: ["music"], url: "https://listings.example" });
    expect([shown(both, "keywords"), shown(both, "url")]).toEqual([["jazz"], "https://listings.example"]);
    expect(both.claims.filter((claim) => claim.isWinner && claim.sourceId === "listings").map((claim) => claim.field)).toEqual(["url"]);
  });

  test("a curator before everybody, whatever is said later", () => {
    const pinned = says(says(says(NOTHING, rex), curator, { name: "Free Jazz" }), rex, { name: "FREE JAZZ!!!" }, 9);
    expect(shown(pinned, "name")).toBe("Free Jazz");
  });

  test("what a source no longer says is no longer claimed", () => {
    const before = says(NOTHING, rex, { url: "https://rex.example" });
    expect(shown(before, "url")).toBe("https://rex.example");
    expect(shown(says(before, rex), "url")).toBeUndefined();
  });
});

describe("whether anything is different", () => {
  test("no, when the same is said again, or when a place is only described better", () => {
    const location = { name: "The Rex", address: { addressLocality: "Toronto" } };
    const before = says(NOTHING, rex, { location });
    expect(differs(before, says(before, rex, { location }, 9))).toBe(false);
    expect(differs(before, says(before, rex, { location: { ...location, url: "https://rex.example" } }, 9))).toBe(false);
  });

  test("yes, when a field, the place, or who speaks for it is another", () => {
    const before = says(NOTHING, rex, { location: { name: "The Rex" } });
    expect(differs(before, says(before, rex, { name: "Blues", location: { name: "The Rex" } }))).toBe(true);
    expect(differs(before, says(before, rex, { location: { name: "The Garrison" } }))).toBe(true);
    expect(differs(before, says(before, listings))).toBe(true);
  });

  test("a claim that says the same is the one that stands, observed anew; another value is another claim", () => {
    const first = says(NOTHING, rex, { name: "Jazz", url: "https://a.example" });
    const standing = { ...first, claims: first.claims.map((claim, id) => ({ ...claim, id })) };
    const again = says(standing, rex, { name: "Jazz", url: "https://b.example" }, 9);
    expect(again.claims.find((claim) => claim.field === "name")).toMatchObject({ id: expect.any(Number), observedAt: 9 });
    expect(again.claims.find((claim) => claim.field === "url")).not.toHaveProperty("id");
  });
});

describe("the lifecycle", () => {
  test("a more trusted source that comes later restates it: nobody has moved the event", () => {
    const late = says(says(NOTHING, listings, { eventStatus: "EventPostponed" }), rex, { eventStatus: "EventScheduled" });
    const early = says(says(NOTHING, rex, { eventStatus: "EventScheduled" }), listings, { eventStatus: "EventPostponed" });
    expect([late.lifecycleState, early.lifecycleState]).toEqual(["published", "published"]);
  });

  test("when the source that postponed it takes its word back, the other's stands", () => {
    const both = says(says(NOTHING, rex, { eventStatus: "EventPostponed" }), listings, { eventStatus: "EventScheduled" });
    expect(both.lifecycleState).toBe("postponed");
    const rest = both.records.filter((one) => one.sourceId !== "rex");
    expect(
      conclude(
        { ...both, records: rest },
        rest,
        both.claims.filter((claim) => claim.sourceId !== "rex"),
      ).lifecycleState,
    ).toBe("published");
  });

  test("what an admin has set by hand stays while the sources say of it what they said before", () => {
    const published = says(NOTHING, rex);
    expect(says({ ...published, lifecycleState: "cancelled" }, rex, { url: "https://rex.example" }).lifecycleState).toBe("cancelled");
    expect(says({ ...published, lifecycleState: "postponed" }, rex, { url: "https://rex.example" }).lifecycleState).toBe("postponed");
    const cancelled = says(NOTHING, rex, { eventStatus: "EventCancelled" });
    expect(
      says({ ...cancelled, lifecycleState: "published" }, rex, { eventStatus: "EventCancelled", url: "https://rex.example" })
        .lifecycleState,
    ).toBe("published");
  });
});

describe("licenses", () => {
  test("a description that may not be shown wins nothing; an open one of a lesser source does", () => {
    const shy = speaker("shy", { trust: 9, licenseStatus: "proprietary" });
    const alone = says(NOTHING, shy, { description: "Mine." });
    expect(shown(alone, "description")).toBeUndefined();
    expect(shown(says(alone, listings, { description: "Anybody's." }), "description")).toBe("Anybody's.");
  });

  test("the event's own license speaks for the record, against the source's", () => {
    const shy = speaker("shy", { licenseStatus: "proprietary" });
    const open = says(NOTHING, shy, { description: "Free.", license: "https://creativecommons.org/publicdomain/zero/1.0/" });
    expect(open).toMatchObject({
      license: { status: "cc0", url: "https://creativecommons.org/publicdomain/zero/1.0/" },
      canonical: { fields: { description: "Free." } },
    });
  });
});
