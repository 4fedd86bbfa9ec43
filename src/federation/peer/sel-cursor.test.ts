import { expect, it } from "vitest";
import { cursorLike, cursorPosition } from "./sel-cursor.ts";

it.each([
  ["c2VxXzEwNDg1NzY", 1_048_576],
  ["c2VxXzEwNDg1NzY=", 1_048_576],
  ["seq_12", 12],
  ["MjAyNi0wMS0wMVQ", undefined],
  ["", undefined],
  [null, undefined],
])("%j stands at %j", (cursor, position) => expect(cursorPosition(cursor)).toBe(position));

it("the next one is made in the form that the feed's own have", () => {
  expect(cursorLike([null, "", "c2VxXzEwNDg1NzY"], 1_048_602)).toBe("c2VxXzEwNDg2MDI");
  expect(cursorLike(["c2VxXzEyMw==", "c2VxXzEwNDg1"], 12)).toBe("c2VxXzEy");
  expect(cursorLike(["c2VxXzEy", "c2VxXzEyMw=="], 1_234)).toBe("c2VxXzEyMzQ=");
  expect(cursorLike(["seq_1"], 2)).toBe("seq_2");
  expect(cursorLike([null, "opaque"], 2)).toBeUndefined();
});
