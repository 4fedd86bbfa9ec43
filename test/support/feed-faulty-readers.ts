/**
 * The negative controls: three ways to read a table of changes that look right and are not. They read what the very
 * writers of the proof write down. If they came through without a loss or an inversion, the proof would prove nothing.
 */
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { isConnectionFault } from "./feed-writers.ts";

const FENCE = "xid < pg_snapshot_xmin(pg_current_snapshot())";

/** By name: what a reader asks for after ($1 xid, $2 seq). */
export const FAULTY = {
  "seq > cursor": `select seq, xid::text, entity_id, version from proof_writes where $1::xid8 is not null and seq > $2 order by seq limit 20000`,
  "seq > cursor under a fence": `select seq, xid::text, entity_id, version from proof_writes where $1::xid8 is not null and seq > $2 and ${FENCE} order by seq limit 20000`,
  "(xid, seq) > cursor under a fence": `select seq, xid::text, entity_id, version from proof_writes where (xid, seq) > ($1::xid8, $2) and ${FENCE} order by xid, seq limit 20000`,
} as const;
export type FaultyName = keyof typeof FAULTY;

export interface FaultyReader {
  name: FaultyName;
  /** Numbers of the rows that it got. */
  seen: Set<number>;
  /** Times that an entity went back to an older version. */
  inversions: number;
}

/** Reads until aborted, and then once more to the end. */
export async function runFaultyReader(url: string, name: FaultyName, until: AbortSignal): Promise<FaultyReader> {
  const seen = new Set<number>();
  const newest = new Map<string, number>();
  let [xid, seq, inversions] = ["0", 0, 0];
  let client: pg.Client | undefined;
  for (;;) {
    const last = until.aborted;
    try {
      client ??= await connect(url);
      const { rows } = await client.query<{ seq: string; xid: string; entity_id: string; version: string }>(FAULTY[name], [xid, seq]);
      for (const row of rows) {
        [xid, seq] = [row.xid, Number(row.seq)];
        seen.add(seq);
        const version = Number(row.version);
        if (version < (newest.get(row.entity_id) ?? 0)) inversions += 1;
        newest.set(row.entity_id, version);
      }
      if (last && rows.length === 0) break;
      if (rows.length < 20_000 && !last) await delay(40);
    } catch (error) {
      if (!isConnectionFault(error)) throw error;
      await client?.end().catch(() => undefined);
      client = undefined;
      await delay(200);
    }
  }
  await client.end();
  return { name, seen, inversions };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: "feed proof control" });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
