/**
 * Whatever is done to the rule of a series: what was said of one occurrence stays with its day, what is past stays as it was, and
 * the table of occurrences says what the rule says.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockEvents } from "../../src/db/events.ts";
import { readOccurrences, type OccurrenceRow } from "../../src/db/occurrences.ts";
import { occurrencesOfState } from "../../src/domain/recurrence/of-state.ts";
import { instantOf } from "../../src/domain/when.ts";
import type { Caller } from "../../src/registry/context.ts";
import { expandDue, expandSeries } from "../../src/registry/expand-series.ts";
import { overrideOccurrence } from "../../src/registry/override-occurrence.ts";
import { retractEvent } from "../../src/registry/retract-event.ts";
import { reviseEvent } from "../../src/registry/revise-event.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

/** More of them (300 took minutes) found nothing that these do not. */
const RUNS = 12;
const DAY = 24 * 60 * 60 * 1000;
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const keeper: Caller = { actor: "admin", role: "admin" };

let open: TestRegistry;
let city: Caller;
beforeAll(async () => {
  open = await openTestRegistry();
  city = await open.source("City calendar");
});
afterAll(() => open[Symbol.asyncDispose]());

/** One start a day at most, so that a day names one occurrence. */
interface WeeklyRule {
  days: (typeof DAYS)[number][];
  time: string;
  duration: string;
}
type Step =
  | { does: "change the rule"; rule: WeeklyRule }
  | { does: "say something of one"; pick: number; what: "rename" | "cancel" | "move" }
  | { does: "wait"; days: number }
  | { does: "expand" };

const rule: fc.Arbitrary<WeeklyRule> = fc.record({
  days: fc.subarray([...DAYS], { minLength: 1 }),
  time: fc.constantFrom("09:00", "19:00", "20:30", "02:30"),
  duration: fc.constantFrom("PT1H", "PT2H30M"),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant("change the rule" as const), rule }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("say something of one" as const),
      pick: fc.nat(12),
      what: fc.constantFrom("rename" as const, "cancel" as const, "move" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("wait" as const), days: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("expand" as const) }) },
);

const schedule = ({ days, time, duration }: WeeklyRule) => ({
  "@type": "Schedule",
  repeatFrequency: "P1W",
  byDay: days.map((day) => `https://schema.org/${day}`),
  startDate: "2026-03-02",
  startTime: time,
  duration,
  scheduleTimezone: "America/Toronto",
});
/** Given no startDate of its own, the event begins with its rule. */
const firstOf = ({ days, time }: WeeklyRule) => {
  const first = Math.min(...days.map((day) => DAYS.indexOf(day)));
  return `2026-03-${String(2 + first).padStart(2, "0")}T${time}:00-05:00`;
};
const weekdayOf = (day: string) => DAYS[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7]!;

let made = 0;
/** A series, what was said of which day, and the means to change both. */
async function aSeries(first: WeeklyRule, exceptionsBy: Caller) {
  const body = (now: WeeklyRule) =>
    concert({
      name: `Series ${made}`,
      identifier: `series-${made}`,
      startDate: firstOf(now),
      endDate: undefined,
      eventSchedule: schedule(now),
    });
  made++;
  const { eventId } = await open.submit(city, body(first));
  const { registry } = open;
  const { database } = registry;
  const state = () => open.event(eventId);
  const rows = async () => [...((await database.read((on) => readOccurrences(on, [eventId]))).get(eventId)?.values() ?? [])];
  const shown = async (from: number, limit: number) =>
    occurrencesOfState(await state(), { from, until: from + 1_500 * DAY, limit }).occurrences;
  const sendAnew = (now: WeeklyRule) => open.submit(city, { ...body(now), n: Math.random() });
  return {
    eventId,
    sendAnew,
    rows,
    shown,
    async change(now: WeeklyRule) {
      if (exceptionsBy !== city) return void (await sendAnew(now));
      const document = { startDate: firstOf(now), endDate: null, eventSchedule: schedule(now) };
      const payload = Buffer.from(JSON.stringify({ ...document, n: Math.random() }));
      await database.transact((tx) =>
        reviseEvent(registry, city, tx, { eventId, mode: "patch", document, payload, mediaType: "application/json" }),
      );
    },
    say: (recurrenceId: string, document: object) =>
      database.transact((tx) => overrideOccurrence(registry, exceptionsBy, tx, { eventId, recurrenceId, mode: "patch", document })),
    expandAnew: () =>
      database.transact(async (tx) => {
        await lockEvents(tx, [eventId]);
        await expandSeries(registry, tx, [eventId], { until: registry.clock().getTime(), anew: true });
      }),
  };
}

const key = (row: OccurrenceRow) => `${row.startAt} ${row.recurrenceId}`;
const ordered = (rows: readonly OccurrenceRow[]) => rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
const local = (recurrenceId: string) => `${recurrenceId.slice(0, 4)}-${recurrenceId.slice(4, 6)}-${recurrenceId.slice(6, 8)}`;

type Series = Awaited<ReturnType<typeof aSeries>>;
type Said = Map<string, { name?: string; eventStatus?: string; startDate?: string }>;

/** What was said of a day is shown wherever the rule has that day, and nowhere else. */
async function assertSaid(series: Series, present: WeeklyRule, said: Said): Promise<void> {
  for (const [day, { startDate, ...rest }] of said) {
    const there = (await series.shown(Date.parse(`${day}T00:00:00Z`) - DAY, 10)).filter((one) => local(one.recurrenceId) === day);
    if (!present.days.includes(weekdayOf(day))) {
      expect(there, `${day} has left the rule`).toEqual([]);
      continue;
    }
    expect(there).toHaveLength(1);
    expect(there[0]).toMatchObject(rest);
    if (startDate !== undefined) expect(instantOf(there[0]!.startDate)).toBe(instantOf(startDate));
  }
}

const SPEAKERS = [
  { who: "a curator's exceptions outlive whatever the source says anew", caller: () => keeper },
  { who: "a source's exceptions outlive its own changes of the rule", caller: () => city },
];
test.each(SPEAKERS)("$who", { timeout: 120_000 }, async ({ caller }) => {
  await fc.assert(
    fc.asyncProperty(rule, fc.array(step, { minLength: 3, maxLength: 8 }), async (first, steps) => {
      const series = await aSeries(first, caller());
      let present = first;
      /** By the day in its name; how it must look wherever that day is in the rule. */
      const said: Said = new Map();
      for (const next of steps) {
        const now = open.registry.clock().getTime();
        const past = (await series.rows()).filter((row) => row.startAt < now);
        switch (next.does) {
          case "change the rule":
            await series.change(next.rule);
            present = next.rule;
            expect(ordered((await series.rows()).filter((row) => row.startAt < now)), "the past is as it was").toEqual(ordered(past));
            break;
          case "say something of one": {
            const one = (await series.shown(now + DAY, 14)).at(next.pick)!;
            const day = local(one.recurrenceId);
            const document = {
              rename: { name: `Guests of ${day}` },
              cancel: { eventStatus: "EventCancelled" },
              move: { startDate: `${day}T13:15:00-04:00` },
            }[next.what];
            await series.say(one.recurrenceId, document);
            said.set(day, { ...said.get(day), ...document });
            break;
          }
          case "wait":
            open.later(next.days * DAY);
            break;
          case "expand":
            await expandDue(open.registry);
            break;
        }
        await assertSaid(series, present, said);
      }
      const before = ordered(await series.rows());
      await series.expandAnew();
      expect(ordered(await series.rows()), "twice is once").toEqual(before);
      const now = open.registry.clock().getTime();
      const ahead = before.filter((row) => row.startAt >= now);
      const rule = (await series.shown(now, ahead.length)).map((one) => `${instantOf(one.startDate)} ${one.recurrenceId}`);
      expect(rule, "the table says what the rule says").toEqual(ahead.map(key));
      // Of no concern to the runs that follow.
      await open.registry.database.transact((tx) => retractEvent(open.registry, keeper, tx, { eventId: series.eventId }));
    }),
    { numRuns: RUNS },
  );
});

test("what one occurrence had of its own is history with it, whatever becomes of the rule", async () => {
  const before: WeeklyRule = { days: ["Friday"], time: "19:00", duration: "PT1H" };
  const series = await aSeries(before, city);
  const now = open.registry.clock().getTime();
  const [one] = await series.shown(now + DAY, 1);
  await series.say(one!.recurrenceId, { name: "Guests" });
  open.later(10 * DAY);
  const past = async () => ordered((await series.rows()).filter((row) => row.startAt < now + 10 * DAY));
  const then = await past();
  expect(then.map((row) => row.recurrenceId)).toContain(one!.recurrenceId);
  await series.change({ ...before, duration: "PT2H30M" });
  await series.change({ ...before, time: "20:30" });
  await series.change({ ...before, days: ["Monday"] });
  expect(await past()).toEqual(then);
});

test.each([
  ["has a name of its own", (day: string) => ({ name: `Guests of ${day}` })],
  ["is at another hour", (day: string) => ({ startDate: `${day}T13:15:00-04:00` })],
])(
  "an occurrence that %s and had left the rule when its day came did not take place, also where the rule comes back",
  async (_what, own) => {
    const rule: WeeklyRule = { days: ["Friday"], time: "19:00", duration: "PT1H" };
    const series = await aSeries(rule, keeper);
    const now = open.registry.clock().getTime();
    const [one] = await series.shown(now + DAY, 1);
    const day = local(one!.recurrenceId);
    await series.say(one!.recurrenceId, own(day));
    await series.change({ ...rule, days: ["Monday"] });
    open.later(9 * DAY);
    await series.change(rule);
    const passed = async () => (await series.rows()).filter((row) => row.startAt < now + 9 * DAY).map((row) => row.recurrenceId);
    expect(await passed()).not.toContain(one!.recurrenceId);
    // Somebody who knows what was may say otherwise.
    await series.say(one!.recurrenceId, { name: "It took place all the same" });
    expect(await passed()).toContain(one!.recurrenceId);
  },
);

test("an exception that a source itself no longer says is noticed to be gone (control)", async () => {
  const rule: WeeklyRule = { days: ["Friday"], time: "19:00", duration: "PT1H" };
  const series = await aSeries(rule, city);
  const [one] = await series.shown(open.registry.clock().getTime() + DAY, 1);
  await series.say(one!.recurrenceId, { name: "Guests" });
  const said: Said = new Map([[local(one!.recurrenceId), { name: "Guests" }]]);
  await assertSaid(series, rule, said);
  // Sent as a whole, and without the exception, the record is all that the source says.
  await series.sendAnew(rule);
  await expect(assertSaid(series, rule, said)).rejects.toThrow("Guests");
});
