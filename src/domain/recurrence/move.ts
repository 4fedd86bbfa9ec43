/** The same rules at another time of day, or for another length. */
import { instantOf, isDate } from "../when.ts";
import { durationText } from "./duration.ts";
import { localOf, recurrenceIdOf } from "./expand.ts";
import { DAY, knownWall, localText } from "./local-time.ts";
import { parseRule, writeRule } from "./rule.ts";
import type { PlacedSet } from "./series.ts";

/**
 * Moves sets so that the instance that starts at `from` starts at `to` (local times of one day): "2026-05-08T19:00:00" to
 * "2026-05-08T20:30:00". `undefined` where that cannot be said of the rules: another day, a date in place of a time, or rules that
 * name hours themselves.
 */
export function moveSets(sets: readonly PlacedSet[], from: string, to: string): PlacedSet[] | undefined {
  if (from === to) return [...sets];
  if (from.length === 10 || to.length === 10 || from.slice(0, 10) !== to.slice(0, 10)) return undefined;
  const moved = sets.map((set) => (set.dtstart.length === 10 ? undefined : moveSet(set, from, to)));
  return moved.every((set) => set !== undefined) ? moved : undefined;
}

/** The name that the instance "20260515T190000" has after such a move; one without a time keeps its own. */
export const movedId = (recurrenceId: string, from: string, to: string): string =>
  recurrenceId.length === 8 ? recurrenceId : recurrenceIdOf(movedLocal(localOf(recurrenceId), from, to));

function moveSet(set: PlacedSet, from: string, to: string): PlacedSet | undefined {
  const rule = set.rrule === undefined ? undefined : parseRule(set.rrule);
  if (rule !== undefined && ("fault" in rule || rule.byHour || rule.byMinute || rule.bySecond)) return undefined;
  const local = (text: string) => (text.length === 10 ? text : movedLocal(text, from, to));
  // The end of a day stays that: what moves stays within its day.
  const isTime = rule?.until?.length === 15 && !rule.until.endsWith("T235959");
  const until = isTime ? recurrenceIdOf(local(localOf(rule.until!))) : rule?.until;
  return {
    ...set,
    dtstart: local(set.dtstart),
    ...(rule !== undefined && { rrule: writeRule({ ...rule, ...(until !== undefined && { until }) }) }),
    ...(set.rdate && { rdate: set.rdate.map((one) => [local(one.slice(0, 19)), ...one.split("/").slice(1)].join("/")) }),
    ...(set.exdate && { exdate: set.exdate.map(local) }),
  };
}

const movedLocal = (local: string, from: string, to: string): string =>
  localText(knownWall(local) + knownWall(to) - knownWall(from), false);

/** The same set with instances as long as from `start` to `end` (as claims hold them); without an end, of no stated length. */
export function lasting({ duration: _duration, ...set }: PlacedSet, start: string, end: string | undefined): PlacedSet {
  if (end === undefined) return set;
  if (isDate(start) || isDate(end)) {
    const days = (knownWall(end.slice(0, 10)) - knownWall(start.slice(0, 10))) / DAY + 1;
    return { ...set, duration: `P${days}D` };
  }
  const text = durationText({ days: 0, seconds: Math.round((instantOf(end) - instantOf(start)) / 1_000) });
  return { ...set, ...(text !== undefined && { duration: text }) };
}
