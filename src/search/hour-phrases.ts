/**
 * Phrases of weekdays and hours within a row of words, English and French: "Friday evenings", "samedi après-midi",
 * "after 7 pm". A weekday's bare name is every such day; "this Friday" and "vendredi prochain" are one.
 */
import said from "./data/phrase-words.json" with { type: "json" };
import { dates, indexAt, lengthOf, type Dates, type Day, type Found, type Row } from "./date-phrases.ts";

/** ISO weekdays, 1 Monday to 7 Sunday. */
export interface Weekday {
  kind: "weekday";
  days: number[];
}
/** Minutes of the local day; `until` is at most 1440, and passes midnight where it lies before `from`. */
export interface Hours {
  kind: "hours";
  from: number;
  until: number;
}

const DAY = 1440;

/** "on Saturday", "les samedis", "Friday and Saturday", "weekends", "this Friday", "dimanche prochain". */
export function weekdays(row: Row, at: number, today: Day): Found<Dates | Weekday> | undefined {
  const weekend = lengthOf(said.weekends, row, at);
  if (weekend > 0) return { length: weekend, means: [{ kind: "weekday", days: [6, 7] }] };
  const lead = Math.max(lengthOf(said.onDay, row, at), lengthOf(said.this, row, at), lengthOf(said.next, row, at));
  const day = weekdayAt(row, at + lead, lead > 0);
  if (day === undefined) return undefined;
  if (lengthOf(said.this, row, at) > 0) return { length: lead + 1, means: [dates(today.add({ days: (day - today.dayOfWeek + 7) % 7 }))] };
  if (lengthOf(said.next, row, at) > 0) return { length: lead + 1, means: [dates(today.add({ days: day - today.dayOfWeek + 7 }))] };
  const next = lengthOf(said.nextAfter, row, at + lead + 1);
  if (next > 0) return { length: lead + 2, means: [dates(today.add({ days: ((day - today.dayOfWeek + 6) % 7) + 1 }))] };
  const and = lengthOf(["and", "et"], row, at + lead + 1);
  const second = and > 0 ? weekdayAt(row, at + lead + 2, true) : undefined;
  if (second === undefined) return { length: lead + 1, means: [{ kind: "weekday", days: [day] }] };
  return { length: lead + 3, means: [{ kind: "weekday", days: [...new Set([day, second])].toSorted((a, b) => a - b) }] };
}

/** Short names ("sat", "sun", "wed") are words too, unless something says that a day follows. */
function weekdayAt(row: Row, at: number, led: boolean): number | undefined {
  const day = indexAt(said.weekdays, row, at) + 1 || (led ? indexAt(said.shortWeekdays, row, at) + 1 : 0);
  return day === 0 ? undefined : day;
}

/** "morning", "après-midi": the part of a day whose name stands at `at`. */
export function daypart(row: Row, at: number): Found<Hours> | undefined {
  for (const { words, from, until } of said.dayparts) {
    const length = lengthOf(words, row, at);
    if (length > 0) return { length, means: [{ kind: "hours", from, until }] };
  }
  return undefined;
}

/** "in the evening", "le soir", "after 7 pm", "avant midi", "à 20h". "At 8" without am or pm could be anything. */
export function hours(row: Row, at: number): Found<Hours> | undefined {
  const lead = lengthOf(said.daypartAfter, row, at);
  const part = lead > 0 ? daypart(row, at + lead) : undefined;
  if (part !== undefined) return { length: lead + part.length, means: part.means };
  const kinds: [readonly string[], (time: number) => [number, number]][] = [
    [said.after, (time) => [time, DAY]],
    [said.before, (time) => [0, time]],
    [said.at, (time) => [time, Math.min(time + 59, DAY)]],
  ];
  for (const [texts, span] of kinds) {
    const length = lengthOf(texts, row, at);
    const time = length > 0 ? timeAt(row, at + length) : undefined;
    if (time === undefined) continue;
    const [from, until] = span(time.minutes);
    return { length: length + time.length, means: [{ kind: "hours", from, until }] };
  }
  return undefined;
}

/** "7pm", "7 pm", "7 30 pm" (as 7:30 is cut), "20h", "20h30", "20 heures", "noon". */
function timeAt(row: Row, at: number): { length: number; minutes: number } | undefined {
  if (lengthOf(said.noon, row, at) > 0) return { length: 1, minutes: 720 };
  if (lengthOf(said.midnight, row, at) > 0) return { length: 1, minutes: DAY };
  for (const length of [3, 2, 1]) {
    const text = row.slice(at, at + length).join(" ");
    const [, hour, minute = "0", half] = /^(\d{1,2})(?: ?h ?| )?(\d{2})? ?(am|pm|a\.m|p\.m|h|heures?)?$/.exec(text) ?? [];
    if (hour === undefined || (half === undefined && !text.includes("h"))) continue;
    const twelve = half?.startsWith("a") === true || half?.startsWith("p") === true;
    if (Number(minute) > 59 || Number(hour) > (twelve ? 12 : 24)) continue;
    return {
      length,
      minutes: ((twelve ? Number(hour) % 12 : Number(hour)) + (half?.startsWith("p") === true ? 12 : 0)) * 60 + Number(minute),
    };
  }
  return undefined;
}
