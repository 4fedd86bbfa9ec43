/** What rrule-temporal says to a case, with the zone left to it, or of local times alone. */
import { RRuleTemporal } from "rrule-temporal";
import { placed } from "./places-in-time.ts";
import { basic, extended, isAllDay, partsOf, ruleOf, type RuleCase } from "./rule-case.ts";

/** The instants of its instances in the case's window, in order: it does the arithmetic of the zone itself. */
export function instantsByRruleTemporal(given: RuleCase): number[] {
  const { set, from, until, limit } = given;
  const zone = set.timezone;
  const utcUntil = (local: string) => `${basic(new Date(placed(extended(local), zone)).toISOString().slice(0, 19))}Z`;
  const text = [
    `DTSTART;TZID=${zone}:${basic(set.dtstart)}`,
    `RRULE:${withUntil(set.rrule, utcUntil)}`,
    ...listLines(given, `;TZID=${zone}`, ""),
  ].join("\n");
  return between(text, from, until).slice(0, limit);
}

/** Local times (or dates) of its instances from `from` on, until before `until`, both local: no zone is in play. */
export function localTimesByRruleTemporal(given: RuleCase, from: string, until: string): string[] {
  const allDay = isAllDay(given);
  const text = [
    allDay ? `DTSTART;VALUE=DATE:${basic(given.set.dtstart)}` : `DTSTART:${basic(given.set.dtstart)}Z`,
    `RRULE:${allDay ? given.set.rrule : withUntil(given.set.rrule, (local) => `${local}Z`)}`,
    ...listLines(given, allDay ? ";VALUE=DATE" : "", allDay ? "" : "Z"),
  ].join("\n");
  return between(text, Date.parse(`${from}Z`), Date.parse(`${until}Z`)).map((at) => new Date(at).toISOString().slice(0, allDay ? 10 : 19));
}

function between(text: string, from: number, until: number): number[] {
  const rule = new RRuleTemporal({ rruleString: text });
  return rule
    .between(new Date(from), new Date(until), true)
    .map((instance) => instance.epochMilliseconds)
    .filter((at) => at < until);
}

const listLines = ({ set }: RuleCase, parameters: string, mark: string): string[] =>
  (["rdate", "exdate"] as const).flatMap((name) =>
    set[name] === undefined ? [] : [`${name.toUpperCase()}${parameters}:${set[name].map((local) => basic(local) + mark).join(",")}`],
  );

function withUntil(rrule: string, change: (local: string) => string): string {
  const parts = partsOf(rrule);
  const until = parts.get("UNTIL");
  return until === undefined ? rrule : ruleOf(parts.set("UNTIL", change(until)));
}
