/**
 * A calendar file -> its events, each as a small calendar of its own: the VEVENT with those that stand for single
 * occurrences of it, the method and the zone of the whole, and the definitions of those zones that it names and nobody
 * else knows. A broken event spoils no other.
 */
import { setImmediate } from "node:timers/promises";
import { RegistryError, type Problem } from "../domain/errors.ts";
import { isZone } from "../domain/when.ts";
import { plainLine } from "../jsonld/text.ts";
import { readCalendars, valueOf, type Component } from "./components.ts";
import { readContentLines, refuse, type ContentLine } from "./content-lines.ts";
import { groupEntries, type Entry, type Group } from "./group-entries.ts";
import { definedZoneOf, zoneNameOf, zoneParameterOf } from "./zone-names.ts";

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
const ANSWERS = new Set(["REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER", "ADD"]);
const CARRIED = new Set(["METHOD", "X-WR-TIMEZONE"]);

/**
 * The events of a file of one or several calendars, in their order. `charset` is what the server said of it. Files
 * that are written into an event (ENCODING=BASE64) are left out of its payload.
 * Throws `invalid_body` for what is no calendar or ends before its END:VCALENDAR, and `too_complex` beyond 256 MiB.
 */
export function decodeCalendar(bytes: Buffer, charset?: string): DecodedCalendar {
  const steps = decoding(bytes, charset);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As decodeCalendar, for a process that has others to serve meanwhile: they have their turn every now and then. */
export async function decodeCalendarInSteps(bytes: Buffer, charset?: string): Promise<DecodedCalendar> {
  const steps = decoding(bytes, charset);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

function* decoding(bytes: Buffer, charset: string | undefined): Generator<void, DecodedCalendar> {
  const calendars = readCalendars(readContentLines(bytes, charset));
  for (const calendar of calendars) refuseMethod(calendar);
  const entries = calendars
    .flatMap((calendar) => calendar.parts.flatMap((event) => (event.name === "VEVENT" ? [{ event, calendar }] : [])))
    .map((entry, index): Entry => ({ ...entry, position: index + 1 }));
  const zones = new Map(calendars.map((calendar) => [calendar, carriedZones(calendar)]));
  const events: CalendarItem[] = [];
  let size = 0;
  for (const group of yield* groupEntries(entries)) {
    const item = "problem" in group ? refused(group.entry, group.problem) : itemOf(group, zones);
    if ("payload" in item) size += item.payload.length;
    if (size > ALL_BYTES) {
      throw new RegistryError("too_complex", {
        detail: `The calendar: expected at most ${ALL_BYTES >> 20} MiB of events, each with its zones.`,
        pointer: "",
      });
    }
    events.push(item);
  }
  const [first] = calendars;
  const name = plainLine(valueOf(first!, "NAME") ?? valueOf(first!, "X-WR-CALNAME") ?? "");
  const timezone = valueOf(first!, "X-WR-TIMEZONE");
  return { events, ...(name !== "" && { name }), ...(timezone !== undefined && isZone(timezone) && { timezone }) };
}

/** What asks, answers or adds says nothing of an event as such (RFC 5546, section 1.4). */
function refuseMethod(calendar: Component): void {
  const method = valueOf(calendar, "METHOD")?.toUpperCase();
  if (method === undefined || !ANSWERS.has(method)) return;
  throw new RegistryError("invalid_body", {
    detail: `METHOD: expected PUBLISH, REQUEST or CANCEL, found ${method}: such a file is an answer to an organizer and says of no event what it is.`,
    pointer: "/METHOD",
  });
}

function itemOf({ entry, with: others }: Group, zones: ReadonlyMap<Component, CarriedZones>): CalendarItem {
  const all = [entry, ...others];
  const lines = all.flatMap(({ event }) => event.lines).filter(({ text }) => !/^[^:]*;ENCODING=BASE64[;:]/i.test(text));
  const named = new Map(
    all.flatMap(({ event, calendar }) =>
      event.properties.flatMap((line) => {
        const tzid = zoneParameterOf(line);
        const definition = tzid === undefined ? undefined : zones.get(calendar)!.get(tzid);
        return tzid === undefined || definition === undefined ? [] : [[tzid, definition] as const];
      }),
    ),
  );
  const payload = Buffer.from(
    [
      "BEGIN:VCALENDAR",
      "VERSION:2.0",
      ...entry.calendar.properties.filter(({ name }) => CARRIED.has(name)).map(({ text }) => text),
      ...lines.map(({ text }) => text),
      ...[...named.values()].flat().map(({ text }) => text),
      "END:VCALENDAR",
      "",
    ].join("\r\n"),
  );
  const { fault } = entry.event;
  if (fault !== undefined) return refused(entry, refuse("VEVENT", fault).problem);
  if (payload.length > ITEM_BYTES)
    return refused(entry, refuse("VEVENT", `it has ${payload.length} bytes; at most ${ITEM_BYTES} are read`).problem);
  return { payload, pointer: pointerOf(entry) };
}

function refused(entry: Entry, problem: Problem): CalendarItem {
  const excerpt = entry.event.lines.map(({ text }) => text.slice(0, 300)).slice(0, 20);
  return { problem, pointer: pointerOf(entry), excerpt: excerpt.join("\n").slice(0, 300) };
}

function pointerOf({ event, position }: Entry): string {
  const names = ["UID", "RECURRENCE-ID"].flatMap((name) => {
    const value = valueOf(event, name);
    return value === undefined ? [] : `${name} ${plainLine(value).slice(0, 200)}`;
  });
  return `VEVENT ${position}${names.length === 0 ? "" : ` (${names.join(", ")})`}`;
}

type CarriedZones = ReadonlyMap<string, readonly ContentLine[]>;

/** By TZID; without those that every node knows by their names, and those too large to be carried along by each event. */
function carriedZones(calendar: Component): CarriedZones {
  return new Map(
    calendar.parts.flatMap((zone) => {
      const tzid = zone.fault === undefined ? definedZoneOf(zone) : undefined;
      const size = zone.lines.reduce((sum, { text }) => sum + text.length, 0);
      if (tzid === undefined || size > ZONE_BYTES || zoneNameOf(tzid) !== undefined) return [];
      return [[tzid, zone.lines] as const];
    }),
  );
}
