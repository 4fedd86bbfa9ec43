/** Zones that a file defines itself (VTIMEZONE, RFC 5545, section 3.6.5): how far ahead of UTC they are, and when that changes. */
import { valueOf, type Component } from "./components.ts";
import { readTime } from "../jsonld/time.ts";
import { readRule, type YearlyRule } from "./yearly-rule.ts";

/** When an observance of a zone begins. Onsets are local times, by the offset before them, in seconds as if they were UTC. */
interface Observance {
  start: number;
  dates: number[];
  rule: YearlyRule | undefined;
  from: number;
  to: number;
}
export interface ZoneDefinition {
  /**
   * Seconds that the zone is ahead of UTC at a local time ("2026-05-08T20:00:00"). A local time that the zone skips
   * counts as before the change, one that it has twice is the first (section 3.3.5).
   */
  offsetBy(local: string): number;
  /** Its offset at the beginning of a span of time (milliseconds since 1970), and each change within it. */
  changesBy(from: number, until: number): { offset: number; changes: ZoneChange[] };
}

/** What a history of all changes since 1883 has, with some to spare; rules that go on for ever are two in most files. */
const MOST_OBSERVANCES = 400;
const MOST_RULES = 40;
/** Looking every rule up is quicker than writing all changes out, until it is done often. */
const MOST_LOOKUPS = 20;
const WRITTEN_OUT = { from: Date.UTC(1970), until: Date.UTC(2100) };

/** Undefined for what is not understood, or says nothing. */
export function readDefinition(zone: Component): ZoneDefinition | undefined {
  const parts = zone.parts.filter(({ name }) => name === "STANDARD" || name === "DAYLIGHT");
  if (parts.length === 0 || parts.length > MOST_OBSERVANCES) return undefined;
  const read = parts.map(readObservance);
  if (read.includes(undefined)) return undefined;
  const observances = read as Observance[];
  if (observances.filter(({ rule }) => rule !== undefined).length > MOST_RULES) return undefined;
  let lookups = 0;
  let kept: ReturnType<typeof changesIn> | undefined;
  const writtenOut = () => (kept ??= changesIn(observances, WRITTEN_OUT.from, WRITTEN_OUT.until));
  return {
    offsetBy(local) {
      const at = seconds(local);
      if (++lookups <= MOST_LOOKUPS || at * 1000 < WRITTEN_OUT.from + DAY_MS || at * 1000 > WRITTEN_OUT.until - DAY_MS)
        return offsetAmong(observances, at);
      const { offset, changes } = writtenOut();
      const change = changes[lastIndex(changes, (one) => one.at / 1000 + one.offsetBefore <= at)];
      if (change === undefined) return offset;
      return at < change.at / 1000 + change.offsetAfter ? change.offsetBefore : change.offsetAfter;
    },
    changesBy(from, until) {
      if (from < WRITTEN_OUT.from || until > WRITTEN_OUT.until) return changesIn(observances, from, until);
      const { offset, changes } = writtenOut();
      const before = changes.findLast(({ at }) => at < from);
      return { offset: before?.offsetAfter ?? offset, changes: changes.filter(({ at }) => at >= from && at < until) };
    },
  };
}

/** offsetBy of a VTIMEZONE; undefined for a definition that is not understood. */
export const offsetIn = (zone: Component, local: string): number | undefined => readDefinition(zone)?.offsetBy(local);

/**
 * ical.js could tell, too, but it writes out every change since the zone's first year, which is 1601 in what Outlook
 * sends: 130 ms for an event, measured; and without end for a rule that means harm.
 */
function offsetAmong(observances: readonly Observance[], at: number): number {
  let last: { onset: number; from: number; to: number } | undefined;
  for (const { start, dates, rule, from, to } of observances) {
    for (const onset of [start, ...dates, rule?.lastUpTo(at) ?? start]) {
      if (onset <= at && (last === undefined || onset > last.onset)) last = { onset, from, to };
    }
  }
  if (last === undefined) return earliest(observances).from;
  return at < last.onset + (last.to - last.from) ? last.from : last.to;
}

/** Of a list in which all that hold come first: the last that does, or -1. */
function lastIndex<T>(list: readonly T[], holds: (one: T) => boolean): number {
  let [low, high] = [-1, list.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(list[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Offsets in seconds; `at` in milliseconds since 1970. */
export interface ZoneChange {
  at: number;
  offsetBefore: number;
  offsetAfter: number;
}

/** A rule of a zone has one onset a year; nobody defines more of them by hand. */
const MOST_ONSETS = 500;

function changesIn(observances: readonly Observance[], from: number, until: number): { offset: number; changes: ZoneChange[] } {
  // 1. Every onset in the span, and of each observance the one before it.
  const onsets = observances.flatMap((observance) =>
    onsetsOf(observance, from / 1000, until / 1000).map((onset) => ({ onset, ...observance })),
  );
  onsets.sort((a, b) => a.onset - b.onset);
  // 2. In their order, those that change something.
  let offset = earliest(observances).from;
  const changes: ZoneChange[] = [];
  for (const { onset, from: offsetBefore, to: offsetAfter } of onsets) {
    const at = (onset - offsetBefore) * 1000;
    if (at >= until) break;
    if (at >= from && offset !== offsetAfter) changes.push({ at, offsetBefore: offset, offsetAfter });
    offset = offsetAfter;
  }
  return { offset: changes[0]?.offsetBefore ?? offset, changes };
}

/** `since` and `until` in seconds; the newest first. A day to spare on either side: onsets are local times. */
function onsetsOf({ start, dates, rule }: Observance, since: number, until: number): number[] {
  const onsets = [start, ...dates];
  let at = rule?.lastUpTo(until + DAY);
  for (let count = 0; at !== undefined && count < MOST_ONSETS; count++) {
    onsets.push(at);
    if (at < since - DAY) break;
    at = rule!.lastUpTo(at - 1);
  }
  return [...new Set(onsets)];
}

const DAY = 86_400;
const DAY_MS = DAY * 1000;
const earliest = (observances: readonly Observance[]): Observance =>
  observances.reduce((first, one) => (one.start < first.start ? one : first));

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
