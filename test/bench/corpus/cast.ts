/** Venues, organizers and performers of the corpus: kept in memory (a seventh of the events), events are streamed past them. */
import { CITIES } from "./cities.ts";
import { weighted, zipf, type Chance } from "./random.ts";
import { properName } from "./vocabulary.ts";
import type { Wording } from "./wording.ts";

export interface Venue {
  id: string;
  name: string;
  city: number;
  street: string;
  latitude: number;
  longitude: number;
}
export interface Named {
  id: string;
  name: string;
}
export interface Performer extends Named {
  kind: "organization" | "person";
}

export interface Cast {
  venues: readonly Venue[];
  organizers: readonly Named[];
  performers: readonly Performer[];
  /** A venue: its city by how much goes on there, then a few houses take most of it. */
  venue(by: Chance): Venue;
  organizer(by: Chance): Named;
  performer(by: Chance): Performer;
}

const HOUSES =
  "Theatre,Hall,Gallery,Playhouse,Museum,Library,Park,Cinema,Club,Studio,Centre,Church,Arena,Café,Bar,Lounge,Academy,Pavilion,Garden,Loft".split(
    ",",
  );
const GROUPS = "Society,Collective,Productions,Festival,Foundation,Association,Presents,Arts,Institute,Company".split(",");
const BANDS = "Quartet,Ensemble,Orchestra,Band,Trio,Choir,Collective,Project,Players".split(",");
const STREETS = "King St,Queen St,Main St,High St,Station Rd,Church St,Market Sq,River Rd,College St,Park Ave".split(",");

/** As many as `events` events have: a venue for every 40, an organizer for every 30, a performer for every 10. */
export function makeCast(events: number, by: Chance, wording: Wording, mint: () => string): Cast {
  const share = CITIES.map((_, n) => 1 / (n + 1) ** 0.9);
  const cityBy = weighted(share);
  const perCity: Venue[][] = CITIES.map(() => []);
  const venues: Venue[] = [];
  const count = Math.max(CITIES.length, Math.ceil(events / 40));
  for (let n = 0; n < count; n++) {
    const city = n < CITIES.length ? n : cityBy(by); // every city has one
    const { latitude, longitude } = CITIES[city]!;
    // Three in four stand within some kilometres of the centre, the rest out in the region.
    const spread = by.likely(0.75) ? 0.025 : 0.12;
    const venue = {
      id: mint(),
      name: by.likely(0.5) ? `${wording.title(by, 1)} ${by.one(HOUSES)}` : `${properName(by)} ${by.one(HOUSES)}`,
      city,
      street: `${1 + by.below(2_000)} ${by.one(STREETS)}`,
      latitude: round(latitude + by.gauss() * spread),
      longitude: round(longitude + (by.gauss() * spread) / Math.cos((latitude * Math.PI) / 180)),
    };
    venues.push(venue);
    perCity[city]!.push(venue);
  }
  const organizers = Array.from({ length: Math.max(10, Math.ceil(events / 30)) }, () => ({
    id: mint(),
    name: `${wording.title(by, 1 + by.below(2))} ${by.one(GROUPS)}`,
  }));
  const performers = Array.from({ length: Math.max(10, Math.ceil(events / 10)) }, (): Performer => {
    const kind = by.likely(0.4) ? "organization" : "person";
    const name =
      kind === "person"
        ? `${properName(by)} ${properName(by)}`
        : by.likely(0.5)
          ? `${properName(by)} ${by.one(BANDS)}`
          : `The ${wording.title(by, 2)}`;
    return { id: mint(), name, kind };
  });
  const [organizerBy, performerBy] = [zipf(organizers.length, 0.7), zipf(performers.length, 0.6)];
  return {
    venues,
    organizers,
    performers,
    venue(on) {
      const houses = perCity[cityBy(on)]!;
      return houses[on.skewed(houses.length)]!;
    },
    organizer: (on) => organizers[organizerBy(on)]!,
    performer: (on) => performers[performerBy(on)]!,
  };
}

const round = (degrees: number) => Math.round(degrees * 1e6) / 1e6;
