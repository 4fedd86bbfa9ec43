/** Documents that are bombs, or hold what nobody should keep or show as it is; clocks and calendars that go astray. */
import type { RefusalReason } from "../../src/domain/custody.ts";
import { eventBy, alterLast, rawPage, tellDocument, tellEvent, type HostilePeer } from "./hostile-tools.ts";
import { FEED, type ScriptedPeer } from "./scripted-peer.ts";

const refused = (name: string, reason: RefusalReason, changes: (peer: ScriptedPeer) => object): HostilePeer => ({
  name,
  turns(peer) {
    tellEvent(peer, 8, changes(peer));
    tellEvent(peer, 9);
  },
  fresh: true,
  outcome: "applied",
  refused: [reason],
  counts: { applied: 4 },
});
/** Taken as it is: text is text. */
const kept = (name: string, changes: (peer: ScriptedPeer) => object): HostilePeer => ({
  name,
  turns: (peer) => tellEvent(peer, 8, changes(peer)),
  fresh: true,
  outcome: "applied",
  refused: [],
  counts: { applied: 4 },
});
const alarm = (name: string, turns: (peer: ScriptedPeer) => void, detail: RegExp): HostilePeer => ({
  name,
  turns,
  outcome: "alarm",
  alarm: "digest",
  detail,
});

const deep = (levels: number): unknown => (levels === 0 ? "x" : { "schema:about": deep(levels - 1) });
const many = <T>(count: number, one: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => one(n));
const NUL = String.fromCodePoint(0);
const schedule = (more: object) => ({
  eventSchedule: { "@type": "Schedule", startDate: "2026-05-08", startTime: "20:00:00", scheduleTimezone: "America/Toronto", ...more },
});

export const DOCUMENTS: HostilePeer[] = [
  refused("nests a document 33 levels deep", "too_large", () => ({ about: deep(33) })),
  refused("nests contexts", "too_large", () => ({ "@context": many(100, (n) => ({ [`t${n}`]: `https://evil.example/${n}` })) })),
  refused("has a graph of 100,000 nodes", "too_large", () => ({ "@graph": many(100_000, (n) => n) })),
  refused("has keywords without an end", "too_large", () => ({ keywords: many(30_000, (n) => `k${n}`) })),
  refused("has a description of 200,000 characters", "too_large", () => ({ description: "x".repeat(200_000) })),
  refused("has a name of two megabytes", "too_large", () => ({ name: "x".repeat(2_000_000) })),
  refused("has a document of two megabytes in little pieces", "too_large", () => ({ keywords: many(15_000, () => "x".repeat(150)) })),
  refused("has 10,000 sub-events", "too_large", (peer) => ({
    subEvent: many(10_000, (n) => ({
      "@id": `${peer.base}/events/8/${n}`,
      "@type": "Event",
      name: "Part",
      startDate: "2026-05-08T21:00:00-04:00",
    })),
  })),
  refused("writes a key that reaches a prototype", "malformed", () => JSON.parse('{"__proto__":{"polluted":true}}') as object),
  refused("writes a key that reaches a constructor", "malformed", () => ({ about: { constructor: { prototype: { polluted: true } } } })),
  refused("has U+0000 in a name", "malformed", () => ({ name: `Concert${NUL}1` })),
  refused("has U+0000 in a member that nobody reads", "malformed", () => ({ "https://evil.example/x": [NUL] })),
  refused("wants a context of its own fetched", "unreadable", (peer) => ({ "@context": `${peer.base}/trap` })),
  refused("wants a context fetched within a member", "unreadable", (peer) => ({
    location: { "@context": `${peer.base}/trap`, "@type": "Place", name: "Hall" },
  })),
  refused("wants a context imported", "unreadable", (peer) => ({ "@context": ["https://schema.org", { "@import": `${peer.base}/trap` }] })),
  refused("gives terms another meaning", "unreadable", () => ({
    "@context": ["https://schema.org", { name: "https://evil.example/not-the-name" }],
  })),
  refused("is no event", "unreadable", () => ({ "@type": "BankAccount" })),
  refused("has no name", "unreadable", () => ({ name: undefined })),
  kept("has a name that is a list of objects", () => ({ name: [{ "@value": 1 }, {}] })),
  refused("begins on a day that is none", "unreadable", () => ({ startDate: "2026-02-30T25:61:00Z" })),
  refused("begins before the years are counted", "unreadable", () => ({ startDate: "-0001-01-01T00:00:00Z" })),
  refused("begins beyond the years that a clock knows", "unreadable", () => ({ startDate: "+275760-09-13T00:00:00Z" })),
  refused("ends before it begins", "unreadable", () => ({ endDate: "1999-01-01T00:00:00Z" })),
  refused("goes on every second", "unreadable", () => schedule({ repeatFrequency: "PT1S" })),
  kept("goes on in no time at all", () => schedule({ repeatFrequency: "P0D" })),
  refused("has a rule of seconds", "unreadable", () => ({
    eventSchedule: { "@type": "Schedule", startDate: "2026-05-08", "sel:rrule": "FREQ=SECONDLY", repeatFrequency: "FREQ=SECONDLY" },
  })),
  refused("lies at no place on Earth", "unreadable", () => ({
    location: { "@type": "Place", name: "Nowhere", geo: { "@type": "GeoCoordinates", latitude: 1e308, longitude: -1e308 } },
  })),
  kept("goes on every day, for ever", () => schedule({ repeatFrequency: "P1D", startDate: "1970-01-01" })),
  kept("begins in the year 9999", () => ({ startDate: "9999-12-31T23:59:59Z" })),
  kept("has HTML and scripts in its texts", () => ({
    name: `Jazz <script>alert(1)</script><img src=x onerror=alert(1)>`,
    description: `"><svg/onload=alert(1)>{{7*7}}\${7*7}`,
    keywords: ["'; drop table events; --", "</script>"],
  })),
  kept("turns its name's reading around", () => ({ name: "Concert \u202e\u2066gnp.exe\u2069" })),
  kept("has a name of combining marks", () => ({ name: `Z${"\u0335\u0334\u0321".repeat(100)}algo` })),
  kept("links to scripts", () => ({ url: "javascript:alert(1)", image: "data:text/html,<script>alert(1)</script>" })),
  kept("reverses its links", ({ base }) => ({ "@reverse": { subEvent: { "@id": `${base}/events/1`, name: "Changed" } } })),
  {
    name: "says that it was changed in the year 9999",
    turns(peer) {
      tellEvent(peer, 8);
      alterLast(peer, (item) => {
        item["changed_at"] = item["received_timestamp"] = item["source_timestamp"] = "9999-12-31T23:59:59Z";
      });
    },
    outcome: "applied",
    refused: [],
    counts: { applied: 1 },
  },
  {
    name: "says that it was changed before time began",
    turns(peer) {
      tellEvent(peer, 8);
      alterLast(peer, (item) => void (item["changed_at"] = "-000001-01-01T00:00:00Z"));
    },
    outcome: "applied",
    refused: [],
    counts: { applied: 1 },
  },
  {
    name: "lives in an epoch to come",
    turns(peer) {
      peer.epoch = "2AZZZZZZZZABCDEFGHJKMNPQRS";
      tellEvent(peer, 8);
    },
    fresh: true,
    outcome: "applied",
    refused: [],
    counts: { applied: 4 },
  },
  alarm(
    "has half a character in a name",
    (peer) => {
      tellEvent(peer, 8);
      Object.assign(peer.items.at(-1)!["snapshot"] as object, { name: "\ud800" });
    },
    /cannot be taken/,
  ),
  alarm(
    "has a number in its document that no computer holds",
    (peer) => {
      tellEvent(peer, 8, { "sel:confidence": 7777 });
      peer.answer(
        FEED,
        rawPage(peer, (text) => text.replaceAll("7777", "1e400")),
      );
    },
    /digest/,
  ),
  {
    name: "has a version that no computer holds",
    turns(peer) {
      tellDocument(peer, eventBy(peer.base, 8), { version: 7777 });
      peer.answer(
        FEED,
        rawPage(peer, (text) => text.replaceAll("7777", "1e400")),
      );
    },
    outcome: "alarm",
    detail: /position 4/,
  },
];
