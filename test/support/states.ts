/** States as the database would render them, from what a source said: lets jsonld be tested without a database. */
import { createMint } from "../../src/domain/iri.ts";
import type { AgentState, EventState, NestedAgent, OccurrenceState, PlaceState, SourceReference } from "../../src/domain/state.ts";
import type { AgentMention, EventSubmission, SubEvent } from "../../src/domain/submission.ts";

export const BASE = "https://node.example";
export const RECORDED = "2026-05-01T12:00:00Z";
const SOURCE: SourceReference = { name: "City festivals", url: "https://data.city.example/festivals", licenseStatus: "cc0" };

/** A factory of states whose ids are all different. */
export function createStates(now = Date.parse(RECORDED)) {
  const mint = createMint();
  const identity = () => ({ id: mint(now), version: 1, createdAt: RECORDED, updatedAt: RECORDED, public: true });

  /** The state of an event that has only this one source. */
  function event({ fields }: EventSubmission, more: Partial<EventState> = {}): EventState {
    const { type, startDate, virtualLocation, location, organizer, performer, subEvent, eventAttendanceMode, eventDomain, ...same } =
      fields;
    return {
      kind: "event",
      ...identity(),
      type,
      ...same,
      startDate,
      timezone: "America/Toronto",
      allDay: startDate.length === 10,
      lifecycleState: "published",
      ...(eventAttendanceMode !== undefined && { attendanceMode: eventAttendanceMode }),
      ...(virtualLocation !== undefined && { virtualUrl: virtualLocation.url }),
      ...(location !== undefined && { location: withoutSource({ ...location, id: mint(now) }) }),
      ...(organizer !== undefined && { organizer: agentOf(organizer) }),
      ...(performer !== undefined && { performer: performer.map(agentOf) }),
      ...(subEvent !== undefined && { occurrences: subEvent.map(occurrenceOf) }),
      eventDomain: eventDomain ?? "general",
      licenseStatus: "cc0",
      confidence: 0.9,
      sources: [SOURCE],
      ...more,
      // A submission's absent members may be undefined by its type; decode leaves them out altogether.
    } as EventState;
  }

  const agentOf = ({ kind, name, url }: AgentMention): NestedAgent => ({ kind, id: mint(now), name, ...(url !== undefined && { url }) });

  function place(more: Partial<PlaceState> = {}): PlaceState {
    return {
      kind: "place",
      ...identity(),
      name: "Harbourfront Centre",
      placeType: "PerformingArtsTheater",
      address: {
        streetAddress: "235 Queens Quay W",
        addressLocality: "Toronto",
        addressRegion: "ON",
        postalCode: "M5J 2G8",
        addressCountry: "CA",
      },
      geo: { latitude: 43.6387, longitude: -79.382 },
      url: "https://harbourfront.example/",
      sameAs: ["http://www.wikidata.org/entity/Q5654564"],
      ...more,
    };
  }

  function agent(kind: AgentState["kind"], more: Partial<AgentState> = {}): AgentState {
    return {
      kind,
      ...identity(),
      name: kind === "person" ? "Ada Okafor" : "Lantern Collective",
      alternateName: ["Ada", "A. O."],
      url: "https://lantern.example/",
      ...more,
    };
  }

  return { event, place, agent };
}

function withoutSource<T extends { sameAs?: unknown }>({ sameAs: _, ...rest }: T): Omit<T, "sameAs"> {
  return rest;
}

function occurrenceOf({ startDate, ...rest }: SubEvent): OccurrenceState {
  return { startDate, ...rest, timezone: "America/Toronto", allDay: startDate.length === 10 } as OccurrenceState;
}
