/**
 * Makes up rules: every frequency, part and list that a recurrence set may have, begun near changes of the clock in zones that
 * have many. The same seed makes the same cases on every machine.
 */
import { chance, type Chance } from "../bench/corpus/random.ts";
import { clockChangesOf, later, placed, ZONES, type ClockChange } from "./places-in-time.ts";
import { basic, partsOf, WEEKDAYS, type RuleCase } from "./rule-case.ts";

const DAY = 86_400_000;
const FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"] as const;
type Frequency = (typeof FREQUENCIES)[number];

/** How often each frequency is drawn, its length in days, and in days how far from the start a window may lie. */
const SHAPES: Record<Frequency, { weight: number; length: number; window: number; far: number }> = {
  YEARLY: { weight: 25, length: 366, window: 3 * 366, far: 40 * 366 },
  MONTHLY: { weight: 28, length: 31, window: 3 * 366, far: 15 * 366 },
  WEEKLY: { weight: 22, length: 7, window: 366, far: 10 * 366 },
  DAILY: { weight: 20, length: 1, window: 120, far: 3 * 366 },
  HOURLY: { weight: 3, length: 1 / 24, window: 30, far: 0 },
  MINUTELY: { weight: 2, length: 1 / 1440, window: 10, far: 0 },
};

/** `count` cases of this seed, one after the other. */
export function* casesOf(seed: number, count: number): Generator<RuleCase> {
  const by = chance(seed);
  const changes = new Map(ZONES.map((zone) => [zone, clockChangesOf(zone, 1990, 2036)]));
  const none = [{ local: "2016-02-29T02:00:00", by: 0 }];
  for (let n = 0; n < count; n += 1) {
    const zone = by.one(ZONES);
    const own = changes.get(zone)!;
    yield oneCase(by, zone, own.length > 0 ? own : none);
  }
}

function oneCase(by: Chance, zone: string, changes: readonly ClockChange[]): RuleCase {
  const freq = frequencyOf(by);
  const { length, window, far } = SHAPES[freq];
  const subDaily = length < 1;
  const interval = by.likely(0.45) ? 1 + by.below(by.likely(0.1) ? 30 : 5) : 1;
  const dtstart = startOf(by, freq, interval, changes, !subDaily && by.likely(0.12));
  const allDay = dtstart.length === 10;
  const parts = [`FREQ=${freq}`];
  if (interval > 1 || by.likely(0.05)) parts.push(`INTERVAL=${interval}`);
  const periods = 1 + by.below(40);
  const end = subDaily ? 0 : by.next();
  if (end < 0.3) parts.push(`COUNT=${1 + by.below(subDaily ? 60 : 40)}`);
  else if (end < 0.5) parts.push(`UNTIL=${untilOf(by, dtstart, periods * length * interval)}`);
  parts.push(...daysOf(by, freq), ...(allDay ? [] : timesOf(by, freq)));
  if (by.likely(0.2)) parts.push(`WKST=${by.one(WEEKDAYS)}`);
  const size = sizeOfPeriod(parts, freq);
  if (size > 1 && by.likely(0.3))
    parts.push(`BYSETPOS=${some(by, 2, () => signed(by, Math.min(size + (by.likely(0.1) ? 2 : 0), 366))).join(",")}`);

  const start = placed(dtstart, zone);
  const from = start + (far > 0 && by.likely(0.35) ? by.below(far) * DAY + by.below(DAY / 1000) * 1000 : -DAY);
  const nearby = () => aroundStart(by, dtstart, freq, interval);
  return {
    set: {
      dtstart,
      timezone: zone,
      rrule: parts.join(";"),
      ...(by.likely(0.15) && { rdate: some(by, 3, nearby) }),
      ...(by.likely(0.25) && { exdate: some(by, 4, nearby) }),
    },
    from,
    until: from + Math.ceil(Math.min(window * Math.min(interval, 4), Math.ceil(150 / size) * length * interval)) * DAY,
    limit: 40,
  };
}

function frequencyOf(by: Chance): Frequency {
  let left = by.below(100);
  return FREQUENCIES.find((freq) => (left -= SHAPES[freq].weight) < 0)!;
}

/** Whole periods before a change of the clock, and near its hour, so that the rule runs over it. */
function startOf(by: Chance, freq: Frequency, interval: number, changes: readonly ClockChange[], allDay: boolean): string {
  const change = by.one(changes);
  const near = later(change.local, { minutes: by.likely(0.7) ? by.below(24) * 5 - 30 : by.below(288) * 5 - 720 });
  const back = -by.below(6) * interval;
  const start =
    freq === "YEARLY"
      ? later(near, { years: back })
      : freq === "MONTHLY"
        ? later(near, { months: back })
        : later(
            near,
            SHAPES[freq].length >= 1 ? { days: back * SHAPES[freq].length } : { minutes: -by.below(20) * (freq === "HOURLY" ? 60 : 1) },
          );
  return allDay ? start.slice(0, 10) : start;
}

/** An hour's worth of chance around the end of some periods: the last instance is in, just in, or just out. */
function untilOf(by: Chance, dtstart: string, days: number): string {
  const end = later(dtstart, { days: Math.min(Math.ceil(days), 20_000) });
  return basic(dtstart.length === 10 || by.likely(0.5) ? end : later(end, { minutes: by.below(240) - 120 }));
}

/** A local time that is likely an instance, or beside one. */
function aroundStart(by: Chance, dtstart: string, freq: Frequency, interval: number): string {
  const steps = by.below(8) * interval;
  const local =
    freq === "YEARLY"
      ? later(dtstart, { years: steps })
      : freq === "MONTHLY"
        ? later(dtstart, { months: steps })
        : SHAPES[freq].length >= 1
          ? later(dtstart, { days: steps * SHAPES[freq].length })
          : later(dtstart, dtstart.length === 10 ? { days: steps } : { minutes: steps * (freq === "HOURLY" ? 60 : 1) });
  return by.likely(0.7) ? local : later(local, { days: by.below(9) - 4 });
}

/** One to `most` different members. */
function some<T>(by: Chance, most: number, make: () => T): T[] {
  return [...new Set(Array.from({ length: 1 + by.below(most) }, make))];
}
const signed = (by: Chance, most: number): number => (by.likely(0.3) ? -1 : 1) * (1 + by.below(most));

/** About how many instances one period has, without BYSETPOS. */
function sizeOfPeriod(parts: readonly string[], freq: Frequency): number {
  const given = partsOf(parts.join(";"));
  const members = (name: string): number => given.get(name)?.split(",").length ?? 0;
  const times = Math.max(1, freq === "HOURLY" || freq === "MINUTELY" ? 1 : members("BYHOUR")) * Math.max(1, members("BYMINUTE"));
  const weekdays = given.get("BYDAY")?.split(",") ?? [];
  const plain = weekdays.filter((day) => day.length === 2).length;
  if (freq === "DAILY" || freq === "HOURLY" || freq === "MINUTELY") return times;
  if (freq === "WEEKLY") return times * Math.max(1, plain);
  if (given.has("BYYEARDAY") || given.has("BYMONTHDAY"))
    return times * (weekdays.length > 0 ? 1 : members("BYYEARDAY") + members("BYMONTHDAY"));
  const weeks = members("BYWEEKNO");
  if (weeks > 0) return times * weeks * Math.max(1, plain);
  const months = freq === "MONTHLY" ? 1 : members("BYMONTH");
  const perMonth = months > 0 ? 4 * plain + (weekdays.length - plain) : 52 * plain + (weekdays.length - plain);
  return times * Math.max(1, months) * Math.max(1, perMonth);
}

/** BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY as far as RFC 5545 §3.3.10 allows them with this frequency. */
function daysOf(by: Chance, freq: Frequency): string[] {
  const yearly = freq === "YEARLY";
  const parts: string[] = [];
  if (by.likely(yearly ? 0.4 : 0.15)) parts.push(`BYMONTH=${some(by, 4, () => 1 + by.below(12)).join(",")}`);
  const weeks = yearly && by.likely(0.18);
  if (weeks) parts.push(`BYWEEKNO=${some(by, 3, () => (by.likely(0.4) ? by.one([1, 52, 53, -1, -53]) : signed(by, 53))).join(",")}`);
  if (yearly && !weeks && by.likely(0.15))
    parts.push(`BYYEARDAY=${some(by, 4, () => (by.likely(0.3) ? by.one([1, 60, 366, -1, -366]) : signed(by, 366))).join(",")}`);
  if (freq !== "WEEKLY" && by.likely(weeks ? 0.05 : 0.25)) parts.push(`BYMONTHDAY=${some(by, 4, () => signed(by, 31)).join(",")}`);
  if (by.likely(0.45)) {
    const numbered = (freq === "MONTHLY" && by.likely(0.6)) || (yearly && !weeks && by.likely(0.6));
    const most = yearly && !parts.some((part) => part.startsWith("BYMONTH=")) ? 53 : 5;
    parts.push(`BYDAY=${some(by, 4, () => `${numbered && by.likely(0.85) ? signed(by, most) : ""}${by.one(WEEKDAYS)}`).join(",")}`);
  }
  return parts;
}

/** BYHOUR, BYMINUTE and BYSECOND, at most eight times a day. */
function timesOf(by: Chance, freq: Frequency): string[] {
  const parts: string[] = [];
  if (by.likely(0.2)) parts.push(`BYHOUR=${some(by, 4, () => by.below(by.likely(0.7) ? 4 : 24)).join(",")}`);
  if (freq !== "MINUTELY" && by.likely(0.1)) parts.push(`BYMINUTE=${some(by, 2, () => by.below(60)).join(",")}`);
  if (by.likely(0.02)) parts.push(`BYSECOND=${by.below(60)}`);
  return parts;
}
