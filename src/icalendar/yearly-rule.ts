/** The recurrence rules of time zones: once a year, on a weekday or a day of one month. Others define no zone. */

/** Times are local, in seconds as if they were UTC. */
export interface YearlyRule {
  /** The rule's last onset at or before a time; undefined where there is none in the ten years before it. */
  lastUpTo(at: number): number | undefined;
}

const WEEKDAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];
const PARTS = /^(FREQ|INTERVAL|BYMONTH|BYDAY|BYMONTHDAY|UNTIL|COUNT|WKST|BYHOUR|BYMINUTE|BYSECOND|X-[A-Z-]+)$/;
const DAY = 86_400;
/** Leap days, and intervals of a few years. */
const YEARS_BACK = 10;

/**
 * "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU" from `start` on; UNTIL is UTC and compared with the help of `offset`, in seconds.
 * Undefined for a rule of another kind.
 */
export function readRule(written: string, start: number, offset: number): YearlyRule | undefined {
  const parts = new Map(
    written.split(";").map((part) => [part.split("=")[0]!.trim().toUpperCase(), (part.split("=")[1] ?? "").trim().toUpperCase()]),
  );
  if ([...parts.keys()].some((name) => name !== "" && !PARTS.test(name)) || parts.get("FREQ") !== "YEARLY") return undefined;
  const begun = new Date(start * 1000);
  const month = number(parts.get("BYMONTH"), 1, 12) ?? (parts.has("BYMONTH") ? undefined : begun.getUTCMonth() + 1);
  const interval = number(parts.get("INTERVAL"), 1, YEARS_BACK) ?? (parts.has("INTERVAL") ? undefined : 1);
  const days = readDays(parts.get("BYDAY"), parts.get("BYMONTHDAY"), begun.getUTCDate());
  const end = endOf(parts, begun.getUTCFullYear(), interval ?? 1, offset);
  if (month === undefined || interval === undefined || days === undefined || end === undefined) return undefined;
  const time = ((start % DAY) + DAY) % DAY;
  return {
    lastUpTo(at) {
      const last = Math.min(at, end);
      if (last < start) return undefined;
      const year = new Date(last * 1000).getUTCFullYear();
      for (let candidate = year; candidate >= Math.max(begun.getUTCFullYear(), year - YEARS_BACK); candidate--) {
        if ((candidate - begun.getUTCFullYear()) % interval !== 0) continue;
        const day = days(candidate, month);
        if (day === undefined) continue;
        const onset = Date.UTC(candidate, month - 1, day) / 1000 + time;
        if (onset <= last && onset >= start) return onset;
      }
      return undefined;
    },
  };
}

type DayOf = (year: number, month: number) => number | undefined;

function readDays(byDay: string | undefined, byMonthDay: string | undefined, ownDay: number): DayOf | undefined {
  const among = byMonthDay?.split(",").map((day) => number(day, -31, 31));
  if (among?.some((day) => day === undefined || day === 0)) return undefined;
  const inMonth: DayOf = (year, month) => {
    const length = lengthOf(year, month);
    return (among ?? [ownDay]).map((day) => (day! < 0 ? length + 1 + day! : day!)).find((day) => day >= 1 && day <= length);
  };
  if (byDay === undefined) return inMonth;
  const [, nth = "", name = ""] = /^([+-]?[1-5])?(SU|MO|TU|WE|TH|FR|SA)$/.exec(byDay) ?? [];
  const weekday = WEEKDAYS.indexOf(name);
  if (weekday < 0 || (nth === "" && among === undefined)) return undefined;
  return (year, month) => {
    const length = lengthOf(year, month);
    const first = ((weekday - new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 7) % 7) + 1;
    const count = Math.floor((length - first) / 7) + 1;
    const nthDay = (index: number) => (index >= 0 && index < count ? first + index * 7 : undefined);
    if (nth !== "") return nthDay(Number(nth) > 0 ? Number(nth) - 1 : count + Number(nth));
    return [0, 1, 2, 3, 4].map(nthDay).find((day) => day !== undefined && (among!.includes(day) || among!.includes(day - length - 1)));
  };
}

/** When the rule ends, local; Infinity where it does not, undefined where it cannot be read. */
function endOf(parts: ReadonlyMap<string, string>, firstYear: number, interval: number, offset: number): number | undefined {
  const count = parts.get("COUNT");
  if (count !== undefined) {
    const times = number(count, 1, 10_000);
    return times === undefined ? undefined : Date.UTC(firstYear + (times - 1) * interval + 1, 0, 1) / 1000 - 1;
  }
  const until = parts.get("UNTIL");
  if (until === undefined) return Infinity;
  const [, year, month, day, hour = "23", minute = "59", second = "59", zulu] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(until) ?? [];
  if (year === undefined) return undefined;
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) / 1000;
  return zulu === undefined ? at : at + offset;
}

function number(written: string | undefined, least: number, most: number): number | undefined {
  const value = /^[+-]?\d{1,5}$/.test(written ?? "") ? Number(written) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

const lengthOf = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
