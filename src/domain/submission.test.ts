import { expect, test } from "vitest";
import { eventFields, MOST_OVERRIDES } from "./submission.ts";

test("a series has at most 500 occurrences with something of their own, by whichever door they come", () => {
  const overrides = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`20260508T${String(n).padStart(6, "0")}`, { name: `No. ${n}` }]));
  const read = (count: number) => eventFields.shape.overrides.safeParse(overrides(count));
  expect(read(MOST_OVERRIDES).success).toBe(true);
  expect(read(MOST_OVERRIDES + 1).error?.issues).toMatchObject([{ message: "at most 500 occurrences that differ from their series" }]);
});
