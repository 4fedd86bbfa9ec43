/** Content lines -> the components of a calendar (RFC 5545, section 3.6): what stands between a BEGIN and its END. */
import { RegistryError } from "../domain/errors.ts";
import { componentName, rawValue, shown, type ContentLine } from "./content-lines.ts";

export interface Component {
  /** "VEVENT" */
  name: string;
  begin: ContentLine;
  /** Its own properties. */
  properties: ContentLine[];
  parts: Component[];
  /** All of it, from its BEGIN to its END; not kept for a whole calendar. */
  lines: ContentLine[];
  /** Why it cannot be read: "line 12: expected NAME:value, found …". */
  fault?: string;
}

/** These never stand in one another: where one begins, the one before has ended, even if it does not say so. */
const ENTRIES = new Set(["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"]);

/**
 * The calendars of a file, mostly one. A component without its END, or with a line that is none, bears a fault.
 * Throws `invalid_body` where no calendar begins, or where the last one does not end: the file was cut off.
 */
/** A calendar, an entry, a part of it, and some to spare. */
const MOST_DEPTH = 8;

export function readCalendars(lines: readonly ContentLine[]): Component[] {
  const calendars: Component[] = [];
  /** Those that have begun and not ended: a calendar, an entry of it, and parts of that. */
  const open: Component[] = [];
  const spoil = (fault: string) => {
    if (open[1] !== undefined) open[1].fault ??= fault;
  };
  const leaveUnended = (depth: number) => {
    for (const { begin } of open.slice(depth)) spoil(`line ${begin.line}: ${shown(begin.text)} has no END`);
    open.length = Math.min(open.length, depth);
  };

  for (const line of lines) {
    if (line.name === "BEGIN") {
      const name = componentName(line);
      if (name === "VCALENDAR") leaveUnended(0);
      else if (ENTRIES.has(name)) leaveUnended(1);
      if (open.length >= MOST_DEPTH) {
        spoil(`line ${line.line}: components stand too deep in one another`);
        continue;
      }
      const component: Component = { name, begin: line, properties: [], parts: [], lines: [] };
      if (name === "VCALENDAR") calendars.push(component);
      else if (open.length === 0) {
        if (calendars.length === 0) throw notACalendar(line);
        continue; // what stands between two calendars belongs to nobody
      } else open.at(-1)!.parts.push(component);
      open.push(component);
      open[1]?.lines.push(line);
      continue;
    }
    if (open.length === 0 && calendars.length === 0) throw notACalendar(line);
    if (line.name === "END") {
      const depth = open.findLastIndex(({ name }) => name === componentName(line));
      if (depth < 0) {
        spoil(`line ${line.line}: ${shown(line.text)} ends what has not begun`);
        continue;
      }
      leaveUnended(depth + 1);
      open[1]?.lines.push(line);
      open.length = depth;
    } else if (line.name === "") spoil(`line ${line.line}: expected NAME:value, found ${shown(line.text)}`);
    else {
      open.at(-1)?.properties.push(line);
      open[1]?.lines.push(line);
    }
  }
  if (calendars.length === 0) throw notACalendar(undefined);
  if (open.length > 0) {
    throw new RegistryError("invalid_body", {
      detail: `The calendar ends on line ${lines.at(-1)!.line} without END:VCALENDAR: it was cut off.`,
      pointer: "",
    });
  }
  return calendars;
}

/** The first property of that name. */
export function propertyOf(component: Component, name: string): ContentLine | undefined {
  return component.properties.find((line) => line.name === name);
}

/** Its value as it was written; undefined when it is absent or empty. */
export function valueOf(component: Component, name: string): string | undefined {
  const line = propertyOf(component, name);
  return (line && rawValue(line)) || undefined;
}

/** Whether a VEVENT happens more than once. */
export const recurs = (event: Component): boolean => propertyOf(event, "RRULE") !== undefined || propertyOf(event, "RDATE") !== undefined;

function notACalendar(line: ContentLine | undefined): RegistryError {
  const found = line === undefined ? "nothing" : `${shown(line.text)} on line ${line.line}`;
  return new RegistryError("invalid_body", { detail: `Not an iCalendar file: expected BEGIN:VCALENDAR, found ${found}.`, pointer: "" });
}
