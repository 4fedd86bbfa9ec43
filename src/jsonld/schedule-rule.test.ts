/** The words of a Schedule and the rule that they mean, both ways. */
import { describe, expect, test } from "vitest";
import { parseRule, writeRule } from "../domain/recurrence/rule.ts";
import { ruleOfSchedule, scheduleOfRule } from "./schedule-rule.ts";
import type { Schedule } from "./schedule-rule.ts";

const FRIDAY = "2026-05-08";

describe("words -> rule", () => {
  test.each<[Schedule, string]>([
    [{ repeatFrequency: "P1D" }, "FREQ=DAILY"],
    [{ repeatFrequency: "p2w" }, "FREQ=WEEKLY;INTERVAL=2"],
    [{ repeatFrequency: "P3M" }, "FREQ=MONTHLY;INTERVAL=3"],
    [{ repeatFrequency: "PT2H" }, "FREQ=HOURLY;INTERVAL=2"],
    [{ repeatFrequency: "PT15M" }, "FREQ=MINUTELY;INTERVAL=15"],
    [{ repeatFrequency: "Annually" }, "FREQ=YEARLY"],
    [{ repeatFrequency: "bi-weekly" }, "FREQ=WEEKLY;INTERVAL=2"],
    [{ repeatFrequency: "every 2 weeks" }, "FREQ=WEEKLY;INTERVAL=2"],
    [{ repeatFrequency: "every hour" }, "FREQ=HOURLY"],
    [{ repeatFrequency: "http://publications.europa.eu/resource/authority/frequency/QUARTERLY" }, "FREQ=MONTHLY;INTERVAL=3"],
    [{ byDay: ["https://schema.org/Monday", "schema:Tue", "we", "Thursdays"] }, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"],
    [{ repeatFrequency: "P7D", byDay: "Friday" }, "FREQ=WEEKLY;BYDAY=FR"],
    [{ repeatFrequency: "P1D", byDay: "Friday" }, "FREQ=DAILY;BYDAY=FR"],
    [{ byDay: "2MO,-1SU" }, "FREQ=MONTHLY;BYDAY=2MO,-1SU"],
    [{ repeatFrequency: "P1W", byDay: "Monday", byMonthWeek: ["1", "3"] }, "FREQ=MONTHLY;BYDAY=1MO,3MO"],
    [{ repeatFrequency: "P1M", byMonthWeek: 2 }, "FREQ=MONTHLY;BYDAY=2FR"],
    [{ repeatFrequency: "P1Y", byMonthWeek: 2, byDay: "Monday" }, "FREQ=YEARLY;BYMONTH=5;BYDAY=2MO"],
    [{ byMonthDay: "1, 15" }, "FREQ=MONTHLY;BYMONTHDAY=1,15"],
    [{ byMonth: 12, byMonthDay: -1 }, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=-1"],
    [{ byMonth: [7, 8].map(String) }, "FREQ=YEARLY;BYMONTH=7,8"],
  ])("%j -> %s", (schedule, rrule) => {
    expect(ruleOfSchedule(schedule, FRIDAY)).toEqual({ rrule });
  });

  test.each<[string, Schedule]>([
    ["nothing said", { repeatCount: 3, startDate: FRIDAY }],
    ["a frequency that nobody knows", { repeatFrequency: "Sometimes" }],
    ["a frequency of no length", { repeatFrequency: "P0D" }],
    ["a frequency between two", { repeatFrequency: "P1M2W" }],
    ["a name of Object's", { repeatFrequency: "constructor" }],
    ["a day that no rule has", { byDay: ["Monday", "https://schema.org/PublicHolidays"] }],
    ["every second week, in the first of the month", { repeatFrequency: "P2W", byDay: "Monday", byMonthWeek: 1 }],
  ])("%s: no rule", (_, schedule) => {
    expect(ruleOfSchedule(schedule, FRIDAY)).toBeUndefined();
  });

  test.each<[Schedule, string]>([
    [{ repeatFrequency: "P1Y", byMonth: ["5", "13"] }, "byMonth"],
    [{ repeatFrequency: "P1M", byMonthDay: 0 }, "byMonthDay"],
    [{ repeatFrequency: "P1M", byMonthDay: "1.5" }, "byMonthDay"],
    [{ repeatFrequency: "P1M", byDay: "Monday", byMonthWeek: 6 }, "byMonthWeek"],
  ])("%j: the fault names %s", (schedule, term) => {
    expect(ruleOfSchedule(schedule, FRIDAY)).toMatchObject({ fault: { term } });
  });
});

describe("rule -> words", () => {
  test.each<[string, Schedule]>([
    ["FREQ=WEEKLY;BYDAY=FR", { repeatFrequency: "P1W", byDay: "https://schema.org/Friday" }],
    ["FREQ=MONTHLY;BYDAY=1MO,3MO", { repeatFrequency: "P1M", byDay: "https://schema.org/Monday", byMonthWeek: ["1", "3"] }],
    ["FREQ=MONTHLY;BYDAY=1MO,2TU", { repeatFrequency: "P1M", byDay: ["1MO", "2TU"] }],
    ["FREQ=MONTHLY;BYDAY=-1SU", { repeatFrequency: "P1M", byDay: "-1SU" }],
    ["FREQ=YEARLY;BYDAY=20MO", { repeatFrequency: "P1Y", byDay: "20MO" }],
    ["FREQ=YEARLY;BYMONTH=10;BYDAY=2MO", { repeatFrequency: "P1Y", byMonth: 10, byDay: "https://schema.org/Monday", byMonthWeek: 2 }],
    ["FREQ=HOURLY;INTERVAL=3;COUNT=4", { repeatFrequency: "PT3H" }],
  ])("%s -> %j", (rrule, schedule) => {
    expect(scheduleOfRule(ruleOf(rrule))).toEqual(schedule);
  });

  test("what schema.org has no words for is not said by half: the last working day is not every working day", () => {
    expect(scheduleOfRule(ruleOf("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"))).toEqual({ repeatFrequency: "P1M" });
  });
});

function ruleOf(rrule: string) {
  const rule = parseRule(rrule);
  if ("fault" in rule) throw new Error(rule.fault);
  expect(writeRule(rule)).toBe(rrule);
  return rule;
}
