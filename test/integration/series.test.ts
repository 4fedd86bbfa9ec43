/** Recurring events in the registry: what stands in the database, what a rule's change does to it, and how the horizon moves on. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockEvents } from "../../src/db/events.ts";
import { readOccurrences } from "../../src/db/occurrences.ts";
import { expandDue, expandSeries } from "../../src/registry/expand-series.ts";
import { explainEvent } from "../../src/registry/explain-event.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import type { Caller } from "../../src/registry/context.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const DAY = 24 * 60 * 60 * 1000;

let open: TestRegistry;
let city: Caller;
beforeEach(async () => {
  open = await openTestRegistry();
  city = await open.source("City calendar");
});
afterEach(() => open[Symbol.asyncDispose]());

/** Every Friday at nine in Toronto, from 8 May 2026 on. */
const fridays = (schedule: object = {}, changes: object = {}) =>
  concert({
    identifier: "fridays",
    eventSchedule: {
      "@type": "Schedule",
      repeatFrequency: "P1W",
      byDay: "https://schema.org/Friday",
      startDate: "2026-05-08",
      startTime: "21:00",
      duration: "PT2H30M",
      scheduleTimezone: "America/Toronto",
      ...schedule,
    },
    ...changes,
  });

const standing = async (eventId: string) =>
  [...(await open.registry.database.read((on) => readOccurrences(on, [eventId]))).get(eventId)!.values()].toSorted(
    (a, b) => a.startAt - b.startAt,
  );
const starts = async (eventId: string) => (await standing(eventId)).map((row) => new Date(row.startAt).toISOString());

describe("a series", () => {
  test("shows its rule, and its first occurrence as its times", async () => {
    const { eventId } = await open.submit(city, fridays());
    const state = await open.event(eventId);
    expect(state.startDate).toBe("2026-05-08T21:00:00-04:00");
    expect(state.endDate).toBe("2026-05-08T23:30:00-04:00");
    expect(state.series?.recurrence).toEqual([
      { dtstart: "2026-05-08T21:00:00", timezone: "America/Toronto", duration: "PT2H30M", rrule: "FREQ=WEEKLY;BYDAY=FR" },
    ]);
    expect(state.occurrences).toBeUndefined();
  });

  test("stands for two months at once, and for the horizon when the job has run", async () => {
    open.later(60 * DAY); // 30 April 2026
    const { eventId } = await open.submit(city, fridays());
    expect(await starts(eventId)).toHaveLength(8);
    expect(open.jobs).toContainEqual({ queue: "expand-series" });
    await expandDue(open.registry);
    const all = await starts(eventId);
    expect(all.length).toBeGreaterThanOrEqual(78);
    // Winter time: nine in Toronto is another instant.
    expect(all).toContain("2026-11-07T02:00:00.000Z");
    expect(await expandDue(open.registry)).toEqual({ events: 0 });
  });

  test("moves on with time, and no reader of the feed hears of it", async () => {
    const { eventId } = await open.submit(city, fridays());
    await expandDue(open.registry);
    const [before, version] = [await starts(eventId), (await open.event(eventId)).version];
    open.later(100 * DAY);
    expect(await expandDue(open.registry)).toEqual({ events: 1 });
    const after = await starts(eventId);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.length).toBeGreaterThan(before.length + 9);
    expect((await open.event(eventId)).version).toBe(version);
  });

  test("that ends is expanded once and for all, and is over with its last occurrence", async () => {
    const { eventId } = await open.submit(city, fridays({ repeatCount: 3 }));
    await expandDue(open.registry);
    expect(await starts(eventId)).toEqual(["2026-05-09T01:00:00.000Z", "2026-05-16T01:00:00.000Z", "2026-05-23T01:00:00.000Z"]);
    open.later(5000 * DAY);
    expect(await expandDue(open.registry)).toEqual({ events: 0 });
  });

  test("keeps its past when the rule changes, and follows the rule from now on", async () => {
    const { eventId } = await open.submit(city, fridays());
    await expandDue(open.registry);
    open.later(80 * DAY); // 20 May 2026: two Fridays are over
    await open.submit(city, fridays({ byDay: "https://schema.org/Saturday" }));
    await expandDue(open.registry);
    expect((await starts(eventId)).slice(0, 4)).toEqual([
      "2026-05-09T01:00:00.000Z",
      "2026-05-16T01:00:00.000Z",
      "2026-05-24T01:00:00.000Z",
      "2026-05-31T01:00:00.000Z",
    ]);
  });

  test("keeps its past when another rule comes to it, and when it recurs no more for a while", async () => {
    const { eventId } = await open.submit(city, fridays());
    await expandDue(open.registry);
    open.later(80 * DAY);
    const past = (await starts(eventId)).slice(0, 2);
    const rules = ["Friday", "Saturday"].map((byDay) => ({ ...(fridays()["eventSchedule"] as object), byDay, startTime: "20:00" }));
    await open.submit(city, { ...fridays(), startDate: undefined, endDate: undefined, eventSchedule: rules });
    expect((await starts(eventId)).slice(0, 3)).toEqual([...past, "2026-05-23T00:00:00.000Z"]);
    const { eventSchedule: _, ...once } = fridays();
    await open.submit(city, once);
    expect(await starts(eventId)).toEqual(past);
    await open.submit(city, fridays({ startTime: "20:00" }, { startDate: undefined, endDate: undefined }));
    expect((await starts(eventId)).slice(0, 3)).toEqual([...past, "2026-05-23T00:00:00.000Z"]);
  });

  test("is placed anew from now on when the rules of the clocks change", async () => {
    const { eventId } = await open.submit(city, fridays());
    await expandDue(open.registry);
    const before = await standing(eventId);
    open.later(80 * DAY);
    // As if the zone had been an hour off in the edition before.
    await open.registry.database.transact(async (tx) => {
      const { sql } = await import("kysely");
      const { kyselyOf } = await import("../../src/db/handle.ts");
      await sql`update event_occurrences set start_at = start_at - interval '1 hour', end_at = end_at - interval '1 hour' where event_id = ${eventId}`.execute(
        kyselyOf(tx),
      );
    });
    expect(await expandDue({ ...open.registry, tzdata: "another edition" })).toEqual({ events: 1 });
    const after = await standing(eventId);
    expect(after.slice(2, before.length).map((row) => row.startAt)).toEqual(before.slice(2).map((row) => row.startAt));
    expect(after.slice(0, 2).map((row) => row.startAt)).toEqual(before.slice(0, 2).map((row) => row.startAt - 3_600_000));
  });

  test("expanding again, or in two steps, gives what one step gives", async () => {
    const { eventId } = await open.submit(city, fridays());
    const { registry } = open;
    const expand = (days: number) =>
      registry.database.transact(async (tx) => {
        await lockEvents(tx, [eventId]);
        await expandSeries(registry, tx, [eventId], { until: registry.clock().getTime() + days * DAY });
      });
    await expand(200);
    await expand(400);
    const inSteps = await standing(eventId);
    await expand(400);
    expect(await standing(eventId)).toEqual(inSteps);
    const { eventId: other } = await open.submit(await open.source("Another"), fridays({}, { name: "Other Fridays", identifier: "other" }));
    await registry.database.transact((tx) => expandSeries(registry, tx, [other], { until: registry.clock().getTime() + 400 * DAY }));
    expect(await starts(other)).toEqual(await starts(eventId));
  });

  test("of which the next occurrence is years away shows it all the same", async () => {
    const { eventId } = await open.submit(city, fridays({ repeatFrequency: "P5Y", byDay: undefined, startDate: "2024-06-07" }));
    expect(await starts(eventId)).toEqual(["2029-06-08T01:00:00.000Z"]);
    await expandDue(open.registry);
    expect(await starts(eventId)).toEqual(["2029-06-08T01:00:00.000Z"]);
  });

  test("that was over long ago shows its last year", async () => {
    const { eventId } = await open.submit(city, fridays({ startDate: "2019-01-04", endDate: "2021-12-31" }));
    const all = await starts(eventId);
    expect(all.length).toBeGreaterThanOrEqual(52);
    expect(all.at(-1)).toBe("2022-01-01T02:00:00.000Z");
  });

  test("that recurs no more happens once", async () => {
    const { eventId } = await open.submit(city, fridays());
    const { eventSchedule: _, ...once } = fridays();
    await open.submit(city, once);
    expect(await standing(eventId)).toEqual([]);
    expect((await open.event(eventId)).series).toBeUndefined();
    expect((await open.event(eventId)).startDate).toBe("2026-05-08T21:00:00-04:00");
  });
});

describe("who says how it recurs", () => {
  test("a better trusted source that knows one of its dates does not stop the series", async () => {
    const { eventId } = await open.submit(city, fridays());
    const venue = await open.source("The Rex", { trust: 9 });
    expect(await open.submit(venue, concert())).toEqual({ outcome: "merged", eventId });
    expect((await open.event(eventId)).series).toBeDefined();
  });

  test("one that knows it to be at another time does", async () => {
    const { eventId } = await open.submit(city, fridays());
    const venue = await open.source("The Rex", { trust: 9 });
    await open.submit(venue, concert({ identifier: "rex" }));
    await open.submit(venue, concert({ identifier: "rex", startDate: "2026-05-09T21:00:00-04:00", endDate: "2026-05-09T23:30:00-04:00" }));
    expect((await open.event(eventId)).series).toBeUndefined();
    expect((await open.event(eventId)).startDate).toBe("2026-05-09T21:00:00-04:00");
  });

  test("a start cannot be pinned to a series", async () => {
    const { eventId } = await open.submit(city, fridays());
    const admin: Caller = { actor: "key:admin", role: "admin" };
    await expect(
      open.registry.database.transact((tx) =>
        pinField(open.registry, admin, tx, { eventId, field: "startDate", value: "2026-06-05T21:00:00-04:00" }),
      ),
    ).rejects.toThrow(/recurs/);
  });
});

describe("the job", () => {
  test("expands the others where one cannot be, and names it at the end", async () => {
    const { eventId } = await open.submit(city, fridays());
    const { eventId: broken } = await open.submit(city, fridays({}, { name: "Broken Fridays", identifier: "broken" }));
    const { database } = open.registry;
    const { sql } = await import("kysely");
    const { kyselyOf } = await import("../../src/db/handle.ts");
    await database.transact((tx) => sql`update event_series set rrule = 'FREQ=NEVER' where event_id = ${broken}`.execute(kyselyOf(tx)));
    await expect(expandDue(open.registry)).rejects.toThrow(new RegExp(`1 series could not be expanded: ${broken}: FREQ=NEVER`));
    expect((await starts(eventId)).length).toBeGreaterThan(60);
  });

  test("places what is shown of a series anew, too, when the rules of the clocks change", async () => {
    const { eventId } = await open.submit(city, fridays({ repeatCount: 3 }));
    const { database } = open.registry;
    const { sql } = await import("kysely");
    const { kyselyOf } = await import("../../src/db/handle.ts");
    await database.transact((tx) =>
      sql`update event_series set first_start_at = first_start_at - interval '1 hour', over_at = over_at - interval '1 hour' where event_id = ${eventId}`.execute(
        kyselyOf(tx),
      ),
    );
    const before = await open.event(eventId);
    await expandDue({ ...open.registry, tzdata: "another edition" });
    const after = await open.event(eventId);
    expect(after.startDate).toBe("2026-05-08T21:00:00-04:00");
    expect(after.version).toBe(before.version + 1);
  });
});

describe("what is said of one occurrence", () => {
  const with15May = (own: object) =>
    fridays(
      {},
      {
        subEvent: {
          "@type": "Event",
          "sel:recurrenceId": "20260515T210000",
          "@context": { sel: "https://schema.togather.foundation/ns#" },
          ...own,
        },
      },
    );

  test("stands by itself: each word is a claim, whoever says it of those as trusted as the rule's source", async () => {
    const { eventId } = await open.submit(city, with15May({ name: "Jazz, outdoors", startDate: "2026-05-15T19:00:00-04:00" }));
    const venue = await open.source("The Rex");
    await open.submit(venue, { ...with15May({ eventStatus: "https://schema.org/EventCancelled" }), identifier: "rex-fridays" });
    const { series } = await open.event(eventId);
    expect(series?.overrides).toEqual([
      { recurrenceId: "20260515T210000", name: "Jazz, outdoors", startDate: "2026-05-15T19:00:00-04:00", eventStatus: "EventCancelled" },
    ]);
    const { fields } = await open.registry.database.read((on) => explainEvent(on, eventId));
    const told = Object.fromEntries(fields.map(({ field, winner }) => [field, winner?.source]));
    expect(told["/subEvent/20260515T210000/startDate"]).toBe("City calendar");
    expect(told["/subEvent/20260515T210000/eventStatus"]).toBe("The Rex");
    await expandDue(open.registry);
    const row = (await standing(eventId)).find((one) => one.recurrenceId === "20260515T210000");
    expect(row).toMatchObject({ startAt: Date.parse("2026-05-15T23:00:00Z"), eventStatus: "EventCancelled" });
  });

  test("taken back, leaves what the rule says: also where it had been moved into the past, or was cancelled and has begun", async () => {
    const { eventId } = await open.submit(city, with15May({ startDate: "2025-05-15T19:00:00-04:00" }));
    await expandDue(open.registry);
    expect((await starts(eventId))[0]).toBe("2025-05-15T23:00:00.000Z");
    await open.submit(city, with15May({ eventStatus: "https://schema.org/EventCancelled" }));
    open.later(80 * DAY);
    const status = async () => (await standing(eventId)).find((row) => row.recurrenceId === "20260515T210000");
    expect(await status()).toMatchObject({ startAt: Date.parse("2026-05-16T01:00:00Z"), eventStatus: "EventCancelled" });
    await open.submit(city, fridays());
    expect((await status())?.eventStatus).toBeUndefined();
  });

  test("does not count where its source is trusted less than the one whose rule stands, and the explanation says so", async () => {
    const { eventId } = await open.submit(city, fridays());
    const board = await open.source("A notice board", { trust: 1 });
    await open.submit(board, { ...with15May({ name: "Hijacked", startDate: "2026-05-16T09:00:00-04:00" }), identifier: "board" });
    expect((await open.event(eventId)).series?.overrides).toBeUndefined();
    const { fields } = await open.registry.database.read((on) => explainEvent(on, eventId));
    const told = fields.find(({ field }) => field === "/subEvent/20260515T210000/startDate")!;
    expect(told).toMatchObject({ losers: [{ source: "A notice board" }], rule: expect.stringContaining("of higher trust") });
    expect(told.winner).toBeUndefined();
  });

  test("goes when its source says it no more", async () => {
    const { eventId } = await open.submit(city, with15May({ eventStatus: "https://schema.org/EventCancelled" }));
    await expandDue(open.registry);
    await open.submit(city, fridays());
    expect((await open.event(eventId)).series?.overrides).toBeUndefined();
    expect((await standing(eventId)).every((row) => row.eventStatus === undefined)).toBe(true);
  });

  test("may be another place, which is a place like any other", async () => {
    const lake = { "@type": "Place", name: "Harbour Stage", geo: { "@type": "GeoCoordinates", latitude: 43.638, longitude: -79.38 } };
    const { eventId } = await open.submit(city, with15May({ location: lake }));
    const [override] = (await open.event(eventId)).series!.overrides!;
    expect(override!.location!.name).toBe("Harbour Stage");
    await expandDue(open.registry);
    const rows = await standing(eventId);
    expect(rows.filter((row) => row.venueId === override!.location!.id).map((row) => row.recurrenceId)).toEqual(["20260515T210000"]);
  });
});
