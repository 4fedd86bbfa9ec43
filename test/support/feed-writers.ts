/**
 * Writers for the feed's proof: many small transactions on hot and on new events, with rollbacks, savepoints, venue
 * renames, withdrawals, and some that stay open for seconds. What a transaction changed it writes down itself, in the
 * same transaction: `proof_writes` is the committed truth that the feed is held against, and the plain side table that
 * the faulty readers read.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

export const PROOF_TABLES = `
  create table proof_writes (
    seq bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    entity_id uuid not null,
    version bigint not null,
    shown boolean not null
  );
  create index on proof_writes (xid, seq);`;

export interface Population {
  hot: string[];
  /** Events that slow writers hold for seconds; on hot ones they would bring everyone to a halt. */
  held: string[];
  /** Venues of the hot events: they get renamed. */
  venues: string[];
  /** Venue of all new events: never renamed, or a rename would touch everything. */
  quiet: string;
}

const HELD = 40;

/** Venues and published events to write on; recorded like any write. */
export async function populate(client: pg.Client, hot: number, venues: number): Promise<Population> {
  const ids = (count: number) => Array.from({ length: count }, () => randomUUID()).toSorted();
  const population = { hot: ids(hot), held: ids(HELD), venues: ids(venues), quiet: randomUUID() };
  await client.query("begin");
  await client.query(`insert into places (id, match_key, name) select id, id::text::bytea, 'Venue ' || id from unnest($1::uuid[]) id`, [
    [...population.venues, population.quiet],
  ]);
  await client.query(`insert into proof_writes (entity_id, version, shown) select id, version, true from places`);
  await client.query(
    `with fresh as (insert into events (id, name, lifecycle_state, primary_venue_id, content_hash)
       select id, 'Event ' || id, 'published', ($2::uuid[])[1 + n % $3], '' from unnest($1::uuid[]) with ordinality e (id, n) returning id, version)
     insert into proof_writes (entity_id, version, shown) select id, version, true from fresh`,
    [population.hot, population.venues, venues],
  );
  await client.query(CREATE_EVENTS, [population.held, "Held", population.quiet]);
  await client.query("commit");
  return population;
}

const RENAME_EVENTS = `with renamed as (update events set name = $2 || ' ' || id where id = any ($1::uuid[]) returning id, version, lifecycle_state)
  insert into proof_writes (entity_id, version, shown) select id, version, lifecycle_state <> 'withdrawn' from renamed`;
const CREATE_EVENTS = `with fresh as (insert into events (id, name, lifecycle_state, primary_venue_id, content_hash)
    select id, $2 || ' ' || id, 'published', $3, '' from unnest($1::uuid[]) id returning id, version)
  insert into proof_writes (entity_id, version, shown) select id, version, true from fresh`;
const TOGGLE_EVENT = `with toggled as (update events set name = $2, lifecycle_state = case lifecycle_state when 'withdrawn' then 'published' else 'withdrawn' end
    where id = $1 returning id, version, lifecycle_state)
  insert into proof_writes (entity_id, version, shown) select id, version, lifecycle_state <> 'withdrawn' from toggled`;
const RENAME_VENUE = `with renamed as (update places set name = $2 where id = $1 returning id, version)
  insert into proof_writes (entity_id, version, shown) select id, version, true from renamed`;
const EVENTS_OF_VENUE = `insert into proof_writes (entity_id, version, shown)
  select id, version, lifecycle_state <> 'withdrawn' from events where primary_venue_id = $1`;

export interface Tally {
  /** (transaction, entity) pairs that the server acknowledged, roughly; the exact count is the table's. */
  changes: number;
  commits: number;
  rollbacks: number;
  deadlocks: number;
  lostConnections: number;
  /** Transactions whose commit was acknowledged. */
  acknowledged: string[];
}

export interface WriterOptions {
  url: string;
  population: Population;
  tally: Tally;
  /** A slow writer holds every transaction open for 2 to 5 seconds. */
  slow: boolean;
  until: AbortSignal;
  /** New events in one transaction, for the runs of many changes. */
  bulk: number;
  random: () => number;
}

/** Writes until aborted; a lost connection is replaced, a deadlock counted. */
export async function runWriter(options: WriterOptions): Promise<void> {
  const { url, tally, until } = options;
  while (!until.aborted) {
    const client = new pg.Client({ connectionString: url, application_name: "feed proof writer" });
    client.on("error", () => undefined); // the query under way reports it
    try {
      await client.connect();
      while (!until.aborted) await oneTransaction(client, options);
    } catch (error) {
      if (!isConnectionFault(error)) throw error;
      tally.lostConnections += 1;
      await delay(100);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function oneTransaction(client: pg.Client, options: WriterOptions): Promise<void> {
  const { tally, random } = options;
  try {
    await client.query("begin");
    const written = await work(client, options);
    if (options.slow) await client.query("select pg_sleep($1)", [2 + 3 * random()]);
    if (random() < 0.1) {
      await client.query("rollback");
      tally.rollbacks += 1;
      return;
    }
    const { rows } = await client.query<{ xid: string }>({ name: "xid", text: "select pg_current_xact_id()::text as xid" });
    await client.query("commit");
    tally.acknowledged.push(rows[0]!.xid);
    tally.commits += 1;
    tally.changes += written;
  } catch (error) {
    if (isConnectionFault(error)) throw error;
    await client.query("rollback");
    if ((error as { code?: string }).code !== "40P01") throw error;
    tally.deadlocks += 1;
  }
}

/** What one transaction does; returns about how many entities it changed. */
async function work(client: pg.Client, { population, random, slow, bulk }: WriterOptions): Promise<number> {
  const token = randomUUID();
  const run = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
  const one = (ids: readonly string[]) => ids[Math.floor(random() * ids.length)]!;
  // Now and then the fast wait for the slow, and the other way round.
  const hot = (count: number) =>
    Array.from({ length: count }, () => one(random() < (slow ? 0.98 : 0.002) ? population.held : population.hot));
  // One after the other in random order: an entity is written by a transaction that is older than the last one to write it.
  const renameOneByOne = async (ids: string[]) => {
    for (const id of ids) await run("rename", RENAME_EVENTS, [[id], token]);
    return new Set(ids).size;
  };
  const dice = slow ? random() * 0.5 : random();

  if (dice < 0.45) return renameOneByOne(hot(1 + Math.floor(random() * 3)));
  if (dice < 0.6) {
    const [a, b, c] = hot(3);
    await renameOneByOne([a!]);
    await client.query("savepoint s");
    await renameOneByOne([b!]);
    await run("create", CREATE_EVENTS, [[randomUUID()], token, population.quiet]);
    await client.query("rollback to savepoint s");
    return 1 + (await renameOneByOne([c!]));
  }
  if (dice < 0.64) return (await run("toggle", TOGGLE_EVENT, [hot(1)[0], token])).rowCount ?? 0;
  if (dice < 0.65) {
    const venue = one(population.venues);
    await run("rename venue", RENAME_VENUE, [venue, `Venue ${token}`]);
    return 1 + ((await run("events of venue", EVENTS_OF_VENUE, [venue])).rowCount ?? 0);
  }
  const fresh = Array.from({ length: 1 + Math.floor(random() * 2 * bulk) }, () => randomUUID());
  await run("create", CREATE_EVENTS, [fresh, token, population.quiet]);
  if (random() < 0.5) return fresh.length;
  await run("rename", RENAME_EVENTS, [fresh.slice(0, Math.ceil(fresh.length / 2)), `${token} again`]);
  return fresh.length;
}

export function isConnectionFault(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return /^(08|57P)/.test(code) || /^E(CONN|PIPE)/.test(code) || /Connection terminated|not queryable|timeout/i.test(message);
}
