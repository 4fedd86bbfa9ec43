/**
 * Full public state -> JSON-LD, by construction: no context processing, one pass, the same bytes every time.
 *
 * Keys come out sorted by UTF-16 code unit at every level, so that `JSON.stringify` of the result is the canonical
 * form of RFC 8785 (JCS), over which the feed hashes. Every key stands in contexts/calends-v1.jsonld.
 */
import { uriOf } from "../domain/iri.ts";
import type { LifecycleState } from "../domain/lifecycle.ts";
import type {
  AgentState,
  AnyState,
  EventState,
  NestedAgent,
  NestedPlace,
  OccurrenceState,
  PlaceState,
  SourceReference,
} from "../domain/state.ts";
import type { GeoCoordinates, Offer, PostalAddress } from "../domain/submission.ts";
import type { EventStatus } from "../domain/vocabulary.ts";
import { ownContextUrl } from "./contexts.ts";
import { SCHEDULE_TERMS } from "./decode-schedule.ts";
import { PLACE_TYPES, SCHEMA_HTTPS } from "./vocabulary.ts";

export type JsonLdValue = string | number | boolean | JsonLdObject | JsonLdValue[];
export interface JsonLdObject {
  [key: string]: JsonLdValue;
}
export interface EncodeOptions {
  /** This node's public base URL, without a slash at its end. */ base: string;
}

const KNOWN_PLACES = new Set<string>(PLACE_TYPES);

/** Complete JSON-LD of an event, place, organization or person, with its `@context`. */
export function encodeEntity(state: AnyState, options: EncodeOptions): JsonLdObject {
  if (state.kind === "event") return encodeEvent(state, options);
  return state.kind === "place" ? encodePlace(state, options) : encodeAgent(state, options);
}

/** `encodeEntity` as its canonical text (RFC 8785). */
export function encodeText(state: AnyState, options: EncodeOptions): string {
  return JSON.stringify(encodeEntity(state, options));
}

/**
 * What stays when an entity is deleted, withdrawn or merged away: its @id, its type and, after a merge, where it
 * leads on to.
 */
export function tombstone(state: AnyState, options: EncodeOptions): JsonLdObject {
  const { deletedAt, supersededBy } = state;
  return node({
    "@context": contextOf(options),
    "@id": uriOf(options.base, state.kind, state),
    "@type": typeOf(state),
    "sel:tombstone": true,
    "sel:deletedAt": deletedAt ?? state.updatedAt,
    "sel:supersededBy": supersededBy && uriOf(options.base, state.kind, supersededBy),
  });
}

/** What a hand has done speaks before what sources say: a peer must hear of a cancellation, whoever cancelled. */
const STATUS_OF_STATE: Partial<Record<LifecycleState, EventStatus>> = {
  cancelled: "EventCancelled",
  postponed: "EventPostponed",
  rescheduled: "EventRescheduled",
};

function encodeEvent(state: EventState, options: EncodeOptions): JsonLdObject {
  return node({
    "@context": contextOf(options),
    "@id": uriOf(options.base, "event", state),
    "@type": state.type,
    name: state.name,
    description: state.description,
    ...timesOf({ ...state, eventStatus: STATUS_OF_STATE[state.lifecycleState] ?? state.eventStatus }),
    eventAttendanceMode: state.attendanceMode && SCHEMA_HTTPS + state.attendanceMode,
    location: oneOrList([
      ...(state.location === undefined ? [] : [nestedPlace(state.location, options)]),
      ...(state.virtualUrl === undefined ? [] : [virtualLocation(state.virtualUrl)]),
    ]),
    organizer: state.organizer && nestedAgent(state.organizer, options),
    performer: state.performer?.map((performer) => nestedAgent(performer, options)),
    offers: oneOrList((state.offers ?? []).map(encodeOffer)),
    image: state.image,
    url: state.url,
    inLanguage: state.inLanguage,
    keywords: state.keywords,
    isAccessibleForFree: state.isAccessibleForFree,
    sameAs: state.sameAs,
    license: state.license,
    eventSchedule: oneOrList((state.eventSchedule ?? []).map(encodeSchedule)),
    subEvent: state.occurrences?.map((occurrence) => encodeOccurrence(occurrence, state)),
    "prov:wasDerivedFrom": derivedFrom(state.sources),
    "sel:accessibilityFeature": state.accessibilityFeature,
    "sel:confidence": state.confidence,
    "sel:eventDomain": state.eventDomain,
    "sel:ingestedAt": state.createdAt,
    "sel:licenseStatus": state.licenseStatus,
    "sel:originNode": state.originNode ?? options.base,
  });
}

function encodePlace(state: PlaceState, options: EncodeOptions): JsonLdObject {
  return node({
    "@context": contextOf(options),
    "@id": uriOf(options.base, "place", state),
    "@type": typeOf(state),
    name: state.name,
    address: state.address && encodeAddress(state.address),
    geo: state.geo && encodeGeo(state.geo),
    url: state.url,
    sameAs: state.sameAs,
    "sel:ingestedAt": state.createdAt,
  });
}

function encodeAgent(state: AgentState, options: EncodeOptions): JsonLdObject {
  return node({
    "@context": contextOf(options),
    "@id": uriOf(options.base, state.kind, state),
    "@type": typeOf(state),
    name: state.name,
    alternateName: state.alternateName,
    url: state.url,
    sameAs: state.sameAs,
    "sel:ingestedAt": state.createdAt,
  });
}

/** The times and status of an event, or of one of its happenings. */
function timesOf(times: Omit<OccurrenceState, "eventStatus"> & { eventStatus?: EventStatus | undefined }): Members {
  return {
    startDate: times.startDate,
    endDate: times.endDate,
    doorTime: times.doorTime,
    previousStartDate: times.previousStartDate,
    eventStatus: times.eventStatus && SCHEMA_HTTPS + times.eventStatus,
  };
}

/** A happening bears its event's name; it is held where its event is, unless it says otherwise. */
function encodeOccurrence(occurrence: OccurrenceState, event: EventState): JsonLdObject {
  return node({
    "@type": "Event",
    name: event.name,
    ...timesOf(occurrence),
    location: occurrence.virtualUrl === undefined ? undefined : virtualLocation(occurrence.virtualUrl),
  });
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

function virtualLocation(url: string): JsonLdObject {
  return node({ "@type": "VirtualLocation", url });
}

function nestedAgent(agent: NestedAgent, options: EncodeOptions): JsonLdObject {
  return node({
    "@id": uriOf(options.base, agent.kind, agent),
    "@type": agent.kind === "person" ? "Person" : "Organization",
    name: agent.name,
    url: agent.url,
  });
}

function encodeAddress(address: PostalAddress): JsonLdObject {
  return node({ "@type": "PostalAddress", ...address });
}

function encodeGeo({ latitude, longitude }: GeoCoordinates): JsonLdObject {
  return node({ "@type": "GeoCoordinates", latitude, longitude });
}

function encodeOffer(offer: Offer): JsonLdObject {
  const aggregate = offer.lowPrice !== undefined || offer.highPrice !== undefined;
  return node({
    "@type": aggregate ? "AggregateOffer" : "Offer",
    ...offer,
    availability: offer.availability && SCHEMA_HTTPS + offer.availability,
  });
}

function encodeSchedule(schedule: Record<string, string | number | string[]>): JsonLdObject {
  return node({ "@type": "Schedule", ...Object.fromEntries(SCHEDULE_TERMS.map((term) => [term, schedule[term]])) });
}

/** Each source once: by the address of its record, else of itself, else by name. */
function derivedFrom(sources: SourceReference[]): JsonLdValue[] {
  const seen = new Map<string, JsonLdValue>();
  for (const source of sources) {
    const uri = [source.recordUri, source.url].find((candidate) => candidate !== undefined && /^(https?:\/\/|urn:)\S+$/.test(candidate));
    seen.set(uri ?? `name:${source.name}`, uri ?? node({ "@type": "prov:Entity", name: source.name }));
  }
  return [...seen.values()];
}

function typeOf(state: AnyState): string {
  if (state.kind === "event") return state.type;
  if (state.kind === "place") return placeType(state.placeType);
  return state.kind === "person" ? "Person" : "Organization";
}

/** Only kinds that our context declares; any other would lose its meaning in a reader who loads ours alone. */
function placeType(type: string | undefined): string {
  return type !== undefined && KNOWN_PLACES.has(type) ? type : "Place";
}

function contextOf({ base }: EncodeOptions): string[] {
  return ["https://schema.org", ownContextUrl(base)];
}

type Members = Record<string, JsonLdValue | undefined>;

function oneOrList(items: JsonLdValue[]): JsonLdValue | undefined {
  return items.length > 1 ? items : items[0];
}

/** An object of the members that have a value, their keys in the order of RFC 8785, section 3.2.3. */
function node(members: Members): JsonLdObject {
  const sorted: JsonLdObject = {};
  for (const key of Object.keys(members).toSorted()) {
    const value = members[key];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) sorted[key] = value;
  }
  return sorted;
}
