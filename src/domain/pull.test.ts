import { describe, expect, it } from "vitest";
import { standingOf, type PastPull } from "./pull.ts";

const SECOND = 1_000;
const pull = (seconds: number, items: number): PastPull => ({ milliseconds: seconds * SECOND, items });

describe("a peer is doubtful", () => {
  it("while its last pull has failed, however soon", () => {
    expect(standingOf({ failures: 1, pulls: [pull(1, 0)] })).toBe("doubtful");
  });

  it("when one of its last pulls took long and brought next to nothing, whatever came of it", () => {
    expect(standingOf({ failures: 0, pulls: [pull(1, 0), pull(60, 2)] })).toBe("doubtful");
  });

  it("not when its pulls are long because there is much to read", () => {
    expect(standingOf({ failures: 0, pulls: [pull(60, 6_000), pull(60, 6_000)] })).toBe("proven");
  });

  it("not when there is nothing to read, and that is soon known", () => {
    expect(standingOf({ failures: 0, pulls: [pull(1, 0), pull(9, 0)] })).toBe("proven");
  });

  it("not before it was ever pulled: then it is new", () => {
    expect(standingOf({ failures: 0, pulls: [] })).toBe("new");
  });
});
