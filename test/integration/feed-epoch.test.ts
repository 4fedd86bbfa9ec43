/** Epochs: when positions may no longer mean what readers saw, the feed says so. And the sequencer's plain duties. */
import { sql } from "kysely";
import { expect, test } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { readFeedHead } from "../../src/db/feed-log.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { readFeedPage } from "../../src/feed/read.ts";
import { drainOutbox, runSequencer } from "../../src/feed/sequencer.ts";
import { openTestDatabase } from "../support/db.ts";

const base = "https://node.example";
const at = (time: string) => () => new Date(time);
const clock = at("2026-05-01T12:00:00Z");
const log = { info: () => undefined, warn: () => undefined };
const write = (database: Database, statement: ReturnType<typeof sql>) => database.transact((tx) => statement.execute(kyselyOf(tx)));
const addPlace = (database: Database, name: string) =>
  write(database, sql`insert into places (id, match_key, name) values (gen_random_uuid(), gen_random_uuid()::text::bytea, ${name})`);
const epochOf = async (database: Database) => (await database.read(readFeedHead)).epoch;

test("a restart keeps the epoch; a crash of the embedded database, or another database than before, begins one", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  const first = await openEpoch(database, { clean: true, clock });
  await addPlace(database, "Old Mill");
  await drainOutbox({ database, base, clock, log });
  expect(await openEpoch(database, { clean: true, clock })).toBe(first);

  const afterCrash = await openEpoch(database, { clean: false, clock });
  expect(afterCrash).not.toBe(first);

  await write(database, sql`update feed_head set timeline = '00000009'`);
  const afterFailover = await openEpoch(database, { clean: true, clock });
  expect([first, afterCrash]).not.toContain(afterFailover);

  await write(database, sql`update feed_head set system_identifier = '1'`);
  expect([first, afterCrash, afterFailover]).not.toContain(await openEpoch(database, { clean: true, clock }));
  // What there is stays readable, under the new name and from the beginning.
  expect(JSON.parse(String((await readFeedPage({ database, base }, {})).body))).toMatchObject({
    changes: [{ snapshot: { name: "Old Mill" } }],
    head: 1,
  });
});

test("a running sequencer notices a failover by itself, even when nothing is written", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  const first = await openEpoch(database, { clean: true, clock });
  await write(database, sql`update feed_head set timeline = '00000009'`);
  let warned: (message: string) => void = () => undefined;
  const warning = new Promise<string>((resolve) => (warned = resolve));
  {
    await using _running = runSequencer({ database, base, clock, log: { ...log, warn: (_facts, message) => warned(message) } });
    expect(await warning).toContain("new epoch");
  }
  // It warns before it commits, and ends after that.
  expect(await epochOf(database)).not.toBe(first);
});

test("published_at never goes back, even when the clock does", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  await openEpoch(database, { clean: true, clock });
  await addPlace(database, "Old Mill");
  await drainOutbox({ database, base, clock: at("2026-05-02T12:00:00Z"), log });
  await addPlace(database, "New Mill");
  await drainOutbox({ database, base, clock: at("2026-05-01T12:00:00Z"), log });
  const { rows } = await database.read((on) =>
    sql<{ published_at: Date }>`select published_at from event_changes order by sequence_number`.execute(kyselyOf(on)),
  );
  expect(rows.map((row) => row.published_at.toISOString())).toEqual(["2026-05-02T12:00:00.000Z", "2026-05-02T12:00:00.000Z"]);
});

test("a position that is kept no longer is refused, not skipped", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  await openEpoch(database, { clean: true, clock });
  for (const name of ["One", "Two", "Three"]) await addPlace(database, name);
  await drainOutbox({ database, base, clock, log });
  const { nextCursor: atOne } = await readFeedPage({ database, base }, { limit: 1 });
  const { nextCursor: atTwo } = await readFeedPage({ database, base }, { limit: 2 });
  await write(database, sql`delete from event_changes where sequence_number <= 2`);
  for (const since of [undefined, atOne]) {
    await expect(readFeedPage({ database, base }, { since })).rejects.toMatchObject({ code: "retention_passed", extra: { oldest: 3 } });
  }
  expect(JSON.parse(String((await readFeedPage({ database, base }, { since: atTwo })).body))).toMatchObject({
    changes: [{ sequence_number: 3 }],
  });
});

test("what shows nothing new leaves the outbox and no trace", async () => {
  await using test = await openTestDatabase();
  const { database } = test;
  await openEpoch(database, { clean: true, clock });
  await addPlace(database, "Old Mill");
  expect(await drainOutbox({ database, base, clock, log })).toBe(1);
  await write(database, sql`update places set version = version + 1`);
  expect(await drainOutbox({ database, base, clock, log })).toBe(0);
  const { rows } = await database.read((on) =>
    sql<{ left: number }>`select count(*)::int as left from change_outbox`.execute(kyselyOf(on)),
  );
  expect(rows).toEqual([{ left: 0 }]);
});
