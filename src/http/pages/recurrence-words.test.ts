import { describe, expect, test } from "vitest";
import { recurrenceWords } from "./recurrence-words.ts";

/** A Friday evening, and what is laid over it. */
const friday = { dtstart: "2026-05-08T19:00:00", timezone: "America/Toronto" };
const words = (rrule: string, more: object = {}) => recurrenceWords({ ...friday, rrule, ...more });

describe("a rule in plain words", () => {
  test.each([
    ["FREQ=DAILY", "Every day at 7:00 pm"],
    ["FREQ=DAILY;INTERVAL=3", "Every 3 days at 7:00 pm"],
    ["FREQ=DAILY;BYMONTH=7,8", "Every day in July and August at 7:00 pm"],
    ["FREQ=DAILY;BYDAY=SA,SU", "Every Saturday and Sunday at 7:00 pm"],
    ["FREQ=WEEKLY", "Every Friday at 7:00 pm"],
    ["FREQ=WEEKLY;BYDAY=MO,WE,FR", "Every Monday, Wednesday and Friday at 7:00 pm"],
    ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday (Monday to Friday) at 7:00 pm"],
    ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Every day at 7:00 pm"],
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "Every 2 weeks on Monday and Wednesday at 7:00 pm"],
    ["FREQ=WEEKLY;BYMONTH=6,7,8", "Every Friday in June, July and August at 7:00 pm"],
    ["FREQ=MONTHLY", "Every month on the 8th at 7:00 pm"],
    ["FREQ=MONTHLY;BYMONTHDAY=1,22,-1", "Every month on the 1st, 22nd and last day at 7:00 pm"],
    ["FREQ=MONTHLY;BYDAY=1SU", "First Sunday of the month at 7:00 pm"],
    ["FREQ=MONTHLY;BYDAY=1FR,3FR,-1FR", "First, third and last Friday of the month at 7:00 pm"],
    ["FREQ=MONTHLY;BYDAY=FR;BYSETPOS=2", "Second Friday of the month at 7:00 pm"],
    ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Last weekday (Monday to Friday) of the month at 7:00 pm"],
    ["FREQ=MONTHLY;INTERVAL=2;BYDAY=-2TU", "Every 2 months on the second to last Tuesday at 7:00 pm"],
    ["FREQ=MONTHLY;BYDAY=FR", "Every Friday at 7:00 pm"],
    ["FREQ=YEARLY", "Every year on 8 May at 7:00 pm"],
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "Every year on 29 February at 7:00 pm"],
    ["FREQ=YEARLY;INTERVAL=2;BYMONTH=5,9;BYDAY=1SA", "Every 2 years on the first Saturday of May and September at 7:00 pm"],
    ["FREQ=WEEKLY;COUNT=10", "Every Friday at 7:00 pm, 10 times"],
    ["FREQ=WEEKLY;UNTIL=20260831T190000", "Every Friday at 7:00 pm, until 31 August 2026"],
    ["FREQ=DAILY;BYHOUR=11,19", "Every day at 11:00 am and 7:00 pm"],
  ])("%s: %s", (rrule, said) => expect(words(rrule)).toBe(said));

  test.each([
    "FREQ=YEARLY;BYWEEKNO=20",
    "FREQ=YEARLY;BYYEARDAY=100",
    "FREQ=YEARLY;BYDAY=20MO",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYSETPOS=2",
    "FREQ=DAILY;BYHOUR=9,10,11,12,13",
    "FREQ=HOURLY;COUNT=5",
    "FREQ=NEVER",
  ])("%s has no words: its dates are clearer", (rrule) => expect(words(rrule)).toBeUndefined());

  test("a list of dates without a rule has no words", () => expect(recurrenceWords(friday)).toBeUndefined());
});

describe("how long", () => {
  test.each([
    ["PT2H", "Every Friday, 7:00 pm – 9:00 pm"],
    // What ends after midnight is left to the dates, which say on which day.
    ["PT6H", "Every Friday at 7:00 pm"],
    ["P1DT2H", "Every Friday at 7:00 pm"],
  ])("%s: %s", (duration, said) => expect(words("FREQ=WEEKLY", { duration })).toBe(said));

  test("whole days have no times, and say when there are several of them", () => {
    expect(words("FREQ=YEARLY", { dtstart: "2026-05-08", duration: "P1D" })).toBe("Every year on 8 May");
    expect(words("FREQ=YEARLY", { dtstart: "2026-05-08", duration: "P3D" })).toBe("Every year on 8 May, for 3 days");
  });
});

describe("exceptions and further dates", () => {
  test("a few are named, each day once", () => {
    expect(words("FREQ=WEEKLY", { exdate: ["2026-05-15T19:00:00"] })).toBe("Every Friday at 7:00 pm, except 15 May 2026");
    expect(words("FREQ=WEEKLY", { rdate: ["2026-05-16T19:00:00/PT1H", "2026-05-16T21:00:00"] })).toBe(
      "Every Friday at 7:00 pm, and on 16 May 2026",
    );
  });

  test("many are counted", () => {
    const dates = ["01", "08", "15", "22"].map((date) => `2026-05-${date}T19:00:00`);
    expect(words("FREQ=DAILY", { exdate: dates, rdate: dates })).toBe("Every day at 7:00 pm, except 4 dates, and on 4 more dates");
  });
});

test("times and dates follow the reader's locale", () =>
  expect(recurrenceWords({ ...friday, rrule: "FREQ=WEEKLY;UNTIL=20260831T190000" }, "de-DE")).toBe(
    "Every Friday at 19:00, until 31. August 2026",
  ));
