/**
 * Where another implementation answers differently and we keep our answer: the class of rule, exactly, and why. The reasons at
 * length stand in docs/recurrence-differences.md; each is proven by its example to occur still (test/property/recurrence-differential,
 * test/e2e/recurrence-oracles).
 */
import { later, type ZoneClock } from "./places-in-time.ts";
import {
  fromStartOfWeek,
  isNumbered,
  list,
  meetsSkippedTime,
  mixesWeekdays,
  numberAllWeekdays,
  weeksAlone,
  withWeekdayOfStart,
} from "./rewordings.ts";
import { partsOf, type RuleCase } from "./rule-case.ts";

export interface KnownDifference {
  name: string;
  oracle: "rrule-temporal" | "dateutil";
  /** A rule in which it shows. */
  example: RuleCase;
  /** In a sentence, with the section of RFC 5545. */
  why: string;
  applies(given: RuleCase, clock: ZoneClock): boolean;
  /**
   * What is compared in such a case: its answer to the question in other words; the local times that it gives when it knows
   * no zone, placed by Temporal; or nothing, where it has no words for our meaning (then the rule is read day by day, or the other oracle alone judges it).
   */
  compare: ((given: RuleCase) => RuleCase | undefined) | "local times" | "nothing";
}

const DAY = 86_400_000;
const example = (timezone: string, dtstart: string, rrule: string, from: string, until: string): RuleCase => ({
  set: { dtstart, timezone, rrule },
  from: Date.parse(from),
  until: Date.parse(until),
  limit: 40,
});

/** Those that put a rule in other words come first: the others are looked for in the rule as reworded. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: "numbered weekdays beside plain ones, yearly",
    example: example("Europe/London", "2008-03-30T20:00:00", "FREQ=YEARLY;BYDAY=-15TH,FR", "2008-03-01", "2009-03-01"),
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10: BYDAY is a list of days, any of which will do; rrule-temporal overlooks the plain ones",
    applies: (given) => mixesWeekdays(given) && given.set.rrule.includes("FREQ=YEARLY"),
    compare: numberAllWeekdays,
  },
  {
    name: "weeks without a weekday, far from the start",
    example: example("Antarctica/Troll", "2023-10-30T16:50:00", "FREQ=YEARLY;BYWEEKNO=-30,39", "2031-01-01", "2034-01-01"),
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10: what a rule does not say is DTSTART's; in a window far from it rrule-temporal takes the weekday of a start that it moved",
    applies: weeksAlone,
    compare: withWeekdayOfStart,
  },
  {
    name: "weeks without a weekday",
    example: example("Pacific/Easter", "2013-08-12T22:10:00", "FREQ=YEARLY;BYWEEKNO=49", "2013-08-01", "2016-08-01"),
    oracle: "dateutil",
    why: "RFC 5545 §3.3.10: what a rule does not say is DTSTART's, so the weekday is; dateutil takes all seven days of the week",
    applies: weeksAlone,
    compare: withWeekdayOfStart,
  },
  {
    name: "numbered weekdays beside plain ones",
    example: example("America/Los_Angeles", "2010-07-07T01:00:00", "FREQ=MONTHLY;BYDAY=2MO,TH", "2010-07-01", "2011-07-01"),
    oracle: "dateutil",
    why: "RFC 5545 §3.3.10: BYDAY is a list of days, any of which will do; dateutil wants a day that is both in the plain and in the numbered ones",
    applies: mixesWeekdays,
    compare: numberAllWeekdays,
  },
  {
    name: "positions in a week that had begun before the start",
    example: example(
      "Pacific/Auckland",
      "1994-03-12T22:35:00",
      "FREQ=WEEKLY;BYDAY=FR,WE,SU;WKST=FR;BYSETPOS=3",
      "1994-03-01",
      "1994-06-01",
    ),
    oracle: "dateutil",
    why: "RFC 5545 §3.3.10: BYSETPOS chooses from one interval of the rule, a whole week; dateutil counts the first week from DTSTART's day on",
    applies: ({ set }) => set.rrule.includes("FREQ=WEEKLY") && set.rrule.includes("BYSETPOS"),
    compare: fromStartOfWeek,
  },
  {
    name: "a local time that the zone skips",
    example: example("America/New_York", "2024-03-01T02:30:00", "FREQ=DAILY;COUNT=12", "2024-03-01", "2024-04-01"),
    oracle: "rrule-temporal",
    why:
      "RFC 5545 §3.3.10 says both that such an instance is ignored and that it is read as §3.3.5 reads a DATE-TIME, with the offset before the gap; " +
      "rrule-temporal leaves it out, this node moves it forward: a weekly event does not silently lose a week",
    applies: meetsSkippedTime,
    compare: "local times",
  },
  {
    name: "hours and minutes counted over a change of the clock",
    example: example("Europe/Berlin", "2024-03-30T19:55:00", "FREQ=HOURLY;INTERVAL=5;COUNT=6", "2024-03-30", "2024-04-30"),
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
    example: example("Africa/Casablanca", "2012-03-19T15:10:00", "FREQ=MONTHLY", "2012-03-01", "2015-03-01"),
    oracle: "rrule-temporal",
    why: "rrule-temporal overlooks a change of the clock that another soon takes back, as in Morocco's Ramadan; RFC 5545 §3.2.19: local times are of the zone",
    applies: ({ set, from, until }, { changes }) => {
      const [first, last] = [from, until + 2 * DAY].map((at) => new Date(at).toISOString().slice(0, 10)) as [string, string];
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
    example: example("Europe/Berlin", "2015-08-15T20:00:00", "FREQ=YEARLY;BYYEARDAY=60,253;BYDAY=TH", "2015-08-01", "2020-08-01"),
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
    example: example("Europe/Berlin", "2015-08-15T20:00:00", "FREQ=YEARLY;BYYEARDAY=107,-1;BYMONTHDAY=31", "2015-08-01", "2018-08-01"),
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10 applies one part after the other to the current set; rrule-temporal adds up the days of each, or overlooks one",
    applies: ({ set }) => ["BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"].filter((name) => partsOf(set.rrule).has(name)).length > 1,
    compare: "nothing",
  },
  {
    name: "weeks over the turn of the year, where the year counts",
    example: example(
      "America/Los_Angeles",
      "2009-11-03T14:10:00",
      "FREQ=YEARLY;INTERVAL=2;BYWEEKNO=53;BYDAY=TU,TH,FR",
      "2009-11-01",
      "2015-11-01",
    ),
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
    example: example("Europe/Berlin", "2024-01-02T20:00:00", "FREQ=YEARLY;BYDAY=53MO", "2024-01-01", "2030-01-01"),
    oracle: "rrule-temporal",
    why: "RFC 5545 §3.3.10: an nth weekday is within its month or year; rrule-temporal takes the first of the next year for the 53rd of this one",
    applies: ({ set }) => list(partsOf(set.rrule), "BYDAY").some((weekday) => /^-?53/.test(weekday)),
    compare: "nothing",
  },
  {
    name: "January's days of the last year's last week",
    example: example("Asia/Kolkata", "2006-03-01T20:00:00", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "2049-11-01", "2051-01-01"),
    oracle: "dateutil",
    why:
      "RFC 5545 §3.3.10 numbers weeks as ISO 8601 does; dateutil miscounts the weeks of the year before, so that days in January are in a week 53 " +
      "that there is not, or not in week 52",
    applies: ({ set }) => list(partsOf(set.rrule), "BYWEEKNO").some((week) => Math.abs(Number(week)) >= 51),
    compare: "nothing",
  },
];

/** How to ask an oracle again. */
export interface SecondQuestion {
  /** The differences that count. */
  names: string[];
  /** The question in other words; undefined where there is nothing to ask. */
  reworded: RuleCase | undefined;
  localTimes: boolean;
}

/** What all known differences that a case falls under say together. */
export function secondQuestion(given: RuleCase, oracle: KnownDifference["oracle"], clock: ZoneClock): SecondQuestion {
  let reworded: RuleCase | undefined = given;
  const met: KnownDifference[] = [];
  for (const known of KNOWN_DIFFERENCES) {
    if (known.oracle !== oracle || !known.applies(reworded, clock)) continue;
    met.push(known);
    if (typeof known.compare === "function") reworded = known.compare(reworded);
    if (known.compare === "nothing" || reworded === undefined) return { names: [known.name], reworded: undefined, localTimes: false };
  }
  return { names: met.map(({ name }) => name), reworded, localTimes: met.some(({ compare }) => compare === "local times") };
}
