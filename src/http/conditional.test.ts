import { describe, expect, test } from "vitest";
import { entityTag, isNotModified } from "./conditional.ts";

const etag = entityTag(7, "turtle");
const lastModified = new Date("2026-05-08T10:00:00.400Z");
const ask = (ifNoneMatch?: string, ifModifiedSince?: string) => isNotModified({ ifNoneMatch, ifModifiedSince }, { etag, lastModified });

describe("a copy is still good", () => {
  test.each([
    ["by its tag", etag],
    ["by its tag made weak", `W/${etag}`],
    ["by one of several tags", `"other", ${etag} ,"x"`],
    ["whatever it is", "*"],
  ])("%s", (_, header) => expect(ask(header)).toBe(true));

  test("by its date, in whole seconds", () => {
    expect(ask(undefined, "Fri, 08 May 2026 10:00:00 GMT")).toBe(true);
    expect(ask(undefined, "Friday, 08-May-26 10:00:00 GMT")).toBe(true);
  });
});

describe("a copy is stale", () => {
  test.each([
    ["of another version", entityTag(6, "turtle")],
    ["of another format", entityTag(7, "jsonld")],
    ["without quotes", "v7-turtle.1"],
    ["of no tag at all", ""],
  ])("%s", (_, header) => expect(ask(header)).toBe(false));

  test("before its date", () => expect(ask(undefined, "Fri, 08 May 2026 09:59:59 GMT")).toBe(false));
  test("when its date is no date", () =>
    expect([ask(undefined, "yesterday"), ask(undefined, "2026-05-09"), ask()]).toEqual([false, false, false]));
  test("by its tag, whatever its date says", () => expect(ask('"v6-turtle.1"', "Fri, 08 May 2099 10:00:00 GMT")).toBe(false));
});
