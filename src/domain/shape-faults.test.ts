import { describe, expect, it } from "vitest";
import { z } from "zod";
import { shapeFaults, shapeWords } from "./shape-faults.ts";

const form = z
  .strictObject({
    url: z.string(),
    trust: z.int().min(1),
    tags: z.array(z.string()),
    way: z.enum(["pull", "push"]),
    "a/b": z.boolean(),
    day: z.string().regex(/^\d+$/, "expected digits"),
  })
  .partial()
  .required({ url: true });
const wordsFor = (value: unknown) => shapeWords(form.safeParse(value).error!, value);

describe("what a shape says of a body", () => {
  it.each([
    [{}, "/url: expected a value, found nothing"],
    [{ url: 1 }, "/url: expected a string, found a number"],
    [{ url: null }, "/url: expected a string, found null"],
    [{ url: "x", trust: "3" }, "/trust: expected a number, found a string"],
    [{ url: "x", trust: 1.5 }, "/trust: expected a whole number, found a fraction"],
    [{ url: "x", tags: ["a", {}] }, "/tags/1: expected a string, found an object"],
    [{ url: "x", way: "walk" }, '/way: expected one of "pull", "push", found a string'],
    [{ url: "x", "a/b": [] }, "/a~1b: expected true or false, found an array"],
    [[], "/: expected an object, found an array"],
    [{ url: 1, trust: true }, "/url: expected a string, found a number; /trust: expected a number, found true"],
    // What a schema says in its own words stands.
    [{ url: "x", day: "a" }, "/day: expected digits"],
    [{ url: "x", more: 1 }, '/: Unrecognized key: "more"'],
  ])("%j: %s", (value, words) => expect(wordsFor(value)).toBe(words));

  it("a member that must be there reads so where its kind is known", () => {
    const value = {};
    const { error } = z.object({ way: z.enum(["pull", "push"]), list: z.array(z.unknown()) }).safeParse(value);
    expect(shapeFaults(error!, value)).toEqual([
      { pointer: "/way", detail: 'expected one of "pull", "push", found nothing' },
      { pointer: "/list", detail: "expected an array, found nothing" },
    ]);
  });
});
