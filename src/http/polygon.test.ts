import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolygon } from "./polygon.ts";

describe("a polygon", () => {
  test("is its vertices in order, not closed", () => {
    const square = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ];
    expect(parsePolygon("0,0;1,0;1,1;0,1")).toEqual(square);
    expect(parsePolygon("0,0;1,0;1,1;0,1;0,0")).toEqual(square);
    expect(parsePolygon(" 0 , 0;1,0;1,0;1,1;0,1")).toEqual(square);
  });

  test.each([
    ["a notch", "0,0;4,0;4,4;2,1;0,4"],
    ["a vertex in the middle of a side", "0,0;2,0;4,0;4,4"],
    ["clockwise", "0,0;0,1;1,1;1,0"],
    ["a metre across", "-79.38,43.65;-79.37999,43.65;-79.38,43.65001"],
    ["the whole world", "-180,-90;0,-90;180,-90;180,90;0,90;-180,90"],
  ])("may have or be %s", (_, text) => expect(parsePolygon(text)).toBeInstanceOf(Array));

  test.each([
    ["two vertices", "0,0;1,1", "at least 3"],
    ["one vertex thrice", "1,1;1,1;1,1", "at least 3"],
    ["a line there and back", "0,0;1,1;2,2", "lie upon each other"],
    ["a spike", "0,0;4,0;4,4;4,8;4,4;0,4", /lie upon|meets/],
    ["a bow tie", "0,0;1,1;1,0;0,1", "the side from 0,0 to 1,1 meets the one from 1,0 to 0,1"],
    ["two parts that touch in a vertex", "0,0;1,1;2,0;2,2;1,1;0,2", "meets"],
    ["a vertex upon another side", "0,0;4,0;4,4;2,0;0,4", "meets"],
    ["a side half round the world", "-179,0;179,0;179,10", "more than 180 degrees"],
    ["a latitude beyond the pole", "0,0;1,0;1,91", "vertex 3"],
    ["a longitude beyond the antimeridian", "181,0;1,0;1,1", "vertex 1"],
    ["words", "a,b;c,d;e,f", "vertex 1"],
    ["an altitude", "0,0,0;1,0,0;1,1,0", "vertex 1"],
    ["a trailing semicolon", "0,0;1,0;1,1;", "vertex 4"],
    ["infinities", "0,0;1e999,0;1,1", "vertex 2"],
    ["102 vertices", Array.from({ length: 102 }, (_, n) => `${n},${(n * n * 0.001).toFixed(6)}`).join(";"), "at most 100"],
    ["101 vertices", Array.from({ length: 101 }, (_, n) => `${n},${(n * n * 0.001).toFixed(6)}`).join(";"), "at most 100"],
  ])("is refused for %s", (_, text, why) => {
    const fault = parsePolygon(text);
    expect(fault).toBeTypeOf("string");
    expect(fault).toMatch(why);
  });

  test("may have a hundred vertices, and be closed besides", () => {
    const ring = Array.from({ length: 100 }, (_, n) => [Math.cos((n * Math.PI) / 50), Math.sin((n * Math.PI) / 50)]);
    const text = [...ring, ring[0]!].map(([x, y]) => `${x!.toFixed(9)},${y!.toFixed(9)}`).join(";");
    expect(parsePolygon(text)).toHaveLength(100);
  });

  /** Seen from the middle, each vertex lies in another direction and no gap is half a turn: sides cannot cross. */
  const around = (farness: fc.Arbitrary<number>) =>
    fc.array(fc.tuple(fc.nat({ max: 719 }), farness), { maxLength: 40 }).chain((given) =>
      farness.map((far) => {
        const quarters = [0, 200, 400, 600].map((direction) => [direction, far] as const);
        return [...new Map<number, number>([...given, ...quarters])]
          .toSorted(([a], [b]) => a - b)
          .map(([direction, distance]) => vertexAt((direction * Math.PI) / 360, distance));
      }),
    );

  test("whose vertices lie around a middle is taken, from whichever it begins and either way round", () =>
    fc.assert(
      fc.property(around(fc.integer({ min: 5, max: 50 })), fc.nat(), (ring, turn) => {
        const turned = [...ring.slice(turn % ring.length), ...ring.slice(0, turn % ring.length)];
        expect(parsePolygon(turned.join(";"))).toHaveLength(ring.length);
        expect(parsePolygon(turned.toReversed().join(";"))).toHaveLength(ring.length);
      }),
    ));

  test("on a circle is refused once two neighbours change places", () =>
    fc.assert(
      fc.property(around(fc.constant(20)), fc.nat(), (ring, turn) => {
        const [first, second, ...others] = [...ring.slice(turn % ring.length), ...ring.slice(0, turn % ring.length)];
        expect(parsePolygon([second, first, ...others].join(";"))).toContain("do not cross");
      }),
    ));
});

const vertexAt = (angle: number, distance: number): string =>
  `${(distance * Math.cos(angle)).toFixed(10)},${(distance * Math.sin(angle)).toFixed(10)}`;
