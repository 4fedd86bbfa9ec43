/** What origins said last of their entities (table federation_statements), as a pull judges and sweeps it. */
import { sql } from "kysely";
import type { HeldStatement } from "../domain/custody.ts";
import type { PeerFilters } from "../domain/peer.ts";
import type { EntityKind } from "../domain/vocabulary.ts";
import { kyselyOf, type Reader, type Tx } from "./handle.ts";

export interface LockedStatement extends HeldStatement {
  uri: string;
  originNodeId: string;
  /** The peer that told it. */
  viaNodeId: string;
  /** Null: nothing is shown of it. */
  entityId: string | null;
  /** Gone by our own filters. */
  withheld: boolean;
}

/** What is held of these URIs, locked in their order until the transaction ends. */
export async function lockStatements(tx: Tx, uris: readonly string[]): Promise<Map<string, LockedStatement>> {
  const { rows } = await sql<LockedStatement & { version: number | null }>`
    select uri, entity_kind as kind, entity_id as "entityId", origin_node_id as "originNodeId", via_node_id as "viaNodeId",
      (select base_url from federation_nodes n where n.id = origin_node_id) as node, epoch, position, version, gone, withheld, digest, redacted,
      hops
    from federation_statements where uri = any (${[...uris]}::text[]) order by uri for update`.execute(kyselyOf(tx));
  return new Map(rows.map((row) => [row.uri, { ...row, version: row.version ?? undefined }]));
}

/** Marks what a copy met of its origin, whatever came of it. */
export async function markMet(tx: Tx, copy: { id: string; originNodeId: string }, uris: readonly string[]): Promise<void> {
  if (uris.length === 0) return;
  await sql`
    update federation_statements set met_in = ${copy.id}
    where uri = any (${[...uris]}::text[]) and origin_node_id = ${copy.originNodeId} and met_in is distinct from ${copy.id}`.execute(
    kyselyOf(tx),
  );
}

/**
 * What an origin told us itself is older, from now on, than anything it says: its feed may have begun anew without saying so. What a copy
 * does not meet of it is then gone.
 */
export async function makeOlder(tx: Tx, originNodeId: string): Promise<void> {
  await sql`
    update federation_statements set epoch = '', position = 0, version = null where origin_node_id = ${originNodeId} and hops = '{}'`.execute(
    kyselyOf(tx),
  );
}

/** Whether anything of this origin is held and not gone. */
export async function holdsAny(on: Reader, originNodeId: string): Promise<boolean> {
  const { rows } = await sql`select from federation_statements where origin_node_id = ${originNodeId} and not gone limit 1`.execute(
    kyselyOf(on),
  );
  return rows.length > 0;
}

export interface UnmetStatement {
  uri: string;
  kind: EntityKind;
  version: number | null;
  /** Canonical JSON. */
  document: string;
}

/** What an origin is held to have and its copy did not meet, by URI and locked. What is newer than the copy is left alone. */
export async function lockUnmet(
  tx: Tx,
  copy: { id: string; originNodeId: string; epoch: string; position: number },
  { after, limit }: { after: string; limit: number },
): Promise<UnmetStatement[]> {
  const { rows } = await sql<UnmetStatement>`
    select uri, entity_kind as kind, version, document from federation_statements
    where origin_node_id = ${copy.originNodeId} and not gone and uri > ${after} and met_in is distinct from ${copy.id}
      and not (epoch = ${copy.epoch} and position > ${copy.position})
    order by uri limit ${limit} for update`.execute(kyselyOf(tx));
  return rows;
}

/** A word of an origin that nobody has taken back, and of which nothing is shown. */
export interface WaitingStatement {
  uri: string;
  kind: EntityKind;
  /** Base of the origin. */
  node: string;
  originNodeId: string;
  viaNodeId: string;
  /** Of the peer that told it. */
  filters: PeerFilters;
  hops: string[];
  epoch: string;
  position: number;
  version: number | null;
  /** Canonical JSON. */
  document: string;
  digest: string;
  redacted: boolean;
}

/** Those of the origin that speaks through this source, by URI and locked. */
export async function lockWaiting(
  tx: Tx,
  sourceId: string,
  { after, limit }: { after: string; limit: number },
): Promise<WaitingStatement[]> {
  const { rows } = await sql<WaitingStatement>`
    select s.uri, s.entity_kind as kind, n.base_url as node, n.id as "originNodeId", v.id as "viaNodeId", v.filters, s.hops, s.epoch, s.position,
      s.version, s.document, s.digest, s.redacted
    from federation_nodes n join federation_statements s on s.origin_node_id = n.id join federation_nodes v on v.id = s.via_node_id
    where n.source_id = ${sourceId} and s.entity_id is null and not s.gone and s.uri > ${after}
    order by s.uri limit ${limit} for update of s`.execute(kyselyOf(tx));
  return rows;
}

export interface HeldCount {
  originNodeId: string;
  kind: EntityKind;
  gone: boolean;
  n: number;
}

/** How much is held of each origin, by kind. */
export async function countStatements(on: Reader): Promise<HeldCount[]> {
  const { rows } = await sql<HeldCount>`
    select origin_node_id as "originNodeId", entity_kind as kind, gone, count(*)::int as n from federation_statements group by 1, 2, 3`.execute(
    kyselyOf(on),
  );
  return rows;
}
