/** Events for the tests of feeds: a concert, one that means harm, and the feed they stand in. */
import type { EventState } from "../../src/domain/state.ts";
import type { EventFeed } from "../../src/http/event-feeds/formats.ts";

export const FEED: EventFeed = {
  title: "Jazz, free & near",
  homeUrl: "https://node.example/search?q=jazz&free=true",
  selfUrl: "https://node.example/searches/01HX.ics?a=1&b=2",
  updatedAt: new Date("2026-05-02T08:00:00Z"),
  base: "https://node.example",
  now: new Date("2026-05-06T12:00:00Z"),
};

export const ULID = "01HWTYS3800000000000000001";
export const URI = `https://node.example/events/${ULID}`;

/** A concert in Toronto as the database shows it; `changes` are laid over it, and a member set to undefined is gone. */
export function concertState(changes: { [Key in keyof EventState]?: EventState[Key] | undefined } = {}): EventState {
  const state = {
    kind: "event",
    id: "018f35ec-8d00-0000-0000-000000000001",
    type: "MusicEvent",
    name: "Free Jazz at the Rex",
    description: "An evening, improvised; bring friends.\n\nDoors at eight.",
    startDate: "2026-05-08T21:00:00-04:00",
    endDate: "2026-05-08T23:30:00-04:00",
    timezone: "America/Toronto",
    allDay: false,
    lifecycleState: "published",
    location: {
      id: "018f35ec-8d00-0000-0000-000000000002",
      name: "The Rex",
      address: { streetAddress: "194 Queen St W", addressLocality: "Toronto", addressCountry: "CA" },
      geo: { latitude: 43.6505, longitude: -79.3886 },
    },
    organizer: { kind: "organization", id: "018f35ec-8d00-0000-0000-000000000003", name: "The Rex Hotel" },
    keywords: ["jazz", "rock, pop"],
    url: "https://rex.example/jazz?night=8&from=feed",
    image: "https://rex.example/jazz.jpg",
    license: "https://creativecommons.org/publicdomain/zero/1.0/",
    eventDomain: "music",
    licenseStatus: "cc0",
    confidence: 0.9,
    sources: [{ name: "City & Sons", licenseStatus: "cc0" }],
    version: 3,
    createdAt: "2026-05-01T12:00:00Z",
    updatedAt: "2026-05-02T08:00:00Z",
    public: true,
    ...changes,
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as unknown as EventState;
}

/** What breaks a careless writer of XML, iCalendar or HTML. */
export const HOSTILE_TEXTS: readonly string[] = [
  "]]> <![CDATA[ x ]]>",
  "</title></item><script>alert(1)</script>",
  "<b>bold</b> & \"quoted\" 'single' &amp; &nbsp; &#0;",
  "line\r\nBEGIN:VEVENT\r\nUID:evil\r\nEND:VEVENT",
  "back\\slash, comma; semi:colon \\n \\, \\;",
  "controls \u0000\u0001\u0007\u0008\u000b\u000c\u001b\u007f\u0085 end",
  "not characters \ufffe \uffff \ud800 \udfff end",
  "separators \u2028 \u2029 \u00a0 end",
  "emoji 👩‍👩‍👧‍👦🎷 flags 🇨🇦 combining e\u0301 zalgo z̸̢̛",
  "right to left \u202e\u05e9\u05dc\u05d5\u05dd مرحبا",
  `${"🎷é漢x".repeat(300)}`,
  `${"long ".repeat(2000)}`,
  " leading and trailing ",
  "\tTab\tbed",
  "DTSTART:20200101T000000Z",
  "%00%0d%0a {{7*7}} ${7*7}",
];

/** A hostile text as the name of a test. */
export const shown = (text: string): string => JSON.stringify(text.slice(0, 50));
