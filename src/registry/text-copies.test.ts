import { describe, expect, test } from "vitest";
import { copiesOf, withoutCopies } from "./text-copies.ts";

const text = 'Grüße aus Köln, sagte "Anna" \n und ging.';

describe("copies of a text", () => {
  test.each([
    ["as it is", text],
    ["in JSON", JSON.stringify({ description: text })],
    ["in JSON of ASCII alone", String.raw`{"description":"Gr\u00fc\u00dfe aus K\u00f6ln, sagte \"Anna\" \n und ging."}`],
  ])("are found %s", (_how, bytes) => {
    expect(copiesOf([text]).inBytes.some((spelling) => bytes.includes(spelling))).toBe(true);
  });

  test("of an address are found with its slashes escaped, as PHP does", () => {
    const bytes = String.raw`{"image":"https:\/\/images.example\/a-picture.jpg"}`;
    expect(copiesOf(["https://images.example/a-picture.jpg"]).inBytes.some((spelling) => bytes.includes(spelling))).toBe(true);
  });

  test("are known by their beginning where only so much is quoted", () => {
    expect(copiesOf([`${text} Und mehr davon.`]).inJson).toEqual([JSON.stringify(text).slice(1, -1)]);
  });

  test("of a short text are not looked for: it stands everywhere", () => {
    expect(copiesOf(["Free entry."])).toEqual({ inBytes: [], inJson: [] });
  });
});

describe("a note", () => {
  test("without any copy is the very same", () => {
    const note = { a: ["b", { c: null, d: 1 }] };
    expect(withoutCopies(note, [text])).toBe(note);
  });

  test("loses each copy, alone or within other words, at any depth; a short text only where it is alone", () => {
    expect(withoutCopies({ was: [text, { now: `It said: ${text}` }], n: 2 }, [text])).toEqual({
      was: ["(taken down)", { now: "(taken down)" }],
      n: 2,
    });
    expect(withoutCopies(["Free", "Free jazz"], ["Free"])).toEqual(["(taken down)", "Free jazz"]);
  });
});
