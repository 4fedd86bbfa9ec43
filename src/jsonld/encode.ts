/**
 * Full public state -> JSON-LD, by construction: no context processing, one pass, the same bytes every time.
 *
 * Keys come out sorted by UTF-16 code unit at every level, so that `JSON.stringify` of the result is the canonical
 * form of RFC 8785 (JCS), over which the feed hashes. Every key stands in contexts/calends-v1.jsonld.
 */
import { uriOf } from "../domain/iri.ts";
import type { AgentState, AnyState, EventState, OccurrenceState, PlaceState, SourceReference } from "../domain/state.ts";
import {
  contextOf,
  encodeAddress,
  encodeGeo,
  encodeOffers,
  locationOf,
  nestedAgent,
  node,
  oneOrList,
  placeType,
  statusOf,
  timesOf,
  virtualLocation,
} from "./encode-nested.ts";
import type { EncodeOptions, JsonLdObject, JsonLdValue } from "./encode-nested.ts";
import { encodeSchedules, seriesMembers } from "./encode-series.ts";
import { SCHEMA_HTTPS } from "./vocabulary.ts";

export type { EncodeOptions, JsonLdObject, JsonLdValue } from "./encode-nested.ts";

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

function encodeEvent(state: EventState, options: EncodeOptions): JsonLdObject {
  return node({
    "@context": contextOf(options),
    "@id": uriOf(options.base, "event", state),
    "@type": state.type,
    name: state.name,
    description: state.description,
    ...timesOf({ ...state, eventStatus: statusOf(state) }),
    eventAttendanceMode: state.attendanceMode && SCHEMA_HTTPS + state.attendanceMode,
    location: locationOf(state, options),
    organizer: state.organizer && nestedAgent(state.organizer, options),
    performer: state.performer?.map((performer) => nestedAgent(performer, options)),
    offers: encodeOffers(state.offers),
    image: state.image,
    url: state.url,
    inLanguage: state.inLanguage,
    keywords: state.keywords,
    isAccessibleForFree: state.isAccessibleForFree,
    sameAs: state.sameAs,
    license: state.license,
    eventSchedule: oneOrList(encodeSchedules(state.eventSchedule)),
    subEvent: state.occurrences?.map((occurrence) => encodeHappening(occurrence, state)),
    "prov:wasDerivedFrom": derivedFrom(state.sources),
    "sel:accessibilityFeature": state.accessibilityFeature,
    "sel:confidence": state.confidence,
    "sel:eventDomain": state.eventDomain,
    "sel:ingestedAt": state.createdAt,
    "sel:licenseStatus": state.licenseStatus,
    "sel:originNode": state.originNode ?? options.base,
    ...(state.series && seriesMembers(state, state.series, options)),
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

/** A happening bears its event's name; it is held where its event is, unless it says otherwise. */
function encodeHappening(occurrence: OccurrenceState, event: EventState): JsonLdObject {
  return node({
    "@type": "Event",
    name: event.name,
    ...timesOf(occurrence),
    location: occurrence.virtualUrl === undefined ? undefined : virtualLocation(occurrence.virtualUrl),
  });
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
