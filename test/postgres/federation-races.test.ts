/** What a peer says of its event while people take its texts down, correct it and rename its place here: nobody hears of a deadlock, and in the end all agrees. */
import { sql } from "kysely";
import { describe, expect, inject, test } from "vitest";
import { kyselyOf } from "../../src/db/handle.ts";
import { readState } from "../../src/db/entities.ts";
import type { EventState } from "../../src/domain/state.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { redactEntity } from "../../src/feed/redact.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import type { Caller } from "../../src/registry/context.ts";
import { createPeerStore } from "../../src/registry/peer-store.ts";
import { pinField } from "../../src/registry/pin-field.ts";
import { liftTakedown, takeDown } from "../../src/registry/take-down.ts";
import { addTestPeer, eventOf, NORTH, page, shown } from "../support/peer-words.ts";
import { openTestRegistry } from "../support/registry.ts";
import { columnsWith } from "../support/text-scan.ts";

const describeOnAServer = inject("database").kind === "server" ? describe : describe.skip;
const ADMIN: Caller = { actor: "cli:ann", role: "admin" };
const WORD = "qxmarkerzq";
const EVENTS = 3;
const ROUNDS = 120;
const log = { info: () => undefined, warn: () => undefined };
const HALL = { "@context": "https://schema.org", "@id": `${NORTH}/places/hall`, "@type": "MusicVenue", "sel:licenseStatus": "cc0" };

describeOnAServer("on a server, where transactions really run side by side", () => {
  test("pulls, takedowns, pins and a renamed place on the same events", { timeout: 300_000 }, async () => {
    await using on = await openTestRegistry();
    const { registry } = on;
    const { database, clock, base } = registry;
    await openEpoch(database, { clean: true, clock });
    const store = createPeerStore(registry, { random: () => 0.5, redact: redactEntity });
    const peer = await addTestPeer(on);
    const run = await store.beginRun(peer.id, "pull");

    // Some rounds say a text, some none, so that texts vanish over and over; the last one says one again.
    const documentOf = (n: number, round: number) =>
      eventOf(NORTH, n, {
        name: `Concert ${n}, ${round}`,
        ...((round + n) % 3 > 0 && { description: `What round ${round} says of ${WORD}-${n}.` }),
      });
    let position = 0;
    const pull = (round: number) => {
      const events = Array.from({ length: EVENTS }, (_, n) => shown(documentOf(n, round), { position: (position += 1) }));
      const hall = shown({ ...HALL, name: `Hall ${round}` }, { kind: "place", position: (position += 1) });
      const since = round === 0 ? null : `c${position - EVENTS - 1}`;
      return store.applyPage(peer.id, run, page(since, [...events, hall]));
    };
    await pull(0);
    const ids = await database.read(async (reader) => {
      const { rows } = await sql<{ id: string }>`select id from events order by federation_uri`.execute(kyselyOf(reader));
      return rows.map((row) => row.id);
    });
    const [taken, pinned, both] = ids as [string, string, string];
    const take = (eventId: string) =>
      database.transact((tx) => takeDown(registry, ADMIN, tx, { eventId, reason: "asked for", redact: redactEntity }), ADMIN);
    const pin = (eventId: string, round: number) =>
      database.transact((tx) => pinField(registry, ADMIN, tx, { eventId, field: "name", value: `Ours, ${round}` }), ADMIN);
    const number = () => drainOutbox({ database, clock, base, log });

    for (let round = 1; round <= ROUNDS; round++) {
      on.later();
      const done = await Promise.allSettled([
        pull(round),
        take(taken),
        pin(pinned, round),
        take(both),
        pin(both, round),
        number(),
        number(),
      ]);
      const failed = done.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
      expect(failed, `round ${round}`).toEqual([]);
      expect(done[0], `round ${round}`).toMatchObject({ value: { refused: 0 } });
      if (round % 4 === 0) await database.transact((tx) => liftTakedown(registry, ADMIN, tx, { eventId: both }), ADMIN);
    }
    await take(both);
    await number();

    const state = async (id: string) => (await database.read((reader) => readState(reader, "event", id))) as EventState;
    expect(await state(taken)).toMatchObject({ name: `Concert 0, ${ROUNDS}`, location: { name: `Hall ${ROUNDS}` } });
    expect(await state(pinned)).toMatchObject({ name: `Ours, ${ROUNDS}`, description: `What round ${ROUNDS} says of ${WORD}-1.` });
    expect(await state(both)).toMatchObject({ name: `Ours, ${ROUNDS}` });
    const { rows: statements } = await database.read((reader) =>
      sql<{ position: number; document: string; redacted: boolean }>`
        select position, document, redacted from federation_statements where entity_kind = 'event' order by uri`.execute(kyselyOf(reader)),
    );
    expect(statements.map((one) => one.position)).toEqual(ids.map((_, n) => position - EVENTS + n));
    expect(statements.map((one) => (JSON.parse(one.document) as { name: string }).name)).toEqual(
      ids.map((_, n) => `Concert ${n}, ${ROUNDS}`),
    );
    for (const n of [0, 2]) expect(await columnsWith(database, `${WORD}-${n}`)).toEqual([]);
    expect(await columnsWith(database, `${WORD}-1`)).toContain("public.event_changes.item");
    const { rows } = await database.read((reader) =>
      sql<{ item: string }>`select item from event_changes order by sequence_number`.execute(kyselyOf(reader)),
    );
    expect(verifyChain(rows.map(({ item }) => JSON.parse(item) as VerifiableItem))).toMatchObject({ ok: true });
  });
});
