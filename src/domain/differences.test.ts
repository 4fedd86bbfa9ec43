import { describe, expect, test } from "vitest";
import { compareLeaves } from "./differences.ts";

const differing = (left: unknown, right: unknown) =>
  compareLeaves(left, right)
    .filter((one) => one.differs)
    .map(({ pointer, left: one, right: other }) => [pointer, one, other]);

describe("two entries side by side", () => {
  test("are compared leaf by leaf, whatever the order of their members", () => {
    const left = { name: "Jazz", location: { name: "The Rex", geo: { latitude: 1, longitude: 2 } } };
    const right = { location: { geo: { longitude: 2, latitude: 1.5 }, name: "The Rex" }, name: "Jazz" };
    expect(differing(left, right)).toEqual([["/location/geo/latitude", 1, 1.5]]);
  });

  test("a list of plain values is one leaf, a list of objects is looked into", () => {
    expect(differing({ keywords: ["a", "b"] }, { keywords: ["b", "a"] })).toEqual([["/keywords", ["a", "b"], ["b", "a"]]]);
    expect(differing({ offers: [{ price: "1" }] }, { offers: [{ price: "2" }] })).toEqual([["/offers/0/price", "1", "2"]]);
  });

  test("what only one side says stands beside its siblings, and the other side is absent", () => {
    const compared = compareLeaves({ place: { a: 1 }, z: 1 }, { place: { a: 1, b: 2 }, z: 1 });
    expect(compared.map(({ pointer }) => pointer)).toEqual(["/place/a", "/place/b", "/z"]);
    expect(compared[1]).toEqual({ pointer: "/place/b", right: 2, differs: true });
  });

  test("pointers are escaped (RFC 6901), and 500 leaves are enough for anybody", () => {
    expect(differing({ "a/b~c": 1 }, {})).toEqual([["/a~1b~0c", 1, undefined]]);
    expect(compareLeaves(Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`k${n}`, n])), {})).toHaveLength(500);
  });
});
