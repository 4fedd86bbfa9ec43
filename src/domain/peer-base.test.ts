import { describe, expect, it } from "vitest";
import { isPeerBase, readPeerBase } from "./peer-base.ts";

describe("the base of a peer", () => {
  it.each([
    ["https://Node.Example/", "https://node.example"],
    ["https://node.example:443", "https://node.example"],
    ["http://localhost:8081", "http://localhost:8081"],
    ["https://city.example/calends//", "https://city.example/calends"],
  ])("%s is kept as %s", (written, base) => {
    expect(readPeerBase(written)).toEqual({ base });
    expect(isPeerBase(base)).toBe(true);
  });

  it.each([
    ["node.example", "is no URL"],
    ["localhost:47201", '"localhost:47201" lacks http:// (or https://) at its front'],
    ["node.example:8080/calends", "lacks http://"],
    ["ftp://node.example", "expected http: or https:"],
    ["https://user:pass@node.example", "a password"],
    ["https://node.example/?city=1", "a query or a fragment"],
    ["https://node.example/#top", "a query or a fragment"],
    [`https://node.example/${"a".repeat(200)}`, "longer than 200"],
  ])("%s is none", (written, why) => {
    expect(readPeerBase(written).fault).toContain(why);
    expect(isPeerBase(written)).toBe(false);
  });

  it("written otherwise than it is kept is no origin's name", () => {
    expect(isPeerBase("https://node.example/")).toBe(false);
    expect(isPeerBase("https://NODE.example")).toBe(false);
  });
});
