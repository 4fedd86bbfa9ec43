/** What of a peer's word is let in by our own will (PeerFilters): pure. What does not say where it is passes. */
import { domainOf } from "./canonical.ts";
import type { PeerFilters } from "./peer.ts";
import { EVENT_DOMAINS, type EntityKind, type EventDomain } from "./vocabulary.ts";

interface Thing {
  kind: EntityKind;
  /** JSON-LD as an origin wrote it: anything may stand anywhere. */
  document: Readonly<Record<string, unknown>>;
}

/** Whether the entity that this document describes lies within `bbox` and `domains`. A place of several that lies within is enough. */
export function passesFilters({ kind, document }: Thing, { bbox, domains }: PeerFilters): boolean {
  if (kind === "event" && domains !== undefined && !domains.includes(domainOfEvent(document))) return false;
  if (bbox === undefined || (kind !== "event" && kind !== "place")) return true;
  const points = (kind === "place" ? [document] : list(document["location"])).flatMap(pointOf);
  return points.length === 0 || points.some((point) => isWithin(bbox, point));
}

/**
 * Why this is no box to be meant, in words; undefined where it may be. One whose west lies east of its east goes over the 180th meridian,
 * but more than half around the world somebody has swapped them.
 */
export function boxFault(bbox: readonly number[]): string | undefined {
  const [west = NaN, south = NaN, east = NaN, north = NaN] = bbox;
  const inRange = bbox.length === 4 && Math.abs(west) <= 180 && Math.abs(east) <= 180 && Math.abs(south) <= 90 && Math.abs(north) <= 90;
  if (!inRange || south > north) return "expected west, south, east, north in degrees, south not above north";
  if (west > east && west - east < 180)
    return `west ${west} lies east of east ${east}, so that the box goes ${Math.round(360 - west + east)} degrees around the world, over the 180th meridian: they are probably swapped`;
  return undefined;
}

/** What it says, or else what its most telling type means: the domain that it is listed under here. */
function domainOfEvent(document: Thing["document"]): EventDomain {
  const said = EVENT_DOMAINS.find((domain) => list(document["sel:eventDomain"]).includes(domain));
  const meant = list(document["@type"]).map((type) => domainOf(String(type).replace(/^.*[/#:]/, "")));
  return said ?? meant.find((domain) => domain !== domainOf("Event")) ?? domainOf("Event");
}

type Point = readonly [longitude: number, latitude: number];

/** A box whose west lies east of its east goes over the 180th meridian. */
function isWithin([west, south, east, north]: NonNullable<PeerFilters["bbox"]>, [longitude, latitude]: Point): boolean {
  if (latitude < south || latitude > north) return false;
  return west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
}

function pointOf(place: unknown): Point[] {
  return list(memberOf(place, "geo")).flatMap((geo) => {
    const [longitude, latitude] = [memberOf(geo, "longitude"), memberOf(geo, "latitude")].map(Number);
    return Number.isFinite(longitude) && Number.isFinite(latitude) ? [[longitude!, latitude!] as const] : [];
  });
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? ((value as Record<string, unknown>)[name] ?? NaN) : NaN;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
