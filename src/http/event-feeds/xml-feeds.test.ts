/** RSS and Atom, read back with an XML parser (htmlparser2), and first checked for being XML at all. */
import { DomUtils, parseDocument } from "htmlparser2";
import { describe, expect, test } from "vitest";
import { concertState, FEED, HOSTILE_TEXTS, shown, ULID, URI } from "../../../test/support/event-feeds.ts";
import type { EventState } from "../../domain/state.ts";
import { encodeAtom } from "./atom.ts";
import { encodeRss } from "./rss.ts";

type Element = ReturnType<typeof DomUtils.getElementsByTagName>[number];

/** Throws where a strict parser would: htmlparser2 forgives too much. */
function parse(xml: string): Element {
  expect(xml.isWellFormed()).toBe(true);
  expect(xml).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/);
  const withoutTags = xml
    .replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "")
    .replaceAll(/<\/?[a-z][\w:]*(?: [\w:]+="[^"<]*")*\/?>/gi, "");
  expect(withoutTags).not.toMatch(/[<>]/);
  expect(xml.replaceAll(/&(?:amp|lt|gt|quot|#\d+);/g, "")).not.toContain("&");
  const stack: string[] = [];
  for (const [, close, name, self] of xml.matchAll(/<(\/?)([a-z][\w:]*)(?: [\w:]+="[^"<]*")*(\/?)>/gi)) {
    if (close) expect(stack.pop()).toBe(name);
    else if (!self) stack.push(name!);
  }
  expect(stack).toEqual([]);
  return parseDocument(xml, { xmlMode: true }).children.find((node) => node.type === "tag") as Element;
}
const children = (parent: Element, name: string) => DomUtils.getElementsByTagName(name, parent.children, false);
const text = (parent: Element, name: string) =>
  children(parent, name)
    .map((each) => DomUtils.textContent(each))
    .join("|");
const links = (parent: Element) => Object.fromEntries(children(parent, "link").map(({ attribs }) => [attribs["rel"], attribs["href"]]));
const channel = (events: EventState[], feed = FEED) => children(parse(encodeRss(events, feed)), "channel")[0]!;
const item = (event: EventState) => children(channel([event]), "item")[0]!;
const entry = (event: EventState) => children(parse(encodeAtom([event], FEED)), "entry")[0]!;

describe("RSS", () => {
  test("a channel says what it is", () => {
    const { children: _, ...root } = parse(encodeRss([], FEED));
    expect([root.name, root.attribs["version"]]).toEqual(["rss", "2.0"]);
    const empty = channel([]);
    expect([text(empty, "title"), text(empty, "link"), text(empty, "lastBuildDate"), text(empty, "ttl")]).toEqual([
      FEED.title,
      FEED.homeUrl,
      "Sat, 02 May 2026 08:00:00 GMT",
      "60",
    ]);
    expect(children(empty, "atom:link")[0]!.attribs).toEqual({ rel: "self", type: "application/rss+xml", href: FEED.selfUrl });
    expect(children(empty, "item")).toEqual([]);
  });

  test("an item says what, when, where, for people and for programs", () => {
    const one = item(concertState());
    expect(
      Object.fromEntries(
        ["title", "link", "guid", "pubDate", "category", "ev:startdate", "ev:enddate", "ev:location", "ev:organizer"].map((name) => [
          name,
          text(one, name),
        ]),
      ),
    ).toEqual({
      title: "Free Jazz at the Rex",
      link: URI,
      guid: URI,
      pubDate: "Fri, 01 May 2026 12:00:00 GMT",
      category: "jazz|rock, pop",
      "ev:startdate": "2026-05-08T21:00:00-04:00",
      "ev:enddate": "2026-05-08T23:30:00-04:00",
      "ev:location": "The Rex, 194 Queen St W, Toronto, Canada",
      "ev:organizer": "The Rex Hotel",
    });
    expect(text(one, "description")).toMatch(
      /^<p>Friday 8 May 2026, 9:00 pm – 11:30 pm \(EDT\) · The Rex, 194 Queen St W, Toronto, Canada<\/p>\s*<p>\s*An evening, improvised; bring friends\.\s*<\/p>/,
    );
  });

  test("an event of a peer keeps its @id and links to its page here", () => {
    const one = item(concertState({ federationUri: "https://peer.example/events/1" }));
    expect([text(one, "guid"), children(one, "guid")[0]!.attribs["isPermaLink"], text(one, "link")]).toEqual([
      "https://peer.example/events/1",
      "false",
      URI,
    ]);
    expect(children(item(concertState()), "guid")[0]!.attribs["isPermaLink"]).toBe("true");
  });
});

describe("Atom", () => {
  test("a feed has what RFC 4287 asks for", () => {
    const feed = parse(encodeAtom([concertState()], FEED));
    expect([feed.name, feed.attribs["xmlns"]]).toEqual(["feed", "http://www.w3.org/2005/Atom"]);
    expect([text(feed, "id"), text(feed, "title"), text(feed, "updated")]).toEqual([FEED.selfUrl, FEED.title, "2026-05-02T08:00:00.000Z"]);
    expect(links(feed)).toEqual({ self: FEED.selfUrl, alternate: FEED.homeUrl });
    expect(children(feed, "author")).toHaveLength(1);
  });

  test("an entry has a lasting id, its times, its sources as authors, its license", () => {
    const one = entry(concertState());
    expect([text(one, "id"), text(one, "updated"), text(one, "published"), text(one, "author"), text(one, "summary")]).toEqual([
      URI,
      "2026-05-02T08:00:00Z",
      "2026-05-01T12:00:00Z",
      "City & Sons",
      "Friday 8 May 2026, 9:00 pm – 11:30 pm (EDT) · The Rex, 194 Queen St W, Toronto, Canada",
    ]);
    expect(links(one)).toEqual({
      alternate: `https://node.example/events/${ULID}`,
      related: "https://rex.example/jazz?night=8&from=feed",
      enclosure: "https://rex.example/jazz.jpg",
      license: "https://creativecommons.org/publicdomain/zero/1.0/",
    });
    expect(children(one, "category").map(({ attribs }) => attribs["term"])).toEqual(["jazz", "rock, pop"]);
  });

  test("a cancelled event, and one with more dates, say so", () => {
    const occurrences = ["08", "15", "22"].map((day) => ({
      startDate: `2026-05-${day}T21:00:00-04:00`,
      timezone: "America/Toronto",
      allDay: false,
    }));
    expect(text(entry(concertState({ lifecycleState: "cancelled", occurrences })), "summary")).toBe(
      "Cancelled · Friday 8 May 2026, 9:00 pm (EDT) and 2 more dates · The Rex, 194 Queen St W, Toronto, Canada",
    );
  });
});

describe("in both", () => {
  const bodies = (event: EventState) => [text(item(event), "description"), text(entry(event), "content")];

  test("what a license keeps back is nowhere", () => {
    for (const body of bodies(concertState({ description: undefined, image: undefined })))
      expect(body).toMatch(/^<p>Friday [^<]*<\/p>\s*$/);
    for (const body of bodies(concertState())) expect(body).toMatch(/improvised.*<img src="https:\/\/rex\.example\/jazz\.jpg" alt="" \/>/s);
  });

  test("what would run a script is left out", () => {
    const harm = concertState({ url: "javascript:alert(1)", image: "javascript:alert(1)", license: "javascript:alert(1)" });
    expect(encodeRss([harm], FEED) + encodeAtom([harm], FEED)).not.toContain("javascript");
  });

  test.each(HOSTILE_TEXTS.map((text) => [shown(text), text]))("hostile: %s", (_shown, hostile) => {
    const event = concertState({
      name: hostile,
      description: hostile,
      keywords: [hostile],
      location: { id: concertState().id, name: hostile },
      sources: [{ name: hostile, licenseStatus: "cc0" }],
    });
    const feed = { ...FEED, title: hostile };
    const oneLine = hostile
      .toWellFormed()
      .replaceAll(/[\s\p{Cc}]+/gu, " ")
      .trim()
      .replaceAll(/[\ufffe\uffff]/g, "");
    const rss = children(channel([event], feed), "item")[0]!;
    const atom = children(parse(encodeAtom([event], feed)), "entry")[0]!;
    expect([text(rss, "title"), text(rss, "category"), text(rss, "ev:location")]).toEqual([oneLine, oneLine, oneLine]);
    expect([text(atom, "title"), text(atom, "author"), children(atom, "category")[0]!.attribs["term"]]).toEqual([
      oneLine,
      oneLine,
      oneLine,
    ]);
    for (const html of [text(rss, "description"), text(atom, "content")]) {
      const tags = DomUtils.getElementsByTagName("*", parseDocument(html)).map(({ name }) => name);
      expect(new Set(tags)).toEqual(new Set(tags.filter((name) => ["p", "br", "img"].includes(name))));
    }
  });
});
