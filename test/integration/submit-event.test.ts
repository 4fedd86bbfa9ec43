/** One event, from what a source says to what the registry shows. */
import { describe, expect, test } from "vitest";
import { sql } from "kysely";
import { kyselyOf } from "../../src/db/handle.ts";
import { explainEvent } from "../../src/registry/explain-event.ts";
import { retractEvent } from "../../src/registry/retract-event.ts";
import { reviseEvent } from "../../src/registry/revise-event.ts";
import { setLifecycle } from "../../src/registry/set-lifecycle.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";
import type { Caller } from "../../src/registry/context.ts";

const outboxOf = (on: TestRegistry) =>
  on.registry.database.read(
    async (reader) =>
      (
        await sql<{ entity_kind: string; state: { name: string } }>`select entity_kind, state from change_outbox order by seq`.execute(
          kyselyOf(reader),
        )
      ).rows,
  );
const revise = (on: TestRegistry, caller: Caller, eventId: string, mode: "put" | "patch", document: object, ifMatch?: string) =>
  on.registry.database.transact((tx) =>
    reviseEvent(on.registry, caller, tx, {
      eventId,
      mode,
      document,
      payload: Buffer.from(JSON.stringify(document)),
      mediaType: "application/ld+json",
      ifMatch,
    }),
  );

describe("a first submission", () => {
  test("makes the event, its place and its organizer, each once in the outbox", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const { outcome, eventId } = await on.submit(rex, concert());
    expect(outcome).toBe("created");
    const event = await on.event(eventId);
    expect(event).toMatchObject({
      name: "Free Jazz at the Rex",
      startDate: "2026-05-08T21:00:00-04:00",
      timezone: "America/Toronto",
      lifecycleState: "published",
      eventDomain: "music",
      location: { name: "The Rex" },
      organizer: { kind: "organization", name: "The Rex Hotel" },
      version: 1,
      public: true,
    });
    expect((await outboxOf(on)).map((row) => row.entity_kind).toSorted()).toEqual(["event", "organization", "place"]);
    expect((await outboxOf(on)).every((row) => row.state !== null)).toBe(true);
  });

  test("a second event at the same venue uses the same place", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const one = await on.submit(rex, concert());
    const two = await on.submit(rex, concert({ name: "Blues Night" }));
    expect((await on.event(two.eventId)).location?.id).toBe((await on.event(one.eventId)).location?.id);
    expect(two.eventId).not.toBe(one.eventId);
  });
});

describe("the same source speaks again", () => {
  test("with the same bytes: unchanged, and nothing reaches the outbox", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const first = await on.submit(rex, concert());
    const before = (await outboxOf(on)).length;
    on.later();
    expect(await on.submit(rex, concert())).toEqual({ outcome: "unchanged", eventId: first.eventId });
    expect((await outboxOf(on)).length).toBe(before);
  });

  test("with other bytes that say the same: unchanged", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const first = await on.submit(rex, concert());
    const before = (await outboxOf(on)).length;
    const reordered = Object.fromEntries(Object.entries(concert({ startDate: "2026-05-09T01:00:00Z" })).toReversed());
    expect(await on.submit(rex, reordered)).toEqual({ outcome: "unchanged", eventId: first.eventId });
    expect((await outboxOf(on)).length).toBe(before);
  });

  test("with a correction under its own id: updated, under the same URI", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const first = await on.submit(rex, concert({ "@id": "https://rex.example/e/1" }));
    on.later();
    const moved = await on.submit(
      rex,
      concert({ "@id": "https://rex.example/e/1", startDate: "2026-05-09T20:00:00-04:00", endDate: null }),
    );
    expect(moved).toEqual({ outcome: "updated", eventId: first.eventId });
    const event = await on.event(first.eventId);
    expect(event.startDate).toBe("2026-05-09T20:00:00-04:00");
    expect(event.endDate).toBeUndefined();
    expect(event.version).toBe(2);
  });

  test("cancels, then reinstates; a postponed event cannot simply be on again", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const { eventId } = await on.submit(rex, concert({ identifier: "rex-1" }));
    const say = (eventStatus: string) => (
      on.later(),
      on.submit(rex, concert({ identifier: "rex-1", eventStatus: `https://schema.org/${eventStatus}` }))
    );
    await say("EventCancelled");
    expect(await on.event(eventId)).toMatchObject({ lifecycleState: "cancelled", public: true });
    await say("EventScheduled");
    expect(await on.event(eventId)).toMatchObject({ lifecycleState: "published" });
    await say("EventPostponed");
    await expect(say("EventScheduled")).rejects.toMatchObject({
      code: "invalid_transition",
      extra: { allowed: ["rescheduled", "cancelled", "deleted"] },
    });
    expect(await on.event(eventId)).toMatchObject({ lifecycleState: "postponed" });
  });

  test("reschedules: the previous start is kept", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const { eventId } = await on.submit(rex, concert({ identifier: "rex-1" }));
    on.later();
    await on.submit(
      rex,
      concert({ identifier: "rex-1", startDate: "2026-06-05T21:00:00-04:00", endDate: null, eventStatus: "EventRescheduled" }),
    );
    expect(await on.event(eventId)).toMatchObject({
      lifecycleState: "rescheduled",
      startDate: "2026-06-05T21:00:00-04:00",
      previousStartDate: "2026-05-08T21:00:00-04:00",
    });
  });
});

describe("two sources speak of one event", () => {
  test("the same name, start and place are the same event; the more trusted one decides", async () => {
    await using on = await openTestRegistry();
    const [rex, listings] = [await on.source("rex", { trust: 8 }), await on.source("listings", { trust: 3 })];
    const first = await on.submit(rex, concert());
    on.later();
    const second = await on.submit(listings, concert({ description: "Jazz!", keywords: ["music"], endDate: "2026-05-09T01:00:00-04:00" }));
    expect(second).toEqual({ outcome: "merged", eventId: first.eventId });
    const event = await on.event(first.eventId);
    expect(event).toMatchObject({
      description: "An evening of improvised music.",
      endDate: "2026-05-08T23:30:00-04:00",
      keywords: ["jazz"],
    });
    expect(event.sources.map((source) => source.name)).toEqual(["listings", "rex"]);
    const { fields } = await on.registry.database.read((reader) => explainEvent(reader, first.eventId));
    expect(fields.find((one) => one.field === "/description")).toMatchObject({
      winner: { source: "rex", trust: 8 },
      losers: [{ source: "listings" }],
      rule: "trust level",
    });
  });

  test("a less trusted source fills what the other leaves open, and cannot cancel", async () => {
    await using on = await openTestRegistry();
    const [rex, listings] = [await on.source("rex", { trust: 8 }), await on.source("listings", { trust: 3 })];
    const { eventId } = await on.submit(rex, concert({ eventStatus: "EventScheduled" }));
    on.later();
    await on.submit(listings, concert({ url: "https://listings.example/rex", eventStatus: "EventCancelled" }));
    expect(await on.event(eventId)).toMatchObject({ url: "https://listings.example/rex", lifecycleState: "published" });
  });

  test("a description whose license is unknown is kept and not shown", async () => {
    await using on = await openTestRegistry();
    const shy = await on.source("shy", { license: "unknown" });
    const { eventId } = await on.submit(shy, concert());
    expect((await on.event(eventId)).description).toBeUndefined();
    expect((await on.event(eventId)).name).toBe("Free Jazz at the Rex");
    const open = await on.source("open", { license: "cc-by", trust: 1 });
    await on.submit(open, concert({ description: "Freely told." }));
    expect((await on.event(eventId)).description).toBe("Freely told.");
  });

  test("when one takes back what it said, the other's word stands; when both do, the event is deleted", async () => {
    await using on = await openTestRegistry();
    const [rex, listings] = [await on.source("rex", { trust: 8 }), await on.source("listings", { trust: 3 })];
    const { eventId } = await on.submit(rex, concert());
    await on.submit(listings, concert({ description: "Jazz!" }));
    const retract = (caller: Caller) => on.registry.database.transact((tx) => retractEvent(on.registry, caller, tx, { eventId }));
    on.later();
    expect(await retract(rex)).toMatchObject({ outcome: "withdrawn_claims" });
    expect(await on.event(eventId)).toMatchObject({ description: "Jazz!", public: true });
    on.later();
    expect(await retract(listings)).toMatchObject({ outcome: "deleted" });
    expect(await on.event(eventId)).toMatchObject({ lifecycleState: "deleted", public: false });
    await expect(retract(rex)).rejects.toMatchObject({ code: "gone" });
  });
});

describe("a correction by PUT and PATCH", () => {
  test("PATCH changes one field and leaves the others' authors alone", async () => {
    await using on = await openTestRegistry();
    const [rex, listings] = [await on.source("rex", { trust: 8 }), await on.source("listings", { trust: 3 })];
    const { eventId } = await on.submit(rex, concert({ description: null }));
    await on.submit(listings, concert({ description: "Jazz!" }));
    on.later();
    expect(await revise(on, rex, eventId, "patch", { name: "Free Jazz at the Rex (matinée)" })).toMatchObject({ outcome: "updated" });
    expect(await on.event(eventId)).toMatchObject({ name: "Free Jazz at the Rex (matinée)", description: "Jazz!" });
    const { fields } = await on.registry.database.read((reader) => explainEvent(reader, eventId));
    expect(fields.find((one) => one.field === "/description")).toMatchObject({ winner: { source: "listings" } });
  });

  test("an admin's change is pinned: the source's later word does not undo it", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex", { trust: 10 });
    const { eventId } = await on.submit(rex, concert({ identifier: "1" }));
    on.later();
    await revise(on, { actor: "key:root", role: "admin" }, eventId, "patch", { name: "Free Jazz" });
    on.later();
    await on.submit(rex, concert({ identifier: "1", name: "FREE JAZZ!!!", endDate: "2026-05-08T23:00:00-04:00" }));
    expect(await on.event(eventId)).toMatchObject({ name: "Free Jazz", endDate: "2026-05-08T23:00:00-04:00" });
  });

  test("of another's event is refused; a stale If-Match too", async () => {
    await using on = await openTestRegistry();
    const [rex, stranger] = [await on.source("rex"), await on.source("stranger")];
    const { eventId } = await on.submit(rex, concert());
    await expect(revise(on, stranger, eventId, "patch", { name: "Mine" })).rejects.toMatchObject({ code: "forbidden" });
    await expect(revise(on, rex, eventId, "patch", { name: "Mine" }, '"v7-jsonld"')).rejects.toMatchObject({ code: "precondition_failed" });
    expect(await revise(on, rex, eventId, "patch", { name: "Mine" }, '"v1-jsonld"')).toMatchObject({ outcome: "updated" });
  });

  test("the lifecycle allows what its table allows", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    const { eventId } = await on.submit(rex, concert());
    const move = (state: "withdrawn" | "draft" | "published") =>
      on.registry.database.transact((tx) => setLifecycle(on.registry, { actor: "key:root", role: "admin" }, tx, { eventId, state }));
    await expect(move("draft")).rejects.toMatchObject({ code: "invalid_transition" });
    await move("withdrawn");
    expect((await on.event(eventId)).public).toBe(false);
    await move("published");
    expect((await on.event(eventId)).public).toBe(true);
  });
});

describe("what is refused", () => {
  test("a local time of which nobody knows the zone names the field; with the source's zone it is placed", async () => {
    await using on = await openTestRegistry();
    const nowhere = { "@type": "Place", name: "Somewhere" };
    const rex = await on.source("rex");
    await expect(on.submit(rex, concert({ startDate: "2026-05-08T21:00:00", endDate: null, location: nowhere }))).rejects.toMatchObject({
      code: "invalid_body",
      errors: [{ pointer: "/startDate" }],
    });
    const zoned = await on.source("zoned", { timezone: "Europe/Berlin" });
    const { eventId } = await on.submit(zoned, concert({ startDate: "2026-05-08T21:00:00", endDate: null, location: nowhere }));
    expect((await on.event(eventId)).startDate).toBe("2026-05-08T21:00:00+02:00");
  });

  test("a plain date stays a plain date, with and without a zone", async () => {
    await using on = await openTestRegistry();
    const rex = await on.source("rex");
    for (const location of [concert()["location"], { "@type": "Place", name: "Bangalore, India" }]) {
      const { eventId } = await on.submit(rex, concert({ startDate: "2026-05-08", endDate: "2026-05-10", location }));
      expect(await on.event(eventId)).toMatchObject({ startDate: "2026-05-08", endDate: "2026-05-10", allDay: true });
    }
  });
});
