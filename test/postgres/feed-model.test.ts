/**
 * The sequencer against a model, over real connections: transactions that begin, write, roll back to savepoints, commit
 * and roll back in any interleaving, and a sequencer that looks at any moment between. What interleaves is chosen by
 * fast-check and replayed exactly; writes that would wait for another connection's lock are left out.
 */
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readFeedHead, scanLog } from "../../src/db/feed-log.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { openTestDatabase, type TestDatabase } from "../support/db.ts";

const describeOnServersOnly = inject("database").kind === "server" ? describe : describe.skip;
const clock = () => new Date("2026-05-01T12:00:00Z");
const base = "https://node.example";
const CONNECTIONS = [0, 1, 2];
const EVENTS = [0, 1, 2, 3];

/** What should be true. An open transaction keeps the names that it wrote; `marks` are its savepoints. */
interface Model {
  open: Map<number, { written: Map<number, string>; marks: Map<number, string>[]; locked: Set<number> }>;
  /** By event, the names that were committed, in that order. */
  committed: string[][];
  counter: number;
}
interface Real {
  connections: pg.Client[];
  events: string[];
  start: number;
  /** Numbers what is committed and reads the feed: by event, the names in the order told. */
  told(): Promise<string[][]>;
}
type Command = fc.AsyncCommand<Model, Real>;

const run = (real: Real, connection: number, text: string, values: unknown[] = []) => real.connections[connection]!.query(text, values);

const begin = (connection: number): Command => ({
  check: (model) => !model.open.has(connection),
  async run(model, real) {
    await run(real, connection, "begin");
    model.open.set(connection, { written: new Map(), marks: [], locked: new Set() });
  },
  toString: () => `${connection}: begin`,
});

const write = (connection: number, event: number): Command => ({
  check: (model) => model.open.has(connection) && ![...model.open].some(([other, { locked }]) => other !== connection && locked.has(event)),
  async run(model, real) {
    const name = `name ${(model.counter += 1)}`;
    await run(real, connection, "update events set name = $2 where id = $1", [real.events[event], name]);
    const { written, locked } = model.open.get(connection)!;
    written.set(event, name);
    locked.add(event);
  },
  toString: () => `${connection}: write ${event}`,
});

const savepoint = (connection: number): Command => ({
  check: (model) => model.open.has(connection),
  async run(model, real) {
    const { written, marks } = model.open.get(connection)!;
    marks.push(new Map(written));
    await run(real, connection, `savepoint s${marks.length}`);
  },
  toString: () => `${connection}: savepoint`,
});

const rollbackToSavepoint = (connection: number): Command => ({
  check: (model) => (model.open.get(connection)?.marks.length ?? 0) > 0,
  async run(model, real) {
    const transaction = model.open.get(connection)!;
    await run(real, connection, `rollback to savepoint s${transaction.marks.length}`);
    transaction.written = transaction.marks.pop()!;
  },
  toString: () => `${connection}: rollback to savepoint`,
});

const end = (connection: number, how: "commit" | "rollback"): Command => ({
  check: (model) => model.open.has(connection),
  async run(model, real) {
    await run(real, connection, how);
    const { written } = model.open.get(connection)!;
    model.open.delete(connection);
    if (how === "commit") for (const [event, name] of written) model.committed[event]!.push(name);
  },
  toString: () => `${connection}: ${how}`,
});

const sequence = (): Command => ({
  check: () => true,
  async run(model, real) {
    expect(await real.told()).toEqual(model.committed);
  },
  toString: () => "sequence and compare",
});

const commands = fc.commands(
  [
    fc.constantFrom(...CONNECTIONS).map(begin),
    fc.tuple(fc.constantFrom(...CONNECTIONS), fc.constantFrom(...EVENTS)).map(([connection, event]) => write(connection, event)),
    fc.tuple(fc.constantFrom(...CONNECTIONS), fc.constantFrom(...EVENTS)).map(([connection, event]) => write(connection, event)),
    fc.constantFrom(...CONNECTIONS).map(savepoint),
    fc.constantFrom(...CONNECTIONS).map(rollbackToSavepoint),
    fc
      .tuple(fc.constantFrom(...CONNECTIONS), fc.constantFrom("commit", "commit", "rollback") as fc.Arbitrary<"commit" | "rollback">)
      .map(([connection, how]) => end(connection, how)),
    fc.constant(sequence()),
  ],
  { maxCommands: 40 },
);

describeOnServersOnly("any interleaving", () => {
  let fresh: TestDatabase;
  let connections: pg.Client[];
  beforeAll(async () => {
    fresh = await openTestDatabase();
    await openEpoch(fresh.database, { clean: true, clock });
    connections = await Promise.all(
      CONNECTIONS.map(async () => {
        const client = new pg.Client({ connectionString: fresh.url! });
        await client.connect();
        return client;
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(connections.map((client) => client.end()));
    await fresh[Symbol.asyncDispose]();
  });

  /** Four published events of their own, numbered already. */
  async function setUp(): Promise<{ model: Model; real: Real }> {
    const { database } = fresh;
    const events: string[] = EVENTS.map(() => randomUUID());
    const client = connections[0]!;
    await client.query("insert into places (id, match_key, name) values ($1::uuid, $1::text::bytea, 'Hall')", [events[0]]);
    await client.query(
      "insert into events (id, name, lifecycle_state, primary_venue_id, content_hash) select id, 'first', 'published', $2, '' from unnest($1::uuid[]) id",
      [events, events[0]],
    );
    const sequencing = { database, base, clock, log: { info: () => undefined, warn: () => undefined } };
    await drainOutbox(sequencing);
    const { position: start } = await database.read(readFeedHead);
    const { rows } = await client.query<{ uri: string; entity_id: string }>(
      "select uri, entity_id from event_changes where entity_kind = 'event'",
    );
    const indexOf = new Map(rows.map((row) => [row.uri, events.indexOf(row.entity_id)]));
    return {
      model: { open: new Map(), committed: EVENTS.map(() => []), counter: 0 },
      real: {
        connections,
        events,
        start,
        async told() {
          await drainOutbox(sequencing);
          const scan = { since: start, until: start + 10_000, limit: 10_000, action: null, kind: null, own: false };
          const { entries, head } = await database.read((on) => scanLog(on, scan));
          expect(entries.map((entry) => entry.position)).toEqual(Array.from({ length: head.position - start }, (_, n) => start + 1 + n));
          const told: string[][] = EVENTS.map(() => []);
          for (const { item } of entries) {
            const { uri, snapshot } = JSON.parse(item) as { uri: string; snapshot: { name: string } };
            told[indexOf.get(uri)!]!.push(snapshot.name);
          }
          return told;
        },
      },
    };
  }

  test("is told completely, once, and for each event in the order of its commits", async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (chosen) => {
        const { model, real } = await setUp();
        try {
          await fc.asyncModelRun(() => ({ model, real }), chosen);
          await Promise.all([...model.open.keys()].map((connection) => run(real, connection, "rollback")));
          expect(await real.told()).toEqual(model.committed);
        } finally {
          await Promise.all(connections.map((client) => client.query("rollback")));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("also the one that a cursor over drawn numbers loses", async () => {
    const { real } = await setUp();
    const [slow, fast] = [connections[0]!, connections[1]!];
    await slow.query("create table drawn (seq bigint generated always as identity primary key, name text)");
    let cursor = 0;
    const seen: string[] = [];
    const readPlainly = async () => {
      const { rows } = await fast.query<{ seq: string; name: string }>("select seq, name from drawn where seq > $1 order by seq", [cursor]);
      for (const row of rows) {
        cursor = Number(row.seq);
        seen.push(row.name);
      }
    };
    const writeBoth = async (client: pg.Client, event: number, name: string) => {
      await client.query("begin");
      await client.query("update events set name = $2 where id = $1", [real.events[event], name]);
      await client.query("insert into drawn (name) values ($1)", [name]);
    };

    await writeBoth(slow, 0, "slow");
    await writeBoth(fast, 1, "fast");
    await fast.query("commit");
    await readPlainly();
    expect(await real.told()).toEqual([[], ["fast"], [], []]);
    await slow.query("commit");
    await readPlainly();
    expect(seen).toEqual(["fast"]);
    expect(await real.told()).toEqual([["slow"], ["fast"], [], []]);
  });
});
