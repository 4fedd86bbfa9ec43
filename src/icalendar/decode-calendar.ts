/**
 * A calendar file -> its events, each as a small calendar of its own: the VEVENT, the method and the zone of the whole,
 * and the definitions of those zones that it names and nobody else knows. A broken event spoils no other.
 */
import { RegistryError, type Problem } from "../domain/errors.ts";
import { isZone } from "../domain/when.ts";
import { plainLine } from "../jsonld/text.ts";
import { readCalendars, valueOf, type Component } from "./components.ts";
import { readContentLines, refuse, type ContentLine } from "./content-lines.ts";
import { definedZoneOf, zoneNameOf, zoneParameterOf } from "./zones.ts";

/** An event to be staged as text/calendar, or why there is none; `pointer` is for people: "VEVENT 3 (UID 7@city.example)". */
export type CalendarItem = { payload: Buffer; pointer: string } | { problem: Problem; pointer: string; excerpt: string };

export interface DecodedCalendar {
  events: CalendarItem[];
  /** What the calendar calls itself (NAME, RFC 7986; else X-WR-CALNAME). */
  name?: string;
  /** Its IANA zone (X-WR-TIMEZONE). */
  timezone?: string;
}

const ITEM_BYTES = 1024 * 1024;
/** A zone's whole history since 1883 has about 15 kB. */
const ZONE_BYTES = 32 * 1024;
/** Of all payloads together: each carries its zones along. */
const ALL_BYTES = 256 * 1024 * 1024;
const CARRIED = new Set(["METHOD", "X-WR-TIMEZONE"]);

/**
 * The events of a file of one or several calendars, in their order. `charset` is what the server said of it. Files
 * that are written into an event (ENCODING=BASE64) are left out of its payload.
 * Throws `invalid_body` for what is no calendar or ends before its END:VCALENDAR, and `too_complex` beyond 256 MiB.
 */
export function decodeCalendar(bytes: Buffer, charset?: string): DecodedCalendar {
  const calendars = readCalendars(readContentLines(bytes, charset));
  const events: CalendarItem[] = [];
  let size = 0;
  for (const calendar of calendars) {
    const zones = zonesOf(calendar);
    for (const event of calendar.parts) {
      if (event.name !== "VEVENT") continue;
      const item = itemOf(event, calendar, zones, events.length + 1);
      if ("payload" in item) size += item.payload.length;
      if (size > ALL_BYTES) {
        throw new RegistryError("too_complex", {
          detail: `The calendar: expected at most ${ALL_BYTES >> 20} MiB of events, each with its zones.`,
          pointer: "",
        });
      }
      events.push(item);
    }
  }
  const [first] = calendars;
  const name = plainLine(valueOf(first!, "NAME") ?? valueOf(first!, "X-WR-CALNAME") ?? "");
  const timezone = valueOf(first!, "X-WR-TIMEZONE");
  return { events, ...(name !== "" && { name }), ...(timezone !== undefined && isZone(timezone) && { timezone }) };
}

function itemOf(event: Component, calendar: Component, zones: ReadonlyMap<string, readonly ContentLine[]>, position: number): CalendarItem {
  const uid = valueOf(event, "UID");
  const pointer = `VEVENT ${position}${uid === undefined ? "" : ` (UID ${plainLine(uid).slice(0, 200)})`}`;
  const lines = event.lines.filter(({ text }) => !/^[^:]*;ENCODING=BASE64[;:]/i.test(text));
  const named = new Set(event.properties.flatMap((line) => zoneParameterOf(line) ?? []));
  const payload = Buffer.from(
    [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      ...calendar.properties.filter(({ name }) => CARRIED.has(name)).map(({ text }) => text),
      ...lines.map(({ text }) => text),
      ...[...named].flatMap((tzid) => zones.get(tzid) ?? []).map(({ text }) => text),
      "END:VCALENDAR",
      "",
    ].join("\r\n"),
  );
  const fault = event.fault ?? (payload.length > ITEM_BYTES ? `it has ${payload.length} bytes; at most ${ITEM_BYTES} are read` : undefined);
  if (fault === undefined) return { payload, pointer };
  const excerpt = event.lines.map(({ text }) => text.slice(0, 300)).slice(0, 20);
  return { problem: refuse("VEVENT", fault).problem, pointer, excerpt: excerpt.join("\n").slice(0, 300) };
}

/** By TZID; without those that every node knows by their names, and those too large to be carried along by each event. */
function zonesOf(calendar: Component): Map<string, readonly ContentLine[]> {
  return new Map(
    calendar.parts.flatMap((zone) => {
      const tzid = zone.fault === undefined ? definedZoneOf(zone) : undefined;
      const size = zone.lines.reduce((sum, { text }) => sum + text.length, 0);
      if (tzid === undefined || size > ZONE_BYTES || zoneNameOf(tzid) !== undefined) return [];
      return [[tzid, zone.lines] as const];
    }),
  );
}
