/**
 * Compares an expansion with what the two oracles say.
 *
 * 1. rrule-temporal does its own zone arithmetic: the instants are compared.
 * 2. python-dateutil knows local times only: its answer is placed in the zone by Temporal, and compared as local times and instants.
 * 3. Who differs is asked again as the known differences of such a rule say, and must agree then. A rule for which an oracle has no
 *    words is read day by day instead where that is simple, and else left to the other one.
 * 4. A rule that is refused, unless for its size, must have no instances to the oracles either.
 */
import type { DateutilOracle } from "./ask-dateutil.ts";
import { instantsByRruleTemporal, localTimesByRruleTemporal } from "./ask-rrule-temporal.ts";
import type { Expander, FoundInstance } from "./expanders.ts";
import { readDayByDay } from "./day-by-day.ts";
import { secondQuestion, type KnownDifference, type SecondQuestion } from "./known-differences.ts";
import { later, openClocks, placed } from "./places-in-time.ts";
import { isAllDay, type RuleCase } from "./rule-case.ts";

const DAY = 86_400_000;

export interface Disagreement {
  oracle: keyof Verdicts["compared"];
  given: RuleCase;
  ours: string;
  theirs: string;
}

export interface Verdicts {
  rules: number;
  /** Rules with at least one instance in their window, and all instances. */
  fruitful: number;
  instances: number;
  zones: Set<string>;
  /** Rules whose answers were compared, by oracle; a third one stands in for one that has no words for a rule. */
  compared: Record<KnownDifference["oracle"] | "day by day", number>;
  /** Rules that nobody could judge. */
  unjudged: number;
  /** Refused by us, by what the refusal says. No oracle found an instance, but where the refusal is one of size. */
  refused: Map<string, number>;
  /** Rules for which an oracle was asked again, or let off, by "oracle: name". */
  known: Map<string, number>;
  disagreements: Disagreement[];
}

/** Puts cases to `expand`, to rrule-temporal and, where it is given, to python-dateutil. */
export async function judge(cases: Iterable<RuleCase>, expand: Expander, dateutil?: DateutilOracle): Promise<Verdicts> {
  const verdicts: Verdicts = {
    rules: 0,
    fruitful: 0,
    instances: 0,
    zones: new Set(),
    compared: { "rrule-temporal": 0, dateutil: 0, "day by day": 0 },
    unjudged: 0,
    refused: new Map(),
    known: new Map(),
    disagreements: [],
  };
  const clockOf = openClocks();
  for (const batch of batches(cases, 500)) {
    const asked = batch.map((given) => answerOf(given, expand(given), verdicts)).filter((one) => one !== undefined);
    // The other process works meanwhile.
    const answers = dateutil && askDateutil(asked, dateutil);
    for (const one of asked) compareRruleTemporal(one, clockOf, verdicts);
    if (answers) await compareDateutil(asked, await answers, dateutil, clockOf, verdicts);
    verdicts.unjudged += asked.filter(({ judged }) => !judged).length;
  }
  return verdicts;
}

interface Asked {
  given: RuleCase;
  found: readonly FoundInstance[];
  refusal?: string;
  judged: boolean;
}

/** Counts an answer; nothing for a rule that is refused for the work it would make, of which there is nothing to compare. */
function answerOf(given: RuleCase, answer: ReturnType<Expander>, verdicts: Verdicts): Asked | undefined {
  verdicts.rules += 1;
  verdicts.zones.add(given.set.timezone);
  if (Array.isArray(answer)) {
    if (answer.length > 0) verdicts.fruitful += 1;
    verdicts.instances += answer.length;
    return { given, found: answer, judged: false };
  }
  tally(verdicts.refused, answer.refused.replace(/(?<=RRULE )\S+/, "…").replaceAll(/\d+/g, "N"));
  if (answer.refused.includes("is taken only where")) return undefined;
  // Whatever dates come with it, the rule as such was refused: it must have no instance from its start on.
  if (!answer.refused.startsWith("rrule:")) return { given, found: [], refusal: answer.refused, judged: false };
  const { rdate: _rdate, exdate: _exdate, ...set } = given.set;
  const from = placed(set.dtstart, set.timezone);
  return { given: { ...given, set, from, until: from + given.until - given.from }, found: [], refusal: answer.refused, judged: false };
}

function compareRruleTemporal(asked: Asked, clockOf: ReturnType<typeof openClocks>, verdicts: Verdicts): void {
  const { given, found } = asked;
  const [ours, theirs] = isAllDay(given)
    ? [instancesText(found), instancesText(byLocalTimes(given))]
    : [instantsText(found.map(({ startAt }) => startAt)), instantsText(instantsByRruleTemporal(given))];
  const again = ours === theirs ? agreed(given) : secondQuestion(given, "rrule-temporal", clockOf(given.set.timezone));
  count(again, asked, "rrule-temporal", verdicts);
  if (ours === theirs || again.reworded === undefined) return;
  if (again.names.length === 0) return tell(verdicts, "rrule-temporal", asked, ours, theirs);
  const locally = isAllDay(given) || again.localTimes;
  const mine = locally ? instancesText(found) : ours;
  const other = locally ? instancesText(byLocalTimes(again.reworded)) : instantsText(instantsByRruleTemporal(again.reworded));
  if (mine !== other) tell(verdicts, "rrule-temporal", asked, mine, other);
}

async function compareDateutil(
  asked: readonly Asked[],
  answers: readonly FoundInstance[][],
  dateutil: DateutilOracle,
  clockOf: ReturnType<typeof openClocks>,
  verdicts: Verdicts,
): Promise<void> {
  const again: Asked[] = [];
  asked.forEach((one, n) => {
    const [ours, theirs] = [instancesText(one.found), instancesText(answers[n]!)];
    const question = ours === theirs ? agreed(one.given) : secondQuestion(one.given, "dateutil", clockOf(one.given.set.timezone));
    count(question, one, "dateutil", verdicts);
    if (ours === theirs || question.reworded === undefined) return;
    if (question.names.length === 0) tell(verdicts, "dateutil", one, ours, theirs);
    else again.push({ ...one, given: question.reworded });
  });
  const second = await askDateutil(again, dateutil);
  again.forEach((one, n) => {
    const [ours, theirs] = [instancesText(one.found), instancesText(second[n]!)];
    if (ours !== theirs) tell(verdicts, "dateutil", one, ours, theirs);
  });
}

const agreed = (given: RuleCase): SecondQuestion => ({ names: [], reworded: given, localTimes: false });

/** Counts a comparison and the differences that it needs; makes the one that stands in where there are no words. */
function count({ names, reworded }: SecondQuestion, asked: Asked, oracle: KnownDifference["oracle"], verdicts: Verdicts): void {
  for (const name of names) tally(verdicts.known, `${oracle}: ${name}`);
  const { given, found } = asked;
  const plainly = reworded ? undefined : readDayByDay(given, localWindow(given).until);
  if (plainly) {
    const [ours, theirs] = [instancesText(found), instancesText(inWindow(given, plainly))];
    if (ours !== theirs) tell(verdicts, "day by day", asked, ours, theirs);
  }
  if (!reworded && !plainly) return;
  verdicts.compared[reworded ? oracle : "day by day"] += 1;
  asked.judged = true;
}

const tell = (verdicts: Verdicts, oracle: Disagreement["oracle"], { given, refusal }: Asked, ours: string, theirs: string) =>
  void verdicts.disagreements.push({ oracle, given, ours: refusal ?? ours, theirs });

async function askDateutil(asked: readonly Asked[], dateutil: DateutilOracle): Promise<FoundInstance[][]> {
  const answers = await dateutil.localTimes(asked.map(({ given }) => ({ given, ...localWindow(given) })));
  return asked.map(({ given }, n) => inWindow(given, answers[n]!));
}

function byLocalTimes(given: RuleCase): FoundInstance[] {
  const { from, until } = localWindow(given);
  return inWindow(given, localTimesByRruleTemporal(given, from, until));
}

/** The window in local time, two days longer at both ends: no zone is further from UTC. */
const localWindow = ({ from, until }: RuleCase) => ({
  from: new Date(from - 2 * DAY).toISOString().slice(0, 19),
  until: new Date(until + 2 * DAY).toISOString().slice(0, 19),
});

/** Local times, in order, placed and cut to the case's window. */
function inWindow({ set, from, until, limit }: RuleCase, locals: readonly string[]): FoundInstance[] {
  const found: FoundInstance[] = [];
  let enough: string | undefined;
  for (const local of locals) {
    // A time moved forward by a gap may come after a later one: two days more are looked at.
    if (enough !== undefined && local > enough) break;
    const startAt = placed(local, set.timezone);
    if (startAt < from || startAt >= until) continue;
    found.push({ local, startAt });
    if (found.length === limit + 1) enough = later(local, { days: 2 });
  }
  const ordered = found.toSorted((one, other) => one.startAt - other.startAt || (one.local < other.local ? -1 : 1));
  // What is moved onto another instance is one with it, under that one's own time.
  return ordered.filter(({ startAt }, n) => ordered[n + 1]?.startAt !== startAt).slice(0, limit);
}

const instantsText = (instants: readonly number[]): string => instants.map((at) => new Date(at).toISOString().slice(0, 19)).join(" ");
const instancesText = (found: readonly FoundInstance[]): string =>
  found.map(({ local, startAt }) => `${local}=${new Date(startAt).toISOString().slice(0, 19)}Z`).join(" ");

const tally = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);

function* batches<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
