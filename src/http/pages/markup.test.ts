import { describe, expect, test } from "vitest";
import { autolink, externalLink, html, jsonldBlock, langOf, localPath, paragraphs, safeHref } from "./markup.ts";

test("strings are escaped, templates are not escaped twice", () => {
  expect(String(html`<p title="${'"><script>'}">${html`<b>${"a & b"}</b>`}${false}${undefined}${["<", 2]}</p>`)).toBe(
    '<p title="&quot;&gt;&lt;script&gt;"><b>a &amp; b</b>&lt;2</p>',
  );
});

describe("only http(s) becomes a link", () => {
  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//evil.example",
    "/local",
    "https://bank.example@evil.example/",
    "not a url",
    "",
  ])("%j is shown as text", (url) => {
    expect(safeHref(url)).toBeUndefined();
    expect(String(externalLink(url))).not.toContain("<a");
    expect(String(externalLink(url, "Tickets"))).not.toContain("<a");
  });

  test("a link keeps its query and shows where it leads", () => {
    expect(String(externalLink("https://www.rom.on.ca/en/colour?utm_source=city&x=1"))).toBe(
      '<a href="https://www.rom.on.ca/en/colour?utm_source=city&amp;x=1" rel="nofollow ugc noopener">rom.on.ca/en/colour</a>',
    );
  });
});

test("bare URLs in a text become links, their full stops and brackets do not", () => {
  const linked = String(
    html`${autolink('See https://a.example/x. (or http://b.example/y), not javascript:alert(1) nor "https://c.example/<b>"')}`,
  );
  expect([...linked.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    "https://a.example/x",
    "http://b.example/y",
    "https://c.example/",
  ]);
  expect(linked).toContain("</a>. (or ");
  expect(linked).toContain("javascript:alert(1)");
  expect(linked).not.toContain("<b>");
  expect(String(html`${autolink("https://en.example/wiki/Mass_(music)")}`)).toContain('href="https://en.example/wiki/Mass_(music)"');
});

test("empty lines part paragraphs, single ones break a line", () => {
  expect(paragraphs("One\ntwo\r\n\r\n  \n three <i>").map((paragraph) => String(paragraph).replace(/\s*(<[^>]*>)\s*/g, "$1"))).toEqual([
    "<p>One<br />two</p>",
    "<p>three &lt;i&gt;</p>",
  ]);
  expect(paragraphs(" \n\n ")).toEqual([]);
});

test("the data block stays the same JSON, and nothing in it can end it", () => {
  const data = { name: "</script><script>alert(1)</script><!--\u2028\u2029&amp;" };
  const block = String(jsonldBlock(JSON.stringify(data)));
  expect(block.match(/<\/?script/g)).toHaveLength(2);
  expect(block).not.toMatch(/<!--|[\u2028\u2029]/);
  expect(JSON.parse(block.replace(/<[^>]*>/g, ""))).toEqual(data);
});

test("small things: a base with a path, a language that is one", () => {
  expect(localPath("https://a.example", "/events")).toBe("/events");
  expect(localPath("https://a.example/sub/", "/events")).toBe("/sub/events");
  expect(langOf(["fr-CA"])).toBe("fr-CA");
  expect(langOf(["fr", "en"])).toBeUndefined();
  expect(langOf(['fr" onclick="'])).toBeUndefined();
});
