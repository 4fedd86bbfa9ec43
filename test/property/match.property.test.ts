/** Matching a visit against the records of the one before is one to one, whatever comes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchRecords, matchVisit, type VisitMatchable } from "../../src/registry/match.ts";

/** Few words, so that much collides. Bytes and identity follow from what is said, as they do in life. */
const said: fc.Arbitrary<VisitMatchable> = fc
  .record({
    recordKey: fc.option(fc.constantFrom("1", "2"), { nil: undefined }),
    nameKey: fc.constantFrom("jazz", "blues"),
    startKey: fc.constantFrom("8th", "9th", "10th"),
    venue: fc.constantFrom("rex", "garrison"),
    url: fc.option(fc.constantFrom("u", "v"), { nil: undefined }),
    extra: fc.constantFrom("", "!"),
  })
  .map(({ venue, extra, ...one }) => ({
    ...one,
    matchKey: `${one.nameKey}|${one.startKey}|${venue}`,
    payloadHash: JSON.stringify([one, venue, extra]),
  }));

/** A source's present records never share an id (a unique index sees to it). */
const records = fc.uniqueArray(said, { selector: (one) => one.recordKey ?? one, maxLength: 8 });
const items = fc.array(said, { maxLength: 8 });
type Match = (items: readonly VisitMatchable[], records: readonly VisitMatchable[]) => Map<VisitMatchable, VisitMatchable>;
const ways: Record<string, Match> = { "in a batch": matchRecords, "in a visit": matchVisit };

describe.each(Object.entries(ways))("%s", (_, match) => {
  test("no record is spoken of twice, and nothing is matched that was not there", () => {
    fc.assert(
      fc.property(items, records, (some, before) => {
        const matched = match(some, before);
        expect(new Set(matched.values()).size).toBe(matched.size);
        for (const [item, record] of matched) expect(some.includes(item) && before.includes(record)).toBe(true);
      }),
    );
  });

  test("two ids that differ never match", () => {
    fc.assert(
      fc.property(items, records, (some, before) => {
        for (const [item, record] of match(some, before))
          expect(item.recordKey && record.recordKey ? item.recordKey === record.recordKey : true).toBe(true);
      }),
    );
  });

  test("what is said again byte for byte is what it was", () => {
    fc.assert(
      fc.property(records, fc.nat(), (before, turn) => {
        const again = [...before.slice(turn % 8), ...before.slice(0, turn % 8)].map((one) => ({ ...one }));
        const matched = match(again, before);
        // Equal bytes are equal records: which of several of them is meant makes no difference.
        for (const item of again) expect(matched.get(item)?.payloadHash).toBe(item.payloadHash);
      }),
    );
  });

  test("an id is always found, whatever else has changed", () => {
    fc.assert(
      fc.property(items, records, (some, before) => {
        const matched = match(some, before);
        const meant = before.filter((record) => record.recordKey !== undefined && some.some((item) => item.recordKey === record.recordKey));
        expect([...matched.values()]).toEqual(expect.arrayContaining(meant));
      }),
    );
  });
});

test("a visit finds all that a batch finds of ids, bytes and identities, and sometimes more", () => {
  fc.assert(
    fc.property(items, records, (some, before) => {
      const visit = matchVisit(some, before);
      for (const [item, record] of matchRecords(some, before)) expect(visit.get(item)).toBe(record);
    }),
  );
  const moved = { recordKey: undefined, payloadHash: "b", matchKey: "b", nameKey: "jazz", startKey: "9th", url: "u" };
  const before = { ...moved, payloadHash: "a", matchKey: "a", startKey: "8th" };
  expect([matchRecords([moved], [before]).size, matchVisit([moved], [before]).size]).toEqual([0, 1]);
});
