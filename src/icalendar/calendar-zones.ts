/** The zones that the TZIDs of one calendar name, each looked up once. */
import { isZone } from "../domain/when.ts";
import { valueOf, type Component } from "./components.ts";
import { zoneOfWindows } from "./windows-zones.ts";
import { definedZoneOf, zoneNameOf } from "./zone-names.ts";
import { readDefinition, type ZoneDefinition } from "./zones.ts";

/** At least one of them is there. */
export interface ZoneOfFile {
  /** The TZID is, or ends with, a name of the IANA database. */
  name?: string;
  /** What the file says of a zone that has no such name. */
  definition?: ZoneDefinition;
  /** What such a zone is called elsewhere: by its X-LIC-LOCATION, or because Windows knows it. */
  known?: string;
}

export interface CalendarZones {
  /** X-WR-TIMEZONE, where it is a zone that somebody chose. */
  ofCalendar?: string;
  /** Undefined for a TZID that says nothing. */
  find(tzid: string): ZoneOfFile | undefined;
}

export function zonesOf(calendar: Component): CalendarZones {
  const found = new Map<string, ZoneOfFile | undefined>();
  const ofCalendar = calendarZone(calendar);
  return {
    ...(ofCalendar !== undefined && { ofCalendar }),
    find(tzid) {
      if (!found.has(tzid)) found.set(tzid, findZone(calendar, tzid));
      return found.get(tzid);
    },
  };
}

function findZone(calendar: Component, tzid: string): ZoneOfFile | undefined {
  const name = zoneNameOf(tzid);
  if (name !== undefined) return { name };
  const defined = calendar.parts.find((part) => definedZoneOf(part) === tzid);
  const definition = defined && defined.fault === undefined ? readDefinition(defined) : undefined;
  const location = defined && valueOf(defined, "X-LIC-LOCATION");
  const known = location !== undefined && isZone(location) ? location : zoneOfWindows(tzid);
  if (definition === undefined && known === undefined) return undefined;
  return { ...(definition !== undefined && { definition }), ...(known !== undefined && { known }) };
}

/** "UTC" is what calendars say that were never told their zone. */
function calendarZone(calendar: Component): string | undefined {
  const zone = valueOf(calendar, "X-WR-TIMEZONE");
  return zone !== undefined && !/^(Etc\/)?(UTC|GMT|UCT|Zulu)$/i.test(zone) && isZone(zone) ? zone : undefined;
}
