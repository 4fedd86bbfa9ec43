import fc from "fast-check";
import { expect, it } from "vitest";
import { BadJson, parseBounded } from "./read-json.ts";

const BOUNDS = { depth: 4, values: 20 };
const parse = (text: string, bounds = BOUNDS) => parseBounded(Buffer.from(text), bounds);

it("reads JSON within its bounds as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (text) => {
      expect(parse(text, { depth: 100, values: 1_000_000 })).toEqual(JSON.parse(text));
    }),
  );
});

it.each<[string, RegExp]>([
  ["[[[[[1]]]]]", /more than 4 levels/],
  [`{"a":${"[".repeat(100_000)}`, /more than 4 levels/],
  [`[${"1,".repeat(30)}1]`, /more than 20 values/],
  [`[${"[],".repeat(15)}1]`, /more than 20 values/],
  ["{", /no JSON/],
  ["", /no JSON/],
  ["\uFEFF[", /no JSON/],
])("%j is refused", (text, why) => {
  expect(() => parse(text)).toThrow(BadJson);
  expect(() => parse(text)).toThrow(why);
});

it("brackets and quotes within a string count nothing", () => {
  expect(parse(JSON.stringify(['[[[[[[[[[[,,,,,,,,,,,,,,,,,,,,,,,,,,,"\\"[[[[[[']))).toHaveLength(1);
});

it("bytes that are no UTF-8 are refused", () => {
  expect(() => parseBounded(Buffer.from([0x22, 0xff, 0x22]), BOUNDS)).toThrow("no UTF-8");
});
