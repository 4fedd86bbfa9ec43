/** Of which kind a rule is, and the same rule in other words: what the known differences are made of. */
import { localTimesByRruleTemporal } from "./ask-rrule-temporal.ts";
import { later, placed, type ZoneClock } from "./places-in-time.ts";
import { extended, isAllDay, partsOf, ruleOf, WEEKDAYS, weekdayOf, withRule, type RuleCase } from "./rule-case.ts";

const DAY = 86_400_000;

/** The members of a part. */
export const list = (parts: ReadonlyMap<string, string>, name: string): string[] => parts.get(name)?.split(",") ?? [];
export const isNumbered = (weekday: string): boolean => weekday.length > 2;

/** Numbered weekdays beside plain ones: "1MO,FR". */
export const mixesWeekdays = ({ set }: RuleCase): boolean => {
  const weekdays = list(partsOf(set.rrule), "BYDAY");
  return weekdays.some(isNumbered) && !weekdays.every(isNumbered);
};

/** Is one of the local times that the case names, or that its rule chooses from, one that the zone skips? */
export function meetsSkippedTime(given: RuleCase, { skipped }: ZoneClock): boolean {
  const { set, until } = given;
  if (isAllDay(given)) return false;
  const parts = partsOf(set.rrule);
  const last = parts.get("UNTIL");
  const end = new Date(until + 2 * DAY).toISOString().slice(0, 19);
  // BYSETPOS and COUNT see also the times that they do not choose, those before the start among them.
  const dtstart = parts.has("BYSETPOS") ? somePeriodsBefore(set.dtstart, parts) : set.dtstart;
  const near = skipped.filter((gap) => gap.until >= dtstart && gap.from <= end);
  const isSkipped = (local: string) => near.some((gap) => local >= gap.from && local < gap.until);
  const named = [set.dtstart, ...(set.rdate ?? []), ...(set.exdate ?? []), ...(last === undefined ? [] : [extended(last)])];
  if (named.some(isSkipped)) return true;
  for (const part of ["BYSETPOS", "COUNT"]) parts.delete(part);
  const ruleAlone = { ...given, set: { ...set, dtstart, rrule: ruleOf(parts) } };
  // Only around each gap: a rule may have thousands of times.
  return near.some((gap) => localTimesByRruleTemporal(ruleAlone, gap.from, gap.until).some(isSkipped));
}

/** A start of the same rule with the same day and time, in step with its INTERVAL. */
function somePeriodsBefore(dtstart: string, parts: ReadonlyMap<string, string>): string {
  const interval = Number(parts.get("INTERVAL") ?? 1);
  const back: Record<string, Parameters<typeof later>[1]> = {
    YEARLY: { years: -4 * interval },
    MONTHLY: { months: -48 * interval },
    WEEKLY: { days: -7 * interval },
    DAILY: { days: -interval },
  };
  return later(dtstart, back[parts.get("FREQ")!] ?? { days: -interval });
}

/** "1MO,FR" -> "1MO,1FR,2FR,3FR,4FR,-1FR". */
export function numberAllWeekdays(given: RuleCase): RuleCase {
  const parts = partsOf(given.set.rrule);
  const most = parts.get("FREQ") === "YEARLY" && !parts.has("BYMONTH") ? 52 : 4;
  const every = (weekday: string) => [...Array.from({ length: most }, (_, n) => `${n + 1}${weekday}`), `-1${weekday}`];
  const weekdays = list(parts, "BYDAY").flatMap((weekday) => (isNumbered(weekday) ? [weekday] : every(weekday)));
  return withRule(given, ruleOf(parts.set("BYDAY", [...new Set(weekdays)].join(","))));
}

export function weeksAlone({ set }: RuleCase): boolean {
  const parts = partsOf(set.rrule);
  return parts.has("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].some((name) => parts.has(name));
}

export function withWeekdayOfStart(given: RuleCase): RuleCase {
  return withRule(given, `${given.set.rrule};BYDAY=${weekdayOf(given.set.dtstart)}`);
}

/** The same rule from the first day of its first week on, looked at only from its start on; a COUNT would count the days before. */
export function fromStartOfWeek(given: RuleCase): RuleCase | undefined {
  const { dtstart, timezone, rrule, rdate } = given.set;
  const parts = partsOf(rrule);
  if (parts.has("COUNT") || rdate !== undefined) return undefined;
  const wkst = WEEKDAYS.findIndex((weekday) => weekday === (parts.get("WKST") ?? "MO"));
  const days = (WEEKDAYS.indexOf(weekdayOf(dtstart)) - wkst + 7) % 7;
  const named = parts.has("BYDAY") ? rrule : `${rrule};BYDAY=${weekdayOf(dtstart)}`;
  const set = { ...given.set, rrule: named, dtstart: later(dtstart, { days: -days }) };
  return { ...given, set, from: Math.max(given.from, placed(dtstart, timezone)) };
}
