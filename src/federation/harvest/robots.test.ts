import { describe, expect, test } from "vitest";
import { processorTime } from "../../../test/support/processor-time.ts";
import { mayVisit, readRobots } from "./robots.ts";

const allowed = (text: string, path: string) => mayVisit(readRobots(text, "Calends"), path);

describe("which group is ours", () => {
  test.each([
    ["none", "", true],
    ["everybody's", "User-agent: *\nDisallow: /", false],
    ["ours, whatever the others'", "User-agent: *\nDisallow: /\n\nUser-agent: Calends\nAllow: /", true],
    ["ours in any case, with a version", "user-agent: CALENDS/2.0\ndisallow: /", false],
    ["ours among several", "User-agent: Googlebot\nUser-agent: calends\nUser-agent: Bingbot\nDisallow: /", false],
    ["ours in two places", "User-agent: calends\nAllow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: calends\nDisallow: /events", false],
    ["not one that only begins like us", "User-agent: CalendsArchive\nDisallow: /", true],
    ["not another's", "User-agent: Googlebot\nDisallow: /", true],
    ["empty, which allows all", "User-agent: *\nDisallow: /\n\nUser-agent: calends\nDisallow:", true],
    ["between comments, marks and odd line ends", "\ufeffUser-agent: * # all\rDisallow: /events # not these\r\n", false],
    ["not told by lines before any group", "Disallow: /\nUser-agent: *\nAllow: /", true],
    [
      "not cut in two by other lines",
      "User-agent: calends\nSitemap: https://x.example/s.xml\nCrawl-delay: 5\nUser-agent: x\nDisallow: /",
      false,
    ],
  ])("%s", (_name, text, may) => {
    expect(allowed(text, "/events")).toBe(may);
  });
});

describe("which rule decides (RFC 9309, §2.2.2, §5.2)", () => {
  const rules = (...lines: string[]) => `User-agent: *\n${lines.join("\n")}`;
  test.each([
    ["the longest", rules("Allow: /example/page/", "Disallow: /example/page/disallowed.gif"), "/example/page/disallowed.gif", false],
    ["Allow, of two as long", rules("Disallow: /page", "Allow: /page"), "/page", true],
    ["Allow, of two as long, the other way round", rules("Allow: /page", "Disallow: /page"), "/page", true],
    ["a star", rules("Disallow: /*/events"), "/en/events/1", false],
    ["stars in a row", rules("Disallow: /**events"), "/en/events", false],
    ["the end", rules("Disallow: *.ics$"), "/a/b.ics", false],
    ["the end, missed", rules("Disallow: *.ics$"), "/a/b.ics?x=1", true],
    ["the end after nothing", rules("Disallow: /$"), "/", false],
    ["the end after nothing, missed", rules("Disallow: /$"), "/a", true],
    ["an end that overlaps its beginning", rules("Disallow: /aba*ba$"), "/aba", true],
    ["a query", rules("Disallow: /events?*day="), "/events?week=1&day=2", false],
    ["an encoded letter", rules("Disallow: /%65vents"), "/events", false],
    ["a letter that must be encoded", rules("Disallow: /fête"), "/f%C3%AAte", false],
    ["an encoded slash, which is no slash", rules("Disallow: /a%2fb"), "/a/b", true],
    ["a case, which counts", rules("Disallow: /Events"), "/events", true],
    ["none, for robots.txt itself", rules("Disallow: /"), "/robots.txt", true],
  ])("%s", (_name, text, path, may) => {
    expect(allowed(text, path)).toBe(may);
  });

  test("a pattern of many stars takes no longer for it", () => {
    const hostile = `User-agent: *\nDisallow: /${"a*".repeat(5_000)}b$`;
    const spent = processorTime();
    expect(allowed(hostile, `/${"a".repeat(20_000)}`)).toBe(true);
    expect(spent()).toBeLessThan(1_000);
  });
});

test.each([
  ["Crawl-delay: 7", 7],
  ["Crawl-delay: 0.5", 1],
  ["Crawl-delay: 86400", 60],
  ["Crawl-delay: soon", undefined],
  ["Crawl-delay: -1", undefined],
  ["Crawl-delay:", undefined],
])("%s is a pause of %s seconds", (line, seconds) => {
  expect(readRobots(`User-agent: *\n${line}\nDisallow: /x`, "Calends").delay).toBe(seconds);
});

test("a line that is made to be slow to read is read like any other, and a group named again and again is one", () => {
  const slow = `User-agent: *\nDisallow: /a${" ".repeat(500_000)}b\n${"#".repeat(500_000)}\u2028x`;
  expect(mayVisit(readRobots(slow, "Calends"), "/b")).toBe(true);
  const crowded = `${"User-agent: *\n".repeat(10_000)}${"Disallow: /x\n".repeat(10_000)}`;
  expect(readRobots(crowded, "Calends").rules).toHaveLength(10_000);
});
