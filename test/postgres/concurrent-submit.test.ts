/** Many writers at once, on a server: what one after the other would have made, they make together. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import type { EventState } from "../../src/domain/state.ts";
import type { Caller } from "../../src/registry/context.ts";
import { submitEvent } from "../../src/registry/submit-event.ts";
import { submitBatch } from "../../src/registry/submit-batch.ts";
import { applyRun } from "../../src/registry/apply-run.ts";
import { write } from "../../src/registry/write.ts";
import { concert, openTestRegistry, type TestRegistry } from "../support/registry.ts";

const describeOnAServer = inject("database").kind === "server" ? describe : describe.skip;

describeOnAServer("on a server, where transactions really run side by side", () => {
  let on: TestRegistry;
  let sources: Caller[];
  beforeAll(async () => {
    on = await openTestRegistry();
    sources = [];
    for (let n = 0; n < 16; n++) sources.push(await on.source(`source ${String(n).padStart(2, "0")}`, { trust: 1 + (n % 10) }));
  });
  afterAll(() => on[Symbol.asyncDispose]());

  const query = async <T>(statement: ReturnType<typeof sql>) =>
    on.registry.database.read(async (reader) => (await statement.execute(kyselyOf(reader))).rows as T[]);
  const all = <T>(works: (() => Promise<T>)[]) => Promise.all(works.map((work) => work()));

  /** What must hold of every event at any time. */
  async function expectConsistent(): Promise<void> {
    const broken = {
      "two present claims of one source on one field": sql`select event_id from field_provenance where upper_inf(recorded) group by event_id, source_id, field having count(*) > 1`,
      "two winners of one field": sql`select event_id from field_provenance where upper_inf(recorded) and is_winner group by event_id, field having count(*) > 1`,
      "a field without a winner": sql`select event_id from field_provenance where upper_inf(recorded) group by event_id, field having not bool_or(is_winner)`,
      "a winner that a more trusted claim should beat": sql`
        select w.event_id from field_provenance w join sources ws on ws.id = w.source_id
        join field_provenance c on c.event_id = w.event_id and c.field = w.field and upper_inf(c.recorded) join sources cs on cs.id = c.source_id
        where w.is_winner and upper_inf(w.recorded) and cs.trust_level > ws.trust_level and w.field <> '/endDate'`,
      "a claim without a present record of its source": sql`
        select c.event_id from field_provenance c where upper_inf(c.recorded) and not exists (
          select from event_sources r where r.event_id = c.event_id and r.source_id = c.source_id and r.superseded_at is null)`,
      "a name that is not the winner's": sql`
        select e.id from events e join field_provenance c on c.event_id = e.id and c.field = '/name' and c.is_winner and upper_inf(c.recorded) where to_jsonb(e.name) <> c.value`,
      "a change without a state": sql`select entity_id from change_outbox where state is null`,
      "a last published state that is not the present one": sql`
        select o.entity_id from (select distinct on (entity_id) entity_id, entity_kind, state from change_outbox order by entity_id, seq desc) o
        join lateral entity_states(o.entity_kind, array[o.entity_id]) s on true where o.state <> s.state`,
    };
    for (const [fault, statement] of Object.entries(broken)) expect(await query(statement), fault).toEqual([]);
  }

  test("sixteen sources tell of one new event: it is one event, with sixteen records", async () => {
    const results = await all(sources.map((caller, n) => () => on.submit(caller, concert({ keywords: [`from ${n}`] }))));
    expect(results.filter((one) => one.outcome === "created")).toHaveLength(1);
    expect(results.filter((one) => one.outcome === "merged")).toHaveLength(15);
    expect(new Set(results.map((one) => one.eventId)).size).toBe(1);
    const [{ n }] = (await query<{ n: number }>(sql`select count(*) as n from event_sources where superseded_at is null`)) as [
      { n: number },
    ];
    expect(n).toBe(16);
    expect(await query(sql`select count(*) as n from places`)).toEqual([{ n: 1 }]);
    expect(await on.event(results[0]!.eventId)).toMatchObject({ keywords: ["from 9"], sources: { length: 16 } }); // the only one trusted 10
    await expectConsistent();
  });

  test("one source sends sixteen corrections under one id: one of them stands, and its claims with it", async () => {
    const corrected = (n: number) =>
      concert({
        "@id": "https://rex.example/corrected",
        name: `Corrected ${n}`,
        url: `https://rex.example/${n}`,
        ...(n % 2 === 0 && { image: "https://rex.example/i.png" }),
      });
    const results = await all([...Array(16).keys()].map((n) => () => on.submit(sources[0]!, corrected(n))));
    const [eventId] = new Set(results.map((one) => one.eventId)) as unknown as [string];
    expect(new Set(results.map((one) => one.eventId)).size).toBe(1);
    expect(results.filter((one) => one.outcome === "created")).toHaveLength(1);
    const records = await query<{ payload: Buffer }>(
      sql`select payload from event_sources where event_id = ${eventId} and superseded_at is null`,
    );
    expect(records).toHaveLength(1);
    const standing = JSON.parse(records[0]!.payload.toString()) as { name: string; url: string; image?: string };
    const event = await on.event(eventId);
    expect([event.name, event.url, event.image]).toEqual([standing.name, standing.url, standing.image]);
    await expectConsistent();
  });

  test("a venue is renamed while events are submitted there: the last published state of each shows the new name", async () => {
    const venue = { "@type": "Place", name: "Old Name" };
    const first = await on.submit(sources[0]!, concert({ name: "At the venue, before", location: venue }));
    const placeId = (await on.event(first.eventId)).location!.id;
    const rename = (name: string) => () =>
      on.registry.database.transact(
        async (tx) => void (await sql`update places set name = ${name} where id = ${placeId}`.execute(kyselyOf(tx))),
      );
    const submissions = sources.flatMap((caller, n) =>
      [0, 1, 2].map((m) => () => on.submit(caller, concert({ name: `At the venue ${n} ${m}`, location: venue }))),
    );
    await all<unknown>(submissions.flatMap((submission, n) => (n % 6 === 0 ? [rename(`Name ${n}`), submission] : [submission])));
    await rename("New Name")();
    const rows = await query<{ name: string }>(sql`
      select distinct on (entity_id) state -> 'location' ->> 'name' as name from change_outbox
      where entity_kind = 'event' and state ->> 'name' like 'At the venue%' order by entity_id, seq desc`);
    expect(rows).toHaveLength(49);
    expect(new Set(rows.map((row) => row.name))).toEqual(new Set(["New Name"]));
    await expectConsistent();
  });

  test("the last name that was committed is the one that every event shows, also when nothing comes after", async () => {
    const venue = { "@type": "Place", name: "Raced" };
    const first = await on.submit(sources[0]!, concert({ name: "Raced 0", location: venue }));
    const placeId = (await on.event(first.eventId)).location!.id;
    for (let round = 1; round <= 10; round++) {
      await all([
        () => on.submit(sources[round]!, concert({ name: `Raced ${round}`, location: venue })),
        async () =>
          void (await on.registry.database.transact((tx) =>
            sql`update places set name = ${`Raced in ${round}`} where id = ${placeId}`.execute(kyselyOf(tx)),
          )),
        () => on.submit(sources[round + 1]!, concert({ name: `Raced ${round}`, location: venue, keywords: ["late"] })),
      ]);
      await expectConsistent();
    }
    expect(await on.event(first.eventId)).toMatchObject({ location: { name: "Raced in 10" } });
  });

  test("what is not consistent is seen (the control)", async () => {
    const { eventId } = await on.submit(sources[9]!, concert({ name: "Broken by hand" }));
    const breaking = (statement: ReturnType<typeof sql>) => on.registry.database.transact((tx) => statement.execute(kyselyOf(tx)));
    await breaking(sql`update events set name = 'Not what was said' where id = ${eventId}`);
    await expect(expectConsistent()).rejects.toThrow("a name that is not the winner's");
    await breaking(sql`update events set name = 'Broken by hand' where id = ${eventId}`);
    await breaking(
      sql`update field_provenance set is_winner = false where event_id = ${eventId} and field = '/url' or event_id = ${eventId} and field = '/keywords'`,
    );
    await expect(expectConsistent()).rejects.toThrow("a field without a winner");
    await breaking(sql`update field_provenance set is_winner = true where event_id = ${eventId}`);
    await breaking(
      sql`update change_outbox set state = jsonb_set(state, '{name}', '"stale"') where seq = (select max(seq) from change_outbox where entity_id = ${eventId})`,
    );
    await expect(expectConsistent()).rejects.toThrow("a last published state");
    await breaking(
      sql`update change_outbox set state = jsonb_set(state, '{name}', '"Broken by hand"') where seq = (select max(seq) from change_outbox where entity_id = ${eventId})`,
    );
    await expectConsistent();
  });

  test("batches whose items cross each other's go through: what the server breaks off is done again", async () => {
    const documents = [...Array(40).keys()].map((n) =>
      concert({ name: `Crossing ${n}`, performer: [{ "@type": "Person", name: `Singer ${n % 7}` }] }),
    );
    const begun: string[] = [];
    for (const [n, caller] of sources.slice(0, 8).entries()) {
      const mine = (n % 2 === 0 ? documents : documents.toReversed()).map((one) => ({ ...one, keywords: [`batch ${n}`] }));
      const items = mine.map((one, position) => ({
        position,
        mediaType: "application/ld+json",
        payload: Buffer.from(JSON.stringify(one)),
      }));
      begun.push(
        (await on.registry.database.transact((tx) => submitBatch(on.registry, caller, tx, { payload: Buffer.from(`batch ${n}`), items })))
          .runId,
      );
    }
    const counts = await all(begun.map((runId) => () => applyRun(on.registry, runId)));
    expect(counts.reduce((sum, one) => sum + one.created, 0)).toBe(40);
    expect(counts.reduce((sum, one) => sum + one.merged, 0)).toBe(280);
    expect(counts.every((one) => one.rejected === 0)).toBe(true);
    await expectConsistent();
  });

  test("two transactions that wait for each other: one is begun anew, both succeed", async () => {
    const [one, other] = [
      await on.submit(sources[0]!, concert({ name: "Deadlock one" })),
      await on.submit(sources[0]!, concert({ name: "Deadlock other" })),
    ];
    let attempts = 0;
    let holding = 0;
    const bothHoldOne = Promise.withResolvers<void>();
    const locking = (first: string, second: string) => () =>
      on.registry.database.transact(async (tx) => {
        const touch = (id: string) => sql`update events set confidence = 0.9, version = version + 1 where id = ${id}`.execute(kyselyOf(tx));
        attempts++;
        await touch(first);
        holding++;
        if (holding === 2) bothHoldOne.resolve();
        await bothHoldOne.promise;
        await touch(second);
      });
    await all([locking(one.eventId, other.eventId), locking(other.eventId, one.eventId)]);
    // Nearly always three: now and then the one that is begun anew is quicker than the one that waited, and both wait once more.
    expect(attempts).toBeGreaterThanOrEqual(3);
    for (const { eventId } of [one, other]) expect(((await on.event(eventId)) as EventState).version).toBe(3);
  });

  test("eight equal requests with one Idempotency-Key: the work is done once, all get its answer", async () => {
    const document = concert({ name: "Idempotent" });
    const payload = Buffer.from(JSON.stringify(document));
    let done = 0;
    const request = () =>
      write(
        on.registry,
        sources[0]!,
        { principal: "key:rex", key: "k", requestHash: createHash("sha256").update(payload).digest() },
        async (tx) => {
          done++;
          return {
            status: 201,
            headers: {},
            body: JSON.stringify(await submitEvent(on.registry, sources[0]!, tx, { payload, mediaType: "application/ld+json", document })),
          };
        },
      );
    const answers = await all(Array(8).fill(request) as (typeof request)[]);
    expect(done).toBe(1);
    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers.filter((answer) => answer.replayed)).toHaveLength(7);
    expect(JSON.parse(answers[0]!.body)).toMatchObject({ outcome: "created" });
  });

  test("when the first of two equal requests fails, the second does the work", async () => {
    const keyed = { principal: "key:rex", key: "failing", requestHash: Buffer.from("x") };
    const began = Promise.withResolvers<void>();
    const fail = Promise.withResolvers<void>();
    const first = write(on.registry, sources[0]!, keyed, async () => {
      began.resolve();
      await fail.promise;
      throw new Error("on purpose");
    });
    await began.promise;
    const second = write(on.registry, sources[0]!, keyed, () => Promise.resolve({ status: 200, headers: {}, body: "second" }));
    fail.resolve();
    await expect(first).rejects.toThrow("on purpose");
    expect(await second).toMatchObject({ body: "second", replayed: false });
  });
});
