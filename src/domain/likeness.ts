/**
 * What duplicates are judged by: the little of an event, place or agent that is compared, and what a comparison says.
 * Shared facts (web addresses, distances) stand here as well; the rules are in duplicates.ts and its neighbours.
 */

/** What is compared of an event. Times in milliseconds since 1970; `localDate` (YYYY-MM-DD) is the day at the venue. */
export interface EventLikeness {
  id: string;
  name: string;
  type?: string;
  startAt: number;
  startIsDate: boolean;
  endAt?: number;
  localDate: string;
  venueId?: string;
  venue?: {
    name: string;
    streetAddress?: string;
    locality?: string;
    postalCode?: string;
    latitude?: number;
    longitude?: number;
  };
  virtualUrl?: string;
  url?: string;
  /** the organizer's name */
  organizer?: string;
  performers: string[];
  /** The sources that speak of it, each with its own id of it: two ids that one source gives are two events to it. */
  records: { sourceId: string; recordKey?: string }[];
  lifecycleState: string;
  series?: string;
  /** Id of the peer that it came from. */
  origin?: string;
}

export interface PlaceLikeness {
  id: string;
  name: string;
  streetAddress?: string;
  locality?: string;
  region?: string;
  postalCode?: string;
  country?: string;
  latitude?: number;
  longitude?: number;
  url?: string;
  sameAs: string[];
  /** Id of the peer that it came from. */
  origin?: string;
}

export interface AgentLikeness {
  id: string;
  kind: "organization" | "person";
  name: string;
  url?: string;
  sameAs: string[];
  /** Towns in which it is known to have done something. */
  localities: string[];
  /** Id of the peer that it came from. */
  origin?: string;
}

export type Verdict = "same" | "candidate" | "different";

/**
 * `same` may be merged without asking, `candidate` is for a person. `features` are the numbers that the verdict was made
 * of, `contradictions` the names of what speaks against it.
 */
export interface Comparison {
  verdict: Verdict;
  rule: "exact" | "strong" | "weak" | "none";
  /** 0..1, to sort by; the rules decide, not the score. */
  score: number;
  features: Record<string, number>;
  contradictions: string[];
}

/**
 * 64 bits of the parts, signed, as PostgreSQL's bigint holds them. Stored: another function means that all keys are made
 * anew. Not sha-256, which took most of a look-up's time: two that meet by accident cost no more than one comparison.
 */
export function hashKey(...parts: string[]): bigint {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (const part of parts) {
    for (let n = 0; n <= part.length; n++) {
      // Between two parts a code that no text has, so that ("ab", "c") is not ("a", "bc").
      const code = n === part.length ? 0x10000 : part.charCodeAt(n);
      high = Math.imul(high ^ code, 0x9e3779b1);
      low = Math.imul(low ^ code, 0x5f356495);
    }
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

const TRACKING = /^(utm[_-]|fbclid|gclid|mc_[ce]id|aff$|ref$|source$|rand$|igsh|si$|lang$|locale$|hl$)/i;
/** The language of a page at the beginning of its path. */
const LANGUAGE = /^\/(en|fr|es|de)([-_](ca|us|gb|fr))?(?=\/|$)/i;

/** One spelling of a web address, of all its languages: "http://www.Rex.example/fr/jazz/?utm_source=x#top" -> "rex.example/jazz". */
export function foldUrl(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url.replaceAll("&amp;", "&"));
  if (parsed === null) return undefined;
  const { host, pathname, searchParams } = parsed;
  const query = [...searchParams].filter(([name]) => !TRACKING.test(name)).map(([name, value]) => `${name}=${value}`);
  const path = pathname.replace(/\/(index\.\w+)?$/i, "").replace(LANGUAGE, "");
  return `${host.toLowerCase().replace(/^www\./, "")}${path}${query.length === 0 ? "" : `?${query.toSorted().join("&")}`}`;
}

/** The host of an address as foldUrl gives it. */
export const hostOf = (folded: string): string => folded.split(/[/?]/, 1)[0]!;

/** True where the address names a page and not only a site. */
export const isPage = (folded: string): boolean => folded !== hostOf(folded);

interface Located {
  latitude?: number;
  longitude?: number;
}

/** Metres between two points; undefined where one has none. Flat-earth reckoning: right to 1 % over a few kilometres. */
export function metresBetween(a: Located, b: Located): number | undefined {
  if (a.latitude === undefined || a.longitude === undefined || b.latitude === undefined || b.longitude === undefined) return undefined;
  const METRES_PER_DEGREE = 111_195;
  const north = a.latitude - b.latitude;
  const turn = Math.abs(a.longitude - b.longitude);
  const east = Math.min(turn, 360 - turn) * Math.cos((((a.latitude + b.latitude) / 2) * Math.PI) / 180);
  return Math.hypot(north, east) * METRES_PER_DEGREE;
}

/** The cells of a grid of `degrees` that lie within `reach` (degrees, less than a cell) of the point: its own first. */
export function gridCells({ latitude, longitude }: Located, degrees: number, reach = 0): string[] {
  if (latitude === undefined || longitude === undefined) return [];
  const steps = (at: number) => [...new Set([at, at - reach, at + reach].map((one) => Math.floor(one / degrees)))];
  const columns = steps(longitude);
  return steps(latitude).flatMap((row) => columns.map((column) => `${degrees} ${row} ${column}`));
}

/** Two numbers of features that people read: three digits are enough. */
export const rounded = (features: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(features).map(([name, value]) => [name, Math.round(value * 1000) / 1000]));
