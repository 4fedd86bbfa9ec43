/** Rules by hours, minutes and seconds. They are taken only where they count to few, and only where these few are found soon. */
import { allowsDay, dayRule, type PeriodTimes } from "./days.ts";
import { DAY, dayOf, modulo, SECOND } from "./local-time.ts";
import type { Rule } from "./rule.ts";

/** So many hours, minutes or seconds are looked at (some milliseconds of work); a rule that has not come to its COUNT by then is refused by readSet. */
const MAX_LOOKS = 20_000;

/** What the rules of one document may look at together: as much as one hard rule does, which is read up to four times. */
export interface Search {
  looks: number;
}
export const newSearch = (): Search => ({ looks: 4 * MAX_LOOKS });

/**
 * The times of each hour, minute or second of a rule, from the first on, on the wall clock. What a rule does not allow is stepped
 * over as a whole: a day by its date, hours by BYHOUR, minutes by BYMINUTE. Each look is taken from `search`.
 */
export function* subDailyPeriods(rule: Rule, dtstart: number, end: number, search: Search): Generator<PeriodTimes, void> {
  const size = rule.freq === "HOURLY" ? 3_600 : rule.freq === "MINUTELY" ? 60 : 1;
  const step = size * rule.interval;
  const last = Math.ceil(end / SECOND);
  const days = dayRule(rule, dtstart);
  const times = withinPeriod(rule, Math.floor(dtstart / SECOND), size);
  const allowedFrom = (at: number): number => {
    const today = dayOf(at * SECOND);
    if (!allowsDay(days, today)) return ((today + 1) * DAY) / SECOND;
    const hour = nextOf(rule.byHour, at, 3_600, 24);
    if (hour > at || size === 3_600) return hour;
    const minute = nextOf(rule.byMinute, at, 60, 60);
    return minute > at || size === 60 ? minute : nextOf(rule.bySecond, at, 1, 60);
  };
  let at = Math.floor(dtstart / SECOND / size) * size;
  for (let looks = 0; at < last && looks < MAX_LOOKS && search.looks > 0; looks += 1) {
    search.looks -= 1;
    const next = allowedFrom(at);
    if (next === at) yield { begins: at * SECOND, times };
    at += next === at ? step : Math.ceil((next - at) / step) * step;
  }
}

/** `at` where its hour (minute, second) is of the list, or else when the next one of the list begins; counts are in seconds. */
function nextOf(list: readonly number[] | undefined, at: number, size: number, most: number): number {
  const value = modulo(Math.floor(at / size), most);
  if (list === undefined || list.includes(value)) return at;
  const next = list.find((one) => one > value) ?? list[0]! + most;
  return (Math.floor(at / size) + next - value) * size;
}

/** Milliseconds into the hour or minute; BYSETPOS chooses among them. */
function withinPeriod(rule: Rule, dtstart: number, size: number): number[] {
  const seconds = size === 1 ? [0] : (rule.bySecond ?? [modulo(dtstart, 60)]);
  const minutes = size === 3_600 ? (rule.byMinute ?? [modulo(Math.floor(dtstart / 60), 60)]) : [0];
  const all = minutes.flatMap((minute) => seconds.map((second) => (minute * 60 + second) * SECOND));
  if (rule.bySetPos === undefined) return all;
  const positions = new Set(rule.bySetPos.map((position) => (position > 0 ? position - 1 : all.length + position)));
  return all.filter((_, index) => positions.has(index));
}
