/** States as the database would render them, from what a source said: lets jsonld be tested without a database. */
import { createMint } from "../../src/domain/iri.ts";
import type {
  AgentState,
  EventState,
  NestedAgent,
  NestedPlace,
  OccurrenceState,
  OverrideState,
  PlaceState,
  SeriesState,
  SourceReference,
} from "../../src/domain/state.ts";
import type {
  AgentMention,
  EventFields,
  EventSubmission,
  OccurrenceOverride,
  PlaceMention,
  SubEvent,
} from "../../src/domain/submission.ts";
import { localOf, withOffset } from "../../src/jsonld/wall-clock.ts";

export const BASE = "https://node.example";
export const RECORDED = "2026-05-01T12:00:00Z";
const SOURCE: SourceReference = { name: "City festivals", url: "https://data.city.example/festivals", licenseStatus: "cc0" };

/** A factory of states whose ids are all different. */
export function createStates(now = Date.parse(RECORDED)) {
  const mint = createMint();
  const identity = () => ({ id: mint(now), version: 1, createdAt: RECORDED, updatedAt: RECORDED, public: true });

  /** The state of an event that has only this one source. */
  function event({ fields }: EventSubmission, more: Partial<EventState> = {}): EventState {
    const { type, virtualLocation, location, organizer, performer, subEvent, eventAttendanceMode, eventDomain, ...rest } = fields;
    const { recurrence, overrides, ...same } = rest;
    const zone = recurrence?.[0]?.timezone ?? "America/Toronto";
    const startDate = shown(fields.startDate, zone);
    return {
      kind: "event",
      ...identity(),
      type,
      ...same,
      startDate,
      ...(fields.endDate !== undefined && { endDate: shown(fields.endDate, zone) }),
      ...(fields.doorTime !== undefined && { doorTime: shown(fields.doorTime, zone) }),
      timezone: zone,
      allDay: startDate.length === 10,
      lifecycleState: "published",
      ...(eventAttendanceMode !== undefined && { attendanceMode: eventAttendanceMode }),
      ...(virtualLocation !== undefined && { virtualUrl: virtualLocation.url }),
      ...(location !== undefined && { location: placeOf(location) }),
      ...(organizer !== undefined && { organizer: agentOf(organizer) }),
      ...(performer !== undefined && { performer: performer.map(agentOf) }),
      ...(subEvent !== undefined && { occurrences: subEvent.map(occurrenceOf) }),
      ...(recurrence !== undefined && { series: seriesOf(recurrence, overrides, zone) }),
      eventDomain: eventDomain ?? "general",
      licenseStatus: "cc0",
      confidence: 0.9,
      sources: [SOURCE],
      ...more,
      // A submission's absent members may be undefined by its type; decode leaves them out altogether.
    } as EventState;
  }

  const agentOf = ({ kind, name, url }: AgentMention): NestedAgent => ({ kind, id: mint(now), name, ...(url !== undefined && { url }) });

  const placeOf = (place: PlaceMention): NestedPlace => withoutSource({ ...place, id: mint(now) }) as NestedPlace;

  const seriesOf = (
    recurrence: NonNullable<EventFields["recurrence"]>,
    overrides: EventFields["overrides"],
    zone: string,
  ): SeriesState => ({
    recurrence: recurrence.map((set) => ({ ...set, timezone: set.timezone ?? zone })),
    ...(overrides !== undefined && {
      overrides: Object.entries(overrides)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([recurrenceId, override]) => overrideOf(recurrenceId, override, zone)),
    }),
  });

  function overrideOf(recurrenceId: string, { location, virtualLocation, ...override }: OccurrenceOverride, zone: string): OverrideState {
    const times = (["startDate", "endDate", "doorTime"] as const).flatMap((term) => {
      const time = override[term];
      return time === undefined ? [] : [[term, shown(time, zone)] as const];
    });
    return {
      recurrenceId,
      ...override,
      ...Object.fromEntries(times),
      ...(location !== undefined && { location: placeOf(location) }),
      ...(virtualLocation !== undefined && { virtualUrl: virtualLocation.url }),
    } as OverrideState;
  }

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

/** As the database shows a time of a series: with its offset. Other times stay as they were written. */
const shown = (time: string, zone: string): string => (/(Z|[+-]\d\d:\d\d)$/.test(time) ? time : withOffset(localOf(time, zone), zone));

function withoutSource<T extends { sameAs?: unknown }>({ sameAs: _, ...rest }: T): Omit<T, "sameAs"> {
  return rest;
}

function occurrenceOf({ startDate, ...rest }: SubEvent): OccurrenceState {
  return { startDate, ...rest, timezone: "America/Toronto", allDay: startDate.length === 10 } as OccurrenceState;
}
