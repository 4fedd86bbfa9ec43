/**
 * A zone of the IANA database -> its VTIMEZONE (RFC 5545 §3.6.5), for readers that do not know the zone by its name or
 * know an older edition of it.
 */
import { localAt, transitionsOf } from "../domain/recurrence/zone-times.ts";
import { compact, contentLine } from "./encode-lines.ts";

type Transition = ReturnType<typeof transitionsOf>[number];

const DAY_MS = 86_400_000;
const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
/** In so many years a weekday falls on all seven dates that a rule allows, so that what they have in common is the rule. */
const STEADY_YEARS = 28;
/** No clock of the tz database has changed before; looking through the centuries takes as long as all else. */
const FIRST_CHANGES = Date.UTC(1800, 0, 1);

/** A text depends on nothing but its key and the tz database of this process, and costs up to 100 ms: a memo, emptied when it gets large. */
const memo = new Map<string, string>();
const MOST_ZONES = 1_000;

/** The zone from the year of `since` on (milliseconds since 1970): what follows a yearly rule is written as that rule, every other change by its date. */
export function encodeZone(zone: string, since: number): string {
  const year = new Date(since).getUTCFullYear();
  const key = `${zone} ${year}`;
  let text = memo.get(key);
  if (text === undefined) {
    if (memo.size >= MOST_ZONES) memo.clear();
    text = vtimezone(zone, year);
    memo.set(key, text);
  }
  return text;
}

function vtimezone(zone: string, year: number): string {
  const since = Date.UTC(year, 0, 1);
  // Far enough for everything that is planned, and to tell a rule that is some years old from chance.
  const end = Math.max(2065, year + 2 * STEADY_YEARS);
  // The change before `since`, where it is not long ago, spares an observance for the time until the next one.
  const changes = transitionsOf(zone, Math.max(since - 400 * DAY_MS, FIRST_CHANGES), Date.UTC(end, 0, 1));
  const inForce = changes.findLastIndex(({ at }) => at <= since);
  const told = inForce < 0 ? changes : changes.slice(inForce);
  const hasSummer = told.some(({ offsetBefore, offsetAfter }) => offsetAfter < offsetBefore);
  const groups = Map.groupBy(told, ({ offsetBefore, offsetAfter }) => `${offsetBefore} ${offsetAfter}`);
  return [
    contentLine("BEGIN", "VTIMEZONE"),
    contentLine("TZID", zone),
    ...(inForce < 0 ? [stillness(zone, since)] : []),
    ...[...groups.values()].flatMap((group) => observances(group, end - 1, hasSummer)),
    contentLine("END", "VTIMEZONE"),
  ].join("");
}

/** The offset of a time before the first change that is told. */
function stillness(zone: string, since: number): string {
  const local = localAt(since, zone);
  const offset = (Date.parse(`${local}Z`) - since) / 1000;
  return observance("STANDARD", local, offset, offset);
}

/** Changes from one offset to the same other one, up to the year `last`: those without a rule, then those that follow one. */
function observances(group: readonly Transition[], last: number, hasSummer: boolean): string[] {
  const { offsetBefore: from, offsetAfter: to } = group[0]!;
  // More than this is no summer time, but a change of the date line.
  const name = hasSummer && to > from && to - from <= 3 * 3600 ? "DAYLIGHT" : "STANDARD";
  const onsets = group.map(({ at }) => new Date(at + from * 1000));
  const rule = onsets.at(-1)!.getUTCFullYear() === last ? steadyRule(onsets) : undefined;
  const locals = onsets.map((onset) => onset.toISOString().slice(0, 19));
  const dated = rule === undefined ? locals : locals.slice(0, rule.from);
  // Each in a line of its own, and the first, which is DTSTART, among them: ical.js reads no others.
  const dates = dated.length > 1 ? dated.map((local) => contentLine("RDATE", compact(local))) : [];
  return [
    ...(dated.length > 0 ? [observance(name, dated[0]!, from, to, ...dates)] : []),
    ...(rule === undefined ? [] : [observance(name, locals[rule.from]!, from, to, contentLine("RRULE", rule.rrule))]),
  ];
}

/** The rule that the newest of these changes follow, the longest there is, and with which of them it begins. */
function steadyRule(onsets: readonly Date[]): { rrule: string; from: number } | undefined {
  const newest = onsets.at(-1)!;
  const alike = onsets.findLastIndex((onset, index) => {
    const years = newest.getUTCFullYear() - onset.getUTCFullYear();
    return years !== onsets.length - 1 - index || !isLikeIn(onset, newest);
  });
  const days = DAY_RULES.map((rule) => ({
    rule,
    from:
      Math.max(
        alike,
        onsets.findLastIndex((onset) => !rule.holds(onset)),
      ) + 1,
  }));
  const longest = days.reduce((best, one) => (one.from < best.from ? one : best));
  if (onsets.length - longest.from < STEADY_YEARS) return undefined;
  const weekday = WEEKDAYS[newest.getUTCDay()]!;
  return { rrule: `FREQ=YEARLY;BYMONTH=${newest.getUTCMonth() + 1};${longest.rule.write(weekday)}`, from: longest.from };
}

/** In the same month, on the same weekday, at the same time. */
const isLikeIn = (one: Date, other: Date): boolean =>
  one.getUTCMonth() === other.getUTCMonth() &&
  one.getUTCDay() === other.getUTCDay() &&
  one.toISOString().slice(11) === other.toISOString().slice(11);

/** Which of a month's days of that weekday it may be; each leaves one a month. */
interface DayRule {
  holds: (onset: Date) => boolean;
  write: (weekday: string) => string;
}

const within =
  (first: number): DayRule["holds"] =>
  (onset) =>
    onset.getUTCDate() >= first && onset.getUTCDate() < first + 7;

/** Those that every reader understands come first. */
const DAY_RULES: readonly DayRule[] = [
  {
    holds: (onset) => new Date(onset.getTime() + 7 * DAY_MS).getUTCMonth() !== onset.getUTCMonth(),
    write: (weekday) => `BYDAY=-1${weekday}`,
  },
  ...[1, 2, 3, 4].map((nth): DayRule => ({ holds: within(7 * nth - 6), write: (weekday) => `BYDAY=${nth}${weekday}` })),
  ...Array.from({ length: 25 }, (_, index): DayRule => ({
    holds: within(index + 1),
    write: (weekday) => `BYMONTHDAY=${Array.from({ length: 7 }, (__, day) => index + 1 + day).join(",")};BYDAY=${weekday}`,
  })),
];

function observance(name: "STANDARD" | "DAYLIGHT", onset: string, from: number, to: number, ...more: readonly string[]): string {
  return [
    contentLine("BEGIN", name),
    contentLine("DTSTART", compact(onset)),
    contentLine("TZOFFSETFROM", offset(from)),
    contentLine("TZOFFSETTO", offset(to)),
    ...more,
    contentLine("END", name),
  ].join("");
}

/** UTC-OFFSET (§3.3.14) of seconds: -14400 -> "-0400"; with seconds where a zone of long ago has them. */
function offset(seconds: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(seconds);
  const rest = size % 60;
  return `${seconds < 0 ? "-" : "+"}${two(Math.floor(size / 3600))}${two(Math.floor(size / 60) % 60)}${rest === 0 ? "" : two(rest)}`;
}
