/** What a finished feed is held against: the committed truth, itself, and the database it came from. */
import { sql } from "kysely";
import type { Database } from "../../src/db/database.ts";
import { readFeedHead } from "../../src/db/feed-log.ts";
import type { AnyState } from "../../src/domain/state.ts";
import { sha256 } from "../../src/feed/item.ts";
import { readFeedPage } from "../../src/feed/read.ts";
import { verifyChain, type VerifiableItem } from "../../src/feed/verify.ts";
import { encodeText } from "../../src/jsonld/encode.ts";
import { digestOf, type SeenPage } from "./feed-follower.ts";

/** Counts of broken promises. */
export interface FeedFaults {
  lost: number;
  invented: number;
  duplicated: number;
  outOfOrder: number;
  gaps: number;
  rereadDifferently: number;
  brokenChain: number;
  replicaDiffers: number;
  acknowledgedLost: number;
  epochChanged: number;
}

export interface CheckOptions {
  database: Database;
  base: string;
  epoch: string;
  pages: readonly SeenPage[];
  acknowledged: readonly string[];
}

/** Reads the whole feed again and compares. */
export async function checkFeed({
  database,
  base,
  epoch,
  pages,
  acknowledged,
}: CheckOptions): Promise<{ changes: number; faults: FeedFaults }> {
  const own = await checkOwnWord(database, base);
  const expected = await expectedChanges(database);
  const got = own.versions;
  const faults: FeedFaults = {
    lost: [...expected].filter((change) => !got.has(change)).length,
    invented: [...got].filter((change) => !expected.has(change)).length,
    duplicated: own.duplicated,
    outOfOrder: own.outOfOrder,
    gaps: own.gaps,
    rereadDifferently: await countRereadDifferently(database, base, pages),
    brokenChain: own.brokenChain,
    replicaDiffers: await countReplicaDiffers(database, base, own.replica),
    acknowledgedLost: await countLost(database, acknowledged),
    epochChanged: (await database.read(readFeedHead)).epoch === epoch ? 0 : 1,
  };
  return { changes: own.changes, faults };
}

/**
 * Each committed (transaction, entity) that readers can see, as "entity version": the last version of the transaction,
 * where it is shown or the one before it was.
 */
async function expectedChanges(database: Database): Promise<Set<string>> {
  const { rows } = await sql<{ change: string }>`
    with committed as (
      select distinct on (xid, entity_id) entity_id, version, shown from proof_writes order by xid, entity_id, version desc
    ), following as (
      select *, coalesce(lag(shown) over (partition by entity_id order by version), false) as shown_before from committed
    )
    select entity_id || ' ' || version as change from following where shown or shown_before`.execute(database.kysely);
  return new Set(rows.map((row) => row.change));
}

/** Reads the feed from the beginning as a peer does: positions, order, chain, and the replica that comes of it. */
async function checkOwnWord(database: Database, base: string) {
  const { rows: ids } = await sql<{ uri: string; entity_id: string }>`select distinct uri, entity_id from event_changes`.execute(
    database.kysely,
  );
  const idOf = new Map(ids.map((row) => [row.uri, row.entity_id]));
  const versions = new Set<string>();
  const newest = new Map<string, number>();
  /** By entity: the digest of what is shown. */
  const replica = new Map<string, string>();
  let [changes, duplicated, outOfOrder, gaps, brokenChain, position, hash] = [0, 0, 0, 0, 0, 0, ""];
  let since: string | undefined;
  for (let more = true; more;) {
    const page = await readFeedPage({ database, base }, { since, limit: 1_000 });
    const items = (JSON.parse(String(page.body)) as { changes: (VerifiableItem & { uri: string; version: number; action: string })[] })
      .changes;
    const verified = verifyChain(items, hash);
    if (verified.ok) hash = verified.hash;
    else {
      brokenChain += 1;
      hash = items.at(-1)!.hash;
    }
    for (const item of items) {
      const id = idOf.get(item.uri)!;
      if (item.sequence_number !== position + 1) gaps += 1;
      position = item.sequence_number;
      const change = `${id} ${item.version}`;
      if (versions.has(change)) duplicated += 1;
      versions.add(change);
      if (item.version < (newest.get(id) ?? 0)) outOfOrder += 1;
      newest.set(id, item.version);
      if (item.action === "delete") replica.delete(id);
      else replica.set(id, item.digest);
      changes += 1;
    }
    ({ more, nextCursor: since } = page);
  }
  return { changes, versions, replica, duplicated, outOfOrder, gaps, brokenChain };
}

async function countRereadDifferently(database: Database, base: string, pages: readonly SeenPage[]): Promise<number> {
  let different = 0;
  for (const { since, count, digest } of pages) {
    const { body } = await readFeedPage({ database, base }, { since, limit: count });
    if (digestOf(body) !== digest) different += 1;
  }
  return different;
}

/** Entities that the source shows otherwise than the replica, in either direction. */
async function countReplicaDiffers(database: Database, base: string, replica: ReadonlyMap<string, string>): Promise<number> {
  const left = new Map(replica);
  let different = 0;
  for (const kind of ["event", "place"] as const) {
    for (let after = "00000000-0000-0000-0000-000000000000"; ;) {
      const table = sql.table(kind === "event" ? "events" : "places");
      const { rows } = await sql<{ id: string; state: AnyState }>`
        select s.id, s.state from entity_states(${kind}, array(select id from ${table} where id > ${after} order by id limit 1000)) s order by s.id`.execute(
        database.kysely,
      );
      for (const { id, state } of rows) {
        const shown = state.public ? `sha-256:${sha256(encodeText(state, { base }))}` : undefined;
        if (left.get(id) !== shown) different += 1;
        left.delete(id);
      }
      if (rows.length === 0) break;
      after = rows.at(-1)!.id;
    }
  }
  return different + left.size;
}

async function countLost(database: Database, acknowledged: readonly string[]): Promise<number> {
  const { rows } = await sql<{ xid: string }>`select distinct xid::text as xid from proof_writes`.execute(database.kysely);
  const committed = new Set(rows.map((row) => row.xid));
  return acknowledged.filter((xid) => !committed.has(xid)).length;
}
