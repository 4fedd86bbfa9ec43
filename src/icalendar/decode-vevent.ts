/** A calendar of one event (RFC 5545, section 3.6.1; RFC 7986), with what its single occurrences have of their own -> what its source says of it. */
import {
  eventSubmission,
  type EventFields,
  type EventSubmission,
  type OccurrenceOverride,
  type RecurrenceSet,
} from "../domain/submission.ts";
import { zonesOf, type CalendarZones } from "./calendar-zones.ts";
import { propertyOf, readCalendars, valueOf, type Component } from "./components.ts";
import { readContentLines, refuse } from "./content-lines.ts";
import { readOverride, writtenRecurrenceId, type Master } from "./overrides.ts";
import { descriptionOf, imageOf, keywordsOf, nameOf, organizerOf, refusePrivate, statusOf, uidOf, urlOf } from "./read-properties.ts";
import { readPlaces } from "./read-places.ts";
import { isFurtherRule, revisionOf } from "./revision.ts";
import { firstTimes, readSeries, submittedSets, type Series } from "./series.ts";
import { continueSeries } from "./this-and-future.ts";
import { readMoment, readTimes } from "./times.ts";

/**
 * The event of a calendar as decodeCalendar makes it: one that happens once, a series with the overrides of its
 * occurrences, or one occurrence whose series is not there. Throws `invalid_body` naming the property.
 */
export function decodeVevent(payload: Buffer): EventSubmission {
  const calendars = readCalendars(readContentLines(payload));
  const events = calendars.flatMap((calendar) => calendar.parts.flatMap((event) => (event.name === "VEVENT" ? [{ event, calendar }] : [])));
  const masters = events.filter(({ event }) => writtenRecurrenceId(event) === undefined);
  const [main, ...others] = masters.length > 0 ? masters : events;
  if (main === undefined || !others.every(({ event }) => isFurtherRule(event, main.event)))
    throw refuse(
      "VEVENT",
      `expected one in the calendar, beside those with a RECURRENCE-ID, found ${main === undefined ? "none" : others.length + 1}`,
    );
  const zones = zonesOf(main.calendar);
  const { event, fields, series } = readMaster(main.event, main.calendar, zones);
  const overriding = events.flatMap((one) => (one === main || others.includes(one) ? [] : [one.event]));
  if (series === undefined && overriding.length > 0)
    throw refuse("RECURRENCE-ID", "expected an event with an RRULE or RDATE, of which this is an occurrence");
  const revision = revisionOf(event);
  return checked({
    identifiers: identifiersOf(event),
    ...occurrenceOf(event, zones),
    ...(revision !== undefined && { revision }),
    fields:
      series === undefined
        ? fields
        : recurring(
            { event, fields, series },
            others.map((one) => one.event),
            overriding,
            zones,
          ),
  });
}

/** The event by itself; `series` where it recurs. Throws `invalid_body` naming the property. */
export function readMaster(
  event: Component,
  calendar: Component,
  zones: CalendarZones,
): { event: Component; fields: EventFields; series: Series | undefined } {
  if (event.fault !== undefined) throw refuse("VEVENT", event.fault);
  refusePrivate(event);
  // Of an occurrence by itself its own time counts; a rule beside it would be the series'.
  const series = writtenRecurrenceId(event) === undefined ? readSeries(event, zones) : undefined;
  return { event, series, fields: readFields(event, calendar, readTimes(event, zones)) };
}

/** The master's fields with all its sets, those of further VEVENTs too, and with the overrides of them all. */
function recurring(master: Master, further: readonly Component[], overriding: readonly Component[], zones: CalendarZones): EventFields {
  const masters = [master, ...further.map((event) => ({ ...master, event, series: seriesOf(event, zones) }))];
  const read = masters.map((one) =>
    withOverrides(
      one,
      overriding.filter((event) => masters.length === 1 || uidOf(event) === uidOf(one.event)),
      zones,
    ),
  );
  const overrides = Object.assign({}, ...read.map((one) => one.overrides)) as Record<string, OccurrenceOverride>;
  return {
    ...master.fields,
    ...firstTimes(read.flatMap(({ sets }) => sets)),
    recurrence: read.flatMap(({ sets, series }) => submittedSets(sets, series)),
    ...(Object.keys(overrides).length > 0 && { overrides }),
  };
}

function seriesOf(event: Component, zones: CalendarZones): Series {
  if (event.fault !== undefined) throw refuse("VEVENT", event.fault);
  const series = readSeries(event, zones);
  if (series === undefined) throw refuse("RRULE", "expected a rule or an RDATE, found neither");
  return series;
}

function withOverrides(
  master: Master,
  overriding: readonly Component[],
  zones: CalendarZones,
): { sets: RecurrenceSet[]; series: Series; overrides: Record<string, OccurrenceOverride> } {
  const read = overriding.map((event) => {
    if (event.fault !== undefined) throw refuse("VEVENT", event.fault);
    return readOverride(event, master, zones);
  });
  read.sort((a, b) => (a.original < b.original ? -1 : a.original > b.original ? 1 : 0));
  const { sets, overrides: following } = continueSeries(
    master.series,
    read.filter((one) => one.isOfAllFollowing),
  );
  const single = read.flatMap(({ isOfAllFollowing, recurrenceId, override }): [string, OccurrenceOverride][] =>
    isOfAllFollowing || Object.keys(override).length === 0 ? [] : [[recurrenceId, override]],
  );
  const overrides: Record<string, OccurrenceOverride> = {};
  // What is said of one occurrence counts more than what is said of all from another one on.
  for (const [id, override] of [...following, ...single]) overrides[id] = { ...overrides[id], ...override };
  return { sets, series: master.series, overrides };
}

function readFields(event: Component, calendar: Component, times: Pick<EventFields, "startDate" | "endDate">): EventFields {
  const name = nameOf(event);
  if (name === "") throw refuse("SUMMARY", "expected the event's name, found nothing");
  const description = descriptionOf(event);
  const url = urlOf(event);
  const status = valueOf(calendar, "METHOD")?.toUpperCase() === "CANCEL" ? "EventCancelled" : statusOf(event);
  const organizer = organizerOf(event);
  const image = imageOf(event);
  const keywords = keywordsOf(event);
  return {
    type: "Event",
    name,
    ...(description !== "" && { description }),
    ...times,
    ...(status !== undefined && { eventStatus: status }),
    ...readPlaces(event, url),
    ...(organizer !== "" && { organizer: { kind: "organization" as const, name: organizer } }),
    ...(image !== undefined && { image }),
    ...(url !== undefined && { url }),
    ...(keywords.length > 0 && { keywords }),
  };
}

/** An occurrence whose series is not in the file has the series' UID, and says by its RECURRENCE-ID which one it is. */
function identifiersOf(event: Component): string[] {
  const uid = uidOf(event);
  if (uid === undefined) return [];
  const recurrence = writtenRecurrenceId(event);
  return [recurrence === undefined ? uid : `${uid}/${recurrence}`];
}

function occurrenceOf(event: Component, zones: CalendarZones): Pick<EventSubmission, "occurrenceOf"> {
  const identifier = uidOf(event);
  const line = propertyOf(event, "RECURRENCE-ID");
  return identifier === undefined || line === undefined
    ? {}
    : { occurrenceOf: { identifier, recurrenceId: readMoment(line, event, zones) } };
}

const PROPERTIES: Partial<Record<string, string>> = {
  name: "SUMMARY",
  description: "DESCRIPTION",
  startDate: "DTSTART",
  endDate: "DTEND",
  location: "LOCATION",
  virtualLocation: "URL",
  url: "URL",
  image: "IMAGE",
  organizer: "ORGANIZER",
  keywords: "CATEGORIES",
  recurrence: "RRULE",
  overrides: "RECURRENCE-ID",
};

function checked(submission: EventSubmission): EventSubmission {
  const result = eventSubmission.safeParse(submission);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const property = issue!.path[0] === "identifiers" ? "UID" : (PROPERTIES[String(issue!.path[1])] ?? "VEVENT");
  throw refuse(property, issue!.message);
}
