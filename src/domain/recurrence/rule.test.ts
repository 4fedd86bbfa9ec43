import { describe, expect, test } from "vitest";
import { parseRule, writeRule } from "./rule.ts";

const rewritten = (text: string) => {
  const rule = parseRule(text);
  return "fault" in rule ? rule : writeRule(rule);
};

describe("a rule", () => {
  test("is read into parts", () => {
    expect(parseRule("FREQ=MONTHLY;INTERVAL=2;BYDAY=2TU,-1FR;BYHOUR=19,9;UNTIL=20261231T190000;WKST=SU")).toEqual({
      freq: "MONTHLY",
      interval: 2,
      until: "20261231T190000",
      byDay: [
        { day: "TU", nth: 2 },
        { day: "FR", nth: -1 },
      ],
      byHour: [9, 19],
      wkst: "SU",
    });
  });

  test.each([
    ["freq=weekly ; byday = fr,mo", "FREQ=WEEKLY;BYDAY=MO,FR"],
    ["RRULE:BYDAY=FR;FREQ=WEEKLY;INTERVAL=1;WKST=MO", "FREQ=WEEKLY;BYDAY=FR"],
    ["FREQ=YEARLY;BYMONTHDAY=-1,1,1;BYMONTH=12,2;COUNT=3", "FREQ=YEARLY;COUNT=3;BYMONTH=2,12;BYMONTHDAY=-1,1"],
    ["FREQ=MONTHLY;BYDAY=+2TU", "FREQ=MONTHLY;BYDAY=2TU"],
    ["FREQ=DAILY;UNTIL=2026-12-31T19:00:00", "FREQ=DAILY;UNTIL=20261231T190000"],
  ])("%s is written as %s, and that as itself", (text, canonical) => {
    expect(rewritten(text)).toBe(canonical);
    expect(rewritten(canonical)).toBe(canonical);
  });

  test("of which a part is forbidden is a fault that names it", () => {
    expect(parseRule("FREQ=WEEKLY;BYDAY=2TU")).toEqual({ fault: "BYDAY with numbers is for FREQ=MONTHLY and YEARLY, not for WEEKLY" });
    expect(parseRule("RSCALE=CHINESE;FREQ=YEARLY")).toEqual({ fault: "RSCALE is not a part of RFC 5545 that is understood here" });
    expect(parseRule("FREQ=HOURLY")).toEqual({ fault: "FREQ=HOURLY is taken only with a COUNT of at most 1000" });
  });
});
