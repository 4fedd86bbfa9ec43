/** One question of the differential test: a recurrence set and a window, put to this node's code and to other people's. */
import type { RecurrenceSet } from "../../src/domain/submission.ts";

/** `set.dtstart` need not be an instance of the rule. */
export interface RuleCase {
  set: RecurrenceSet & { timezone: string; rrule: string };
  /** Milliseconds since 1970: instances from `from` on, until before `until`, at most `limit`. */
  from: number;
  until: number;
  limit: number;
}

/** The parts of a rule by name, in the order given. */
export const partsOf = (rrule: string): Map<string, string> =>
  new Map(rrule.split(";").map((part) => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]));

export const ruleOf = (parts: ReadonlyMap<string, string>): string => [...parts].map(([name, value]) => `${name}=${value}`).join(";");

/** The same case with another rule. */
export const withRule = (given: RuleCase, rrule: string): RuleCase => ({ ...given, set: { ...given.set, rrule } });

export const isAllDay = ({ set }: RuleCase): boolean => set.dtstart.length === 10;

/** "2026-05-08T19:00:00" as RFC 5545 writes it. */
export const basic = (local: string): string => local.replaceAll(/[-:]/g, "");

/** And the other way. */
export const extended = (text: string): string =>
  text.replace(/^(\d{4})(\d\d)(\d\d)/, "$1-$2-$3").replace(/T(\d\d)(\d\d)(\d\d)$/, "T$1:$2:$3");

export const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"] as const;

/** The weekday of a local time or date. */
export const weekdayOf = (local: string): (typeof WEEKDAYS)[number] => WEEKDAYS[new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay()]!;

/** What to paste into a bug report. */
export function describeCase({ set, from, until, limit }: RuleCase): string {
  const lists = (["rdate", "exdate"] as const).flatMap((name) => (set[name] ? [`${name.toUpperCase()}:${set[name].join(",")}`] : []));
  const window = `${new Date(from).toISOString()} .. ${new Date(until).toISOString()}, at most ${limit}`;
  return [`DTSTART;TZID=${set.timezone}:${set.dtstart}`, `RRULE:${set.rrule}`, ...lists, window].join("\n");
}
