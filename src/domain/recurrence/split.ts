/**
 * "This and all following": one series becomes two, cut before the occurrence named. Every instance is in one of the two, at
 * the same time and under the same name as before.
 */
import { firstOf, instancesOf, localOf } from "./expand.ts";
import { basicText, isDateText, knownWall, localText, SECOND } from "./local-time.ts";
import { parseRule, writeRule, type Rule } from "./rule.ts";
import type { PlacedSet } from "./series.ts";
import { END_OF_TIME } from "./wall-times.ts";

export interface Halves {
  before: PlacedSet[];
  after: PlacedSet[];
}

/**
 * Divides sets by wall-clock time: what starts before "20260508T190000" and what starts then or later. A rule without COUNT ends
 * by UNTIL in the first half; a COUNT is divided. Of sets in several zones each is cut at that time of its own clocks, since it is
 * by their local time that occurrences are named. A half may be empty.
 */
export function splitSets(sets: readonly PlacedSet[], recurrenceId: string): Halves {
  const cut = localOf(recurrenceId);
  const halves = sets.map((set) => splitSet(set, cut));
  // A set of which only exceptions are left happens no more.
  const happening = (half: keyof Halves) => halves.flatMap((one) => one[half]).filter((set) => firstOf([set]) !== undefined);
  return { before: happening("before"), after: happening("after") };
}

function splitSet(set: PlacedSet, cut: string): Halves {
  const rdate = set.rdate ?? [];
  const exdate = set.exdate ?? [];
  const earlier = { ...set, rdate: rdate.filter((one) => localPart(one) < cut), exdate: exdate.filter((one) => one < cut) };
  // A day that is excluded from a timed set is excluded on both sides of a cut within it.
  const later = {
    ...set,
    rdate: rdate.filter((one) => localPart(one) >= cut),
    exdate: exdate.filter((one) => one >= cut || one === cut.slice(0, 10)),
  };
  if (set.rrule === undefined) {
    const own = set.dtstart < cut ? earlier : later;
    // It may be named once more, for a length of its own.
    if (!rdate.some((one) => localPart(one) === set.dtstart)) own.rdate.unshift(set.dtstart);
    return { before: byDatesAlone(earlier), after: byDatesAlone(later) };
  }
  const { before, after } = splitRule(set, ruleOf(set.rrule), cut);
  return {
    before: before === undefined ? byDatesAlone(earlier) : [tidy({ ...earlier, ...before })],
    after: after === undefined ? byDatesAlone(later) : [tidy({ ...later, ...after })],
  };
}

type RulePart = Pick<PlacedSet, "dtstart" | "rrule">;

function splitRule(set: PlacedSet, rule: Rule, cut: string): { before?: RulePart; after?: RulePart } {
  const whole = { dtstart: set.dtstart, rrule: set.rrule };
  if (set.dtstart >= cut) return { after: whole };
  const [first] = startsFrom(set, cut, 1);
  if (first === undefined) return { before: whole };
  const next = localText(first, isDateText(set.dtstart));
  const { count } = rule;
  if (count === undefined)
    return {
      before: { dtstart: set.dtstart, rrule: writeRule({ ...rule, until: lastMomentBefore(cut, set.dtstart) }) },
      after: { dtstart: next, rrule: set.rrule },
    };
  const passed = count - startsFrom(set, cut, count).length;
  return {
    before: { dtstart: set.dtstart, rrule: writeRule({ ...rule, count: passed }) },
    after: { dtstart: next, rrule: writeRule({ ...rule, count: count - passed }) },
  };
}

/** The starts that the rule alone gives from `cut` on, at most `limit`, as wall-clock numbers: in UTC a local time is its own instant. */
function startsFrom({ dtstart, rrule }: PlacedSet, cut: string, limit: number): number[] {
  const window = { from: knownWall(cut), until: END_OF_TIME, limit };
  return instancesOf([{ dtstart, rrule, timezone: "UTC" }], window).instances.map((instance) => instance.startAt);
}

/** UNTIL includes its own time: the second before the cut, or the day of that second where the set has no times. */
const lastMomentBefore = (cut: string, like: string): string => basicText(knownWall(cut) - SECOND, isDateText(like));

/** Sets of plain dates, one for each length that a date may have of its own. */
function byDatesAlone({ rrule: _rrule, ...set }: PlacedSet & { rdate: string[] }): PlacedSet[] {
  const byDuration = Map.groupBy(set.rdate, (one) => one.split("/")[1] ?? set.duration);
  return [...byDuration].map(([duration, dates]) => {
    const [first, ...others] = dates.map(localPart).toSorted();
    const { duration: _duration, ...rest } = set;
    return tidy({ ...rest, dtstart: first!, ...(duration !== undefined && { duration }), rdate: others });
  });
}

const localPart = (rdate: string): string => rdate.split("/")[0]!;

/** Without lists that are empty. */
function tidy({ rdate, exdate, ...set }: PlacedSet): PlacedSet {
  return { ...set, ...(rdate?.length && { rdate }), ...(exdate?.length && { exdate }) };
}

function ruleOf(rrule: string): Rule {
  const rule = parseRule(rrule);
  if ("fault" in rule) throw new Error(`the rule ${rrule} of a stored series cannot be read: ${JSON.stringify(rule.fault)}`);
  return rule;
}
