/**
 * When two events, places or agents are one (data.md, "Identity and duplicates"). Pure; the same for (a, b) and (b, a).
 *
 * 1. exact: equal name, start to five minutes, one place or virtual address -> same.
 * 2. strong: one place, starts within a quarter of an hour, like names -> same where nothing contradicts, else a candidate.
 * 3. weak: near in space, time and meaning, or with other facts in common -> a candidate.
 *
 * Two that share no key of eventKeys and eventProbes are never compared.
 */
import { eventContradictions, eventFacts, VERY_LIKE, type EventFacts } from "./event-facts.ts";
import { rounded, type Comparison, type EventLikeness } from "./likeness.ts";

export type { AgentLikeness, Comparison, EventLikeness, PlaceLikeness, Verdict } from "./likeness.ts";
export { agentKeys, agentProbes, compareAgents } from "./agent-duplicates.ts";
export { comparePlaces, placeKeys, placeProbes } from "./place-duplicates.ts";
export { eventKeys, eventProbes } from "./event-keys.ts";

/** What says within the names that they are two. */
const NAMED_APART = [
  "number",
  "edition",
  "year",
  "clock",
  "level",
  "audience",
  "session",
  "part",
  "weekday",
  "language",
  "letter",
  "words",
];

/** Trigram similarity above which names are like (data.md). */
const LIKE = 0.8;

/** Whether two events are one. `compareEvents(a, b)` -> { verdict: "candidate", rule: "strong", score: 0.9, features, contradictions: ["number"] } */
export function compareEvents(a: EventLikeness, b: EventLikeness): Comparison {
  if (b.id < a.id) [a, b] = [b, a];
  const facts = eventFacts(a, b);
  if (facts === undefined) {
    return {
      verdict: "different",
      rule: "none",
      score: 0,
      features: rounded({ minutes: Math.abs(a.startAt - b.startAt) / 60_000 }),
      contradictions: [],
    };
  }
  return judge(facts, eventContradictions(a, b, facts));
}

function judge(facts: EventFacts, contradictions: string[]): Comparison {
  const { name, sameName, sameCore, start, place, url } = facts;
  const say = (verdict: Comparison["verdict"], rule: Comparison["rule"]): Comparison => ({
    verdict,
    rule,
    score: rule === "exact" && verdict === "same" ? 1 : scoreOf(facts, contradictions),
    features: featuresOf(facts),
    contradictions,
  });
  const has = (...names: string[]) => names.some((one) => contradictions.includes(one));
  // "Part 1" and "Part 2" of one source: it knows what it lists.
  if (has("source ids") && has(...NAMED_APART)) return say("different", "none");
  const together = start === "equal" || start === "close";

  if (sameName && start === "equal" && (place === "same" || place === "town")) {
    // A town is no venue: two of one name in it may be two, where their makers differ.
    const others = has("organizer", "performers") || (has("site") && (facts.common || facts.end !== true));
    const doubt = has("source ids") || (place === "town" && others);
    return say(doubt ? "candidate" : "same", "exact");
  }
  if (name > LIKE && (place === "same" || place === "town") && (together || start === "date")) {
    const sure = start === "date" ? sameCore && place === "same" : place === "same" || sameCore || url === "page";
    return say(sure && contradictions.length === 0 ? "same" : "candidate", "strong");
  }
  return isWeak(facts, has) ? say("candidate", "weak") : say("different", "none");
}

function isWeak(facts: EventFacts, has: (...names: string[]) => boolean): boolean {
  const { name, start, place, url, organizer, performers, end, translated } = facts;
  if (has("source ids", "series")) return false;
  const timely = start === "equal" || start === "close" || start === "date";
  const here = place === "same" || place === "near";
  // Other facts that two listings of one event share, whatever they call it.
  const witnesses =
    (url === "page" ? 2 : url === "site" ? 1 : 0) +
    (performers === true ? 2 : 0) +
    (organizer === true ? 1 : 0) +
    (end === true && start === "equal" ? 1 : 0) +
    (translated >= 0.5 && translated > name + 0.1 ? 1 : 0) -
    (has("page") ? 1 : 0) -
    // One source that gives two names to one page lists two things on it.
    (has("words") && facts.sharedSource ? 1 : 0);
  const marked = has("number", "level", "audience", "session", "letter", "weekday", "edition");

  if (timely) {
    if (here && facts.contained && !facts.common) return !has("page");
    if (here) return name >= 0.5 ? !has("words", "page") || witnesses >= 2 || name > LIKE : witnesses >= 2 && !marked;
    if (place === "town") return (name > 0.6 && !has("words")) || (witnesses >= 3 && !marked);
    return (name > LIKE && !marked) || (name >= 0.5 && witnesses >= 2 && !marked);
  }
  // Later on the same day: another showing, or a clock set wrong. Who says the same of all else says it of one event.
  if (name <= VERY_LIKE || marked || has("words") || !here) return false;
  return start === "hour" || witnesses >= 1 || !facts.sharedSource;
}

const TIME_SCORE = { equal: 1, close: 0.95, date: 0.8, hour: 0.6, day: 0.4, apart: 0 } as const;
const PLACE_SCORE = { same: 1, near: 0.8, town: 0.7, unknown: 0.4, elsewhere: 0 } as const;

function scoreOf(facts: EventFacts, contradictions: readonly string[]): number {
  const witness = Math.max(facts.url === "page" ? 1 : 0, facts.performers === true ? 1 : 0, facts.organizer === true ? 0.5 : 0);
  const sum = 0.5 * facts.name + 0.2 * TIME_SCORE[facts.start] + 0.2 * PLACE_SCORE[facts.place] + 0.1 * witness;
  return rounded({ sum: Math.max(0, Math.min(1, sum - 0.05 * contradictions.length)) })["sum"]!;
}

function featuresOf(facts: EventFacts): Record<string, number> {
  const { name, minutes, metres, organizer, performers, end, translated } = facts;
  return rounded({
    name,
    minutes,
    place: PLACE_SCORE[facts.place],
    url: facts.url === "page" ? 1 : facts.url === "site" ? 0.5 : 0,
    translated,
    ...(metres !== undefined && { metres }),
    ...(organizer !== undefined && { organizer: Number(organizer) }),
    ...(performers !== undefined && { performers: Number(performers) }),
    ...(end !== undefined && { end: Number(end) }),
  });
}
