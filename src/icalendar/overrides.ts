/** A VEVENT with a RECURRENCE-ID (RFC 5545, section 3.8.4.4) -> what one occurrence of a series has of its own. */
import type { EventFields, OccurrenceOverride } from "../domain/submission.ts";
import { instantOf, isDate, isFloating } from "../domain/when.ts";
import type { CalendarZones } from "./calendar-zones.ts";
import { propertyOf, valueOf, type Component } from "./components.ts";
import { rawValue, refuse } from "./content-lines.ts";
import { DAY_MS, readDuration } from "./durations.ts";
import type { Series } from "./series.ts";
import { inSets, localOfMoment, localOn, momentOn, zoneOfSets, type SeriesClock } from "./series-clock.ts";
import { readPlaces } from "./read-places.ts";
import { nameOf, refusePrivate, statusOf, urlOf } from "./read-properties.ts";
import { momentIn, readTimes } from "./times.ts";

/** A series as the VEVENT without RECURRENCE-ID has it. */
export interface Master {
  event: Component;
  fields: EventFields;
  series: Series;
}

export interface ReadOverride {
  /** The occurrence's original start on the series' clock: "2026-05-08T19:00:00", or a date. */
  original: string;
  /** The same in the zone of the recurrence sets: "20260508T190000". */
  recurrenceId: string;
  /** It speaks for all occurrences from this one on (RANGE=THISANDFUTURE, section 3.2.13). */
  isOfAllFollowing: boolean;
  override: OccurrenceOverride;
}

/** RECURRENCE-ID as it stands in the id of an occurrence whose series is not in the file: "20260508T200000Z". */
export function writtenRecurrenceId(event: Component): string | undefined {
  return valueOf(event, "RECURRENCE-ID")?.replace(/[-:]/g, "");
}

/**
 * What differs from the series, without the description: an empty override where nothing does. Throws `invalid_body`
 * naming the property.
 */
export function readOverride(event: Component, master: Master, zones: CalendarZones): ReadOverride {
  refusePrivate(event);
  const { clock } = master.series;
  const line = propertyOf(event, "RECURRENCE-ID")!;
  const written = localOn(clock, line, event, zones, rawValue(line));
  // A day names the occurrence of that day.
  const original = isDate(written) ? `${written}${clock.start.slice(10)}` : written;
  const status = statusOf(event);
  const override: OccurrenceOverride = {
    ...nameOfItsOwn(event, master.fields),
    ...timesOfItsOwn(event, original, master, zones),
    ...(status !== undefined && status !== (master.fields.eventStatus ?? "EventScheduled") && { eventStatus: status }),
    ...placesOfItsOwn(event, master),
    ...urlOfItsOwn(event, master.fields),
  };
  const isOfAllFollowing = /;RANGE="?THISANDFUTURE"?[;:]/i.test(line.text);
  return { original, recurrenceId: inSets(clock, original).replaceAll(/[-:]/g, ""), isOfAllFollowing, override };
}

function nameOfItsOwn(event: Component, { name: usual }: EventFields): Pick<OccurrenceOverride, "name"> {
  const name = nameOf(event);
  return name === "" || name === usual ? {} : { name };
}

function urlOfItsOwn(event: Component, { url: usual }: EventFields): Pick<OccurrenceOverride, "url"> {
  const url = urlOf(event);
  return url === undefined || url === usual ? {} : { url };
}

/** What an occurrence says of none of these is the series'. */
function placesOfItsOwn(event: Component, master: Master): Pick<OccurrenceOverride, "location" | "virtualLocation"> {
  const own = ["LOCATION", "GEO", "CONFERENCE"].filter((name) => valueOf(event, name) !== undefined);
  if (own.every((name) => valueOf(event, name) === valueOf(master.event, name))) return {};
  const { location, virtualLocation } = readPlaces(event, urlOf(event) ?? master.fields.url);
  return {
    ...(location !== undefined && JSON.stringify(location) !== JSON.stringify(master.fields.location) && { location }),
    ...(virtualLocation !== undefined && virtualLocation.url !== master.fields.virtualLocation?.url && { virtualLocation }),
  };
}

/** One that was moved and does not say how long it takes now keeps the length of the series. */
function timesOfItsOwn(
  event: Component,
  original: string,
  { series }: Master,
  zones: CalendarZones,
): Pick<OccurrenceOverride, "startDate" | "endDate"> {
  const { clock } = series;
  if (propertyOf(event, "DTSTART") === undefined) return {};
  const own = readTimes(event, zones);
  const startDate = onClock(clock, own.startDate);
  const endDate = own.endDate === undefined ? undefined : onClock(clock, own.endDate);
  const isMoved = startDate !== momentOn(clock, original);
  const usualEnd = endAfter(clock, startDate, durationOf(series, inSets(clock, original)));
  return { ...(isMoved && { startDate }), ...(endDate !== undefined && endDate !== usualEnd && { endDate }) };
}

/** How long that occurrence lasts, if nothing else is said: as its PERIOD says, else as the others. */
function durationOf({ sets }: Series, original: string): string | undefined {
  const period = sets.flatMap(({ rdate = [] }) => rdate).find((date) => date.startsWith(`${original}/`));
  return period?.slice(original.length + 1) ?? sets[0]!.duration;
}

/** The same time in the zone of the series. */
function onClock(clock: SeriesClock, time: string): string {
  if (isDate(time) || clock.instantAt === undefined) return time;
  return isFloating(time) ? momentOn(clock, time.slice(0, 19)) : momentIn(zoneOfSets(clock), instantOf(time));
}

/** The end, or the last day, of an occurrence that begins then and takes as long as the others; undefined where they have none. */
function endAfter(clock: SeriesClock, start: string, duration: string | undefined): string | undefined {
  const { days, milliseconds } = duration === undefined ? { days: 0, milliseconds: 0 } : readDuration(duration);
  if (isDate(start)) return addTo(start, (Math.max(days, 1) - 1) * DAY_MS);
  if (duration === undefined) return start;
  const moved = momentOn(clock, addTo(localOfMoment(clock, start), days * DAY_MS));
  if (isFloating(moved)) return addTo(moved, milliseconds);
  return momentIn(zoneOfSets(clock), instantOf(moved) + milliseconds);
}

function addTo(local: string, milliseconds: number): string {
  const at = new Date(Date.parse(`${local.length === 10 ? `${local}T00:00:00` : local}Z`) + milliseconds);
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() > 9999) throw refuse("DTSTART", "expected a time before the year 10000");
  return at.toISOString().slice(0, local.length);
}
