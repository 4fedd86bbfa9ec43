/** Nodes: peers that this one pulls from, and origins that relays told of (table federation_nodes). */
import { sql, type RawBuilder } from "kysely";
import type { Peer } from "../domain/peer.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

/** Every column of a Peer but its id. */
const COLUMN_OF = {
  base: "base_url",
  name: "name",
  trust: "trust_level",
  status: "status",
  direction: "direction",
  relay: "relay",
  filters: "filters",
  accessKey: "access_key",
  privateAddress: "private_address",
  everySeconds: "every_seconds",
  bootstrapBy: "bootstrap_by",
  dialect: "dialect",
  profile: "profile",
  profileAt: "profile_at",
  sourceId: "source_id",
  cursor: "cursor",
  epoch: "epoch",
  position: "position",
  hash: "hash",
  bootstrap: "bootstrap",
  head: "head",
  headAt: "head_at",
  nextPullAt: "next_pull_at",
  pulledAt: "pulled_at",
  succeededAt: "succeeded_at",
  behindSince: "behind_since",
  failures: "failures",
  lastError: "last_error",
  alarm: "alarm",
  alarmDetail: "alarm_detail",
  alarmAt: "alarm_at",
} as const satisfies Record<Exclude<keyof Peer, "id">, string>;

type Member = keyof typeof COLUMN_OF;
const MEMBERS = Object.keys(COLUMN_OF) as Member[];
const AS_JSON = new Set<Member>(["filters", "profile", "bootstrap"]);

const COLUMNS = sql.raw(["n.id", ...MEMBERS.map((member) => `n.${COLUMN_OF[member]} as "${member}"`)].join(", "));
/** Without taking the lock that a new row's reference to the node needs. */
const LOCK = sql`for no key update of n`;

export async function readPeerById(on: Reader, id: string): Promise<Peer | undefined> {
  return (await sql<Peer>`select ${COLUMNS} from federation_nodes n where n.id = ${id}`.execute(kyselyOf(on))).rows[0];
}

export async function readPeerByBase(on: Reader, base: string): Promise<Peer | undefined> {
  return (await sql<Peer>`select ${COLUMNS} from federation_nodes n where n.base_url = ${base}`.execute(kyselyOf(on))).rows[0];
}

/** Whoever applies what a peer says, or changes what is known of it, holds its row. */
export async function lockPeer(tx: Tx, by: { id: string } | { base: string }): Promise<Peer | undefined> {
  const which = "id" in by ? sql`n.id = ${by.id}` : sql`n.base_url = ${by.base}`;
  return (await sql<Peer>`select ${COLUMNS} from federation_nodes n where ${which} ${LOCK}`.execute(kyselyOf(tx))).rows[0];
}

export interface NewPeerRow extends Pick<Peer, "id" | "base" | "name" | "trust" | "direction" | "sourceId"> {
  /** Id of the relay that told of it first; absent for a peer. */
  namedBy?: string | undefined;
}

/** Keeps nodes whose base is new; the rest stands as it is. */
export async function insertPeers(tx: Tx, peers: readonly NewPeerRow[], now: Date): Promise<void> {
  if (peers.length === 0) return;
  await sql`
    insert into federation_nodes (id, base_url, name, trust_level, direction, source_id, named_by, created_at, updated_at)
    select r.id, r.base, r.name, r.trust, r.direction, r."sourceId", r."namedBy", ${now}, ${now}
    from json_to_recordset(${JSON.stringify(peers)}::json) as r(id uuid, base text, name text, trust smallint, direction text, "sourceId" uuid,
      "namedBy" uuid)
    on conflict (base_url) do nothing`.execute(kyselyOf(tx));
}

export type PeerUpdate = { [K in Member]?: Peer[K] | undefined };

/** Writes what is given; a member that is undefined stays, one that is null is forgotten. */
export async function updatePeer(tx: Tx, id: string, change: PeerUpdate, now: Date): Promise<void> {
  const sets: RawBuilder<unknown>[] = (Object.entries(change) as [Member, unknown][])
    .filter(([, value]) => value !== undefined)
    .map(([member, value]) => {
      const column = sql.ref(COLUMN_OF[member]);
      return AS_JSON.has(member) && value !== null ? sql`${column} = ${JSON.stringify(value)}::jsonb` : sql`${column} = ${value}`;
    });
  await sql`update federation_nodes set ${sql.join([...sets, sql`updated_at = ${now}`])} where id = ${id}`.execute(kyselyOf(tx));
}

/** Of how many entities this peer told first. */
export async function countTold(on: Reader, id: string): Promise<number> {
  const { rows } = await sql<{ told: number }>`select told from federation_nodes where id = ${id}`.execute(kyselyOf(on));
  return rows[0]?.told ?? 0;
}

/** Origins that are here only because this relay named them. */
export async function countNamedBy(on: Reader, relayId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from federation_nodes where named_by = ${relayId} and direction = 'none'`.execute(kyselyOf(on));
  return rows[0]!.n;
}

export interface OriginRow {
  nodeId: string;
  base: string;
  sourceId: string | null;
}

/** These nodes in the order of their ids, locked as `lockPeer` does; unknown ones are left out. */
export async function lockOrigins(tx: Tx, bases: readonly string[]): Promise<OriginRow[]> {
  if (bases.length === 0) return [];
  const { rows } = await sql<OriginRow>`
    select n.id as "nodeId", n.base_url as base, n.source_id as "sourceId" from federation_nodes n where n.base_url = any (${[...bases]}::text[])
    order by n.id ${LOCK}`.execute(kyselyOf(tx));
  return rows;
}

/**
 * Those of these bases that lie within another node's, or hold one, each with such a node. Where `peersOnly`, nodes that are only known
 * as origins do not count.
 */
export async function findNested(
  on: Reader,
  bases: readonly string[],
  { peersOnly = false }: { peersOnly?: boolean } = {},
): Promise<{ base: string; other: string }[]> {
  if (bases.length === 0) return [];
  const { rows } = await sql<{ base: string; other: string }>`
    select distinct on (b.base) b.base, n.base_url as other from unnest(${[...bases]}::text[]) b (base)
    join federation_nodes n on starts_with(n.base_url, b.base || '/') or starts_with(b.base, n.base_url || '/')
    ${peersOnly ? sql`where n.direction <> 'none'` : sql``} order by b.base, n.base_url`.execute(kyselyOf(on));
  return rows;
}

/** Bases of the peers that are not stopped: those pulled from, and those that push. */
export async function readFollowed(on: Reader): Promise<Set<string>> {
  const { rows } = await sql<{ base: string }>`
    select base_url as base from federation_nodes where direction <> 'none' and status = 'active'`.execute(kyselyOf(on));
  return new Set(rows.map(({ base }) => base));
}

/** Peers whose pull is due at `now`, those that wait longest first. */
export async function duePeers(on: Reader, now: Date, limit: number): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    select id from federation_nodes where status = 'active' and direction in ('pull', 'both') and (next_pull_at is null or next_pull_at <= ${now})
    order by next_pull_at nulls first, id limit ${limit}`.execute(kyselyOf(on));
  return rows;
}

/** Peers that are pulled from, not stopped, and whose profile offers a stream of their feed. */
export async function streamingPeers(on: Reader): Promise<Peer[]> {
  const { rows } = await sql<Peer>`
    select ${COLUMNS} from federation_nodes n
    where n.status = 'active' and n.direction in ('pull', 'both') and n.profile ->> 'stream' is not null order by n.id`.execute(
    kyselyOf(on),
  );
  return rows;
}

/** All but those that are only known as origins, by base. */
export async function listPeerRows(on: Reader): Promise<Peer[]> {
  return (await sql<Peer>`select ${COLUMNS} from federation_nodes n where n.direction <> 'none' order by n.base_url`.execute(kyselyOf(on)))
    .rows;
}

/** The node in whose name this source speaks: what a peer's key leads to. */
export async function readPeerOfSource(on: Reader, sourceId: string): Promise<Peer | undefined> {
  return (await sql<Peer>`select ${COLUMNS} from federation_nodes n where n.source_id = ${sourceId}`.execute(kyselyOf(on))).rows[0];
}
