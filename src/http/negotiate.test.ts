import { describe, expect, test } from "vitest";
import { ENTITY_FORMATS, EVENT_FORMATS, formatOfExtension, negotiate } from "./negotiate.ts";

describe("an Accept header", () => {
  test.each([
    ["nothing", undefined, "json"],
    ["anything", "*/*", "json"],
    ["what there is not", "image/png", "json"],
    ["an empty header", "", "json"],
    ["one type", "text/turtle", "turtle"],
    ["one type in capitals", "Text/Turtle", "turtle"],
    ["JSON-LD with a profile", 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "jsonld"],
    ["the greater q", "text/html;q=0.2, application/n-triples;q=0.8", "ntriples"],
    ["the greater q, named last", "application/ld+json;q=0.9, text/turtle", "turtle"],
    ["a specific type before a wildcard of the same q", "*/*, text/turtle", "turtle"],
    ["the wildcard's q for what is not named", "text/html;q=0.1, */*;q=0.5", "json"],
    ["a type's own q against its wildcard", "text/*;q=0.9, text/html;q=0.1", "turtle"],
    ["the first named of equals", "application/ld+json, text/html", "jsonld"],
    ["the first named of equals, the other way", "text/html, application/ld+json", "html"],
    ["a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "html"],
    ["q=0 as a refusal", "text/html;q=0, text/turtle;q=0.1", "turtle"],
    ["a refusal of all there is", "application/json;q=0", "json"],
    ["a malformed q as if it were not there", "text/html;q=2, text/turtle;q=0.1", "turtle"],
    ["blanks around q", "text/html ; q=0.1 , text/turtle ; q=0.2", "turtle"],
    ["text of either kind", "text/*", "html"],
    ["rubbish", ";;;,,,q=1,text,*/turtle", "json"],
  ])("for %s", (_, accept, format) => {
    expect(negotiate(accept, ENTITY_FORMATS)).toBe(format);
  });

  test("chooses only from what is offered", () => {
    expect(negotiate("text/turtle, application/ld+json;q=0.5", ["json", "jsonld"])).toBe("jsonld");
    expect(negotiate("text/turtle", ["html", "json"])).toBe("html");
  });
});

test("a suffix names a format of those that are offered, and no other word does", () => {
  const named = (extension: string) => formatOfExtension(extension, ENTITY_FORMATS);
  expect(["json", "jsonld", "html", "ttl", "nt"].map(named)).toEqual(["json", "jsonld", "html", "turtle", "ntriples"]);
  expect(["ics", "toString", "", "turtle"].map(named)).toEqual([undefined, undefined, undefined, undefined]);
  expect(formatOfExtension("ics", EVENT_FORMATS)).toBe("ics");
});
