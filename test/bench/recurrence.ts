/**
 * Expansion in named zones against rrule's own, which asks Intl for each of its dates (its TZID option): the same rules and windows,
 * the same instants asserted. rrule takes the offset of a time as if that time were UTC, and so errs on days of a change of clocks:
 * these are not compared. `node test/bench/recurrence.ts` prints the table.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { instancesOf, localOf } from "../../src/domain/recurrence/expand.ts";
import { transitionsOf } from "../../src/domain/recurrence/zone-times.ts";
import type { Bench } from "./context.ts";
import type { Ratio } from "./rounds.ts";

/** The package has no exports that an import of an ECMAScript module could name. */
const { RRule } = createRequire(import.meta.url)("rrule") as typeof import("rrule");

const RULES = {
  "every Friday": "FREQ=WEEKLY;BYDAY=FR",
  "Monday, Wednesday and Friday": "FREQ=WEEKLY;BYDAY=MO,WE,FR",
  "every day": "FREQ=DAILY",
  "the second Tuesday of the month": "FREQ=MONTHLY;BYDAY=2TU",
  "the last workday of the month": "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
  "first of May and of October": "FREQ=YEARLY;BYMONTH=5,10;BYMONTHDAY=1",
};
const ZONES = ["America/Toronto", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca"];
const DTSTART = "2024-01-01T19:00:00";
const FROM = Date.UTC(2025, 0, 1);
const UNTIL = Date.UTC(2028, 0, 1);

const DAY = 86_400_000;

export interface ExpansionRate {
  rule: string;
  zone: string;
  instances: number;
  /** Microseconds an instance. */
  ours: number;
  rrule: number;
  ratio: number;
}

/** Each rule in each zone; `ratio` is that of all of them together, by the time that they take. */
export function benchExpansion(rounds = 3): { rates: ExpansionRate[]; ratio: number; lowest: number } {
  const measured = ZONES.flatMap((zone) => Object.entries(RULES).map(([name, rrule]) => measure(name, rrule, zone, rounds)));
  const total = (side: "oursMs" | "rruleMs") => measured.reduce((sum, one) => sum + one[side], 0);
  const rates = measured.map(({ rule, zone, instances, oursMs, rruleMs }) => ({
    rule,
    zone,
    instances,
    ours: (oursMs * 1_000) / instances,
    rrule: (rruleMs * 1_000) / instances,
    ratio: rruleMs / oursMs,
  }));
  return { rates, ratio: total("rruleMs") / total("oursMs"), lowest: Math.min(...rates.map(({ ratio }) => ratio)) };
}

/** For `npm run bench`: each round all rules in all zones. */
export async function expanding({ rounds }: Pick<Bench, "rounds">): Promise<Ratio[]> {
  const perSecond = (rates: readonly ExpansionRate[], side: "ours" | "rrule") =>
    rates.reduce((sum, rate) => sum + rate.instances, 0) / rates.reduce((sum, rate) => sum + (rate.instances * rate[side]) / 1e6, 0);
  const done = Array.from({ length: rounds }, () => benchExpansion(1).rates);
  const slowest = Math.min(...done.flat().map(({ ratio }) => ratio));
  return [
    {
      name: "expansion",
      what: "instances/s of rules in named zones ÷ by rrule with its TZID, the same instants",
      unit: "instances/s",
      target: 12,
      rounds: done.map((rates) => ({ mine: perSecond(rates, "ours"), other: perSecond(rates, "rrule") })),
      note: `${Object.keys(RULES).length} rules in ${ZONES.length} zones; the least of any rule in any round: ${slowest.toFixed(1)}`,
    },
  ];
}

function measure(rule: string, rrule: string, zone: string, rounds: number) {
  const ours = () => instancesOf([{ dtstart: DTSTART, timezone: zone, rrule }], { from: FROM, until: UNTIL, limit: 10_000 }).instances;
  const theirs = () =>
    new RRule({ ...RRule.parseString(rrule), dtstart: new Date(`${DTSTART}Z`), tzid: zone }, true).between(
      new Date(FROM),
      new Date(UNTIL - 1),
      true,
    );
  const found = ours();
  const changes = transitionsOf(zone, FROM, UNTIL).map(({ at }) => at);
  const comparable = (at: number) => at > FROM + DAY && at < UNTIL - DAY && !changes.some((change) => Math.abs(at - change) < DAY);
  const expected = found.map(({ recurrenceId, startAt }) => ({
    startAt,
    theirs: startAt + hostOffset(Date.parse(`${localOf(recurrenceId)}Z`)),
  }));
  const compared = expected.filter(({ startAt }) => comparable(startAt)).map(({ theirs: at }) => at);
  assert.ok(compared.length > found.length * 0.8);
  const given = new Set(theirs().map((date) => date.getTime()));
  assert.deepEqual(
    compared.filter((at) => !given.has(at)),
    [],
    `${rrule} in ${zone}`,
  );
  return { rule, zone, instances: found.length, oursMs: best(ours, rounds * 3), rruleMs: best(theirs, rounds) };
}

/** What rrule calls an instant is moved by the host's own offset at the wall-clock time taken for UTC. */
const hostOffset = (wall: number): number => -new Date(wall).getTimezoneOffset() * 60_000;

/** Milliseconds of the fastest of some rounds, after one that warms up. */
function best(work: () => unknown, rounds: number): number {
  work();
  const times = Array.from({ length: rounds }, () => {
    const before = performance.now();
    work();
    return performance.now() - before;
  });
  return Math.min(...times);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { rates, ratio, lowest } = benchExpansion();
  console.table(
    rates.map((one) => ({ ...one, ours: one.ours.toFixed(2), rrule: one.rrule.toFixed(0), ratio: one.ratio.toFixed(0) })),
    ["rule", "zone", "instances", "ours", "rrule", "ratio"],
  );
  console.log(`microseconds an instance; all together ${ratio.toFixed(0)}x of rrule's own TZID expansion, the least ${lowest.toFixed(0)}x`);
}
