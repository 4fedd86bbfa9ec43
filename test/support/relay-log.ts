/** A log that a relay tells to a broker's stream, the relay, and what must hold between the two: the stream is the log. */
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, vi } from "vitest";
import type { Database } from "../../src/db/database.ts";
import { kyselyOf } from "../../src/db/handle.ts";
import { listStreamRelays, readChangesAfter } from "../../src/db/stream-relays.ts";
import { openEpoch } from "../../src/feed/epoch.ts";
import { drainOutbox } from "../../src/feed/sequencer.ts";
import { createFeedSignal } from "../../src/feed/signal.ts";
import { runRelay, type RelayParts } from "../../src/federation/nats/relay.ts";
import type { Broker, Told } from "./broker.ts";
import { openTestDatabase } from "./db.ts";
import { BASE, openTestRegistry, type TestRegistry } from "./registry.ts";

export const clock = () => new Date();
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What a test waits for. */
export const WITHIN = { timeout: 60_000, interval: 50 };

export const change = (database: Database, statement: ReturnType<typeof sql>) => database.transact((tx) => statement.execute(kyselyOf(tx)));

/** Gives all that is committed its numbers. */
export const number = (database: Database) => drainOutbox({ database, base: BASE, clock, log: quiet });

/** What the relay has noted for people. */
export const noted = async ({ database }: Pick<Log, "database">) => (await database.read(listStreamRelays))[0];

export interface Log extends AsyncDisposable {
  database: Database;
  /** Of a database on a server. */
  url: string | undefined;
  /** Commits so many new places and numbers them. */
  write(count: number): Promise<void>;
  items(): Promise<string[]>;
}

/** `await using log = await openLog()`. */
export async function openLog(): Promise<Log> {
  const opened = await openTestDatabase();
  const { database } = opened;
  await openEpoch(database, { clean: true, clock });
  return {
    database,
    url: opened.url,
    async write(count) {
      await change(
        database,
        sql`insert into places (id, match_key, name) select gen_random_uuid(), gen_random_uuid()::text::bytea, 'Place ' || n from generate_series(1, ${count}::int) n`,
      );
      await number(database);
    },
    items: async () => (await database.read((on) => readChangesAfter(on, 0, 1_000_000))).changes.map(({ item }) => item),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

export interface EventLog extends TestRegistry {
  database: Database;
  epoch: string;
  /** Says of an event what this document says of it, and numbers that; its id. */
  say(document: object): Promise<string>;
}

/** A log of events that a source tells: `await using log = await openEventLog()`. */
export async function openEventLog(): Promise<EventLog> {
  const opened = await openTestRegistry();
  const { database } = opened.registry;
  const epoch = await openEpoch(database, { clean: true, clock });
  const city = await opened.source("City");
  return {
    ...opened,
    database,
    epoch,
    async say(document) {
      const { eventId } = await opened.submit(city, document);
      await number(database);
      return eventId;
    },
  };
}

/** A relay with waits as short as a test wants them; what it says is kept. */
export function startRelay({ database }: Pick<Log, "database">, broker: Pick<Broker, "url">, changes: Partial<RelayParts> = {}) {
  const said: string[] = [];
  const say = (facts: object, message: string) => void said.push(`${message} ${JSON.stringify(facts)}`);
  const signal = createFeedSignal({ database, log: quiet, poll: 100 });
  const relay = runRelay({
    registry: { database, base: BASE, clock },
    to: { url: broker.url, stream: "CALENDS", prefix: "calends" },
    signal,
    log: { info: say, warn: say, error: say },
    random: Math.random,
    wait: (milliseconds, until) => wait(milliseconds, undefined, { signal: until }),
    window: 20,
    idle: 100,
    patience: 200,
    ...changes,
  });
  return {
    said,
    async [Symbol.asyncDispose]() {
      await relay[Symbol.asyncDispose]();
      await signal[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the stream has as much as the log, then demands that it has nothing else. */
export async function expectMirrored(log: Log, broker: Broker): Promise<Told[]> {
  const items = await log.items();
  await vi.waitFor(async () => {
    const { position } = await broker.extent();
    expect(position, `the stream's last position; the relay says ${JSON.stringify(await noted(log))}`).toBe(items.length);
  }, WITHIN);
  const told = await broker.told();
  expect(told.map(({ body }) => body)).toEqual(items);
  expect(new Set(told.map(({ id }) => id)).size).toBe(items.length);
  return told;
}
