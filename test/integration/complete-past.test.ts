/** What is over is completed: at its end, not before, once, and whatever else it was stays. */
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { LifecycleState } from "../../src/domain/lifecycle.ts";
import { completePast } from "../../src/registry/complete-past.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeEvents } from "../../src/registry/merge-events.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "key:operator", role: "admin" };
let on: TestRegistry;
let venue: Caller;
// A calendar of its own for each test: it begins on 1 March 2026.
beforeEach(async () => {
  on = await openTestRegistry();
  venue = await on.source("venue");
});
afterEach(() => on[Symbol.asyncDispose]());

const query = <T>(statement: ReturnType<typeof sql>) =>
  on.registry.database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
/** Moves the clock on to this moment. */
const until = (time: string) => on.later(Date.parse(time) - on.registry.clock().getTime());

let made = 0;
const hall = (n: number) => ({
  "@type": "Place",
  name: `Hall ${n}`,
  geo: { "@type": "GeoCoordinates", latitude: 43.65, longitude: -79.38 },
});
/** An event with a name and a hall of its own. */
async function announce(changes: object): Promise<string> {
  const { eventId } = await on.submit(
    venue,
    concert({
      name: `Evening number ${++made}`,
      location: hall(made),
      ...changes,
    }),
  );
  return eventId;
}
const stateOf = async (id: string): Promise<LifecycleState> => (await on.event(id)).lifecycleState;
const become = (eventId: string, ...states: LifecycleState[]) =>
  on.registry.database.transact(async (tx) => {
    for (const state of states) await setLifecycle(on.registry, ADMIN, tx, { eventId, state });
  });

/** What the job makes of the event a minute before `over`, and then. */
async function aroundTheEnd(eventId: string, over: string): Promise<LifecycleState[]> {
  until(new Date(Date.parse(over) - 60_000).toISOString());
  await completePast(on.registry);
  const before = await stateOf(eventId);
  until(over);
  await completePast(on.registry);
  return [before, await stateOf(eventId)];
}
const NOT_BEFORE: LifecycleState[] = ["published", "completed"];

describe("an event is over", () => {
  test.each([
    {
      what: "at its end",
      when: { startDate: "2026-05-08T21:00:00-04:00", endDate: "2026-05-08T23:30:00-04:00" },
      over: "2026-05-09T03:30:00Z",
    },
    {
      what: "without an end, when the day on which it starts ends at its place",
      when: { startDate: "2026-05-08T21:00:00-04:00" },
      over: "2026-05-09T04:00:00Z",
    },
    { what: "as a date, when that day ends at its place", when: { startDate: "2026-05-08" }, over: "2026-05-09T04:00:00Z" },
    {
      what: "with an end that is a date, when that day ends at its place",
      when: { startDate: "2026-05-08", endDate: "2026-05-10" },
      over: "2026-05-11T04:00:00Z",
    },
    {
      what: "with a time and an end that is a date, when that day ends",
      when: { startDate: "2026-05-08T21:00:00-04:00", endDate: "2026-05-10" },
      over: "2026-05-11T04:00:00Z",
    },
    {
      what: "on the night when the clocks go back, an hour later",
      when: { startDate: "2026-11-01T21:00:00-05:00" },
      over: "2026-11-02T05:00:00Z",
    },
  ])("$what", async ({ when, over }) => {
    expect(await aroundTheEnd(await announce({ endDate: undefined, ...when }), over)).toEqual(NOT_BEFORE);
  });

  test("with several happenings, when the last of them is", async () => {
    const night = (day: "08" | "15" | "22") => ({
      "@type": "Event",
      startDate: `2026-05-${day}T20:00:00-04:00`,
      endDate: `2026-05-${day}T22:00:00-04:00`,
    });
    const id = await announce({
      startDate: "2026-05-08T20:00:00-04:00",
      endDate: undefined,
      subEvent: [night("08"), night("15"), night("22")],
    });
    expect(await aroundTheEnd(id, "2026-05-23T02:00:00Z")).toEqual(NOT_BEFORE);
  });

  test("that recurs, after the last day of its schedule; never, where that is not told", async () => {
    const weekly = (schedule: object) =>
      announce({
        startDate: "2026-05-08T20:00:00-04:00",
        endDate: undefined,
        eventSchedule: { "@type": "Schedule", repeatFrequency: "P1W", startDate: "2026-05-08", ...schedule },
      });
    const [summer, ever] = [await weekly({ endDate: "2026-08-28" }), await weekly({})];
    expect(await aroundTheEnd(summer, "2026-08-29T04:00:00Z")).toEqual(NOT_BEFORE);
    until("2030-01-01T00:00:00Z");
    await completePast(on.registry);
    expect(await stateOf(ever)).toBe("published");
  });

  test("at another time when its source moves it: earlier, or later", async () => {
    const terms = { identifier: "moving", endDate: undefined };
    const id = await announce({ ...terms, startDate: "2026-06-20T21:00:00-04:00" });
    const { name, location } = { name: `Evening number ${made}`, location: hall(made) };
    on.later();
    await on.submit(venue, concert({ name, location, ...terms, startDate: "2026-07-20T21:00:00-04:00" }));
    on.later();
    await on.submit(venue, concert({ name, location, ...terms, startDate: "2026-07-04T21:00:00-04:00" }));
    expect(await aroundTheEnd(id, "2026-07-05T04:00:00Z")).toEqual(NOT_BEFORE);
  });
});

describe("completion follows the table", () => {
  /** How an event comes into each state, and whether it is completed there. */
  const CASES: { state: LifecycleState; by: LifecycleState[]; completed: boolean }[] = [
    { state: "published", by: [], completed: true },
    { state: "rescheduled", by: ["rescheduled"], completed: true },
    { state: "sold_out", by: ["sold_out"], completed: true },
    { state: "postponed", by: ["postponed"], completed: false },
    { state: "cancelled", by: ["cancelled"], completed: false },
    { state: "withdrawn", by: ["withdrawn"], completed: false },
    { state: "deleted", by: ["deleted"], completed: false },
  ];
  test.each(CASES)("$state: completed $completed", async ({ state, by, completed }) => {
    const id = await announce({ startDate: "2026-05-08", endDate: undefined });
    await become(id, ...by);
    until("2026-05-10T00:00:00Z");
    await completePast(on.registry);
    expect(await stateOf(id)).toBe(completed ? "completed" : state);
  });

  test.each(["draft", "pending_review"] as const)("%s: waits to be published", async (state) => {
    const id = await announce({ startDate: "2026-05-08", endDate: undefined });
    await on.registry.database.transact((tx) => sql`update events set lifecycle_state = ${state} where id = ${id}`.execute(kyselyOf(tx)));
    until("2026-05-10T00:00:00Z");
    await completePast(on.registry);
    expect(await stateOf(id)).toBe(state);
  });

  test("one that is published (again) only after its end is completed by the next run", async () => {
    const id = await announce({ startDate: "2026-05-08", endDate: undefined });
    await become(id, "cancelled");
    until("2026-05-10T00:00:00Z");
    await completePast(on.registry);
    await become(id, "published");
    expect(await completePast(on.registry)).toEqual({ completed: 1 });
    expect(await stateOf(id)).toBe("completed");
  });

  test("one that is over when it is first told of is published, and completed by the next run", async () => {
    const id = await announce({ startDate: "2023-05-08", endDate: undefined });
    expect(await stateOf(id)).toBe("published");
    await completePast(on.registry);
    expect(await stateOf(id)).toBe("completed");
  });

  test("one that was merged into another is left to lead on; the other is completed", async () => {
    const ids = [
      await announce({ startDate: "2026-05-08", endDate: undefined }),
      await announce({ startDate: "2026-05-08", endDate: undefined }),
    ] as [string, string];
    const { keptId, goneId } = await on.registry.database.transact((tx) => mergeEvents(on.registry, ADMIN, tx, { ids }));
    until("2026-05-10T00:00:00Z");
    await completePast(on.registry);
    expect([await stateOf(keptId), await stateOf(goneId)]).toEqual(["completed", expect.not.stringMatching("completed")]);
  });
});

test("a run changes what is over once, tells the feed and the audit log, and a second run changes nothing", async () => {
  const ids = [
    await announce({ startDate: "2026-05-08", endDate: undefined }),
    await announce({ startDate: "2026-05-08", endDate: undefined }),
  ];
  const before = await Promise.all(ids.map((id) => on.event(id)));
  until("2026-05-10T00:00:00Z");
  const [{ seq }] = (await query<{ seq: string }>(sql`select max(seq) as seq from change_outbox`)) as [{ seq: string }];
  expect(await completePast(on.registry)).toEqual({ completed: 2 });
  const told = await query<{ id: string; actor: string; state: { lifecycleState: string; version: number } }>(
    sql`select entity_id as id, actor, state from change_outbox where seq > ${seq} order by entity_id`,
  );
  expect(told.map(({ id, actor, state }) => [id, actor, state.lifecycleState, state.version])).toEqual(
    ids.map((id, n) => [id, "job:complete-past", "completed", before[n]!.version + 1]),
  );
  const audited = await query<{ id: string; actor: string }>(
    sql`select entity_id as id, actor from audit_log where action = 'event.completed' and entity_id = any (${ids}::uuid[]) order by entity_id`,
  );
  expect(audited).toEqual(ids.map((id) => ({ id, actor: "job:complete-past" })));

  const states = await Promise.all(ids.map((id) => on.event(id)));
  expect(await completePast(on.registry)).toEqual({ completed: 0 });
  expect(await Promise.all(ids.map((id) => on.event(id)))).toEqual(states);
});

test("more than one transaction takes are completed in one run", async () => {
  const id = await announce({ startDate: "2026-12-08", endDate: undefined });
  await on.registry.database.transact(async (tx) => {
    const many = sql`with template as (select e.*, o.timezone from events e join event_occurrences o on o.event_id = e.id and o.sequence_number = 0 where e.id = ${id}),
      added as (insert into events (id, name, lifecycle_state, primary_venue_id, virtual_url, content_hash)
        select gen_random_uuid(), 'Night ' || n, 'published', t.primary_venue_id, t.virtual_url, t.content_hash from template t, generate_series(1, 1100) n returning id)
      insert into event_occurrences (id, event_id, start_at, timezone) select gen_random_uuid(), a.id, timestamptz '2026-05-08 20:00Z', t.timezone from added a, template t`;
    await many.execute(kyselyOf(tx));
  });
  until("2026-05-10T00:00:00Z");
  expect(await completePast(on.registry)).toEqual({ completed: 1100 });
  expect(await query(sql`select count(*)::int as n from event_ends where over_at <= ${on.registry.clock()}`)).toEqual([{ n: 0 }]);
});
