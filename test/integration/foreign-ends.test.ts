/** What becomes of entities of peers when their origins end them, say the same again, or call them something else. */
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { mergeAny } from "../../src/registry/merge-any.ts";
import { createPeerStore, type KeptPulls } from "../../src/registry/peer-store.ts";
import { removePeer } from "../../src/registry/peers.ts";
import { resettleSource } from "../../src/registry/resettle.ts";
import { addTestPeer, EPOCH, eventOf, gone, NORTH, page, shown, SOUTH } from "../support/peer-words.ts";
import { openTestRegistry, type TestRegistry } from "../support/registry.ts";

let test: TestRegistry;
let store: KeptPulls;
beforeEach(async () => {
  test = await openTestRegistry();
  store = createPeerStore(test.registry, { random: () => 0.5, redact: redactEntity });
  await openEpoch(test.registry.database, { clean: true, clock: test.registry.clock });
});
afterEach(() => test[Symbol.asyncDispose]());

const admin = { actor: "test", role: "admin" } as const;
const ONE = `${NORTH}/events/1`;
const PLACE = { "@context": "https://schema.org", "@id": `${NORTH}/places/1`, "@type": "Place", name: "The Hall" };

interface Item {
  action: string;
  uri: string;
  changed_fields?: string[];
  custody: { sequence_number: number };
}

/** What our feed has told so far of one URI. */
async function told(uri: string): Promise<Item[]> {
  const { database, clock, base } = test.registry;
  await drainOutbox({ database, clock, base, log: { info: () => undefined, warn: () => undefined } });
  return database.read(async (on) => {
    const { rows } = await sql<{ item: string }>`select item from event_changes where uri = ${uri} order by sequence_number`.execute(
      kyselyOf(on),
    );
    return rows.map(({ item }) => JSON.parse(item) as Item);
  });
}

const shortly = (items: Item[]) => items.map(({ action, custody }) => `${action} ${custody.sequence_number}`);

/** A page of a peer, as a pull of its own. */
async function hear(peer: { id: string }, since: string | null, ...changes: Parameters<typeof page>[1]): Promise<void> {
  await store.applyPage(peer.id, await store.beginRun(peer.id, "pull"), page(since, changes));
}

async function eventRows() {
  const { rows } = await test.registry.database.read((on) =>
    sql<{ id: string; uri: string; shown: boolean }>`
      select id, federation_uri as uri, lifecycle_state = 'published' and merged_into_id is null as shown from events order by id`.execute(
      kyselyOf(on),
    ),
  );
  return rows;
}

describe("the end of what was never here", () => {
  it("is told once, and again when its origin says it anew; no event is made of it", async () => {
    const north = await addTestPeer(test);
    await hear(north, null, gone(ONE, { position: 3 }));
    expect(shortly(await told(ONE))).toEqual(["delete 3"]);
    await hear(north, "c3", gone(ONE, { position: 4 }));
    expect(shortly(await told(ONE))).toEqual(["delete 3"]);
    const otherwise = gone(ONE, { position: 5 });
    await hear(north, "c4", { ...otherwise, digest: "0".repeat(64) });
    expect(shortly(await told(ONE))).toEqual(["delete 3", "delete 5"]);
    expect(await eventRows()).toEqual([]);
  });

  it("is told of places, too", async () => {
    await hear(await addTestPeer(test), null, gone(PLACE["@id"], { kind: "place", position: 3 }));
    expect(shortly(await told(PLACE["@id"]))).toEqual(["delete 3"]);
  });

  it("gives way when its origin shows it after all: one entity in the log", async () => {
    const north = await addTestPeer(test);
    await hear(north, null, gone(ONE, { position: 1 }), gone(PLACE["@id"], { kind: "place", position: 2 }));
    await told(ONE);
    await hear(north, "c2", shown(eventOf(NORTH, 1), { position: 3 }), shown(PLACE, { kind: "place", position: 4 }));
    expect(shortly(await told(ONE))).toEqual(["delete 1", "create 3"]);
    expect(shortly(await told(PLACE["@id"]))).toEqual(["delete 2", "create 4"]);
    const { rows } = await test.registry.database.read((on) =>
      sql<{ n: number }>`select count(distinct entity_id)::int as n from event_changes where uri = ${ONE}`.execute(kyselyOf(on)),
    );
    expect(rows).toEqual([{ n: 1 }]);
  });
});

it("a word that says again what was told is passed on where another one came between", async () => {
  const north = await addTestPeer(test);
  const named = (name: string, position: number) => shown(eventOf(NORTH, 1, { name }), { position });
  await hear(north, null, named("one", 5));
  await told(ONE);
  // Whoever heard "two" of another relay must hear that "one" is the newer.
  await hear(north, "c5", named("two", 8), named("one", 10));
  expect((await told(ONE)).at(-1)).toMatchObject({ action: "update", changed_fields: [], custody: { sequence_number: 10 } });
  await hear(north, "c10", named("one", 12));
  expect(await told(ONE)).toHaveLength(2);
});

it("of two peers' events that were made one the other is shown again when the kept one's origin ends it", async () => {
  const [north, south] = [await addTestPeer(test), await addTestPeer(test, { base: SOUTH, name: "South" })];
  await hear(north, null, shown(eventOf(NORTH, 1), { position: 1 }));
  await hear(south, null, shown(eventOf(SOUTH, 1), { position: 1 }));
  const [kept, other] = await eventRows();
  await test.registry.database.transact((tx) => mergeAny(test.registry, admin, tx, { kind: "event", ids: [kept!.id, other!.id] }));
  expect(await eventRows()).toMatchObject([{ shown: true }, { shown: false }]);
  await hear(north, "c1", gone(ONE, { position: 2 }));
  expect(await eventRows()).toMatchObject([
    { uri: ONE, shown: false },
    { uri: `${SOUTH}/events/1`, shown: true },
  ]);
});

describe("what an event calls an organization and its own item a person", () => {
  const uri = `${NORTH}/persons/1`;
  const event = shown(eventOf(NORTH, 1, { organizer: { "@id": uri, "@type": "Organization", name: "Ada" } }), { position: 1 });
  const person = shown({ "@context": "https://schema.org", "@id": uri, "@type": "Person", name: "Ada" }, { kind: "person", position: 2 });

  it.each([
    ["the event comes first", [event, person]],
    [
      "the item comes first",
      [
        { ...person, position: 1 },
        { ...event, position: 2 },
      ],
    ],
  ])("is a person alone: %s", async (_case, words) => {
    const north = await addTestPeer(test);
    await hear(north, null, words[0]!);
    await hear(north, "c1", words[1]!);
    const { rows } = await test.registry.database.read((on) =>
      sql<{ kind: string }>`
        select 'organization' as kind from organizations where federation_uri = ${uri} and deleted_at is null
        union all select 'person' from persons where federation_uri = ${uri} and deleted_at is null`.execute(kyselyOf(on)),
    );
    expect(rows).toEqual([{ kind: "person" }]);
  });
});

describe("before a first copy", () => {
  it("a peer that is added again is known to have been here, until all of it is gone", async () => {
    const north = await addTestPeer(test, { bootstrapBy: "feed" });
    expect(await store.holdsAny(north.id)).toBe(false);
    await hear(north, null, shown(eventOf(NORTH, 1), { position: 1 }));
    await test.registry.database.transact((tx) => removePeer(test.registry, admin, tx, NORTH, {}));
    await resettleSource(test.registry, north.sourceId!);
    expect(await store.holdsAny((await addTestPeer(test, { bootstrapBy: "feed" })).id)).toBe(true);
    await hear(north, null, { ...gone(ONE, { position: 2 }), custody: { node: NORTH, epoch: EPOCH, position: 2, hops: [] } });
    expect(await store.holdsAny(north.id)).toBe(false);
  });
});
