/**
 * A schema.org EventSeries that lists whole events -> those events; one that only lists dates stays one event of many dates, and
 * one that recurs by a rule is one event whatever its parts say: they are its exceptions.
 */
import { escapeToken } from "../domain/pointer.ts";
import { RULE_TERMS } from "./schedule-rule.ts";
import { isObject, keyOf, type Item } from "./split.ts";
import { SEL } from "./vocabulary.ts";

type Json = Record<string, unknown>;

/** What a part says of its series where it says nothing of its own. */
const INHERITED = ["name", "location", "organizer"] as const;

/**
 * The parts of a series as items of their own, each with the name, place and organizer of the series where it has none;
 * the item itself where it is no series, or where a dated part has nothing but its date to tell it from the others.
 */
export function openSeries(item: Item): Item[] {
  const { raw } = item;
  if (
    !isObject(raw) ||
    ![raw["@type"] ?? raw["type"]].flat().some((type) => typeof type === "string" && /(^|[/:#])EventSeries$/.test(type))
  )
    return [item];
  if (hasRule(raw)) return [item];
  const key = ["subEvent", "subEvents"].map((term) => keyOf(raw, term)).find((found) => found !== undefined);
  const listed = key === undefined ? [] : [raw[key]].flat();
  const dated = listed
    .map((part, index) => ({ part, index }))
    .filter((entry): entry is { part: Json; index: number } => isDated(entry.part));
  if (dated.length === 0 || !dated.every(({ part }) => isWhole(part, raw))) return [item];
  const own = raw["@context"];
  return dated.map(({ part, index }) => ({
    ...item,
    raw: { ...inheritedBy(part, raw), ...part },
    pointer: `${item.pointer}/${escapeToken(key!)}${Array.isArray(raw[key!]) ? `/${index}` : ""}`,
    contexts: own === undefined ? item.contexts : [...item.contexts, own],
  }));
}

/** Some Schedule of it says by which rule it recurs. */
function hasRule(raw: Json): boolean {
  const key = keyOf(raw, "eventSchedule");
  const schedules = key === undefined ? [] : [raw[key]].flat().filter(isObject);
  return schedules.some(
    (schedule) =>
      RULE_TERMS.some((term) => keyOf(schedule, term) !== undefined) ||
      ["rrule", "rdate"].some((term) => Object.hasOwn(schedule, `sel:${term}`) || Object.hasOwn(schedule, SEL + term)),
  );
}

const isDated = (part: unknown): part is Json => isObject(part) && keyOf(part, "startDate") !== undefined;

/** It has an address, a name or a place of its own. */
function isWhole(part: Json, series: Json): boolean {
  return ["@id", "url", "name", "location"].some((term) => {
    const key = keyOf(part, term);
    if (key === undefined) return false;
    const seriesKey = keyOf(series, term);
    return seriesKey === undefined || JSON.stringify(part[key]) !== JSON.stringify(series[seriesKey]);
  });
}

function inheritedBy(part: Json, series: Json): Json {
  return Object.fromEntries(
    INHERITED.flatMap((term) => {
      const key = keyOf(series, term);
      return key === undefined || keyOf(part, term) !== undefined ? [] : [[key, series[key]] as const];
    }),
  );
}
