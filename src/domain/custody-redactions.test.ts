/** Two words of one position, one of them without its texts: a takedown reaches back, and only the origin itself can say a text again. */
import { describe, expect, test } from "vitest";
import { judgeChange, type Custody, type HeardChange, type HeldStatement } from "./custody.ts";

const [US, ORIGIN, RELAY] = ["https://us.example", "https://origin.example", "https://relay.example"];
const EPOCH = "01KDVDWF00ABCDEFGHJKMNPQRS";
const uri = `${ORIGIN}/events/1`;
const hopsOf = (by: "origin" | "relay") => (by === "origin" ? [] : [RELAY]);
const heard = (by: "origin" | "relay", redacted: boolean, digest = redacted ? "less" : "whole"): HeardChange => {
  const custody: Custody = { node: ORIGIN, epoch: EPOCH, position: 7, hops: hopsOf(by) };
  return { uri, kind: "event", gone: false, document: { "@id": uri }, text: "{}", digest, redacted, custody, position: 1 };
};
const held = (by: "origin" | "relay", redacted: boolean, digest = redacted ? "less" : "whole"): HeldStatement => ({
  kind: "event",
  epoch: EPOCH,
  position: 7,
  gone: false,
  digest,
  redacted,
  hops: hopsOf(by),
});
const judge = (said: HeardChange, before: HeldStatement) => {
  const relay = said.custody!.hops.length > 0;
  const hearing = {
    base: US,
    peer: { base: relay ? RELAY : ORIGIN, relay },
    followed: new Set<string>(),
    now: Date.parse("2026-05-01T00:00:00Z"),
  };
  return judgeChange(said, before, hearing).verdict;
};

describe("of one position", () => {
  test.for<["origin" | "relay", "origin" | "relay", string]>([
    ["origin", "origin", "apply"],
    ["relay", "origin", "apply"],
    ["origin", "relay", "apply"],
    ["relay", "relay", "apply"],
  ])("the word without its texts, told by the %2$s, replaces the whole one of the %1$s", ([before, by, verdict]) => {
    expect(judge(heard(by, true), held(before, false))).toBe(verdict);
  });

  test.for<["origin" | "relay", "origin" | "relay", string]>([
    ["relay", "origin", "apply"],
    ["relay", "relay", "pass"],
    ["origin", "relay", "pass"],
    ["origin", "origin", "pass"],
  ])("what the %1$s told without its texts and the %2$s tells whole: %3$s", ([before, by, verdict]) => {
    expect(judge(heard(by, false), held(before, true))).toBe(verdict);
  });
});

test("of a later position that reads the same, the texts that were taken out where it stands are taken out here", () => {
  const before = { ...held("origin", false, "whole"), position: 6 };
  expect(judge(heard("origin", false, "whole"), before)).toBe("note");
  expect(judge(heard("origin", true, "whole"), before)).toBe("apply");
});
