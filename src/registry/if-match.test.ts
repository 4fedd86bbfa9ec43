/** Conditional writes. */
import { expect, test } from "vitest";
import { assertIfMatch } from "./if-match.ts";

test.each([undefined, "*", " * ", '"v7"', '"v7-jsonld"', '"v7-html.0a1b"', '"v6-jsonld", "v7-jsonld"', 'W/"v6-x", "v7-x"'])(
  "If-Match: %s goes through at version 7",
  (header) => {
    expect(() => assertIfMatch(header, 7)).not.toThrow();
  },
);

test.each(['"v6-jsonld"', '"v70-jsonld"', '"v77"', 'W/"v7-jsonld"', "v7", '"7"', '""', "", '"xv7"'])(
  "If-Match: %s is refused at version 7",
  (header) => {
    expect(() => assertIfMatch(header, 7)).toThrow(expect.objectContaining({ code: "precondition_failed", extra: { version: 7 } }));
  },
);
