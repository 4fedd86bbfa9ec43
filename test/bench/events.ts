/**
 * Synthetic events for the benchmarks: the same seed gives the same bytes on every machine. They have the shape and
 * about the size of what a city's calendar publishes: venues with address and coordinates that many events share,
 * organizers, performers, offers, a paragraph of text.
 */

/** mulberry32: small, quick and the same everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FIRST = ["Old", "New", "Royal", "Little", "Harbour", "Garden", "Union", "Lantern", "Copper", "Riverside", "Maple", "Northern"];
const SECOND = ["Theatre", "Hall", "Gallery", "Playhouse", "Museum", "Library", "Park Stage", "Cinema", "Club", "Studio"];
const STREETS = ["King St W", "Queen St E", "Bloor St W", "Dundas St W", "College St", "Front St E", "Spadina Ave", "Ossington Ave"];
const FORMS = ["Concert", "Recital", "Reading", "Workshop", "Walking Tour", "Film Night", "Market", "Premiere", "Open Studio", "Lecture"];
const THEMES = [
  "Baroque",
  "Jazz",
  "Improvised",
  "Winter",
  "Midsummer",
  "Family",
  "Contemporary",
  "Indigenous",
  "Electronic",
  "Ceramic",
  "Queer",
  "Silent",
];
const NAMES = [
  "Ana",
  "Bartek",
  "Chidi",
  "Dolores",
  "Eun-ji",
  "Farah",
  "Goran",
  "Hana",
  "Ines",
  "Joël",
  "Kofi",
  "Lucía",
  "Mirela",
  "Nadim",
  "Oksana",
  "Pádraig",
];
const SURNAMES = [
  "Okafor",
  "Nowak",
  "Tremblay",
  "Singh",
  "Haddad",
  "Yamada",
  "Öztürk",
  "Silva",
  "MacNeil",
  "Johansson",
  "Petrović",
  "Dubois",
];
const WORDS = (
  "an evening of music and stories with artists from the neighbourhood and from far away doors open early seats are not " +
  "reserved please bring a friend the bar serves until midnight the venue is reachable without steps supported by the arts council"
).split(" ");
const EAST = ["A", "B", "C", "E", "H", "K"];
const WEST = ["L", "M", "N", "P", "R", "S"];
const KEYWORDS = ["Music", "Theatre", "Dance", "Film", "Literature", "Family", "Free", "Visual Arts", "Comedy", "Heritage"];

export interface SyntheticOptions {
  seed?: number;
  /** Another edition of the same events: every one of them has other text and another price, and nothing else. */
  edition?: number;
}

/** `count` schema.org events as JSON Lines. Venues number about a twentieth of the events, organizers and performers a tenth. */
export function syntheticEvents(count: number, { seed = 1, edition = 0 }: SyntheticOptions = {}): Buffer {
  const next = random(seed);
  const below = (most: number) => Math.floor(next() * most);
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const venues = Array.from({ length: Math.max(10, Math.ceil(count / 20)) }, (_, n) => ({
    "@type": "Place",
    name: `${one(FIRST)} ${one(SECOND)} ${n + 1}`,
    address: {
      "@type": "PostalAddress",
      streetAddress: `${1 + below(2_000)} ${one(STREETS)}`,
      addressLocality: "Toronto",
      addressRegion: "ON",
      postalCode: `M${below(10)}${one(EAST)} ${below(10)}${one(WEST)}${below(10)}`,
      addressCountry: "CA",
    },
    geo: { "@type": "GeoCoordinates", latitude: round(43.6 + next() * 0.2), longitude: round(-79.6 + next() * 0.4) },
  }));
  const people = Array.from({ length: Math.max(10, Math.ceil(count / 10)) }, (_, n) => `${one(NAMES)} ${one(SURNAMES)} ${n + 1}`);
  const lines: string[] = [];
  for (let n = 0; n < count; n++) {
    const venue = one(venues);
    const theme = one(THEMES);
    const start = Date.UTC(2026, 0, 1 + below(700), 14 + below(9), one([0, 15, 30]));
    const price = 5 + below(80);
    const url = `https://calendar.example/events/${n + 1}`;
    lines.push(
      JSON.stringify({
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": `${url}#event`,
        name: `${theme} ${one(FORMS)} with ${one(people)} (${n + 1})`,
        startDate: at(start),
        endDate: at(start + (60 + below(120)) * 60_000),
        url,
        description: `${edition === 0 ? "" : `Edition ${edition}: `}${Array.from({ length: 40 + below(60) }, () => one(WORDS)).join(" ")}.`,
        image: `https://calendar.example/images/${below(5_000)}.jpg`,
        location: venue,
        organizer: { "@type": "Organization", name: `${venue.name} Society` },
        ...(next() < 0.5 && { performer: [{ "@type": "Person", name: one(people) }] }),
        keywords: [...new Set([theme, one(KEYWORDS), one(KEYWORDS)])],
        isAccessibleForFree: false,
        offers: { "@type": "Offer", price: price + edition, priceCurrency: "CAD", url, availability: "https://schema.org/InStock" },
      }),
    );
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;

/** With an offset, as calendars give it; the venue's coordinates name the zone. */
const at = (instant: number) => new Date(instant).toISOString().replace(".000Z", "Z");
