/** The clock by which a series of a calendar recurs: its zone, and what other times of the file read on it. */
import { instantAt, localAt } from "../domain/recurrence/zone-times.ts";
import { instantOf, isDate, isFloating, placeIn, zoneOf, zoneOfOffset } from "../domain/when.ts";
import { readTime } from "../jsonld/time.ts";
import type { CalendarZones } from "./calendar-zones.ts";
import type { Component } from "./components.ts";
import { rawValue, refuse, shown, type ContentLine } from "./content-lines.ts";
import { matchZone } from "./match-zone.ts";
import { momentIn, readMoment, unknownZone } from "./times.ts";
import { zoneParameterOf } from "./zone-names.ts";
import type { ZoneDefinition } from "./zones.ts";

export interface SeriesClock {
  /** DTSTART on this clock: "2026-05-08T19:00:00", or a date. */
  start: string;
  /** Its IANA zone; absent where nothing in the file says it, and where only the file knows it. */
  zone?: string;
  /** Both are absent where nothing in the file says the zone. Instants are milliseconds since 1970. */
  localAt?: (instant: number) => string;
  instantAt?: (local: string) => number;
  tzid?: string;
}

/** Years for which the changes of a zone are written out that only the file knows. */
export const OWN_ZONE_YEARS = 40;

/** The clock of a DTSTART. Throws `invalid_body` naming it where its TZID is not understood. */
export function clockOf(line: ContentLine, event: Component, zones: CalendarZones): SeriesClock {
  const moment = readMoment(line, event, zones);
  const time = readTime(rawValue(line));
  if ("fault" in time) throw refuse(line.name, time.fault);
  const local = time.value.slice(0, 19);
  if (isDate(moment)) return { start: moment, ...inZone(zones.ofCalendar) };
  if (time.value.endsWith("Z")) return { start: local, ...inZone("Etc/UTC") };
  if (!isFloating(time.value)) {
    const zone = zoneOf(time.value) ?? zones.ofCalendar ?? zoneOfOffset(time.value);
    return { start: withinCalendar(line, localAt(instantIn(time.value), zone)), ...inZone(zone) };
  }
  const tzid = zoneParameterOf(line);
  if (tzid === undefined) return { start: local, ...inZone(zones.ofCalendar) };
  const found = zones.find(tzid);
  if (found === undefined) throw unknownZone(line, tzid);
  const { name, definition, known } = found;
  if (name !== undefined || definition === undefined) return { start: local, tzid, ...inZone(name ?? known) };
  const hints = [known, zones.ofCalendar].filter((zone) => zone !== undefined);
  return { start: local, tzid, ...readingOf(definition, new Date(instantIn(moment)).getUTCFullYear(), hints) };
}

type Reading = Pick<SeriesClock, "zone" | "localAt" | "instantAt">;

function inZone(zone: string | undefined): Reading {
  if (zone === undefined) return {};
  return { zone, localAt: (instant) => localAt(instant, zone), instantAt: (local) => instantAt(local, zone) };
}

/** What a file says of a zone depends on the definition and the year alone, which a file of thousands of series asks again and again. */
const memo = new WeakMap<ZoneDefinition, Map<string, Reading>>();

function readingOf(definition: ZoneDefinition, year: number, hints: readonly string[]): Reading {
  const readings = memo.get(definition) ?? new Map<string, Reading>();
  memo.set(definition, readings);
  const key = `${year} ${hints.join(" ")}`;
  let reading = readings.get(key);
  if (reading === undefined) {
    const since = Date.UTC(year, 0, 1);
    const matched = matchZone(definition, since, hints);
    reading = matched === undefined ? byDefinition(definition, since) : inZone(matched);
    readings.set(key, reading);
  }
  return reading;
}

/** `since`: the beginning of the year of the series' start. */
function byDefinition(definition: ZoneDefinition, since: number): Reading {
  const year = 365.25 * 86_400_000;
  const { offset, changes } = definition.changesBy(since - year, since + (OWN_ZONE_YEARS + 1) * year);
  return {
    localAt: (instant) => {
      const ahead = changes.findLast(({ at }) => at <= instant)?.offsetAfter ?? offset;
      return new Date(instant + ahead * 1000).toISOString().slice(0, 19);
    },
    instantAt: (local) => Date.parse(`${local}Z`) - definition.offsetBy(local) * 1000,
  };
}

/**
 * An EXDATE, RDATE or RECURRENCE-ID on the clock of its series: a local time, or a date. `written` is one of the line's
 * values. Throws `invalid_body` naming the property.
 */
export function localOn(clock: SeriesClock, line: ContentLine, event: Component, zones: CalendarZones, written: string): string {
  const time = readTime(written);
  if ("fault" in time) throw refuse(line.name, time.fault);
  if (isDate(time.value)) return time.value;
  if (isDate(clock.start))
    return withinCalendar(
      line,
      isFloating(time.value) || clock.localAt === undefined ? time.value : clock.localAt(instantIn(time.value)),
    ).slice(0, 10);
  if (/;VALUE=DATE[;:]/i.test(line.text)) return time.value.slice(0, 10);
  const tzid = zoneParameterOf(line);
  if (isFloating(time.value)) {
    const isOfSeries = tzid === undefined ? clock.tzid !== undefined || clock.zone !== "Etc/UTC" : tzid === clock.tzid;
    if (isOfSeries || clock.localAt === undefined) return time.value.slice(0, 19);
  }
  if (clock.localAt === undefined || clock.instantAt === undefined)
    throw refuse(line.name, `expected local times, because nothing says in which zone DTSTART is, found ${shown(written)}`);
  const moment = readMoment(line, event, zones, written);
  if (isFloating(moment)) return moment.slice(0, 19);
  const instant = instantIn(moment);
  const local = withinCalendar(line, clock.localAt(instant));
  // A start that the zone skips is later than the rule has it: only its instant tells which one is meant.
  const usual = `${local.slice(0, 10)}${clock.start.slice(10)}`;
  return clock.instantAt(usual) === instant ? usual : local;
}

/** Its zone is known to this file and to nobody else. */
export const isOfFileAlone = (clock: SeriesClock): boolean => clock.zone === undefined && clock.localAt !== undefined;

/** A local time of the clock in the zone of the sets that were made of it. */
export function inSets(clock: SeriesClock, local: string): string {
  return isOfFileAlone(clock) && !isDate(local) ? utcLocal(clock, local) : local;
}

const utcLocal = (clock: SeriesClock, local: string): string => new Date(clock.instantAt!(local)).toISOString().slice(0, 19);

/** A local time as times of submissions are written: "2026-05-08T23:00:00Z[America/Toronto]", or as it is where nothing says its zone. */
export function momentOn(clock: SeriesClock, local: string): string {
  if (isDate(local) || clock.instantAt === undefined) return local;
  return momentIn(zoneOfSets(clock), clock.instantAt(local));
}

/** The zone of the sets that were made on this clock; undefined where nothing says it. */
export const zoneOfSets = (clock: SeriesClock): string | undefined => (isOfFileAlone(clock) ? "Etc/UTC" : clock.zone);

/** The reverse: such a time on the series' clock. */
export function localOfMoment(clock: SeriesClock, moment: string): string {
  if (isDate(moment) || clock.localAt === undefined) return moment.slice(0, 19);
  return clock.localAt(instantOf(moment));
}

/** On another clock the last hours of the year 9999 are of one that cannot be written. */
function withinCalendar(line: ContentLine, local: string): string {
  if (/^[1-9]\d{3}-\d\d-\d\d/.test(local)) return local;
  throw refuse(line.name, `expected times between the years 1000 and 9999, found ${shown(line.text)}`);
}

/** Also of a time that names its own zone in brackets. */
const instantIn = (time: string): number => instantOf(placeIn(time, "UTC"));
