/**
 * What a series has more than an event that happens once: its rules, its exceptions, and its single occurrences as documents.
 *
 * `startDate` is that of the first instance; `endDate` that of the last, where there is one and each has a known length.
 * Sub-events with `sel:recurrenceId` are exceptions and say only what is their own; those without it are shown as the rule has
 * them, and readers of ours pass over them.
 */
import { endOf, localOf } from "../domain/recurrence/expand.ts";
import { occurrenceOfState, occurrencesOfState } from "../domain/recurrence/of-state.ts";
import type { ShownOccurrence } from "../domain/recurrence/of-state.ts";
import { localAt } from "../domain/recurrence/zone-times.ts";
import { occurrenceUri, uriOf } from "../domain/iri.ts";
import type { EventState, OverrideState, SeriesState } from "../domain/state.ts";
import { contextOf, encodeOffers, locationOf, nestedAgent, node, oneOrList, statusOf, timesOf } from "./encode-nested.ts";
import type { EncodeOptions, JsonLdObject, JsonLdValue, Members } from "./encode-nested.ts";
import { encodeSchedule, scheduleOfSet } from "./schedule.ts";
import { SCHEMA_HTTPS } from "./vocabulary.ts";
import { atOffset } from "./wall-clock.ts";

/** How far a window of occurrences reaches at most. */
const DAY = 86_400_000;
const TEN_YEARS = 10 * 366 * DAY;
const MOST_AT_ONCE = 20_000;

/** Schedules that are no rules, as their source gave them. */
export function encodeSchedules(schedules: EventState["eventSchedule"]): JsonLdObject[] {
  return (schedules ?? []).map(encodeSchedule);
}

/** The members by which a series differs from an event that happens once. */
export function seriesMembers(state: EventState, series: SeriesState, options: EncodeOptions): Members {
  const type = occurrenceType(state);
  return {
    "@type": type === "Event" ? "EventSeries" : ["EventSeries", type],
    endDate: endOfSeries(state, series),
    eventSchedule: oneOrList([...series.recurrence.map(scheduleOfSet), ...encodeSchedules(state.eventSchedule)]),
    subEvent: encodeParts(state, series, options),
    "sel:continues": series.continues && uriOf(options.base, "event", series.continues),
    "sel:continuedBy": series.continuedBy && uriOf(options.base, "event", series.continuedBy),
  };
}

/**
 * One occurrence as a document of its own: `encodeOccurrence(state, occurrenceOfState(state, "20260508T190000")!, { base })`. What
 * it has nothing of its own for is the series'.
 */
export function encodeOccurrence(state: EventState, occurrence: ShownOccurrence, options: EncodeOptions): JsonLdObject {
  const type = occurrenceType(state);
  const { location, virtualUrl, eventStatus } = occurrence;
  // What has moved online is no longer where the series is.
  const isMovedOnline = eventStatus === "EventMovedOnline" && virtualUrl !== undefined && location === undefined;
  return node({
    "@context": contextOf(options),
    "@id": occurrenceUri(options.base, state, occurrence.recurrenceId),
    "@type": type,
    name: occurrence.name ?? state.name,
    description: state.description,
    ...timesOf({ ...occurrence, eventStatus: eventStatus ?? statusOf(state) }),
    eventAttendanceMode: state.attendanceMode && SCHEMA_HTTPS + (isMovedOnline ? "OnlineEventAttendanceMode" : state.attendanceMode),
    location: locationOf(
      { location: isMovedOnline ? undefined : (location ?? state.location), virtualUrl: virtualUrl ?? state.virtualUrl },
      options,
    ),
    organizer: state.organizer && nestedAgent(state.organizer, options),
    performer: state.performer?.map((performer) => nestedAgent(performer, options)),
    offers: encodeOffers(occurrence.offers ?? state.offers),
    image: state.image,
    url: occurrence.url ?? state.url,
    inLanguage: state.inLanguage,
    keywords: state.keywords,
    isAccessibleForFree: state.isAccessibleForFree,
    license: state.license,
    superEvent: node({
      "@id": uriOf(options.base, "event", state),
      "@type": type === "Event" ? "EventSeries" : ["EventSeries", type],
      name: state.name,
    }),
    "sel:recurrenceId": occurrence.recurrenceId,
  });
}

/** The kind of event that each occurrence is. */
const occurrenceType = ({ type }: EventState): string => (type === "EventSeries" ? "Event" : type);

function endOfSeries({ startDate, allDay, timezone }: EventState, { recurrence }: SeriesState): string | undefined {
  if (recurrence.some(({ duration }) => duration === undefined)) return undefined;
  const end = endOf(recurrence);
  if (end === undefined) return undefined;
  const written = allDay ? localAt(end - 1, timezone).slice(0, 10) : atOffset(end, timezone);
  // A start that was moved behind all of it by hand has no end that anybody knows.
  return Date.parse(written) < Date.parse(startDate) ? undefined : written;
}

/** Exceptions, and the occurrences of the window, each once and in the order of their names. */
function encodeParts(state: EventState, series: SeriesState, options: EncodeOptions): JsonLdValue[] {
  const exceptions = exceptionsOf(state, series).map(({ override, shown }): [string, JsonLdObject] => [
    shown.recurrenceId,
    encodeException(state, override, shown, options),
  ]);
  const { window } = options;
  const plain =
    window === undefined
      ? []
      : occurrencesOfState(state, { ...window, until: window.from + TEN_YEARS }).occurrences.map((shown): [string, JsonLdObject] => [
          shown.recurrenceId,
          node({
            "@id": occurrenceUri(options.base, state, shown.recurrenceId),
            "@type": occurrenceType(state),
            name: state.name,
            ...timesOf({ startDate: shown.startDate, ...(shown.endDate !== undefined && { endDate: shown.endDate }) }),
          }),
        ]);
  const parts = new Map([...plain, ...exceptions]);
  return [...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

interface Exception {
  override: OverrideState;
  shown: ShownOccurrence;
}

/** The overrides in force, each with the occurrence that it is of; of a day that has left the rule there is none. */
export function exceptionsOf(state: EventState, { overrides = [] }: SeriesState): Exception[] {
  if (overrides.length === 0) return [];
  // One look for all of them: a series may have a thousand, and a rule with a COUNT is counted from its beginning at each look.
  const near = overrides.flatMap(({ recurrenceId, startDate }) => [
    Date.parse(localOf(recurrenceId).slice(0, 10)),
    ...(startDate === undefined ? [] : [Date.parse(startDate)]),
  ]);
  const [from, until] = near.reduce(([least, most], at) => [Math.min(least, at), Math.max(most, at)], [Infinity, -Infinity]);
  const { occurrences, more } = occurrencesOfState(state, { from: from - 3 * DAY, until: until + 4 * DAY, limit: MOST_AT_ONCE });
  const shownOn = Map.groupBy(
    occurrences.filter(({ overridden }) => overridden),
    ({ recurrenceId }) => recurrenceId.slice(0, 8),
  );
  return [...Map.groupBy(overrides, ({ recurrenceId }) => recurrenceId.slice(0, 8))].flatMap(([day, named]) => {
    const shown = new Map((shownOn.get(day) ?? []).map((one) => [one.recurrenceId, one]));
    const homeless = named.filter(({ recurrenceId }) => !shown.has(recurrenceId));
    const exact = named.flatMap((override): Exception[] => {
      const own = shown.get(override.recurrenceId);
      shown.delete(override.recurrenceId);
      return own === undefined ? [] : [{ override, shown: own }];
    });
    // Those that a former rule named are of the others of their day, in order (domain/recurrence/series.ts).
    const others = [...shown.values()].toSorted((a, b) => (a.recurrenceId < b.recurrenceId ? -1 : 1));
    const moved = homeless
      .toSorted((a, b) => (a.recurrenceId < b.recurrenceId ? -1 : 1))
      .flatMap((override, at): Exception[] => {
        const other = others[at] ?? (more ? occurrenceOfState(state, override.recurrenceId) : undefined);
        return other === undefined ? [] : [{ override, shown: other }];
      });
    return [...exact, ...moved];
  });
}

/** Only what is its own, and the name and start without which it would be no event. */
function encodeException(state: EventState, override: OverrideState, shown: ShownOccurrence, options: EncodeOptions): JsonLdObject {
  const { recurrenceId } = shown;
  return node({
    "@id": occurrenceUri(options.base, state, recurrenceId),
    "@type": occurrenceType(state),
    name: override.name ?? state.name,
    ...timesOf({
      startDate: shown.startDate,
      ...(override.endDate !== undefined && { endDate: override.endDate }),
      ...(override.doorTime !== undefined && { doorTime: override.doorTime }),
      ...(shown.previousStartDate !== undefined && { previousStartDate: shown.previousStartDate }),
      eventStatus: override.eventStatus,
    }),
    location: locationOf(override, options),
    offers: encodeOffers(override.offers),
    url: override.url,
    "sel:recurrenceId": recurrenceId,
  });
}
