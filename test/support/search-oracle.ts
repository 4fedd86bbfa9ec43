/**
 * Search said plainly: what is there as objects in memory, and for each question the answer by looking at every one of
 * them. Written from what src/search/request.ts promises, not from how the engine keeps it.
 */
import type { EventDomain } from "../../src/domain/vocabulary.ts";
import type { LifecycleState } from "../../src/domain/lifecycle.ts";
import type { Facet, SearchFilters, SearchSort } from "../../src/search/request.ts";

export interface PlainPlace {
  id: string;
  name: string;
  city?: string;
  region?: string;
  country?: string;
  spot?: { latitude: number; longitude: number };
}
export interface PlainAgent {
  id: string;
  kind: "organization" | "person";
  name: string;
}
export interface PlainOccurrence {
  /** Milliseconds; of a date, the local midnight that begins it. */
  start: number;
  zone: string;
  /** The local day. */
  day: string;
  /** Minutes of the local day; absent for a date. */
  minutes?: number;
  /** Its own venue; absent: the event's. */
  place?: PlainPlace;
}
export interface PlainEvent {
  id: string;
  type: string;
  name: string;
  description: string;
  domain: EventDomain;
  state: LifecycleState;
  keywords: string[];
  languages: string[];
  accessibility: string[];
  free?: boolean;
  price?: { low: number; high: number; currency: string };
  origin?: string;
  organizer?: PlainAgent;
  performers: PlainAgent[];
  /** Absent: it is online. */
  place?: PlainPlace;
  occurrences: PlainOccurrence[];
}

/** One group of a query: any of these, or (excluded) not this one. A phrase is several words. */
export type Group = { any: string[][] } | { not: string[] };

export interface Question {
  filters: SearchFilters;
  groups: readonly Group[];
  sort: SearchSort;
}

/** Ids of what is found, in order; without an order among themselves where the sort is relevance and there are words. */
export function answer(events: Iterable<PlainEvent>, { filters, groups, sort }: Question): string[] {
  const found: { id: string; key: number }[] = [];
  for (const event of events) {
    if (!eventPasses(event, filters) || !saysAll(event, groups)) continue;
    const passing = event.occurrences.filter((one) => occurrencePasses(event, one, filters)).map((one) => keyOf(event, one, filters, sort));
    if (passing.length > 0) found.push({ id: event.id, key: sort === "-start" ? Math.max(...passing) : Math.min(...passing) });
  }
  const sorted = found.toSorted((a, b) => a.key - b.key || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  return sort === "-start" ? sorted.toReversed() : sorted;
}

/** How many of these events bear each value. */
export function countBy(events: readonly PlainEvent[], facet: Facet): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) for (const value of new Set(valuesOf(event, facet))) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

export const placesOf = ({ place, occurrences }: PlainEvent): PlainPlace[] => [
  ...new Set([place, ...occurrences.map((one) => one.place)].filter((one) => one !== undefined)),
];

function valuesOf(event: PlainEvent, facet: Facet): string[] {
  const ofPlaces = (name: "city" | "region" | "country") => placesOf(event).flatMap((place) => place[name]?.toLowerCase() ?? []);
  switch (facet) {
    case "city":
    case "region":
    case "country":
      return ofPlaces(facet);
    case "domain":
      return [event.domain];
    case "state":
      return [event.state];
    case "keyword":
      return lower(event.keywords);
    case "accessibility":
      return lower(event.accessibility);
    case "language":
      return event.languages.map(primary);
    case "origin":
      return [event.origin ?? "local"];
    case "free": {
      const free = isFree(event);
      return free === undefined ? [] : [String(free)];
    }
  }
}

const lower = (words: readonly string[]) => words.map((word) => word.toLowerCase());
const primary = (language: string) => language.split("-")[0]!.toLowerCase();
const same = (a: string | undefined, b: string) => a?.toLowerCase() === b.toLowerCase();
/** As it says, else by its prices; undefined where nobody told. */
const isFree = ({ free, price }: PlainEvent): boolean | undefined => free ?? (price && price.high === 0);

function eventPasses(event: PlainEvent, filters: SearchFilters): boolean {
  const { states, organizer, involves, domain, keywords, language, free, accessibility, origin, price, among } = filters;
  return (
    states.includes(event.state) &&
    event.state !== "deleted" &&
    (organizer === undefined || ("id" in organizer && event.organizer?.id === organizer.id)) &&
    (involves === undefined || event.organizer?.id === involves || event.performers.some(({ id }) => id === involves)) &&
    (domain === undefined || event.domain === domain) &&
    (keywords === undefined || keywords.some((word) => lower(event.keywords).includes(word.toLowerCase()))) &&
    (language === undefined || event.languages.some((one) => primary(one) === language.toLowerCase())) &&
    (free === undefined || isFree(event) === free) &&
    (accessibility === undefined || accessibility.every((feature) => lower(event.accessibility).includes(feature.toLowerCase()))) &&
    (origin === undefined || (event.origin ?? "local") === origin) &&
    (price === undefined || costs(event, price)) &&
    (among === undefined || among.includes(event.id))
  );
}

function costs(event: PlainEvent, { least = 0, most = Infinity, currency }: NonNullable<SearchFilters["price"]>): boolean {
  if (event.free === true || event.price?.high === 0) return least === 0;
  if (event.price === undefined) return false;
  return event.price.low <= most && event.price.high >= least && (currency === undefined || event.price.currency === currency);
}

function occurrencePasses(event: PlainEvent, one: PlainOccurrence, filters: SearchFilters): boolean {
  const { startDate, endDate, instants, starts, on, days, hours, city, region, country, venue, near, bbox, polygon } = filters;
  const place = one.place ?? event.place;
  const spot = place?.spot;
  const timed = instants !== undefined && one.minutes !== undefined;
  const weekday = new Date(`${one.day}T00:00:00Z`).getUTCDay() || 7;
  return (
    (startDate === undefined || (timed ? one.start >= instants.from! : one.day >= startDate)) &&
    (endDate === undefined || (timed ? one.start < instants.until! : one.day <= endDate)) &&
    (starts?.from === undefined || one.start >= Number(starts.from)) &&
    (starts?.until === undefined || one.start < Number(starts.until)) &&
    (on === undefined || (one.start <= Number(on) && Number(on) < endOfDay(one))) &&
    (days === undefined || days.includes(weekday)) &&
    (hours === undefined || (one.minutes !== undefined && isBetween(one.minutes, hours))) &&
    (city === undefined || same(place?.city, city)) &&
    (region === undefined || same(place?.region, region)) &&
    (country === undefined || same(place?.country, country)) &&
    (venue === undefined || ("id" in venue && place?.id === venue.id)) &&
    (near === undefined || (spot !== undefined && metres(near, spot) <= near.radius)) &&
    (bbox === undefined || (spot !== undefined && isInBox(spot, bbox))) &&
    (polygon === undefined || (spot !== undefined && isInPolygon(spot, polygon)))
  );
}

/** None of these tells an end, and no clock changes that day. */
const endOfDay = ({ start, minutes = 0 }: PlainOccurrence) => start + (1_440 - minutes) * 60_000;

const isBetween = (minutes: number, { from, until }: { from: number; until: number }) =>
  from <= until ? minutes >= from && minutes <= until : minutes >= from || minutes <= until;

function keyOf(event: PlainEvent, one: PlainOccurrence, { near }: SearchFilters, sort: SearchSort): number {
  return sort === "distance" ? metres(near!, (one.place ?? event.place)!.spot!) : one.start;
}

interface Spot {
  latitude: number;
  longitude: number;
}

function isInBox({ latitude, longitude }: Spot, { west, south, east, north }: NonNullable<SearchFilters["bbox"]>): boolean {
  if (latitude < south || latitude > north) return false;
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
}

/** A ray to the east crosses the sides an odd number of times. */
function isInPolygon({ latitude, longitude }: Spot, vertices: readonly (readonly [number, number])[]): boolean {
  let inside = false;
  for (const [i, [x, y]] of vertices.entries()) {
    const [before, above] = vertices.at(i - 1)!;
    if (y > latitude !== above > latitude && longitude < ((before - x) * (latitude - y)) / (above - y) + x) inside = !inside;
  }
  return inside;
}

/** On the ellipsoid WGS 84, by Vincenty's inverse formula; not for points that lie nearly opposite each other. */
export function metres(one: Spot, other: Spot): number {
  const [major, flattening] = [6_378_137, 1 / 298.257223563];
  const minor = major * (1 - flattening);
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const between = radians(other.longitude - one.longitude);
  const [u1, u2] = [one, other].map(({ latitude }) => Math.atan((1 - flattening) * Math.tan(radians(latitude)))) as [number, number];
  const [sinU1, cosU1, sinU2, cosU2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = between;
  for (let i = 0; i < 200; i++) {
    const sinSigma = Math.hypot(cosU2 * Math.sin(lambda), cosU1 * sinU2 - sinU1 * cosU2 * Math.cos(lambda));
    if (sinSigma === 0) return 0;
    const cosSigma = sinU1 * sinU2 + cosU1 * cosU2 * Math.cos(lambda);
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cosU1 * cosU2 * Math.sin(lambda)) / sinSigma;
    const cosSquared = 1 - sinAlpha ** 2;
    const cosMiddle = cosSquared === 0 ? 0 : cosSigma - (2 * sinU1 * sinU2) / cosSquared;
    const c = (flattening / 16) * cosSquared * (4 + flattening * (4 - 3 * cosSquared));
    const former = lambda;
    lambda = between + (1 - c) * flattening * sinAlpha * (sigma + c * sinSigma * (cosMiddle + c * cosSigma * (2 * cosMiddle ** 2 - 1)));
    if (Math.abs(lambda - former) > 1e-13) continue;
    const squared = (cosSquared * (major ** 2 - minor ** 2)) / minor ** 2;
    const a = 1 + (squared / 16_384) * (4_096 + squared * (squared * (320 - 175 * squared) - 768));
    const b = (squared / 1_024) * (256 + squared * (squared * (74 - 47 * squared) - 128));
    const inner = cosSigma * (2 * cosMiddle ** 2 - 1) - (b / 6) * cosMiddle * (4 * sinSigma ** 2 - 3) * (4 * cosMiddle ** 2 - 3);
    return minor * a * (sigma - b * sinSigma * (cosMiddle + (b / 4) * inner));
  }
  return Infinity;
}

/** Texts that stand by themselves: no phrase reaches from one into the next. */
function textsOf(event: PlainEvent): string[] {
  return [
    event.name,
    ...event.keywords,
    ...event.performers.map(({ name }) => name),
    ...placesOf(event).map(({ name }) => name),
    ...(event.organizer === undefined ? [] : [event.organizer.name]),
    event.description,
  ].map((text) => text.toLowerCase());
}

function saysAll(event: PlainEvent, groups: readonly Group[]): boolean {
  if (groups.length === 0) return true;
  const texts = textsOf(event).map((text) => text.split(" "));
  const says = (words: readonly string[]) =>
    texts.some((text) => text.some((_, at) => words.every((word, i) => text[at + i] === word.toLowerCase())));
  return groups.every((group) => ("not" in group ? !says(group.not) : group.any.some(says)));
}

/** The query as somebody types it. */
export function typed(groups: readonly Group[]): string {
  const term = (words: readonly string[]) => (words.length === 1 ? words[0]! : `"${words.join(" ")}"`);
  return groups.map((group) => ("not" in group ? `-${term(group.not)}` : group.any.map(term).join(" OR "))).join(" ");
}
