/**
 * The outbox: one row per (transaction, entity) with the full state at commit, whoever changed whatever part of the
 * aggregate, through the registry or in psql.
 */
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { Tx } from "../../src/db/database.ts";
import type { AnyState } from "../../src/domain/state.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";
import type { Caller } from "../../src/registry/context.ts";

let on: TestRegistry;
let rex: Caller;
beforeAll(async () => {
  on = await openTestRegistry();
  rex = await on.source("rex");
});
afterAll(() => on[Symbol.asyncDispose]());

interface Row {
  kind: string;
  id: string;
  state: AnyState & { location?: { name: string } };
  actor: string;
  onBehalfOf: string | null;
  seq: number;
}

/** Runs `work` in one transaction and returns the rows that it left in the outbox. */
async function outboxAfter(work: (tx: Tx) => Promise<unknown>, acting?: { actor: string; onBehalfOf?: string }): Promise<Row[]> {
  const newest = async () => (await rows(sql`select coalesce(max(seq), 0) as seq from change_outbox`))[0]!.seq;
  const before = await newest();
  await on.registry.database.transact(work, acting);
  return rows(
    sql`select seq, entity_kind as kind, entity_id as id, state, actor, on_behalf_of as "onBehalfOf" from change_outbox where seq > ${before} order by seq`,
  );
}
const rows = (query: ReturnType<typeof sql>) =>
  on.registry.database.read(async (reader) => (await query.execute(kyselyOf(reader))).rows as Row[]);
/** As somebody would in psql. */
const psql = (tx: Tx, statement: ReturnType<typeof sql>) => statement.execute(kyselyOf(tx));

/** A concert at a venue, by an organizer and two performers, all of its own. */
async function newConcert(name: string) {
  const { eventId } = await on.submit(
    rex,
    concert({
      name,
      location: { "@type": "Place", name: `${name} Hall` },
      organizer: { "@type": "Organization", name: `${name} Society` },
      performer: [
        { "@type": "Person", name: `${name} Singer` },
        { "@type": "MusicGroup", name: `${name} Band` },
      ],
    }),
  );
  const event = await on.event(eventId);
  return {
    eventId,
    version: event.version,
    venue: event.location!.id,
    organizer: event.organizer!.id,
    singer: event.performer!.find((one) => one.kind === "person")!.id,
  };
}
const about = (found: Row[]) => found.map((row) => `${row.kind} ${row.id}`).toSorted();

describe("a transaction", () => {
  test("leaves one row per entity, however often and in how many parts it was changed, with the state at commit", async () => {
    const { eventId, version } = await newConcert("Once");
    const found = await outboxAfter(async (tx) => {
      await psql(tx, sql`update events set name = 'Once more' where id = ${eventId}`);
      await psql(tx, sql`update event_occurrences set door_at = start_at - interval '1 hour' where event_id = ${eventId}`);
      await psql(tx, sql`update events set name = 'Once for all' where id = ${eventId}`);
    });
    expect(about(found)).toEqual([`event ${eventId}`]);
    expect(found[0]!.state).toMatchObject({ name: "Once for all", doorTime: "2026-05-08T20:00:00-04:00" });
    expect(found[0]!.state).toEqual(await on.event(eventId));
    expect(found[0]!.state.version).toBeGreaterThan(version);
  });

  test("of which a savepoint is rolled back leaves nothing of it; what came before stays", async () => {
    const [kept, undone] = [await newConcert("Kept"), await newConcert("Undone")];
    const found = await outboxAfter(async (tx) => {
      await psql(tx, sql`update events set name = 'Kept on' where id = ${kept.eventId}`);
      await psql(tx, sql`savepoint here`);
      await psql(tx, sql`update events set name = 'Never' where id in (${undone.eventId}, ${kept.eventId})`);
      await psql(tx, sql`rollback to savepoint here`);
    });
    expect(about(found)).toEqual([`event ${kept.eventId}`]);
    expect(found[0]!.state.name).toBe("Kept on");
  });

  test("that fails leaves nothing", async () => {
    const { eventId } = await newConcert("Failing");
    const found = await outboxAfter((tx) => psql(tx, sql`select 1`));
    await expect(
      outboxAfter(async (tx) => {
        await psql(tx, sql`update events set name = 'Never' where id = ${eventId}`);
        throw new Error("on purpose");
      }),
    ).rejects.toThrow("on purpose");
    expect(found).toEqual([]);
    expect(await rows(sql`select * from change_outbox where entity_id = ${eventId} and state ->> 'name' = 'Never'`)).toEqual([]);
  });

  test("says who acted and for whom; in psql it was the database", async () => {
    const { eventId } = await newConcert("Acting");
    const rename = (name: string) => (tx: Tx) => psql(tx, sql`update events set name = ${name} where id = ${eventId}`);
    expect(await outboxAfter(rename("one"), { actor: "key:root", onBehalfOf: "rex" })).toMatchObject([
      { actor: "key:root", onBehalfOf: "rex" },
    ]);
    expect(await outboxAfter(rename("two"))).toMatchObject([{ actor: "database", onBehalfOf: null }]);
  });
});

describe("a change in psql, by somebody who knows nothing of versions", () => {
  test("is published under the next version", async () => {
    const { eventId, version } = await newConcert("By hand");
    const found = await outboxAfter((tx) => psql(tx, sql`update events set description = 'Corrected by hand.' where id = ${eventId}`));
    expect(found).toMatchObject([{ state: { description: "Corrected by hand.", version: version + 1 } }]);
  });

  test("that changes nothing is not", async () => {
    const { eventId } = await newConcert("Untouched");
    expect(await outboxAfter((tx) => psql(tx, sql`update events set name = name where id = ${eventId}`))).toEqual([]);
    expect(await outboxAfter((tx) => psql(tx, sql`update events set content_hash = 'x', dedup_key = 'y' where id = ${eventId}`))).toEqual(
      [],
    );
  });

  test("of a hidden table (keys, audit, runs) is not", async () => {
    await newConcert("Hidden");
    const found = await outboxAfter(async (tx) => {
      await psql(tx, sql`insert into audit_log (at, actor, action) values (now(), 'me', 'looked')`);
      await psql(tx, sql`insert into api_keys (id, name, role, secret_hash) values (gen_random_uuid(), 'peer', 'peer', 'x')`);
      await psql(tx, sql`update field_provenance set confidence = 0.5`);
      await psql(tx, sql`update event_sources set last_seen_at = now()`);
      await psql(tx, sql`update sources set contact = 'somebody' where name = 'rex'`);
    });
    expect(found).toEqual([]);
  });
});

describe("a part of an event is the event's", () => {
  test.each([
    [
      "an occurrence changed",
      (id: string) => sql`update event_occurrences set end_at = start_at + interval '30 minutes' where event_id = ${id}`,
    ],
    [
      "an occurrence added",
      (id: string) =>
        sql`insert into event_occurrences (id, event_id, sequence_number, start_at, timezone) values (gen_random_uuid(), ${id}, 1, '2026-05-10T01:00:00Z', 'America/Toronto')`,
    ],
    ["an occurrence removed", (id: string) => sql`delete from event_occurrences where event_id = ${id} and sequence_number = 0`],
    ["a performer changed", (id: string) => sql`update event_performers set role = 'voice' where event_id = ${id} and position = 0`],
    ["a performer removed", (id: string) => sql`delete from event_performers where event_id = ${id} and position = 1`],
    [
      "a performer added",
      (id: string) =>
        sql`insert into event_performers (event_id, position, person_id) select event_id, 7, person_id from event_performers where event_id = ${id} and person_id is not null`,
    ],
  ])("%s: one row, the next version", async (what, statement) => {
    const { eventId, version } = await newConcert(what);
    const found = await outboxAfter((tx) => psql(tx, statement(eventId)));
    expect(about(found)).toEqual([`event ${eventId}`]);
    expect(found[0]!.state.version).toBe(version + 1);
  });

  test("a performer moved from one event to another touches both", async () => {
    const [from, to] = [await newConcert("From"), await newConcert("To")];
    const found = await outboxAfter((tx) =>
      psql(tx, sql`update event_performers set event_id = ${to.eventId}, position = 9 where event_id = ${from.eventId} and position = 0`),
    );
    expect(about(found)).toEqual([`event ${from.eventId}`, `event ${to.eventId}`].toSorted());
  });
});

describe("a name that events show", () => {
  test("of a venue: the place and every event there, each with the new name", async () => {
    const one = await newConcert("Venue");
    const { eventId: two } = await on.submit(
      rex,
      concert({ name: "Another at Venue Hall", location: { "@type": "Place", name: "Venue Hall" } }),
    );
    const found = await outboxAfter((tx) => psql(tx, sql`update places set name = 'Great Hall' where id = ${one.venue}`));
    expect(about(found)).toEqual([`event ${one.eventId}`, `event ${two}`, `place ${one.venue}`].toSorted());
    expect(found.filter((row) => row.kind === "event").map((row) => row.state.location?.name)).toEqual(["Great Hall", "Great Hall"]);
  });

  test("of an organizer, of a performer", async () => {
    const { eventId, organizer, singer } = await newConcert("Agents");
    expect(about(await outboxAfter((tx) => psql(tx, sql`update organizations set name = 'Club' where id = ${organizer}`)))).toEqual(
      [`event ${eventId}`, `organization ${organizer}`].toSorted(),
    );
    expect(about(await outboxAfter((tx) => psql(tx, sql`update persons set name = 'Ada' where id = ${singer}`)))).toEqual(
      [`event ${eventId}`, `person ${singer}`].toSorted(),
    );
    expect(await on.event(eventId)).toMatchObject({ organizer: { name: "Club" }, performer: [{ name: "Ada" }, {}] });
  });

  test("of a source: every event that it speaks of", async () => {
    const mine = await on.source("renamed source");
    const { eventId } = await on.submit(mine, concert({ name: "Of a renamed source" }));
    const found = await outboxAfter((tx) =>
      psql(tx, sql`update sources set name = 'new name', trust_level = 6 where name = 'renamed source'`),
    );
    expect(about(found)).toEqual([`event ${eventId}`]);
    expect(found[0]!.state).toMatchObject({ sources: [{ name: "new name" }] });
  });

  test("a change that no event shows touches the place alone, or nothing", async () => {
    const { venue } = await newConcert("Bookkeeping");
    expect(await outboxAfter((tx) => psql(tx, sql`update places set described_trust = 9 where id = ${venue}`))).toEqual([]);
  });
});

test("an event that is hidden is published as not public, so that its tombstone can follow", async () => {
  const { eventId } = await newConcert("Leaving");
  expect(await outboxAfter((tx) => psql(tx, sql`update events set lifecycle_state = 'withdrawn' where id = ${eventId}`))).toMatchObject([
    { state: { public: false, lifecycleState: "withdrawn" } },
  ]);
  expect(
    await outboxAfter((tx) => psql(tx, sql`update events set lifecycle_state = 'deleted', deleted_at = now() where id = ${eventId}`)),
  ).toMatchObject([{ state: { public: false, deletedAt: expect.any(String) } }]);
});
