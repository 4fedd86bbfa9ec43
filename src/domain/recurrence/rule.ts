/** The RRULE value of RFC 5545 §3.3.10: text <-> parts, and what of it this node takes. */
import { weekdayNames, type WeekdayName } from "./weekdays.ts";
import { wallOf } from "./local-time.ts";

export const FREQUENCIES = ["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

/** "2TU" is the second Tuesday, "-1FR" the last Friday of its month or year; "MO" is every Monday. */
export interface WeekdayPart {
  day: WeekdayName;
  nth?: number;
}

/** A rule in parts. Lists are in ascending order and have no value twice. */
export interface Rule {
  freq: Frequency;
  interval: number;
  count?: number;
  /** As iCalendar writes it: "20261231T190000" or "20261231"; with a "Z" only before readSet made it local. */
  until?: string;
  byMonth?: number[];
  byWeekNo?: number[];
  byYearDay?: number[];
  byMonthDay?: number[];
  byDay?: WeekdayPart[];
  byHour?: number[];
  byMinute?: number[];
  bySecond?: number[];
  bySetPos?: number[];
  wkst: WeekdayName;
}

export interface RuleFault {
  /** Names the part and what was expected. */
  fault: string;
}

const MAX_LENGTH = 1_000;
const MAX_COUNT = 10_000;
const MAX_SUB_DAILY_COUNT = 1_000;
const MAX_INTERVAL = 1_000_000;
export const MAX_A_DAY = 24;

/** The parts that are lists of numbers, in the order in which they are written: name, member, least and greatest value, and whether -n counts from the end. */
const NUMBER_LISTS = [
  { part: "BYMONTH", member: "byMonth", least: 1, most: 12, signed: false },
  { part: "BYWEEKNO", member: "byWeekNo", least: 1, most: 53, signed: true },
  { part: "BYYEARDAY", member: "byYearDay", least: 1, most: 366, signed: true },
  { part: "BYMONTHDAY", member: "byMonthDay", least: 1, most: 31, signed: true },
  { part: "BYHOUR", member: "byHour", least: 0, most: 23, signed: false },
  { part: "BYMINUTE", member: "byMinute", least: 0, most: 59, signed: false },
  { part: "BYSECOND", member: "bySecond", least: 0, most: 59, signed: false },
  { part: "BYSETPOS", member: "bySetPos", least: 1, most: 366, signed: true },
] as const;

const OTHER_PARTS = new Set(["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"]);

export const isSubDaily = ({ freq }: Rule): boolean => freq === "HOURLY" || freq === "MINUTELY" || freq === "SECONDLY";

/**
 * Reads a rule; lower case, spaces around and a leading "RRULE:" are forgiven. A part that RFC 5545 does not know, knows otherwise
 * or forbids beside the others is a fault, and so is a rule that would be without bounds.
 */
export function parseRule(rrule: string): Rule | RuleFault {
  if (rrule.length > MAX_LENGTH) return { fault: `RRULE is longer than ${MAX_LENGTH} characters` };
  const given = new Map<string, string>();
  for (const piece of rrule
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, "")
    .split(";")) {
    const [name = "", ...rest] = piece.split("=").map((side) => side.trim());
    if (name === "" && rest.length === 0) continue;
    if (rest.length !== 1 || rest[0] === "") return { fault: `${shown(name)} should have one value, as in FREQ=WEEKLY` };
    if (given.has(name)) return { fault: `${shown(name)} stands twice` };
    if (!OTHER_PARTS.has(name) && !NUMBER_LISTS.some(({ part }) => part === name)) {
      return { fault: `${shown(name)} is not a part of RFC 5545 that is understood here` };
    }
    given.set(name, rest[0]!);
  }
  const rule = readParts(given);
  if ("fault" in rule) return rule;
  const fault = faultOf(rule);
  return fault === undefined ? rule : { fault };
}

/** The rule in its canonical form: parts in a fixed order, lists sorted, what is the default left out. */
export function writeRule(rule: Rule): string {
  const list = (part: string, values: readonly (number | string)[] | undefined) => (values?.length ? [`${part}=${values.join(",")}`] : []);
  const numbers = (from: number, to: number) => NUMBER_LISTS.slice(from, to).flatMap(({ part, member }) => list(part, rule[member]));
  return [
    `FREQ=${rule.freq}`,
    ...(rule.interval === 1 ? [] : [`INTERVAL=${rule.interval}`]),
    ...(rule.count === undefined ? [] : [`COUNT=${rule.count}`]),
    ...(rule.until === undefined ? [] : [`UNTIL=${rule.until}`]),
    ...numbers(0, 4),
    ...list(
      "BYDAY",
      rule.byDay?.map(({ day, nth }) => `${nth ?? ""}${day}`),
    ),
    ...numbers(4, 8),
    ...(rule.wkst === "MO" ? [] : [`WKST=${rule.wkst}`]),
  ].join(";");
}

function readParts(given: ReadonlyMap<string, string>): Rule | RuleFault {
  const freq = FREQUENCIES.find((known) => known === given.get("FREQ"));
  if (freq === undefined) return { fault: `FREQ should be one of ${FREQUENCIES.join(", ")}` };
  const wkst = weekdayNames.find((known) => known === (given.get("WKST") ?? "MO"));
  if (wkst === undefined) return { fault: `WKST should be one of ${weekdayNames.join(", ")}` };
  const rule: Rule = { freq, interval: 1, wkst };
  for (const [part, member, most] of [
    ["INTERVAL", "interval", MAX_INTERVAL],
    ["COUNT", "count", MAX_COUNT],
  ] as const) {
    const text = given.get(part);
    if (text === undefined) continue;
    if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > most) return { fault: `${part} should be a number from 1 to ${most}` };
    rule[member] = Number(text);
  }
  const until = given.get("UNTIL");
  if (until !== undefined) {
    const compact = until.replace(/[-:]/g, "");
    if (!/^\d{8}(T\d{6}Z?)?$/.test(compact) || wallOf(compact.replace("Z", "")) === undefined) {
      return { fault: "UNTIL should be a date or a time that exists, such as 20261231 or 20261231T190000" };
    }
    rule.until = compact;
  }
  for (const { part, member, least, most, signed } of NUMBER_LISTS) {
    const values = given.get(part)?.split(",");
    if (values === undefined) continue;
    const pattern = signed ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/;
    const numbers = values.map((text) => (pattern.test(text.trim()) ? Number(text) : Number.NaN));
    if (!numbers.every((number) => Math.abs(number) >= least && Math.abs(number) <= most)) {
      return {
        fault: `${part} should be numbers from ${least} to ${most}${signed ? `, or from -${most} to -1` : ""}, with commas between`,
      };
    }
    rule[member] = [...new Set(numbers)].toSorted((a, b) => a - b);
  }
  const days = given
    .get("BYDAY")
    ?.split(",")
    .map((text) => weekdayPart(text.trim()));
  if (days === undefined) return rule;
  if (!days.every((day) => day !== undefined))
    return { fault: "BYDAY should be weekdays such as MO, or counted ones such as 2TU and -1FR" };
  const named = new Map(days.map((day) => [`${day.nth ?? ""}${day.day}`, day]));
  rule.byDay = [...named.values()].toSorted(
    (a, b) => weekdayNames.indexOf(a.day) - weekdayNames.indexOf(b.day) || (a.nth ?? 0) - (b.nth ?? 0),
  );
  return rule;
}

/** What the parts may not be together (the table of RFC 5545 §3.3.10), and the bounds of this node. */
function faultOf(rule: Rule): string | undefined {
  const { freq } = rule;
  if (rule.count !== undefined && rule.until !== undefined) return "COUNT and UNTIL exclude each other";
  if (isSubDaily(rule) && !(rule.count !== undefined && rule.count <= MAX_SUB_DAILY_COUNT)) {
    return `FREQ=${freq} is taken only with a COUNT of at most ${MAX_SUB_DAILY_COUNT}`;
  }
  const aDay = (rule.byHour?.length ?? 1) * (rule.byMinute?.length ?? 1) * (rule.bySecond?.length ?? 1);
  if (!isSubDaily(rule) && aDay > MAX_A_DAY) {
    return `BYHOUR, BYMINUTE and BYSECOND make ${aDay} occurrences a day; at most ${MAX_A_DAY} are taken`;
  }
  if (rule.byWeekNo && freq !== "YEARLY") return `BYWEEKNO is for FREQ=YEARLY, not for ${freq}`;
  if (rule.byYearDay && (freq === "DAILY" || freq === "WEEKLY" || freq === "MONTHLY")) return `BYYEARDAY is not for FREQ=${freq}`;
  if (rule.byMonthDay && freq === "WEEKLY") return "BYMONTHDAY is not for FREQ=WEEKLY";
  const counted = rule.byDay?.filter(({ nth }) => nth !== undefined) ?? [];
  if (counted.length > 0) {
    if (freq !== "MONTHLY" && freq !== "YEARLY") return `BYDAY with numbers is for FREQ=MONTHLY and YEARLY, not for ${freq}`;
    if (rule.byWeekNo) return "BYDAY with numbers may not stand beside BYWEEKNO";
    const most = freq === "MONTHLY" || rule.byMonth ? 5 : 53;
    const beyond = counted.find(({ nth = 0 }) => Math.abs(nth) > most);
    if (beyond) return `BYDAY ${beyond.nth}${beyond.day} is beyond ${most}, the most that there can be`;
  }
  if (rule.bySetPos && !NUMBER_LISTS.some(({ member }) => member !== "bySetPos" && rule[member]) && !rule.byDay) {
    return "BYSETPOS needs another BY part to choose from";
  }
  return undefined;
}

function weekdayPart(text: string): WeekdayPart | undefined {
  const [, nth, name] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const day = weekdayNames.find((known) => known === name);
  if (day === undefined || Number(nth ?? 1) === 0) return undefined;
  return nth === undefined ? { day } : { day, nth: Number(nth) };
}

/** A part's name as a fault shows it: bounded, and quoted where it is no name. */
const shown = (name: string): string => (/^[A-Z0-9-]{1,40}$/.test(name) ? name : JSON.stringify(name.slice(0, 40)));
