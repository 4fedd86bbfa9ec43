/**
 * Merges of places, organizers and performers, undone in any order: every event shows what its own words and the merges
 * that stand make of it, and nothing else. The model knows the words and the merges, and follows them by hand.
 */
import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { readState } from "../../src/db/entities.ts";
import type { AgentState, EventState } from "../../src/domain/state.ts";
import { identityKey } from "../../src/domain/similarity.ts";
import type { Caller } from "../../src/registry/context.ts";
import { mergeOthers, undoOthersMerge } from "../../src/registry/merge-others.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const ADMIN: Caller = { actor: "key:admin", role: "admin" };
const KINDS = ["place", "organization", "person"] as const;
type Kind = (typeof KINDS)[number];
/** Four of each kind; no two sound alike, so that nothing is merged but by us. */
const NAMES: Record<Kind, string[]> = {
  place: ["Aardvark Hall", "Bramble Barn", "Cinder Loft", "Driftwood Pier"],
  organization: ["Everest Concerts", "Fathom Arts", "Gingko Society", "Hollow Tree Press"],
  person: ["Ines Oak", "Jonas Pike", "Kamala Quist", "Lorenz Rye"],
};
const EVENTS = ["Morning Raga", "Noon Fugue", "Evening Blues", "Midnight Polka", "Dawn Chorale"];

const one = fc.nat({ max: 3 });
const words = fc.record({ place: one, organization: one, person: fc.array(one, { maxLength: 4 }) });
type Words = typeof words extends fc.Arbitrary<infer T> ? T : never;
const pair = fc.record({ kind: fc.constantFrom(...KINDS), a: one, b: one }).filter(({ a, b }) => a !== b);
const merging = fc.record({ step: fc.constant("merge" as const), pair });
const undoing = fc.record({ step: fc.constant("undo" as const), which: fc.nat() });
const saying = fc.record({ step: fc.constant("say" as const), event: fc.nat({ max: EVENTS.length - 1 }), words });

const document = (event: number, said: Words) =>
  concert({
    "@id": `https://listings.example/${event}`,
    name: EVENTS[event],
    startDate: `2026-0${event + 3}-08T21:00:00-04:00`,
    endDate: `2026-0${event + 3}-08T23:00:00-04:00`,
    location: { "@type": "Place", name: NAMES.place[said.place] },
    organizer: { "@type": "Organization", name: NAMES.organization[said.organization] },
    performer: said.person.map((n) => ({ "@type": "Person", name: NAMES.person[n] })),
  });

const identityAt = (event: number, placeId: string) =>
  identityKey({ name: EVENTS[event]!, startDate: `2026-0${event + 3}-08T21:00:00-04:00` }, placeId).toString("hex");

/** A registry with one event for each word of the beginning, all places and agents known, and the model beside it. */
async function begin(first: readonly Words[]) {
  const on = await openTestRegistry("America/Toronto");
  const caller = await on.source("listings");
  const events: string[] = [];
  const said: Words[] = [];
  const say = async (event: number, word: Words) => {
    events[event] = (await on.submit(caller, document(event, word))).eventId;
    said[event] = word;
  };
  // Each place and agent is named once by an event that is then told otherwise.
  const ids: Record<Kind, string[]> = { place: [], organization: [], person: [] };
  for (const n of [0, 1, 2, 3]) {
    await say(n, { place: n, organization: n, person: [n] });
    const state = await on.event(events[n]!);
    ids.place.push(state.location!.id);
    ids.organization.push(state.organizer!.id);
    ids.person.push(state.performer![0]!.id);
  }
  for (const [event, word] of first.entries()) await say(event, word);
  const standing: { kind: Kind; mergeId: string; keptId: string; goneId: string }[] = [];
  const end = (id: string): string => {
    const next = standing.find((merge) => merge.goneId === id);
    return next === undefined ? id : end(next.keptId);
  };
  return Object.assign(on, {
    events,
    ids,
    standing,
    say,
    async merge({ kind, a, b }: { kind: Kind; a: number; b: number }) {
      const both: [string, string] = [ids[kind][a]!, ids[kind][b]!];
      if (end(both[0]) === end(both[1])) return;
      on.later();
      const merge = await on.registry.database.transact((tx) => mergeOthers(on.registry, ADMIN, tx, { kind, ids: both }));
      expect([merge.keptId, merge.goneId]).toEqual(both.map(end).toSorted());
      standing.push({ kind, ...merge });
    },
    async undo(which: number) {
      if (standing.length === 0) return;
      on.later();
      const { mergeId } = standing.splice(which % standing.length, 1)[0]!;
      await on.registry.database.transact((tx) => undoOthersMerge(on.registry, ADMIN, tx, { mergeId }));
    },
    /** The key of exact identity of each event, as it is stored. */
    async identities() {
      const { rows } = await sql<{ id: string; key: string }>`select id, encode(dedup_key, 'hex') as key from events`.execute(
        on.registry.database.kysely,
      );
      return events.map((id) => rows.find((row) => row.id === id)!.key);
    },
    /** What the model expects each event to point at. */
    expected: () =>
      said.map((word) => ({
        place: end(ids.place[word.place]!),
        organization: end(ids.organization[word.organization]!),
        person: [...new Set(word.person.map((n) => end(ids.person[n]!)))],
      })),
  });
}

const states = (on: TestRegistry & { events: string[] }) => Promise.all(on.events.map((id) => on.event(id)));
const pointers = (state: EventState) => ({
  place: state.location!.id,
  organization: state.organizer!.id,
  person: (state.performer ?? []).map((performer) => performer.id),
});
const lasting = ({ version: _version, updatedAt: _updatedAt, ...rest }: EventState) => rest;

const beginning = fc.array(words, { minLength: EVENTS.length, maxLength: EVENTS.length });

test("at every step each event points where its words and the standing merges lead; all undone, at what it names", async () => {
  await fc.assert(
    fc.asyncProperty(
      beginning,
      fc.array(fc.oneof({ arbitrary: merging, weight: 3 }, undoing, saying), { minLength: 4, maxLength: 14 }),
      async (first, steps) => {
        await using on = await begin(first);
        for (const step of steps) {
          if (step.step === "merge") await on.merge(step.pair);
          else if (step.step === "undo") await on.undo(step.which);
          else await on.say(step.event, step.words);
          expect((await states(on)).map(pointers)).toEqual(on.expected());
          expect(await on.identities()).toEqual(on.expected().map(({ place }, event) => identityAt(event, place)));
        }
        while (on.standing.length > 0) await on.undo(steps.length);
        expect((await states(on)).map(pointers)).toEqual(on.expected());
      },
    ),
    { numRuns: 12 },
  );
});

test("all merges undone, in whatever order, every event reads exactly as before, and agents have the names they had", async () => {
  await fc.assert(
    fc.asyncProperty(
      beginning,
      fc.array(merging, { minLength: 1, maxLength: 9 }),
      fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
      async (first, merges, order) => {
        await using on = await begin(first);
        const before = (await states(on)).map(lasting);
        for (const { pair: merged } of merges) await on.merge(merged);
        for (const which of order) await on.undo(which);
        expect(on.standing).toEqual([]);
        expect((await states(on)).map(lasting)).toEqual(before);
        expect(await alternateNames(on)).toEqual([]);
      },
    ),
    { numRuns: 12 },
  );
});

test("the order of merges makes no difference: not to events, nor to the names that agents have", async () => {
  await fc.assert(
    fc.asyncProperty(
      beginning,
      fc
        .array(merging, { minLength: 2, maxLength: 7 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      async (first, [one_order, other_order]) => {
        await using on = await begin(first);
        const outcome = async (merges: typeof one_order) => {
          for (const { pair: merged } of merges) await on.merge(merged);
          const shown = { events: (await states(on)).map(lasting), names: await alternateNames(on) };
          while (on.standing.length > 0) await on.undo(0);
          return shown;
        };
        expect(await outcome(other_order)).toEqual(await outcome(one_order));
      },
    ),
    { numRuns: 12 },
  );
});

test("and another set of merges does (the control)", async () => {
  await using on = await begin(EVENTS.map(() => ({ place: 0, organization: 1, person: [2, 3] })));
  const before = (await states(on)).map(lasting);
  await on.merge({ kind: "organization", a: 0, b: 1 });
  expect((await states(on)).map(lasting)).not.toEqual(before);
  expect(await alternateNames(on)).toEqual([[NAMES.organization[1]]]);
});

/** The alternate names of all that still stand, where they have any. */
async function alternateNames(on: Awaited<ReturnType<typeof begin>>): Promise<string[][]> {
  const read = (kind: "organization" | "person") =>
    on.ids[kind].map((id) => on.registry.database.read((reader) => readState(reader, kind, id) as Promise<AgentState>));
  const all = await Promise.all([...read("organization"), ...read("person")]);
  return all.filter((state) => state.public && state.alternateName !== undefined).map((state) => state.alternateName!);
}
