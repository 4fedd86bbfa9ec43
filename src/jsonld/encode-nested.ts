/** What stands within an encoded event: its times, places, agents, offers; and how an object of JSON-LD is made. */
import { uriOf } from "../domain/iri.ts";
import type { LifecycleState } from "../domain/lifecycle.ts";
import type { EventState, NestedAgent, NestedPlace, OccurrenceState } from "../domain/state.ts";
import type { GeoCoordinates, Offer, PostalAddress } from "../domain/submission.ts";
import type { EventStatus } from "../domain/vocabulary.ts";
import { ownContextUrl } from "./contexts.ts";
import { PLACE_TYPES, SCHEMA_HTTPS } from "./vocabulary.ts";

export type JsonLdValue = string | number | boolean | JsonLdObject | JsonLdValue[];
export interface JsonLdObject {
  [key: string]: JsonLdValue;
}
export interface EncodeOptions {
  /** This node's public base URL, without a slash at its end. */
  base: string;
  /**
   * Which occurrences of a series are listed though nothing sets them apart: the first `limit` from `from` (milliseconds
   * since 1970) on. Without it only its exceptions are, so that a document does not change as time passes.
   */
  window?: { from: number; limit: number };
}
export type Members = Record<string, JsonLdValue | undefined>;

const KNOWN_PLACES = new Set<string>(PLACE_TYPES);

/** An object of the members that have a value, their keys in the order of RFC 8785, section 3.2.3. */
export function node(members: Members): JsonLdObject {
  const sorted: JsonLdObject = {};
  for (const key of Object.keys(members).toSorted()) {
    const value = members[key];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) sorted[key] = value;
  }
  return sorted;
}

export function oneOrList(items: JsonLdValue[]): JsonLdValue | undefined {
  return items.length > 1 ? items : items[0];
}

export function contextOf({ base }: EncodeOptions): string[] {
  return ["https://schema.org", ownContextUrl(base)];
}

/** The times and status of an event, or of one of its happenings. */
export function timesOf(
  times: Partial<Pick<OccurrenceState, "startDate" | "endDate" | "doorTime" | "previousStartDate">> & {
    eventStatus?: EventStatus | undefined;
  },
): Members {
  return {
    startDate: times.startDate,
    endDate: times.endDate,
    doorTime: times.doorTime,
    previousStartDate: times.previousStartDate,
    eventStatus: times.eventStatus && SCHEMA_HTTPS + times.eventStatus,
  };
}

/** A place, an address on the web, or both: `location` as schema.org has it. */
export function locationOf(
  { location, virtualUrl }: { location?: NestedPlace | undefined; virtualUrl?: string | undefined },
  options: EncodeOptions,
): JsonLdValue | undefined {
  return oneOrList([
    ...(location === undefined ? [] : [nestedPlace(location, options)]),
    ...(virtualUrl === undefined ? [] : [virtualLocation(virtualUrl)]),
  ]);
}

function nestedPlace(place: NestedPlace, options: EncodeOptions): JsonLdObject {
  return node({
    "@id": uriOf(options.base, "place", place),
    "@type": placeType(place.placeType),
    name: place.name,
    address: place.address && encodeAddress(place.address),
    geo: place.geo && encodeGeo(place.geo),
    url: place.url,
  });
}

export function virtualLocation(url: string): JsonLdObject {
  return node({ "@type": "VirtualLocation", url });
}

export function nestedAgent(agent: NestedAgent, options: EncodeOptions): JsonLdObject {
  return node({
    "@id": uriOf(options.base, agent.kind, agent),
    "@type": agent.kind === "person" ? "Person" : "Organization",
    name: agent.name,
    url: agent.url,
  });
}

export function encodeAddress(address: PostalAddress): JsonLdObject {
  return node({ "@type": "PostalAddress", ...address });
}

export function encodeGeo({ latitude, longitude }: GeoCoordinates): JsonLdObject {
  return node({ "@type": "GeoCoordinates", latitude, longitude });
}

export function encodeOffers(offers: readonly Offer[] | undefined): JsonLdValue | undefined {
  return oneOrList((offers ?? []).map(encodeOffer));
}

function encodeOffer(offer: Offer): JsonLdObject {
  const aggregate = offer.lowPrice !== undefined || offer.highPrice !== undefined;
  return node({
    "@type": aggregate ? "AggregateOffer" : "Offer",
    ...offer,
    availability: offer.availability && SCHEMA_HTTPS + offer.availability,
  });
}

/** Only kinds that our context declares; any other would lose its meaning in a reader who loads ours alone. */
export function placeType(type: string | undefined): string {
  return type !== undefined && KNOWN_PLACES.has(type) ? type : "Place";
}

/** What a hand has done speaks before what sources say: a peer must hear of a cancellation, whoever cancelled. */
const STATUS_OF_STATE: Partial<Record<LifecycleState, EventStatus>> = {
  cancelled: "EventCancelled",
  postponed: "EventPostponed",
  rescheduled: "EventRescheduled",
};

export function statusOf({ lifecycleState, eventStatus }: EventState): EventStatus | undefined {
  return STATUS_OF_STATE[lifecycleState] ?? eventStatus;
}
