/** The winner is a function of the set of claims: properties, checked against a second, naive way to find it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareClaims, decide, foldRecords, mayBeShown, type Claim, type SourceRecord } from "../../src/domain/provenance.ts";
import type { FieldName } from "../../src/domain/submission.ts";
import { LICENSE_STATUSES } from "../../src/domain/vocabulary.ts";
import { endsAfter } from "../../src/domain/when.ts";

const FIELDS = ["name", "startDate", "endDate", "description", "image", "keywords"] as const satisfies FieldName[];
const DAYS = ["2026-05-07", "2026-05-08", "2026-05-09"];

const valueOf = (field: FieldName) =>
  field === "startDate" || field === "endDate" ? fc.constantFrom(...DAYS) : fc.integer({ min: 0, max: 3 });
const claim: fc.Arbitrary<Claim> = fc.constantFrom(...FIELDS).chain((field) =>
  fc.record({
    field: fc.constant(field),
    value: valueOf(field),
    sourceId: fc.constantFrom("a", "b", "c", "d", "e"),
    trust: fc.integer({ min: 1, max: 3 }),
    confidence: fc.constantFrom(0.5, 1),
    observedAt: fc.integer({ min: 0, max: 2 }),
    pinned: fc.boolean(),
    licenseStatus: fc.constantFrom(...LICENSE_STATUSES),
  }),
);
/** One source has one claim on a field at a time; so the order is total. */
const claims = fc.uniqueArray(claim, { selector: (one) => `${one.field} ${one.sourceId}`, maxLength: 25 });
const shuffled = <T>(all: fc.Arbitrary<T[]>) =>
  all.chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })));

/** The rule in words, sorted out by one key: pin, trust, confidence, time, and the smaller source id. */
function naiveWinner(all: readonly Claim[], field: FieldName, start?: Claim): Claim | undefined {
  return all
    .filter((one) => one.field === field && (!["description", "image"].includes(field) || ["cc0", "cc-by"].includes(one.licenseStatus)))
    .filter((one) => field !== "endDate" || start === undefined || String(one.value) >= String(start.value))
    .sort((a, b) => {
      const ranks = (one: Claim): number[] => [one.pinned ? 1 : 0, one.trust, one.confidence, one.observedAt];
      const [x, y] = [ranks(a), ranks(b)];
      const n = x.findIndex((value, at) => value !== y[at]);
      return n === -1 ? (a.sourceId < b.sourceId ? -1 : 1) : y[n]! - x[n]!;
    })[0];
}

const decided = (all: readonly Claim[]) => decide(all, endsAfter);

describe("the winners", () => {
  test("are the same for every order of arrival", () => {
    fc.assert(
      fc.property(shuffled(claims), ([one, other]) => {
        expect(decided(other)).toEqual(decided(one));
      }),
    );
  });

  test("are those that sorting and taking the first finds", () => {
    fc.assert(
      fc.property(claims, (all) => {
        const start = naiveWinner(all, "startDate");
        const expected = FIELDS.flatMap((field) => {
          const winner = naiveWinner(all, field, start);
          return winner === undefined ? [] : [[field, winner] as const];
        });
        expect(decided(all)).toEqual(new Map(expected));
      }),
    );
  });

  test("would not be, if only the time of arrival decided (the control)", () => {
    const lastOne = (all: readonly Claim[]) => new Map(all.map((one) => [one.field, one]));
    const broken = fc.check(
      fc.property(shuffled(claims), ([one, other]) => {
        expect(lastOne(other)).toEqual(lastOne(one));
      }),
      { numRuns: 200 },
    );
    expect(broken).toMatchObject({ failed: true, errorInstance: { name: "AssertionError" } });
  });

  test("are claims of the set, one a field; a losing claim taken away changes nothing", () => {
    fc.assert(
      fc.property(claims, (all) => {
        const winners = decided(all);
        for (const [field, winner] of winners) expect(all.includes(winner) && winner.field === field).toBe(true);
        expect(decided(all.filter((one) => winners.get(one.field) === one))).toEqual(winners);
      }),
    );
  });

  test("are never a text or an image whose license keeps it back", () => {
    fc.assert(
      fc.property(claims, (all) => {
        for (const winner of decided(all).values()) expect(mayBeShown(winner)).toBe(true);
      }),
    );
    expect(mayBeShown({ ...({} as Claim), field: "image", licenseStatus: "unknown" })).toBe(false);
    expect(mayBeShown({ ...({} as Claim), field: "startDate", licenseStatus: "proprietary" })).toBe(true);
  });

  test("never end before they start", () => {
    fc.assert(
      fc.property(claims, (all) => {
        const winners = decided(all);
        const [start, end] = [winners.get("startDate"), winners.get("endDate")];
        expect(start === undefined || end === undefined || endsAfter(start.value as string, end.value as string)).toBe(true);
      }),
    );
  });
});

test("the order of claims is total: no two sources are equal, and it runs one way", () => {
  fc.assert(
    fc.property(claim, claim, claim, (a, b, c) => {
      expect(Math.sign(compareClaims(a, b))).toBe(-Math.sign(compareClaims(b, a)) || 0);
      if (a.sourceId !== b.sourceId) expect(compareClaims(a, b)).not.toBe(0);
      if (compareClaims(a, b) < 0 && compareClaims(b, c) < 0) expect(compareClaims(a, c)).toBeLessThan(0);
    }),
  );
});

describe("one source's several records of an event", () => {
  const record: fc.Arbitrary<SourceRecord> = fc.record({
    observedAt: fc.integer({ min: 0, max: 2 }),
    payloadHash: fc.stringMatching(/^[0-9a-f]{6}$/),
    fields: fc.record(
      {
        type: fc.constant("Event" as const),
        name: fc.constantFrom("JSConf", "Conf"),
        startDate: fc.constantFrom(...DAYS),
        url: fc.option(fc.constantFrom("https://a.example", "https://b.example"), { nil: undefined }),
        keywords: fc.subarray(["js", "css", "conference"]),
      },
      { requiredKeys: ["type", "name", "startDate"] },
    ),
  });
  const records = fc.uniqueArray(record, { selector: (one) => one.payloadHash, minLength: 1, maxLength: 5 });

  test("fold to the same word in every order", () => {
    fc.assert(
      fc.property(shuffled(records), ([one, other]) => {
        expect(foldRecords(other)).toEqual(foldRecords(one));
      }),
    );
  });

  test("the latest speaks, older ones fill what it leaves out, and lists add up", () => {
    const older = {
      observedAt: 1,
      payloadHash: "0",
      fields: { type: "Event", name: "Old", startDate: "2026-05-08", url: "https://a.example", keywords: ["css", "js"] },
    } as const;
    const newer = {
      observedAt: 2,
      payloadHash: "1",
      fields: { type: "Event", name: "New", startDate: "2026-05-08", keywords: ["js", "web"] },
    } as const;
    expect(foldRecords([older, newer] as unknown as SourceRecord[])).toEqual({
      observedAt: 2,
      fields: { type: "Event", name: "New", startDate: "2026-05-08", url: "https://a.example", keywords: ["css", "js", "web"] },
    });
    expect(foldRecords([])).toEqual({ fields: {}, observedAt: 0 });
  });
});
