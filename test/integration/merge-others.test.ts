/** Two venues, organizers or performers that turn out to be one: merged, found by both names, and parted again. */
import { sql } from "kysely";
import { expect, test } from "vitest";
import { readState } from "../../src/db/entities.ts";
import { readNotDuplicates } from "../../src/db/duplicate-keys.ts";
import { openReviews, pairTopic, readReview } from "../../src/db/reviews.ts";
import type { AgentState, EventState, PlaceState } from "../../src/domain/state.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeEvents, undoMerge } from "../../src/registry/merge-events.ts";
import { mergeOthers, undoOthersMerge } from "../../src/registry/merge-others.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "key:admin", role: "admin" };
type Kind = "place" | "organization" | "person";

const rex = (name = "The Rex", more: object = {}) => ({
  "@type": "Place",
  name,
  address: { "@type": "PostalAddress", streetAddress: "194 Queen St W", addressLocality: "Toronto", addressCountry: "CA" },
  geo: { "@type": "GeoCoordinates", latitude: 43.6505, longitude: -79.3886 },
  ...more,
});
const band = (name: string) => ({ "@type": "MusicGroup", name });
const person = (name: string) => ({ "@type": "Person", name });

/** Registry, a source, and the short ways of this file. */
async function open() {
  const on = await openTestRegistry();
  const caller = await on.source("listings");
  const { registry } = on;
  const { database } = registry;
  return Object.assign(on, {
    caller,
    add: async (changes: object) => (await on.submit(caller, concert(changes))).eventId,
    merge: (kind: Kind, ids: [string, string], more: { reason?: string; rule?: string } = {}) =>
      database.transact((tx) => mergeOthers(registry, ADMIN, tx, { kind, ids, ...more })),
    undo: (mergeId: string, reason?: string) => database.transact((tx) => undoOthersMerge(registry, ADMIN, tx, { mergeId, reason })),
    state: async <T>(kind: Kind, id: string) => (await database.read((reader) => readState(reader, kind, id))) as T,
    rows: async <T>(statement: string) => (await sql.raw<T>(statement).execute(database.kysely)).rows,
  });
}

/** What is shown of an event but for the marks that every write leaves. */
async function shown(on: TestRegistry, id: string): Promise<Partial<EventState>> {
  const { version: _version, updatedAt: _updatedAt, ...rest } = await on.event(id);
  return rest;
}

test("a venue known by two names becomes one: the older URI stays, the newer leads on, and its events move", async () => {
  await using on = await open();
  const [first, second] = [await on.add({ location: rex() }), await on.add({ name: "Late Show", location: rex("The Rex Jazz Bar") })];
  const [older, newer] = [(await on.event(first)).location!.id, (await on.event(second)).location!.id];
  on.later();
  const { keptId, goneId } = await on.merge("place", [newer, older], { reason: "one house" });

  expect([keptId, goneId]).toEqual([older, newer]);
  expect((await on.event(second)).location).toMatchObject({ id: older, name: "The Rex" });
  expect(await on.state<PlaceState>("place", newer)).toMatchObject({
    public: false,
    supersededBy: { id: older },
    name: "The Rex Jazz Bar",
  });
  expect(await on.state<PlaceState>("place", older)).toMatchObject({ public: true, name: "The Rex" });
  expect(on.jobs.at(-1)).toEqual({ queue: "embed-events" });
  const log = await on.rows("select actor, action, entity_kind, entity_id, reason from audit_log where action like 'place.%'");
  expect(log).toEqual([{ actor: "key:admin", action: "place.merged_into", entity_kind: "place", entity_id: newer, reason: "one house" }]);
});

test("what comes after the merge arrives at the one, is known by exact identity under either name, and goes to the right one at the undo", async () => {
  await using on = await open();
  const first = await on.add({ location: rex() });
  const second = await on.add({ name: "Late Show", location: rex("The Rex Jazz Bar") });
  const [older, newer] = [(await on.event(first)).location!.id, (await on.event(second)).location!.id];
  const { mergeId } = await on.merge("place", [older, newer]);

  const third = await on.add({ name: "Matinee", location: rex("The Rex Jazz Bar") });
  const fourth = await on.add({ name: "Brunch", location: rex() });
  expect((await on.event(third)).location!.id).toBe(older);
  // Another source lists the late show at "The Rex": the same event, since the two venues are one.
  const other = await on.source("other");
  expect(await on.submit(other, concert({ name: "Late Show", location: rex() }))).toMatchObject({ eventId: second });
  expect(await on.rows("select id from events")).toHaveLength(4);

  await on.undo(mergeId, "two houses after all");
  const venues = await Promise.all([first, second, third, fourth].map(async (id) => (await on.event(id)).location!.id));
  expect(venues).toEqual([older, newer, newer, older]);
  expect(await on.state<PlaceState>("place", newer)).toMatchObject({ public: true });
  // Identity goes back too: a third source that says so is known at once.
  const again = await on.submit(await on.source("third"), concert({ name: "Matinee", location: rex("The Rex Jazz Bar") }));
  expect(again.eventId).toBe(third);
  expect(await on.rows("select id from events")).toHaveLength(4);
});

test("the pair is remembered as two after an undo: no rule merges it again, a person may", async () => {
  await using on = await open();
  const ids = await twoPlaces(on);
  const { mergeId } = await on.merge("place", ids, { rule: "exact" });
  await on.undo(mergeId, "another floor");
  const [remembered] = await on.rows("select kind, low_id, high_id, actor, reason from not_duplicates");
  expect(remembered).toEqual({ kind: "place", low_id: ids[0], high_id: ids[1], actor: "key:admin", reason: "another floor" });
  await expect(on.merge("place", ids, { rule: "exact" })).rejects.toMatchObject({ code: "conflict" });
  await expect(on.merge("place", ids)).resolves.toMatchObject({ keptId: ids[0] });
});

test("the memory holds for whatever was merged into either of the two", async () => {
  await using on = await open();
  const [a, b, c] = await venuesOf(on, await threeEvents(on));
  const { mergeId } = await on.merge("place", [a!, b!]);
  await on.undo(mergeId);
  await on.merge("place", [b!, c!]);
  const apart = await on.registry.database.read((reader) =>
    readNotDuplicates(reader, "place", [
      { entityId: c!, otherId: a! },
      { entityId: b!, otherId: a! },
      { entityId: b!, otherId: c! },
    ]),
  );
  // c itself is merged: it is b that stands for both.
  expect(apart).toEqual([{ entityId: b, otherId: a }]);
  await expect(on.merge("place", [a!, c!], { rule: "strong" })).rejects.toMatchObject({ code: "conflict" });
});

test("a chain is flat, and an undo in its middle takes along what had led there", async () => {
  await using on = await open();
  const events = await threeEvents(on);
  const [a, b, c] = (await venuesOf(on, events)) as [string, string, string];
  const before = await Promise.all(events.map((id) => shown(on, id)));
  await on.merge("place", [b, c]);
  const { mergeId } = await on.merge("place", [c, a]); // c stands for b by now
  expect(await venuesOf(on, events)).toEqual([a, a, a]);
  expect(await on.state<PlaceState>("place", c)).toMatchObject({ supersededBy: { id: a } });
  await expect(on.merge("place", [c, b])).rejects.toMatchObject({ code: "conflict" });

  expect(await on.undo(mergeId)).toEqual({ keptId: a, goneId: b });
  expect(await venuesOf(on, events)).toEqual([a, b, b]);
  expect(await on.state<PlaceState>("place", c)).toMatchObject({ supersededBy: { id: b } });
  const [rest] = await on.rows<{ id: string }>("select id from entity_merges where undone_at is null");
  await on.undo(rest!.id);
  expect(await Promise.all(events.map((id) => shown(on, id)))).toEqual(before);
});

test("organizers: events move, and the kept one is also called by the other's name until the undo", async () => {
  await using on = await open();
  const [first, second] = [
    await on.add({ organizer: { "@type": "Organization", name: "TIFF" } }),
    await on.add({ name: "Gala", organizer: { "@type": "Organization", name: "Toronto International Film Festival" } }),
  ];
  const [kept, gone] = [(await on.event(first)).organizer!.id, (await on.event(second)).organizer!.id];
  await sql`update organizations set alternate_names = '{Festival of Festivals}' where id = ${kept}`.execute(on.registry.database.kysely);
  const before = await Promise.all([first, second].map((id) => shown(on, id)));
  const { mergeId } = await on.merge("organization", [kept, gone]);
  expect((await on.event(second)).organizer).toMatchObject({ id: kept, name: "TIFF" });
  expect((await on.state<AgentState>("organization", kept)).alternateName).toEqual([
    "Festival of Festivals",
    "Toronto International Film Festival",
  ]);
  await on.undo(mergeId);
  expect((await on.state<AgentState>("organization", kept)).alternateName).toEqual(["Festival of Festivals"]);
  expect(await Promise.all([first, second].map((id) => shown(on, id)))).toEqual(before);
});

test("performers: an event that names both names the one they are once, where the first stood, and again both after the undo", async () => {
  await using on = await open();
  const event = await on.add({ performer: [person("Ada"), band("The Quintet"), person("Ada Lovelace"), person("Grace")] });
  const before = await shown(on, event);
  const [ada, , lovelace, grace] = before.performer!.map((one) => one.id);
  const { mergeId } = await on.merge("person", [ada!, lovelace!]);
  expect((await on.event(event)).performer!.map((one) => one.name)).toEqual(["Ada", "The Quintet", "Grace"]);
  // Said again with a change: settled anew, still once.
  await on.add({ performer: [person("Ada Lovelace"), band("The Quintet"), person("Ada"), person("Grace")] });
  expect((await on.event(event)).performer!.map((one) => one.id)).toEqual([ada, before.performer![1]!.id, grace]);
  await on.add({ performer: [person("Ada"), band("The Quintet"), person("Ada Lovelace"), person("Grace")] });
  await on.undo(mergeId);
  expect((await on.event(event)).performer).toEqual(before.performer);
});

test("an event that nobody speaks for any more moves along and back", async () => {
  await using on = await open();
  const [first, second] = [await on.add({ location: rex() }), await on.add({ name: "Late Show", location: rex("The Rex Jazz Bar") })];
  const [older, newer] = [(await on.event(first)).location!.id, (await on.event(second)).location!.id];
  await sql`update field_provenance set is_winner = false where event_id = ${second}`.execute(on.registry.database.kysely);
  const { mergeId } = await on.merge("place", [older, newer]);
  expect(await venuesOf(on, [second])).toEqual([older]);
  await on.undo(mergeId);
  expect(await venuesOf(on, [first, second])).toEqual([older, newer]);
});

test("an event that was merged away while its venue was parted stands where its words say when it comes back", async () => {
  await using on = await open();
  const [first, second] = [await on.add({ location: rex() }), await on.add({ name: "Late Show", location: rex("The Rex Jazz Bar") })];
  const [older, newer] = await venuesOf(on, [first, second]);
  const venues = await on.merge("place", [older!, newer!]);
  const { registry } = on;
  const events = await registry.database.transact((tx) => mergeEvents(registry, ADMIN, tx, { ids: [first, second] }));
  await on.undo(venues.mergeId);
  await registry.database.transact((tx) => undoMerge(registry, ADMIN, tx, { mergeId: events.mergeId }));
  expect(await venuesOf(on, [first, second])).toEqual([older, newer]);
});

test("an occurrence with a venue of its own moves along and back", async () => {
  await using on = await open();
  const [older, newer] = await twoPlaces(on);
  const event = await on.add({ name: "Elsewhere" });
  await sql`update event_occurrences set venue_id = ${newer} where event_id = ${event}`.execute(on.registry.database.kysely);
  const venue = async () =>
    (await on.rows<{ venue_id: string }>(`select venue_id from event_occurrences where event_id = '${event}'`))[0]!.venue_id;
  const { mergeId } = await on.merge("place", [older, newer]);
  expect(await venue()).toBe(older);
  await on.undo(mergeId);
  expect(await venue()).toBe(newer);
});

test("the open question about the pair is answered by the merge, also where two others brought them together", async () => {
  await using on = await open();
  const [a, b, c] = await venuesOf(on, await threeEvents(on));
  const ask = async (x: string, y: string) => {
    const [low, high] = x < y ? [x, y] : [y, x];
    const item = { kind: "duplicate", topic: pairTopic("place", x, y), entityKind: "place", entityId: low, otherId: high } as const;
    const id = on.registry.mint(on.registry.clock().getTime());
    await on.registry.database.transact((tx) => openReviews(tx, [{ ...item, id, details: {} }], on.registry.clock()));
    return async () => (await on.registry.database.read((reader) => readReview(reader, id)))!;
  };
  const [ab, bc] = [await ask(a!, b!), await ask(c!, b!)];
  await on.merge("place", [a!, b!]);
  expect(await ab()).toMatchObject({ state: "resolved", resolution: "merged", decidedBy: "key:admin" });
  expect(await bc()).toMatchObject({ state: "open" });
  await on.merge("place", [a!, c!]);
  expect(await bc()).toMatchObject({ state: "resolved", resolution: "merged" });
});

test("every change of a merge and of its undoing is in the outbox: the place that leads on, or stands again, and the moved event", async () => {
  await using on = await open();
  const [older, newer] = await twoPlaces(on);
  await on.rows("delete from change_outbox");
  const { mergeId } = await on.merge("place", [older, newer]);
  const touched = async () =>
    (await on.rows<{ entity_id: string; kind: string }>("select entity_kind as kind, entity_id from change_outbox"))
      .map((row) => row.kind)
      .toSorted();
  expect(await touched()).toEqual(["event", "place"]);
  await on.rows("delete from change_outbox");
  await on.undo(mergeId);
  expect(await touched()).toEqual(["event", "place"]);
});

test("is refused: unknown ids, one and the same, a deleted one, an undo of what is no such merge or was undone", async () => {
  await using on = await open();
  const [older, newer] = await twoPlaces(on);
  const unknown = on.registry.mint(0);
  await expect(on.merge("place", [older, unknown])).rejects.toMatchObject({ code: "not_found" });
  await expect(on.merge("organization", [older, newer])).rejects.toMatchObject({ code: "not_found" });
  await expect(on.merge("place", [older, older])).rejects.toMatchObject({ code: "conflict" });
  await expect(on.undo(unknown)).rejects.toMatchObject({ code: "not_found" });
  const { mergeId } = await on.merge("place", [older, newer]);
  await expect(on.merge("place", [older, newer])).rejects.toMatchObject({ code: "conflict" });
  await on.undo(mergeId);
  await expect(on.undo(mergeId)).rejects.toMatchObject({ code: "conflict" });
  await sql`update places set deleted_at = now() where id = ${newer}`.execute(on.registry.database.kysely);
  await expect(on.merge("place", [older, newer])).rejects.toMatchObject({ code: "gone" });
  // Nothing of what was refused has left a trace.
  expect(await on.rows("select id from entity_merges")).toHaveLength(1);
});

/** The Rex under two names, an event at each; the older first. */
async function twoPlaces(on: Awaited<ReturnType<typeof open>>): Promise<[string, string]> {
  const events = [await on.add({ location: rex() }), await on.add({ name: "Late Show", location: rex("The Rex Jazz Bar") })];
  return (await venuesOf(on, events)) as [string, string];
}

/** One event after the other, at A, at B and at C. */
async function threeEvents(on: Awaited<ReturnType<typeof open>>): Promise<string[]> {
  const at = (name: string) => on.add({ name, location: rex(name) });
  return [await at("A"), await at("B"), await at("C")];
}

const venuesOf = (on: TestRegistry, events: readonly string[]) => Promise.all(events.map(async (id) => (await on.event(id)).location!.id));
