/** A takedown while sources write and the sequencer numbers: whatever came just before it is removed, whatever comes after is not let in. */
import { sql } from "kysely";
import { describe, expect, inject, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import { takeDown } from "../../src/registry/take-down.ts";
import type { Caller, Registry } from "../../src/registry/context.ts";
import { columnsWith } from "../support/text-scan.ts";
import { BASE, concert, openTestRegistry } from "../support/registry.ts";

const describeOnAServer = inject("database").kind === "server" ? describe : describe.skip;
const ADMIN: Caller = { actor: "cli:ann", role: "admin" };
const WORD = "qxmarkerzq";
const log = { info: () => undefined, warn: () => undefined };
const take = (registry: Registry, eventId: string) =>
  registry.database.transact((tx) => takeDown(registry, ADMIN, tx, { eventId, reason: "asked for", redact: redactEntity }), ADMIN);

/** How many of this database's sessions wait for a lock. */
async function waiting(database: Database): Promise<number> {
  const { rows } = await database.read((reader) =>
    sql<{ n: number }>`select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      kyselyOf(reader),
    ),
  );
  return rows[0]!.n;
}

describeOnAServer("on a server, where transactions really run side by side", () => {
  test("a sequencer that has read a text and not told it yet is waited for", { timeout: 60_000 }, async () => {
    await using on = await openTestRegistry();
    const { database, clock } = on.registry;
    await openEpoch(database, { clean: true, clock });
    const { eventId } = await on.submit(await on.source("one"), concert({ description: `A text with ${WORD}.` }));

    const [locked, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const gate = database.transact(async (tx) => {
      await sql`lock table event_changes in share mode`.execute(kyselyOf(tx));
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const numbering = drainOutbox({ database, clock, base: BASE, log });
    while ((await waiting(database)) < 1);
    let done = false;
    const taking = take(on.registry, eventId).then(() => (done = true));
    while (!done && (await waiting(database)) < 2);
    release.resolve();
    await Promise.all([gate, numbering, taking]);
    await drainOutbox({ database, clock, base: BASE, log });
    expect(await columnsWith(database, WORD)).toEqual([]);
  });

  test("nothing slips through between a write, its number in the feed, and the takedown", { timeout: 240_000 }, async () => {
    await using on = await openTestRegistry();
    const { database, clock } = on.registry;
    await openEpoch(database, { clean: true, clock });
    const sources = await Promise.all(["one", "two", "three"].map((name) => on.source(name)));
    const number = () => drainOutbox({ database, clock, base: BASE, log });
    const say = (caller: Caller, event: number, n: number) => {
      on.later();
      const changes = {
        name: `Concert ${event}`,
        identifier: `${event}`,
        startDate: `2026-05-${10 + event}T20:00:00-04:00`,
        endDate: undefined,
      };
      return on.submit(caller, concert({ ...changes, description: `What ${caller.actor} says of ${WORD}, ${n}.` }));
    };
    const ids = await Promise.all(Array.from({ length: 8 }, async (_, event) => (await say(sources[0]!, event, 0)).eventId));

    for (const [event, eventId] of ids.entries()) {
      const writing = sources.flatMap((caller) => [1, 2, 3].map((n) => say(caller, event, n)));
      const numbering = [number(), number()];
      const taking = take(on.registry, eventId);
      await Promise.all([...writing, ...numbering, taking]);
      await number();
    }
    expect(await columnsWith(database, WORD)).toEqual([]);
    const { rows } = await database.read((reader) =>
      sql<{ item: string }>`select item from event_changes order by sequence_number`.execute(kyselyOf(reader)),
    );
    const items = rows.map(({ item }) => JSON.parse(item) as VerifiableItem);
    expect(items.filter((item) => item.redacted === true).length).toBeGreaterThan(0);
    expect(verifyChain(items)).toMatchObject({ ok: true });
  });
});
