/** Which earlier record an item speaks of again: in a batch by identity, in a visit also by what is left over. */
import { describe, expect, test } from "vitest";
import { matchRecords, matchVisit, type VisitMatchable } from "./match.ts";

interface Said extends VisitMatchable {
  label: string;
}

/** Something said at the Rex on the 8th; what is changed of it is changed in its identity and its bytes too. */
function said(
  label: string,
  changes: { id?: string; name?: string; start?: string; venue?: string; url?: string; bytes?: string } = {},
): Said {
  const { id, name = "jazz", start = "2026-05-08", venue = "the rex", url, bytes = JSON.stringify(changes) } = changes;
  return { label, recordKey: id, payloadHash: bytes, matchKey: `${name}|${start}|${venue}`, nameKey: name, startKey: start, url };
}

const pairs = (matched: Map<Said, Said>) => [...matched].map(([item, record]) => `${item.label}=${record.label}`);
const visit = (items: Said[], records: Said[]) => pairs(matchVisit(items, records));
const batch = (items: Said[], records: Said[]) => pairs(matchRecords(items, records));

describe("in a batch", () => {
  test("the source's own id goes before all else", () => {
    const items = [said("item", { id: "1", name: "renamed", start: "2026-06-01" })];
    expect(batch(items, [said("other", { id: "2", name: "renamed", start: "2026-06-01" }), said("mine", { id: "1" })])).toEqual([
      "item=mine",
    ]);
  });

  test("then the same bytes, then the same identity", () => {
    expect(
      batch([said("item", { bytes: "x", name: "a" })], [said("bytes", { bytes: "x", name: "b" }), said("identity", { name: "a" })]),
    ).toEqual(["item=bytes"]);
    expect(
      batch([said("item", { bytes: "y", name: "a" })], [said("bytes", { bytes: "x", name: "b" }), said("identity", { name: "a" })]),
    ).toEqual(["item=identity"]);
  });

  test("two ids that differ never match, not by bytes and not by identity", () => {
    expect(batch([said("item", { id: "1", bytes: "x" })], [said("record", { id: "2", bytes: "x" })])).toEqual([]);
    expect(visit([said("item", { id: "1", bytes: "x", url: "u" })], [said("record", { id: "2", bytes: "x", url: "u" })])).toEqual([]);
  });

  test("an item that has gained an id is still what it was without one", () => {
    expect(batch([said("item", { id: "1" })], [said("record")])).toEqual(["item=record"]);
  });

  test("a moved start is a new event: a batch is not the whole of what the source says", () => {
    expect(batch([said("item", { start: "2026-05-09", url: "u" })], [said("record", { url: "u" })])).toEqual([]);
  });
});

describe("in a visit", () => {
  test("a moved start is known by name and address on the web", () => {
    expect(visit([said("item", { start: "2026-05-09", url: "u" })], [said("record", { url: "u" })])).toEqual(["item=record"]);
  });

  test("not where there is no address, or another name", () => {
    expect(visit([said("item", { start: "2026-05-09" })], [said("record")])).toEqual([]);
    expect(visit([said("item", { start: "2026-05-09", url: "u", name: "blues" })], [said("record", { url: "u" })])).toEqual([]);
  });

  test("and only where the pair is unique on both sides", () => {
    const weekly = [said("first", { start: "2026-05-01", url: "u" }), said("second", { start: "2026-05-08", url: "u" })];
    expect(visit([said("item", { start: "2026-05-15", url: "u" })], weekly)).toEqual([]);
    const items = [said("one", { start: "2026-05-15", url: "u" }), said("two", { start: "2026-05-22", url: "u" })];
    expect(visit(items, [said("record", { start: "2026-05-01", url: "u" })])).toEqual([]);
  });

  test("what the stricter passes took does not count: of a weekly event one date is moved", () => {
    const before = [
      said("1st", { start: "2026-05-01", url: "u" }),
      said("8th", { start: "2026-05-08", url: "u" }),
      said("15th", { start: "2026-05-15", url: "u" }),
    ];
    const now = [
      said("same 1st", { start: "2026-05-01", url: "u" }),
      said("9th", { start: "2026-05-09", url: "u" }),
      said("same 15th", { start: "2026-05-15", url: "u" }),
    ];
    expect(visit(now, before).toSorted()).toEqual(["9th=8th", "same 15th=15th", "same 1st=1st"]);
  });

  test("a moved venue is known by name and start, where that is unique on both sides", () => {
    expect(visit([said("item", { venue: "the garrison" })], [said("record")])).toEqual(["item=record"]);
    expect(visit([said("item", { venue: "the garrison" })], [said("a"), said("b", { venue: "elsewhere" })])).toEqual([]);
  });

  test("of two at one time, the address on the web tells which has moved", () => {
    const records = [said("a", { url: "u/a" }), said("b", { url: "u/b", venue: "elsewhere" })];
    expect(visit([said("item", { venue: "the garrison", url: "u/b" })], records)).toEqual(["item=b"]);
  });

  test("equal items and equal records pair off, one to one, and one too many is left over", () => {
    const twice = [said("a"), said("b")];
    expect(visit([said("1"), said("2"), said("3")], twice)).toEqual(["1=a", "2=b"]);
  });
});
