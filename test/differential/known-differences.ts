/**
 * Where another implementation answers differently and we keep our answer: the class of rule, exactly, and why. The reasons at
 * length stand in docs/recurrence-differences.md; known-differences.test.ts proves that each still occurs.
 */
import { localTimesByRruleTemporal } from "./ask-rrule-temporal.ts";
import { later, placed, type ZoneClock } from "./places-in-time.ts";
import { extended, isAllDay, partsOf, ruleOf, WEEKDAYS, weekdayOf, withRule, type RuleCase } from "./rule-case.ts";

export interface KnownDifference {
  name: string;
  oracle: "rrule-temporal" | "dateutil";
  /** In a sentence, with the section of RFC 5545. */
  why: string;
  applies(given: RuleCase, clock: ZoneClock): boolean;
  /**
   * What is compared in such a case: its answer to the question in other words; the local times that it gives when it knows
   * no zone, placed by Temporal; or nothing, where it has no words for our meaning (then the other oracle alone judges the rule).
   */
  compare: ((given: RuleCase) => RuleCase | undefined) | "local times" | "nothing";
}

const DAY = 86_400_000;
const list = (parts: ReadonlyMap<string, string>, name: string): string[] => parts.get(name)?.split(",") ?? [];
const isNumbered = (weekday: string): boolean => weekday.length > 2;

/** Numbered weekdays beside plain ones: "1MO,FR". */
const mixesWeekdays = ({ set }: RuleCase): boolean => {
  const weekdays = list(partsOf(set.rrule), "BYDAY");
  return weekdays.some(isNumbered) && !weekdays.every(isNumbered);
};

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: "a local time that the zone skips",
    oracle: "rrule-temporal",
    why:
      "RFC 5545 §3.3.10 says both that such an instance is ignored and that it is read as §3.3.5 reads a DATE-TIME, with the offset before the gap; " +
      "rrule-temporal leaves it out, this node moves it forward: a weekly event does not silently lose a week",
    applies: meetsSkippedTime,
    compare: "local times",
  },
  {
    name: "hours and minutes counted over a change of the clock",
    oracle: "rrule-temporal",
    why:
      "RFC 5545 §3.3.10 computes the local start times of a rule; rrule-temporal counts elapsed hours and minutes, so that after the change " +
      "every third hour is another one",
    applies: ({ set, until }, { changes }) =>
      /FREQ=(HOURLY|MINUTELY)/.test(set.rrule) &&
      changes.some(
        ({ local, by }) =>
          later(local, { seconds: Math.abs(by) }) > set.dtstart && local < new Date(until + 2 * DAY).toISOString().slice(0, 19),
      ),
    compare: "local times",
  },
  {
    name: "an offset that lasts for some weeks",
    oracle: "rrule-temporal",
    why: "rrule-temporal overlooks a change of the clock that another soon takes back, as in Morocco's Ramadan; RFC 5545 §3.2.19: local times are of the zone",
    applies: ({ set, from, until }, { changes }) => {
      const [first, last] = [from, until].map((at) => new Date(at).toISOString().slice(0, 10)) as [string, string];
      return changes.some(({ local }, n) => {
        const next = changes[n + 1]?.local;
        if (next === undefined || next < first || local > last || next < set.dtstart) return false;
        return Date.parse(`${next}Z`) - Date.parse(`${local}Z`) < 62 * DAY;
      });
    },
    compare: "local times",
  },
  {
    name: "weekdays beside BYYEARDAY, or numbered ones beside BYMONTHDAY",
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10, note 2 to its table: with FREQ=YEARLY, BYDAY limits where BYYEARDAY or BYMONTHDAY is present; rrule-temporal adds the days",
    applies: ({ set }) => {
      const parts = partsOf(set.rrule);
      if (parts.get("FREQ") !== "YEARLY" || !parts.has("BYDAY")) return false;
      return parts.has("BYYEARDAY") || (parts.has("BYMONTHDAY") && list(parts, "BYDAY").some(isNumbered));
    },
    compare: "nothing",
  },
  {
    name: "two of BYWEEKNO, BYYEARDAY and BYMONTHDAY",
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10 applies one part after the other to the current set; rrule-temporal adds up the days of each, or overlooks one",
    applies: ({ set }) => ["BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"].filter((name) => partsOf(set.rrule).has(name)).length > 1,
    compare: "nothing",
  },
  {
    name: "weeks over the turn of the year, where the year counts",
    oracle: "rrule-temporal",
    why:
      "RFC 5545 §3.3.10 does not say of which year the days of week 1 in December and of week 53 in January are; to this node, as to dateutil, they are " +
      "of the year of their date, to rrule-temporal of their week's: it matters for INTERVAL and BYSETPOS only",
    applies: ({ set }) => {
      const parts = partsOf(set.rrule);
      const weeks = list(parts, "BYWEEKNO").map(Number);
      return (
        weeks.some((week) => [1, 52, 53].includes(week) || week === -1 || week <= -52) && (parts.has("INTERVAL") || parts.has("BYSETPOS"))
      );
    },
    compare: "nothing",
  },
  {
    name: "a 53rd weekday in a year of 52",
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10: an nth weekday is within its month or year; rrule-temporal takes the first of the next year for the 53rd of this one",
    applies: ({ set }) => list(partsOf(set.rrule), "BYDAY").some((weekday) => /^-?53/.test(weekday)),
    compare: "nothing",
  },
  {
    name: "numbered weekdays beside plain ones, yearly",
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10: BYDAY is a list of days, any of which will do; rrule-temporal overlooks the plain ones",
    applies: (given) => mixesWeekdays(given) && given.set.rrule.includes("FREQ=YEARLY"),
    compare: numberAllWeekdays,
  },
  {
    name: "weeks without a weekday, far from the start",
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10: what a rule does not say is DTSTART's; in a window far from it rrule-temporal takes the weekday of a start that it moved",
    applies: weeksAlone,
    compare: withWeekdayOfStart,
  },
  {
    name: "weeks without a weekday",
    oracle: "dateutil",
    why: "RFC 5545 §3.3.10: what a rule does not say is DTSTART's, so the weekday is; dateutil takes all seven days of the week",
    applies: weeksAlone,
    compare: withWeekdayOfStart,
  },
  {
    name: "numbered weekdays beside plain ones",
    oracle: "dateutil",
    why: "RFC 5545 §3.3.10: BYDAY is a list of days, any of which will do; dateutil wants a day that is both in the plain and in the numbered ones",
    applies: mixesWeekdays,
    compare: numberAllWeekdays,
  },
  {
    name: "January's days of the last year's last week",
    oracle: "dateutil",
    why:
      "RFC 5545 §3.3.10 numbers weeks as ISO 8601 does; dateutil miscounts the weeks of the year before, so that days in January are in a week 53 " +
      "that there is not, or not in week 52",
    applies: ({ set }) => list(partsOf(set.rrule), "BYWEEKNO").some((week) => Math.abs(Number(week)) >= 51),
    compare: "nothing",
  },
  {
    name: "positions in a week that had begun before the start",
    oracle: "dateutil",
    why: "RFC 5545 §3.3.10: BYSETPOS chooses from one interval of the rule, a whole week; dateutil counts the first week from DTSTART's day on",
    applies: ({ set }) => set.rrule.includes("FREQ=WEEKLY") && set.rrule.includes("BYSETPOS"),
    compare: fromStartOfWeek,
  },
];

/** Those that a case falls under. */
export const knownDifferencesOf = (given: RuleCase, oracle: KnownDifference["oracle"], clock: ZoneClock): KnownDifference[] =>
  KNOWN_DIFFERENCES.filter((known) => known.oracle === oracle && known.applies(given, clock));

/** Is one of the local times that the case names, or that its rule chooses from, one that the zone skips? */
function meetsSkippedTime(given: RuleCase, { skipped }: ZoneClock): boolean {
  const { set, until } = given;
  if (isAllDay(given)) return false;
  const parts = partsOf(set.rrule);
  const last = parts.get("UNTIL");
  const end = new Date(until + 2 * DAY).toISOString().slice(0, 19);
  const near = skipped.filter((gap) => gap.until >= set.dtstart && gap.from <= end);
  const isSkipped = (local: string) => near.some((gap) => local >= gap.from && local < gap.until);
  const named = [set.dtstart, ...(set.rdate ?? []), ...(set.exdate ?? []), ...(last === undefined ? [] : [extended(last)])];
  if (named.some(isSkipped)) return true;
  // BYSETPOS and COUNT see also the times that they do not choose, those before the start among them.
  const dtstart = parts.has("BYSETPOS") ? somePeriodsBefore(set.dtstart, parts) : set.dtstart;
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
function numberAllWeekdays(given: RuleCase): RuleCase {
  const parts = partsOf(given.set.rrule);
  const most = parts.get("FREQ") === "YEARLY" && !parts.has("BYMONTH") ? 52 : 4;
  const every = (weekday: string) => [...Array.from({ length: most }, (_, n) => `${n + 1}${weekday}`), `-1${weekday}`];
  const weekdays = list(parts, "BYDAY").flatMap((weekday) => (isNumbered(weekday) ? [weekday] : every(weekday)));
  return withRule(given, ruleOf(parts.set("BYDAY", [...new Set(weekdays)].join(","))));
}

function weeksAlone({ set }: RuleCase): boolean {
  const parts = partsOf(set.rrule);
  return parts.has("BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].some((name) => parts.has(name));
}

function withWeekdayOfStart(given: RuleCase): RuleCase {
  return withRule(given, `${given.set.rrule};BYDAY=${weekdayOf(given.set.dtstart)}`);
}

/** The same rule from the first day of its first week on, looked at only from its start on; a COUNT would count the days before. */
function fromStartOfWeek(given: RuleCase): RuleCase | undefined {
  const { dtstart, timezone, rrule, rdate } = given.set;
  const parts = partsOf(rrule);
  if (parts.has("COUNT") || rdate !== undefined) return undefined;
  const wkst = WEEKDAYS.findIndex((weekday) => weekday === (parts.get("WKST") ?? "MO"));
  const days = (WEEKDAYS.indexOf(weekdayOf(dtstart)) - wkst + 7) % 7;
  const named = parts.has("BYDAY") ? rrule : `${rrule};BYDAY=${weekdayOf(dtstart)}`;
  const set = { ...given.set, rrule: named, dtstart: later(dtstart, { days: -days }) };
  return { ...given, set, from: Math.max(given.from, placed(dtstart, timezone)) };
}
