import { describe, expect, test } from "vitest";
import { leafText, markWords } from "./admin-marks.ts";
import { html } from "./markup.ts";

const mark = (left: string, right: string) => markWords(left, right).map((part) => String(html`${part}`));

describe("two texts side by side", () => {
  test("the words that only one of them has are marked", () => {
    expect(mark("Free Jazz at the Rex", "Cool Jazz at Rex")).toEqual([
      "<mark>Free</mark> Jazz at <mark>the</mark> Rex",
      "<mark>Cool</mark> Jazz at Rex",
    ]);
  });

  test("equal texts bear no mark, an empty one neither", () => {
    expect(mark("Jazz  night", "Jazz night")).toEqual(["Jazz night", "Jazz night"]);
    expect(mark("", "Jazz night")).toEqual(["", "<mark>Jazz night</mark>"]);
  });

  test("what is moved is marked on both sides, what stays is not", () => {
    expect(mark("a b c d", "b c d a")).toEqual(["<mark>a</mark> b c d", "b c d <mark>a</mark>"]);
  });

  test("long texts are marked from where they part to where they meet again", () => {
    const long = (word: string) => `same ${Array.from({ length: 2_000 }, (_, n) => `${word}${n}`).join(" ")} end`;
    const [left] = mark(long("x"), long("y"));
    expect(left).toMatch(/^same <mark>x0 .* x1999<\/mark> end$/);
  });

  test("nothing in a text becomes markup", () => {
    expect(mark("<b>x</b> one", "<b>x</b> two")[0]).toBe("&lt;b&gt;x&lt;/b&gt; <mark>one</mark>");
  });
});

test("a leaf as a person reads it", () => {
  expect([leafText(["a", "b"]), leafText(false), leafText(1.5), leafText(undefined)]).toEqual(["a, b", "false", "1.5", undefined]);
});
