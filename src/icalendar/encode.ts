/**
 * Events -> iCalendar (RFC 5545, RFC 7986): whole calendars, or one piece after the other where there are many. What is
 * written here is read back by decode.ts to the same occurrences.
 */
import type { EventState } from "../domain/state.ts";
import { contentLine, oneLine, text, utc } from "./encode-lines.ts";
import { encodeVevents } from "./encode-vevent.ts";
import { encodeZone } from "./encode-zone.ts";

export interface CalendarHead {
  title: string;
  /** The page where people see the same events. */
  homeUrl: string;
  /** Where this very calendar is found. */
  selfUrl: string;
  /** The newest change of what it shows. */
  updatedAt: Date;
  /** How often a reader should look again. */
  refreshMinutes: number;
}

export interface CalendarOptions {
  /** This node's public base URL, without a slash at its end. */
  base: string;
  /** Milliseconds since 1970: times before are written in UTC, and zones are told from here on. */
  since: number;
  /** A place's id: a series that is at home elsewhere tells only of its occurrences there. */
  venue?: string | undefined;
}

/** In a calendar of no events: RFC 5545 §3.6 wants one component at least. */
const NOTHING_BUT_UTC =
  "BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/** All before the first component. */
export function calendarHead({ title, homeUrl, selfUrl, updatedAt, refreshMinutes }: CalendarHead): string {
  const name = text(oneLine(title));
  return [
    contentLine("BEGIN", "VCALENDAR"),
    contentLine("VERSION", "2.0"),
    contentLine("PRODID", "-//Calends//Calends//EN"),
    contentLine("CALSCALE", "GREGORIAN"),
    contentLine("NAME", name),
    contentLine("X-WR-CALNAME", name),
    contentLine("LAST-MODIFIED", utc(updatedAt.getTime())),
    contentLine("URL", homeUrl),
    contentLine("SOURCE;VALUE=URI", selfUrl),
    contentLine("REFRESH-INTERVAL;VALUE=DURATION", `PT${refreshMinutes}M`),
    contentLine("X-PUBLISHED-TTL", `PT${refreshMinutes}M`),
  ].join("");
}

/**
 * What writes the components of one calendar: `write(event)` -> its VEVENTs, after the VTIMEZONEs that it is the first to
 * need; `end()` -> all that follows the last event.
 */
export function createCalendarBody({ base, since, venue }: CalendarOptions): { write: (event: EventState) => string; end: () => string } {
  const known = new Set<string>();
  let needed: string[] = [];
  let isEmpty = true;
  const use = (zone: string) => {
    if (known.has(zone)) return;
    known.add(zone);
    needed.push(encodeZone(zone, since));
  };
  const out = { base, zones: { since, use }, venue };
  return {
    write(event) {
      const vevents = encodeVevents(event, out).join("");
      isEmpty &&= vevents === "";
      if (needed.length === 0) return vevents;
      const zones = needed.join("");
      needed = [];
      return zones + vevents;
    },
    end: () => (isEmpty ? NOTHING_BUT_UTC : "") + contentLine("END", "VCALENDAR"),
  };
}

/** A whole calendar; the same bytes for the same events. */
export function encodeCalendar(events: readonly EventState[], { base, ...head }: CalendarHead & { base: string }): string {
  const body = createCalendarBody({ base, since: earliestOf(events) });
  return [calendarHead(head), ...events.map((event) => body.write(event)), body.end()].join("");
}

/** A little before all that these events tell of; 0 for none. */
function earliestOf(events: readonly EventState[]): number {
  const starts = events.flatMap(({ startDate, occurrences = [], series }) => [
    startDate,
    ...occurrences.map((occurrence) => occurrence.startDate),
    ...(series === undefined ? [] : series.recurrence.flatMap(({ dtstart, rdate = [] }) => [dtstart, ...rdate])),
    ...(series?.overrides ?? []).flatMap((override) => override.startDate ?? []),
  ]);
  // To the day, whatever the offset: one for the zone's distance from UTC, one to spare.
  const days = starts.map((start) => Date.parse(`${start.slice(0, 10)}T00:00:00Z`)).filter((day) => !Number.isNaN(day));
  return days.length === 0 ? 0 : days.reduce((least, day) => Math.min(least, day), Infinity) - 2 * 86_400_000;
}
