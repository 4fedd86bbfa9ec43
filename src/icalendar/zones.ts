/** TZIDs: names of the IANA database, Windows names, and zones that a file defines itself (VTIMEZONE, RFC 5545, section 3.6.5). */
import { isZone } from "../domain/when.ts";
import { valueOf, type Component } from "./components.ts";
import type { ContentLine } from "./content-lines.ts";
import { readTime } from "../jsonld/time.ts";
import { readRule, type YearlyRule } from "./yearly-rule.ts";

/** The TZID of a property: "DTSTART;TZID=\"Europe/Berlin\":…" -> "Europe/Berlin". */
export function zoneParameterOf({ text }: ContentLine): string | undefined {
  const [, quoted, bare] = /;TZID=(?:"([^"]*)"|([^":;,]*))/i.exec(text) ?? [];
  return (quoted ?? bare)?.trim() || undefined;
}

/** The TZID that a VTIMEZONE defines; undefined for any other component. */
export function definedZoneOf(component: Component): string | undefined {
  return component.name === "VTIMEZONE" ? valueOf(component, "TZID")?.replace(/\\([\\,;])/g, "$1") : undefined;
}

/** The IANA name in a TZID, also where a vendor stands before it: "/mozilla.org/20050126_1/America/Toronto" -> "America/Toronto". */
export function zoneNameOf(tzid: string): string | undefined {
  const parts = tzid.split("/").filter((part) => part !== "");
  const candidates = tzid.startsWith("/") ? [3, 2].map((count) => parts.slice(-count).join("/")) : [tzid];
  return candidates.find(isZone);
}

/**
 * Seconds that a zone defined in the file is ahead of UTC at a local time ("2026-05-08T20:00:00"); undefined for a
 * definition that is not understood. A local time that the zone skips counts as before the change, one that it has
 * twice is the first (section 3.3.5).
 *
 * ical.js could tell, too, but it writes out every change since the zone's first year, which is 1601 in what Outlook
 * sends: 130 ms for an event, measured; and without end for a rule that means harm.
 */
export function offsetIn(zone: Component, local: string): number | undefined {
  const at = seconds(local);
  let last: { onset: number; from: number; to: number } | undefined;
  let first: { onset: number; from: number } | undefined;
  for (const observance of zone.parts) {
    if (observance.name !== "STANDARD" && observance.name !== "DAYLIGHT") continue;
    const read = readObservance(observance);
    if (read === undefined) return undefined;
    const { start, from, to, rule, dates } = read;
    if (first === undefined || start < first.onset) first = { onset: start, from };
    const onsets = [start, ...dates, rule?.lastUpTo(at) ?? start];
    for (const onset of onsets) {
      if (onset <= at && (last === undefined || onset > last.onset)) last = { onset, from, to };
    }
  }
  if (last === undefined) return first?.from;
  const skipped = last.to - last.from;
  return at < last.onset + skipped ? last.from : last.to;
}

interface Observance {
  /** Onsets are local times, by the offset before them, in seconds as if they were UTC. */
  start: number;
  dates: number[];
  rule: YearlyRule | undefined;
  from: number;
  to: number;
}

function readObservance(observance: Component): Observance | undefined {
  const from = readOffset(valueOf(observance, "TZOFFSETFROM"));
  const to = readOffset(valueOf(observance, "TZOFFSETTO"));
  const start = readOnset(valueOf(observance, "DTSTART"));
  if (from === undefined || to === undefined || start === undefined) return undefined;
  const written = valueOf(observance, "RRULE");
  const rule = written === undefined ? undefined : readRule(written, start, from);
  if (written !== undefined && rule === undefined) return undefined;
  const dates = observance.properties
    .filter(({ name }) => name === "RDATE")
    .flatMap(({ text }) => text.slice(text.indexOf(":") + 1).split(","))
    .flatMap((date) => readOnset(date) ?? []);
  return { start, dates, rule, from, to };
}

function readOnset(written: string | undefined): number | undefined {
  const time = readTime(written ?? "");
  return "value" in time ? seconds(time.value) : undefined;
}

/** "-0400" -> -14400; seconds are for zones of long ago. */
function readOffset(written: string | undefined): number | undefined {
  const [, sign, hours, minutes, rest = "0"] = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(written ?? "") ?? [];
  if (hours === undefined || Number(hours) > 18 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(rest));
}

const seconds = (local: string): number => Date.parse(`${local.length === 10 ? `${local}T00:00:00` : local.slice(0, 19)}Z`) / 1000;

/** "+05:30", or undefined where RFC 3339 cannot say it: for an offset that has seconds. */
export function offsetText(offset: number): string | undefined {
  if (offset % 60 !== 0) return undefined;
  const minutes = Math.abs(offset) / 60;
  const two = (number: number) => String(number).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
