import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalForm } from "./canonical.ts";

it("is what the library says of any JSON", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "binary" }), (text) => {
      const value: unknown = JSON.parse(text);
      expect(canonicalForm(value)).toBe(canonicalize(value));
    }),
  );
});

it.each([
  ['{"b":1,"a":[{},[],null,-0,1e21,"\\u2028"],"\\ud83d\\ude00":{"__proto__":2},"\\ufb33":3}'],
  ['{"10":1,"9":2,"":{"constructor":null}}'],
])("%s reads as by the library", (text) => expect(canonicalForm(JSON.parse(text))).toBe(canonicalize(JSON.parse(text))));

it.each(['["\\ud800"]', '{"\\udc00":1}', "[1e400]", "[-1e400]"])("%s has no canonical form", (text) => {
  expect(() => canonicalForm(JSON.parse(text))).toThrow("is not allowed");
  expect(() => canonicalize(JSON.parse(text))).toThrow("is not allowed");
});

it("of undefined is empty, and members that are undefined are left out", () => {
  expect([canonicalForm(undefined), canonicalForm({ a: undefined, b: 1 })]).toEqual(["", '{"b":1}']);
});
