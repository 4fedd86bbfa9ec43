/** When a host may be asked again, whichever process asks, and what its robots.txt said (table harvest_hosts). */
import { sql } from "kysely";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** Takes the host's next turn where it has come, at least `pauseMs` after the one before; else says when it may be asked. */
export async function takeHostTurn(tx: Tx, host: string, pauseMs: number, now: Date): Promise<{ waitUntil: Date | undefined }> {
  const db = kyselyOf(tx);
  const next = new Date(now.getTime() + pauseMs);
  const { rows } = await sql`
    insert into harvest_hosts as h (host, next_request_at, created_at, updated_at) values (${host}, ${next}, ${now}, ${now})
    on conflict (host) do update set next_request_at = greatest(${next}, ${now}::timestamptz + h.pause_seconds * interval '1 second'), updated_at = ${now}
      where h.next_request_at <= ${now}
    returning host`.execute(db);
  if (rows.length > 0) return { waitUntil: undefined };
  const waiting = await sql<{ at: Date }>`select next_request_at as at from harvest_hosts where host = ${host}`.execute(db);
  return { waitUntil: waiting.rows[0]!.at };
}

/** The host is left alone until then at the least. */
export async function holdHost(tx: Tx, host: string, until: Date, now: Date): Promise<void> {
  await sql`
    insert into harvest_hosts as h (host, next_request_at, created_at, updated_at) values (${host}, ${until}, ${now}, ${now})
    on conflict (host) do update set next_request_at = greatest(h.next_request_at, excluded.next_request_at), updated_at = ${now}`.execute(
    kyselyOf(tx),
  );
}

export interface HostTurn {
  host: string;
  nextRequestAt: Date;
  pauseSeconds: number;
}

/** Those of these hosts that were asked before. */
export async function readHostTurns(on: Reader, hosts: readonly string[]): Promise<HostTurn[]> {
  const { rows } = await sql<HostTurn>`
    select host, next_request_at as "nextRequestAt", pause_seconds as "pauseSeconds" from harvest_hosts where host = any (${[...hosts]}::text[])`.execute(
    kyselyOf(on),
  );
  return rows;
}

export interface StoredRobots {
  /** Of the answer; the text counts where it is 200. */
  status: number;
  text: string;
  fetchedAt: Date;
}

export async function readStoredRobots(on: Reader, host: string): Promise<StoredRobots | undefined> {
  const { rows } = await sql<StoredRobots>`
    select robots_status as status, coalesce(robots, '') as text, robots_fetched_at as "fetchedAt" from harvest_hosts
    where host = ${host} and robots_fetched_at is not null`.execute(kyselyOf(on));
  return rows[0];
}

export async function storeRobots(
  tx: Tx,
  host: string,
  { status, text, fetchedAt }: StoredRobots,
  pauseSeconds: number,
  now: Date,
): Promise<void> {
  await sql`
    update harvest_hosts set robots = ${text}, robots_status = ${status}, robots_fetched_at = ${fetchedAt}, pause_seconds = ${pauseSeconds},
      next_request_at = greatest(next_request_at, ${now}::timestamptz + ${pauseSeconds} * interval '1 second'), updated_at = ${now}
    where host = ${host}`.execute(kyselyOf(tx));
}
